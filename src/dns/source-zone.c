/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a name server with these records would answer: RFC 1034 4.3.2 with wildcards by RFC 4592,
 * empty non-terminals (RFC 8020), DNAME (RFC 6672), and the statuses that master files cannot say.
 * Knows what it cannot know: beyond the zones of a file with SOA, and whatever a recording was not
 * asked for. Only reads the zone; the answers that it has made are kept, under a lock, since many
 * messages ask the same.
 */
#include "dns/source.h"
#include "dns/zone.h"

#include "base/name.h"

#include <string.h>

#define MAX_KEPT 20000

typedef struct {
    dt_source base;
    dt_zone *zone;
    GMutex lock;
    GHashTable *kept; /* of dt_answer as a set; under lock */
} zone_source;

/* Does node itself settle the question? Sets *next_out where it has a CNAME. */
static gboolean
node_settles(const zone_node *node, dt_answer *answer, char **next_out)
{
    const zone_note *note = dt_zone_node_status(node, answer->type);
    if (note) {
        answer->status = note->status;
        return TRUE;
    }
    if (answer->type != DT_RR_CNAME && node->cname) {
        *next_out = g_strdup(dt_zone_node_cname(node, answer));
        return TRUE;
    }
    if (!dt_zone_node_has(node, answer->type))
        return FALSE;
    answer->status = DT_DNS_OK;
    dt_zone_node_answer(node, answer);
    return TRUE;
}

static void
set_absent(const dt_zone *zone, const char *name, dt_dns_status status, dt_answer *answer)
{
    const zone_node *apex = dt_zone_apex(zone, name);
    answer->status = status;
    if (apex)
        dt_answer_lower_ttl(answer, apex->negative_ttl);
}

/* The longest existing name above name (RFC 4592 3.3.1), NULL if there is not even a root. */
static const zone_node *
closest_encloser(const dt_zone *zone, const char *name)
{
    for (name = dt_name_parent(name); name; name = dt_name_parent(name)) {
        const zone_node *node = dt_zone_find(zone, name);
        if (node && node->exists)
            return node;
    }
    return NULL;
}

/* RFC 6672 2.2: the part below encloser is moved under its target. A name that becomes too long is
 * refused. */
static char *
follow_dname(const zone_node *encloser, const char *name, dt_answer *answer)
{
    const zone_record *record = encloser->records;
    while (record && record->type != DT_RR_DNAME)
        record = record->next;
    if (!record)
        return NULL;
    gsize cut = strlen(name) - strlen(encloser->name) - (encloser->name[0] ? 1 : 0);
    g_autofree char *prefix = g_strndup(name, cut);
    char *target = dt_name_join(prefix, record->data.target);
    dt_answer_lower_ttl(answer, record->ttl);
    if (!target)
        answer->status = DT_DNS_SERVFAIL;
    return target;
}

/* A name without records at or below it. */
static char *
step_missing(const dt_zone *zone, const char *name, dt_answer *answer)
{
    char *next = NULL;
    const zone_node *encloser = closest_encloser(zone, name);
    const zone_node *wildcard = encloser ? dt_zone_find_wildcard(zone, encloser->name) : NULL;
    answer->status = 0;
    if (encloser && (next = follow_dname(encloser, name, answer)) && answer->type != DT_RR_CNAME)
        return next;
    if (next) { /* the CNAME that stands for the DNAME (RFC 6672 3.1) is what was asked for */
        answer->status = DT_DNS_OK;
        dt_answer_add_target(answer, 0, next);
        g_free(next);
        return NULL;
    }
    if (answer->status)
        return NULL;
    if (wildcard && (wildcard->is_vouched || zone->is_snapshot || !wildcard->exists) &&
        node_settles(wildcard, answer, &next))
        return next;
    if (wildcard && wildcard->is_vouched)
        set_absent(zone, name, DT_DNS_NODATA, answer);
    else if (zone->is_snapshot || (zone->has_soa && !dt_zone_apex(zone, name)))
        answer->status = DT_DNS_UNKNOWN;
    else
        set_absent(zone, name, DT_DNS_NXDOMAIN, answer);
    return NULL;
}

static char *
step(gpointer data, const char *name, dt_answer *answer)
{
    const dt_zone *zone = data;
    char *next = NULL;
    const zone_node *node = dt_zone_find(zone, name);
    if (node && node_settles(node, answer, &next))
        return next;
    if (!node || !node->exists)
        return step_missing(zone, name, answer);
    set_absent(zone, name, node->is_vouched ? DT_DNS_NODATA : DT_DNS_UNKNOWN, answer);
    return NULL;
}

dt_answer *
dt_zone_ask(const dt_zone *zone, const char *name, dt_rr_type type)
{
    dt_answer *answer = dt_answer_new(name, type, DT_DNS_UNKNOWN,
                                      zone->is_snapshot ? DT_FROM_SNAPSHOT : DT_FROM_ZONE);
    dt_answer_walk(answer, step, (gpointer)zone);
    const zone_node *node = dt_zone_find(zone, name);
    for (const zone_note *note = node ? node->notes : NULL; note; note = note->next)
        if (note->has_ttl && note->type == (guint)type)
            answer->ttl = note->ttl;
    return answer;
}

/* ---- the source ---------------------------------------------------------------------------- */

static guint
question_hash(gconstpointer data)
{
    const dt_answer *answer = data;
    return g_str_hash(answer->name) * 31 + answer->type;
}

static gboolean
question_equal(gconstpointer a, gconstpointer b)
{
    const dt_answer *first = a, *second = b;
    return first->type == second->type && strcmp(first->name, second->name) == 0;
}

static dt_answer *
find_kept(zone_source *self, const char *name, dt_rr_type type)
{
    const dt_answer question = { .name = (char *)name, .type = type };
    g_mutex_lock(&self->lock);
    dt_answer *found = g_hash_table_lookup(self->kept, &question);
    if (found)
        dt_answer_ref(found);
    g_mutex_unlock(&self->lock);
    return found;
}

static void
keep(zone_source *self, dt_answer *answer)
{
    g_mutex_lock(&self->lock);
    if (g_hash_table_size(self->kept) < MAX_KEPT && !g_hash_table_contains(self->kept, answer))
        g_hash_table_add(self->kept, dt_answer_ref(answer));
    g_mutex_unlock(&self->lock);
}

static dt_answer *
zone_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget)
{
    zone_source *self = (zone_source *)source;
    dt_answer *answer = find_kept(self, name, type);
    if (answer)
        return answer;
    answer = dt_zone_ask(self->zone, name, type);
    keep(self, answer);
    return answer;
}

static void
zone_free(dt_source *source)
{
    zone_source *self = (zone_source *)source;
    g_hash_table_unref(self->kept);
    g_mutex_clear(&self->lock);
    dt_zone_unref(self->zone);
    g_free(source);
}

static const dt_source_class zone_class = { .name = "zone", .ask = zone_ask, .free = zone_free };

dt_source *
dt_source_new_zone(dt_zone *zone)
{
    zone_source *self = g_new0(zone_source, 1);
    self->base = (dt_source){ &zone_class, 1 };
    self->zone = dt_zone_ref(zone);
    self->kept =
        g_hash_table_new_full(question_hash, question_equal, (GDestroyNotify)dt_answer_unref, NULL);
    g_mutex_init(&self->lock);
    return &self->base;
}
