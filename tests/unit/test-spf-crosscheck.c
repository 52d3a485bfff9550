/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * libspf2 beside our walk: where both agree, where they differ and why, and what is never handed to
 * it.
 */
#include "spf-case.h"

#include <string.h>

static const char zone_text[] =
    "ses.example. TXT \"v=spf1 include:net.example ~all\"\n"
    "net.example. TXT \"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all\"\n"
    "mech.example. TXT \"v=spf1 a mx:mx.example ptr exists:%{ir}.list.example -all\"\n"
    "mech.example. A 203.0.113.1\nmx.example. MX 10 host.example.\nhost.example. A 203.0.113.2\n"
    "host.example. AAAA 2001:db8::2\n9.113.0.203.list.example. A 127.0.0.2\n"
    "none.example. A 203.0.113.1\n"
    ";! status late.example TXT TIMEOUT\n"
    "two.example. TXT \"v=spf1 +all\"\ntwo.example. TXT \"v=spf1 -all\"\n"
    "inc-none.example. TXT \"v=spf1 include:none.example -all\"\n"
    "helo.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "void.example. TXT \"v=spf1 a:g1.example a:g2.example a:g3.example ip4:192.0.2.1 -all\"\n"
    "red.example. TXT \"v=spf1 redirect=net.example ~all\"\n"
    "zero.example. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"\n"
    "bad.example. TXT \"v=spf1 ip4:192.0.2.1 includes:net.example -all\"\n"
    "beyond.example. TXT \"v=spf1 a:g1.example a:g2.example a:g3.example include:bad.example\"\n"
    "nul.example. TXT \"v=spf1 +all \\000\"\n";

static const struct {
    const char *ip, *mail_from, *helo;
    dt_spf_result result, libspf2;
    const char *difference; /* a part of the sentence */
} rows[] = {
    { "192.0.2.1", "u@ses.example", "h.example", DT_SPF_PASS, DT_SPF_PASS, NULL },
    { "203.0.113.1", "u@ses.example", "h.example", DT_SPF_SOFTFAIL, DT_SPF_SOFTFAIL, NULL },
    { "203.0.113.1", "u@mech.example", "h.example", DT_SPF_PASS, DT_SPF_PASS, NULL },
    { "203.0.113.2", "u@mech.example", "h.example", DT_SPF_PASS, DT_SPF_PASS, NULL },
    { "2001:db8::2", "u@mech.example", "h.example", DT_SPF_PASS, DT_SPF_PASS, NULL },
    { "203.0.113.9", "u@mech.example", NULL, DT_SPF_PASS, DT_SPF_PASS, NULL },
    { "203.0.113.8", "u@mech.example", "", DT_SPF_FAIL, DT_SPF_FAIL, NULL },
    { "192.0.2.1", "u@none.example", "h.example", DT_SPF_NONE, DT_SPF_NONE, NULL },
    { "192.0.2.1", "u@gone.example", "h.example", DT_SPF_NONE, DT_SPF_NONE, NULL },
    { "192.0.2.1", "u@late.example", "h.example", DT_SPF_TEMPERROR, DT_SPF_TEMPERROR, NULL },
    { "192.0.2.1", "u@two.example", "h.example", DT_SPF_PERMERROR, DT_SPF_PERMERROR, NULL },
    { "192.0.2.1", "u@inc-none.example", "h.example", DT_SPF_PERMERROR, DT_SPF_PERMERROR, NULL },
    { "192.0.2.1", "", "Helo.Example", DT_SPF_PASS, DT_SPF_PASS, NULL },
    { "192.0.2.2", "", "helo.example", DT_SPF_FAIL, DT_SPF_FAIL, NULL },
    { "192.0.2.1", "u@void.example", "h.example", DT_SPF_PERMERROR, DT_SPF_PASS, "find nothing" },
    { "192.0.2.1", "u@red.example", "h.example", DT_SPF_SOFTFAIL, DT_SPF_PASS, "redirect=" },
    { "192.0.2.1", "u@zero.example", "h.example", DT_SPF_PASS, DT_SPF_PERMERROR, "zero" },
    { "127.0.0.1", "u@ses.example", "h.example", DT_SPF_SOFTFAIL, DT_SPF_PASS, "loopback" },
    /* not asked */
    { "192.0.2.1", "u@bad.example", "h.example", DT_SPF_PERMERROR, 0, NULL },
    { "192.0.2.1", "u@beyond.example", "h.example", DT_SPF_PERMERROR, 0, NULL },
    { "192.0.2.1", "u@nul.example", "h.example", DT_SPF_PERMERROR, 0, NULL },
    { "192.0.2.1", "u@[192.0.2.1]", "h.example", DT_SPF_NONE, 0, NULL },
    { "192.0.2.1", "u\x01@ses.example", "h.example", DT_SPF_PASS, 0, NULL },
    { "192.0.2.1", "u@ses.example", "h example", DT_SPF_PASS, 0, NULL },
};

static void
test_table(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        dt_spf_input input = { .ip = rows[i].ip,
                               .mail_from = rows[i].mail_from,
                               .helo = rows[i].helo,
                               .with_libspf2 = TRUE };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        const char *difference = c.spf->libspf2_difference;
        if (c.spf->result != rows[i].result || c.spf->libspf2_result != rows[i].libspf2 ||
            !difference != !rows[i].difference ||
            (difference && !strstr(difference, rows[i].difference)))
            g_error("%s from %s: %s, libspf2 %s (%s)", rows[i].mail_from, rows[i].ip,
                    dt_spf_result_word(c.spf->result), dt_spf_result_word(c.spf->libspf2_result),
                    difference);
    }
}

static void
test_not_asked_unless_wanted(void)
{
    dt_spf_input input = { .ip = "192.0.2.1", .mail_from = "u@ses.example" };
    g_auto(spf_case) c = spf_case_run(zone_text, &input);
    g_assert_cmpint(c.spf->libspf2_result, ==, DT_SPF_NOT_EVALUATED);
}

static void
test_asks_nothing_new(void)
{
    dt_spf_input input = { .ip = "203.0.113.8", .mail_from = "u@mech.example" };
    g_auto(spf_case) alone = spf_case_run(zone_text, &input);
    input.with_libspf2 = TRUE;
    g_auto(spf_case) both = spf_case_run(zone_text, &input);
    g_assert_cmpuint(dt_resolver_log_count(both.resolver), ==,
                     dt_resolver_log_count(alone.resolver));
}

/* Texts of this kind overflow the stack of libspf2 1.2.10 when it compiles them. */
static void
test_hostile_explanation(void)
{
    for (guint letters = 0; letters < 12; letters++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GString) expected = g_string_new(NULL);
        for (guint i = 0; i < letters; i++)
            g_string_append_c(text, 'a');
        g_string_append(expected, text->str);
        for (guint i = 0; i < 43; i++) {
            g_string_append(text, "a%{i}");
            g_string_append(expected, "a192.0.2.1");
        }
        g_autofree char *zone = g_strdup_printf("x.example. TXT \"v=spf1 -all exp=why.example\"\n"
                                                "why.example. TXT \"%s\"\n",
                                                text->str);
        dt_spf_input input = {
            .ip = "192.0.2.1", .mail_from = "u@x.example", .helo = "h.example", .with_libspf2 = TRUE
        };
        g_auto(spf_case) c = spf_case_run(zone, &input);
        g_assert_cmpint(c.spf->result, ==, DT_SPF_FAIL);
        g_assert_cmpint(c.spf->libspf2_result, ==, DT_SPF_FAIL);
        g_assert_cmpstr(c.spf->explanation, ==, expected->str);
    }
}

static void
test_version(void)
{
    g_assert_true(g_str_has_prefix(dt_spf_library_version(), "libspf2 1."));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spf/crosscheck/both agree, or a sentence says why not", test_table);
    g_test_add_func("/spf/crosscheck/it is not asked unless wanted", test_not_asked_unless_wanted);
    g_test_add_func("/spf/crosscheck/it asks nothing that the walk did not ask",
                    test_asks_nothing_new);
    g_test_add_func("/spf/crosscheck/a hostile explanation never reaches it",
                    test_hostile_explanation);
    g_test_add_func("/spf/crosscheck/the library has a version", test_version);
    return g_test_run();
}
