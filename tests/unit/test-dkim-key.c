/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about key records: which are keys, what is wrong with the others, and which signature each
 * is good for.
 */
#include "dkim/key.h"
#include "dkim-signer.h"

#define RSA "p=" PUBLIC_1024
/* 1024 bits, but for the last of the modulus and the exponent */
#define ODD_RSA                                                                                    \
    "p=MIGdMA0GCSqGSIb3DQEBAQUAA4GLADCBhwKBgQCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"                   \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADA5AAAAAAAAAAAAAAAAAA"                     \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
a_record_is_judged_by_itself(void)
{
    static const struct {
        const char *record;
        dt_dkim_reason fault;
        guint bits;
    } rows[] = {
        { RSA, DT_REASON_OK, 1024 },
        { "v=DKIM1; k=rsa; " RSA, DT_REASON_OK, 1024 },
        { "v=DKIM1;k=rsa;" RSA ";", DT_REASON_OK, 1024 },
        { " v = DKIM1 ; k = RSA ; p = " PUBLIC_2048 " ; ", DT_REASON_OK, 2048 },
        { RSA "; v=DKIM1", DT_REASON_OK, 1024 },
        { "g=*; n=a note; x=unknown; " RSA, DT_REASON_OK, 1024 },
        { "s=email; " RSA, DT_REASON_OK, 1024 },
        { "s=other:*; " RSA, DT_REASON_OK, 1024 },
        { "h=sha1:sha256; " RSA, DT_REASON_OK, 1024 },
        { "k=ed25519; p=" PUBLIC_ED25519, DT_REASON_OK, 256 },
        { ODD_RSA "AQIBAw==", DT_REASON_OK, 1024 },
        /* exponent 1 or even, modulus even: anybody signs, or nobody */
        { ODD_RSA "AQIBAQ==", DT_REASON_KEY_SYNTAX, 0 },
        { ODD_RSA "AQIBAg==", DT_REASON_KEY_SYNTAX, 0 },
        { ODD_RSA "AAIBAw==", DT_REASON_KEY_SYNTAX, 0 },
        /* another version, or none of ours */
        { "v=DKIM2; " RSA, DT_REASON_NO_KEY, 0 },
        { "v=dkim1; " RSA, DT_REASON_NO_KEY, 0 },
        { "v=spf1 include:example.com -all", DT_REASON_NO_KEY, 0 },
        { "v=DMARC1; p=none", DT_REASON_NO_KEY, 0 },
        /* form */
        { "", DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; k=rsa", DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1 k=rsa; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1\\; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1;; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; k=; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; " RSA "; and more", DT_REASON_KEY_SYNTAX, 0 },
        { "\"v=DKIM1; " RSA "\"", DT_REASON_KEY_SYNTAX, 0 },
        { "P=" PUBLIC_1024, DT_REASON_KEY_SYNTAX, 0 },
        { RSA "; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        { "n=\303\251; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; p=abc*def", DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; p=-----BEGIN PUBLIC KEY-----" PUBLIC_1024, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; p=" PUBLIC_PKCS1, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN", DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; p=" PUBLIC_ED25519, DT_REASON_KEY_SYNTAX, 0 },
        { "v=DKIM1; k=ed25519; " RSA, DT_REASON_KEY_SYNTAX, 0 },
        /* form right, of no use */
        { "v=DKIM1; p=", DT_REASON_KEY_REVOKED, 0 },
        { "v=DKIM1; k=rsa; p= ;", DT_REASON_KEY_REVOKED, 0 },
        { "s=other; " RSA, DT_REASON_KEY_SERVICE_MISMATCH, 1024 },
        { "k=foo; " RSA, DT_REASON_KEY_TYPE_MISMATCH, 0 },
        { "h=md5; " RSA, DT_REASON_KEY_HASH_NOT_ALLOWED, 1024 },
        { "h=sha1; " RSA, DT_REASON_KEY_HASH_NOT_ALLOWED, 1024 },
        { "p=" PUBLIC_768, DT_REASON_KEY_TOO_SMALL, 768 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_dkim_key) key = dt_dkim_key_parse(rows[i].record, strlen(rows[i].record));
        g_test_message("%.60s: %s", rows[i].record, key->fault_text ? key->fault_text : "good");
        g_assert_cmpstr(dt_dkim_reason_word(key->fault), ==, dt_dkim_reason_word(rows[i].fault));
        g_assert_cmpuint(key->bits, ==, rows[i].bits);
        g_assert_true((key->fault_text != NULL) == (key->fault != DT_REASON_OK));
    }
}

static void
flags_are_read_from_lists(void)
{
    static const struct {
        const char *record;
        gboolean is_testing, is_no_subdomain;
    } rows[] = {
        { RSA, FALSE, FALSE },          { "t=y; " RSA, TRUE, FALSE },
        { "t=s; " RSA, FALSE, TRUE },   { "t= y : s ; " RSA, TRUE, TRUE },
        { "t=ys; " RSA, FALSE, FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_dkim_key) key = dt_dkim_key_parse(rows[i].record, strlen(rows[i].record));
        g_assert_cmpint(key->is_testing, ==, rows[i].is_testing);
        g_assert_cmpint(key->is_no_subdomain, ==, rows[i].is_no_subdomain);
    }
}

static void
a_key_fits_its_own_kind_of_signature(void)
{
    static const struct {
        const char *record;
        dt_algorithm algorithm;
        dt_dkim_reason judged;
    } rows[] = {
        { RSA, DT_ALGORITHM_RSA_SHA256, DT_REASON_OK },
        { RSA, DT_ALGORITHM_RSA_SHA1, DT_REASON_OK },
        { RSA, DT_ALGORITHM_ED25519_SHA256, DT_REASON_KEY_TYPE_MISMATCH },
        { "k=ed25519; p=" PUBLIC_ED25519, DT_ALGORITHM_ED25519_SHA256, DT_REASON_OK },
        { "k=ed25519; p=" PUBLIC_ED25519, DT_ALGORITHM_RSA_SHA256, DT_REASON_KEY_TYPE_MISMATCH },
        { "p=" PUBLIC_ED25519, DT_ALGORITHM_ED25519_SHA256, DT_REASON_KEY_TYPE_MISMATCH },
        { "h=sha1; " RSA, DT_ALGORITHM_RSA_SHA256, DT_REASON_KEY_HASH_NOT_ALLOWED },
        { "h=sha1; " RSA, DT_ALGORITHM_RSA_SHA1, DT_REASON_OK },
        { "h=sha256; " RSA, DT_ALGORITHM_RSA_SHA1, DT_REASON_KEY_HASH_NOT_ALLOWED },
        { "k=foo; " RSA, DT_ALGORITHM_RSA_SHA256, DT_REASON_KEY_TYPE_MISMATCH },
        { "p=", DT_ALGORITHM_ED25519_SHA256, DT_REASON_KEY_REVOKED },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_dkim_key) key = dt_dkim_key_parse(rows[i].record, strlen(rows[i].record));
        g_assert_cmpstr(dt_dkim_reason_word(dt_dkim_key_judge(key, rows[i].algorithm)), ==,
                        dt_dkim_reason_word(rows[i].judged));
    }
}

static dt_dkim_key *
fetch(const char *zone_text, dt_resolver **resolver_out)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_zone) zone = dt_zone_new();
    dt_zone_read_text(zone, zone_text, -1, "zone", &error);
    g_assert_no_error(error);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    *resolver_out = dt_resolver_new(source, 1000);
    return dt_dkim_key_fetch(*resolver_out, "K1", "example.com");
}

static void
one_key_record_is_picked_among_the_txt(void)
{
    static const struct {
        const char *zone;
        dt_dkim_reason fault;
    } rows[] = {
        { "k1._domainkey.example.com. TXT \"" RSA "\"\n", DT_REASON_OK },
        { "k1._domainkey.example.com. CNAME k.example.net.\nk.example.net. TXT \"" RSA "\"\n",
          DT_REASON_OK },
        { "k1._domainkey.example.com. TXT \"v=spf1 -all\"\nk1._domainkey.example.com. TXT \"" RSA
          "\"\n",
          DT_REASON_OK },
        { "example.com. TXT \"x\"\n", DT_REASON_NO_KEY },
        { "k1._domainkey.example.com. A 192.0.2.1\n", DT_REASON_NO_KEY },
        { "k1._domainkey.example.com. TXT \"v=spf1 -all\"\n", DT_REASON_NO_KEY },
        { "k1._domainkey.example.com. TXT \"p=\"\nk1._domainkey.example.com. TXT \"" RSA "\"\n",
          DT_REASON_KEY_MULTIPLE },
        { ";! status k1._domainkey.example.com. TXT SERVFAIL\n", DT_REASON_KEY_UNREACHABLE },
        { ";! status k1._domainkey.example.com. TXT TIMEOUT\n", DT_REASON_KEY_UNREACHABLE },
        { ";! snapshot 2026-11-24T10:00:00Z\n", DT_REASON_KEY_UNREACHABLE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        dt_resolver *resolver = NULL;
        g_autoptr(dt_dkim_key) key = fetch(rows[i].zone, &resolver);
        g_assert_cmpstr(dt_dkim_reason_word(key->fault), ==, dt_dkim_reason_word(rows[i].fault));
        g_assert_cmpstr(key->name, ==, "k1._domainkey.example.com");
        dt_resolver_free(resolver);
    }
}

static void
a_name_that_is_too_long_has_no_key(void)
{
    g_autofree char *label = g_strnfill(63, 'a');
    g_autofree char *domain = g_strjoin(".", label, label, label, "example.com", NULL);
    g_autoptr(dt_zone) zone = dt_zone_new();
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 1000);
    g_autoptr(dt_dkim_key) key = dt_dkim_key_fetch(resolver, label, domain);
    g_assert_null(key->name);
    g_assert_cmpint(key->fault, ==, DT_REASON_NO_KEY);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/key/a record is judged by itself", a_record_is_judged_by_itself);
    g_test_add_func("/key/flags are read from lists", flags_are_read_from_lists);
    g_test_add_func("/key/a key fits its own kind of signature",
                    a_key_fits_its_own_kind_of_signature);
    g_test_add_func("/key/one key record is picked among the TXT",
                    one_key_record_is_picked_among_the_txt);
    g_test_add_func("/key/a name that is too long has no key", a_name_that_is_too_long_has_no_key);
    return g_test_run();
}
