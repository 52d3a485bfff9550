/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The summary as an HTML page: how many messages came out how, by day and by cause, what to repair
 * first, which domains are hit, and the worst messages with their details folded. Tables can be
 * searched and sorted by html-script.h; nothing needs it.
 */
#include "report/html-script.h"
#include "report/html-summary.h"

#include "base/text.h"

#include <string.h>

#define SHOWN_DOMAINS 500
#define SHOWN_SHARES  5
#define SHOWN_FAULTS  500

static void
put_number(GString *out, guint64 number)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, number);
}

static void
open_section(GString *out, const char *id, const char *title)
{
    dt_html_putf(out, "<section aria-labelledby=\"%s\">\n<h3 id=\"%s\">%s</h3>\n", id, id, title);
}

static void
close_section(GString *out)
{
    g_string_append(out, "</section>\n");
}

/* ---- how they came out --------------------------------------------------------------------- */

static void
put_outcome(GString *out, const char *word, const char *tone, guint64 count, guint64 total,
            const char *note)
{
    if (count == 0)
        return;
    guint permille = (guint)((count * 1000 + total / 2) / total);
    dt_html_putf(
        out, "<tr><th scope=\"row\"><span class=\"word %s\">%s</span></th><td class=\"number\">",
        tone, word);
    put_number(out, count);
    dt_html_putf(out, "</td><td class=\"number\">%u.%u %%</td><td class=\"wide\">", permille / 10,
                 permille % 10);
    dt_html_bar(out, count, total, tone);
    dt_html_putf(out, "<span class=\"note\">%s</span></td></tr>\n", note);
}

static void
put_outcomes(GString *out, const dt_summary *summary)
{
    static const struct {
        dt_verdict verdict;
        const char *tone, *note;
    } rows[] = {
        { DT_VERDICT_PASS, "good", NULL },
        { DT_VERDICT_FAIL, "bad", NULL },
        { DT_VERDICT_PERMERROR, "bad", NULL },
        { DT_VERDICT_TEMPERROR, "warn", "DNS did not answer what decides" },
        { DT_VERDICT_NONE, "warn", "no DMARC policy applies" },
    };
    if (summary->count == 0)
        return;
    open_section(out, "verdicts", "Verdicts");
    g_string_append(out, "<table class=\"outcomes\">\n<caption>Messages by "
                         "verdict</caption>\n<thead class=\"unseen\"><tr><th scope=\"col\">"
                         "Verdict</th><th scope=\"col\">Messages</th><th "
                         "scope=\"col\">Share</th><th scope=\"col\">Meaning</th></tr></thead>\n"
                         "<tbody>\n");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        put_outcome(out, dt_verdict_word(rows[i].verdict), rows[i].tone,
                    summary->verdicts[rows[i].verdict], summary->count, rows[i].note);
    put_outcome(out, "only here", "copy", summary->copy_count, summary->count,
                "passed at the receiver, this copy fails");
    g_string_append(out, "</tbody>\n</table>\n");
    close_section(out);
}

static void
put_headline(GString *out, const dt_summary *summary)
{
    gboolean is_bad = summary->verdicts[DT_VERDICT_FAIL] || summary->verdicts[DT_VERDICT_PERMERROR];
    dt_html_putf(out, "<header class=\"verdict %s\">\n<h2 id=\"all\"><span class=\"word\">",
                 is_bad           ? "bad"
                 : summary->count ? "good"
                                  : "plain");
    put_number(out,
               is_bad ? summary->verdicts[DT_VERDICT_FAIL] + summary->verdicts[DT_VERDICT_PERMERROR]
                      : summary->count);
    g_string_append(out, is_bad ? " of " : " messages, none fails");
    if (is_bad) {
        put_number(out, summary->count);
        g_string_append(out, " messages fail");
    }
    dt_html_putf(out, "</span></h2>\n<p>From %u sender domain%s.", summary->domains->len,
                 summary->domains->len == 1 ? "" : "s");
    if (summary->fault_count) {
        g_string_append_c(out, ' ');
        put_number(out, summary->fault_count);
        g_string_append(out, " could not be analysed.");
    }
    if (summary->is_partial)
        g_string_append(out, " The run was stopped before the end.");
    g_string_append(out, "</p>\n</header>\n");
}

/* ---- causes -------------------------------------------------------------------------------- */

static void
put_place(GString *out, const char *file, gboolean has_position, guint64 index)
{
    dt_html_putf(out, "<span class=\"file\">%s</span>", file);
    if (has_position)
        g_string_append_printf(out, ", message %" G_GUINT64_FORMAT, index + 1);
}

static void
put_shares(GString *out, const dt_summary_cause *cause)
{
    for (guint i = 0; i < cause->shares->len && i < SHOWN_SHARES; i++) {
        const dt_summary_share *share = &g_array_index(cause->shares, dt_summary_share, i);
        g_string_append(out, i ? ", " : "<p>");
        dt_html_putf(out, "<code>%s</code> ", dt_phrase_author_domain(share->name));
        put_number(out, share->count);
    }
    if (cause->shares->len > SHOWN_SHARES)
        dt_html_putf(out, " and %u more", cause->shares->len - SHOWN_SHARES);
    if (cause->shares->len)
        g_string_append(out, "</p>\n");
}

static void
put_cause(GString *out, const dt_summary *summary, const dt_summary_cause *cause, const char *tone)
{
    dt_html_putf(
        out,
        "<section class=\"finding %s\">\n<h4>%s</h4>\n<p class=\"labels\"><code>%s</code> <strong>",
        tone, cause->title, cause->code);
    put_number(out, cause->worst_count);
    g_string_append(out, cause->worst_count == 1 ? " message" : " messages");
    g_string_append(out, "</strong></p>\n");
    dt_html_bar(out, cause->worst_count, summary->count, tone);
    put_shares(out, cause);
    g_string_append(out, "<details>\n<summary>Examples</summary>\n<ul>\n");
    for (guint i = 0; i < cause->examples->len; i++) {
        const dt_summary_example *example = cause->examples->pdata[i];
        g_string_append(out, "<li>");
        put_place(out, example->file, example->has_position, example->index);
        g_string_append(out, "</li>\n");
    }
    g_string_append(out, "</ul>\n</details>\n</section>\n");
}

static void
put_causes(GString *out, const dt_summary *summary, const GPtrArray *causes, dt_severity severity,
           const char *id, const char *title)
{
    static const char *const tones[] = { "plain", "bad", "warn", "plain" };
    gboolean is_open = FALSE;
    for (guint i = 0; i < causes->len; i++) {
        const dt_summary_cause *cause = causes->pdata[i];
        if (cause->severity != severity)
            continue;
        if (!is_open)
            open_section(out, id, title);
        is_open = TRUE;
        put_cause(out, summary, cause, tones[severity]);
    }
    if (is_open)
        close_section(out);
}

/* ---- domains ------------------------------------------------------------------------------- */

static void
put_count_cell(GString *out, const char *label, guint64 count)
{
    dt_html_putf(out, "<td class=\"number\" data-label=\"%s\" data-n=\"", label);
    put_number(out, count);
    g_string_append(out, "\">");
    put_number(out, count);
    g_string_append(out, "</td>");
}

static void
put_domain(GString *out, const dt_summary_domain *domain)
{
    guint64 pass = domain->verdicts[DT_VERDICT_PASS], fail = domain->verdicts[DT_VERDICT_FAIL];
    dt_html_putf(out, "<tr><th scope=\"row\" class=\"domain\"><code>%s</code></th>",
                 dt_phrase_author_domain(domain->name));
    put_count_cell(out, "messages", domain->count);
    put_count_cell(out, "pass", pass);
    put_count_cell(out, "fail", fail);
    put_count_cell(out, "other", domain->count - pass - fail);
    g_string_append(out, "<td class=\"blocks\">");
    for (guint i = 0; i < domain->causes->len; i++) {
        const dt_summary_domain_cause *part =
            &g_array_index(domain->causes, dt_summary_domain_cause, i);
        if (part->cause->severity == DT_SEVERITY_BLOCKS)
            dt_html_putf(out, "<code>%s</code> ", part->cause->code);
    }
    g_string_append(out, "</td></tr>\n");
}

static void
put_domains(GString *out, const dt_summary *summary)
{
    guint count = summary->domains->len;
    if (count == 0)
        return;
    open_section(out, "domains", "Sender domains, worst first");
    g_string_append(out,
                    "<table class=\"data\">\n<caption>Sender domains</caption>\n<thead><tr><th "
                    "scope=\"col\">Domain</th><th scope=\"col\">Messages"
                    "</th><th scope=\"col\">Pass</th><th scope=\"col\">Fail</th><th "
                    "scope=\"col\">Other</th><th scope=\"col\">What blocks"
                    "</th></tr></thead>\n<tbody>\n");
    for (guint i = 0; i < count && i < SHOWN_DOMAINS; i++)
        put_domain(out, summary->domains->pdata[i]);
    g_string_append(out, "</tbody>\n</table>\n");
    if (count > SHOWN_DOMAINS)
        dt_html_putf(out, "<p>and %u more domains</p>\n", count - SHOWN_DOMAINS);
    close_section(out);
}

/* ---- messages ------------------------------------------------------------------------------ */

static void
put_fact(GString *out, const char *label, const char *text)
{
    if (text)
        dt_html_putf(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", label, text);
}

static const char *
aligned_words(dt_ternary aligned)
{
    return aligned == DT_TERNARY_TRUE    ? ", aligned"
           : aligned == DT_TERNARY_FALSE ? ", not aligned"
                                         : "";
}

static void
put_details(GString *out, const dt_summary_message *message)
{
    g_autofree char *spf = message->spf
                               ? g_strdup_printf("%s %s%s", message->spf,
                                                 message->spf_domain ? message->spf_domain : "",
                                                 aligned_words(message->spf_aligned))
                               : NULL;
    g_autofree char *dkim =
        message->dkim && message->dkim[0]
            ? g_strdup_printf("%s%s", message->dkim, aligned_words(message->dkim_aligned))
            : g_strdup("none");
    g_string_append(out, "<dl class=\"facts\">\n");
    put_fact(out, "SPF", spf ? spf : "not checked");
    put_fact(out, "DKIM", dkim);
    put_fact(out, "Policy", message->policy);
    put_fact(out, "SES region", message->region);
    put_fact(out, "Message-ID", message->message_id);
    g_string_append(out, "</dl>\n<ul>\n");
    for (guint i = 0; i < message->causes->len; i++) {
        const dt_summary_message_cause *cause =
            &g_array_index(message->causes, dt_summary_message_cause, i);
        dt_html_putf(out, "<li><code>%s</code> (%s): %s</li>\n", cause->code,
                     dt_severity_word(cause->severity), cause->title);
    }
    g_string_append(out, "</ul>\n");
}

/* "2026-10-14 08:21" of an RFC 3339 time, "" for anything else. Caller frees. */
static char *
short_time(const char *text)
{
    gint64 seconds;
    if (!text || !dt_text_parse_time(text, &seconds))
        return g_strdup("");
    g_autofree char *time = dt_text_time_for_people(seconds);
    return g_strndup(time, strlen("2026-10-14 08:21"));
}

static void
put_message(GString *out, const dt_summary_message *message)
{
    static const char *const tones[] = { "bad", "bad", "warn", "warn", "copy", "good" };
    guint rank = dt_summary_rank(message->verdict, message->is_copy);
    const char *domain = message->from_domain ? message->from_domain : "";
    g_autofree char *date = short_time(message->date);
    dt_html_putf(out,
                 "<tr><td data-n=\"%u\"><span class=\"word %s\">%s</span></td><td "
                 "class=\"domain\"><code>%s</code></td>"
                 "<td class=\"date\">%s</td><td class=\"blocks\">",
                 rank, tones[rank],
                 message->is_copy ? "only here" : dt_verdict_word(message->verdict),
                 dt_phrase_author_domain(domain), date);
    for (guint i = 0; i < message->causes->len; i++) {
        const dt_summary_message_cause *cause =
            &g_array_index(message->causes, dt_summary_message_cause, i);
        if (cause->severity == DT_SEVERITY_BLOCKS)
            dt_html_putf(out, "<code>%s</code> ", cause->code);
    }
    g_string_append(out, "</td><td><details>\n<summary>");
    put_place(out, message->file, message->has_position, message->index);
    g_string_append(out, "</summary>\n");
    put_details(out, message);
    g_string_append(out, "</details></td></tr>\n");
}

static void
put_messages(GString *out, const dt_summary *summary)
{
    if (summary->messages->len == 0)
        return;
    open_section(out, "messages", "Messages, worst first");
    if (summary->count > summary->messages->len)
        dt_html_putf(out,
                     "<p>The worst %u are shown; the rest are in the output of --format=ndjson or "
                     "csv.</p>\n",
                     summary->messages->len);
    g_string_append(out, "<table class=\"data\">\n<caption>Messages</caption>\n<thead><tr><th "
                         "scope=\"col\">Verdict</th><th scope=\"col\">From domain"
                         "</th><th scope=\"col\">Date</th><th scope=\"col\">What blocks</th><th "
                         "scope=\"col\">Message</th></tr></thead>\n<tbody>\n");
    for (guint i = 0; i < summary->messages->len; i++)
        put_message(out, summary->messages->pdata[i]);
    g_string_append(out, "</tbody>\n</table>\n");
    close_section(out);
}

static void
put_faults(GString *out, const dt_summary *summary)
{
    guint shown = MIN(summary->faults->len, SHOWN_FAULTS);
    if (summary->fault_count == 0)
        return;
    open_section(out, "faults", "Could not be analysed");
    g_string_append(out, "<ul>\n");
    for (guint i = 0; i < shown; i++)
        dt_html_putf(out, "<li>%s</li>\n",
                     ((const dt_summary_fault *)summary->faults->pdata[i])->text);
    g_string_append(out, "</ul>\n");
    if (summary->fault_count > shown) {
        g_string_append(out, "<p>and ");
        put_number(out, summary->fault_count - shown);
        g_string_append(out, " more</p>\n");
    }
    close_section(out);
}

/* ---- the page ------------------------------------------------------------------------------ */

static void
put_copies(GString *out, const dt_summary *summary)
{
    if (summary->copy_count == 0)
        return;
    open_section(out, "copies", "Not reproducible: the receiver saw a pass, only this copy fails");
    for (guint i = 0; i < summary->copies->len; i++) {
        const dt_summary_cause *cause = summary->copies->pdata[i];
        if (cause->severity != DT_SEVERITY_NOTE || summary->copies->len == 1)
            put_cause(out, summary, cause, "plain");
    }
    close_section(out);
}

void
dt_summary_html(const dt_summary *summary, const dt_report_options *options, GString *out)
{
    g_autofree char *title =
        g_strdup_printf("DMARC summary of %" G_GUINT64_FORMAT " messages", summary->count);
    dt_html_page_begin(out, title, title, dt_html_script);
    g_string_append(out, "<article class=\"message\" aria-labelledby=\"all\">\n");
    put_headline(out, summary);
    put_outcomes(out, summary);
    dt_html_days(out, summary);
    put_causes(out, summary, summary->causes, DT_SEVERITY_BLOCKS, "blocks",
               "What stops dmarc=pass");
    put_causes(out, summary, summary->causes, DT_SEVERITY_RISK, "risks", "Risks");
    put_domains(out, summary);
    put_copies(out, summary);
    put_messages(out, summary);
    put_causes(out, summary, summary->causes, DT_SEVERITY_NOTE, "notes", "Notes");
    put_faults(out, summary);
    g_string_append(out, "</article>\n");
    dt_html_page_end(out, dt_html_script);
}
