/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * `domain`: the two legs of a sending domain (custom MAIL FROM, Easy DKIM) as far as DNS shows
 * them, what cannot be seen, and the exit status. The faults themselves are causes like any other.
 */
#include "diagnosis/cause.h"

#include "base/text.h"

#include <string.h>

/* For a domain there is no pass to look at: DKIM counts when every known token leads to a key, MAIL
 * FROM when its records are right (no cause about them was found). */
static gboolean
has_fault(const dt_view *view, const char *prefix)
{
    for (guint i = 0; i < view->findings->len; i++) {
        const dt_finding *finding = view->findings->pdata[i];
        dt_weight weight =
            finding->weight_override ? (dt_weight)finding->weight_override : finding->cause->weight;
        gboolean is_leg =
            weight == DT_WEIGHT_BLOCKS_ALONE || weight == DT_WEIGHT_BLOCKS_WITHOUT_DKIM;
        if (is_leg && g_str_has_prefix(finding->code, prefix))
            return TRUE;
    }
    return FALSE;
}

gboolean
dt_domain_dkim_stands(const dt_view *view)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault != DT_SELECTOR_OK && state->fault != DT_SELECTOR_TXT_COPY)
            return FALSE;
    }
    return view->tokens->len > 0 && !has_fault(view, "dkim-");
}

gboolean
dt_domain_mail_from_stands(const dt_view *view)
{
    return view->mail_from && !has_fault(view, "ses-mailfrom-") && !has_fault(view, "spf-");
}

gboolean
dt_domain_leg_stands(const dt_view *view)
{
    return dt_domain_dkim_stands(view) || dt_domain_mail_from_stands(view);
}

int
dt_domain_status(dt_view *view, const dt_diagnosis *diagnosis)
{
    gboolean has_risk = FALSE;
    for (guint i = 0; i < view->findings->len; i++) {
        const dt_finding *finding = view->findings->pdata[i];
        if (finding->severity == DT_SEVERITY_BLOCKS)
            return 1;
        has_risk |= finding->severity == DT_SEVERITY_RISK;
    }
    if (has_risk)
        return 2;
    return diagnosis->unseen->len > 0 ? 3 : 0;
}

void
dt_unseen_free(gpointer unseen)
{
    g_free(((dt_unseen *)unseen)->command);
    g_free(unseen);
}

static void
add_unseen(dt_diagnosis *diagnosis, const char *what, const char *command, const char *then)
{
    dt_unseen *unseen = g_new0(dt_unseen, 1);
    *unseen = (dt_unseen){ .what = what, .command = g_strdup(command), .then = then };
    g_ptr_array_add(diagnosis->unseen, unseen);
}

/* What no DNS question can show, with the command that does. */
static void
list_unseen(const dt_view *view, dt_diagnosis *diagnosis)
{
    const char *region = view->region ? view->region : "REGION";
    g_autofree char *look =
        dt_aws_command("sesv2", "get-email-identity", "--email-identity",
                       view->identity ? view->identity : view->author, "--region", region, NULL);
    if (view->tokens->len == 0)
        add_unseen(diagnosis,
                   "The Easy DKIM records: their names hold tokens that only SES knows. "
                   "DkimAttributes.Tokens of",
                   look, "--dkim-token=TOKEN for each, or --ses-identity=FILE with its output");
    if (!view->mail_from)
        add_unseen(diagnosis,
                   "The custom MAIL FROM domain: its name is a setting of SES. "
                   "MailFromAttributes.MailFromDomain of",
                   look, "--ses-mail-from=NAME, or --probe to try usual names");
}

/* ---- what is published --------------------------------------------------------------------- */

static const char *
mail_from_status(dt_view *view, const dt_answer *mx, guint spf_count)
{
    if (dt_answer_is_failure(mx))
        return "unknown";
    if (mx->record_count == 0 || spf_count == 0)
        return "missing";
    g_autofree char *region =
        mx->record_count == 1 ? dt_region_of_feedback_host(mx->records[0].target) : NULL;
    return region && spf_count == 1 && dt_view_names_ses(view, view->mail_from) ? "ok" : "wrong";
}

static void
show_mail_from(dt_view *view, dt_diagnosis *diagnosis)
{
    if (!view->mail_from)
        return;
    g_autoptr(dt_spf_record) record = NULL;
    const dt_answer *mx = dt_view_ask(view, view->mail_from, DT_RR_MX);
    guint spf_count = dt_view_spf_records(view, view->mail_from, &record);
    dt_mail_from_state *state = g_new0(dt_mail_from_state, 1);
    state->name = g_strdup(view->mail_from);
    state->mx = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < mx->record_count; i++)
        g_ptr_array_add(state->mx, dt_record_text(&mx->records[i], DT_RR_MX));
    state->spf = record ? g_strdup(record->text) : NULL;
    state->status = mail_from_status(view, mx, spf_count);
    diagnosis->mail_from = state;
}

static const char *
token_status(dt_selector_fault fault)
{
    switch (fault) {
    case DT_SELECTOR_OK:
    case DT_SELECTOR_TXT_COPY:
        return "ok";
    case DT_SELECTOR_MISSING:
        return "missing";
    case DT_SELECTOR_DOUBLED:
    case DT_SELECTOR_WRONG_ZONE:
    case DT_SELECTOR_WRONG_TARGET:
    case DT_SELECTOR_PROXIED:
    case DT_SELECTOR_NO_UNDERSCORE:
        return "wrong";
    case DT_SELECTOR_UNREACHABLE:
        return "unknown";
    }
    return "unknown";
}

static void
token_free(gpointer data)
{
    dt_token_state *state = data;
    g_free(state->token);
    g_free(state->name);
    g_free(state->cname);
    g_free(state);
}

static void
show_tokens(dt_view *view, dt_diagnosis *diagnosis)
{
    diagnosis->tokens = g_ptr_array_new_with_free_func(token_free);
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *selector = view->selectors->pdata[i];
        const dt_answer *cname = dt_view_ask(view, selector->name, DT_RR_CNAME);
        dt_token_state *state = g_new0(dt_token_state, 1);
        state->token = g_strdup(selector->selector);
        state->name = g_strdup(selector->name);
        state->cname = cname->record_count ? g_strdup(cname->records[0].target) : NULL;
        state->status = token_status(selector->fault);
        g_ptr_array_add(diagnosis->tokens, state);
    }
}

void
dt_domain_legs(dt_view *view, dt_diagnosis *diagnosis)
{
    show_mail_from(view, diagnosis);
    show_tokens(view, diagnosis);
    list_unseen(view, diagnosis);
}

void
dt_domain_legs_free(dt_diagnosis *diagnosis)
{
    dt_mail_from_state *state = diagnosis->mail_from;
    if (state) {
        g_free(state->name);
        g_ptr_array_unref(state->mx);
        g_free(state->spf);
        g_free(state);
    }
    if (diagnosis->tokens)
        g_ptr_array_unref(diagnosis->tokens);
}
