/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the words of DMARC's enumerations.
 */
#include "dmarc/dmarc.h"

static void
every_verdict_has_a_word_that_reads_back(void)
{
    for (guint i = DT_VERDICT_PASS; i <= DT_VERDICT_TEMPERROR; i++) {
        g_assert_nonnull(dt_verdict_word(i));
        g_assert_cmpuint(dt_verdict_parse(dt_verdict_word(i)), ==, i);
    }
    g_assert_null(dt_verdict_word(DT_VERDICT_UNKNOWN));
    g_assert_null(dt_verdict_word(DT_VERDICT_TEMPERROR + 1));
    g_assert_cmpuint(dt_verdict_parse("Pass"), ==, DT_VERDICT_UNKNOWN);
    g_assert_cmpuint(dt_verdict_parse(NULL), ==, DT_VERDICT_UNKNOWN);
}

static void
every_policy_and_alignment_has_a_word(void)
{
    g_assert_null(dt_policy_word(DT_POLICY_UNKNOWN));
    g_assert_cmpstr(dt_policy_word(DT_POLICY_NONE), ==, "none");
    g_assert_cmpstr(dt_policy_word(DT_POLICY_QUARANTINE), ==, "quarantine");
    g_assert_cmpstr(dt_policy_word(DT_POLICY_REJECT), ==, "reject");
    g_assert_cmpstr(dt_alignment_word(DT_ALIGNMENT_NONE), ==, "none");
    g_assert_cmpstr(dt_alignment_word(DT_ALIGNMENT_ORGANIZATIONAL), ==, "organizational");
    g_assert_cmpstr(dt_alignment_word(DT_ALIGNMENT_IDENTICAL), ==, "identical");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/words/every verdict has a word that reads back",
                    every_verdict_has_a_word_that_reads_back);
    g_test_add_func("/dmarc/words/every policy and alignment has a word",
                    every_policy_and_alignment_has_a_word);
    return g_test_run();
}
