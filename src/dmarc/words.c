/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The words of DMARC's enumerations as they stand in results (RFC 8601 2.7.6, RFC 9989 4.7), one
 * table each, and the identifiers that are handed to an evaluation.
 */
#include "dmarc/dmarc.h"

#include <string.h>

static const char *const verdict_words[] = {
    [DT_VERDICT_UNKNOWN] = NULL,          [DT_VERDICT_PASS] = "pass",
    [DT_VERDICT_FAIL] = "fail",           [DT_VERDICT_NONE] = "none",
    [DT_VERDICT_PERMERROR] = "permerror", [DT_VERDICT_TEMPERROR] = "temperror",
};

static const char *const policy_words[] = {
    [DT_POLICY_UNKNOWN] = NULL,
    [DT_POLICY_NONE] = "none",
    [DT_POLICY_QUARANTINE] = "quarantine",
    [DT_POLICY_REJECT] = "reject",
};

static const char *const alignment_words[] = {
    [DT_ALIGNMENT_NONE] = "none",
    [DT_ALIGNMENT_ORGANIZATIONAL] = "organizational",
    [DT_ALIGNMENT_IDENTICAL] = "identical",
};

const char *
dt_verdict_word(dt_verdict verdict)
{
    return (guint)verdict < G_N_ELEMENTS(verdict_words) ? verdict_words[verdict] : NULL;
}

dt_verdict
dt_verdict_parse(const char *word)
{
    for (guint i = 1; word && i < G_N_ELEMENTS(verdict_words); i++)
        if (strcmp(word, verdict_words[i]) == 0)
            return i;
    return DT_VERDICT_UNKNOWN;
}

const char *
dt_policy_word(dt_policy policy)
{
    return (guint)policy < G_N_ELEMENTS(policy_words) ? policy_words[policy] : NULL;
}

const char *
dt_alignment_word(dt_alignment alignment)
{
    return (guint)alignment < G_N_ELEMENTS(alignment_words) ? alignment_words[alignment] : NULL;
}

dt_identifier *
dt_identifier_new(gboolean is_spf, gboolean passes, gboolean is_temperror, const char *domain)
{
    dt_identifier *identifier = g_new0(dt_identifier, 1);
    identifier->is_spf = is_spf;
    identifier->passes = passes;
    identifier->is_temperror = is_temperror;
    identifier->domain = g_strdup(domain);
    return identifier;
}

void
dt_identifier_free(dt_identifier *identifier)
{
    if (!identifier)
        return;
    g_free(identifier->domain);
    g_free(identifier->org_domain);
    g_free(identifier->org_domain_7489);
    g_free(identifier);
}
