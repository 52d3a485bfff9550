/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * causes: the catalogue as a list, or single causes in full.
 */
#include "command/command.h"

#include "report/report.h"

int
dt_command_causes(dt_call *call)
{
    GError *error = NULL;
    dt_report_options options;
    dt_report_options_fill(call, &options);
    g_ptr_array_add(call->arguments, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    if (!dt_report_causes(call->format, (char *const *)call->arguments->pdata, &options, out,
                          &error))
        return dt_fail(error);
    return call->is_quiet ? 0 : dt_output(out);
}
