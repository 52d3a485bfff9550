/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the organizational domain is another one by the tree walk (RFC 9989 4.10.2) than by the
 * public suffix list (RFC 7489 3.2), so receivers differ on whether a name that passes is aligned.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* ---- where the tree walk and the public suffix list differ --------------------------------- */

/* The identifier passes, the list would align it, the walk holds the names apart (strictness
 * aside). */
static gboolean
is_denied_by_walk(const dt_view *view, const dt_identifier *identifier)
{
    return identifier->passes && identifier->domain && identifier->domain[0] &&
           identifier->aligned == DT_TERNARY_FALSE && identifier->alignment == DT_ALIGNMENT_NONE &&
           identifier->aligned_7489 == DT_TERNARY_TRUE &&
           strcmp(identifier->domain, view->author) != 0;
}

static gboolean
is_denied_by_list(const dt_identifier *identifier)
{
    return identifier->passes && identifier->domain && identifier->aligned == DT_TERNARY_TRUE &&
           identifier->alignment == DT_ALIGNMENT_ORGANIZATIONAL &&
           identifier->aligned_7489 == DT_TERNARY_FALSE;
}

/* The name at or above which a record with psd=n makes an organizational domain of its own; NULL.
 */
static const dt_dmarc_step *
find_psd_n(const dt_view *view, const char *name)
{
    const GPtrArray *steps = view->subject->dmarc->steps;
    const dt_dmarc_step *found = NULL;
    for (guint i = 0; i < steps->len; i++) {
        const dt_dmarc_step *step = steps->pdata[i];
        gboolean is_closer = !found || dt_name_is_within(step->name, found->name);
        if (step->record && step->record->psd == 'n' && dt_name_is_within(name, step->name) &&
            is_closer)
            found = step;
    }
    return found;
}

/* psd=n above the one name and not above the other. */
static const dt_dmarc_step *
find_split(const dt_view *view, const char *name)
{
    const dt_dmarc_step *theirs = find_psd_n(view, name), *mine = find_psd_n(view, view->author);
    return theirs == mine ? NULL : theirs ? theirs : mine;
}

static void
show_identifier(dt_view *view, dt_finding *finding, guint index)
{
    const dt_identifier *identifier = view->subject->identifiers->pdata[index];
    guint first_signature = view->subject->spf_identifier ? 1 : 0;
    dt_bind(finding, "name", identifier->domain);
    dt_bind(finding, "mechanism", identifier->is_spf ? "SPF" : "DKIM");
    if (identifier->is_spf)
        dt_evidence_envelope(view, finding);
    else if (index - first_signature < dt_view_signature_count(view))
        dt_evidence_signature(view, finding, index - first_signature);
    dt_evidence_computed(
        finding, "alignment",
        "%s and %s: organizational domain %s and %s by the tree walk, %s and %s by the public "
        "suffix list",
        view->author, identifier->domain,
        view->subject->dmarc->org_domain ? view->subject->dmarc->org_domain : "unknown",
        identifier->org_domain ? identifier->org_domain : "unknown",
        dt_name_psl_org_domain(view->author), dt_name_psl_org_domain(identifier->domain));
}

/* ---- dmarc-psd-n-split: psd=n makes a name an organization of its own ---------------------- */

/* In `domain`: psd=n at the custom MAIL FROM domain. */
static gboolean
is_mail_from_split(dt_view *view, dt_finding *finding)
{
    const dt_answer *answer =
        view->mail_from ? dt_view_ask_below(view, "_dmarc", view->mail_from, DT_RR_TXT) : NULL;
    if (!answer || answer->record_count != 1 || !view->subject->dmarc->record)
        return FALSE;
    g_autoptr(dt_dmarc_record) record =
        dt_dmarc_record_parse(answer->records[0].data, answer->records[0].length);
    if (!record->is_dmarc || record->psd != 'n')
        return FALSE;
    dt_bind(finding, "where", view->mail_from);
    dt_bind(finding, "name", view->mail_from);
    dt_bind(finding, "mechanism", "SPF");
    dt_bind(finding, "text", record->text);
    dt_evidence_answer(finding, answer, "psd=n");
    dt_set_weight(finding, dt_domain_dkim_stands(view) ? DT_WEIGHT_RISK : DT_WEIGHT_BLOCKS);
    return TRUE;
}

static dt_certainty
recognise_psd_n(dt_view *view, dt_finding *finding)
{
    if (!view->subject->message)
        return is_mail_from_split(view, finding) ? DT_CERTAIN : DT_ABSENT;
    const GPtrArray *identifiers = view->subject->identifiers;
    for (guint i = 0; i < identifiers->len; i++) {
        const dt_identifier *identifier = identifiers->pdata[i];
        const dt_dmarc_step *step =
            is_denied_by_walk(view, identifier) ? find_split(view, identifier->domain) : NULL;
        if (!step)
            continue;
        dt_bind(finding, "where", step->name);
        dt_bind(finding, "text", step->record->text);
        dt_evidence_answer(finding, step->answer, "psd=n");
        show_identifier(view, finding, i);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_psd_n(dt_view *view, dt_finding *finding)
{
    static const char *const tags[] = { "psd", NULL };
    g_autofree char *value =
        dt_dmarc_text_without(g_hash_table_lookup(finding->bindings, "text"), tags);
    dt_fix_dmarc_record(view, finding, g_hash_table_lookup(finding->bindings, "where"), value,
                        "The same record without psd=n");
    if (!view->subject->message)
        finding->mail_from_domain = g_strdup(view->mail_from);
}

static const char *const split_explains[] = { "dmarc-psl-vs-walk", "spf-other-domain",
                                              "dkim-other-domain", NULL };

const dt_cause dt_cause_dmarc_psd_n = {
    .code = "dmarc-psd-n-split",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_psd_n,
    .mend = mend_psd_n,
    .explains = split_explains,
    .title = "psd=n cuts the name off from the rest of the organization",
    .explanation = "{mechanism} passes for {name}, but the record at _dmarc.{where} says psd=n: "
                   "{where} is an organization of its own. So {name} and {D} "
                   "do not belong together by RFC 9989, although they do for receivers that still "
                   "follow RFC 7489.",
    .recognised =
        "The DMARC record of the MAIL FROM domain, the signing domain or the From domain has "
        "psd=n. Receivers differ: those that use the public "
        "suffix list record pass, those that walk up the tree stop at that name and record fail.",
    .remedy = "Take psd=n out of that record. It is only for names that shall not be one "
              "organization with what is above them.",
    .reference = "RFC 9989 sections 4.7 and 4.10.2",
};

/* ---- dmarc-psl-vs-walk: the two ways to find the organizational domain --------------------- */

static const char list_denies_text[] =
    "{mechanism} passes for {name}, and by the tree walk of RFC 9989 that belongs to the same "
    "organization as {D}. By the public suffix list, which "
    "receivers of RFC 7489 still use, it does not, so those receivers see no aligned pass.";

static dt_certainty
recognise_psl_walk(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    const GPtrArray *identifiers = view->subject->identifiers;
    for (guint i = 0; dmarc->record && i < identifiers->len; i++) {
        const dt_identifier *identifier = identifiers->pdata[i];
        gboolean is_denied =
            is_denied_by_walk(view, identifier) && !find_split(view, identifier->domain);
        gboolean is_granted =
            is_denied_by_list(identifier) && dmarc->rfc7489.result != DT_VERDICT_PASS;
        if (!is_denied && !is_granted)
            continue;
        if (is_granted) {
            dt_set_weight(finding, DT_WEIGHT_RISK);
            dt_set_explanation(finding, list_denies_text);
            dt_bind(finding, "is_granted", "yes");
        }
        show_identifier(view, finding, i);
        dt_evidence_policy(view, finding);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

/* A text that was meant as the record of name and is none. */
static char *
meant_text_at(dt_view *view, const char *name)
{
    const dt_answer *answer = dt_view_ask_below(view, "_dmarc", name, DT_RR_TXT);
    for (guint i = 0; i < answer->record_count; i++)
        if (dt_dmarc_text_is_meant(answer->records[i].data))
            return g_strdup(answer->records[i].data);
    return NULL;
}

static void
mend_psl_walk(dt_view *view, dt_finding *finding)
{
    const char *root = dt_name_psl_org_domain(view->author), *rua = view->subject->context->rua;
    if (g_hash_table_lookup(finding->bindings, "is_granted")) {
        dt_fix_set(view, finding, DT_WHERE_SENDER,
                   "Use the same name in From and in the MAIL FROM or signing domain", NULL);
        return;
    }
    g_autofree char *damaged = meant_text_at(view, root);
    g_autofree char *value = damaged ? dt_dmarc_text_usable(damaged)
                             : rua   ? g_strdup_printf("v=DMARC1; p=none; rua=%s", rua)
                                     : g_strdup("v=DMARC1; p=none");
    dt_fix_dmarc_record(view, finding, root, value,
                        "A record at the top of the organization ties the names together; {D} "
                        "keeps the policy of its own record");
}

static const char *const psl_explains[] = { "spf-other-domain", "dkim-other-domain", NULL };

const dt_cause dt_cause_dmarc_psl_walk = {
    .code = "dmarc-psl-vs-walk",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_psl_walk,
    .mend = mend_psl_walk,
    .explains = psl_explains,
    .title = "Receivers differ on whether the names belong together",
    .explanation = "{mechanism} passes for {name}. By the public suffix list that is the same "
                   "organization as {D}, but the tree walk of RFC 9989 finds no "
                   "DMARC record that both names are below (the one that applies is at {P}), so by "
                   "it they do not belong together.",
    .recognised = "One receiver records dmarc=pass and another fail for the same message. The only "
                  "DMARC record stands at a subdomain and none at the "
                  "organizational domain, or the names lie below a private public suffix that has "
                  "a record of its own. RFC 7489 takes the organizational "
                  "domain from a list, RFC 9989 from the records on the way up.",
    .remedy = "Publish a DMARC record at the organizational domain, or use the same name in From "
              "and in the MAIL FROM or signing domain.",
    .reference = "RFC 9989 section 4.10.2; RFC 7489 section 3.2",
};
