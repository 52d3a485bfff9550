/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * spf: one SPF evaluation with its whole trace; exit status as Mail::SPF's spfquery.
 */
#include "command/command.h"

#include "base/text.h"
#include "evaluation/case.h"
#include "report/report.h"

#include <string.h>

static int
spf_status(dt_spf_result result)
{
    switch (result) {
    case DT_SPF_PASS:
        return 0;
    case DT_SPF_FAIL:
        return 1;
    case DT_SPF_SOFTFAIL:
        return 2;
    case DT_SPF_NEUTRAL:
        return 3;
    case DT_SPF_PERMERROR:
        return 4;
    case DT_SPF_TEMPERROR:
        return 5;
    case DT_SPF_NOT_EVALUATED:
    case DT_SPF_NONE:
        return 6;
    }
    return 6;
}

int
dt_command_spf(dt_call *call)
{
    GError *error = NULL;
    dt_report_options options;
    if (!call->ip || !call->mail_from)
        return dt_fail_text(EXIT_USAGE, "spf needs --ip=IP and --mail-from=ADDR (empty for the "
                                        "null sender, then --helo=NAME too)");
    if (call->arguments->len)
        return dt_fail_text(EXIT_USAGE, "spf takes no argument: %s",
                            (char *)call->arguments->pdata[0]);
    if (!dt_context_open(call->context, &error))
        return dt_fail(error);
    const dt_context *context = call->context;
    g_autoptr(dt_resolver) resolver = dt_resolver_new(context->source, context->timeout_ms);
    dt_spf_input input = { .ip = context->ip,
                           .helo = context->helo,
                           .mail_from = context->mail_from,
                           .time = context->now,
                           .with_libspf2 = TRUE };
    g_autoptr(dt_spf) spf = dt_spf_evaluate(resolver, &input);
    g_autoptr(GString) out = g_string_new(NULL);
    dt_report_options_fill(call, &options);
    if (call->is_quiet)
        ;
    else if (strcmp(call->format, "json") == 0)
        dt_report_spf_json(spf, &input, resolver, out);
    else
        dt_report_spf_text(spf, &input, resolver, &options, out);
    int status = dt_output(out);
    if (status == 0)
        status = dt_save_dns(call, &resolver, 1);
    return status ? status : spf_status(spf->result);
}
