/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The parts that HTML reports are made of: what is escaped, what an excerpt shows, what the page
 * allows; and the lists of a summary at their limits.
 */
#include "report/html.h"
#include "report/html-summary.h"

#include <string.h>

static void
test_escape(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    dt_html_putf(out, "<p class=\"%s\">%s %u %d %% %s</p>", "a\"b", "<script>&'", 7u, -3,
                 (const char *)NULL);
    g_assert_cmpstr(out->str, ==, "<p class=\"a&quot;b\">&lt;script&gt;&amp;&#39; 7 -3 % </p>");
    g_string_truncate(out, 0);
    dt_html_put(out, "\xff\x1b[1m%s\xe2\x80\xae");
    g_assert_cmpstr(out->str, ==, "\xef\xbf\xbd\xef\xbf\xbd[1m%s\xef\xbf\xbd");
}

static void
test_excerpt(void)
{
    static const struct {
        const char *text, *mark;
        guint limit;
        const char *shown;
    } rows[] = {
        { "short", NULL, 5, "short" },
        { "longer", NULL, 5, "longe …" },
        { "a d=x b", "d=x", 20, "a <mark>d=x</mark> b" },
        { "0123456789d=x9876543210", "d=x", 6, "… 789<mark>d=x</mark>987 …" },
        { "<d=x>", "d=x", 20, "&lt;<mark>d=x</mark>&gt;" },
        { "no such mark", "d=x", 5, "no su …" },
        { "empty mark", "", 40, "empty mark" },
        { "aaaaaaaa", "aaaaaaaa", 4, "<mark>aaaa</mark>aa …" },
        { "\xc3\xa4\xc3\xb6\xc3\xbc", "\xc3\xb6", 2, "\xc3\xa4<mark>\xc3\xb6</mark>\xc3\xbc" },
        { NULL, "x", 4, "" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        dt_html_excerpt(out, rows[i].text, rows[i].mark, rows[i].limit);
        g_assert_cmpstr(out->str, ==, rows[i].shown);
    }
}

static void
test_policy(void)
{
    g_autoptr(GString) plain = g_string_new(NULL), scripted = g_string_new(NULL);
    dt_html_page_begin(plain, "<t>", "h", NULL);
    dt_html_page_begin(scripted, "t", "h", "alert(1)");
    g_assert_nonnull(strstr(plain->str, "default-src 'none'; style-src 'sha256-"));
    g_assert_null(strstr(plain->str, "script-src"));
    g_assert_null(strstr(plain->str, "unsafe"));
    g_assert_nonnull(strstr(plain->str, "<title>&lt;t&gt;</title>"));
    g_assert_nonnull(strstr(scripted->str,
                            "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; "));
}

/* ---- lists of a summary -------------------------------------------------------------------- */

static dt_row
row_of(const char *file, dt_verdict verdict, const char *date, GArray *causes)
{
    return (dt_row){
        .file = file, .verdict = verdict, .reproducible = -1, .date = (char *)date, .causes = causes
    };
}

static void
test_days(void)
{
    g_autoptr(dt_summary) summary = dt_summary_new();
    g_autoptr(GArray) causes = g_array_new(FALSE, FALSE, sizeof(dt_row_cause));
    static const char *const dates[] = { "2026-10-15T00:00:00Z", "2026-10-14T23:59:59Z",
                                         "2026-10-14T00:00:00Z", NULL, "<b>" };
    for (guint i = 0; i < G_N_ELEMENTS(dates); i++) {
        dt_row row = row_of("f", DT_VERDICT_PASS, dates[i], causes);
        dt_summary_add(summary, &row);
    }
    dt_summary_sort(summary);
    g_assert_cmpuint(summary->days->len, ==, 3);
    const dt_summary_day *unknown = summary->days->pdata[0], *first = summary->days->pdata[1];
    g_assert_cmpstr(unknown->day, ==, "");
    g_assert_cmpuint(unknown->verdicts[DT_VERDICT_PASS], ==, 2);
    g_assert_cmpstr(first->day, ==, "2026-10-14");
    g_assert_cmpuint(first->verdicts[DT_VERDICT_PASS], ==, 2);
}

static void
fill(dt_summary *summary, GArray *causes, gint from, gint to, gint step)
{
    for (gint i = from; i != to; i += step) {
        g_autofree char *file = g_strdup_printf("%06d", i);
        dt_row row = row_of(file, i % 100 == 0 ? DT_VERDICT_FAIL : DT_VERDICT_PASS,
                            "2026-10-14T00:00:00Z", causes);
        dt_summary_add(summary, &row);
    }
    dt_summary_sort(summary);
}

static void
test_messages(void)
{
    g_autoptr(dt_summary) up = dt_summary_new(), down = dt_summary_new(), none = dt_summary_new();
    g_autoptr(GArray) causes = g_array_new(FALSE, FALSE, sizeof(dt_row_cause));
    gint count = DT_SUMMARY_MESSAGES + 500;
    dt_summary_keep_messages(up);
    dt_summary_keep_messages(down);
    fill(up, causes, 0, count, 1);
    fill(down, causes, count - 1, -1, -1);
    fill(none, causes, 0, 3, 1);
    g_assert_cmpuint(none->messages->len, ==, 0);
    g_assert_cmpuint(up->messages->len, ==, DT_SUMMARY_MESSAGES);
    g_assert_cmpuint(down->messages->len, ==, DT_SUMMARY_MESSAGES);
    for (guint i = 0; i < up->messages->len; i++) {
        const dt_summary_message *one = up->messages->pdata[i], *other = down->messages->pdata[i];
        g_assert_cmpstr(one->file, ==, other->file);
    }
    g_assert_cmpint(((const dt_summary_message *)up->messages->pdata[0])->verdict, ==,
                    DT_VERDICT_FAIL);
    g_assert_cmpint(((const dt_summary_message *)up->messages->pdata[24])->verdict, ==,
                    DT_VERDICT_FAIL);
    g_assert_cmpint(((const dt_summary_message *)up->messages->pdata[25])->verdict, ==,
                    DT_VERDICT_PASS);
}

/* Days far apart: those in a row with most messages are drawn, a wrong clock squeezes nothing. */
static void
test_chart(void)
{
    g_autoptr(dt_summary) summary = dt_summary_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GArray) causes = g_array_new(FALSE, FALSE, sizeof(dt_row_cause));
    static const char *const dates[] = { "1970-01-01T00:00:00Z", "2026-10-14T00:00:00Z",
                                         "2026-10-15T00:00:00Z", "2099-12-31T00:00:00Z",
                                         "2026-13-45T00:00:00Z" };
    for (guint i = 0; i < G_N_ELEMENTS(dates); i++) {
        dt_row row = row_of("f", DT_VERDICT_FAIL, dates[i], causes);
        dt_summary_add(summary, &row);
    }
    dt_summary_sort(summary);
    dt_html_days(out, summary);
    g_assert_nonnull(strstr(out->str, "2026-10-14 to 2026-10-15"));
    g_assert_nonnull(strstr(out->str, "3 messages are of other days or without a date."));
    g_assert_null(strstr(out->str, "1970"));
    g_assert_null(strstr(out->str, "2099"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report/html/what is put into markup is escaped", test_escape);
    g_test_add_func("/report/html/an excerpt shows the mark and its surroundings", test_excerpt);
    g_test_add_func("/report/html/the page allows its own style and script only", test_policy);
    g_test_add_func("/report/summary/days are counted by date", test_days);
    g_test_add_func("/report/summary/the worst messages are kept, whatever order they come in",
                    test_messages);
    g_test_add_func("/report/summary/the chart shows the days that hold most messages", test_chart);
    return g_test_run();
}
