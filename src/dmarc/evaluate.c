/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Does a message pass DMARC (RFC 9989 5.3)? The order of the steps: author domain, discovery,
 * alignment, policy; then RFC 7489 beside it and what is told for the reader only. Identifiers come
 * as they are: SPF and DKIM were judged elsewhere.
 */
#include "dmarc/walk.h"

#include <string.h>
#include "base/name.h"

static void
step_free(gpointer data)
{
    dt_dmarc_step *step = data;
    g_free(step->name);
    g_free(step);
}

/* 5.3.1: one domain, however many addresses. An address without a usable domain leaves the author
 * unknown. */
static const char *
single_domain(const char *const *domains, guint count)
{
    for (guint i = 0; i < count; i++)
        if (!domains[i] || !domains[i][0] || strcmp(domains[i], domains[0]) != 0)
            return NULL;
    return count > 0 ? domains[0] : NULL;
}

static void
clear_identifiers(GPtrArray *identifiers)
{
    for (guint i = 0; i < identifiers->len; i++) {
        dt_identifier *identifier = g_ptr_array_index(identifiers, i);
        identifier->aligned = identifier->names_aligned = identifier->aligned_7489 =
            DT_TERNARY_FALSE;
        identifier->alignment = DT_ALIGNMENT_NONE;
        g_clear_pointer(&identifier->org_domain, g_free);
        g_clear_pointer(&identifier->org_domain_7489, g_free);
    }
}

/* Announces the questions that an evaluation asks first, so that live ones go out together. */
static void
announce(dt_resolver *resolver, const char *author)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    dt_question questions[DT_WALK_MAX];
    for (const char *name = author; name && names->len < DT_WALK_MAX; name = dt_walk_next(name)) {
        char *question = dt_name_join("_dmarc", name);
        if (!question)
            continue;
        questions[names->len] = (dt_question){ question, DT_RR_TXT };
        g_ptr_array_add(names, question);
    }
    dt_resolver_prefetch(resolver, questions, names->len);
}

/* 5.3.5, 5.3.6, 4.7 t. */
static void
judge(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers)
{
    dt_discovery discovery = dt_dmarc_discover(dmarc, walker);
    if (discovery != DT_DISCOVERY_FOUND) {
        dmarc->result = discovery == DT_DISCOVERY_FAILED ? DT_VERDICT_TEMPERROR : DT_VERDICT_NONE;
        dt_dmarc_align_without_record(dmarc->from_domain, discovery, identifiers);
        return;
    }
    dmarc->result = dt_dmarc_align(dmarc, walker, identifiers);
    dt_dmarc_choose_policy(dmarc, walker->resolver);
    if (dmarc->result == DT_VERDICT_PASS)
        dmarc->disposition = DT_POLICY_NONE;
    else if (dmarc->result == DT_VERDICT_FAIL)
        dmarc->disposition =
            dmarc->record->is_testing ? dt_policy_soften(dmarc->policy) : dmarc->policy;
}

/* The author domain's walk to its end, whether or not the verdict needed it; not after a failure
 * that already decided. */
static void
finish_walk(dt_dmarc *dmarc, dt_walker *walker)
{
    dt_walk_mode mode = dmarc->failed ? DT_WALK_REMEMBERED : DT_WALK_WHOLE;
    dt_walk walk = dt_walk_run(walker, dmarc->from_domain, mode);
    for (guint i = 0; i < walk.count; i++)
        g_ptr_array_add(dmarc->walk, (gpointer)walk.steps[i]);
    dmarc->org_domain = g_strdup(dt_walk_org_domain(&walk));
}

static gboolean
is_agreement(const dt_dmarc *dmarc)
{
    return dmarc->result == dmarc->rfc7489.result &&
           dmarc->disposition == dmarc->rfc7489.disposition &&
           !dmarc->rfc7489.disposition_by_chance;
}

static dt_dmarc *
dmarc_new(const char *author)
{
    dt_dmarc *dmarc = g_new0(dt_dmarc, 1);
    dmarc->from_domain = g_strdup(author);
    dmarc->queries = g_ptr_array_new_with_free_func(g_free);
    dmarc->walk = g_ptr_array_new();
    dmarc->steps = g_ptr_array_new_with_free_func(step_free);
    dmarc->result = dmarc->rfc7489.result = DT_VERDICT_PERMERROR;
    dmarc->rfc7489.pct = 100;
    return dmarc;
}

dt_dmarc *
dt_dmarc_evaluate(dt_resolver *resolver, const char *const *domains, guint domain_count,
                  GPtrArray *identifiers)
{
    dt_dmarc *dmarc = dmarc_new(single_domain(domains, domain_count));
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    dt_walker walker = { resolver, by_name, dmarc->steps, dmarc->queries, TRUE };
    clear_identifiers(identifiers);
    if (dmarc->from_domain) {
        announce(resolver, dmarc->from_domain);
        judge(dmarc, &walker, identifiers);
        walker.is_listing = FALSE;
        finish_walk(dmarc, &walker);
        dt_dmarc_relate(dmarc, &walker, identifiers);
        dt_dmarc_evaluate_7489(dmarc, &walker, identifiers);
    }
    dmarc->standards_agree = is_agreement(dmarc);
    return dmarc;
}

void
dt_dmarc_free(dt_dmarc *dmarc)
{
    if (!dmarc)
        return;
    g_free(dmarc->from_domain);
    g_free(dmarc->org_domain);
    g_free(dmarc->policy_domain);
    g_free(dmarc->rfc7489.org_domain);
    g_free(dmarc->rfc7489.policy_domain);
    g_ptr_array_unref(dmarc->queries);
    g_ptr_array_unref(dmarc->walk);
    g_ptr_array_unref(dmarc->steps);
    g_free(dmarc);
}
