/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Puts a case together: which hop, which inputs, then SPF, DKIM, ARC and DMARC over one resolver;
 * and the same case once more with something supposed. Judges nothing: what the results mean is the
 * diagnosis' part.
 */
#include "evaluation/case.h"
#include "evaluation/agreement.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define DAMAGE_BUDGET_MS 150

static const char *const as_of_words[] = {
    [DT_AS_OF_NONE] = NULL,   [DT_AS_OF_OPTION] = "option", [DT_AS_OF_BOUNDARY] = "boundary",
    [DT_AS_OF_DATE] = "date", [DT_AS_OF_NOW] = "now",
};

const char *
dt_as_of_word(dt_as_of source)
{
    return as_of_words[source];
}

static const dt_hop *
boundary_hop(const dt_case *subject)
{
    const GPtrArray *hops = dt_message_hops(subject->message);
    gint index = subject->boundary->hop;
    return index >= 0 && (guint)index < hops->len ? hops->pdata[index] : NULL;
}

/* As of when signatures are judged: option, boundary, Date, now (the contract's --at). */
static void
decide_as_of(dt_case *subject)
{
    const dt_hop *hop = boundary_hop(subject);
    gint64 date = dt_message_date(subject->message);
    if (subject->context->at != DT_TIME_NONE) {
        subject->as_of = subject->context->at;
        subject->as_of_source = DT_AS_OF_OPTION;
    } else if (hop && hop->time != DT_TIME_NONE) {
        subject->as_of = hop->time;
        subject->as_of_source = DT_AS_OF_BOUNDARY;
    } else if (date != DT_TIME_NONE) {
        subject->as_of = date;
        subject->as_of_source = DT_AS_OF_DATE;
    } else {
        subject->as_of = subject->context->now;
        subject->as_of_source = DT_AS_OF_NOW;
    }
}

static void
evaluate_spf(dt_case *subject, const char *mail_from)
{
    if (!subject->inputs->ip || !mail_from) {
        subject->spf = g_new0(dt_spf, 1);
        subject->spf->trace = g_ptr_array_new();
        subject->spf->via = g_ptr_array_new();
        return;
    }
    dt_spf_input input = {
        .ip = subject->inputs->ip,
        .helo = subject->inputs->helo,
        .mail_from = mail_from,
        .time = subject->evaluated_at,
        .with_libspf2 = !subject->is_what_if,
    };
    subject->spf = dt_spf_evaluate(subject->resolver, &input);
}

static void
collect_identifiers(dt_case *subject, const char *signing_domain)
{
    subject->identifiers = g_ptr_array_new_with_free_func((GDestroyNotify)dt_identifier_free);
    const dt_spf *spf = subject->spf;
    if (spf->result != DT_SPF_NOT_EVALUATED) {
        subject->spf_identifier = dt_identifier_new(TRUE, spf->result == DT_SPF_PASS,
                                                    spf->result == DT_SPF_TEMPERROR, spf->domain);
        g_ptr_array_add(subject->identifiers, subject->spf_identifier);
    }
    for (guint i = 0; i < subject->dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = subject->dkim->signatures->pdata[i];
        g_ptr_array_add(subject->identifiers,
                        dt_identifier_new(FALSE, signature->result == DT_DKIM_PASS,
                                          signature->result == DT_DKIM_TEMPERROR,
                                          signature->domain));
    }
    if (signing_domain)
        g_ptr_array_add(subject->identifiers,
                        dt_identifier_new(FALSE, TRUE, FALSE, signing_domain));
}

static void
evaluate_dmarc(dt_case *subject)
{
    const dt_author *author = dt_message_author(subject->message);
    guint count = author->is_ambiguous ? 0 : author->domains->len;
    subject->dmarc =
        dt_dmarc_evaluate(subject->resolver, (const char *const *)author->domains->pdata, count,
                          subject->identifiers);
}

static dt_dkim_options
dkim_options(const dt_case *subject)
{
    return (dt_dkim_options){ .at = subject->as_of,
                              .max_signatures = DT_MAX_SIGNATURES,
                              .damage_search = subject->context->damage_search,
                              .damage_budget_ms = DAMAGE_BUDGET_MS };
}

/* Questions that the evaluation is sure to ask go out at the same time. */
static void
announce_questions(dt_case *subject)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *author = dt_message_author(subject->message)->domain;
    const char *mail_from = subject->inputs->mail_from;
    const char *at = mail_from ? strrchr(mail_from, '@') : NULL;
    g_autofree char *envelope = at ? dt_name_from_mail(at + 1) : NULL;
    if (author)
        g_ptr_array_add(names, dt_name_join("_dmarc", author));
    if (envelope && subject->inputs->ip)
        g_ptr_array_add(names, g_strdup(envelope));
    dt_question questions[2];
    guint count = 0;
    for (guint i = 0; i < names->len; i++)
        if (names->pdata[i])
            questions[count++] = (dt_question){ names->pdata[i], DT_RR_TXT };
    dt_resolver_prefetch(subject->resolver, questions, count);
}

static dt_case *
case_new(dt_context *context)
{
    dt_case *subject = g_new0(dt_case, 1);
    subject->context = context;
    subject->evaluated_at = context->now;
    subject->agreement = g_ptr_array_new_with_free_func((GDestroyNotify)dt_agreement_free);
    subject->warnings = g_ptr_array_new();
    return subject;
}

/* A delivery report stands for the message that it returns (RFC 3464, RFC 3462). */
static void
take_returned(dt_case *subject)
{
    dt_message *message = subject->message;
    subject->bounce = dt_message_bounce(message);
    dt_message *returned = subject->bounce && subject->bounce->attached
                               ? dt_message_read_attached(message, subject->bounce->attached, NULL)
                               : NULL;
    if (!returned)
        return;
    subject->outer = message;
    subject->message = returned;
}

/* Did a key owner vouch for the header, so that marks of SES on it are no mere claim? A signature
 * whose damage was found was made by its owner too, as was one that fits the header over a changed
 * body. */
static gboolean
has_voucher(const dt_case *subject)
{
    for (guint i = 0; i < subject->dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = subject->dkim->signatures->pdata[i];
        if (!dt_ses_is_signer(signature->domain) &&
            !dt_case_is_relaxed_aligned(subject, signature->domain))
            continue;
        const dt_recorded_result *recorded = dt_case_recorded_dkim(subject, i);
        if (signature->result == DT_DKIM_PASS || signature->signature == DT_CHECK_OK ||
            (signature->damage && signature->key) ||
            (recorded && strcmp(recorded->result, "pass") == 0))
            return TRUE;
    }
    return dt_case_spf_aligned(subject);
}

static gboolean
is_ses_unproven(const dt_case *subject)
{
    const char *ip = subject->inputs->ip;
    if (!subject->ses->via_ses || !ip || dt_text_ip_is_private(ip) || dt_ses_network_contains(ip))
        return FALSE;
    return !has_voucher(subject);
}

static void
evaluate_message(dt_case *subject)
{
    const dt_context *context = subject->context;
    dt_message *message = subject->message;
    subject->resolver = dt_resolver_new(context->source, context->timeout_ms);
    subject->ses = dt_ses_facts_new(message);
    subject->boundary =
        dt_boundary_find(message, (const char *const *)context->authserv_ids->pdata);
    subject->inputs = dt_inputs_collect(message, subject->boundary, context->ip, context->helo,
                                        context->mail_from);
    decide_as_of(subject);
    announce_questions(subject);
    evaluate_spf(subject, subject->inputs->mail_from);
    dt_dkim_options options = dkim_options(subject);
    subject->dkim = dt_dkim_evaluate(message, subject->resolver, &options);
    subject->arc = dt_arc_evaluate(message, subject->resolver, subject->as_of);
    collect_identifiers(subject, NULL);
    evaluate_dmarc(subject);
    dt_case_compare(subject);
    subject->is_ses_unproven = is_ses_unproven(subject);
    g_ptr_array_extend(subject->warnings, (GPtrArray *)dt_message_warnings(message), NULL, NULL);
    g_ptr_array_extend(subject->warnings, subject->inputs->warnings, NULL, NULL);
}

dt_case *
dt_case_new(dt_context *context, dt_message *message)
{
    g_return_val_if_fail(context && context->source && message, NULL);
    dt_case *subject = case_new(context);
    subject->message = message;
    take_returned(subject);
    evaluate_message(subject);
    return subject;
}

dt_case *
dt_case_new_outer(dt_context *context, dt_message *message)
{
    g_return_val_if_fail(context && context->source && message, NULL);
    dt_case *subject = case_new(context);
    subject->message = message;
    subject->bounce = dt_message_bounce(message);
    evaluate_message(subject);
    return subject;
}

dt_case *
dt_case_new_domain(dt_context *context, const char *name)
{
    g_return_val_if_fail(context && context->source && name, NULL);
    dt_case *subject = case_new(context);
    subject->domain = g_strdup(name);
    subject->resolver = dt_resolver_new(context->source, context->timeout_ms);
    subject->identifiers = g_ptr_array_new_with_free_func((GDestroyNotify)dt_identifier_free);
    subject->dmarc = dt_dmarc_evaluate(subject->resolver, &name, 1, subject->identifiers);
    return subject;
}

/* The envelope sender with its domain exchanged; a null sender stays one. */
static char *
supposed_mail_from(const dt_case *subject, const char *mail_from_domain)
{
    const char *mail_from = subject->inputs->mail_from;
    if (!mail_from || !mail_from[0] || !mail_from_domain)
        return g_strdup(mail_from);
    const char *at = strrchr(mail_from, '@');
    g_autofree char *local = g_strndup(mail_from, at ? (gsize)(at - mail_from) : strlen(mail_from));
    return g_strconcat(local, "@", mail_from_domain, NULL);
}

static void
what_if_message(dt_case *view, const dt_case *subject, const dt_what_if *what_if)
{
    view->message = subject->message;
    view->ses = subject->ses;
    view->boundary = subject->boundary;
    view->inputs = subject->inputs;
    view->as_of = subject->as_of;
    g_autofree char *mail_from = supposed_mail_from(subject, what_if->mail_from_domain);
    evaluate_spf(view, mail_from);
    dt_dkim_options options = dkim_options(subject);
    options.damage_search = FALSE;
    view->dkim = dt_dkim_reevaluate(subject->dkim, subject->message, view->resolver, &options);
    collect_identifiers(view, what_if->signing_domain);
    evaluate_dmarc(view);
}

/* For a domain the supposed identifiers are all there is: what would pass, once SES sends so. */
static void
what_if_domain(dt_case *view, const dt_case *subject, const dt_what_if *what_if)
{
    view->domain = g_strdup(subject->domain);
    view->identifiers = g_ptr_array_new_with_free_func((GDestroyNotify)dt_identifier_free);
    if (what_if->mail_from_domain) {
        view->spf_identifier = dt_identifier_new(TRUE, TRUE, FALSE, what_if->mail_from_domain);
        g_ptr_array_add(view->identifiers, view->spf_identifier);
    }
    if (what_if->signing_domain)
        g_ptr_array_add(view->identifiers,
                        dt_identifier_new(FALSE, TRUE, FALSE, what_if->signing_domain));
    const char *name = view->domain;
    view->dmarc = dt_dmarc_evaluate(view->resolver, &name, 1, view->identifiers);
}

dt_case *
dt_case_what_if(const dt_case *subject, const dt_what_if *what_if)
{
    dt_case *view = case_new(subject->context);
    g_autoptr(dt_zone) changes = what_if->changes ? dt_zone_ref(what_if->changes) : dt_zone_new();
    view->is_what_if = TRUE;
    view->resolver = dt_resolver_new_overlay(subject->resolver, changes);
    if (subject->message)
        what_if_message(view, subject, what_if);
    else
        what_if_domain(view, subject, what_if);
    return view;
}

void
dt_case_free(dt_case *subject)
{
    if (!subject)
        return;
    if (!subject->is_what_if) {
        dt_ses_facts_free(subject->ses);
        if (subject->boundary)
            dt_boundary_free(subject->boundary);
        if (subject->inputs)
            dt_inputs_free(subject->inputs);
        if (subject->arc)
            dt_arc_free(subject->arc);
    }
    dt_dmarc_free(subject->dmarc);
    g_ptr_array_unref(subject->identifiers);
    dt_dkim_free(subject->dkim);
    dt_spf_free(subject->spf);
    g_ptr_array_unref(subject->agreement);
    g_ptr_array_unref(subject->warnings);
    dt_resolver_free(subject->resolver);
    if (!subject->is_what_if) {
        dt_message_free(subject->message);
        dt_message_free(subject->outer);
    }
    g_free(subject->domain);
    g_free(subject);
}

const char *
dt_case_verdict(const dt_case *subject)
{
    return dt_verdict_word(subject->dmarc->result);
}

dt_message *
dt_case_message(const dt_case *subject)
{
    return subject->message;
}

dt_resolver *
dt_case_resolver(const dt_case *subject)
{
    return subject->resolver;
}

dt_identifier *
dt_case_dkim_identifier(const dt_case *subject, guint index)
{
    return subject->identifiers->pdata[index + (subject->spf_identifier ? 1 : 0)];
}

static gboolean
has_aligned(const dt_case *subject, gboolean is_spf)
{
    for (guint i = 0; i < subject->identifiers->len; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        if (identifier->is_spf == is_spf && identifier->passes &&
            identifier->aligned == DT_TERNARY_TRUE)
            return TRUE;
    }
    return FALSE;
}

gboolean
dt_case_spf_aligned(const dt_case *subject)
{
    return has_aligned(subject, TRUE);
}

gboolean
dt_case_dkim_aligned(const dt_case *subject)
{
    return has_aligned(subject, FALSE);
}

gboolean
dt_case_is_relaxed_aligned(const dt_case *subject, const char *name)
{
    const char *author = subject->dmarc->from_domain;
    if (!author || !name || !name[0])
        return FALSE;
    for (guint i = 0; i < subject->identifiers->len; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        if (g_strcmp0(identifier->domain, name) == 0 && identifier->passes)
            return identifier->alignment != DT_ALIGNMENT_NONE;
    }
    return dt_name_has_same_org(author, name);
}
