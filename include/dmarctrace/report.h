/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Diagnoses as text for people and for programs. A report computes nothing: it shows what the case
 * and the diagnosis hold, with everything that came from outside made harmless for its format.
 */
#ifndef DMARCTRACE_REPORT_H
#define DMARCTRACE_REPORT_H

#include <dmarctrace/diagnosis.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

typedef struct {
    guint columns; /* width of text; 0: 80 */
    gboolean use_color;
    gboolean is_verbose;     /* the full traces in text */
    gboolean is_single_line; /* JSON: one object a line */
    guint plan;              /* fix: which plan, from 1; 0: the first */
    const char *authserv_id; /* authres: the id to write; NULL: dmarctrace.HOSTNAME */
} dt_report_options;

/* Appends the report on one case to out. format: "text", "json", "ndjson", "html", "authres"
 * (explain), "zone", "route53", "aws" (fix). FALSE with DT_ERROR_USAGE if there is no such format.
 */
gboolean dt_report_render(const char *format, const dt_case *subject, const dt_diagnosis *diagnosis,
                          const dt_report_options *options, GString *out, GError **error);

/* One output on any number of messages: a report after the other, or, for "html", one page that
 * holds them all. */
typedef struct dt_report_writer dt_report_writer;

/* NULL with DT_ERROR_USAGE if there is no such format for messages. */
dt_report_writer *dt_report_writer_new(const char *format, const dt_report_options *options,
                                       GError **error);
void dt_report_writer_free(dt_report_writer *writer);

/* Each appends to out what can be written already. A message that could not be read (exit: the
 * status of sysexits(3) that goes with it) shows in "json", "ndjson" and "html". After the end
 * nothing may be added. */
void dt_report_writer_add(dt_report_writer *writer, const dt_case *subject,
                          const dt_diagnosis *diagnosis, GString *out);
void dt_report_writer_add_error(dt_report_writer *writer, const char *file, int exit_status,
                                const char *text, GString *out);
void dt_report_writer_end(dt_report_writer *writer, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_report_writer, dt_report_writer_free)

/* The JSON object for a message that could not be read; exit: the status of sysexits(3) that goes
 * with it. */
void dt_report_error_json(const char *file, int exit_status, const char *text,
                          gboolean is_single_line, GString *out);

/* ---- the filter ---------------------------------------------------------------------------- */

/* One message on its way through a delivery pipe: read whole, judged, written out again with two
 * fields more. */
typedef struct dt_filter dt_filter;

/* The id that a filter writes which was given none: "dmarctrace." and the name of this host. Caller
 * frees. */
char *dt_filter_default_id(void);

/* Reads fd to its end and judges the message, which it keeps as it came (past 1 MiB in a temporary
 * file without a name). context: open; authserv_id NULL: the default. Does not close fd. NULL with
 * DT_ERROR_USAGE (no id that can be written, or one that is believed for this message),
 * DT_ERROR_DATA (no message) or DT_ERROR_IO. */
dt_filter *dt_filter_read(dt_context *context, int fd, const char *authserv_id, GError **error);
void dt_filter_free(dt_filter *filter);

const dt_case *dt_filter_case(const dt_filter *filter);

/* The two fields that it puts on top, lines ending in LF. */
const char *dt_filter_fields(const dt_filter *filter);

/* Writes the message to fd: the two fields, in its own line ends, on top of the header (behind an
 * mbox From_ line); without X-Dmarctrace fields and Authentication-Results of the same id; every
 * other octet as it came. FALSE with DT_ERROR_IO: what was written is of no use. */
gboolean dt_filter_write(dt_filter *filter, int fd, GError **error);

/* How many fields were left out; after dt_filter_write. */
guint dt_filter_removed_count(const dt_filter *filter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_filter, dt_filter_free)

#pragma GCC visibility pop
G_END_DECLS

#endif
