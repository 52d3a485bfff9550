/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A case as the causes see it: the names D, O, P, R, I and M of the catalogue, whether SES
 * delivered the message itself, and the questions that several causes ask. Asks DNS only where a
 * cause needs the answer.
 */
#include "diagnosis/dkim-facts.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* Labels under which a custom MAIL FROM domain usually stands; the first three are proposed for a
 * new one. */
static const char *const usual_labels[] = { "bounce",  "mailfrom", "ses",   "mail", "send",
                                            "bounces", "em",       "email", "mg",   "return" };
#define PROPOSED_LABELS 3

const dt_answer *
dt_view_ask(dt_view *view, const char *name, dt_rr_type type)
{
    return dt_resolver_ask(view->resolver, name, type);
}

const dt_answer *
dt_view_ask_below(dt_view *view, const char *prefix, const char *name, dt_rr_type type)
{
    g_autofree char *whole = dt_name_join(prefix, name);
    return dt_resolver_ask(view->resolver, whole, type);
}

/* ---- signatures ---------------------------------------------------------------------------- */

guint
dt_view_signature_count(const dt_view *view)
{
    return view->subject->dkim ? view->subject->dkim->signatures->len : 0;
}

const dt_dkim_signature *
dt_view_signature(const dt_view *view, guint index)
{
    return view->subject->dkim->signatures->pdata[index];
}

gboolean
dt_view_is_amazon_signature(const dt_dkim_signature *signature)
{
    return signature->domain && dt_ses_is_signer(signature->domain);
}

gboolean
dt_view_is_own_signature(const dt_view *view, guint index)
{
    return dt_case_is_relaxed_aligned(view->subject, dt_view_signature(view, index)->domain);
}

gboolean
dt_view_recorded_pass(const dt_view *view, guint index)
{
    const dt_recorded_result *recorded = dt_case_recorded_dkim(view->subject, index);
    return recorded && strcmp(recorded->result, "pass") == 0;
}

gboolean
dt_view_signature_aligned(const dt_view *view, guint index)
{
    const dt_identifier *identifier = dt_case_dkim_identifier(view->subject, index);
    return identifier->passes && identifier->aligned == DT_TERNARY_TRUE;
}

gboolean
dt_view_has_own_signature(const dt_view *view)
{
    for (guint i = 0; i < dt_view_signature_count(view); i++)
        if (dt_view_is_own_signature(view, i))
            return TRUE;
    return FALSE;
}

/* Does the h= of witness name every field (as often) that the h= of signature names? */
static gboolean
covers(const dt_dkim_signature *witness, const dt_dkim_signature *signature)
{
    if (!witness->h || !signature->h)
        return FALSE;
    for (char **name = signature->h; *name; name++) {
        guint wanted = 0, there = 0;
        for (char **other = signature->h; *other; other++)
            wanted += dt_text_equal(*name, *other);
        for (char **other = witness->h; *other; other++)
            there += dt_text_equal(*name, *other);
        if (there < wanted)
            return FALSE;
    }
    return TRUE;
}

gint
dt_view_witness(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    for (guint i = 0; i < dt_view_signature_count(view); i++) {
        const dt_dkim_signature *other = dt_view_signature(view, i);
        gboolean is_later = other->t >= 0 && signature->t >= 0 && other->t > signature->t;
        if (i != index && other->signature == DT_CHECK_OK && !is_later && covers(other, signature))
            return i;
    }
    return -1;
}

/* ---- alignment ----------------------------------------------------------------------------- */

gboolean
dt_view_spf_aligned(const dt_view *view)
{
    return dt_case_spf_aligned(view->subject);
}

gboolean
dt_view_dkim_aligned(const dt_view *view)
{
    return dt_case_dkim_aligned(view->subject);
}

static gboolean
has_signature_of(const dt_view *view, const char *domain)
{
    for (guint i = 0; i < dt_view_signature_count(view); i++)
        if (g_strcmp0(dt_view_signature(view, i)->domain, domain) == 0)
            return TRUE;
    return FALSE;
}

/* Nothing of the message itself speaks for a signature that is not there, so its record must be
 * beyond a forger: above the boundary, named by the user, or brought by a client of SES. */
static gboolean
is_beyond_forgers(const dt_view *view, const dt_recorded *field)
{
    const GPtrArray *recorded = dt_message_recorded(view->subject->message);
    for (guint i = 0; i < recorded->len; i++)
        if (recorded->pdata[i] == field)
            return view->subject->boundary->trust[i] != DT_TRUST_OWN_ID ||
                   dt_ses_network_contains(view->subject->inputs->ip);
    return FALSE;
}

const dt_agreement *
dt_view_lost_signature(const dt_view *view)
{
    for (guint i = 0; i < view->subject->agreement->len; i++) {
        const dt_agreement *entry = view->subject->agreement->pdata[i];
        if (strcmp(entry->method, "dkim") == 0 && strcmp(entry->recorded, "pass") == 0 &&
            entry->signature < 0 && dt_case_is_relaxed_aligned(view->subject, entry->domain) &&
            !has_signature_of(view, entry->domain) && is_beyond_forgers(view, entry->field))
            return entry;
    }
    return NULL;
}

gboolean
dt_view_dkim_counts(const dt_view *view)
{
    if (dt_view_lost_signature(view))
        return TRUE;
    for (guint i = 0; i < dt_view_signature_count(view); i++)
        if (view->excused[i])
            return TRUE;
    return dt_view_dkim_aligned(view);
}

gboolean
dt_view_found(const dt_view *view, const char *code)
{
    for (guint i = 0; i < view->findings->len; i++)
        if (strcmp(((const dt_finding *)view->findings->pdata[i])->code, code) == 0)
            return TRUE;
    return FALSE;
}

/* ---- SPF records as published -------------------------------------------------------------- */

guint
dt_view_spf_records(dt_view *view, const char *name, dt_spf_record **record_out)
{
    const dt_answer *answer = dt_view_ask(view, name, DT_RR_TXT);
    const dt_record *single = NULL;
    guint count = 0;
    for (guint i = 0; i < answer->record_count; i++) {
        if (!dt_spf_is_record(answer->records[i].data))
            continue;
        single = &answer->records[i];
        count++;
    }
    if (record_out)
        *record_out = count == 1 ? dt_spf_record_parse(single->data, single->length) : NULL;
    return count;
}

static gboolean
leads_to_ses(dt_view *view, const char *name, guint depth)
{
    g_autoptr(dt_spf_record) record = NULL;
    if (dt_view_spf_records(view, name, &record) != 1)
        return FALSE;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if ((term->kind != DT_TERM_INCLUDE && term->kind != DT_TERM_REDIRECT) || !term->is_valid ||
            !term->target)
            continue;
        g_autofree char *target = dt_name_from_mail(term->target);
        if (target &&
            (dt_ses_is_amazon_name(target) || (depth > 0 && leads_to_ses(view, target, depth - 1))))
            return TRUE;
    }
    return FALSE;
}

gboolean
dt_view_names_ses(dt_view *view, const char *name)
{
    return leads_to_ses(view, name, 1);
}

gboolean
dt_view_client_is_ses(dt_view *view)
{
    const char *ip = view->subject->inputs ? view->subject->inputs->ip : NULL;
    if (!ip)
        return FALSE;
    dt_spf_input input = { .ip = ip,
                           .helo = "amazonses.com",
                           .mail_from = "postmaster@amazonses.com" };
    g_autoptr(dt_spf) spf = dt_spf_evaluate(view->resolver, &input);
    if (spf->result == DT_SPF_TEMPERROR || spf->result == DT_SPF_NONE)
        return dt_ses_network_contains(ip);
    return spf->result == DT_SPF_PASS;
}

/* ---- the MAIL FROM domain ------------------------------------------------------------------ */

static gboolean
is_same_answer(const dt_answer *a, const dt_answer *b)
{
    if (a->status != b->status || a->record_count != b->record_count)
        return FALSE;
    for (guint i = 0; i < a->record_count; i++)
        if (a->records[i].length != b->records[i].length ||
            memcmp(a->records[i].data, b->records[i].data, a->records[i].length) != 0)
            return FALSE;
    return g_strcmp0(a->cname ? a->cname[0] : NULL, b->cname ? b->cname[0] : NULL) == 0;
}

gboolean
dt_view_is_from_wildcard(dt_view *view, const dt_answer *answer)
{
    const char *parent = dt_name_parent(answer->name);
    return parent &&
           is_same_answer(answer, dt_view_ask_below(view, DT_PROBE_LABEL, parent, answer->type));
}

/* Only the address that a wildcard gives to every name: the name has nothing of its own. */
static gboolean
is_wildcard_address(dt_view *view, const dt_answer *answer)
{
    gboolean is_address = answer->type == DT_RR_A || answer->type == DT_RR_AAAA;
    return is_address && answer->status == DT_DNS_OK && !answer->cname &&
           dt_view_is_from_wildcard(view, answer);
}

/* Nothing at all at the name: a CNAME there would forbid other records, an MX or TXT is somebody's.
 * What DNS did not show is taken for nothing, unless it must have been seen. */
static gboolean
is_free(dt_view *view, const char *name, gboolean must_be_seen)
{
    static const dt_rr_type types[] = { DT_RR_TXT, DT_RR_MX, DT_RR_A, DT_RR_AAAA };
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        const dt_answer *answer = dt_view_ask(view, name, types[i]);
        if (is_wildcard_address(view, answer))
            continue;
        if (answer->cname || answer->status == DT_DNS_OK ||
            (must_be_seen && dt_answer_is_failure(answer)))
            return FALSE;
        if (answer->status == DT_DNS_NXDOMAIN)
            return TRUE;
    }
    return TRUE;
}

static char *
usual_free_name(dt_view *view, gboolean must_be_seen)
{
    for (guint i = 0; i < PROPOSED_LABELS; i++) {
        g_autofree char *name = dt_name_join(usual_labels[i], view->identity_domain);
        if (name && g_strcmp0(name, view->mail_from) != 0 && is_free(view, name, must_be_seen))
            return g_steal_pointer(&name);
    }
    return NULL;
}

char *
dt_view_fresh_mail_from(dt_view *view)
{
    if (!view->identity_domain)
        return NULL;
    char *usual = usual_free_name(view, TRUE);
    usual = usual ? usual : usual_free_name(view, FALSE);
    if (usual)
        return usual;
    for (guint n = 2; n < 10; n++) {
        g_autofree char *label = g_strdup_printf("ses%u", n);
        g_autofree char *name = dt_name_join(label, view->identity_domain);
        if (name && is_free(view, name, FALSE))
            return g_steal_pointer(&name);
    }
    return dt_name_join("ses", view->identity_domain);
}

char *
dt_view_mail_from_for_fix(dt_view *view)
{
    return view->mail_from ? g_strdup(view->mail_from) : dt_view_fresh_mail_from(view);
}

/* --probe counts a name only when its MX or its SPF record names SES: a mail host of one's own is
 * none. */
static gboolean
is_mail_from_domain(dt_view *view, const char *name)
{
    const dt_answer *answer = dt_view_ask(view, name, DT_RR_MX);
    for (guint i = 0; i < answer->record_count; i++) {
        g_autofree char *region = dt_region_of_feedback_host(answer->records[i].target);
        if (region)
            return TRUE;
    }
    return answer->status != DT_DNS_NXDOMAIN && dt_view_names_ses(view, name);
}

static char *
probe_below(dt_view *view, const char *domain)
{
    char *names[G_N_ELEMENTS(usual_labels)];
    dt_question questions[2 * G_N_ELEMENTS(usual_labels)];
    guint count = 0;
    for (guint i = 0; i < G_N_ELEMENTS(usual_labels); i++) {
        names[i] = dt_name_join(usual_labels[i], domain);
        if (!names[i])
            continue;
        questions[count++] = (dt_question){ names[i], DT_RR_MX };
        questions[count++] = (dt_question){ names[i], DT_RR_TXT };
    }
    dt_resolver_prefetch(view->resolver, questions, count);
    char *found = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(usual_labels); i++) {
        if (!found && names[i] && is_mail_from_domain(view, names[i]))
            found = g_strdup(names[i]);
        g_free(names[i]);
    }
    return found;
}

static void
find_mail_from(dt_view *view)
{
    const dt_context *context = view->subject->context;
    if (context->ses_mail_from) {
        view->mail_from = g_strdup(context->ses_mail_from);
        view->mail_from_source = DT_MAIL_FROM_OPTION;
    } else if (context->identity && context->identity->mail_from_domain) {
        view->mail_from = dt_name_from_mail(context->identity->mail_from_domain);
        view->mail_from_source = view->mail_from ? DT_MAIL_FROM_IDENTITY : DT_MAIL_FROM_UNKNOWN;
    } else if (context->probe && view->author && !view->is_freemail) {
        view->mail_from = probe_below(view, view->author);
        if (!view->mail_from && strcmp(view->author, view->org) != 0)
            view->mail_from = probe_below(view, view->org);
        view->mail_from_source = view->mail_from ? DT_MAIL_FROM_PROBE : DT_MAIL_FROM_UNKNOWN;
    }
}

/* ---- the view ------------------------------------------------------------------------------ */

/* d= of SES's own aligned signature (an Easy DKIM selector first), else what the identity says,
 * else D. */
static char *
find_identity(const dt_view *view)
{
    const dt_ses_identity *file = view->subject->context->identity;
    const char *own = NULL;
    for (guint i = 0; i < dt_view_signature_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (!signature->domain || dt_view_is_amazon_signature(signature) ||
            !dt_view_is_own_signature(view, i))
            continue;
        if (signature->s && dt_ses_is_easy_dkim_selector(signature->s))
            return g_strdup(signature->domain);
        own = own ? own : signature->domain;
    }
    if (file && file->name)
        return g_strdup(file->name);
    return g_strdup(own ? own : view->author);
}

static char *
domain_of(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    return address ? dt_name_from_mail(at ? at + 1 : address) : NULL;
}

/* Another host than SES handed the message to the receiver (spf-forwarded, list-or-forwarder). */
static gboolean
was_forwarded(dt_view *view)
{
    const dt_case *subject = view->subject;
    const char *ip = subject->inputs->ip;
    if (!view->is_ses || !ip || dt_text_ip_is_private(ip))
        return FALSE;
    if (subject->ses->outgoing_ip)
        return strcmp(subject->ses->outgoing_ip, ip) != 0;
    return !subject->ses->own_ip && !dt_view_client_is_ses(view);
}

static void
view_message(dt_view *view)
{
    const dt_case *subject = view->subject;
    view->is_ses = subject->ses->via_ses;
    view->region = subject->ses->region;
    if (subject->spf && subject->spf->domain && !subject->spf->is_helo)
        view->envelope = subject->spf->domain;
    view->is_envelope_amazon = view->envelope && dt_ses_is_amazon_name(view->envelope);
    view->excused = g_new0(gboolean, dt_view_signature_count(view) + 1);
    view->is_forwarded = was_forwarded(view);
}

dt_view *
dt_view_new(const dt_case *subject)
{
    dt_view *view = g_new0(dt_view, 1);
    const dt_context *context = subject->context;
    view->subject = subject;
    view->resolver = subject->resolver;
    view->author = subject->dmarc->from_domain;
    view->policy_domain = subject->dmarc->policy_domain;
    /* Where no record was found the walk names no organizational domain of use: the list does. */
    if (view->author)
        view->org = view->policy_domain && subject->dmarc->org_domain
                        ? subject->dmarc->org_domain
                        : dt_name_psl_org_domain(view->author);
    view->findings = g_ptr_array_new_with_free_func((GDestroyNotify)dt_finding_free);
    view->tokens = g_ptr_array_new();
    view->is_freemail = view->author && dt_is_freemail_domain(view->author);
    if (subject->message)
        view_message(view);
    else
        view->is_ses = TRUE;
    if (!view->region)
        view->region = context->region;
    view->identity = find_identity(view);
    view->identity_domain = domain_of(view->identity);
    if (!view->identity_domain && view->author)
        view->identity_domain = g_strdup(view->author);
    g_ptr_array_extend(view->tokens, context->dkim_tokens, NULL, NULL);
    const dt_ses_identity *file = context->identity;
    if (file && file->tokens && !dt_text_equal(file->signing_origin, "EXTERNAL"))
        for (char **token = file->tokens; *token; token++)
            if (!g_ptr_array_find_with_equal_func(view->tokens, *token, g_str_equal, NULL))
                g_ptr_array_add(view->tokens, *token);
    find_mail_from(view);
    view->selectors = dt_selector_states(view);
    dt_view_mark_excused(view);
    return view;
}

void
dt_view_free(dt_view *view)
{
    g_free(view->identity);
    g_free(view->identity_domain);
    g_free(view->mail_from);
    g_ptr_array_unref(view->tokens);
    g_ptr_array_unref(view->selectors);
    g_ptr_array_unref(view->findings);
    g_free(view->excused);
    g_free(view);
}
