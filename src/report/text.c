/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The report for people: the verdict, the facts it rests on, why, and the shortest way to a pass;
 * in the order in which a reader who has never seen SPF needs them. The findings stand in
 * text-findings.c, the traces in text-trace.c.
 */
#include "report/formats.h"
#include "report/phrases.h"
#include "report/text-parts.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* ---- the first line ------------------------------------------------------------------------ */

/* The style of a word by how it stands for the verdict. */
static dt_style
tone_style(dt_tone tone)
{
    static const dt_style styles[] = { DT_PLAIN, DT_GOOD, DT_WARN, DT_BAD };
    return styles[tone];
}

static void
first_line(dt_layout *layout, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    g_autofree char *file = dt_text_terminal(dt_message_label(subject->message));
    g_autofree char *verdict = g_strdup_printf("dmarc=%s", dt_case_verdict(subject));
    g_autofree char *phrase = dt_phrase_headline(subject, diagnosis);
    g_autofree char *clean = dt_text_terminal(phrase);
    guint used = dt_text_columns(file) + 2 + strlen(verdict);
    g_string_append_printf(layout->out, "%s: ", file);
    dt_layout_styled(layout, tone_style(dt_tone_verdict(diagnosis)), verdict);
    dt_layout_continue(layout, used, diagnosis->reproducible == 0 ? 1 : 3, 2, clean);
}

/* ---- facts --------------------------------------------------------------------------------- */

static void
fact_from(dt_layout *layout, const dt_case *subject)
{
    const dt_author *author = dt_message_author(subject->message);
    if (author->mailboxes->len == 0)
        dt_layout_fact(layout, "From", DT_BAD, "%s",
                       author->field_count ? "no address in it" : "no From field");
    for (guint i = 0; i < author->mailboxes->len && i < 5; i++) {
        const dt_mailbox *mailbox = author->mailboxes->pdata[i];
        if (mailbox->domain_unicode)
            dt_layout_fact(layout, "From", DT_PLAIN, "%s  (%s)  line %u", mailbox->address,
                           mailbox->domain_unicode, mailbox->line);
        else
            dt_layout_fact(layout, "From", DT_PLAIN, "%s  line %u", mailbox->address,
                           mailbox->line);
    }
}

/* Width of the column of results. */
static guint
result_columns(const dt_case *subject)
{
    const char *spf = dt_spf_result_word(subject->spf->result);
    gsize columns = spf ? strlen(spf) : 4;
    for (guint i = 0; i < subject->dkim->signatures->len; i++)
        columns =
            MAX(columns,
                strlen(dt_dkim_result_word(
                    ((const dt_dkim_signature *)subject->dkim->signatures->pdata[i])->result)));
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
        g_autofree char *why = dt_phrase_spf_absent(subject);
        dt_layout_fact(layout, "SPF", DT_WARN, "%s", why);
        return;
    }
    g_autofree char *domain =
        dt_layout_pad(spf->domain ? spf->domain : "-", domain_columns(subject));
    const char *second = dt_spf_result_word(spf->libspf2_result);
    const dt_identifier *identifier = subject->spf_identifier;
    g_autofree char *helo = spf->is_helo ? g_strdup("  HELO, null sender") : g_strdup("");
    dt_layout_fact(layout, "SPF", tone_style(dt_tone_identifier(identifier)),
                   "%-*s  %s  %s%s  (libspf2: %s)", (int)result_columns(subject),
                   dt_spf_result_word(spf->result), domain, dt_phrase_aligned(identifier), helo,
                   second ? second : "not asked");
    if (spf->libspf2_difference)
        dt_layout_wrap(layout, 11, 11, spf->libspf2_difference);
}

static void
fact_dkim(dt_layout *layout, const dt_case *subject)
{
    if (subject->dkim->signatures->len == 0)
        dt_layout_fact(layout, "DKIM", DT_BAD, "none: no DKIM-Signature in the message");
    for (guint i = 0; i < subject->dkim->signatures->len && i < 10; i++) {
        const dt_dkim_signature *signature = subject->dkim->signatures->pdata[i];
        const dt_identifier *identifier = dt_case_dkim_identifier(subject, i);
        g_autofree char *domain =
            dt_layout_pad(signature->domain ? signature->domain : "-", domain_columns(subject));
        dt_layout_fact(layout, "DKIM", tone_style(dt_tone_identifier(identifier)),
                       "%-*s  %s  %s  line %u", (int)result_columns(subject),
                       dt_dkim_result_word(signature->result), domain,
                       dt_phrase_aligned(identifier), signature->field->line);
        if (signature->reason != DT_REASON_OK)
            dt_layout_wrapf(layout, 11, 11, "%s: %s", dt_dkim_reason_word(signature->reason),
                            signature->detail ? signature->detail : "");
        else if (signature->unsigned_octets > 0)
            dt_layout_wrap(layout, 11, 11, signature->detail);
        g_autofree char *damage = dt_phrase_damage(subject, i);
        if (damage)
            dt_layout_wrap(layout, 11, 11, damage);
    }
}

static void
fact_receiver(dt_layout *layout, const dt_case *subject)
{
    g_autofree char *recorded = dt_phrase_recorded(subject);
    if (recorded)
        dt_layout_fact(layout, "Receiver", DT_PLAIN, "%s", recorded);
}

static void
fact_sender(dt_layout *layout, const dt_case *subject)
{
    g_autofree char *sender = dt_phrase_sender(subject);
    g_autofree char *via = dt_phrase_via(subject);
    if (sender)
        dt_layout_fact(layout, "Sent by", DT_PLAIN, "%s", sender);
    if (via)
        dt_layout_fact(layout, "Via", DT_WARN, "%s", via);
}

static void
fact_bounce(dt_layout *layout, const dt_bounce *bounce)
{
    if (!bounce)
        return;
    g_autofree char *text = dt_phrase_bounce(bounce);
    dt_layout_fact(layout, "Bounce", DT_WARN, "%s", text);
    dt_layout_wrap(layout, 11, 11, dt_phrase_bounce_scope(bounce));
}

/* ---- what DMARC makes of it ---------------------------------------------------------------- */

static void
picture_row(dt_layout *layout, const char *label, const char *domain, const char *org,
            guint columns)
{
    g_autofree char *name = dt_layout_pad(domain, columns);
    g_autofree char *line = org && strcmp(org, domain) != 0
                                ? g_strdup_printf("%-11s %s  belongs to %s", label, name, org)
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
    dt_layout_wrap(
        layout, 2, 2,
        "DMARC wants one check (SPF or DKIM) that passes in the name of the From domain.");
    picture_row(layout, "From", dmarc->from_domain, dmarc->org_domain, columns);
    for (guint i = 0; i < subject->identifiers->len && i < 8; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        if (identifier->domain && identifier->domain[0])
            picture_row(layout, dt_identifier_label(subject, identifier), identifier->domain,
                        dt_identifier_organization(identifier), columns);
    }
}

/* A sentence of its own, after a blank line or right below what stands there. */
static void
sentence(dt_layout *layout, gboolean is_apart, const char *text)
{
    if (text && is_apart)
        dt_layout_blank(layout);
    if (text)
        dt_layout_wrap(layout, 2, 2, text);
}

static void
fails_because(dt_layout *layout, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    if (subject->dmarc->result == DT_VERDICT_PASS || !subject->dmarc->from_domain)
        return;
    g_autofree char *copy_only = dt_phrase_copy_only(diagnosis);
    g_autofree char *conclusion = dt_phrase_conclusion(subject);
    if (copy_only) {
        sentence(layout, TRUE, copy_only);
        return;
    }
    picture(layout, subject);
    sentence(layout, FALSE, conclusion);
}

static void
warnings(dt_layout *layout, const dt_case *subject)
{
    for (guint i = 0; i < MIN(subject->warnings->len, DT_SHOWN_WARNINGS); i++)
        dt_layout_wrapf(layout, 2, 11, "Warning  %s",
                        ((const dt_warning *)subject->warnings->pdata[i])->text);
}

void
dt_report_text(const dt_case *subject, const dt_diagnosis *diagnosis,
               const dt_report_options *options, GString *out)
{
    dt_layout layout = { .out = out,
                         .columns = options->columns ? MAX(options->columns, 40) : 80,
                         .use_color = options->use_color };
    g_autofree char *old_standard = dt_phrase_standards(subject->dmarc);
    first_line(&layout, subject, diagnosis);
    dt_layout_blank(&layout);
    fact_bounce(&layout, subject->bounce);
    fact_from(&layout, subject);
    fact_spf(&layout, subject);
    fact_dkim(&layout, subject);
    fact_receiver(&layout, subject);
    fact_sender(&layout, subject);
    warnings(&layout, subject);
    sentence(&layout, TRUE, dt_phrase_rests_on(subject));
    fails_because(&layout, subject, diagnosis);
    sentence(&layout, FALSE, old_standard);
    dt_text_unanswered(&layout, subject->resolver);
    if (options->is_verbose)
        dt_text_traces(&layout, subject);
    dt_text_findings(&layout, diagnosis, options);
    dt_text_plan(&layout, diagnosis, dt_message_label(subject->message));
}
