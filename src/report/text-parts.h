/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: parts of the text report that several commands show.
 */
#ifndef DT_REPORT_TEXT_PARTS_H
#define DT_REPORT_TEXT_PARTS_H

#include "diagnosis/finding.h"
#include "report/layout.h"
#include "report/formats.h"

/* "Why": the findings; blocking ones and risks whole, notes short unless verbose. */
void dt_text_findings(dt_layout *layout, const dt_diagnosis *diagnosis,
                      const dt_report_options *options);

/* "Shortest way to dmarc=pass"; file NULL for a domain. */
void dt_text_plan(dt_layout *layout, const dt_diagnosis *diagnosis, const char *file);

/* --verbose: the path, SPF and DMARC with the answers that decided. */
void dt_text_traces(dt_layout *layout, const dt_case *subject);
void dt_text_spf_trace(dt_layout *layout, const dt_spf *spf, const char *ip);
void dt_text_dmarc_trace(dt_layout *layout, const dt_dmarc *dmarc);

/* Questions that were not answered and what that means; nothing if all were. */
void dt_text_unanswered(dt_layout *layout, const dt_resolver *resolver);

#endif
