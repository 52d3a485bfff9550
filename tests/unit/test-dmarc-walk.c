/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the walk up the tree (RFC 9989 4.10) and the organizational domains it gives
 * (4.10.2).
 */
#include "dmarc-case.h"
#include "dmarc/walk.h"

static void
the_walk_takes_off_one_label_or_cuts_to_seven(void)
{
    static const struct {
        const char *name, *want;
    } rows[] = {
        { "com", NULL },
        { "example.com", "com" },
        { "a.b.c.d.e.f.g", "b.c.d.e.f.g" },
        { "a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h" },
        { "a.b.c.d.e.f.g.h.i", "c.d.e.f.g.h.i" },
        { "a.b.c.d.e.f.g.h.i.j.k.l", "f.g.h.i.j.k.l" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(dt_walk_next(rows[i].name), ==, rows[i].want);
}

/* A walker over a zone, for the length of one test row. */
typedef struct {
    dt_resolver *resolver;
    dt_dmarc *home; /* of the steps */
    GHashTable *by_name;
    dt_walker walker;
} walk_case;

static walk_case
walk_begin(const char *zone)
{
    walk_case run = { .resolver = case_resolver(zone) };
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    run.home = dt_dmarc_evaluate(run.resolver, NULL, 0, none);
    run.by_name = g_hash_table_new(g_str_hash, g_str_equal);
    run.walker = (dt_walker){ run.resolver, run.by_name, run.home->steps, run.home->queries, TRUE };
    return run;
}

static void
walk_end(walk_case *run)
{
    g_hash_table_unref(run->by_name);
    dt_dmarc_free(run->home);
    dt_resolver_free(run->resolver);
}

#define REC   "TXT \"v=DMARC1; p=none\"\n"
#define PSD_Y "TXT \"v=DMARC1; p=none; psd=y\"\n"
#define PSD_N "TXT \"v=DMARC1; p=none; psd=n\"\n"

static void
the_organizational_domain_follows_from_the_records_on_the_way(void)
{
    static const struct {
        const char *zone, *start, *want;
        guint asked;
    } rows[] = {
        { "", "a.example.com", "a.example.com", 3 },
        { "_dmarc.example.com. " REC, "a.example.com", "example.com", 3 },
        { "_dmarc.a.example.com. " REC, "a.example.com", "a.example.com", 3 },
        { "_dmarc.com. " REC "_dmarc.example.com. " REC, "a.example.com", "com", 3 },
        { "_dmarc.com. " PSD_Y "_dmarc.example.com. " REC, "a.example.com", "example.com", 3 },
        { "_dmarc.com. " PSD_Y "_dmarc.a.b.example.com. " REC, "a.b.example.com", "example.com",
          4 },
        { "_dmarc.example.com. " PSD_Y "_dmarc.com. " REC, "a.b.example.com", "b.example.com", 3 },
        { "_dmarc.example.com. " PSD_N "_dmarc.com. " REC, "a.b.example.com", "example.com", 3 },
        { "_dmarc.example.com. " PSD_Y "_dmarc.com. " REC, "example.com", "example.com", 1 },
        { "_dmarc.example.com. " PSD_N "_dmarc.com. " REC, "example.com", "example.com", 1 },
        { "_dmarc.example.com. " PSD_Y "_dmarc.example.com. " REC, "a.example.com", "a.example.com",
          3 },
        { "_dmarc.d.e.f.g.h.example.com. " PSD_Y, "a.b.c.d.e.f.g.h.example.com",
          "c.d.e.f.g.h.example.com", 2 },
        { "_dmarc.b.c.d.e.f.example.com. " PSD_Y, "a.b.c.d.e.f.example.com",
          "a.b.c.d.e.f.example.com", 2 },
        { "_dmarc.c.d.e.f.g.example.com. " PSD_Y, "a.b.c.d.e.f.g.example.com",
          "b.c.d.e.f.g.example.com", 2 },
        { "_dmarc.example.com. TXT \"v=DMARC1; p=x; psd=n\"\n", "a.example.com", "example.com", 2 },
        { "", "a.b.c.d.e.f.g.h.i.j.k.example.com", "a.b.c.d.e.f.g.h.i.j.k.example.com", 8 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        walk_case run = walk_begin(rows[i].zone);
        dt_walk walk = dt_walk_run(&run.walker, rows[i].start, DT_WALK_WHOLE);
        g_assert_cmpstr(dt_walk_org_domain(&walk), ==, rows[i].want);
        g_assert_cmpuint(run.walker.queries->len, ==, rows[i].asked);
        walk_end(&run);
    }
}

static void
a_name_is_asked_once_and_a_name_too_long_never(void)
{
    walk_case run = walk_begin("_dmarc.example.com. " REC);
    g_autofree char *label = g_strnfill(60, 'a');
    g_autofree char *name =
        g_strjoin(".", label, label, label, label, "example", NULL); /* 251 octets */
    dt_walk walk = dt_walk_run(&run.walker, name, DT_WALK_WHOLE);
    g_assert_true(walk.is_complete);
    g_assert_cmpuint(walk.count, ==, 4);
    g_assert_cmpstr(dt_walk_org_domain(&walk), ==, name);
    dt_walk_run(&run.walker, name, DT_WALK_WHOLE);
    g_assert_cmpuint(run.walker.queries->len, ==, 4);
    walk_end(&run);
}

static void
a_remembered_walk_asks_nothing(void)
{
    walk_case run = walk_begin("_dmarc.example.com. " REC);
    dt_walk whole = dt_walk_run(&run.walker, "a.example.com", DT_WALK_WHOLE);
    dt_walk known = dt_walk_run(&run.walker, "example.com", DT_WALK_REMEMBERED);
    dt_walk unknown = dt_walk_run(&run.walker, "b.example.com", DT_WALK_REMEMBERED);
    g_assert_true(whole.is_complete && known.is_complete);
    g_assert_false(unknown.is_complete);
    g_assert_null(dt_walk_org_domain(&unknown));
    g_assert_cmpuint(run.walker.queries->len, ==, 3);
    walk_end(&run);
}

#define FAILS(name) ";! status " name " TXT SERVFAIL\n"

static void
a_failure_counts_only_where_an_answer_could_change_the_outcome(void)
{
    static const struct {
        const char *zone, *a, *b;
        dt_ternary want;
    } rows[] = {
        { "_dmarc.example.com. " REC, "example.com", "a.example.com", DT_TERNARY_TRUE },
        { "_dmarc.example.com. " REC, "example.com", "other.com", DT_TERNARY_FALSE },
        /* What com holds, it holds for both. */
        { "_dmarc.example.com. " REC FAILS("_dmarc.com."), "example.com", "a.example.com",
          DT_TERNARY_TRUE },
        { "_dmarc.example.com. " REC FAILS("_dmarc.com."), "example.com", "other.com",
          DT_TERNARY_UNKNOWN },
        /* psd=n there would part them. */
        { "_dmarc.example.com. " REC FAILS("_dmarc.a.example.com."), "example.com", "a.example.com",
          DT_TERNARY_UNKNOWN },
        /* Nothing there can make it one of example.net. */
        { "_dmarc.example.com. " REC FAILS("_dmarc.a.example.net.") FAILS("_dmarc.example.net."),
          "example.com", "a.example.net", DT_TERNARY_FALSE },
        { "_dmarc.example.com. " PSD_N FAILS("_dmarc.com."), "a.example.com", "b.example.com",
          DT_TERNARY_TRUE },
        /* A record at b makes b the organizational domain of the one, none leaves it where it is.
         */
        { "_dmarc.a.b.example.com. " REC FAILS("_dmarc.b.example.com."), "a.b.example.com",
          "example.com", DT_TERNARY_FALSE },
        { "_dmarc.a.b.example.com. " REC FAILS("_dmarc.b.example.com."), "a.b.example.com",
          "b.example.com", DT_TERNARY_UNKNOWN },
        { FAILS("_dmarc.e.f.g.com.") FAILS("_dmarc.f.g.com.") FAILS("_dmarc.g.com.")
              FAILS("_dmarc.com.") FAILS("_dmarc.d.e.f.g.com."),
          "a.d.e.f.g.com", "b.d.e.f.g.com", DT_TERNARY_UNKNOWN },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        walk_case run = walk_begin(rows[i].zone);
        dt_walk a = dt_walk_run(&run.walker, rows[i].a, DT_WALK_WHOLE);
        dt_walk b = dt_walk_run(&run.walker, rows[i].b, DT_WALK_WHOLE);
        g_assert_cmpint(dt_walk_meets(&a, &b), ==, rows[i].want);
        g_assert_cmpint(dt_walk_meets(&b, &a), ==, rows[i].want);
        if (rows[i].want != DT_TERNARY_FALSE)
            g_assert_true(dt_walk_can_meet(&a, rows[i].b));
        walk_end(&run);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/walk/it takes off one label or cuts to seven",
                    the_walk_takes_off_one_label_or_cuts_to_seven);
    g_test_add_func("/dmarc/walk/the organizational domain follows from the records on the way",
                    the_organizational_domain_follows_from_the_records_on_the_way);
    g_test_add_func("/dmarc/walk/a name is asked once and a name too long never",
                    a_name_is_asked_once_and_a_name_too_long_never);
    g_test_add_func("/dmarc/walk/a remembered walk asks nothing", a_remembered_walk_asks_nothing);
    g_test_add_func("/dmarc/walk/a failure counts only where an answer could change the outcome",
                    a_failure_counts_only_where_an_answer_could_change_the_outcome);
    return g_test_run();
}
