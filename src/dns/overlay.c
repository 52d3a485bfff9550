/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What DNS would answer if changes were published: removals are taken away, records are added, a
 * CNAME hides and is hidden (RFC 1034 3.6.2), names begin to exist (RFC 8020) and stop wildcards
 * (RFC 4592 4.2). Follows every name of a chain, since a change may lie behind it. Where the
 * answers below come from is the caller's to say.
 */
#include "dns/source.h"
#include "dns/zone.h"

#include "base/name.h"

#include <string.h>

/* How far above a name a wildcard is looked for: each level may cost two questions. */
#define MAX_WILDCARD_LEVELS 4

typedef struct {
    const dt_zone *changes;
    dt_below_func below;
    gpointer data;
} overlay;

static const dt_answer *
ask_below(const overlay *over, const char *name, dt_rr_type type)
{
    return over->below(over->data, name, type);
}

static const zone_node *
wildcard_above(const dt_zone *changes, const char *name, const char **ancestor_out)
{
    for (name = dt_name_parent(name); name; name = dt_name_parent(name)) {
        const zone_node *node = dt_zone_find_wildcard(changes, name);
        *ancestor_out = name;
        if (node)
            return node;
        if (!name[0])
            break;
    }
    return NULL;
}

static const zone_node *
removal_above(const dt_zone *changes, const char *name)
{
    for (name = dt_name_parent(name); name; name = dt_name_parent(name)) {
        g_autofree char *star = name[0] ? g_strconcat("*.", name, NULL) : g_strdup("*");
        const zone_node *node = dt_zone_find(changes, star);
        if (node && node->removals)
            return node;
    }
    return NULL;
}

/* May changes say anything about this name? */
static gboolean
is_touched(const dt_zone *changes, const char *name)
{
    const char *ancestor = NULL;
    return dt_zone_find(changes, name) || wildcard_above(changes, name, &ancestor) ||
           removal_above(changes, name);
}

static gboolean
is_removed(const zone_node *node, guint type, const dt_record *record)
{
    for (const zone_removal *removal = node ? node->removals : NULL; removal;
         removal = removal->next)
        if (removal->type == type &&
            (removal->is_whole_type || dt_record_equal(&removal->data, record)))
            return TRUE;
    return FALSE;
}

/* ---- wildcards below ---- */

static gboolean
same_content(const dt_answer *a, const dt_answer *b)
{
    return dt_answer_says_the_same(a, b) && (a->status == DT_DNS_OK || a->cname);
}

/* The ancestor whose wildcard gave this answer below, NULL if none did as far as can be seen. An
 * answer does not tell, so the wildcard itself is asked for: the same content with nothing in
 * between is taken as its doing. */
static const char *
synthesized_below(const overlay *over, const char *name, const dt_answer *answer)
{
    const char *ancestor = dt_name_parent(name);
    if (answer->status != DT_DNS_OK && !answer->cname)
        return NULL;
    for (guint level = 0; ancestor && ancestor[0] && level < MAX_WILDCARD_LEVELS; level++) {
        g_autofree char *star = dt_name_join("*", ancestor);
        const dt_answer *wildcard =
            star && strcmp(star, name) != 0 ? ask_below(over, star, answer->type) : NULL;
        if (!wildcard || wildcard->status != DT_DNS_NXDOMAIN)
            return wildcard && same_content(wildcard, answer) ? ancestor : NULL;
        if (ask_below(over, ancestor, answer->type)->status != DT_DNS_NXDOMAIN)
            return NULL;
        ancestor = dt_name_parent(ancestor);
    }
    return NULL;
}

/* ---- one name ---- */

/* What below's answer is worth at one name. */
typedef struct {
    const dt_answer *answer;
    const zone_node *node; /* changes at the name, NULL if none */
    const zone_node
        *wildcard;      /* changes at the wildcard below that gave the answer, NULL if none */
    gboolean is_hidden; /* nothing of it is left, the name exists */
} view;

static gboolean
view_removes(const view *seen, guint type, const dt_record *record)
{
    return is_removed(seen->node, type, record) || is_removed(seen->wildcard, type, record);
}

static view
view_make(const overlay *over, const char *name, dt_rr_type type)
{
    view seen = { .answer = ask_below(over, name, type),
                  .node = dt_zone_find(over->changes, name) };
    gboolean begins = seen.node && seen.node->exists;
    const char *ancestor = NULL;
    if (!begins && !wildcard_above(over->changes, name, &ancestor) &&
        !removal_above(over->changes, name))
        return seen;
    ancestor = synthesized_below(over, name, seen.answer);
    if (ancestor) {
        g_autofree char *star = dt_name_join("*", ancestor);
        seen.wildcard = dt_zone_find(over->changes, star);
        seen.is_hidden = begins; /* a name that exists is not the wildcard's any more */
    }
    return seen;
}

/* The CNAME that below has at the name, as far as changes leave it there. Marks the view as hidden
 * where they do not. */
static gboolean
view_leads_on(view *seen)
{
    const dt_answer *answer = seen->answer;
    if (seen->is_hidden || !answer->cname || answer->type == DT_RR_CNAME)
        return FALSE;
    const dt_record record = { .target = answer->cname[0] };
    seen->is_hidden =
        (seen->node && seen->node->records) || view_removes(seen, DT_RR_CNAME, &record);
    return !seen->is_hidden;
}

/* Goes along below's chain to the first name that changes may touch; or takes the end as it is. */
static char *
step_chain(const overlay *over, const dt_answer *below, dt_answer *answer)
{
    for (char **hop = below->cname; *hop; hop++) {
        if (is_touched(over->changes, *hop))
            return g_strdup(*hop);
        if (!dt_answer_hop(answer, *hop))
            return NULL;
    }
    answer->status = below->status;
    for (guint i = 0; i < below->record_count; i++)
        dt_answer_add_record(answer, &below->records[i]);
    return NULL;
}

static void
join_records(const view *seen, dt_answer *answer)
{
    const dt_answer *below = seen->answer;
    gboolean replaces = answer->type == DT_RR_CNAME && seen->node && seen->node->records;
    for (guint i = 0; i < below->record_count && !seen->is_hidden && !replaces; i++)
        if (!view_removes(seen, answer->type, &below->records[i]))
            dt_answer_add_record(answer, &below->records[i]);
    if (seen->node)
        dt_zone_node_answer(seen->node, answer);
    if (seen->wildcard && !seen->is_hidden)
        dt_zone_node_answer(seen->wildcard, answer);
    if (answer->record_count > 0)
        answer->status = DT_DNS_OK;
    else if (seen->is_hidden || below->status == DT_DNS_OK)
        answer->status = DT_DNS_NODATA;
    else if (below->status == DT_DNS_NXDOMAIN && seen->node && seen->node->exists)
        answer->status = DT_DNS_NODATA;
    else
        answer->status = below->status;
}

/* The wildcard of changes that gives name an answer, NULL if a name in between exists (RFC
 * 4592 3.3.1). */
static const zone_node *
applying_wildcard(const overlay *over, const char *name, dt_rr_type type)
{
    const char *top = NULL;
    const zone_node *wildcard = wildcard_above(over->changes, name, &top);
    const char *between = dt_name_parent(name);
    for (guint level = 0; wildcard && strcmp(between, top) != 0;
         level++, between = dt_name_parent(between)) {
        const zone_node *node = dt_zone_find(over->changes, between);
        if (level >= MAX_WILDCARD_LEVELS || (node && node->exists) ||
            ask_below(over, between, type)->status != DT_DNS_NXDOMAIN)
            return NULL;
    }
    return wildcard;
}

/* What changes say at node alone: a status, or a CNAME that hides everything else. */
static gboolean
node_decides(const zone_node *node, dt_answer *answer, char **next_out)
{
    const zone_note *note = node ? dt_zone_node_status(node, answer->type) : NULL;
    if (note)
        answer->status = note->status;
    else if (node && node->cname && answer->type != DT_RR_CNAME)
        *next_out = g_strdup(dt_zone_node_cname(node, answer));
    else
        return FALSE;
    return TRUE;
}

static char *
step(gpointer data, const char *name, dt_answer *answer)
{
    const overlay *over = data;
    char *next = NULL;
    if (node_decides(dt_zone_find(over->changes, name), answer, &next))
        return next;
    view seen = view_make(over, name, answer->type);
    dt_answer_lower_ttl(answer, seen.answer->ttl);
    if (view_leads_on(&seen))
        return step_chain(over, seen.answer, answer);
    gboolean exists = seen.node && seen.node->exists;
    if (seen.answer->status == DT_DNS_NXDOMAIN && !seen.answer->cname && !exists) {
        const zone_node *wildcard = applying_wildcard(over, name, answer->type);
        if (wildcard && node_decides(wildcard, answer, &next))
            return next;
        if (wildcard && wildcard->exists) {
            answer->status = DT_DNS_OK; /* without records: NODATA when sealed */
            dt_zone_node_answer(wildcard, answer);
            return NULL;
        }
    }
    join_records(&seen, answer);
    return NULL;
}

/* Does below's answer, or the chain it came by, meet a name that changes may touch? */
static gboolean
chain_is_touched(const dt_zone *changes, const dt_answer *below)
{
    if (is_touched(changes, below->name))
        return TRUE;
    for (char **hop = below->cname; hop && *hop; hop++)
        if (is_touched(changes, *hop))
            return TRUE;
    return FALSE;
}

dt_answer *
dt_overlay_ask(const dt_zone *changes, dt_below_func below, gpointer data, const char *name,
               dt_rr_type type)
{
    overlay over = { changes, below, data };
    const zone_node *node = dt_zone_find(changes, name);
    gboolean decides =
        node && (dt_zone_node_status(node, type) || (node->cname && type != DT_RR_CNAME));
    const dt_answer *before = decides ? NULL : below(data, name, type);
    if (before && !chain_is_touched(changes, before))
        return dt_answer_ref(before);
    g_autoptr(dt_answer) answer = dt_answer_new(name, type, DT_DNS_OK, DT_FROM_ASSUMED);
    dt_answer_walk(answer, step, &over);
    return before && dt_answer_says_the_same(before, answer) ? dt_answer_ref(before)
                                                             : g_steal_pointer(&answer);
}
