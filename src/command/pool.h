/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Work for several threads that comes back in the order in which it was given. A bounded row of
 * places: who gives and takes is one thread, which waits when all places are taken, so memory stays
 * flat however much work there is.
 */
#ifndef DT_COMMAND_POOL_H
#define DT_COMMAND_POOL_H

#include <glib.h>

typedef struct dt_pool dt_pool;

/* Does the work of one job, in any thread. */
typedef void (*dt_pool_func)(gpointer job, gpointer data);

dt_pool *dt_pool_new(guint thread_count, dt_pool_func func, gpointer data);

/* Waits for the jobs under way; those that nobody took are the caller's loss: take them first. */
void dt_pool_free(dt_pool *pool);

gboolean dt_pool_has_room(const dt_pool *pool);
gboolean dt_pool_is_empty(const dt_pool *pool);
void dt_pool_give(dt_pool *pool, gpointer job);

/* The job that was given first, once it is done; NULL if it is not. */
gpointer dt_pool_take(dt_pool *pool);

/* Waits until a good part of the jobs is done (every single one need not wake the giver), or for so
 * long. */
void dt_pool_wait(dt_pool *pool, gint64 microseconds);

#endif
