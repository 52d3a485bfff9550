/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about ARC chains. The test seals its messages itself, with keys made at its start and
 * canonical forms written down by hand, so that a mistake of the code under test cannot hide in its
 * own inverse.
 */
#include "arc/arc.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

#define FROM    "Ann <ann@example.com>"
#define SUBJECT "Greetings"
#define BODY    "Hello.\r\n"
#define NOW     20000 /* as of when expiry is judged */

typedef struct {
    const char *selector;
    EVP_PKEY *key;
    char *record;
} test_key;

static test_key keys[4]; /* filled once by main */

static char *
base64_of(const guint8 *octets, gsize length)
{
    return g_base64_encode(octets, length);
}

static test_key
rsa_key(const char *selector, guint bits)
{
    test_key made = { .selector = selector, .key = EVP_RSA_gen(bits) };
    guint8 *der = NULL;
    int length = i2d_PUBKEY(made.key, &der);
    g_assert_cmpint(length, >, 0);
    g_autofree char *p = base64_of(der, length);
    made.record = g_strconcat("v=DKIM1; k=rsa; p=", p, NULL);
    OPENSSL_free(der);
    return made;
}

static test_key
ed25519_key(const char *selector)
{
    test_key made = { .selector = selector, .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
    guint8 raw[32];
    gsize length = sizeof raw;
    g_assert_cmpint(EVP_PKEY_get_raw_public_key(made.key, raw, &length), ==, 1);
    g_autofree char *p = base64_of(raw, length);
    made.record = g_strconcat("v=DKIM1; k=ed25519; p=", p, NULL);
    return made;
}

static char *
sign(const test_key *key, const char *data)
{
    guint8 digest[SHA256_DIGEST_LENGTH], b[512];
    gsize length = sizeof b, data_length = strlen(data);
    gboolean is_rsa = EVP_PKEY_get_base_id(key->key) == EVP_PKEY_RSA;
    const guint8 *signed_octets = (const guint8 *)data;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!is_rsa) {
        SHA256(signed_octets, data_length, digest);
        signed_octets = digest;
        data_length = sizeof digest;
    }
    g_assert_cmpint(EVP_DigestSignInit(context, NULL, is_rsa ? EVP_sha256() : NULL, NULL, key->key),
                    ==, 1);
    g_assert_cmpint(EVP_DigestSign(context, b, &length, signed_octets, data_length), ==, 1);
    EVP_MD_CTX_free(context);
    return base64_of(b, length);
}

/* ---- messages ------------------------------------------------------------------------------ */

/* How to seal. NULL and 0 stand for what is right. */
typedef struct {
    const char *claim;
    guint sets;
    guint odd; /* the instance that the texts below are for; 0: the newest */
    const char *results, *signature,
        *seal; /* its values up to b=, %u for the instance and %s for bh= in signature */
    const char *find, *replace; /* in the finished message, once */
    const char *body;           /* what stands there in the end */
    guint key;
    const char *zone;     /* instead of the keys' */
    const char *key_tags; /* put before the tags of the keys' records */
    dt_arc_result want;
} seal_row;

#define RESULTS "i=%u; mx.example.org; dmarc=pass"
#define SIGNATURE                                                                                  \
    "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; t=12345; h=from:subject; "       \
    "bh=%s; b="
#define SEAL "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; t=12345; b="

static char *
replaced(const char *text, const char *find, const char *with)
{
    const char *at = strstr(text, find);
    if (!at)
        return g_strdup(text);
    g_autofree char *head = g_strndup(text, at - text);
    return g_strconcat(head, with, at + strlen(find), NULL);
}

static char *
filled(const char *pattern, guint instance, const char *bh, const test_key *key)
{
    g_autofree char *number = g_strdup_printf("%u", instance);
    g_autofree char *one = replaced(pattern, "%u", number);
    g_autofree char *two = replaced(one, "%s", bh);
    g_autofree char *three = replaced(two, "CV", instance == 1 ? "none" : "pass");
    return replaced(three, "KEY", key->selector);
}

/* All sets of a row, newest first, as they stand in the header. */
static char *
sealed_header(const seal_row *row, const test_key *key)
{
    guint8 digest[SHA256_DIGEST_LENGTH];
    SHA256((const guint8 *)BODY, strlen(BODY), digest);
    g_autofree char *bh = base64_of(digest, sizeof digest);
    g_autoptr(GString) chain = g_string_new(NULL); /* canonical */
    char *header = g_strdup("");
    for (guint i = 1; i <= row->sets; i++) {
        gboolean is_odd = i == (row->odd ? row->odd : row->sets);
        g_autofree char *results =
            filled(is_odd && row->results ? row->results : RESULTS, i, bh, key);
        g_autofree char *bare =
            filled(is_odd && row->signature ? row->signature : SIGNATURE, i, bh, key);
        g_autofree char *covered = g_strconcat(
            "from:" FROM "\r\nsubject:" SUBJECT "\r\narc-message-signature:", bare, NULL);
        g_autofree char *b = sign(key, covered);
        g_autofree char *signature = g_strconcat(bare, b, NULL);
        g_autofree char *bare_seal = filled(is_odd && row->seal ? row->seal : SEAL, i, bh, key);
        g_string_append_printf(
            chain, "arc-authentication-results:%s\r\narc-message-signature:%s\r\narc-seal:%s",
            results, signature, bare_seal);
        g_autofree char *seal_b = sign(key, chain->str);
        g_string_append_printf(chain, "%s\r\n", seal_b);
        g_autofree char *below = header;
        header =
            g_strconcat("ARC-Seal: ", bare_seal, seal_b, "\r\nARC-Message-Signature: ", signature,
                        "\r\nARC-Authentication-Results: ", results, "\r\n", below, NULL);
    }
    return header;
}

static dt_message *
sealed_message(const seal_row *row)
{
    g_autofree char *header = sealed_header(row, &keys[row->key]);
    g_autofree char *text = g_strconcat(header, "From: " FROM "\r\nSubject: " SUBJECT "\r\n\r\n",
                                        row->body ? row->body : BODY, NULL);
    g_autofree char *final = row->find ? replaced(text, row->find, row->replace) : g_strdup(text);
    g_autoptr(GBytes) bytes = g_bytes_new(final, strlen(final));
    g_autoptr(GError) error = NULL;
    dt_message *message = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    return message;
}

static dt_resolver *
key_resolver(const seal_row *row)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_zone) zone = dt_zone_new();
    if (row->zone)
        dt_zone_read_text(zone, row->zone, -1, "test", &error);
    for (guint i = 0; !row->zone && i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *name = g_strconcat(keys[i].selector, "._domainkey.example.org", NULL);
        g_autofree char *record = row->key_tags ? replaced(keys[i].record, "k=", row->key_tags)
                                                : g_strdup(keys[i].record);
        dt_zone_add(zone, name, "TXT", record, &error);
    }
    g_assert_no_error(error);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    return dt_resolver_new(source, 1000);
}

static void
check_rows(const seal_row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(dt_message) message = sealed_message(&rows[i]);
        g_autoptr(dt_resolver) resolver = key_resolver(&rows[i]);
        g_autoptr(dt_arc) arc = dt_arc_evaluate(message, resolver, NOW);
        if (arc->result != rows[i].want)
            g_error("%s: %s (%s)", rows[i].claim, dt_arc_result_word(arc->result), arc->detail);
        g_assert_true((arc->detail != NULL) == (arc->result == DT_ARC_FAIL));
    }
}

/* ---- claims -------------------------------------------------------------------------------- */

static void
a_whole_chain_passes(void)
{
    static const seal_row rows[] = {
        { "no set", 0, .want = DT_ARC_NONE },
        { "one set", 1, .want = DT_ARC_PASS },
        { "three sets", 3, .want = DT_ARC_PASS },
        { "fifty sets", 50, .want = DT_ARC_PASS },
        { "fifty-one sets", 51, .want = DT_ARC_FAIL },
        { "fields in another case", 1,
          .find = "ARC-Seal:", .replace = "arc-SEAL:", .want = DT_ARC_PASS },
        { "folded", 1, .find = "; cv=", .replace = ";\r\n\tcv=", .want = DT_ARC_PASS },
        { "a two-digit instance of one", 1, .results = "i=01; mx.example.org; dmarc=pass",
          .want = DT_ARC_PASS },
        { "comments round the instance", 1,
          .results = "(a) i (b) = (c(d)) 1 (e\\)) ; mx.example.org", .want = DT_ARC_PASS },
        { "an ed25519 key", 1, .key = 2,
          .signature = "i=%u; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=KEY; "
                       "h=from:subject; bh=%s; b=",
          .seal = "i=%u; a=ed25519-sha256; cv=CV; d=example.org; s=KEY; b=", .want = DT_ARC_PASS },
        { "unknown tags", 1, .seal = "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; zz=1; b=",
          .want = DT_ARC_PASS },
        { "no c=, made relaxed", 1,
          .signature = "i=%u; a=rsa-sha256; d=example.org; s=KEY; h=from:subject; bh=%s; b=",
          .want = DT_ARC_PASS },
        { "an older message signature need not hold", 2, .odd = 1,
          .signature =
              "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; h=from:to; bh=%s; b=",
          .want = DT_ARC_PASS },
    };
    check_rows(rows, G_N_ELEMENTS(rows));
}

static void
a_chain_with_a_gap_or_a_double_fails(void)
{
    static const seal_row rows[] = {
        { "no seal", 1, .find = "ARC-Seal:", .replace = "X-Seal:", .want = DT_ARC_FAIL },
        { "no message signature", 2,
          .find = "ARC-Message-Signature:", .replace = "X:", .want = DT_ARC_FAIL },
        { "no results", 2,
          .find = "ARC-Authentication-Results:", .replace = "X:", .want = DT_ARC_FAIL },
        { "two of one instance", 2, .results = "i=1; mx.example.org; dmarc=pass",
          .want = DT_ARC_FAIL },
        { "a gap", 2, .find = "i=1; mx", .replace = "i=3; mx", .want = DT_ARC_FAIL },
        { "instance 0", 1, .results = "i=0; mx.example.org", .want = DT_ARC_FAIL },
        { "instance 51", 1, .results = "i=51; mx.example.org", .want = DT_ARC_FAIL },
        { "instance a", 1,
          .seal = "i=a; a=rsa-sha256; cv=CV; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "instance without a number", 1, .results = "i=; mx.example.org", .want = DT_ARC_FAIL },
        { "instance of three digits", 1, .results = "i=001; mx.example.org", .want = DT_ARC_FAIL },
        { "instance not in front", 1, .results = "mx.example.org; i=1", .want = DT_ARC_FAIL },
        { "instance without a semicolon", 1, .results = "i=1 mx.example.org; dmarc=pass",
          .want = DT_ARC_FAIL },
    };
    check_rows(rows, G_N_ELEMENTS(rows));
}

static void
a_seal_must_say_none_first_and_pass_then(void)
{
    static const seal_row rows[] = {
        { "first pass", 1,
          .seal = "i=%u; a=rsa-sha256; cv=pass; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "second none", 2,
          .seal = "i=%u; a=rsa-sha256; cv=none; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "newest fail", 2,
          .seal = "i=%u; a=rsa-sha256; cv=fail; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "older fail", 3, .odd = 2,
          .seal = "i=%u; a=rsa-sha256; cv=fail; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "no cv", 1, .seal = "i=%u; a=rsa-sha256; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "empty cv", 1,
          .seal = "i=%u; a=rsa-sha256; cv=; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "other cv", 1,
          .seal = "i=%u; a=rsa-sha256; cv=None; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
    };
    check_rows(rows, G_N_ELEMENTS(rows));
}

static void
tags_that_break_a_rule_fail_though_signed(void)
{
    static const seal_row rows[] = {
        { "h in a seal", 1, .seal = "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; h=from; b=",
          .want = DT_ARC_FAIL },
        { "a tag twice", 1, .seal = "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; t=1; t=1; b=",
          .want = DT_ARC_FAIL },
        { "an empty tag", 1,
          .seal = "i=%u; a=rsa-sha256;; cv=CV; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "no tag", 1,
          .seal = "i=%u; a=rsa-sha256; ==; cv=CV; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "t no number", 1, .seal = "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; t=-1; b=",
          .want = DT_ARC_FAIL },
        { "t in two parts", 1, .seal = "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; t=1 2; b=",
          .want = DT_ARC_FAIL },
        { "t empty", 1,
          .seal = "i=%u; a=rsa-sha256; cv=CV; d=example.org; s=KEY; t=; b=", .want = DT_ARC_FAIL },
        { "sha1", 1,
          .seal = "i=%u; a=rsa-sha1; cv=CV; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "no a", 1, .seal = "i=%u; cv=CV; d=example.org; s=KEY; b=", .want = DT_ARC_FAIL },
        { "no domain", 1,
          .seal = "i=%u; a=rsa-sha256; cv=CV; d=example...; s=KEY; b=", .want = DT_ARC_FAIL },
        { "the signature covers the seal", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; "
                       "h=from:subject:ARC-Seal; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "the signature does not cover From", 1,
          .signature =
              "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; h=subject; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "unknown c", 1,
          .signature =
              "i=%u; a=rsa-sha256; c=loose; d=example.org; s=KEY; h=from:subject; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "expired", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; x=19999; "
                       "h=from:subject; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "expires this second", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; x=20000; "
                       "h=from:subject; bh=%s; b=",
          .want = DT_ARC_PASS },
        { "an older message signature may be expired", 2, .odd = 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; x=19999; "
                       "h=from:subject; bh=%s; b=",
          .want = DT_ARC_PASS },
        { "x no number", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; x=-1; "
                       "h=from:subject; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "expires before it was made", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; t=40000; "
                       "x=30000; h=from:subject; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "no bh", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed; d=example.org; s=KEY; h=from:subject; b=",
          .want = DT_ARC_FAIL },
        { "l beyond the body", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; l=9; "
                       "h=from:subject; bh=%s; b=",
          .want = DT_ARC_FAIL },
        { "l of the whole body", 1,
          .signature = "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=KEY; l=8; "
                       "h=from:subject; bh=%s; b=",
          .want = DT_ARC_PASS },
    };
    check_rows(rows, G_N_ELEMENTS(rows));
}

static void
a_change_after_sealing_fails(void)
{
    static const seal_row rows[] = {
        { "the body", 1, .body = "Hallo.\r\n", .want = DT_ARC_FAIL },
        { "blank lines at its end", 1, .body = "Hello.\r\n\r\n\r\n", .want = DT_ARC_PASS },
        { "a covered field", 1, .find = "Subject: Gree", .replace = "Subject: Grae",
          .want = DT_ARC_FAIL },
        { "blanks in it", 1, .find = "Subject: Gree", .replace = "SUBJECT:   Gree",
          .want = DT_ARC_PASS },
        { "results of the first set", 2, .odd = 1, .find = "i=1; mx.example.org; dmarc=pass",
          .replace = "i=1; mx.example.org; dmarc=fail", .want = DT_ARC_FAIL },
        { "results of the newest set", 2, .find = "i=2; mx.example.org; dmarc=pass",
          .replace = "i=2; mx.example.org; dmarc=fail", .want = DT_ARC_FAIL },
    };
    check_rows(rows, G_N_ELEMENTS(rows));
}

static void
a_key_that_is_absent_small_or_broken_fails(void)
{
    static const seal_row rows[] = {
        { "1024 bits", 1, .key = 0, .want = DT_ARC_PASS },
        { "2048 bits", 1, .key = 3, .want = DT_ARC_PASS },
        { "768 bits", 1, .key = 1, .want = DT_ARC_FAIL },
        { "none", 1, .zone = "", .want = DT_ARC_FAIL },
        { "broken", 1, .zone = "rsa._domainkey.example.org. TXT \"v=DKIM1; k=rsa; p=AAAA\"\n",
          .want = DT_ARC_FAIL },
        { "revoked", 1, .zone = "rsa._domainkey.example.org. TXT \"v=DKIM1; k=rsa; p=\"\n",
          .want = DT_ARC_FAIL },
        { "for SHA-1 only", 1, .key_tags = "h=sha1; k=", .want = DT_ARC_FAIL },
        { "for SHA-256 too", 1, .key_tags = "h=sha1:sha256; k=", .want = DT_ARC_PASS },
        { "for other services", 1, .key_tags = "s=other; k=", .want = DT_ARC_FAIL },
        { "unreachable", 1, .zone = ";! status rsa._domainkey.example.org. TXT TIMEOUT\n",
          .want = DT_ARC_FAIL },
    };
    check_rows(rows, G_N_ELEMENTS(rows));
}

static void
sets_are_listed_by_instance_even_when_broken(void)
{
    static const seal_row broken = { "a gap", 3, .find = "ARC-Seal: i=2",
                                     .replace = "X-Seal: i=2" };
    g_autoptr(dt_message) message = sealed_message(&broken);
    g_autoptr(dt_resolver) resolver = key_resolver(&broken);
    g_autoptr(dt_arc) arc = dt_arc_evaluate(message, resolver, NOW);
    g_assert_cmpint(arc->result, ==, DT_ARC_FAIL);
    g_assert_cmpuint(arc->sets->len, ==, 3);
    for (guint i = 0; i < 3; i++) {
        const dt_arc_set *set = g_ptr_array_index(arc->sets, i);
        g_assert_cmpuint(set->instance, ==, i + 1);
        g_assert_nonnull(set->recorded);
        g_assert_cmpuint(set->recorded->instance, ==, i + 1);
        g_assert_cmpstr(set->d, ==, i == 1 ? NULL : "example.org");
        g_assert_cmpstr(set->cv, ==, i == 0 ? "none" : i == 1 ? NULL : "pass");
        g_assert_cmpuint(set->line, ==, i == 1 ? 0 : (2 - i) * 3 + 1);
    }
}

static void
without_a_body_it_is_not_known(void)
{
    static const seal_row whole = { "one set", .sets = 1 };
    g_autofree char *header = sealed_header(&whole, &keys[0]);
    g_autofree char *text = g_strconcat(header, "From: " FROM "\r\nSubject: " SUBJECT "\r\n", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) message = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    g_autoptr(dt_resolver) resolver = key_resolver(&whole);
    g_autoptr(dt_arc) arc = dt_arc_evaluate(message, resolver, NOW);
    g_assert_cmpint(arc->result, ==, DT_ARC_UNKNOWN);
    g_assert_null(dt_arc_result_word(arc->result));
    g_assert_nonnull(arc->detail);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    keys[0] = rsa_key("rsa", 1024);
    keys[1] = rsa_key("small", 768);
    keys[2] = ed25519_key("ed");
    keys[3] = rsa_key("large", 2048);
    g_test_add_func("/arc/a whole chain passes", a_whole_chain_passes);
    g_test_add_func("/arc/a chain with a gap or a double fails",
                    a_chain_with_a_gap_or_a_double_fails);
    g_test_add_func("/arc/a seal must say none first and pass then",
                    a_seal_must_say_none_first_and_pass_then);
    g_test_add_func("/arc/tags that break a rule fail though signed",
                    tags_that_break_a_rule_fail_though_signed);
    g_test_add_func("/arc/a change after sealing fails", a_change_after_sealing_fails);
    g_test_add_func("/arc/a key that is absent, small or broken fails",
                    a_key_that_is_absent_small_or_broken_fails);
    g_test_add_func("/arc/sets are listed by instance even when broken",
                    sets_are_listed_by_instance_even_when_broken);
    g_test_add_func("/arc/without a body it is not known", without_a_body_it_is_not_known);
    int status = g_test_run();
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        EVP_PKEY_free(keys[i].key);
        g_free(keys[i].record);
    }
    return status;
}
