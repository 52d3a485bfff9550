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

/* Do changes have anything at a wildcard that could cover name? */
static gboolean
has_star_above(const dt_zone *changes, const char *name)
{
    for (name = dt_name_parent(name); name; name = dt_name_parent(name)) {
        g_autofree char *star = dt_name_join("*", name);
        if (star && dt_zone_find(changes, star))
            return TRUE;
    }
    return FALSE;
}

/* May changes say anything about this name? */
static gboolean
is_touched(const dt_zone *changes, const char *name)
{
    return dt_zone_find(changes, name) || has_star_above(changes, name);
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

/* ---- wildcards ----------------------------------------------------------------------------- */

static gboolean
is_absent_below(const overlay *over, const char *name, dt_rr_type type)
{
    const dt_answer *answer = ask_below(over, name, type);
    return answer->status == DT_DNS_NXDOMAIN && !answer->cname;
}

/* Is name, as far as below's answers show, only covered by star or not there at all? */
static gboolean
looks_covered(const overlay *over, const char *name, const char *star, dt_rr_type type)
{
    const dt_rr_type types[] = { type, DT_RR_TXT, DT_RR_A, DT_RR_MX };
    if (is_absent_below(over, name, type))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (!dt_answer_says_the_same(ask_below(over, name, types[i]),
                                     ask_below(over, star, types[i])))
            return FALSE;
    return TRUE;
}

/* Did a wildcard give this answer below? An answer does not tell, so wildcards are asked for
 * themselves: the same content with nothing in between is taken as theirs. */
static gboolean
is_synthesized_below(const overlay *over, const char *name, const dt_answer *answer)
{
    if (answer->status != DT_DNS_OK && !answer->cname)
        return FALSE;
    const char *ancestor = dt_name_parent(name);
    for (guint level = 0; ancestor && ancestor[0] && level < MAX_WILDCARD_LEVELS; level++) {
        g_autofree char *star = dt_name_join("*", ancestor);
        if (star && strcmp(star, name) != 0 && !is_absent_below(over, star, answer->type))
            return looks_covered(over, name, star, answer->type);
        if (star && strcmp(star, name) != 0 && !is_absent_below(over, ancestor, answer->type))
            return FALSE;
        ancestor = dt_name_parent(ancestor);
    }
    return FALSE;
}

/* The wildcard that answers for name, which changes do not hold, where changes have a say in it
 * (RFC 4592 3.3.1: the one at the closest name that exists). NULL: none, or name exists below.
 * Caller frees. */
static char *
covering_star(const overlay *over, const char *name, dt_rr_type type)
{
    const char *ancestor = dt_name_parent(name);
    if (!has_star_above(over->changes, name))
        return NULL;
    for (guint level = 0; ancestor && level < MAX_WILDCARD_LEVELS;
         level++, ancestor = dt_name_parent(ancestor)) {
        g_autofree char *star = dt_name_join("*", ancestor);
        if (!star)
            return NULL;
        if (strcmp(star, name) != 0 &&
            (dt_zone_find_wildcard(over->changes, ancestor) || !is_absent_below(over, star, type)))
            return looks_covered(over, name, star, type) ? g_steal_pointer(&star) : NULL;
        const zone_node *node = dt_zone_find(over->changes, ancestor);
        if (node && node->exists)
            return NULL;
        if (!is_absent_below(over, ancestor, type))
            name = ancestor; /* it exists, unless it is covered itself */
    }
    return NULL;
}

/* ---- one name ------------------------------------------------------------------------------ */

/* What below's answer is worth at one name. */
typedef struct {
    const dt_answer *answer;
    const zone_node *node; /* changes at the name, NULL if none */
    const zone_node
        *wildcard;      /* changes at the wildcard below that gave the answer, NULL if none */
    gboolean is_hidden; /* nothing of it is left, the name exists */
} view;

static view
view_make(const overlay *over, const char *name, dt_rr_type type)
{
    view seen = { .answer = ask_below(over, name, type),
                  .node = dt_zone_find(over->changes, name) };
    /* A name that exists is not the wildcard's any more. */
    seen.is_hidden =
        seen.node && seen.node->exists && is_synthesized_below(over, name, seen.answer);
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
        (seen->node && seen->node->records) || is_removed(seen->node, DT_RR_CNAME, &record);
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
        if (!is_removed(seen->node, answer->type, &below->records[i]))
            dt_answer_add_record(answer, &below->records[i]);
    if (seen->node)
        dt_zone_node_answer(seen->node, answer);
    if (answer->record_count > 0)
        answer->status = DT_DNS_OK;
    else if (seen->is_hidden || below->status == DT_DNS_OK)
        answer->status = DT_DNS_NODATA;
    else if (below->status == DT_DNS_NXDOMAIN && seen->node && seen->node->exists)
        answer->status = DT_DNS_NODATA;
    else
        answer->status = below->status;
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
    const zone_node *node = dt_zone_find(over->changes, name);
    if (node_decides(node, answer, &next))
        return next;
    g_autofree char *star = node && node->exists ? NULL : covering_star(over, name, answer->type);
    if (star)
        return step(data, star, answer);
    view seen = view_make(over, name, answer->type);
    dt_answer_lower_ttl(answer, seen.answer->ttl);
    if (view_leads_on(&seen))
        return step_chain(over, seen.answer, answer);
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
