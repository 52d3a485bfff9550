/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The boundary and what is believed: stacks of fields as receivers write them, and what senders put
 * below them. One case: the header, the boundary hop, one letter a recorded field: A above the
 * boundary, O own id, I by option, - not believed.
 */
#include <string.h>
#include "evaluation/boundary.h"

#define DATE     "; Tue, 24 Nov 2026 10:00:05 +0000\n"
#define OUT      "a1-2.smtp-out.amazonses.com"
#define CLIENT   "192.0.2.9"
#define FROM_SES "from " OUT " (" OUT " [" CLIENT "]) "
#define FORGED_HOP                                                                                 \
    "Received: from bank.example (bank.example [203.0.113.5]) by mx.example.org (Postfix) with "   \
    "ESMTPS id 9" DATE
#define SENDER "DKIM-Signature: v=1\nFrom: a@example.com\n"

typedef struct {
    const char *name, *header;
    gint hop;
    const char *trust;
} stack_case;

#define GOOGLE_HOP                                                                                 \
    "Received: from " OUT " (" OUT ". [" CLIENT "])\n by mx.google.com with ESMTPS id 1" DATE
#define GOOGLE_SPF                                                                                 \
    "Received-SPF: pass (google.com: domain of a@example.com designates " CLIENT                   \
    " as permitted sender) client-ip=" CLIENT ";\n"
#define GOOGLE_AR                                                                                  \
    "Authentication-Results: mx.google.com; spf=pass (google.com: domain of a@example.com "        \
    "designates " CLIENT " as permitted sender) smtp.mailfrom=a@example.com\n"

#define EX_TOP                                                                                     \
    "Received: from A.eurprd01.prod.outlook.com (::1) by B.eurprd01.prod.outlook.com with "        \
    "HTTPS" DATE "Received: from C.eurprd01.prod.exchangelabs.com (2603:10a6:1::1) by "            \
    "A.eurprd01.prod.outlook.com (2603:10a6:2::2) "                                                \
    "with Microsoft SMTP Server id 15" DATE                                                        \
    "Received: from D.eop-EUR01.prod.protection.outlook.com (2603:10a6:1:cafe::1) by "             \
    "C.outlook.office365.com "                                                                     \
    "(2603:10a6:1::1) with Microsoft SMTP Server id 15 via Frontend Transport" DATE
#define EX_AR(ip)                                                                                  \
    "Authentication-Results: spf=pass (sender IP is " ip ") smtp.mailfrom=example.com; "           \
    "dkim=none\n"
#define EX_HOP(name, ip)                                                                           \
    "Received: from " name " (" ip ") by D.mail.protection.outlook.com (10.1.2.3) with Microsoft " \
    "SMTP Server id 15 via Frontend Transport" DATE

#define LMTP                                                                                       \
    "Received: from mx.example.org\n by mx.example.org with LMTP id 1 (envelope-from "             \
    "<a@example.com>)" DATE
#define POSTFIX "Received: " FROM_SES "by mx.example.org (Postfix) with ESMTPS id 2" DATE
#define RSPAMD                                                                                     \
    "Authentication-Results: mx.example.org; spf=pass (mx.example.org: domain of a@example.com "   \
    "designates " CLIENT " as permitted sender) smtp.mailfrom=a@example.com\n"
#define PLAIN_AR "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=a@example.com\n"

static const stack_case families[] = {
    { "Gmail",
      "Received: by 2002:a05::1 with SMTP id 1" DATE GOOGLE_HOP GOOGLE_SPF GOOGLE_AR SENDER, 1,
      "OO" },
    { "Microsoft", EX_TOP EX_AR(CLIENT) EX_HOP(OUT, CLIENT) SENDER, 3, "A" },
    { "Yahoo",
      "Received: from 127.0.0.1 by atlas.omega.yahoo.com with HTTP" DATE
      "Authentication-Results: atlas.omega.yahoo.com; spf=pass smtp.mailfrom=example.com;\n"
      "Received: from " CLIENT " (EHLO " OUT ") by 10.1.1.1 with SMTPs" DATE SENDER,
      1, "A" },
    { "iCloud",
      "Received: from p01-icloudmta-smtpin-1 by p01-mailgateway-smtp-1 (mailgateway 1) with SMTP "
      "id 1" DATE "Received: " FROM_SES "by p01-icloudmta-smtpin-1 (Postfix) with ESMTPS id 1" DATE
      "Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=example.com\n"
      "Authentication-Results: spf.icloud.com; spf=pass smtp.mailfrom=a@example.com\n"
      "Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=bank.example\n"
      "Authentication-Results: other.icloud.com; dkim=pass header.d=bank.example\n" SENDER,
      1, "OO--" },
    { "Proton, results above",
      "Authentication-Results: mailin1.protonmail.ch; spf=pass smtp.mailfrom=a@example.com\n"
      "Received: " FROM_SES "by mailin1.protonmail.ch (Postfix) with ESMTPS id 1" DATE SENDER,
      0, "A" },
    { "Proton, results below: each method once",
      "Received: " FROM_SES "by mailin1.protonmail.ch (Postfix) with ESMTPS id 1" DATE
      "Authentication-Results: mailin1.protonmail.ch; dmarc=fail\n"
      "Authentication-Results: mailin1.protonmail.ch; spf=pass smtp.mailfrom=example.com\n"
      "Authentication-Results: mailin1.protonmail.ch; dmarc=pass header.from=bank.example\n" SENDER,
      0, "OO-" },
    { "Fastmail",
      "Received: from compute1.internal (compute1.nyi.internal [10.2.2.4]) by sloti1 (Cyrus) with "
      "LMTPA" DATE
      "Received: from mx1.messagingengine.com ([10.2.2.5]) by compute1.internal (LMTPProxy)" DATE
      "Received: from mailmx.nyi.internal (localhost [127.0.0.1]) by mx1.messagingengine.com "
      "(Authentication Milter) with ESMTP" DATE
      "Authentication-Results: mx1.messagingengine.com; iprev=pass smtp.remote-ip=" CLIENT
      "; spf=pass smtp.mailfrom=a@example.com\n"
      "Received: " FROM_SES "by mx1.messagingengine.com (Postfix) with ESMTPS" DATE SENDER,
      3, "A" },
    { "SES inbound",
      "Received: " FROM_SES
      "by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 1 for u@example.org" DATE
      "X-SES-Spam-Verdict: PASS\n"
      "Received-SPF: pass (spfCheck: domain of example.com designates " CLIENT
      " as permitted sender) client-ip=" CLIENT "; envelope-from=a@example.com;\n"
      "Authentication-Results: amazonses.com; spf=pass client-ip=" CLIENT
      "; dkim=pass header.i=@example.com;\n" SENDER,
      0, "OO" },
    { "Cloudflare",
      "Received: from " OUT " (" CLIENT ") by cloudflare-email.net (cloudflare) id 1" DATE
      "Received-SPF: pass (mx.cloudflare.net: domain of a@example.com designates " CLIENT
      " as permitted sender) receiver=mx.cloudflare.net; client-ip=" CLIENT ";\n"
      "Authentication-Results: mx.cloudflare.net; spf=pass smtp.mailfrom=a@example.com\n" SENDER,
      0, "OO" },
    { "Yandex",
      "Received: " FROM_SES "by mxfront1.mail.yandex.net (mxfront/Yandex) with ESMTPS id 1" DATE
      "Authentication-Results: mxfront1.mail.yandex.net; spf=pass smtp.mail=a@example.com\n" SENDER,
      0, "O" },
    { "Postfix with LMTP and rspamd", LMTP POSTFIX RSPAMD SENDER, 1, "O" },
    { "Exim, results above",
      "Authentication-Results: mx.example.org; iprev=pass smtp.remote-ip=" CLIENT "\n"
      "Received: from " OUT " ([" CLIENT
      "]) by mx.example.org with esmtps (TLS1.3) tls A (Exim 4.97) id 1" DATE SENDER,
      0, "A" },
    { "qmail",
      "Received: (qmail 1 invoked by uid 89)" DATE "Received: from unknown (HELO " OUT ") (" CLIENT
      ") by mx.example.org with SMTP" DATE SENDER,
      1, "" },
    { "filter loop on localhost",
      LMTP "Received: from localhost (localhost [127.0.0.1]) by mx.example.org (Postfix) with "
           "ESMTP id 1" DATE
           "Received: from mx.example.org ([127.0.0.1]) by localhost (mx.example.org [127.0.0.1]) "
           "(amavisd-new, port 1) with ESMTP id 1" DATE PLAIN_AR POSTFIX SENDER,
      3, "A" },
    { "gateway in private space before Exchange",
      "Received: from EX2.corp.local (10.1.1.2) by EX1.corp.local (10.1.1.1) with Microsoft SMTP "
      "Server id 15" DATE "Received: from gw.example.org (10.1.1.9) by EX2.corp.local (10.1.1.2) "
      "with Microsoft SMTP Server id 15" DATE "Received: " FROM_SES
      "by gw.example.org with ESMTP id 1" DATE SENDER,
      2, "" },
    { "inner relays of one domain with public addresses",
      "Received: from mx4.example.org (mx4.example.org [203.0.113.14]) by store.example.org "
      "(Postfix) with ESMTPS" DATE
      "Received: from in.example.org (in.example.org [IPv6:2001:db8::9]) by mx4.example.org "
      "(Postfix) with ESMTPS" DATE "Received: " FROM_SES
      "by in.example.org (Postfix) with ESMTPS" DATE SENDER,
      2, "" },
    { "fetchmail over Postfix",
      "Received: from localhost (localhost [127.0.0.1]) by home.example.net (Postfix) with ESMTP "
      "id 1" DATE
      "Received: from pop.example.org [203.0.113.90] by localhost with POP3 (fetchmail-6.4.37)" DATE
          LMTP POSTFIX SENDER,
      3, "" },
    { "fetchmail over Gmail",
      "Received: from imap.gmail.com [203.0.113.91] by localhost with IMAP (fetchmail-6.4.37)" DATE
      "Received: by 2002:a05::1 with SMTP id 1" DATE GOOGLE_HOP GOOGLE_SPF GOOGLE_AR SENDER,
      2, "OO" },
    { "nothing but private hops",
      "Received: from nas.example.org (nas.example.org [192.168.1.2]) by mx.example.org (Postfix) "
      "with ESMTP" DATE SENDER,
      -1, "" },
    { "no Received at all", GOOGLE_SPF GOOGLE_AR SENDER, -1, "--" },
};

static const stack_case forgeries[] = {
    { "Gmail: a second pair below the first",
      GOOGLE_HOP GOOGLE_SPF GOOGLE_AR
      "Received-SPF: pass (google.com: domain of x@bank.example designates 203.0.113.5 as "
      "permitted sender) client-ip=203.0.113.5;\n"
      "Authentication-Results: mx.google.com; dmarc=pass header.from=bank.example\n" SENDER,
      0, "OO--" },
    { "Gmail: another id of the domain",
      GOOGLE_HOP GOOGLE_SPF GOOGLE_AR
      "Authentication-Results: gmr-mx.google.com; dmarc=pass header.from=bank.example\n" SENDER,
      0, "OO-" },
    { "Gmail: an ARC field on top of the sender's",
      GOOGLE_HOP GOOGLE_SPF GOOGLE_AR
      "ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass\n" SENDER,
      0, "OO-" },
    { "Gmail: below a signature", GOOGLE_HOP SENDER GOOGLE_SPF GOOGLE_AR, 0, "--" },
    { "Gmail: below a forged hop", GOOGLE_HOP FORGED_HOP GOOGLE_SPF GOOGLE_AR SENDER, 0, "--" },
    { "Gmail: HELO of its own without a reverse name",
      "Received: from mail-1.google.com ([203.0.113.9]) by mx.google.com with ESMTPS id 1" DATE
      "Received: from bank.example (bank.example. [203.0.113.5]) by mx.google.com with ESMTPS id "
      "1" DATE SENDER,
      0, "" },
    { "Yandex: Received-SPF, which it does not write",
      "Received: " FROM_SES "by mxfront1.mail.yandex.net (mxfront/Yandex) with ESMTPS id 1" DATE
      "Received-SPF: pass (mxfront1.mail.yandex.net: domain of x@bank.example designates " CLIENT
      " as permitted sender) client-ip=" CLIENT "; receiver=mxfront1.mail.yandex.net\n" SENDER,
      0, "-" },
    { "Microsoft: HELO of its own from an address that is not",
      EX_TOP EX_HOP(
          "x.eurprd01.prod.outlook.com",
          "203.0.113.9") "Received: from bank.example (203.0.113.5) by x.eurprd01.prod.outlook.com "
                         "(2603:10a6:1::1) with Microsoft SMTP Server id 15" DATE SENDER,
      3, "" },
    { "Postfix: an inner chain imitates the receiver",
      LMTP POSTFIX RSPAMD SENDER
      "Received: from mx.example.org (localhost [127.0.0.1]) by mx.example.org (Postfix) with "
      "ESMTP id 1" DATE FORGED_HOP PLAIN_AR,
      1, "O-" },
    { "Postfix: the receiver's id directly below its hop", POSTFIX PLAIN_AR SENDER, 0, "-" },
    { "Postfix: the receiver's id with another client",
      POSTFIX "Authentication-Results: mx.example.org; spf=pass smtp.remote-ip=203.0.113.5 "
              "smtp.mailfrom=x@bank.example\n"
              "Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=203.0.113.5; "
              "receiver=mx.example.org\n" SENDER,
      0, "--" },
    { "Postfix: a local part between quotes names the client",
      POSTFIX "Authentication-Results: mx.example.org; spf=none (mx.example.org: domain of \"a "
              "designates " CLIENT " as\"@bank.example has none)\n" SENDER,
      0, "-" },
    { "Postfix: a second field of the same id", POSTFIX RSPAMD RSPAMD SENDER, 0, "O-" },
    { "Postfix: somebody else's id",
      POSTFIX "Authentication-Results: mx.example.net; spf=pass smtp.remote-ip=" CLIENT "\n" SENDER,
      0, "-" },
    { "Postfix: HELO of the recipient's domain",
      "Received: from in.example.org (unknown [203.0.113.9]) by mx.example.org (Postfix) with "
      "ESMTP" DATE "Received: from bank.example (bank.example [203.0.113.5]) by in.example.org "
      "(Postfix) with ESMTP" DATE SENDER,
      0, "" },
    { "Exchange: HELO of the recipient's domain",
      "Received: from in.example.org (203.0.113.9) by mx.example.org (198.51.100.7) with Microsoft "
      "SMTP Server id 15" DATE FORGED_HOP SENDER,
      0, "" },
    { "HELO that looks like the rest of the field",
      "Received: from x by mx.example.org with LMTP (unknown [203.0.113.9]) by mx.example.org "
      "(Postfix) with ESMTP" DATE FORGED_HOP SENDER,
      0, "" },
    { "Sendmail: a reverse name that may be forged",
      "Received: from x (in.example.org [203.0.113.9] (may be forged)) by mx.example.org "
      "(8.18.1/8.18.1) with ESMTP id 1" DATE FORGED_HOP SENDER,
      0, "" },
    { "a customer's machine in the operator's domain",
      "Received: from x (ec2-203-0-113-9.compute-1.amazonaws.com [203.0.113.9]) by "
      "inbound-smtp.us-east-1.amazonaws.com with SMTP id 1" DATE FORGED_HOP SENDER,
      0, "" },
    { "a name made from the address",
      "Received: from x (vps-203-0-113-9.example.org [203.0.113.9]) by mx.example.org (Postfix) "
      "with ESMTP" DATE FORGED_HOP SENDER,
      0, "" },
    { "behind a host that names no address",
      "Received: from evil.example by mx.example.org with SMTP" DATE FORGED_HOP SENDER, -1, "" },
    { "behind an own host, written by a stranger",
      "Received: from www.example.org (www.example.org [203.0.113.30]) by mx.example.org (Postfix) "
      "with ESMTP" DATE "Received: from bank.example (bank.example [203.0.113.5]) by "
      "mx.example.net (Postfix) with ESMTP" DATE SENDER,
      -1, "" },
};

#define GATEWAY_HOP                                                                                \
    "Received: from relay.gateway.example (relay.gateway.example. [198.51.100.7]) by "             \
    "mx.google.com with ESMTPS id 1" DATE
#define GROUP_HOP                                                                                  \
    "Received: from mail-1.google.com (mail-1.google.com. [198.51.100.8]) by mx.google.com with "  \
    "ESMTPS id 1" DATE
#define GROUP_SPF                                                                                  \
    "Received-SPF: pass (google.com: domain of g@example.net designates 198.51.100.8 as "          \
    "permitted sender) client-ip=198.51.100.8;\n"

static const stack_case moves[] = {
    { "down to the hop of the gateway",
      GATEWAY_HOP GOOGLE_SPF "Received: " FROM_SES
                             "by relay.gateway.example with ESMTP id 1" DATE SENDER,
      1, "A" },
    { "down over the gateway's inner hops",
      GATEWAY_HOP GOOGLE_SPF
      "Received: from filter ([127.0.0.1]) by relay.gateway.example with ESMTP id 1" DATE
      "Received: " FROM_SES "by in.gateway.example with ESMTP id 1" DATE SENDER,
      2, "A" },
    { "not below a stranger's hop",
      GATEWAY_HOP GOOGLE_SPF FORGED_HOP "Received: " FROM_SES
                                        "by relay.gateway.example with ESMTP id 1" DATE SENDER,
      0, "O" },
    { "once, to the topmost hop with that client",
      GATEWAY_HOP GOOGLE_SPF "Received: " FROM_SES "by relay.gateway.example with ESMTP id 1" DATE
                             "Received: " FROM_SES
                             "by relay.gateway.example with ESMTP id 2" DATE SENDER,
      1, "A" },
    { "not by a forged result",
      POSTFIX
      "Received-SPF: pass client-ip=203.0.113.5; receiver=mx.example.org\n" FORGED_HOP SENDER,
      0, "-" },
    { "down with Exchange Online behind a gateway",
      EX_TOP EX_AR(CLIENT)
          EX_HOP("relay.gateway.example",
                 "198.51.100.7") "Received: " FROM_SES
                                 "by relay.gateway.example with ESMTP id 1" DATE SENDER,
      4, "A" },
    { "up, from Gmail to Gmail",
      GROUP_HOP GROUP_SPF
      "Received: by mail-1.google.com with SMTP id 1" DATE GOOGLE_HOP GOOGLE_SPF SENDER,
      0, "O-" },
    { "up, from Microsoft to Microsoft",
      EX_TOP EX_AR("40.107.1.2")
          EX_HOP("EUR01-obe.outbound.protection.outlook.com",
                 "40.107.1.2") "Received: from home ([203.0.113.4]) by E.eurprd01.prod.outlook.com "
                               "(2603:10a6:9::1) with Microsoft SMTP Server id 15" DATE SENDER,
      3, "A" },
    { "to the hop that a result names when there is no other operator",
      GROUP_HOP GROUP_SPF "Received: by mail-1.google.com with SMTP id 1" DATE SENDER, 0, "O" },
};

static dt_message *
message_of(const char *header)
{
    g_autofree char *text = g_strconcat(header, "\nbody\n", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    GError *error = NULL;
    dt_message *message = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    return message;
}

static void
check_one(const stack_case *one, const char *const *ids)
{
    g_autoptr(dt_message) message = message_of(one->header);
    dt_boundary *boundary = dt_boundary_find(message, ids);
    g_autoptr(GString) trust = g_string_new(NULL);
    for (guint i = 0; i < dt_message_recorded(message)->len; i++)
        g_string_append_c(trust, "-AOI"[boundary->trust[i]]);
    g_test_message("%s", one->name);
    g_assert_cmpint(boundary->hop, ==, one->hop);
    g_assert_cmpstr(trust->str, ==, one->trust);
    dt_boundary_free(boundary);
}

static void
test_families(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(families); i++)
        check_one(&families[i], NULL);
}

static void
test_forgeries(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(forgeries); i++)
        check_one(&forgeries[i], NULL);
}

static void
test_moves(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++)
        check_one(&moves[i], NULL);
}

static void
test_option(void)
{
    static const char *const ids[] = { "MX.example.org", "other.example", NULL };
    static const stack_case cases[] = {
        { "below the sender's fields", POSTFIX SENDER PLAIN_AR GOOGLE_AR, 0, "I-" },
        { "without any hop",
          PLAIN_AR "Received-SPF: pass receiver=mx.example.org; client-ip=" CLIENT "\n" SENDER, -1,
          "II" },
        { "by its place all the same", PLAIN_AR POSTFIX RSPAMD SENDER, 0, "AO" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        check_one(&cases[i], ids);
}

/* The first fields of the sender end the place where a receiver may have written. */
static void
test_zone(void)
{
    static const char *const ends[] = { "Received: by x",      "DKIM-Signature: v=1",
                                        "From: a@example.com", "to: b@example.org",
                                        "Subject: s",          "Date: d",
                                        "MESSAGE-ID: <1@x>",   "MIME-Version: 1.0",
                                        "Mime-Other: 1" };
    static const char *const others[] = { "X-SES-RECEIPT: x", "X-SES-DKIM-SIGNATURE: v=1",
                                          "Return-Path: <a@example.com>", "MIMEX: 1" };
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *header = g_strconcat(GOOGLE_HOP, ends[i], "\n", GOOGLE_AR SENDER, NULL);
        check_one(&(stack_case){ ends[i], header, 0, "-" }, NULL);
    }
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *header = g_strconcat(GOOGLE_HOP, others[i], "\n", GOOGLE_AR SENDER, NULL);
        check_one(&(stack_case){ others[i], header, 0, "O" }, NULL);
    }
}

/* Whatever stands below the boundary and what is believed there, the boundary stays. */
static void
test_below(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        if (families[i].hop < 0)
            continue;
        g_autofree char *header =
            g_strconcat(families[i].header, FORGED_HOP GOOGLE_HOP GOOGLE_SPF GOOGLE_AR, NULL);
        g_autofree char *trust = g_strconcat(families[i].trust, "--", NULL);
        check_one(&(stack_case){ families[i].name, header, families[i].hop, trust }, NULL);
    }
}

static void
test_words(void)
{
    g_assert_null(dt_trust_word(DT_TRUST_NONE));
    g_assert_cmpstr(dt_trust_word(DT_TRUST_ABOVE_BOUNDARY), ==, "above-boundary");
    g_assert_cmpstr(dt_trust_word(DT_TRUST_OWN_ID), ==, "own-id");
    g_assert_cmpstr(dt_trust_word(DT_TRUST_OPTION), ==, "option");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/boundary/is found for every receiver", test_families);
    g_test_add_func("/boundary/no forged field moves it or is believed", test_forgeries);
    g_test_add_func("/boundary/moves to the hop whose client a believed result names", test_moves);
    g_test_add_func("/boundary/an option makes its id believed everywhere", test_option);
    g_test_add_func("/boundary/the sender's fields end the receiver's place", test_zone);
    g_test_add_func("/boundary/what is appended below changes nothing", test_below);
    g_test_add_func("/boundary/every kind of trust has its word", test_words);
    return g_test_run();
}
