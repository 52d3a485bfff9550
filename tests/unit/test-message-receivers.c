/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Who runs a host, and is the table of receivers in order?
 */
#include <string.h>
#include "base/name.h"
#include "message/receivers.h"

static void
test_operators(void)
{
    static const struct {
        const char *host, *name;
    } cases[] = {
        { "mx.google.com", "Google" },
        { "mail-yw1-f1.googlemail.com.", "Google" },
        { "notgoogle.com", "notgoogle.com" },
        { "google.com.example", "com.example" },
        { "DB1.eurprd01.PROD.exchangelabs.com", "Microsoft" },
        { "p01-icloudmta-smtpin-1", "Apple" },
        { "p01-icloudmta-smtpin-1.example.net", "example.net" },
        { "a.b.example.co.uk", "example.co.uk" },
        { "mx.example.org", "example.org" },
        { "store3", NULL },
        { "localhost", NULL },
        { "ex1.corp.local", NULL },
        { "10.0.0.1", NULL },
        { "2001:db8::1", NULL },
        { "[192.0.2.1]", NULL },
        { "", NULL },
        { NULL, NULL },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = dt_operator_of(cases[i].host);
        g_test_message("%s", cases[i].host);
        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

static void
test_same(void)
{
    g_assert_true(dt_operator_is_same("a.outlook.com", "b.outlook.office365.com"));
    g_assert_true(dt_operator_is_same("a.example.org", "b.EXAMPLE.org"));
    g_assert_false(dt_operator_is_same("a.example.org", "a.example.net"));
    g_assert_false(dt_operator_is_same("store3", "store3"));
    g_assert_false(dt_operator_is_same(NULL, NULL));
}

static void
test_networks(void)
{
    const dt_receiver *microsoft = dt_receiver_of_host("x.outlook.com");
    g_assert_nonnull(microsoft);
    g_assert_true(dt_receiver_has_address(microsoft, "2603:10a6:1::1"));
    g_assert_true(dt_receiver_has_address(microsoft, "40.107.0.1"));
    g_assert_true(dt_receiver_has_address(microsoft, "104.47.127.255"));
    g_assert_false(dt_receiver_has_address(microsoft, "104.47.128.0"));
    g_assert_false(dt_receiver_has_address(microsoft, "2603:1030::1"));
    g_assert_false(dt_receiver_has_address(microsoft, "192.0.2.1"));
    g_assert_false(dt_receiver_has_address(microsoft, NULL));
}

static void
test_customers(void)
{
    const dt_receiver *amazon = dt_receiver_of_host("inbound-smtp.us-east-1.amazonaws.com");
    g_assert_nonnull(amazon);
    g_assert_true(dt_receiver_is_outside(amazon, "A1-2.smtp-out.eu-west-1.amazonses.com"));
    g_assert_true(dt_receiver_is_outside(amazon, "ec2-192-0-2-1.eu-west-1.compute.amazonaws.com"));
    g_assert_false(dt_receiver_is_outside(amazon, "inbound-smtp.us-east-1.amazonaws.com"));
}

/* A name in two rows would make the order of rows count; names must be canonical to be found at
 * all. */
static void
test_table(void)
{
    for (guint i = 0; dt_receiver_get(i); i++) {
        const dt_receiver *receiver = dt_receiver_get(i);
        for (const char *const *host = receiver->hosts; *host; host++) {
            if (strchr(*host, '*'))
                continue;
            g_autofree char *name = dt_name_from_mail(*host);
            g_assert_cmpstr(name, ==, *host);
            g_assert_true(dt_receiver_of_host(*host) == receiver);
        }
        for (const char *const *id = receiver->ids; id && *id; id++)
            g_assert_true(strchr(*id, '*') || dt_receiver_of_id(*id) == receiver);
        g_assert_true(receiver->flags & DT_RECEIVER_RESULTS_BELOW ||
                      !(receiver->flags & DT_RECEIVER_SPF_BELOW));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/receivers/a host belongs to one operator or to none", test_operators);
    g_test_add_func("/receivers/hosts of one operator are known as such", test_same);
    g_test_add_func("/receivers/networks end at their prefix", test_networks);
    g_test_add_func("/receivers/customers are outside", test_customers);
    g_test_add_func("/receivers/the table holds each name once", test_table);
    return g_test_run();
}
