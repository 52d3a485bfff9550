/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What every DNS source is: one structure of functions, and the little that sources share: the time
 * budget of the resolver that asks, and the walk along CNAMEs. Private to this folder. A new source
 * is a file source-NAME.c with its class and a constructor.
 */
#ifndef DT_DNS_SOURCE_H
#define DT_DNS_SOURCE_H

#include "dns/ask.h"
#include "dns/record.h"

/* RFC 1034 asks for a limit; 16 is what common resolvers allow. */
#define DT_MAX_CNAME_HOPS 16

/* The time that a resolver has for questions that leave the program; it begins to run with the
 * first of them. */
typedef struct {
    gint64 timeout_us;
    gint64 deadline_us; /* g_get_monotonic_time; 0: not running yet */
    gboolean was_over;  /* a question was not asked, or not answered, because of it */
} dt_budget;

/* Starts the budget if need be. FALSE if it is over (which it then remembers). */
gboolean dt_budget_use(dt_budget *budget);

typedef struct {
    const char *name;

    /* Never NULL. name is canonical. */
    dt_answer *(*ask)(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget);

    /* Several at once, one answer each in answers_out; NULL: nothing is gained by that. */
    void (*ask_many)(dt_source *source, const dt_question *questions, guint count,
                     dt_budget *budget, dt_answer **answers_out);
    void (*free)(dt_source *source);
} dt_source_class;

struct dt_source {
    const dt_source_class *class;
    gint refs;
};

dt_answer *dt_source_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget);

/* As ask_many of its class; one after the other where the class has none. */
void dt_source_ask_many(dt_source *source, const dt_question *questions, guint count,
                        dt_budget *budget, dt_answer **answers_out);

/* Fills in answer for name, which is its question or a name that this was led to: records, status,
 * TTL. Returns the name that a CNAME leads to (caller frees), or NULL when answer is complete. */
typedef char *(*dt_step_func)(gpointer data, const char *name, dt_answer *answer);

/* Follows CNAMEs from answer's question by step, then seals answer. A loop or too long a chain is
 * SERVFAIL. */
void dt_answer_walk(dt_answer *answer, dt_step_func step, gpointer data);

/* Adds one hop. FALSE, and answer is SERVFAIL: the chain comes back to target or is too long. */
gboolean dt_answer_hop(dt_answer *answer, const char *target);

/* What zone says to a question. */
dt_answer *dt_zone_ask(const dt_zone *zone, const char *name, dt_rr_type type);

/* What below's answers would be with changes laid over them; an answer that they do not alter is
 * below's own. */
typedef const dt_answer *(*dt_below_func)(gpointer data, const char *name, dt_rr_type type);
dt_answer *dt_overlay_ask(const dt_zone *changes, dt_below_func below, gpointer data,
                          const char *name, dt_rr_type type);

/* A cache with a clock of the caller's (microseconds), for tests. */
typedef gint64 (*dt_clock_func)(gpointer data);
dt_source *dt_source_new_cache_clocked(dt_source *below, dt_clock_func clock, gpointer data);

/* Addresses behind "nameserver" in a resolv.conf, the first three. Caller frees. */
char **dt_live_servers_from_text(const char *text);

/* Is server "IP" or "IP@PORT"? */
gboolean dt_live_server_is_valid(const char *server);

#endif
