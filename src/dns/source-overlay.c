/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Assumed records over a source (--assume). What they do to an answer is overlay.c's; here is only
 * that the source below is asked once for each question that one answer needs.
 */
#include "dns/source.h"
#include "dns/zone.h"

#include <string.h>

typedef struct {
    dt_source base;
    dt_source *below;
    dt_zone *changes;
} overlay_source;

/* The answers of below that one call has needed so far. */
typedef struct {
    dt_source *below;
    dt_budget *budget;
    GPtrArray *answers; /* of dt_answer, owned */
} overlay_call;

static const dt_answer *
call_ask(gpointer data, const char *name, dt_rr_type type)
{
    overlay_call *call = data;
    for (guint i = 0; i < call->answers->len; i++) {
        const dt_answer *answer = call->answers->pdata[i];
        if (answer->type == type && strcmp(answer->name, name) == 0)
            return answer;
    }
    g_ptr_array_add(call->answers, dt_source_ask(call->below, name, type, call->budget));
    return call->answers->pdata[call->answers->len - 1];
}

static dt_answer *
overlay_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget)
{
    const overlay_source *self = (const overlay_source *)source;
    g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func((GDestroyNotify)dt_answer_unref);
    overlay_call call = { self->below, budget, answers };
    return dt_overlay_ask(self->changes, call_ask, &call, name, type);
}

static void
overlay_ask_many(dt_source *source, const dt_question *questions, guint count, dt_budget *budget,
                 dt_answer **answers_out)
{
    const overlay_source *self = (const overlay_source *)source;
    g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func((GDestroyNotify)dt_answer_unref);
    overlay_call call = { self->below, budget, answers };
    g_ptr_array_set_size(answers, (gint)count);
    dt_source_ask_many(self->below, questions, count, budget, (dt_answer **)answers->pdata);
    for (guint i = 0; i < count; i++)
        answers_out[i] =
            dt_overlay_ask(self->changes, call_ask, &call, questions[i].name, questions[i].type);
}

static void
overlay_free(dt_source *source)
{
    overlay_source *self = (overlay_source *)source;
    dt_source_unref(self->below);
    dt_zone_unref(self->changes);
    g_free(self);
}

static const dt_source_class overlay_class = { .name = "overlay",
                                               .ask = overlay_ask,
                                               .free = overlay_free };
static const dt_source_class overlay_parallel_class = {
    .name = "overlay", .ask = overlay_ask, .ask_many = overlay_ask_many, .free = overlay_free
};

dt_source *
dt_source_new_overlay(dt_source *below, dt_zone *changes)
{
    overlay_source *self = g_new0(overlay_source, 1);
    self->base =
        (dt_source){ below->class->ask_many ? &overlay_parallel_class : &overlay_class, 1 };
    self->below = dt_source_ref(below);
    self->changes = dt_zone_ref(changes);
    return &self->base;
}
