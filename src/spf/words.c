/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The words of SPF results (RFC 7208 2.6, RFC 8601 2.7.2), and the one place where results and
 * records are freed. What the words mean and which one comes is evaluate.c.
 */
#include "spf/walk.h"

#include "base/text.h"

typedef struct {
    dt_spf_result result;
    const char *word;
} result_word;

static const result_word result_words[] = {
    { DT_SPF_PASS, "pass" },           { DT_SPF_FAIL, "fail" }, { DT_SPF_SOFTFAIL, "softfail" },
    { DT_SPF_NEUTRAL, "neutral" },     { DT_SPF_NONE, "none" }, { DT_SPF_PERMERROR, "permerror" },
    { DT_SPF_TEMPERROR, "temperror" },
};

const char *
dt_spf_result_word(dt_spf_result result)
{
    for (gsize i = 0; i < G_N_ELEMENTS(result_words); i++)
        if (result_words[i].result == result)
            return result_words[i].word;
    return NULL;
}

dt_spf_result
dt_spf_result_parse(const char *word)
{
    for (gsize i = 0; word && i < G_N_ELEMENTS(result_words); i++)
        if (dt_text_equal(result_words[i].word, word))
            return result_words[i].result;
    return DT_SPF_NOT_EVALUATED;
}

dt_spf_result
dt_spf_qualifier_result(char qualifier)
{
    switch (qualifier) {
    case '-':
        return DT_SPF_FAIL;
    case '~':
        return DT_SPF_SOFTFAIL;
    case '?':
        return DT_SPF_NEUTRAL;
    }
    return DT_SPF_PASS;
}

void
dt_spf_step_free(gpointer data)
{
    dt_spf_step *step = data;
    g_free(step->domain);
    g_free(step->term);
    g_free(step->outcome);
    g_free(step->note);
    g_free(step);
}

void
dt_spf_term_free(gpointer data)
{
    dt_spf_term *term = data;
    g_free(term->text);
    g_free(term->target);
    g_free(term->fault);
    g_free(term);
}

void
dt_spf_record_free(dt_spf_record *record)
{
    if (!record)
        return;
    g_free(record->text);
    g_ptr_array_unref(record->terms);
    g_free(record);
}

void
dt_spf_free(dt_spf *spf)
{
    if (!spf)
        return;
    g_free(spf->domain);
    g_free(spf->record);
    g_free(spf->mechanism);
    g_ptr_array_unref(spf->via);
    g_ptr_array_unref(spf->trace);
    g_free(spf->explanation);
    g_free(spf->fault_domain);
    g_free(spf->fault_term);
    g_free(spf->fault_text);
    g_free(spf->libspf2_difference);
    g_free(spf);
}
