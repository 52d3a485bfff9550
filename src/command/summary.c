/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * summary: the NDJSON of several runs as one report, the same as one run over all messages would
 * have given.
 */
#include "command/command.h"

#include "base/file.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No line of ours is longer; what is longer is no such file. */
#define MAX_LINE (256 * 1024 * 1024)
#define FLUSH_AT (64 * 1024)

typedef struct {
    dt_call *call;
    dt_report_options options;
    dt_summary *summary;
    gboolean wants_rows, wants_csv;
    guint verdicts; /* a bit each */
    guint64 bad_lines, faults;
    int status;       /* of files that cannot be read */
    GString *pending; /* rows that are not yet written */
    int output_status;
} merge;

static void
flush_rows(merge *self)
{
    if (self->output_status == 0)
        self->output_status = dt_output(self->pending);
    g_string_truncate(self->pending, 0);
}

static void
write_row(merge *self, const dt_row *row, const char *line, gsize length)
{
    if (self->wants_rows) {
        g_string_append_len(self->pending, line, length);
        g_string_append_c(self->pending, '\n');
    } else
        dt_row_csv(row, self->pending);
    if (self->pending->len > FLUSH_AT)
        flush_rows(self);
}

static void
take_line(merge *self, const char *name, guint64 number, const char *line, gsize length)
{
    GError *error = NULL;
    g_autoptr(dt_row_reader) reader = dt_row_reader_new(line, length, &error);
    if (!reader) {
        self->bad_lines++;
        dt_fail_text(0, "%s:%" G_GUINT64_FORMAT ": %s", name, number, error->message);
        g_error_free(error);
        return;
    }
    const dt_row *row = dt_row_reader_row(reader);
    self->verdicts |= row->error_status ? 0 : 1u << row->verdict;
    self->faults += row->error_status != 0;
    if (self->call->is_quiet)
        return;
    if (self->wants_rows || self->wants_csv)
        write_row(self, row, line, length);
    else
        dt_summary_add(self->summary, row);
}

static void
read_lines(merge *self, const char *name, FILE *file)
{
    char *line = NULL;
    gsize room = 0;
    guint64 number = 0;
    ssize_t length;
    errno = 0;
    while (self->output_status == 0 && (length = getline(&line, &room, file)) > 0) {
        number++;
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            length--;
        if (length > 0 && length <= MAX_LINE)
            take_line(self, name, number, line, length);
    }
    /* Too little memory for a line is no error of the stream. */
    if (self->output_status == 0 && !feof(file))
        self->status = dt_fail_text(EXIT_IO, "%s: cannot be read: %s", name, g_strerror(errno));
    free(line);
}

static void
read_file(merge *self, const char *path)
{
    gboolean is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    FILE *file = fd >= 0 ? dt_file_stream(fd) : NULL;
    if (!file) {
        self->status =
            dt_fail_text(EXIT_NO_INPUT, "%s: cannot be opened: %s", path, g_strerror(errno));
        return;
    }
    read_lines(self, is_stdin ? "standard input" : path, file);
    fclose(file);
}

static int
write_report(merge *self)
{
    GError *error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    flush_rows(self);
    if (self->call->is_quiet || self->output_status || self->wants_rows || self->wants_csv)
        return self->output_status;
    dt_summary_sort(self->summary);
    if (!dt_summary_render(self->call->format, self->summary, &self->options, out, &error))
        return dt_fail(error);
    return dt_output(out);
}

static int
exit_status(const merge *self)
{
    if (self->status)
        return self->status;
    if (self->bad_lines || self->faults)
        return EXIT_DATA;
    return self->verdicts & self->call->fail_on ? 1 : 0;
}

int
dt_command_summary(dt_call *call)
{
    merge self = { .call = call, .summary = dt_summary_new(), .pending = g_string_new(NULL) };
    dt_report_options_fill(call, &self.options);
    self.wants_rows = strcmp(call->format, "ndjson") == 0;
    self.wants_csv = strcmp(call->format, "csv") == 0;
    if (strcmp(call->format, "html") == 0)
        dt_summary_keep_messages(self.summary);
    if (call->arguments->len == 0 && isatty(STDIN_FILENO)) {
        dt_summary_free(self.summary);
        g_string_free(self.pending, TRUE);
        return dt_fail_text(EXIT_USAGE,
                            "summary: name the NDJSON files of batch runs, or pipe them in");
    }
    if (self.wants_csv && !call->is_quiet) {
        dt_row_csv_names(self.pending);
        flush_rows(&self);
    }
    if (call->arguments->len == 0)
        read_file(&self, "-");
    for (guint i = 0; i < call->arguments->len; i++)
        read_file(&self, call->arguments->pdata[i]);
    int status = write_report(&self);
    status = status ? status : exit_status(&self);
    dt_summary_free(self.summary);
    g_string_free(self.pending, TRUE);
    return status;
}
