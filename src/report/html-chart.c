/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The charts of a summary as inline SVG that stretches with the page: shares as bars, verdicts by
 * day as columns. All words and numbers stand beside them as text.
 */
#include "report/html-summary.h"

#include <stdio.h>
#include <string.h>

#define WINDOW_DAYS 62 /* shown at most: those in a row that hold most messages */
#define FEWEST_DAYS 14 /* so that a single day is no wall */
#define COLUMN      10
#define HEIGHT      1000

/* ---- bars ---------------------------------------------------------------------------------- */

void
dt_html_bar(GString *out, guint64 count, guint64 total, const char *tone)
{
    guint width = total ? (guint)(count * 1000 / total) : 0;
    dt_html_putf(out, "<svg class=\"bars\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
                      "aria-hidden=\"true\">"
                      "<rect width=\"1000\" height=\"10\" class=\"track\"/>");
    if (width || count)
        dt_html_putf(out, "<rect width=\"%u\" height=\"10\" class=\"bar %s\"/>", MAX(width, 4),
                     tone);
    g_string_append(out, "</svg>");
}

/* ---- verdicts by day ----------------------------------------------------------------------- */

enum { PASS, FAIL, OTHER, COPY, PARTS };

static const struct {
    const char *tone, *words;
} parts[PARTS] = {
    [PASS] = { "good", "pass" },
    [FAIL] = { "bad", "fail" },
    [OTHER] = { "warn", "no verdict (none, temperror, permerror)" },
    [COPY] = { "copy", "passed at the receiver, fails only here" },
};

typedef struct {
    guint32 julian; /* 0: no date */
    const dt_summary_day *day;
    guint64 counts[PARTS];
    guint64 total;
} column;

static guint32
julian_of(const char *text)
{
    guint year, month, day;
    if (strlen(text) != 10 || sscanf(text, "%4u-%2u-%2u", &year, &month, &day) != 3 ||
        !g_date_valid_dmy(day, month, year))
        return 0;
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, day, month, year);
    return g_date_get_julian(&date);
}

static column
column_of(const dt_summary_day *day)
{
    const guint64 *v = day->verdicts;
    column one = { .julian = julian_of(day->day), .day = day };
    one.counts[PASS] = v[DT_VERDICT_PASS];
    one.counts[FAIL] = v[DT_VERDICT_FAIL];
    one.counts[OTHER] = v[DT_VERDICT_NONE] + v[DT_VERDICT_TEMPERROR] + v[DT_VERDICT_PERMERROR];
    one.counts[COPY] = day->copy_count;
    for (guint i = 0; i < PARTS; i++)
        one.total += one.counts[i];
    return one;
}

/* The days in a row that are shown. */
typedef struct {
    guint first, count; /* in the array of columns */
    guint64 total, highest;
} window;

static window
find_window(const GArray *columns)
{
    window best = { 0 };
    guint64 total = 0;
    for (guint first = 0, last = 0; last < columns->len; last++) {
        const column *end = &g_array_index(columns, column, last);
        total += end->total;
        while (end->julian - g_array_index(columns, column, first).julian >= WINDOW_DAYS)
            total -= g_array_index(columns, column, first++).total;
        if (total >= best.total)
            best = (window){ .first = first, .count = last - first + 1, .total = total };
    }
    for (guint i = 0; i < best.count; i++)
        best.highest = MAX(best.highest, g_array_index(columns, column, best.first + i).total);
    return best;
}

static void
put_column(GString *out, const column *one, guint x, guint64 highest)
{
    guint y = HEIGHT;
    dt_html_putf(out, "<g><title>%s:", one->day->day);
    for (guint i = 0; i < PARTS; i++)
        if (one->counts[i])
            g_string_append_printf(out, " %" G_GUINT64_FORMAT " %s;", one->counts[i],
                                   parts[i].words);
    g_string_append(out, "</title>");
    for (guint i = 0; i < PARTS; i++) {
        guint height = (guint)(one->counts[i] * (HEIGHT - 10) / highest);
        if (!one->counts[i])
            continue;
        height = MIN(MAX(height, 6), y);
        y -= height;
        dt_html_putf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" class=\"bar %s\"/>",
                     x + 1, y, (guint)COLUMN - 2, height, parts[i].tone);
    }
    g_string_append(out, "</g>\n");
}

static void
put_legend(GString *out)
{
    g_string_append(out, "<ul class=\"legend\">");
    for (guint i = 0; i < PARTS; i++)
        dt_html_putf(out,
                     "<li><svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
                     "width=\"10\" height=\"10\" class=\"bar "
                     "%s\"/></svg> %s</li>",
                     parts[i].tone, parts[i].words);
    g_string_append(out, "</ul>\n");
}

static void
put_day_table(GString *out, const GArray *columns, const window *shown)
{
    g_string_append(out, "<details class=\"trace\">\n<summary>The numbers of each day</summary>\n"
                         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"Verdicts by day\">\n<table>\n<thead><tr>"
                         "<th scope=\"col\">Day</th><th scope=\"col\">pass</th><th "
                         "scope=\"col\">fail</th><th scope=\"col\">no verdict</th>"
                         "<th scope=\"col\">only here</th></tr></thead>\n<tbody>\n");
    for (guint i = 0; i < shown->count; i++) {
        const column *one = &g_array_index(columns, column, shown->first + i);
        dt_html_putf(out, "<tr><th scope=\"row\">%s</th>", one->day->day);
        for (guint k = 0; k < PARTS; k++)
            g_string_append_printf(out, "<td>%" G_GUINT64_FORMAT "</td>", one->counts[k]);
        g_string_append(out, "</tr>\n");
    }
    g_string_append(out, "</tbody>\n</table>\n</div>\n</details>\n");
}

static void
put_chart(GString *out, const GArray *columns, const window *shown, guint64 all)
{
    const column *first = &g_array_index(columns, column, shown->first);
    const column *last = &g_array_index(columns, column, shown->first + shown->count - 1);
    guint days = last->julian - first->julian + 1;
    guint lead = days < FEWEST_DAYS ? (FEWEST_DAYS - days) / 2 : 0;
    g_string_append_printf(
        out, "<p class=\"axis\">Highest: %" G_GUINT64_FORMAT " messages in a day</p>\n",
        shown->highest);
    dt_html_putf(out,
                 "<svg class=\"chart\" viewBox=\"0 0 %u %u\" preserveAspectRatio=\"none\" "
                 "role=\"img\" aria-labelledby=\"days-t days-d\">\n"
                 "<title id=\"days-t\">Verdicts by day, %s to %s</title>\n<desc id=\"days-d\">",
                 MAX(days, FEWEST_DAYS) * COLUMN, (guint)HEIGHT, first->day->day, last->day->day);
    g_string_append_printf(out,
                           "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                           " messages. The numbers are in the table below.</desc>\n",
                           shown->total, all);
    for (guint i = 0; i < shown->count; i++) {
        const column *one = &g_array_index(columns, column, shown->first + i);
        put_column(out, one, (one->julian - first->julian + lead) * COLUMN, shown->highest);
    }
    dt_html_putf(out, "</svg>\n<p class=\"axis ends\"><span>%s</span>", first->day->day);
    if (last != first)
        dt_html_putf(out, "<span>%s</span>", last->day->day);
    g_string_append(out, "</p>\n");
    put_legend(out);
    if (shown->total < all)
        g_string_append_printf(
            out, "<p>%" G_GUINT64_FORMAT " messages are of other days or without a date.</p>\n",
            all - shown->total);
    put_day_table(out, columns, shown);
}

void
dt_html_days(GString *out, const dt_summary *summary)
{
    g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(column));
    for (guint i = 0; i < summary->days->len; i++) {
        column one = column_of(summary->days->pdata[i]);
        if (one.julian && one.total)
            g_array_append_val(columns, one);
    }
    if (columns->len == 0)
        return;
    window shown = find_window(columns);
    g_string_append(out, "<section aria-labelledby=\"days\">\n<h3 id=\"days\">By day</h3>\n");
    put_chart(out, columns, &shown, summary->count);
    g_string_append(out, "</section>\n");
}
