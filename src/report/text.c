/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The report for people: the verdict, the facts it rests on, why, and the shortest way to a pass; in the order in which a
 * reader who has never seen SPF needs them. The findings stand in text-findings.c, the traces in text-trace.c.
 */
#include "report/formats.h"
#include "report/text-parts.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* ---- the first line ---------------------------------------------------------------------------------------------- */

/* Who recorded what is believed: the id, or for receivers that write none the host of the boundary hop. */
static char *
receiver_name(const dt_case *subject)
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
    static const char *const asks[] = { NULL, "to do nothing special with", "to quarantine", "to reject" };
    if (!dmarc->from_domain)
        return g_strdup("no one From domain, so DMARC cannot be evaluated");
    if (!dmarc->policy_domain)
        return dmarc->result == DT_VERDICT_TEMPERROR ? g_strdup("DNS did not answer what is needed")
                                                     : g_strdup_printf("no DMARC record applies to %s", dmarc->from_domain);
    if (dmarc->result == DT_VERDICT_FAIL)
        return g_strdup_printf("%s asks receivers %s such mail (%s=%s)", dmarc->policy_domain, asks[dmarc->policy],
                               dmarc->applied_tag, dt_policy_word(dmarc->policy));
    return g_strdup_printf("%s, %s=%s", dmarc->policy_domain, dmarc->applied_tag, dt_policy_word(dmarc->policy));
}

static const char *
copy_phrase(const dt_diagnosis *diagnosis)
{
    for (guint i = 0; i < diagnosis->findings->len; i++)
        if (strcmp(((const dt_finding *)diagnosis->findings->pdata[i])->code, "dkim-key-rotated") == 0)
            return "the signing key has been changed since";
    return "this copy was changed";
}

static dt_style
verdict_style(const dt_diagnosis *diagnosis)
{
    static const dt_style styles[] = { DT_GOOD, DT_BAD, DT_WARN, DT_BAD, DT_WARN, DT_WARN };
    return diagnosis->status >= 0 && diagnosis->status < 6 ? styles[diagnosis->status] : DT_PLAIN;
}

static void
first_line(dt_layout *layout, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    g_autofree char *file = dt_text_terminal(dt_message_label(subject->message));
    g_autofree char *phrase = NULL;
    g_autofree char *verdict = g_strdup_printf("dmarc=%s", dt_case_verdict(subject));
    if (diagnosis->reproducible == 0) {
        g_autofree char *receiver = receiver_name(subject);
        phrase = g_strdup_printf("here, pass at %s (%s)", receiver, copy_phrase(diagnosis));
    } else
        phrase = policy_phrase(subject);
    g_autofree char *clean = dt_text_terminal(phrase);
    guint used = dt_text_columns(file) + 2 + strlen(verdict);
    g_string_append_printf(layout->out, "%s: ", file);
    dt_layout_styled(layout, verdict_style(diagnosis), verdict);
    dt_layout_continue(layout, used, diagnosis->reproducible == 0 ? 1 : 3, 2, clean);
}

/* ---- facts ------------------------------------------------------------------------------------------------------- */

static void
fact_from(dt_layout *layout, const dt_case *subject)
{
    const dt_author *author = dt_message_author(subject->message);
    if (author->mailboxes->len == 0)
        dt_layout_fact(layout, "From", DT_BAD, "%s", author->field_count ? "no address in it" : "no From field");
    for (guint i = 0; i < author->mailboxes->len && i < 5; i++) {
        const dt_mailbox *mailbox = author->mailboxes->pdata[i];
        if (mailbox->domain_unicode)
            dt_layout_fact(layout, "From", DT_PLAIN, "%s  (%s)  line %u", mailbox->address, mailbox->domain_unicode, mailbox->line);
        else
            dt_layout_fact(layout, "From", DT_PLAIN, "%s  line %u", mailbox->address, mailbox->line);
    }
}

static const char *
aligned_words(const dt_identifier *identifier)
{
    if (!identifier || !identifier->domain || !identifier->domain[0])
        return "";
    if (identifier->passes && identifier->aligned == DT_TERNARY_UNKNOWN)
        return "aligned? (DNS did not answer)";
    gboolean is_aligned = identifier->passes ? identifier->aligned == DT_TERNARY_TRUE
                                             : identifier->names_aligned == DT_TERNARY_TRUE;
    if (!is_aligned)
        return identifier->alignment == DT_ALIGNMENT_ORGANIZATIONAL ? "not aligned (strict)" : "not aligned";
    if (!identifier->passes)
        return "aligned by name";
    return identifier->alignment == DT_ALIGNMENT_IDENTICAL ? "aligned (identical)" : "aligned (same organization)";
}

static dt_style
result_style(gboolean passes, gboolean is_aligned)
{
    return passes ? (is_aligned ? DT_GOOD : DT_PLAIN) : DT_BAD;
}

/* Width of the column of results. */
static guint
result_columns(const dt_case *subject)
{
    const char *spf = dt_spf_result_word(subject->spf->result);
    gsize columns = spf ? strlen(spf) : 4;
    for (guint i = 0; i < subject->dkim->signatures->len; i++)
        columns = MAX(columns, strlen(dt_dkim_result_word(((const dt_dkim_signature *)subject->dkim->signatures->pdata[i])->result)));
    return (guint)columns;
}

/* Width of the column of domains, so that SPF and DKIM rows line up. */
static guint
domain_columns(const dt_case *subject)
{
    guint columns = 8;
    for (guint i = 0; i < subject->identifiers->len; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        guint width = identifier->domain ? dt_text_columns(identifier->domain) : 0;
        if (width <= 30)
            columns = MAX(columns, width);
    }
    return columns;
}

static void
fact_spf(dt_layout *layout, const dt_case *subject)
{
    const dt_spf *spf = subject->spf;
    if (spf->result == DT_SPF_NOT_EVALUATED) {
        const char *offer = subject->ses->outgoing_ip;
        if (subject->inputs->ip)
            dt_layout_fact(layout, "SPF", DT_WARN, "not checked: the envelope sender is not known (--mail-from=ADDRESS)");
        else if (offer)
            dt_layout_fact(layout, "SPF", DT_WARN, "not checked: no hop tells the client's address; X-SES-Outgoing claims --ip=%s", offer);
        else
            dt_layout_fact(layout, "SPF", DT_WARN, "not checked: no hop tells the client's address (--ip=ADDRESS)");
        return;
    }
    g_autofree char *domain = dt_layout_pad(spf->domain ? spf->domain : "-", domain_columns(subject));
    const char *second = dt_spf_result_word(spf->libspf2_result);
    const dt_identifier *identifier = subject->spf_identifier;
    g_autofree char *helo = spf->is_helo ? g_strdup("  HELO, null sender") : g_strdup("");
    dt_layout_fact(layout, "SPF", result_style(identifier->passes, identifier->aligned == DT_TERNARY_TRUE), "%-*s  %s  %s%s  (libspf2: %s)",
                   (int)result_columns(subject), dt_spf_result_word(spf->result), domain, aligned_words(identifier), helo, second ? second : "not asked");
    if (spf->libspf2_difference)
        dt_layout_wrap(layout, 11, 11, spf->libspf2_difference);
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

/* What was undone to make the signature verify; one sentence for all of it, and none twice. */
static void
show_damage(dt_layout *layout, const dt_case *subject, guint index)
{
    const GPtrArray *signatures = subject->dkim->signatures;
    const GPtrArray *damage = ((const dt_dkim_signature *)signatures->pdata[index])->damage;
    g_autoptr(GString) text = g_string_new(NULL);
    if (!damage || damage->len == 0)
        return;
    if (index > 0 && is_same_damage(damage, ((const dt_dkim_signature *)signatures->pdata[index - 1])->damage)) {
        dt_layout_wrap(layout, 11, 11, "Changed in the same way.");
        return;
    }
    for (guint i = 0; i < damage->len; i++) {
        const dt_damage *change = damage->pdata[i];
        g_string_append_printf(text, "%s%s (%s)", i ? "; " : "", change->text, change->place);
    }
    dt_layout_wrapf(layout, 11, 11, "With this undone on a copy, the signature verifies: %s.", text->str);
}

static void
fact_dkim(dt_layout *layout, const dt_case *subject)
{
    if (subject->dkim->signatures->len == 0)
        dt_layout_fact(layout, "DKIM", DT_BAD, "none: no DKIM-Signature in the message");
    for (guint i = 0; i < subject->dkim->signatures->len && i < 10; i++) {
        const dt_dkim_signature *signature = subject->dkim->signatures->pdata[i];
        const dt_identifier *identifier = dt_case_dkim_identifier(subject, i);
        g_autofree char *domain = dt_layout_pad(signature->domain ? signature->domain : "-", domain_columns(subject));
        dt_layout_fact(layout, "DKIM", result_style(identifier->passes, identifier->aligned == DT_TERNARY_TRUE), "%-*s  %s  %s  line %u",
                       (int)result_columns(subject), dt_dkim_result_word(signature->result), domain, aligned_words(identifier), signature->field->line);
        if (signature->reason != DT_REASON_OK)
            dt_layout_wrapf(layout, 11, 11, "%s: %s", dt_dkim_reason_word(signature->reason), signature->detail ? signature->detail : "");
        show_damage(layout, subject, i);
    }
}

/* Received-SPF repeats what Authentication-Results says. */
static gboolean
has_other_spf(const dt_case *subject)
{
    for (guint i = 0; i < subject->agreement->len; i++) {
        const dt_agreement *agreement = subject->agreement->pdata[i];
        if (strcmp(agreement->method, "spf") == 0 && agreement->field->header != DT_HEADER_RECEIVED_SPF)
            return TRUE;
    }
    return FALSE;
}

/* The believed results, in the receiver's own words, and the lines they stand in. */
static void
fact_receiver(dt_layout *layout, const dt_case *subject)
{
    g_autoptr(GString) results = g_string_new(NULL);
    guint first = G_MAXUINT, last = 0;
    for (guint i = 0; i < subject->agreement->len; i++) {
        const dt_agreement *agreement = subject->agreement->pdata[i];
        const dt_field *field = agreement->field->field;
        gboolean is_second_spf = agreement->field->header == DT_HEADER_RECEIVED_SPF && has_other_spf(subject);
        first = MIN(first, field->line);
        last = MAX(last, field->line + field->line_count - 1);
        if (is_second_spf)
            continue;
        g_string_append_printf(results, " %s=%s", agreement->method, agreement->recorded);
        if (strcmp(agreement->method, "dkim") == 0 && agreement->domain)
            g_string_append_printf(results, " (%s)", agreement->domain);
    }
    if (results->len == 0)
        return;
    g_autofree char *name = receiver_name(subject);
    dt_layout_fact(layout, "Receiver", DT_PLAIN, "%s recorded%s (lines %u-%u)", name, results->str, first, last);
}

static void
fact_sender(dt_layout *layout, const dt_case *subject)
{
    const dt_ses_facts *ses = subject->ses;
    if (!ses->via_ses)
        return;
    g_autoptr(GString) text = g_string_new("Amazon SES");
    g_autofree char *time = ses->sent_at != DT_TIME_NONE ? dt_text_time_for_people(ses->sent_at) : NULL;
    if (ses->region)
        g_string_append_printf(text, " %s", ses->region);
    if (ses->third_party)
        g_string_append_printf(text, " through %s", ses->third_party);
    if (time)
        g_string_append_printf(text, ", %s", time);
    if (ses->outgoing_ip)
        g_string_append_printf(text, ", from %s", ses->outgoing_ip);
    dt_layout_fact(layout, "Sent by", DT_PLAIN, "%s", text->str);
    if (subject->inputs->ip && ses->outgoing_ip && strcmp(subject->inputs->ip, ses->outgoing_ip) != 0)
        dt_layout_fact(layout, "Via", DT_WARN, "%s: the receiver took it from there, not from SES", subject->inputs->ip);
}

static void
fact_bounce(dt_layout *layout, const dt_bounce *bounce)
{
    if (!bounce)
        return;
    dt_layout_fact(layout, "Bounce", DT_WARN, "%s from %s: %s", bounce->status ? bounce->status : "refusal",
                   bounce->reporting_mta ? bounce->reporting_mta : "the receiver", bounce->diagnostic ? bounce->diagnostic : "(no text)");
    dt_layout_wrap(layout, 11, 11,
                   bounce->attached ? "What follows is about the message that came back with it."
                                    : "Nothing of the original came back: what follows is about the report itself.");
}

/* ---- what DMARC makes of it -------------------------------------------------------------------------------------- */

static void
picture_row(dt_layout *layout, const char *label, const char *domain, const char *org, guint columns)
{
    g_autofree char *name = dt_layout_pad(domain, columns);
    g_autofree char *line = org && strcmp(org, domain) != 0 ? g_strdup_printf("%-11s %s  belongs to %s", label, name, org)
                                                            : g_strdup_printf("%-11s %s", label, domain);
    if (dt_text_columns(line) + 6 <= layout->columns)
        dt_layout_line(layout, 6, line);
    else
        dt_layout_wrap(layout, 6, 18, line);
}

static void
picture(dt_layout *layout, const dt_case *subject)
{
    const dt_dmarc *dmarc = subject->dmarc;
    guint columns = MAX(domain_columns(subject), MIN(dt_text_columns(dmarc->from_domain), 30));
    dt_layout_blank(layout);
    dt_layout_wrap(layout, 2, 2, "DMARC wants one check (SPF or DKIM) that passes in the name of the From domain.");
    picture_row(layout, "From", dmarc->from_domain, dmarc->org_domain, columns);
    for (guint i = 0; i < subject->identifiers->len && i < 8; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        if (identifier->domain && identifier->domain[0])
            picture_row(layout, identifier->is_spf ? (subject->spf->is_helo ? "HELO" : "MAIL FROM") : "signature", identifier->domain,
                        identifier->org_domain ? identifier->org_domain : dt_name_psl_org_domain(identifier->domain), columns);
    }
}

/* One sentence for a message that passes: what it rests on. */
static void
rests_on(dt_layout *layout, const dt_case *subject)
{
    gboolean spf = dt_case_spf_aligned(subject), dkim = dt_case_dkim_aligned(subject);
    if (subject->dmarc->result != DT_VERDICT_PASS)
        return;
    dt_layout_blank(layout);
    if (spf && dkim)
        dt_layout_wrap(layout, 2, 2, "SPF and DKIM both carry it: one may fail and it still passes.");
    else if (dkim)
        dt_layout_wrap(layout, 2, 2, "DKIM alone carries it: it also holds when mail is forwarded unchanged, not when the message is edited on the way.");
    else
        dt_layout_wrap(layout, 2, 2, "SPF alone carries it: it breaks as soon as mail is forwarded.");
}

static void
fails_because(dt_layout *layout, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    const dt_dmarc *dmarc = subject->dmarc;
    if (dmarc->result == DT_VERDICT_PASS || !dmarc->from_domain)
        return;
    if (diagnosis->reproducible == 0) {
        dt_layout_blank(layout);
        dt_layout_wrapf(layout, 2, 2, "Nothing is wrong with the sender: the receiver saw it pass. It fails only now, when it is evaluated again: %s.",
                        copy_phrase(diagnosis));
        return;
    }
    picture(layout, subject);
    guint passes = 0;
    for (guint i = 0; i < subject->identifiers->len; i++)
        passes += ((const dt_identifier *)subject->identifiers->pdata[i])->passes;
    if (dmarc->result == DT_VERDICT_FAIL && passes)
        dt_layout_wrapf(layout, 2, 2, "What passed, passed in another name: nothing speaks for %s.", dmarc->from_domain);
    else if (dmarc->result == DT_VERDICT_FAIL)
        dt_layout_wrapf(layout, 2, 2, "No check passed, so nothing speaks for %s.", dmarc->from_domain);
    else if (dmarc->result == DT_VERDICT_TEMPERROR)
        dt_layout_wrap(layout, 2, 2, "A DNS question that decides was not answered: neither pass nor fail.");
    else if (dmarc->result == DT_VERDICT_NONE)
        dt_layout_wrap(layout, 2, 2, "Without a DMARC record there is no DMARC result, whatever passes.");
}

static void
standards(dt_layout *layout, const dt_dmarc *dmarc)
{
    if (dmarc->standards_agree || !dmarc->from_domain)
        return;
    const char *old = dt_verdict_word(dmarc->rfc7489.result), *disposition = dt_policy_word(dmarc->rfc7489.disposition);
    if (dmarc->rfc7489.result != dmarc->result)
        dt_layout_wrapf(layout, 2, 2, "Receivers that still follow the older RFC 7489 see dmarc=%s.", old);
    else if (disposition)
        dt_layout_wrapf(layout, 2, 2, "Receivers that still follow the older RFC 7489 apply the policy %s.", disposition);
}

static void
warnings(dt_layout *layout, const dt_case *subject)
{
    for (guint i = 0; i < subject->warnings->len && i < 10; i++)
        dt_layout_wrapf(layout, 2, 11, "Warning  %s", ((const dt_warning *)subject->warnings->pdata[i])->text);
}

void
dt_report_text(const dt_case *subject, const dt_diagnosis *diagnosis, const dt_report_options *options, GString *out)
{
    dt_layout layout = { .out = out, .columns = options->columns ? MAX(options->columns, 40) : 80, .use_color = options->use_color };
    first_line(&layout, subject, diagnosis);
    dt_layout_blank(&layout);
    fact_bounce(&layout, subject->bounce);
    fact_from(&layout, subject);
    fact_spf(&layout, subject);
    fact_dkim(&layout, subject);
    fact_receiver(&layout, subject);
    fact_sender(&layout, subject);
    warnings(&layout, subject);
    rests_on(&layout, subject);
    fails_because(&layout, subject, diagnosis);
    standards(&layout, subject->dmarc);
    dt_text_unanswered(&layout, subject->resolver);
    if (options->is_verbose)
        dt_text_traces(&layout, subject);
    dt_text_findings(&layout, diagnosis, options);
    dt_text_plan(&layout, diagnosis, dt_message_label(subject->message));
}
