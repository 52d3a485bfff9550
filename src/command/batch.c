/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * batch: every message below some paths, by several threads, in one report; in the order in which
 * the messages lie. One thread finds and writes, the others read, judge and render; they share the
 * context and, for a moment each, the summary.
 */
#include "command/command.h"
#include "command/sandbox.h"
#include "command/paths.h"
#include "command/pool.h"
#include "command/progress.h"

#include "report/report.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TICK_US   (G_USEC_PER_SEC / 10)
#define LINGER_US (2 * G_USEC_PER_SEC) /* after Ctrl-C, for messages under way */

/* One thing that was found, and what came of it. */
typedef struct {
    dt_found found;
    GString *out; /* what goes to standard output; NULL nothing */
    char *fault;  /* why it could not be analysed */
    int fault_status;
    gboolean was_left;  /* not looked at any more: the run was stopped */
    dt_verdict verdict; /* UNKNOWN where there is none */
    guint64 octets;
} job;

typedef struct {
    dt_call *call;
    dt_report_options options;
    gboolean wants_summary, wants_rows, wants_csv;
    dt_pool *pool;
    dt_progress progress;
    dt_paths *paths;
    dt_finder *finder;
    gboolean is_at_end;
    GString *pending; /* what is done and not yet written */
    GMutex lock;      /* of summary and answers */
    dt_summary *summary;
    dt_resolver *answers;              /* --save-dns */
    guint64 analysed, faults, missing; /* missing: given paths that are not there */
    guint verdicts;                    /* a bit each: those that occurred */
    int output_status; /* not 0: standard output is gone; set by one thread, read by all */
} batch;

/* ---- being stopped ------------------------------------------------------------------------- */

/* All that a signal handler may touch. */
static volatile sig_atomic_t stop_signal;

static void
note_signal(int number)
{
    stop_signal = number;
}

/* A second signal ends the program at once. Reading a list from a pipe is interrupted (no
 * SA_RESTART). */
static void
catch_signals(void)
{
    struct sigaction action = { .sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static gboolean
is_stopped(const batch *self)
{
    return stop_signal != 0 || g_atomic_int_get(&self->output_status) != 0;
}

/* ---- one message, in any thread ------------------------------------------------------------ */

static void
add_row(batch *self, const dt_row *row)
{
    g_mutex_lock(&self->lock);
    dt_summary_add(self->summary, row);
    g_mutex_unlock(&self->lock);
}

static void
show_row(batch *self, job *one, const dt_row *row)
{
    if (self->wants_csv)
        dt_row_csv(row, one->out = g_string_new(NULL));
    if (self->wants_summary)
        add_row(self, row);
}

static void
set_fault(batch *self, job *one, const GError *error)
{
    dt_row row;
    one->fault = g_strdup(error->message);
    one->fault_status = dt_error_status(error);
    if (self->wants_rows)
        dt_report_error_json(one->found.path, one->fault_status, error->message, TRUE,
                             one->out = g_string_new(NULL));
    dt_row_take_error(&row, one->found.path, one->fault_status, error->message);
    show_row(self, one, &row);
    dt_row_clear(&row);
}

static void
show(batch *self, job *one, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    dt_row row;
    if (self->wants_rows)
        dt_report_render("ndjson", subject, diagnosis, &self->options,
                         one->out = g_string_sized_new(16 * 1024), NULL);
    if (!self->wants_csv && !self->wants_summary)
        return;
    dt_row_take_case(&row, subject, diagnosis);
    show_row(self, one, &row);
    dt_row_clear(&row);
}

static void
keep_answers(batch *self, const dt_case *subject)
{
    if (!self->answers)
        return;
    g_mutex_lock(&self->lock);
    dt_resolver_remember(self->answers, dt_case_resolver(subject));
    g_mutex_unlock(&self->lock);
}

static dt_message *
read_message(const batch *self, const dt_found *found, GError **error)
{
    return dt_command_attached(self->call, dt_found_read(found, error), error);
}

static void
analyse(gpointer data, gpointer batch_data)
{
    batch *self = batch_data;
    job *one = data;
    GError *error = one->found.error;
    if (one->found.kind == DT_FOUND_SKIPPED || (one->was_left = is_stopped(self)))
        return;
    dt_message *message =
        one->found.kind == DT_FOUND_FAULT ? NULL : read_message(self, &one->found, &error);
    if (!message) {
        set_fault(self, one, error);
        if (error != one->found.error)
            g_error_free(error);
        return;
    }
    one->octets = dt_message_size(message);
    g_autoptr(dt_case) subject = dt_case_new(self->call->context, message);
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(subject);
    one->verdict = dt_verdict_parse(dt_case_verdict(subject));
    show(self, one, subject, diagnosis);
    keep_answers(self, subject);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* The next find, in a job of its own; NULL at the end. */
static job *
find_next(batch *self)
{
    GError *error = NULL;
    g_autofree job *one = g_new0(job, 1);
    while (!is_stopped(self)) {
        if (dt_finder_next(self->finder, &one->found))
            return g_steal_pointer(&one);
        const char *path = dt_paths_next(self->paths, &error);
        if (error) {
            one->found = (dt_found){ .kind = DT_FOUND_FAULT,
                                     .path = g_strdup(self->call->files_from),
                                     .error = error };
            return g_steal_pointer(&one);
        }
        if (!path)
            return NULL;
        dt_finder_enter(self->finder, path);
    }
    return NULL;
}

static void
fill_pool(batch *self)
{
    while (!self->is_at_end && dt_pool_has_room(self->pool)) {
        job *one = find_next(self);
        if (one)
            dt_pool_give(self->pool, one);
        else
            self->is_at_end = TRUE;
    }
}

/* ---- writing ------------------------------------------------------------------------------- */

/* People who read a text report find the faults in it. */
static void
tell(batch *self, const job *one)
{
    gboolean is_skipped = one->found.kind == DT_FOUND_SKIPPED;
    if (!is_skipped && (!one->fault || (self->wants_summary && !self->call->is_quiet)))
        return;
    dt_progress_wipe(&self->progress);
    if (is_skipped)
        dt_fail_text(0, "%s: %s, skipped", one->found.path, one->found.reason);
    else
        dt_fail_text(0, "%s", one->fault);
}

static void
count(batch *self, const job *one)
{
    self->analysed += one->verdict != DT_VERDICT_UNKNOWN;
    self->verdicts |= one->verdict != DT_VERDICT_UNKNOWN ? 1u << one->verdict : 0;
    self->faults += one->fault != NULL;
    self->missing += one->found.kind == DT_FOUND_FAULT && one->fault_status == EXIT_NO_INPUT;
    if (one->verdict != DT_VERDICT_UNKNOWN || one->fault)
        dt_progress_add(&self->progress, one->octets);
}

static void
job_free(job *one)
{
    dt_found_clear(&one->found);
    if (one->out)
        g_string_free(one->out, TRUE);
    g_free(one->fault);
    g_free(one);
}

/* Writes what is done, in order; TRUE if there was anything. */
static gboolean
drain_pool(batch *self)
{
    GString *out = self->pending;
    job *one;
    gboolean was_any = FALSE;
    while ((one = dt_pool_take(self->pool))) {
        was_any = TRUE;
        tell(self, one);
        count(self, one);
        if (one->out)
            g_string_append_len(out, one->out->str, one->out->len);
        job_free(one);
    }
    if (out->len && !self->output_status)
        g_atomic_int_set(&self->output_status, dt_output(out));
    g_string_truncate(out, 0);
    return was_any;
}

/* ---- the run ------------------------------------------------------------------------------- */

/* FALSE: stopped while messages were under way, and they do not come to an end. */
static gboolean
run_pool(batch *self)
{
    while (!is_stopped(self)) {
        fill_pool(self);
        if (dt_pool_is_empty(self->pool))
            return TRUE;
        if (!drain_pool(self))
            dt_pool_wait(self->pool, TICK_US);
        dt_progress_draw(&self->progress);
    }
    gint64 until = g_get_monotonic_time() + LINGER_US;
    while (!dt_pool_is_empty(self->pool) && g_get_monotonic_time() < until)
        if (!drain_pool(self))
            dt_pool_wait(self->pool, TICK_US);
    return dt_pool_is_empty(self->pool);
}

static int
write_summary(batch *self)
{
    GError *error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    if (!self->wants_summary || self->call->is_quiet || self->output_status)
        return 0;
    g_mutex_lock(&self->lock);
    self->summary->is_partial = stop_signal != 0;
    dt_summary_sort(self->summary);
    gboolean is_ok =
        dt_summary_render(self->call->format, self->summary, &self->options, out, &error);
    g_mutex_unlock(&self->lock);
    return is_ok ? dt_output(out) : dt_fail(error);
}

static int
finish_output(batch *self)
{
    dt_progress_wipe(&self->progress);
    int status = self->output_status ? self->output_status : write_summary(self);
    if (stop_signal && (!self->wants_summary || self->call->is_quiet))
        dt_fail_text(0, "stopped after %" G_GUINT64_FORMAT " messages", self->analysed);
    if (status == 0 && self->answers)
        status = dt_save_dns(self->call, &self->answers, 1);
    return status;
}

static int
exit_status(const batch *self)
{
    if (stop_signal)
        return EXIT_INTERRUPTED;
    if (self->faults && self->faults == self->missing && self->analysed == 0)
        return EXIT_NO_INPUT;
    if (self->faults)
        return EXIT_DATA;
    return self->verdicts & self->call->fail_on ? 1 : 0;
}

static void
batch_begin(batch *self, dt_call *call)
{
    self->call = call;
    dt_report_options_fill(call, &self->options);
    self->wants_rows = !call->is_quiet && strcmp(call->format, "ndjson") == 0;
    self->wants_csv = !call->is_quiet && strcmp(call->format, "csv") == 0;
    self->wants_summary = !call->is_quiet && !self->wants_rows && !self->wants_csv;
    self->finder = dt_finder_new(FALSE);
    self->summary = dt_summary_new();
    self->pending = g_string_new(NULL);
    if (strcmp(call->format, "html") == 0)
        dt_summary_keep_messages(self->summary);
    g_mutex_init(&self->lock);
    if (call->save_dns)
        self->answers = dt_resolver_new_recorder();
    dt_progress_begin(&self->progress,
                      !call->is_quiet && (self->wants_summary || !isatty(STDOUT_FILENO)));
    if (self->progress.is_on)
        self->progress.octets_total = dt_paths_size(call);
    catch_signals();
    self->pool = dt_pool_new(call->jobs ? call->jobs : g_get_num_processors(), analyse, self);
}

static void
batch_end(batch *self)
{
    dt_pool_free(self->pool);
    dt_finder_free(self->finder);
    dt_paths_free(self->paths);
    dt_summary_free(self->summary);
    dt_resolver_free(self->answers);
    g_string_free(self->pending, TRUE);
    g_mutex_clear(&self->lock);
}

static int
check_call(const dt_call *call)
{
    if (call->arguments->len == 0 && !call->files_from)
        return dt_fail_text(
            EXIT_USAGE,
            "batch: no PATH: name maildirs, mbox files, folders or messages, or --files-from=FILE");
    for (guint i = 0; i < call->arguments->len; i++)
        if (strcmp(call->arguments->pdata[i], "-") == 0)
            return dt_fail_text(EXIT_USAGE, "batch: - is no PATH: one message from standard input "
                                            "is dmarctrace explain's, a list of "
                                            "paths is --files-from=-");
    return 0;
}

int
dt_command_batch(dt_call *call)
{
    GError *error = NULL;
    batch self = { 0 };
    int status = check_call(call);
    if (status)
        return status;
    if (!dt_context_open(call->context, &error) || !(self.paths = dt_paths_new(call, &error)))
        return dt_fail(error);
    dt_sandbox_enter(
        &(dt_sandbox_needs){ .asks_dns = !call->has_dns_file, .save_dns = call->save_dns });
    batch_begin(&self, call);
    if (self.wants_csv) {
        g_autoptr(GString) names = g_string_new(NULL);
        dt_row_csv_names(names);
        self.output_status = dt_output(names);
    }
    gboolean is_idle = run_pool(&self);
    status = finish_output(&self);
    status = status ? status : exit_status(&self);
    /* Threads that wait for DNS still use the context: nothing may be freed under them. */
    if (!is_idle)
        _exit(status);
    batch_end(&self);
    return status;
}
