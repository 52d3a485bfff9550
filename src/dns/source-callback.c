/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DNS from a caller's function. The function answers one question at a time; where it only says
 * that a name leads on, it is asked again for that name. Checks what it hands over as strictly as a
 * master file.
 */
#include "dns/source.h"

#include "base/name.h"

#include <string.h>

typedef struct {
    dt_source base;
    dt_source_func func;
    gpointer data;
    GDestroyNotify destroy;
} callback_source;

struct dt_reply {
    dt_answer *answer;
    gboolean has_status;
    char *next; /* where a CNAME leads to */
};

gboolean
dt_reply_add(dt_reply *reply, const char *value, gint64 ttl)
{
    dt_record record;
    char *why = NULL;
    if (!dt_record_parse_value(&record, reply->answer->type, value, &why)) {
        g_free(why);
        return FALSE;
    }
    dt_answer_add_record(reply->answer, &record);
    dt_answer_lower_ttl(reply->answer, ttl);
    dt_record_clear(&record);
    return TRUE;
}

/* Several calls are several hops. */
void
dt_reply_set_cname(dt_reply *reply, const char *target)
{
    char *name = dt_name_from_text(target, strlen(target));
    if (!name) {
        dt_reply_set_status(reply, "servfail");
        return;
    }
    if (reply->next && !reply->has_status)
        reply->has_status = !dt_answer_hop(reply->answer, reply->next);
    g_free(reply->next);
    reply->next = name;
}

void
dt_reply_set_status(dt_reply *reply, const char *status)
{
    dt_dns_status parsed = dt_dns_status_parse(status);
    reply->answer->status = parsed ? parsed : DT_DNS_SERVFAIL;
    reply->has_status = TRUE;
}

typedef struct {
    callback_source *self;
    dt_budget *budget;
} callback_walk;

static char *
step(gpointer data, const char *name, dt_answer *answer)
{
    const callback_walk *walk = data;
    dt_reply reply = { .answer = answer };
    answer->status = DT_DNS_OK;
    if (!dt_budget_use(walk->budget)) {
        answer->status = DT_DNS_TIMEOUT;
        return NULL;
    }
    walk->self->func(name, dt_rr_type_word(answer->type), walk->budget->deadline_us, &reply,
                     walk->self->data);
    gboolean is_complete = answer->record_count > 0 || reply.has_status;
    if (reply.next && answer->type == DT_RR_CNAME) {
        if (answer->record_count == 0)
            dt_answer_add_target(answer, 0, reply.next);
    } else if (reply.next && !is_complete)
        return reply.next;
    else if (reply.next)
        dt_answer_hop(answer, reply.next);
    g_free(reply.next);
    return NULL;
}

static dt_answer *
callback_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget)
{
    callback_walk walk = { (callback_source *)source, budget };
    dt_answer *answer = dt_answer_new(name, type, DT_DNS_OK, DT_FROM_CALLBACK);
    dt_answer_walk(answer, step, &walk);
    return answer;
}

static void
callback_free(dt_source *source)
{
    callback_source *self = (callback_source *)source;
    if (self->destroy)
        self->destroy(self->data);
    g_free(self);
}

static const dt_source_class callback_class = { .name = "callback",
                                                .ask = callback_ask,
                                                .free = callback_free };

dt_source *
dt_source_new_callback(dt_source_func func, gpointer data, GDestroyNotify destroy)
{
    callback_source *self = g_new0(callback_source, 1);
    self->base = (dt_source){ &callback_class, 1 };
    self->func = func;
    self->data = data;
    self->destroy = destroy;
    return &self->base;
}
