/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Attached messages octet by octet, delivery reports, bounces in plain words.
 */
#include "message/internal.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEAD  "From: joe@example.com\nReturn-Path: <>\nMIME-Version: 1.0\n"
#define INNER "Subject: inner\nFrom: ann@test.example\n\nhello\n"

static dt_message *
read_text(const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(GError) error = NULL;
    dt_message *m = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    return m;
}

static gboolean
collect(const char *octets, gsize length, gpointer data)
{
    g_string_append_len(data, octets, length);
    return TRUE;
}

/* All attached messages with "|" between them. */
static char *
attached_octets(dt_message *m)
{
    GString *out = g_string_new(NULL);
    for (guint i = 1; i <= dt_message_attached(m)->len; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(dt_message) inner = dt_message_read_attached(m, i, &error);
        g_assert_no_error(error);
        if (i > 1)
            g_string_append_c(out, '|');
        dt_message_each_octet(inner, collect, out, NULL);
    }
    return g_string_free(out, FALSE);
}

static const struct {
    const char *text, *octets;
} attached_rows[] = {
    { HEAD "\nplain\n", "" },
    { HEAD "Content-Type: multipart/mixed; boundary=b\n\nx\n--b\n\ntext\n--b\nContent-Type: "
           "message/rfc822\n\n" INNER "\n--b--\n",
      INNER },
    { HEAD
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" INNER
      "--b--\n",
      "Subject: inner\nFrom: ann@test.example\n\nhello" },
    { HEAD
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" INNER,
      INNER },
    { HEAD "Content-Type: MULTIPART/Mixed;\n Boundary = \"b c\"; x=y\n\n--b c \t\nContent-type: "
           "Message/RFC822; name=a\n\n" INNER "\n--b c--\n",
      INNER },
    { HEAD "Content-Type: multipart/mixed; boundary*=us-ascii''b\n\n--b\nContent-Type: "
           "message/rfc822\n\n" INNER "\n--b--\n",
      INNER },
    { HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
           "message/rfc822\r\n\r\nFrom: a@b.example\r\n\r\nx\r\n\r\n--b--\r\n",
      "From: a@b.example\r\n\r\nx\r\n" },
    { HEAD "Content-Type: multipart/mixed; boundary=b\r\r\n\r\r\n--b\r\r\nContent-Type: "
           "message/rfc822\r\r\n\r\r\nFrom: a@b.example\r\r\n\r\r\nx\r\r\n\r\r\n--b--\r\r\n",
      "From: a@b.example\r\r\n\r\r\nx\r\r\n" },
    { HEAD
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" INNER
      "\n--b\nContent-Type: message/rfc822\n\nFrom: z@example.org\n\n2\n--b--\n--b\nContent-Type: "
      "message/rfc822\n\nFrom: no@example.org\n\n3\n",
      INNER "|From: z@example.org\n\n2" },
    { HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; "
           "boundary=bb\n\n--bb\nContent-Type: text/plain\n\n--b no delimiter\n--bb\nContent-Type: "
           "message/rfc822\n\n" INNER "\n--b--\n",
      INNER },
    { HEAD "Content-Type: multipart/digest; boundary=b\n\n--b\n\n" INNER "\n--b--\n", INNER },
    { HEAD "Content-Type: message/rfc822\n\n" INNER, INNER },
    { HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
           "message/rfc822\nContent-Transfer-Encoding: "
           "base64\n\nRnJvbTogYUBiLmV4YW1w\nbGUKClgK\n--b--\n",
      "From: a@b.example\n\nX\n" },
    { HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
           "message/rfc822\nContent-Transfer-Encoding: Quoted-Printable\n\nFrom: "
           "a=40b.exa=\nmple\n\nX=3D\n--b--\n",
      "From: a@b.example\n\nX=" },
    { HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
           "text/plain\n--b\nContent-Type: message/rfc822\n\n" INNER "\n--b--\n",
      INNER },
    { HEAD "Content-Type: multipart/mixed\n\n--b\nContent-Type: message/rfc822\n\n" INNER
           "\n--b--\n",
      "" },
    { HEAD
      "Content-Type: multipart/mixed; boundary=\"\"\n\n--\nContent-Type: message/rfc822\n\n" INNER
      "\n----\n",
      "" },
};

static void
test_attached(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(attached_rows); i++) {
        g_test_message("row %u", i);
        g_autoptr(dt_message) m = read_text(attached_rows[i].text);
        g_autofree char *octets = attached_octets(m);
        g_assert_cmpstr(octets, ==, attached_rows[i].octets);
        g_assert_null(dt_message_bounce(m));
    }
}

static void
test_listing(void)
{
    g_autoptr(dt_message) m = read_text(
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
             "Subject: =?utf-8?Q?caf=C3=A9?=\nFrom: ann@Test.Example\n\nx\n--b\nContent-Type: "
             "text/rfc822-headers\n\nFrom: bob@example.org\n\n\n--b\n"
             "Content-Type: message/rfc822\n\nno message\n--b--\n");
    const GPtrArray *list = dt_message_attached(m);
    g_assert_cmpuint(list->len, ==, 3);
    const dt_attached *first = list->pdata[0], *second = list->pdata[1], *third = list->pdata[2];
    g_assert_cmpuint(first->index, ==, 1);
    g_assert_cmpstr(first->subject, ==, "caf\303\251");
    g_assert_cmpstr(first->from_domain, ==, "test.example");
    g_assert_false(first->is_header_only);
    g_assert_cmpstr(second->from_domain, ==, "example.org");
    g_assert_true(second->is_header_only);
    g_assert_null(third->from_domain);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) headers = dt_message_read_attached(m, 2, &error);
    g_assert_false(dt_message_has_body(headers));
    g_assert_null(dt_message_read_attached(m, 3, &error));
    g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
    g_clear_error(&error);
    g_assert_null(dt_message_read_attached(m, 4, &error));
    g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
    g_clear_error(&error);
    g_assert_null(dt_message_read_attached(m, 0, &error));
}

/* ---- large: pieces may end anywhere in a delimiter or line end ----------------------------- */

static void
check_pieces(gsize padding)
{
    g_autoptr(GString) text = g_string_new(
        "From: joe@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n");
    for (gsize i = 0; i < padding; i++)
        g_string_append_c(text, 'x');
    g_string_append(text, "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: "
                          "a@b.example\r\n\r\ninner\r\n\r\n--b--\r\n");
    while (text->len < 1100000)
        g_string_append(text, "epilogue\r\n");
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("dt-test-XXXXXX", &path, NULL);
    g_close(fd, NULL);
    g_file_set_contents(path, text->str, text->len, NULL);
    g_autoptr(dt_message) m = dt_message_read_file(path, NULL);
    g_unlink(path);
    g_autofree char *octets = attached_octets(m);
    g_assert_cmpstr(octets, ==, "From: a@b.example\r\n\r\ninner\r\n");
}

static void
test_pieces(void)
{
    for (gsize padding = 256 * 1024 - 100; padding < 256 * 1024 + 10; padding++)
        check_pieces(padding);
}

static void
test_depth(void)
{
    g_autoptr(GString) text =
        g_string_new("From: joe@example.com\nContent-Type: multipart/mixed; boundary=b0\n\n");
    for (guint i = 0; i < 3000; i++)
        g_string_append_printf(text, "--b%u\nContent-Type: multipart/mixed; boundary=b%u\n\n", i,
                               i + 1);
    g_autoptr(dt_message) m = read_text(text->str);
    g_assert_cmpuint(dt_message_attached(m)->len, ==, 0);
    g_string_assign(text, "From: joe@example.com\nContent-Type: multipart/mixed; boundary=b\n\n");
    for (guint i = 0; i < 20000; i++)
        g_string_append(text, "--b\nContent-Type: message/rfc822\n\nFrom: a@b.example\n\nx\n");
    g_autoptr(dt_message) many = read_text(text->str);
    g_assert_cmpuint(dt_message_attached(many)->len, ==, DT_MAX_ATTACHED);
}

/* ---- delivery reports ---------------------------------------------------------------------- */

#define REPORT(status, rest)                                                                       \
    HEAD "Content-Type: multipart/report; report-type=delivery-status; "                           \
         "boundary=b\n\n--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n" status      \
         "\n--b\n" rest "\n--b--\n"

static const struct {
    const char *text;
    const char *mta, *recipient, *status, *diagnostic;
    guint attached;
    gboolean is_header_only;
} report_rows[] = {
    { REPORT("Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; "
             "ann@example.org\nAction: failed\nStatus: 5.7.1\n"
             "Diagnostic-Code: smtp; 550-5.7.26 one two\n 550-5.7.26 three\n 550 5.7.26  four\n",
             "Content-Type: message/rfc822\n\n" INNER),
      "mx.example.org", "ann@example.org", "5.7.26", "550-5.7.26 one two three four", 1, FALSE },
    { REPORT("Reporting-MTA: dns;mx.example.org\n\nOriginal-Recipient: "
             "rfc822;ann@example.org\nAction: failed\nStatus: 5.0.0 (permanent)\n",
             "Content-Type: text/rfc822-headers\n\nFrom: ann@test.example\n"),
      "mx.example.org", "ann@example.org", "5.0.0", NULL, 1, TRUE },
    { REPORT("Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; ok@example.org\nAction: "
             "delivered\nStatus: 2.0.0\n\n"
             "Final-Recipient: rfc822; <bad@example.org>\nAction: failed\nStatus: "
             "5.1.1\nDiagnostic-Code: smtp;550 No such user\n",
             "\nno more"),
      "a", "bad@example.org", "5.1.1", "550 No such user", 0, FALSE },
    { REPORT("Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; x@example.org\nAction: "
             "failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 #5.7.509 Access denied, DMARC\n",
             "Content-Type: message/rfc822\n\nFrom: ann@test.example\nSubject: no body\n"),
      "a", "x@example.org", "5.7.509", "550 #5.7.509 Access denied, DMARC", 1, TRUE },
    { REPORT("nothing here\n", "\n"), NULL, NULL, NULL, NULL, 0, FALSE },
    { HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
           "message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; "
           "full@example.org\nAction: failed\nStatus: 5.2.2\n\nFinal-Recipient: rfc822; "
           "x@example.org\nAction: failed\nStatus: 5.7.1\n\n--b\nContent-Type: "
           "message/rfc822\n\n" INNER "\n--b--\n",
      "a", "x@example.org", "5.7.1", NULL, 1, FALSE },
    { HEAD
      "X-Failed-Recipients: ann@example.org, bob@example.org\n\nThis message was created "
      "automatically.\n\n  ann@example.org\n    host mx.example.org\n"
      "    SMTP error after end of data: 550-5.7.1 rejected by\n    550 5.7.1 DMARC "
      "policy\n\n------ This is a copy of the message, including all the headers. ------\n\n" INNER,
      NULL, "ann@example.org", "5.7.1", "550-5.7.1 rejected by DMARC policy", 1, FALSE },
    { HEAD "\nHi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to "
           "deliver.\n\n<ann@example.org>:\n"
           "192.0.2.1 failed after I sent the message.\nRemote host said: 550 5.7.26 not "
           "authenticated\n\n--- Below this line is a copy of the message.\n\n" INNER,
      "mx.example.com", "ann@example.org", "5.7.26", "550 5.7.26 not authenticated", 1, FALSE },
};

static void
test_reports(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(report_rows); i++) {
        g_test_message("row %u", i);
        g_autoptr(dt_message) m = read_text(report_rows[i].text);
        const dt_bounce *bounce = dt_message_bounce(m);
        g_assert_nonnull(bounce);
        g_assert_cmpstr(bounce->reporting_mta, ==, report_rows[i].mta);
        g_assert_cmpstr(bounce->recipient, ==, report_rows[i].recipient);
        g_assert_cmpstr(bounce->status, ==, report_rows[i].status);
        g_assert_cmpstr(bounce->diagnostic, ==, report_rows[i].diagnostic);
        g_assert_cmpuint(bounce->attached, ==, report_rows[i].attached);
        g_assert_cmpint(bounce->is_header_only, ==, report_rows[i].is_header_only);
        if (bounce->attached) {
            g_autoptr(dt_message) inner = dt_message_read_attached(m, bounce->attached, NULL);
            g_assert_cmpstr(dt_message_author(inner)->domain, ==, "test.example");
            g_assert_cmpint(dt_message_has_body(inner), ==, !report_rows[i].is_header_only);
        }
    }
}

static void
test_no_report(void)
{
    static const char *const rows[] = {
        HEAD "Content-Type: multipart/report; report-type=disposition-notification; "
             "boundary=b\n\n--b\n\nRead.\n--b--\n",
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
             "message/delivery-status\n\nReporting-MTA: dns; a\n\n--b--\n",
        HEAD "\n550 5.7.1 words alone\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_message) m = read_text(rows[i]);
        g_assert_null(dt_message_bounce(m));
    }
}

static const struct {
    const char *text, *status;
} status_rows[] = {
    { "550 5.7.1 no", "5.7.1" },
    { "550-5.7.26 no", "5.7.26" },
    { "host said: 554 5.7.515 Access denied", "5.7.515" },
    { "550 no code 5.7.1", NULL },
    { "550 5.7.1.2 no", NULL },
    { "5.7.1 no reply code", NULL },
    { "650 5.7.1", NULL },
    { "1550 5.7.1", NULL },
    { "550 5.7.1234", NULL },
    { "421 4.7.26 later", "4.7.26" },
    { "", NULL },
};

static void
test_status(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(status_rows); i++) {
        g_autofree char *status = dt_bounce_status_in(status_rows[i].text);
        g_assert_cmpstr(status, ==, status_rows[i].status);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/mime/attached-messages-are-given-octet-by-octet", test_attached);
    g_test_add_func("/message/mime/attached-messages-are-listed", test_listing);
    g_test_add_func("/message/mime/pieces-may-end-anywhere", test_pieces);
    g_test_add_func("/message/mime/depth-and-number-are-bounded", test_depth);
    g_test_add_func("/message/mime/delivery-reports-are-read", test_reports);
    g_test_add_func("/message/mime/what-is-no-delivery-report", test_no_report);
    g_test_add_func("/message/mime/status-codes-in-replies", test_status);
    return g_test_run();
}
