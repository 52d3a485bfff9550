/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The configuration of an evaluation: one row for each option, the same names as on the command
 * line. Checks values, reads the files they name and opens the DNS source. Knows nothing of
 * messages.
 */
#include "evaluation/case.h"

#include "base/file.h"
#include "base/name.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_S      3600
#define MAX_TOKENS         12
#define MAX_IDENTITY       (1024 * 1024)

static gboolean
bad_value(GError **error, const char *option, const char *value, const char *wanted)
{
    g_autofree char *shown = dt_text_terminal(value);
    g_set_error(error, DT_ERROR, DT_ERROR_USAGE, "--%s=%s: not %s", option, shown, wanted);
    return FALSE;
}

static void
set_string(char **slot, const char *value)
{
    g_free(*slot);
    *slot = g_strdup(value);
}

static gboolean
set_flag(gboolean *slot, const char *option, const char *value, GError **error)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return bad_value(error, option, value, "\"yes\" or \"no\"");
    *slot = value[0] == 'y';
    return TRUE;
}

static gboolean
set_dns(dt_context *context, const char *option, const char *value, GError **error)
{
    if (!context->zone)
        context->zone = dt_zone_new();
    return dt_zone_read_file(context->zone, value, error);
}

static gboolean
set_assume(dt_context *context, const char *option, const char *value, GError **error)
{
    if (!context->assumed)
        context->assumed = dt_zone_new();
    return dt_zone_read_file(context->assumed, value, error);
}

static gboolean
set_dns_server(dt_context *context, const char *option, const char *value, GError **error)
{
    /* Only tried for its form: nothing is asked yet. */
    g_autoptr(dt_source) live = dt_source_new_live(value, NULL);
    if (!live)
        return bad_value(error, option, value, "an address such as 192.0.2.53 or 192.0.2.53@5353");
    set_string(&context->dns_server, value);
    return TRUE;
}

static gboolean
set_timeout(dt_context *context, const char *option, const char *value, GError **error)
{
    char *end = NULL;
    double seconds = g_ascii_strtod(value, &end);
    if (end == value || *end || !(seconds >= 0) || seconds > MAX_TIMEOUT_S)
        return bad_value(error, option, value, "a number of seconds from 0 to 3600");
    context->timeout_ms = (guint)(seconds * 1000);
    return TRUE;
}

static gboolean
set_ip(dt_context *context, const char *option, const char *value, GError **error)
{
    g_autofree char *ip = dt_text_ip(value);
    if (!ip)
        return bad_value(error, option, value, "an IPv4 or IPv6 address");
    set_string(&context->ip, ip);
    return TRUE;
}

static gboolean
set_helo(dt_context *context, const char *option, const char *value, GError **error)
{
    set_string(&context->helo, value);
    return TRUE;
}

static gboolean
set_mail_from(dt_context *context, const char *option, const char *value, GError **error)
{
    gsize length = strlen(value);
    if (length >= 2 && value[0] == '<' && value[length - 1] == '>') {
        g_free(context->mail_from);
        context->mail_from = g_strndup(value + 1, length - 2);
        return TRUE;
    }
    set_string(&context->mail_from, value);
    return TRUE;
}

static gboolean
set_authserv_id(dt_context *context, const char *option, const char *value, GError **error)
{
    if (!value[0])
        return bad_value(error, option, value, "an authserv-id");
    g_ptr_array_add(context->authserv_ids, g_strdup(value));
    return TRUE;
}

static gboolean
set_at(dt_context *context, const char *option, const char *value, GError **error)
{
    if (strcmp(value, "now") == 0)
        context->at = g_get_real_time() / G_USEC_PER_SEC;
    else if (!dt_text_parse_time(value, &context->at))
        return bad_value(error, option, value, "a time such as 2026-11-20T10:00:00Z, or \"now\"");
    return TRUE;
}

static gboolean
set_ses_mail_from(dt_context *context, const char *option, const char *value, GError **error)
{
    g_autofree char *name = dt_name_from_mail(value);
    if (!name)
        return bad_value(error, option, value, "a domain name");
    set_string(&context->ses_mail_from, name);
    return TRUE;
}

static gboolean
set_dkim_token(dt_context *context, const char *option, const char *value, GError **error)
{
    gsize length = strlen(value);
    gboolean is_label = length > 0 && length <= 63;
    for (const char *p = value; *p; p++)
        is_label = is_label && (g_ascii_isalnum(*p) || *p == '-' || *p == '_');
    if (!is_label)
        return bad_value(error, option, value,
                         "an Easy DKIM token (the first label of the CNAME that SES shows)");
    if (context->dkim_tokens->len >= MAX_TOKENS)
        return bad_value(error, option, value, "one of at most 12 tokens");
    g_ptr_array_add(context->dkim_tokens, g_ascii_strdown(value, -1));
    return TRUE;
}

static gboolean
is_region(const char *value)
{
    gsize length = strlen(value);
    return length >= 5 && length <= 32 && g_ascii_isdigit(value[length - 1]) &&
           strchr(value, '-') && strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static gboolean
set_region(dt_context *context, const char *option, const char *value, GError **error)
{
    if (!is_region(value))
        return bad_value(error, option, value, "a region such as eu-west-1");
    set_string(strcmp(option, "region") == 0 ? &context->region : &context->dkim_token_region,
               value);
    return TRUE;
}

/* The whole of a small file, "-" for standard input. */
static char *
read_small(const char *path, gsize *length_out, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, DT_ERROR, DT_ERROR_NO_INPUT, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    g_string_set_size(text, MAX_IDENTITY + 1);
    gssize got = dt_file_read_full(fd, text->str, text->len);
    gboolean failed = got < 0;
    g_string_truncate(text, MAX(got, 0));
    if (!is_stdin)
        close(fd);
    if (failed || text->len > MAX_IDENTITY) {
        g_set_error(error, DT_ERROR, failed ? DT_ERROR_IO : DT_ERROR_DATA, "%s: %s", path,
                    failed ? "cannot be read" : "too large to be the output of get-email-identity");
        return NULL;
    }
    *length_out = text->len;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
set_ses_identity(dt_context *context, const char *option, const char *value, GError **error)
{
    gsize length = 0;
    g_autofree char *text = read_small(value, &length, error);
    if (!text)
        return FALSE;
    GError *problem = NULL;
    dt_ses_identity *identity = dt_ses_identity_parse(text, length, &problem);
    if (!identity) {
        g_propagate_prefixed_error(error, problem, "%s: ", value);
        return FALSE;
    }
    dt_ses_identity_free(context->identity);
    context->identity = identity;
    return TRUE;
}

static gboolean
set_probe(dt_context *context, const char *option, const char *value, GError **error)
{
    return set_flag(&context->probe, option, value, error);
}

static gboolean
set_damage_search(dt_context *context, const char *option, const char *value, GError **error)
{
    return set_flag(&context->damage_search, option, value, error);
}

static gboolean
set_rua(dt_context *context, const char *option, const char *value, GError **error)
{
    const char *address = dt_text_has_prefix(value, "mailto:") ? value + 7 : value;
    const char *at = strrchr(address, '@');
    g_autofree char *domain = at ? dt_name_from_mail(at + 1) : NULL;
    /* What would part tags or URIs of a DMARC record (RFC 9989 4.7) has no place in the address. */
    if (!domain || at == address || strpbrk(address, " \t\r\n,;!\"<>\\") ||
        !g_str_is_ascii(address))
        return bad_value(error, option, value, "a mail address");
    g_free(context->rua);
    context->rua = g_strconcat("mailto:", address, NULL);
    return TRUE;
}

static const struct {
    const char *name;
    gboolean (*set)(dt_context *context, const char *option, const char *value, GError **error);
} options[] = {
    { "dns", set_dns },
    { "assume", set_assume },
    { "dns-server", set_dns_server },
    { "timeout", set_timeout },
    { "ip", set_ip },
    { "helo", set_helo },
    { "mail-from", set_mail_from },
    { "authserv-id", set_authserv_id },
    { "at", set_at },
    { "ses-mail-from", set_ses_mail_from },
    { "dkim-token", set_dkim_token },
    { "dkim-token-region", set_region },
    { "ses-identity", set_ses_identity },
    { "region", set_region },
    { "probe", set_probe },
    { "rua", set_rua },
    { "damage-search", set_damage_search },
};

gboolean
dt_context_set(dt_context *context, const char *option, const char *value, GError **error)
{
    g_return_val_if_fail(context && option && value && !context->source, FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(options); i++)
        if (strcmp(options[i].name, option) == 0)
            return options[i].set(context, option, value, error);
    g_set_error(error, DT_ERROR, DT_ERROR_USAGE, "no option --%s", option);
    return FALSE;
}

dt_context *
dt_context_new(void)
{
    dt_context *context = g_new0(dt_context, 1);
    context->timeout_ms = DEFAULT_TIMEOUT_MS;
    context->at = DT_TIME_NONE;
    context->damage_search = TRUE;
    context->authserv_ids = g_ptr_array_new_with_free_func(g_free);
    context->dkim_tokens = g_ptr_array_new_with_free_func(g_free);
    return context;
}

void
dt_context_set_source(dt_context *context, dt_source *source)
{
    g_return_if_fail(context && source && !context->source);
    context->source = dt_source_ref(source);
}

static dt_source *
open_source(dt_context *context, GError **error)
{
    if (context->zone && context->dns_server) {
        g_set_error_literal(
            error, DT_ERROR, DT_ERROR_USAGE,
            "--dns and --dns-server exclude each other: take answers from a file or from a server");
        return NULL;
    }
    if (context->zone)
        return dt_source_new_zone(context->zone);
    g_autoptr(dt_source) live = dt_source_new_live(context->dns_server, error);
    return live ? dt_source_new_cache(live) : NULL;
}

gboolean
dt_context_open(dt_context *context, GError **error)
{
    context->now = g_get_real_time() / G_USEC_PER_SEC;
    if (context->authserv_ids->len == 0 ||
        context->authserv_ids->pdata[context->authserv_ids->len - 1])
        g_ptr_array_add(context->authserv_ids, NULL);
    if (!context->source && !(context->source = open_source(context, error)))
        return FALSE;
    if (context->assumed) {
        dt_source *overlay = dt_source_new_overlay(context->source, context->assumed);
        dt_source_unref(context->source);
        context->source = overlay;
    }
    return TRUE;
}

void
dt_context_free(dt_context *context)
{
    if (!context)
        return;
    g_clear_pointer(&context->zone, dt_zone_unref);
    g_clear_pointer(&context->assumed, dt_zone_unref);
    g_clear_pointer(&context->source, dt_source_unref);
    g_free(context->dns_server);
    g_free(context->ip);
    g_free(context->helo);
    g_free(context->mail_from);
    g_free(context->ses_mail_from);
    g_free(context->dkim_token_region);
    g_free(context->region);
    g_free(context->rua);
    dt_ses_identity_free(context->identity);
    g_ptr_array_unref(context->authserv_ids);
    g_ptr_array_unref(context->dkim_tokens);
    g_free(context);
}
