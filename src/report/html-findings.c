/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Findings and plans in HTML: what it is, where it shows, what to type, what that gives. Names,
 * values and commands are selected whole by one click (user-select: all), so they can be copied
 * without a script.
 */
#include "report/html.h"

#include "base/text.h"

#include <string.h>

#define SHOWN_EVIDENCE 12
#define EXCERPT        280

/* ---- steps --------------------------------------------------------------------------------- */

static void
put_command(GString *out, const char *command)
{
    dt_html_putf(out, "<pre class=\"command\"><code class=\"copy\">%s</code></pre>\n", command);
}

/* The three boxes that a DNS form has. */
static void
put_record(GString *out, const char *lead, const dt_fix *fix, const char *value)
{
    if (lead)
        dt_html_putf(out, "<p class=\"lead\">%s</p>\n", lead);
    dt_html_putf(
        out,
        "<dl class=\"record\"><div><dt>Name</dt><dd><code class=\"copy\">%s</code></dd></div>"
        "<div><dt>Type</dt><dd><code class=\"copy\">%s</code></dd></div>",
        fix->name, fix->type);
    if (value)
        dt_html_putf(out, "<div><dt>Value</dt><dd><code class=\"copy\">%s</code></dd></div>",
                     value);
    g_string_append(out, "</dl>\n");
}

static void
put_step_record(GString *out, const dt_fix *fix)
{
    if (!fix->name || !fix->type)
        return;
    if (fix->action == DT_ACTION_REMOVE)
        put_record(out, "Remove:", fix, fix->value);
    else if (fix->action == DT_ACTION_REPLACE) {
        put_record(out, "Instead of:", fix, fix->old_value);
        put_record(out, "publish:", fix, fix->value);
    } else
        put_record(out, NULL, fix, fix->value);
}

static void
put_step(GString *out, const dt_fix *fix)
{
    const char *text = dt_phrase_step(fix);
    gboolean has_end = g_str_has_suffix(text, ".") || g_str_has_suffix(text, ":");
    dt_html_putf(out, "<li>\n<p>%s%s</p>\n", text,
                 has_end                     ? ""
                 : fix->command || fix->name ? ":"
                                             : ".");
    if (fix->command)
        put_command(out, fix->command);
    put_step_record(out, fix);
}

static void
put_steps(GString *out, const GPtrArray *fixes)
{
    if (fixes->len == 0)
        return;
    g_string_append(out, "<ol class=\"steps\">\n");
    for (guint i = 0; i < fixes->len; i++) {
        const dt_fix *fix = fixes->pdata[i];
        if (i && dt_fix_continues(fix)) {
            put_step_record(out, fix);
            continue;
        }
        if (i)
            g_string_append(out, "</li>\n");
        put_step(out, fix);
    }
    g_string_append(out, "</li>\n</ol>\n");
}

/* ---- one finding --------------------------------------------------------------------------- */

static void
put_evidence(GString *out, const GPtrArray *list)
{
    if (list->len == 0)
        return;
    g_string_append(out, "<dl class=\"evidence\">\n");
    for (guint i = 0; i < list->len && i < SHOWN_EVIDENCE; i++) {
        const dt_evidence *evidence = list->pdata[i];
        dt_html_putf(out, "<div><dt>%s</dt><dd><code>", evidence->ref);
        dt_html_excerpt(out, evidence->text, evidence->mark, EXCERPT);
        g_string_append(out, "</code></dd></div>\n");
    }
    if (list->len > SHOWN_EVIDENCE)
        dt_html_putf(out, "<div><dt>and</dt><dd>%u more places</dd></div>\n",
                     list->len - SHOWN_EVIDENCE);
    g_string_append(out, "</dl>\n");
}

static void
put_checks(GString *out, const GPtrArray *checks)
{
    if (checks->len == 0)
        return;
    g_string_append(out, "<p>To know for certain, look:</p>\n");
    for (guint i = 0; i < checks->len; i++)
        put_command(out, checks->pdata[i]);
}

static void
put_body(const dt_html_report *report, const dt_finding *finding)
{
    GString *out = report->out;
    g_autofree char *proof = dt_phrase_proof(report->diagnosis, finding);
    dt_html_putf(out, "<p>%s</p>\n", finding->explanation);
    put_evidence(out, finding->evidence);
    put_checks(out, finding->checks);
    put_steps(out, finding->fixes);
    if (proof)
        dt_html_putf(out, "<p class=\"proof %s\">%s</p>\n",
                     finding->proof && finding->proof->result == DT_VERDICT_PASS ? "good" : "plain",
                     proof);
}

static const char *
severity_tone(dt_severity severity)
{
    static const char *const tones[] = { "plain", "bad", "warn", "plain" };
    return tones[severity];
}

/* "code, possible, blocks" behind the title. */
static void
put_labels(GString *out, const dt_finding *finding)
{
    dt_html_putf(out, "<span class=\"labels\"><code>%s</code> ", finding->code);
    if (finding->certainty == DT_POSSIBLE)
        g_string_append(out, "<span class=\"word plain\">possible</span> ");
    dt_html_putf(out, "<span class=\"word %s\">%s</span></span>", severity_tone(finding->severity),
                 dt_severity_word(finding->severity));
}

/* What blocks and what is a risk stands open, a note is folded. */
static void
put_finding(const dt_html_report *report, const dt_finding *finding, guint number)
{
    GString *out = report->out;
    gboolean is_note = finding->severity == DT_SEVERITY_NOTE;
    dt_html_putf(out, "<section class=\"finding %s\" aria-labelledby=\"m%u-c%u\">\n",
                 severity_tone(finding->severity), report->number, number);
    if (is_note)
        g_string_append(out, "<details>\n<summary>");
    dt_html_putf(out, "<h4 id=\"m%u-c%u\"><span class=\"number\">%u</span> %s</h4>\n",
                 report->number, number, number, finding->title);
    put_labels(out, finding);
    g_string_append(out, is_note ? "</summary>\n" : "\n");
    put_body(report, finding);
    g_string_append(out, is_note ? "</details>\n</section>\n" : "</section>\n");
}

void
dt_html_findings(const dt_html_report *report)
{
    const GPtrArray *findings = report->diagnosis->findings;
    if (findings->len == 0)
        return;
    dt_html_putf(report->out, "<section aria-labelledby=\"m%u-why\">\n<h3 id=\"m%u-why\">%s</h3>\n",
                 report->number, report->number, dt_phrase_findings(report->diagnosis));
    for (guint i = 0; i < findings->len; i++)
        put_finding(report, findings->pdata[i], i + 1);
    g_string_append(report->out, "</section>\n");
}

/* ---- plan ---------------------------------------------------------------------------------- */

static void
put_plan(GString *out, const dt_plan *plan)
{
    g_autofree char *text = dt_phrase_plan(plan);
    dt_html_putf(out, "<li><p><strong>%s</strong></p>\n", text);
    for (guint i = 0; i < plan->proof->assumes->len; i++)
        dt_html_putf(out, "<p>Supposing that %s.</p>\n",
                     (const char *)plan->proof->assumes->pdata[i]);
    g_string_append(out, "</li>\n");
}

void
dt_html_plan(const dt_html_report *report)
{
    const dt_diagnosis *diagnosis = report->diagnosis;
    const char *file = dt_message_label(report->subject->message);
    GString *out = report->out;
    if (diagnosis->plans->len == 0) {
        if (diagnosis->plan_absent && diagnosis->status != 0)
            dt_html_putf(out, "<p class=\"box plain\">%s</p>\n", diagnosis->plan_absent);
        return;
    }
    dt_html_putf(out,
                 "<section class=\"plan\" aria-labelledby=\"m%u-plan\">\n<h3 "
                 "id=\"m%u-plan\">%s</h3>\n<ol>\n",
                 report->number, report->number, dt_phrase_plans(diagnosis));
    for (guint i = 0; i < diagnosis->plans->len; i++)
        put_plan(out, diagnosis->plans->pdata[i]);
    g_autofree char *quoted = dt_text_shell_quote(file);
    g_autofree char *command =
        g_strdup_printf("dmarctrace fix %s", strcmp(file, "-") == 0 ? "< message.eml" : quoted);
    g_string_append(out, "</ol>\n<p>Ready to apply:</p>\n");
    put_command(out, command);
    g_string_append(out, "</section>\n");
}
