/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which client address does a recorded field name: "client-ip=", "smtp.remote-ip=" (RFC
 * 8601 2.7.3), policy.iprev, "sender IP is", "designates IP as permitted sender"? Senders choose
 * part of the text in comments, so an address counts only in the words that servers put around it.
 */
#include <string.h>
#include "base/text.h"
#include "trust.h"

static const char *const address_properties[] = { "client-ip", "smtp.remote-ip", "smtp.client-ip",
                                                  "remoteip", "policy.iprev" };

const char *
dt_recorded_property(const dt_recorded_result *result, const char *name)
{
    for (guint i = 0; i < result->properties->len; i++) {
        const dt_property *property = &g_array_index(result->properties, dt_property, i);
        if (strcmp(property->name, name) == 0)
            return property->value;
    }
    return NULL;
}

static char *
public_address(const char *text)
{
    char *ip = text ? dt_text_ip(text) : NULL;
    if (ip && dt_text_ip_is_private(ip))
        g_clear_pointer(&ip, g_free);
    return ip;
}

static char *
client_of_properties(const dt_recorded_result *result)
{
    for (guint i = 0; i < G_N_ELEMENTS(address_properties); i++) {
        char *ip = public_address(dt_recorded_property(result, address_properties[i]));
        if (ip)
            return ip;
    }
    return NULL;
}

/* The comment with quoted strings blanked: a local part may hold anything between quotes. */
static char *
without_quoted(const char *comment)
{
    char *text = g_strdup(comment);
    gboolean is_quoted = FALSE;
    for (char *c = text; *c; c++) {
        gboolean is_quote = *c == '"';
        if (is_quoted && *c == '\\' && c[1]) {
            *c++ = ' ';
            *c = ' ';
            continue;
        }
        is_quoted ^= is_quote;
        if (is_quoted || is_quote)
            *c = ' ';
    }
    return text;
}

/* "designates X", "not designate X", "use of X", "IP is X", "when checking X", "X is neither
 * permitted". */
static gboolean
is_said_of_client(GStrv words, guint i, guint count)
{
    const char *before = i > 0 ? words[i - 1] : "";
    const char *before_that = i > 1 ? words[i - 2] : "";
    if (dt_text_equal(before, "designates") || dt_text_equal(before, "designate") ||
        dt_text_equal(before, "checking"))
        return TRUE;
    if (dt_text_equal(before, "of") && dt_text_equal(before_that, "use"))
        return TRUE;
    if (dt_text_equal(before, "is") && dt_text_equal(before_that, "ip"))
        return TRUE;
    return i + 2 < count && dt_text_equal(words[i + 1], "is") &&
           dt_text_equal(words[i + 2], "neither");
}

static char *
client_of_comment(const char *comment)
{
    if (!comment)
        return NULL;
    g_autofree char *text = without_quoted(comment);
    g_auto(GStrv) words = g_strsplit_set(g_strstrip(text), " ,;()", 200);
    guint count = g_strv_length(words);
    for (guint i = 0; i < count; i++) {
        gboolean is_pair = dt_text_has_prefix(words[i], "client-ip=");
        const char *candidate = is_pair ? words[i] + strlen("client-ip=") : words[i];
        char *ip = is_pair || is_said_of_client(words, i, count) ? public_address(candidate) : NULL;
        if (ip)
            return ip;
    }
    return NULL;
}

/* Comments of SPF only: others tell of other things. A comment may stand behind a property
 * ("(client-ip=...)" of policyd-spf). */
char *
dt_recorded_client(const dt_recorded *recorded)
{
    for (guint i = 0; i < recorded->results->len; i++) {
        char *ip = client_of_properties(g_ptr_array_index(recorded->results, i));
        if (ip)
            return ip;
    }
    for (guint i = 0; i < recorded->results->len; i++) {
        const dt_recorded_result *result = g_ptr_array_index(recorded->results, i);
        char *ip = strcmp(result->method, "spf") == 0 ? client_of_comment(result->comment) : NULL;
        if (ip)
            return ip;
    }
    return NULL;
}

/* "google.com: domain of ..." */
static char *
writer_of_comment(const char *comment)
{
    gsize length = comment ? strcspn(comment, ": \t") : 0;
    return length > 0 && comment[length] == ':' ? g_strndup(comment, length) : NULL;
}

char *
dt_recorded_writer(const dt_recorded *recorded)
{
    if (recorded->header != DT_HEADER_RECEIVED_SPF)
        return g_strdup(recorded->authserv_id);
    if (recorded->results->len == 0)
        return NULL;
    const dt_recorded_result *result = g_ptr_array_index(recorded->results, 0);
    const char *receiver = dt_recorded_property(result, "receiver");
    gboolean is_host =
        receiver && *receiver && !strpbrk(receiver, "<>@ ") && !dt_text_equal(receiver, "unknown");
    return is_host ? g_strdup(receiver) : writer_of_comment(result->comment);
}
