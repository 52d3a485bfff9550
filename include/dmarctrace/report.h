/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Diagnoses as text for people and for programs. A report computes nothing: it shows what the case and the diagnosis hold,
 * with everything that came from outside made harmless for its format.
 */
#ifndef DMARCTRACE_REPORT_H
#define DMARCTRACE_REPORT_H

#include <dmarctrace/diagnosis.h>

G_BEGIN_DECLS

typedef struct {
    guint columns;       /* width of text; 0: 80 */
    gboolean use_color;
    gboolean is_verbose; /* the full traces in text */
    gboolean is_single_line; /* JSON: one object a line */
    guint plan;          /* fix: which plan, from 1; 0: the first */
    const char *authserv_id; /* authres: the id to write; NULL: dmarctrace.HOSTNAME */
} dt_report_options;

/* Appends the report on one case to out. format: "text", "json", "ndjson", "authres" (explain), "zone", "route53", "aws" (fix).
 * FALSE with DT_ERROR_USAGE if there is no such format. */
gboolean dt_report_render(const char *format, const dt_case *subject, const dt_diagnosis *diagnosis,
                          const dt_report_options *options, GString *out, GError **error);

/* The JSON object for a message that could not be read; exit: the status of sysexits(3) that goes with it. */
void dt_report_error_json(const char *file, int exit_status, const char *text, gboolean is_single_line, GString *out);

G_END_DECLS

#endif
