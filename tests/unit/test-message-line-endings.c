/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Line ends counted and undone; every case at every split.
 */
#include "message/line-endings.h"

#include <string.h>

static const struct {
    const char *raw, *wire;
    dt_eol kind;
    guint64 crcrlf, longest;
} rows[] = {
    { "", "", DT_EOL_UNKNOWN, 0, 0 },
    { "a", "a\r\n", DT_EOL_UNKNOWN, 0, 1 },
    { "a\r\n", "a\r\n", DT_EOL_CRLF, 0, 1 },
    { "a\n", "a\r\n", DT_EOL_LF, 0, 1 },
    { "a\r\r\n", "a\r\n", DT_EOL_MIXED, 1, 1 },
    { "a\r\r\r\n", "a\r\r\n", DT_EOL_MIXED, 1, 2 },
    { "\r\r\r\r\n", "\r\r\r\n", DT_EOL_MIXED, 1, 2 },
    { "a\nb\r\n", "a\r\nb\r\n", DT_EOL_MIXED, 0, 1 },
    { "a\rb\n", "a\rb\r\n", DT_EOL_LF, 0, 3 },
    { "a\r", "a\r\r\n", DT_EOL_UNKNOWN, 0, 2 },
    { "\n\n\n", "\r\n\r\n\r\n", DT_EOL_LF, 0, 0 },
    { "\r\n\r\nab", "\r\n\r\nab\r\n", DT_EOL_CRLF, 0, 2 },
    { "abc\r\nd\r\nlonger\r\n", "abc\r\nd\r\nlonger\r\n", DT_EOL_CRLF, 0, 6 },
};

static gboolean
collect(const char *octets, gsize length, gpointer data)
{
    g_string_append_len(data, octets, length);
    return TRUE;
}

static void
check(guint row, gsize first, gsize second)
{
    const char *raw = rows[row].raw;
    gsize length = strlen(raw), cuts[] = { 0, first, second, length };
    g_autoptr(GString) out = g_string_new(NULL);
    dt_line_scan scan = { 0 };
    dt_wire wire;
    dt_wire_init(&wire, collect, out);
    for (guint i = 0; i < 3; i++) {
        dt_wire_feed(raw + cuts[i], cuts[i + 1] - cuts[i], &wire);
        dt_line_scan_feed(&scan, raw + cuts[i], cuts[i + 1] - cuts[i]);
    }
    dt_wire_end(&wire);
    dt_line_scan_end(&scan);
    g_assert_cmpstr(out->str, ==, rows[row].wire);
    g_assert_cmpint(dt_line_scan_kind(&scan), ==, rows[row].kind);
    g_assert_cmpuint(scan.crcrlf, ==, rows[row].crcrlf);
    g_assert_cmpuint(scan.longest, ==, rows[row].longest);
}

static void
test_splits(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        for (gsize a = 0; a <= strlen(rows[i].raw); a++)
            for (gsize b = a; b <= strlen(rows[i].raw); b++)
                check(i, a, b);
}

static gboolean
stop_at_once(const char *octets, gsize length, gpointer data)
{
    ++*(guint *)data;
    return FALSE;
}

static void
test_stop(void)
{
    guint calls = 0;
    dt_wire wire;
    g_autofree char *big = g_malloc0(300000);
    dt_wire_init(&wire, stop_at_once, &calls);
    g_assert_false(dt_wire_feed(big, 300000, &wire));
    dt_wire_end(&wire);
    g_assert_cmpuint(calls, ==, 1);
}

static void
test_blocks(void)
{
    g_autoptr(GString) out = g_string_new(NULL), raw = g_string_new(NULL),
                       expected = g_string_new(NULL);
    dt_wire wire;
    for (guint i = 0; i < 40000; i++) {
        g_string_append_printf(raw, "line %u\n", i);
        g_string_append_printf(expected, "line %u\r\n", i);
    }
    dt_wire_init(&wire, collect, out);
    dt_wire_feed(raw->str, raw->len, &wire);
    dt_wire_end(&wire);
    g_assert_true(g_string_equal(out, expected));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/line-endings/pieces-may-be-split-anywhere", test_splits);
    g_test_add_func("/message/line-endings/the-reader-can-stop", test_stop);
    g_test_add_func("/message/line-endings/large-bodies-come-in-blocks", test_blocks);
    return g_test_run();
}
