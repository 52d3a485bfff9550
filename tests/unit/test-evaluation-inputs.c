/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Client address, HELO and envelope sender: from which field each comes. A case: header, "ip source
 * | helo source | mail from source", warnings.
 */
#include <string.h>
#include "evaluation/boundary.h"

#define DATE "; Tue, 24 Nov 2026 10:00:05 +0000\n"
#define HOP                                                                                        \
    "Received: from h.example.com (h.example.com [192.0.2.9]) by mx.example.org (Postfix) with "   \
    "ESMTPS id 2" DATE
#define EXIM                                                                                       \
    "Received: from h.example.com ([192.0.2.9]) by mx.example.org with esmtps (Exim 4.97) "        \
    "(envelope-from <a@example.com>) id 1" DATE
#define SENDER     "From: a@example.com\n"
#define PATH       "Return-Path: <a@example.com>\n"
#define SPF(pairs) "Received-SPF: Pass (mailfrom) " pairs "\n"

typedef struct {
    const char *name, *header, *expected, *warnings;
} input_case;

static const input_case cases[] = {
    { "Received and Return-Path", PATH HOP SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "envelope sender in Received", "Return-Path: <b@example.com>\n" EXIM SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com received",
      "envelope-sender-disagrees" },
    { "Received-SPF first",
      SPF("identity=mailfrom; client-ip=192.0.2.9; helo=h.example.com; envelope-from=a@example.com")
          PATH HOP SENDER,
      "192.0.2.9 received-spf | h.example.com received-spf | a@example.com received-spf", "" },
    { "Received-SPF of HELO says nothing of the sender",
      SPF("identity=helo; client-ip=192.0.2.9; helo=h.example.com; envelope-from=x@example.com")
          PATH HOP SENDER,
      "192.0.2.9 received-spf | h.example.com received-spf | a@example.com return-path", "" },
    { "Received-SPF of an inner host", SPF("client-ip=10.0.0.1; helo=inner") PATH HOP SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "Courier's words",
      "Received-SPF: none SPF=HELO; sender=x.example; remoteip=::ffff:192.0.2.9; "
      "helo=h.example.com\n"
      "Received-SPF: pass SPF=MAILFROM; sender=a@example.com; remoteip=::ffff:192.0.2.9\n" HOP
          SENDER,
      "192.0.2.9 received-spf | h.example.com received-spf | a@example.com received-spf", "" },
    { "quoted sender, null sender",
      SPF("client-ip=192.0.2.9; envelope-from=\"<>\"") "Return-Path: <>\n" HOP SENDER,
      "192.0.2.9 received-spf | h.example.com received |  received-spf", "" },
    { "results with address and HELO",
      "Authentication-Results: mx.example.org; iprev=pass smtp.remote-ip=192.0.2.9; spf=pass "
      "smtp.mailfrom=a@example.com smtp.helo=h.example.com\n" HOP SENDER,
      "192.0.2.9 authentication-results | h.example.com authentication-results | a@example.com "
      "authentication-results",
      "" },
    { "postmaster of the HELO name",
      "Authentication-Results: mx.example.org; spf=none smtp.helo=postmaster@h.example.com; "
      "spf=pass smtp.mailfrom=a@example.com\n" HOP SENDER,
      "192.0.2.9 received | h.example.com authentication-results | a@example.com "
      "authentication-results",
      "" },
    { "a bare domain takes Return-Path when it agrees",
      PATH
      "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=Example.com\n" HOP SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "a bare domain takes Received when that agrees",
      "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.com\n" EXIM SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com received", "" },
    { "a bare domain outranks a Return-Path that differs",
      "Return-Path: <>\nAuthentication-Results: mx.example.org; spf=pass (sender IP is 192.0.2.9) "
      "smtp.mailfrom=example.com\n" HOP SENDER,
      "192.0.2.9 authentication-results | h.example.com received | example.com "
      "authentication-results",
      "envelope-sender-disagrees" },
    { "smtp.mail",
      "Authentication-Results: mx.example.org; spf=pass smtp.mail=a@example.com\n" HOP SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com authentication-results", "" },
    { "sender of a result that is not SPF",
      "Authentication-Results: mx.example.org; auth=pass smtp.mailfrom=x@example.net\n" PATH HOP
          SENDER,
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "two addresses", SPF("client-ip=203.0.113.5") PATH HOP SENDER,
      "203.0.113.5 received-spf | h.example.com received | a@example.com return-path",
      "client-address-disagrees" },
    { "two HELO names", SPF("client-ip=192.0.2.9; helo=x.example.com") PATH HOP SENDER,
      "192.0.2.9 received-spf | x.example.com received-spf | a@example.com return-path",
      "helo-disagrees" },
    { "nothing believed",
      PATH HOP SENDER SPF("client-ip=203.0.113.5; helo=x; envelope-from=x@example.net"),
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "a Return-Path below the boundary is the sender's", HOP PATH SENDER,
      "192.0.2.9 received | h.example.com received | (null) (null)", "return-path-of-sender" },
    { "also behind what he wrote", HOP SENDER PATH,
      "192.0.2.9 received | h.example.com received | (null) (null)", "return-path-of-sender" },
    { "and a result does not take its local part",
      "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.com\n" HOP PATH
          SENDER,
      "192.0.2.9 received | h.example.com received | example.com authentication-results",
      "return-path-of-sender" },
    { "a receiver that is known to write it there",
      "Received: from h.example.com (192.0.2.9) by A.mail.protection.outlook.com (10.0.0.1) with "
      "Microsoft SMTP Server id 1" DATE SENDER PATH,
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "so is Exchange on anybody's host",
      "Received: from h.example.com (192.0.2.9) by ex1.example.org (10.0.0.1) with Microsoft SMTP "
      "Server (version=TLS1_2) id 15.1" DATE SENDER PATH,
      "192.0.2.9 received | h.example.com received | a@example.com return-path", "" },
    { "but not what a sender says of his own hop",
      HOP "Received: from x.example.net (192.0.2.7) by h.example.com with Microsoft SMTP Server id "
          "1" DATE SENDER PATH,
      "192.0.2.9 received | h.example.com received | (null) (null)", "return-path-of-sender" },
    { "no boundary", PATH SENDER, "(null) (null) | (null) (null) | a@example.com return-path", "" },
    { "nothing at all", SENDER, "(null) (null) | (null) (null) | (null) (null)", "" },
};

static dt_message *
message_of(const char *header)
{
    g_autofree char *text = g_strconcat(header, "\nbody\n", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    return dt_message_read_bytes(bytes, "test", NULL);
}

static char *
shown(const dt_inputs *inputs)
{
    const char *none = "(null)";
    const char *ip_source = dt_input_source_word(inputs->ip_source);
    const char *helo_source = dt_input_source_word(inputs->helo_source);
    const char *sender_source = dt_input_source_word(inputs->mail_from_source);
    return g_strdup_printf(
        "%s %s | %s %s | %s %s", inputs->ip ? inputs->ip : none, ip_source ? ip_source : none,
        inputs->helo ? inputs->helo : none, helo_source ? helo_source : none,
        inputs->mail_from ? inputs->mail_from : none, sender_source ? sender_source : none);
}

static void
check_one(const input_case *one, const char *const *ids, const char *ip, const char *helo,
          const char *mail_from)
{
    g_autoptr(dt_message) message = message_of(one->header);
    dt_boundary *boundary = dt_boundary_find(message, ids);
    dt_inputs *inputs = dt_inputs_collect(message, boundary, ip, helo, mail_from);
    g_autofree char *got = shown(inputs);
    g_autoptr(GString) warnings = g_string_new(NULL);
    for (guint i = 0; i < inputs->warnings->len; i++)
        g_string_append_printf(warnings, "%s%s", i ? " " : "",
                               ((dt_warning *)inputs->warnings->pdata[i])->code);
    g_test_message("%s", one->name);
    g_assert_cmpstr(got, ==, one->expected);
    g_assert_cmpstr(warnings->str, ==, one->warnings);
    dt_inputs_free(inputs);
    dt_boundary_free(boundary);
}

static void
test_sources(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        check_one(&cases[i], NULL, NULL, NULL, NULL);
}

static void
test_options(void)
{
    const char *header =
        SPF("client-ip=192.0.2.9; helo=h.example.com; envelope-from=a@example.com") PATH HOP SENDER;
    check_one(&(input_case){ "all three", header,
                             "10.0.0.1 option | h option | b@example.net option", "" },
              NULL, "10.0.0.1", "h", "<b@example.net>");
    check_one(&(input_case){ "null sender", header,
                             "2001:db8::1 option | h.example.com received-spf |  option", "" },
              NULL, "2001:DB8:0::1", NULL, "");
    check_one(&(input_case){ "without a hop", SENDER,
                             "192.0.2.1 option | (null) (null) | a@example.com option", "" },
              NULL, "192.0.2.1", NULL, "a@example.com");
}

/* What --authserv-id names is believed; but a field of a host further down tells of another
 * connection. */
static void
test_named_fields(void)
{
    static const char *const ids[] = { "mx.example.org", "lists.example.net", NULL };
    check_one(
        &(input_case){
            "of the boundary host",
            PATH HOP SENDER
            "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=b@example.com\n",
            "192.0.2.9 received | h.example.com received | b@example.com authentication-results",
            "envelope-sender-disagrees" },
        ids, NULL, NULL, NULL);
    check_one(
        &(input_case){ "of a list before it",
                       PATH HOP "Received: from x.example (x.example [203.0.113.4]) by "
                                "lists.example.net (Postfix) with ESMTP id 3" DATE
                                "Authentication-Results: lists.example.net; spf=pass "
                                "smtp.remote-ip=203.0.113.4 smtp.mailfrom=b@example.com\n" SENDER,
                       "192.0.2.9 received | h.example.com received | a@example.com return-path",
                       "" },
        ids, NULL, NULL, NULL);
}

static void
test_lines(void)
{
    g_autoptr(dt_message) message = message_of(PATH SPF("client-ip=192.0.2.9") HOP SENDER);
    dt_boundary *boundary = dt_boundary_find(message, NULL);
    dt_inputs *inputs = dt_inputs_collect(message, boundary, NULL, NULL, NULL);
    g_assert_cmpuint(inputs->ip_line, ==, 2);
    g_assert_cmpuint(inputs->mail_from_line, ==, 1);
    dt_inputs_free(inputs);
    dt_boundary_free(boundary);
}

static void
test_words(void)
{
    static const char *const words[] = { NULL,           "option",
                                         "received-spf", "authentication-results",
                                         "received",     "return-path" };
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        g_assert_cmpstr(dt_input_source_word(i), ==, words[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inputs/come from the most trusted field, contradictions are said",
                    test_sources);
    g_test_add_func("/inputs/options outrank all fields", test_options);
    g_test_add_func("/inputs/a field named by option counts for its own hop only",
                    test_named_fields);
    g_test_add_func("/inputs/know their line", test_lines);
    g_test_add_func("/inputs/every source has its word", test_words);
    return g_test_run();
}
