/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * domain: what sending domains publish, without a message.
 */
#include "command/command.h"

#include "base/name.h"

#include <string.h>

/* 1 before 2 before 3. */
static int
worse(int a, int b)
{
    if (a == 0 || b == 0)
        return MAX(a, b);
    return a > 3 || b > 3 ? MAX(a, b) : MIN(a, b);
}

static int
domain_one(dt_call *call, const char *argument, const dt_report_options *options, GPtrArray *cases)
{
    GError *error = NULL;
    g_autofree char *name = dt_name_from_mail(argument);
    if (!name)
        return dt_fail_text(EXIT_USAGE, "%s: not a domain name", argument);
    dt_case *subject = dt_case_new_domain(call->context, name);
    g_ptr_array_add(cases, subject);
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(subject);
    g_autoptr(GString) out = g_string_new(NULL);
    if (cases->len > 1 && strcmp(call->format, "text") == 0)
        g_string_append_c(out, '\n');
    if (!call->is_quiet &&
        !dt_report_render(call->format, subject, diagnosis, options, out, &error))
        return dt_fail(error);
    int written = dt_output(out);
    return written ? written : dt_diagnosis_status(diagnosis);
}

int
dt_command_domain(dt_call *call)
{
    GError *error = NULL;
    dt_report_options options;
    if (call->arguments->len == 0)
        return dt_fail_text(EXIT_USAGE, "domain: name a domain");
    if (!dt_context_open(call->context, &error))
        return dt_fail(error);
    dt_report_options_fill(call, &options);
    g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)dt_case_free);
    g_autoptr(GPtrArray) resolvers = g_ptr_array_new();
    int status = 0;
    for (guint i = 0; i < call->arguments->len; i++)
        status = worse(domain_one(call, call->arguments->pdata[i], &options, cases), status);
    for (guint i = 0; i < cases->len; i++)
        g_ptr_array_add(resolvers, dt_case_resolver(cases->pdata[i]));
    int saved = dt_save_dns(call, (dt_resolver *const *)resolvers->pdata, resolvers->len);
    return saved ? saved : status;
}
