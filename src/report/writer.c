/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Several reports in one output: what stands between them, and formats that are one document for
 * all of them (HTML). What a single report looks like is left to its format.
 */
#include "report/formats.h"
#include "report/html.h"

#include <string.h>

struct dt_report_writer {
    char *format;
    dt_report_options options;
    guint count;                /* of reports */
    dt_html_document *document; /* NULL unless html */
};

dt_report_writer *
dt_report_writer_new(const char *format, const dt_report_options *options, GError **error)
{
    if (!dt_report_has_format(format)) {
        g_set_error(error, DT_ERROR, DT_ERROR_USAGE, "no format \"%s\" here", format);
        return NULL;
    }
    dt_report_writer *writer = g_new0(dt_report_writer, 1);
    writer->format = g_strdup(format);
    writer->options = *options;
    if (strcmp(format, "html") == 0)
        writer->document = dt_html_document_new();
    return writer;
}

void
dt_report_writer_free(dt_report_writer *writer)
{
    if (!writer)
        return;
    g_clear_pointer(&writer->document, dt_html_document_free);
    g_free(writer->format);
    g_free(writer);
}

void
dt_report_writer_add(dt_report_writer *writer, const dt_case *subject,
                     const dt_diagnosis *diagnosis, GString *out)
{
    if (writer->document) {
        dt_html_document_add(writer->document, subject, diagnosis);
        return;
    }
    if (writer->count++ && strcmp(writer->format, "text") == 0)
        g_string_append_c(out, '\n');
    dt_report_render(writer->format, subject, diagnosis, &writer->options, out, NULL);
}

void
dt_report_writer_add_error(dt_report_writer *writer, const char *file, int exit_status,
                           const char *text, GString *out)
{
    gboolean is_single_line = strcmp(writer->format, "ndjson") == 0;
    if (writer->document)
        dt_html_document_add_error(writer->document, file, text);
    else if (is_single_line || strcmp(writer->format, "json") == 0)
        dt_report_error_json(file, exit_status, text, is_single_line, out);
}

void
dt_report_writer_end(dt_report_writer *writer, GString *out)
{
    if (writer->document)
        dt_html_document_write(writer->document, out);
}
