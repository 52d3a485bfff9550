/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about records laid over answers: what is added, removed, hidden, and what begins to exist.
 */
#include "dns-shown.h"

typedef struct {
    const char *below, *changes, *question, *want;
} row;

static void
assert_rows(const row *rows, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_autoptr(dt_zone) zone = zone_of(rows[i].below);
        g_autoptr(dt_zone) changes = zone_of(rows[i].changes);
        g_autoptr(dt_source) source = dt_source_new_zone(zone);
        g_autoptr(dt_source) overlay = dt_source_new_overlay(source, changes);
        if (g_test_verbose())
            g_test_message("%s", rows[i].changes);
        assert_source(overlay, rows[i].question, rows[i].want);
    }
}

static void
records_are_added_to_what_is_there(void)
{
    static const row rows[] = {
        { "a.example. TXT x\n", "a.example. TXT y\n", "a.example TXT", "ok =x =y" },
        { "a.example. TXT x\n", "a.example. TXT x\n", "a.example TXT", "ok =x" },
        { "a.example. TXT x\n", "a.example. MX 1 m.example.\n", "a.example TXT", "ok =x" },
        { "a.example. TXT x\n", "b.example. TXT y\n", "b.example TXT", "ok =y" },
        { "a.example. TXT x\n", "b.example. TXT y\n", "b.example A", "nodata" },
        { "a.example. TXT x\n", "x.b.example. TXT y\n", "b.example A", "nodata" },
        { "a.example. TXT x\n", "x.b.example. TXT y\n", "c.example A", "nxdomain" },
        { "a.example. TXT x\n", "", "a.example TXT", "ok =x" },
        { ";! status a.example. TXT SERVFAIL\n", "a.example. TXT y\n", "a.example TXT", "ok =y" },
        { ";! status a.example. TXT SERVFAIL\n", "a.example. MX 1 m.example.\n", "a.example TXT",
          "servfail" },
        { ";! snapshot 2026-11-24T10:00:00Z\n", "a.example. TXT y\n", "a.example TXT", "ok =y" },
        { ";! snapshot 2026-11-24T10:00:00Z\n", "a.example. TXT y\n", "a.example A", "unknown" },
        { "a.example. TXT x\n", ";! status a.example. TXT SERVFAIL\n", "a.example TXT",
          "servfail" },
        { "a.example. TXT x\n", ";! status a.example. ANY TIMEOUT\n", "a.example A", "timeout" },
        { "a.example. TXT x\n", ";! status a.example. ANY NXDOMAIN\n", "b.example A", "nxdomain" },
    };
    assert_rows(rows, G_N_ELEMENTS(rows));
}

static void
removals_compare_data_not_text(void)
{
    static const row rows[] = {
        { "a.example. TXT x\na.example. TXT y\n", ";! remove a.example. TXT x\n", "a.example TXT",
          "ok =y" },
        { "a.example. TXT x\na.example. TXT y\n", ";! remove a.example. TXT\n", "a.example TXT",
          "nodata" },
        { "a.example. TXT \"v=spf1 -all\"\n", ";! remove a.example. TXT \"v=spf1\" \" \\045all\"\n",
          "a.example TXT", "nodata" },
        { "a.example. TXT x\n", ";! remove a.example. TXT X\n", "a.example TXT", "ok =x" },
        { "a.example. MX 10 M.example.\n", "$ORIGIN example.\n;! remove a MX 10 m\n",
          "a.example MX", "nodata" },
        { "a.example. MX 10 m.example.\n", ";! remove a.example. MX 20 m.example.\n",
          "a.example MX", "ok =10 m.example" },
        { "a.example. AAAA 2001:db8::1\n", ";! remove a.example. AAAA 2001:0db8:0::0001\n",
          "a.example AAAA", "nodata" },
        { "a.example. TXT x\n", ";! remove a.example. TXT x\na.example. TXT z\n", "a.example TXT",
          "ok =z" },
        { "a.example. TXT x\n", ";! remove a.example. TXT x\na.example. TXT x\n", "a.example TXT",
          "ok =x" },
        { "", ";! remove a.example. TXT\n", "a.example TXT", "nxdomain" },
        { "a.example. TXT x\n", ";! remove a.example. A\n", "a.example TXT", "ok =x" },
    };
    assert_rows(rows, G_N_ELEMENTS(rows));
}

static void
a_cname_hides_and_is_hidden(void)
{
    static const row rows[] = {
        /* in changes: everything else at the name is gone, and the way goes on through the overlay
         */
        { "a.example. TXT x\nb.example. TXT y\n", "a.example. CNAME b.example.\n", "a.example TXT",
          "ok >b.example =y" },
        { "b.example. CNAME c.example.\nc.example. TXT y\n", "a.example. CNAME b.example.\n",
          "a.example TXT", "ok >b.example >c.example =y" },
        { "", "a.example. CNAME b.example.\nb.example. TXT y\n", "a.example TXT",
          "ok >b.example =y" },
        { "a.example. CNAME b.example.\n", "a.example. CNAME c.example.\n", "a.example CNAME",
          "ok =c.example" },
        { "a.example. CNAME b.example.\nb.example. TXT y\n", "a.example. CNAME c.example.\n",
          "a.example TXT", "nxdomain >c.example" },
        { "a.example. TXT x\n", "a.example. CNAME a.example.\n", "a.example TXT",
          "servfail >a.example" },
        { "b.example. CNAME a.example.\n", "a.example. CNAME b.example.\n", "a.example TXT",
          "servfail >b.example >a.example" },
        /* below: any record in changes takes its place */
        { "a.example. CNAME b.example.\nb.example. TXT y\n", "a.example. TXT x\n", "a.example TXT",
          "ok =x" },
        { "a.example. CNAME b.example.\nb.example. A 192.0.2.1\n", "a.example. TXT x\n",
          "a.example A", "nodata" },
        { "a.example. CNAME b.example.\n", "a.example. TXT x\n", "a.example CNAME", "nodata" },
        /* removed */
        { "a.example. CNAME b.example.\nb.example. TXT y\n", ";! remove a.example. CNAME\n",
          "a.example TXT", "nodata" },
        { "a.example. CNAME b.example.\nb.example. TXT y\n",
          ";! remove a.example. CNAME B.example.\n", "a.example TXT", "nodata" },
        { "a.example. CNAME b.example.\nb.example. TXT y\n",
          ";! remove a.example. CNAME c.example.\n", "a.example TXT", "ok >b.example =y" },
        { "a.example. CNAME b.example.\n", ";! remove a.example. CNAME\n", "a.example CNAME",
          "nodata" },
        { "a.example. CNAME b.example.\nb.example. TXT y\n",
          ";! remove a.example. CNAME\na.example. TXT x\n", "a.example TXT", "ok =x" },
    };
    assert_rows(rows, G_N_ELEMENTS(rows));
}

static void
a_change_behind_a_chain_is_seen(void)
{
    static const row rows[] = {
        { "a.example. CNAME b.example.\nb.example. TXT y\n", "b.example. TXT z\n", "a.example TXT",
          "ok >b.example =y =z" },
        { "a.example. CNAME b.example.\n", "b.example. TXT z\n", "a.example TXT",
          "ok >b.example =z" },
        { "a.example. CNAME b.example.\n", "x.b.example. TXT z\n", "a.example TXT",
          "nodata >b.example" },
        { "a.example. CNAME b.example.\nb.example. CNAME c.example.\nc.example. TXT y\n",
          "b.example. CNAME d.example.\nd.example. TXT z\n", "a.example TXT",
          "ok >b.example >d.example =z" },
        { "a.example. CNAME b.example.\nb.example. CNAME c.example.\nc.example. TXT y\n",
          ";! remove c.example. TXT y\n", "a.example TXT", "nodata >b.example >c.example" },
        { "a.example. CNAME b.example.\nb.example. CNAME c.example.\nc.example. TXT y\n",
          ";! status c.example. TXT TIMEOUT\n", "a.example TXT", "timeout >b.example >c.example" },
        { "a.example. CNAME b.example.\nb.example. TXT y\n", "c.example. TXT z\n", "a.example TXT",
          "ok >b.example =y" },
    };
    assert_rows(rows, G_N_ELEMENTS(rows));
}

static void
wildcards_follow_what_exists_then(void)
{
    static const row rows[] = {
        /* a name that begins to exist is the wildcard's no more */
        { "*.example. TXT w\n", "a.example. TXT x\n", "a.example TXT", "ok =x" },
        { "*.example. TXT w\n*.example. MX 1 m.example.\n", "a.example. TXT x\n", "a.example MX",
          "nodata" },
        { "*.example. TXT w\n", "x.a.example. TXT x\n", "a.example TXT", "nodata" },
        { "*.example. TXT w\n", "a.b.example. TXT x\n", "a.b.example TXT", "ok =x" },
        { "*.example. TXT w\n", "a.example. TXT x\n", "b.example TXT", "ok =w" },
        { "*.example. CNAME c.example.\nc.example. TXT w\n", "a.example. TXT x\n", "a.example TXT",
          "ok =x" },
        { "*.example. TXT w\na.example. TXT y\n", "a.example. TXT x\n", "a.example TXT",
          "ok =x =y" },
        /* a wildcard that is removed or published */
        { "*.example. TXT w\n", ";! remove *.example. TXT\n", "a.example TXT", "nodata" },
        { "*.example. TXT w\n*.example. TXT v\n", ";! remove *.example. TXT w\n", "a.example TXT",
          "ok =v" },
        { "*.example. TXT w\na.example. TXT w\n", ";! remove *.example. TXT x\n", "a.example TXT",
          "ok =w" },
        { "b.example. TXT x\n", "*.example. TXT w\n", "a.example TXT", "ok =w" },
        { "b.example. TXT x\n", "*.example. TXT w\n", "a.example A", "nodata" },
        { "b.example. TXT x\n", "*.example. TXT w\n", "b.example TXT", "ok =x" },
        { "b.example. TXT x\n", "*.example. TXT w\n", "c.b.example TXT", "nxdomain" },
        { "b.example. TXT x\n", "*.example. TXT w\n", "c.d.example TXT", "ok =w" },
        { "b.example. TXT x\n", "*.example. CNAME b.example.\n", "a.example TXT",
          "ok >b.example =x" },
        { "*.example. TXT w\n", "*.example. TXT v\n", "a.example TXT", "ok =v =w" },
        { "*.example. TXT w\n", "*.example. CNAME b.example.\nb.example. TXT x\n", "a.example TXT",
          "ok >b.example =x" },
        { "*.example. TXT w\n", "*.a.example. TXT v\n", "x.a.example TXT", "ok =v" },
        { "*.example. A 192.0.2.1\n", "*.example. TXT v\n", "a.b.example TXT", "ok =v" },
        { "*.example. A 192.0.2.1\nb.example. A 192.0.2.2\n", "*.example. TXT v\n", "b.example TXT",
          "nodata" },
        /* the same record as the wildcard's, at a name of its own as other types show */
        { "*.example. TXT w\na.example. TXT w\na.example. A 192.0.2.1\n", "a.example. TXT x\n",
          "a.example TXT", "ok =w =x" },
    };
    assert_rows(rows, G_N_ELEMENTS(rows));
}

static void
only_what_is_altered_is_called_assumed(void)
{
    g_autoptr(dt_zone) zone = zone_of("a.example. 300 TXT x\nb.example. 300 TXT y\n");
    g_autoptr(dt_zone) changes = zone_of("a.example. 60 TXT z\nb.example. TXT y\n");
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    g_autoptr(dt_source) overlay = dt_source_new_overlay(source, changes);
    dt_budget budget = { .timeout_us = G_USEC_PER_SEC };
    g_autoptr(dt_answer) altered = dt_source_ask(overlay, "a.example", DT_RR_TXT, &budget);
    g_autoptr(dt_answer) same = dt_source_ask(overlay, "b.example", DT_RR_TXT, &budget);
    g_autoptr(dt_answer) other = dt_source_ask(overlay, "c.example", DT_RR_TXT, &budget);
    g_assert_cmpint(altered->origin, ==, DT_FROM_ASSUMED);
    g_assert_cmpint(altered->ttl, ==, 60);
    g_assert_cmpint(same->origin, ==, DT_FROM_ZONE);
    g_assert_cmpint(other->origin, ==, DT_FROM_ZONE);
}

static void
a_view_asks_and_remembers_through_its_parent(void)
{
    g_autoptr(dt_zone) zone = zone_of("a.example. TXT x\nb.example. CNAME a.example.\n");
    g_autoptr(dt_zone) changes = zone_of("a.example. TXT z\nn.example. CNAME b.example.\n");
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    g_autoptr(dt_resolver) parent = dt_resolver_new(source, 1000);
    g_autoptr(dt_resolver) view = dt_resolver_new_overlay(parent, changes);
    const dt_answer *untouched = dt_resolver_ask(view, "c.example", DT_RR_TXT);
    g_assert_true(untouched == dt_resolver_ask(parent, "c.example", DT_RR_TXT));
    g_assert_true(untouched == dt_resolver_ask(view, "c.example", DT_RR_TXT));
    g_assert_cmpuint(dt_resolver_log_count(view), ==, 0);
    assert_shown(dt_resolver_ask(view, "b.example", DT_RR_TXT), "ok >a.example =x =z");
    assert_shown(dt_resolver_ask(view, "n.example", DT_RR_TXT), "ok >b.example >a.example =x =z");
    g_assert_true(dt_resolver_ask(view, "b.example", DT_RR_TXT) ==
                  dt_resolver_ask(view, "b.example", DT_RR_TXT));
    g_assert_cmpuint(dt_resolver_log_count(view), ==, 2);
    g_assert_true(dt_resolver_is_changed(view, "a.example", DT_RR_TXT));
    g_assert_false(dt_resolver_is_changed(view, "a.example", DT_RR_MX));
    g_assert_false(dt_resolver_is_changed(view, "c.example", DT_RR_TXT));
    g_assert_false(dt_resolver_is_changed(parent, "a.example", DT_RR_TXT));
    g_assert_cmpuint(dt_resolver_log_count(view), ==, 2);
    g_assert_true(dt_resolver_parent(view) == parent);
    g_assert_null(dt_resolver_parent(parent));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/overlay/records are added to what is there",
                    records_are_added_to_what_is_there);
    g_test_add_func("/overlay/removals compare data, not text", removals_compare_data_not_text);
    g_test_add_func("/overlay/a CNAME hides and is hidden", a_cname_hides_and_is_hidden);
    g_test_add_func("/overlay/a change behind a chain is seen", a_change_behind_a_chain_is_seen);
    g_test_add_func("/overlay/wildcards follow what exists then",
                    wildcards_follow_what_exists_then);
    g_test_add_func("/overlay/only what is altered is called assumed",
                    only_what_is_altered_is_called_assumed);
    g_test_add_func("/overlay/a view asks and remembers through its parent",
                    a_view_asks_and_remembers_through_its_parent);
    return g_test_run();
}
