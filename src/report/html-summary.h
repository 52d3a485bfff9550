/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: the charts of an HTML summary.
 */
#ifndef DT_REPORT_HTML_SUMMARY_H
#define DT_REPORT_HTML_SUMMARY_H

#include "report/html.h"
#include "report/summary.h"

/* A bar of count in total, for a place that also says the numbers. */
void dt_html_bar(GString *out, guint64 count, guint64 total, const char *tone);

/* The section with verdicts by day; nothing where no message has a date. */
void dt_html_days(GString *out, const dt_summary *summary);

#endif
