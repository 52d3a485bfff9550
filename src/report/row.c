/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a summary and CSV keep of one message, taken from its case; and the CSV line. How it is read
 * back from JSON is row-reader.c's part.
 */
#include "report/summary.h"

#include "base/text.h"

#include <string.h>

/* ---- from a case --------------------------------------------------------------------------- */

static char *
dkim_words(const dt_dkim *dkim)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = dkim->signatures->pdata[i];
        const char *domain = signature->domain ? signature->domain : signature->d;
        g_string_append_printf(out, "%s%s=%s", out->len ? " " : "", domain ? domain : "?",
                               dt_dkim_result_word(signature->result));
    }
    return g_string_free(out, FALSE);
}

static GArray *
causes_of(const dt_diagnosis *diagnosis)
{
    GArray *causes = g_array_new(FALSE, FALSE, sizeof(dt_row_cause));
    for (guint i = 0; i < diagnosis->findings->len; i++) {
        const dt_finding *finding = diagnosis->findings->pdata[i];
        dt_row_cause cause = { finding->code, finding->title, finding->severity };
        g_array_append_val(causes, cause);
    }
    return causes;
}

static dt_ternary
ternary(gboolean is_known, gboolean value)
{
    return !is_known ? DT_TERNARY_UNKNOWN : value ? DT_TERNARY_TRUE : DT_TERNARY_FALSE;
}

void
dt_row_take_case(dt_row *row, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    guint index = 0;
    const dt_message *message = subject->message;
    gint64 date = dt_message_date(message);
    *row = (dt_row){
        .file = dt_message_label(message),
        .verdict = subject->dmarc->result,
        .recorded_verdict = dt_case_recorded_verdict(subject),
        .reproducible = diagnosis->reproducible,
        .from_domain = subject->dmarc->from_domain,
        .org_domain = subject->dmarc->org_domain,
        .policy = dt_policy_word(subject->dmarc->policy),
        .disposition = dt_policy_word(subject->dmarc->disposition),
        .spf = dt_spf_result_word(subject->spf->result),
        .spf_domain = subject->spf->domain,
        .spf_aligned = ternary(subject->spf_identifier != NULL, dt_case_spf_aligned(subject)),
        .dkim_aligned = ternary(TRUE, dt_case_dkim_aligned(subject)),
        .dkim = dkim_words(subject->dkim),
        .via_ses = subject->ses->via_ses,
        .region = subject->ses->region,
        .message_id = dt_message_id(message),
        .date = date == DT_TIME_NONE ? NULL : dt_text_time(date),
        .causes = causes_of(diagnosis),
    };
    row->has_position = dt_message_position(message, &index, &row->offset);
    row->index = index;
}

void
dt_row_take_error(dt_row *row, const char *file, int status, const char *text)
{
    *row = (dt_row){ .file = file, .error_status = status, .error_text = text, .reproducible = -1 };
}

void
dt_row_clear(dt_row *row)
{
    g_free(row->dkim);
    g_free(row->date);
    if (row->causes)
        g_array_unref(row->causes);
    *row = (dt_row){ 0 };
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static const char *const columns[] = {
    "file",         "index",       "offset",      "verdict",    "recorded_verdict",
    "reproducible", "from_domain", "org_domain",  "policy",     "disposition",
    "spf",          "spf_domain",  "spf_aligned", "dkim",       "dkim_aligned",
    "via_ses",      "region",      "date",        "message_id", "blocks",
    "risks",        "notes",       "error",
};

void
dt_row_csv_names(GString *out)
{
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        g_string_append_printf(out, "%s%s", i ? "," : "", columns[i]);
    g_string_append(out, "\r\n");
}

static void
cell(GString *out, const char *text)
{
    if (out->len)
        g_string_append_c(out, ',');
    g_autofree char *safe = text ? dt_text_csv(text) : NULL;
    g_string_append(out, safe ? safe : "");
}

static void
number_cell(GString *out, gboolean is_known, guint64 value)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value);
    cell(out, is_known ? text : "");
}

static void
ternary_cell(GString *out, dt_ternary value)
{
    cell(out, value == DT_TERNARY_UNKNOWN ? "" : value == DT_TERNARY_TRUE ? "true" : "false");
}

static void
cause_cell(GString *out, const dt_row *row, dt_severity severity)
{
    g_autoptr(GString) codes = g_string_new(NULL);
    for (guint i = 0; row->causes && i < row->causes->len; i++) {
        const dt_row_cause *cause = &g_array_index(row->causes, dt_row_cause, i);
        if (cause->severity == severity)
            g_string_append_printf(codes, "%s%s", codes->len ? " " : "", cause->code);
    }
    cell(out, codes->str);
}

/* The first cell of a line is never empty: cell() sees by that where a line begins. */
void
dt_row_csv(const dt_row *row, GString *out)
{
    gboolean is_read = row->error_status == 0;
    g_autoptr(GString) line = g_string_new(NULL);
    cell(line, row->file && row->file[0] ? row->file : "?");
    number_cell(line, row->has_position, row->index);
    number_cell(line, row->has_position, row->offset);
    cell(line, is_read ? dt_verdict_word(row->verdict) : NULL);
    cell(line, row->recorded_verdict);
    ternary_cell(line, ternary(row->reproducible >= 0, row->reproducible == 1));
    const char *const texts[] = { row->from_domain, row->org_domain, row->policy,
                                  row->disposition, row->spf,        row->spf_domain };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        cell(line, texts[i]);
    ternary_cell(line, row->spf_aligned);
    cell(line, row->dkim);
    ternary_cell(line, row->dkim_aligned);
    ternary_cell(line, ternary(is_read, row->via_ses));
    cell(line, row->region);
    cell(line, row->date);
    cell(line, row->message_id);
    cause_cell(line, row, DT_SEVERITY_BLOCKS);
    cause_cell(line, row, DT_SEVERITY_RISK);
    cause_cell(line, row, DT_SEVERITY_NOTE);
    cell(line, row->error_text);
    g_string_append_len(out, line->str, line->len);
    g_string_append(out, "\r\n");
}
