/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * SPF evaluation (RFC 7208 sections 4 to 6): zone, session and outcome, on both sides of each
 * limit; faults and traces.
 */
#include "spf-case.h"

#include <string.h>

#include "base/text.h"

/* Records that the rows below share. */
static const char zone_text[] =
    "pass.example. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
    "soft.example. TXT \"v=spf1 ~all\"\n"
    "bare.example. TXT \"v=spf1\"\n"
    "text.example. TXT \"hello\"\n"
    "text.example. TXT \"v=spf10 +all\"\n"
    "both.example. TXT \"hello\"\nboth.example. TXT \"v=spf1 +all\"\n"
    "two.example. TXT \"v=spf1 +all\"\ntwo.example. TXT \"V=SPF1 -all\"\n"
    "bad.example. TXT \"v=spf1 +all include: mail.example\"\n"
    "nul.example. TXT \"v=spf1 \\000+all\"\n"
    "nulv.example. TXT \"v=spf1\\000 +all\"\n"
    "no-txt.example. A 192.0.2.1\n"
    ";! status fail.example TXT SERVFAIL\n;! status late.example ANY TIMEOUT\n"
    "inc-pass.example. TXT \"v=spf1 include:pass.example -all\"\n"
    "inc-deep.example. TXT \"v=spf1 ~include:inc-pass.example -all\"\n"
    "inc-soft.example. TXT \"v=spf1 include:soft.example ?all\"\n"
    "inc-none.example. TXT \"v=spf1 include:text.example +all\"\n"
    "inc-gone.example. TXT \"v=spf1 include:gone.example +all\"\n"
    "inc-bad.example. TXT \"v=spf1 include:bad.example +all\"\n"
    "inc-two.example. TXT \"v=spf1 include:two.example +all\"\n"
    "inc-fail.example. TXT \"v=spf1 include:fail.example +all\"\n"
    "inc-bad-late.example. TXT \"v=spf1 +all include:bad.example\"\n"
    "inc-self.example. TXT \"v=spf1 include:inc-self.example -all\"\n"
    "red.example. TXT \"v=spf1 redirect=soft.example ip4:198.51.100.0/24\"\n"
    "red-all.example. TXT \"v=spf1 redirect=pass.example ~all\"\n"
    "red-none.example. TXT \"v=spf1 redirect=text.example\"\n"
    "red-self.example. TXT \"v=spf1 redirect=red-self.example\"\n"
    "red-bare.example. TXT \"v=spf1 redirect=bare.example\"\n"
    "mod.example. TXT \"v=spf1 x=y include=soft.example +all\"\n"
    "a.example. TXT \"v=spf1 a -all\"\na.example. A 192.0.2.1\na.example. AAAA 2001:db8::1\n"
    "a24.example. TXT \"v=spf1 a:a.example/24 -all\"\n"
    "a31.example. TXT \"v=spf1 a:a.example/31 -all\"\n"
    "a64.example. TXT \"v=spf1 a:a.example//64 -all\"\n"
    "a0.example. TXT \"v=spf1 a:a.example/0 -all\"\n"
    "a-late.example. TXT \"v=spf1 a:late.example +all\"\n"
    "a-cname.example. TXT \"v=spf1 a:alias.example -all\"\nalias.example. CNAME a.example.\n"
    "a-loop.example. TXT \"v=spf1 a:loop.example +all\"\nloop.example. CNAME loop.example.\n"
    "mx.example. TXT \"v=spf1 mx -all\"\nmx.example. MX 10 a.example.\nmx.example. MX 5 "
    "gone.example.\n"
    "mx-null.example. TXT \"v=spf1 mx -all\"\nmx-null.example. MX 0 .\n"
    "mx-none.example. TXT \"v=spf1 mx:text.example -all\"\n"
    "mx-late.example. TXT \"v=spf1 mx -all\"\nmx-late.example. MX 10 late.example.\n"
    "mx-late.example. MX 20 a.example.\n"
    "ptr.example. TXT \"v=spf1 ptr -all\"\n"
    "ptr-other.example. TXT \"v=spf1 ptr:client.example -all\"\n"
    "1.2.0.192.in-addr.arpa. PTR h.ptr.example.\n"
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR h.ptr.example.\n"
    "h.ptr.example. A 192.0.2.1\nh.ptr.example. AAAA 2001:db8::1\n"
    "2.2.0.192.in-addr.arpa. PTR h.ptr.example.\n"
    "3.2.0.192.in-addr.arpa. PTR nearptr.example.\nnearptr.example. A 192.0.2.3\n"
    ";! status 4.2.0.192.in-addr.arpa PTR SERVFAIL\n"
    "ex.example. TXT \"v=spf1 exists:%{ir}.list.example -all\"\n1.2.0.192.list.example. A "
    "127.0.0.2\n"
    "ex6.example. TXT \"v=spf1 exists:a.example -all\"\n"
    "ex-aaaa.example. TXT \"v=spf1 exists:six.example -all\"\nsix.example. AAAA 2001:db8::1\n"
    "ip6.example. TXT \"v=spf1 ip6:2001:db8::/33 -all\"\n"
    "mapped.example. TXT \"v=spf1 ip6:::ffff:192.0.2.1 ip4:192.0.2.1 -all\"\n"
    "zero.example. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"\n"
    "void2.example. TXT \"v=spf1 a:g1.example exists:g2.example ip4:192.0.2.1 -all\"\n"
    "void3.example. TXT \"v=spf1 a:g1.example mx:g2.example exists:text.example +all\"\n"
    "xn--bcher-kva.example. TXT \"v=spf1 +all\"\n"
    "192.0.2.9. TXT \"v=spf1 +all\"\n";

/* outcome: "result mechanism lookups voids fault" */
static const struct {
    const char *ip, *mail_from, *outcome;
} rows[] = {
    { "192.0.2.1", "u@pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.2.255", "u@PASS.Example.", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.3.0", "u@pass.example", "fail -all 0 0 0" },
    { "::ffff:192.0.2.1", "u@pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "2001:db8::1", "u@pass.example", "fail -all 0 0 0" },
    { "192.0.2.1", "u@soft.example", "softfail ~all 0 0 0" },
    { "192.0.2.1", "u@bare.example", "neutral - 0 0 0" },
    /* which text is the record */
    { "192.0.2.1", "u@text.example", "none - 0 0 0" },
    { "192.0.2.1", "u@gone.example", "none - 0 0 0" },
    { "192.0.2.1", "u@no-txt.example", "none - 0 0 0" },
    { "192.0.2.1", "u@both.example", "pass +all 0 0 0" },
    { "192.0.2.1", "u@two.example", "permerror - 0 0 2" },
    { "192.0.2.1", "u@bad.example", "permerror - 0 0 1" },
    { "192.0.2.1", "u@nul.example", "permerror - 0 0 1" },
    { "192.0.2.1", "u@nulv.example", "none - 0 0 0" },
    { "192.0.2.1", "u@fail.example", "temperror - 0 0 7" },
    { "192.0.2.1", "u@late.example", "temperror - 0 0 7" },
    /* identities */
    { "192.0.2.1", "@pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.2.1", "pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.2.1", "\"a b@c\"@pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.2.1", "\"a>\\\"@c\"@pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.2.1", "a b@pass.example", "pass ip4:192.0.2.0/24 0 0 0" },
    { "192.0.2.1", "u@test.example@pass.example", "none - 0 0 0" },
    { "192.0.2.1", "\"u@pass.example", "none - 0 0 0" },
    { "192.0.2.1", "u@test.example>u@pass.example", "none - 0 0 0" },
    { "192.0.2.1",
      "u@b\xc3\xbc"
      "cher.example",
      "pass +all 0 0 0" },
    { "192.0.2.1", "u@\xff.example", "none - 0 0 0" },
    { "192.0.2.1", "u@pass..example", "none - 0 0 0" },
    { "192.0.2.1", "u@.pass.example", "none - 0 0 0" },
    { "192.0.2.1", "u@pass.example ", "none - 0 0 0" },
    { "192.0.2.1", "u@pass example", "none - 0 0 0" },
    { "192.0.2.1", "u@example", "none - 0 0 0" },
    { "192.0.2.1", "u@", "none - 0 0 0" },
    { "192.0.2.1", "@", "none - 0 0 0" },
    { "192.0.2.1", "user", "none - 0 0 0" },
    { "192.0.2.1", "u@[192.0.2.1]", "none - 0 0 0" },
    { "192.0.2.1", "u@192.0.2.9", "pass +all 0 0 0" },
    /* include (5.2) */
    { "192.0.2.1", "u@inc-pass.example", "pass ip4:192.0.2.0/24 1 0 0" },
    { "198.51.100.1", "u@inc-pass.example", "fail -all 1 0 0" },
    { "192.0.2.1", "u@inc-deep.example", "softfail ip4:192.0.2.0/24 2 0 0" },
    { "192.0.2.1", "u@inc-soft.example", "neutral ?all 1 0 0" },
    { "192.0.2.1", "u@inc-none.example", "permerror - 1 0 5" },
    { "192.0.2.1", "u@inc-gone.example", "permerror - 1 0 5" },
    { "192.0.2.1", "u@inc-bad.example", "permerror - 1 0 1" },
    { "192.0.2.1", "u@inc-two.example", "permerror - 1 0 2" },
    { "192.0.2.1", "u@inc-fail.example", "temperror - 1 0 7" },
    { "192.0.2.1", "u@inc-bad-late.example", "pass +all 0 0 0" },
    { "192.0.2.1", "u@inc-self.example", "permerror - 11 0 3" },
    /* redirect (6.1) */
    { "192.0.2.1", "u@red.example", "softfail ~all 1 0 0" },
    { "198.51.100.1", "u@red.example", "pass ip4:198.51.100.0/24 0 0 0" },
    { "192.0.2.1", "u@red-all.example", "softfail ~all 0 0 0" },
    { "192.0.2.1", "u@red-none.example", "permerror - 1 0 5" },
    { "192.0.2.1", "u@red-self.example", "permerror - 11 0 3" },
    { "192.0.2.1", "u@red-bare.example", "neutral - 1 0 0" },
    { "192.0.2.1", "u@mod.example", "pass +all 0 0 0" },
    /* a (5.3) */
    { "192.0.2.1", "u@a.example", "pass a 1 0 0" },
    { "192.0.2.2", "u@a.example", "fail -all 1 0 0" },
    { "2001:db8::1", "u@a.example", "pass a 1 0 0" },
    { "192.0.2.255", "u@a24.example", "pass a:a.example/24 1 0 0" },
    { "192.0.3.1", "u@a24.example", "fail -all 1 0 0" },
    { "2001:db8::2", "u@a24.example", "fail -all 1 0 0" },
    { "192.0.2.0", "u@a31.example", "pass a:a.example/31 1 0 0" },
    { "192.0.2.2", "u@a31.example", "fail -all 1 0 0" },
    { "2001:db8::ffff", "u@a64.example", "pass a:a.example//64 1 0 0" },
    { "2001:db8:0:1::1", "u@a64.example", "fail -all 1 0 0" },
    { "192.0.2.2", "u@a64.example", "fail -all 1 0 0" },
    { "203.0.113.1", "u@a0.example", "pass a:a.example/0 1 0 0" },
    { "192.0.2.1", "u@a-late.example", "temperror - 1 0 7" },
    { "192.0.2.1", "u@a-cname.example", "pass a:alias.example 1 0 0" },
    { "192.0.2.1", "u@a-loop.example", "temperror - 1 0 7" },
    /* mx (5.4) */
    { "192.0.2.1", "u@mx.example", "pass mx 1 1 0" },
    { "192.0.2.2", "u@mx.example", "fail -all 1 1 0" },
    { "192.0.2.1", "u@mx-null.example", "fail -all 1 0 0" },
    { "192.0.2.1", "u@mx-none.example", "fail -all 1 1 0" },
    { "192.0.2.1", "u@mx-late.example", "temperror - 1 0 7" },
    /* ptr (5.5) */
    { "192.0.2.1", "u@ptr.example", "pass ptr 1 0 0" },
    { "2001:db8::1", "u@ptr.example", "pass ptr 1 0 0" },
    { "192.0.2.2", "u@ptr.example", "fail -all 1 0 0" },
    { "192.0.2.3", "u@ptr.example", "fail -all 1 0 0" },
    { "192.0.2.4", "u@ptr.example", "fail -all 1 0 0" },
    { "192.0.2.5", "u@ptr.example", "fail -all 1 0 0" },
    { "192.0.2.1", "u@ptr-other.example", "fail -all 1 0 0" },
    /* exists (5.7) */
    { "192.0.2.1", "u@ex.example", "pass exists:%{ir}.list.example 1 0 0" },
    { "192.0.2.2", "u@ex.example", "fail -all 1 1 0" },
    { "2001:db8::1", "u@ex6.example", "pass exists:a.example 1 0 0" },
    { "2001:db8::1", "u@ex-aaaa.example", "fail -all 1 1 0" },
    /* ip4, ip6 (5.6) */
    { "2001:db8:7fff::", "u@ip6.example", "pass ip6:2001:db8::/33 0 0 0" },
    { "2001:db8:8000::", "u@ip6.example", "fail -all 0 0 0" },
    { "192.0.2.1", "u@mapped.example", "pass ip4:192.0.2.1 0 0 0" },
    { "255.255.255.255", "u@zero.example", "pass ip4:0.0.0.0/0 0 0 0" },
    { "2001:db8::1", "u@zero.example", "fail -all 0 0 0" },
    /* void lookups (4.6.4) */
    { "192.0.2.1", "u@void2.example", "pass ip4:192.0.2.1 2 2 0" },
    { "192.0.2.1", "u@void3.example", "permerror - 3 3 4" },
};

static char *
outcome(const dt_spf *spf)
{
    return g_strdup_printf("%s %s %u %u %d", dt_spf_result_word(spf->result),
                           spf->mechanism ? spf->mechanism : "-", spf->lookup_count,
                           spf->void_lookup_count, spf->fault);
}

static void
test_table(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        dt_spf_input input = { .ip = rows[i].ip,
                               .mail_from = rows[i].mail_from,
                               .helo = "pass.example" };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        g_autofree char *got = outcome(c.spf);
        if (strcmp(got, rows[i].outcome) != 0)
            g_error("%s from %s: %s, not %s", rows[i].mail_from, rows[i].ip, got, rows[i].outcome);
        g_assert_false(c.spf->is_helo);
        g_assert_cmpint(c.spf->fault != DT_SPF_FAULT_NONE, ==, c.spf->fault_text != NULL);
        g_assert_cmpuint(c.spf->trace->len, >, 0);
    }
}

static void
test_null_sender(void)
{
    static const struct {
        const char *helo, *domain;
        dt_spf_result result;
    } cases[] = {
        { "Pass.Example", "pass.example", DT_SPF_PASS },
        { "soft.example.", "soft.example", DT_SPF_SOFTFAIL },
        { "localhost", "localhost", DT_SPF_NONE },
        { "192.0.2.9", "192.0.2.9", DT_SPF_PASS },
        { "[192.0.2.1]", NULL, DT_SPF_NONE },
        { "[IPv6:2001:db8::1]", NULL, DT_SPF_NONE },
        { "pass.example evil", NULL, DT_SPF_NONE },
        { "", NULL, DT_SPF_NONE },
        { NULL, NULL, DT_SPF_NOT_EVALUATED },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_spf_input input = { .ip = "192.0.2.1",
                               .mail_from = i % 2 ? NULL : "",
                               .helo = cases[i].helo };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        g_assert_cmpint(c.spf->result, ==, cases[i].result);
        g_assert_cmpstr(c.spf->domain, ==, cases[i].domain);
        g_assert_cmpint(c.spf->is_helo, ==, cases[i].helo != NULL);
    }
}

static void
test_without_client(void)
{
    static const char *const addresses[] = { NULL, "", "unknown", "192.0.2", "192.0.2.1.5" };
    for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
        dt_spf_input input = { .ip = addresses[i], .mail_from = "u@pass.example" };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        g_assert_cmpint(c.spf->result, ==, DT_SPF_NOT_EVALUATED);
        g_assert_cmpuint(dt_resolver_log_count(c.resolver), ==, 0);
    }
}

static void
test_long_input(void)
{
    g_autofree char *label64 = g_strnfill(64, 'x'), *label63 = g_strnfill(63, 'x');
    g_autofree char *big = g_strnfill(100000, 'x');
    char *addresses[] = {
        g_strdup_printf("u@%s.example", label64),
        g_strdup_printf("u@%s.%s.%s.%s.example", label63, label63, label63, label63),
        g_strdup_printf("%s@pass.example", big),
        g_strdup_printf("u@%s", big),
    };
    for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
        dt_spf_input input = { .ip = "192.0.2.1", .mail_from = addresses[i], .helo = big };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        g_assert_cmpint(c.spf->result, ==, DT_SPF_NONE);
        g_assert_cmpuint(dt_resolver_log_count(c.resolver), ==, 0);
        g_free(addresses[i]);
    }
}

static void
test_edges_of_length(void)
{
    for (guint extra = 0; extra < 2; extra++) {
        g_autofree char *local = g_strnfill(512 - strlen("@pass.example") + extra, 'x');
        g_autofree char *address = g_strconcat(local, "@pass.example", NULL);
        dt_spf_input input = { .ip = "192.0.2.1", .mail_from = address };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        g_assert_cmpint(c.spf->result, ==, extra ? DT_SPF_NONE : DT_SPF_PASS);

        g_autoptr(GString) record = g_string_new("a.example -all");
        while (record->len + 10 < 4096 + strlen(" -all") + extra)
            g_string_prepend(record, "%{v}.");
        while (record->len < 4096 + strlen(" -all") + extra)
            g_string_prepend_c(record, 'a');
        g_string_prepend(record, "v=spf1 exists:");
        g_autofree char *quoted = dt_text_zone_quote(record->str, record->len);
        g_autofree char *zone =
            g_strdup_printf("x.example. TXT %s\n*.a.example. A 127.0.0.2\n", quoted);
        input.mail_from = "u@x.example";
        g_auto(spf_case) spec = spf_case_run(zone, &input);
        g_assert_cmpint(spec.spf->result, ==, extra ? DT_SPF_FAIL : DT_SPF_PASS);
    }
}

/* A record of count terms of this form (one %u), then tail, with zone lines of this form for each.
 */
static char *
many_terms(const char *term, guint count, const char *tail, const char *line)
{
    g_autoptr(GString) record = g_string_new("many.example. TXT \"v=spf1");
    g_autoptr(GString) lines = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        g_autofree char *number = g_strdup_printf("%u", i);
        g_autoptr(GString) one = g_string_new(term), zone = g_string_new(line);
        g_string_replace(one, "#", number, 0);
        g_string_replace(zone, "#", number, 0);
        g_string_append_printf(record, "\" \" %s", one->str);
        g_string_append(lines, zone->str);
    }
    return g_strdup_printf("%s\" \" %s\"\n%s", record->str, tail, lines->str);
}

static void
assert_many(const char *zone, const char *expected)
{
    dt_spf_input input = { .ip = "192.0.2.1", .mail_from = "u@many.example" };
    g_auto(spf_case) c = spf_case_run(zone, &input);
    g_autofree char *got = outcome(c.spf);
    g_assert_cmpstr(got, ==, expected);
}

static void
test_lookup_limit(void)
{
    static const struct {
        const char *term, *line;
        guint count;
        const char *tail, *outcome;
    } cases[] = {
        { "include:i#.example", "i#.example. TXT \"v=spf1 -all\"\n", 10, "ip4:192.0.2.1",
          "pass ip4:192.0.2.1 10 0 0" },
        { "include:i#.example", "i#.example. TXT \"v=spf1 -all\"\n", 11, "ip4:192.0.2.1",
          "permerror - 11 0 3" },
        { "include:i#.example",
          "i#.example. TXT \"v=spf1 a:a.example -all\"\na.example. A 198.51.100.1\n", 5, "~all",
          "softfail ~all 10 0 0" },
        { "include:i#.example",
          "i#.example. TXT \"v=spf1 a:a.example -all\"\na.example. A 198.51.100.1\n", 6, "~all",
          "permerror - 11 0 3" },
        { "a:a#.example", "a#.example. A 198.51.100.1\n", 10, "~all", "softfail ~all 10 0 0" },
        { "a:a#.example", "a#.example. A 198.51.100.1\n", 11, "~all", "permerror - 11 0 3" },
        { "mx:a#.example", "a#.example. MX 1 h.example.\nh.example. A 198.51.100.1\n", 10, "~all",
          "softfail ~all 10 0 0" },
        { "mx:a#.example", "a#.example. MX 1 h.example.\nh.example. A 198.51.100.1\n", 11, "~all",
          "permerror - 11 0 3" },
        { "ptr:a#.example", "", 11, "~all", "permerror - 11 0 3" },
        { "exists:a#.example", "a#.example. TXT \"x\"\n", 2, "~all", "softfail ~all 2 2 0" },
        { "a:a#.example", "a#.example. A 198.51.100.1\n", 9, "redirect=r.example",
          "neutral ?all 10 0 0" },
        { "a:a#.example", "a#.example. A 198.51.100.1\n", 10, "redirect=r.example",
          "permerror - 11 0 3" },
        { "ip4:198.51.100.#", "", 200, "~all", "softfail ~all 0 0 0" },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *most =
            many_terms(cases[i].term, cases[i].count, cases[i].tail, cases[i].line);
        g_autofree char *zone = g_strconcat(most, "r.example. TXT \"v=spf1 ?all\"\n", NULL);
        assert_many(zone, cases[i].outcome);
    }
}

static void
test_host_limits(void)
{
    static const struct {
        const char *mechanism;
        guint count;
        const char *outcome;
    } cases[] = {
        { "mx", 10, "fail -all 1 0 0" },
        { "mx", 11, "permerror - 1 0 6" },
        { "ptr", 10, "pass ptr 1 0 0" },
        { "ptr", 11, "fail -all 1 0 0" }, /* the names beyond the tenth are not looked at */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) zone = g_string_new("z.many.example. A 192.0.2.1\n");
        g_string_append_printf(zone, "many.example. TXT \"v=spf1 %s -all\"\n", cases[i].mechanism);
        g_string_append(zone, "1.2.0.192.in-addr.arpa. PTR z.many.example.\n");
        for (guint k = 0; k < cases[i].count; k++)
            g_string_append_printf(zone,
                                   "h%02u.many.example. A 198.51.100.1\n"
                                   "many.example. MX 10 h%02u.many.example.\n",
                                   k, k);
        for (guint k = 1; k < cases[i].count; k++)
            g_string_append_printf(zone, "1.2.0.192.in-addr.arpa. PTR h%02u.many.example.\n", k);
        assert_many(zone->str, cases[i].outcome);
    }
}

static void
test_faults_say_where(void)
{
    static const struct {
        const char *mail_from, *domain, *term;
    } cases[] = {
        { "u@inc-bad.example", "bad.example", "include:" },
        { "u@inc-two.example", "two.example", NULL },
        { "u@inc-gone.example", "gone.example", "include:gone.example" },
        { "u@red-none.example", "text.example", "redirect=text.example" },
        { "u@inc-fail.example", "fail.example", NULL },
        { "u@a-late.example", "late.example", "a:late.example" },
        { "u@void3.example", "void3.example", "exists:text.example" },
        { "u@inc-self.example", "inc-self.example", "include:inc-self.example" },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_spf_input input = { .ip = "192.0.2.1", .mail_from = cases[i].mail_from };
        g_auto(spf_case) c = spf_case_run(zone_text, &input);
        g_assert_cmpstr(c.spf->fault_domain, ==, cases[i].domain);
        g_assert_cmpstr(c.spf->fault_term, ==, cases[i].term);
        g_assert_nonnull(strstr(c.spf->fault_text, cases[i].domain));
    }
}

static void
test_trace_and_via(void)
{
    static const char *const expected[] = {
        "0 inc-deep.example v=spf1 ~include:inc-pass.example -all: record",
        "0 inc-deep.example ~include:inc-pass.example: softfail",
        "1 inc-pass.example v=spf1 include:pass.example -all: record",
        "1 inc-pass.example include:pass.example: pass",
        "2 pass.example v=spf1 ip4:192.0.2.0/24 -all: record",
        "2 pass.example ip4:192.0.2.0/24: pass",
        "2 pass.example -all: not reached",
        "1 inc-pass.example -all: not reached",
        "0 inc-deep.example -all: not reached",
    };
    dt_spf_input input = { .ip = "192.0.2.1", .mail_from = "u@inc-deep.example" };
    g_auto(spf_case) c = spf_case_run(zone_text, &input);
    g_assert_cmpuint(c.spf->trace->len, ==, G_N_ELEMENTS(expected));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        const dt_spf_step *step = g_ptr_array_index(c.spf->trace, i);
        g_autofree char *got =
            g_strdup_printf("%u %s %s: %s", step->depth, step->domain, step->term, step->outcome);
        g_assert_cmpstr(got, ==, expected[i]);
    }
    g_assert_cmpuint(c.spf->via->len, ==, 3);
    g_assert_cmpstr(g_ptr_array_index(c.spf->via, 2), ==, "pass.example");
    g_assert_cmpstr(c.spf->record, ==, "v=spf1 ~include:inc-pass.example -all");
    g_assert_cmpstr(c.spf->domain, ==, "inc-deep.example");
}

static void
test_via_without_match(void)
{
    dt_spf_input input = { .ip = "198.51.100.1", .mail_from = "u@inc-pass.example" };
    g_auto(spf_case) c = spf_case_run(zone_text, &input);
    g_assert_cmpuint(c.spf->via->len, ==, 1);
    input.mail_from = "u@red-bare.example";
    g_auto(spf_case) redirected = spf_case_run(zone_text, &input);
    g_assert_cmpuint(redirected.spf->via->len, ==, 2);
}

/* A record of many terms met many times: the trace has an end. */
static void
test_trace_is_bounded(void)
{
    g_autofree char *zone = many_terms("ip4:198.51.100.1", 3000, "include:many.example", "");
    dt_spf_input input = { .ip = "192.0.2.1", .mail_from = "u@many.example" };
    g_auto(spf_case) c = spf_case_run(zone, &input);
    g_assert_cmpint(c.spf->fault, ==, DT_SPF_FAULT_LOOKUP_LIMIT);
    g_assert_cmpuint(c.spf->trace->len, ==, 2001);
    g_assert_cmpstr(((dt_spf_step *)c.spf->trace->pdata[2000])->outcome, ==, "cut");
}

static void
test_only_what_is_needed_is_asked(void)
{
    static const char zone[] =
        "mail.example. TXT \"v=spf1 a:h1.example a:h2.example include:i.example mx -all\"\n"
        "h1.example. A 198.51.100.1\nh2.example. A 192.0.2.1\n";
    dt_spf_input input = { .ip = "192.0.2.1", .mail_from = "u@mail.example" };
    g_auto(spf_case) c = spf_case_run(zone, &input);
    g_assert_cmpint(c.spf->result, ==, DT_SPF_PASS);
    g_assert_cmpuint(dt_resolver_log_count(c.resolver), ==, 3);
    g_assert_cmpstr(dt_resolver_log_get(c.resolver, 2)->name, ==, "h2.example");
}

/* RFC 7208 6.2 */
static void
test_explanations(void)
{
    static const char zone[] =
        "a.test. TXT \"v=spf1 -all exp=why.test\"\nwhy.test. TXT \"no \" \"%{i} at %{d}\"\n"
        "soft.test. TXT \"v=spf1 ~all exp=why.test\"\n"
        "red.test. TXT \"v=spf1 redirect=a.test exp=other.test\"\nother.test. TXT \"other\"\n"
        "inc.test. TXT \"v=spf1 -include:p.test exp=other.test\"\n"
        "p.test. TXT \"v=spf1 +all exp=why.test\"\n"
        "inc-out.test. TXT \"v=spf1 include:a.test -all\"\n"
        "many.test. TXT \"v=spf1 -all exp=text.test\"\ntext.test. TXT \"1\"\ntext.test. TXT \"2\"\n"
        "gone.test. TXT \"v=spf1 -all exp=nothing.test\"\n"
        "late.test. TXT \"v=spf1 -all exp=slow.test\"\n;! status slow.test TXT TIMEOUT\n"
        "long.test. TXT \"v=spf1 -all exp=%{l}%{l}.test\"\n";
    static const struct {
        const char *mail_from, *explanation;
    } cases[] = {
        { "u@a.test", "no 192.0.2.1 at a.test" },
        { "u@soft.test", NULL },
        { "u@red.test", "no 192.0.2.1 at a.test" },
        { "u@inc.test", "other" },
        { "u@inc-out.test", NULL },
        { "u@many.test", NULL },
        { "u@gone.test", NULL },
        { "u@late.test", NULL },
        { "abcdefghijklmnopqrstuvwxyzabcdefghijklmn@long.test", NULL },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_spf_input input = { .ip = "192.0.2.1", .mail_from = cases[i].mail_from };
        g_auto(spf_case) c = spf_case_run(zone, &input);
        g_assert_cmpstr(c.spf->explanation, ==, cases[i].explanation);
        g_assert_cmpint(c.spf->fault, ==, DT_SPF_FAULT_NONE);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spf/evaluate/sessions give their outcome", test_table);
    g_test_add_func("/spf/evaluate/the null sender checks HELO", test_null_sender);
    g_test_add_func("/spf/evaluate/without a client address nothing is asked", test_without_client);
    g_test_add_func("/spf/evaluate/identities that are too long are none", test_long_input);
    g_test_add_func("/spf/evaluate/an address of 512 octets and a name of 4096 are the longest",
                    test_edges_of_length);
    g_test_add_func("/spf/evaluate/ten lookups and no more", test_lookup_limit);
    g_test_add_func("/spf/evaluate/ten hosts of mx and ptr and no more", test_host_limits);
    g_test_add_func("/spf/evaluate/a fault names record and term", test_faults_say_where);
    g_test_add_func("/spf/evaluate/the trace is nested, via leads to the term", test_trace_and_via);
    g_test_add_func("/spf/evaluate/via ends where the walk ended", test_via_without_match);
    g_test_add_func("/spf/evaluate/the trace is bounded", test_trace_is_bounded);
    g_test_add_func("/spf/evaluate/only what is needed is asked",
                    test_only_what_is_needed_is_asked);
    g_test_add_func("/spf/evaluate/explanations come for fail only", test_explanations);
    return g_test_run();
}
