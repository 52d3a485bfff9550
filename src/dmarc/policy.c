/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which record applies to an author domain (RFC 9989 4.10.1), and which of its tags (4.7: p, sp,
 * np)? What is asked for a message that fails follows in evaluate.c.
 */
#include "dmarc/walk.h"

#include <string.h>
#include "base/name.h"

/* The record of the organizational domain, else that of the public suffix domain, which ended the
 * walk (4.10.1). */
static const dt_dmarc_step *
walk_policy(const dt_walk *walk)
{
    const char *org_domain = dt_walk_org_domain(walk);
    for (guint i = 0; i < walk->count; i++)
        if (walk->steps[i]->record && strcmp(walk->steps[i]->name, org_domain) == 0)
            return walk->steps[i];
    const dt_dmarc_step *last = walk->count > 0 ? walk->steps[walk->count - 1] : NULL;
    return last && last->record && last->record->psd == 'y' ? last : NULL;
}

static dt_discovery
apply_step(dt_dmarc *dmarc, const dt_dmarc_step *step)
{
    if (!step)
        return DT_DISCOVERY_NONE;
    if (!step->record->is_usable) {
        dmarc->unusable = step;
        return DT_DISCOVERY_NONE;
    }
    dmarc->policy_domain = g_strdup(step->name);
    dmarc->record = step->record;
    return DT_DISCOVERY_FOUND;
}

dt_discovery
dt_dmarc_discover(dt_dmarc *dmarc, dt_walker *walker)
{
    const dt_dmarc_step *own = dt_walker_ask(walker, dmarc->from_domain);
    if (own && own->record)
        return apply_step(dmarc, own);
    dt_walk walk = dt_walk_run(walker, dmarc->from_domain, DT_WALK_TO_FAILURE);
    if (walk.failed) {
        dmarc->failed = walk.failed->answer;
        return DT_DISCOVERY_FAILED;
    }
    return apply_step(dmarc, walk_policy(&walk));
}

/* ---- which tag ----------------------------------------------------------------------------- */

typedef struct {
    const char *tag;
    dt_policy policy;
} choice;

static choice
choose_sp(const dt_dmarc_record *record)
{
    return record->sp != DT_POLICY_UNKNOWN ? (choice){ "sp", record->sp }
                                           : (choice){ "p", record->p };
}

/* 3.2.13: NXDOMAIN, for whatever type, and only that means that the name does not exist. A name
 * that is led elsewhere has a record, wherever that ends. Two types, as a server may fail for one.
 */
static void
ask_existence(dt_dmarc *dmarc, dt_resolver *resolver)
{
    static const dt_rr_type types[] = { DT_RR_A, DT_RR_MX };
    for (guint i = 0; i < G_N_ELEMENTS(types) && !dmarc->author_exists_known; i++) {
        const dt_answer *answer = dt_resolver_ask(resolver, dmarc->from_domain, types[i]);
        dmarc->author_exists_known = !dt_answer_is_failure(answer);
        dmarc->author_exists =
            answer->status != DT_DNS_NXDOMAIN || (answer->cname && answer->cname[0]);
    }
}

static choice
choose_below(dt_dmarc *dmarc, dt_resolver *resolver)
{
    const dt_dmarc_record *record = dmarc->record;
    if (record->np == DT_POLICY_UNKNOWN)
        return choose_sp(record);
    ask_existence(dmarc, resolver);
    choice exists = choose_sp(record);
    if (dmarc->author_exists_known)
        return dmarc->author_exists ? exists : (choice){ "np", record->np };
    return (choice){ NULL, exists.policy == record->np ? record->np : DT_POLICY_UNKNOWN };
}

void
dt_dmarc_choose_policy(dt_dmarc *dmarc, dt_resolver *resolver)
{
    choice chosen = { "p", dmarc->record->p };
    if (dmarc->record->counts_as_none)
        chosen.policy = DT_POLICY_NONE;
    else if (strcmp(dmarc->policy_domain, dmarc->from_domain) != 0)
        chosen = choose_below(dmarc, resolver);
    dmarc->applied_tag = chosen.tag;
    dmarc->policy = chosen.policy;
}

dt_policy
dt_policy_soften(dt_policy policy)
{
    switch (policy) {
    case DT_POLICY_REJECT:
        return DT_POLICY_QUARANTINE;
    case DT_POLICY_QUARANTINE:
    case DT_POLICY_NONE:
        return DT_POLICY_NONE;
    case DT_POLICY_UNKNOWN:
        break;
    }
    return DT_POLICY_UNKNOWN;
}
