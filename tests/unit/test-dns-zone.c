/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about what a zone answers: existence, wildcards, CNAMEs, zones with SOA, recordings,
 * statuses.
 */
#include "dns-shown.h"

#include <string.h>

typedef struct {
    const char *question, *want;
} row;

static void
assert_rows(const char *text, const row *rows, guint count)
{
    g_autoptr(dt_zone) zone = zone_of(text);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    for (guint i = 0; i < count; i++)
        assert_source(source, rows[i].question, rows[i].want);
}

#define ASSERT_ROWS(text, ...)                                                                     \
    do {                                                                                           \
        static const row rows[] = { __VA_ARGS__ };                                                 \
        assert_rows(text, rows, G_N_ELEMENTS(rows));                                               \
    } while (0)

static void
a_name_exists_by_what_is_at_or_below_it(void)
{
    ASSERT_ROWS("a.b.example. TXT x\n", { "a.b.example TXT", "ok =x" },
                { "a.b.example A", "nodata" }, { "b.example A", "nodata" },
                { "example A", "nodata" }, { "c.example A", "nxdomain" },
                { "x.a.b.example A", "nxdomain" }, { "test TXT", "nxdomain" });
}

static void
wildcards_cover_what_does_not_exist(void)
{
    ASSERT_ROWS("*.example. TXT w\nsub.host.example. A 192.0.2.1\n_dmarc.example. TXT d\n",
                { "a.example TXT", "ok =w" }, { "a.b.example TXT", "ok =w" },
                { "a.example A", "nodata" }, { "*.example TXT", "ok =w" },
                { "host.example TXT", "nodata" }, { "x.host.example TXT", "nxdomain" },
                { "_dmarc.example TXT", "ok =d" }, { "_dmarc.example A", "nodata" },
                { "example TXT", "nodata" }, { "x.sub.host.example TXT", "nxdomain" });
}

static void
cnames_are_followed_to_their_end(void)
{
    ASSERT_ROWS(
        "a.example. CNAME b.example.\nb.example. CNAME c.example.\nc.example. TXT x\n"
        "gone.example. CNAME nowhere.test.\nself.example. CNAME self.example.\n"
        "l1.example. CNAME l2.example.\nl2.example. CNAME l1.example.\n*.w.example. CNAME "
        "c.example.\n"
        "into.example. CNAME l1.example.\n",
        { "a.example TXT", "ok >b.example >c.example =x" },
        { "a.example A", "nodata >b.example >c.example" }, { "a.example CNAME", "ok =b.example" },
        { "c.example CNAME", "nodata" }, { "gone.example TXT", "nxdomain >nowhere.test" },
        { "gone.example CNAME", "ok =nowhere.test" },
        { "self.example TXT", "servfail >self.example" },
        { "l1.example TXT", "servfail >l2.example >l1.example" },
        { "l1.example CNAME", "ok =l2.example" },
        { "into.example TXT", "servfail >l1.example >l2.example >l1.example" },
        { "x.w.example TXT", "ok >c.example =x" }, { "x.w.example CNAME", "ok =c.example" });
}

static void
sixteen_hops_are_followed_and_no_more(void)
{
    g_autoptr(GString) text = g_string_new("end.example. TXT x\nn0.example. CNAME end.example.\n");
    for (guint i = 1; i < 17; i++)
        g_string_append_printf(text, "n%u.example. CNAME n%u.example.\n", i, i - 1);
    g_autoptr(dt_zone) zone = zone_of(text->str);
    g_autoptr(dt_answer) fits = dt_zone_ask(zone, "n15.example", DT_RR_TXT);
    g_autoptr(dt_answer) over = dt_zone_ask(zone, "n16.example", DT_RR_TXT);
    g_assert_cmpint(fits->status, ==, DT_DNS_OK);
    g_assert_cmpuint(g_strv_length(fits->cname), ==, 16);
    g_assert_cmpint(over->status, ==, DT_DNS_SERVFAIL);
}

static void
dnames_move_what_is_below_them(void)
{
    ASSERT_ROWS("old.example. DNAME new.test.\na.new.test. TXT x\n",
                { "a.old.example TXT", "ok >a.new.test =x" },
                { "b.old.example TXT", "nxdomain >b.new.test" },
                { "b.old.example CNAME", "ok =b.new.test" }, { "old.example TXT", "nodata" });
}

static void
statuses_say_what_records_cannot(void)
{
    ASSERT_ROWS(
        "a.example. TXT x\n;! status a.example. ANY SERVFAIL\n"
        "b.example. TXT x\n;! status b.example. TXT TIMEOUT\n;! status c.example. TXT NODATA\n"
        ";! status d.example. TXT SERVFAIL\ne.example. CNAME d.example.\n"
        ";! status f.example. TXT NXDOMAIN\n*.w.example. A 192.0.2.1\n;! status *.w.example. TXT "
        "SERVFAIL\n"
        "g.example. CNAME a.example.\n;! status g.example. TXT TIMEOUT\n",
        { "a.example TXT", "ok =x" }, { "a.example A", "servfail" }, { "a.example MX", "servfail" },
        { "b.example TXT", "timeout" }, { "b.example A", "nodata" }, { "c.example TXT", "nodata" },
        { "c.example A", "nodata" }, { "d.example TXT", "servfail" }, { "d.example A", "nxdomain" },
        { "e.example TXT", "servfail >d.example" }, { "f.example TXT", "nxdomain" },
        { "x.w.example TXT", "servfail" }, { "x.w.example A", "ok =192.0.2.1" },
        { "g.example TXT", "timeout" }, { "g.example CNAME", "ok =a.example" });
}

static void
beyond_the_zones_of_a_file_with_soa_nothing_is_known(void)
{
    ASSERT_ROWS("example. 60 SOA ns.example. h.example. 1 2 3 4 5\nexample. NS "
                "ns.example.\nns.example. A 192.0.2.1\n"
                "away.example. NS ns.other.test.\nns.away.example. A 192.0.2.2\nns.other.test. A "
                "192.0.2.3\n"
                "out.example. CNAME x.test.\n*.example. TXT w\n",
                { "example TXT", "nodata" }, { "x.ns.example TXT", "nxdomain" },
                { "a.example TXT", "ok =w" }, { "test TXT", "unknown" },
                { "a.test TXT", "unknown" }, { "out.example TXT", "unknown >x.test" },
                { "away.example TXT", "unknown" }, { "x.away.example TXT", "unknown" },
                { "ns.away.example TXT", "unknown" }, { "ns.other.test A", "ok =192.0.2.3" },
                { "ns.other.test TXT", "unknown" });
}

static void
a_recording_knows_only_what_was_asked(void)
{
    ASSERT_ROWS(
        ";! snapshot 2026-11-24T10:00:00Z\na.example. TXT x\n;! status b.example. TXT NXDOMAIN\n"
        "c.example. CNAME d.example.\nd.example. TXT y\nc.example. TXT z\n",
        { "a.example TXT", "ok =x" }, { "a.example A", "unknown" }, { "b.example TXT", "nxdomain" },
        { "b.example A", "unknown" }, { "example TXT", "unknown" }, { "z.example TXT", "unknown" },
        { "c.example TXT", "ok >d.example =y" }, { "c.example A", "unknown >d.example" });
}

static void
several_files_are_one_zone(void)
{
    g_autoptr(dt_zone) zone = zone_of("a.example. TXT x\n");
    g_assert_true(dt_zone_read_text(zone, ";! snapshot 2026-11-24T10:00:00Z\nb.example. TXT y\n",
                                    -1, "2", NULL));
    g_assert_true(dt_zone_read_text(zone, "c.example. TXT z\n", -1, "3", NULL));
    g_assert_false(dt_zone_read_text(zone, "relative TXT \"\n", -1, "4", NULL));
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    static const row rows[] = { { "a.example TXT", "ok =x" }, { "a.example A", "nodata" },
                                { "b.example TXT", "ok =y" }, { "b.example A", "unknown" },
                                { "c.example A", "nodata" },  { "d.example A", "unknown" } };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_source(source, rows[i].question, rows[i].want);
}

static void
merging_keeps_records_statuses_and_removals(void)
{
    g_autoptr(dt_zone) zone = zone_of("a.example. TXT x\n");
    g_autoptr(dt_zone) other =
        zone_of("a.example. TXT y\n;! status b.example. TXT SERVFAIL\n;! remove c.example. TXT\n");
    dt_zone_merge(zone, other);
    g_autoptr(dt_zone) below = zone_of("c.example. TXT z\n");
    g_autoptr(dt_source) source = dt_source_new_zone(below);
    g_autoptr(dt_source) overlay = dt_source_new_overlay(source, zone);
    assert_source(overlay, "a.example TXT", "ok =x =y");
    assert_source(overlay, "b.example TXT", "servfail");
    assert_source(overlay, "c.example TXT", "nodata");
}

static void
words_are_complete_both_ways(void)
{
    for (guint i = DT_DNS_OK; i <= DT_DNS_UNKNOWN; i++)
        g_assert_cmpint(dt_dns_status_parse(dt_dns_status_word(i)), ==, i);
    static const dt_rr_type types[] = { DT_RR_A,   DT_RR_NS, DT_RR_CNAME, DT_RR_SOA,
                                        DT_RR_PTR, DT_RR_MX, DT_RR_TXT,   DT_RR_AAAA };
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        g_assert_cmpint(dt_rr_type_parse(dt_rr_type_word(types[i])), ==, types[i]);
    for (guint i = DT_FROM_ZONE; i <= DT_FROM_CALLBACK; i++)
        g_assert_nonnull(dt_dns_origin_word(i));
    g_assert_null(dt_dnssec_word(DT_DNSSEC_UNCHECKED));
    g_assert_cmpstr(dt_dnssec_word(DT_DNSSEC_BOGUS), ==, "bogus");
    g_assert_cmpint(dt_rr_type_parse("SRV"), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zone/a name exists by what is at or below it",
                    a_name_exists_by_what_is_at_or_below_it);
    g_test_add_func("/zone/wildcards cover what does not exist",
                    wildcards_cover_what_does_not_exist);
    g_test_add_func("/zone/CNAMEs are followed to their end", cnames_are_followed_to_their_end);
    g_test_add_func("/zone/sixteen hops are followed and no more",
                    sixteen_hops_are_followed_and_no_more);
    g_test_add_func("/zone/DNAMEs move what is below them", dnames_move_what_is_below_them);
    g_test_add_func("/zone/statuses say what records cannot", statuses_say_what_records_cannot);
    g_test_add_func("/zone/beyond the zones of a file with SOA nothing is known",
                    beyond_the_zones_of_a_file_with_soa_nothing_is_known);
    g_test_add_func("/zone/a recording knows only what was asked",
                    a_recording_knows_only_what_was_asked);
    g_test_add_func("/zone/several files are one zone", several_files_are_one_zone);
    g_test_add_func("/zone/merging keeps records, statuses and removals",
                    merging_keeps_records_statuses_and_removals);
    g_test_add_func("/zone/words are complete both ways", words_are_complete_both_ways);
    return g_test_run();
}
