/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the way of the message and what a receiver wrote on it: lists and forwarders, ARC (RFC
 * 8617), results that are believed or not (RFC 8601), Microsoft's ways, services on top of SES. All
 * are notes. Delivery reports are causes-bounce.c, answers that changed since are causes-since.c.
 */
#include "diagnosis/dkim-facts.h"

#include "base/text.h"

#include <string.h>

/* ---- list-or-forwarder: another host took the message from SES ----------------------------- */

static const dt_hop *
hop_at(const dt_view *view, gint index)
{
    const GPtrArray *hops = dt_message_hops(view->subject->message);
    return index >= 0 && (guint)index < hops->len ? hops->pdata[index] : NULL;
}

/* The hop that took it from SES lies below the boundary, and the boundary's client is no server of
 * SES. */
static gboolean
has_hop_between(const dt_view *view)
{
    const dt_case *subject = view->subject;
    const dt_hop *boundary = hop_at(view, subject->boundary->hop);
    if (!boundary || subject->ses->hop <= subject->boundary->hop || subject->ses->own_ip ||
        !subject->inputs->ip)
        return FALSE;
    if (boundary->from_helo && dt_ses_is_outbound_host(boundary->from_helo))
        return FALSE;
    return !dt_text_ip_is_private(subject->inputs->ip) &&
           !dt_ses_network_contains(subject->inputs->ip);
}

static dt_certainty
recognise_list_or_forwarder(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    if (!view->is_forwarded && !has_hop_between(view))
        return DT_ABSENT;
    const dt_hop *boundary = hop_at(view, subject->boundary->hop);
    const dt_hop *taken =
        subject->ses->hop > subject->boundary->hop ? hop_at(view, subject->ses->hop) : NULL;
    if (boundary)
        dt_evidence_field(finding, boundary->field, subject->inputs->ip);
    if (taken)
        dt_evidence_field(finding, taken->field, taken->from_ip);
    else if (subject->ses->outgoing_ip)
        dt_evidence_header(finding, subject->ses->outgoing_line, subject->ses->outgoing_ip, NULL);
    dt_bind(finding, "taker", taken && taken->by ? taken->by : "another host");
    dt_bind(finding, "outgoing", subject->ses->outgoing_ip);
    if (!subject->is_ses_unproven)
        return DT_CERTAIN;
    dt_set_explanation(
        finding, "Header fields that anyone can write say that {taker} took the message from SES. "
                 "The receiver got it from {ip}; no valid signature shows that SES ever had it.");
    return DT_POSSIBLE;
}

static const dt_cause list_or_forwarder = {
    .code = "list-or-forwarder",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES,
    .recognise = recognise_list_or_forwarder,
    .title = "The message came through a list or a forwarder",
    .explanation = "{taker} took the message from SES and passed it on; the receiver got it from "
                   "{ip}. SPF is judged for that host, and DKIM holds only "
                   "if it changed nothing.",
    .recognised = "The client at the boundary (where the recipient's system took the message) is "
                  "not SES, although the message carries SES's marks: "
                  "a Received line from smtp-out*.amazonses.com further down, X-SES-Outgoing with "
                  "another address, often List-Id or ARC "
                  "sets. List-Unsubscribe alone is normal for mail of SES.",
    .remedy = "Judge the set-up by a copy that was delivered directly, or by what the host that "
              "took it from SES recorded (ARC-Authentication-Results "
              "i=1). DKIM that survives carries the rest of the way.",
    .reference = "RFC 9989 section 8; RFC 8617 section 4",
};

/* ---- forwarded-as-attachment: the SES message is inside this one --------------------------- */

static dt_certainty
recognise_forwarded_as_attachment(dt_view *view, dt_finding *finding)
{
    dt_message *message = view->subject->message;
    const GPtrArray *attached = dt_message_attached(message);
    if (view->is_ses || view->subject->bounce)
        return DT_ABSENT;
    for (guint i = 0; i < MIN(attached->len, 10); i++) {
        const dt_attached *part = attached->pdata[i];
        g_autoptr(dt_message) inner = dt_message_read_attached(message, part->index, NULL);
        g_autoptr(dt_ses_facts) facts = inner ? dt_ses_facts_new(inner) : NULL;
        if (!facts || !facts->via_ses)
            continue;
        dt_bindf(finding, "index", "%u", part->index);
        dt_bind(finding, "inner", part->from_domain ? part->from_domain : "an unknown sender");
        dt_evidence_computed(finding, "attached message",
                             "number %u, from %s, carries marks of SES", part->index,
                             part->from_domain ? part->from_domain : "an unknown sender");
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_forwarded_as_attachment(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_FILE, "To analyse the attached message: --attached={index}",
               NULL);
}

static const dt_cause forwarded_as_attachment = {
    .code = "forwarded-as-attachment",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_forwarded_as_attachment,
    .mend = mend_forwarded_as_attachment,
    .title = "The message sent through SES is attached to this one",
    .explanation = "This is a message of a person who attached another one, from {inner}, that "
                   "came through SES. The verdict is about the outer "
                   "message.",
    .recognised = "The outer header has no mark of SES, and a message/rfc822 part has.",
    .remedy = "Use --attached (or --attached=N) to analyse the one inside.",
    .reference = "RFC 2046 section 5.2.1",
};

/* ---- arc-override: failed, and delivered by trust in the forwarder ------------------------- */

/* Microsoft writes it as a number, at the start of reason=. */
static gboolean
has_reason_130(const dt_recorded_result *result)
{
    const char *reason = result->reason ? result->reason : dt_recorded_property(result, "reason");
    return reason && strncmp(reason, "130", 3) == 0;
}

static gboolean
show_microsoft_override(dt_view *view, dt_finding *finding)
{
    const dt_recorded *field = NULL;
    const dt_recorded_result *result = dt_view_recorded(view, "compauth", 0, &field);
    if (!result || strcmp(result->result, "pass") != 0 || !has_reason_130(result))
        return FALSE;
    dt_evidence_field(finding, field->field, "reason=130");
    return TRUE;
}

static gboolean
show_recorded_arc(dt_view *view, dt_finding *finding)
{
    const dt_recorded *field = NULL;
    const dt_recorded_result *result = dt_view_recorded(view, "arc", 0, &field);
    if (!result || strcmp(result->result, "pass") != 0)
        return FALSE;
    dt_evidence_field(finding, field->field, "arc=pass");
    return TRUE;
}

static dt_certainty
recognise_arc_override(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    const char *recorded = dt_case_recorded_verdict(subject);
    if (subject->dmarc->result != DT_VERDICT_FAIL || (recorded && strcmp(recorded, "pass") == 0))
        return DT_ABSENT;
    gboolean is_said = show_microsoft_override(view, finding) || show_recorded_arc(view, finding);
    gboolean is_valid = subject->arc->result == DT_ARC_PASS;
    if (!is_said && !is_valid)
        return DT_ABSENT;
    const dt_arc_set *first = subject->arc->sets->len ? subject->arc->sets->pdata[0] : NULL;
    dt_bind(finding, "sealer", first && first->d ? first->d : "the forwarder");
    if (is_valid)
        dt_evidence_computed(
            finding, "ARC", "the chain of %u sets verifies; the first was sealed by %s",
            subject->arc->sets->len, first && first->d ? first->d : "an unknown host");
    if (first && first->recorded)
        dt_evidence_field(finding, first->recorded->field, NULL);
    if (!is_said)
        dt_set_explanation(finding,
                           "DMARC fails, and the ARC chain (results that forwarders seal and pass "
                           "on) verifies. A receiver that trusts "
                           "{sealer} may accept the message by it; that is no DMARC pass.");
    return is_said ? DT_CERTAIN : DT_POSSIBLE;
}

static void
mend_arc_override(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_RECEIVER,
               "Have the forwarder leave body and signed fields alone, so that DKIM survives and "
               "ARC is not needed",
               NULL);
    dt_fix_optional(finding);
}

static const dt_cause arc_override = {
    .code = "arc-override",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_arc_override,
    .mend = mend_arc_override,
    .title = "DMARC fails, and ARC spoke for the message",
    .explanation = "The receiver accepted the message although DMARC fails, since it trusts the "
                   "results that {sealer} sealed (ARC). That is no DMARC "
                   "pass, and another receiver may decide otherwise.",
    .recognised = "DMARC fails, and Microsoft recorded compauth=pass with reason=130, or another "
                  "receiver arc=pass, or the ARC chain verifies here.",
    .remedy = "Make DKIM survive the way: no changes by the list or forwarder, or a list that "
              "rewrites From.",
    .reference = "RFC 8617 section 7.2",
};

/* ---- no-result-recorded: the receiver wrote nothing that can be believed ------------------- */

static dt_certainty
recognise_no_result(dt_view *view, dt_finding *finding)
{
    if (dt_case_has_believed_results(view->subject))
        return DT_ABSENT;
    guint count = dt_message_recorded(view->subject->message)->len;
    if (count)
        dt_evidence_computed(finding, "recorded results",
                             "%u fields with results, none of them known to be the receiver's",
                             count);
    else
        dt_evidence_computed(finding, "recorded results",
                             "no Authentication-Results and no Received-SPF field");
    return DT_CERTAIN;
}

static const dt_cause no_result_recorded = {
    .code = "no-result-recorded",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_no_result,
    .title = "The receiver recorded no result",
    .explanation = "No field with results can be taken as the receiver's own, so there is nothing "
                   "to compare with: what is said here is this "
                   "evaluation alone.",
    .recognised = "No Authentication-Results and no Received-SPF that the recipient's system "
                  "wrote. There may be some that came with the message.",
    .remedy = "None is needed. Where the receiver does write results under an id of its own, name "
              "it: --authserv-id=ID.",
    .reference = "RFC 8601 section 5",
};

/* ---- untrusted-ar: results that anyone may have written ------------------------------------ */

static dt_certainty
recognise_untrusted(dt_view *view, dt_finding *finding)
{
    const GPtrArray *fields = dt_message_recorded(view->subject->message);
    const char *id = NULL;
    guint count = 0;
    for (guint i = 0; i < fields->len; i++) {
        const dt_recorded *field = fields->pdata[i];
        if (view->subject->boundary->trust[i] != DT_TRUST_NONE || field->header == DT_HEADER_AAR)
            continue;
        id = id ? id : field->authserv_id;
        if (++count <= 3)
            dt_evidence_field(finding, field->field, field->authserv_id);
    }
    if (count == 0)
        return DT_ABSENT;
    dt_bind(finding, "id", id ? id : "ID");
    dt_bindf(finding, "count", "%u", count);
    return DT_CERTAIN;
}

static void
mend_untrusted(dt_view *view, dt_finding *finding)
{
    g_autofree char *template = dt_fill(view, finding, "{id}");
    g_autofree char *quoted = dt_text_shell_quote(template);
    dt_bind(finding, "quoted", quoted);
    dt_fix_set(view, finding, DT_WHERE_FILE,
               "If you know that the field is the receiver's own: --authserv-id={quoted}", NULL);
    dt_fix_optional(finding);
}

static const dt_cause untrusted_ar = {
    .code = "untrusted-ar",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_untrusted,
    .mend = mend_untrusted,
    .title = "Recorded results that may have come with the message",
    .explanation = "Authentication-Results or Received-SPF fields ({count}) stand where anyone "
                   "before the receiver may have written them. They are "
                   "shown and not used.",
    .recognised = "The field stands neither above the hop where the recipient's system took the "
                  "message nor, in the form of a receiver known to write "
                  "there, directly below it, and no --authserv-id names it.",
    .remedy = "Only if the field is known to be the receiver's own: --authserv-id=ID.",
    .reference = "RFC 8601 section 1.6 and 7.1",
};

/* ---- ms-single-dkim: Microsoft lists one result for several signatures --------------------- */

static guint
count_dkim(const dt_recorded *field)
{
    guint count = 0;
    for (guint i = 0; i < field->results->len; i++) {
        const dt_recorded_result *result = field->results->pdata[i];
        count += strcmp(result->method, "dkim") == 0 && strcmp(result->result, "none") != 0;
    }
    return count;
}

static dt_certainty
recognise_ms_single_dkim(dt_view *view, dt_finding *finding)
{
    const GPtrArray *fields = dt_message_recorded(view->subject->message);
    guint signatures = dt_view_signature_count(view);
    for (guint i = 0; i < fields->len && signatures > 1; i++) {
        const dt_recorded *field = fields->pdata[i];
        if (view->subject->boundary->trust[i] == DT_TRUST_NONE || field->header != DT_HEADER_AR ||
            field->authserv_id || count_dkim(field) != 1)
            continue;
        dt_bindf(finding, "count", "%u", signatures);
        dt_evidence_field(finding, field->field, "dkim=");
        dt_evidence_computed(finding, "DKIM-Signature", "%u signatures in the header", signatures);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static const dt_cause ms_single_dkim = {
    .code = "ms-single-dkim",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_ms_single_dkim,
    .title = "Microsoft lists one DKIM result, the message has {count} signatures",
    .explanation = "Microsoft often writes the result of one signature only. That another is not "
                   "listed does not mean that it is not there or fails.",
    .recognised = "A believed field in Microsoft's form (no id in front) with a single dkim=, and "
                  "two or more DKIM-Signature fields. Common before 2025.",
    .remedy = "None is needed.",
    .reference = "RFC 8601 section 2.7.1",
};

/* ---- ms-compauth-fail: Microsoft's composite verdict --------------------------------------- */

static dt_certainty
recognise_ms_compauth(dt_view *view, dt_finding *finding)
{
    const dt_recorded *field = NULL;
    const dt_recorded_result *result;
    for (guint i = 0; i < 20 && (result = dt_view_recorded(view, "compauth", i, &field)); i++) {
        if (strcmp(result->result, "fail") != 0)
            continue;
        const char *reason =
            result->reason ? result->reason : dt_recorded_property(result, "reason");
        dt_bind(finding, "reason", reason ? reason : "not given");
        dt_evidence_field(finding, field->field, "compauth=fail");
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static const dt_cause ms_compauth_fail = {
    .code = "ms-compauth-fail",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_ms_compauth,
    .title = "Microsoft recorded compauth=fail",
    .explanation = "compauth is Microsoft's own verdict, put together from SPF, DKIM, DMARC and "
                   "what it knows of the sender (reason {reason}). It is not "
                   "DMARC.",
    .recognised = "A believed field of Microsoft holds compauth=fail. Reason 000 is a DMARC "
                  "failure with a strict policy, 001 one of mail without a "
                  "passing result of its own.",
    .remedy = "That of the blocking cause; with SPF or DKIM aligned, compauth passes too.",
    .reference = "Microsoft: Anti-spam message headers in Microsoft 365",
};

/* ---- not-ses: nothing shows that SES sent this --------------------------------------------- */

static dt_certainty
recognise_not_ses(dt_view *view, dt_finding *finding)
{
    if (view->is_ses)
        return DT_ABSENT;
    dt_evidence_computed(finding, "SES",
                         "no Feedback-ID of AmazonSES, X-SES-Outgoing, smtp-out host, Message-ID "
                         "or signature of amazonses.com");
    return DT_CERTAIN;
}

static const dt_cause not_ses = {
    .code = "not-ses",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_not_ses,
    .title = "Nothing shows that Amazon SES sent this message",
    .explanation = "The message carries none of the marks that SES leaves, so advice for SES does "
                   "not apply. SPF, DKIM and DMARC are judged all "
                   "the same.",
    .recognised = "None of: Feedback-ID with AmazonSES, X-SES-Outgoing, a HELO in "
                  "smtp-out*.amazonses.com, a Message-ID at amazonses.com, a signature by "
                  "amazonses.com.",
    .remedy = "Ask the service that sent it how it signs and which envelope sender it uses.",
    .reference = "AWS: Amazon SES email header fields",
};

/* ---- ses-via-third-party: a service on top of SES ------------------------------------------ */

static dt_certainty
recognise_third_party(dt_view *view, dt_finding *finding)
{
    if (!view->subject->ses->third_party)
        return DT_ABSENT;
    dt_bind(finding, "service", view->subject->ses->third_party);
    for (guint i = 0; i < dt_judged_count(view); i++)
        if (!dt_view_is_amazon_signature(dt_view_signature(view, i))) {
            dt_evidence_signature(view, finding, i);
            break;
        }
    dt_evidence_envelope(view, finding);
    return DT_CERTAIN;
}

static const dt_cause ses_via_third_party = {
    .code = "ses-via-third-party",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES,
    .recognise = recognise_third_party,
    .title = "The message was sent through {service}, which uses SES",
    .explanation = "The selector and the envelope sender are those of {service}. Its settings are "
                   "made in its own dashboard, not in the AWS console.",
    .recognised = "A selector and envelope in the form of a known service on top of SES, such as "
                  "the selector `resend` with the envelope send.DOMAIN.",
    .remedy = "What the other causes say, in the dashboard of the service: it shows the records "
              "that it wants.",
    .reference = "The documentation of the service",
};

/* ---- ses-byoip: SES with the customer's own addresses -------------------------------------- */

static dt_certainty
recognise_byoip(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    const char *ip = subject->inputs->ip;
    if (!subject->ses->own_ip || !ip || g_strcmp0(subject->ses->outgoing_ip, ip) != 0)
        return DT_ABSENT;
    const dt_hop *boundary = hop_at(view, subject->boundary->hop);
    if (boundary)
        dt_evidence_field(finding, boundary->field, ip);
    dt_evidence_header(finding, subject->ses->outgoing_line, subject->ses->outgoing_ip, NULL);
    for (guint i = 0; i < dt_judged_count(view); i++)
        if (dt_view_is_amazon_signature(dt_view_signature(view, i)))
            dt_evidence_signature(view, finding, i);
    return DT_CERTAIN;
}

static const dt_cause ses_byoip = {
    .code = "ses-byoip",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES,
    .recognise = recognise_byoip,
    .title = "SES sent this from addresses of the sender's own ({ip})",
    .explanation = "The sender brings its own addresses to SES. include:amazonses.com does not "
                   "cover them, so SPF records must name them "
                   "themselves.",
    .recognised = "HELO and client are not Amazon's, X-SES-Outgoing shows the same address as the "
                  "client, and the second signature is by "
                  "messagingfabric.com.",
    .remedy = "None is needed; see spf-byoip-not-covered where SPF does not pass.",
    .reference = "AWS: Bring your own IP addresses (BYOIP) in Amazon SES",
};

/* ---- pass-one-mechanism: nothing to fall back on ------------------------------------------- */

/* Is there a signature of the author that is right as far as it can be tested here, or whose key
 * nobody could be asked for? */
static gboolean
has_untested_signature(const dt_view *view)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        dt_dkim_result result = dt_view_signature(view, i)->result;
        if (dt_view_is_own_signature(view, i) &&
            (result == DT_DKIM_NEUTRAL || result == DT_DKIM_TEMPERROR))
            return TRUE;
    }
    return FALSE;
}

static dt_certainty
recognise_one_mechanism(dt_view *view, dt_finding *finding)
{
    const dt_case *subject = view->subject;
    gboolean spf = dt_view_spf_aligned(view), dkim = dt_view_dkim_counts(view);
    if (subject->dmarc->result != DT_VERDICT_PASS || spf == dkim)
        return DT_ABSENT;
    if (dt_view_found(view, "ses-mailfrom-default") || dt_view_found(view, "spf-forwarded"))
        return DT_ABSENT;
    if (dkim &&
        (subject->spf->result == DT_SPF_NOT_EVALUATED || subject->spf->result == DT_SPF_TEMPERROR))
        return DT_ABSENT;
    if (spf && has_untested_signature(view))
        return DT_ABSENT;
    dt_bind(finding, "leg", spf ? "SPF" : "DKIM");
    dt_bind(finding, "other", spf ? "DKIM" : "SPF");
    dt_bind(finding, "breaks", spf ? "any forwarding" : "any change on the way");
    dt_evidence_computed(finding, "alignment", "SPF %s, DKIM %s",
                         spf ? "passes and aligns" : "gives no aligned pass",
                         dkim ? "passes and aligns" : "gives no aligned pass");
    return DT_CERTAIN;
}

static const dt_cause pass_one_mechanism = {
    .code = "pass-one-mechanism",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_one_mechanism,
    .title = "The pass rests on {leg} alone",
    .explanation = "One aligned mechanism is enough for DMARC, and here it is {leg}. It is lost "
                   "with {breaks}, and {other} is not there to step in.",
    .recognised = "dmarc=pass, and only one of SPF and DKIM passes with alignment.",
    .remedy =
        "Add the other: Easy DKIM where SPF carries it, a custom MAIL FROM domain where DKIM does.",
    .reference = "RFC 9989 section 5.1",
};

const dt_cause *const dt_causes_path[] = {
    &list_or_forwarder,   &forwarded_as_attachment,
    &arc_override,        &no_result_recorded,
    &untrusted_ar,        &ms_single_dkim,
    &ms_compauth_fail,    &not_ses,
    &ses_via_third_party, &ses_byoip,
    &pass_one_mechanism,  NULL,
};
