/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The command line: a table of commands, a table of options, and the ways from errors to exit
 * statuses. Thin: what a command does is in the library.
 */
#ifndef DT_COMMAND_COMMAND_H
#define DT_COMMAND_COMMAND_H

#include <dmarctrace/report.h>

enum {
    EXIT_USAGE = 64,
    EXIT_DATA = 65,
    EXIT_NO_INPUT = 66,
    EXIT_INTERNAL = 70,
    EXIT_CREATE = 73,
    EXIT_IO = 74,
    EXIT_TEMPORARY = 75,
    EXIT_INTERRUPTED = 130,
};

/* What the options of one call said. */
typedef struct {
    dt_context *context;
    GPtrArray *arguments; /* of char*: what is no option */
    const char *format;   /* as given or the command's default */
    const char *color;    /* "auto", "always", "never" */
    gboolean is_quiet, is_verbose;
    const char *save_dns;
    gboolean has_dns_file; /* --dns: no question leaves the machine */
    const char *ip, *helo, *mail_from;
    const char *attached; /* "" for --attached alone; NULL not given */
    const char *write_id;
    guint plan;
    GPtrArray *from, *spf, *dkim; /* of dmarc */
    guint jobs;                   /* 0: as many as processors */
    const char *files_from;       /* NULL not given */
    gboolean is_null_separated;
    guint fail_on; /* a bit (1 << dt_verdict) each */
    gboolean wants_help;
} dt_call;

typedef struct {
    const char *name;
    int (*run)(dt_call *call);
    const char *usage; /* behind "dmarctrace " */
    const char *summary;
    const char *options; /* names of the options it takes, blanks between */
    const char *formats; /* words, the default first */
    const char *presets; /* "option=value" where its defaults differ, blanks between; NULL none */
} dt_command;

int dt_command_explain(dt_call *call);
int dt_command_fix(dt_call *call);
int dt_command_batch(dt_call *call);
int dt_command_summary(dt_call *call);
int dt_command_filter(dt_call *call);
int dt_command_domain(dt_call *call);
int dt_command_spf(dt_call *call);
int dt_command_dmarc(dt_call *call);
int dt_command_causes(dt_call *call);

const dt_command *dt_command_find(const char *name); /* NULL: no such command */
const dt_command *dt_command_get(guint index);       /* NULL past the end */

/* Reads the options behind the command word. 0, or EXIT_USAGE and others with one line on standard
 * error. */
int dt_options_parse(const dt_command *command, int argc, char **argv, dt_call *call);
void dt_call_clear(dt_call *call);

/* The help of one command, or of all (NULL), to out. */
void dt_help(const dt_command *command, GString *out);

/* One line on standard error, control characters made visible; gives the exit status of the error.
 * Frees error. */
int dt_fail(GError *error);
int dt_fail_text(int status, const char *format, ...) G_GNUC_PRINTF(2, 3);
int dt_error_status(const GError *error);

/* Writes text to standard output. 0 or EXIT_IO (a reader that went away is no error worth a
 * message). */
int dt_output(const GString *text);

/* Reading input with the remedies for first mistakes. path "-" or NULL: standard input. */
dt_message *dt_command_read(const dt_call *call, const char *path, GError **error);

/* What --attached says to look at instead of message, which it takes over; NULL stays NULL. */
dt_message *dt_command_attached(const dt_call *call, dt_message *message, GError **error);

void dt_report_options_fill(const dt_call *call, dt_report_options *options);

/* Writes the snapshot of --save-dns, if asked for. 0 or a status. */
int dt_save_dns(const dt_call *call, dt_resolver *const *resolvers, guint count);

#endif
