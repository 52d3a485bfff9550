/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The sentences that text and HTML reports have in common: verdict, alignment, what the receiver
 * recorded, what a step or a plan gives. Where they stand, how they wrap and how they are cleaned
 * is left to the report that shows them.
 */
#include "report/phrases.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* ---- the first line ------------------------------------------------------------------------ */

/* For receivers that write no id the host of the boundary hop stands. */
char *
dt_phrase_receiver(const dt_case *subject)
{
    const GPtrArray *recorded = dt_message_recorded(subject->message);
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *field = recorded->pdata[i];
        if (subject->boundary->trust[i] != DT_TRUST_NONE && field->authserv_id)
            return g_strdup(field->authserv_id);
    }
    const GPtrArray *hops = dt_message_hops(subject->message);
    const dt_hop *hop = subject->boundary->hop >= 0 ? hops->pdata[subject->boundary->hop] : NULL;
    return g_strdup(hop && hop->by ? dt_name_psl_org_domain(hop->by) : "the receiver");
}

static char *
policy_phrase(const dt_case *subject)
{
    const dt_dmarc *dmarc = subject->dmarc;
    static const char *const asks[] = { NULL, "to do nothing special with", "to quarantine",
                                        "to reject" };
    if (!dmarc->from_domain)
        return g_strdup("no one From domain, so DMARC cannot be evaluated");
    if (!dmarc->policy_domain)
        return dmarc->result == DT_VERDICT_TEMPERROR
                   ? g_strdup("DNS did not answer what is needed")
                   : g_strdup_printf("no DMARC record applies to %s", dmarc->from_domain);
    if (dmarc->result == DT_VERDICT_FAIL)
        return g_strdup_printf("%s asks receivers %s such mail (%s=%s)", dmarc->policy_domain,
                               asks[dmarc->policy], dmarc->applied_tag,
                               dt_policy_word(dmarc->policy));
    return g_strdup_printf("%s, %s=%s", dmarc->policy_domain, dmarc->applied_tag,
                           dt_policy_word(dmarc->policy));
}

static const char *
copy_phrase(const dt_diagnosis *diagnosis)
{
    for (guint i = 0; i < diagnosis->findings->len; i++)
        if (strcmp(((const dt_finding *)diagnosis->findings->pdata[i])->code, "dkim-key-rotated") ==
            0)
            return "the signing key has been changed since";
    return "this copy was changed";
}

char *
dt_phrase_headline(const dt_case *subject, const dt_diagnosis *diagnosis)
{
    if (diagnosis->reproducible != 0)
        return policy_phrase(subject);
    g_autofree char *receiver = dt_phrase_receiver(subject);
    return g_strdup_printf("here, pass at %s (%s)", receiver, copy_phrase(diagnosis));
}

dt_tone
dt_tone_verdict(const dt_diagnosis *diagnosis)
{
    static const dt_tone tones[] = { DT_TONE_GOOD, DT_TONE_BAD,  DT_TONE_WARN,
                                     DT_TONE_BAD,  DT_TONE_WARN, DT_TONE_WARN };
    return diagnosis->status >= 0 && diagnosis->status < 6 ? tones[diagnosis->status]
                                                           : DT_TONE_PLAIN;
}

/* ---- SPF and DKIM -------------------------------------------------------------------------- */

const char *
dt_phrase_aligned(const dt_identifier *identifier)
{
    if (!identifier || !identifier->domain || !identifier->domain[0])
        return "";
    if (identifier->passes && identifier->aligned == DT_TERNARY_UNKNOWN)
        return "aligned? (DNS did not answer)";
    gboolean is_aligned = identifier->passes ? identifier->aligned == DT_TERNARY_TRUE
                                             : identifier->names_aligned == DT_TERNARY_TRUE;
    if (!is_aligned)
        return identifier->alignment == DT_ALIGNMENT_ORGANIZATIONAL ? "not aligned (strict)"
                                                                    : "not aligned";
    if (!identifier->passes)
        return "aligned by name";
    return identifier->alignment == DT_ALIGNMENT_IDENTICAL ? "aligned (identical)"
                                                           : "aligned (same organization)";
}

dt_tone
dt_tone_identifier(const dt_identifier *identifier)
{
    if (!identifier->passes)
        return DT_TONE_BAD;
    return identifier->aligned == DT_TERNARY_TRUE ? DT_TONE_GOOD : DT_TONE_PLAIN;
}

char *
dt_phrase_spf_absent(const dt_case *subject)
{
    const char *offer = subject->ses->outgoing_ip;
    if (subject->inputs->ip)
        return g_strdup("not checked: the envelope sender is not known (--mail-from=ADDRESS)");
    if (offer)
        return g_strdup_printf(
            "not checked: no hop tells the client's address; X-SES-Outgoing claims --ip=%s", offer);
    return g_strdup("not checked: no hop tells the client's address (--ip=ADDRESS)");
}

static gboolean
is_same_damage(const GPtrArray *a, const GPtrArray *b)
{
    if (!a || !b || a->len != b->len)
        return FALSE;
    for (guint i = 0; i < a->len; i++) {
        const dt_damage *left = a->pdata[i], *right = b->pdata[i];
        if (g_strcmp0(left->text, right->text) != 0 || g_strcmp0(left->place, right->place) != 0)
            return FALSE;
    }
    return TRUE;
}

/* One sentence for all of it, and none twice. */
char *
dt_phrase_damage(const dt_case *subject, guint index)
{
    const GPtrArray *signatures = subject->dkim->signatures;
    const dt_dkim_signature *signature = signatures->pdata[index];
    const GPtrArray *damage = signature->damage;
    if (!damage || damage->len == 0)
        return NULL;
    if (index > 0 &&
        is_same_damage(damage, ((const dt_dkim_signature *)signatures->pdata[index - 1])->damage))
        return g_strdup("Changed in the same way.");
    /* Without a key only the body hash could be tried. */
    GString *text = g_string_new(signature->signature == DT_CHECK_UNTESTED
                                     ? "With this undone on a copy, the body fits its hash again: "
                                     : "With this undone on a copy, the signature verifies: ");
    for (guint i = 0; i < damage->len; i++) {
        const dt_damage *change = damage->pdata[i];
        g_string_append_printf(text, "%s%s (%s)", i ? "; " : "", change->text, change->place);
    }
    g_string_append_c(text, '.');
    return g_string_free(text, FALSE);
}

/* ---- receiver and sender ------------------------------------------------------------------- */

/* Received-SPF repeats what Authentication-Results says. */
static gboolean
has_other_spf(const dt_case *subject)
{
    for (guint i = 0; i < subject->agreement->len; i++) {
        const dt_agreement *agreement = subject->agreement->pdata[i];
        if (strcmp(agreement->method, "spf") == 0 &&
            agreement->field->header != DT_HEADER_RECEIVED_SPF)
            return TRUE;
    }
    return FALSE;
}

/* In the receiver's own words, and the lines they stand in. */
char *
dt_phrase_recorded(const dt_case *subject)
{
    g_autoptr(GString) results = g_string_new(NULL);
    guint first = G_MAXUINT, last = 0;
    for (guint i = 0; i < subject->agreement->len; i++) {
        const dt_agreement *agreement = subject->agreement->pdata[i];
        const dt_field *field = agreement->field->field;
        gboolean is_second_spf =
            agreement->field->header == DT_HEADER_RECEIVED_SPF && has_other_spf(subject);
        first = MIN(first, field->line);
        last = MAX(last, field->line + field->line_count - 1);
        if (is_second_spf)
            continue;
        g_string_append_printf(results, " %s=%s", agreement->method, agreement->recorded);
        if (strcmp(agreement->method, "dkim") == 0 && agreement->domain)
            g_string_append_printf(results, " (%s)", agreement->domain);
    }
    if (results->len == 0)
        return NULL;
    g_autofree char *name = dt_phrase_receiver(subject);
    if (first == last)
        return g_strdup_printf("%s recorded%s (line %u)", name, results->str, first);
    return g_strdup_printf("%s recorded%s (lines %u-%u)", name, results->str, first, last);
}

char *
dt_phrase_sender(const dt_case *subject)
{
    const dt_ses_facts *ses = subject->ses;
    if (!ses->via_ses)
        return NULL;
    GString *text = g_string_new("Amazon SES");
    g_autofree char *time =
        ses->sent_at != DT_TIME_NONE ? dt_text_time_for_people(ses->sent_at) : NULL;
    if (ses->region)
        g_string_append_printf(text, " %s", ses->region);
    if (ses->third_party)
        g_string_append_printf(text, " through %s", ses->third_party);
    if (time)
        g_string_append_printf(text, ", %s", time);
    if (ses->outgoing_ip)
        g_string_append_printf(text, ", from %s", ses->outgoing_ip);
    if (subject->is_ses_unproven)
        g_string_append(text, " (by header fields that anyone can write)");
    return g_string_free(text, FALSE);
}

char *
dt_phrase_via(const dt_case *subject)
{
    const char *ip = subject->inputs->ip, *sent = subject->ses->outgoing_ip;
    if (!subject->ses->via_ses || !ip || !sent || strcmp(ip, sent) == 0)
        return NULL;
    return g_strdup_printf("%s: the receiver took it from there, not from SES", ip);
}

char *
dt_phrase_bounce(const dt_bounce *bounce)
{
    return g_strdup_printf("%s from %s: %s", bounce->status ? bounce->status : "refusal",
                           bounce->reporting_mta ? bounce->reporting_mta : "the receiver",
                           bounce->diagnostic ? bounce->diagnostic : "(no text)");
}

const char *
dt_phrase_bounce_scope(const dt_bounce *bounce)
{
    return bounce->attached
               ? "What follows is about the message that came back with it."
               : "Nothing of the original came back: what follows is about the report itself.";
}

/* ---- what DMARC makes of it ---------------------------------------------------------------- */

const char *
dt_phrase_rests_on(const dt_case *subject)
{
    gboolean spf = dt_case_spf_aligned(subject), dkim = dt_case_dkim_aligned(subject);
    if (subject->dmarc->result != DT_VERDICT_PASS)
        return NULL;
    if (spf && dkim)
        return "SPF and DKIM both carry it: one may fail and it still passes.";
    return dkim ? "DKIM alone carries it: it also holds when mail is forwarded unchanged, not when "
                  "the message is edited on the way."
                : "SPF alone carries it: it breaks as soon as mail is forwarded.";
}

char *
dt_phrase_copy_only(const dt_diagnosis *diagnosis)
{
    if (diagnosis->reproducible != 0)
        return NULL;
    return g_strdup_printf("Nothing is wrong with the sender: the receiver saw it pass. It fails "
                           "only now, when it is evaluated again: %s.",
                           copy_phrase(diagnosis));
}

/* d= of a signature that would align, fits the header, and waits for a body that is not here; NULL
 * if there is none. */
static const char *
waiting_signer(const dt_case *subject)
{
    for (guint i = 0; subject->dkim && i < subject->dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = subject->dkim->signatures->pdata[i];
        if (signature->reason == DT_REASON_NO_BODY_TO_TEST && signature->signature == DT_CHECK_OK &&
            dt_case_is_relaxed_aligned(subject, signature->domain))
            return signature->domain;
    }
    return NULL;
}

char *
dt_phrase_conclusion(const dt_case *subject)
{
    const dt_dmarc *dmarc = subject->dmarc;
    const char *waiting = waiting_signer(subject);
    if (dmarc->result == DT_VERDICT_FAIL && waiting)
        return g_strdup_printf("The header is as %s signed it. Without the body that signature "
                               "cannot count here; with it, it may well pass.",
                               waiting);
    guint passes = 0;
    for (guint i = 0; i < subject->identifiers->len; i++)
        passes += ((const dt_identifier *)subject->identifiers->pdata[i])->passes;
    if (dmarc->result == DT_VERDICT_FAIL && passes)
        return g_strdup_printf("What passed, passed in another name: nothing speaks for %s.",
                               dmarc->from_domain);
    if (dmarc->result == DT_VERDICT_FAIL)
        return g_strdup_printf("No check passed, so nothing speaks for %s.", dmarc->from_domain);
    if (dmarc->result == DT_VERDICT_TEMPERROR)
        return g_strdup("A DNS question that decides was not answered: neither pass nor fail.");
    if (dmarc->result == DT_VERDICT_NONE)
        return g_strdup("Without a DMARC record there is no DMARC result, whatever passes.");
    return NULL;
}

char *
dt_phrase_standards(const dt_dmarc *dmarc)
{
    if (dmarc->standards_agree || !dmarc->from_domain)
        return NULL;
    const char *old = dt_verdict_word(dmarc->rfc7489.result),
               *disposition = dt_policy_word(dmarc->rfc7489.disposition);
    if (dmarc->rfc7489.result != dmarc->result)
        return g_strdup_printf("Receivers that still follow the older RFC 7489 see dmarc=%s.", old);
    return disposition ? g_strdup_printf(
                             "Receivers that still follow the older RFC 7489 apply the policy %s.",
                             disposition)
                       : NULL;
}

const char *
dt_identifier_organization(const dt_identifier *identifier)
{
    return identifier->org_domain ? identifier->org_domain
                                  : dt_name_psl_org_domain(identifier->domain);
}

const char *
dt_identifier_label(const dt_case *subject, const dt_identifier *identifier)
{
    if (!identifier->is_spf)
        return "signature";
    return subject->spf->is_helo ? "HELO" : "MAIL FROM";
}

const char *
dt_phrase_author_domain(const char *name)
{
    return name[0] ? name : "(no single author domain)";
}

/* ---- findings and plans -------------------------------------------------------------------- */

const char *
dt_phrase_step(const dt_fix *fix)
{
    static const char *const verbs[] = { NULL,
                                         "Publish this record",
                                         "Replace this record",
                                         "Take this record away",
                                         "Change this setting",
                                         "Send a new test message" };
    return fix->text && fix->text[0] ? fix->text : verbs[fix->action];
}

char *
dt_phrase_record(const dt_fix *fix, const char *value)
{
    g_autofree char *quoted = NULL;
    if (!value)
        return g_strdup_printf("%s.  %s", fix->name, fix->type);
    if (strcmp(fix->type, "TXT") == 0)
        quoted = dt_text_zone_quote(value, strlen(value));
    else
        quoted = g_strconcat(
            value, strcmp(fix->type, "A") != 0 && strcmp(fix->type, "AAAA") != 0 ? "." : "", NULL);
    return g_strdup_printf("%s.  %s  %s", fix->name, fix->type, quoted);
}

gboolean
dt_fix_continues(const dt_fix *fix)
{
    return fix->name && !(fix->text && fix->text[0]) && fix->action == DT_ACTION_PUBLISH;
}

char *
dt_phrase_proof(const dt_diagnosis *diagnosis, const dt_finding *finding)
{
    const dt_proof *proof = finding->proof;
    if (finding->severity != DT_SEVERITY_BLOCKS || finding->fixes->len == 0)
        return NULL;
    if (!proof)
        return g_strdup_printf("No proof shown: %s.", finding->proof_absent);
    GString *text = g_string_new(NULL);
    g_string_printf(text, "With this alone: dmarc=%s, computed %s", dt_verdict_word(proof->result),
                    diagnosis->subject->message ? "on this very message"
                                                : "for a message that SES sends");
    if (proof->result != DT_VERDICT_PASS)
        g_string_append(text, " (so it is not enough by itself)");
    for (guint i = 0; i < proof->assumes->len; i++)
        g_string_append_printf(text, "%s %s", i ? ";" : ", supposing",
                               (char *)proof->assumes->pdata[i]);
    g_string_append_c(text, '.');
    return g_string_free(text, FALSE);
}

const char *
dt_phrase_findings(const dt_diagnosis *diagnosis)
{
    const dt_finding *first = diagnosis->findings->pdata[0];
    return first->severity == DT_SEVERITY_BLOCKS ? "Why"
           : first->severity == DT_SEVERITY_RISK ? "Weak points"
                                                 : "Worth knowing";
}

const char *
dt_phrase_plans(const dt_diagnosis *diagnosis)
{
    return diagnosis->plans->len > 1 ? "Shortest way to dmarc=pass: any one of these"
                                     : "Shortest way to dmarc=pass";
}

char *
dt_phrase_plan(const dt_plan *plan)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < plan->findings->len; i++)
        g_string_append_printf(text, "%s%s", i ? " + " : "",
                               ((const dt_finding *)plan->findings->pdata[i])->code);
    if (plan->proof->dkim_aligned)
        g_string_append(text, " (also holds when mail is forwarded)");
    return g_string_free(text, FALSE);
}
