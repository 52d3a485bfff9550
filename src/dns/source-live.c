/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Live DNS through libunbound, which is loaded when the first question leaves the program. It
 * always forwards to the servers it was given: without one it would ask the root by itself, so that
 * is refused. One thread uses one context at a time; idle ones are kept. packet.c reads what comes
 * back.
 */
#include "dns/source.h"
#include "dns/packet.h"

#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unbound.h>

#define LIBRARY     "libunbound.so.8"
#define RESOLV_CONF "/etc/resolv.conf"
#define MAX_SERVERS 3 /* as the resolver of the C library */
#define CLASS_IN    1
#define MAX_RTT_MS  "2000"
/* With MAX_RTT_MS libunbound asks a silent server for 5.3 seconds. */
#define SILENCE_US (5 * G_USEC_PER_SEC)

/* The calls that are used of libunbound, by their names. */
typedef struct {
    struct ub_ctx *(*create)(void);
    void (*delete)(struct ub_ctx *);
    int (*set_option)(struct ub_ctx *, const char *, const char *);
    int (*set_fwd)(struct ub_ctx *, const char *);
    int (*zone_remove)(struct ub_ctx *, const char *);
    int (*debugout)(struct ub_ctx *, void *);
    int (*async)(struct ub_ctx *, int);
    int (*fd)(struct ub_ctx *);
    int (*process)(struct ub_ctx *);
    int (*resolve_async)(struct ub_ctx *, const char *, int, int, void *, ub_callback_type, int *);
    int (*cancel)(struct ub_ctx *, int);
    void (*resolve_free)(struct ub_result *);
    const char *(*version)(void);
} unbound_calls;

static const struct {
    const char *symbol;
    gsize offset;
} call_rows[] = {
    { "ub_ctx_create", G_STRUCT_OFFSET(unbound_calls, create) },
    { "ub_ctx_delete", G_STRUCT_OFFSET(unbound_calls, delete) },
    { "ub_ctx_set_option", G_STRUCT_OFFSET(unbound_calls, set_option) },
    { "ub_ctx_set_fwd", G_STRUCT_OFFSET(unbound_calls, set_fwd) },
    { "ub_ctx_zone_remove", G_STRUCT_OFFSET(unbound_calls, zone_remove) },
    { "ub_ctx_debugout", G_STRUCT_OFFSET(unbound_calls, debugout) },
    { "ub_ctx_async", G_STRUCT_OFFSET(unbound_calls, async) },
    { "ub_fd", G_STRUCT_OFFSET(unbound_calls, fd) },
    { "ub_process", G_STRUCT_OFFSET(unbound_calls, process) },
    { "ub_resolve_async", G_STRUCT_OFFSET(unbound_calls, resolve_async) },
    { "ub_cancel", G_STRUCT_OFFSET(unbound_calls, cancel) },
    { "ub_resolve_free", G_STRUCT_OFFSET(unbound_calls, resolve_free) },
    { "ub_version", G_STRUCT_OFFSET(unbound_calls, version) },
};

typedef struct {
    dt_source base;
    char **servers;
    char *server_label; /* of all of them: libunbound does not tell which one answered */
    GMutex lock;
    unbound_calls calls; /* under lock until is_loaded */
    gboolean is_loaded;  /* was tried */
    gboolean is_usable;
    GPtrArray *idle; /* of struct ub_ctx; under lock */
} live_source;

/* The library stays in the process: its threads and exit handlers do not survive an unload. */
static gboolean
calls_load(unbound_calls *calls)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(call_rows); i++) {
        void *symbol = dlsym(library, call_rows[i].symbol);
        if (!symbol)
            return FALSE;
        memcpy((char *)calls + call_rows[i].offset, &symbol, sizeof symbol);
    }
    return TRUE;
}

const char *
dt_dns_library_version(void)
{
    unbound_calls calls;
    if (!calls_load(&calls))
        return NULL;
    g_autofree char *version = g_strconcat("libunbound ", calls.version(), NULL);
    return g_intern_string(version);
}

/* ---- contexts ------------------------------------------------------------------------------ */

/* Names that libunbound answers by itself, though a server was given (RFC 6303, RFC 6761): here the
 * server decides. */
static const char *const local_zones[] = {
    "test.",
    "invalid.",
    "onion.",
    "home.arpa.",
    "localhost.",
    "127.in-addr.arpa.",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."
};

static struct ub_ctx *
context_new(const live_source *self)
{
    const unbound_calls *calls = &self->calls;
    struct ub_ctx *context = calls->create();
    if (!context)
        return NULL;
    gboolean is_good = TRUE;
    calls->debugout(context, NULL);
    calls->set_option(context, "unblock-lan-zones:", "yes");
    calls->set_option(context, "infra-cache-max-rtt:", MAX_RTT_MS);
    for (char **server = self->servers; *server; server++)
        is_good = is_good && calls->set_fwd(context, *server) == 0;
    is_good = is_good && calls->async(context, TRUE) == 0;
    for (gsize i = 0; i < G_N_ELEMENTS(local_zones) && is_good; i++)
        calls->zone_remove(context, local_zones[i]);
    if (is_good)
        return context;
    calls->delete (context);
    return NULL;
}

/* NULL: the library is missing or does not work. */
static struct ub_ctx *
context_take(live_source *self)
{
    struct ub_ctx *context = NULL;
    g_mutex_lock(&self->lock);
    if (!self->is_loaded)
        self->is_usable = calls_load(&self->calls);
    self->is_loaded = TRUE;
    if (self->idle->len > 0)
        context = g_ptr_array_steal_index_fast(self->idle, self->idle->len - 1);
    g_mutex_unlock(&self->lock);
    if (!context && self->is_usable)
        context = context_new(self);
    return context;
}

/* libunbound holds a failed question against its server and then answers others with SERVFAIL
 * unasked: a context that saw one is not used again. */
static void
context_give(live_source *self, struct ub_ctx *context, gboolean has_failed)
{
    if (has_failed) {
        self->calls.delete(context);
        return;
    }
    g_mutex_lock(&self->lock);
    g_ptr_array_add(self->idle, context);
    g_mutex_unlock(&self->lock);
}

/* ---- questions ----------------------------------------------------------------------------- */

typedef struct {
    const live_source *self;
    const dt_question *question;
    dt_answer *answer; /* NULL: pending */
    int id;
    gint64 asked_at;
    guint *pending_count;
} job;

static dt_answer *
job_answer(const job *work, dt_dns_status status)
{
    dt_answer *answer =
        dt_answer_new(work->question->name, work->question->type, status, DT_FROM_LIVE);
    answer->server = g_strdup(work->self->server_label);
    return answer;
}

/* libunbound's rcode is 2 for whatever failed: refused, a loop, or no answer, which only the time
 * it took tells apart. */
static dt_dns_status
failure_status(const job *work)
{
    return g_get_monotonic_time() - work->asked_at < SILENCE_US ? DT_DNS_SERVFAIL : DT_DNS_TIMEOUT;
}

static void
fill_answer(const job *work, dt_answer *answer, const struct ub_result *result)
{
    dt_record record;
    answer->dnssec = result->bogus    ? DT_DNSSEC_BOGUS
                     : result->secure ? DT_DNSSEC_SECURE
                                      : DT_DNSSEC_UNCHECKED;
    answer->ttl = result->ttl;
    if (result->bogus || (result->rcode != 0 && !result->nxdomain)) {
        answer->status = result->bogus ? DT_DNS_SERVFAIL : failure_status(work);
        answer->ttl = -1;
        return;
    }
    answer->status = result->nxdomain ? DT_DNS_NXDOMAIN : DT_DNS_OK;
    if (answer->type != DT_RR_CNAME &&
        !dt_packet_read_chain(answer, result->answer_packet, result->answer_len))
        return;
    for (gsize i = 0; result->havedata && result->data[i]; i++) {
        const guint8 *octets = (const guint8 *)result->data[i];
        if (!dt_record_from_wire(&record, answer->type, octets, (gsize)result->len[i]))
            continue;
        dt_answer_add_record(answer, &record);
        dt_record_clear(&record);
    }
}

static void
job_done(void *data, int error, struct ub_result *result)
{
    job *work = data;
    work->answer = job_answer(work, DT_DNS_SERVFAIL);
    if (error == 0 && result)
        fill_answer(work, work->answer, result);
    if (result)
        work->self->calls.resolve_free(result);
    dt_answer_seal(work->answer);
    (*work->pending_count)--;
}

static void
job_start(job *work, struct ub_ctx *context)
{
    const char *name = work->question->name[0] ? work->question->name : ".";
    int error = work->self->calls.resolve_async(context, name, work->question->type, CLASS_IN, work,
                                                job_done, &work->id);
    if (error == 0)
        (*work->pending_count)++;
    else
        work->answer = job_answer(work, DT_DNS_SERVFAIL);
}

/* libunbound makes a failed answer of a call that a signal interrupts, and its threads are no place
 * for handlers of the program: signals come in only while nothing but waiting is done. */
static void
block_signals(sigset_t *before_out)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before_out);
}

static void
wait_for_jobs(const unbound_calls *calls, struct ub_ctx *context, gint64 deadline_us,
              const sigset_t *signals, const guint *pending_count)
{
    struct pollfd ready = { .fd = calls->fd(context), .events = POLLIN };
    while (*pending_count > 0) {
        gint64 left_us = deadline_us - g_get_monotonic_time();
        if (left_us <= 0)
            return;
        const struct timespec left = { .tv_sec = left_us / G_USEC_PER_SEC,
                                       .tv_nsec = left_us % G_USEC_PER_SEC * 1000 };
        int n = ppoll(&ready, 1, &left, signals);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0 && calls->process(context) != 0)
            return;
    }
}

static void
live_ask_many(dt_source *source, const dt_question *questions, guint count, dt_budget *budget,
              dt_answer **answers_out)
{
    live_source *self = (live_source *)source;
    guint pending_count = 0;
    g_autofree job *jobs = g_new0(job, count);
    gboolean has_time = dt_budget_use(budget), has_failed = FALSE;
    gint64 asked_at = g_get_monotonic_time();
    sigset_t signals;
    block_signals(&signals);
    struct ub_ctx *context = has_time ? context_take(self) : NULL;
    for (guint i = 0; i < count; i++) {
        jobs[i] = (job){ .self = self,
                         .question = &questions[i],
                         .asked_at = asked_at,
                         .pending_count = &pending_count };
        if (context)
            job_start(&jobs[i], context);
        else
            jobs[i].answer = job_answer(&jobs[i], has_time ? DT_DNS_SERVFAIL : DT_DNS_TIMEOUT);
    }
    if (context)
        wait_for_jobs(&self->calls, context, budget->deadline_us, &signals, &pending_count);
    for (guint i = 0; i < count; i++) {
        if (!jobs[i].answer) {
            self->calls.cancel(context, jobs[i].id);
            jobs[i].answer = job_answer(&jobs[i], DT_DNS_TIMEOUT);
            budget->was_over = TRUE;
        }
        answers_out[i] = jobs[i].answer;
        has_failed |= dt_answer_is_failure(answers_out[i]);
    }
    if (context)
        context_give(self, context, has_failed);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
}

static dt_answer *
live_ask(dt_source *source, const char *name, dt_rr_type type, dt_budget *budget)
{
    const dt_question question = { name, type };
    dt_answer *answer = NULL;
    live_ask_many(source, &question, 1, budget, &answer);
    return answer;
}

static void
live_free(dt_source *source)
{
    live_source *self = (live_source *)source;
    sigset_t signals;
    block_signals(&signals);
    for (guint i = 0; i < self->idle->len; i++)
        self->calls.delete(self->idle->pdata[i]);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
    g_ptr_array_unref(self->idle);
    g_mutex_clear(&self->lock);
    g_strfreev(self->servers);
    g_free(self->server_label);
    g_free(self);
}

static const dt_source_class live_class = {
    .name = "live", .ask = live_ask, .ask_many = live_ask_many, .free = live_free
};

/* ---- servers ------------------------------------------------------------------------------- */

gboolean
dt_live_server_is_valid(const char *server)
{
    guint8 octets[16];
    const char *at = strchr(server, '@');
    g_autofree char *address = at ? g_strndup(server, at - server) : g_strdup(server);
    guint64 port = 0;
    if (at && !g_ascii_string_to_unsigned(at + 1, 10, 1, 65535, &port, NULL))
        return FALSE;
    return address[0] != '[' && dt_text_ip_octets(address, octets) > 0;
}

char **
dt_live_servers_from_text(const char *text)
{
    g_autoptr(GPtrArray) servers = g_ptr_array_new();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line && servers->len < MAX_SERVERS; line++) {
        g_autofree char *copy = g_strdup(*line);
        copy[strcspn(copy, "#;")] = '\0';
        char *word = g_strstrip(copy);
        if (!g_str_has_prefix(word, "nameserver") || !strchr(" \t", word[10]) || !word[10])
            continue;
        word += 10 + strspn(word + 10, " \t");
        word[strcspn(word, " \t")] = '\0';
        if (!strchr(word, '@') && dt_live_server_is_valid(word))
            g_ptr_array_add(servers, g_strdup(word));
    }
    g_ptr_array_add(servers, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&servers), FALSE);
}

dt_source *
dt_source_new_live(const char *server, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) servers = NULL;
    if (server && !dt_live_server_is_valid(server)) {
        g_autofree char *shown = dt_text_terminal(server);
        g_set_error(error, DT_ERROR, DT_ERROR_USAGE,
                    "\"%s\" is no DNS server: expected IP or IP@PORT", shown);
        return NULL;
    }
    if (server)
        servers = g_strsplit(server, "\n", -1);
    else if (g_file_get_contents(RESOLV_CONF, &text, NULL, NULL))
        servers = dt_live_servers_from_text(text);
    if (!servers || !servers[0]) {
        g_set_error(error, DT_ERROR, DT_ERROR_TEMPORARY,
                    "no DNS server: " RESOLV_CONF
                    " names none; use --dns-server=IP, or --dns=FILE");
        return NULL;
    }
    live_source *self = g_new0(live_source, 1);
    self->base = (dt_source){ &live_class, 1 };
    self->server_label = g_strjoinv(", ", servers);
    self->servers = g_steal_pointer(&servers);
    self->idle = g_ptr_array_new();
    g_mutex_init(&self->lock);
    return &self->base;
}
