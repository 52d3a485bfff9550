/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The walk over the records (RFC 7208 4.4 to 4.7, include of 5.2, redirect of 6.1), with the lookup
 * limit of 4.6.4 and the trace. What a single mechanism matches is mechanism.c, whose identity is
 * checked evaluate.c.
 */
#include "spf/walk.h"

#include <string.h>

#include "base/text.h"

dt_spf_step *
dt_spf_walk_step(dt_spf_walk *walk, const char *domain, const char *term)
{
    GPtrArray *trace = walk->spf->trace;
    if (trace->len >= DT_SPF_MAX_STEPS) {
        if (!walk->spare_step)
            walk->spare_step = g_new0(dt_spf_step, 1);
        return walk->spare_step;
    }
    dt_spf_step *step = g_new0(dt_spf_step, 1);
    step->depth = walk->stack->len > 0 ? walk->stack->len - 1 : 0;
    step->domain = g_strdup(domain);
    step->term = g_strdup(term);
    g_ptr_array_add(trace, step);
    return step;
}

/* outcome NULL: it stays as it is; format NULL: no note. */
void
dt_spf_step_say(dt_spf_step *step, const char *outcome, const char *format, ...)
{
    if (outcome) {
        g_free(step->outcome);
        step->outcome = g_strdup(outcome);
    }
    g_free(step->note);
    step->note = NULL;
    if (!format)
        return;
    va_list arguments;
    va_start(arguments, format);
    step->note = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

dt_spf_match
dt_spf_walk_stop(dt_spf_walk *walk, dt_spf_fault fault, const char *domain, const char *term,
                 const char *format, ...)
{
    dt_spf *spf = walk->spf;
    if (spf->fault != DT_SPF_FAULT_NONE)
        return DT_SPF_STOP;
    spf->fault = fault;
    spf->fault_domain = g_strdup(domain);
    spf->fault_term = g_strdup(term);
    va_list arguments;
    va_start(arguments, format);
    spf->fault_text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return DT_SPF_STOP;
}

static dt_spf_result
stop_result(const dt_spf_walk *walk)
{
    return walk->spf->fault == DT_SPF_FAULT_DNS ? DT_SPF_TEMPERROR : DT_SPF_PERMERROR;
}

/* Remembers what decides, with the records on the way to it. */
static void
walk_decide(dt_spf_walk *walk, const char *mechanism)
{
    dt_spf *spf = walk->spf;
    g_free(spf->mechanism);
    spf->mechanism = g_strdup(mechanism);
    g_ptr_array_set_size(spf->via, 0);
    for (guint i = 0; i < walk->stack->len; i++)
        g_ptr_array_add(spf->via, g_strdup(g_ptr_array_index(walk->stack, i)));
}

/* ---- fetching a record (RFC 7208 4.4, 4.5) ------------------------------------------------- */

static dt_spf_result
refuse_many(dt_spf_walk *walk, const char *domain, guint count)
{
    dt_spf_step_say(dt_spf_walk_step(walk, domain, "TXT"), "permerror",
                    "%u SPF records, only one is allowed", count);
    dt_spf_walk_stop(walk, DT_SPF_FAULT_MULTIPLE, domain, NULL,
                     "%s has %u SPF records, only one is allowed", domain, count);
    return DT_SPF_PERMERROR;
}

static dt_spf_result
report_none(dt_spf_walk *walk, const char *domain, const dt_answer *answer)
{
    dt_spf_step *step = dt_spf_walk_step(walk, domain, "TXT");
    if (answer->status == DT_DNS_OK)
        dt_spf_step_say(step, "none", "no SPF record among %u TXT records", answer->record_count);
    else
        dt_spf_step_say(step, "none", "%s",
                        answer->status == DT_DNS_NXDOMAIN ? "NXDOMAIN" : "no TXT record");
    return DT_SPF_NONE;
}

static dt_spf_result
report_failure(dt_spf_walk *walk, const char *domain, const dt_answer *answer)
{
    const char *word = dt_dns_status_word(answer->status);
    dt_spf_step_say(dt_spf_walk_step(walk, domain, "TXT"), "temperror", "%s", word);
    dt_spf_walk_stop(walk, DT_SPF_FAULT_DNS, domain, NULL,
                     "the SPF record of %s could not be fetched: %s", domain, word);
    return DT_SPF_TEMPERROR;
}

/* All terms are read before the first is evaluated (RFC 7208 4.6). */
static gboolean
refuse_faulty(dt_spf_walk *walk, const char *domain, const dt_spf_record *record)
{
    if (record->is_valid)
        return FALSE;
    walk->is_malformed = TRUE;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = g_ptr_array_index(record->terms, i);
        if (term->is_valid)
            continue;
        dt_spf_step_say(dt_spf_walk_step(walk, domain, term->text), "permerror", "%s", term->fault);
        dt_spf_walk_stop(walk, DT_SPF_FAULT_SYNTAX, domain, term->text,
                         "the term \"%.200s\" in the SPF record of %s is faulty: %s", term->text,
                         domain, term->fault);
    }
    return TRUE;
}

static gpointer
read_record(const char *octets, gsize length)
{
    return dt_spf_record_parse(octets, length);
}

static void
free_record(gpointer record)
{
    dt_spf_record_free(record);
}

/* The one record of domain, kept with its answer, or NULL with the result that its lack gives. */
static const dt_spf_record *
fetch_record(dt_spf_walk *walk, const char *domain, dt_spf_result *result_out)
{
    const dt_answer *answer = dt_resolver_ask(walk->resolver, domain, DT_RR_TXT);
    if (dt_answer_is_failure(answer)) {
        *result_out = report_failure(walk, domain, answer);
        return NULL;
    }
    const dt_record *found = NULL;
    guint count = 0;
    for (guint i = 0; i < answer->record_count; i++)
        if (dt_spf_is_record_octets(answer->records[i].data, answer->records[i].length)) {
            found = &answer->records[i];
            count++;
        }
    if (count != 1) {
        *result_out = count ? refuse_many(walk, domain, count) : report_none(walk, domain, answer);
        return NULL;
    }
    const dt_spf_record *record = dt_record_reading(found, read_record, free_record);
    dt_spf_step_say(dt_spf_walk_step(walk, domain, record->text), "record", NULL);
    if (walk->stack->len == 1)
        walk->spf->record = g_strdup(record->text);
    if (refuse_faulty(walk, domain, record)) {
        *result_out = DT_SPF_PERMERROR;
        return NULL;
    }
    g_ptr_array_add(walk->accepted, (gpointer)answer);
    return record;
}

/* ---- terms (RFC 7208 4.6.2) ---------------------------------------------------------------- */

static gboolean
is_dns_term(dt_spf_term_kind kind)
{
    return kind == DT_TERM_INCLUDE || kind == DT_TERM_A || kind == DT_TERM_MX ||
           kind == DT_TERM_PTR || kind == DT_TERM_EXISTS || kind == DT_TERM_REDIRECT;
}

/* RFC 7208 4.6.4: over all records of one evaluation. */
static dt_spf_match
count_lookup(dt_spf_walk *walk, const dt_spf_term *term, const char *domain, dt_spf_step *step)
{
    if (!is_dns_term(term->kind) || ++walk->spf->lookup_count <= DT_SPF_MAX_LOOKUPS)
        return DT_SPF_NO_MATCH;
    dt_spf_step_say(step, "permerror", "lookup %u, %u are allowed", walk->spf->lookup_count,
                    DT_SPF_MAX_LOOKUPS);
    return dt_spf_walk_stop(walk, DT_SPF_FAULT_LOOKUP_LIMIT, domain, term->text,
                            "more than %u terms need DNS lookups: \"%.200s\" in the SPF record of "
                            "%s would be the next",
                            DT_SPF_MAX_LOOKUPS, term->text, domain);
}

/* What an include or a redirect leads to has no record: RFC 7208 5.2, 6.1. */
static dt_spf_match
stop_without_record(dt_spf_walk *walk, const dt_spf_term *term, const char *domain,
                    const char *target, dt_spf_step *step)
{
    const char *shown = target ? target : term->target;
    dt_spf_step_say(step, "permerror", "%.253s %s", shown,
                    target ? "has no SPF record" : "can be no name");
    return dt_spf_walk_stop(walk, DT_SPF_FAULT_NO_RECORD, shown, term->text,
                            "\"%.200s\" in the SPF record of %s: %.253s %s", term->text, domain,
                            shown, target ? "has no SPF record" : "can be no name");
}

/* RFC 7208 5.2: pass matches; fail, softfail and neutral do not; the rest are errors. */
static dt_spf_match
match_include(dt_spf_walk *walk, const dt_spf_term *term, const char *domain, dt_spf_step *step)
{
    g_autofree char *target = dt_spf_macro_name(walk, term->target, domain);
    dt_spf_result result = target ? dt_spf_walk_domain(walk, target, TRUE) : DT_SPF_NONE;
    switch (result) {
    case DT_SPF_PASS:
        dt_spf_step_say(step, NULL, "%s gives pass", target);
        return DT_SPF_MATCH;
    case DT_SPF_FAIL:
    case DT_SPF_SOFTFAIL:
    case DT_SPF_NEUTRAL:
        dt_spf_step_say(step, "no match", "%s gives %s", target, dt_spf_result_word(result));
        return DT_SPF_NO_MATCH;
    case DT_SPF_NONE:
    case DT_SPF_NOT_EVALUATED:
        return stop_without_record(walk, term, domain, target, step);
    case DT_SPF_PERMERROR:
    case DT_SPF_TEMPERROR:
        dt_spf_step_say(step, dt_spf_result_word(result), NULL);
        break;
    }
    return DT_SPF_STOP;
}

static dt_spf_match
match_term(dt_spf_walk *walk, const dt_spf_term *term, const char *domain, dt_spf_step *step)
{
    if (count_lookup(walk, term, domain, step) == DT_SPF_STOP)
        return DT_SPF_STOP;
    if (term->kind == DT_TERM_ALL)
        return DT_SPF_MATCH;
    if (term->kind == DT_TERM_INCLUDE)
        return match_include(walk, term, domain, step);
    return dt_spf_mechanism_match(walk, term, domain, step);
}

static const dt_spf_term *
find_term(const dt_spf_record *record, dt_spf_term_kind kind)
{
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = g_ptr_array_index(record->terms, i);
        if (term->kind == kind)
            return term;
    }
    return NULL;
}

/* The terms from index on are of no consequence any more. */
static void
skip_terms(dt_spf_walk *walk, const dt_spf_record *record, const char *domain, guint index)
{
    gboolean has_all = find_term(record, DT_TERM_ALL) != NULL;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = g_ptr_array_index(record->terms, i);
        if (term->kind == DT_TERM_REDIRECT && has_all)
            dt_spf_step_say(dt_spf_walk_step(walk, domain, term->text), "ignored",
                            "a record with all never comes to its redirect");
        else if (term->kind == DT_TERM_REDIRECT || (i >= index && term->qualifier))
            dt_spf_step_say(dt_spf_walk_step(walk, domain, term->text), "not reached", NULL);
    }
}

/* RFC 7208 6.2: only the record that gives the final result lends its explanation. */
static void
keep_explanation(dt_spf_walk *walk, const dt_spf_record *record, const char *domain)
{
    const dt_spf_term *term = find_term(record, DT_TERM_EXP);
    if (!term)
        return;
    walk->exp_target = g_strdup(term->target);
    walk->exp_domain = g_strdup(domain);
}

static dt_spf_result
follow_redirect(dt_spf_walk *walk, const dt_spf_term *term, const char *domain,
                gboolean is_included)
{
    dt_spf_step *step = dt_spf_walk_step(walk, domain, term->text);
    if (count_lookup(walk, term, domain, step) == DT_SPF_STOP)
        return DT_SPF_PERMERROR;
    g_autofree char *target = dt_spf_macro_name(walk, term->target, domain);
    dt_spf_result result = target ? dt_spf_walk_domain(walk, target, is_included) : DT_SPF_NONE;
    if (result == DT_SPF_NONE) {
        stop_without_record(walk, term, domain, target, step);
        return DT_SPF_PERMERROR;
    }
    dt_spf_step_say(step, dt_spf_result_word(result), NULL);
    return result;
}

/* RFC 7208 4.7: no mechanism matched. */
static dt_spf_result
end_record(dt_spf_walk *walk, const dt_spf_record *record, const char *domain, gboolean is_included)
{
    const dt_spf_term *redirect = find_term(record, DT_TERM_REDIRECT);
    if (redirect)
        return follow_redirect(walk, redirect, domain, is_included);
    dt_spf_step_say(dt_spf_walk_step(walk, domain, "end"), "neutral", "no term matches");
    walk_decide(walk, NULL);
    return DT_SPF_NEUTRAL;
}

static dt_spf_result
walk_terms(dt_spf_walk *walk, const dt_spf_record *record, const char *domain, gboolean is_included)
{
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = g_ptr_array_index(record->terms, i);
        if (!term->qualifier) /* modifiers come when their time has come */
            continue;
        dt_spf_step *step = dt_spf_walk_step(walk, domain, term->text);
        dt_spf_match match = match_term(walk, term, domain, step);
        if (match == DT_SPF_NO_MATCH)
            continue;
        skip_terms(walk, record, domain, i + 1);
        if (match == DT_SPF_STOP)
            return stop_result(walk);
        dt_spf_result result = dt_spf_qualifier_result(term->qualifier);
        g_free(step->outcome);
        step->outcome = g_strdup(dt_spf_result_word(result));
        if (term->kind != DT_TERM_INCLUDE) /* else the term inside has decided */
            walk_decide(walk, term->text);
        if (result == DT_SPF_FAIL && !is_included)
            keep_explanation(walk, record, domain);
        return result;
    }
    return end_record(walk, record, domain, is_included);
}

/* Bounded: every call but the first has been counted against the lookup limit. */
dt_spf_result
dt_spf_walk_domain(dt_spf_walk *walk, const char *domain, gboolean is_included)
{
    dt_spf_result result;
    g_ptr_array_add(walk->stack, g_strdup(domain));
    const dt_spf_record *record = fetch_record(walk, domain, &result);
    if (record) {
        dt_spf_prefetch_record(walk, record, domain);
        result = walk_terms(walk, record, domain, is_included);
    }
    if (result == DT_SPF_PERMERROR || result == DT_SPF_TEMPERROR) {
        if (!walk->is_stopped)
            walk_decide(walk, NULL);
        walk->is_stopped = TRUE;
    }
    g_ptr_array_set_size(walk->stack, walk->stack->len - 1);
    return result;
}
