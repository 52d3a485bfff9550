/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the words of DKIM: complete both ways, each reason with the result that the
 * interface gives it.
 */
#include "dkim/reason.h"

#include <string.h>

static void
each_reason_has_its_word_and_result(void)
{
    static const struct {
        dt_dkim_reason reason;
        const char *word, *result;
    } rows[] = {
        { DT_REASON_OK, "ok", "pass" },
        { DT_REASON_BODY_CHANGED, "body-changed", "fail" },
        { DT_REASON_HEADER_CHANGED, "header-changed", "fail" },
        { DT_REASON_BODY_AND_HEADER_CHANGED, "body-and-header-changed", "fail" },
        { DT_REASON_NO_KEY, "no-key", "permerror" },
        { DT_REASON_KEY_MULTIPLE, "key-multiple", "permerror" },
        { DT_REASON_KEY_UNREACHABLE, "key-unreachable", "temperror" },
        { DT_REASON_KEY_SYNTAX, "key-syntax", "permerror" },
        { DT_REASON_KEY_REVOKED, "key-revoked", "permerror" },
        { DT_REASON_KEY_TOO_SMALL, "key-too-small", "policy" },
        { DT_REASON_KEY_TYPE_MISMATCH, "key-type-mismatch", "permerror" },
        { DT_REASON_KEY_SERVICE_MISMATCH, "key-service-mismatch", "permerror" },
        { DT_REASON_KEY_HASH_NOT_ALLOWED, "key-hash-not-allowed", "permerror" },
        { DT_REASON_ALGORITHM_NOT_SUPPORTED, "algorithm-not-supported", "permerror" },
        { DT_REASON_EXPIRED, "expired", "permerror" },
        { DT_REASON_FUTURE, "future", "permerror" },
        { DT_REASON_WRONG_KEY, "wrong-key", "fail" },
        { DT_REASON_IDENTITY_MISMATCH, "identity-mismatch", "permerror" },
        { DT_REASON_FROM_NOT_SIGNED, "from-not-signed", "permerror" },
        { DT_REASON_SIGNATURE_SYNTAX, "signature-syntax", "permerror" },
        { DT_REASON_VERSION, "version", "permerror" },
        { DT_REASON_CANONICALIZATION, "canonicalization", "permerror" },
        { DT_REASON_QUERY_METHOD, "query-method", "permerror" },
        { DT_REASON_TOO_MANY, "too-many", "neutral" },
        { DT_REASON_BEYOND_LIMITS, "beyond-limits", "neutral" },
        { DT_REASON_NO_BODY_TO_TEST, "no-body-to-test", "neutral" },
    };
    g_assert_cmpint(G_N_ELEMENTS(rows), ==, DT_REASON_NO_BODY_TO_TEST);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(rows[i].reason, ==, i + 1);
        g_assert_cmpstr(dt_dkim_reason_word(rows[i].reason), ==, rows[i].word);
        g_assert_cmpstr(dt_dkim_result_word(dt_dkim_reason_result(rows[i].reason)), ==,
                        rows[i].result);
        g_assert_true(g_str_has_suffix(dt_dkim_reason_sentence(rows[i].reason), "."));
    }
    g_assert_null(dt_dkim_reason_word(DT_REASON_UNKNOWN));
}

static void
results_are_read_back_from_their_words(void)
{
    for (dt_dkim_result result = DT_DKIM_PASS; result <= DT_DKIM_POLICY; result++)
        g_assert_cmpint(dt_dkim_result_parse(dt_dkim_result_word(result)), ==, result);
    g_assert_cmpint(dt_dkim_result_parse("PASS"), ==, DT_DKIM_PASS);
    g_assert_cmpint(dt_dkim_result_parse("hardfail"), ==, DT_DKIM_UNKNOWN);
    g_assert_cmpint(dt_dkim_result_parse(NULL), ==, DT_DKIM_UNKNOWN);
}

static void
checks_have_words(void)
{
    g_assert_cmpstr(dt_check_word(DT_CHECK_UNTESTED), ==, "untested");
    g_assert_cmpstr(dt_check_word(DT_CHECK_OK), ==, "ok");
    g_assert_cmpstr(dt_check_word(DT_CHECK_MISMATCH), ==, "mismatch");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reason/each has its word and result", each_reason_has_its_word_and_result);
    g_test_add_func("/reason/results are read back from their words",
                    results_are_read_back_from_their_words);
    g_test_add_func("/reason/checks have words", checks_have_words);
    return g_test_run();
}
