/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Threads that do jobs from a ring of places. The lock is held to take a place and to mark it done,
 * never while a job is done.
 */
#include "command/pool.h"

#define PLACES_PER_THREAD 32

typedef struct {
    gpointer job;
    gboolean is_done;
} place;

struct dt_pool {
    dt_pool_func func;
    gpointer data;
    GThread **threads;
    guint thread_count;
    place *places;
    guint place_count;
    guint64 given, taken; /* the giver's own */
    GMutex lock;          /* of what follows, and of is_done */
    GCond has_work, is_ready;
    guint64 offered, begun; /* jobs the threads may take; jobs they took */
    guint64 done,
        wanted; /* how many jobs were done, in whatever order; with how many the giver is woken */
    guint idle;
    gboolean is_over;
};

static place *
place_of(const dt_pool *pool, guint64 number)
{
    return &pool->places[number % pool->place_count];
}

static gpointer
work(gpointer data)
{
    dt_pool *pool = data;
    g_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->begun == pool->offered && !pool->is_over) {
            pool->idle++;
            g_cond_wait(&pool->has_work, &pool->lock);
            pool->idle--;
        }
        if (pool->is_over)
            break;
        place *mine = place_of(pool, pool->begun++);
        g_mutex_unlock(&pool->lock);
        pool->func(mine->job, pool->data);
        g_mutex_lock(&pool->lock);
        mine->is_done = TRUE;
        if (++pool->done == pool->wanted)
            g_cond_signal(&pool->is_ready);
    }
    g_mutex_unlock(&pool->lock);
    return NULL;
}

dt_pool *
dt_pool_new(guint thread_count, dt_pool_func func, gpointer data)
{
    dt_pool *pool = g_new0(dt_pool, 1);
    pool->func = func;
    pool->data = data;
    pool->thread_count = thread_count;
    pool->place_count = thread_count * PLACES_PER_THREAD;
    pool->places = g_new0(place, pool->place_count);
    pool->threads = g_new0(GThread *, thread_count);
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->has_work);
    g_cond_init(&pool->is_ready);
    for (guint i = 0; i < thread_count; i++)
        pool->threads[i] = g_thread_new("worker", work, pool);
    return pool;
}

void
dt_pool_free(dt_pool *pool)
{
    g_mutex_lock(&pool->lock);
    pool->is_over = TRUE;
    g_cond_broadcast(&pool->has_work);
    g_mutex_unlock(&pool->lock);
    for (guint i = 0; i < pool->thread_count; i++)
        g_thread_join(pool->threads[i]);
    g_cond_clear(&pool->has_work);
    g_cond_clear(&pool->is_ready);
    g_mutex_clear(&pool->lock);
    g_free(pool->threads);
    g_free(pool->places);
    g_free(pool);
}

gboolean
dt_pool_has_room(const dt_pool *pool)
{
    return pool->given - pool->taken < pool->place_count;
}

gboolean
dt_pool_is_empty(const dt_pool *pool)
{
    return pool->given == pool->taken;
}

void
dt_pool_give(dt_pool *pool, gpointer job)
{
    g_return_if_fail(dt_pool_has_room(pool));
    place *free_place = place_of(pool, pool->given++);
    *free_place = (place){ .job = job };
    g_mutex_lock(&pool->lock);
    pool->offered = pool->given;
    if (pool->idle > 0)
        g_cond_signal(&pool->has_work);
    g_mutex_unlock(&pool->lock);
}

gpointer
dt_pool_take(dt_pool *pool)
{
    if (dt_pool_is_empty(pool))
        return NULL;
    place *first = place_of(pool, pool->taken);
    g_mutex_lock(&pool->lock);
    gboolean is_done = first->is_done;
    g_mutex_unlock(&pool->lock);
    if (!is_done)
        return NULL;
    pool->taken++;
    return first->job;
}

void
dt_pool_wait(dt_pool *pool, gint64 microseconds)
{
    gint64 until = g_get_monotonic_time() + microseconds;
    g_mutex_lock(&pool->lock);
    pool->wanted = pool->taken + MAX((pool->given - pool->taken) / 2, 1);
    while (pool->done < pool->wanted && g_cond_wait_until(&pool->is_ready, &pool->lock, until))
        ;
    pool->wanted = 0;
    g_mutex_unlock(&pool->lock);
}
