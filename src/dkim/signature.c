/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One DKIM-Signature field taken apart and checked by itself (RFC 6376 3.5, 6.1.1, RFC 8463 3).
 * Done by ourselves, since libopendkim misreads or mishandles malformed fields; key, dates and
 * mathematics are left to others.
 */
#include "dkim/signature.h"
#include "base/name.h"
#include "base/taglist.h"
#include "base/text.h"

#include <string.h>

#define TIME_DIGITS   12 /* RFC 6376 3.5, t= and x= */
#define LENGTH_DIGITS 76 /* RFC 6376 3.5, l= */

static const char *const REQUIRED[] = { "v", "a", "b", "bh", "d", "h", "s" };

/* The first fault stays. */
static void
grave(dt_dkim_facts *facts, dt_dkim_reason reason, const char *text)
{
    if (facts->grave_fault != DT_REASON_OK)
        return;
    facts->grave_fault = reason;
    facts->fault_text = text;
}

static void
against_rule(dt_dkim_facts *facts, dt_dkim_reason reason, const char *text)
{
    if (facts->rule_fault != DT_REASON_OK)
        return;
    facts->rule_fault = reason;
    if (facts->grave_fault == DT_REASON_OK)
        facts->fault_text = text;
}

static gboolean
is_odd_octet(char c)
{
    return g_ascii_iscntrl(c) && c != '\t' && c != '\r' && c != '\n';
}

/* Domain names, identity and copied fields may hold UTF-8 (RFC 8616 5), nothing else may. */
static gboolean
may_be_utf8(const dt_tag *tag)
{
    return strlen(tag->name) == 1 && strchr("disz", tag->name[0]) != NULL &&
           g_utf8_validate(tag->value, -1, NULL);
}

static void
check_octets(dt_dkim_facts *facts, const char *text, gsize length, const dt_taglist *list)
{
    gboolean is_odd = FALSE;
    for (gsize i = 0; i < length; i++) {
        is_odd |= is_odd_octet(text[i]);
        facts->is_international |= (guchar)text[i] > 0x7f;
    }
    for (guint i = 0; facts->is_international && i < list->tags->len; i++) {
        const dt_tag *tag = &g_array_index(list->tags, dt_tag, i);
        is_odd |= !g_str_is_ascii(tag->value) && !may_be_utf8(tag);
    }
    if (is_odd)
        grave(facts, DT_REASON_SIGNATURE_SYNTAX,
              "The signature field holds octets that may not stand in it.");
}

static void
check_list(dt_dkim_facts *facts, const dt_taglist *list)
{
    const char *v = dt_taglist_value(list, "v");
    if (v && *v && strcmp(v, "1") != 0)
        grave(facts, DT_REASON_VERSION, NULL);
    if (list->has_fault)
        grave(facts, DT_REASON_SIGNATURE_SYNTAX, "A part of the signature field is no tag=value.");
    if (list->has_duplicate)
        grave(facts, DT_REASON_SIGNATURE_SYNTAX, "The signature field has the same tag twice.");
    if (list->has_empty)
        grave(facts, DT_REASON_SIGNATURE_SYNTAX, "The signature field has an empty tag.");
    for (gsize i = 0; i < G_N_ELEMENTS(REQUIRED); i++) {
        const char *value = dt_taglist_value(list, REQUIRED[i]);
        if (!value || !*value)
            grave(facts, DT_REASON_SIGNATURE_SYNTAX,
                  "A tag that every signature must have is absent or empty.");
    }
}

static char *
stripped(const dt_taglist *list, const char *name)
{
    const char *value = dt_taglist_value(list, name);
    return value ? dt_taglist_strip(value) : NULL;
}

static void
read_names(dt_dkim_signature *signature, const dt_taglist *list)
{
    signature->d = stripped(list, "d");
    signature->s = stripped(list, "s");
    signature->domain = signature->d ? dt_dkim_name(signature->d) : NULL;
    g_autofree char *selector = signature->s ? dt_dkim_name(signature->s) : NULL;
    if (!signature->domain)
        grave(signature->facts, DT_REASON_SIGNATURE_SYNTAX,
              "The d= of the signature is no domain name.");
    if (!selector)
        grave(signature->facts, DT_REASON_SIGNATURE_SYNTAX,
              "The s= of the signature is no selector.");
}

/* Decimal digits only. -1 if absent or none; too large for the type: the largest. */
static gint64
read_number(dt_dkim_facts *facts, const dt_taglist *list, const char *name, gsize digits)
{
    g_autofree char *text = stripped(list, name);
    if (!text)
        return -1;
    gsize length = strlen(text);
    if (length == 0 || length > digits || strspn(text, "0123456789") != length) {
        grave(facts, DT_REASON_SIGNATURE_SYNTAX,
              "A tag of the signature that must be a number is none.");
        return -1;
    }
    guint64 value = g_ascii_strtoull(text, NULL, 10);
    return value > G_MAXINT64 ? G_MAXINT64 : (gint64)value;
}

static void
read_numbers(dt_dkim_signature *signature, const dt_taglist *list)
{
    signature->t = read_number(signature->facts, list, "t", TIME_DIGITS);
    signature->x = read_number(signature->facts, list, "x", TIME_DIGITS);
    signature->l = read_number(signature->facts, list, "l", LENGTH_DIGITS);
    if (signature->t >= 0 && signature->x >= 0 && signature->x <= signature->t)
        /* No grave one: that it has expired, or is of the future, says more. */
        against_rule(signature->facts, DT_REASON_SIGNATURE_SYNTAX,
                     "The signature expires (x=) before it was made (t=).");
}

static void
read_algorithm(dt_dkim_signature *signature, const dt_taglist *list)
{
    dt_dkim_facts *facts = signature->facts;
    signature->a = stripped(list, "a");
    signature->c = stripped(list, "c");
    facts->algorithm = signature->a ? dt_algorithm_parse(signature->a) : DT_ALGORITHM_UNKNOWN;
    if (signature->a && dt_text_has_suffix(signature->a, "-sha256"))
        facts->body_algorithm = DT_ALGORITHM_RSA_SHA256;
    else if (signature->a && dt_text_has_suffix(signature->a, "-sha1"))
        facts->body_algorithm = DT_ALGORITHM_RSA_SHA1;
    facts->has_canon = dt_canon_parse(signature->c, &facts->header_canon, &facts->body_canon);
    if (!facts->has_canon)
        against_rule(facts, DT_REASON_CANONICALIZATION, NULL);
    if (facts->algorithm == DT_ALGORITHM_UNKNOWN)
        against_rule(facts, DT_REASON_ALGORITHM_NOT_SUPPORTED, NULL);
}

static void
read_hashes(dt_dkim_signature *signature, const dt_taglist *list)
{
    dt_dkim_facts *facts = signature->facts;
    gsize expected = facts->body_algorithm == DT_ALGORITHM_RSA_SHA1 ? 20 : 32;
    gsize b_length = 0, bh_length = 0;
    facts->b = stripped(list, "b");
    facts->bh = stripped(list, "bh");
    g_autofree guint8 *b = facts->b ? dt_text_base64(facts->b, &b_length) : NULL;
    g_autofree guint8 *bh = facts->bh ? dt_text_base64(facts->bh, &bh_length) : NULL;
    if (!b || !bh || b_length == 0 || bh_length == 0)
        grave(facts, DT_REASON_SIGNATURE_SYNTAX, "The b= or bh= of the signature is no base64.");
    else if (facts->body_algorithm != DT_ALGORITHM_UNKNOWN && bh_length != expected)
        grave(facts, DT_REASON_SIGNATURE_SYNTAX,
              "The bh= of the signature has not the length of its hash.");
    if (bh && facts->body_algorithm != DT_ALGORITHM_UNKNOWN && bh_length == expected) {
        memcpy(facts->bh_octets, bh, bh_length);
        facts->bh_length = bh_length;
    }
}

static void
read_covered(dt_dkim_signature *signature, const dt_taglist *list)
{
    dt_dkim_facts *facts = signature->facts;
    const char *h = dt_taglist_value(list, "h");
    gboolean signs_from = FALSE;
    if (!h)
        return;
    g_autofree char *names = dt_taglist_strip(h);
    g_auto(GStrv) parts = g_strsplit(names, ":", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    for (char **part = parts; *part; part++) {
        if (!**part)
            continue;
        signs_from |= dt_text_equal(*part, "from");
        facts->signs_signatures |= dt_text_equal(*part, "dkim-signature");
        g_ptr_array_add(kept, g_strdup(*part));
    }
    g_ptr_array_add(kept, NULL);
    signature->h = (char **)g_ptr_array_free(g_steal_pointer(&kept), FALSE);
    facts->h_length = strlen(names);
    if (!signature->h[0])
        grave(facts, DT_REASON_SIGNATURE_SYNTAX, "The h= of the signature names no field.");
    else if (!signs_from)
        against_rule(facts, DT_REASON_FROM_NOT_SIGNED, NULL);
}

/* dkim-quoted-printable (RFC 6376 2.11); NULL if malformed. */
static char *
decode_quoted(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (; *text; text++) {
        if (*text != '=') {
            g_string_append_c(out, *text);
            continue;
        }
        if (!g_ascii_isxdigit(text[1]) || !g_ascii_isxdigit(text[2]))
            return NULL;
        int octet = g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2]);
        g_string_append_c(out, octet ? (char)octet : '?');
        text += 2;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
read_identity(dt_dkim_signature *signature, const dt_taglist *list)
{
    dt_dkim_facts *facts = signature->facts;
    facts->is_within_d = TRUE;
    signature->i = stripped(list, "i");
    if (!signature->i || !signature->domain)
        return;
    g_autofree char *plain = decode_quoted(signature->i);
    const char *at = plain ? strrchr(plain, '@') : NULL;
    if (!at) {
        grave(facts, DT_REASON_SIGNATURE_SYNTAX, "The i= of the signature is no identity.");
        return;
    }
    g_autofree char *domain = dt_dkim_name(at + 1);
    if (!domain || !dt_name_is_within(domain, signature->domain))
        against_rule(facts, DT_REASON_IDENTITY_MISMATCH, NULL);
    facts->is_within_d = domain && strcmp(domain, signature->domain) == 0;
}

/* q= is a list; one method that is known is enough (RFC 6376 3.5). */
static void
read_query(dt_dkim_signature *signature, const dt_taglist *list)
{
    g_autofree char *q = stripped(list, "q");
    if (!q)
        return;
    g_auto(GStrv) methods = g_strsplit(q, ":", -1);
    for (char **method = methods; *method; method++)
        if (dt_text_equal(*method, "dns/txt") || dt_text_equal(*method, "dns"))
            return;
    against_rule(signature->facts, DT_REASON_QUERY_METHOD, NULL);
}

dt_dkim_signature *
dt_dkim_signature_read(const dt_field *field)
{
    dt_dkim_signature *signature = g_new0(dt_dkim_signature, 1);
    const char *text = field->raw + field->value_offset;
    gsize length = field->raw_length - field->value_offset;
    g_autoptr(dt_taglist) list = dt_taglist_parse(text, (gssize)length);
    signature->field = field;
    signature->facts = g_new0(dt_dkim_facts, 1);
    signature->facts->grave_fault = signature->facts->rule_fault = DT_REASON_OK;
    check_octets(signature->facts, text, length, list);
    check_list(signature->facts, list);
    read_names(signature, list);
    read_algorithm(signature, list);
    read_hashes(signature, list);
    read_numbers(signature, list);
    read_query(signature, list);
    read_covered(signature, list);
    read_identity(signature, list);
    return signature;
}

void
dt_dkim_signature_free(dt_dkim_signature *signature)
{
    if (!signature)
        return;
    g_free(signature->d);
    g_free(signature->s);
    g_free(signature->a);
    g_free(signature->c);
    g_free(signature->i);
    g_free(signature->domain);
    g_strfreev(signature->h);
    g_free(signature->detail);
    dt_dkim_key_free(signature->key);
    g_free(signature->b_start);
    if (signature->damage)
        g_ptr_array_unref(signature->damage);
    g_free(signature->facts->b);
    g_free(signature->facts->bh);
    g_free(signature->facts);
    g_free(signature);
}

#define B_START_LENGTH 8 /* RFC 6008 4: at least */

static gsize
common_length(const char *a, const char *b)
{
    gsize length = 0;
    while (a[length] && a[length] == b[length])
        length++;
    return length;
}

static gint
by_b(gconstpointer one, gconstpointer two)
{
    const dt_dkim_signature *a = *(dt_dkim_signature *const *)one,
                            *b = *(dt_dkim_signature *const *)two;
    return strcmp(a->facts->b, b->facts->b);
}

/* In sorted order only neighbours can be mistaken for each other. */
void
dt_dkim_signatures_set_b_start(GPtrArray *signatures)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (guint i = 0; i < signatures->len; i++) {
        dt_dkim_signature *signature = g_ptr_array_index(signatures, i);
        if (signature->facts->b)
            g_ptr_array_add(sorted, signature);
    }
    g_ptr_array_sort(sorted, by_b);
    gsize before = 0;
    for (guint i = 0; i < sorted->len; i++) {
        dt_dkim_signature *one = g_ptr_array_index(sorted, i);
        const dt_dkim_signature *next =
            i + 1 < sorted->len ? g_ptr_array_index(sorted, i + 1) : NULL;
        gsize after = next ? common_length(one->facts->b, next->facts->b) + 1 : 0;
        one->b_start = g_strndup(one->facts->b, MAX(B_START_LENGTH, MAX(before, after)));
        before = after;
    }
}
