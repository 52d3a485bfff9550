/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What does SES say of an identity? Reads what `aws sesv2 get-email-identity` printed as JSON. A
 * statement of now; whether it fits a message sent earlier is for the diagnosis. Values that go
 * into DNS names are taken only if they can be part of one.
 */
#include "ses/ses.h"
#include "base/name.h"
#include "base/text.h"

#include <jansson.h>
#include <string.h>

#define MAX_TOKENS 20

void
dt_ses_identity_free(dt_ses_identity *identity)
{
    if (!identity)
        return;
    g_free(identity->name);
    g_free(identity->dkim_status);
    g_strfreev(identity->tokens);
    g_free(identity->signing_origin);
    g_free(identity->signing_hosted_zone);
    g_free(identity->mail_from_domain);
    g_free(identity->mail_from_status);
    g_free(identity->behavior_on_mx_failure);
    g_free(identity);
}

static gint
read_boolean(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_true(value) ? 1 : json_is_false(value) ? 0 : -1;
}

/* A word of capitals, digits and "_", as all of SES's statuses are. */
static char *
read_word(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (!value || !*value ||
        strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != strlen(value))
        return NULL;
    return g_strdup(value);
}

static char *
read_domain(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? dt_name_from_mail(value) : NULL;
}

static gboolean
is_label(const char *text)
{
    gsize length = strlen(text);
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_' && text[i] != '.')
            return FALSE;
    return length > 0 && length <= 63;
}

static char **
read_tokens(const json_t *dkim)
{
    GPtrArray *tokens = g_ptr_array_new();
    json_t *list = json_object_get(dkim, "Tokens");
    for (gsize i = 0; i < json_array_size(list) && tokens->len < MAX_TOKENS; i++) {
        const char *token = json_string_value(json_array_get(list, i));
        if (token && is_label(token))
            g_ptr_array_add(tokens, g_ascii_strdown(token, -1));
    }
    g_ptr_array_add(tokens, NULL);
    return (char **)g_ptr_array_free(tokens, FALSE);
}

/* The command does not print the name; whoever adds it does so under one of these keys. */
static char *
read_name(const json_t *root)
{
    static const char *const keys[] = { "EmailIdentity", "IdentityName", "Identity" };
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *value = json_string_value(json_object_get(root, keys[i]));
        if (value && *value)
            return g_strdup(value);
    }
    return NULL;
}

static dt_ses_identity *
read_identity(const json_t *root)
{
    const json_t *dkim = json_object_get(root, "DkimAttributes");
    const json_t *mail_from = json_object_get(root, "MailFromAttributes");
    dt_ses_identity *identity = g_new0(dt_ses_identity, 1);
    g_autofree char *type = read_word(root, "IdentityType");
    identity->name = read_name(root);
    identity->is_address = g_strcmp0(type, "EMAIL_ADDRESS") == 0;
    identity->verified = read_boolean(root, "VerifiedForSendingStatus");
    identity->signing_enabled = read_boolean(dkim, "SigningEnabled");
    identity->dkim_status = read_word(dkim, "Status");
    identity->tokens = read_tokens(dkim);
    identity->signing_origin = read_word(dkim, "SigningAttributesOrigin");
    identity->signing_hosted_zone = read_domain(dkim, "SigningHostedZone");
    identity->mail_from_domain = read_domain(mail_from, "MailFromDomain");
    identity->mail_from_status = read_word(mail_from, "MailFromDomainStatus");
    identity->behavior_on_mx_failure = read_word(mail_from, "BehaviorOnMxFailure");
    return identity;
}

/* PowerShell's > writes UTF-16 with a mark; others put a UTF-8 mark in front. */
static char *
to_utf8(const char *text, gsize length)
{
    if (length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return g_convert(text, length, "UTF-8", "UTF-16", NULL, NULL, NULL);
    gsize mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return g_strndup(text + mark, length - mark);
}

dt_ses_identity *
dt_ses_identity_parse(const char *text, gssize length, GError **error)
{
    g_autofree char *utf8 = to_utf8(text, length < 0 ? strlen(text) : (gsize)length);
    json_error_t fault;
    json_t *root = utf8 ? json_loads(utf8, 0, &fault) : NULL;
    dt_ses_identity *identity = NULL;
    if (!root)
        g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                    "is no JSON%s; give what aws sesv2 get-email-identity --output json printed",
                    utf8 && *utf8 ? "" : " (it is empty)");
    else if (!json_object_get(root, "DkimAttributes") &&
             !json_object_get(root, "MailFromAttributes"))
        g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                    "holds neither DkimAttributes nor MailFromAttributes; give what aws sesv2 "
                    "get-email-identity printed");
    else
        identity = read_identity(root);
    json_decref(root);
    return identity;
}
