/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * filter: a message from standard input to standard output with its results. Exit status 0 says
 * that all of it was written; with any other the caller keeps what it has.
 */
#include "command/command.h"
#include "command/sandbox.h"

#include "base/file.h"

#include <errno.h>
#include <unistd.h>

static void
answer_nothing(const char *name, const char *type, gint64 deadline_us, dt_reply *reply,
               gpointer data)
{
    dt_reply_set_status(reply, "servfail");
}

/* No name server is temporary trouble with DNS like any other: a result. */
static gboolean
open_context(dt_call *call, GError **error)
{
    GError *problem = NULL;
    if (dt_context_open(call->context, &problem))
        return TRUE;
    if (!g_error_matches(problem, DT_ERROR, DT_ERROR_TEMPORARY)) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    if (!call->is_quiet)
        dt_fail_text(0, "%s", problem->message);
    g_error_free(problem);
    dt_source *source = dt_source_new_callback(answer_nothing, NULL, NULL);
    dt_context_set_source(call->context, source);
    dt_source_unref(source);
    return dt_context_open(call->context, error);
}

/* Reads what is left of the message: some callers take a pipe that breaks for more than a filter
 * that failed (Dovecot 2.3 panics). */
static void
drain_input(void)
{
    char piece[8192];
    while (dt_file_read(STDIN_FILENO, piece, sizeof piece) > 0)
        ;
}

static int
fail(const dt_call *call, GError *error)
{
    drain_input();
    if (!call->is_quiet)
        return dt_fail(error);
    int status = dt_error_status(error);
    g_error_free(error);
    return status;
}

/* A snapshot that cannot be written is said, and is no reason to hold up the message. */
static void
save_dns(const dt_call *call, const dt_filter *filter)
{
    dt_resolver *resolver = dt_case_resolver(dt_filter_case(filter));
    dt_save_dns(call, &resolver, 1);
}

int
dt_command_filter(dt_call *call)
{
    GError *error = NULL;
    if (call->arguments->len > 0)
        return dt_fail_text(EXIT_USAGE,
                            "filter takes no files: the message comes on standard input");
    if (isatty(STDIN_FILENO))
        return dt_fail_text(EXIT_USAGE, "no message: filter reads one from standard input");
    if (!open_context(call, &error))
        return fail(call, error);
    dt_sandbox_enter(
        &(dt_sandbox_needs){ .asks_dns = !call->has_dns_file, .save_dns = call->save_dns });
    g_autoptr(dt_filter) filter =
        dt_filter_read(call->context, STDIN_FILENO, call->write_id, &error);
    if (!filter)
        return fail(call, error);
    save_dns(call, filter);
    if (!dt_filter_write(filter, STDOUT_FILENO, &error))
        return fail(call, error);
    if (call->is_verbose)
        dt_fail_text(0, "%s; fields taken out: %u", dt_filter_fields(filter),
                     dt_filter_removed_count(filter));
    return 0;
}
