/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The list of formats: a row for each, for a message and for a domain.
 */
#include "report/formats.h"
#include "report/summary.h"

#include <string.h>

static const struct {
    const char *name;
    dt_format_func message;
    dt_format_func domain; /* NULL: a domain has no such report */
    gboolean is_single_line;
} formats[] = {
    { "text", dt_report_text, dt_report_domain_text, FALSE },
    { "json", dt_report_json, dt_report_domain_json, FALSE },
    { "ndjson", dt_report_json, NULL, TRUE },
    { "html", dt_report_html, NULL, FALSE },
    { "authres", dt_report_authres, NULL, FALSE },
    { "zone", dt_report_zone, dt_report_zone, FALSE },
    { "route53", dt_report_route53, dt_report_route53, FALSE },
    { "aws", dt_report_aws, dt_report_aws, FALSE },
};

gboolean
dt_report_has_format(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
        if (formats[i].message && strcmp(formats[i].name, name) == 0)
            return TRUE;
    return FALSE;
}

gboolean
dt_report_render(const char *format, const dt_case *subject, const dt_diagnosis *diagnosis,
                 const dt_report_options *options, GString *out, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        dt_format_func func = subject->message ? formats[i].message : formats[i].domain;
        if (!func || strcmp(formats[i].name, format) != 0)
            continue;
        dt_report_options effective = *options;
        effective.is_single_line |= formats[i].is_single_line;
        func(subject, diagnosis, &effective, out);
        return TRUE;
    }
    g_set_error(error, DT_ERROR, DT_ERROR_USAGE, "no format \"%s\" here", format);
    return FALSE;
}

/* ---- summaries ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    dt_summary_func render;
} summary_formats[] = {
    { "text", dt_summary_text },
    { "html", dt_summary_html },
};

gboolean
dt_summary_render(const char *format, const dt_summary *summary, const dt_report_options *options,
                  GString *out, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(summary_formats); i++)
        if (strcmp(summary_formats[i].name, format) == 0) {
            summary_formats[i].render(summary, options, out);
            return TRUE;
        }
    g_set_error(error, DT_ERROR, DT_ERROR_USAGE, "no format \"%s\" here", format);
    return FALSE;
}
