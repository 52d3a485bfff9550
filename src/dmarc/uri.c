/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Is a report address a URI (RFC 3986 3, as RFC 9989 4.8 asks for rua and ruf)? Only the generic
 * syntax: whether anything can be sent there is another question. "," and "!" must be encoded in a
 * record; the caller has split at them.
 */
#include "dmarc/walk.h"

#include <string.h>

#define UNRESERVED "-._~"
#define SUB_DELIMS "!$&'()*+,;="

static gboolean
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Are all octets of [at..end) letters, digits, percent-encodings or in extra? */
static gboolean
is_made_of(const char *at, const char *end, const char *extra)
{
    for (; at < end; at++) {
        if (*at == '%') {
            if (end - at < 3 || !g_ascii_isxdigit(at[1]) || !g_ascii_isxdigit(at[2]))
                return FALSE;
            at += 2;
        } else if (!g_ascii_isalnum(*at) && !is_one_of(*at, extra)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
is_port(const char *at, const char *end)
{
    for (; at < end; at++)
        if (!g_ascii_isdigit(*at))
            return FALSE;
    return TRUE;
}

/* RFC 3986 3.2: [ userinfo "@" ] host [ ":" port ] */
static gboolean
is_authority(const char *at, const char *end)
{
    const char *sign = memchr(at, '@', end - at);
    if (sign) {
        if (!is_made_of(at, sign, UNRESERVED SUB_DELIMS ":"))
            return FALSE;
        at = sign + 1;
    }
    if (at < end && *at == '[') {
        const char *close = memchr(at, ']', end - at);
        if (!close || close == at + 1 || !is_made_of(at + 1, close, UNRESERVED SUB_DELIMS ":"))
            return FALSE;
        at = close + 1;
        return at == end || (*at == ':' && is_port(at + 1, end));
    }
    const char *colon = memchr(at, ':', end - at);
    return is_made_of(at, colon ? colon : end, UNRESERVED SUB_DELIMS) &&
           (!colon || is_port(colon + 1, end));
}

/* What stands behind "scheme:" (RFC 3986 3.3 to 3.5). */
static gboolean
is_rest(const char *at, const char *end)
{
    const char *hash = memchr(at, '#', end - at);
    const char *stop = hash ? hash : end;
    const char *mark = memchr(at, '?', stop - at);
    const char *path_end = mark ? mark : stop;
    if (path_end - at >= 2 && at[0] == '/' && at[1] == '/') {
        const char *slash = memchr(at + 2, '/', path_end - at - 2);
        const char *authority_end = slash ? slash : path_end;
        if (!is_authority(at + 2, authority_end))
            return FALSE;
        at = authority_end;
    }
    return is_made_of(at, path_end, UNRESERVED SUB_DELIMS ":@/") &&
           (!mark || is_made_of(mark + 1, stop, UNRESERVED SUB_DELIMS ":@/?")) &&
           (!hash || is_made_of(hash + 1, end, UNRESERVED SUB_DELIMS ":@/?"));
}

static const char *
scheme_end(const char *text, const char *end)
{
    if (text == end || !g_ascii_isalpha(*text))
        return NULL;
    while (text < end && (g_ascii_isalnum(*text) || is_one_of(*text, "+-.")))
        text++;
    return text < end && *text == ':' ? text : NULL;
}

const char *
dt_uri_fault(const char *text, gsize length)
{
    const char *end = text + length;
    if (length == 0)
        return "is empty";
    for (const char *at = text; at < end; at++) {
        if (*at == ' ' || *at == '\t')
            return "has a blank inside; addresses are parted by commas";
        if ((guchar)*at >= 0x7f)
            return "has a character outside ASCII";
    }
    if (memchr(text, '!', length))
        return "has a \"!\" that is not written as %21";
    const char *colon = scheme_end(text, end);
    if (!colon)
        return memchr(text, '@', length) ? "lacks \"mailto:\""
                                         : "is no URI: it lacks a scheme such as \"mailto:\"";
    return is_rest(colon + 1, end) ? NULL : "is no valid URI";
}
