/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What get-email-identity prints, and what it does not print.
 */
#include "ses/ses.h"

#include <string.h>

#define FULL                                                                                       \
    "{\"IdentityType\": \"EMAIL_ADDRESS\", \"VerifiedForSendingStatus\": true, "                   \
    "\"DkimAttributes\": {\"SigningEnabled\": false, "                                             \
    "\"Status\": \"PENDING\", \"Tokens\": [\"abc\", \"DEF\", \"no label\", 7], "                   \
    "\"SigningAttributesOrigin\": \"AWS_SES\", "                                                   \
    "\"SigningHostedZone\": \"dkim.c1.Eu-West-1.amazonses.com.\"}, \"MailFromAttributes\": "       \
    "{\"MailFromDomain\": \"Bounce.example.com\", "                                                \
    "\"MailFromDomainStatus\": \"FAILED\", \"BehaviorOnMxFailure\": \"USE_DEFAULT_VALUE\"}}"

static void
test_full(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_ses_identity) identity = dt_ses_identity_parse(FULL, -1, &error);
    g_assert_no_error(error);
    g_assert_null(identity->name);
    g_assert_true(identity->is_address);
    g_assert_cmpint(identity->verified, ==, 1);
    g_assert_cmpint(identity->signing_enabled, ==, 0);
    g_assert_cmpstr(identity->dkim_status, ==, "PENDING");
    g_assert_cmpuint(g_strv_length(identity->tokens), ==, 2);
    g_assert_cmpstr(identity->tokens[1], ==, "def");
    g_assert_cmpstr(identity->signing_origin, ==, "AWS_SES");
    g_assert_cmpstr(identity->signing_hosted_zone, ==, "dkim.c1.eu-west-1.amazonses.com");
    g_assert_cmpstr(identity->mail_from_domain, ==, "bounce.example.com");
    g_assert_cmpstr(identity->mail_from_status, ==, "FAILED");
    g_assert_cmpstr(identity->behavior_on_mx_failure, ==, "USE_DEFAULT_VALUE");
}

static void
test_sparse(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_ses_identity) identity =
        dt_ses_identity_parse("\357\273\277{\"EmailIdentity\": \"example.com\", "
                              "\"DkimAttributes\": {\"Status\": \"bad word\"}}",
                              -1, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(identity->name, ==, "example.com");
    g_assert_false(identity->is_address);
    g_assert_cmpint(identity->verified, ==, -1);
    g_assert_cmpint(identity->signing_enabled, ==, -1);
    g_assert_null(identity->dkim_status);
    g_assert_null(identity->mail_from_domain);
    g_assert_cmpuint(g_strv_length(identity->tokens), ==, 0);
}

static void
test_utf16(void)
{
    gsize length;
    g_autofree char *wide =
        g_convert("\357\273\277" FULL, -1, "UTF-16LE", "UTF-8", NULL, &length, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_ses_identity) identity = dt_ses_identity_parse(wide, length, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(identity->dkim_status, ==, "PENDING");
}

static void
test_refused(void)
{
    static const char *const rows[] = { "",
                                        "nonsense",
                                        "[]",
                                        "{}",
                                        "null",
                                        "{\"DkimAttributes\"",
                                        "IdentityType: DOMAIN\n",
                                        "{\"IdentityType\": \"DOMAIN\"}" };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dt_ses_identity_parse(rows[i], -1, &error));
        g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
        g_assert_null(strchr(error->message, '\n'));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ses/identity/a-full-answer-is-read", test_full);
    g_test_add_func("/ses/identity/what-is-absent-stays-unknown", test_sparse);
    g_test_add_func("/ses/identity/powershell-output-is-read", test_utf16);
    g_test_add_func("/ses/identity/other-text-is-refused", test_refused);
    return g_test_run();
}
