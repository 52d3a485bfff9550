/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: one function a format; formats.c lists them. And the parts that several
 * commands show.
 */
#ifndef DT_REPORT_FORMATS_H
#define DT_REPORT_FORMATS_H

#include <dmarctrace/report.h>
#include "diagnosis/finding.h"

typedef void (*dt_format_func)(const dt_case *subject, const dt_diagnosis *diagnosis,
                               const dt_report_options *options, GString *out);

/* Is there a format of that name for messages? */
gboolean dt_report_has_format(const char *name);

void dt_report_text(const dt_case *subject, const dt_diagnosis *diagnosis,
                    const dt_report_options *options, GString *out);
void dt_report_html(const dt_case *subject, const dt_diagnosis *diagnosis,
                    const dt_report_options *options, GString *out);
void dt_report_json(const dt_case *subject, const dt_diagnosis *diagnosis,
                    const dt_report_options *options, GString *out);
void dt_report_authres(const dt_case *subject, const dt_diagnosis *diagnosis,
                       const dt_report_options *options, GString *out);
void dt_report_domain_text(const dt_case *subject, const dt_diagnosis *diagnosis,
                           const dt_report_options *options, GString *out);
void dt_report_domain_json(const dt_case *subject, const dt_diagnosis *diagnosis,
                           const dt_report_options *options, GString *out);
void dt_report_zone(const dt_case *subject, const dt_diagnosis *diagnosis,
                    const dt_report_options *options, GString *out);
void dt_report_route53(const dt_case *subject, const dt_diagnosis *diagnosis,
                       const dt_report_options *options, GString *out);
void dt_report_aws(const dt_case *subject, const dt_diagnosis *diagnosis,
                   const dt_report_options *options, GString *out);

/* The field alone, for a filter. */
void dt_report_authres_field(const dt_case *subject, const char *authserv_id, GString *out);

#endif
