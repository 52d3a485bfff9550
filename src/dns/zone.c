/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Records as data: names, what stands at each, and which of them exist (RFC 4592 2.2: also those
 * that only have names below them). Decides what may stand together (RFC 2181 10.1) and where a
 * file's zones begin and end (SOA, NS). How a question is answered from this is source-zone.c's to
 * say.
 */
#include "dns/zone.h"

#include "base/name.h"

#include <string.h>

#define RR_KEY   25
#define RR_RRSIG 46
#define RR_NSEC  47

/* ---- life ---------------------------------------------------------------------------------- */

#define FREE_LIST(type, list, statement)                                                           \
    for (type *item = (list), *next = NULL; item; item = next) {                                   \
        next = item->next;                                                                         \
        statement;                                                                                 \
        g_free(item);                                                                              \
    }

static void
node_free(gpointer data)
{
    zone_node *node = data;
    FREE_LIST(zone_record, node->records, dt_record_clear(&item->data))
    FREE_LIST(zone_note, node->notes, )
    FREE_LIST(zone_removal, node->removals, dt_record_clear(&item->data))
    g_free(node->name);
    g_free(node);
}

dt_zone *
dt_zone_new(void)
{
    dt_zone *zone = g_new0(dt_zone, 1);
    zone->refs = 1;
    zone->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, node_free);
    return zone;
}

dt_zone *
dt_zone_ref(dt_zone *zone)
{
    g_atomic_int_inc(&zone->refs);
    return zone;
}

void
dt_zone_unref(dt_zone *zone)
{
    if (!zone || !g_atomic_int_dec_and_test(&zone->refs))
        return;
    g_hash_table_unref(zone->nodes);
    g_free(zone);
}

/* ---- nodes --------------------------------------------------------------------------------- */

zone_node *
dt_zone_find(const dt_zone *zone, const char *name)
{
    return g_hash_table_lookup(zone->nodes, name);
}

static zone_node *
node_get(dt_zone *zone, const char *name)
{
    zone_node *node = dt_zone_find(zone, name);
    if (node)
        return node;
    node = g_new0(zone_node, 1);
    node->name = g_strdup(name);
    node->negative_ttl = -1;
    g_hash_table_insert(zone->nodes, node->name, node);
    return node;
}

/* The name and all above it exist (RFC 4592 2.2.2). */
static void
node_exists(dt_zone *zone, zone_node *node)
{
    while (!node->exists) {
        node->exists = TRUE;
        const char *parent = dt_name_parent(node->name);
        if (!parent)
            return;
        node = node_get(zone, parent);
    }
}

zone_node *
dt_zone_find_wildcard(const dt_zone *zone, const char *ancestor)
{
    g_autofree char *name = ancestor[0] ? g_strconcat("*.", ancestor, NULL) : g_strdup("*");
    zone_node *node = dt_zone_find(zone, name);
    return node && (node->records || node->notes || node->exists) ? node : NULL;
}

gboolean
dt_zone_node_has(const zone_node *node, guint type)
{
    for (const zone_record *record = node->records; record; record = record->next)
        if (record->type == type)
            return TRUE;
    return FALSE;
}

static const zone_note *
note_of(const zone_node *node, guint type)
{
    for (const zone_note *note = node->notes; note; note = note->next)
        if (note->type == type)
            return note;
    return NULL;
}

const zone_note *
dt_zone_node_status(const zone_node *node, guint type)
{
    const zone_note *own = note_of(node, type), *any = note_of(node, DT_RR_ANY);
    if (own && own->status)
        return own;
    return any && any->status && !dt_zone_node_has(node, type) ? any : NULL;
}

void
dt_zone_node_answer(const zone_node *node, dt_answer *answer)
{
    for (const zone_record *record = node->records; record; record = record->next) {
        if (record->type != (guint)answer->type)
            continue;
        dt_answer_add_record(answer, &record->data);
        dt_answer_lower_ttl(answer, record->ttl);
    }
}

const char *
dt_zone_node_cname(const zone_node *node, dt_answer *answer)
{
    if (!node->cname)
        return NULL;
    dt_answer_lower_ttl(answer, node->cname->ttl);
    return node->cname->data.target;
}

const zone_node *
dt_zone_apex(const dt_zone *zone, const char *name)
{
    if (!zone->has_soa)
        return NULL;
    for (; name; name = dt_name_parent(name)) {
        const zone_node *node = dt_zone_find(zone, name);
        if (node && node->has_soa)
            return node;
        if (node && node->has_ns)
            return NULL;
    }
    return NULL;
}

/* ---- loading ------------------------------------------------------------------------------- */

void
dt_zone_load_begin(zone_load *load, dt_zone *zone)
{
    *load = (zone_load){ .zone = zone, .touched = g_ptr_array_new() };
}

/* What may not stand beside a CNAME. */
static gboolean
is_other(guint type)
{
    return type != DT_RR_CNAME && type != RR_RRSIG && type != RR_NSEC && type != RR_KEY;
}

/* May a record of type stand at node? A recording only tells what was answered. */
static gboolean
may_stand(const zone_load *load, const zone_node *node, guint type, const dt_record *data,
          char **why_out)
{
    if (load->is_snapshot || load->zone->is_snapshot)
        return TRUE;
    if (type == DT_RR_CNAME && node->cname && !dt_record_equal(&node->cname->data, data))
        *why_out = g_strdup("a second CNAME with another target at this name");
    else if (type == DT_RR_CNAME && node->has_other)
        *why_out = g_strdup("a CNAME at a name that has other records");
    else if (is_other(type) && node->cname)
        *why_out = g_strdup("another record at a name that has a CNAME");
    return !*why_out;
}

static void
node_mark(zone_load *load, zone_node *node, const zone_record *record)
{
    if (record->type == DT_RR_CNAME)
        node->cname = record;
    node->has_ns |= record->type == DT_RR_NS;
    node->has_other |= is_other(record->type);
    if (record->type != DT_RR_SOA || load->is_snapshot)
        return;
    gint64 minimum = dt_record_soa_minimum(&record->data);
    node->has_soa = load->has_soa = load->zone->has_soa = TRUE;
    node->negative_ttl = record->ttl >= 0 ? MIN(record->ttl, minimum) : minimum;
}

gboolean
dt_zone_load_record(zone_load *load, const char *name, guint type, gint64 ttl, dt_record *data,
                    char **why_out)
{
    zone_node *node = node_get(load->zone, name);
    if (!may_stand(load, node, type, data, why_out)) {
        dt_record_clear(data);
        return FALSE;
    }
    if (type == DT_RR_CNAME && node->cname) { /* the same again; of a recording the first counts */
        dt_record_clear(data);
        return TRUE;
    }
    zone_record *record = g_new0(zone_record, 1);
    *record = (zone_record){ .next = node->records, .type = type, .ttl = ttl, .data = *data };
    node->records = record;
    node_mark(load, node, record);
    node_exists(load->zone, node);
    g_ptr_array_add(load->touched, node);
    return TRUE;
}

static zone_note *
note_get(zone_node *node, guint type)
{
    zone_note *note = (zone_note *)note_of(node, type);
    if (note)
        return note;
    note = g_new0(zone_note, 1);
    note->type = type;
    note->next = node->notes;
    node->notes = note;
    return note;
}

gboolean
dt_zone_load_status(zone_load *load, const char *name, guint type, dt_dns_status status,
                    char **why_out)
{
    zone_node *node = node_get(load->zone, name);
    zone_note *note = note_get(node, type);
    if (note->status && note->status != status) {
        *why_out = g_strdup("another status was given for this name and type before");
        return FALSE;
    }
    note->status = status;
    if (status == DT_DNS_NODATA) /* NODATA says that the name exists */
        node_exists(load->zone, node);
    g_ptr_array_add(load->touched, node);
    return TRUE;
}

void
dt_zone_load_ttl(zone_load *load, const char *name, guint type, gint64 ttl)
{
    zone_note *note = note_get(node_get(load->zone, name), type);
    note->has_ttl = TRUE;
    note->ttl = ttl;
}

void
dt_zone_load_removal(zone_load *load, const char *name, guint type, dt_record *data)
{
    zone_node *node = node_get(load->zone, name);
    zone_removal *removal = g_new0(zone_removal, 1);
    removal->type = type;
    removal->is_whole_type = data == NULL;
    if (data)
        removal->data = *data;
    removal->next = node->removals;
    node->removals = removal;
}

/* A file without SOA tells all about its names and those above; one with SOA about what lies in its
 * zones; a recording about no more than its answers. */
void
dt_zone_load_end(zone_load *load)
{
    dt_zone *zone = load->zone;
    zone->is_snapshot |= load->is_snapshot;
    for (guint i = 0; i < load->touched->len && !load->is_snapshot; i++) {
        const zone_node *node = load->touched->pdata[i];
        const zone_node *top =
            load->has_soa ? dt_zone_apex(zone, node->name) : dt_zone_find(zone, "");
        if (!top || !node->exists)
            continue;
        for (const char *name = node->name; name; name = dt_name_parent(name)) {
            zone_node *above = dt_zone_find(zone, name);
            if (above->is_vouched)
                break;
            above->is_vouched = TRUE;
            if (above == top)
                break;
        }
    }
    g_clear_pointer(&load->touched, g_ptr_array_unref);
}

/* ---- one record from code ------------------------------------------------------------------ */

static gboolean
parse_name_and_type(const char *name, const char *type, char **name_out, dt_rr_type *type_out,
                    GError **error)
{
    *type_out = dt_rr_type_parse(type);
    *name_out = dt_name_from_text(name, strlen(name));
    if (*name_out && *type_out)
        return TRUE;
    g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                *name_out ? "%s: no type of record" : "%s: no domain name",
                *name_out ? type : name);
    return FALSE;
}

static gboolean
bad_record(GError **error, const char *name, const char *type, char *why)
{
    g_set_error(error, DT_ERROR, DT_ERROR_DATA, "%s %s: %s", name, type, why);
    g_free(why);
    return FALSE;
}

gboolean
dt_zone_add(dt_zone *zone, const char *name, const char *type, const char *value, GError **error)
{
    dt_rr_type number = 0;
    dt_record data;
    zone_load load;
    char *why = NULL;
    g_autofree char *canonical = NULL;
    if (!parse_name_and_type(name, type, &canonical, &number, error))
        return FALSE;
    if (!dt_record_parse_value(&data, number, value, &why))
        return bad_record(error, name, type, why);
    dt_zone_load_begin(&load, zone);
    dt_zone_load_record(&load, canonical, number, -1, &data, &why);
    dt_zone_load_end(&load);
    return why ? bad_record(error, name, type, why) : TRUE;
}

gboolean
dt_zone_remove(dt_zone *zone, const char *name, const char *type, const char *value, GError **error)
{
    dt_rr_type number = 0;
    dt_record data;
    zone_load load;
    char *why = NULL;
    g_autofree char *canonical = NULL;
    if (!parse_name_and_type(name, type, &canonical, &number, error))
        return FALSE;
    if (value && !dt_record_parse_value(&data, number, value, &why))
        return bad_record(error, name, type, why);
    dt_zone_load_begin(&load, zone);
    dt_zone_load_removal(&load, canonical, number, value ? &data : NULL);
    dt_zone_load_end(&load);
    return TRUE;
}

static void
merge_node(zone_load *load, const zone_node *node)
{
    dt_record data;
    for (const zone_record *record = node->records; record; record = record->next) {
        g_autofree char *why = NULL;
        dt_record_copy(&data, &record->data);
        dt_zone_load_record(load, node->name, record->type, record->ttl, &data, &why);
    }
    for (const zone_note *note = node->notes; note; note = note->next) {
        g_autofree char *why = NULL;
        if (note->status)
            dt_zone_load_status(load, node->name, note->type, note->status, &why);
        if (note->has_ttl)
            dt_zone_load_ttl(load, node->name, note->type, note->ttl);
    }
    for (const zone_removal *removal = node->removals; removal; removal = removal->next) {
        dt_record_copy(&data, &removal->data);
        dt_zone_load_removal(load, node->name, removal->type,
                             removal->is_whole_type ? NULL : &data);
    }
}

void
dt_zone_merge(dt_zone *zone, const dt_zone *other)
{
    zone_load load;
    GHashTableIter each;
    gpointer node = NULL;
    dt_zone_load_begin(&load, zone);
    load.is_snapshot = other->is_snapshot;
    g_hash_table_iter_init(&each, other->nodes);
    while (g_hash_table_iter_next(&each, NULL, &node))
        merge_node(&load, node);
    dt_zone_load_end(&load);
}
