/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What stands at an Easy DKIM selector: one small zone for each fault, and the near misses beside
 * it.
 */
#include "diagnosis/cause.h"

#include <string.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz234567"
#define OTHER "bbcdefghijklmnopqrstuvwxyz234567"
#define AT    TOKEN "._domainkey.shop.example. "
#define KEY   "\"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7\"\n"
#define SES   TOKEN ".dkim.amazonses.com. TXT " KEY

/* The view of a domain that has one token; NULL-safe parts only, as dt_selector_states needs them.
 */
typedef struct {
    dt_context *context;
    dt_case *subject;
    dt_view view;
} fixture;

static void
fixture_open(fixture *f, const char *zone_text, const char *domain)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_zone) zone = dt_zone_new();
    g_assert_true(dt_zone_read_text(zone, zone_text, -1, "zone", &error));
    g_assert_no_error(error);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    f->context = dt_context_new();
    g_assert_true(dt_context_set(f->context, "dkim-token", TOKEN, &error));
    dt_context_set_source(f->context, source);
    g_assert_true(dt_context_open(f->context, &error));
    g_assert_no_error(error);
    f->subject = dt_case_new_domain(f->context, domain);
    f->view = (dt_view){ .subject = f->subject,
                         .resolver = f->subject->resolver,
                         .author = f->subject->dmarc->from_domain,
                         .org = "shop.example",
                         .is_ses = TRUE,
                         .tokens = f->context->dkim_tokens };
    f->view.selectors = dt_selector_states(&f->view);
}

static void
fixture_close(fixture *f)
{
    g_ptr_array_unref(f->view.selectors);
    dt_case_free(f->subject);
    dt_context_free(f->context);
}

static const dt_selector_state *
state_of(const fixture *f)
{
    g_assert_cmpuint(f->view.selectors->len, ==, 1);
    return f->view.selectors->pdata[0];
}

typedef struct {
    const char *claim;
    const char *zone;
    dt_selector_fault fault;
    const char *ses_zone; /* as found; NULL unknown */
    gboolean is_known;
} row;

static const row rows[] = {
    { "a CNAME into SES with a key behind it is right",
      AT "CNAME " TOKEN ".dkim.amazonses.com.\n" SES, DT_SELECTOR_OK, NULL, FALSE },
    { "an alias of one's own on the way into SES is right",
      AT "CNAME k.vendor.test.\nk.vendor.test. CNAME " TOKEN ".dkim.amazonses.com.\n" SES,
      DT_SELECTOR_OK, NULL, FALSE },
    { "nothing at the name is missing, the zone found where the key answers", SES,
      DT_SELECTOR_MISSING, "dkim.amazonses.com", TRUE },
    { "nothing anywhere is missing, the zone unknown", "shop.example. A 192.0.2.1\n",
      DT_SELECTOR_MISSING, NULL, FALSE },
    { "a text that is no key is missing", AT "TXT \"v=spf1 -all\"\n" SES, DT_SELECTOR_MISSING,
      "dkim.amazonses.com", TRUE },
    { "the domain twice is doubled",
      TOKEN "._domainkey.shop.example.shop.example. CNAME " TOKEN ".dkim.amazonses.com.\n" SES,
      DT_SELECTOR_DOUBLED, "dkim.amazonses.com", TRUE },
    { "an unrelated record at the doubled name is not doubled",
      TOKEN "._domainkey.shop.example.shop.example. TXT \"hello\"\n" SES, DT_SELECTOR_MISSING,
      "dkim.amazonses.com", TRUE },
    { "domainkey without underscore",
      TOKEN ".domainkey.shop.example. CNAME " TOKEN ".dkim.amazonses.com.\n" SES,
      DT_SELECTOR_NO_UNDERSCORE, "dkim.amazonses.com", TRUE },
    { "an address at the name is a proxy", AT "A 192.0.2.7\n" SES, DT_SELECTOR_PROXIED,
      "dkim.amazonses.com", TRUE },
    { "an IPv6 address at the name is a proxy", AT "AAAA 2001:db8::7\n" SES, DT_SELECTOR_PROXIED,
      "dkim.amazonses.com", TRUE },
    { "an address that a wildcard gives to every name is no proxy",
      "*.shop.example. A 192.0.2.7\n" SES, DT_SELECTOR_MISSING, "dkim.amazonses.com", TRUE },
    { "a CNAME into another zone of SES than the key's",
      AT "CNAME " TOKEN ".dkim.amazonses.com.\n" TOKEN ".dkim.eu-south-1.amazonses.com. TXT " KEY,
      DT_SELECTOR_WRONG_ZONE, "dkim.eu-south-1.amazonses.com", TRUE },
    { "a CNAME into the usual zone with no key anywhere is missing, not wrong",
      AT "CNAME " TOKEN ".dkim.amazonses.com.\n", DT_SELECTOR_MISSING, "dkim.amazonses.com",
      FALSE },
    { "a relative target is a wrong one",
      AT "CNAME " TOKEN ".dkim.amazonses.com.shop.example.\n" SES, DT_SELECTOR_WRONG_TARGET,
      "dkim.amazonses.com", TRUE },
    { "another token's key is a wrong target",
      AT "CNAME " OTHER ".dkim.amazonses.com.\n" OTHER ".dkim.amazonses.com. TXT " KEY SES,
      DT_SELECTOR_WRONG_TARGET, "dkim.amazonses.com", TRUE },
    { "a target that lost its dkim label is a wrong one", AT "CNAME " TOKEN ".amazonses.com.\n" SES,
      DT_SELECTOR_WRONG_TARGET, "dkim.amazonses.com", TRUE },
    { "a key as text at the name is a copy", AT "TXT " KEY SES, DT_SELECTOR_TXT_COPY,
      "dkim.amazonses.com", TRUE },
    { "a failing name server proves nothing",
      ";! status " TOKEN "._domainkey.shop.example ANY SERVFAIL\n" SES, DT_SELECTOR_UNREACHABLE,
      NULL, FALSE },
    { "a recording without the answer proves nothing", ";! snapshot 2026-11-24T10:00:00Z\n" SES,
      DT_SELECTOR_UNREACHABLE, NULL, FALSE },
};

static void
test_row(gconstpointer data)
{
    const row *r = data;
    fixture f;
    fixture_open(&f, r->zone, "shop.example");
    const dt_selector_state *state = state_of(&f);
    g_assert_cmpint(state->fault, ==, r->fault);
    g_assert_cmpstr(state->zone, ==, r->ses_zone);
    g_assert_cmpint(state->zone_is_known, ==, r->is_known);
    g_assert_true(state->is_token);
    g_assert_cmpint(state->signature, ==, -1);
    fixture_close(&f);
}

static void
test_zone_appended(void)
{
    fixture f;
    fixture_open(&f,
                 TOKEN "._domainkey.mail.shop.example.shop.example. CNAME " TOKEN
                       ".dkim.amazonses.com.\n" SES,
                 "mail.shop.example");
    const dt_selector_state *state = state_of(&f);
    g_assert_cmpint(state->fault, ==, DT_SELECTOR_DOUBLED);
    g_assert_cmpstr(state->wrong_name, ==, TOKEN "._domainkey.mail.shop.example.shop.example");
    g_assert_cmpstr(state->deciding->name, ==, state->wrong_name);
    fixture_close(&f);
}

static void
test_parent_has_tokens(void)
{
    fixture f;
    fixture_open(&f, AT "CNAME " TOKEN ".dkim.amazonses.com.\n" SES, "mail.shop.example");
    g_assert_cmpstr(state_of(&f)->domain, ==, "shop.example");
    g_assert_cmpint(state_of(&f)->fault, ==, DT_SELECTOR_OK);
    fixture_close(&f);
}

static void
test_without_author(void)
{
    fixture f;
    fixture_open(&f, SES, "shop.example");
    g_ptr_array_unref(f.view.selectors);
    f.view.author = NULL;
    f.view.selectors = dt_selector_states(&f.view);
    g_assert_cmpuint(f.view.selectors->len, ==, 0);
    fixture_close(&f);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/diagnosis/selector/", rows[i].claim, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/diagnosis/selector/the zone appended to a name below it is doubled",
                    test_zone_appended);
    g_test_add_func("/diagnosis/selector/tokens of the organization count for a subdomain",
                    test_parent_has_tokens);
    g_test_add_func("/diagnosis/selector/without an author there is nothing to look at",
                    test_without_author);
    return g_test_run();
}
