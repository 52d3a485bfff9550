/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about whole messages: what becomes of each signature, reason by reason, on both sides of
 * each edge.
 */
#include "dkim-signer.h"

#define NOW 1700000000

#define HEADER                                                                                     \
    "From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: Hello  there,\r\n world\r\n"   \
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
#define BODY "Dear Bob,  \r\n\r\nthe second line.\r\n\r\n\r\n"
#define MAIL HEADER "\r\n" BODY

#define RSA_RECORD      "v=DKIM1; k=rsa; p=" PUBLIC_1024
#define ZONE            "k._domainkey.example.com. TXT \"" RSA_RECORD "\"\n"
#define ZONE_OF(record) "k._domainkey.example.com. TXT \"" record "\"\n"
#define TAGS            "v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=k; h=from:to:subject"

static dt_resolver *
resolver_over(const char *zone_text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_zone) zone = dt_zone_new();
    dt_zone_read_text(zone, zone_text, -1, "zone", &error);
    g_assert_no_error(error);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    return dt_resolver_new(source, 1000);
}

static const dt_dkim_options OPTIONS = { .at = NOW, .max_signatures = DT_MAX_SIGNATURES };

/* The outcomes as text, one signature after the other. */
static char *
outcomes(const dt_dkim *dkim)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < dkim->signatures->len; i++) {
        const dt_dkim_signature *one = g_ptr_array_index(dkim->signatures, i);
        g_string_append_printf(out, "%s%s %s body %s header %s", i ? "; " : "",
                               dt_dkim_result_word(one->result), dt_dkim_reason_word(one->reason),
                               dt_check_word(one->body_hash), dt_check_word(one->signature));
        g_assert_nonnull(one->detail);
    }
    return g_string_free(out, FALSE);
}

static char *
evaluate_octets(const char *text, gsize length, const char *zone)
{
    g_autoptr(dt_message) message = read_text(text, length);
    g_autoptr(dt_resolver) resolver = resolver_over(zone);
    g_autoptr(dt_dkim) dkim = dt_dkim_evaluate(message, resolver, &OPTIONS);
    return outcomes(dkim);
}

static void
assert_outcome(const char *text, const char *zone, const char *want)
{
    g_autofree char *got = evaluate_octets(text, strlen(text), zone);
    g_assert_cmpstr(got, ==, want);
}

static void
each_canonicalization_verifies(void)
{
    static const char *const canons[] = { "simple/simple", "simple/relaxed", "relaxed/simple",
                                          "relaxed/relaxed", "relaxed" };
    for (guint i = 0; i < G_N_ELEMENTS(canons); i++) {
        g_autofree char *tags = replace(TAGS, "relaxed/simple", canons[i]);
        g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
        assert_outcome(mail, ZONE, "pass ok body ok header ok");
        g_auto(GStrv) lines = g_strsplit(mail, "\r\n", -1);
        g_autofree char *lf = g_strjoinv("\n", lines);
        assert_outcome(lf, ZONE, "pass ok body ok header ok");
    }
}

static void
each_kind_of_key_verifies(void)
{
    g_autofree char *ed_tags = replace(TAGS, "rsa-sha256", "ed25519-sha256");
    g_autofree char *small = sign_message(PRIVATE_768, TAGS, MAIL);
    g_autofree char *large = sign_message(PRIVATE_2048, TAGS, MAIL);
    g_autofree char *ed25519 = sign_message(PRIVATE_ED25519, ed_tags, MAIL);
    assert_outcome(small, ZONE_OF("p=" PUBLIC_768), "policy key-too-small body ok header ok");
    assert_outcome(large, ZONE_OF(TXT_2048), "pass ok body ok header ok");
    assert_outcome(ed25519, ZONE_OF("k=ed25519; p=" PUBLIC_ED25519), "pass ok body ok header ok");
    assert_outcome(ed25519, ZONE, "permerror key-type-mismatch body ok header untested");
}

typedef struct {
    const char *from, *to; /* what is changed after signing */
    const char *want;
} damage_row;

static void
changes_are_told_apart(void)
{
    static const damage_row rows[] = {
        { "second line", "2nd line", "fail body-changed body mismatch header ok" },
        { "Hello", "[tag] Hello", "fail header-changed body ok header mismatch" },
        { "From: Ann", "From: Anna", "fail header-changed body ok header mismatch" },
        { "Hello  there,\r\n world\r\n", "Hello there, world\r\n", "pass ok body ok header ok" },
        { "Date: Tue", "Date: Wed", "pass ok body ok header ok" },
        { "the second line.\r\n\r\n\r\n", "the second line.\r\n", "pass ok body ok header ok" },
        { "Bob,  \r\n", "Bob,\r\n", "fail body-changed body mismatch header ok" },
        { "From: Ann", "From: Eve <eve@example.org>\r\nFrom: Ann", "pass ok body ok header ok" },
        { "Date: Tue", "From: Eve <eve@example.org>\r\nDate: Tue",
          "fail header-changed body ok header mismatch" },
    };
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, MAIL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *changed = replace(mail, rows[i].from, rows[i].to);
        assert_outcome(changed, ZONE, rows[i].want);
    }
    g_autofree char *header = replace(mail, "Hello", "Hullo");
    g_autofree char *both = replace(header, "second", "third");
    assert_outcome(both, ZONE, "fail body-and-header-changed body mismatch header mismatch");
}

static void
the_zone_decides_about_the_key(void)
{
    static const struct {
        const char *zone, *want;
    } rows[] = {
        { "example.com. A 192.0.2.1\n", "permerror no-key body ok header untested" },
        { ZONE ZONE_OF(TXT_2048), "permerror key-multiple body ok header untested" },
        { ";! status k._domainkey.example.com. TXT SERVFAIL\n",
          "temperror key-unreachable body ok header untested" },
        { ZONE_OF("v=DKIM1; p=@@"), "permerror key-syntax body ok header untested" },
        { ZONE_OF("v=DKIM1; p="), "permerror key-revoked body ok header untested" },
        { ZONE_OF("s=web; p=" PUBLIC_1024), "permerror key-service-mismatch body ok header ok" },
        { ZONE_OF("h=sha1; p=" PUBLIC_1024), "permerror key-hash-not-allowed body ok header ok" },
        { ZONE_OF("k=other; p=" PUBLIC_1024),
          "permerror key-type-mismatch body ok header untested" },
        { ZONE_OF("t=y; p=" PUBLIC_1024), "pass ok body ok header ok" },
        { ZONE_OF("t=s; p=" PUBLIC_1024), "pass ok body ok header ok" },
        { ZONE_OF("p=" PUBLIC_OTHER), "fail header-changed body ok header mismatch" },
    };
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, MAIL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_outcome(mail, rows[i].zone, rows[i].want);
}

static void
the_field_is_judged_before_the_key(void)
{
    static const damage_row rows[] = {
        { "v=1;", "v=2;", "permerror version body ok header untested" },
        { "v=1;", "", "permerror signature-syntax body ok header untested" },
        { "d=example.com;", "", "permerror signature-syntax body ok header untested" },
        { "d=example.com", "d=exam ple..com",
          "permerror signature-syntax body ok header untested" },
        { "d=example.com", "d=example.com; d=example.com",
          "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; ;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; t=abc;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; l=-1;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; i=@example.com=;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; i=example.com;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; y=\303\251;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; z=\303;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k\351;", "permerror signature-syntax body ok header untested" },
        { "s=k;", "s=k; z=\001;", "permerror signature-syntax body ok header untested" },
        { "h=from:to:subject", "h=", "permerror signature-syntax body ok header untested" },
        { "; bh=", "; bh=*", "permerror signature-syntax body untested header untested" },
        { "; bh=", "; bh=aaaa", "permerror signature-syntax body untested header untested" },
        { "; b=", "; b=?", "permerror signature-syntax body ok header untested" },
    };
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, MAIL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *changed = replace(mail, rows[i].from, rows[i].to);
        assert_outcome(changed, "example.com. A 192.0.2.1\n", rows[i].want);
    }
}

typedef struct {
    const char *from, *to; /* in TAGS, before signing */
    const char *zone, *want;
} rule_row;

static void
rules_are_judged_after_the_key(void)
{
    static const rule_row rows[] = {
        { "s=k", "s=k; i=ann@example.com", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; i=@mail.example.com", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; i=a=40b@Example.COM", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; i=@mail.example.com", ZONE_OF("t=s; p=" PUBLIC_1024),
          "permerror identity-mismatch body ok header ok" },
        { "s=k", "s=k; i=@example.org", ZONE,
          "permerror identity-mismatch body ok header untested" },
        { "s=k", "s=k; i=@com", ZONE, "permerror identity-mismatch body ok header untested" },
        { "s=k", "s=k; i=@badexample.com", ZONE,
          "permerror identity-mismatch body ok header untested" },
        { "h=from:", "h=", ZONE, "permerror from-not-signed body ok header untested" },
        { "h=from:", "h= From :", ZONE, "pass ok body ok header ok" },
        { "h=from:", "h=from:from:x-none:", ZONE, "pass ok body ok header ok" },
        { "c=relaxed/simple", "c=nofws/simple", ZONE,
          "permerror canonicalization body untested header untested" },
        { "s=k", "s=k; q=http/x", ZONE, "permerror query-method body ok header untested" },
        { "s=k", "s=k; q=http/x:dns/txt", ZONE, "pass ok body ok header ok" },
        { "a=rsa-sha256", "a=rsa-sha512", ZONE,
          "permerror algorithm-not-supported body untested header untested" },
        { "a=rsa-sha256", "a=rsa-sha1", ZONE, "policy algorithm-not-supported body ok header ok" },
        { "a=rsa-sha256", "a=RSA-SHA256", ZONE, "pass ok body ok header ok" },
        { "d=example.com; s=k", "d=Example.COM; s=K", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; unknown=x", ZONE, "pass ok body ok header ok" },
        /* the key comes first */
        { "s=k", "s=k; i=@example.org", ZONE_OF("p="),
          "permerror key-revoked body ok header untested" },
        { "s=k", "s=k; x=1600000000", ZONE_OF("p="),
          "permerror key-revoked body ok header untested" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *tags = replace(TAGS, rows[i].from, rows[i].to);
        g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
        assert_outcome(mail, rows[i].zone, rows[i].want);
    }
}

static void
dates_are_judged_as_of_the_given_time(void)
{
    static const rule_row rows[] = {
        { "s=k", "s=k; t=1700000000; x=1700000001", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; x=1700000000", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; x=1699999999", ZONE, "permerror expired body ok header ok" },
        { "s=k", "s=k; x=5", ZONE, "permerror expired body ok header ok" },
        /* x= not after t= (RFC 6376 3.5): what that makes of it as of now comes first */
        { "s=k", "s=k; t=1700000000; x=1699999999", ZONE,
          "permerror expired body ok header untested" },
        { "s=k", "s=k; t=1700000301; x=1700000300", ZONE,
          "permerror future body ok header untested" },
        { "s=k", "s=k; t=1700000000; x=1700000000", ZONE,
          "permerror signature-syntax body ok header untested" },
        { "s=k", "s=k; t=1700000200; x=1700000100", ZONE,
          "permerror signature-syntax body ok header untested" },
        { "s=k", "s=k; t=1700000300", ZONE, "pass ok body ok header ok" },
        { "s=k", "s=k; t=1700000301", ZONE, "permerror future body ok header ok" },
        { "s=k", "s=k; t=1700000301; x=1700000302", ZONE, "permerror future body ok header ok" },
        { "s=k", "s=k; t=99999999999", ZONE, "permerror future body ok header ok" },
        { "s=k", "s=k; t=1", ZONE, "pass ok body ok header ok" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *tags = replace(TAGS, rows[i].from, rows[i].to);
        g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
        assert_outcome(mail, rows[i].zone, rows[i].want);
    }
}

static void
octets_beyond_l_are_counted(void)
{
    g_autofree char *tags = replace(TAGS, "s=k", "s=k; l=31");
    g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
    g_autofree char *longer = g_strconcat(mail, "--\r\na list\r\n", NULL);
    g_autofree char *shorter = replace(mail, "the second line.\r\n\r\n\r\n", "");
    g_autoptr(dt_message) message = read_text(longer, strlen(longer));
    g_autoptr(dt_resolver) resolver = resolver_over(ZONE);
    g_autoptr(dt_dkim) dkim = dt_dkim_evaluate(message, resolver, &OPTIONS);
    const dt_dkim_signature *one = g_ptr_array_index(dkim->signatures, 0);
    g_assert_cmpint(one->result, ==, DT_DKIM_PASS);
    g_assert_cmpuint(one->unsigned_octets, ==, 18);
    g_assert_nonnull(strstr(one->detail, "the last 18 octets are not signed (l=31)"));
    assert_outcome(mail, ZONE, "pass ok body ok header ok");
    assert_outcome(shorter, ZONE, "fail body-changed body mismatch header ok");
}

/* The hash of all that is there, but l= claims more. */
static void
more_octets_than_there_are_is_a_mismatch(void)
{
    g_autofree char *tags = replace(TAGS, "s=k", "s=k; l=10000");
    g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
    assert_outcome(mail, ZONE, "fail body-changed body mismatch header ok");
}

static void
a_header_alone_leaves_the_body_untested(void)
{
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, MAIL);
    char *end = strstr(mail, "\r\n\r\n");
    end[2] = '\0';
    g_autofree char *changed = replace(mail, "Hello", "Hullo");
    g_autofree char *empty = sign_message(PRIVATE_1024, TAGS, HEADER "\r\n");
    assert_outcome(mail, ZONE, "neutral no-body-to-test body untested header ok");
    assert_outcome(changed, ZONE, "fail header-changed body untested header mismatch");
    assert_outcome(empty, ZONE, "pass ok body ok header ok");
}

#define TWO_KEYS   ZONE "other._domainkey.example.org. TXT \"p=" PUBLIC_OTHER "\"\n"
#define OTHER_TAGS "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=other"

static void
an_intact_header_shows_a_wrong_key(void)
{
    static const struct {
        const char *first, *second,
            *want; /* second is put on top of first; first's key does not fit */
    } rows[] = {
        { "t=1699999990; h=from:to:subject", "t=1699999990; h=from:to:subject",
          "fail wrong-key body ok header mismatch" },
        { "t=1699999990; h=from:to", "t=1699999980; h=subject:to:from:date",
          "fail wrong-key body ok header mismatch" },
        { "t=1699999990; h=from:to:date", "t=1699999990; h=from:to:subject",
          "fail header-changed body ok header mismatch" },
        { "t=1699999990; h=from:to", "t=1699999991; h=from:to:subject",
          "fail header-changed body ok header mismatch" },
        { "t=1699999990; h=from:to:reply-to", "t=1699999990; h=from:to",
          "fail header-changed body ok header mismatch" },
        { "t=1699999990; h=from:from", "t=1699999990; h=from",
          "fail header-changed body ok header mismatch" },
        { "h=from", "h=from", "fail header-changed body ok header mismatch" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *first = g_strdup_printf(
            "v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=k; %s", rows[i].first);
        g_autofree char *second = g_strdup_printf("%s; %s", OTHER_TAGS, rows[i].second);
        g_autofree char *once = sign_message(PRIVATE_2048, first, MAIL);
        g_autofree char *twice = sign_message(PRIVATE_OTHER, second, once);
        g_autofree char *want = g_strconcat("pass ok body ok header ok; ", rows[i].want, NULL);
        assert_outcome(twice, TWO_KEYS, want);
    }
}

static void
a_key_that_opens_the_signature_is_not_the_wrong_one(void)
{
    g_autofree char *once = sign_message(
        PRIVATE_1024,
        "v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=k; t=1699999990; h=from", MAIL);
    g_autofree char *twice = sign_message(PRIVATE_OTHER, OTHER_TAGS "; t=1699999990; h=from", once);
    g_autofree char *changed = replace(twice, "s=k; t=1699999990", "s=k; t=1699999991");
    assert_outcome(changed, TWO_KEYS,
                   "pass ok body ok header ok; fail header-changed body ok header mismatch");
}

static void
no_signature_hides_another(void)
{
    static const char *const bad[] = {
        "DKIM-Signature: nonsense\r\n",
        "DKIM-Signature:\r\n",
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=none; h=from; bh=AAAA; b=AAAA\r\n",
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=k; h=from; i=@example.com=; bh=AAAA; "
        "b=AAAA\r\n",
        "A line that is no field\r\n",
        "Bad\001Name: x\r\n",
    };
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, MAIL);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *more = g_strconcat(bad[i], mail, NULL);
        g_autofree char *got = evaluate_octets(more, strlen(more), ZONE);
        g_test_message("%s", got);
        g_assert_true(g_str_has_suffix(got, "pass ok body ok header ok"));
    }
}

static void
signatures_past_the_limit_are_left_out(void)
{
    g_autofree char *one = sign_message(PRIVATE_1024, TAGS, MAIL);
    g_autofree char *two = sign_message(PRIVATE_1024, TAGS "; t=1", one);
    g_autofree char *three = sign_message(PRIVATE_1024, TAGS "; t=2", two);
    g_autoptr(dt_message) message = read_text(three, strlen(three));
    g_autoptr(dt_resolver) resolver = resolver_over(ZONE);
    dt_dkim_options options = OPTIONS;
    options.max_signatures = 2;
    g_autoptr(dt_dkim) dkim = dt_dkim_evaluate(message, resolver, &options);
    g_autofree char *got = outcomes(dkim);
    g_assert_cmpstr(got, ==,
                    "pass ok body ok header ok; pass ok body ok header ok; "
                    "neutral too-many body untested header untested");
}

/* h= of 4,095 characters is the longest that libopendkim reads whole. */
static void
what_is_too_long_is_not_judged(void)
{
    g_autoptr(GString) h = g_string_new("from:to:subject");
    while (h->len + 7 <= 4095)
        g_string_append(h, ":x-none");
    while (h->len < 4095)
        g_string_append_c(h, 'y');
    g_autofree char *tags = replace(TAGS, "from:to:subject", h->str);
    g_autofree char *fits = sign_message(PRIVATE_1024, tags, MAIL);
    assert_outcome(fits, ZONE, "pass ok body ok header ok");
    g_string_append_c(h, 'y');
    g_autofree char *longer_tags = replace(TAGS, "from:to:subject", h->str);
    g_autofree char *longer = sign_message(PRIVATE_1024, longer_tags, MAIL);
    assert_outcome(longer, ZONE, "neutral beyond-limits body ok header untested");
}

static void
long_fields_and_lines_are_judged_directly(void)
{
    g_autofree char *z = g_strnfill(70000, 'z');
    g_autofree char *tags = g_strconcat(TAGS "; z=", z, NULL);
    g_autofree char *long_field = sign_message(PRIVATE_1024, tags, MAIL);
    g_autofree char *line = g_strnfill(20 * 1024 * 1024, 'x');
    g_autofree char *text = g_strconcat(HEADER "\r\n", line, NULL);
    g_autofree char *long_line = sign_message(PRIVATE_1024, TAGS, text);
    assert_outcome(long_field, ZONE, "pass ok body ok header ok");
    assert_outcome(long_line, ZONE, "pass ok body ok header ok");
}

/* With dkim-signature in h= the field itself never counts, however often it is named. */
static void
earlier_signatures_may_be_signed(void)
{
    g_autofree char *first = sign_message(PRIVATE_OTHER, OTHER_TAGS "; h=from", MAIL);
    g_autofree char *second =
        sign_message(PRIVATE_1024, TAGS ":dkim-signature:dkim-signature", first);
    g_autofree char *changed = replace(second, "d=example.org", "d=example.net");
    assert_outcome(second, TWO_KEYS, "pass ok body ok header ok; pass ok body ok header ok");
    assert_outcome(
        changed, TWO_KEYS,
        "fail header-changed body ok header mismatch; permerror no-key body ok header untested");
}

static void
a_nul_in_a_signed_field_is_part_of_it(void)
{
    static const char header[] = "From: a@example.com\r\nSubject: a?b\r\n\r\nbody\r\n";
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, header);
    gsize length = strlen(mail);
    strchr(strstr(mail, "a?b"), '?')[0] = '\0';
    g_autofree char *got = evaluate_octets(mail, length, ZONE);
    g_assert_cmpstr(got, ==, "fail header-changed body ok header mismatch");
}

/* Mail that reaches memory errors of libopendkim 2.11 must neither end the process nor change the
 * outcome of others. */
static void
hostile_signatures_do_no_harm(void)
{
    static const char *const hostile[] = {
        "h=from:to:dkim-signature:x",
        "h=from:to:subject:date:dkim-signature:x:y:z",
        "h=from:from:to:to:subject:subject:date:date:x:x",
        "h=from; i==",
        "h=from; i=@example.com=4",
        "h=from; c=//",
        "h=from; l=99999999999999999999999999999999999999",
        "h=from; q=",
        "h=:::::",
        "h=from; x=999999999999; t=0",
    };
    for (guint i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_autofree char *b = g_strnfill(172, 'A');
        g_autofree char *field =
            g_strdup_printf("DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=k; "
                            "bh=%.43s=; b=%s; %s\r\n",
                            b, b, hostile[i]);
        g_autofree char *good = sign_message(PRIVATE_1024, TAGS, MAIL);
        g_autofree char *mail = g_strconcat(field, good, NULL);
        g_autofree char *signed_too =
            sign_message(PRIVATE_1024,
                         "v=1; a=rsa-sha256; d=example.com; s=k; h=from:to:subject:date:"
                         "dkim-signature:dkim-signature:dkim-signature:dkim-signature",
                         mail);
        g_autofree char *got = evaluate_octets(signed_too, strlen(signed_too), ZONE);
        g_test_message("%s", got);
        g_assert_true(g_str_has_prefix(got, "pass ok"));
        g_assert_true(g_str_has_suffix(got, "pass ok body ok header ok"));
    }
}

static void
a_what_if_view_judges_changed_keys_again(void)
{
    g_autofree char *once = sign_message(PRIVATE_1024, TAGS, MAIL);
    g_autofree char *mail = sign_message(PRIVATE_OTHER, OTHER_TAGS "; h=from", once);
    g_autoptr(dt_message) message = read_text(mail, strlen(mail));
    g_autoptr(dt_resolver) resolver =
        resolver_over("other._domainkey.example.org. TXT \"p=" PUBLIC_OTHER "\"\n");
    g_autoptr(dt_dkim) before = dt_dkim_evaluate(message, resolver, &OPTIONS);
    g_autofree char *was = outcomes(before);
    g_assert_cmpstr(was, ==, "pass ok body ok header ok; permerror no-key body ok header untested");

    g_autoptr(dt_zone) changes = dt_zone_new();
    g_assert_true(dt_zone_add(changes, "k._domainkey.example.com", "TXT", RSA_RECORD, NULL));
    g_autoptr(dt_resolver) view = dt_resolver_new_overlay(resolver, changes);
    g_autoptr(dt_dkim) after = dt_dkim_reevaluate(before, message, view, &OPTIONS);
    g_autofree char *is = outcomes(after);
    g_assert_cmpstr(is, ==, "pass ok body ok header ok; pass ok body ok header ok");
}

static gpointer
evaluate_many(gpointer mail)
{
    for (guint i = 0; i < 100; i++)
        assert_outcome(mail, ZONE, "pass ok body ok header ok");
    return NULL;
}

static void
threads_share_the_library(void)
{
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS, MAIL);
    GThread *threads[4];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("evaluate", evaluate_many, mail);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

static void
a_bare_cr_in_the_body_is_text(void)
{
    g_autofree char *tags = replace(TAGS, "relaxed/simple", "relaxed/relaxed");
    g_autofree char *mail = sign_message(PRIVATE_1024, tags, HEADER "\r\na. \ra\r\n\rb \r c\r\n");
    assert_outcome(mail, ZONE, "pass ok body ok header ok");
}

/* RFC 6376 2.8: blanks are SP and HTAB. libopendkim takes more for them. */
static void
an_odd_octet_is_no_blank(void)
{
    static const damage_row rows[] = {
        { "Hello  there", "Hello\v there", "fail header-changed body ok header mismatch" },
        { "Hello  there", "Hello\f there", "fail header-changed body ok header mismatch" },
        { "Hello  there", "Hello\r there", "fail header-changed body ok header mismatch" },
        { "world\r\n", "world\v\r\n", "fail header-changed body ok header mismatch" },
        { "Dear", "De\rar", "fail body-changed body mismatch header ok" },
        { "Bob,  ", "Bob, \r ", "fail body-changed body mismatch header ok" },
        { "Dear", "\rDear", "fail body-changed body mismatch header ok" },
        { "second line", "second\v line", "fail body-changed body mismatch header ok" },
        { "second line", "second\f line", "fail body-changed body mismatch header ok" },
        { "Hello  there", "Hello\tthere", "pass ok body ok header ok" },
        { "Bob,  ", "Bob,\t", "pass ok body ok header ok" },
    };
    g_autofree char *tags = replace(TAGS, "relaxed/simple", "relaxed/relaxed");
    g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *changed = replace(mail, rows[i].from, rows[i].to);
        assert_outcome(changed, ZONE, rows[i].want);
    }
}

/* The last octet of a piece and the first of the next; pieces of a body have 64 KiB. */
static void
a_lone_cr_is_seen_at_every_place(void)
{
    g_autofree char *tags = replace(TAGS, "relaxed/simple", "relaxed/relaxed");
    g_autofree char *line = g_strnfill(998, 'x');
    g_autoptr(GString) body = g_string_new(NULL);
    while (body->len < 70000)
        g_string_append_printf(body, "%s\r\n", line);
    g_autofree char *text = g_strconcat(HEADER "\r\n", body->str, NULL);
    g_autofree char *mail = sign_message(PRIVATE_1024, tags, text);
    assert_outcome(mail, ZONE, "pass ok body ok header ok");
    gsize start = (gsize)(strstr(mail, "\r\n\r\n") + 4 - mail);
    for (gsize at = 65500; at < 65570; at++) {
        g_autoptr(GString) changed = g_string_new(mail);
        g_string_insert_c(changed, (gssize)(start + at), '\r');
        gboolean is_at_end = mail[start + at] == '\r' || mail[start + at] == '\n';
        assert_outcome(changed->str, ZONE,
                       is_at_end ? "pass ok body ok header ok"
                                 : "fail body-changed body mismatch header ok");
    }
}

/* RFC 8616 5: d=, s= and i= in U-labels; hashed as they stand, asked for as A-labels. */
static void
names_may_be_u_labels(void)
{
    static const char zone[] =
        "xn--sd-xka._domainkey.xn--bcher-kva.example. TXT \"p=" PUBLIC_1024 "\"\n";
    static const struct {
        const char *tags, *want;
    } rows[] = {
        { "d=b\303\274cher.example; s=s\303\274d", "pass ok body ok header ok" },
        { "d=B\303\234CHER.example; s=xn--sd-xka", "pass ok body ok header ok" },
        { "d=xn--bcher-kva.example; s=s\303\274d", "pass ok body ok header ok" },
        { "d=b\303\274cher.example; s=s\303\274d; i=m\303\274ller@post.b\303\274cher.example",
          "pass ok body ok header ok" },
        { "d=b\303\274cher.example; s=s\303\274d; i=@xn--bcher-kva.example",
          "pass ok body ok header ok" },
        { "d=b\303\274cher.example; s=s\303\274d; i=@b\303\244cher.example",
          "permerror identity-mismatch body ok header untested" },
        { "d=b\303\274cher.example; s=s\303\274d; z=Subject:\303\251",
          "pass ok body ok header ok" },
        { "d=b\303\244cher.example; s=s\303\274d", "permerror no-key body ok header untested" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *tags =
            g_strdup_printf("v=1; a=rsa-sha256; c=relaxed/simple; h=from:to; %s", rows[i].tags);
        g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
        assert_outcome(mail, zone, rows[i].want);
    }
}

static void
the_start_of_b_tells_signatures_apart(void)
{
    static const char text[] =
        "DKIM-Signature: v=1; b=AAAABBBBCCCC\r\nDKIM-Signature: b=AAAABBBBCDDD; v=1\r\n"
        "DKIM-Signature: b=ZZZZ\r\nDKIM-Signature: v=1\r\nFrom: a@example.com\r\n\r\n";
    static const char *const want[] = { "AAAABBBBCC", "AAAABBBBCD", "ZZZZ", NULL };
    g_autoptr(dt_message) message = read_text(text, strlen(text));
    g_autoptr(dt_resolver) resolver = resolver_over(ZONE);
    g_autoptr(dt_dkim) dkim = dt_dkim_evaluate(message, resolver, &OPTIONS);
    g_assert_cmpuint(dkim->signatures->len, ==, 4);
    for (guint i = 0; i < 4; i++) {
        const dt_dkim_signature *one = g_ptr_array_index(dkim->signatures, i);
        g_assert_cmpstr(one->b_start, ==, want[i]);
    }
}

static const struct {
    const char *claim;
    GTestFunc func;
} TESTS[] = {
    { "each canonicalization verifies", each_canonicalization_verifies },
    { "each kind of key verifies", each_kind_of_key_verifies },
    { "changes are told apart", changes_are_told_apart },
    { "the zone decides about the key", the_zone_decides_about_the_key },
    { "the field is judged before the key", the_field_is_judged_before_the_key },
    { "rules are judged after the key", rules_are_judged_after_the_key },
    { "dates are judged as of the given time", dates_are_judged_as_of_the_given_time },
    { "octets beyond l are counted", octets_beyond_l_are_counted },
    { "more octets than there are is a mismatch", more_octets_than_there_are_is_a_mismatch },
    { "a header alone leaves the body untested", a_header_alone_leaves_the_body_untested },
    { "an intact header shows a wrong key", an_intact_header_shows_a_wrong_key },
    { "a key that opens the signature is not the wrong one",
      a_key_that_opens_the_signature_is_not_the_wrong_one },
    { "no signature hides another", no_signature_hides_another },
    { "signatures past the limit are left out", signatures_past_the_limit_are_left_out },
    { "what is too long is not judged", what_is_too_long_is_not_judged },
    { "long fields and lines are judged directly", long_fields_and_lines_are_judged_directly },
    { "earlier signatures may be signed", earlier_signatures_may_be_signed },
    { "a NUL in a signed field is part of it", a_nul_in_a_signed_field_is_part_of_it },
    { "hostile signatures do no harm", hostile_signatures_do_no_harm },
    { "a what-if view judges changed keys again", a_what_if_view_judges_changed_keys_again },
    { "threads share the library", threads_share_the_library },
    { "a bare CR in the body is text", a_bare_cr_in_the_body_is_text },
    { "an odd octet is no blank", an_odd_octet_is_no_blank },
    { "a lone CR is seen at every place", a_lone_cr_is_seen_at_every_place },
    { "names may be U-labels", names_may_be_u_labels },
    { "the start of b tells signatures apart", the_start_of_b_tells_signatures_apart },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(TESTS); i++) {
        g_autofree char *path = g_strconcat("/evaluate/", TESTS[i].claim, NULL);
        g_test_add_func(path, TESTS[i].func);
    }
    return g_test_run();
}
