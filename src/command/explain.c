/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * explain and fix: messages in, reports out, the verdict as exit status.
 */
#include "command/command.h"

#include "diagnosis/finding.h"

#include <string.h>

/* With several messages the worst counts: pass < none < 5 < temperror < permerror < fail. */
static int
rank(int status)
{
    static const int ranks[] = { [0] = 0, [2] = 1, [5] = 2, [4] = 3, [3] = 4, [1] = 5 };
    return status < (int)G_N_ELEMENTS(ranks) ? ranks[status] : status;
}

static int
worse(int a, int b)
{
    return rank(a) >= rank(b) ? a : b;
}

typedef struct {
    dt_call *call;
    dt_report_writer *writer; /* NULL: only the exit status is wanted */
    GPtrArray *cases;         /* of dt_case, kept for --save-dns */
} run;

/* Some formats have a place for the error; people get a line on standard error in any case. */
static int
unreadable(run *state, const char *path, GError *error)
{
    int status = dt_error_status(error);
    g_autoptr(GString) out = g_string_new(NULL);
    if (state->writer && status != EXIT_USAGE)
        dt_report_writer_add_error(state->writer, path ? path : "-", status, error->message, out);
    dt_output(out);
    return dt_fail(error);
}

static int
explain_one(run *state, const char *path)
{
    GError *error = NULL;
    dt_message *message = dt_command_read(state->call, path, &error);
    if (!message)
        return unreadable(state, path, error);
    dt_case *subject = dt_case_new(state->call->context, message);
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(subject);
    int status = dt_diagnosis_status(diagnosis);
    g_autoptr(GString) out = g_string_new(NULL);
    if (state->writer)
        dt_report_writer_add(state->writer, subject, diagnosis, out);
    int written = dt_output(out);
    if (state->call->save_dns)
        g_ptr_array_add(state->cases, subject);
    else
        dt_case_free(subject);
    return written ? written : status;
}

static int
save(run *state)
{
    g_autoptr(GPtrArray) resolvers = g_ptr_array_new();
    for (guint i = 0; i < state->cases->len; i++)
        g_ptr_array_add(resolvers, dt_case_resolver(state->cases->pdata[i]));
    return dt_save_dns(state->call, (dt_resolver *const *)resolvers->pdata, resolvers->len);
}

static int
explain_all(run *state)
{
    const GPtrArray *arguments = state->call->arguments;
    g_autoptr(GString) out = g_string_new(NULL);
    int status = arguments->len == 0 ? explain_one(state, NULL) : 0;
    for (guint i = 0; i < arguments->len; i++)
        status = worse(explain_one(state, arguments->pdata[i]), status);
    if (state->writer)
        dt_report_writer_end(state->writer, out);
    int written = dt_output(out);
    return written ? written : status;
}

int
dt_command_explain(dt_call *call)
{
    GError *error = NULL;
    run state = { .call = call };
    dt_report_options options;
    if (!dt_context_open(call->context, &error))
        return dt_fail(error);
    dt_report_options_fill(call, &options);
    g_autoptr(dt_report_writer) writer =
        call->is_quiet ? NULL : dt_report_writer_new(call->format, &options, &error);
    if (error)
        return dt_fail(error);
    state.writer = writer;
    state.cases = g_ptr_array_new_with_free_func((GDestroyNotify)dt_case_free);
    int status = explain_all(&state);
    int saved = save(&state);
    g_ptr_array_unref(state.cases);
    return saved ? saved : status;
}

/* ---- fix ----------------------------------------------------------------------------------- */

/* One line for what a change batch cannot say: sets that could not be seen are not in it, as it
 * replaces whole sets; and a deletion is refused unless it names the TTL of the hosted zone. */
static int
tell_about_set(const dt_rrset *set)
{
    if (set->is_unseen)
        return dt_fail_text(EXIT_TEMPORARY,
                            "%s %s is left out: DNS did not show what stands there, and the change "
                            "would replace it; try again "
                            "when DNS answers",
                            set->name, set->type);
    if (set->is_ttl_running && set->values->len == 0 && set->old->len > 0)
        return dt_fail_text(
            0,
            "%s %s: DELETE must have the TTL of the hosted zone; DNS shows %" G_GINT64_FORMAT
            ", which may have been counted down",
            set->name, set->type, set->ttl);
    return 0;
}

static int
tell_about_batch(const dt_call *call, const dt_diagnosis *diagnosis)
{
    int status = 0;
    if (strcmp(call->format, "route53") != 0)
        return 0;
    g_autoptr(GPtrArray) findings = dt_fix_findings(diagnosis, call->plan);
    g_autoptr(GPtrArray) sets = dt_fix_rrsets(diagnosis, findings);
    for (guint i = 0; i < sets->len; i++) {
        int told = tell_about_set(sets->pdata[i]);
        status = MAX(status, told);
    }
    return status;
}

int
dt_command_fix(dt_call *call)
{
    GError *error = NULL;
    dt_report_options options;
    if (call->arguments->len > 1)
        return dt_fail_text(EXIT_USAGE, "fix takes one message");
    if (!dt_context_open(call->context, &error))
        return dt_fail(error);
    dt_message *message =
        dt_command_read(call, call->arguments->len ? call->arguments->pdata[0] : NULL, &error);
    if (!message)
        return dt_fail(error);
    g_autoptr(dt_case) subject = dt_case_new(call->context, message);
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(subject);
    dt_report_options_fill(call, &options);
    if (call->plan > MAX(diagnosis->plans->len, 1))
        return dt_fail_text(EXIT_USAGE, "--plan=%u: there are %u", call->plan,
                            diagnosis->plans->len);
    g_autoptr(GString) out = g_string_new(NULL);
    if (!call->is_quiet &&
        !dt_report_render(call->format, subject, diagnosis, &options, out, &error))
        return dt_fail(error);
    int status = dt_output(out);
    dt_resolver *resolver = dt_case_resolver(subject);
    if (status == 0)
        status = dt_save_dns(call, &resolver, 1);
    if (status == 0)
        status = tell_about_batch(call, diagnosis);
    return status ? status : dt_fix_status(diagnosis, call->plan);
}
