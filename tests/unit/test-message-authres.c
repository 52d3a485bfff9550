/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Authentication-Results and Received-SPF: a value and what is read from it, one line a case: "id |
 * method=result name=value ... [reason] {comment}".
 */
#include <string.h>
#include "message/results.h"

static char *
shown(const dt_recorded *recorded)
{
    GString *out = g_string_new(recorded->authserv_id ? recorded->authserv_id : "-");
    for (guint i = 0; i < recorded->results->len; i++) {
        const dt_recorded_result *result = g_ptr_array_index(recorded->results, i);
        g_string_append_printf(out, " | %s=%s", result->method, result->result);
        for (guint k = 0; k < result->properties->len; k++) {
            const dt_property *property = &g_array_index(result->properties, dt_property, k);
            g_string_append_printf(out, " %s=%s", property->name, property->value);
        }
        if (result->reason)
            g_string_append_printf(out, " [%s]", result->reason);
        if (result->comment)
            g_string_append_printf(out, " {%s}", result->comment);
    }
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *value, *expected;
} text_case;

static dt_field
field_of(const char *value, char **raw)
{
    *raw = g_strconcat("X:", value, NULL);
    return (
        dt_field){ .raw = *raw, .raw_length = strlen(*raw), .name_length = 1, .value_offset = 2 };
}

static void
check(const text_case *cases, guint count, dt_recorded_header header)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *raw = NULL;
        dt_field field = field_of(cases[i].value, &raw);
        dt_recorded *recorded = header == DT_HEADER_RECEIVED_SPF ? dt_received_spf_parse(&field)
                                                                 : dt_authres_parse(&field, header);
        g_autofree char *got = shown(recorded);
        g_test_message("%s", cases[i].value);
        g_assert_cmpstr(got, ==, cases[i].expected);
        dt_recorded_free(recorded);
    }
}

static const text_case grammar[] = {
    { " mx.example.org; none", "mx.example.org" },
    { " mx.example.org 1; none", "mx.example.org" },
    { "mx.example.org", "mx.example.org" },
    { "", "-" },
    { " (c) mx.example.org (c) 1 (c) ; (c) spf (c) = (c) pass (c) smtp (c) . (c) mailfrom (c) = "
      "(c) a@example.com",
      "mx.example.org | spf=pass smtp.mailfrom=a@example.com {c; c}" },
    { " \"mx.example.org\"; dkim/1=pass header.d=example.com",
      "mx.example.org | dkim=pass header.d=example.com" },
    { " mx.example.org; DKIM=Pass HEADER.D=Example.COM",
      "mx.example.org | dkim=pass header.d=Example.COM" },
    { " a.example; dkim=fail reason=\"a \\\"b\\\" (c; d)\" header.d=x.example",
      "a.example | dkim=fail header.d=x.example [a \"b\" (c; d)]" },
    { " a.example; spf=pass smtp.mailfrom=\"joe doe\"@example.com",
      "a.example | spf=pass smtp.mailfrom=\"joe doe\"@example.com" },
    { " a.example; spf=pass smtp.mailfrom=\"joe+x=y\"",
      "a.example | spf=pass smtp.mailfrom=joe+x=y" },
    { " a.example; dkim=pass (a (b) c\r\n d) header.b=\"q/r+\"; spf=none",
      "a.example | dkim=pass header.b=q/r+ {a (b) c d} | spf=none" },
    { " a.example; x-new=pass x-prop=1; x-other=7", "a.example | x-new=pass x-prop=1 x-other=7" },
    { " a.example; dmarc=pass header.from=<a@example.com> (p=none)",
      "a.example | dmarc=pass header.from=<a@example.com> {p=none}" },
    { " a.example; dkim=pass header.b=QUI= header.s=x",
      "a.example | dkim=pass header.b=QUI= header.s=x" },
};

static const text_case tolerance[] = {
    { " spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.com; dkim=none "
      "header.d=none;dmarc=none action=none header.from=;compauth=pass reason=109",
      "- | spf=pass smtp.mailfrom=example.com {sender IP is 192.0.2.1} | dkim=none header.d=none | "
      "dmarc=none action=none header.from= | compauth=pass [109]" },
    { " spf=none smtp.mailfrom=example.com; tenant.example; dkim=none;tenant.example; dmarc=fail "
      "action=none",
      "- | spf=none smtp.mailfrom=example.com | dkim=none | dmarc=fail action=none" },
    { " hotmail.com; spf=pass (sender IP is 192.0.2.1; identity alignment result is pass) "
      "smtp.mailfrom=a@example.com; dkim=pass header.d=example.com; x-hmca=pass "
      "header.id=a@example.com",
      "hotmail.com | spf=pass smtp.mailfrom=a@example.com {sender IP is 192.0.2.1; identity "
      "alignment result is pass} | dkim=pass header.d=example.com | x-hmca=pass "
      "header.id=a@example.com" },
    { " a.example; dkim=pass header.i=@x.example dkim=pass header.i=@y.example; dmarc=pass",
      "a.example | dkim=pass header.i=@x.example | dkim=pass header.i=@y.example | dmarc=pass" },
    { " a.example; spf=pass (c) client-ip=192.0.2.1; envelope-from=a@example.com; "
      "helo=h.example;\r\n dkim=pass header.i=@x.example;",
      "a.example | spf=pass client-ip=192.0.2.1 envelope-from=a@example.com helo=h.example {c} | "
      "dkim=pass header.i=@x.example" },
    { " a.example; smtp.remote-ip=192.0.2.1; spf=pass", "a.example | spf=pass" },
    { " a.example spf=pass dkim=none", "a.example | spf=pass | dkim=none" },
    { " a.example; dmarc=pass(p=none dis=none)  header.from=example.com;",
      "a.example | dmarc=pass header.from=example.com {p=none dis=none}" },
    { " a.example; spf=none () smtp.helo=h", "a.example | spf=none smtp.helo=h" },
    { " a.example; dkim=unknown;;; spf=none", "a.example | dkim=unknown | spf=none" },
    { " a.example; spf=pass smtp.mailfrom= dkim=none",
      "a.example | spf=pass smtp.mailfrom= | dkim=none" },
    { " a.example; dkim=pass header.d=x header.d=y", "a.example | dkim=pass header.d=x" },
    { " a.example; dmarc=pass (open header.from=example.com",
      "a.example | dmarc=pass header.from=example.com" },
};

/* The same tokens with folds inside them. */
static const text_case cut[] = {
    { " mx12; spf=pass smtp.mail=abc\r\n\tdef@example.com; dkim=\r\n\tpass header.i=@example.com",
      "mx12 | spf=pass smtp.mail=abcdef@example.com | dkim=pass header.i=@example.com" },
    { " mx12; spf=pa\r\n\tss smtp.mail=a@example.com; dki\r\n\tm=pass head\r\n\ter.i=@example.com",
      "mx12 | spf=pass smtp.mail=a@example.com | dkim=pass header.i=@example.com" },
    { " mx12; spf=pass smtp.mail=prvs=1\r\n\t2=a@example.com; dkim=none",
      "mx12 | spf=pass smtp.mail=prvs=12=a@example.com | dkim=none" },
    { " a.example; dkim=pass header.b=QU\r\n I= header.s=x",
      "a.example | dkim=pass header.b=QUI= header.s=x" },
    { " a.example; dkim=pass header.d=example.com\r\n x-thing=3",
      "a.example | dkim=pass header.d=example.com x-thing=3" },
};

static const text_case sets[] = {
    { " i=2; a.example; spf=pass smtp.mailfrom=x.example",
      "a.example | spf=pass smtp.mailfrom=x.example" },
    { "i = 3 ; mx.example 1; arc=pass (i=1); dkim=none",
      "mx.example | arc=pass {i=1} | dkim=none" },
};

static const text_case spf[] = {
    { " Pass (mx.example.org: domain of a@example.com designates 192.0.2.1 as permitted sender) "
      "client-ip=192.0.2.1; helo=h.example;",
      "- | spf=pass client-ip=192.0.2.1 helo=h.example {mx.example.org: domain of a@example.com "
      "designates 192.0.2.1 as permitted sender}" },
    { " softfail", "- | spf=softfail" },
    { " pass\r\n (x: y (mechanism 'mx' matched))\r\n receiver=mx;\r\n identity=mailfrom;\r\n "
      "envelope-from=\"a@example.com\"",
      "- | spf=pass receiver=mx identity=mailfrom envelope-from=a@example.com {x: y (mechanism "
      "'mx' matched)}" },
    { " Neutral client-ip=192.0.2.1 envelope-from=<> receiver=<UNKNOWN> ",
      "- | spf=neutral client-ip=192.0.2.1 envelope-from=<> receiver=<UNKNOWN>" },
    { "", "-" },
    { " client-ip=192.0.2.1", "-" },
};

static void
test_grammar(void)
{
    check(grammar, G_N_ELEMENTS(grammar), DT_HEADER_AR);
}

static void
test_tolerance(void)
{
    check(tolerance, G_N_ELEMENTS(tolerance), DT_HEADER_AR);
}

static void
test_cut(void)
{
    check(cut, G_N_ELEMENTS(cut), DT_HEADER_AR);
}

static void
test_sets(void)
{
    check(sets, G_N_ELEMENTS(sets), DT_HEADER_AAR);
    g_autofree char *raw = NULL;
    dt_field field = field_of("i=2; a.example; spf=none", &raw);
    dt_recorded *recorded = dt_authres_parse(&field, DT_HEADER_AAR);
    g_assert_cmpuint(recorded->instance, ==, 2);
    dt_recorded_free(recorded);
}

static void
test_received_spf(void)
{
    check(spf, G_N_ELEMENTS(spf), DT_HEADER_RECEIVED_SPF);
}

static void
test_encoded(void)
{
    static const text_case cases[] = {
        { " =?utf-8?Q?spf=3Dnone_smtp.mailfrom=3Dexample.com;_dkim=3Dno?=\r\n =?utf-8?Q?ne?=",
          "- | spf=none smtp.mailfrom=example.com | dkim=none" },
    };
    check(cases, G_N_ELEMENTS(cases), DT_HEADER_AR);
}

/* Every prefix and every octet taken out of the cases above: nothing to read, but nothing to trip
 * over either. */
static void
test_broken(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(grammar); i++) {
        gsize length = strlen(grammar[i].value);
        for (gsize at = 0; at < length; at++) {
            g_autofree char *head = g_strndup(grammar[i].value, at);
            g_autofree char *without = g_strconcat(head, grammar[i].value + at + 1, NULL);
            const char *values[] = { head, without };
            for (guint k = 0; k < G_N_ELEMENTS(values); k++) {
                g_autofree char *raw = NULL;
                dt_field field = field_of(values[k], &raw);
                dt_recorded_free(dt_authres_parse(&field, DT_HEADER_AR));
                dt_recorded_free(dt_received_spf_parse(&field));
            }
        }
    }
}

static void
test_long(void)
{
    static const char *const units[] = { "a=b ",    "(",   "()",        "\"",
                                         "a\r\n b", "a. ", "spf=pass;", "x=a\r\n b " };
    gint64 start = g_get_monotonic_time();
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autoptr(GString) value = g_string_new(" mx1; ");
        while (value->len < 500000)
            g_string_append(value, units[i]);
        g_autofree char *raw = NULL;
        dt_field field = field_of(value->str, &raw);
        dt_recorded_free(dt_authres_parse(&field, DT_HEADER_AR));
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/authres/the grammar is read", test_grammar);
    g_test_add_func("/authres/what receivers make of it is read", test_tolerance);
    g_test_add_func("/authres/tokens that a fold cut are one token", test_cut);
    g_test_add_func("/authres/an ARC field has its instance", test_sets);
    g_test_add_func("/authres/encoded words are decoded first", test_encoded);
    g_test_add_func("/authres/Received-SPF is one result", test_received_spf);
    g_test_add_func("/authres/broken fields do no harm", test_broken);
    g_test_add_func("/authres/long hostile fields take linear time", test_long);
    return g_test_run();
}
