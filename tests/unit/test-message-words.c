/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Encoded words and dates.
 */
#include "message/results.h"

#include <gmime/gmime.h>
#include <string.h>

static const struct {
    const char *raw, *text;
} word_rows[] = {
    { "plain", "plain" },
    { "caf\303\251", "caf\303\251" },
    { "caf\351", "caf\357\277\275" },
    { "=?utf-8?Q?caf=C3=A9?=", "caf\303\251" },
    { "=?iso-8859-1?Q?caf=E9?= bar", "caf\303\251 bar" },
    { "=?utf-8?B?Y2Fmw6k=?=", "caf\303\251" },
    { "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab" },
    { "=?utf-8?Q?open", "=?utf-8?Q?open" },
    { "a =? b", "a =? b" },
};

static void
test_words(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(word_rows); i++) {
        g_autofree char *text = dt_decode_words(word_rows[i].raw, strlen(word_rows[i].raw));
        g_assert_cmpstr(text, ==, word_rows[i].text);
    }
}

static void
test_words_valid(void)
{
    static const char *const rows[] = { "=?utf-8?Q?=FF=FE?=", "=?nosuch?Q?=E9?=",
                                        "=?utf-8?B?////?=", "=?utf-8?Q?=00x?=" };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = dt_decode_words(rows[i], strlen(rows[i]));
        g_assert_true(g_utf8_validate(text, -1, NULL));
    }
    g_autofree char *nul = dt_decode_words("a\0b", 3);
    g_assert_cmpstr(nul, ==, "a\357\277\275b");
}

static const struct {
    const char *text;
    gint64 time;
} date_rows[] = {
    { "Wed, 14 Oct 2026 10:21:43 +0200", 1791966103 },
    { "Wed, 14 Oct 2026 10:21:43 +0200 (CEST)", 1791966103 },
    { "14 Oct 2026 08:21:43 +0000", 1791966103 },
    { "  Wed, 14 Oct 2026 01:21:43 -0700 (PDT)", 1791966103 },
    { "Wed, 14 Oct 2026 08:21:43 GMT", 1791966103 },
    { "Wed, 14 Oct 2026 08:21:43 -0000", 1791966103 },
    { "Wed,  4 Mar 2026 00:00:00 +0000", 1772582400 },
    { "Wed, 14 Oct\r\n 2026 10:21:43\t+0200", 1791966103 },
    { "Wed,14 Oct 2026 10:21:43 +0200", 1791966103 },
    { "1 Jan 1970 00:00:00 +0000", 0 },
    { "29 Feb 2024 12:00:00 +0000", 1709208000 },
    { "28 Feb 2100 00:00:00 +0000", 4107456000 },
    { "1 Mar 2100 00:00:00 +0000", 4107542400 },
    { "31 Dec 1999 23:59:59 +0000", 946684799 },
    { "nonsense", DT_TIME_NONE },
    { "", DT_TIME_NONE },
};

static void
test_dates(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(date_rows); i++) {
        g_test_message("%s", date_rows[i].text);
        g_assert_cmpint(dt_date_parse(date_rows[i].text), ==, date_rows[i].time);
    }
}

/* The plain reading against GMime's, over days and zones. */
static void
test_dates_like_gmime(void)
{
    static const char *const zones[] = { "+0000", "-0730", "+0545", "+1400", "-1200" };
    g_mime_init();
    for (gint64 day = 0; day < 60000; day += 17) {
        g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(day * 86400 + day % 86400);
        g_autofree char *start = g_date_time_format(date, "%a, %d %b %Y %H:%M:%S ");
        g_autofree char *text = g_strconcat(start, zones[day % G_N_ELEMENTS(zones)], NULL);
        g_autoptr(GDateTime) theirs = g_mime_utils_header_decode_date(text);
        g_assert_cmpint(dt_date_parse(text), ==, g_date_time_to_unix(theirs));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/words/encoded-words-are-decoded", test_words);
    g_test_add_func("/message/words/the-result-is-valid-utf8", test_words_valid);
    g_test_add_func("/message/words/dates-in-usual-and-obsolete-forms", test_dates);
    g_test_add_func("/message/words/the-plain-reading-of-dates-is-gmimes", test_dates_like_gmime);
    return g_test_run();
}
