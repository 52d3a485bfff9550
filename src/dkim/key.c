/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The key that a signature points at: asked for, picked among the TXT records, taken apart (RFC
 * 6376 3.6.1, 3.6.2, RFC 8463 4) and judged (6.1.2, RFC 8301 3.2). Whether it is the right key is
 * the verifier's to find out.
 */
#include "dkim/key.h"
#include "base/name.h"
#include "base/taglist.h"
#include "base/text.h"
#include "dkim/crypto.h"
#include "dkim/reason.h"

#include <string.h>

static gboolean
has_word(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(list, ":", -1);
    for (char **w = words; *w; w++)
        if (dt_text_equal(g_strstrip(*w), word))
            return TRUE;
    return FALSE;
}

static gboolean
is_plain_text(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isprint(text[i]) && !g_ascii_isspace(text[i]))
            return FALSE;
    return TRUE;
}

/* "DKIM1 k=rsa" and "DKIM1\": version 1 with a semicolon that was lost, not another version. */
static gboolean
is_broken_version(const char *v)
{
    return g_str_has_prefix(v, "DKIM1") && v[5] && !g_ascii_isalnum(v[5]);
}

/* Records of other versions, SPF records among them, are no key records (RFC 6376 3.6.1). */
static gboolean
is_key_record(const char *text, gsize length)
{
    g_autoptr(dt_taglist) list = dt_taglist_parse(text, (gssize)length);
    const char *v = dt_taglist_value(list, "v");
    return !v || strcmp(v, "DKIM1") == 0 || is_broken_version(v);
}

/* What is wrong with the record as a tag list; NULL if nothing. */
static const char *
list_fault(const dt_taglist *list, const char *text, gsize length)
{
    const char *v = dt_taglist_value(list, "v"), *k = dt_taglist_value(list, "k");
    if (!is_plain_text(text, length))
        return "The key record holds octets that are no printable ASCII.";
    if (list->tags->len == 0 && !list->has_fault)
        return "The key record is empty.";
    if (v && strcmp(v, "DKIM1") != 0)
        return is_broken_version(v) ? "In the key record the semicolon behind v=DKIM1 is missing."
                                    : "The key record is of another version than DKIM1.";
    if (list->has_fault)
        return "A part of the key record is no tag=value.";
    if (list->has_duplicate)
        return "The key record has the same tag twice.";
    if (list->has_empty)
        return "The key record has an empty tag.";
    if (k && !*k)
        return "The key record has an empty k=.";
    if (!dt_taglist_value(list, "p"))
        return "The key record has no p=.";
    return NULL;
}

static guint
count_bits(const dt_dkim_key *key)
{
    gsize length = 0;
    g_autofree guint8 *der = dt_text_base64(key->public_key, &length);
    if (der && dt_text_equal(key->type, "ed25519"))
        return length == DT_ED25519_KEY_LENGTH ? 256 : 0;
    return der && dt_text_equal(key->type, "rsa") ? dt_crypto_rsa_bits(der, length) : 0;
}

static const char *
undecodable_text(const dt_dkim_key *key)
{
    gsize length = 0;
    g_autofree guint8 *der = dt_text_base64(key->public_key, &length);
    if (strstr(key->public_key, "-----"))
        return "The p= of the key record holds lines of a PEM file.";
    if (!der)
        return "The p= of the key record is no base64.";
    if (dt_text_equal(key->type, "ed25519"))
        return "The p= of the key record is no Ed25519 key of 32 octets.";
    if (dt_crypto_is_pkcs1(der, length))
        return "The p= of the key record is a bare RSA key (PKCS#1); verifiers want a "
               "SubjectPublicKeyInfo.";
    return "The p= of the key record is no RSA public key.";
}

dt_dkim_reason
dt_dkim_key_judge(const dt_dkim_key *key, dt_algorithm algorithm)
{
    gboolean is_rsa = dt_text_equal(key->type, "rsa"),
             is_ed25519 = dt_text_equal(key->type, "ed25519");
    gboolean needs_ed25519 = algorithm == DT_ALGORITHM_ED25519_SHA256;
    gboolean needs_rsa = algorithm != DT_ALGORITHM_UNKNOWN && !needs_ed25519;
    gboolean allows_hash =
        algorithm == DT_ALGORITHM_RSA_SHA1 ? key->allows_sha1 : key->allows_sha256;

    if (key->fault == DT_REASON_NO_KEY || key->fault == DT_REASON_KEY_MULTIPLE ||
        key->fault == DT_REASON_KEY_UNREACHABLE)
        return key->fault;
    if (key->is_revoked)
        return DT_REASON_KEY_REVOKED;
    if (!key->public_key)
        return DT_REASON_KEY_SYNTAX;
    if (!key->allows_email)
        return DT_REASON_KEY_SERVICE_MISMATCH;
    if ((!is_rsa && !is_ed25519) || (needs_rsa && !is_rsa) || (needs_ed25519 && !is_ed25519))
        return DT_REASON_KEY_TYPE_MISMATCH;
    if (!allows_hash)
        return DT_REASON_KEY_HASH_NOT_ALLOWED;
    if (key->bits == 0)
        return DT_REASON_KEY_SYNTAX;
    if (is_rsa && key->bits < DT_KEY_BITS_MIN)
        return DT_REASON_KEY_TOO_SMALL;
    return DT_REASON_OK;
}

static void
read_tags(dt_dkim_key *key, const dt_taglist *list)
{
    const char *k = dt_taglist_value(list, "k"), *h = dt_taglist_value(list, "h");
    const char *s = dt_taglist_value(list, "s"), *t = dt_taglist_value(list, "t");
    key->type = g_ascii_strdown(k ? k : "rsa", -1);
    key->allows_sha1 = !h || has_word(h, "sha1");
    key->allows_sha256 = !h || has_word(h, "sha256");
    key->allows_email = !s || has_word(s, "*") || has_word(s, "email");
    key->is_testing = t && has_word(t, "y");
    key->is_no_subdomain = t && has_word(t, "s");
}

static void
set_fault(dt_dkim_key *key, dt_dkim_reason fault, const char *text)
{
    key->fault = fault;
    g_free(key->fault_text);
    key->fault_text = g_strdup(text ? text : dt_dkim_reason_sentence(fault));
}

/* Fills key from one record. */
static void
read_record(dt_dkim_key *key, const char *text, gsize length)
{
    g_autoptr(dt_taglist) list = dt_taglist_parse(text, (gssize)length);
    const char *fault = list_fault(list, text, length);
    const char *p = dt_taglist_value(list, "p");
    key->record = g_strndup(text, length);
    read_tags(key, list);
    if (!fault) {
        key->is_revoked = !*p;
        key->public_key = *p ? dt_taglist_strip(p) : NULL;
        key->bits = key->public_key ? count_bits(key) : 0;
    }
    key->fault = DT_REASON_OK;
    dt_dkim_reason judged = dt_dkim_key_judge(key, DT_ALGORITHM_UNKNOWN);
    if (judged == DT_REASON_KEY_SYNTAX)
        set_fault(key, judged, fault ? fault : undecodable_text(key));
    else if (judged != DT_REASON_OK)
        set_fault(key, judged, NULL);
}

dt_dkim_key *
dt_dkim_key_parse(const char *text, gsize length)
{
    dt_dkim_key *key = g_new0(dt_dkim_key, 1);
    key->record_count = is_key_record(text, length) ? 1 : 0;
    read_record(key, text, length);
    if (key->record_count == 0)
        set_fault(key, DT_REASON_NO_KEY,
                  "The record is of another version than DKIM1, so it is no key record.");
    return key;
}

static gpointer
make_reading(const char *octets, gsize length)
{
    return dt_dkim_key_parse(octets, length);
}

static void
free_reading(gpointer key)
{
    dt_dkim_key_free(key);
}

const dt_dkim_key *
dt_dkim_key_of_record(const dt_record *record)
{
    return dt_record_reading(record, make_reading, free_reading);
}

/* Fills key with what was read of its record. */
static void
take_reading(dt_dkim_key *key, const dt_dkim_key *reading)
{
    char *name = key->name;
    const dt_answer *answer = key->answer;
    *key = *reading;
    key->name = name;
    key->answer = answer;
    key->record = g_strdup(reading->record);
    key->type = g_strdup(reading->type);
    key->fault_text = g_strdup(reading->fault_text);
    key->public_key = g_strdup(reading->public_key);
}

char *
dt_dkim_name(const char *text)
{
    gsize length = strlen(text);
    gboolean is_ascii = TRUE;
    for (const char *c = text; *c; c++) {
        if ((guchar)*c > 0x7f)
            is_ascii = FALSE;
        else if (!g_ascii_isalnum(*c) && *c != '-' && *c != '_' && *c != '.')
            return NULL;
    }
    if (length == 0 || text[length - 1] == '.')
        return NULL;
    return is_ascii ? dt_name_from_octets(text, length) : dt_name_from_mail(text);
}

/* Some callers hold names of other letters that they found in DNS. */
static char *
name_of(const char *text)
{
    return g_str_is_ascii(text) ? dt_name_from_octets(text, strlen(text)) : dt_dkim_name(text);
}

char *
dt_dkim_key_name(const char *selector, const char *domain)
{
    g_autofree char *prefix = name_of(selector);
    g_autofree char *below = name_of(domain);
    g_autofree char *parent = below && *below ? dt_name_join("_domainkey", below) : NULL;
    return prefix && *prefix && parent ? dt_name_join(prefix, parent) : NULL;
}

/* The only key record among the TXT, NULL if there is none or more; how many in key. */
static const dt_record *
pick_record(dt_dkim_key *key)
{
    const dt_record *found = NULL;
    for (guint i = 0; i < key->answer->record_count; i++) {
        const dt_record *record = &key->answer->records[i];
        if (!record->data || dt_dkim_key_of_record(record)->record_count == 0)
            continue;
        key->record_count++;
        found = record;
    }
    return key->record_count == 1 ? found : NULL;
}

dt_dkim_key *
dt_dkim_key_fetch(dt_resolver *resolver, const char *selector, const char *domain)
{
    dt_dkim_key *key = g_new0(dt_dkim_key, 1);
    key->name = dt_dkim_key_name(selector, domain);
    key->answer = dt_resolver_ask(resolver, key->name, DT_RR_TXT);
    const dt_record *record = key->name ? pick_record(key) : NULL;
    if (!key->name)
        set_fault(key, DT_REASON_NO_KEY,
                  "Selector and domain of the signature do not make a domain name.");
    else if (dt_answer_is_failure(key->answer))
        set_fault(key, DT_REASON_KEY_UNREACHABLE, NULL);
    else if (record)
        take_reading(key, dt_dkim_key_of_record(record));
    else if (key->record_count > 1)
        set_fault(key, DT_REASON_KEY_MULTIPLE, NULL);
    else if (key->answer->record_count > 0)
        set_fault(key, DT_REASON_NO_KEY,
                  "What is published where the signature points is no key record.");
    else
        set_fault(key, DT_REASON_NO_KEY, NULL);
    return key;
}

void
dt_dkim_key_free(dt_dkim_key *key)
{
    if (!key)
        return;
    g_free(key->name);
    g_free(key->record);
    g_free(key->type);
    g_free(key->fault_text);
    g_free(key->public_key);
    g_free(key);
}
