/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about edited records: one fault is mended, what the sender wrote besides stays in its
 * order.
 */
#include "diagnosis/edit.h"

#include <string.h>

/* ---- SPF ----------------------------------------------------------------------------------- */

static void
retyping_leaves_plain_ascii(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=spf1 include:amazonses.com ~all", "v=spf1 include:amazonses.com ~all" },
        { "V=SPF1  a   ~all ", "v=spf1 a ~all" },
        { "v=spf1include:amazonses.com ~all", "v=spf1 include:amazonses.com ~all" },
        { "\"v=spf1 a ~all\"", "v=spf1 a ~all" },
        { "\xe2\x80\x9cv=spf1 a ~all\xe2\x80\x9d", "v=spf1 a ~all" },
        { "\xef\xbb\xbfv=spf1 a ~all", "v=spf1 a ~all" },
        { "SPF: v=spf1 a ~all", "v=spf1 a ~all" },
        { "v=spf1 a\xc2\xa0~all", "v=spf1 a ~all" },
        { "v=spf1 a\t~all", "v=spf1 a ~all" },
        { "v=spf1 \"a\" '~all'", "v=spf1 a ~all" },
        { "include:amazonses.com ~all", "v=spf1 include:amazonses.com ~all" },
        { "v=spf1", "v=spf1" },
        { "", "v=spf1" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = dt_spf_text_clean(rows[i].text);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
a_damaged_text_was_meant_as_a_record_and_is_none(void)
{
    static const struct {
        const char *text;
        gboolean want;
    } rows[] = {
        { "v=spf1 a ~all", FALSE },
        { "v=spf1", FALSE },
        { "v=spf1include:amazonses.com", TRUE },
        { "v=spf10 a", TRUE },
        { "\"v=spf1 a ~all\"", TRUE },
        { " v=spf1 a ~all", TRUE },
        { "include:amazonses.com ~all", TRUE },
        { "google-site-verification=abc", FALSE },
        { "spf2.0/pra a ~all", FALSE },
        { "", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(dt_spf_text_is_damaged(rows[i].text), ==, rows[i].want);
}

static void
what_was_meant_to_be_the_include_is_told_from_its_text(void)
{
    static const struct {
        const char *term, *next;
        gboolean want;
    } rows[] = {
        { "include:amazonses.com", NULL, FALSE },
        { "+include:amazonses.com", NULL, FALSE },
        { "include:amazonses.com.", NULL, FALSE },
        { "INCLUDE:AMAZONSES.COM", NULL, FALSE },
        { "include:amazonses", NULL, TRUE },
        { "include:amazonse.com", NULL, TRUE },
        { "include:amazones.com", NULL, TRUE },
        { "include:amazonaws.com", NULL, TRUE },
        { "include:amazon.com", NULL, TRUE },
        { "include:email-smtp.eu-west-1.amazonaws.com", NULL, TRUE },
        { "include:_spf.amazonses.com", NULL, TRUE },
        { "includes:amazonses.com", NULL, TRUE },
        { "inlcude:amazonses.com", NULL, TRUE },
        { "include=amazonses.com", NULL, TRUE },
        { "?include:amazonses.com", NULL, TRUE },
        { "include:amazonses.com,", NULL, TRUE },
        { "amazonses.com", NULL, TRUE },
        { "a:amazonses.com", NULL, TRUE },
        { "ip4:amazonses.com", NULL, TRUE },
        { "include:", "amazonses.com", TRUE },
        { "include", ":amazonses.com", TRUE },
        { "include:", "~all", FALSE },
        { "include:", NULL, FALSE },
        { "redirect=amazonses.com", NULL, FALSE },
        { "redirect=amazonses", NULL, TRUE },
        { "include:_spf.example.com", NULL, FALSE },
        { "include:mail.example", NULL, FALSE },
        { "a:ec2-192-0-2-1.compute-1.amazonaws.com", NULL, FALSE },
        { "exp=why.amazonses.example", NULL, FALSE },
        { "mx", NULL, FALSE },
        { "~all", NULL, FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].term);
        g_assert_cmpint(dt_spf_term_is_misspelt(rows[i].term, rows[i].next), ==, rows[i].want);
    }
}

static void
assert_text(const dt_spf_draft *draft, const char *want)
{
    g_autofree char *got = dt_spf_draft_text(draft);
    g_assert_cmpstr(got, ==, want);
}

static void
a_new_term_stands_before_all(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=spf1 mx ~all", "v=spf1 mx include:amazonses.com ~all" },
        { "v=spf1 ~all", "v=spf1 include:amazonses.com ~all" },
        { "v=spf1", "v=spf1 include:amazonses.com ~all" },
        { "v=spf1 mx", "v=spf1 mx include:amazonses.com ~all" },
        { "v=spf1 mx -all exp=why.example.com",
          "v=spf1 mx include:amazonses.com -all exp=why.example.com" },
        { "v=spf1 mx exp=why.example.com",
          "v=spf1 mx include:amazonses.com ~all exp=why.example.com" },
        { "v=spf1 mx redirect=_spf.example.com",
          "v=spf1 mx include:amazonses.com redirect=_spf.example.com" },
        { "v=spf1 include:AMAZONSES.com mx ~all", "v=spf1 include:AMAZONSES.com mx ~all" },
        { "v=spf1 +include:amazonses.com ?all", "v=spf1 +include:amazonses.com ?all" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].text);
        dt_spf_draft_add(draft, DT_SES_INCLUDE);
        assert_text(draft, rows[i].want);
    }
}

static void
a_record_has_each_term_once_and_one_all(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=spf1 a a mx A ~all", "v=spf1 a mx ~all" },
        { "v=spf1 a ~all -all", "v=spf1 a ~all" },
        { "v=spf1 a +~all", "v=spf1 a +~all ~all" },
        { "v=spf1 redirect=_spf.example.com ~all", "v=spf1 redirect=_spf.example.com ~all" },
        { "v=spf1 redirect=_spf.example.com", "v=spf1 redirect=_spf.example.com" },
        { "v=spf1 a", "v=spf1 a ~all" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].text);
        assert_text(draft, rows[i].want);
    }
}

static void
all_goes_to_the_end(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=spf1 -all include:amazonses.com", "v=spf1 include:amazonses.com -all" },
        { "v=spf1 a ~all mx include:amazonses.com", "v=spf1 a mx include:amazonses.com ~all" },
        { "v=spf1 a ~all mx -all", "v=spf1 a mx ~all" },
        { "v=spf1 a ~all exp=x.example.com", "v=spf1 a ~all exp=x.example.com" },
        { "v=spf1 a mx ~all", "v=spf1 a mx ~all" },
        { "v=spf1 a redirect=x.example.com", "v=spf1 a redirect=x.example.com" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].text);
        dt_spf_draft_all_last(draft);
        assert_text(draft, rows[i].want);
    }
}

static void
what_was_meant_becomes_the_include_where_it_stands(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=spf1 mx include:amazonses a ~all", "v=spf1 mx include:amazonses.com a ~all" },
        { "v=spf1 include: amazonses.com ~all", "v=spf1 include:amazonses.com ~all" },
        { "v=spf1 include amazonses.com ~all", "v=spf1 include:amazonses.com ~all" },
        { "v=spf1 includes:amazonses.com -all", "v=spf1 include:amazonses.com -all" },
        { "v=spf1 include:amazonse.com include:amazonses.com ~all",
          "v=spf1 include:amazonses.com ~all" },
        { "v=spf1 redirect=amazonses", "v=spf1 include:amazonses.com ~all" },
        { "v=spf1 include:_spf.example.com ~all", "v=spf1 include:_spf.example.com ~all" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].text);
        dt_spf_draft_mend_include(draft);
        assert_text(draft, rows[i].want);
    }
}

static void
a_faulty_term_is_respelt_or_goes(void)
{
    static const struct {
        const char *text, *term, *want;
    } rows[] = {
        { "v=spf1 ipv4:192.0.2.1 mx ~all", "ipv4:192.0.2.1", "v=spf1 ip4:192.0.2.1 mx ~all" },
        { "v=spf1 -ip:192.0.2.1 mx ~all", "-ip:192.0.2.1", "v=spf1 -ip4:192.0.2.1 mx ~all" },
        { "v=spf1 mx, ~all", "mx,", "v=spf1 mx ~all" },
        { "v=spf1 ip4:192.0.2 mx ~all", "ip4:192.0.2", "v=spf1 mx ~all" },
        { "v=spf1 ipv4:192.0.2 mx ~all", "ipv4:192.0.2", "v=spf1 mx ~all" },
        { "v=spf1 foo:bar mx ~all", "foo:bar", "v=spf1 mx ~all" },
        { "v=spf1 mx ~all", "a", "v=spf1 mx ~all" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].text);
        dt_spf_draft_mend_term(draft, rows[i].term);
        assert_text(draft, rows[i].want);
    }
}

static void
two_records_become_one_with_the_softer_all(void)
{
    static const struct {
        const char *one, *other, *want;
    } rows[] = {
        { "v=spf1 a ~all", "v=spf1 mx -all", "v=spf1 a mx ~all" },
        { "v=spf1 a -all", "v=spf1 mx ~all", "v=spf1 a mx ~all" },
        { "v=spf1 a -all", "v=spf1 mx -all", "v=spf1 a mx -all" },
        { "v=spf1 a ?all", "v=spf1 mx -all", "v=spf1 a mx ?all" },
        { "v=spf1 a +all", "v=spf1 mx -all", "v=spf1 a mx -all" },
        { "v=spf1 a all", "v=spf1 mx +all", "v=spf1 a mx ~all" },
        { "v=spf1 a ~all", "v=spf1 a mx ~all", "v=spf1 a mx ~all" },
        { "v=spf1 a", "v=spf1 mx -all", "v=spf1 a mx -all" },
        { "v=spf1 a -all", "v=spf1 mx", "v=spf1 a mx -all" },
        { "v=spf1 a ~all", "v=spf1 redirect=x.example.com", "v=spf1 a include:x.example.com ~all" },
        { "v=spf1 redirect=x.example.com", "v=spf1 a ~all", "v=spf1 include:x.example.com a ~all" },
        { "v=spf1 redirect=x.example.com", "v=spf1 redirect=y.example.com",
          "v=spf1 include:y.example.com redirect=x.example.com" },
        { "v=spf1 a ~all redirect=x.example.com", "v=spf1 mx ~all", "v=spf1 a mx ~all" },
        { "v=spf1 a ~all", "v=spf1 mx ~all exp=why.example.com",
          "v=spf1 a mx ~all exp=why.example.com" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].one);
        g_autoptr(dt_spf_draft) other = dt_spf_draft_new(rows[i].other);
        dt_spf_draft_merge(draft, other);
        assert_text(draft, rows[i].want);
    }
}

static void
an_open_record_is_closed_and_others_stay(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=spf1 a +all", "v=spf1 a ~all" }, { "v=spf1 a all", "v=spf1 a ~all" },
        { "v=spf1 a ~all", "v=spf1 a ~all" }, { "v=spf1 a -all", "v=spf1 a -all" },
        { "v=spf1 a ?all", "v=spf1 a ?all" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(rows[i].text);
        dt_spf_draft_close_all(draft);
        assert_text(draft, rows[i].want);
    }
}

static void
a_term_is_put_first_once(void)
{
    g_autoptr(dt_spf_draft) draft = dt_spf_draft_new("v=spf1 a mx include:amazonses.com ~all");
    g_assert_true(dt_spf_draft_put_first(draft, DT_SES_INCLUDE));
    assert_text(draft, "v=spf1 include:amazonses.com a mx ~all");
    g_assert_false(dt_spf_draft_put_first(draft, DT_SES_INCLUDE));
}

static void
a_redirect_goes_only_beside_all(void)
{
    g_autoptr(dt_spf_draft) both = dt_spf_draft_new("v=spf1 a ~all redirect=x.example.com");
    g_assert_true(dt_spf_draft_drop_void_redirect(both));
    assert_text(both, "v=spf1 a ~all");
    g_autoptr(dt_spf_draft) alone = dt_spf_draft_new("v=spf1 a redirect=x.example.com");
    g_assert_false(dt_spf_draft_drop_void_redirect(alone));
    assert_text(alone, "v=spf1 a redirect=x.example.com");
}

static void
a_huge_record_is_cut_and_not_slow(void)
{
    g_autoptr(GString) text = g_string_new("v=spf1");
    for (guint i = 0; i < 20000; i++)
        g_string_append_printf(text, " a:h%u.example.com", i);
    g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(text->str);
    g_autofree char *got = dt_spf_draft_text(draft);
    g_assert_cmpuint(strlen(got), <, text->len);
    g_assert_true(g_str_has_suffix(got, " ~all"));
}

/* ---- DMARC --------------------------------------------------------------------------------- */

static void
tags_are_parted_whatever_stood_between_them(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=DMARC1; p=none", "v=DMARC1; p=none" },
        { "v=DMARC1;p=none;", "v=DMARC1; p=none" },
        { "v=DMARC1, p=none", "v=DMARC1; p=none" },
        { "v=DMARC1,p=none,rua=mailto:a@example.com,mailto:b@example.com",
          "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com" },
        { "v=DMARC1 p=none", "v=DMARC1; p=none" },
        { "v=DMARC1: p=none", "v=DMARC1; p=none" },
        { "v=DMARC1\\; p=none\\; adkim=s", "v=DMARC1; p=none; adkim=s" },
        { "\xe2\x80\x9cv=DMARC1; p=none\xe2\x80\x9d", "v=DMARC1; p=none" },
        { "v=DMARC1\xef\xbc\x9bp=none", "v=DMARC1; p=none" },
        { "v = DMARC1 ; p = none", "v=DMARC1; p=none" },
        { "v=DMARC1; p=\"none\"", "v=DMARC1; p=none" },
        { "v=DMARC1; p=none; rua=mailto:a@example.com adkim=s",
          "v=DMARC1; p=none; rua=mailto:a@example.com; adkim=s" },
        { "v=DMARC1; p=none; x-own=1; fo=1", "v=DMARC1; p=none; x-own=1; fo=1" },
        { "v=dmarc1; p=none", "v=dmarc1; p=none" },
        { "", "" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = dt_dmarc_text_separate(rows[i].text);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
bad_separators_are_told_from_other_faults(void)
{
    static const struct {
        const char *text;
        gboolean want;
    } rows[] = {
        { "v=DMARC1, p=none", TRUE },
        { "v=DMARC1 p=none", TRUE },
        { "v=DMARC1\\; p=none", TRUE },
        { "\"v=DMARC1; p=none\"", TRUE },
        { "v=DMARC1; p=none, adkim=s", TRUE },
        { "v=DMARC1; p=none,", TRUE },
        { "v=DMARC1;\xc2\xa0p=none", TRUE },
        { "v=DMARC1; p=none; rua=\"mailto:a@example.com\"", TRUE },
        { "v=DMARC1; p=none", FALSE },
        { "v=DMARC1;p=none;", FALSE },
        { "V = DMARC1 ; p = none", FALSE },
        { "v=DMARC1; p=none; rua=mailto:a@example.com, mailto:b@example.com", FALSE },
        { "v=DMARC1; p=none; rua=mailto:a@example.com,", FALSE },
        { "v=DMARC1; p=none; rua=mailto:a@example.com mailto:b@example.com", FALSE },
        { "v=DMARC1; p=none; rua=mailto:[email protected]", FALSE },
        { "v=DMARC1; p=none; rua=mailto:[email\xc2\xa0protected]", FALSE },
        { "v=dmarc1, p=none", FALSE },
        { "v=DMARC1, p=monitor", FALSE },
        { "v=DMARC1; P=none", FALSE },
        { "hello v=DMARC1; p=none", FALSE },
        { " v=DMARC1; p=none", FALSE },
        { "\xef\xbb\xbfv=DMARC1; p=none", FALSE },
        { "p=none; v=DMARC1", FALSE },
        { "", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].text);
        g_assert_cmpint(dt_dmarc_text_is_badly_separated(rows[i].text), ==, rows[i].want);
    }
}

static void
a_text_is_known_as_meant_for_dmarc(void)
{
    static const struct {
        const char *text;
        gboolean want;
    } rows[] = {
        { "v=DMARC1; p=none", TRUE },
        { "v=dmarc1; p=none", TRUE },
        { "v=DMARC 1; p=none", TRUE },
        { "p=reject; rua=mailto:a@example.com", TRUE },
        { "DMARC1; p=x", TRUE },
        { "v=spf1 -all", FALSE },
        { "v=DKIM1; p=MIGf", FALSE },
        { "dmarc-verification=abc", FALSE },
        { "google-site-verification=p", FALSE },
        { "", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(dt_dmarc_text_is_meant(rows[i].text), ==, rows[i].want);
}

static void
a_usable_record_keeps_its_other_tags(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "v=dmarc1; p=reject; rua=mailto:a@example.com",
          "v=DMARC1; p=reject; rua=mailto:a@example.com" },
        { "p=none; v=DMARC1; fo=1", "v=DMARC1; p=none; fo=1" },
        { "v=DMARC1; adkim=r; fo=1", "v=DMARC1; p=none; adkim=r; fo=1" },
        { "v=DMARC1; fo=1; p=quarantine", "v=DMARC1; p=quarantine; fo=1" },
        { "v=DMARC1; p=monitor; pct=50", "v=DMARC1; p=none; pct=50" },
        { "v=DMARC1; p=reject; sp=all; np=reject", "v=DMARC1; p=reject; sp=none; np=reject" },
        { "v=DMARC1; P=Reject", "v=DMARC1; p=Reject" },
        { "v=DMARC1; p=none; p=reject", "v=DMARC1; p=none" },
        { "v=DMARC1", "v=DMARC1; p=none" },
        { "", "v=DMARC1; p=none" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = dt_dmarc_text_usable(rows[i].text);
        g_assert_cmpstr(got, ==, rows[i].want);
        g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(got, strlen(got));
        g_assert_true(record->is_dmarc && record->is_usable);
    }
}

static void
tags_are_taken_out_and_set(void)
{
    static const char *const strict[] = { "aspf", "adkim", NULL };
    g_autofree char *without = dt_dmarc_text_without(
        "v=DMARC1; p=reject; aspf=s; rua=mailto:a@example.com; adkim=s", strict);
    g_assert_cmpstr(without, ==, "v=DMARC1; p=reject; rua=mailto:a@example.com");
    g_autofree char *there = dt_dmarc_text_set("v=DMARC1; p=none; fo=1", "p", "quarantine");
    g_assert_cmpstr(there, ==, "v=DMARC1; p=quarantine; fo=1");
    g_autofree char *added = dt_dmarc_text_set("v=DMARC1; p=none; fo=1", "sp", "quarantine");
    g_assert_cmpstr(added, ==, "v=DMARC1; p=none; fo=1; sp=quarantine");
}

static void
report_addresses_are_mended_or_go(void)
{
    static const struct {
        const char *text, *fallback, *want;
    } rows[] = {
        { "v=DMARC1; p=none; rua=a@example.com", NULL,
          "v=DMARC1; p=none; rua=mailto:a@example.com" },
        { "v=DMARC1; p=none; rua=mailto:a@example.com mailto:b@example.com", NULL,
          "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com" },
        { "v=DMARC1; p=none; rua=mailto:a@example.com!10m", NULL,
          "v=DMARC1; p=none; rua=mailto:a@example.com!10m" },
        { "v=DMARC1; p=none; rua=mailto:<a@example.com>; fo=1", NULL,
          "v=DMARC1; p=none; rua=mailto:a@example.com; fo=1" },
        { "v=DMARC1; p=none; rua=mailto:[email protected]; fo=1", NULL, "v=DMARC1; p=none; fo=1" },
        { "v=DMARC1; p=none; rua=mailto:[email protected],mailto:b@example.com", NULL,
          "v=DMARC1; p=none; rua=mailto:b@example.com" },
        { "v=DMARC1; p=none; rua=mailto:[email protected]", "mailto:d@example.com",
          "v=DMARC1; p=none; rua=mailto:d@example.com" },
        { "v=DMARC1; p=none; rua=nothing", NULL, "v=DMARC1; p=none" },
        { "v=DMARC1; p=none", NULL, "v=DMARC1; p=none" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = dt_dmarc_text_mend_rua(rows[i].text, rows[i].fallback);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
report_addresses_are_judged_by_what_can_be_sent_to(void)
{
    static const struct {
        const char *uri;
        gboolean is_fault;
        const char *domain;
    } rows[] = {
        { "mailto:a@example.com", FALSE, "example.com" },
        { "MAILTO:a@Example.COM", FALSE, "example.com" },
        { "mailto:a@example.com!10m", FALSE, "example.com" },
        { "mailto:a@example.com?subject=x", FALSE, "example.com" },
        { "https://example.com/", FALSE, NULL },
        { "a@example.com", TRUE, NULL },
        { "mailto:", TRUE, NULL },
        { "mailto:a", TRUE, NULL },
        { "mailto:a@", TRUE, NULL },
        { "mailto:@example.com", TRUE, NULL },
        { "mailto:[email protected]", TRUE, NULL },
        { "mailto:a@example.com mailto:b@example.com", TRUE, NULL },
        { "mailto:\xc3\xa9@example.com", TRUE, NULL },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *domain = dt_dmarc_rua_domain(rows[i].uri);
        g_test_message("%s", rows[i].uri);
        g_assert_cmpint(dt_dmarc_rua_fault(rows[i].uri) != NULL, ==, rows[i].is_fault);
        g_assert_cmpstr(domain, ==, rows[i].domain);
    }
}

static void
a_huge_text_ends_soon(void)
{
    g_autoptr(GString) text = g_string_new("v=DMARC1");
    for (guint i = 0; i < 50000; i++)
        g_string_append(text, " p=none,");
    g_autofree char *got = dt_dmarc_text_usable(text->str);
    g_assert_cmpstr(got, ==, "v=DMARC1; p=none");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CLAIM(claim) g_test_add_func("/diagnosis/edit/" #claim, claim)
    CLAIM(retyping_leaves_plain_ascii);
    CLAIM(a_damaged_text_was_meant_as_a_record_and_is_none);
    CLAIM(what_was_meant_to_be_the_include_is_told_from_its_text);
    CLAIM(a_new_term_stands_before_all);
    CLAIM(a_record_has_each_term_once_and_one_all);
    CLAIM(all_goes_to_the_end);
    CLAIM(what_was_meant_becomes_the_include_where_it_stands);
    CLAIM(a_faulty_term_is_respelt_or_goes);
    CLAIM(two_records_become_one_with_the_softer_all);
    CLAIM(an_open_record_is_closed_and_others_stay);
    CLAIM(a_term_is_put_first_once);
    CLAIM(a_redirect_goes_only_beside_all);
    CLAIM(a_huge_record_is_cut_and_not_slow);
    CLAIM(tags_are_parted_whatever_stood_between_them);
    CLAIM(bad_separators_are_told_from_other_faults);
    CLAIM(a_text_is_known_as_meant_for_dmarc);
    CLAIM(a_usable_record_keeps_its_other_tags);
    CLAIM(tags_are_taken_out_and_set);
    CLAIM(report_addresses_are_mended_or_go);
    CLAIM(report_addresses_are_judged_by_what_can_be_sent_to);
    CLAIM(a_huge_text_ends_soon);
    return g_test_run();
}
