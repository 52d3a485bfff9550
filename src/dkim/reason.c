/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The words for what became of a DKIM signature: results (RFC 8601 2.7.1), reasons, checks. One row
 * holds a reason's word, the result it gives and the sentence that explains it when nothing more
 * exact is known.
 */
#include "dkim/reason.h"

#include <string.h>

static const struct {
    dt_dkim_result result;
    const char *word;
} RESULTS[] = {
    { DT_DKIM_PASS, "pass" },           { DT_DKIM_FAIL, "fail" },
    { DT_DKIM_NEUTRAL, "neutral" },     { DT_DKIM_PERMERROR, "permerror" },
    { DT_DKIM_TEMPERROR, "temperror" }, { DT_DKIM_POLICY, "policy" },
};

static const struct {
    dt_dkim_reason reason;
    const char *word;
    dt_dkim_result result;
    const char *sentence;
} REASONS[] = {
    { DT_REASON_OK, "ok", DT_DKIM_PASS, "The signature verifies." },
    { DT_REASON_BODY_CHANGED, "body-changed", DT_DKIM_FAIL,
      "The body is not the one that was signed; the signed header fields are." },
    { DT_REASON_HEADER_CHANGED, "header-changed", DT_DKIM_FAIL,
      "The body is the one that was signed; a signed header field is not." },
    { DT_REASON_BODY_AND_HEADER_CHANGED, "body-and-header-changed", DT_DKIM_FAIL,
      "Neither the body nor the signed header fields are those that were signed." },
    { DT_REASON_NO_KEY, "no-key", DT_DKIM_PERMERROR,
      "No key is published where the signature points." },
    { DT_REASON_KEY_MULTIPLE, "key-multiple", DT_DKIM_PERMERROR,
      "Several keys are published at one name." },
    { DT_REASON_KEY_UNREACHABLE, "key-unreachable", DT_DKIM_TEMPERROR,
      "The DNS query for the key failed." },
    { DT_REASON_KEY_SYNTAX, "key-syntax", DT_DKIM_PERMERROR,
      "The published key record is not well formed." },
    { DT_REASON_KEY_REVOKED, "key-revoked", DT_DKIM_PERMERROR,
      "The published key is revoked: its p= is empty." },
    { DT_REASON_KEY_TOO_SMALL, "key-too-small", DT_DKIM_POLICY,
      "The published key has fewer than 1024 bits." },
    { DT_REASON_KEY_TYPE_MISMATCH, "key-type-mismatch", DT_DKIM_PERMERROR,
      "The published key is of another type than the signature." },
    { DT_REASON_KEY_SERVICE_MISMATCH, "key-service-mismatch", DT_DKIM_PERMERROR,
      "The published key is not meant for mail (s=)." },
    { DT_REASON_KEY_HASH_NOT_ALLOWED, "key-hash-not-allowed", DT_DKIM_PERMERROR,
      "The published key does not allow the hash that the signature uses (h=)." },
    { DT_REASON_ALGORITHM_NOT_SUPPORTED, "algorithm-not-supported", DT_DKIM_PERMERROR,
      "The signature names an algorithm that verifiers do not know." },
    { DT_REASON_EXPIRED, "expired", DT_DKIM_PERMERROR, "The signature had expired (x=)." },
    { DT_REASON_FUTURE, "future", DT_DKIM_PERMERROR, "The signature was made in the future (t=)." },
    { DT_REASON_WRONG_KEY, "wrong-key", DT_DKIM_FAIL,
      "The message is intact, as another signature shows: the published key is not the one that "
      "signed." },
    { DT_REASON_IDENTITY_MISMATCH, "identity-mismatch", DT_DKIM_PERMERROR,
      "The identity (i=) is not within the signing domain (d=)." },
    { DT_REASON_FROM_NOT_SIGNED, "from-not-signed", DT_DKIM_PERMERROR,
      "The signature does not cover From." },
    { DT_REASON_SIGNATURE_SYNTAX, "signature-syntax", DT_DKIM_PERMERROR,
      "The signature field is not well formed." },
    { DT_REASON_VERSION, "version", DT_DKIM_PERMERROR,
      "The signature is of an unknown version (v=)." },
    { DT_REASON_CANONICALIZATION, "canonicalization", DT_DKIM_PERMERROR,
      "The signature names an unknown canonicalization (c=)." },
    { DT_REASON_QUERY_METHOD, "query-method", DT_DKIM_PERMERROR,
      "The signature names no query method but unknown ones (q=)." },
    { DT_REASON_TOO_MANY, "too-many", DT_DKIM_NEUTRAL,
      "The message has too many signatures; this one was left out." },
    { DT_REASON_BEYOND_LIMITS, "beyond-limits", DT_DKIM_NEUTRAL,
      "The signature or its key is too long to be judged." },
    { DT_REASON_NO_BODY_TO_TEST, "no-body-to-test", DT_DKIM_NEUTRAL,
      "There is no body, so only the header could be tested." },
};

static const char *const CHECKS[] = { "untested", "ok", "mismatch" };

const char *
dt_dkim_result_word(dt_dkim_result result)
{
    for (gsize i = 0; i < G_N_ELEMENTS(RESULTS); i++)
        if (RESULTS[i].result == result)
            return RESULTS[i].word;
    return NULL;
}

dt_dkim_result
dt_dkim_result_parse(const char *word)
{
    for (gsize i = 0; word && i < G_N_ELEMENTS(RESULTS); i++)
        if (g_ascii_strcasecmp(RESULTS[i].word, word) == 0)
            return RESULTS[i].result;
    return DT_DKIM_UNKNOWN;
}

const char *
dt_dkim_reason_word(dt_dkim_reason reason)
{
    for (gsize i = 0; i < G_N_ELEMENTS(REASONS); i++)
        if (REASONS[i].reason == reason)
            return REASONS[i].word;
    return NULL;
}

dt_dkim_result
dt_dkim_reason_result(dt_dkim_reason reason)
{
    for (gsize i = 0; i < G_N_ELEMENTS(REASONS); i++)
        if (REASONS[i].reason == reason)
            return REASONS[i].result;
    return DT_DKIM_UNKNOWN;
}

const char *
dt_dkim_reason_sentence(dt_dkim_reason reason)
{
    for (gsize i = 0; i < G_N_ELEMENTS(REASONS); i++)
        if (REASONS[i].reason == reason)
            return REASONS[i].sentence;
    return NULL;
}

const char *
dt_check_word(dt_check check)
{
    return check < G_N_ELEMENTS(CHECKS) ? CHECKS[check] : NULL;
}
