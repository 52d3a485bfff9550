/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about canonical names: limits, escapes, IDN, the Public Suffix List.
 */
#include "base/name.h"

#include <string.h>

typedef struct {
    const char *in, *want;
} row;

static void
text_becomes_a_canonical_name(void)
{
    static const row rows[] = {
        { "Example.COM", "example.com" },
        { "example.com.", "example.com" },
        { ".", "" },
        { "", "" },
        { "a..b", NULL },
        { ".a", NULL },
        { "a..", NULL },
        { "f\\046g.test", "f\\046g.test" },
        { "a\\.b.test", "a\\046b.test" },
        { "a\\ b.test", "a\\032b.test" },
        { "a\\256.test", NULL },
        { "a\\25", NULL },
        { "a\\", NULL },
        { "_dmarc.example", "_dmarc.example" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = dt_name_from_text(rows[i].in, strlen(rows[i].in));
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
labels_end_at_63_and_names_at_253_octets(void)
{
    g_autofree char *label = g_strnfill(63, 'a');
    g_autofree char *longer = g_strnfill(64, 'a');
    g_autofree char *ok = dt_name_from_octets(label, 63);
    g_autofree char *bad = dt_name_from_octets(longer, 64);
    g_assert_nonnull(ok);
    g_assert_null(bad);
    g_autofree char *three = g_strjoin(".", label, label, label, NULL); /* 191 octets */
    g_autofree char *rest = g_strnfill(61, 'b');
    g_autofree char *fits = g_strjoin(".", three, rest, NULL); /* 253 */
    g_autofree char *over = g_strconcat(fits, "b", NULL);
    g_autofree char *name = dt_name_from_octets(fits, strlen(fits));
    g_autofree char *none = dt_name_from_octets(over, strlen(over));
    g_assert_nonnull(name);
    g_assert_cmpuint(dt_name_wire_length(name), ==, 255);
    g_assert_null(none);
}

static void
mail_domains_become_a_labels(void)
{
    static const row rows[] = {
        { "M\xc3\xbcller.Example", "xn--mller-kva.example" },
        { "fa\xc3\x9f.de", "xn--fa-hia.de" },
        { "example.com.", "example.com" },
        { "a b.com", NULL },
        { "[192.0.2.1]", NULL },
        { "ex\xe4mple.com", NULL },
        { "a..com", NULL },
        { "_x.example", "_x.example" },
        { "", NULL },
        { ".", NULL },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = dt_name_from_mail(rows[i].in);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
    g_assert_null(dt_name_from_mail(NULL));
}

static void
only_names_that_convert_back_have_a_unicode_form(void)
{
    g_autofree char *umlaut = dt_name_to_unicode("xn--mller-kva.example");
    g_assert_cmpstr(umlaut, ==, "m\xc3\xbcller.example");
    g_assert_null(dt_name_to_unicode("example.com"));
    g_assert_null(dt_name_to_unicode("xn--a.example"));
}

static void
below_means_at_a_label_boundary(void)
{
    g_assert_true(dt_name_is_within("a.example", "example"));
    g_assert_true(dt_name_is_within("example", "example"));
    g_assert_true(dt_name_is_within("example", ""));
    g_assert_false(dt_name_is_within("badexample", "example"));
    g_assert_false(dt_name_is_within("example", "a.example"));
    g_assert_cmpstr(dt_name_parent("a.b"), ==, "b");
    g_assert_cmpstr(dt_name_parent("b"), ==, "");
    g_assert_null(dt_name_parent(""));
    g_assert_cmpuint(dt_name_label_count("a.b.c"), ==, 3);
    g_assert_cmpuint(dt_name_label_count(""), ==, 0);
}

static void
the_suffix_list_gives_the_organizational_domain(void)
{
    static const row rows[] = {
        { "a.b.example.co.uk", "example.co.uk" }, { "co.uk", "co.uk" },
        { "mail.example.com", "example.com" },    { "x.user.github.io", "user.github.io" },
        { "a.b.unknowntld", "b.unknowntld" },     { "com", "com" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(dt_name_psl_org_domain(rows[i].in), ==, rows[i].want);
}

static void
octets_come_back_from_the_escaped_form(void)
{
    gsize length = 0;
    g_autofree char *name = dt_name_from_octets("a\0b.c", 5);
    g_assert_cmpstr(name, ==, "a\\000b.c");
    g_autofree char *octets = dt_name_to_octets(name, &length);
    g_assert_cmpmem(octets, length, "a\0b.c", 5);
}

static void
a_master_file_reads_a_name_back(void)
{
    static const row rows[] = { { "a.example", "a.example." },
                                { "", "." },
                                { "a\"b;c(d)e@f$g.x", "a\\\"b\\;c\\(d\\)e\\@f\\$g.x." },
                                { "a\\032b", "a\\032b." } };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *zone = dt_name_to_zone(rows[i].in);
        g_autofree char *back = dt_name_from_text(zone, strlen(zone));
        g_assert_cmpstr(zone, ==, rows[i].want);
        g_assert_cmpstr(back, ==, rows[i].in);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/name/text becomes a canonical name", text_becomes_a_canonical_name);
    g_test_add_func("/name/labels end at 63 and names at 253 octets",
                    labels_end_at_63_and_names_at_253_octets);
    g_test_add_func("/name/mail domains become A-labels", mail_domains_become_a_labels);
    g_test_add_func("/name/only names that convert back have a Unicode form",
                    only_names_that_convert_back_have_a_unicode_form);
    g_test_add_func("/name/below means at a label boundary", below_means_at_a_label_boundary);
    g_test_add_func("/name/the suffix list gives the organizational domain",
                    the_suffix_list_gives_the_organizational_domain);
    g_test_add_func("/name/octets come back from the escaped form",
                    octets_come_back_from_the_escaped_form);
    g_test_add_func("/name/a master file reads a name back", a_master_file_reads_a_name_back);
    return g_test_run();
}
