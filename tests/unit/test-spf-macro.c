/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Macro expansion (RFC 7208 section 7), seen through explanations and through the names that terms
 * ask for.
 */
#include "spf-case.h"

#include <string.h>

#include "base/text.h"

#define LETTERS_60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz12345678"

/* The explanation that text gives for this session; NULL if there is none. */
static char *
explain(const char *text, const char *ip, const char *mail_from, const char *helo)
{
    g_autofree char *quoted = dt_text_zone_quote(text, strlen(text));
    g_autofree char *zone =
        g_strdup_printf("sub.mail.example. TXT \"v=spf1 -all exp=why.example\"\n"
                        "mail.example. TXT \"v=spf1 redirect=sub.mail.example\"\n"
                        "helo.example. TXT \"v=spf1 redirect=sub.mail.example\"\n"
                        "why.example. TXT %s\n"
                        "7.2.0.192.in-addr.arpa. PTR far.example.\n"
                        "7.2.0.192.in-addr.arpa. PTR liar.sub.mail.example.\n"
                        "8.2.0.192.in-addr.arpa. PTR far.example.\n"
                        "8.2.0.192.in-addr.arpa. PTR host.sub.mail.example.\n"
                        "far.example. A 192.0.2.7\nfar.example. A 192.0.2.8\n"
                        "liar.sub.mail.example. A 192.0.2.99\nhost.sub.mail.example. A 192.0.2.8\n",
                        quoted);
    dt_spf_input input = { .ip = ip, .mail_from = mail_from, .helo = helo, .time = 1700000000 };
    g_auto(spf_case) c = spf_case_run(zone, &input);
    g_assert_cmpint(c.spf->result, ==, DT_SPF_FAIL);
    return g_strdup(c.spf->explanation);
}

static const struct {
    const char *text, *expected;
} rows[] = {
    { "plain text, blanks and all", "plain text, blanks and all" },
    { "%{s}", "a.b-c+d@mail.example" },
    { "%{l}", "a.b-c+d" },
    { "%{o}", "mail.example" },
    { "%{d}", "sub.mail.example" },
    { "%{i}", "192.0.2.1" },
    { "%{c}", "192.0.2.1" },
    { "%{v}", "in-addr" },
    { "%{h}", "client.test" },
    { "%{r}", "unknown" },
    { "%{t}", "1700000000" },
    { "%{p}", "unknown" },
    { "%%%_%-", "% %20" },
    /* transformers */
    { "%{d1}", "example" },
    { "%{d2}", "mail.example" },
    { "%{d3}", "sub.mail.example" },
    { "%{d9}", "sub.mail.example" },
    { "%{dr}", "example.mail.sub" },
    { "%{dR}", "example.mail.sub" },
    { "%{d1r}", "sub" },
    { "%{d2r}", "mail.sub" },
    { "%{ir}", "1.2.0.192" },
    { "%{i2}", "2.1" },
    { "%{l-}", "a.b.c+d" },
    { "%{l+-}", "a.b.c.d" },
    { "%{lr-+}", "d.c.a.b" },
    { "%{l1+}", "d" },
    { "%{s2@}", NULL },
    /* an upper case letter escapes all but unreserved characters */
    { "%{S}", "a.b-c%2Bd%40mail.example" },
    { "%{D}", "sub.mail.example" },
    { "%{L1+}", "d" },
    /* no macro-string: no explanation */
    { "%", NULL },
    { "%{", NULL },
    { "%{d", NULL },
    { "%{d0}", NULL },
    { "%{q}", NULL },
    { "100% sure", NULL },
    { "", NULL },
    /* RFC 7208 6.2: ASCII */
    { "caf\xc3\xa9", NULL },
    { "tab\there", NULL },
    { "line\nbreak", NULL },
};

static void
test_table(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got =
            explain(rows[i].text, "192.0.2.1", "a.b-c+d@Mail.Example", "client.test");
        if (g_strcmp0(got, rows[i].expected) != 0)
            g_error("%s: %s, not %s", rows[i].text, got, rows[i].expected);
    }
}

static void
test_ipv6(void)
{
    g_autofree char *got = explain("%{i} %{c} %{v}", "2001:DB8::a:1", "a@mail.example", "h");
    g_assert_cmpstr(
        got, ==,
        "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.A.0.0.0.1 2001:db8::a:1 ip6");
}

static void
test_sessions(void)
{
    static const struct {
        const char *ip, *mail_from, *helo, *expected;
    } sessions[] = {
        { "192.0.2.1", "@mail.example", "h.test", "postmaster@mail.example h.test" },
        { "192.0.2.1", "mail.example", "h.test", "postmaster@mail.example h.test" },
        { "192.0.2.1", "", "helo.example", "postmaster@helo.example helo.example" },
        { "192.0.2.1", "<>", "HELO.example", "postmaster@helo.example HELO.example" },
        { "192.0.2.1", "\"a@b c\"@mail.example", NULL, "\"a@b c\"@mail.example unknown" },
        { "192.0.2.1", "a@mail.example", "", "a@mail.example unknown" },
        { "192.0.2.1", "a%{d}@mail.example", "%{d}", "a%{d}@mail.example %{d}" },
        { "192.0.2.1", "caf\xc3\xa9@mail.example", "h.test", NULL },
        { "192.0.2.1", "a\x1b[1m@mail.example", "h.test", NULL },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(sessions); i++) {
        g_autofree char *got =
            explain("%{s} %{h}", sessions[i].ip, sessions[i].mail_from, sessions[i].helo);
        g_assert_cmpstr(got, ==, sessions[i].expected);
    }
}

static void
test_validated_name(void)
{
    g_autofree char *closest = explain("%{p}", "192.0.2.8", "a@mail.example", "h");
    g_assert_cmpstr(closest, ==, "host.sub.mail.example");
    g_autofree char *other = explain("%{p}", "192.0.2.7", "a@mail.example", "h");
    g_assert_cmpstr(other, ==, "far.example"); /* the closer one does not lead back */
}

static void
test_explanation_is_bounded(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 400; i++)
        g_string_append(text, "%{s}");
    g_autofree char *got = explain(text->str, "192.0.2.1", LETTERS_60 "@mail.example", "h.test");
    g_assert_null(got);
}

/* 253 octets stay; of more, labels go on the left until it fits (RFC 7208 7.3). */
static void
test_long_names_lose_labels(void)
{
    static const char fits[] = LETTERS_60 "." LETTERS_60 "." LETTERS_60 "." LETTERS_60;
    g_autofree char *zone =
        g_strdup_printf("mail.example. TXT \"v=spf1 exists:%%{l}.a.test -all\"\n"
                        "%s.12.a.test. A 127.0.0.2\n",
                        fits);
    const struct {
        const char *local_prefix;
        dt_spf_result result;
    } cases[] = { { "", DT_SPF_FAIL }, { "", DT_SPF_PASS }, { "x.", DT_SPF_PASS } };
    g_assert_cmpuint(strlen(fits) + strlen(".12.a.test"), <=, 253);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *from = g_strdup_printf("%s%s%s@mail.example", cases[i].local_prefix, fits,
                                                i == 0 ? "" : ".12");
        dt_spf_input input = { .ip = "192.0.2.1", .mail_from = from, .helo = "h.test" };
        g_auto(spf_case) c = spf_case_run(zone, &input);
        g_assert_cmpint(c.spf->result, ==, cases[i].result);
    }
}

static void
test_names_that_cannot_exist(void)
{
    static const char zone[] = "mail.example. TXT \"v=spf1 a:%{l}%{l}.a.test exists:%{l}..a.test "
                               "mx:%{h}.a.test ?all\"\n";
    dt_spf_input input = { .ip = "192.0.2.1",
                           .mail_from = LETTERS_60 "@mail.example",
                           .helo = "." };
    g_auto(spf_case) c = spf_case_run(zone, &input);
    g_assert_cmpint(c.spf->result, ==, DT_SPF_NEUTRAL);
    g_assert_cmpuint(c.spf->lookup_count, ==, 3);
    g_assert_cmpuint(c.spf->void_lookup_count, ==, 0);
    g_assert_cmpuint(dt_resolver_log_count(c.resolver), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spf/macro/letters and transformers", test_table);
    g_test_add_func("/spf/macro/IPv6 is dotted nibbles", test_ipv6);
    g_test_add_func("/spf/macro/hostile sessions stand in it as they are, or not at all",
                    test_sessions);
    g_test_add_func("/spf/macro/p is the closest name that leads back", test_validated_name);
    g_test_add_func("/spf/macro/an explanation is bounded", test_explanation_is_bounded);
    g_test_add_func("/spf/macro/long names lose labels on the left", test_long_names_lose_labels);
    g_test_add_func("/spf/macro/names that cannot exist are not asked for",
                    test_names_that_cannot_exist);
    return g_test_run();
}
