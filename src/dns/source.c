/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What all DNS sources share: reference counting, the time budget, the walk along CNAMEs (RFC
 * 1034 3.6.2) with its limit. What an answer is taken from is each source's own file.
 */
#include "dns/source.h"

#include <string.h>

dt_source *
dt_source_ref(dt_source *source)
{
    g_atomic_int_inc(&source->refs);
    return source;
}

void
dt_source_unref(dt_source *source)
{
    if (source && g_atomic_int_dec_and_test(&source->refs))
        source->class->free(source);
}

dt_answer *
dt_source_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget)
{
    return source->class->ask(source, name, type, budget);
}

void
dt_source_ask_many(dt_source *source, const dt_question *questions, guint count, dt_budget *budget,
                   dt_answer **answers_out)
{
    if (source->class->ask_many)
        source->class->ask_many(source, questions, count, budget, answers_out);
    else
        for (guint i = 0; i < count; i++)
            answers_out[i] = dt_source_ask(source, questions[i].name, questions[i].type, budget);
}

gboolean
dt_budget_use(dt_budget *budget)
{
    gint64 now = g_get_monotonic_time();
    if (budget->deadline_us == 0)
        budget->deadline_us = now + budget->timeout_us;
    if (now < budget->deadline_us)
        return TRUE;
    budget->was_over = TRUE;
    return FALSE;
}

gboolean
dt_answer_hop(dt_answer *answer, const char *target)
{
    guint count = answer->cname ? g_strv_length(answer->cname) : 0;
    gboolean is_loop = strcmp(answer->name, target) == 0;
    for (guint i = 0; i < count; i++)
        is_loop |= strcmp(answer->cname[i], target) == 0;
    dt_answer_add_cname(answer, target);
    if (!is_loop && count < DT_MAX_CNAME_HOPS)
        return TRUE;
    answer->status = DT_DNS_SERVFAIL;
    return FALSE;
}

void
dt_answer_walk(dt_answer *answer, dt_step_func step, gpointer data)
{
    g_autofree char *name = g_strdup(answer->name);
    for (;;) {
        char *next = step(data, name, answer);
        if (!next)
            break;
        g_free(name);
        name = next;
        if (!dt_answer_hop(answer, name))
            break;
    }
    dt_answer_seal(answer);
}
