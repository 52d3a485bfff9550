/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A cache for all threads of a program over one source (RFC 1034 4.3.4, RFC 2308 for negative
 * answers). Failures are never kept. The lock is held for table work only, never while the source
 * below is asked.
 */
#include "dns/source.h"

#include <string.h>

#define MAX_ENTRIES    50000
#define MAX_TTL_S      86400
#define MAX_NEGATIVE_S 300
#define UNKNOWN_TTL_S  60
#define US             G_USEC_PER_SEC

typedef struct {
    dt_source base;
    dt_source *below;
    dt_clock_func clock;
    gpointer clock_data;
    GMutex lock;
    GHashTable *entries; /* cache_entry as a set; under lock */
} cache_source;

typedef struct {
    dt_answer *answer; /* name and type are the key */
    gint64 asked_at;   /* microseconds of the clock */
    gint64 expires_at;
    gint64 ttl; /* when it was asked, seconds; -1 unknown */
} cache_entry;

static guint
entry_hash(gconstpointer data)
{
    const cache_entry *entry = data;
    return g_str_hash(entry->answer->name) * 31 + entry->answer->type;
}

static gboolean
entry_equal(gconstpointer a, gconstpointer b)
{
    const dt_answer *first = ((const cache_entry *)a)->answer,
                    *second = ((const cache_entry *)b)->answer;
    return first->type == second->type && strcmp(first->name, second->name) == 0;
}

static void
entry_free(gpointer data)
{
    cache_entry *entry = data;
    dt_answer_unref(entry->answer);
    g_free(entry);
}

static gint64
steady_clock(gpointer data)
{
    return g_get_monotonic_time();
}

/* Seconds that answer may be kept; 0: not at all. */
static gint64
keep_seconds(const dt_answer *answer)
{
    if (dt_answer_is_failure(answer))
        return 0;
    gint64 limit = dt_answer_is_absent(answer) ? MAX_NEGATIVE_S : MAX_TTL_S;
    return MIN(answer->ttl < 0 ? UNKNOWN_TTL_S : answer->ttl, limit);
}

/* A reference to the kept answer, its TTL as what is left of it; NULL if there is none. */
static dt_answer *
cache_get(cache_source *self, const char *name, dt_rr_type type)
{
    dt_answer question = { .name = (char *)name, .type = type };
    const cache_entry key = { .answer = &question };
    dt_answer *found = NULL;
    gint64 now = self->clock(self->clock_data);
    g_mutex_lock(&self->lock);
    cache_entry *entry = g_hash_table_lookup(self->entries, &key);
    if (entry && entry->expires_at <= now)
        g_hash_table_remove(self->entries, &key);
    else if (entry) {
        gint64 left = entry->ttl < 0 ? -1 : entry->ttl - (now - entry->asked_at) / US;
        if (left != entry->answer->ttl || entry->answer->origin != DT_FROM_CACHE) {
            dt_answer *aged = dt_answer_copy(entry->answer, DT_FROM_CACHE, left);
            dt_answer_unref(entry->answer);
            entry->answer = aged;
        }
        found = dt_answer_ref(entry->answer);
    }
    g_mutex_unlock(&self->lock);
    return found;
}

static gboolean
is_expired(gpointer key, gpointer value, gpointer data)
{
    return ((const cache_entry *)key)->expires_at <= *(const gint64 *)data;
}

static void
cache_put(cache_source *self, dt_answer *answer)
{
    gint64 seconds = keep_seconds(answer), now = self->clock(self->clock_data);
    if (seconds <= 0)
        return;
    cache_entry *entry = g_new0(cache_entry, 1);
    *entry = (cache_entry){ dt_answer_ref(answer), now, now + seconds * US, answer->ttl };
    g_mutex_lock(&self->lock);
    if (g_hash_table_size(self->entries) >= MAX_ENTRIES) {
        g_hash_table_foreach_remove(self->entries, is_expired, &now);
        if (g_hash_table_size(self->entries) >= MAX_ENTRIES)
            g_hash_table_remove_all(self->entries);
    }
    g_hash_table_replace(self->entries, entry, entry);
    g_mutex_unlock(&self->lock);
}

static dt_answer *
cache_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget)
{
    cache_source *self = (cache_source *)source;
    dt_answer *answer = cache_get(self, name, type);
    if (answer)
        return answer;
    answer = dt_source_ask(self->below, name, type, budget);
    cache_put(self, answer);
    return answer;
}

static void
cache_ask_many(dt_source *source, const dt_question *questions, guint count, dt_budget *budget,
               dt_answer **answers_out)
{
    cache_source *self = (cache_source *)source;
    g_autofree dt_question *missing = g_new(dt_question, count);
    g_autofree guint *place = g_new(guint, count);
    g_autofree dt_answer **fresh = g_new0(dt_answer *, count);
    guint missing_count = 0;
    for (guint i = 0; i < count; i++) {
        answers_out[i] = cache_get(self, questions[i].name, questions[i].type);
        if (answers_out[i])
            continue;
        place[missing_count] = i;
        missing[missing_count++] = questions[i];
    }
    if (missing_count > 0)
        dt_source_ask_many(self->below, missing, missing_count, budget, fresh);
    for (guint i = 0; i < missing_count; i++) {
        answers_out[place[i]] = fresh[i];
        cache_put(self, fresh[i]);
    }
}

static void
cache_free(dt_source *source)
{
    cache_source *self = (cache_source *)source;
    g_hash_table_unref(self->entries);
    g_mutex_clear(&self->lock);
    dt_source_unref(self->below);
    g_free(self);
}

static const dt_source_class cache_class = { .name = "cache",
                                             .ask = cache_ask,
                                             .free = cache_free };
static const dt_source_class cache_parallel_class = {
    .name = "cache", .ask = cache_ask, .ask_many = cache_ask_many, .free = cache_free
};

dt_source *
dt_source_new_cache_clocked(dt_source *below, dt_clock_func clock, gpointer data)
{
    cache_source *self = g_new0(cache_source, 1);
    self->base = (dt_source){ below->class->ask_many ? &cache_parallel_class : &cache_class, 1 };
    self->below = dt_source_ref(below);
    self->clock = clock;
    self->clock_data = data;
    self->entries = g_hash_table_new_full(entry_hash, entry_equal, entry_free, NULL);
    g_mutex_init(&self->lock);
    return &self->base;
}

dt_source *
dt_source_new_cache(dt_source *below)
{
    return dt_source_new_cache_clocked(below, steady_clock, NULL);
}
