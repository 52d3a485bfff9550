/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * From a case to findings, the same for every cause: ask those whose needs are met, drop symptoms
 * into their roots, settle what weighs less beside an aligned pass, fill the texts, add the steps,
 * prove, sort, plan. Knows no cause by its code but the few that make every other blocking one
 * pointless.
 */
#include "diagnosis/catalogue.h"

#include "base/text.h"

#include <string.h>

/* No author domain, no DMARC: beside one of these nothing else blocks. */
static const char *const sole_blockers[] = { "multi-from", "from-no-domain", "from-ambiguous" };

/* ---- findings ------------------------------------------------------------------------------ */

static void
evidence_free(gpointer data)
{
    dt_evidence *evidence = data;
    g_free(evidence->ref);
    g_free(evidence->text);
    g_free(evidence->mark);
    g_free(evidence);
}

static void
fix_free(gpointer data)
{
    dt_fix *fix = data;
    g_free(fix->name);
    g_free(fix->type);
    g_free(fix->value);
    g_free(fix->old_value);
    g_free(fix->text);
    g_free(fix->command);
    g_free(fix);
}

static dt_finding *
finding_new(void)
{
    dt_finding *finding = g_new0(dt_finding, 1);
    finding->evidence = g_ptr_array_new_with_free_func(evidence_free);
    finding->checks = g_ptr_array_new_with_free_func(g_free);
    finding->explains = g_ptr_array_new();
    finding->fixes = g_ptr_array_new_with_free_func(fix_free);
    return finding;
}

void
dt_finding_free(dt_finding *finding)
{
    if (!finding)
        return;
    g_free(finding->title);
    g_free(finding->explanation);
    g_ptr_array_unref(finding->evidence);
    g_ptr_array_unref(finding->checks);
    g_ptr_array_unref(finding->explains);
    g_ptr_array_unref(finding->fixes);
    dt_proof_free(finding->proof);
    g_free(finding->proof_absent);
    g_clear_pointer(&finding->changes, dt_zone_unref);
    g_free(finding->mail_from_domain);
    g_free(finding->signing_domain);
    g_clear_pointer(&finding->bindings, g_hash_table_unref);
    g_free(finding);
}

void
dt_bind(dt_finding *finding, const char *name, const char *value)
{
    if (!finding->bindings)
        finding->bindings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (value)
        g_hash_table_replace(finding->bindings, g_strdup(name), g_strdup(value));
}

void
dt_bindf(dt_finding *finding, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *value = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    dt_bind(finding, name, value);
}

void
dt_check_command(dt_finding *finding, char *command)
{
    g_ptr_array_add(finding->checks, command);
}

void
dt_set_weight(dt_finding *finding, dt_weight weight)
{
    finding->weight_override = weight;
}

void
dt_set_explanation(dt_finding *finding, const char *template_text)
{
    finding->explanation_template = template_text;
}

/* ---- templates ----------------------------------------------------------------------------- */

static const char *
view_value(const dt_view *view, const char *name)
{
    const dt_inputs *inputs = view->subject->inputs;
    const struct {
        const char *name, *value;
    } values[] = {
        { "D", view->author },
        { "O", view->org },
        { "P", view->policy_domain },
        { "R", view->region },
        { "I", view->identity },
        { "M", view->mail_from },
        { "E", view->envelope },
        { "ip", inputs ? inputs->ip : NULL },
        { "helo", inputs ? inputs->helo : NULL },
    };
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        if (strcmp(values[i].name, name) == 0)
            return values[i].value;
    return NULL;
}

static const char *
placeholder_value(const dt_view *view, const dt_finding *finding, const char *name)
{
    const char *value = finding->bindings ? g_hash_table_lookup(finding->bindings, name) : NULL;
    if (!value)
        value = view_value(view, name);
    if (!value)
        value = dt_placeholder_words(name, strlen(name));
    return value ? value : "the value SES shows";
}

char *
dt_fill(const dt_view *view, const dt_finding *finding, const char *template_text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = template_text ? template_text : ""; *p; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            g_string_append_c(out, *p);
            continue;
        }
        g_autofree char *name = g_strndup(p + 1, end - p - 1);
        g_string_append(out, placeholder_value(view, finding, name));
        p = end;
    }
    return g_string_free(out, FALSE);
}

/* ---- recognising --------------------------------------------------------------------------- */

static gboolean
are_needs_met(const dt_view *view, guint needs)
{
    const dt_case *subject = view->subject;
    if ((needs & DT_NEEDS_MESSAGE) && !subject->message)
        return FALSE;
    if ((needs & DT_NEEDS_SES) && !view->is_ses)
        return FALSE;
    if ((needs & DT_NEEDS_AUTHOR) && !view->author)
        return FALSE;
    return !(needs & DT_NEEDS_SPF) ||
           (subject->spf && subject->spf->result != DT_SPF_NOT_EVALUATED);
}

/* Did the cause that it was handed to leave it as it was? */
static gboolean
is_untouched(const dt_finding *finding)
{
    return finding->evidence->len == 0 && finding->checks->len == 0 &&
           finding->explains->len == 0 && finding->fixes->len == 0 && !finding->bindings &&
           !finding->weight_override && !finding->explanation_template && !finding->proof &&
           !finding->proof_absent && !finding->changes && !finding->mail_from_domain &&
           !finding->signing_domain && !finding->no_proof;
}

/* finding is of no cause yet. FALSE: the cause is absent, and left it so that it can serve the next
 * one. */
static gboolean
recognise(dt_view *view, const dt_cause *cause, dt_finding *finding)
{
    finding->cause = cause;
    finding->code = cause->code;
    finding->certainty = cause->recognise(view, finding);
    if (finding->certainty != DT_ABSENT)
        g_ptr_array_add(view->findings, finding);
    else if (is_untouched(finding))
        return FALSE;
    else
        dt_finding_free(finding);
    return TRUE;
}

/* Most causes are absent and touch nothing: one finding serves them all. */
static void
recognise_all(dt_view *view)
{
    const dt_cause *const *cause;
    dt_finding *spare = NULL;
    for (guint i = 0; (cause = dt_catalogue_family(i)); i++)
        for (; *cause; cause++) {
            if (!are_needs_met(view, (*cause)->needs))
                continue;
            spare = spare ? spare : finding_new();
            if (recognise(view, *cause, spare))
                spare = NULL;
        }
    dt_finding_free(spare);
}

static dt_finding *
find(const GPtrArray *findings, const char *code)
{
    for (guint i = 0; i < findings->len; i++)
        if (strcmp(((dt_finding *)findings->pdata[i])->code, code) == 0)
            return findings->pdata[i];
    return NULL;
}

/* A root that was found takes its symptoms in: they are named in its explains and nowhere else. */
static void
drop_symptoms(GPtrArray *findings)
{
    g_autoptr(GPtrArray) dropped = g_ptr_array_new();
    for (guint i = 0; i < findings->len; i++) {
        dt_finding *root = findings->pdata[i];
        for (const char *const *code = root->cause->explains; code && *code; code++) {
            dt_finding *symptom = find(findings, *code);
            if (!symptom || symptom == root)
                continue;
            g_ptr_array_add(root->explains, (gpointer)symptom->code);
            g_ptr_array_add(dropped, symptom);
        }
    }
    for (guint i = 0; i < dropped->len; i++)
        g_ptr_array_remove(findings, dropped->pdata[i]);
}

/* ---- severity ------------------------------------------------------------------------------ */

static dt_severity
settle(const dt_view *view, const dt_finding *finding, gboolean is_carried, gboolean dkim_carries)
{
    dt_weight weight =
        finding->weight_override ? (dt_weight)finding->weight_override : finding->cause->weight;
    switch (weight) {
    case DT_WEIGHT_BLOCKS:
        return DT_SEVERITY_BLOCKS;
    case DT_WEIGHT_BLOCKS_ALONE:
        return is_carried ? DT_SEVERITY_RISK : DT_SEVERITY_BLOCKS;
    case DT_WEIGHT_BLOCKS_WITHOUT_DKIM:
        return dkim_carries ? DT_SEVERITY_NOTE : DT_SEVERITY_BLOCKS;
    case DT_WEIGHT_RISK:
        return DT_SEVERITY_RISK;
    case DT_WEIGHT_NOTE:
        return DT_SEVERITY_NOTE;
    }
    return DT_SEVERITY_NOTE;
}

static void
settle_all(dt_view *view)
{
    gboolean is_domain = view->subject->message == NULL;
    gboolean dkim_carries = !is_domain && dt_view_dkim_counts(view);
    gboolean is_carried =
        is_domain ? dt_domain_leg_stands(view) : dkim_carries || dt_view_spf_aligned(view);
    for (guint i = 0; i < view->findings->len; i++) {
        dt_finding *finding = view->findings->pdata[i];
        finding->severity = settle(view, finding, is_carried, dkim_carries);
    }
}

static gboolean
is_sole_blocker(const dt_finding *finding)
{
    for (guint i = 0; i < G_N_ELEMENTS(sole_blockers); i++)
        if (finding->severity == DT_SEVERITY_BLOCKS && strcmp(finding->code, sole_blockers[i]) == 0)
            return TRUE;
    return FALSE;
}

static void
keep_sole_blocker(GPtrArray *findings)
{
    const dt_finding *sole = NULL;
    for (guint i = 0; i < findings->len && !sole; i++)
        if (is_sole_blocker(findings->pdata[i]))
            sole = findings->pdata[i];
    for (guint i = findings->len; sole && i-- > 0;) {
        const dt_finding *finding = findings->pdata[i];
        if (finding != sole && finding->severity != DT_SEVERITY_NOTE)
            g_ptr_array_remove_index(findings, i);
    }
}

/* ---- order and texts ----------------------------------------------------------------------- */

static gint
compare(gconstpointer a, gconstpointer b)
{
    const dt_finding *left = *(const dt_finding *const *)a, *right = *(const dt_finding *const *)b;
    if (left->severity != right->severity)
        return (gint)left->severity - (gint)right->severity;
    return (gint)left->cause->group - (gint)right->cause->group;
}

/* Stable: causes of one severity and group keep the order of the catalogue. */
static void
sort(GPtrArray *findings)
{
    for (guint i = 1; i < findings->len; i++)
        for (guint k = i; k > 0 && compare(&findings->pdata[k - 1], &findings->pdata[k]) > 0; k--) {
            gpointer held = findings->pdata[k];
            findings->pdata[k] = findings->pdata[k - 1];
            findings->pdata[k - 1] = held;
        }
}

static void
write_texts(dt_view *view)
{
    for (guint i = 0; i < view->findings->len; i++) {
        dt_finding *finding = view->findings->pdata[i];
        if (finding->cause->mend)
            finding->cause->mend(view, finding);
        finding->title = dt_fill(view, finding, finding->cause->title);
        finding->explanation = dt_fill(view, finding,
                                       finding->explanation_template ? finding->explanation_template
                                                                     : finding->cause->explanation);
        dt_prove(view, finding);
    }
}

/* ---- the outcome --------------------------------------------------------------------------- */

static int
decide_reproducible(const dt_view *view)
{
    const char *recorded = dt_case_recorded_verdict(view->subject);
    dt_verdict verdict = view->subject->dmarc->result;
    if (!recorded || strcmp(recorded, "pass") != 0)
        return -1;
    gboolean is_lost = dt_view_lost_signature(view) != NULL;
    gboolean is_excused = is_lost, all_verify = !is_lost;
    for (guint i = 0; i < dt_view_signature_count(view); i++) {
        is_excused |= view->excused[i];
        all_verify &= dt_view_signature(view, i)->result == DT_DKIM_PASS;
    }
    if (verdict == DT_VERDICT_PASS)
        return all_verify ? 1 : -1;
    return is_excused && verdict != DT_VERDICT_NONE ? 0 : -1;
}

static int
message_status(dt_verdict verdict)
{
    switch (verdict) {
    case DT_VERDICT_PASS:
        return 0;
    case DT_VERDICT_FAIL:
        return 1;
    case DT_VERDICT_NONE:
        return 2;
    case DT_VERDICT_PERMERROR:
        return 3;
    case DT_VERDICT_UNKNOWN:
    case DT_VERDICT_TEMPERROR:
        return 4;
    }
    return 4;
}

static void
explain_agreement(dt_view *view)
{
    for (guint i = 0; i < view->subject->agreement->len; i++) {
        dt_agreement *agreement = view->subject->agreement->pdata[i];
        if (agreement->explanation && !find(view->findings, agreement->explanation))
            agreement->explanation = NULL;
    }
}

dt_diagnosis *
dt_diagnose(const dt_case *subject)
{
    g_return_val_if_fail(subject && !subject->is_what_if, NULL);
    dt_diagnosis *diagnosis = g_new0(dt_diagnosis, 1);
    dt_view *view = dt_view_new(subject);
    recognise_all(view);
    drop_symptoms(view->findings);
    settle_all(view);
    keep_sole_blocker(view->findings);
    sort(view->findings);
    write_texts(view);
    explain_agreement(view);
    diagnosis->subject = subject;
    diagnosis->unseen = g_ptr_array_new_with_free_func(dt_unseen_free);
    diagnosis->reproducible = subject->message ? decide_reproducible(view) : -1;
    dt_make_plans(view, diagnosis);
    if (!subject->message)
        dt_domain_legs(view, diagnosis);
    diagnosis->status = !subject->message              ? dt_domain_status(view, diagnosis)
                        : diagnosis->reproducible == 0 ? 5
                                                       : message_status(subject->dmarc->result);
    diagnosis->findings = g_ptr_array_ref(view->findings);
    dt_view_free(view);
    return diagnosis;
}

static void
plan_free(gpointer data)
{
    dt_plan *plan = data;
    g_ptr_array_unref(plan->findings);
    dt_proof_free(plan->proof);
    g_free(plan);
}

void
dt_diagnosis_free(dt_diagnosis *diagnosis)
{
    if (!diagnosis)
        return;
    for (guint i = 0; i < diagnosis->plans->len; i++)
        plan_free(diagnosis->plans->pdata[i]);
    g_ptr_array_unref(diagnosis->plans);
    g_free(diagnosis->plan_absent);
    g_ptr_array_unref(diagnosis->findings);
    g_ptr_array_unref(diagnosis->unseen);
    dt_domain_legs_free(diagnosis);
    g_free(diagnosis);
}

/* ---- for callers outside ------------------------------------------------------------------- */

guint
dt_diagnosis_count(const dt_diagnosis *diagnosis)
{
    return diagnosis->findings->len;
}

const char *
dt_diagnosis_code(const dt_diagnosis *diagnosis, guint index)
{
    g_return_val_if_fail(index < diagnosis->findings->len, NULL);
    return ((const dt_finding *)diagnosis->findings->pdata[index])->code;
}

const char *
dt_diagnosis_severity(const dt_diagnosis *diagnosis, guint index)
{
    g_return_val_if_fail(index < diagnosis->findings->len, NULL);
    return dt_severity_word(((const dt_finding *)diagnosis->findings->pdata[index])->severity);
}

int
dt_diagnosis_status(const dt_diagnosis *diagnosis)
{
    return diagnosis->status;
}

int
dt_diagnosis_reproducible(const dt_diagnosis *diagnosis)
{
    return diagnosis->reproducible;
}
