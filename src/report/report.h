/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Reports that need no message: one SPF evaluation, one DMARC evaluation, the catalogue. For the
 * commands of the same names.
 */
#ifndef DT_REPORT_REPORT_H
#define DT_REPORT_REPORT_H

#include <dmarctrace/report.h>
#include "dmarc/dmarc.h"
#include "report/summary.h"
#include "spf/spf.h"

void dt_report_spf_json(const dt_spf *spf, const dt_spf_input *input, const dt_resolver *resolver,
                        GString *out);
void dt_report_spf_text(const dt_spf *spf, const dt_spf_input *input, const dt_resolver *resolver,
                        const dt_report_options *options, GString *out);

/* results: the words given for each identifier, in order. */
void dt_report_dmarc_json(const dt_dmarc *dmarc, const GPtrArray *identifiers,
                          const GPtrArray *results, const dt_resolver *resolver, GString *out);
void dt_report_dmarc_text(const dt_dmarc *dmarc, const GPtrArray *identifiers,
                          const GPtrArray *results, const dt_resolver *resolver,
                          const dt_report_options *options, GString *out);

/* codes: NULL-terminated, empty for the whole catalogue as a list. FALSE with DT_ERROR_USAGE for a
 * code that is none. */
gboolean dt_report_causes(const char *format, char *const *codes, const dt_report_options *options,
                          GString *out, GError **error);

#endif
