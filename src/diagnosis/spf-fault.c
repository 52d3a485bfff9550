/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What is wrong with the SPF record of the envelope domain (RFC 7208 3.2, 4.5, 4.6, 5.1, 6.1)? One
 * classification tells the faults apart, so that no two causes are named for one of them; the
 * causes in causes-spf-record.c and causes-spf-terms.c say it in words. The mended record comes
 * from spf-subject.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* What was found, with the text that decides (a term, or a whole damaged record). */
typedef struct {
    dt_record_fault fault;
    char *mark;
} verdict;

static void
verdict_clear(verdict *found)
{
    g_free(found->mark);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(verdict, verdict_clear)

static verdict
say(dt_record_fault fault, const char *mark)
{
    return (verdict){ fault, g_strdup(mark) };
}

/* ---- telling them apart -------------------------------------------------------------------- */

static gboolean
leads_to_ses(dt_view *view, const dt_spf_term *term)
{
    g_autofree char *target = term->target ? dt_name_from_mail(term->target) : NULL;
    return target && (dt_ses_is_amazon_name(target) || dt_view_names_ses(view, target));
}

/* A name below amazonses.com may be right: it is no mistake as long as it has a record. */
static gboolean
is_working_ses_name(dt_view *view, const dt_spf_term *term)
{
    g_autofree char *target = term->target ? dt_name_from_mail(term->target) : NULL;
    return term->kind == DT_TERM_INCLUDE && term->is_valid && term->qualifier == '+' && target &&
           dt_ses_is_amazon_name(target) && dt_view_spf_records(view, target, NULL) == 1;
}

static const char *
find_misspelt(dt_view *view, const dt_spf_record *record)
{
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        const dt_spf_term *next = i + 1 < record->terms->len ? record->terms->pdata[i + 1] : NULL;
        if (dt_spf_term_is_misspelt(term->text, next ? next->text : NULL) &&
            !is_working_ses_name(view, term))
            return term->text;
    }
    return NULL;
}

static const dt_spf_term *
find_kind(const dt_spf_record *record, dt_spf_term_kind kind)
{
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (term->kind == kind)
            return term;
    }
    return NULL;
}

/* An include behind the `all` that decided. */
static const char *
find_behind_all(dt_view *view, const dt_spf_record *record, const char *decided)
{
    const dt_spf_term *all = find_kind(record, DT_TERM_ALL);
    gboolean is_behind = FALSE;
    if (!all || g_strcmp0(decided, all->text) != 0)
        return NULL;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (is_behind && term->kind == DT_TERM_INCLUDE && leads_to_ses(view, term))
            return term->text;
        is_behind = is_behind || term == all;
    }
    return NULL;
}

static const char *
find_copy(dt_view *view, const dt_spf_record *record)
{
    for (guint i = 0; i < record->terms->len; i++)
        if (dt_spf_is_copied_network(view, record->terms->pdata[i]))
            return ((const dt_spf_term *)record->terms->pdata[i])->text;
    return NULL;
}

static verdict
classify_absent(dt_view *view, const dt_spf_subject *subject)
{
    const dt_answer *answer = dt_view_ask(view, subject->name, DT_RR_TXT);
    if (dt_answer_is_failure(answer))
        return say(DT_RECORD_NONE, NULL);
    for (guint i = 0; i < answer->record_count; i++)
        if (dt_spf_text_is_damaged(answer->records[i].data))
            return say(DT_RECORD_DAMAGED, answer->records[i].data);
    return say(dt_spf_root_with_ses(view) ? DT_RECORD_ROOT_ONLY : DT_RECORD_NO_RECORD, NULL);
}

static verdict
classify_permerror(dt_view *view, const dt_spf_subject *subject, const dt_spf_record *record)
{
    const dt_spf *spf = subject->spf;
    const char *misspelt = find_misspelt(view, record);
    switch (spf->fault) {
    case DT_SPF_FAULT_LOOKUP_LIMIT:
    case DT_SPF_FAULT_MX_LIMIT:
        return say(DT_RECORD_LOOKUP_LIMIT, spf->fault_term);
    case DT_SPF_FAULT_VOID_LIMIT:
        return say(DT_RECORD_VOID_LIMIT, spf->fault_term);
    case DT_SPF_FAULT_SYNTAX:
        if (g_strcmp0(spf->fault_domain, subject->name) != 0)
            return say(DT_RECORD_BROKEN_INCLUDE, spf->fault_domain);
        if (dt_spf_text_has_strange_characters(record->text))
            return say(DT_RECORD_DAMAGED, spf->fault_term);
        return misspelt ? say(DT_RECORD_TYPO, misspelt) : say(DT_RECORD_SYNTAX, spf->fault_term);
    case DT_SPF_FAULT_NO_RECORD:
        return misspelt ? say(DT_RECORD_TYPO, misspelt)
                        : say(DT_RECORD_BROKEN_INCLUDE, spf->fault_term);
    case DT_SPF_FAULT_MULTIPLE:
        return say(DT_RECORD_BROKEN_INCLUDE, spf->fault_domain);
    case DT_SPF_FAULT_NONE:
    case DT_SPF_FAULT_DNS:
        break;
    }
    return say(DT_RECORD_NONE, NULL);
}

/* Softfail, fail or neutral: the walk came to an end that is no pass. */
static verdict
classify_refusal(dt_view *view, const dt_spf_subject *subject, const dt_spf_record *record)
{
    if (!subject->own && dt_spf_client_is_own(view))
        return say(DT_RECORD_OWN_ADDRESS, NULL);
    if (!subject->own && !dt_view_client_is_ses(view))
        return say(DT_RECORD_NONE, NULL);
    const char *term = find_misspelt(view, record);
    const char *behind = find_behind_all(view, record, subject->spf->mechanism);
    /* What is never read is no matter of its sign. */
    if (term && term != behind)
        return say(DT_RECORD_TYPO, term);
    if (behind)
        return say(DT_RECORD_AFTER_ALL, behind);
    const dt_spf_term *redirect = find_kind(record, DT_TERM_REDIRECT);
    if (redirect && find_kind(record, DT_TERM_ALL) && leads_to_ses(view, redirect))
        return say(DT_RECORD_REDIRECT, redirect->text);
    if (dt_view_names_ses(view, subject->name))
        return say(DT_RECORD_NONE, NULL);
    term = find_copy(view, record);
    return term ? say(DT_RECORD_FLATTENED, term)
                : say(DT_RECORD_NO_INCLUDE, subject->spf->mechanism);
}

static verdict
classify(dt_view *view, const dt_spf_subject *subject)
{
    g_autoptr(dt_spf_record) record = NULL;
    switch (subject->spf->result) {
    case DT_SPF_NONE:
        return classify_absent(view, subject);
    case DT_SPF_PERMERROR:
        if (dt_view_spf_records(view, subject->name, &record) > 1)
            return say(DT_RECORD_MULTIPLE, NULL);
        return record ? classify_permerror(view, subject, record) : say(DT_RECORD_NONE, NULL);
    case DT_SPF_FAIL:
    case DT_SPF_SOFTFAIL:
    case DT_SPF_NEUTRAL:
        dt_view_spf_records(view, subject->name, &record);
        return record ? classify_refusal(view, subject, record) : say(DT_RECORD_NONE, NULL);
    case DT_SPF_NOT_EVALUATED:
    case DT_SPF_PASS:
    case DT_SPF_TEMPERROR:
        break;
    }
    return say(DT_RECORD_NONE, NULL);
}

/* ---- recognising and mending, the same for all --------------------------------------------- */

static void
show_evidence(dt_view *view, dt_finding *finding, const dt_spf_subject *subject, const char *mark)
{
    dt_bind(finding, "E", subject->name);
    dt_bind(finding, "ip", subject->ip);
    dt_bind(finding, "result", dt_spf_result_word(subject->spf->result));
    dt_bind(finding, "term", mark);
    if (view->subject->message)
        dt_evidence_envelope(view, finding);
    dt_evidence_answer(finding, dt_view_ask(view, subject->name, DT_RR_TXT), mark);
    if (subject->spf->fault_text)
        dt_evidence_computed(finding, "SPF", "%s", subject->spf->fault_text);
}

dt_record_fault
dt_spf_recognise_fault(dt_view *view, dt_finding *finding, dt_record_fault wanted,
                       dt_record_fault also)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!dt_spf_subject_open(view, &subject))
        return DT_RECORD_NONE;
    g_auto(verdict) found = classify(view, &subject);
    if (found.fault == DT_RECORD_NONE || (found.fault != wanted && found.fault != also))
        return DT_RECORD_NONE;
    show_evidence(view, finding, &subject, found.mark);
    return found.fault;
}

void
dt_spf_mend_record(dt_view *view, dt_finding *finding, gboolean are_copies_dropped,
                   const char *text)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!dt_spf_subject_open(view, &subject))
        return;
    g_autofree char *value = dt_spf_subject_mend(view, &subject, are_copies_dropped);
    if (value)
        dt_spf_subject_fix(view, finding, &subject, value, text);
    else
        dt_fix_set(view, finding, DT_WHERE_DNS,
                   "Write the SPF record of {E} anew; as the answers are now, no edit of it "
                   "lets {ip} pass",
                   NULL);
}
