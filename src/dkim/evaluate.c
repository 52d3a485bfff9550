/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Every DKIM-Signature of a message on its own: read, key fetched, verified, and the reason found
 * (RFC 6376 6.1, RFC 8301). Where several reasons apply the gravest stands: field, key, dates,
 * rules, then what verification says.
 */
#include "dkim/canon.h"
#include "dkim/crypto.h"
#include "dkim/damage.h"
#include "dkim/key.h"
#include "dkim/reason.h"
#include "dkim/verify.h"
#include "base/text.h"

#include <string.h>

#define FUTURE_TOLERANCE 300 /* seconds that t= may be ahead */

static dt_dkim *
read_signatures(const dt_message *message, guint max)
{
    dt_dkim *dkim = g_new0(dt_dkim, 1);
    dkim->signatures = g_ptr_array_new_with_free_func((GDestroyNotify)dt_dkim_signature_free);
    for (guint i = 0; i < dt_message_field_count(message); i++) {
        const dt_field *field = dt_message_field(message, i);
        if (!dt_field_is(field, "DKIM-Signature"))
            continue;
        dt_dkim_signature *signature = dt_dkim_signature_read(field);
        signature->index = dkim->signatures->len;
        signature->facts->is_left_out = signature->index >= max;
        g_ptr_array_add(dkim->signatures, signature);
    }
    dt_dkim_signatures_set_b_start(dkim->signatures);
    return dkim;
}

/* Is its key to be looked for? */
static gboolean
needs_key(const dt_dkim_signature *signature)
{
    return !signature->facts->is_left_out && signature->facts->grave_fault == DT_REASON_OK;
}

static void
fetch_keys(const dt_dkim *dkim, dt_resolver *resolver)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) questions = g_array_new(FALSE, FALSE, sizeof(dt_question));
    for (guint i = 0; i < dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = g_ptr_array_index(dkim->signatures, i);
        char *name =
            needs_key(signature) ? dt_dkim_key_name(signature->s, signature->domain) : NULL;
        if (!name)
            continue;
        dt_question question = { .name = name, .type = DT_RR_TXT };
        g_ptr_array_add(names, name);
        g_array_append_val(questions, question);
    }
    if (questions->len > 1)
        dt_resolver_prefetch(resolver, (const dt_question *)(gpointer)questions->data,
                             questions->len);
    for (guint i = 0; i < dkim->signatures->len; i++) {
        dt_dkim_signature *signature = g_ptr_array_index(dkim->signatures, i);
        if (needs_key(signature))
            signature->key = dt_dkim_key_fetch(resolver, signature->s, signature->domain);
    }
}

/* Too long for libopendkim, so that nobody who relies on it could say. */
static gboolean
is_beyond_limits(const dt_dkim_signature *signature)
{
    const dt_dkim_key *key = signature->key;
    return signature->facts->h_length > DT_LIBRARY_H_MAX ||
           (key && key->public_key && strlen(key->public_key) > DT_LIBRARY_KEY_MAX);
}

/* Are there a key and a signature that fit each other in kind, so that verifying says something? */
static gboolean
is_verifiable(const dt_dkim_signature *signature)
{
    const dt_dkim_facts *facts = signature->facts;
    const dt_dkim_key *key = signature->key;
    if (!key || key->bits == 0 || facts->rule_fault != DT_REASON_OK || is_beyond_limits(signature))
        return FALSE;
    gboolean is_rsa = dt_text_equal(key->type, "rsa");
    return is_rsa == (facts->algorithm != DT_ALGORITHM_ED25519_SHA256);
}

/* What the library left untested or calls a mismatch: mathematics that hold cannot hold by chance,
 * so a second opinion is safe. */
static void
check_directly(dt_dkim_signature *signature, const dt_header_index *index)
{
    const dt_dkim_facts *facts = signature->facts;
    guint8 digest[DT_DIGEST_MAX];
    if (signature->signature == DT_CHECK_OK)
        return;
    g_autoptr(GString) data =
        dt_canon_header(index, signature->h, facts->header_canon, signature->field);
    signature->signature =
        dt_dkim_check(signature->key, facts->algorithm, data->str, data->len, facts->b);
    if (signature->signature == DT_CHECK_MISMATCH)
        signature->key_fits = dt_crypto_open(signature->key, facts->algorithm, facts->b, digest);
}

static void
verify(const dt_dkim *dkim, dt_message *message, const dt_header_index *index, gboolean with_body)
{
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    for (guint i = 0; i < dkim->signatures->len; i++) {
        dt_dkim_signature *signature = g_ptr_array_index(dkim->signatures, i);
        if (signature->signature == DT_CHECK_UNTESTED && is_verifiable(signature))
            g_ptr_array_add(chosen, signature);
    }
    if (chosen->len == 0)
        return;
    dt_verify_by_library(message, index, chosen, with_body);
    for (guint i = 0; i < chosen->len; i++)
        check_directly(g_ptr_array_index(chosen, i), index);
}

/* Asked of our own hash: what the library left out, l= (it does not count the whole body), and, as
 * with the header, a second opinion on a mismatch. */
static gboolean
needs_body_hash(const dt_dkim_signature *signature)
{
    const dt_dkim_facts *facts = signature->facts;
    return !facts->is_left_out && facts->has_canon && facts->bh_length > 0 &&
           (signature->body_hash != DT_CHECK_OK || signature->l >= 0);
}

static gboolean
is_hash_for(const dt_body_hash *hash, const dt_dkim_signature *signature)
{
    return hash->how == signature->facts->body_canon &&
           hash->algorithm == signature->facts->body_algorithm && hash->limit == signature->l;
}

static dt_body_hash *
find_hash(GArray *hashes, const dt_dkim_signature *signature)
{
    for (guint i = 0; i < hashes->len; i++)
        if (is_hash_for(&g_array_index(hashes, dt_body_hash, i), signature))
            return &g_array_index(hashes, dt_body_hash, i);
    return NULL;
}

/* More octets under l= than there are can never have been hashed, even if the hash of what is there
 * agrees. */
static void
take_body_hash(dt_dkim_signature *signature, const dt_body_hash *hash)
{
    gboolean is_whole = signature->l < 0 || (guint64)signature->l <= hash->canonical_size;
    gboolean fits = hash->digest_length == signature->facts->bh_length &&
                    memcmp(hash->digest, signature->facts->bh_octets, hash->digest_length) == 0;
    signature->body_hash = fits && is_whole ? DT_CHECK_OK : DT_CHECK_MISMATCH;
    signature->facts->canonical_size = hash->canonical_size;
    if (signature->l >= 0 && is_whole)
        signature->unsigned_octets = hash->canonical_size - (guint64)signature->l;
}

/* The body hashes that verification has not given, all in one pass. */
static void
hash_body(const dt_dkim *dkim, dt_message *message)
{
    g_autoptr(GArray) hashes = g_array_new(FALSE, TRUE, sizeof(dt_body_hash));
    for (guint i = 0; i < dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = g_ptr_array_index(dkim->signatures, i);
        if (!needs_body_hash(signature) || find_hash(hashes, signature))
            continue;
        dt_body_hash hash = { .how = signature->facts->body_canon,
                              .algorithm = signature->facts->body_algorithm,
                              .limit = signature->l };
        g_array_append_val(hashes, hash);
    }
    if (hashes->len == 0 ||
        !dt_canon_body(message, (dt_body_hash *)(gpointer)hashes->data, hashes->len))
        return;
    for (guint i = 0; i < dkim->signatures->len; i++) {
        dt_dkim_signature *signature = g_ptr_array_index(dkim->signatures, i);
        if (needs_body_hash(signature))
            take_body_hash(signature, find_hash(hashes, signature));
    }
}

/* How often each name (lower case) stands in h=. */
static GHashTable *
count_names(char *const *h)
{
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (; h && *h; h++) {
        char *name = g_ascii_strdown(*h, -1);
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, name));
        g_hash_table_replace(counts, name, GUINT_TO_POINTER(count + 1));
    }
    return counts;
}

/* Does other cover every field that one covers, absent ones that one vouches for included? */
static gboolean
covers_all_of(const dt_dkim_signature *other, const dt_dkim_signature *one,
              const dt_header_index *index)
{
    g_autoptr(GHashTable) mine = count_names(one->h);
    g_autoptr(GHashTable) theirs = count_names(other->h);
    GHashTableIter iter;
    gpointer name, count;
    g_hash_table_iter_init(&iter, mine);
    while (g_hash_table_iter_next(&iter, &name, &count)) {
        guint needed = MIN(GPOINTER_TO_UINT(count), dt_header_index_count(index, name) + 1);
        if (GPOINTER_TO_UINT(g_hash_table_lookup(theirs, name)) < needed)
            return FALSE;
    }
    return TRUE;
}

/* By t=; signatures are put on top, so without t= the lower one is the earlier. */
static gboolean
is_not_later(const dt_dkim_signature *other, const dt_dkim_signature *one)
{
    if (other->t >= 0 && one->t >= 0)
        return other->t <= one->t;
    return other->index > one->index;
}

/* Does other show that the header is as one signed it? */
static gboolean
vouches_for(const dt_dkim_signature *other, const dt_dkim_signature *one,
            const dt_header_index *index)
{
    gboolean is_as_exact = other->facts->header_canon == DT_CANON_SIMPLE ||
                           one->facts->header_canon == DT_CANON_RELAXED;
    return other != one && other->signature == DT_CHECK_OK && other->body_hash == DT_CHECK_OK &&
           is_as_exact && is_not_later(other, one) && covers_all_of(other, one, index);
}

/* A signature that opens under the key was made with it, so something that it covers did change. */
static gboolean
is_wrong_key(const dt_dkim_signature *one, const dt_dkim *dkim, const dt_header_index *index)
{
    if (one->key_fits == DT_CHECK_OK)
        return FALSE;
    for (guint i = 0; i < dkim->signatures->len; i++)
        if (vouches_for(g_ptr_array_index(dkim->signatures, i), one, index))
            return TRUE;
    return FALSE;
}

/* What verification says, once nothing forbids the signature. */
static dt_dkim_reason
verified_reason(const dt_dkim_signature *one, const dt_dkim *dkim, const dt_header_index *index,
                gboolean has_body)
{
    gboolean is_header_ok = one->signature == DT_CHECK_OK;
    if (one->signature == DT_CHECK_UNTESTED || (has_body && one->body_hash == DT_CHECK_UNTESTED))
        return DT_REASON_BEYOND_LIMITS;
    if (!has_body && !is_header_ok)
        return DT_REASON_HEADER_CHANGED;
    if (has_body && one->body_hash == DT_CHECK_MISMATCH)
        return is_header_ok ? DT_REASON_BODY_CHANGED : DT_REASON_BODY_AND_HEADER_CHANGED;
    if (!is_header_ok)
        return is_wrong_key(one, dkim, index) ? DT_REASON_WRONG_KEY : DT_REASON_HEADER_CHANGED;
    if (one->facts->algorithm == DT_ALGORITHM_RSA_SHA1)
        return DT_REASON_ALGORITHM_NOT_SUPPORTED;
    return has_body ? DT_REASON_OK : DT_REASON_NO_BODY_TO_TEST;
}

static dt_dkim_reason
find_reason(const dt_dkim_signature *one, const dt_dkim *dkim, const dt_header_index *index,
            gint64 at, gboolean has_body)
{
    const dt_dkim_facts *facts = one->facts;
    if (facts->is_left_out)
        return DT_REASON_TOO_MANY;
    if (facts->grave_fault != DT_REASON_OK)
        return facts->grave_fault;
    dt_dkim_reason of_key = dt_dkim_key_judge(one->key, facts->algorithm);
    if (of_key != DT_REASON_OK)
        return of_key;
    if (one->x >= 0 && at > one->x)
        return DT_REASON_EXPIRED;
    if (one->t >= 0 && one->t > at + FUTURE_TOLERANCE)
        return DT_REASON_FUTURE;
    if (facts->rule_fault != DT_REASON_OK)
        return facts->rule_fault;
    if (one->key->is_no_subdomain && !facts->is_within_d)
        return DT_REASON_IDENTITY_MISMATCH;
    if (is_beyond_limits(one))
        return DT_REASON_BEYOND_LIMITS;
    return verified_reason(one, dkim, index, has_body);
}

/* Does it rest on the whole header being known, and on what comes behind it? */
static gboolean
needs_whole_header(dt_dkim_reason reason)
{
    return reason == DT_REASON_HEADER_CHANGED || reason == DT_REASON_WRONG_KEY ||
           reason == DT_REASON_NO_BODY_TO_TEST;
}

/* The sentence of the reason, with what is known of this signature. */
static char *
explain(const dt_dkim_signature *one, gint64 at)
{
    const dt_dkim_facts *facts = one->facts;
    g_autofree char *at_text = dt_text_time(at);
    g_autofree char *x_text = one->x >= 0 ? dt_text_time(one->x) : NULL;
    g_autofree char *t_text = one->t >= 0 ? dt_text_time(one->t) : NULL;
    if (one->reason == DT_REASON_EXPIRED && x_text && at_text)
        return g_strdup_printf("The signature expired at %s (x=); it is judged as of %s.", x_text,
                               at_text);
    if (one->reason == DT_REASON_FUTURE && t_text && at_text)
        return g_strdup_printf(
            "The signature was made at %s (t=), after %s, as of when it is judged.", t_text,
            at_text);
    if (one->reason == DT_REASON_KEY_TOO_SMALL)
        return g_strdup_printf(
            "The published key has %u bits; fewer than %u do not count (RFC 8301).", one->key->bits,
            DT_KEY_BITS_MIN);
    if (one->reason == DT_REASON_OK && one->unsigned_octets > 0)
        return g_strdup_printf(
            "The signature verifies, but not for the whole body: the last %" G_GUINT64_FORMAT
            " octets are not signed (l=%" G_GINT64_FORMAT "), anyone may have added them.",
            one->unsigned_octets, one->l);
    if (one->result == DT_DKIM_POLICY)
        return g_strdup("The signature verifies, but rsa-sha1 no longer counts (RFC 8301).");
    if (one->reason == DT_REASON_IDENTITY_MISMATCH && facts->rule_fault == DT_REASON_OK)
        return g_strdup(
            "The identity (i=) is a subdomain of d=, which the key does not allow (t=s).");
    if (facts->fault_text &&
        (one->reason == facts->grave_fault || one->reason == facts->rule_fault))
        return g_strdup(facts->fault_text);
    if (one->key_fits == DT_CHECK_MISMATCH && one->reason == DT_REASON_HEADER_CHANGED)
        return g_strdup("The signature does not open under the published key: it was made with "
                        "another one, or its b= is damaged.");
    if (one->key && one->reason == one->key->fault && one->key->fault_text)
        return g_strdup(one->key->fault_text);
    return g_strdup(dt_dkim_reason_sentence(one->reason));
}

static void
conclude(const dt_dkim *dkim, dt_message *message, const dt_header_index *index, gint64 at)
{
    gboolean has_body = dt_message_has_body(message);
    for (guint i = 0; i < dkim->signatures->len; i++) {
        dt_dkim_signature *one = g_ptr_array_index(dkim->signatures, i);
        one->reason = find_reason(one, dkim, index, at, has_body);
        gboolean is_cut = dt_message_was_cut(message) && needs_whole_header(one->reason);
        if (is_cut)
            one->reason = DT_REASON_BEYOND_LIMITS;
        one->result = dt_dkim_reason_result(one->reason);
        /* rsa-sha1 that verifies is refused by rule, an unknown algorithm is a fault */
        if (one->reason == DT_REASON_ALGORITHM_NOT_SUPPORTED &&
            one->facts->algorithm == DT_ALGORITHM_RSA_SHA1)
            one->result = DT_DKIM_POLICY;
        one->detail = is_cut ? g_strdup("The header is larger than this program reads, so not all "
                                        "that was signed is known.")
                             : explain(one, at);
    }
}

static guint
signature_limit(const dt_dkim_options *options)
{
    return options->max_signatures > 0 ? options->max_signatures : DT_MAX_SIGNATURES;
}

dt_dkim *
dt_dkim_evaluate(dt_message *message, dt_resolver *resolver, const dt_dkim_options *options)
{
    dt_dkim *dkim = read_signatures(message, signature_limit(options));
    if (dkim->signatures->len == 0)
        return dkim;
    g_autoptr(dt_header_index) index = dt_header_index_new(message);
    gboolean has_body = dt_message_has_body(message);
    fetch_keys(dkim, resolver);
    verify(dkim, message, index, has_body);
    if (has_body)
        hash_body(dkim, message);
    conclude(dkim, message, index, options->at);
    if (options->damage_search)
        dt_damage_search(dkim, message, index, options->damage_budget_ms);
    return dkim;
}

static void
take_header(dt_dkim_signature *one, const dt_dkim_signature *earlier)
{
    one->signature = earlier->signature;
    one->key_fits = earlier->key_fits;
}

/* The body is the same whatever the key is; the header's result stands unless the key question is
 * changed. */
static void
reuse(dt_dkim_signature *one, const dt_dkim_signature *earlier, dt_resolver *resolver)
{
    one->body_hash = earlier->body_hash;
    one->unsigned_octets = earlier->unsigned_octets;
    one->facts->canonical_size = earlier->facts->canonical_size;
    if (one->key &&
        (!one->key->name || !dt_resolver_is_changed(resolver, one->key->name, DT_RR_TXT)))
        take_header(one, earlier);
}

dt_dkim *
dt_dkim_reevaluate(const dt_dkim *earlier, dt_message *message, dt_resolver *resolver,
                   const dt_dkim_options *options)
{
    dt_dkim *dkim = read_signatures(message, signature_limit(options));
    if (dkim->signatures->len == 0)
        return dkim;
    g_return_val_if_fail(earlier->signatures->len == dkim->signatures->len, dkim);
    g_autoptr(dt_header_index) index = dt_header_index_new(message);
    fetch_keys(dkim, resolver);
    for (guint i = 0; i < dkim->signatures->len; i++)
        reuse(g_ptr_array_index(dkim->signatures, i), g_ptr_array_index(earlier->signatures, i),
              resolver);
    verify(dkim, message, index, FALSE);
    conclude(dkim, message, index, options->at);
    return dkim;
}

void
dt_dkim_free(dt_dkim *dkim)
{
    if (!dkim)
        return;
    g_ptr_array_unref(dkim->signatures);
    g_free(dkim);
}
