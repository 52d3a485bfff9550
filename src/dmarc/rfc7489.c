/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What would a receiver that still follows RFC 7489 find? The author domain, then the
 * organizational domain of the Public Suffix List and no further (6.6.3); no np, psd and t, but pct
 * (6.6.4). Shown beside the verdict of RFC 9989, never instead of it.
 */
#include "dmarc/walk.h"

#include <string.h>
#include "base/name.h"

/* 6.6.3: a record with an invalid sp, or without a valid p, counts as p=none where a valid rua is
 * there. np is not known. */
static gboolean
has_good_policy(const dt_dmarc_record *record)
{
    return record->p != DT_POLICY_UNKNOWN &&
           (!record->sp_present || record->sp != DT_POLICY_UNKNOWN);
}

/* 6.6.3: the step whose record applies, NULL if none; *result_out then says why. */
static const dt_dmarc_step *
discover(dt_walker *walker, const char *author, const char *org_domain, dt_verdict *result_out)
{
    const dt_dmarc_step *step = dt_walker_ask(walker, author);
    gboolean is_failed = step && dt_answer_is_failure(step->answer);
    if (!is_failed && (!step || step->record_count == 0) && strcmp(author, org_domain) != 0) {
        step = dt_walker_ask(walker, org_domain);
        is_failed = step && dt_answer_is_failure(step->answer);
    }
    *result_out = is_failed ? DT_VERDICT_TEMPERROR : DT_VERDICT_NONE;
    gboolean is_usable =
        step && step->record && (has_good_policy(step->record) || step->record->has_valid_rua);
    return is_usable ? step : NULL;
}

static dt_policy
choose_policy(const dt_dmarc_record *record, gboolean is_own)
{
    if (!has_good_policy(record))
        return DT_POLICY_NONE;
    return !is_own && record->sp_present ? record->sp : record->p;
}

/* Would the identifier's name be aligned (3.1)? */
static gboolean
align_name(const dt_identifier *identifier, const char *author, const dt_dmarc_record *record)
{
    if (!identifier->domain || !identifier->domain[0])
        return FALSE;
    if (record && (identifier->is_spf ? record->aspf_strict : record->adkim_strict))
        return strcmp(identifier->domain, author) == 0;
    return dt_name_has_same_org(identifier->domain, author);
}

/* 6.6.2: pass, else temperror where a check that could not be finished would be aligned, else fail.
 */
static dt_verdict
align(GPtrArray *identifiers, const char *author, const dt_dmarc_record *record)
{
    gboolean has_pass = FALSE, has_open = FALSE;
    for (guint i = 0; i < identifiers->len; i++) {
        dt_identifier *identifier = g_ptr_array_index(identifiers, i);
        gboolean is_aligned = align_name(identifier, author, record);
        identifier->aligned_7489 =
            identifier->passes && is_aligned ? DT_TERNARY_TRUE : DT_TERNARY_FALSE;
        has_pass = has_pass || (identifier->passes && is_aligned);
        has_open = has_open || (identifier->is_temperror && is_aligned);
        if (identifier->domain && identifier->domain[0])
            identifier->org_domain_7489 = g_strdup(dt_name_psl_org_domain(identifier->domain));
    }
    return has_pass ? DT_VERDICT_PASS : has_open ? DT_VERDICT_TEMPERROR : DT_VERDICT_FAIL;
}

/* 6.6.4: what pct leaves out is treated one step softer. */
static void
set_disposition(dt_dmarc_7489 *view)
{
    if (view->result == DT_VERDICT_PASS)
        view->disposition = DT_POLICY_NONE;
    else if (view->result == DT_VERDICT_FAIL)
        view->disposition = view->pct == 0 ? dt_policy_soften(view->policy) : view->policy;
    view->disposition_by_chance = view->result == DT_VERDICT_FAIL && view->pct > 0 &&
                                  view->pct < 100 && view->policy != DT_POLICY_NONE;
}

void
dt_dmarc_evaluate_7489(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers)
{
    dt_dmarc_7489 *view = &dmarc->rfc7489;
    const char *author = dmarc->from_domain;
    view->org_domain = g_strdup(dt_name_psl_org_domain(author));
    view->pct = 100;
    const dt_dmarc_step *step = discover(walker, author, view->org_domain, &view->result);
    dt_verdict aligned = align(identifiers, author, step ? step->record : NULL);
    if (!step)
        return;
    view->result = aligned;
    view->policy_domain = g_strdup(step->name);
    view->policy = choose_policy(step->record, strcmp(step->name, author) == 0);
    view->pct = step->record->pct;
    set_disposition(view);
}
