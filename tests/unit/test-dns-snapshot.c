/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about recordings: what was asked reads back to the same answers; the file appears whole or
 * not at all.
 */
#include "dns-shown.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *
temporary_path(void)
{
    g_autofree char *folder = g_dir_make_tmp("dt-snapshot-XXXXXX", NULL);
    return g_build_filename(folder, "recording", NULL);
}

static void
remove_path(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_unlink(path);
    g_assert_cmpint(g_rmdir(folder), ==, 0); /* and no temporary file is left */
}

static const char sample[] =
    "$TTL 300\na.example. TXT \"v=DMARC1; p=none\" \"\\000\\\"\\\\ \xc3\xbc;()\"\na.example. 60 "
    "TXT second\n"
    "a.example. MX 10 m.example.\na.example. MX 0 .\nb.example. 30 CNAME c.example.\nc.example. "
    "600 CNAME d.example.\n"
    "d.example. 900 TXT end\ne.example. CNAME gone.test.\nself.example. CNAME self.example.\n"
    "l1.example. CNAME l2.example.\nl2.example. CNAME "
    "l1.example.\nodd\\;\\(\\\"\\@name\\.x.example. A 192.0.2.1\n"
    "f.example. CNAME s.example.\n;! status s.example. TXT SERVFAIL\n;! status t.example. TXT "
    "TIMEOUT\n"
    "six.example. AAAA 2001:db8::1\nsoa.example. SOA ns.example. h.example. 1 2 3 4 "
    "5\nsoa.example. NS ns.example.\n"
    "1.2.0.192.in-addr.arpa. PTR a.example.\n*.w.example. TXT wild\n\\$dollar.example. TXT x\n"
    "empty.example. TXT \"\"\n";

static const dt_question questions[] = {
    { "a.example", DT_RR_TXT },       { "a.example", DT_RR_MX },
    { "b.example", DT_RR_TXT },       { "c.example", DT_RR_TXT },
    { "c.example", DT_RR_CNAME },     { "d.example", DT_RR_TXT },
    { "b.example", DT_RR_A },         { "e.example", DT_RR_TXT },
    { "self.example", DT_RR_TXT },    { "l1.example", DT_RR_TXT },
    { "l1.example", DT_RR_CNAME },    { "odd;(\"@name\\046x.example", DT_RR_A },
    { "f.example", DT_RR_TXT },       { "t.example", DT_RR_TXT },
    { "six.example", DT_RR_AAAA },    { "soa.example", DT_RR_SOA },
    { "soa.example", DT_RR_NS },      { "1.2.0.192.in-addr.arpa", DT_RR_PTR },
    { "x.w.example", DT_RR_TXT },     { "x.w.example", DT_RR_A },
    { "$dollar.example", DT_RR_TXT }, { "nx.soa.example", DT_RR_TXT },
    { "six.example", DT_RR_TXT },     { "empty.example", DT_RR_TXT },
    { "into.l1.example", DT_RR_TXT }, { "", DT_RR_NS },
};

static void
a_recording_reads_back_the_same(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = temporary_path();
    g_autoptr(dt_zone) zone = zone_of(sample);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 1000);
    for (guint i = 0; i < G_N_ELEMENTS(questions); i++)
        dt_resolver_ask(resolver, questions[i].name, questions[i].type);
    g_assert_true(dt_snapshot_write(path, &resolver, 1, &error));
    g_assert_no_error(error);
    g_autoptr(dt_zone) recording = dt_zone_new();
    g_assert_true(dt_zone_read_file(recording, path, &error));
    for (guint i = 0; i < G_N_ELEMENTS(questions); i++) {
        const dt_answer *want = dt_resolver_ask(resolver, questions[i].name, questions[i].type);
        g_autoptr(dt_answer) got = dt_zone_ask(recording, questions[i].name, questions[i].type);
        g_autofree char *text = shown(want);
        assert_shown(got, text);
        g_assert_true(dt_answer_says_the_same(want, got));
        g_assert_cmpint(got->ttl, ==, want->ttl);
        g_assert_cmpint(got->origin, ==, DT_FROM_SNAPSHOT);
    }
    g_autoptr(dt_answer) unasked = dt_zone_ask(recording, "a.example", DT_RR_A);
    g_assert_cmpint(unasked->status, ==, DT_DNS_UNKNOWN);
    remove_path(path);
}

static void
a_recording_says_itself_first(void)
{
    g_autofree char *path = temporary_path();
    g_autofree char *text = NULL;
    g_assert_true(dt_snapshot_write(path, NULL, 0, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_true(g_str_has_prefix(text, ";! snapshot 2"));
    remove_path(path);
}

/* Two messages of one batch: the server failed the first one. */
static void
the_better_answer_of_several_messages_is_kept(void)
{
    g_autofree char *path = temporary_path();
    g_autoptr(dt_zone) bad =
        zone_of(";! status a.example. TXT TIMEOUT\nc.example. CNAME a.example.\n");
    g_autoptr(dt_zone) good = zone_of("a.example. TXT x\n");
    g_autoptr(dt_source) bad_source = dt_source_new_zone(bad);
    g_autoptr(dt_source) good_source = dt_source_new_zone(good);
    g_autoptr(dt_resolver) first = dt_resolver_new(bad_source, 1000);
    g_autoptr(dt_resolver) second = dt_resolver_new(good_source, 1000);
    dt_resolver *const both[] = { first, second };
    dt_resolver_ask(first, "a.example", DT_RR_TXT);
    dt_resolver_ask(first, "c.example", DT_RR_TXT);
    dt_resolver_ask(second, "a.example", DT_RR_TXT);
    g_assert_true(dt_snapshot_write(path, both, 2, NULL));
    g_autoptr(dt_zone) recording = dt_zone_new();
    g_assert_true(dt_zone_read_file(recording, path, NULL));
    g_autoptr(dt_answer) direct = dt_zone_ask(recording, "a.example", DT_RR_TXT);
    g_autoptr(dt_answer) led = dt_zone_ask(recording, "c.example", DT_RR_TXT);
    assert_shown(direct, "ok =x");
    assert_shown(led, "timeout");
    remove_path(path);
}

static void
nothing_is_left_where_it_cannot_be_written(void)
{
    g_autofree char *path = temporary_path();
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *missing = g_build_filename(folder, "no", "recording", NULL);
    g_autoptr(GError) no_folder = NULL, is_folder = NULL, full = NULL;
    g_assert_false(dt_snapshot_write(missing, NULL, 0, &no_folder));
    g_assert_error(no_folder, DT_ERROR, DT_ERROR_CREATE);
    g_assert_false(dt_snapshot_write(folder, NULL, 0, &is_folder));
    g_assert_error(is_folder, DT_ERROR, DT_ERROR_CREATE);
    if (g_file_test("/dev/full", G_FILE_TEST_EXISTS)) {
        g_assert_false(dt_snapshot_write("/dev/full", NULL, 0, &full));
        g_assert_error(full, DT_ERROR, DT_ERROR_IO);
    }
    remove_path(path);
}

static void
a_link_stays_a_link(void)
{
    g_autofree char *path = temporary_path();
    g_autofree char *link = g_strconcat(path, ".link", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_set_contents(path, "old", -1, NULL));
    g_assert_cmpint(symlink(path, link), ==, 0);
    g_assert_true(dt_snapshot_write(link, NULL, 0, NULL));
    g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_true(g_str_has_prefix(text, ";! snapshot"));
    g_unlink(link);
    remove_path(path);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/snapshot/a recording reads back the same", a_recording_reads_back_the_same);
    g_test_add_func("/snapshot/a recording says itself first", a_recording_says_itself_first);
    g_test_add_func("/snapshot/the better answer of several messages is kept",
                    the_better_answer_of_several_messages_is_kept);
    g_test_add_func("/snapshot/nothing is left where it cannot be written",
                    nothing_is_left_where_it_cannot_be_written);
    g_test_add_func("/snapshot/a link stays a link", a_link_stays_a_link);
    return g_test_run();
}
