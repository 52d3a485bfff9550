/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: signatures that cannot verify though the set-up is right (RFC 6376 6.1): body or header
 * changed on the way, a key lookup that failed, dates, and signatures made before SES got the
 * message. What a believed result vouches for is causes-input.c.
 */
#include "diagnosis/dkim-facts.h"

#include "base/text.h"

#include <string.h>

static gboolean
is_author_signature(const dt_view *view, guint index)
{
    return dt_view_is_own_signature(view, index) &&
           !dt_view_is_amazon_signature(dt_view_signature(view, index));
}

static void
bind_signature(dt_finding *finding, const dt_dkim_signature *signature)
{
    dt_bind(finding, "selector", signature->s);
    dt_bind(finding, "d", signature->domain ? signature->domain : signature->d);
    dt_bind(finding, "key",
            signature->key && signature->key->name ? signature->key->name : "its selector");
}

static void
show_checks(dt_view *view, dt_finding *finding, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    dt_evidence_signature(view, finding, index);
    dt_evidence_computed(finding, "DKIM", "d=%s: body hash %s, signature over the header %s",
                         signature->d, dt_check_word(signature->body_hash),
                         dt_check_word(signature->signature));
}

/* ---- dkim-body-changed: the body is not the one that was signed ---------------------------- */

static dt_certainty
recognise_body_changed(dt_view *view, dt_finding *finding)
{
    if (dt_copy_is_mixed(view) || dt_copy_is_pasted(view))
        return DT_ABSENT;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (!is_author_signature(view, i) || signature->body_hash != DT_CHECK_MISMATCH ||
            dt_view_recorded_pass(view, i))
            continue;
        bind_signature(finding, signature);
        show_checks(view, finding, i);
        dt_evidence_damage(finding, signature);
        dt_evidence_recorded(view, finding, "dkim", i);
        if (dt_message_body_size(view->subject->message) > 0)
            return DT_CERTAIN;
        dt_set_explanation(
            finding,
            "The body in this file is empty, and {d} signed one that was not. If only the header "
            "was copied, that is all there is to it: judge the whole message. Otherwise "
            "something on the way took the body out.");
        return DT_POSSIBLE;
    }
    return DT_ABSENT;
}

static void
mend_body_changed(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Send bodies that nothing on the way wants to recode: quoted-printable or base64 "
               "instead of 8bit, lines below 998 octets",
               NULL);
    dt_fix_set(view, finding, DT_WHERE_RECEIVER,
               "At the list, gateway or scanner on the way: no footer, banner or rewriting", NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause dkim_body_changed = {
    .code = "dkim-body-changed",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_body_changed,
    .mend = mend_body_changed,
    .title = "The body was changed after it was signed",
    .explanation = "The hash of the body does not fit the one that {d} signed, and no receiver "
                   "that is believed saw it fit. "
                   "Something between the signer and this file changed the text.",
    .recognised = "The body hash (bh=) differs, and no believed result recorded dkim=pass for this "
                  "signature. Receivers write \"body hash did "
                  "not verify\". Typical: a list footer, a gateway's banner, an 8bit body that a "
                  "host recoded. SES signs with c=simple, so "
                  "one blank at a line's end is enough.",
    .remedy = "Send 7-bit safe bodies (quoted-printable or base64), and stop what edits the body "
              "on the way. Where that is a mailing list, "
              "only a list that leaves the text alone, or rewrites From, helps.",
    .reference = "RFC 6376 section 3.7 and 5.3",
};

/* ---- dkim-header-changed: the body fits, a signed field does not --------------------------- */

/* Does another signature of the author's side verify its header? Then not every signature fails. */
static gboolean
has_verifying(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *other = dt_view_signature(view, i);
        gboolean is_later = other->t >= 0 && signature->t >= 0 && other->t > signature->t;
        if (i != index && other->signature == DT_CHECK_OK && !is_later &&
            (dt_view_is_amazon_signature(other) || is_author_signature(view, i)))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_header_changed(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    const dt_selector_state *state = dt_state_of_signature(view, index);
    return is_author_signature(view, index) && signature->reason == DT_REASON_HEADER_CHANGED &&
           !dt_view_recorded_pass(view, index) && dt_view_witness(view, index) < 0 &&
           !dt_is_presigned(view, index) && !dt_masked_field(view, index) &&
           !(state && state->fault == DT_SELECTOR_WRONG_TARGET);
}

static dt_certainty
recognise_header_changed(dt_view *view, dt_finding *finding)
{
    if (dt_copy_is_mixed(view))
        return DT_ABSENT;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        if (!is_header_changed(view, i))
            continue;
        guint failing = 0;
        for (guint k = 0; k < dt_judged_count(view); k++)
            failing += dt_view_signature(view, k)->signature == DT_CHECK_MISMATCH;
        bind_signature(finding, dt_view_signature(view, i));
        show_checks(view, finding, i);
        gboolean is_undone = dt_evidence_damage(finding, dt_view_signature(view, i));
        dt_evidence_recorded(view, finding, "dkim", i);
        return is_undone || (failing > 1 && !has_verifying(view, i)) ? DT_CERTAIN : DT_POSSIBLE;
    }
    return DT_ABSENT;
}

static void
mend_header_changed(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_RECEIVER,
               "At the list or gateway that changes the header: leave Subject, Reply-To, To and "
               "the other signed fields as they came",
               NULL);
    dt_fix_resend(view, finding, "Send a new test message, past that host if there is a way");
    if (finding->certainty == DT_POSSIBLE) {
        g_autofree char *name = dt_fill(view, finding, "{key}");
        g_autofree char *quoted = dt_text_shell_quote(name);
        dt_check_command(finding, g_strdup_printf("dig +short TXT %s", quoted));
    }
}

static const dt_cause dkim_header_changed = {
    .code = "dkim-header-changed",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_header_changed,
    .mend = mend_header_changed,
    .title = "A signed header field was changed after signing",
    .explanation = "The signature of {d} does not fit the header as it is here, and no receiver "
                   "that is believed saw it fit. A field that it covers "
                   "was changed, added or taken away on the way.",
    .recognised = "The body hash fits, and the signature over the header verifies for no signature "
                  "although the keys are there. Typical: a "
                  "tag in the Subject, a Reply-To set by a list, a recoded display name. Receivers "
                  "show dkim=fail (\"signature did not "
                  "verify\").",
    .remedy = "At the list or gateway: leave the signed fields alone (h= of the DKIM-Signature "
              "names them). The sender can do nothing.",
    .reference = "RFC 6376 section 3.7 and 5.4",
};

/* ---- dkim-one-of-two-fails: only Amazon's own signature fails ------------------------------ */

static dt_certainty
recognise_one_of_two(dt_view *view, dt_finding *finding)
{
    gint failing = -1;
    if (!dt_view_dkim_aligned(view))
        return DT_ABSENT;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (signature->result == DT_DKIM_PASS)
            continue;
        gboolean fails =
            signature->result == DT_DKIM_FAIL || signature->result == DT_DKIM_PERMERROR;
        if (!fails || !dt_view_is_amazon_signature(signature) ||
            dt_excuse_of(view, i) == DT_EXCUSE_ROTATED)
            return DT_ABSENT;
        failing = i;
    }
    if (failing < 0)
        return DT_ABSENT;
    const dt_dkim_signature *signature = dt_view_signature(view, failing);
    bind_signature(finding, signature);
    show_checks(view, finding, failing);
    if (dt_key_is_gone(signature))
        dt_set_explanation(finding, "The signature of {D} verifies, and that is the one that "
                                    "counts. The key of Amazon's own signature ({d}) is "
                                    "not there any more, so that one cannot be checked.");
    else if (signature->body_hash == DT_CHECK_MISMATCH)
        dt_set_explanation(finding, "A signature that counts for {D} verifies, so DMARC is not "
                                    "touched. That of {d} fails: the body was changed after SES "
                                    "had signed it, and before the other signature was made.");
    return DT_CERTAIN;
}

static const dt_cause dkim_one_of_two_fails = {
    .code = "dkim-one-of-two-fails",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_one_of_two,
    .title = "Amazon's second signature fails, the one that counts passes",
    .explanation = "The signature of {D} verifies, so DMARC is not touched. Only that of {d} "
                   "fails; it covers Feedback-ID too, which most likely was "
                   "edited on the way.",
    .recognised = "A signature of the From domain verifies and aligns, and only that with "
                  "d=amazonses.com does not. Receivers show one "
                  "dkim=pass and one dkim=fail.",
    .remedy = "None is needed.",
    .reference = "RFC 6376 section 6.1; RFC 9989 section 5.1",
};

/* ---- dkim-presigned-overwritten: signed by the application, then SES rewrote what it covers */

static dt_certainty
recognise_presigned(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        if (!dt_is_presigned(view, i))
            continue;
        bind_signature(finding, dt_view_signature(view, i));
        show_checks(view, finding, i);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_presigned(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "In the application: stop signing, SES does it; or leave Date and Message-ID out of "
               "the h= of its signature",
               NULL);
    dt_fix_optional(finding);
}

static const dt_cause dkim_presigned_overwritten = {
    .code = "dkim-presigned-overwritten",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES,
    .recognise = recognise_presigned,
    .mend = mend_presigned,
    .title = "The application's own signature broke when SES took the message",
    .explanation = "The signature of {d} with the selector {selector} was made before SES, over "
                   "Date or Message-ID. SES writes both fields anew, so "
                   "it can never verify.",
    .recognised =
        "A signature that does not verify stands below those of SES, covers Date or Message-ID, "
        "and was not made later. SES's own "
        "signatures over the same message verify. Receivers show one dkim=fail beside dkim=pass.",
    .remedy = "Drop the signing in the application and let SES sign, or leave Date, Message-ID and "
              "Return-Path out of its h=.",
    .reference = "AWS: Manual DKIM signing in Amazon SES",
};

/* ---- dkim-servfail-cname: the DNS host knows the CNAME and fails to follow it -------------- */

/* The answer that the key lookup of a signature of the author failed with; NULL. What a file cannot
 * know is no failure. */
static const dt_answer *
failed_lookup(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    const dt_answer *answer = signature->key ? signature->key->answer : NULL;
    if (!is_author_signature(view, index) || !answer ||
        signature->reason != DT_REASON_KEY_UNREACHABLE)
        return NULL;
    return answer->status == DT_DNS_SERVFAIL || answer->status == DT_DNS_TIMEOUT ? answer : NULL;
}

/* Does the target of the CNAME fail too, so that the fault may be there? */
static gboolean
does_target_fail(dt_view *view, const dt_answer *cname)
{
    const dt_answer *target = dt_view_ask(view, cname->records[0].target, DT_RR_TXT);
    return target->status == DT_DNS_SERVFAIL || target->status == DT_DNS_TIMEOUT;
}

static dt_certainty
recognise_servfail_cname(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_answer *answer = failed_lookup(view, i);
        const dt_answer *cname = answer && answer->status == DT_DNS_SERVFAIL
                                     ? dt_view_ask(view, answer->name, DT_RR_CNAME)
                                     : NULL;
        if (!cname || cname->record_count == 0)
            continue;
        bind_signature(finding, dt_view_signature(view, i));
        dt_bind(finding, "target", cname->records[0].target);
        dt_evidence_signature(view, finding, i);
        dt_evidence_answer(finding, answer, NULL);
        dt_evidence_answer(finding, cname, NULL);
        return does_target_fail(view, cname) ? DT_POSSIBLE : DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_servfail_cname(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Have the DNS host answer TXT questions at {key} with the CNAME as it is; if it "
               "cannot, move the zone to another host",
               NULL);
    dt_fix_resend(view, finding, "Send a new test message");
    if (finding->certainty == DT_POSSIBLE) {
        g_autofree char *target = dt_fill(view, finding, "{target}");
        g_autofree char *quoted = dt_text_shell_quote(target);
        dt_check_command(finding, g_strdup_printf("dig TXT %s", quoted));
    }
}

static const char *const instead_of_timeout[] = { "dkim-timeout", NULL };

static const dt_cause dkim_servfail_cname = {
    .code = "dkim-servfail-cname",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_TRANSIENT,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_servfail_cname,
    .mend = mend_servfail_cname,
    .explains = instead_of_timeout,
    .title = "The DNS host fails to answer for the key although it has the CNAME",
    .explanation = "{key} is a CNAME to {target}, and a question for the CNAME is answered. The "
                   "question that receivers ask, for TXT, "
                   "ends in SERVFAIL, so they cannot fetch the key.",
    .recognised = "At the selector TXT gives SERVFAIL while CNAME is answered: the host tries to "
                  "follow the CNAME itself and fails. Receivers show "
                  "dkim=temperror. Compare `dig TXT` with `dig CNAME` at the same name.",
    .remedy = "Change the setting (often called flattening or ANAME) or the DNS host.",
    .reference = "RFC 6376 section 6.1.2; RFC 1034 section 3.6.2",
};

/* ---- dkim-timeout: the key could not be fetched -------------------------------------------- */

/* Did a believed result record that the key lookup failed? "no key for signature" is an answer, not
 * a failure. */
static gboolean
is_recorded_failure(const dt_recorded_result *result)
{
    static const char *const words[] = { "temperror", "timeout", "temp_fail", "temp_error",
                                         "tempfail" };
    if (!result || (result->comment && dt_text_contains(result->comment, "no key")))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(result->result, words[i]) == 0)
            return TRUE;
    return FALSE;
}

static dt_certainty
recognise_timeout(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_answer *answer = failed_lookup(view, i);
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        bind_signature(finding, signature);
        if (answer) {
            dt_evidence_signature(view, finding, i);
            dt_evidence_answer(finding, answer, NULL);
            dt_evidence_recorded(view, finding, "dkim", i);
            return DT_CERTAIN;
        }
        gboolean is_answered =
            signature->key && signature->key->answer && signature->key->answer->status == DT_DNS_OK;
        if (!is_author_signature(view, i) || !is_answered ||
            !is_recorded_failure(dt_case_recorded_dkim(view->subject, i)))
            continue;
        dt_set_weight(finding, DT_WEIGHT_RISK);
        dt_set_explanation(
            finding,
            "The receiver could not fetch the key at {key} when the message came; now it is "
            "answered. The failure was a "
            "passing one, but name servers that answer slowly or not always will cause it again.");
        dt_evidence_recorded(view, finding, "dkim", i);
        dt_evidence_answer(finding, signature->key->answer, NULL);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_timeout(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Check that every name server of {d} answers for {key}, over UDP and TCP, within a "
               "second or two",
               NULL);
    dt_fix_resend(view, finding, "Then send the message again: the failure is a temporary one");
}

static const dt_cause dkim_timeout = {
    .code = "dkim-timeout",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_TRANSIENT,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_timeout,
    .mend = mend_timeout,
    .title = "The key of {d} could not be fetched",
    .explanation = "The question for the key at {key} is not answered. As long as that is so, "
                   "neither pass nor fail can be said: the result is "
                   "a temporary error.",
    .recognised = "The TXT question at the selector ends in a timeout or SERVFAIL, or a believed "
                  "result recorded such a failure (dkim=temperror, "
                  "Microsoft's dkim=timeout with \"key query timeout\", often with "
                  "dmarc=temperror) and the key is answered now.",
    .remedy = "Check all name servers of the domain (one that is dead or slow is enough), then "
              "send again. With Easy DKIM the question "
              "goes on to SES's zone after the CNAME.",
    .reference = "RFC 6376 section 6.1.2; RFC 9989 section 5.4",
};

/* ---- dkim-expired-or-future: the dates of the signature do not fit ------------------------- */

static dt_certainty
recognise_expired(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        gboolean is_expired = signature->reason == DT_REASON_EXPIRED;
        if (!is_author_signature(view, i) || (!is_expired && signature->reason != DT_REASON_FUTURE))
            continue;
        g_autofree char *then = dt_text_time(is_expired ? signature->x : signature->t);
        g_autofree char *at = dt_text_time(view->subject->as_of);
        bind_signature(finding, signature);
        dt_bind(finding, "date", then);
        dt_bind(finding, "at", at);
        dt_evidence_signature(view, finding, i);
        dt_evidence_computed(finding, "DKIM", "%s is %s; the message was judged as of %s",
                             is_expired ? "x=" : "t=", then, at);
        if (!is_expired)
            dt_set_explanation(finding, "The signature of {d} says that it was made at {date}, "
                                        "which is later than the message was received ({at}): a "
                                        "clock is wrong. SES is not the signer that set it.");
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_expired(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "At the program that makes this signature: leave x= out or give it a week and more, "
               "and set the clock right; or let SES sign "
               "(Easy DKIM) instead",
               NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const char *const instead_of_only_amazonses[] = { "dkim-only-amazonses", NULL };

static const dt_cause dkim_expired_or_future = {
    .code = "dkim-expired-or-future",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_expired,
    .mend = mend_expired,
    .explains = instead_of_only_amazonses,
    .title = "The signature of {d} was not valid at the time",
    .explanation = "The signature of {d} expired at {date}; the message was received at {at}. SES "
                   "never sets an expiry, so another program made "
                   "this signature before.",
    .recognised = "x= of the signature lies before, or t= after, the time at which the receiving "
                  "system took the message (or --at). SES sets t= and "
                  "no x=, so the signer is an application or another service.",
    .remedy = "At the signer: no x=, or one that is long enough for queues and retries (a week), "
              "and a right clock. Or let SES sign.",
    .reference = "RFC 6376 section 3.5 (t=, x=)",
};

const dt_cause *const dt_causes_dkim_signature[] = {
    &dkim_body_changed,      &dkim_header_changed,
    &dkim_one_of_two_fails,  &dkim_presigned_overwritten,
    &dkim_servfail_cname,    &dkim_timeout,
    &dkim_expired_or_future, NULL,
};
