/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which messages went through SES, from which region, when, and which hop took them from there.
 */
#include "ses/ses.h"

#include <string.h>

#define ID "0102018969854525-efaac26d-5117-1ee7-76e3-78c5e091e427-000000" /* 1689692488 */
#define HOP                                                                                        \
    "Received: from a9-46.smtp-out.eu-west-3.amazonses.com "                                       \
    "(a9-46.smtp-out.eu-west-3.amazonses.com [54.240.9.46])\n\tby mx.example.org with ESMTPS; "    \
    "Tue, 18 Jul 2023 15:01:30 +0000\n"
#define PLAIN                                                                                      \
    "Received: from mail.example.com (mail.example.com [192.0.2.1])\n\tby mx.example.org with "    \
    "ESMTP; Tue, 18 Jul 2023 15:01:30 +0000\n"
#define OWN                                                                                        \
    "Received: from out.example.com (out.example.com [203.0.113.9])\n\tby mx.example.org with "    \
    "ESMTP; Tue, 18 Jul 2023 15:01:30 +0000\n"
#define FROM "From: joe@example.com\n"

typedef struct {
    const char *header;
    const char *region, *third_party, *ip;
    gint64 sent_at;
    gint hop;
    guint markers;
    gboolean own_ip;
} row;

static const row rows[] = {
    { FROM, NULL, NULL, NULL, DT_TIME_NONE, -1, 0, FALSE },
    { FROM "Feedback-ID: ::1.us-west-2.abc=:AmazonSES\n", "us-west-2", NULL, NULL, DT_TIME_NONE, -1,
      1, FALSE },
    { FROM "Feedback-ID: 1.eu-west-1.abc=:AmazonSES\n", "eu-west-1", NULL, NULL, DT_TIME_NONE, -1,
      1, FALSE },
    { FROM "Feedback-ID: campaign:mine:1.us-gov-west-1.a/b=:AmazonSES\n", "us-gov-west-1", NULL,
      NULL, DT_TIME_NONE, -1, 1, FALSE },
    { FROM "Feedback-ID: 1.nowhere.abc=:AmazonSES\n", NULL, NULL, NULL, DT_TIME_NONE, -1, 1,
      FALSE },
    { FROM "Feedback-ID: 1.eu-west-1.abc=:Other\n", NULL, NULL, NULL, DT_TIME_NONE, -1, 0, FALSE },
    { FROM "Message-ID: <" ID "@eu-west-1.amazonses.com>\n", "eu-west-1", NULL, NULL, 1689692488,
      -1, 1, FALSE },
    { FROM "Message-ID: <" ID "@email.amazonses.com>\n", "us-east-1", NULL, NULL, 1689692488, -1, 1,
      FALSE },
    { FROM "Message-ID: <020200000pvk2k4k-m9nk7vls-000000@eu-west-1.amazonses.com>\n", "eu-west-1",
      NULL, NULL, DT_TIME_NONE, -1, 1, FALSE },
    { FROM "Message-ID: <x@example.com>\nReferences: <" ID "@email.amazonses.com>\n", NULL, NULL,
      NULL, DT_TIME_NONE, -1, 0, FALSE },
    { FROM "Message-ID: <x@amazonses.com.example>\n", NULL, NULL, NULL, DT_TIME_NONE, -1, 0,
      FALSE },
    { "Return-Path: <" ID "@eu-west-2.amazonses.com>\n" FROM
      "X-SES-Outgoing: 2023.07.18-54.240.9.46\n",
      "eu-west-2", NULL, "54.240.9.46", 1689692488, -1, 1, FALSE },
    { "Return-Path: <" ID "@bounce.example.com>\n" FROM "X-SES-Outgoing: 2023.07.18-54.240.9.46\n",
      "eu-west-1", NULL, "54.240.9.46", 1689692488, -1, 1, FALSE },
    { "Return-Path: <" ID "@eu-west-2.amazonses.com>\n" FROM, NULL, NULL, NULL, DT_TIME_NONE, -1, 0,
      FALSE },
    { FROM "X-SES-Outgoing: nonsense\n", NULL, NULL, NULL, DT_TIME_NONE, -1, 1, FALSE },
    { HOP FROM, "eu-west-3", NULL, "54.240.9.46", DT_TIME_NONE, 0, 1, FALSE },
    { PLAIN HOP FROM, "eu-west-3", NULL, "54.240.9.46", DT_TIME_NONE, 1, 1, FALSE },
    { HOP HOP PLAIN FROM, "eu-west-3", NULL, "54.240.9.46", DT_TIME_NONE, 1, 2, FALSE },
    { PLAIN OWN FROM "X-SES-Outgoing: 2023.07.18-203.0.113.9\n", NULL, NULL, "203.0.113.9",
      DT_TIME_NONE, 1, 1, FALSE },
    { OWN FROM "X-SES-Outgoing: 2023.07.18-203.0.113.9\nDKIM-Signature: v=1; "
               "d=messagingfabric.com; s=x; b=\n",
      NULL, NULL, "203.0.113.9", DT_TIME_NONE, 0, 2, TRUE },
    { OWN FROM
      "X-SES-Outgoing: 2023.07.18-54.240.9.46\nMessage-ID: <x@us-east-1.messagingfabric.com>\n",
      "us-east-1", NULL, "54.240.9.46", DT_TIME_NONE, -1, 2, FALSE },
    { FROM "DKIM-Signature: v=1; d=amazonses.com; s=abc; b=\n", NULL, NULL, NULL, DT_TIME_NONE, -1,
      1, FALSE },
    { FROM "DKIM-Signature: v=1; d=example.com; s=abc; b=\n", NULL, NULL, NULL, DT_TIME_NONE, -1, 0,
      FALSE },
    { FROM "X-SES-DKIM-SIGNATURE: v=1; d=amazonses.com; s=abc; b=\nX-SES-RECEIPT: abc\n", NULL,
      NULL, NULL, DT_TIME_NONE, -1, 0, FALSE },
    { "Received: from mail.example.com (mail.example.com [192.0.2.1])\n by "
      "inbound-smtp.eu-west-1.amazonaws.com with SMTP id x\n for joe@example.org;\n Tue, 18 Jul "
      "2023 15:01:30 +0000 (UTC)\n" FROM,
      NULL, NULL, NULL, DT_TIME_NONE, -1, 0, FALSE },
    { "Return-Path: <x@send.example.com>\n" FROM
      "DKIM-Signature: d=example.com; s=resend; b=\nDKIM-Signature: d=amazonses.com; s=abc; b=\n",
      NULL, "resend", NULL, DT_TIME_NONE, -1, 1, FALSE },
    { "Return-Path: <x@bounce.example.com>\n" FROM
      "DKIM-Signature: d=example.com; s=resend; b=\nDKIM-Signature: d=amazonses.com; s=abc; b=\n",
      NULL, NULL, NULL, DT_TIME_NONE, -1, 1, FALSE },
    { FROM
      "DKIM-Signature: d=test.example; s=resend; b=\nDKIM-Signature: d=amazonses.com; s=abc; b=\n",
      NULL, NULL, NULL, DT_TIME_NONE, -1, 1, FALSE },
    { FROM "DKIM-Signature: d=example.com; s=resend; b=\n", NULL, NULL, NULL, DT_TIME_NONE, -1, 0,
      FALSE },
};

static dt_message *
read_header(const char *header)
{
    g_autofree char *text = g_strconcat(header, "\nbody\n", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(GError) error = NULL;
    dt_message *m = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    return m;
}

static void
test_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_message) m = read_header(rows[i].header);
        g_autoptr(dt_ses_facts) facts = dt_ses_facts_new(m);
        g_test_message("%s", rows[i].header);
        g_assert_cmpint(facts->via_ses, ==, rows[i].markers > 0);
        g_assert_cmpuint(facts->markers->len, ==, rows[i].markers);
        g_assert_cmpstr(facts->region, ==, rows[i].region);
        g_assert_cmpstr(facts->third_party, ==, rows[i].third_party);
        g_assert_cmpstr(facts->outgoing_ip, ==, rows[i].ip);
        g_assert_cmpint(facts->sent_at, ==, rows[i].sent_at);
        g_assert_cmpint(facts->hop, ==, rows[i].hop);
        g_assert_cmpint(facts->own_ip, ==, rows[i].own_ip);
    }
}

/* Regions by their order of trust: each row leaves out the first of the one before. */
static void
test_priority(void)
{
    static const struct {
        const char *header, *region;
    } order[] = {
        { "Feedback-ID: ::1.us-west-2.x=:AmazonSES\nMessage-ID: <" ID
          "@sa-east-1.amazonses.com>\nReturn-Path: <x@ap-south-1.amazonses.com>\n" HOP FROM,
          "us-west-2" },
        { "Message-ID: <" ID
          "@sa-east-1.amazonses.com>\nReturn-Path: <x@ap-south-1.amazonses.com>\n" HOP FROM,
          "sa-east-1" },
        { "Return-Path: <x@ap-south-1.amazonses.com>\n" HOP FROM, "ap-south-1" },
        { "Return-Path: <" ID "@example.com>\n" HOP FROM, "eu-west-3" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        g_autoptr(dt_message) m = read_header(order[i].header);
        g_autoptr(dt_ses_facts) facts = dt_ses_facts_new(m);
        g_assert_cmpstr(facts->region, ==, order[i].region);
    }
}

static void
test_markers(void)
{
    g_autoptr(dt_message) m = read_header(
        HOP FROM
        "DKIM-Signature: d=amazonses.com;\n s=abc; b=\nx-ses-outgoing: 2023.07.18-54.240.9.46\n");
    g_autoptr(dt_ses_facts) facts = dt_ses_facts_new(m);
    const dt_ses_marker *first = facts->markers->pdata[0], *second = facts->markers->pdata[1],
                        *third = facts->markers->pdata[2];
    g_assert_cmpstr(first->header, ==, "Received");
    g_assert_cmpstr(first->value, ==, "a9-46.smtp-out.eu-west-3.amazonses.com");
    g_assert_cmpuint(second->line, ==, 4);
    g_assert_cmpstr(second->value, ==, "d=amazonses.com; s=abc");
    g_assert_cmpstr(third->header, ==, "x-ses-outgoing");
    g_assert_cmpuint(third->line, ==, 6);
    g_assert_cmpuint(facts->outgoing_line, ==, 6);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ses/markers/each-mark-tells-what-it-can", test_rows);
    g_test_add_func("/ses/markers/regions-by-order-of-trust", test_priority);
    g_test_add_func("/ses/markers/marks-name-their-line", test_markers);
    return g_test_run();
}
