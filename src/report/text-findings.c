/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Findings and plans for people: what it is, where it shows, what to type, what that gives.
 */
#include "report/phrases.h"
#include "report/text-parts.h"

#include "base/text.h"

#include <string.h>

#define INDENT 5

static void
step_record(dt_layout *layout, const dt_fix *fix)
{
    if (!fix->name || !fix->type)
        return;
    const char *old = fix->action == DT_ACTION_REMOVE ? fix->value : fix->old_value;
    if (fix->action == DT_ACTION_REMOVE || fix->action == DT_ACTION_REPLACE) {
        g_autofree char *line = dt_phrase_record(fix, old);
        dt_layout_line(layout, INDENT + 2,
                       fix->action == DT_ACTION_REMOVE ? "Remove:" : "Instead of:");
        dt_layout_line(layout, INDENT + 4, line);
    }
    if (fix->action == DT_ACTION_REMOVE)
        return;
    g_autofree char *line = dt_phrase_record(fix, fix->value);
    if (fix->action == DT_ACTION_REPLACE)
        dt_layout_line(layout, INDENT + 2, "publish:");
    dt_layout_line(layout, INDENT + 4, line);
}

static void
show_step(dt_layout *layout, const dt_fix *fix, guint number)
{
    g_autofree char *lead = g_strdup_printf("%u. %s", number, dt_phrase_step(fix));
    const char *end = fix->command || fix->name ? ":" : ".";
    gboolean has_end = g_str_has_suffix(lead, ".") || g_str_has_suffix(lead, ":");
    dt_layout_wrapf(layout, INDENT, INDENT + 3, "%s%s", lead, has_end ? "" : end);
    if (fix->command) {
        g_autofree char *command = g_strconcat("$ ", fix->command, NULL);
        dt_layout_line(layout, INDENT + 4, command);
    }
    step_record(layout, fix);
}

/* Steps in a row that publish one record each without a sentence of their own belong to the step
 * before them. */
static void
show_steps(dt_layout *layout, const GPtrArray *fixes)
{
    guint number = 0;
    for (guint i = 0; i < fixes->len; i++) {
        const dt_fix *fix = fixes->pdata[i];
        if (number && dt_fix_continues(fix))
            step_record(layout, fix);
        else
            show_step(layout, fix, ++number);
    }
}

static void
show_proof(dt_layout *layout, const dt_diagnosis *diagnosis, const dt_finding *finding)
{
    g_autofree char *proof = dt_phrase_proof(diagnosis, finding);
    if (proof)
        dt_layout_wrap(layout, INDENT, INDENT, proof);
}

static void
show_evidence(dt_layout *layout, const GPtrArray *list, guint limit)
{
    for (guint i = 0; i < list->len && i < limit; i++) {
        const dt_evidence *evidence = list->pdata[i];
        g_autofree char *label = dt_text_terminal(evidence->ref);
        if (dt_text_columns(label) <= 24) {
            dt_layout_quote(layout, INDENT + 2, label, evidence->text, evidence->mark);
            continue;
        }
        dt_layout_wrapf(layout, INDENT + 2, INDENT + 4, "%s", label);
        dt_layout_quote(layout, INDENT + 2, " ", evidence->text, evidence->mark);
    }
}

static void
show_checks(dt_layout *layout, const dt_finding *finding)
{
    if (finding->checks->len == 0)
        return;
    dt_layout_wrap(layout, INDENT, INDENT, "To know for certain, look:");
    for (guint i = 0; i < finding->checks->len; i++) {
        g_autofree char *command = g_strconcat("$ ", finding->checks->pdata[i], NULL);
        dt_layout_line(layout, INDENT + 4, command);
    }
}

static dt_style
severity_style(dt_severity severity)
{
    static const dt_style styles[] = { DT_PLAIN, DT_BAD, DT_WARN, DT_DIM };
    return styles[severity];
}

static void
show_finding(dt_layout *layout, const dt_diagnosis *diagnosis, guint index, gboolean is_full)
{
    const dt_finding *finding = diagnosis->findings->pdata[index];
    g_autofree char *left = g_strdup_printf("  %-2u %s", index + 1, finding->code);
    g_autofree char *right =
        g_strdup_printf("%s%s", finding->certainty == DT_POSSIBLE ? "possible, " : "",
                        dt_severity_word(finding->severity));
    dt_layout_spread(layout, left, severity_style(finding->severity), right);
    dt_layout_wrap(layout, INDENT, INDENT, finding->explanation);
    if (is_full) {
        show_evidence(layout, finding->evidence, 12);
        show_checks(layout, finding);
        show_steps(layout, finding->fixes);
        show_proof(layout, diagnosis, finding);
    } else if (finding->fixes->len)
        dt_layout_wrapf(layout, INDENT, INDENT, "What could be done: dmarctrace causes %s",
                        finding->code);
    dt_layout_blank(layout);
}

void
dt_text_findings(dt_layout *layout, const dt_diagnosis *diagnosis, const dt_report_options *options)
{
    const GPtrArray *findings = diagnosis->findings;
    if (findings->len == 0)
        return;
    dt_layout_blank(layout);
    dt_layout_heading(layout, dt_phrase_findings(diagnosis));
    for (guint i = 0; i < findings->len; i++) {
        const dt_finding *finding = findings->pdata[i];
        show_finding(layout, diagnosis, i,
                     options->is_verbose || finding->severity != DT_SEVERITY_NOTE);
    }
}

/* ---- plan ---------------------------------------------------------------------------------- */

static void
show_plan(dt_layout *layout, const dt_plan *plan, guint number)
{
    g_autofree char *text = dt_phrase_plan(plan);
    dt_layout_wrapf(layout, 2, INDENT, "%u. %s", number, text);
    for (guint i = 0; i < plan->proof->assumes->len; i++)
        dt_layout_wrapf(layout, INDENT, INDENT, "Supposing that %s.",
                        (char *)plan->proof->assumes->pdata[i]);
}

void
dt_text_plan(dt_layout *layout, const dt_diagnosis *diagnosis, const char *file)
{
    if (diagnosis->plans->len == 0) {
        if (diagnosis->plan_absent && diagnosis->status != 0 && file)
            dt_layout_wrap(layout, 0, 0, diagnosis->plan_absent);
        return;
    }
    dt_layout_heading(layout, dt_phrase_plans(diagnosis));
    for (guint i = 0; i < diagnosis->plans->len; i++)
        show_plan(layout, diagnosis->plans->pdata[i], i + 1);
    if (!file)
        return;
    g_autofree char *quoted = dt_text_shell_quote(file);
    g_autofree char *line =
        g_strdup_printf("dmarctrace fix %s", strcmp(file, "-") == 0 ? "< message.eml" : quoted);
    dt_layout_wrap(layout, 0, 0, "Ready to apply:");
    dt_layout_line(layout, 2, line);
}
