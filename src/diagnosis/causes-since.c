/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the receiver recorded another result than today's evaluation gives, and neither the copy,
 * a passing failure nor the difference of RFC 7489 and RFC 9989 explains it: then DNS changed
 * since. On the way each disagreement gets the code that explains it.
 */
#include "diagnosis/dkim-facts.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define CHANGED "dns-changed-since"

/* Recorded results that are compared: one receiver does not write more. */
#define MAX_ENTRIES 200

static gboolean
is_word(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
is_transient(const char *word)
{
    static const char *const words[] = { "temperror", "timeout", "temp_fail", "temp_error",
                                         "tempfail",  "error",   NULL };
    return is_word(word, words);
}

/* The first of codes that was found; NULL none. */
static const char *
first_found(const dt_view *view, const char *const *codes)
{
    for (; *codes; codes++)
        if (dt_view_found(view, *codes))
            return *codes;
    return NULL;
}

/* The recorded result that an entry was made of; entries and results stand in the same order, so
 * the word tells enough. */
static const dt_recorded_result *
result_of(const dt_agreement *entry)
{
    for (guint i = 0; i < entry->field->results->len; i++) {
        const dt_recorded_result *result = entry->field->results->pdata[i];
        if (strcmp(result->method, entry->method) == 0 && result->result == entry->recorded)
            return result;
    }
    return NULL;
}

static gboolean
has_comment(const dt_agreement *entry, const char *part)
{
    const dt_recorded_result *result = result_of(entry);
    return result && ((result->comment && dt_text_contains(result->comment, part)) ||
                      (result->reason && dt_text_contains(result->reason, part)));
}

/* ---- SPF ----------------------------------------------------------------------------------- */

/* Was another name or client judged there? Then the results are of two questions. */
static gboolean
is_other_question(const dt_view *view, const dt_agreement *entry)
{
    const dt_inputs *inputs = view->subject->inputs;
    if (inputs->ip_source == DT_INPUT_OPTION || inputs->mail_from_source == DT_INPUT_OPTION)
        return TRUE;
    const dt_recorded_result *result = result_of(entry);
    static const char *const names[] = { "smtp.mailfrom", "smtp.mail", "envelope-from" };
    for (guint i = 0; result && i < G_N_ELEMENTS(names); i++) {
        const char *value = dt_recorded_property(result, names[i]);
        const char *at = value ? strrchr(value, '@') : NULL;
        g_autofree char *domain = value ? dt_name_from_mail(at ? at + 1 : value) : NULL;
        if (domain)
            return g_strcmp0(domain, view->subject->spf->domain) != 0;
    }
    return FALSE;
}

/* Receivers differ in what they count and in how they take a faulty record: no change of DNS is
 * needed for that. */
static gboolean
is_other_strictness(const dt_view *view, const dt_agreement *entry)
{
    static const char *const lenient[] = { "none", "neutral", NULL };
    const dt_spf *spf = view->subject->spf;
    if (spf->result != DT_SPF_PERMERROR)
        return FALSE;
    return spf->fault == DT_SPF_FAULT_LOOKUP_LIMIT || spf->fault == DT_SPF_FAULT_VOID_LIMIT ||
           spf->fault == DT_SPF_FAULT_MX_LIMIT || is_word(entry->recorded, lenient);
}

static const char *
explain_spf(const dt_view *view, const dt_agreement *entry)
{
    static const char *const transient[] = { "spf-temperror", NULL };
    static const char *const forwarded[] = { "spf-forwarded", NULL };
    if (is_transient(entry->recorded) || strcmp(entry->evaluated, "temperror") == 0)
        return first_found(view, transient);
    if (is_other_question(view, entry))
        return first_found(view, forwarded);
    if (is_other_strictness(view, entry) || has_comment(entry, "best guess"))
        return NULL;
    return CHANGED;
}

/* ---- DKIM ---------------------------------------------------------------------------------- */

static const char *
explain_dkim(const dt_view *view, const dt_agreement *entry)
{
    static const char *const transient[] = { "dkim-servfail-cname", "dkim-timeout", NULL };
    if (entry->signature < 0)
        return NULL;
    const dt_dkim_signature *signature = dt_view_signature(view, entry->signature);
    dt_excuse excuse = dt_excuse_of(view, entry->signature);
    if (excuse != DT_EXCUSE_NONE)
        return dt_excuse_code(excuse);
    if (strcmp(entry->evaluated, "temperror") == 0 ||
        (is_transient(entry->recorded) && !has_comment(entry, "no key")))
        return first_found(view, transient);
    /* A body that did not fit there and fits here has nothing to do with DNS. */
    if (signature->result == DT_DKIM_PASS)
        return has_comment(entry, "body hash") ? NULL : CHANGED;
    return signature->reason == DT_REASON_KEY_SYNTAX ||
                   signature->reason == DT_REASON_KEY_MULTIPLE ||
                   signature->reason == DT_REASON_KEY_TYPE_MISMATCH
               ? CHANGED
               : NULL;
}

/* ---- DMARC --------------------------------------------------------------------------------- */

/* What made a mechanism give another result there, if that is known. */
static const char *
explained_by_mechanism(const dt_view *view)
{
    for (guint i = 0; i < MIN(view->subject->agreement->len, MAX_ENTRIES); i++) {
        const dt_agreement *entry = view->subject->agreement->pdata[i];
        gboolean is_own = entry->signature < 0 || dt_view_is_own_signature(view, entry->signature);
        if (!entry->agrees && entry->explanation && is_own && strcmp(entry->method, "dmarc") != 0)
            return entry->explanation;
    }
    return NULL;
}

/* A signature that could have carried the pass, over a text that is not the signed one: DNS need
 * not have changed for that. */
static gboolean
is_damaged(const dt_view *view)
{
    for (guint i = 0; i < dt_view_signature_count(view); i++) {
        dt_dkim_reason reason = dt_view_signature(view, i)->reason;
        if (dt_view_is_own_signature(view, i) &&
            (reason == DT_REASON_BODY_CHANGED || reason == DT_REASON_HEADER_CHANGED ||
             reason == DT_REASON_BODY_AND_HEADER_CHANGED))
            return TRUE;
    }
    return FALSE;
}

static const char *
explain_dmarc(const dt_view *view, const dt_agreement *entry)
{
    static const char *const transient[] = { "dmarc-temperror", "dkim-servfail-cname",
                                             "dkim-timeout", "spf-temperror", NULL };
    static const char *const standards[] = { "dmarc-psd-n-split", "dmarc-psl-vs-walk", NULL };
    static const char *const permerror[] = { "dmarc-permerror-ms", NULL };
    static const char *const author[] = { "multi-from", "from-no-domain", "from-ambiguous", NULL };
    static const char *const arc[] = { "arc-override", NULL };
    static const char *const damage[] = { "saved-changed", "dkim-body-changed",
                                          "dkim-header-changed", NULL };
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (is_transient(entry->recorded) || dmarc->result == DT_VERDICT_TEMPERROR)
        return first_found(view, transient);
    if (dmarc->result == DT_VERDICT_PERMERROR)
        return first_found(view, author);
    if (strcmp(entry->recorded, "permerror") == 0 && dmarc->result == DT_VERDICT_NONE)
        return first_found(view, permerror);
    const char *mechanism = explained_by_mechanism(view);
    if (mechanism)
        return mechanism;
    if (dmarc->rfc7489.result != dmarc->result &&
        dt_verdict_parse(entry->recorded) == dmarc->rfc7489.result)
        return first_found(view, standards);
    if (dmarc->result == DT_VERDICT_FAIL && view->subject->arc->result == DT_ARC_PASS &&
        strcmp(entry->recorded, "pass") == 0)
        return first_found(view, arc);
    if (dmarc->result == DT_VERDICT_FAIL && strcmp(entry->recorded, "pass") == 0 &&
        is_damaged(view))
        return first_found(view, damage);
    return CHANGED;
}

/* ---- dns-changed-since --------------------------------------------------------------------- */

static const char *
explain(const dt_view *view, const dt_agreement *entry)
{
    const dt_agreement *lost = dt_view_lost_signature(view);
    if (lost && (entry == lost || strcmp(entry->method, "dmarc") == 0) && !entry->agrees)
        return "saved-changed";
    if (entry->agrees || !entry->evaluated)
        return NULL;
    if (strcmp(entry->method, "spf") == 0)
        return explain_spf(view, entry);
    return strcmp(entry->method, "dkim") == 0 ? explain_dkim(view, entry)
                                              : explain_dmarc(view, entry);
}

static void
show_change(dt_view *view, dt_finding *finding, const dt_agreement *entry)
{
    const dt_case *subject = view->subject;
    g_autofree char *mark = g_strconcat(entry->method, "=", entry->recorded, NULL);
    dt_evidence_field(finding, entry->field->field, mark);
    dt_evidence_computed(finding, entry->method, "recorded %s, with today's answers %s",
                         entry->recorded, entry->evaluated);
    if (strcmp(entry->method, "spf") == 0 && subject->spf->domain)
        dt_evidence_answer(finding, dt_view_ask(view, subject->spf->domain, DT_RR_TXT), "v=spf1");
    else if (strcmp(entry->method, "dmarc") == 0 && view->author)
        dt_evidence_answer(
            finding,
            dt_view_ask_below(view, "_dmarc",
                              view->policy_domain ? view->policy_domain : view->author, DT_RR_TXT),
            NULL);
    else if (entry->signature >= 0 && dt_view_signature(view, entry->signature)->key &&
             dt_view_signature(view, entry->signature)->key->answer)
        dt_evidence_answer(finding, dt_view_signature(view, entry->signature)->key->answer, NULL);
}

static dt_certainty
recognise_changed_since(dt_view *view, dt_finding *finding)
{
    guint count = 0;
    /* With --assume the answers are not those of today. */
    gboolean is_assumed = view->subject->context->assumed != NULL;
    for (guint i = 0; i < MIN(view->subject->agreement->len, MAX_ENTRIES); i++) {
        dt_agreement *entry = view->subject->agreement->pdata[i];
        entry->explanation = explain(view, entry);
        if (is_assumed && g_strcmp0(entry->explanation, CHANGED) == 0)
            entry->explanation = NULL;
        if (g_strcmp0(entry->explanation, CHANGED) != 0)
            continue;
        if (count++ == 0) {
            dt_bind(finding, "method", entry->method);
            dt_bind(finding, "recorded", entry->recorded);
            dt_bind(finding, "evaluated", entry->evaluated);
        }
        if (count <= 3)
            show_change(view, finding, entry);
    }
    return count ? DT_CERTAIN : DT_ABSENT;
}

static void
mend_changed_since(dt_view *view, dt_finding *finding)
{
    dt_fix_resend(view, finding, "Send a new test message and judge the set-up of today by that");
}

static const dt_cause dns_changed_since = {
    .code = CHANGED,
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_changed_since,
    .mend = mend_changed_since,
    .title = "DNS was changed since the message was received",
    .explanation = "The receiver recorded {method}={recorded}; with the answers of today it is "
                   "{evaluated}, and no change of the message explains that. A record was "
                   "published, changed or removed since.",
    .recognised = "A believed result differs from the evaluation of today, and neither damage to "
                  "the copy, a passing failure, nor the difference "
                  "between RFC 7489 and RFC 9989 explains it. What is wrong in DNS today is named "
                  "beside it all the same.",
    .remedy = "Send a new message and look at that one.",
    .reference = "RFC 8601 section 1.6; RFC 9989 section 5",
};

const dt_cause *const dt_causes_since[] = { &dns_changed_since, NULL };
