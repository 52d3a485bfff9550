/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the syntax of report addresses (RFC 3986 3).
 */
#include "dmarc/walk.h"

#include <string.h>

static void
a_uri_of_any_scheme_is_one(void)
{
    static const char *const rows[] = {
        "mailto:d@example.com",
        "MAILTO:d@example.com",
        "mailto:d@example.com?subject=a=b",
        "mailto:",
        "mailto:d%2Ce@example.com",
        "https://reports.example.com/dmarc",
        "https://a:1@h.example:443/p?q#f",
        "https://[2001:db8::1]:8443/",
        "https://[::1]",
        "x+y-z.1:a",
        "news:a(b)'c",
        "https://h.example",
        "a:/b//c",
        "a:?",
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(dt_uri_fault(rows[i], strlen(rows[i])), ==, NULL);
}

static void
anything_else_is_none(void)
{
    static const char *const rows[] = {
        "",
        "d@example.com",
        "example.com",
        "1mailto:d@example.com",
        ":d@example.com",
        "mailto;d@example.com",
        "mailto:d@ex\xc3\xa4mple.com",
        "\"mailto:d@example.com\"",
        "<mailto:d@example.com>",
        "mailto:a b@example.com",
        "mailto:d%2@example.com",
        "mailto:d%@example.com",
        "mailto:d%2",
        "mailto:d%zz@example.com",
        "mailto:d!e@example.com",
        "https://h.example:80x/",
        "https://[::1/",
        "https://[]/",
        "https://a@b@c/",
        "a:#b#c",
        "a:[b]",
        "a:b\\c",
        "a:\x7f",
        "a:^",
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!dt_uri_fault(rows[i], strlen(rows[i])))
            g_error("taken for a URI: %s", rows[i]);
}

static void
an_octet_behind_the_end_does_not_count(void)
{
    g_assert_null(dt_uri_fault("mailto:d@example.com!10m", 20));
    g_assert_nonnull(dt_uri_fault("mailto:d%20", 9));
    g_assert_nonnull(dt_uri_fault("mailto:d\0e", 10));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/uri/a URI of any scheme is one", a_uri_of_any_scheme_is_one);
    g_test_add_func("/dmarc/uri/anything else is none", anything_else_is_none);
    g_test_add_func("/dmarc/uri/an octet behind the end does not count",
                    an_octet_behind_the_end_does_not_count);
    return g_test_run();
}
