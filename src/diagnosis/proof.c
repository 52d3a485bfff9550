/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The proof of a fix and the shortest ways to dmarc=pass: the same case evaluated again with what
 * the fixes change laid over the answers. A proof is of its own fix alone, over everything else as
 * found.
 */
#include "diagnosis/cause.h"

#include <string.h>

#define MAX_PLANS      3
#define MAX_CANDIDATES 8
#define MAX_TOGETHER   3

void
dt_proof_free(dt_proof *proof)
{
    if (!proof)
        return;
    g_ptr_array_unref(proof->assumes);
    g_free(proof);
}

static void
assume(dt_proof *proof, char *text)
{
    for (guint i = 0; i < proof->assumes->len; i++)
        if (strcmp(proof->assumes->pdata[i], text) == 0) {
            g_free(text);
            return;
        }
    g_ptr_array_add(proof->assumes, text);
}

/* Evaluates with everything that the findings change. */
static dt_proof *
evaluate(dt_view *view, dt_finding *const *findings, guint count)
{
    dt_proof *proof = g_new0(dt_proof, 1);
    proof->assumes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(dt_zone) changes = dt_zone_new();
    dt_what_if what_if = { .changes = changes };
    if (!view->subject->message && dt_domain_mail_from_stands(view))
        what_if.mail_from_domain = view->mail_from;
    if (!view->subject->message && dt_domain_dkim_stands(view))
        what_if.signing_domain = view->identity_domain;
    for (guint i = 0; i < count; i++) {
        if (findings[i]->changes)
            dt_zone_merge(changes, findings[i]->changes);
        if (findings[i]->mail_from_domain) {
            what_if.mail_from_domain = findings[i]->mail_from_domain;
            assume(proof,
                   g_strdup_printf("SES uses %s as envelope domain once the setting is SUCCESS",
                                   what_if.mail_from_domain));
        }
        if (findings[i]->signing_domain) {
            what_if.signing_domain = findings[i]->signing_domain;
            assume(proof,
                   g_strdup_printf(
                       "SES signs with d=%s once Easy DKIM is set up, and the signature verifies",
                       what_if.signing_domain));
        }
    }
    g_autoptr(dt_case) outcome = dt_case_what_if(view->subject, &what_if);
    proof->result = outcome->dmarc->result;
    proof->spf_aligned = dt_case_spf_aligned(outcome);
    proof->dkim_aligned = dt_case_dkim_aligned(outcome);
    return proof;
}

static gboolean
has_effect(const dt_finding *finding)
{
    return finding->changes || finding->mail_from_domain || finding->signing_domain;
}

void
dt_prove(dt_view *view, dt_finding *finding)
{
    if (finding->proof_absent)
        return;
    if (finding->severity != DT_SEVERITY_BLOCKS)
        finding->proof_absent =
            g_strdup("nothing to prove: this does not keep the message from passing");
    else if (finding->signing_domain && !finding->changes)
        finding->proof_absent =
            g_strdup("the signature does not exist yet, so nothing can be verified");
    else if (!has_effect(finding))
        finding->proof_absent = g_strdup(
            "the remedy lies neither in DNS nor in the MAIL FROM setting, or holds values that "
            "only SES or the key's owner knows");
    else
        finding->proof = evaluate(view, &finding, 1);
}

/* ---- plans --------------------------------------------------------------------------------- */

typedef struct {
    dt_finding *findings[MAX_TOGETHER];
    guint count;
    dt_proof *proof;
} candidate;

static gboolean
is_way_already(const GArray *ways, dt_finding *const *findings, guint count)
{
    for (guint i = 0; i < ways->len; i++) {
        const candidate *way = &g_array_index(ways, candidate, i);
        guint common = 0;
        for (guint k = 0; k < way->count; k++)
            for (guint n = 0; n < count; n++)
                common += way->findings[k] == findings[n];
        if (common == way->count)
            return TRUE;
    }
    return FALSE;
}

static void
try_set(dt_view *view, GArray *ways, dt_finding *const *findings, guint count)
{
    if (is_way_already(ways, findings, count))
        return;
    candidate way = { .count = count, .proof = evaluate(view, findings, count) };
    if (way.proof->result != DT_VERDICT_PASS) {
        dt_proof_free(way.proof);
        return;
    }
    memcpy(way.findings, findings, count * sizeof *findings);
    g_array_append_val(ways, way);
}

/* All sets of one size; a set that holds a shorter way is none. */
static void
try_sets(dt_view *view, GArray *ways, GPtrArray *able, dt_finding **chosen, guint have, guint size,
         guint from)
{
    if (have == size) {
        try_set(view, ways, chosen, size);
        return;
    }
    for (guint i = from; i < able->len; i++) {
        chosen[have] = able->pdata[i];
        try_sets(view, ways, able, chosen, have + 1, size, i + 1);
    }
}

/* Fewest fixes first; among equals the one that survives forwarding. */
static gint
compare_ways(gconstpointer a, gconstpointer b)
{
    const candidate *left = a, *right = b;
    if (left->count != right->count)
        return (gint)left->count - (gint)right->count;
    return (gint)right->proof->dkim_aligned - (gint)left->proof->dkim_aligned;
}

static char *
why_no_plan(const dt_view *view, const dt_diagnosis *diagnosis)
{
    if (view->subject->message && view->subject->dmarc->result == DT_VERDICT_PASS)
        return NULL;
    if (diagnosis->reproducible == 0)
        return g_strdup("Nothing to mend: it passed at the receiver; only this copy, or a key that "
                        "has been changed since, makes it fail here.");
    for (guint i = 0; i < view->findings->len; i++) {
        const dt_finding *finding = view->findings->pdata[i];
        if (finding->severity == DT_SEVERITY_BLOCKS && finding->cause->group == DT_GROUP_TRANSIENT)
            return g_strdup("No change of records helps as long as DNS does not answer: see that "
                            "the name servers do, then send again.");
    }
    return g_strdup(
        "No record or setting would have let this very message pass; see what is said above.");
}

void
dt_make_plans(dt_view *view, dt_diagnosis *diagnosis)
{
    diagnosis->plans = g_ptr_array_new();
    g_autoptr(GPtrArray) able = g_ptr_array_new();
    for (guint i = 0; i < view->findings->len && able->len < MAX_CANDIDATES; i++) {
        dt_finding *finding = view->findings->pdata[i];
        if (finding->severity == DT_SEVERITY_BLOCKS && has_effect(finding))
            g_ptr_array_add(able, finding);
    }
    g_autoptr(GArray) ways = g_array_new(FALSE, FALSE, sizeof(candidate));
    dt_finding *chosen[MAX_TOGETHER];
    gboolean is_wanted =
        diagnosis->reproducible != 0 &&
        (!view->subject->message || view->subject->dmarc->result != DT_VERDICT_PASS);
    for (guint size = 1; is_wanted && size <= MAX_TOGETHER && size <= able->len; size++)
        try_sets(view, ways, able, chosen, 0, size, 0);
    g_array_sort(ways, compare_ways);
    for (guint i = 0; i < ways->len; i++) {
        candidate *way = &g_array_index(ways, candidate, i);
        if (i >= MAX_PLANS) {
            dt_proof_free(way->proof);
            continue;
        }
        dt_plan *plan = g_new0(dt_plan, 1);
        plan->findings = g_ptr_array_new();
        for (guint k = 0; k < way->count; k++)
            g_ptr_array_add(plan->findings, way->findings[k]);
        plan->proof = way->proof;
        g_ptr_array_add(diagnosis->plans, plan);
    }
    if (diagnosis->plans->len == 0)
        diagnosis->plan_absent = why_no_plan(view, diagnosis);
}
