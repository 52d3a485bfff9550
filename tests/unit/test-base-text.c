/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the cleaning of untrusted text, and about tag=value lists.
 */
#include "base/taglist.h"
#include "base/text.h"

#include <string.h>

typedef char *(*text_func)(const char *);
typedef struct {
    text_func func;
    const char *in, *want;
} row;

static char *
zone_quote(const char *s)
{
    return dt_text_zone_quote(s, strlen(s));
}

static const row rows[] = {
    { dt_text_terminal, "plain", "plain" },
    { dt_text_terminal, "a\x1b[31mb", "a\\u{001B}[31mb" },
    { dt_text_terminal,
      "a\xc2\x9b"
      "b",
      "a\\u{009B}b" },
    { dt_text_terminal,
      "a\xe2\x80\xae"
      "b",
      "a\\u{202E}b" },
    { dt_text_terminal,
      "a\xe2\x80\x8b"
      "b",
      "a\\u{200B}b" },
    { dt_text_terminal, "a\r\n b\tc", "a  b c" },
    { dt_text_terminal,
      "a\xff"
      "b",
      "a\xef\xbf\xbd"
      "b" },
    { dt_text_terminal, "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
    { zone_quote, "v=spf1 \"x\" \\", "\"v=spf1 \\\"x\\\" \\\\\"" },
    { zone_quote, "\xe2\x80\x9c", "\"\\226\\128\\156\"" },
    { zone_quote, "", "\"\"" },
    { dt_text_shell_quote, "plain-1.example", "plain-1.example" },
    { dt_text_shell_quote, "a b", "'a b'" },
    { dt_text_shell_quote, "it's $(x)", "'it'\\''s $(x)'" },
    { dt_text_shell_quote, "", "''" },
    { dt_text_shell_quote, "a\nb",
      "'a\xef\xbf\xbd"
      "b'" },
    { dt_text_header_value, "user@example.com", "user@example.com" },
    { dt_text_header_value, "a;b", "\"a;b\"" },
    { dt_text_header_value, "a\r\nX: y", "\"aX: y\"" },
    { dt_text_header_value, "", "\"\"" },
    { dt_text_html, "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;" },
    { dt_text_csv, "=1+1", "\"'=1+1\"" },
    { dt_text_csv, "a\"b", "\"a\"\"b\"" },
    { dt_text_ip, "::ffff:192.0.2.1", "192.0.2.1" },
    { dt_text_ip, "[IPv6:2001:DB8:0:0::1]", "2001:db8::1" },
    { dt_text_ip, "[192.0.2.1]", "192.0.2.1" },
    { dt_text_ip, "192.0.2.256", NULL },
    { dt_text_ip, "192.0.2", NULL },
    { dt_text_ip, "", NULL },
};

static void
each_place_gets_text_that_it_bears(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = rows[i].func(rows[i].in);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
no_octet_or_character_survives_that_moves_a_terminal(void)
{
    for (gunichar c = 1; c < 0x30000; c++) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        char in[8] = "";
        g_unichar_to_utf8(c, in);
        g_autofree char *out = dt_text_terminal(in);
        for (const char *p = out; *p; p = g_utf8_next_char(p)) {
            gunichar o = g_utf8_get_char(p);
            g_assert_false(g_unichar_iscntrl(o));
            g_assert_false((o >= 0x202a && o <= 0x202e) || (o >= 0x2066 && o <= 0x2069) ||
                           o == 0x061c || o == 0x200e || o == 0x200f);
        }
    }
}

static void
long_text_is_cut_into_chunks_of_255(void)
{
    g_autofree char *text = g_strnfill(256, 'x');
    g_autofree char *quoted = zone_quote(text);
    g_assert_cmpuint(strlen(quoted), ==, 256 + 4 + 1);
    g_assert_nonnull(strstr(quoted, "\" \"x\""));
    text[255] = '\0';
    g_autofree char *one = zone_quote(text);
    g_assert_cmpuint(strlen(one), ==, 257);
}

static void
private_addresses_are_known_at_their_edges(void)
{
    static const char *const inside[] = {
        "10.0.0.0",  "10.255.255.255", "172.16.0.0", "172.31.255.255",  "192.168.255.1",
        "127.0.0.1", "169.254.1.1",    "100.64.0.0", "100.127.255.255", "::1",
        "fe80::1",   "febf::1",        "fc00::",     "fdff::1"
    };
    static const char *const outside[] = {
        "9.255.255.255",   "11.0.0.0",       "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "100.63.255.255", "100.128.0.0",    "::2",
        "fec0::1",         "fbff::1",        "2001:db8::1",    "203.0.113.1",
        "not an address"
    };
    for (guint i = 0; i < G_N_ELEMENTS(inside); i++)
        g_assert_true(dt_text_ip_is_private(inside[i]));
    for (guint i = 0; i < G_N_ELEMENTS(outside); i++)
        g_assert_false(dt_text_ip_is_private(outside[i]));
}

static void
times_and_base64_are_read_strictly(void)
{
    gint64 seconds = 0;
    gsize length = 0;
    g_assert_true(dt_text_parse_time("2026-11-24T10:00:00Z", &seconds));
    g_autofree char *shown = dt_text_time(seconds);
    g_assert_cmpstr(shown, ==, "2026-11-24T10:00:00Z");
    g_assert_true(dt_text_parse_time("2026-11-24T11:00:00+01:00", &seconds));
    g_assert_false(dt_text_parse_time("yesterday", &seconds));
    g_autofree guint8 *data = dt_text_base64("aGVs\r\n bG8=", &length);
    g_assert_cmpmem(data, length, "hello", 5);
    g_autofree guint8 *unpadded = dt_text_base64("aGVsbG8", &length);
    g_assert_cmpmem(unpadded, length, "hello", 5);
    g_assert_null(dt_text_base64("aGV*", &length));
    g_assert_null(dt_text_base64("a=bc", &length));
    g_assert_null(dt_text_base64("abcde", &length));
}

static void
tag_lists_keep_order_and_name_their_faults(void)
{
    g_autoptr(dt_taglist) list =
        dt_taglist_parse("v=1; a = rsa-sha256 ;b=x\r\n y;; a=2; word; 1x=3;", -1);
    g_assert_cmpuint(list->tags->len, ==, 4);
    g_assert_cmpstr(dt_taglist_value(list, "a"), ==, "rsa-sha256");
    g_assert_cmpstr(dt_taglist_value(list, "b"), ==, "x\r\n y");
    g_assert_null(dt_taglist_value(list, "A"));
    g_assert_true(list->has_fault);
    g_assert_true(list->has_empty);
    g_assert_true(list->has_duplicate);
    g_assert_true(g_array_index(list->tags, dt_tag, 3).duplicate);
    g_autoptr(dt_taglist) fine = dt_taglist_parse("v=1;", -1);
    g_assert_false(fine->has_empty || fine->has_fault || fine->has_duplicate);
    g_autofree char *bare = dt_taglist_strip(" a\tb\r\n c ");
    g_assert_cmpstr(bare, ==, "abc");
}

static void
columns_are_those_of_a_terminal(void)
{
    g_assert_cmpuint(dt_text_columns("abc"), ==, 3);
    g_assert_cmpuint(dt_text_columns("\345\255\227"), ==, 2); /* U+5B57: wide */
    g_assert_cmpuint(dt_text_columns("e\314\201"), ==, 1);    /* U+0301: stands over the e */
    g_assert_cmpuint(dt_text_columns("\340\244\225\340\244\203"), ==,
                     2); /* U+0903: a mark with a place of its own */
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/each place gets text that it bears", each_place_gets_text_that_it_bears);
    g_test_add_func("/text/no octet or character survives that moves a terminal",
                    no_octet_or_character_survives_that_moves_a_terminal);
    g_test_add_func("/text/long text is cut into chunks of 255",
                    long_text_is_cut_into_chunks_of_255);
    g_test_add_func("/text/private addresses are known at their edges",
                    private_addresses_are_known_at_their_edges);
    g_test_add_func("/text/times and base64 are read strictly", times_and_base64_are_read_strictly);
    g_test_add_func("/taglist/lists keep order and name their faults",
                    tag_lists_keep_order_and_name_their_faults);
    g_test_add_func("/text/columns are those of a terminal", columns_are_those_of_a_terminal);
    return g_test_run();
}
