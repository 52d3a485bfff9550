/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about whole evaluations by RFC 9989: which record and tag apply, which identifiers are
 * aligned, what a failed query does.
 */
#include "dmarc-case.h"

#define REJECT      "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"
#define STRICT      "_dmarc.example.com. TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
#define FAILS(name) ";! status " name " SERVFAIL\n"

static void
one_domain_of_the_author_is_needed(void)
{
    static const case_row rows[] = {
        { REJECT, "example.com", "dkim=pass:example.com",
          "pass example.com p=reject none org=example.com T" },
        { REJECT, "example.com Example.COM", "",
          "fail example.com p=reject reject org=example.com" },
        { REJECT, "example.com a.example.com", "dkim=pass:example.com",
          "permerror - -=- - org=- F" },
        { REJECT, "example.com -", "dkim=pass:example.com", "permerror - -=- - org=- F" },
        { REJECT, "-", "", "permerror - -=- - org=-" },
        { REJECT, "", "", "permerror - -=- - org=-" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

static void
the_record_of_the_author_domain_the_organization_or_the_suffix_applies(void)
{
    static const case_row rows[] = {
        { "", "a.example.com", "dkim=pass:a.example.com", "none - -=- - org=a.example.com T" },
        { REJECT, "a.example.com", "", "fail example.com p=reject reject org=example.com" },
        { REJECT "_dmarc.a.example.com. TXT \"v=DMARC1; p=none\"\n", "a.example.com", "",
          "fail a.example.com p=none none org=example.com" },
        { REJECT "_dmarc.b.example.com. TXT \"v=DMARC1; p=none\"\n", "a.b.example.com", "",
          "fail example.com p=reject reject org=example.com" },
        { "_dmarc.b.example.com. TXT \"v=DMARC1; p=quarantine\"\n", "a.b.example.com", "",
          "fail b.example.com p=quarantine quarantine org=b.example.com" },
        { "_dmarc.bank. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.b.c.bank. TXT \"v=DMARC1; "
          "p=none\"\n",
          "a.b.c.bank", "", "fail bank p=reject reject org=c.bank" },
        { "_dmarc.bank. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.c.bank. TXT \"v=DMARC1; "
          "p=none\"\n",
          "a.c.bank", "", "fail c.bank p=none none org=c.bank" },
        { REJECT "_dmarc.a.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.a.example.com. TXT "
                 "\"v=DMARC1; p=x\"\n",
          "a.example.com", "", "fail example.com p=reject reject org=example.com" },
        { REJECT "_dmarc.a.example.com. TXT \"v=spf1 -all\"\n_dmarc.a.example.com. TXT \"v=DMARC1; "
                 "p=none\"\n",
          "a.example.com", "", "fail a.example.com p=none none org=example.com" },
        /* A record without a policy ends DMARC, whatever stands above it. */
        { REJECT "_dmarc.a.example.com. TXT \"v=DMARC1; p=x\"\n", "a.example.com",
          "dkim=pass:a.example.com", "none - -=- - org=example.com T" },
        { REJECT "_dmarc.b.example.com. TXT \"v=DMARC1; p=x; psd=n\"\n", "a.b.example.com", "",
          "none - -=- - org=b.example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=x; rua=mailto:d@example.com\"\n", "example.com",
          "", "fail example.com p=none none org=example.com" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

#define THREE "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\n"

static void
the_tag_is_p_at_the_domain_itself_below_it_sp_or_np(void)
{
    static const case_row rows[] = {
        { THREE, "example.com", "", "fail example.com p=none none org=example.com" },
        { THREE "a.example.com. A 192.0.2.1\n", "a.example.com", "",
          "fail example.com sp=quarantine quarantine org=example.com" },
        { THREE "a.example.com. TXT \"x\"\n", "a.example.com", "",
          "fail example.com sp=quarantine quarantine org=example.com" },
        { THREE "b.a.example.com. TXT \"x\"\n", "a.example.com", "",
          "fail example.com sp=quarantine quarantine org=example.com" },
        { THREE "*.example.com. MX 10 m.example.com.\n", "a.example.com", "",
          "fail example.com sp=quarantine quarantine org=example.com" },
        { THREE "a.example.com. CNAME gone.example.net.\n", "a.example.com", "",
          "fail example.com sp=quarantine quarantine org=example.com" },
        { THREE, "a.example.com", "", "fail example.com np=reject reject org=example.com" },
        { THREE, "a.example.com", "dkim=pass:example.com",
          "pass example.com np=reject none org=example.com T" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=none\"\n", "a.example.com", "",
          "fail example.com sp=none none org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=none\"\na.example.com. A 192.0.2.1\n",
          "a.example.com", "", "fail example.com p=reject reject org=example.com" },
        { REJECT, "a.example.com", "", "fail example.com p=reject reject org=example.com" },
        /* Existence not known: it decides the policy, never the result. One type that answers is
           enough. */
        { THREE FAILS("a.example.com. ANY"), "a.example.com", "",
          "fail example.com -=- - org=example.com" },
        { THREE "a.example.com. MX 10 m.example.com.\n" FAILS("a.example.com. A"), "a.example.com",
          "", "fail example.com sp=quarantine quarantine org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=reject; np=reject\"\n" FAILS(
              "a.example.com. ANY"),
          "a.example.com", "", "fail example.com -=reject reject org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=x; rua=mailto:d@example.com\"\n",
          "a.example.com", "", "fail example.com p=none none org=example.com" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

static void
testing_mode_lowers_what_is_asked_by_one_step(void)
{
    static const case_row rows[] = {
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"\n", "example.com", "",
          "fail example.com p=reject quarantine org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; t=y\"\n", "example.com", "",
          "fail example.com p=quarantine none org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=none; t=y\"\n", "example.com", "",
          "fail example.com p=none none org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=n\"\n", "example.com", "",
          "fail example.com p=reject reject org=example.com" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"\n", "example.com",
          "spf=pass:example.com", "pass example.com p=reject none org=example.com T" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

static void
one_aligned_pass_is_a_pass(void)
{
    static const case_row rows[] = {
        { REJECT, "example.com", "spf=pass:b.example.com",
          "pass example.com p=reject none org=example.com T" },
        { REJECT, "a.example.com", "dkim=pass:b.example.com",
          "pass example.com p=reject none org=example.com T" },
        { REJECT, "a.example.com", "dkim=pass:example.com",
          "pass example.com p=reject none org=example.com T" },
        { REJECT, "example.com",
          "dkim=fail:example.com dkim=pass:badexample.com dkim=pass:example.com.evil.test",
          "fail example.com p=reject reject org=example.com FFF" },
        { REJECT, "example.com",
          "dkim=pass: spf=pass:", "fail example.com p=reject reject org=example.com FF" },
        { REJECT, "example.com", "dkim=pass:other.com dkim=pass:a.example.com",
          "pass example.com p=reject none org=example.com FT" },
        { STRICT, "example.com", "spf=pass:b.example.com dkim=pass:a.example.com",
          "fail example.com p=reject reject org=example.com FF" },
        { STRICT, "example.com", "spf=pass:b.example.com dkim=pass:EXAMPLE.com",
          "pass example.com p=reject none org=example.com FT" },
        /* psd=n makes a name its own organization. */
        { REJECT "_dmarc.b.example.com. TXT \"v=DMARC1; p=none; psd=n\"\n", "example.com",
          "spf=pass:b.example.com", "fail example.com p=reject reject org=example.com F" },
        /* Without a record above, the subdomain is its own organization. */
        { "_dmarc.m.example.com. TXT \"v=DMARC1; p=reject\"\n", "m.example.com",
          "dkim=pass:example.com spf=pass:b.example.com",
          "fail m.example.com p=reject reject org=m.example.com FF" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

static void
a_failed_query_that_was_needed_leaves_it_open(void)
{
    static const case_row rows[] = {
        { FAILS("_dmarc.example.com. TXT"), "example.com",
          "dkim=pass:example.com dkim=pass:a.example.com spf=pass:example.net",
          "temperror - -=- - org=- TUF" },
        { REJECT FAILS("_dmarc.com. TXT"), "a.example.com", "", "temperror - -=- - org=-" },
        { REJECT FAILS("_dmarc.com. TXT"), "example.com", "dkim=pass:example.com",
          "pass example.com p=reject none org=- T" },
        { REJECT FAILS("_dmarc.com. TXT"), "example.com", "dkim=fail:a.example.com",
          "fail example.com p=reject reject org=- F" },
        { REJECT FAILS("_dmarc.a.example.com. TXT"), "example.com", "dkim=pass:a.example.com",
          "temperror example.com p=reject - org=example.com U" },
        { REJECT FAILS("_dmarc.a.example.com. TXT"), "example.com",
          "dkim=pass:a.example.com dkim=pass:b.example.com",
          "pass example.com p=reject none org=example.com UT" },
        { STRICT FAILS("_dmarc.a.example.com. TXT"), "example.com", "dkim=pass:a.example.com",
          "fail example.com p=reject reject org=example.com F" },
        { REJECT FAILS("_dmarc.example.net. TXT"), "example.com", "dkim=pass:example.net",
          "fail example.com p=reject reject org=example.com F" },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=reject; psd=n\"\n" FAILS("_dmarc.com. TXT"),
          "a.example.com", "dkim=pass:b.example.com",
          "pass example.com p=reject none org=example.com T" },
        { "_dmarc.example.com. CNAME _dmarc.example.com.\n", "example.com", "",
          "temperror - -=- - org=-" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

static void
a_check_that_could_not_be_finished_counts_if_it_would_be_aligned(void)
{
    static const case_row rows[] = {
        { REJECT, "example.com", "spf=temperror:b.example.com",
          "temperror example.com p=reject - org=example.com F" },
        { REJECT, "example.com", "dkim=temperror:example.com",
          "temperror example.com p=reject - org=example.com F" },
        { REJECT, "example.com", "dkim=temperror:example.com spf=pass:b.example.com",
          "pass example.com p=reject none org=example.com FT" },
        { REJECT, "example.com", "spf=temperror:other.com",
          "fail example.com p=reject reject org=example.com F" },
        { STRICT, "example.com", "spf=temperror:b.example.com",
          "fail example.com p=reject reject org=example.com F" },
        { "", "example.com", "spf=temperror:example.com", "none - -=- - org=example.com F" },
    };
    case_check(rows, G_N_ELEMENTS(rows));
}

static void
the_failed_answer_is_named(void)
{
    dmarc_case run = case_run(REJECT FAILS("_dmarc.a.example.com. TXT"), "example.com",
                              "dkim=pass:a.example.com");
    g_assert_nonnull(run.dmarc->failed);
    g_assert_cmpstr(run.dmarc->failed->name, ==, "_dmarc.a.example.com");
    case_clear(&run);
    run = case_run(REJECT, "example.com", "spf=temperror:example.com");
    g_assert_null(run.dmarc->failed);
    case_clear(&run);
}

static void
only_what_the_verdict_needs_is_listed_as_asked(void)
{
    static const struct {
        const char *zone, *from, *identifiers, *want;
    } rows[] = {
        { REJECT, "example.com", "", "_dmarc.example.com" },
        { REJECT, "example.com", "dkim=pass:example.com", "_dmarc.example.com" },
        { REJECT, "example.com", "dkim=fail:a.example.com", "_dmarc.example.com" },
        { STRICT, "example.com", "dkim=pass:a.example.com", "_dmarc.example.com" },
        { REJECT, "example.com", "dkim=pass:a.example.com spf=pass:b.example.com",
          "_dmarc.example.com _dmarc.com _dmarc.b.example.com _dmarc.a.example.com" },
        { REJECT, "example.com", "dkim=pass:other.com", "_dmarc.example.com _dmarc.com" },
        { REJECT, "a.example.com", "", "_dmarc.a.example.com _dmarc.example.com _dmarc.com" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        dmarc_case run = case_run(rows[i].zone, rows[i].from, rows[i].identifiers);
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        for (guint k = 0; k < run.dmarc->queries->len; k++)
            g_ptr_array_add(names, g_ptr_array_index(run.dmarc->queries, k));
        g_ptr_array_add(names, NULL);
        g_autofree char *got = g_strjoinv(" ", (char **)names->pdata);
        g_assert_cmpstr(got, ==, rows[i].want);
        case_clear(&run);
    }
}

static void
a_failing_identifier_is_related_without_being_asked_for(void)
{
    dmarc_case run = case_run(STRICT, "example.com",
                              "dkim=fail:m.example.com dkim=fail:example.com spf=fail:example.net");
    const dt_identifier *child = g_ptr_array_index(run.identifiers, 0);
    const dt_identifier *same = g_ptr_array_index(run.identifiers, 1);
    const dt_identifier *other = g_ptr_array_index(run.identifiers, 2);
    g_assert_cmpint(child->alignment, ==, DT_ALIGNMENT_ORGANIZATIONAL);
    g_assert_cmpint(child->names_aligned, ==, DT_TERNARY_FALSE);
    g_assert_cmpstr(child->org_domain, ==, "example.com");
    g_assert_cmpint(same->alignment, ==, DT_ALIGNMENT_IDENTICAL);
    g_assert_cmpint(same->names_aligned, ==, DT_TERNARY_TRUE);
    g_assert_cmpint(same->aligned, ==, DT_TERNARY_FALSE);
    g_assert_cmpint(other->alignment, ==, DT_ALIGNMENT_NONE);
    g_assert_cmpstr(other->org_domain, ==, "example.net");
    for (guint i = 0; i < run.dmarc->steps->len; i++)
        g_assert_cmpstr(((dt_dmarc_step *)g_ptr_array_index(run.dmarc->steps, i))->name, !=,
                        "m.example.com");
    case_clear(&run);
}

static void
the_walk_shows_what_was_found_and_discarded(void)
{
    dmarc_case run = case_run(REJECT "_dmarc.a.example.com. TXT \"v=DMARC1; p=none\"\n"
                                     "_dmarc.a.example.com. TXT \"v=DMARC1; p=reject\"\n",
                              "a.example.com", "");
    const dt_dmarc_step *own = g_ptr_array_index(run.dmarc->walk, 0);
    const dt_dmarc_step *parent = g_ptr_array_index(run.dmarc->walk, 1);
    g_assert_cmpuint(run.dmarc->walk->len, ==, 3);
    g_assert_cmpuint(own->record_count, ==, 2);
    g_assert_null(own->record);
    g_assert_true(parent->record == run.dmarc->record);
    case_clear(&run);
    run = case_run("_dmarc.example.com. TXT \"v=DMARC1; p=x\"\n", "example.com", "");
    g_assert_cmpstr(run.dmarc->unusable->name, ==, "example.com");
    g_assert_null(run.dmarc->record);
    case_clear(&run);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/one domain of the author is needed",
                    one_domain_of_the_author_is_needed);
    g_test_add_func(
        "/dmarc/the record of the author domain, the organization or the suffix applies",
        the_record_of_the_author_domain_the_organization_or_the_suffix_applies);
    g_test_add_func("/dmarc/the tag is p at the domain itself, below it sp or np",
                    the_tag_is_p_at_the_domain_itself_below_it_sp_or_np);
    g_test_add_func("/dmarc/testing mode lowers what is asked by one step",
                    testing_mode_lowers_what_is_asked_by_one_step);
    g_test_add_func("/dmarc/one aligned pass is a pass", one_aligned_pass_is_a_pass);
    g_test_add_func("/dmarc/a failed query that was needed leaves it open",
                    a_failed_query_that_was_needed_leaves_it_open);
    g_test_add_func("/dmarc/a check that could not be finished counts if it would be aligned",
                    a_check_that_could_not_be_finished_counts_if_it_would_be_aligned);
    g_test_add_func("/dmarc/the failed answer is named", the_failed_answer_is_named);
    g_test_add_func("/dmarc/only what the verdict needs is listed as asked",
                    only_what_the_verdict_needs_is_listed_as_asked);
    g_test_add_func("/dmarc/a failing identifier is related without being asked for",
                    a_failing_identifier_is_related_without_being_asked_for);
    g_test_add_func("/dmarc/the walk shows what was found and discarded",
                    the_walk_shows_what_was_found_and_discarded);
    return g_test_run();
}
