/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: what a delivery report says about authentication (RFC 3464, RFC 7372 and the codes of
 * large receivers). The report tells what the receiver answered; why is said by the causes of the
 * returned message.
 */
#include "diagnosis/cause.h"

#include "base/text.h"

#include <string.h>

typedef enum { ANSWER_NONE = 0, ANSWER_DMARC, ANSWER_AUTHENTICATION } answer_kind;

/* Enhanced status codes that mean authentication as such, whatever the text says; the class digit
 * is left out. */
static const struct {
    const char *status;
    answer_kind kind;
} statuses[] = {
    { ".7.509", ANSWER_DMARC },          /* Microsoft: the policy of the domain */
    { ".7.515", ANSWER_AUTHENTICATION }, /* Microsoft: SPF, DKIM and DMARC wanted of large senders
                                          */
    { ".7.20", ANSWER_AUTHENTICATION },  /* RFC 7372: no passing DKIM signature */
    { ".7.21", ANSWER_AUTHENTICATION },  { ".7.22", ANSWER_AUTHENTICATION },
    { ".7.23", ANSWER_AUTHENTICATION }, /* RFC 7372: SPF failed */
    { ".7.24", ANSWER_AUTHENTICATION },  { ".7.27", ANSWER_AUTHENTICATION }, /* Gmail: SPF */
    { ".7.30", ANSWER_AUTHENTICATION },                                      /* Gmail: DKIM */
    { ".7.32", ANSWER_AUTHENTICATION }, /* Gmail: neither aligns */
    { ".7.40", ANSWER_AUTHENTICATION }, /* Gmail: no DMARC record */
};

/* Words that a receiver writes, in this order. */
static const struct {
    const char *status; /* NULL: any */
    const char *word;
    answer_kind kind;
} texts[] = {
    { NULL, "sender is unauthenticated", ANSWER_AUTHENTICATION },
    { NULL, "required authentication level", ANSWER_AUTHENTICATION },
    { NULL, "authenticate with at least one of", ANSWER_AUTHENTICATION },
    { NULL, "dmarc", ANSWER_DMARC },
    { ".7.9", "for policy reasons", ANSWER_DMARC }, /* Yahoo */
    { NULL, "unauthenticated", ANSWER_AUTHENTICATION },
    { NULL, "spf check failed", ANSWER_AUTHENTICATION },
    { NULL, "spf validation failed", ANSWER_AUTHENTICATION },
    { NULL, "spf fail", ANSWER_AUTHENTICATION },
    { NULL, "dkim fail", ANSWER_AUTHENTICATION },
    { NULL, "dkim check failed", ANSWER_AUTHENTICATION },
    { NULL, "email authentication", ANSWER_AUTHENTICATION },
};

/* Does the bounce carry the code, in its status or as a word of its text? */
static gboolean
has_status(const dt_bounce *bounce, const char *status)
{
    const char *found = bounce->status;
    if (found && (found[0] == '4' || found[0] == '5') && strcmp(found + 1, status) == 0)
        return TRUE;
    gsize length = strlen(status);
    for (const char *p = bounce->diagnostic ? strstr(bounce->diagnostic, status) : NULL; p;
         p = strstr(p + 1, status)) {
        gboolean is_class = p > bounce->diagnostic && (p[-1] == '4' || p[-1] == '5');
        gboolean is_whole = p - bounce->diagnostic < 2 || !g_ascii_isdigit(p[-2]);
        if (is_class && is_whole && !g_ascii_isdigit(p[length]))
            return TRUE;
    }
    return FALSE;
}

static answer_kind
classify(const dt_bounce *bounce)
{
    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (has_status(bounce, statuses[i].status))
            return statuses[i].kind;
    for (guint i = 0; bounce->diagnostic && i < G_N_ELEMENTS(texts); i++)
        if (dt_text_contains(bounce->diagnostic, texts[i].word) &&
            (!texts[i].status || has_status(bounce, texts[i].status)))
            return texts[i].kind;
    /* RFC 7372: several authentication checks failed. */
    return has_status(bounce, ".7.26") ? ANSWER_AUTHENTICATION : ANSWER_NONE;
}

/* The results that were computed, to be held against what the receiver wrote. */
static void
show_own_results(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    const char *spf = dt_spf_result_word(subject->spf->result);
    dt_evidence_computed(
        finding, "this evaluation", "spf %s (%s), dkim %s, dmarc=%s", spf ? spf : "not evaluated",
        dt_view_spf_aligned(view) ? "aligned" : "not aligned",
        dt_view_dkim_aligned(view) ? "pass, aligned" : "no aligned pass", dt_case_verdict(subject));
}

static dt_certainty
recognise(dt_view *view, dt_finding *finding, answer_kind kind)
{
    const dt_bounce *bounce = view->subject->bounce;
    if (!bounce || classify(bounce) != kind)
        return DT_ABSENT;
    dt_bind(finding, "status", bounce->status ? bounce->status : "no status code");
    dt_bind(finding, "recipient", bounce->recipient ? bounce->recipient : "the recipient");
    dt_evidence_computed(finding, "delivery report", "%s: %s",
                         bounce->status ? bounce->status : "no status",
                         bounce->diagnostic ? bounce->diagnostic : "no text");
    if (view->subject->outer)
        show_own_results(view, finding);
    return DT_CERTAIN;
}

/* ---- bounce-dmarc-rejected: refused by the DMARC rule -------------------------------------- */

static dt_certainty
recognise_dmarc_rejected(dt_view *view, dt_finding *finding)
{
    dt_certainty certainty = recognise(view, finding, ANSWER_DMARC);
    if (certainty == DT_ABSENT)
        return DT_ABSENT;
    if (!view->subject->outer)
        dt_set_explanation(finding, "The receiver refused a message for {recipient} by its DMARC "
                                    "rule ({status}). The report does not return that "
                                    "message, so nothing can be said about why; the verdict here "
                                    "is about the report itself.");
    else if (view->subject->dmarc->result == DT_VERDICT_PASS)
        dt_set_explanation(finding, "The receiver refused the message for {recipient} by its DMARC "
                                    "rule ({status}), but the returned message "
                                    "passes here. The receiver saw something else: a forwarded or "
                                    "changed copy, or other DNS answers at that "
                                    "hour.");
    return certainty;
}

static void
mend_rejected(dt_view *view, dt_finding *finding)
{
    gboolean passes = view->subject->outer && view->subject->dmarc->result == DT_VERDICT_PASS;
    if (!view->subject->outer)
        dt_fix_set(view, finding, DT_WHERE_FILE, "Analyse a copy of the message that was refused",
                   NULL);
    else if (passes)
        dt_fix_resend(view, finding,
                      "Send the message again; if it is refused again, ask the recipient whether "
                      "the address forwards");
    else
        dt_fix_resend(view, finding,
                      "Mend what the other causes name, then send the message again");
}

static const dt_cause bounce_dmarc_rejected = {
    .code = "bounce-dmarc-rejected",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_dmarc_rejected,
    .mend = mend_rejected,
    .title = "The receiver refused the message by its DMARC rule",
    .explanation = "The message for {recipient} was refused ({status}) because DMARC failed there "
                   "under a policy of quarantine or reject. The other "
                   "causes say why.",
    .recognised =
        "A delivery report whose status or text is a DMARC refusal: Gmail 5.7.26 (\"not accepted "
        "due to domain's DMARC policy\"), Microsoft "
        "5.7.509, Yahoo 5.7.9 (\"for policy reasons\"), 5.7.1 with \"DMARC\" of other servers.",
    .remedy = "That of the causes named beside it. Where the returned message passes here, look at "
              "forwarding at the recipient's side and at DNS at "
              "the time.",
    .reference = "RFC 3464; RFC 7372; RFC 9989 section 5.4",
};

/* ---- bounce-authentication-required: the receiver wants authentication as such ------------- */

static dt_certainty
recognise_authentication_required(dt_view *view, dt_finding *finding)
{
    dt_certainty certainty = recognise(view, finding, ANSWER_AUTHENTICATION);
    if (certainty == DT_ABSENT)
        return DT_ABSENT;
    if (!view->subject->outer)
        dt_set_explanation(finding, "The receiver refused a message for {recipient} because it was "
                                    "not authenticated ({status}). The report does not "
                                    "return that message, so nothing can be said about why.");
    else if (view->subject->dmarc->result == DT_VERDICT_PASS && dt_view_spf_aligned(view) &&
             dt_view_dkim_aligned(view))
        dt_set_explanation(finding, "The receiver refused the message for {recipient} as not "
                                    "authenticated ({status}), but SPF and DKIM both pass and "
                                    "align here. It saw something else: a forwarded or changed "
                                    "copy, or other DNS answers at that hour.");
    return certainty;
}

static const dt_cause bounce_authentication_required = {
    .code = "bounce-authentication-required",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_authentication_required,
    .mend = mend_rejected,
    .title = "The receiver refused the message as not authenticated",
    .explanation = "The message for {recipient} was refused ({status}): this receiver wants SPF or "
                   "DKIM to pass, or both with DMARC of large senders. "
                   "That may come even where DMARC passes by one of them, so the risks named here "
                   "are reasons too.",
    .recognised =
        "A delivery report that asks for authentication as such: Gmail 5.7.26 (\"the sender is "
        "unauthenticated\"), 5.7.27 (SPF), 5.7.30 "
        "(DKIM), Microsoft 5.7.515 (SPF, DKIM and DMARC of large senders), the codes of RFC 7372.",
    .remedy = "That of the causes named beside it; under 5.7.515 both SPF and DKIM must pass, so a "
              "risk of the second one is a reason as well.",
    .reference = "RFC 7372; Gmail and Outlook.com sender requirements",
};

const dt_cause *const dt_causes_bounce[] = { &bounce_dmarc_rejected,
                                             &bounce_authentication_required, NULL };
