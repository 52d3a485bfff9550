/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about master files: what is read, and what is refused at which line.
 */
#include "dns-shown.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    const char *text, *question, *want;
} good_row;

static void
records_are_read(void)
{
    static const good_row rows[] = {
        { "a.example. 300 IN TXT \"v=spf1 \" \"-all\"\n", "a.example TXT", "ok =v=spf1 -all" },
        { "a.example. TXT \"a\"\"b\"", "a.example TXT", "ok =ab" },
        { "a.example. TXT plain words", "a.example TXT", "ok =plainwords" },
        { "a.example. TXT plain;comment", "a.example TXT", "ok =plain" },
        { "a.example. TXT plain\\;text", "a.example TXT", "ok =plain;text" },
        { "a.example. TXT \"semi;colon (in) quotes\" ; comment", "a.example TXT",
          "ok =semi;colon (in) quotes" },
        { "a.example. TXT \"q\\\"q \\195\\188 \\x \\\\\"", "a.example TXT",
          "ok =q\"q \\195\\188 x \\092" },
        { "a.example. TXT \"\"", "a.example TXT", "ok =" },
        { "a.example. TXT\n", "a.example TXT", "ok =" },
        { "a.example. TXT \"\xc3\xbc\"", "a.example TXT", "ok =\\195\\188" },
        { "a.example. IN 300 TXT x\n", "a.example TXT", "ok =x" },
        { "a.example. 1h30m in txt x\n", "a.example TXT", "ok =x" },
        { "A.Example. CLASS1 TYPE16 \\# 3 02 6869\n", "a.example TXT", "ok =hi" },
        { "a.example. A \\# 4 C0000201\n", "a.example A", "ok =192.0.2.1" },
        { "\r\na.example. TXT x\r\n\r\n", "a.example TXT", "ok =x" },
        { "\xef\xbb\xbf"
          "a.example. TXT x",
          "a.example TXT", "ok =x" },
        { "$ORIGIN example.\na TXT x\n", "a.example TXT", "ok =x" },
        { "$ORIGIN example.\n$ORIGIN b\na TXT x\n", "a.b.example TXT", "ok =x" },
        { "$ORIGIN example.\n@ TXT x\n TXT y\n\tTXT z\n", "example TXT", "ok =x =y =z" },
        { "a.example TXT x\n", "a.example TXT", "ok =x" },
        { "$ORIGIN example.\na MX 10 mail\n MX 20 mail.other.test.\n", "a.example MX",
          "ok =10 mail.example =20 mail.other.test" },
        { "a.example. MX 0 .\n", "a.example MX", "ok =0 ." },
        { "a.example. A 192.0.2.9\na.example. A 192.0.2.10\na.example. A 192.0.2.9", "a.example A",
          "ok =192.0.2.10 =192.0.2.9" },
        { "a.example. AAAA 2001:DB8:0::1\n", "a.example AAAA", "ok =2001:db8::1" },
        { "1.2.0.192.in-addr.arpa. PTR a.example.\n", "1.2.0.192.in-addr.arpa PTR",
          "ok =a.example" },
        { "example. SOA ns.example. host\\.master.example. (\n 1 ; serial\n 1h 15m\n 1w 5m )\n",
          "example SOA", "ok =ns.example host\\046master.example 1 3600 900 604800 300" },
        { "a.example. TXT ( \"one\" ; first\n\n  \"two\"\n)\n", "a.example TXT", "ok =onetwo" },
        { "a\\.b.example. TXT x\n", "a\\046b.example TXT", "ok =x" },
        { "\\036x.example. TXT x\n", "$x.example TXT", "ok =x" },
        { "\\@.example. TXT x\n", "@.example TXT", "ok =x" },
        { "a.example. SRV 0 0 5060 sip.example.\n", "a.example A", "nodata" },
        { "a.example. CAA 0 issue \"ca.example\"\n", "a.example A", "nodata" },
        { "a.example. TYPE65280 \\# 2 abcd\n", "a.example A", "nodata" },
        { "a.example. SPF \"v=spf1 -all\"\n", "a.example TXT", "nodata" },
        { ";! status a.example. TXT servfail\n", "a.example TXT", "servfail" },
        { "$ORIGIN example.\n ;! status a TXT TIMEOUT ; why\n", "a.example TXT", "timeout" },
        { "; a comment\n  ; another\n\n", "a.example TXT", "nxdomain" },
        { "", "a.example TXT", "nxdomain" },
        { "a.example. CNAME b.example.\na.example. CNAME B.example.\na.example. RRSIG CNAME 8 2 "
          "300 x\n",
          "a.example CNAME", "ok =b.example" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_zone) zone = zone_of(rows[i].text);
        g_autoptr(dt_source) source = dt_source_new_zone(zone);
        assert_source(source, rows[i].question, rows[i].want);
    }
}

typedef struct {
    const char *text, *want;
} bad_row;

static void
what_does_not_parse_names_file_and_line(void)
{
    static const bad_row rows[] = {
        { "\na.example. TXT \"open\nb.example. TXT x\"\n",
          "f:2: a quote that is not closed on its line" },
        { "a.example. TXT ( x\n\n", "f:1: a \"(\" that is not closed" },
        { "a.example. TXT x )\n", "f:1: a \")\" without its \"(\"" },
        { "a.example. TXT x\\\n", "f:1: a backslash at the end of the line" },
        { "a.example. TXT x\"y\"\n", "f:1: a quote inside a word" },
        { "a.example. TXT \"\\256\"\n", "f:1: \"\\256\" is not a string: a bad \\ escape" },
        { "a.example. TXT \"\\25\"\n", "f:1: \"\\25\" is not a string: a bad \\ escape" },
        { "a.example. MX\n", "f:1: the record has no data" },
        { "a.example.\n", "f:1: the record has no type" },
        { "a.example. 300 IN\n", "f:1: the record has no type" },
        { "a.example. FOO x\n", "f:1: \"FOO\" is not a type of record" },
        { "a.example. CH TXT x\n", "f:1: \"CH\" is not a supported class (IN is)" },
        { "a.example. 2147483648 TXT x\n", "f:1: \"2147483648\" is not a type of record" },
        { " TXT x\n", "f:1: the first record has no name" },
        { "a..example. TXT x\n", "f:1: \"a..example.\" is not a domain name" },
        { "a.example. A 192.0.2\n", "f:1: \"192.0.2\" is not an IPv4 address" },
        { "a.example. A 2001:db8::1\n", "f:1: \"2001:db8::1\" is not an IPv4 address" },
        { "a.example. AAAA 192.0.2.1\n", "f:1: \"192.0.2.1\" is not an IPv6 address" },
        { "a.example. A 192.0.2.1 192.0.2.2\n", "f:1: there is more behind the record's data" },
        { "a.example. MX mail.example.\n", "f:1: the record's data is incomplete" },
        { "a.example. MX 65536 mail.example.\n", "f:1: \"65536\" is not a number from 0 to 65535" },
        { "a.example. MX ten mail.example.\n", "f:1: \"ten\" is not a number from 0 to 65535" },
        { "a.example. CNAME b..\n", "f:1: \"b..\" is not a domain name" },
        { "a.example. SOA a. b. 1 2 3 4\n", "f:1: the record's data is incomplete" },
        { "a.example. SOA a. b. 1 2 3 4 x\n", "f:1: \"x\" is not a number of seconds" },
        { "a.example. TXT \\# 3 0268\n",
          "f:1: the data behind \\# does not have the stated length or is none of this type" },
        { "a.example. TXT \\# 3 056869\n",
          "f:1: the data behind \\# does not have the stated length or is none of this type" },
        { "$INCLUDE other\n", "f:1: $INCLUDE is not supported" },
        { "$GENERATE 1-9 a A 192.0.2.$\n", "f:1: $GENERATE is not supported" },
        { "$FOO x\n", "f:1: \"$FOO\" is not a known directive" },
        { "$TTL soon\n", "f:1: \"soon\" is not a TTL" },
        { "$TTL\n", "f:1: expected $TTL SECONDS" },
        { "$ORIGIN a..b\n", "f:1: \"a..b\" is not a domain name" },
        { "a.example. CNAME b.example.\na.example. TXT x\n",
          "f:2: another record at a name that has a CNAME" },
        { "a.example. TXT x\n\na.example. CNAME b.example.\n",
          "f:3: a CNAME at a name that has other records" },
        { "a.example. CNAME b.example.\na.example. CNAME c.example.\n",
          "f:2: a second CNAME with another target at this name" },
        { ";! stauts a.example. TXT SERVFAIL\n",
          "f:1: \"stauts\" is not known behind \";!\" (snapshot, status, remove)" },
        { ";!\n", "f:1: nothing behind \";!\"" },
        { ";! snapshot\n", "f:1: expected \";! snapshot TIME\"" },
        { ";! snapshot yesterday\n",
          "f:1: \"yesterday\" is not a time such as 2026-11-24T10:00:00Z" },
        { ";! status a.example. TXT\n", "f:1: expected \";! status NAME TYPE STATUS\"" },
        { ";! status a.example. TXT OK\n",
          "f:1: \"OK\" is not NXDOMAIN, NODATA, SERVFAIL or TIMEOUT" },
        { ";! status a.example. FOO SERVFAIL\n", "f:1: \"FOO\" is not a type of record" },
        { ";! status a..b TXT SERVFAIL\n", "f:1: \"a..b\" is not a domain name" },
        { ";! status a.example. TXT SERVFAIL\n;! status a.example. TXT NODATA\n",
          "f:2: another status was given for this name and type before" },
        { ";! status a.example. TXT (\nSERVFAIL )\n",
          "f:1: a parenthesis in a \";!\" line that is not closed there" },
        { ";! remove a.example. ANY\n", "f:1: \"ANY\" is not a type of record" },
        { ";! remove a.example. A 192.0.2\n", "f:1: \"192.0.2\" is not an IPv4 address" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_zone) zone = dt_zone_new();
        g_autoptr(GError) error = NULL;
        g_assert_false(dt_zone_read_text(zone, rows[i].text, -1, "f", &error));
        g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
        g_assert_cmpstr(error->message, ==, rows[i].want);
    }
}

static gboolean
reads(const char *text, gsize length)
{
    g_autoptr(dt_zone) zone = dt_zone_new();
    return dt_zone_read_text(zone, text, (gssize)length, "f", NULL);
}

static void
a_string_holds_255_octets_and_no_more(void)
{
    g_autofree char *string = g_strnfill(255, 'x');
    g_autofree char *fits = g_strconcat("a.example. TXT \"", string, "\"\n", NULL);
    g_autofree char *over = g_strconcat("a.example. TXT \"", string, "y\"\n", NULL);
    g_assert_true(reads(fits, strlen(fits)));
    g_assert_false(reads(over, strlen(over)));
}

static void
nul_octets_are_no_text(void)
{
    static const char bare[] = "a.example. TXT x\0y\n";
    g_assert_false(reads(bare, sizeof bare - 1));
    g_assert_false(reads("\0", 1));
}

static void
ttls_come_from_the_record_or_the_directive_or_the_last(void)
{
    static const struct {
        const char *text;
        gint64 want;
    } rows[] = {
        { "a.example. 300 TXT x\n", 300 },
        { "a.example. TXT x\n", -1 },
        { "$TTL 1h\na.example. TXT x\n", 3600 },
        { "$TTL 1h\nb.example. 5 TXT x\na.example. TXT x\n", 3600 },
        { "b.example. 5 TXT x\na.example. TXT x\n", 5 },
        { "a.example. 0 TXT x\n", 0 },
        { "a.example. 2147483647 TXT x\n", 2147483647 },
        { "a.example. 300 TXT x\na.example. 60 TXT y\n", 60 },
        { "a.example. 300 CNAME b.example.\nb.example. 30 TXT y\n", 30 },
        { "a.example. 300 TXT x\n;! ttl a.example. TXT 7\n", 7 },
        { "a.example. 300 TXT x\n;! ttl a.example. TXT UNKNOWN\n", -1 },
        { "example. 100 SOA a. b. 1 1 1 1 60\n", 60 },
        { "example. 20 SOA a. b. 1 1 1 1 60\n", 20 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_zone) zone = zone_of(rows[i].text);
        g_autoptr(dt_answer) answer = dt_zone_ask(zone, "a.example", DT_RR_TXT);
        g_assert_cmpint(answer->ttl, ==, rows[i].want);
    }
}

static void
files_that_cannot_be_read_are_errors_of_their_own(void)
{
    g_autoptr(dt_zone) zone = dt_zone_new();
    g_autoptr(GError) missing = NULL, folder = NULL;
    g_assert_false(dt_zone_read_file(zone, "/nonexistent/zone", &missing));
    g_assert_error(missing, DT_ERROR, DT_ERROR_NO_INPUT);
    g_assert_false(dt_zone_read_file(zone, g_get_tmp_dir(), &folder));
    g_assert_error(folder, DT_ERROR, DT_ERROR_NO_INPUT);
}

static void
single_records_are_as_strict_as_files(void)
{
    static const struct {
        const char *name, *type, *value;
        gboolean want;
    } rows[] = {
        { "a.example", "TXT", "v=DMARC1; p=none \"x\"", TRUE },
        { "a.example.", "MX", "10 mail.example.", TRUE },
        { "b.example", "cname", "c.example", TRUE },
        { "b.example", "CNAME", "d.example", FALSE },
        { "b.example", "TXT", "x", FALSE },
        { "a.example", "A", "192.0.2.300", FALSE },
        { "a.example", "MX", "10", FALSE },
        { "a..example", "TXT", "x", FALSE },
        { "a.example", "SRV", "0 0 1 a.example", FALSE },
    };
    g_autoptr(dt_zone) zone = dt_zone_new();
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(dt_zone_add(zone, rows[i].name, rows[i].type, rows[i].value, &error), ==,
                        rows[i].want);
        g_assert_true(rows[i].want == (error == NULL));
    }
    g_autoptr(dt_answer) answer = dt_zone_ask(zone, "a.example", DT_RR_TXT);
    assert_shown(answer, "ok =v=DMARC1; p=none \"x\"");
}

static void
a_hundred_thousand_records_are_no_work(void)
{
    GString *text = g_string_new("$ORIGIN example.\n$TTL 60\n");
    for (guint i = 0; i < 100000; i++)
        g_string_append_printf(text, "h%u.d%u TXT \"v=spf1 ip4:192.0.2.%u -all\"\n", i, i % 977,
                               i % 256);
    g_autofree char *whole = g_string_free(text, FALSE);
    gint64 begin = g_get_monotonic_time();
    g_autoptr(dt_zone) zone = zone_of(whole);
    g_test_message("%d ms", (int)((g_get_monotonic_time() - begin) / 1000));
    g_autoptr(dt_answer) answer = dt_zone_ask(zone, "h99999.d345.example", DT_RR_TXT);
    g_assert_cmpint(answer->status, ==, DT_DNS_OK);
}

/* Every prefix of a text with all kinds of syntax is read or refused, and never more. */
static void
cut_files_do_no_harm(void)
{
    static const char text[] =
        "$ORIGIN example.\n$TTL 1h\n@ SOA a b 1 2 3 4 5\n x TXT ( \"a\\\"b\" ; c\n \\065 )\n"
        ";! status y TXT SERVFAIL\n;! remove z MX 10 m\nq TYPE16 \\# 3 02 6869\nr CNAME \\@.x.\n";
    for (gsize length = 0; length < sizeof text; length++) {
        g_autofree char *copy = g_memdup2(text, length + 1);
        reads(copy, length);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zonefile/records are read", records_are_read);
    g_test_add_func("/zonefile/what does not parse names file and line",
                    what_does_not_parse_names_file_and_line);
    g_test_add_func("/zonefile/a string holds 255 octets and no more",
                    a_string_holds_255_octets_and_no_more);
    g_test_add_func("/zonefile/NUL octets are no text", nul_octets_are_no_text);
    g_test_add_func("/zonefile/TTLs come from the record, the directive or the last",
                    ttls_come_from_the_record_or_the_directive_or_the_last);
    g_test_add_func("/zonefile/files that cannot be read are errors of their own",
                    files_that_cannot_be_read_are_errors_of_their_own);
    g_test_add_func("/zonefile/single records are as strict as files",
                    single_records_are_as_strict_as_files);
    g_test_add_func("/zonefile/a hundred thousand records are no work",
                    a_hundred_thousand_records_are_no_work);
    g_test_add_func("/zonefile/cut files do no harm", cut_files_do_no_harm);
    return g_test_run();
}
