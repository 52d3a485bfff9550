/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What the receiver recorded beside what was evaluated: which recorded result belongs to which
 * signature, and whether both say the same (RFC 8601 2.7; words of receivers that differ from it
 * are rows of a table). Why they differ is the diagnosis' part.
 */
#include "evaluation/agreement.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* Words that receivers write for one of the standard results. */
static const struct {
    const char *method, *word, *meaning;
} synonyms[] = {
    { "spf", "hardfail", "fail" },          { "spf", "error", "temperror" },
    { "spf", "unknown", "permerror" },      { "dkim", "timeout", "temperror" },
    { "dkim", "perm_fail", "permerror" },   { "dkim", "permfail", "permerror" },
    { "dkim", "temp_fail", "temperror" },   { "dkim", "hardfail", "fail" },
    { "dkim", "invalid", "permerror" },     { "dmarc", "bestguesspass", "none" },
    { "dmarc", "unknown", "none" },         { "dmarc", "temp_error", "temperror" },
    { "dmarc", "perm_error", "permerror" },
};

static const char *
standard_word(const char *method, const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(synonyms); i++)
        if (strcmp(synonyms[i].method, method) == 0 && strcmp(synonyms[i].word, word) == 0)
            return synonyms[i].meaning;
    return word;
}

/* DKIM words are compared as classes: receivers differ between fail, neutral and permerror for one
 * and the same fault. */
static const char *
dkim_class(const char *word)
{
    if (strcmp(word, "pass") == 0 || strcmp(word, "temperror") == 0)
        return word;
    return "no pass";
}

static gboolean
words_agree(const char *method, const char *recorded, const char *evaluated)
{
    const char *theirs = standard_word(method, recorded);
    if (!evaluated)
        return FALSE;
    if (strcmp(method, "dkim") == 0)
        return strcmp(dkim_class(theirs), dkim_class(evaluated)) == 0;
    return strcmp(theirs, evaluated) == 0;
}

void
dt_agreement_free(dt_agreement *agreement)
{
    g_free(agreement->domain);
    g_free(agreement);
}

/* The domain in a value such as "D", "@D", "local@D". */
static char *
domain_of_value(const char *value)
{
    if (!value)
        return NULL;
    const char *at = strrchr(value, '@');
    return dt_name_from_mail(at ? at + 1 : value);
}

/* Does header.d, else header.i, fit, and the selector where one is recorded? */
static gboolean
names_signature(const dt_recorded_result *result, const dt_dkim_signature *signature,
                guint signature_count)
{
    g_autofree char *d = domain_of_value(dt_recorded_property(result, "header.d"));
    g_autofree char *i = domain_of_value(dt_recorded_property(result, "header.i"));
    const char *s = dt_recorded_property(result, "header.s");
    if (!signature->domain)
        return FALSE;
    if (d && strcmp(d, signature->domain) != 0)
        return FALSE;
    if (!d && i && !dt_name_is_within(i, signature->domain))
        return FALSE;
    if (!d && !i && signature_count != 1)
        return FALSE;
    return !s || !signature->s || dt_text_equal(s, signature->s);
}

static gboolean
b_fits(const dt_recorded_result *result, const dt_dkim_signature *signature)
{
    const char *b = dt_recorded_property(result, "header.b");
    return !b || !signature->b_start ||
           strncmp(b, signature->b_start, MIN(strlen(b), strlen(signature->b_start))) == 0;
}

/* Does a recorded DKIM result speak of this signature? header.b chooses among several that fit in
 * name (RFC 6008); where it fits none, the name decides: b= may have been changed on the way too.
 */
static gboolean
speaks_of(const dt_recorded_result *result, const GPtrArray *signatures, guint index)
{
    if (!names_signature(result, signatures->pdata[index], signatures->len))
        return FALSE;
    if (b_fits(result, signatures->pdata[index]))
        return TRUE;
    for (guint i = 0; i < signatures->len; i++)
        if (names_signature(result, signatures->pdata[i], signatures->len) &&
            b_fits(result, signatures->pdata[i]))
            return FALSE;
    return TRUE;
}

typedef gboolean (*result_func)(dt_case *subject, const dt_recorded *field,
                                const dt_recorded_result *result, gpointer data);

/* Calls func for each believed result of method until it returns FALSE. */
static void
each_believed(const dt_case *subject, const char *method, result_func func, gpointer data)
{
    const GPtrArray *recorded = dt_message_recorded(subject->message);
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *field = recorded->pdata[i];
        if (subject->boundary->trust[i] == DT_TRUST_NONE || field->header == DT_HEADER_AAR)
            continue;
        for (guint k = 0; k < field->results->len; k++) {
            const dt_recorded_result *result = field->results->pdata[k];
            if (strcmp(result->method, method) == 0 &&
                !func((dt_case *)subject, field, result, data))
                return;
        }
    }
}

/* ---- asked by the diagnosis ---------------------------------------------------------------- */

typedef struct {
    guint signature; /* index */
    const dt_recorded_result *found;
} dkim_search;

static gboolean
take_dkim(dt_case *subject, const dt_recorded *field, const dt_recorded_result *result,
          gpointer data)
{
    dkim_search *search = data;
    if (!speaks_of(result, subject->dkim->signatures, search->signature))
        return TRUE;
    /* A pass that any believed result records outweighs what another one says of the same
     * signature. */
    if (!search->found || strcmp(result->result, "pass") == 0)
        search->found = result;
    return strcmp(search->found->result, "pass") != 0;
}

const dt_recorded_result *
dt_case_recorded_dkim(const dt_case *subject, guint index)
{
    dkim_search search = { .signature = index };
    each_believed(subject, "dkim", take_dkim, &search);
    return search.found;
}

static gboolean
is_helo_only(const dt_recorded_result *result)
{
    const char *identity = dt_recorded_property(result, "identity");
    if (identity)
        return dt_text_equal(identity, "helo");
    return dt_recorded_property(result, "smtp.helo") &&
           !dt_recorded_property(result, "smtp.mailfrom") &&
           !dt_recorded_property(result, "smtp.mail") &&
           !dt_recorded_property(result, "envelope-from");
}

static gboolean
take_spf(dt_case *subject, const dt_recorded *field, const dt_recorded_result *result,
         gpointer data)
{
    const dt_recorded_result **found = data;
    if (is_helo_only(result))
        return TRUE;
    *found = result;
    return FALSE;
}

const dt_recorded_result *
dt_case_recorded_spf(const dt_case *subject)
{
    const dt_recorded_result *found = NULL;
    each_believed(subject, "spf", take_spf, &found);
    return found;
}

gboolean
dt_case_has_believed_results(const dt_case *subject)
{
    const GPtrArray *recorded = dt_message_recorded(subject->message);
    for (guint i = 0; i < recorded->len; i++)
        if (subject->boundary->trust[i] != DT_TRUST_NONE)
            return TRUE;
    return FALSE;
}

const char *
dt_case_recorded_verdict(const dt_case *subject)
{
    return subject->recorded_dmarc ? subject->recorded_dmarc->result : NULL;
}

/* ---- the list ------------------------------------------------------------------------------ */

static void
add_agreement(dt_case *subject, const dt_recorded *field, const dt_recorded_result *result,
              const char *method, const char *domain, const char *evaluated, gint signature)
{
    dt_agreement *agreement = g_new0(dt_agreement, 1);
    agreement->method = method;
    agreement->domain = g_strdup(domain);
    agreement->recorded = result->result;
    agreement->evaluated = evaluated;
    agreement->agrees = words_agree(method, result->result, evaluated);
    agreement->field = field;
    agreement->signature = signature;
    g_ptr_array_add(subject->agreement, agreement);
}

static gboolean
compare_spf(dt_case *subject, const dt_recorded *field, const dt_recorded_result *result,
            gpointer data)
{
    const dt_spf *spf = subject->spf;
    if (!is_helo_only(result) || spf->is_helo)
        add_agreement(subject, field, result, "spf", spf->domain, dt_spf_result_word(spf->result),
                      -1);
    return TRUE;
}

static gboolean
compare_dkim(dt_case *subject, const dt_recorded *field, const dt_recorded_result *result,
             gpointer data)
{
    const GPtrArray *signatures = subject->dkim->signatures;
    for (guint i = 0; i < signatures->len; i++) {
        const dt_dkim_signature *signature = signatures->pdata[i];
        if (speaks_of(result, signatures, i)) {
            add_agreement(subject, field, result, "dkim", signature->domain,
                          dt_dkim_result_word(signature->result), i);
            return TRUE;
        }
    }
    g_autofree char *d = domain_of_value(dt_recorded_property(result, "header.d"));
    g_autofree char *i = domain_of_value(dt_recorded_property(result, "header.i"));
    if (strcmp(result->result, "none") != 0 || signatures->len > 0)
        add_agreement(subject, field, result, "dkim", d ? d : i, signatures->len ? NULL : "none",
                      -1);
    return TRUE;
}

static gboolean
compare_dmarc(dt_case *subject, const dt_recorded *field, const dt_recorded_result *result,
              gpointer data)
{
    if (!subject->recorded_dmarc)
        subject->recorded_dmarc = result;
    add_agreement(subject, field, result, "dmarc", subject->dmarc->from_domain,
                  dt_case_verdict(subject), -1);
    return TRUE;
}

void
dt_case_compare(dt_case *subject)
{
    each_believed(subject, "spf", compare_spf, NULL);
    each_believed(subject, "dkim", compare_dkim, NULL);
    each_believed(subject, "dmarc", compare_dmarc, NULL);
}
