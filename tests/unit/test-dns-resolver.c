/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about resolvers, callback sources and the cache: one answer per question, order of the
 * log, limits, TTLs.
 */
#include "dns-shown.h"

#include <string.h>

/* A caller's DNS: every name has one TXT, but for those that a word in the name sends elsewhere. */
typedef struct {
    guint asked;
    gint64 ttl;
    gint64 now_us;
} world;

static void
answer_world(const char *name, const char *type, gint64 deadline_us, dt_reply *reply, gpointer data)
{
    world *here = data;
    here->asked++;
    g_assert_cmpint(deadline_us, >, 0);
    if (g_str_has_prefix(name, "nx"))
        dt_reply_set_status(reply, "nxdomain");
    else if (g_str_has_prefix(name, "fail"))
        dt_reply_set_status(reply, "servfail");
    else if (g_str_has_prefix(name, "odd"))
        dt_reply_set_status(reply, "no such word");
    else if (g_str_has_prefix(name, "led"))
        dt_reply_set_cname(reply, "end.example.");
    else if (g_str_has_prefix(name, "loop"))
        dt_reply_set_cname(reply, name);
    else if (g_str_has_prefix(name, "bad")) {
        dt_reply_set_cname(reply, "a..b");
    } else if (g_str_has_prefix(name, "whole")) {
        dt_reply_set_cname(reply, "one.example");
        dt_reply_set_cname(reply, "two.example");
        g_assert_true(dt_reply_add(reply, "there", 5));
    } else if (strcmp(type, "TXT") == 0)
        g_assert_true(dt_reply_add(reply, name, here->ttl));
    else if (strcmp(type, "A") == 0)
        g_assert_false(dt_reply_add(reply, "no address", 1));
}

static void
a_callers_function_is_a_source(void)
{
    world here = { .ttl = 30 };
    g_autoptr(dt_source) source = dt_source_new_callback(answer_world, &here, NULL);
    static const char *const rows[][2] = {
        { "a.example TXT", "ok =a.example" },
        { "a.example A", "nodata" },
        { "nx.example TXT", "nxdomain" },
        { "fail.example TXT", "servfail" },
        { "odd.example TXT", "servfail" },
        { "bad.example TXT", "servfail" },
        { "led.example TXT", "ok >end.example =end.example" },
        { "led.example CNAME", "ok =end.example" },
        { "loop.example TXT", "servfail >loop.example" },
        { "whole.example TXT", "ok >one.example >two.example =there" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_source(source, rows[i][0], rows[i][1]);
}

static void
a_question_is_asked_once_and_logged_in_order(void)
{
    world here = { .ttl = 30 };
    g_autoptr(dt_source) source = dt_source_new_callback(answer_world, &here, NULL);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
    const dt_answer *first = dt_resolver_ask(resolver, "b.example", DT_RR_TXT);
    dt_resolver_ask(resolver, "a.example", DT_RR_TXT);
    dt_resolver_ask(resolver, "b.example", DT_RR_MX);
    g_assert_true(first == dt_resolver_ask(resolver, "b.example", DT_RR_TXT));
    g_assert_cmpuint(here.asked, ==, 3);
    g_assert_cmpuint(dt_resolver_log_count(resolver), ==, 3);
    g_assert_true(dt_resolver_log_get(resolver, 0) == first);
    g_assert_cmpstr(dt_resolver_log_get(resolver, 1)->name, ==, "a.example");
    g_assert_cmpint(dt_resolver_log_get(resolver, 2)->type, ==, DT_RR_MX);
    g_assert_false(dt_resolver_was_cut(resolver));
}

static void
what_is_no_name_is_not_asked(void)
{
    world here = { .ttl = 30 };
    g_autofree char *label = g_strnfill(64, 'a');
    g_autofree char *longest = g_strnfill(300, 'a');
    const char *const names[] = { NULL,         "a..example", ".example", "Upper.example",
                                  "a.example.", label,        longest };
    g_autoptr(dt_source) source = dt_source_new_callback(answer_world, &here, NULL);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_cmpint(dt_resolver_ask(resolver, names[i], DT_RR_TXT)->status, ==,
                        DT_DNS_NXDOMAIN);
    g_assert_cmpuint(here.asked, ==, 0);
    g_assert_cmpuint(dt_resolver_log_count(resolver), ==, 0);
    g_assert_cmpint(dt_resolver_ask(resolver, "", DT_RR_TXT)->status, ==, DT_DNS_OK);
}

static void
questions_are_limited_to_300(void)
{
    world here = { .ttl = 30 };
    g_autoptr(dt_source) source = dt_source_new_callback(answer_world, &here, NULL);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 60000);
    for (guint i = 0; i < 300; i++) {
        g_autofree char *name = g_strdup_printf("n%u.example", i);
        g_assert_cmpint(dt_resolver_ask(resolver, name, DT_RR_TXT)->status, ==, DT_DNS_OK);
    }
    g_assert_false(dt_resolver_was_cut(resolver));
    const dt_answer *over = dt_resolver_ask(resolver, "n300.example", DT_RR_TXT);
    g_assert_cmpint(over->status, ==, DT_DNS_TIMEOUT);
    g_assert_true(over == dt_resolver_ask(resolver, "n300.example", DT_RR_TXT));
    g_assert_cmpint(dt_resolver_ask(resolver, "n7.example", DT_RR_TXT)->status, ==, DT_DNS_OK);
    g_assert_true(dt_resolver_was_cut(resolver));
    g_assert_cmpuint(here.asked, ==, 300);
}

static void
without_time_nothing_leaves_the_program(void)
{
    world here = { .ttl = 30 };
    g_autoptr(dt_source) source = dt_source_new_callback(answer_world, &here, NULL);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 0);
    g_assert_cmpint(dt_resolver_ask(resolver, "a.example", DT_RR_TXT)->status, ==, DT_DNS_TIMEOUT);
    g_assert_true(dt_resolver_was_cut(resolver));
    g_assert_cmpuint(here.asked, ==, 0);
    g_autoptr(dt_zone) zone = zone_of("a.example. TXT x\n");
    g_autoptr(dt_source) file = dt_source_new_zone(zone);
    g_autoptr(dt_resolver) inside = dt_resolver_new(file, 0);
    g_assert_cmpint(dt_resolver_ask(inside, "a.example", DT_RR_TXT)->status, ==, DT_DNS_OK);
    g_assert_false(dt_resolver_was_cut(inside));
}

/* ---- the cache ----------------------------------------------------------------------------- */

static gint64
world_clock(gpointer data)
{
    return ((world *)data)->now_us;
}

typedef struct {
    const char *name;
    gint64 ttl;
    gint64 kept_s; /* the last second at which it is still known; -1 not kept */
} cache_row;

static void
answers_are_kept_for_their_ttl(void)
{
    static const cache_row rows[] = {
        { "a.example", 30, 29 },         { "a.example", 0, -1 },  { "a.example", 3600, 3599 },
        { "a.example", 1000000, 86399 }, { "a.example", -1, 59 }, { "nx.example", 0, 59 },
        { "fail.example", 30, -1 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        world here = { .ttl = rows[i].ttl, .now_us = G_USEC_PER_SEC };
        g_autoptr(dt_source) below = dt_source_new_callback(answer_world, &here, NULL);
        g_autoptr(dt_source) cache = dt_source_new_cache_clocked(below, world_clock, &here);
        dt_budget budget = { .timeout_us = 10 * G_USEC_PER_SEC };
        g_autoptr(dt_answer) first = dt_source_ask(cache, rows[i].name, DT_RR_TXT, &budget);
        g_assert_cmpint(first->origin, ==, DT_FROM_CALLBACK);
        here.now_us += MAX(rows[i].kept_s, 0) * G_USEC_PER_SEC;
        g_autoptr(dt_answer) again = dt_source_ask(cache, rows[i].name, DT_RR_TXT, &budget);
        g_assert_cmpuint(here.asked, ==, rows[i].kept_s < 0 ? 2 : 1);
        g_assert_true(dt_answer_says_the_same(first, again));
        if (rows[i].kept_s < 0)
            continue;
        g_assert_cmpint(again->origin, ==, DT_FROM_CACHE);
        g_assert_cmpint(again->ttl, ==, first->ttl < 0 ? -1 : first->ttl - rows[i].kept_s);
        here.now_us += G_USEC_PER_SEC;
        g_autoptr(dt_answer) late = dt_source_ask(cache, rows[i].name, DT_RR_TXT, &budget);
        g_assert_cmpuint(here.asked, ==, 2);
        g_assert_cmpint(late->origin, ==, DT_FROM_CALLBACK);
    }
}

static void
negative_answers_are_kept_for_300_seconds_at_most(void)
{
    world here = { .now_us = G_USEC_PER_SEC };
    g_autoptr(dt_zone) zone = zone_of("example. 9000 SOA a. b. 1 2 3 4 5000\n");
    g_autoptr(dt_source) below = dt_source_new_zone(zone);
    g_autoptr(dt_source) cache = dt_source_new_cache_clocked(below, world_clock, &here);
    dt_budget budget = { 0 };
    static const struct {
        gint64 at_s;
        dt_dns_origin origin;
        gint64 ttl;
    } rows[] = { { 1, DT_FROM_ZONE, 5000 },
                 { 300, DT_FROM_CACHE, 4701 },
                 { 301, DT_FROM_ZONE, 5000 } };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        here.now_us = rows[i].at_s * G_USEC_PER_SEC;
        g_autoptr(dt_answer) answer = dt_source_ask(cache, "x.example", DT_RR_TXT, &budget);
        g_assert_cmpint(answer->status, ==, DT_DNS_NXDOMAIN);
        g_assert_cmpint(answer->origin, ==, rows[i].origin);
        g_assert_cmpint(answer->ttl, ==, rows[i].ttl);
    }
}

static gpointer
ask_many_times(gpointer data)
{
    dt_budget budget = { .timeout_us = 60 * G_USEC_PER_SEC };
    for (guint i = 0; i < 2000; i++) {
        g_autofree char *name = g_strdup_printf("n%u.example", i % 50);
        g_autoptr(dt_answer) answer = dt_source_ask(data, name, DT_RR_TXT, &budget);
        g_assert_cmpstr(answer->records[0].data, ==, name);
    }
    return NULL;
}

static void
answer_quietly(const char *name, const char *type, gint64 deadline_us, dt_reply *reply,
               gpointer data)
{
    dt_reply_add(reply, name, 3600);
}

static void
threads_share_a_cache(void)
{
    GThread *threads[4];
    g_autoptr(dt_source) below = dt_source_new_callback(answer_quietly, NULL, NULL);
    g_autoptr(dt_source) cache = dt_source_new_cache(below);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("ask", ask_many_times, cache);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

/* ---- the list that all sources pass -------------------------------------------------------- */

static const char list_zone[] =
    "a.example. TXT x\na.example. MX 10 m.example.\nc.example. CNAME a.example.\n"
    "d.example. CNAME gone.example.\nl.example. CNAME k.example.\nk.example. CNAME l.example.\n"
    "t.example. TXT \"\\000\\255\"\n;! status s.example. TXT SERVFAIL\n";

static const char *const list[][2] = {
    { "a.example TXT", "ok =x" },
    { "a.example MX", "ok =10 m.example" },
    { "a.example A", "nodata" },
    { "b.example TXT", "nxdomain" },
    { "c.example TXT", "ok >a.example =x" },
    { "c.example CNAME", "ok =a.example" },
    { "c.example A", "nodata >a.example" },
    { "d.example TXT", "nxdomain >gone.example" },
    { "l.example TXT", "servfail >k.example >l.example" },
    { "t.example TXT", "ok =\\000\\255" },
    { "s.example TXT", "servfail" },
};

/* A caller that looks into a zone, one name at a time. */
static void
answer_from_zone(const char *name, const char *type, gint64 deadline_us, dt_reply *reply,
                 gpointer data)
{
    g_autoptr(dt_answer) answer = dt_zone_ask(data, name, dt_rr_type_parse(type));
    if (answer->cname)
        dt_reply_set_cname(reply, answer->cname[0]);
    else if (answer->status != DT_DNS_OK)
        dt_reply_set_status(reply, dt_dns_status_word(answer->status));
    for (guint i = 0; i < answer->record_count && !answer->cname; i++) {
        g_autofree char *text = dt_record_text(&answer->records[i], answer->type);
        gboolean is_text = answer->type == DT_RR_TXT &&
                           strlen(answer->records[i].data) == answer->records[i].length;
        g_assert_true(dt_reply_add(reply, is_text ? answer->records[i].data : text, 60));
    }
}

static void
all_sources_answer_alike(void)
{
    g_autoptr(dt_zone) zone = zone_of(list_zone);
    g_autoptr(dt_zone) empty = zone_of("");
    g_autoptr(dt_source) file = dt_source_new_zone(zone);
    g_autoptr(dt_source) nothing = dt_source_new_zone(empty);
    g_autoptr(dt_source) callback = dt_source_new_callback(answer_from_zone, zone, NULL);
    g_autoptr(dt_source) cache = dt_source_new_cache(file);
    g_autoptr(dt_source) over = dt_source_new_overlay(file, empty);
    g_autoptr(dt_source) assumed = dt_source_new_overlay(nothing, zone);
    dt_source *const sources[] = { file, callback, cache, cache, over, assumed };
    for (guint s = 0; s < G_N_ELEMENTS(sources); s++)
        for (guint i = 0; i < G_N_ELEMENTS(list); i++)
            if (sources[s] != callback || !strstr(list[i][1], "\\000")) /* no NUL in a C string */
                assert_source(sources[s], list[i][0], list[i][1]);
}

/* 50,000 answers at the most: past them old ones go, right answers stay right. */
static void
a_cache_does_not_grow_without_end(void)
{
    dt_budget budget = { .timeout_us = 600 * G_USEC_PER_SEC };
    g_autoptr(dt_source) below = dt_source_new_callback(answer_quietly, NULL, NULL);
    g_autoptr(dt_source) cache = dt_source_new_cache(below);
    for (guint i = 0; i < 50001; i++) {
        g_autofree char *name = g_strdup_printf("n%u.example", i);
        g_autoptr(dt_answer) answer = dt_source_ask(cache, name, DT_RR_TXT, &budget);
        g_assert_cmpstr(answer->records[0].data, ==, name);
    }
    g_autoptr(dt_answer) last = dt_source_ask(cache, "n50000.example", DT_RR_TXT, &budget);
    g_autoptr(dt_answer) first = dt_source_ask(cache, "n0.example", DT_RR_TXT, &budget);
    g_assert_cmpint(last->origin, ==, DT_FROM_CACHE);
    g_assert_cmpint(first->origin, ==, DT_FROM_CALLBACK);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/resolver/a caller's function is a source", a_callers_function_is_a_source);
    g_test_add_func("/resolver/a question is asked once and logged in order",
                    a_question_is_asked_once_and_logged_in_order);
    g_test_add_func("/resolver/what is no name is not asked", what_is_no_name_is_not_asked);
    g_test_add_func("/resolver/questions are limited to 300", questions_are_limited_to_300);
    g_test_add_func("/resolver/without time nothing leaves the program",
                    without_time_nothing_leaves_the_program);
    g_test_add_func("/cache/answers are kept for their TTL", answers_are_kept_for_their_ttl);
    g_test_add_func("/cache/negative answers are kept for 300 seconds at most",
                    negative_answers_are_kept_for_300_seconds_at_most);
    g_test_add_func("/cache/threads share a cache", threads_share_a_cache);
    g_test_add_func("/sources/all sources answer alike", all_sources_answer_alike);
    g_test_add_func("/cache/it does not grow without end", a_cache_does_not_grow_without_end);
    return g_test_run();
}
