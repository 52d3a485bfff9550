/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The Received parser: one row a form, what it must find.
 */
#include <string.h>
#include "message/results.h"

typedef struct {
    const char *value;
    const char *helo, *ptr, *ip, *by, *with;
} client_case;

static const client_case clients[] = {
    { "from mail.example.com (ptr.example.com [192.0.2.1]) by mx.example.org (Postfix) with ESMTPS "
      "id 1",
      "mail.example.com", "ptr.example.com", "192.0.2.1", "mx.example.org", "ESMTPS" },
    { "from mail.example.com (unknown [192.0.2.1])\r\n\tby mx.example.org (Postfix) with ESMTP id "
      "1",
      "mail.example.com", NULL, "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from mail.example.com (mail.example.com. [IPv6:2001:db8::0:1])\r\n by mx.example.org with "
      "SMTP",
      "mail.example.com", "mail.example.com", "2001:db8::1", "mx.example.org", "SMTP" },
    { "from mail.example.com (192.0.2.1) by EX1.example.org (10.0.0.2) with Microsoft SMTP\r\n "
      "Server "
      "(version=TLS1_2, cipher=A) id 15.1 via Frontend Transport",
      "mail.example.com", NULL, "192.0.2.1", "EX1.example.org", "Microsoft SMTP Server" },
    { "from ptr.example.com (HELO mail.example.com) (192.0.2.1) by mx.example.org with SMTP",
      "mail.example.com", "ptr.example.com", "192.0.2.1", "mx.example.org", "SMTP" },
    { "from unknown (HELO mail.example.com) (joe@192.0.2.1) by mx.example.org with SMTP",
      "mail.example.com", NULL, "192.0.2.1", "mx.example.org", "SMTP" },
    { "from 192.0.2.1 (EHLO mail.example.com) by 10.0.0.9 with SMTPs", "mail.example.com", NULL,
      "192.0.2.1", "10.0.0.9", "SMTPs" },
    { "from [192.0.2.1] (port=4711 helo=mail.example.com) by mx.example.org with esmtp (Exim 4.97)",
      "mail.example.com", NULL, "192.0.2.1", "mx.example.org", "esmtp" },
    { "from ptr.example.com ([192.0.2.1]:4711 helo=mail.example.com) by mx.example.org with esmtp",
      "mail.example.com", "ptr.example.com", "192.0.2.1", "mx.example.org", "esmtp" },
    { "from mail.example.com ([192.0.2.1]) by mx.example.org with esmtp (Exim 4.97)",
      "mail.example.com", "mail.example.com", "192.0.2.1", "mx.example.org", "esmtp" },
    { "from mail.example.com ([192.0.2.1]) by mx.example.org with ESMTP", "mail.example.com", NULL,
      "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from ptr.example.com ([192.0.2.1]:33 \"EHLO mail.example.com\" rhost-flags-OK) by "
      "mx.example.org with ESMTP",
      "mail.example.com", "ptr.example.com", "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from mail.example.com (Not Verified[192.0.2.1]) by mx.example.org with SEG",
      "mail.example.com", NULL, "192.0.2.1", "mx.example.org", "SEG" },
    { "from mail.example.com(mail.example.com[192.0.2.1])by mx.example.org(Postfix)with ESMTP",
      "mail.example.com", "mail.example.com", "192.0.2.1", "mx.example.org", "ESMTP" },
    { "FROM mail.example.com ([192.0.2.1]) BY MX.example.org. WITH ESMTP ID 1", "mail.example.com",
      NULL, "192.0.2.1", "MX.example.org", "ESMTP" },
    { "from EX2 ([fe80::1%5]) by EX1 ([fe80::2%5]) with mapi id 1", "EX2", NULL, "fe80::1", "EX1",
      "mapi" },
    { "from mail.example.com(mailfrom:a@b.example fp:SMTPD_1 ip:192.0.2.1) by "
      "mx.example.org(10.0.0.1)",
      "mail.example.com", NULL, "192.0.2.1", "mx.example.org", NULL },
    { "from mail.example.com (mail.example.com [::ffff:192.0.2.1]) (TLS: TLSv1.2,256bits) by "
      "mx.example.org with ESMTPS",
      "mail.example.com", "mail.example.com", "192.0.2.1", "mx.example.org", "ESMTPS" },
    { "from [192.0.2.1] (HELO mail.example.com) by mx.example.org (CommuniGate Pro SMTP 6.1) with "
      "ESMTP id 1",
      "mail.example.com", NULL, "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from mail.example.com ([192.0.2.1]) by x.hotmail.com over TLS secured channel with "
      "Microsoft SMTPSVC(7.5)",
      "mail.example.com", NULL, "192.0.2.1", "x.hotmail.com", "Microsoft SMTPSVC" },
    { "by 2001:db8::5 with SMTP id x", NULL, NULL, NULL, "2001:db8::5", "SMTP" },
    { "(from root@localhost) by mx.example.org (8.15.2/Submit) id x", NULL, NULL, NULL,
      "mx.example.org", NULL },
    { "(qmail 33 invoked by uid 89)", NULL, NULL, NULL, NULL, NULL },
    { "from mail.example.com by mx.example.org with SMTP", "mail.example.com", NULL, NULL,
      "mx.example.org", "SMTP" },
    { "from a.example (a.example [192.0.2.1]) by b.example (1.2.3.4) with MailboxResubmission by "
      "Agent id 1",
      "a.example", "a.example", "192.0.2.1", "b.example", "MailboxResubmission" },
    { "", NULL, NULL, NULL, NULL, NULL },
    { "from", NULL, NULL, NULL, NULL, NULL },
    { "by", NULL, NULL, NULL, NULL, NULL },
    { "from by", "by", NULL, NULL, NULL, NULL },
};

/* What a client may say in its HELO, and what the field must still tell of the connection. */
static const client_case forged[] = {
    { "from x by evil.example with LMTP (unknown [192.0.2.1]) by mx.example.org (Postfix) with "
      "ESMTP",
      "x", NULL, "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from x [10.0.0.1] by evil.example with LMTP (unknown [192.0.2.1]) by mx.example.org with "
      "ESMTP",
      "x", NULL, "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from (evil.example [10.0.0.1]) (ptr.example.com [192.0.2.1]) by mx.example.org with ESMTP",
      NULL, "ptr.example.com", "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from [10.0.0.1] (unknown [192.0.2.1]) by mx.example.org with ESMTP", "[10.0.0.1]", NULL,
      "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from [192.0.2.1] (helo=[10.0.0.1]) by mx.example.org with esmtp (Exim 4.97)", "[10.0.0.1]",
      NULL, "192.0.2.1", "mx.example.org", "esmtp" },
    { "from unknown (HELO [10.0.0.1]) (192.0.2.1) by mx.example.org with SMTP", "[10.0.0.1]", NULL,
      "192.0.2.1", "mx.example.org", "SMTP" },
    { "from x (IDENT:a@[10.0.0.1] [192.0.2.1]) by mx.example.org with SMTP", "x", NULL, "192.0.2.1",
      "mx.example.org", "SMTP" },
    { "from x( (ptr.example.com [192.0.2.1]) by mx.example.org with ESMTP", "x(", "ptr.example.com",
      "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from x) (ptr.example.com [192.0.2.1]) by mx.example.org with ESMTP", "x)", "ptr.example.com",
      "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from \"x (ptr.example.com [192.0.2.1]) by mx.example.org with ESMTP for <\"a\"@example.org>",
      "\"x", "ptr.example.com", "192.0.2.1", "mx.example.org", "ESMTP" },
    { "from x (Authenticated sender: a@10.0.0.1) by mx.example.org with ESMTPA", "x", NULL, NULL,
      "mx.example.org", "ESMTPA" },
};

static dt_hop *
parse(const char *value, dt_field *field, char **raw)
{
    *raw = g_strconcat("Received: ", value, NULL);
    *field =
        (dt_field){ .raw = *raw, .raw_length = strlen(*raw), .name_length = 8, .value_offset = 9 };
    return dt_received_parse(field);
}

static void
check_clients(const client_case *cases, guint count)
{
    for (guint i = 0; i < count; i++) {
        dt_field field;
        g_autofree char *raw = NULL;
        dt_hop *hop = parse(cases[i].value, &field, &raw);
        g_test_message("%s", cases[i].value);
        g_assert_cmpstr(hop->from_helo, ==, cases[i].helo);
        g_assert_cmpstr(hop->from_ptr, ==, cases[i].ptr);
        g_assert_cmpstr(hop->from_ip, ==, cases[i].ip);
        g_assert_cmpstr(hop->by, ==, cases[i].by);
        g_assert_cmpstr(hop->with, ==, cases[i].with);
        dt_hop_free(hop);
    }
}

static void
test_clients(void)
{
    check_clients(clients, G_N_ELEMENTS(clients));
}

static void
test_forged(void)
{
    check_clients(forged, G_N_ELEMENTS(forged));
}

static void
test_tls(void)
{
    static const struct {
        const char *value, *tls;
    } cases[] = {
        { "by a.example with SMTP (version=TLS1_3 cipher=AEAD bits=128/128)", "TLS1_3 AEAD" },
        { "by a.example with Microsoft SMTP Server (version=TLS1_2,\r\n cipher=ECDHE) id 1",
          "TLS1_2 ECDHE" },
        { "from a (a [192.0.2.1]) (using TLSv1.3 with cipher AEAD (256/256 bits)\r\n\tkey) by "
          "b.example",
          "TLSv1.3 AEAD" },
        { "by a.example with esmtps  (TLS1.3) tls AEAD (Exim 4.97) id 1", "TLS1.3 AEAD" },
        { "by a.example with esmtps (TLSv1.2:ECDHE:128) (Exim 4.8) id 1", "TLSv1.2 ECDHE" },
        { "by a.example with ESMTPS id 1 (TLSv1.3:AEAD:256:NO)", "TLSv1.3 AEAD" },
        { "by a.example with ESMTP/TLS/ECDHE-RSA", "TLS ECDHE-RSA" },
        { "by a.example with ESMTP (Postfix)", NULL },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_field field;
        g_autofree char *raw = NULL;
        dt_hop *hop = parse(cases[i].value, &field, &raw);
        g_assert_cmpstr(hop->tls, ==, cases[i].tls);
        dt_hop_free(hop);
    }
}

static void
test_fetched(void)
{
    static const struct {
        const char *value;
        gboolean is_fetched;
    } cases[] = {
        { "from mx.example.org by store.example.org with LMTP id 1", TRUE },
        { "from a ([10.0.0.1]) by b (Cyrus 3.7) with LMTPA", TRUE },
        { "from a ([10.0.0.1]) by b (LMTPProxy)", TRUE },
        { "from imap.example.net [192.0.2.1] by localhost with IMAP (fetchmail-6.4)", TRUE },
        { "from pop.example.net (192.0.2.1) by home with POP3-SSL", TRUE },
        { "from pop.example.net by home (getmail 6.1) via POP3", TRUE },
        { "from a (a [192.0.2.1]) by b.example with ESMTP", FALSE },
        { "from a (a [192.0.2.1]) by b.example with HTTPS", FALSE },
        { "from lmtp.example.com (fetchmail [192.0.2.1]) by b.example with ESMTP", FALSE },
        { "from x with LMTP (unknown [192.0.2.1]) by b.example with ESMTP", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_field field;
        g_autofree char *raw = NULL;
        dt_hop *hop = parse(cases[i].value, &field, &raw);
        g_test_message("%s", cases[i].value);
        g_assert_cmpint(hop->is_fetched, ==, cases[i].is_fetched);
        dt_hop_free(hop);
    }
}

static void
test_envelope(void)
{
    static const struct {
        const char *value, *envelope, *recipient;
    } cases[] = {
        { "by a.example with esmtp (envelope-from <s@example.com>) id 1 for r@example.org",
          "s@example.com", "r@example.org" },
        { "by a.example with LMTP (envelope-from <>) for <r@example.org>; Tue, 24 Nov 2026 "
          "10:00:05 +0000",
          "", "r@example.org" },
        { "by a.example for <r@example.org>; Tue, 24 Nov 2026 10:00:05 +0000 (envelope-from "
          "s@example.com)",
          "s@example.com", "r@example.org" },
        { "by a.example (envelope-sender <s@example.com>)", "s@example.com", NULL },
        { "by a.example with SMTP id for <r@example.org>", NULL, "r@example.org" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_field field;
        g_autofree char *raw = NULL;
        dt_hop *hop = parse(cases[i].value, &field, &raw);
        g_assert_cmpstr(hop->envelope_from, ==, cases[i].envelope);
        g_assert_cmpstr(hop->recipient, ==, cases[i].recipient);
        dt_hop_free(hop);
    }
}

static void
test_date(void)
{
    static const struct {
        const char *value;
        gint64 time;
    } cases[] = {
        { "by a.example; Tue, 24 Nov 2026 10:00:05 +0100 (CET)", 1795510805 },
        { "by a.example with HTTP; id 3; Tue, 24 Nov 2026\r\n 09:00:05 +0000", 1795510805 },
        { "by a.example (a; b); 24 Nov 2026 09:00:05 GMT (envelope-from x@example.com)",
          1795510805 },
        { "by a.example", DT_TIME_NONE },
        { "by a.example; never", DT_TIME_NONE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        dt_field field;
        g_autofree char *raw = NULL;
        dt_hop *hop = parse(cases[i].value, &field, &raw);
        g_assert_cmpint(hop->time, ==, cases[i].time);
        dt_hop_free(hop);
    }
}

static void
test_unconfirmed(void)
{
    dt_field field;
    g_autofree char *raw = NULL;
    dt_hop *hop =
        parse("from a (b.example [192.0.2.1] (may be forged)) by c.example", &field, &raw);
    g_assert_true(hop->from_is_unconfirmed);
    g_assert_cmpstr(hop->from_ptr, ==, "b.example");
    dt_hop_free(hop);
}

static void
test_long(void)
{
    g_autoptr(GString) value = g_string_new("from a ");
    for (guint i = 0; i < 200000; i++)
        g_string_append(value, i % 2 ? "(b [192.0.2.1" : " by ");
    dt_field field;
    g_autofree char *raw = NULL;
    gint64 start = g_get_monotonic_time();
    dt_hop_free(parse(value->str, &field, &raw));
    g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/received/every form gives client, name and host", test_clients);
    g_test_add_func("/received/words of the client are no clauses", test_forged);
    g_test_add_func("/received/TLS is found in every form", test_tls);
    g_test_add_func("/received/fetching and LMTP are told from SMTP", test_fetched);
    g_test_add_func("/received/envelope sender and recipient", test_envelope);
    g_test_add_func("/received/the date is behind the last semicolon", test_date);
    g_test_add_func("/received/a name that may be forged is marked", test_unconfirmed);
    g_test_add_func("/received/long hostile fields take linear time", test_long);
    return g_test_run();
}
