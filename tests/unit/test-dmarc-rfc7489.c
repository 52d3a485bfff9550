/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the view of a receiver that follows RFC 7489 and the Public Suffix List.
 */
#include "dmarc-case.h"

static char *
outcome(const case_row *row)
{
    dmarc_case run = case_run(row->zone, row->from, row->identifiers);
    const dt_dmarc_7489 *view = &run.dmarc->rfc7489;
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%s %s %s %s%s org=%s%s", dt_verdict_word(view->result),
                    case_word(view->policy_domain), case_word(dt_policy_word(view->policy)),
                    case_word(dt_policy_word(view->disposition)),
                    view->disposition_by_chance ? "?" : "", case_word(view->org_domain),
                    run.dmarc->standards_agree ? " agree" : "");
    case_clear(&run);
    return g_string_free(text, FALSE);
}

static void
check(const case_row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *got = outcome(&rows[i]);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

#define REJECT "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"

static void
only_the_author_domain_and_the_listed_organization_are_asked(void)
{
    static const case_row rows[] = {
        { REJECT, "example.com", "", "fail example.com reject reject org=example.com agree" },
        { REJECT, "a.b.example.com", "", "fail example.com reject reject org=example.com agree" },
        { "_dmarc.b.example.com. TXT \"v=DMARC1; p=reject\"\n", "a.b.example.com", "",
          "none - - - org=example.com" },
        { "_dmarc.com. TXT \"v=DMARC1; p=reject\"\n", "example.com", "",
          "none - - - org=example.com" },
        { REJECT "_dmarc.a.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.a.example.com. TXT "
                 "\"v=DMARC1; p=reject\"\n",
          "a.example.com", "", "none - - - org=example.com" },
        { REJECT "_dmarc.a.example.com. TXT \"v=spf1 -all\"\n", "a.example.com", "",
          "fail example.com reject reject org=example.com agree" },
        { "_dmarc.a.example.co.uk. TXT \"v=DMARC1; p=none\"\n", "a.example.co.uk", "",
          "fail a.example.co.uk none none org=example.co.uk agree" },
        { "", "", "", "permerror - - - org=- agree" },
        { ";! status _dmarc.example.com. TXT TIMEOUT\n", "a.example.com", "",
          "temperror - - - org=example.com agree" },
    };
    check(rows, G_N_ELEMENTS(rows));
}

static void
np_psd_and_t_are_not_known(void)
{
    static const case_row rows[] = {
        { "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\n",
          "a.example.com", "", "fail example.com quarantine quarantine org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=x\"\n", "example.com", "",
          "fail example.com reject reject org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"\n", "example.com", "",
          "fail example.com reject reject org=example.com" },
        { "_dmarc.b.example.com. TXT \"v=DMARC1; p=none; psd=n\"\n" REJECT, "a.b.example.com", "",
          "fail example.com reject reject org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=x\"\n", "example.com", "",
          "none - - - org=example.com agree" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=x; rua=mailto:d@example.com\"\n",
          "example.com", "", "fail example.com none none org=example.com agree" },
    };
    check(rows, G_N_ELEMENTS(rows));
}

static void
pct_leaves_a_share_one_step_softer(void)
{
    static const case_row rows[] = {
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=100\"\n", "example.com", "",
          "fail example.com reject reject org=example.com agree" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=99\"\n", "example.com", "",
          "fail example.com reject reject? org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=0\"\n", "example.com", "",
          "fail example.com reject quarantine org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; pct=0\"\n", "example.com", "",
          "fail example.com quarantine none org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=none; pct=50\"\n", "example.com", "",
          "fail example.com none none org=example.com agree" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=50\"\n", "example.com",
          "spf=pass:example.com", "pass example.com reject none org=example.com agree" },
    };
    check(rows, G_N_ELEMENTS(rows));
}

static void
alignment_follows_the_list(void)
{
    static const case_row rows[] = {
        { "_dmarc.m.example.com. TXT \"v=DMARC1; p=reject\"\n", "m.example.com",
          "dkim=pass:example.com", "pass m.example.com reject none org=example.com" },
        { "_dmarc.a.github.io. TXT \"v=DMARC1; p=reject\"\n_dmarc.github.io. TXT \"v=DMARC1; "
          "p=none\"\n",
          "a.github.io", "dkim=pass:b.github.io",
          "fail a.github.io reject reject org=a.github.io" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s\"\n", "example.com",
          "spf=pass:a.example.com", "fail example.com reject reject org=example.com agree" },
        { REJECT, "example.com", "spf=temperror:a.example.com",
          "temperror example.com reject - org=example.com agree" },
        { REJECT, "example.com", "spf=temperror:example.net",
          "fail example.com reject reject org=example.com agree" },
        { REJECT, "example.com", "spf=temperror:a.example.com dkim=pass:example.com",
          "pass example.com reject none org=example.com agree" },
    };
    check(rows, G_N_ELEMENTS(rows));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/rfc7489/only the author domain and the listed organization are asked",
                    only_the_author_domain_and_the_listed_organization_are_asked);
    g_test_add_func("/dmarc/rfc7489/np, psd and t are not known", np_psd_and_t_are_not_known);
    g_test_add_func("/dmarc/rfc7489/pct leaves a share one step softer",
                    pct_leaves_a_share_one_step_softer);
    g_test_add_func("/dmarc/rfc7489/alignment follows the list", alignment_follows_the_list);
    return g_test_run();
}
