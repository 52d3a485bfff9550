/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The damage search, private to src/dkim: changes that mail suffers are undone on copies until hash
 * or signature fits.
 */
#ifndef DT_DKIM_DAMAGE_H
#define DT_DKIM_DAMAGE_H

#include "dkim/signature.h"

#define DT_DAMAGE_BODY_MAX (1024 * 1024) /* octets; larger bodies are not searched */

/* Fills damage of the signatures of dkim that fail over body or header, within the time. */
void dt_damage_search(dt_dkim *dkim, dt_message *message, const dt_header_index *index,
                      guint budget_ms);

/* The words of one undone change. place and text are taken. */
dt_damage *dt_damage_new(const char *kind, const char *by, char *place, char *text);
void dt_damage_free(dt_damage *damage);

/* A limit of wall time for a search. */
typedef struct {
    gint64 deadline; /* g_get_monotonic_time */
} dt_damage_clock;

gboolean dt_damage_is_over(const dt_damage_clock *clock);

/* Of dt_damage *: the changes that, undone, make the body fit bh=, or the header fit b=. NULL if
 * none were found. */
GPtrArray *dt_damage_search_body(const dt_dkim_signature *signature, const dt_message *message,
                                 const GString *body, const dt_damage_clock *clock);
GPtrArray *dt_damage_search_header(const dt_dkim_signature *signature, const dt_message *message,
                                   const dt_header_index *index, const dt_damage_clock *clock);

/* One way to undo a change of a whole body; NULL if there is nothing to undo. */
typedef struct {
    const char *kind, *by, *text;
    GString *(*undo)(const GString *body, const dt_message *message);
} dt_body_undo;

extern const dt_body_undo DT_BODY_UNDOS[];
extern const guint DT_BODY_UNDO_COUNT;

#endif
