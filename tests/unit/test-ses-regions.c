/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Regions, their names in mail and DNS; every row of the table against what is known of it.
 */
#include "ses/private.h"

#include <string.h>

/* One row a region: name, Message-ID code, domain of the Message-ID, first zone of its keys. */
static const struct {
    const char *name, *code, *domain, *zone;
} rows[] = {
    { "us-east-1", "0100", "email.amazonses.com", "dkim.amazonses.com" },
    { "us-west-2", "0101", "us-west-2.amazonses.com", "dkim.amazonses.com" },
    { "eu-west-1", "0102", "eu-west-1.amazonses.com", "dkim.amazonses.com" },
    { "sa-east-1", "0103", "sa-east-1.amazonses.com", "dkim.amazonses.com" },
    { "ap-northeast-1", "0106", "ap-northeast-1.amazonses.com", "dkim.amazonses.com" },
    { "eu-central-1", "0107", "eu-central-1.amazonses.com", "dkim.amazonses.com" },
    { "ap-southeast-2", "0108", "ap-southeast-2.amazonses.com", "dkim.amazonses.com" },
    { "ap-south-1", "0109", "ap-south-1.amazonses.com", "dkim.amazonses.com" },
    { "eu-west-2", "010b", "eu-west-2.amazonses.com", "dkim.amazonses.com" },
    { "ap-northeast-2", "010c", "ap-northeast-2.amazonses.com", "dkim.amazonses.com" },
    { "ca-central-1", "010d", "ca-central-1.amazonses.com", "dkim.amazonses.com" },
    { "ap-southeast-1", "010e", "ap-southeast-1.amazonses.com", "dkim.amazonses.com" },
    { "us-east-2", "010f", "us-east-2.amazonses.com", "dkim.amazonses.com" },
    { "eu-north-1", NULL, "eu-north-1.amazonses.com", "dkim.amazonses.com" },
    { "eu-west-3", NULL, "eu-west-3.amazonses.com", "dkim.amazonses.com" },
    { "me-south-1", NULL, "me-south-1.amazonses.com", "dkim.amazonses.com" },
    { "us-west-1", NULL, "us-west-1.amazonses.com", "dkim.amazonses.com" },
    { "us-gov-west-1", NULL, "us-gov-west-1.amazonses.com", "dkim.amazonses.com" },
    { "af-south-1", NULL, "af-south-1.amazonses.com", "dkim.af-south-1.amazonses.com" },
    { "ap-northeast-3", NULL, "ap-northeast-3.amazonses.com", "dkim.ap-northeast-3.amazonses.com" },
    { "ap-south-2", NULL, "ap-south-2.amazonses.com", "dkim.ap-south-2.amazonses.com" },
    { "ap-southeast-3", NULL, "ap-southeast-3.amazonses.com", "dkim.ap-southeast-3.amazonses.com" },
    { "ap-southeast-5", NULL, "ap-southeast-5.amazonses.com", "dkim.ap-southeast-5.amazonses.com" },
    { "ca-west-1", NULL, "ca-west-1.amazonses.com", "dkim.ca-west-1.amazonses.com" },
    { "eu-central-2", NULL, "eu-central-2.amazonses.com", "dkim.eu-central-2.amazonses.com" },
    { "eu-south-1", NULL, "eu-south-1.amazonses.com", "dkim.eu-south-1.amazonses.com" },
    { "il-central-1", NULL, "il-central-1.amazonses.com", "dkim.il-central-1.amazonses.com" },
    { "me-central-1", NULL, "me-central-1.amazonses.com", "dkim.me-central-1.amazonses.com" },
    { "us-gov-east-1", NULL, "us-gov-east-1.amazonses.com", "dkim.us-gov-east-1.amazonses.com" },
};

static void
test_table(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const dt_region *region = dt_region_find(rows[i].name);
        g_assert_nonnull(region);
        g_assert_cmpstr(region->code, ==, rows[i].code);
        g_assert_cmpstr(region->message_domain, ==, rows[i].domain);
        g_assert_true(dt_region_is_name(region->name));
        g_autofree const char **zones = dt_ses_hosted_zones(rows[i].name);
        g_assert_cmpstr(zones[0], ==, rows[i].zone);
        g_assert_true(g_strv_contains(zones, "dkim.amazonses.com"));
        if (rows[i].code)
            g_assert_true(dt_region_find_code(rows[i].code) == region);
        for (guint k = 0; region->selectors && region->selectors[k]; k++)
            g_assert_true(dt_ses_is_easy_dkim_selector(region->selectors[k]));
    }
    guint count = 0;
    while (dt_region_get(count))
        count++;
    g_assert_cmpuint(count, ==, G_N_ELEMENTS(rows));
    g_assert_null(dt_region_find("xx-north-9"));
    g_assert_null(dt_region_find(NULL));
    g_assert_null(dt_region_find_code("0104"));
    g_assert_null(dt_region_find_code(NULL));
}

static void
test_zones(void)
{
    g_autofree const char **zones = dt_ses_hosted_zones(NULL);
    g_assert_cmpstr(zones[0], ==, "dkim.amazonses.com");
    g_assert_cmpuint(g_strv_length((char **)zones), ==, 12);
    g_autofree const char **own = dt_ses_hosted_zones("eu-south-1");
    g_assert_cmpstr(own[1], ==, "dkim.amazonses.com");
    g_assert_cmpuint(g_strv_length((char **)own), ==, 12);
}

typedef char *(*reader)(const char *name);

static const struct {
    reader read;
    const char *name, *region;
} name_rows[] = {
    { dt_region_of_feedback_host, "feedback-smtp.eu-west-1.amazonses.com", "eu-west-1" },
    { dt_region_of_feedback_host, "Feedback-SMTP.EU-West-1.AmazonSES.com.", "eu-west-1" },
    { dt_region_of_feedback_host, "feedback-smtp.zz-south-12.amazonses.com", "zz-south-12" },
    { dt_region_of_feedback_host, "feedback-smtp.amazonses.com", NULL },
    { dt_region_of_feedback_host, "feedback-smtp.eu-west-1.amazonaws.com", NULL },
    { dt_region_of_feedback_host, "x.feedback-smtp.eu-west-1.amazonses.com", NULL },
    { dt_region_of_feedback_host, "inbound-smtp.eu-west-1.amazonses.com", NULL },
    { dt_region_of_feedback_host, NULL, NULL },
    { dt_region_of_envelope, "amazonses.com", "us-east-1" },
    { dt_region_of_envelope, "us-gov-west-1.amazonses.com", "us-gov-west-1" },
    { dt_region_of_envelope, "email.amazonses.com", NULL },
    { dt_region_of_envelope, "eu-west-1.amazonses.com.example", NULL },
    { dt_region_of_envelope, "xamazonses.com", NULL },
    { dt_region_of_envelope, "eu-west.amazonses.com", NULL },
    { dt_region_of_envelope, "eu-west-1a.amazonses.com", NULL },
    { dt_region_of_message_domain, "email.amazonses.com", "us-east-1" },
    { dt_region_of_message_domain, "eu-west-2.amazonses.com", "eu-west-2" },
    { dt_region_of_message_domain, "us-east-1.messagingfabric.com", "us-east-1" },
    { dt_region_of_message_domain, "example.com", NULL },
    { dt_region_of_outbound_host, "a9-46.smtp-out.amazonses.com", "us-east-1" },
    { dt_region_of_outbound_host, "a27-113.smtp-out.us-west-2.amazonses.com", "us-west-2" },
    { dt_region_of_outbound_host, "mail.example.com", NULL },
};

static void
test_names(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(name_rows); i++) {
        g_autofree char *region = name_rows[i].read(name_rows[i].name);
        g_assert_cmpstr(region, ==, name_rows[i].region);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ses/regions/the-table-is-complete", test_table);
    g_test_add_func("/ses/regions/zones-of-keys-begin-with-the-regions-own", test_zones);
    g_test_add_func("/ses/regions/names-tell-the-region", test_names);
    return g_test_run();
}
