/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Addresses at both edges of the networks; names; free mail domains.
 */
#include "ses/ses.h"

static const struct {
    const char *ip;
    gboolean is_in;
} ip_rows[] = {
    { "199.255.191.255", FALSE },
    { "199.255.192.0", TRUE },
    { "199.255.195.255", TRUE },
    { "199.255.196.0", FALSE },
    { "54.239.255.255", FALSE },
    { "54.240.0.0", TRUE },
    { "54.240.63.255", TRUE },
    { "54.240.64.0", TRUE },
    { "54.240.127.255", TRUE },
    { "54.240.128.0", FALSE },
    { "69.169.239.255", TRUE },
    { "69.169.240.0", FALSE },
    { "23.249.223.255", TRUE },
    { "23.251.255.255", TRUE },
    { "76.223.128.0", TRUE },
    { "76.223.191.255", TRUE },
    { "76.223.192.0", FALSE },
    { "24.110.127.255", TRUE },
    { "206.55.159.255", TRUE },
    { "216.221.192.0", FALSE },
    { "192.0.2.1", FALSE },
    { "2001:db8::1", FALSE },
    { "::ffff:54.240.0.1", TRUE },
    { "nonsense", FALSE },
    { NULL, FALSE },
};

static const struct {
    const char *term;
    gboolean is_in;
} term_rows[] = {
    { "54.240.0.0/18", TRUE }, { "54.240.0.0/17", TRUE }, { "54.240.0.0/16", FALSE },
    { "54.240.8.0/24", TRUE }, { "54.240.8.1", TRUE },    { "76.223.128.0/18", FALSE },
    { "0.0.0.0/0", FALSE },    { "192.0.2.0/24", FALSE }, { "54.240.8.0/33", FALSE },
    { "54.240.8.0/", FALSE },  { "x/24", FALSE },         { NULL, FALSE },
};

static void
test_networks(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(ip_rows); i++) {
        g_test_message("%s", ip_rows[i].ip ? ip_rows[i].ip : "NULL");
        g_assert_cmpint(dt_ses_network_contains(ip_rows[i].ip), ==, ip_rows[i].is_in);
    }
    for (guint i = 0; i < G_N_ELEMENTS(term_rows); i++)
        g_assert_cmpint(dt_ses_network_within(term_rows[i].term), ==, term_rows[i].is_in);
}

static void
test_hosts(void)
{
    g_assert_true(dt_ses_is_outbound_host("a9-46.smtp-out.amazonses.com"));
    g_assert_true(dt_ses_is_outbound_host("A9-46.SMTP-OUT.eu-west-1.amazonses.com."));
    g_assert_true(dt_ses_is_outbound_host("smtp-out-193-65.amazonses.com"));
    g_assert_false(dt_ses_is_outbound_host("a9-46.smtp-out.amazonses.com.example.org"));
    g_assert_false(dt_ses_is_outbound_host("inbound-smtp.eu-west-1.amazonaws.com"));
    g_assert_false(dt_ses_is_outbound_host("amazonses.com"));
    g_assert_false(dt_ses_is_outbound_host(NULL));
    g_assert_true(dt_ses_is_amazon_name("eu-west-1.amazonses.com"));
    g_assert_false(dt_ses_is_amazon_name("notamazonses.com"));
}

static void
test_selectors(void)
{
    g_assert_true(dt_ses_is_easy_dkim_selector("abcdefghijklmnopqrstuvwxyz234567"));
    g_assert_false(dt_ses_is_easy_dkim_selector("abcdefghijklmnopqrstuvwxyz23456"));
    g_assert_false(dt_ses_is_easy_dkim_selector("abcdefghijklmnopqrstuvwxyz2345678"));
    g_assert_false(dt_ses_is_easy_dkim_selector("abcdefghijklmnopqrstuvwxyz234568"));
    g_assert_false(dt_ses_is_easy_dkim_selector("abcdefghijklmnopqrstuvwxyz234560"));
    g_assert_false(dt_ses_is_easy_dkim_selector(NULL));
}

static void
test_freemail(void)
{
    static const char *const in[] = { "gmail.com",   "outlook.com", "yahoo.co.jp", "126.com",
                                      "zohomail.eu", "aim.com",     "gmx.de" };
    static const char *const out[] = { "example.com", "mail.gmail.com", "GMAIL.COM.example",
                                       "google.com",  "amazon.com",     "" };
    for (guint i = 0; i < G_N_ELEMENTS(in); i++)
        g_assert_true(dt_is_freemail_domain(in[i]));
    for (guint i = 0; i < G_N_ELEMENTS(out); i++)
        g_assert_false(dt_is_freemail_domain(out[i]));
    g_assert_false(dt_is_freemail_domain(NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ses/networks/addresses-at-both-edges", test_networks);
    g_test_add_func("/ses/networks/outbound-hosts", test_hosts);
    g_test_add_func("/ses/networks/easy-dkim-selectors", test_selectors);
    g_test_add_func("/ses/networks/free-mail-domains", test_freemail);
    return g_test_run();
}
