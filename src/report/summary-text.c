/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The summary for people: how many messages came out how, what to repair first, which sender
 * domains are hit, what fails only here, what could not be read.
 */
#include "report/formats.h"
#include "report/layout.h"
#include "report/phrases.h"
#include "report/summary.h"

#include "base/text.h"

#include <string.h>

/* Without --verbose, no list is longer. */
#define SHORT_LIST 20

static char *
plural(guint64 count, const char *one, const char *many)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s", count, count == 1 ? one : many);
}

static void
section(dt_layout *layout, const char *title)
{
    dt_layout_blank(layout);
    dt_layout_heading(layout, title);
}

static void
and_more(dt_layout *layout, guint64 count, const char *what)
{
    if (count > 0)
        dt_layout_wrapf(layout, 2, 2, "and %" G_GUINT64_FORMAT " more %s (--verbose shows all)",
                        count, what);
}

/* ---- how they came out --------------------------------------------------------------------- */

static void
verdict_line(dt_layout *layout, const char *word, dt_style style, guint64 count, guint64 total,
             const char *note)
{
    if (count == 0)
        return;
    guint64 permille = total ? (count * 1000 + total / 2) / total : 0;
    g_autofree char *share =
        g_strdup_printf("%3u.%u %%", (guint)(permille / 10), (guint)(permille % 10));
    g_autofree char *padded = dt_layout_pad(word, 10);
    g_string_append(layout->out, "  ");
    dt_layout_styled(layout, style, padded);
    g_string_append_printf(layout->out, " %9" G_GUINT64_FORMAT "  %s%s%s\n", count, share,
                           note ? "  " : "", note ? note : "");
}

static void
verdicts(dt_layout *layout, const dt_summary *summary)
{
    static const struct {
        dt_verdict verdict;
        dt_style style;
        const char *note;
    } rows[] = {
        { DT_VERDICT_PASS, DT_GOOD, NULL },
        { DT_VERDICT_FAIL, DT_BAD, NULL },
        { DT_VERDICT_PERMERROR, DT_BAD, NULL },
        { DT_VERDICT_TEMPERROR, DT_WARN, "DNS did not answer what decides" },
        { DT_VERDICT_NONE, DT_WARN, "no DMARC policy applies" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        verdict_line(layout, dt_verdict_word(rows[i].verdict), rows[i].style,
                     summary->verdicts[rows[i].verdict], summary->count, rows[i].note);
    verdict_line(layout, "copies", DT_WARN, summary->copy_count, summary->count,
                 "passed at the receiver, fail only here");
}

static void
first_line(dt_layout *layout, const dt_summary *summary)
{
    g_autofree char *messages = plural(summary->count, "message", "messages");
    g_autofree char *domains = plural(summary->domains->len, "sender domain", "sender domains");
    g_autofree char *faults =
        plural(summary->fault_count, "could not be analysed", "could not be analysed");
    g_autoptr(GString) line = g_string_new(messages);
    if (summary->count)
        g_string_append_printf(line, " from %s", domains);
    if (summary->fault_count)
        g_string_append_printf(line, "; %s", faults);
    if (summary->is_partial)
        g_string_append(line, " (stopped before the end)");
    dt_layout_wrap(layout, 0, 2, line->str);
}

/* ---- causes -------------------------------------------------------------------------------- */

static void
examples(dt_layout *layout, const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        const dt_summary_example *example = list->pdata[i];
        g_autofree char *place =
            example->has_position
                ? g_strdup_printf(", message %" G_GUINT64_FORMAT, example->index + 1)
                : g_strdup("");
        g_autofree char *line = g_strconcat(i ? "      " : "e.g.  ", example->file, place, NULL);
        dt_layout_line(layout, 13, line);
    }
}

static void
shares(dt_layout *layout, const dt_summary_cause *cause)
{
    guint shown = MIN(cause->shares->len, 5);
    g_autoptr(GString) line = g_string_new(NULL);
    for (guint i = 0; i < shown; i++) {
        const dt_summary_share *share = &g_array_index(cause->shares, dt_summary_share, i);
        g_string_append_printf(line, "%s%s %" G_GUINT64_FORMAT, i ? ", " : "",
                               dt_phrase_author_domain(share->name), share->count);
    }
    if (cause->shares->len > shown)
        g_string_append_printf(line, " and %u more domains", cause->shares->len - shown);
    if (line->len)
        dt_layout_wrap(layout, 13, 13, line->str);
}

static void
cause_block(dt_layout *layout, const dt_summary_cause *cause)
{
    g_autofree char *count = g_strdup_printf("%9" G_GUINT64_FORMAT, cause->worst_count);
    g_string_append_printf(layout->out, "  %s  ", count);
    dt_layout_styled(layout, DT_BOLD, cause->code);
    dt_layout_blank(layout);
    dt_layout_wrap(layout, 13, 13, cause->title);
    shares(layout, cause);
    examples(layout, cause->examples);
}

static void
cause_list(dt_layout *layout, const GPtrArray *causes, dt_severity severity, const char *title,
           gboolean is_verbose)
{
    guint shown = 0, left_out = 0;
    for (guint i = 0; i < causes->len; i++) {
        const dt_summary_cause *cause = causes->pdata[i];
        if (cause->severity != severity)
            continue;
        if (shown >= SHORT_LIST && !is_verbose) {
            left_out++;
            continue;
        }
        if (shown++ == 0)
            section(layout, title);
        cause_block(layout, cause);
    }
    and_more(layout, left_out, "causes");
}

static void
note_list(dt_layout *layout, const GPtrArray *causes)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (guint i = 0; i < causes->len; i++) {
        const dt_summary_cause *cause = causes->pdata[i];
        if (cause->severity == DT_SEVERITY_NOTE)
            g_string_append_printf(line, "%s%s %" G_GUINT64_FORMAT, line->len ? ", " : "",
                                   cause->code, cause->count);
    }
    if (!line->len)
        return;
    section(layout, "Notes");
    dt_layout_wrap(layout, 2, 2, line->str);
}

static void
copy_list(dt_layout *layout, const dt_summary *summary)
{
    if (summary->copy_count == 0)
        return;
    section(layout, "Not reproducible: the receiver saw a pass, only this copy fails");
    for (guint i = 0; i < summary->copies->len; i++) {
        const dt_summary_cause *cause = summary->copies->pdata[i];
        if (cause->severity != DT_SEVERITY_NOTE || summary->copies->len == 1)
            cause_block(layout, cause);
    }
}

/* ---- domains ------------------------------------------------------------------------------- */

static guint
domain_width(const GPtrArray *domains, guint shown)
{
    guint width = 13;
    for (guint i = 0; i < shown; i++)
        width = MAX(width, dt_text_columns(dt_phrase_author_domain(
                               ((const dt_summary_domain *)domains->pdata[i])->name)));
    return MIN(width, 32);
}

static char *
blocking_codes(const dt_summary_domain *domain)
{
    GString *codes = g_string_new(NULL);
    guint count = 0;
    for (guint i = 0; i < domain->causes->len; i++) {
        const dt_summary_domain_cause *part =
            &g_array_index(domain->causes, dt_summary_domain_cause, i);
        if (part->cause->severity == DT_SEVERITY_BLOCKS && count++ < 3)
            g_string_append_printf(codes, "%s%s", codes->len ? ", " : "", part->cause->code);
    }
    if (count > 3)
        g_string_append_printf(codes, ", %u more", count - 3);
    return g_string_free(codes, FALSE);
}

static void
domain_line(dt_layout *layout, const dt_summary_domain *domain, guint width)
{
    guint64 pass = domain->verdicts[DT_VERDICT_PASS], fail = domain->verdicts[DT_VERDICT_FAIL];
    g_autofree char *name = dt_layout_pad(dt_phrase_author_domain(domain->name), width);
    g_autofree char *codes = blocking_codes(domain);
    g_string_append_printf(layout->out,
                           "  %s %8" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT
                           " %8" G_GUINT64_FORMAT "\n",
                           name, domain->count, pass, fail, domain->count - pass - fail);
    if (codes[0])
        dt_layout_wrap(layout, 4, 4, codes);
}

static void
domain_list(dt_layout *layout, const dt_summary *summary, gboolean is_verbose)
{
    guint shown = is_verbose ? summary->domains->len : MIN(summary->domains->len, SHORT_LIST);
    if (shown == 0)
        return;
    guint width = domain_width(summary->domains, shown);
    g_autofree char *name = dt_layout_pad("domain", width);
    section(layout, "Sender domains, worst first");
    g_string_append_printf(layout->out, "  %s %8s %8s %8s %8s\n", name, "messages", "pass", "fail",
                           "other");
    for (guint i = 0; i < shown; i++)
        domain_line(layout, summary->domains->pdata[i], width);
    and_more(layout, summary->domains->len - shown, "domains");
}

static void
fault_list(dt_layout *layout, const dt_summary *summary)
{
    if (summary->fault_count == 0)
        return;
    section(layout, "Could not be analysed");
    for (guint i = 0; i < summary->faults->len; i++)
        dt_layout_wrap(layout, 2, 4, ((const dt_summary_fault *)summary->faults->pdata[i])->text);
    if (summary->fault_count > summary->faults->len)
        dt_layout_wrapf(layout, 2, 2, "and %" G_GUINT64_FORMAT " more",
                        summary->fault_count - summary->faults->len);
}

void
dt_summary_text(const dt_summary *summary, const dt_report_options *options, GString *out)
{
    dt_layout layout = { .out = out,
                         .columns = options->columns ? MAX(options->columns, 40) : 80,
                         .use_color = options->use_color };
    first_line(&layout, summary);
    if (summary->count)
        dt_layout_blank(&layout);
    verdicts(&layout, summary);
    cause_list(&layout, summary->causes, DT_SEVERITY_BLOCKS,
               "What stops dmarc=pass (messages, cause)", options->is_verbose);
    cause_list(&layout, summary->causes, DT_SEVERITY_RISK, "Risks (messages, cause)",
               options->is_verbose);
    domain_list(&layout, summary, options->is_verbose);
    copy_list(&layout, summary);
    note_list(&layout, summary->causes);
    fault_list(&layout, summary);
}
