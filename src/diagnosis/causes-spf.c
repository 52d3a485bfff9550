/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: SPF where its record is not at fault: the name it speaks for does not align (RFC
 * 9989 4.4), the message was forwarded, DNS failed, or the record says more or less than it should.
 * Faults in the record are the matter of causes-spf-record.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define MAX_INCLUDES 10

/* Relaxed alignment by the public suffix list, whatever a walk says. */
static gboolean
is_same_organization(const dt_view *view, const char *name)
{
    return strcmp(dt_name_psl_org_domain(view->author), dt_name_psl_org_domain(name)) == 0;
}

/* ---- spf-plus-all: anybody passes ---------------------------------------------------------- */

/* The term that lets everybody pass, in the record at name or in one that it includes; whose record
 * in *name_out. */
static char *
find_open_all(dt_view *view, const char *name, guint *budget, char **name_out)
{
    g_autoptr(dt_spf_record) record = NULL;
    if (*budget == 0 || dt_view_spf_records(view, name, &record) != 1 || !record->is_valid)
        return NULL;
    (*budget)--;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (term->kind == DT_TERM_ALL) {
            if (term->qualifier != '+')
                return NULL;
            *name_out = g_strdup(name);
            return g_strdup(term->text);
        }
        if (term->kind != DT_TERM_INCLUDE || term->qualifier != '+')
            continue;
        g_autofree char *target = dt_name_from_mail(term->target);
        char *found = target && !dt_ses_is_amazon_name(target)
                          ? find_open_all(view, target, budget, name_out)
                          : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static dt_certainty
recognise_plus_all(dt_view *view, dt_finding *finding)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!dt_spf_subject_open(view, &subject) || subject.spf->result != DT_SPF_PASS)
        return DT_ABSENT;
    guint budget = MAX_INCLUDES;
    g_autofree char *where = NULL;
    g_autofree char *term = find_open_all(view, subject.name, &budget, &where);
    if (!term)
        return DT_ABSENT;
    dt_bind(finding, "where", where);
    dt_bind(finding, "term", term);
    dt_bind(finding, "E", subject.name);
    dt_evidence_answer(finding, dt_view_ask(view, where, DT_RR_TXT), term);
    return DT_CERTAIN;
}

static void
mend_plus_all(dt_view *view, dt_finding *finding)
{
    g_auto(dt_spf_subject) subject = { 0 };
    const char *where = g_hash_table_lookup(finding->bindings, "where");
    if (!dt_spf_subject_open(view, &subject))
        return;
    if (strcmp(where, subject.name) != 0) {
        dt_fix_set(view, finding, DT_WHERE_DNS,
                   "Take the include that leads to {where} out of the record of {E}, or have "
                   "{where} end its record with ~all",
                   NULL);
        return;
    }
    g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(subject.spf->record);
    dt_spf_draft_close_all(draft);
    g_autofree char *value = dt_spf_draft_text(draft);
    if (dt_spf_subject_try(view, &subject, value) != DT_SPF_PASS) {
        dt_spf_draft_add(draft, DT_SES_INCLUDE);
        g_free(value);
        value = dt_spf_draft_text(draft);
    }
    dt_spf_subject_fix(view, finding, &subject, value,
                       "The same record, open to its own senders only");
}

static const dt_cause cause_plus_all = {
    .code = "spf-plus-all",
    .weight = DT_WEIGHT_RISK,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_plus_all,
    .mend = mend_plus_all,
    .title = "The SPF record lets every host on the Internet pass",
    .explanation = "The record of {where} has {term}, which means: whoever sends, pass. Anybody "
                   "can use {E} as envelope domain and get an "
                   "SPF pass that is aligned with {D}, so the pass is worth nothing.",
    .recognised = "The TXT record of the MAIL FROM domain, or one that it includes, ends in +all "
                  "or in a bare all (which means the same). SPF "
                  "passes for SES, but it would pass for any other host too, and with it DMARC.",
    .remedy = "End the record with ~all, after the terms of those who do send.",
    .reference = "RFC 7208 section 5.1",
};

/* ---- spf-tilde-vs-dash: softfail and fail are the same to DMARC ---------------------------- */

static dt_certainty
recognise_tilde(dt_view *view, dt_finding *finding)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!dt_spf_subject_open(view, &subject) || !subject.spf->mechanism || !view->subject->message)
        return DT_ABSENT;
    const char *term = subject.spf->mechanism;
    gboolean is_refusal =
        subject.spf->result == DT_SPF_SOFTFAIL || subject.spf->result == DT_SPF_FAIL;
    if (!is_refusal || !dt_text_equal(term + (strchr("+-~?", *term) != NULL), "all"))
        return DT_ABSENT;
    dt_bind(finding, "term", term);
    dt_bind(finding, "result", dt_spf_result_word(subject.spf->result));
    dt_evidence_answer(finding, dt_view_ask(view, subject.name, DT_RR_TXT), term);
    return DT_CERTAIN;
}

static void
mend_tilde(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Nothing for DMARC. End the record of {E} with ~all rather than -all", NULL);
    dt_fix_optional(finding);
}

static const dt_cause cause_tilde = {
    .code = "spf-tilde-vs-dash",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR | DT_NEEDS_SPF,
    .recognise = recognise_tilde,
    .mend = mend_tilde,
    .title = "~all and -all are the same to DMARC",
    .explanation = "{term} decided the result {result}. For DMARC it makes no difference whether "
                   "that is softfail or fail, since only pass "
                   "counts; but with -all some receivers refuse the message before they look at "
                   "DKIM and DMARC.",
    .recognised = "Receivers record spf=softfail or spf=fail, and the trace shows that no sender "
                  "in the record matched, so its `all` decided. "
                  "Whether it is ~all or -all is no reason for or against dmarc=pass.",
    .remedy = "Mend what keeps the sender from matching. Keep ~all at the MAIL FROM domain.",
    .reference = "RFC 7208 section 8; RFC 9989 section 4.4",
};

/* ---- spf-align-strict: aspf=s can never be met by SES -------------------------------------- */

/* In `domain`: does DKIM stand, so that SPF is not needed? */
static gboolean
domain_has_dkim(const dt_view *view)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault != DT_SELECTOR_OK && state->fault != DT_SELECTOR_TXT_COPY)
            return FALSE;
    }
    return view->tokens->len > 0;
}

static dt_certainty
recognise_align_strict(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_record *record = view->subject->dmarc->record;
    g_auto(dt_spf_subject) subject = { 0 };
    if (!record || !record->aspf_strict || !dt_spf_subject_open(view, &subject) ||
        subject.spf->result != DT_SPF_PASS || strcmp(subject.name, view->author) == 0)
        return DT_ABSENT;
    if (!view->subject->message)
        dt_set_weight(finding, domain_has_dkim(view) ? DT_WEIGHT_NOTE : DT_WEIGHT_BLOCKS);
    dt_bind(finding, "E", subject.name);
    if (view->subject->message)
        dt_evidence_envelope(view, finding);
    dt_evidence_answer(finding, dt_view_ask_below(view, "_dmarc", view->policy_domain, DT_RR_TXT),
                       "aspf=s");
    return DT_CERTAIN;
}

static void
mend_align_strict(dt_view *view, dt_finding *finding)
{
    static const char *const tags[] = { "aspf", NULL };
    g_autofree char *value = dt_dmarc_text_without(view->subject->dmarc->record->text, tags);
    dt_fix_dmarc_record(view, finding, view->policy_domain, value,
                        "The same record without aspf=s, so that relaxed alignment applies");
    if (!view->subject->message)
        finding->mail_from_domain = g_strdup(view->mail_from);
}

static const dt_cause cause_align_strict = {
    .code = "spf-align-strict",
    .weight = DT_WEIGHT_BLOCKS_WITHOUT_DKIM,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_align_strict,
    .mend = mend_align_strict,
    .title = "aspf=s asks for something that SES cannot do",
    .explanation = "SPF passes for {E}, which belongs to {O}, but the DMARC record of {P} says "
                   "aspf=s: the envelope domain must be exactly "
                   "{D}. SES uses a subdomain as custom MAIL FROM domain by rule, so SPF can never "
                   "align strictly.",
    .recognised = "SPF is pass for your own MAIL FROM domain, DMARC counts it as not aligned, and "
                  "the record at _dmarc says aspf=s. Strict "
                  "alignment compares the names letter by letter, and the MAIL FROM domain of SES "
                  "is always a subdomain of the identity.",
    .remedy = "Publish the DMARC record without aspf (or with aspf=r). With an aligned DKIM "
              "signature the message passes all the same.",
    .reference = "RFC 9989 sections 4.4 and 4.7",
};

/* ---- spf-other-domain: SPF passes for somebody else's name --------------------------------- */

static dt_certainty
recognise_other_domain(dt_view *view, dt_finding *finding)
{
    const dt_identifier *identifier = view->subject->spf_identifier;
    if (!identifier || view->subject->spf->result != DT_SPF_PASS || !view->envelope ||
        view->is_envelope_amazon || view->is_forwarded || (view->is_ses && view->is_freemail))
        return DT_ABSENT;
    /* Names that only the walk holds apart are the matter of the record that does it. */
    if (identifier->aligned != DT_TERNARY_FALSE || identifier->alignment != DT_ALIGNMENT_NONE ||
        is_same_organization(view, view->envelope))
        return DT_ABSENT;
    dt_bind(finding, "envelope_org", dt_name_psl_org_domain(view->envelope));
    dt_evidence_envelope(view, finding);
    dt_evidence_computed(finding, "alignment", "%s belongs to %s, %s to %s", view->envelope,
                         dt_name_psl_org_domain(view->envelope), view->author, view->org);
    return DT_CERTAIN;
}

static void
mend_other_domain(dt_view *view, dt_finding *finding)
{
    if (!view->is_ses) {
        dt_fix_set(view, finding, DT_WHERE_SENDER,
                   "Ask the service that sends this mail for an envelope domain (return path, "
                   "bounce domain) below {D}",
                   NULL);
        return;
    }
    g_autofree char *mail_from = dt_view_mail_from_for_fix(view);
    dt_fix_mail_from(view, finding, mail_from);
}

static const dt_cause cause_other_domain = {
    .code = "spf-other-domain",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR | DT_NEEDS_SPF,
    .recognise = recognise_other_domain,
    .mend = mend_other_domain,
    .title = "SPF passes for another organization's domain",
    .explanation = "SPF passes, but for the envelope domain {E}, which belongs to {envelope_org} "
                   "and not to {O}. A pass in somebody else's "
                   "name does not count for DMARC.",
    .recognised = "Return-Path and Gmail's mailed-by show a domain that is neither Amazon's nor "
                  "yours, and SPF passes for it. It is the MAIL "
                  "FROM domain of another identity of the same SES account, or the bounce domain "
                  "of another sending service.",
    .remedy = "Set up a custom MAIL FROM domain below your own domain for the identity that sends, "
              "or have the other service do the same.",
    .reference = "RFC 9989 section 4.4",
};

/* ---- spf-helo-only: SPF was judged for the name of the host -------------------------------- */

static const char helo_on_record_text[] =
    "The only SPF pass on record is one for the HELO name {helo}, a name of the sending host. A "
    "HELO check never counts for DMARC, and the "
    "envelope sender is not known here.";

/* A believed pass for the HELO name, and none for an envelope sender. */
static const dt_recorded *
helo_pass_on_record(const dt_view *view)
{
    const GPtrArray *recorded = dt_message_recorded(view->subject->message);
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *field = recorded->pdata[i];
        if (view->subject->boundary->trust[i] == DT_TRUST_NONE || field->header == DT_HEADER_AAR)
            continue;
        for (guint k = 0; k < field->results->len; k++) {
            const dt_recorded_result *result = field->results->pdata[k];
            if (strcmp(result->method, "spf") == 0 && strcmp(result->result, "pass") == 0 &&
                (dt_recorded_property(result, "smtp.helo") ||
                 dt_text_equal(dt_recorded_property(result, "identity"), "helo")))
                return field;
        }
    }
    return NULL;
}

static dt_certainty
recognise_helo_only(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    if (view->is_forwarded || dt_view_spf_aligned(view))
        return DT_ABSENT;
    if (subject->spf->result != DT_SPF_NOT_EVALUATED && subject->spf->is_helo) {
        dt_bind(finding, "helo_domain",
                subject->spf->domain ? subject->spf->domain : "the HELO name");
        dt_evidence_envelope(view, finding);
        dt_evidence_computed(finding, "SPF", "%s for postmaster@%s",
                             dt_spf_result_word(subject->spf->result),
                             subject->spf->domain ? subject->spf->domain : "an unknown name");
        return DT_CERTAIN;
    }
    if (subject->spf->result != DT_SPF_NOT_EVALUATED || subject->inputs->mail_from ||
        dt_case_recorded_spf(subject))
        return DT_ABSENT;
    const dt_recorded *field = helo_pass_on_record(view);
    if (!field)
        return DT_ABSENT;
    dt_set_explanation(finding, helo_on_record_text);
    dt_evidence_field(finding, field->field, "spf=pass");
    return DT_CERTAIN;
}

static void
mend_helo_only(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Nothing for SPF: bounces and automatic replies have no envelope sender. Sign them "
               "with DKIM as {D}, which holds for them too",
               NULL);
    dt_no_proof(view, finding,
                "no record or setting changes what SPF says of mail without an envelope sender");
}

static const char *const helo_explains[] = { "ses-mailfrom-default", NULL };

static const dt_cause cause_helo_only = {
    .code = "spf-helo-only",
    .weight = DT_WEIGHT_BLOCKS_WITHOUT_DKIM,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_helo_only,
    .mend = mend_helo_only,
    .explains = helo_explains,
    .title = "The envelope sender is empty, so SPF speaks for the host",
    .explanation = "The message has a null envelope sender (<>), as bounces and automatic replies "
                   "have. SPF is then judged for "
                   "postmaster@{helo_domain}, the name of Amazon's host, which does not belong to "
                   "{D}; no MAIL FROM setting can change that.",
    .recognised = "Return-Path is <>, or the only spf=pass on record is one with smtp.helo "
                  "(identity=helo). SPF then checks the name that the "
                  "host gave in HELO, something like a9-46.smtp-out.amazonses.com. A separate HELO "
                  "check never counts for DMARC.",
    .remedy =
        "SPF cannot align on such mail. Sign with DKIM as the From domain (Easy DKIM), which does.",
    .reference = "RFC 7208 section 2.4; RFC 9989 section 4.4",
};

/* ---- spf-forwarded: another host handed the message on ------------------------------------- */

static dt_certainty
recognise_forwarded(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    if (!view->is_forwarded || dt_view_spf_aligned(view))
        return DT_ABSENT;
    const GPtrArray *hops = dt_message_hops(subject->message);
    gint boundary = subject->boundary->hop;
    const char *sent_from =
        subject->ses->outgoing_ip ? subject->ses->outgoing_ip : "an address of SES";
    dt_bind(finding, "sent_from", sent_from);
    const char *word = dt_spf_result_word(subject->spf->result);
    dt_bind(finding, "result", word ? word : "not evaluated");
    dt_bind(finding, "spf_domain",
            subject->spf->domain ? subject->spf->domain : "the envelope domain");
    dt_evidence_outgoing(view, finding);
    if (boundary >= 0 && (guint)boundary < hops->len)
        dt_evidence_field(finding, ((const dt_hop *)hops->pdata[boundary])->field,
                          subject->inputs->ip);
    dt_evidence_computed(
        finding, "boundary", "the receiver took the message from %s, SES %s it from %s",
        subject->inputs->ip, subject->is_ses_unproven ? "would have sent" : "had sent", sent_from);
    if (!subject->is_ses_unproven)
        return DT_CERTAIN;
    dt_set_explanation(
        finding,
        "By its header fields SES sent the message from {sent_from}, but the receiver took it "
        "from {ip}, which is no address of SES. Either a host forwarded it, or that host wrote "
        "those fields itself: no valid signature is left to tell. SPF checks that host "
        "({result} for {spf_domain}) and says nothing about {D}.");
    g_autofree char *ip = dt_text_shell_quote(subject->inputs->ip);
    dt_check_command(finding, g_strdup_printf("dig +short -x %s", ip));
    return DT_POSSIBLE;
}

static void
mend_forwarded(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_RECEIVER,
               "Nothing for SPF: no record of the sender can name every forwarder. An aligned DKIM "
               "signature survives plain forwarding",
               NULL);
    dt_no_proof(view, finding,
                "no record or setting of the sender changes what SPF says of a forwarder");
}

static const char *const forwarded_explains[] = {
    "ses-mailfrom-default", "ses-mailfrom-fallback", "spf-other-domain",
    "spf-helo-only",        "spf-temperror",         NULL,
};

static const dt_cause cause_forwarded = {
    .code = "spf-forwarded",
    .weight = DT_WEIGHT_BLOCKS_WITHOUT_DKIM,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_forwarded,
    .mend = mend_forwarded,
    .explains = forwarded_explains,
    .title = "The message was forwarded, so SPF speaks for the forwarder",
    .explanation = "SES sent the message from {sent_from}, but the receiver took it from {ip}: "
                   "another host forwarded it. SPF checks that "
                   "host ({result} for {spf_domain}), as it must, and says nothing about {D}.",
    .recognised = "The address that the receiver took the message from is not the one in "
                  "X-SES-Outgoing, and there are Received lines of a "
                  "forwarder or mailing list between SES and the receiver. SPF then fails, is "
                  "none, or passes for the forwarder's domain. It "
                  "is not a fault in the sender's records.",
    .remedy = "Nothing can be mended for SPF. Have the message signed with DKIM as the From "
              "domain; a forwarder that does not change it keeps "
              "the signature valid.",
    .reference = "RFC 7208 appendix D; RFC 7960 section 3",
};

/* ---- spf-root-include-unused: an include that does nothing for this mail ------------------- */

static char *
envelope_domain(const dt_view *view)
{
    const char *mail_from = view->subject->inputs->mail_from;
    const char *at = mail_from ? strrchr(mail_from, '@') : NULL;
    return at ? dt_name_from_mail(at + 1) : NULL;
}

static gboolean
is_root(const dt_view *view, const char *name)
{
    return name && (strcmp(name, view->author) == 0 || strcmp(name, view->org) == 0);
}

static dt_certainty
recognise_root_unused(dt_view *view, dt_finding *finding)
{
    g_autofree char *envelope = envelope_domain(view);
    if (view->is_forwarded || !view->subject->inputs->mail_from || is_root(view, envelope) ||
        is_root(view, view->mail_from) || dt_view_found(view, "spf-root-only"))
        return DT_ABSENT;
    const char *root = dt_spf_root_with_ses(view);
    if (!root)
        return DT_ABSENT;
    dt_bind(finding, "root", root);
    dt_bind(finding, "seen", envelope ? envelope : "empty (<>)");
    dt_evidence_envelope(view, finding);
    dt_evidence_answer(finding, dt_view_ask(view, root, DT_RR_TXT), DT_SES_INCLUDE);
    return DT_CERTAIN;
}

static void
mend_root_unused(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Nothing needed. The include may go if nothing else sends with {root} as envelope "
               "domain through SES; it saves one lookup",
               NULL);
    dt_fix_optional(finding);
}

static const dt_cause cause_root_unused = {
    .code = "spf-root-include-unused",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_root_unused,
    .mend = mend_root_unused,
    .title = "The SES include at the root does nothing for this mail",
    .explanation = "The SPF record of {root} includes amazonses.com, but the envelope domain of "
                   "this mail is {seen}. SPF asks the envelope "
                   "domain only, so that include is neither used nor needed here.",
    .recognised = "include:amazonses.com stands in the SPF record of the From domain or of its "
                  "organizational domain, while Return-Path shows "
                  "amazonses.com, the custom MAIL FROM domain or another name. Many guides ask for "
                  "this include; SES never uses the root of a "
                  "domain as envelope domain.",
    .remedy = "None needed. It may be taken out if nothing else depends on it.",
    .reference = "RFC 7208 section 2.4",
};

/* ---- spf-temperror: DNS failed ------------------------------------------------------------- */

static const char temperror_record_text[] =
    "The receiver recorded that it could not finish the SPF check (temperror): a name server did "
    "not answer it then. The same questions are "
    "answered now, so this was a passing failure.";

static gboolean
would_align(const dt_view *view)
{
    const dt_identifier *identifier = view->subject->spf_identifier;
    return identifier && identifier->names_aligned != DT_TERNARY_FALSE;
}

static dt_certainty
recognise_temperror_recorded(dt_view *view, dt_finding *finding)
{
    const dt_recorded_result *recorded = dt_case_recorded_spf(view->subject);
    if (!recorded || (!dt_text_equal(recorded->result, "temperror") &&
                      !dt_text_equal(recorded->result, "error")))
        return DT_ABSENT;
    dt_set_weight(finding, DT_WEIGHT_RISK);
    dt_set_explanation(finding, temperror_record_text);
    dt_explain_recorded(view, "spf", "spf-temperror");
    dt_bind(finding, "question", view->subject->spf->domain);
    dt_bind(finding, "asked", view->subject->spf->domain);
    dt_evidence_recorded(view, finding, "spf", -1);
    return DT_CERTAIN;
}

static dt_certainty
recognise_temperror(dt_view *view, dt_finding *finding)
{
    const dt_spf *spf = view->subject->spf;
    g_auto(dt_spf_subject) subject = { 0 };
    if (!view->subject->message)
        spf = dt_spf_subject_open(view, &subject) ? subject.spf : NULL;
    else if (view->is_forwarded || !would_align(view))
        return DT_ABSENT;
    if (!spf || spf->result == DT_SPF_NOT_EVALUATED)
        return DT_ABSENT;
    if (spf->result != DT_SPF_TEMPERROR)
        return view->subject->message ? recognise_temperror_recorded(view, finding) : DT_ABSENT;
    const dt_answer *failed = dt_view_failed_answer(view, spf->fault_domain);
    if (!failed)
        return DT_ABSENT;
    dt_bindf(finding, "question", "%s %s", failed->name, dt_rr_type_word(failed->type));
    dt_bind(finding, "asked", failed->name);
    dt_evidence_answer(finding, failed, NULL);
    dt_evidence_computed(finding, "SPF", "%s", spf->fault_text);
    return DT_CERTAIN;
}

static const dt_cause cause_temperror = {
    .code = "spf-temperror",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_TRANSIENT,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_temperror,
    .mend = dt_mend_name_servers,
    .title = "SPF could not be checked: DNS failed",
    .explanation = "The question {question}, which SPF needs, was not answered. That is a "
                   "temporary error: SPF is neither pass nor fail, and "
                   "the receiver may try again later.",
    .recognised = "Receivers record spf=temperror, and a question for the SPF record or for a name "
                  "in it ends in SERVFAIL or in no answer. One "
                  "of several name servers may be at fault, so that it comes and goes. Ask each "
                  "name server of the zone with `dig @SERVER`.",
    .remedy = "Bring all name servers of the zone to answer (delegation, DNSSEC, firewall, size of "
              "the answer), then send the message again.",
    .reference = "RFC 7208 section 2.6.6; RFC 9989 section 5.3.6",
};

const dt_cause *const dt_causes_spf[] = {
    &cause_helo_only,
    &cause_forwarded,
    &cause_other_domain,
    &dt_cause_spf_mailfrom_none,
    &dt_cause_spf_root_only,
    &dt_cause_spf_no_ses_include,
    &dt_cause_spf_include_after_all,
    &dt_cause_spf_include_typo,
    &dt_cause_spf_damaged,
    &dt_cause_spf_multiple,
    &dt_cause_spf_lookup_limit,
    &dt_cause_spf_void_limit,
    &dt_cause_spf_redirect_with_all,
    &dt_cause_spf_flattened_stale,
    &dt_cause_spf_byoip_not_covered,
    &cause_align_strict,
    &cause_plus_all,
    &cause_temperror,
    &cause_tilde,
    &cause_root_unused,
    NULL,
};
