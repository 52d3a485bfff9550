/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Where DNS answers come from. A source answers questions: a zone file, a recording, live DNS, a
 * caller's function; a cache and assumed records are sources laid over others. A resolver is one
 * message's view of a source: it keeps the time budget, asks every question once, and remembers
 * each answer in the order it was asked for.
 */
#ifndef DMARCTRACE_RESOLVER_H
#define DMARCTRACE_RESOLVER_H

#include <glib.h>
#include <dmarctrace/error.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

typedef struct dt_source
    dt_source; /* reference counted; safe to share between threads once set up */
typedef struct dt_zone
    dt_zone; /* records and statuses from master files or from code; not changed once in use */
typedef struct dt_resolver dt_resolver; /* one case, one thread */

/* ---- zones: records as data ---------------------------------------------------------------- */

/* An empty zone. */
dt_zone *dt_zone_new(void);
dt_zone *dt_zone_ref(dt_zone *zone);
void dt_zone_unref(dt_zone *zone);

/* Adds the records of an RFC 1035 master file with its ";!" lines. FALSE with DT_ERROR_NO_INPUT, or
 * DT_ERROR_DATA whose text is "FILE:LINE: what is wrong"; the zone is then unusable. */
gboolean dt_zone_read_file(dt_zone *zone, const char *path, GError **error);

/* The same from memory; label stands for the file name in messages. */
gboolean dt_zone_read_text(dt_zone *zone, const char *text, gssize length, const char *label,
                           GError **error);

/* One record. type: "TXT", "MX", "CNAME", "A", "AAAA", "PTR", "NS"; value: TXT the text itself
 * without quotes, else as in a master file. FALSE (DT_ERROR_DATA) if name, type or value are none.
 */
gboolean dt_zone_add(dt_zone *zone, const char *name, const char *type, const char *value,
                     GError **error);

/* A removal (";! remove"): meaningful in an overlay only. value NULL: all records of that type. */
gboolean dt_zone_remove(dt_zone *zone, const char *name, const char *type, const char *value,
                        GError **error);

/* Everything of other goes into zone as well: records, statuses, removals. What conflicts (a second
 * CNAME) is left out. */
void dt_zone_merge(dt_zone *zone, const dt_zone *other);

/* ---- sources ------------------------------------------------------------------------------- */

/* Answers everything from zone, which it keeps a reference to. */
dt_source *dt_source_new_zone(dt_zone *zone);

/* Live DNS. server: "IP" or "IP@PORT" or NULL for those of /etc/resolv.conf. NULL with
 * DT_ERROR_USAGE (not an address) or DT_ERROR_TEMPORARY (no server configured). The DNS library is
 * loaded at the first question. */
dt_source *dt_source_new_live(const char *server, GError **error);

/* A caller's function. It adds records or sets a status on reply; must not block beyond deadline_us
 * (g_get_monotonic_time). */
typedef struct dt_reply dt_reply;
typedef void (*dt_source_func)(const char *name, const char *type, gint64 deadline_us,
                               dt_reply *reply, gpointer data);
dt_source *dt_source_new_callback(dt_source_func func, gpointer data, GDestroyNotify destroy);
/* Value as in dt_zone_add. */
gboolean dt_reply_add(dt_reply *reply, const char *value, gint64 ttl);
/* The name was led to target. */
void dt_reply_set_cname(dt_reply *reply, const char *target);
/* "nxdomain", "servfail", ... */
void dt_reply_set_status(dt_reply *reply, const char *status);

/* A shared cache over below: TTLs of answers, negative ones at most 300 s, failures not at all.
 * Takes its own reference. */
dt_source *dt_source_new_cache(dt_source *below);

/* changes laid over below: what would be, if they were published. Takes references. */
dt_source *dt_source_new_overlay(dt_source *below, dt_zone *changes);

dt_source *dt_source_ref(dt_source *source);
void dt_source_unref(dt_source *source);

/* ---- resolvers ----------------------------------------------------------------------------- */

/* timeout_ms: for all questions of this resolver together, counted from the first one that leaves
 * the program. */
dt_resolver *dt_resolver_new(dt_source *source, guint timeout_ms);

/* A what-if view: changes over parent. Questions that changes do not touch go to the parent (and
 * are remembered there). The parent must outlive it. */
dt_resolver *dt_resolver_new_overlay(dt_resolver *parent, dt_zone *changes);

/* A resolver that asks nothing and only remembers what others were answered, to write one snapshot
 * of many messages. */
dt_resolver *dt_resolver_new_recorder(void);

/* recorder remembers the answers that from used; of two answers to one question the first, unless
 * it was a failure. */
void dt_resolver_remember(dt_resolver *recorder, const dt_resolver *from);
void dt_resolver_free(dt_resolver *resolver);

/* Writes every answer that was used as a snapshot that dt_zone_read_file reads back.
 * DT_ERROR_CREATE or DT_ERROR_IO; nothing half-written is left. resolvers: several messages into
 * one file. */
gboolean dt_snapshot_write(const char *path, dt_resolver *const *resolvers, guint count,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_zone, dt_zone_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_source, dt_source_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_resolver, dt_resolver_free)

#pragma GCC visibility pop
G_END_DECLS

#endif
