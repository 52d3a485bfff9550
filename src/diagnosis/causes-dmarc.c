/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: DMARC where no record is at fault by its text (RFC 9989 4.7, 4.10, 5.3.6): there is none,
 * DNS failed, and what the policy means for the reader. Faults in a record are
 * causes-dmarc-record.c, names that a walk holds apart causes-dmarc-walk.c, reports
 * causes-dmarc-reports.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* ---- dmarc-none: no record at all ---------------------------------------------------------- */

static dt_certainty
recognise_none(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (dmarc->result != DT_VERDICT_NONE || dmarc->record || dmarc->unusable)
        return DT_ABSENT;
    for (guint i = 0; i < dmarc->walk->len; i++) {
        const dt_dmarc_step *step = dmarc->walk->pdata[i];
        if (dt_name_is_within(step->name, view->org))
            dt_evidence_answer(finding, step->answer, NULL);
    }
    dt_evidence_computed(finding, "public suffix list", "the organizational domain of %s is %s",
                         view->author, view->org);
    return DT_CERTAIN;
}

static void
mend_none(dt_view *view, dt_finding *finding)
{
    const char *rua = view->subject->context->rua;
    g_autofree char *owner = dt_name_join("_dmarc", view->org);
    g_autofree char *value =
        rua ? g_strdup_printf("v=DMARC1; p=none; rua=%s", rua) : g_strdup("v=DMARC1; p=none");
    if (!owner)
        return;
    dt_fix_publish(
        view, finding, owner, "TXT", value,
        "p=none asks receivers for nothing: it stops no mail, and DMARC applies from then on");
    if (rua)
        return;
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "To see who sends in your name, add ; rua=mailto:ADDRESS with a mailbox of yours to "
               "that text (or run this again with "
               "--rua=ADDRESS)",
               NULL);
    dt_fix_optional(finding);
}

static const dt_cause cause_none = {
    .code = "dmarc-none",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_none,
    .mend = mend_none,
    .title = "There is no DMARC record",
    .explanation = "Neither _dmarc.{D} nor any name above it has a DMARC record, so DMARC does not "
                   "apply. Without a record there is "
                   "no dmarc=pass, however well SPF and DKIM do.",
    .recognised = "`dig TXT` of _dmarc and the From domain, and of _dmarc and its organizational "
                  "domain, shows no v=DMARC1 record. Receivers record "
                  "dmarc=none; Microsoft writes bestguesspass or compauth reason=109, Yahoo "
                  "dmarc=unknown, and Gmail no DMARC line at all.",
    .remedy = "Publish v=DMARC1; p=none at _dmarc and the organizational domain. It changes "
              "nothing for your mail, and with rua=mailto:ADDRESS you "
              "get reports about who sends in your name.",
    .reference = "RFC 9989 sections 4.7 and 4.10",
};

/* ---- dmarc-permerror-ms: Microsoft could not use the record -------------------------------- */

static gboolean
is_microsoft(const dt_recorded *field)
{
    for (guint i = 0; i < field->results->len; i++)
        if (strcmp(((const dt_recorded_result *)field->results->pdata[i])->method, "compauth") == 0)
            return TRUE;
    return !field->authserv_id && field->header == DT_HEADER_AR;
}

static const dt_recorded *
recorded_dmarc_field(const dt_view *view)
{
    for (guint i = 0; i < view->subject->agreement->len; i++) {
        const dt_agreement *agreement = view->subject->agreement->pdata[i];
        if (strcmp(agreement->method, "dmarc") == 0)
            return agreement->field;
    }
    return NULL;
}

static dt_certainty
recognise_permerror_ms(dt_view *view, dt_finding *finding)
{
    static const char *const roots[] = { "dmarc-multiple", "dmarc-version-syntax",
                                         "dmarc-separator", "dmarc-p-missing", "dmarc-p-invalid" };
    const char *recorded = dt_case_recorded_verdict(view->subject);
    const dt_recorded *field = recorded_dmarc_field(view);
    if (!recorded || !field ||
        (!dt_text_equal(recorded, "permerror") && !dt_text_equal(recorded, "perm_error")) ||
        !is_microsoft(field))
        return DT_ABSENT;
    for (guint i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (!dt_view_found(view, roots[i]))
            continue;
        dt_bind(finding, "root", roots[i]);
        dt_explain_recorded(view, "dmarc", "dmarc-permerror-ms");
        dt_evidence_recorded(view, finding, "dmarc", -1);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static const dt_cause cause_permerror_ms = {
    .code = "dmarc-permerror-ms",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_permerror_ms,
    .title = "Microsoft's permerror means that it could not use the record",
    .explanation = "Microsoft recorded dmarc=permerror: it found something at the _dmarc name that "
                   "it could not use. {root} says what it is.",
    .recognised = "Authentication-Results of Microsoft say dmarc=permerror. It stands for a faulty "
                  "record or for several of them, where other "
                  "receivers say none.",
    .remedy = "Mend the record as the cause beside it says.",
    .reference = "RFC 8601 section 2.7.7; RFC 9989 section 4.10",
};

/* ---- dmarc-temperror: DNS failed ----------------------------------------------------------- */

static const char temperror_record_text[] =
    "The receiver recorded dmarc=temperror: it could not get an answer for a _dmarc name then. The "
    "names are answered now, so this was a passing "
    "failure.";

static gboolean
is_temporary(const char *word)
{
    static const char *const words[] = { "temperror", "temp_error", "temp_fail", "timeout",
                                         "error" };
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (dt_text_equal(word, words[i]))
            return TRUE;
    return FALSE;
}

/* Did SPF or DKIM fail temporarily at the receiver? Then its DMARC temperror came from there. */
static gboolean
mechanism_failed_on_record(const dt_view *view)
{
    for (guint i = 0; i < view->subject->agreement->len; i++) {
        const dt_agreement *agreement = view->subject->agreement->pdata[i];
        if (strcmp(agreement->method, "dmarc") != 0 && is_temporary(agreement->recorded))
            return TRUE;
    }
    return FALSE;
}

static dt_certainty
recognise_temperror_recorded(dt_view *view, dt_finding *finding)
{
    const char *recorded = view->subject->message ? dt_case_recorded_verdict(view->subject) : NULL;
    if (!recorded || !is_temporary(recorded) || mechanism_failed_on_record(view))
        return DT_ABSENT;
    dt_set_weight(finding, DT_WEIGHT_RISK);
    dt_set_explanation(finding, temperror_record_text);
    dt_explain_recorded(view, "dmarc", "dmarc-temperror");
    dt_bindf(finding, "question", "_dmarc.%s",
             view->policy_domain ? view->policy_domain : view->author);
    dt_bindf(finding, "asked", "_dmarc.%s",
             view->policy_domain ? view->policy_domain : view->author);
    dt_evidence_recorded(view, finding, "dmarc", -1);
    return DT_CERTAIN;
}

static dt_certainty
recognise_temperror(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (dmarc->result != DT_VERDICT_TEMPERROR)
        return recognise_temperror_recorded(view, finding);
    const dt_answer *failed = dmarc->failed;
    if (!failed || (failed->status != DT_DNS_SERVFAIL && failed->status != DT_DNS_TIMEOUT) ||
        !dt_text_has_prefix(failed->name, "_dmarc."))
        return DT_ABSENT;
    dt_bindf(finding, "question", "%s %s", failed->name, dt_rr_type_word(failed->type));
    dt_bind(finding, "asked", failed->name);
    dt_evidence_answer(finding, failed, NULL);
    return DT_CERTAIN;
}

static const dt_cause cause_temperror = {
    .code = "dmarc-temperror",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_TRANSIENT,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_temperror,
    .mend = dt_mend_name_servers,
    .title = "The DMARC record could not be looked up: DNS failed",
    .explanation = "The question {question} was not answered. Whether DMARC applies and what "
                   "counts as aligned cannot be told then: neither pass nor "
                   "fail, but a temporary error.",
    .recognised = "Receivers record dmarc=temperror, and `dig TXT` of a _dmarc name on the way up "
                  "the tree ends in SERVFAIL or in no answer. One of "
                  "several name servers may be at fault, so that it comes and goes.",
    .remedy = "Bring all name servers of the zone to answer, then send the message again.",
    .reference = "RFC 9989 section 5.3.6",
};

/* ---- dmarc-sp-np: the policy of a subdomain is another one --------------------------------- */

static dt_certainty
recognise_sp_np(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (!dmarc->record || dmarc->record->counts_as_none ||
        strcmp(dmarc->policy_domain, view->author) == 0 || !dmarc->applied_tag ||
        strcmp(dmarc->applied_tag, "p") == 0 || dmarc->policy == dmarc->record->p)
        return DT_ABSENT;
    const char *policy = dt_policy_word(dmarc->policy), *p = dt_policy_word(dmarc->record->p);
    g_autofree char *mark = g_strdup_printf("%s=%s", dmarc->applied_tag, policy);
    dt_bind(finding, "tag", mark);
    dt_bind(finding, "p", p);
    dt_bind(finding, "exists",
            strcmp(dmarc->applied_tag, "np") == 0 ? "does not exist in DNS"
                                                  : "has no record of its own");
    dt_evidence_answer(finding, dt_view_ask_below(view, "_dmarc", dmarc->policy_domain, DT_RR_TXT),
                       mark);
    return DT_CERTAIN;
}

static void
mend_sp_np(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Nothing, if that is meant. Else set sp= in the record of {P}, or publish a record "
               "at _dmarc.{D}",
               NULL);
    dt_fix_optional(finding);
}

static const dt_cause cause_sp_np = {
    .code = "dmarc-sp-np",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_sp_np,
    .mend = mend_sp_np,
    .title = "Subdomains have a policy of their own",
    .explanation =
        "{D} {exists}, so the record of {P} applies, and for it {tag} counts and not p={p}.",
    .recognised = "The From domain is a subdomain without a DMARC record, and the record above it "
                  "has sp= (for subdomains) or np= (for names that "
                  "do not exist) with another value than p=.",
    .remedy = "Set sp= and np= as you mean them.",
    .reference = "RFC 9989 section 4.7",
};

/* ---- dmarc-pct-t: the policy is softened --------------------------------------------------- */

static dt_certainty
recognise_pct_t(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_record *record = view->subject->dmarc->record;
    if (!record || (record->pct >= 100 && !record->is_testing))
        return DT_ABSENT;
    g_autofree char *pct = record->pct < 100 ? g_strdup_printf("pct=%d", record->pct) : NULL;
    g_autofree char *tags = pct && record->is_testing ? g_strconcat(pct, " and t=y", NULL)
                                                      : g_strdup(pct ? pct : "t=y");
    dt_bind(finding, "tags", tags);
    dt_evidence_answer(finding, dt_view_ask_below(view, "_dmarc", view->policy_domain, DT_RR_TXT),
                       pct ? pct : "t=y");
    return DT_CERTAIN;
}

static void
mend_pct_t(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "When the reports are clean, take {tags} out of the record of {P}", NULL);
    dt_fix_optional(finding);
}

static const dt_cause cause_pct_t = {
    .code = "dmarc-pct-t",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_pct_t,
    .mend = mend_pct_t,
    .title = "The policy is softened, the verdict is not",
    .explanation =
        "The record of {P} has {tags}, which makes receivers milder towards mail that fails; "
        "whether mail passes is not touched. pct counts "
        "only for receivers that follow RFC 7489, t only for those that follow RFC 9989.",
    .recognised = "The DMARC record has pct= below 100, or t=y. Mail that fails is then handled "
                  "one step softer, by some receivers and for some of it.",
    .remedy = "Take the tag out when all your mail passes.",
    .reference = "RFC 9989 section 4.7; RFC 7489 section 6.3",
};

/* ---- dmarc-p-none-stage: passing, not protected -------------------------------------------- */

static dt_certainty
recognise_p_none(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    gboolean is_pass = !view->subject->message || dmarc->result == DT_VERDICT_PASS;
    if (!is_pass || !dmarc->record || dmarc->policy != DT_POLICY_NONE ||
        dmarc->record->counts_as_none || view->is_freemail)
        return DT_ABSENT;
    dt_evidence_policy(view, finding);
    return DT_CERTAIN;
}

static void
mend_p_none(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    g_autofree char *value = dt_dmarc_text_set(
        dmarc->record->text, dmarc->applied_tag ? dmarc->applied_tag : "p", "quarantine");
    g_autofree char *step =
        g_strdup_printf("After that, if no mail of yours fails: \"%s\" at _dmarc.%s, later reject",
                        value, dmarc->policy_domain);
    dt_bind(finding, "step", step);
    dt_fix_set(view, finding, DT_WHERE_DNS, "Read the reports (rua) for two to four weeks", NULL);
    dt_fix_optional(finding);
    dt_fix_set(view, finding, DT_WHERE_DNS, "{step}", NULL);
    dt_fix_optional(finding);
}

static const dt_cause cause_p_none = {
    .code = "dmarc-p-none-stage",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_p_none,
    .mend = mend_p_none,
    .title = "Passing, but not protected yet",
    .explanation = "The policy for {D} is none: receivers report mail that fails, and deliver it "
                   "as any other. Mail of others in your name is not "
                   "stopped by it.",
    .recognised = "The DMARC policy that applies is none (Gmail shows p=NONE). That is where "
                  "everybody starts, and no fault.",
    .remedy = "Optional: after two to four weeks of reports in which all your own mail passes, go "
              "on to p=quarantine, later to p=reject.",
    .reference = "RFC 9989 section 4.7",
};

/* ---- dmarc-policy-quarantine-reject: the failure has consequences -------------------------- */

static dt_certainty
recognise_policy(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (dmarc->result != DT_VERDICT_FAIL ||
        (dmarc->policy != DT_POLICY_QUARANTINE && dmarc->policy != DT_POLICY_REJECT))
        return DT_ABSENT;
    dt_bind(finding, "policy", dt_policy_word(dmarc->policy));
    dt_bind(finding, "asks",
            dmarc->policy == DT_POLICY_REJECT ? "refuse mail that fails"
                                              : "treat mail that fails as suspicious");
    dt_evidence_policy(view, finding);
    dt_evidence_recorded(view, finding, "dmarc", -1);
    /* Who saw it pass had no reason to act. */
    if (g_strcmp0(dt_case_recorded_verdict(view->subject), "pass") == 0)
        dt_set_explanation(
            finding,
            "The policy for {D} is {policy}: receivers are asked to {asks}. This receiver "
            "recorded a pass and had no reason to; one that sees what is evaluated here would.");
    return DT_CERTAIN;
}

static const dt_cause cause_policy = {
    .code = "dmarc-policy-quarantine-reject",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_policy,
    .title = "Mail that fails may be refused or put aside",
    .explanation = "The policy for {D} is {policy}: receivers are asked to {asks}. This message "
                   "may therefore have been refused or put into the spam folder.",
    .recognised = "DMARC fails, and the policy that applies is quarantine or reject. Microsoft "
                  "shows action=quarantine or action=oreject, Gmail dis=QUARANTINE "
                  "or dis=REJECT.",
    .remedy = "Mend what keeps the message from passing; the policy itself is as it should be.",
    .reference = "RFC 9989 sections 4.7 and 5.3",
};

const dt_cause *const dt_causes_dmarc[] = {
    &cause_none,
    &dt_cause_dmarc_wrong_name,
    &dt_cause_dmarc_multiple,
    &dt_cause_dmarc_version_syntax,
    &dt_cause_dmarc_p_missing,
    &dt_cause_dmarc_p_invalid,
    &dt_cause_dmarc_separator,
    &dt_cause_dmarc_wildcard_txt,
    &dt_cause_dmarc_cname_vendor,
    &dt_cause_dmarc_psd_n,
    &dt_cause_dmarc_psl_walk,
    &cause_temperror,
    &dt_cause_dmarc_rua_external,
    &dt_cause_dmarc_rua_syntax,
    &cause_policy,
    &cause_sp_np,
    &cause_pct_t,
    &cause_p_none,
    &cause_permerror_ms,
    NULL,
};
