/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The record grammar of RFC 7208: every term kind on both sides of its edges, and faulty records
 * taken apart to their end.
 */
#include "spf/spf.h"

#include <string.h>

static void
test_is_record(void)
{
    static const struct {
        const char *text;
        gboolean is_record;
    } rows[] = {
        { "v=spf1", TRUE },
        { "v=spf1 ", TRUE },
        { "v=spf1 -all", TRUE },
        { "V=SPF1 -all", TRUE },
        { "v=spf1  a", TRUE },
        { "v=spf10 -all", FALSE },
        { "v=spf1\t-all", FALSE },
        { " v=spf1 -all", FALSE },
        { "v=spf1;-all", FALSE },
        { "v=spf1include:x", FALSE },
        { "v=spf", FALSE },
        { "", FALSE },
        { "\"v=spf1 -all\"", FALSE },
        { "\xef\xbb\xbfv=spf1 -all", FALSE },
        { "v=spf2.0/pra -all", FALSE },
        { "v = spf1 -all", FALSE },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (dt_spf_is_record(rows[i].text) != rows[i].is_record)
            g_error("dt_spf_is_record(\"%s\")", rows[i].text);
    g_assert_false(dt_spf_is_record(NULL));
}

/* "kind qualifier target cidr4 cidr6", or "!kind" for a term that is faulty. */
static char *
describe(const dt_spf_term *term)
{
    static const char *const kinds[] = {
        "unknown", "all", "include", "a",        "mx",  "ptr",
        "ip4",     "ip6", "exists",  "redirect", "exp", "modifier"
    };
    if (!term->is_valid) {
        g_assert_nonnull(term->fault);
        return g_strdup_printf("!%s", kinds[term->kind]);
    }
    g_assert_null(term->fault);
    return g_strdup_printf("%s %c %s %d %d", kinds[term->kind],
                           term->qualifier ? term->qualifier : '=',
                           term->target ? term->target : "-", term->cidr4, term->cidr6);
}

static const struct {
    const char *term;
    const char *expected;
} terms[] = {
    { "all", "all + - -1 -1" },
    { "-ALL", "all - - -1 -1" },
    { "~all", "all ~ - -1 -1" },
    { "?all", "all ? - -1 -1" },
    { "all:x.example", "!all" },
    { "all/8", "!all" },
    { "all.", "!unknown" },
    { "-", "!unknown" },
    { "--all", "!unknown" },
    { "-all;", "!unknown" },
    /* include, exists: a name is needed, and no prefix length */
    { "include:a.example", "include + a.example -1 -1" },
    { "INCLUDE:A.example.", "include + A.example. -1 -1" },
    { "?include:%{d}", "include ? %{d} -1 -1" },
    { "include", "!include" },
    { "include:", "!include" },
    { "include:example", "!include" },
    { "include:.", "!include" },
    { "include:a..example", "include + a..example -1 -1" },
    { "include:a.example/24", "!include" },
    { "include:a.example,b.example", "include + a.example,b.example -1 -1" },
    { "include:a.1", "!include" },
    { "include:a.1-2", "include + a.1-2 -1 -1" },
    { "include:a.1a", "include + a.1a -1 -1" },
    { "include:a.-b", "!include" },
    { "include:a.b-", "!include" },
    { "include:a.b_c", "!include" },
    { "includes:a.example", "!unknown" },
    { "include=a.example", "modifier = a.example -1 -1" },
    { "exists:%{i}.a.example", "exists + %{i}.a.example -1 -1" },
    { "exists:%{i}.a.example/24", "!exists" },
    { "exists", "!exists" },
    /* a, mx: name and prefix lengths may be left out */
    { "a", "a + - -1 -1" },
    { "a:", "!a" },
    { "a/", "!a" },
    { "a//", "!a" },
    { "a/0", "a + - 0 -1" },
    { "a/32", "a + - 32 -1" },
    { "a/33", "!a" },
    { "a/08", "!a" },
    { "a/00", "!a" },
    { "a//0", "a + - -1 0" },
    { "a//128", "a + - -1 128" },
    { "a//129", "!a" },
    { "a//99999999999999999999", "!a" },
    { "a/24//64", "a + - 24 64" },
    { "a/24/64", "!a" },
    { "a///64", "!a" },
    { "a:h.example/24//64", "a + h.example 24 64" },
    { "a:%{d}/24", "a + %{d} 24 -1" },
    { "a:%{d/}", "a + %{d/} -1 -1" },
    { "a:h.example:25", "!a" },
    { "a:h/x.example", "a + h/x.example -1 -1" },
    { "a:192.0.2.1", "!a" },
    { "a.h.example", "!unknown" },
    { "mx", "mx + - -1 -1" },
    { "-mx:h.example", "mx - h.example -1 -1" },
    { "mx/24//64", "mx + - 24 64" },
    { "mx//", "!mx" },
    { "ptr", "ptr + - -1 -1" },
    { "ptr:h.example", "ptr + h.example -1 -1" },
    { "ptr/24", "!ptr" },
    { "ptr:", "!ptr" },
    /* addresses */
    { "ip4:192.0.2.1", "ip4 + 192.0.2.1 -1 -1" },
    { "ip4:192.0.2.0/24", "ip4 + 192.0.2.0 24 -1" },
    { "ip4:192.0.2.0/32", "ip4 + 192.0.2.0 32 -1" },
    { "ip4:192.0.2.0/33", "!ip4" },
    { "ip4:192.0.2.0//24", "!ip4" },
    { "ip4:192.0.2", "!ip4" },
    { "ip4:192.0.2.256", "!ip4" },
    { "ip4:192.0.02.1", "!ip4" },
    { "ip4:2001:db8::1", "!ip4" },
    { "ip4:h.example", "!ip4" },
    { "ip4:", "!ip4" },
    { "ip4", "!ip4" },
    { "ip4/24", "!ip4" },
    { "ip4=192.0.2.1", "modifier = 192.0.2.1 -1 -1" },
    { "ip6:2001:db8::1", "ip6 + 2001:db8::1 -1 -1" },
    { "ip6:2001:DB8::/128", "ip6 + 2001:DB8:: -1 128" },
    { "ip6:2001:db8::/129", "!ip6" },
    { "ip6:::1/0", "ip6 + ::1 -1 0" },
    { "ip6:2001:db8::192.0.2.1", "ip6 + 2001:db8::192.0.2.1 -1 -1" },
    { "ip6:192.0.2.1", "!ip6" },
    { "ip6:[2001:db8::1]", "!ip6" },
    { "ip:192.0.2.1", "!unknown" },
    /* modifiers */
    { "redirect=a.example", "redirect = a.example -1 -1" },
    { "Redirect=%{d}", "redirect = %{d} -1 -1" },
    { "redirect=", "!redirect" },
    { "redirect:a.example", "!unknown" },
    { "redirect", "!unknown" },
    { "-redirect=a.example", "!redirect" },
    { "redirect=a.example/24", "!redirect" },
    { "exp=why.example", "exp = why.example -1 -1" },
    { "exp=why", "!exp" },
    { "exp=%{c}.example", "!exp" },
    { "x=", "modifier =  -1 -1" },
    { "x-y_z.1=%{c}%{r}%{t}:/", "modifier = %{c}%{r}%{t}:/ -1 -1" },
    { "x=%", "!modifier" },
    { "1x=y", "!unknown" },
    { "=y", "!unknown" },
    { "+x=y", "!modifier" },
    /* macros */
    { "exists:%{s}%{l}%{o}%{d}%{i}%{p}%{v}%{h}",
      "exists + %{s}%{l}%{o}%{d}%{i}%{p}%{v}%{h} -1 -1" },
    { "exists:%{d1r.-+,/_=}", "exists + %{d1r.-+,/_=} -1 -1" },
    { "exists:%{d0}.example", "!exists" },
    { "exists:%{d00}.example", "!exists" },
    { "exists:%{d999999999999}.example", "exists + %{d999999999999}.example -1 -1" },
    { "exists:%{r}.example", "!exists" },
    { "exists:%{t}.example", "!exists" },
    { "exists:%{x}.example", "!exists" },
    { "exists:%{}.example", "!exists" },
    { "exists:%{d", "!exists" },
    { "exists:%{", "!exists" },
    { "exists:%", "!exists" },
    { "exists:%d.example", "!exists" },
    { "exists:%{dx}.example", "!exists" },
    { "exists:%{d}com", "!exists" },
    { "exists:%{d}.", "!exists" },
    { "exists:a.%%", "exists + a.%% -1 -1" },
    { "exists:a%_b%-.example", "exists + a%_b%-.example -1 -1" },
    /* what may stand in a term */
    { "include:a.example\xe2\x80\x9d", "!include" },
    { "\xe2\x80\x9cinclude:a.example", "!unknown" },
    { "a:h.example\t", "!a" },
    { "x=\x01", "!modifier" },
    { "x=\xff", "!modifier" },
};

static void
test_terms(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(terms); i++) {
        g_autofree char *text = g_strconcat("v=spf1 ", terms[i].term, NULL);
        g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
        g_assert_cmpuint(record->terms->len, ==, 1);
        g_autofree char *got = describe(g_ptr_array_index(record->terms, 0));
        if (strcmp(got, terms[i].expected) != 0)
            g_error("%s: %s, not %s", terms[i].term, got, terms[i].expected);
        g_assert_cmpint(record->is_valid, ==, terms[i].expected[0] != '!');
    }
}

static void
test_addresses_of_terms(void)
{
    static const char text[] = "v=spf1 ip4:192.0.2.7/24 ip6:2001:db8::/32 a";
    static const guint8 v4[] = { 192, 0, 2, 7 }, v6[] = { 0x20, 0x01, 0x0d, 0xb8 };
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
    const dt_spf_term *const *term = (const dt_spf_term *const *)record->terms->pdata;
    g_assert_cmpmem(term[0]->address, term[0]->address_length, v4, 4);
    g_assert_cmpuint(term[1]->address_length, ==, 16);
    g_assert_cmpmem(term[1]->address, 4, v6, 4);
    g_assert_cmpuint(term[2]->address_length, ==, 0);
}

static void
test_faulty_record_is_read_to_its_end(void)
{
    static const char text[] = "v=spf1  include: mail.example  ip4:192.0.2.1 redirect=a.example "
                               "redirect=b.example -all ";
    static const char *const expected[] = {
        "!include",  "!unknown",     "ip4 + 192.0.2.1 -1 -1", "redirect = a.example -1 -1",
        "!redirect", "all - - -1 -1"
    };
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
    g_assert_false(record->is_valid);
    g_assert_cmpuint(record->terms->len, ==, G_N_ELEMENTS(expected));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *got = describe(g_ptr_array_index(record->terms, i));
        g_assert_cmpstr(got, ==, expected[i]);
    }
}

static void
test_octets_that_are_no_text(void)
{
    static const char text[] = "v=spf1 a:\0.example x=\xff -all";
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, sizeof text - 1);
    g_assert_false(record->is_valid);
    g_assert_cmpuint(record->terms->len, ==, 3);
    g_assert_true(g_utf8_validate(record->text, -1, NULL));
    g_autoptr(dt_spf_record) empty = dt_spf_record_parse(NULL, 0);
    g_assert_false(empty->is_valid);
    g_assert_cmpuint(empty->terms->len, ==, 0);
}

static void
test_other_text_is_taken_apart_too(void)
{
    static const char text[] = "\xe2\x80\x9cv=spf1 include:mail.example ~all\xe2\x80\x9d";
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
    const dt_spf_term *include = g_ptr_array_index(record->terms, 1);
    g_assert_false(record->is_valid);
    g_assert_cmpstr(include->target, ==, "mail.example");
    g_assert_true(include->is_valid);
}

static void
test_words_of_results(void)
{
    for (int i = DT_SPF_PASS; i <= DT_SPF_TEMPERROR; i++) {
        const char *word = dt_spf_result_word(i);
        g_assert_nonnull(word);
        g_assert_cmpint(dt_spf_result_parse(word), ==, i);
    }
    g_assert_null(dt_spf_result_word(DT_SPF_NOT_EVALUATED));
    g_assert_cmpint(dt_spf_result_parse("SoftFail"), ==, DT_SPF_SOFTFAIL);
    g_assert_cmpint(dt_spf_result_parse("hardfail"), ==, 0);
    g_assert_cmpint(dt_spf_result_parse("pass "), ==, 0);
    g_assert_cmpint(dt_spf_result_parse(""), ==, 0);
    g_assert_cmpint(dt_spf_result_parse(NULL), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spf/record/only v=spf1 and a blank or the end begin a record",
                    test_is_record);
    g_test_add_func("/spf/record/each term is valid up to its edge", test_terms);
    g_test_add_func("/spf/record/network terms have their octets", test_addresses_of_terms);
    g_test_add_func("/spf/record/a faulty record is read to its end",
                    test_faulty_record_is_read_to_its_end);
    g_test_add_func("/spf/record/octets that are no text are faults", test_octets_that_are_no_text);
    g_test_add_func("/spf/record/text in quotes is taken apart too",
                    test_other_text_is_taken_apart_too);
    g_test_add_func("/spf/record/result words are complete both ways", test_words_of_results);
    return g_test_run();
}
