/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The report on messages as an HTML page: what the text report says, in its order, with pictures of
 * the names and of the way. One page holds all messages of a call. Findings stand in
 * html-findings.c, pictures in html-svg.c, traces in html-trace.c.
 */
#include "report/html.h"

#include "base/text.h"
#include "dns/ask.h"

#include <string.h>

#define SHOWN_AUTHORS    5
#define SHOWN_SIGNATURES 10
#define SHOWN_UNANSWERED 6

/* ---- the verdict --------------------------------------------------------------------------- */

static void
put_verdict(const dt_html_report *report)
{
    const dt_case *subject = report->subject;
    g_autofree char *phrase = dt_phrase_headline(subject, report->diagnosis);
    dt_html_putf(
        report->out,
        "<header class=\"verdict %s\">\n<h2 id=\"m%u-verdict\"><span class=\"file\">%s</span> "
        "<span class=\"word\">dmarc=%s</span></h2>\n<p>%s</p>\n</header>\n",
        dt_html_tone(dt_tone_verdict(report->diagnosis)), report->number,
        dt_message_label(subject->message), dt_case_verdict(subject), phrase);
}

/* ---- facts --------------------------------------------------------------------------------- */

/* A row of the table of checks. line 0: none; note NULL: none. */
static void
put_check(GString *out, const char *name, const char *result, const char *domain,
          const dt_identifier *identifier, const char *where)
{
    const char *tone = dt_html_tone(identifier ? dt_tone_identifier(identifier) : DT_TONE_BAD);
    dt_html_putf(out,
                 "<tr><th scope=\"row\">%s</th><td><span class=\"word %s\">%s</span></td>"
                 "<td><code>%s</code></td><td>%s</td><td>%s</td></tr>\n",
                 name, tone, result, domain ? domain : "-", dt_phrase_aligned(identifier), where);
}

static void
put_check_note(GString *out, const char *text)
{
    if (text)
        dt_html_putf(out, "<tr class=\"note\"><td colspan=\"5\">%s</td></tr>\n", text);
}

static void
put_spf(const dt_html_report *report)
{
    const dt_case *subject = report->subject;
    const dt_spf *spf = subject->spf;
    if (spf->result == DT_SPF_NOT_EVALUATED) {
        g_autofree char *why = dt_phrase_spf_absent(subject);
        dt_html_putf(report->out,
                     "<tr><th scope=\"row\">SPF</th><td colspan=\"4\"><span "
                     "class=\"warn\">%s</span></td></tr>\n",
                     why);
        return;
    }
    const char *second = dt_spf_result_word(spf->libspf2_result);
    g_autofree char *where = g_strdup_printf(
        "%slibspf2: %s", spf->is_helo ? "HELO, null sender; " : "", second ? second : "not asked");
    put_check(report->out, "SPF", dt_spf_result_word(spf->result), spf->domain,
              subject->spf_identifier, where);
    put_check_note(report->out, spf->libspf2_difference);
}

static void
put_signature(const dt_html_report *report, guint index)
{
    const dt_case *subject = report->subject;
    const dt_dkim_signature *signature = subject->dkim->signatures->pdata[index];
    g_autofree char *where = g_strdup_printf("line %u", signature->field->line);
    g_autofree char *damage = dt_phrase_damage(subject, index);
    put_check(report->out, "DKIM", dt_dkim_result_word(signature->result), signature->domain,
              dt_case_dkim_identifier(subject, index), where);
    if (signature->reason != DT_REASON_OK) {
        g_autofree char *reason = g_strdup_printf("%s: %s", dt_dkim_reason_word(signature->reason),
                                                  signature->detail ? signature->detail : "");
        put_check_note(report->out, reason);
    }
    put_check_note(report->out, damage);
}

static void
put_checks(const dt_html_report *report)
{
    guint count = report->subject->dkim->signatures->len;
    g_string_append(report->out, "<table class=\"checks\">\n<caption>Checks of this "
                                 "message</caption>\n<thead><tr><th scope=\"col\">Check</th>"
                                 "<th scope=\"col\">Result</th><th scope=\"col\">Domain</th><th "
                                 "scope=\"col\">Alignment with From</th>"
                                 "<th scope=\"col\">Where</th></tr></thead>\n<tbody>\n");
    put_spf(report);
    if (count == 0)
        g_string_append(
            report->out,
            "<tr><th scope=\"row\">DKIM</th><td><span class=\"word bad\">none</span></td>"
            "<td colspan=\"3\">no DKIM-Signature in the message</td></tr>\n");
    for (guint i = 0; i < count && i < SHOWN_SIGNATURES; i++)
        put_signature(report, i);
    if (count > SHOWN_SIGNATURES) {
        g_autofree char *more =
            g_strdup_printf("%u more signatures are not shown.", count - SHOWN_SIGNATURES);
        put_check_note(report->out, more);
    }
    g_string_append(report->out, "</tbody>\n</table>\n");
}

/* A pair of the list of facts; nothing for NULL. */
static void
put_fact(GString *out, const char *label, const char *text)
{
    if (text)
        dt_html_putf(out, "<div><dt>%s</dt><dd><bdi>%s</bdi></dd></div>\n", label, text);
}

static void
put_authors(const dt_html_report *report)
{
    const dt_author *author = dt_message_author(report->subject->message);
    if (author->mailboxes->len == 0)
        put_fact(report->out, "From", author->field_count ? "no address in it" : "no From field");
    for (guint i = 0; i < author->mailboxes->len && i < SHOWN_AUTHORS; i++) {
        const dt_mailbox *mailbox = author->mailboxes->pdata[i];
        gboolean has_unicode = mailbox->domain_unicode != NULL;
        g_autofree char *text = g_strdup_printf(
            "%s%s%s%s, line %u", mailbox->address, has_unicode ? " (" : "",
            has_unicode ? mailbox->domain_unicode : "", has_unicode ? ")" : "", mailbox->line);
        put_fact(report->out, "From", text);
    }
    if (author->mailboxes->len > SHOWN_AUTHORS) {
        g_autofree char *more =
            g_strdup_printf("%u more addresses", author->mailboxes->len - SHOWN_AUTHORS);
        put_fact(report->out, "From", more);
    }
}

static void
put_facts(const dt_html_report *report)
{
    const dt_case *subject = report->subject;
    gint64 date = dt_message_date(subject->message);
    g_autofree char *recorded = dt_phrase_recorded(subject);
    g_autofree char *sender = dt_phrase_sender(subject);
    g_autofree char *via = dt_phrase_via(subject);
    g_autofree char *bounce = subject->bounce ? dt_phrase_bounce(subject->bounce) : NULL;
    g_autofree char *when = date != DT_TIME_NONE ? dt_text_time_for_people(date) : NULL;
    dt_html_putf(report->out,
                 "<section aria-labelledby=\"m%u-facts\">\n<h3 id=\"m%u-facts\">Facts</h3>\n<dl "
                 "class=\"facts\">\n",
                 report->number, report->number);
    put_fact(report->out, "Bounce", bounce);
    put_fact(report->out, "", subject->bounce ? dt_phrase_bounce_scope(subject->bounce) : NULL);
    put_authors(report);
    put_fact(report->out, "Subject", dt_message_subject(subject->message));
    put_fact(report->out, "Date", when);
    g_string_append(report->out, "</dl>\n");
    put_checks(report);
    g_string_append(report->out, "<dl class=\"facts\">\n");
    put_fact(report->out, "Receiver", recorded);
    put_fact(report->out, "Sent by", sender);
    put_fact(report->out, "Via", via);
    for (guint i = 0; i < subject->warnings->len && i < DT_SHOWN_WARNINGS; i++)
        put_fact(report->out, "Warning", ((const dt_warning *)subject->warnings->pdata[i])->text);
    g_string_append(report->out, "</dl>\n</section>\n");
}

/* ---- what DMARC makes of it ---------------------------------------------------------------- */

static void
put_paragraph(GString *out, const char *text)
{
    if (text)
        dt_html_putf(out, "<p>%s</p>\n", text);
}

static void
put_alignment(const dt_html_report *report)
{
    const dt_case *subject = report->subject;
    g_autofree char *copy_only = dt_phrase_copy_only(report->diagnosis);
    g_autofree char *conclusion =
        subject->dmarc->from_domain ? dt_phrase_conclusion(subject) : NULL;
    g_autofree char *standards = dt_phrase_standards(subject->dmarc);
    dt_html_putf(report->out,
                 "<section aria-labelledby=\"m%u-names\">\n<h3 id=\"m%u-names\">Who speaks for "
                 "%s</h3>\n<div class=\"picture\">\n",
                 report->number, report->number,
                 subject->dmarc->from_domain ? subject->dmarc->from_domain : "the From domain");
    dt_html_alignment_picture(report);
    g_string_append(
        report->out,
        "<div class=\"words\">\n"
        "<p>DMARC wants one check (SPF or DKIM) that passes in the name of the From domain.</p>\n");
    put_paragraph(report->out, dt_phrase_rests_on(subject));
    put_paragraph(report->out, copy_only ? copy_only : conclusion);
    put_paragraph(report->out, standards);
    g_string_append(report->out, "</div>\n</div>\n</section>\n");
}

static void
put_unanswered(const dt_html_report *report)
{
    static const char *const words[] = { [DT_DNS_SERVFAIL] = "the name server failed",
                                         [DT_DNS_TIMEOUT] = "no answer in time",
                                         [DT_DNS_UNKNOWN] = "not in the file" };
    const dt_resolver *resolver = report->subject->resolver;
    guint count = 0;
    gboolean is_live = FALSE;
    for (guint i = 0; i < dt_resolver_log_count(resolver); i++) {
        const dt_answer *answer = dt_resolver_log_get(resolver, i);
        if (!dt_answer_is_failure(answer))
            continue;
        is_live |= answer->origin == DT_FROM_LIVE || answer->origin == DT_FROM_CACHE;
        if (count == 0)
            g_string_append(report->out, "<aside class=\"box warn\">\n<p>Not answered by DNS, so "
                                         "nothing is concluded from it:</p>\n<ul>\n");
        if (count++ < SHOWN_UNANSWERED)
            dt_html_putf(report->out, "<li><code>%s %s</code>: %s</li>\n", answer->name,
                         dt_rr_type_word(answer->type), words[answer->status]);
    }
    if (count == 0)
        return;
    if (count > SHOWN_UNANSWERED)
        dt_html_putf(report->out, "<li>and %u more</li>\n", count - SHOWN_UNANSWERED);
    g_string_append(report->out, "</ul>\n");
    if (is_live)
        g_string_append(report->out, "<p>Without a network: record the answers elsewhere with "
                                     "<code>--save-dns=FILE</code> and "
                                     "read them here with <code>--dns=FILE</code>.</p>\n");
    g_string_append(report->out, "</aside>\n");
}

static void
put_way(const dt_html_report *report)
{
    if (dt_message_hops(report->subject->message)->len == 0)
        return;
    dt_html_putf(report->out,
                 "<section aria-labelledby=\"m%u-way\">\n<h3 id=\"m%u-way\">The way of the "
                 "message</h3>\n<div class=\"picture\">\n",
                 report->number, report->number);
    dt_html_timeline_picture(report);
    g_string_append(report->out, "</div>\n</section>\n");
}

static void
put_message(const dt_html_report *report)
{
    const dt_case *subject = report->subject;
    g_autofree char *evaluated = dt_text_time_for_people(subject->evaluated_at);
    g_autofree char *as_of = dt_text_time_for_people(subject->as_of);
    dt_html_putf(report->out,
                 "<article class=\"message\" id=\"m%u\" aria-labelledby=\"m%u-verdict\">\n",
                 report->number, report->number);
    put_verdict(report);
    put_facts(report);
    put_alignment(report);
    put_unanswered(report);
    dt_html_findings(report);
    dt_html_plan(report);
    put_way(report);
    dt_html_traces(report);
    dt_html_putf(
        report->out,
        "<p class=\"evaluated\">Evaluated at %s; signatures judged as of %s.</p>\n</article>\n",
        evaluated, as_of);
}

/* ---- the document -------------------------------------------------------------------------- */

struct dt_html_document {
    GString *body;
    GString *index; /* list items: one for each message */
    char *title;    /* of the only message so far */
    guint count;
};

dt_html_document *
dt_html_document_new(void)
{
    dt_html_document *document = g_new0(dt_html_document, 1);
    document->body = g_string_new(NULL);
    document->index = g_string_new(NULL);
    return document;
}

void
dt_html_document_free(dt_html_document *document)
{
    if (!document)
        return;
    g_string_free(document->body, TRUE);
    g_string_free(document->index, TRUE);
    g_free(document->title);
    g_free(document);
}

void
dt_html_document_add(dt_html_document *document, const dt_case *subject,
                     const dt_diagnosis *diagnosis)
{
    dt_html_report report = { document->body, subject, diagnosis, ++document->count };
    const char *file = dt_message_label(subject->message), *verdict = dt_case_verdict(subject);
    g_free(document->title);
    document->title = g_strdup_printf("%s: dmarc=%s", file, verdict);
    dt_html_putf(document->index,
                 "<li><a href=\"#m%u\"><span class=\"word %s\">%s</span> <span "
                 "class=\"file\">%s</span></a> %s</li>\n",
                 document->count, dt_html_tone(dt_tone_verdict(diagnosis)), verdict, file,
                 subject->dmarc->from_domain);
    put_message(&report);
}

void
dt_html_document_add_error(dt_html_document *document, const char *file, const char *text)
{
    document->count++;
    g_free(document->title);
    document->title = g_strdup_printf("%s: not read", file);
    dt_html_putf(document->index,
                 "<li><a href=\"#m%u\"><span class=\"word bad\">not read</span> <span "
                 "class=\"file\">%s</span></a></li>\n",
                 document->count, file);
    dt_html_putf(document->body,
                 "<article class=\"message\" id=\"m%u\" aria-labelledby=\"m%u-verdict\">\n<header "
                 "class=\"verdict bad\">\n"
                 "<h2 id=\"m%u-verdict\"><span class=\"file\">%s</span> <span class=\"word\">not "
                 "read</span></h2>\n<p>%s</p>\n"
                 "</header>\n</article>\n",
                 document->count, document->count, document->count, file, text);
}

void
dt_html_document_write(dt_html_document *document, GString *out)
{
    g_autofree char *many = g_strdup_printf("DMARC report on %u messages", document->count);
    gboolean is_one = document->count == 1;
    dt_html_page_begin(out, is_one ? document->title : many, is_one ? "DMARC report" : many, NULL);
    if (document->count > 1)
        g_string_append_printf(
            out, "<nav aria-label=\"Messages\">\n<ol class=\"index\">\n%s</ol>\n</nav>\n",
            document->index->str);
    g_string_append_len(out, document->body->str, document->body->len);
    dt_html_page_end(out, NULL);
}

void
dt_report_html(const dt_case *subject, const dt_diagnosis *diagnosis,
               const dt_report_options *options, GString *out)
{
    g_autoptr(dt_html_document) document = dt_html_document_new();
    dt_html_document_add(document, subject, diagnosis);
    dt_html_document_write(document, out);
}
