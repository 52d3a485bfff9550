/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * dmarc: one DMARC evaluation for results that are given; exit status as explain, without 5.
 */
#include "command/command.h"

#include "base/name.h"
#include "base/text.h"
#include "evaluation/case.h"
#include "report/report.h"

#include <string.h>

typedef struct {
    GPtrArray *domains;     /* of char*, NULL for one that is none */
    GPtrArray *identifiers; /* of dt_identifier */
    GPtrArray *results;     /* of char* */
    GPtrArray *names;       /* keeps the identifiers' domains */
} dmarc_run;

/* "RESULT:DOMAIN"; the domain may be empty. */
static int
add_identifier(dmarc_run *run, gboolean is_spf, const char *value)
{
    const char *colon = strchr(value, ':');
    g_autofree char *word = g_ascii_strdown(value, colon ? colon - value : (gssize)strlen(value));
    gboolean is_result =
        is_spf ? dt_spf_result_parse(word) != DT_SPF_NOT_EVALUATED
               : strcmp(word, "none") == 0 || dt_dkim_result_parse(word) != DT_DKIM_UNKNOWN;
    if (!colon || !is_result)
        return dt_fail_text(EXIT_USAGE, "--%s=%s: not RESULT:DOMAIN, as pass:example.com",
                            is_spf ? "spf" : "dkim", value);
    char *name = dt_name_from_mail(colon + 1);
    g_ptr_array_add(run->names, name);
    g_ptr_array_add(run->results, g_steal_pointer(&word));
    const char *result = run->results->pdata[run->results->len - 1];
    g_ptr_array_add(run->identifiers, dt_identifier_new(is_spf, strcmp(result, "pass") == 0,
                                                        strcmp(result, "temperror") == 0, name));
    return 0;
}

static int
read_call(dt_call *call, dmarc_run *run)
{
    /* No --from is a From field without an address: not evaluable, no misuse. */
    if (call->spf->len > 1)
        return dt_fail_text(EXIT_USAGE, "--spf may be given once: there is one MAIL FROM identity");
    if (call->arguments->len)
        return dt_fail_text(EXIT_USAGE, "dmarc takes no argument: %s",
                            (char *)call->arguments->pdata[0]);
    for (guint i = 0; i < call->from->len; i++)
        g_ptr_array_add(run->domains, dt_name_from_mail(call->from->pdata[i]));
    int status = 0;
    for (guint i = 0; i < call->spf->len && status == 0; i++)
        status = add_identifier(run, TRUE, call->spf->pdata[i]);
    for (guint i = 0; i < call->dkim->len && status == 0; i++)
        status = add_identifier(run, FALSE, call->dkim->pdata[i]);
    return status;
}

static int
evaluate(dt_call *call, dmarc_run *run)
{
    dt_report_options options;
    const dt_context *context = call->context;
    g_autoptr(dt_resolver) resolver = dt_resolver_new(context->source, context->timeout_ms);
    g_autoptr(dt_dmarc) dmarc = dt_dmarc_evaluate(
        resolver, (const char *const *)run->domains->pdata, run->domains->len, run->identifiers);
    g_autoptr(GString) out = g_string_new(NULL);
    dt_report_options_fill(call, &options);
    if (call->is_quiet)
        ;
    else if (strcmp(call->format, "json") == 0)
        dt_report_dmarc_json(dmarc, run->identifiers, run->results, resolver, out);
    else
        dt_report_dmarc_text(dmarc, run->identifiers, run->results, resolver, &options, out);
    int status = dt_output(out);
    if (status == 0)
        status = dt_save_dns(call, &resolver, 1);
    static const int statuses[] = {
        [DT_VERDICT_UNKNOWN] = 4, [DT_VERDICT_PASS] = 0,      [DT_VERDICT_FAIL] = 1,
        [DT_VERDICT_NONE] = 2,    [DT_VERDICT_PERMERROR] = 3, [DT_VERDICT_TEMPERROR] = 4
    };
    return status ? status : statuses[dmarc->result];
}

int
dt_command_dmarc(dt_call *call)
{
    GError *error = NULL;
    dmarc_run run = { .domains = g_ptr_array_new_with_free_func(g_free),
                      .identifiers =
                          g_ptr_array_new_with_free_func((GDestroyNotify)dt_identifier_free),
                      .results = g_ptr_array_new_with_free_func(g_free),
                      .names = g_ptr_array_new_with_free_func(g_free) };
    int status = read_call(call, &run);
    if (status == 0)
        status = dt_context_open(call->context, &error) ? evaluate(call, &run) : dt_fail(error);
    g_ptr_array_unref(run.domains);
    g_ptr_array_unref(run.identifiers);
    g_ptr_array_unref(run.results);
    g_ptr_array_unref(run.names);
    return status;
}
