/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One case's view of a source: every question is asked once, answers are remembered in the order
 * they were first asked for, and their number and time are limited. An overlay view sends what it
 * needs from below through its parent, so that both see one answer.
 */
#include "dns/source.h"
#include "dns/zone.h"

#include "base/name.h"

#include <string.h>

/* A message within the limits of SPF (RFC 7208 4.6.4), DMARC (RFC 9989 4.10) and 20 signatures
 * needs far fewer. */
#define MAX_QUESTIONS 300

struct dt_resolver {
    dt_source *source;   /* NULL for an overlay view */
    dt_resolver *parent; /* of an overlay view, else NULL */
    dt_zone *changes;    /* of an overlay view, else NULL */
    GHashTable *memo;    /* memo_entry as a set */
    GPtrArray *log;      /* of dt_answer, borrowed from memo */
    dt_budget budget;
    guint asked_count; /* questions put to the source */
    gboolean was_limited;
};

typedef struct {
    const char *name; /* the answer's */
    dt_rr_type type;
    dt_answer *answer;
    gboolean is_logged;
} memo_entry;

static guint
entry_hash(gconstpointer data)
{
    const memo_entry *entry = data;
    return g_str_hash(entry->name) * 31 + entry->type;
}

static gboolean
entry_equal(gconstpointer a, gconstpointer b)
{
    const memo_entry *first = a, *second = b;
    return first->type == second->type && strcmp(first->name, second->name) == 0;
}

static void
entry_free(gpointer data)
{
    memo_entry *entry = data;
    dt_answer_unref(entry->answer);
    g_free(entry);
}

static dt_resolver *
resolver_new(guint timeout_ms)
{
    dt_resolver *resolver = g_new0(dt_resolver, 1);
    resolver->memo = g_hash_table_new_full(entry_hash, entry_equal, entry_free, NULL);
    resolver->log = g_ptr_array_new();
    resolver->budget.timeout_us = (gint64)timeout_ms * 1000;
    return resolver;
}

dt_resolver *
dt_resolver_new(dt_source *source, guint timeout_ms)
{
    dt_resolver *resolver = resolver_new(timeout_ms);
    resolver->source = dt_source_ref(source);
    return resolver;
}

dt_resolver *
dt_resolver_new_overlay(dt_resolver *parent, dt_zone *changes)
{
    dt_resolver *resolver = resolver_new(0);
    resolver->parent = parent;
    resolver->changes = dt_zone_ref(changes);
    return resolver;
}

void
dt_resolver_free(dt_resolver *resolver)
{
    if (!resolver)
        return;
    g_ptr_array_unref(resolver->log);
    g_hash_table_unref(resolver->memo);
    g_clear_pointer(&resolver->source, dt_source_unref);
    g_clear_pointer(&resolver->changes, dt_zone_unref);
    g_free(resolver);
}

/* ---- the memo ------------------------------------------------------------------------------ */

static memo_entry *
memo_find(dt_resolver *resolver, const char *name, dt_rr_type type)
{
    const memo_entry key = { .name = name, .type = type };
    return g_hash_table_lookup(resolver->memo, &key);
}

/* Takes over answer. */
static memo_entry *
memo_put(dt_resolver *resolver, dt_answer *answer)
{
    memo_entry *entry = g_new0(memo_entry, 1);
    *entry = (memo_entry){ answer->name, answer->type, answer, FALSE };
    g_hash_table_add(resolver->memo, entry);
    return entry;
}

static const dt_answer *
memo_log(dt_resolver *resolver, memo_entry *entry)
{
    if (!entry->is_logged)
        g_ptr_array_add(resolver->log, entry->answer);
    entry->is_logged = TRUE;
    return entry->answer;
}

/* ---- asking -------------------------------------------------------------------------------- */

static gboolean
is_askable(const char *name)
{
    g_autofree char *canonical = name ? dt_name_from_text(name, strlen(name)) : NULL;
    return canonical && strcmp(canonical, name) == 0;
}

/* The answer to what cannot be a question: kept so that it can be borrowed, under a name that no
 * question has. */
static const dt_answer *
refuse(dt_resolver *resolver, const char *name, dt_rr_type type)
{
    g_autofree char *key = g_strconcat(".", name, NULL);
    memo_entry *entry = memo_find(resolver, key, type);
    if (!entry)
        entry = memo_put(resolver, dt_answer_new(key, type, DT_DNS_NXDOMAIN, DT_FROM_ASSUMED));
    return entry->answer;
}

static dt_answer *
ask_source(dt_resolver *resolver, const char *name, dt_rr_type type)
{
    if (resolver->asked_count >= MAX_QUESTIONS) {
        resolver->was_limited = TRUE;
        return dt_answer_new(name, type, DT_DNS_TIMEOUT, DT_FROM_ASSUMED);
    }
    resolver->asked_count++;
    return dt_source_ask(resolver->source, name, type, &resolver->budget);
}

static const dt_answer *
ask_parent(gpointer data, const char *name, dt_rr_type type)
{
    return dt_resolver_ask(data, name, type);
}

/* The answer without logging it in resolver (but in a parent that is asked). *entry_out NULL: it is
 * the parent's own. */
static const dt_answer *
obtain(dt_resolver *resolver, const char *name, dt_rr_type type, memo_entry **entry_out)
{
    *entry_out = memo_find(resolver, name, type);
    if (*entry_out)
        return (*entry_out)->answer;
    if (!resolver->parent) {
        *entry_out = memo_put(resolver, ask_source(resolver, name, type));
        return (*entry_out)->answer;
    }
    dt_answer *answer = dt_overlay_ask(resolver->changes, ask_parent, resolver->parent, name, type);
    if (g_atomic_int_get(&answer->refs) > 1) { /* shared: unaltered, the parent keeps it */
        dt_answer_unref(answer);
        return answer;
    }
    *entry_out = memo_put(resolver, answer);
    return answer;
}

const dt_answer *
dt_resolver_ask(dt_resolver *resolver, const char *name, dt_rr_type type)
{
    memo_entry *entry = NULL;
    if (!is_askable(name))
        return refuse(resolver, name ? name : "", type);
    const dt_answer *answer = obtain(resolver, name, type, &entry);
    return entry ? memo_log(resolver, entry) : answer;
}

static gboolean
is_announced(const GArray *questions, const dt_question *question)
{
    for (guint i = 0; i < questions->len; i++) {
        const dt_question *other = &g_array_index(questions, dt_question, i);
        if (other->type == question->type && strcmp(other->name, question->name) == 0)
            return TRUE;
    }
    return FALSE;
}

void
dt_resolver_prefetch(dt_resolver *resolver, const dt_question *questions, guint count)
{
    if (resolver->parent) {
        dt_resolver_prefetch(resolver->parent, questions, count);
        return;
    }
    if (!resolver->source->class->ask_many)
        return;
    g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(dt_question));
    for (guint i = 0; i < count && resolver->asked_count + wanted->len < MAX_QUESTIONS; i++)
        if (is_askable(questions[i].name) &&
            !memo_find(resolver, questions[i].name, questions[i].type) &&
            !is_announced(wanted, &questions[i]))
            g_array_append_val(wanted, questions[i]);
    if (wanted->len == 0)
        return;
    g_autofree dt_answer **answers = g_new0(dt_answer *, wanted->len);
    resolver->asked_count += wanted->len;
    dt_source_ask_many(resolver->source, (const dt_question *)(gpointer)wanted->data, wanted->len,
                       &resolver->budget, answers);
    for (guint i = 0; i < wanted->len; i++)
        memo_put(resolver, answers[i]);
}

/* ---- looking back -------------------------------------------------------------------------- */

guint
dt_resolver_log_count(const dt_resolver *resolver)
{
    return resolver->log->len;
}

const dt_answer *
dt_resolver_log_get(const dt_resolver *resolver, guint index)
{
    g_return_val_if_fail(index < resolver->log->len, NULL);
    return resolver->log->pdata[index];
}

gboolean
dt_resolver_was_cut(const dt_resolver *resolver)
{
    if (resolver->parent && dt_resolver_was_cut(resolver->parent))
        return TRUE;
    return resolver->was_limited || resolver->budget.was_over;
}

gboolean
dt_resolver_is_changed(dt_resolver *resolver, const char *name, dt_rr_type type)
{
    memo_entry *entry = NULL;
    if (!resolver->parent || !is_askable(name))
        return FALSE;
    const dt_answer *answer = obtain(resolver, name, type, &entry);
    return entry && !dt_answer_says_the_same(answer, dt_resolver_ask(resolver->parent, name, type));
}

dt_resolver *
dt_resolver_parent(dt_resolver *resolver)
{
    return resolver->parent;
}

/* ---- recorders ----------------------------------------------------------------------------- */

dt_resolver *
dt_resolver_new_recorder(void)
{
    return resolver_new(0);
}

static void
remember(dt_resolver *recorder, const dt_answer *answer)
{
    memo_entry *entry = memo_find(recorder, answer->name, answer->type);
    if (!entry) {
        memo_log(recorder, memo_put(recorder, dt_answer_ref(answer)));
        return;
    }
    guint place = 0;
    if (!dt_answer_is_failure(entry->answer) || dt_answer_is_failure(answer) ||
        !g_ptr_array_find(recorder->log, entry->answer, &place))
        return;
    /* The entry's key is the old answer's name. */
    g_hash_table_remove(recorder->memo, entry);
    entry = memo_put(recorder, dt_answer_ref(answer));
    entry->is_logged = TRUE;
    recorder->log->pdata[place] = entry->answer;
}

void
dt_resolver_remember(dt_resolver *recorder, const dt_resolver *from)
{
    g_return_if_fail(!recorder->source && !recorder->parent);
    for (guint i = 0; i < from->log->len; i++)
        remember(recorder, from->log->pdata[i]);
}
