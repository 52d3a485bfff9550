/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which authenticated identifiers are aligned with the author domain (RFC 9989 4.4), and does that
 * make a pass (5.3.5) or, where queries failed, neither pass nor fail (5.3.6)? Walks are run only
 * where the verdict hangs on them (4.10.2); how names that do not count are related is told from
 * answers already there, else from the public suffix list.
 */
#include "dmarc/walk.h"

#include <string.h>
#include "base/name.h"

static gboolean
has_name(const dt_identifier *identifier)
{
    return identifier->domain && identifier->domain[0];
}

static gboolean
is_equal(const dt_identifier *identifier, const char *author)
{
    return has_name(identifier) && strcmp(identifier->domain, author) == 0;
}

static gboolean
is_strict(const dt_dmarc *dmarc, const dt_identifier *identifier)
{
    return dmarc->record &&
           (identifier->is_spf ? dmarc->record->aspf_strict : dmarc->record->adkim_strict);
}

static dt_ternary
ternary(gboolean value)
{
    return value ? DT_TERNARY_TRUE : DT_TERNARY_FALSE;
}

/* ---- the verdict --------------------------------------------------------------------------- */

/* Are the names below one organizational domain? Asks for the walks of both, the second only if the
 * first leaves room. */
static dt_ternary
relate_by_walk(dt_walker *walker, const char *author, const char *domain,
               const dt_answer **failed_out)
{
    dt_walk own = dt_walk_run(walker, author, DT_WALK_WHOLE);
    if (!dt_walk_can_meet(&own, domain))
        return DT_TERNARY_FALSE;
    dt_walk other = dt_walk_run(walker, domain, DT_WALK_WHOLE);
    dt_ternary meets = dt_walk_meets(&own, &other);
    const dt_dmarc_step *failed = own.failed ? own.failed : other.failed;
    if (meets == DT_TERNARY_UNKNOWN && failed && !*failed_out)
        *failed_out = failed->answer;
    return meets;
}

static dt_ternary
align_names(const dt_dmarc *dmarc, dt_walker *walker, const dt_identifier *identifier,
            const dt_answer **failed_out)
{
    if (!has_name(identifier))
        return DT_TERNARY_FALSE;
    if (is_equal(identifier, dmarc->from_domain))
        return DT_TERNARY_TRUE;
    if (is_strict(dmarc, identifier))
        return DT_TERNARY_FALSE;
    return relate_by_walk(walker, dmarc->from_domain, identifier->domain, failed_out);
}

/* SPF first, then the signatures in order. */
static GPtrArray *
in_order_of_walks(GPtrArray *identifiers)
{
    GPtrArray *ordered = g_ptr_array_new();
    for (guint turn = 0; turn < 2; turn++)
        for (guint i = 0; i < identifiers->len; i++) {
            dt_identifier *identifier = g_ptr_array_index(identifiers, i);
            if (identifier->is_spf == (turn == 0))
                g_ptr_array_add(ordered, identifier);
        }
    return ordered;
}

/* 5.3.6: would an SPF or DKIM check that could not be finished be aligned? Asked only when nothing
 * else passes. */
static gboolean
has_open_mechanism(const dt_dmarc *dmarc, dt_walker *walker, GPtrArray *ordered,
                   const dt_answer **failed_out)
{
    for (guint i = 0; i < ordered->len; i++) {
        dt_identifier *identifier = g_ptr_array_index(ordered, i);
        if (identifier->is_temperror && !identifier->passes &&
            align_names(dmarc, walker, identifier, failed_out) != DT_TERNARY_FALSE)
            return TRUE;
    }
    return FALSE;
}

dt_verdict
dt_dmarc_align(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers)
{
    g_autoptr(GPtrArray) ordered = in_order_of_walks(identifiers);
    const dt_answer *failed = NULL;
    gboolean has_pass = FALSE, has_open = FALSE;
    for (guint i = 0; i < ordered->len; i++) {
        dt_identifier *identifier = g_ptr_array_index(ordered, i);
        identifier->aligned = DT_TERNARY_FALSE;
        if (identifier->passes)
            identifier->aligned = align_names(dmarc, walker, identifier, &failed);
        has_pass = has_pass || identifier->aligned == DT_TERNARY_TRUE;
        has_open = has_open || identifier->aligned == DT_TERNARY_UNKNOWN;
    }
    if (has_pass)
        return DT_VERDICT_PASS;
    if (!has_open && !has_open_mechanism(dmarc, walker, ordered, &failed))
        return DT_VERDICT_FAIL;
    dmarc->failed = failed;
    return DT_VERDICT_TEMPERROR;
}

/* ---- without a record ---------------------------------------------------------------------- */

static gboolean
is_same_by_list(const char *a, const char *b)
{
    return dt_name_has_same_org(a, b);
}

void
dt_dmarc_align_without_record(const char *author, dt_discovery discovery, GPtrArray *identifiers)
{
    for (guint i = 0; i < identifiers->len; i++) {
        dt_identifier *identifier = g_ptr_array_index(identifiers, i);
        identifier->aligned = DT_TERNARY_FALSE;
        if (!identifier->passes || !has_name(identifier) || !author)
            continue;
        if (is_equal(identifier, author) || discovery == DT_DISCOVERY_NONE)
            identifier->aligned = ternary(is_same_by_list(identifier->domain, author));
        else if (strcmp(dt_walk_suffix(author, 1), dt_walk_suffix(identifier->domain, 1)) == 0)
            identifier->aligned = DT_TERNARY_UNKNOWN;
    }
}

/* ---- what is shown beside it --------------------------------------------------------------- */

/* From answers that are there; by the list where they do not suffice or where no record speaks for
 * the author domain. */
static gboolean
is_related(const dt_dmarc *dmarc, dt_walker *walker, const dt_identifier *identifier)
{
    if (dmarc->record) {
        dt_walk own = dt_walk_run(walker, dmarc->from_domain, DT_WALK_REMEMBERED);
        dt_walk other = dt_walk_run(walker, identifier->domain, DT_WALK_REMEMBERED);
        if (own.is_complete && !dt_walk_can_meet(&own, identifier->domain))
            return FALSE;
        dt_ternary meets =
            own.is_complete && other.is_complete ? dt_walk_meets(&own, &other) : DT_TERNARY_UNKNOWN;
        if (meets != DT_TERNARY_UNKNOWN)
            return meets == DT_TERNARY_TRUE;
    }
    return is_same_by_list(identifier->domain, dmarc->from_domain);
}

static char *
identifier_org_domain(const dt_dmarc *dmarc, dt_walker *walker, const dt_identifier *identifier)
{
    if (is_equal(identifier, dmarc->from_domain) && dmarc->org_domain)
        return g_strdup(dmarc->org_domain);
    dt_walk walk = dt_walk_run(walker, identifier->domain, DT_WALK_REMEMBERED);
    if (!walk.is_complete || !dmarc->record)
        return g_strdup(dt_name_psl_org_domain(identifier->domain));
    return g_strdup(dt_walk_org_domain(&walk));
}

void
dt_dmarc_relate(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers)
{
    for (guint i = 0; i < identifiers->len; i++) {
        dt_identifier *identifier = g_ptr_array_index(identifiers, i);
        identifier->alignment = DT_ALIGNMENT_NONE;
        identifier->names_aligned = DT_TERNARY_FALSE;
        if (!has_name(identifier))
            continue;
        if (is_equal(identifier, dmarc->from_domain))
            identifier->alignment = DT_ALIGNMENT_IDENTICAL;
        else if (is_related(dmarc, walker, identifier))
            identifier->alignment = DT_ALIGNMENT_ORGANIZATIONAL;
        identifier->names_aligned = ternary(identifier->alignment == DT_ALIGNMENT_IDENTICAL ||
                                            (identifier->alignment == DT_ALIGNMENT_ORGANIZATIONAL &&
                                             !is_strict(dmarc, identifier)));
        if (identifier->passes)
            identifier->names_aligned = identifier->aligned;
        identifier->org_domain = identifier_org_domain(dmarc, walker, identifier);
    }
}
