/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Does the ARC chain of a message hold (RFC 8617 5.2)? The structure first (sets.c), then the
 * newest ARC-Message-Signature over header and body, then every ARC-Seal from the newest to the
 * first. Canonical forms, keys and the mathematics are DKIM's.
 */
#include "arc/sets.h"

#include <string.h>
#include "base/text.h"

/* RFC 8301 3.2. */
#define MIN_RSA_BITS 1024

/* Each seal covers all sets below it, so the work grows with the square of a chain; a real set has
 * some 4 KB. */
#define MAX_CHAIN_OCTETS (4 * 1024 * 1024)

static const char *const result_words[] = {
    [DT_ARC_UNKNOWN] = NULL,
    [DT_ARC_NONE] = "none",
    [DT_ARC_PASS] = "pass",
    [DT_ARC_FAIL] = "fail",
};

const char *
dt_arc_result_word(dt_arc_result result)
{
    return (guint)result < G_N_ELEMENTS(result_words) ? result_words[result] : NULL;
}

static char *
stripped(const dt_taglist *tags, const char *name)
{
    const char *value = dt_taglist_value(tags, name);
    return value ? dt_taglist_strip(value) : NULL;
}

/* ---- signatures ---------------------------------------------------------------------------- */

static const char *
key_fault(const dt_dkim_key *key)
{
    if (key->fault != DT_REASON_OK)
        return key->fault_text ? key->fault_text : dt_dkim_reason_word(key->fault);
    if (!key->allows_sha256)
        return "It does not allow SHA-256 (h=).";
    return dt_text_equal(key->type, "rsa") && key->bits < MIN_RSA_BITS
               ? "The key has fewer than 1024 bits."
               : NULL;
}

/* Does the signature of a field verify over data? NULL if it does, else a sentence. Caller frees.
 */
static char *
verify(const dt_arc_field *field, dt_arc_part part, guint instance, const GString *data,
       dt_resolver *resolver)
{
    const char *d = dt_taglist_value(field->tags, "d"), *s = dt_taglist_value(field->tags, "s");
    g_autoptr(dt_dkim_key) key = dt_dkim_key_fetch(resolver, s, d);
    const char *fault = key_fault(key);
    if (fault)
        return g_strdup_printf("The key of the %s with i=%u (%s._domainkey.%s) is of no use: %s",
                               dt_arc_part_name(part), instance, s, d, fault);
    dt_algorithm algorithm = dt_algorithm_parse(dt_taglist_value(field->tags, "a"));
    g_autofree char *b = stripped(field->tags, "b");
    if (dt_dkim_check(key, algorithm, data->str, data->len, b) == DT_CHECK_OK)
        return NULL;
    return g_strdup_printf("The %s with i=%u does not verify.", dt_arc_part_name(part), instance);
}

/* ---- the newest message signature (5.2 step 4) --------------------------------------------- */

static gint64
body_limit(const dt_taglist *tags)
{
    const char *l = dt_taglist_value(tags, "l");
    guint64 limit = l ? g_ascii_strtoull(l, NULL, 10) : 0;
    return !l ? -1 : limit > G_MAXINT64 ? G_MAXINT64 : (gint64)limit;
}

static dt_check
check_body(dt_message *message, const dt_taglist *tags, dt_canon how)
{
    dt_body_hash hash = { .how = how,
                          .limit = body_limit(tags),
                          .algorithm = dt_algorithm_parse(dt_taglist_value(tags, "a")) };
    g_autofree char *bh = stripped(tags, "bh");
    gsize length = 0;
    g_autofree guint8 *wanted = dt_text_base64(bh, &length);
    if (!dt_message_has_body(message))
        return DT_CHECK_UNTESTED;
    if (!wanted || !dt_canon_body(message, &hash, 1))
        return DT_CHECK_MISMATCH;
    gboolean is_covered = hash.limit < 0 || (guint64)hash.limit <= hash.canonical_size;
    gboolean is_same = length == hash.digest_length && memcmp(wanted, hash.digest, length) == 0;
    return is_covered && is_same ? DT_CHECK_OK : DT_CHECK_MISMATCH;
}

static char *
signature_fault_under(const dt_arc_chain *chain, const char *c, dt_message *message,
                      dt_resolver *resolver, dt_check *body_out)
{
    const dt_arc_field *field = &chain->fields[chain->highest][DT_ARC_SIGNATURE];
    dt_canon header = DT_CANON_SIMPLE, body = DT_CANON_SIMPLE;
    dt_canon_parse(c, &header, &body);
    *body_out = check_body(message, field->tags, body);
    if (*body_out == DT_CHECK_MISMATCH)
        return g_strdup_printf(
            "The body is not the one that the ARC-Message-Signature with i=%u covers.",
            chain->highest);
    g_autofree char *h = stripped(field->tags, "h");
    g_auto(GStrv) names = g_strsplit(h, ":", -1);
    g_autoptr(dt_header_index) index = dt_header_index_new(message);
    GString *data = dt_canon_header(index, names, header, field->field);
    char *fault = verify(field, DT_ARC_SIGNATURE, chain->highest, data, resolver);
    g_string_free(data, TRUE);
    return fault;
}

/* Without c= the rule is simple (RFC 6376 3.5), but implementations of ARC sign and verify relaxed
 * then; either is taken. */
static char *
signature_fault(const dt_arc_chain *chain, dt_message *message, dt_resolver *resolver,
                dt_check *body_out)
{
    const dt_arc_field *field = &chain->fields[chain->highest][DT_ARC_SIGNATURE];
    char *fault = dt_arc_field_fault(field, DT_ARC_SIGNATURE, chain->highest);
    if (fault)
        return fault;
    g_autofree char *c = stripped(field->tags, "c");
    fault = signature_fault_under(chain, c ? c : "simple/simple", message, resolver, body_out);
    if (!fault || c)
        return fault;
    g_autofree char *other =
        signature_fault_under(chain, "relaxed/relaxed", message, resolver, body_out);
    if (!other)
        g_clear_pointer(&fault, g_free);
    return fault;
}

/* 4.1.2: x= is that of a DKIM signature (RFC 6376 3.5). */
static char *
expiry_fault(const dt_arc_chain *chain, gint64 at)
{
    const char *x = dt_taglist_value(chain->fields[chain->highest][DT_ARC_SIGNATURE].tags, "x");
    if (!x || at <= g_ascii_strtoll(x, NULL, 10))
        return NULL;
    g_autofree char *time = dt_text_time(g_ascii_strtoll(x, NULL, 10));
    return g_strdup_printf("The ARC-Message-Signature with i=%u expired at %s (x=).",
                           chain->highest, time ? time : x);
}

/* ---- the seals (5.1.1, 5.2 step 6) --------------------------------------------------------- */

/* All sets in order, relaxed; seal_at[i]: where the seal of instance i starts in it. */
static GString *
canon_sets(const dt_arc_chain *chain, gsize *seal_at)
{
    GString *text = g_string_sized_new(8192);
    for (guint i = 1; i <= chain->highest && text->len <= MAX_CHAIN_OCTETS; i++) {
        dt_canon_field(DT_CANON_RELAXED, chain->fields[i][DT_ARC_RESULTS].field, text);
        dt_canon_field(DT_CANON_RELAXED, chain->fields[i][DT_ARC_SIGNATURE].field, text);
        seal_at[i] = text->len;
        dt_canon_field(DT_CANON_RELAXED, chain->fields[i][DT_ARC_SEAL].field, text);
    }
    return text;
}

static char *
seals_fault(const dt_arc_chain *chain, dt_resolver *resolver)
{
    gsize seal_at[DT_ARC_MAX + 1] = { 0 };
    GString *text = canon_sets(chain, seal_at);
    char *fault = text->len > MAX_CHAIN_OCTETS
                      ? g_strdup("The ARC sets are longer than can be judged.")
                      : NULL;
    for (guint i = chain->highest; i >= 1 && !fault; i--) {
        const dt_arc_field *seal = &chain->fields[i][DT_ARC_SEAL];
        fault = dt_arc_field_fault(seal, DT_ARC_SEAL, i);
        if (fault)
            break;
        g_string_truncate(text, seal_at[i]);
        dt_canon_signature_field(DT_CANON_RELAXED, seal->field, text);
        fault = verify(seal, DT_ARC_SEAL, i, text, resolver);
    }
    g_string_free(text, TRUE);
    return fault;
}

/* ---- the chain ----------------------------------------------------------------------------- */

static void
announce_keys(const dt_arc_chain *chain, dt_resolver *resolver)
{
    dt_question questions[DT_ARC_MAX + 1];
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 1; i <= chain->highest; i++) {
        const dt_taglist *tags = chain->fields[i][DT_ARC_SEAL].tags;
        const char *d = dt_taglist_value(tags, "d"), *s = dt_taglist_value(tags, "s");
        char *name = s && d ? dt_dkim_key_name(s, d) : NULL;
        if (!name)
            continue;
        questions[names->len] = (dt_question){ name, DT_RR_TXT };
        g_ptr_array_add(names, name);
    }
    dt_resolver_prefetch(resolver, questions, names->len);
}

static dt_arc_result
judge(const dt_arc_chain *chain, dt_message *message, dt_resolver *resolver, gint64 at,
      char **detail_out)
{
    dt_check body = DT_CHECK_UNTESTED;
    if (chain->is_none)
        return DT_ARC_NONE;
    *detail_out = dt_arc_chain_fault(chain);
    if (*detail_out)
        return DT_ARC_FAIL;
    announce_keys(chain, resolver);
    *detail_out = signature_fault(chain, message, resolver, &body);
    if (!*detail_out)
        *detail_out = expiry_fault(chain, at);
    if (!*detail_out)
        *detail_out = seals_fault(chain, resolver);
    if (*detail_out)
        return DT_ARC_FAIL;
    if (body == DT_CHECK_OK)
        return DT_ARC_PASS;
    *detail_out =
        g_strdup("The input has no body, so the newest ARC-Message-Signature cannot be tested.");
    return DT_ARC_UNKNOWN;
}

dt_arc *
dt_arc_evaluate(dt_message *message, dt_resolver *resolver, gint64 at)
{
    dt_arc *arc = g_new0(dt_arc, 1);
    g_autoptr(dt_arc_chain) chain = dt_arc_chain_read(message);
    arc->sets = dt_arc_chain_sets(chain, message);
    arc->result = judge(chain, message, resolver, at, &arc->detail);
    return arc;
}

void
dt_arc_free(dt_arc *arc)
{
    if (!arc)
        return;
    g_free(arc->detail);
    g_ptr_array_unref(arc->sets);
    g_free(arc);
}
