/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The traces in HTML, each folded: the hops as a table, the SPF walk, the DMARC walk, what
 * receivers recorded (believed or not), and every DNS answer.
 */
#include "report/html.h"

#include "base/text.h"
#include "dns/ask.h"

#include <string.h>

#define SHOWN_RECORDED 40
#define SHOWN_ANSWERS  200
#define EXCERPT        600

static void
open_fold(GString *out, const char *title)
{
    dt_html_putf(out, "<details class=\"trace\">\n<summary>%s</summary>\n", title);
}

static void
close_fold(GString *out)
{
    g_string_append(out, "</details>\n");
}

/* A table that scrolls by itself where the window is narrow, by keyboard too. */
static void
open_table(GString *out, const char *label, const char *const *columns)
{
    dt_html_putf(out,
                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                 "aria-label=\"%s\">\n<table>\n<thead><tr>",
                 label);
    for (; *columns; columns++)
        dt_html_putf(out, "<th scope=\"col\">%s</th>", *columns);
    g_string_append(out, "</tr></thead>\n<tbody>\n");
}

static void
close_table(GString *out)
{
    g_string_append(out, "</tbody>\n</table>\n</div>\n");
}

/* ---- hops ---------------------------------------------------------------------------------- */

static void
put_hop(GString *out, const dt_hop *hop, gboolean is_boundary, gboolean is_last)
{
    g_autofree char *time = hop->time != DT_TIME_NONE ? dt_text_time_for_people(hop->time) : NULL;
    g_autofree char *delay = hop->delay != DT_TIME_NONE && !is_last
                                 ? g_strdup_printf("%+" G_GINT64_FORMAT " s", hop->delay)
                                 : NULL;
    dt_html_putf(
        out,
        "<tr><td>%u</td><td><code>%s</code></td><td><code>%s</code></td><td><code>%s</code></td>",
        hop->index, hop->from_helo ? hop->from_helo : "?", hop->from_ip ? hop->from_ip : "?",
        hop->by ? hop->by : "?");
    dt_html_putf(out, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%u</td><td>%s</td></tr>\n",
                 hop->with, hop->tls, time, delay, hop->field->line,
                 is_boundary ? "boundary: SPF is judged here" : "");
}

static void
put_hops(const dt_html_report *report)
{
    static const char *const columns[] = { "Hop",  "From",  "Address", "By", "With", "TLS",
                                           "Time", "Delay", "Line",    "",   NULL };
    const GPtrArray *hops = dt_message_hops(report->subject->message);
    if (hops->len == 0)
        return;
    g_autofree char *title = g_strdup_printf("Hops, newest first (%u)", hops->len);
    open_fold(report->out, title);
    open_table(report->out, "Hops", columns);
    for (guint i = 0; i < hops->len; i++)
        put_hop(report->out, hops->pdata[i], report->subject->boundary->hop == (gint)i,
                i + 1 == hops->len);
    close_table(report->out);
    close_fold(report->out);
}

/* ---- SPF and DMARC ------------------------------------------------------------------------- */

static void
put_spf_step(GString *out, const dt_spf_step *step)
{
    gboolean is_record = g_strcmp0(step->outcome, "record") == 0;
    dt_html_putf(out, "<li class=\"d%u\"><code>", MIN(step->depth, 6));
    if (is_record)
        dt_html_putf(out, "%s: ", step->domain);
    dt_html_excerpt(out, step->term ? step->term : step->domain, NULL, EXCERPT);
    g_string_append(out, "</code>");
    if (!is_record)
        dt_html_putf(out, " → <strong>%s</strong>", step->outcome);
    if (step->note)
        dt_html_putf(out, " (%s)", step->note);
    g_string_append(out, "</li>\n");
}

static void
put_spf(const dt_html_report *report)
{
    const dt_spf *spf = report->subject->spf;
    if (spf->result == DT_SPF_NOT_EVALUATED)
        return;
    g_autofree char *title =
        g_strdup_printf("SPF for %s", spf->domain ? spf->domain : "(no domain)");
    open_fold(report->out, title);
    dt_html_putf(report->out,
                 "<p>Client %s; %u of 10 lookups, %u of 2 void.</p>\n<ul class=\"walk\">\n",
                 report->subject->inputs->ip, spf->lookup_count, spf->void_lookup_count);
    for (guint i = 0; i < spf->trace->len; i++)
        put_spf_step(report->out, spf->trace->pdata[i]);
    g_string_append(report->out, "</ul>\n");
    if (spf->fault_text)
        dt_html_putf(report->out, "<p>%s</p>\n", spf->fault_text);
    if (spf->explanation)
        dt_html_putf(report->out, "<p>The domain explains: %s</p>\n", spf->explanation);
    close_fold(report->out);
}

static void
put_dmarc_step(GString *out, const dt_dmarc_step *step)
{
    dt_html_putf(out, "<li><code>_dmarc.%s</code>: ", step->name);
    if (step->record) {
        g_string_append(out, "<code>");
        dt_html_excerpt(out, step->record->text, NULL, EXCERPT);
        g_string_append(out, "</code>");
        if (!step->record->is_usable)
            g_string_append(out, " (not usable)");
    } else if (step->record_count > 1)
        dt_html_putf(out, "%u records, all discarded", step->record_count);
    else
        dt_html_put(out, step->answer->status == DT_DNS_OK
                             ? "no DMARC record among the texts"
                             : dt_dns_status_word(step->answer->status));
    g_string_append(out, "</li>\n");
}

static void
put_dmarc(const dt_html_report *report)
{
    const dt_dmarc *dmarc = report->subject->dmarc;
    const dt_dmarc_7489 *old = &dmarc->rfc7489;
    g_autofree char *title = g_strdup_printf(
        "DMARC for %s", dmarc->from_domain ? dmarc->from_domain : "(no one author domain)");
    open_fold(report->out, title);
    g_string_append(report->out, "<ul class=\"walk\">\n");
    for (guint i = 0; i < dmarc->walk->len; i++)
        put_dmarc_step(report->out, dmarc->walk->pdata[i]);
    dt_html_putf(report->out,
                 "</ul>\n<p>Organizational domain: <code>%s</code> by the tree walk (RFC 9989), "
                 "<code>%s</code> by the public suffix "
                 "list (RFC 7489).</p>\n",
                 dmarc->org_domain ? dmarc->org_domain : "none",
                 old->org_domain ? old->org_domain : "none");
    if (dmarc->applied_tag)
        dt_html_putf(report->out,
                     "<p>The record of <code>%s</code> applies: <code>%s=%s</code>; asked for this "
                     "message: %s.</p>\n",
                     dmarc->policy_domain, dmarc->applied_tag, dt_policy_word(dmarc->policy),
                     dmarc->disposition ? dt_policy_word(dmarc->disposition) : "nothing");
    close_fold(report->out);
}

/* ---- recorded results ---------------------------------------------------------------------- */

static void
put_recorded_field(GString *out, const dt_recorded *field, dt_trust trust)
{
    static const char *const names[] = { NULL, "Authentication-Results", "Received-SPF",
                                         "ARC-Authentication-Results" };
    dt_html_putf(out, "<tr><td>%u</td><td>%s</td><td><code>%s</code></td><td>%s</td><td>",
                 field->field->line, names[field->header], field->authserv_id,
                 trust == DT_TRUST_NONE ? "not believed" : dt_trust_word(trust));
    for (guint i = 0; i < field->results->len; i++) {
        const dt_recorded_result *result = field->results->pdata[i];
        dt_html_putf(out, "%s<code>%s=%s</code>", i ? " " : "", result->method, result->result);
    }
    g_string_append(out, "</td></tr>\n");
}

static void
put_recorded(const dt_html_report *report)
{
    static const char *const columns[] = { "Line", "Field", "Id", "Believed by", "Results", NULL };
    const GPtrArray *recorded = dt_message_recorded(report->subject->message);
    if (recorded->len == 0)
        return;
    g_autofree char *title = g_strdup_printf("Results recorded in the message (%u)", recorded->len);
    open_fold(report->out, title);
    open_table(report->out, "Recorded results", columns);
    for (guint i = 0; i < recorded->len && i < SHOWN_RECORDED; i++)
        put_recorded_field(report->out, recorded->pdata[i], report->subject->boundary->trust[i]);
    close_table(report->out);
    if (recorded->len > SHOWN_RECORDED)
        dt_html_putf(report->out, "<p>and %u more</p>\n", recorded->len - SHOWN_RECORDED);
    close_fold(report->out);
}

/* ---- DNS ----------------------------------------------------------------------------------- */

static void
put_answer(GString *out, const dt_answer *answer)
{
    dt_html_putf(out, "<tr><td><code>%s</code></td><td>%s</td><td>%s</td><td>", answer->name,
                 dt_rr_type_word(answer->type), dt_dns_status_word(answer->status));
    for (guint i = 0; answer->cname && answer->cname[i]; i++)
        dt_html_putf(out, "<span class=\"answer\">→ <code>%s</code></span>", answer->cname[i]);
    for (guint i = 0; i < answer->record_count; i++) {
        g_autofree char *text = dt_record_text(&answer->records[i], answer->type);
        g_string_append(out, "<span class=\"answer\"><code>");
        dt_html_excerpt(out, text, NULL, EXCERPT);
        g_string_append(out, "</code></span>");
    }
    dt_html_putf(out, "</td><td>%s</td></tr>\n", dt_dns_origin_word(answer->origin));
}

static void
put_dns(const dt_html_report *report)
{
    static const char *const columns[] = { "Name", "Type", "Status", "Answers", "Source", NULL };
    const dt_resolver *resolver = report->subject->resolver;
    guint count = dt_resolver_log_count(resolver);
    if (count == 0)
        return;
    g_autofree char *title = g_strdup_printf("DNS questions and answers (%u)", count);
    open_fold(report->out, title);
    open_table(report->out, "DNS answers", columns);
    for (guint i = 0; i < count && i < SHOWN_ANSWERS; i++)
        put_answer(report->out, dt_resolver_log_get(resolver, i));
    close_table(report->out);
    if (count > SHOWN_ANSWERS)
        dt_html_putf(report->out, "<p>and %u more</p>\n", count - SHOWN_ANSWERS);
    close_fold(report->out);
}

void
dt_html_traces(const dt_html_report *report)
{
    dt_html_putf(
        report->out,
        "<section aria-labelledby=\"m%u-how\">\n<h3 id=\"m%u-how\">How it was evaluated</h3>\n",
        report->number, report->number);
    put_hops(report);
    put_spf(report);
    put_dmarc(report);
    put_recorded(report);
    put_dns(report);
    g_string_append(report->out, "</section>\n");
}
