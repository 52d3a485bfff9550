/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which SPF record is the sender's matter in this case, and how does it read once it is mended?
 * Every edit is evaluated over the answers for this very client (RFC 7208 4.6.4 limits included),
 * so that no record is proposed that does not help. What is wrong with the record is told in
 * causes-spf*.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define MAX_ROUNDS   24
#define MAX_NETWORKS 200
#define MAX_DEAD     40
#define SES_NAME     "amazonses.com"

/* An address that SES has sent from for many years, where its record cannot be asked. */
#define USUAL_SES_ADDRESS "54.240.8.1"

/* ---- the subject --------------------------------------------------------------------------- */

/* A client of SES for a domain, where no message shows one: the first network of its record. */
static char *
sample_address(dt_view *view)
{
    g_autoptr(dt_spf_record) record = NULL;
    dt_view_spf_records(view, SES_NAME, &record);
    for (guint i = 0; record && i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (term->kind == DT_TERM_IP4 && term->is_valid && term->address_length == 4)
            return g_strdup_printf("%u.%u.%u.%u", term->address[0], term->address[1],
                                   term->address[2],
                                   term->address[3] | (term->cidr4 >= 0 && term->cidr4 < 32));
    }
    return g_strdup(USUAL_SES_ADDRESS);
}

static dt_spf *
evaluate_name(dt_resolver *resolver, const dt_view *view, const char *name, const char *ip)
{
    const dt_inputs *inputs = view->subject->inputs;
    const char *mail_from = inputs ? inputs->mail_from : NULL;
    const char *at = mail_from ? strrchr(mail_from, '@') : NULL;
    g_autofree char *local = at ? g_strndup(mail_from, at - mail_from) : g_strdup("postmaster");
    g_autofree char *address = g_strconcat(local, "@", name, NULL);
    dt_spf_input input = { .ip = ip, .helo = inputs ? inputs->helo : NULL, .mail_from = address };
    if (!input.helo)
        input.helo = SES_NAME;
    return dt_spf_evaluate(resolver, &input);
}

void
dt_spf_subject_for_ses(dt_view *view, const char *name, dt_spf_subject *subject)
{
    *subject = (dt_spf_subject){ .name = name, .own_ip = sample_address(view) };
    subject->ip = subject->own_ip;
    subject->spf = subject->own = evaluate_name(view->resolver, view, name, subject->ip);
}

/* Where the MX is not that of SES, that is the root, and its mending sees to the SPF record too. */
static gboolean
open_domain(dt_view *view, dt_spf_subject *subject)
{
    const dt_answer *mx = view->mail_from ? dt_view_ask(view, view->mail_from, DT_RR_MX) : NULL;
    g_autofree char *region =
        mx && mx->record_count == 1 ? dt_region_of_feedback_host(mx->records[0].target) : NULL;
    if (!mx || (!region && !dt_answer_is_failure(mx)))
        return FALSE;
    dt_spf_subject_for_ses(view, view->mail_from, subject);
    return TRUE;
}

gboolean
dt_spf_subject_open(dt_view *view, dt_spf_subject *subject)
{
    const dt_case *whole = view->subject;
    *subject = (dt_spf_subject){ 0 };
    if (!view->author || !view->is_ses)
        return FALSE;
    if (!whole->message)
        return open_domain(view, subject);
    if (!view->envelope || view->is_envelope_amazon || view->is_forwarded ||
        whole->spf->result == DT_SPF_NOT_EVALUATED ||
        !dt_case_is_relaxed_aligned(whole, view->envelope))
        return FALSE;
    subject->name = view->envelope;
    subject->ip = whole->inputs->ip;
    subject->spf = whole->spf;
    return TRUE;
}

void
dt_spf_subject_clear(dt_spf_subject *subject)
{
    dt_spf_free(subject->own);
    g_free(subject->own_ip);
}

gboolean
dt_spf_client_is_own(const dt_view *view)
{
    const dt_case *subject = view->subject;
    if (!subject->message || !subject->inputs->ip || !subject->ses->outgoing_ip)
        return FALSE;
    return strcmp(subject->inputs->ip, subject->ses->outgoing_ip) == 0 &&
           !(subject->inputs->helo && dt_ses_is_outbound_host(subject->inputs->helo)) &&
           !dt_view_client_is_ses((dt_view *)view);
}

void
dt_evidence_outgoing(dt_view *view, dt_finding *finding)
{
    const dt_message *message = view->subject->message;
    const dt_ses_facts *ses = view->subject->ses;
    for (guint i = 0; ses->outgoing_ip && i < dt_message_field_count(message); i++)
        if (dt_message_field(message, i)->line == ses->outgoing_line)
            dt_evidence_field(finding, dt_message_field(message, i), ses->outgoing_ip);
}

/* ---- networks of SES that were copied ------------------------------------------------------ */

static gboolean
is_within(const dt_spf_term *inner, const dt_spf_term *outer)
{
    gint inner_bits = inner->cidr4 < 0 ? 32 : inner->cidr4;
    gint outer_bits = outer->cidr4 < 0 ? 32 : outer->cidr4;
    if (inner_bits < outer_bits || outer->address_length != 4)
        return FALSE;
    guint32 a, b;
    memcpy(&a, inner->address, sizeof a);
    memcpy(&b, outer->address, sizeof b);
    return outer_bits == 0 || ((g_ntohl(a) ^ g_ntohl(b)) >> (32 - outer_bits)) == 0;
}

gboolean
dt_spf_is_copied_network(dt_view *view, const dt_spf_term *term)
{
    if (term->kind != DT_TERM_IP4 || !term->is_valid || term->address_length != 4)
        return FALSE;
    g_autofree char *network =
        g_strdup_printf("%s/%d", term->target, term->cidr4 < 0 ? 32 : term->cidr4);
    if (dt_ses_network_within(network))
        return TRUE;
    g_autoptr(dt_spf_record) record = NULL;
    dt_view_spf_records(view, SES_NAME, &record);
    for (guint i = 0; record && i < MIN(record->terms->len, MAX_NETWORKS); i++) {
        const dt_spf_term *own = record->terms->pdata[i];
        if (own->kind == DT_TERM_IP4 && own->is_valid && is_within(term, own))
            return TRUE;
    }
    return FALSE;
}

/* ---- the root ------------------------------------------------------------------------------ */

/* Any record there, were there even two, that names SES or leads to it. */
static gboolean
names_ses(dt_view *view, const char *name)
{
    const dt_answer *answer = dt_view_ask(view, name, DT_RR_TXT);
    for (guint i = 0; i < answer->record_count; i++) {
        if (!dt_spf_is_record(answer->records[i].data))
            continue;
        g_autoptr(dt_spf_draft) draft = dt_spf_draft_new(answer->records[i].data);
        if (dt_spf_draft_find(draft, DT_SES_INCLUDE) >= 0 ||
            dt_spf_draft_find(draft, DT_SES_INCLUDE ".") >= 0)
            return TRUE;
    }
    return dt_view_names_ses(view, name);
}

const char *
dt_spf_root_with_ses(dt_view *view)
{
    if (names_ses(view, view->author))
        return view->author;
    if (view->org && strcmp(view->org, view->author) != 0 && names_ses(view, view->org))
        return view->org;
    return NULL;
}

/* ---- mending ------------------------------------------------------------------------------- */

static dt_spf *
try_value(dt_view *view, const dt_spf_subject *subject, const char *value)
{
    g_autoptr(dt_zone) zone = dt_zone_new();
    if (!dt_zone_remove(zone, subject->name, "TXT", NULL, NULL) ||
        !dt_zone_add(zone, subject->name, "TXT", value, NULL))
        return NULL;
    g_autoptr(dt_resolver) resolver = dt_resolver_new_overlay(view->resolver, zone);
    return evaluate_name(resolver, view, subject->name, subject->ip);
}

dt_spf_result
dt_spf_subject_try(dt_view *view, const dt_spf_subject *subject, const char *value)
{
    g_autoptr(dt_spf) spf = try_value(view, subject, value);
    return spf ? spf->result : DT_SPF_NOT_EVALUATED;
}

/* All texts that were meant as records, as one draft. */
static dt_spf_draft *
gather(dt_view *view, const dt_spf_subject *subject)
{
    const dt_answer *answer = dt_view_ask(view, subject->name, DT_RR_TXT);
    gboolean has_record = dt_view_spf_records(view, subject->name, NULL) > 0;
    dt_spf_draft *draft = NULL;
    for (guint i = 0; i < answer->record_count; i++) {
        const char *text = answer->records[i].data;
        if (has_record ? !dt_spf_is_record(text) : !dt_spf_text_is_damaged(text))
            continue;
        dt_spf_draft *next = dt_spf_draft_new(text);
        if (draft) {
            dt_spf_draft_merge(draft, next);
            dt_spf_draft_free(next);
        } else {
            draft = next;
        }
    }
    return draft ? draft : dt_spf_draft_new("v=spf1");
}

static void
drop_copies(dt_view *view, dt_spf_draft *draft)
{
    g_autofree char *text = dt_spf_draft_text(draft);
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (dt_spf_is_copied_network(view, term))
            dt_spf_draft_remove(draft, term->text);
    }
}

/* Does the term ask for a name that has nothing (RFC 7208 4.6.4)? */
static gboolean
is_dead(dt_view *view, const dt_spf_subject *subject, const dt_spf_term *term)
{
    if (term->target && strchr(term->target, '%'))
        return FALSE;
    g_autofree char *name =
        term->target ? dt_name_from_mail(term->target) : g_strdup(subject->name);
    if (!name)
        return FALSE;
    if (term->kind == DT_TERM_MX)
        return dt_answer_is_absent(dt_view_ask(view, name, DT_RR_MX));
    if (term->kind == DT_TERM_A)
        return dt_answer_is_absent(dt_view_ask(view, name, DT_RR_A)) &&
               dt_answer_is_absent(dt_view_ask(view, name, DT_RR_AAAA));
    if (term->kind == DT_TERM_EXISTS)
        return dt_answer_is_absent(dt_view_ask(view, name, DT_RR_A));
    return FALSE;
}

static gboolean
drop_dead(dt_view *view, const dt_spf_subject *subject, dt_spf_draft *draft)
{
    g_autofree char *text = dt_spf_draft_text(draft);
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
    gboolean is_changed = FALSE;
    for (guint i = 0; i < MIN(record->terms->len, MAX_DEAD); i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (!is_dead(view, subject, term))
            continue;
        dt_spf_draft_remove(draft, term->text);
        is_changed = TRUE;
    }
    return is_changed;
}

/* The term that lets this client pass. */
static char *
client_term(dt_view *view, const dt_spf_subject *subject)
{
    if (subject->own || !dt_spf_client_is_own(view))
        return g_strdup(DT_SES_INCLUDE);
    return g_strconcat(strchr(subject->ip, ':') ? "ip6:" : "ip4:", subject->ip, NULL);
}

/* One step towards a pass by what this evaluation stumbled over. FALSE: nothing is left to try. */
static gboolean
improve(dt_view *view, const dt_spf_subject *subject, dt_spf_draft *draft, const dt_spf *spf,
        const char *term)
{
    switch (spf->fault) {
    case DT_SPF_FAULT_NONE:
        if (dt_spf_draft_find(draft, term) >= 0)
            break;
        dt_spf_draft_add(draft, term);
        return TRUE;
    case DT_SPF_FAULT_SYNTAX:
        if (!spf->fault_term || g_strcmp0(spf->fault_domain, subject->name) != 0 ||
            dt_spf_draft_find(draft, spf->fault_term) < 0)
            break;
        dt_spf_draft_mend_term(draft, spf->fault_term);
        return TRUE;
    case DT_SPF_FAULT_NO_RECORD:
        if (!spf->fault_term || dt_spf_draft_find(draft, spf->fault_term) < 0 ||
            dt_text_equal(spf->fault_term, term))
            break;
        dt_spf_draft_remove(draft, spf->fault_term);
        return TRUE;
    case DT_SPF_FAULT_VOID_LIMIT:
        if (!drop_dead(view, subject, draft))
            break;
        return TRUE;
    case DT_SPF_FAULT_MULTIPLE:
    case DT_SPF_FAULT_LOOKUP_LIMIT:
    case DT_SPF_FAULT_MX_LIMIT:
    case DT_SPF_FAULT_DNS:
        break;
    }
    return dt_spf_draft_put_first(draft, term);
}

char *
dt_spf_subject_mend(dt_view *view, const dt_spf_subject *subject, gboolean are_copies_dropped)
{
    g_autoptr(dt_spf_draft) draft = gather(view, subject);
    g_autofree char *term = client_term(view, subject);
    dt_spf_draft_mend_include(draft);
    dt_spf_draft_drop_void_redirect(draft);
    dt_spf_draft_all_last(draft);
    if (are_copies_dropped)
        drop_copies(view, draft);
    for (guint round = 0; round < MAX_ROUNDS; round++) {
        g_autofree char *value = dt_spf_draft_text(draft);
        g_autoptr(dt_spf) spf = try_value(view, subject, value);
        if (!spf)
            return NULL;
        if (spf->result == DT_SPF_PASS)
            return g_steal_pointer(&value);
        if (!improve(view, subject, draft, spf, term))
            return NULL;
    }
    return NULL;
}

void
dt_spf_subject_fix(dt_view *view, dt_finding *finding, const dt_spf_subject *subject,
                   const char *value, const char *text)
{
    dt_fix_spf_record(view, finding, subject->name, value, text);
    if (!view->subject->message && !finding->mail_from_domain)
        finding->mail_from_domain = g_strdup(subject->name);
}

/* ---- what failed, what was recorded -------------------------------------------------------- */

const dt_answer *
dt_view_failed_answer(const dt_view *view, const char *name)
{
    for (guint i = 0; name && i < dt_resolver_log_count(view->resolver); i++) {
        const dt_answer *answer = dt_resolver_log_get(view->resolver, i);
        gboolean is_failure = answer->status == DT_DNS_SERVFAIL || answer->status == DT_DNS_TIMEOUT;
        if (is_failure && strcmp(answer->name, name) == 0)
            return answer;
    }
    return NULL;
}

void
dt_explain_recorded(dt_view *view, const char *method, const char *code)
{
    for (guint i = 0; i < view->subject->agreement->len; i++) {
        dt_agreement *agreement = view->subject->agreement->pdata[i];
        if (!agreement->agrees && !agreement->explanation && strcmp(agreement->method, method) == 0)
            agreement->explanation = code;
    }
}
