/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Text from outside made fit for a place inside (terminal, master file, shell, header field, HTML,
 * CSV), ASCII comparison, and the small values that stand in text: addresses, times, base64. Every
 * report cleans through here and nowhere else.
 */
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

char *
dt_text_utf8(const char *raw, gsize length)
{
    /* g_utf8_make_valid passes noncharacters and keeps NUL out; one U+FFFD stands for each bad
     * octet. */
    return g_utf8_make_valid(raw, length);
}

/* Code points that a reader of a terminal or page cannot see or that move what he sees. */
static gboolean
is_unprintable(gunichar c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
        return TRUE;
    switch (g_unichar_type(c)) {
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
        return TRUE;
    default:
        /* Letters and marks by type, yet invisible: fillers and variation selectors. */
        return c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 || c == 0x034f ||
               (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
    }
}

char *
dt_text_terminal(const char *text)
{
    return dt_text_terminal_raw(text, strlen(text));
}

char *
dt_text_terminal_raw(const char *raw, gsize length)
{
    g_autofree char *valid = dt_text_utf8(raw, length);
    GString *out = g_string_sized_new(length + 16);
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\t' || c == '\n' || (c == '\r' && p[1] != '\n'))
            g_string_append_c(out, ' ');
        else if (c == '\r')
            continue;
        else if (is_unprintable(c))
            g_string_append_printf(out, "\\u{%04X}", c);
        else
            g_string_append_unichar(out, c);
    }
    return g_string_free(out, FALSE);
}

guint
dt_text_columns(const char *utf8)
{
    guint columns = 0;
    for (const char *p = utf8; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_iszerowidth(c))
            continue; /* spacing marks take a column as letters do */
        columns += g_unichar_iswide(c) ? 2 : 1;
    }
    return columns;
}

char *
dt_text_dns(const char *octets, gsize length)
{
    GString *out = g_string_sized_new(length + 1);
    for (gsize i = 0; i < length; i++) {
        guchar c = octets[i];
        if (c < 0x20 || c > 0x7e || c == '\\')
            g_string_append_printf(out, "\\%03u", c);
        else
            g_string_append_c(out, c);
    }
    return g_string_free(out, FALSE);
}

char *
dt_text_zone_quote(const char *octets, gsize length)
{
    GString *out = g_string_sized_new(length + 8);
    gsize i = 0;
    do {
        g_string_append(out, i ? " \"" : "\"");
        for (gsize chunk = 0; i < length && chunk < 255; i++, chunk++) {
            guchar c = octets[i];
            if (c < 0x20 || c > 0x7e)
                g_string_append_printf(out, "\\%03u", c);
            else {
                if (c == '"' || c == '\\')
                    g_string_append_c(out, '\\');
                g_string_append_c(out, c);
            }
        }
        g_string_append_c(out, '"');
    } while (i < length);
    return g_string_free(out, FALSE);
}

char *
dt_text_shell_quote(const char *text)
{
    static const char harmless[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=:,/@%";
    if (text[0] && strspn(text, harmless) == strlen(text))
        return g_strdup(text);
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    GString *out = g_string_new("'");
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\'')
            g_string_append(out, "'\\''");
        else
            g_string_append_unichar(out, is_unprintable(c) ? 0xfffd : c);
    }
    g_string_append_c(out, '\'');
    return g_string_free(out, FALSE);
}

char *
dt_text_header_value(const char *text)
{
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    GString *clean = g_string_new(NULL);
    gboolean is_token = valid[0] != '\0';
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (is_unprintable(c))
            continue;
        /* RFC 2045 tspecials but "@", which RFC 8601 allows bare in a pvalue. */
        if (c <= 0x20 || c > 0x7e || strchr("()<>,;:\\\"/[]?=", (int)c))
            is_token = FALSE;
        if (c == '"' || c == '\\')
            g_string_append_c(clean, '\\');
        g_string_append_unichar(clean, c);
    }
    g_autofree char *body = g_string_free(clean, FALSE);
    return is_token && body[0] ? g_steal_pointer(&body) : g_strconcat("\"", body, "\"", NULL);
}

char *
dt_text_html(const char *text)
{
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    GString *out = g_string_sized_new(strlen(valid) + 16);
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        switch (c) {
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        case '\'':
            g_string_append(out, "&#39;");
            break;
        default:
            g_string_append_unichar(out, c != '\n' && c != '\t' && is_unprintable(c) ? 0xfffd : c);
        }
    }
    return g_string_free(out, FALSE);
}

char *
dt_text_csv(const char *text)
{
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    GString *out = g_string_new("\"");
    if (valid[0] && strchr("=+-@\t\r\n|%", valid[0]))
        g_string_append_c(out, '\'');
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '"')
            g_string_append(out, "\"\"");
        else
            g_string_append_unichar(out, is_unprintable(c) ? ' ' : c);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

gboolean
dt_text_equal(const char *a, const char *b)
{
    return a && b ? g_ascii_strcasecmp(a, b) == 0 : a == b;
}

gboolean
dt_text_has_prefix(const char *text, const char *prefix)
{
    return g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0;
}

gboolean
dt_text_has_suffix(const char *text, const char *suffix)
{
    gsize t = strlen(text), s = strlen(suffix);
    return t >= s && g_ascii_strcasecmp(text + t - s, suffix) == 0;
}

gboolean
dt_text_contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

guint
dt_text_ip_octets(const char *text, guint8 out[16])
{
    static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    char bare[INET6_ADDRSTRLEN + 8];
    gsize length = text ? strlen(text) : 0;
    if (length == 0 || length >= sizeof bare)
        return 0;
    if (text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (dt_text_has_prefix(text, "IPv6:")) {
        text += 5;
        length -= 5;
    }
    memcpy(bare, text, length);
    bare[length] = '\0';
    char *scope = strchr(bare, '%');
    if (scope && strchr(bare, ':'))
        *scope = '\0';
    if (inet_pton(AF_INET, bare, out) == 1)
        return 4;
    if (inet_pton(AF_INET6, bare, out) != 1)
        return 0;
    if (memcmp(out, mapped, sizeof mapped) != 0)
        return 16;
    memmove(out, out + 12, 4);
    return 4;
}

char *
dt_text_ip(const char *text)
{
    guint8 octets[16];
    char shown[INET6_ADDRSTRLEN];
    guint length = dt_text_ip_octets(text, octets);
    if (length == 0)
        return NULL;
    return g_strdup(inet_ntop(length == 4 ? AF_INET : AF_INET6, octets, shown, sizeof shown));
}

typedef struct {
    guint8 octets[16];
    guint length, bits;
} ip_range;

/* The contract's list of addresses that never are a client at the boundary. */
static const ip_range private_ranges[] = {
    { { 10 }, 4, 8 },    { { 172, 16 }, 4, 12 },    { { 192, 168 }, 4, 16 },
    { { 127 }, 4, 8 },   { { 169, 254 }, 4, 16 },   { { 100, 64 }, 4, 10 },
    { { 0 }, 4, 8 },     { { [15] = 1 }, 16, 128 }, { { 0xfe, 0x80 }, 16, 10 },
    { { 0xfc }, 16, 7 },
};

static gboolean
range_has(const ip_range *range, const guint8 *octets, guint length)
{
    if (range->length != length || memcmp(range->octets, octets, range->bits / 8) != 0)
        return FALSE;
    guint rest = range->bits % 8;
    guint8 mask = rest ? 0xff << (8 - rest) : 0;
    return rest == 0 || (range->octets[range->bits / 8] & mask) == (octets[range->bits / 8] & mask);
}

gboolean
dt_text_ip_is_private(const char *text)
{
    guint8 octets[16];
    guint length = dt_text_ip_octets(text, octets);
    for (guint i = 0; length && i < G_N_ELEMENTS(private_ranges); i++)
        if (range_has(&private_ranges[i], octets, length))
            return TRUE;
    return FALSE;
}

char *
dt_text_time(gint64 seconds)
{
    time_t clock = seconds;
    struct tm tm;
    if (!gmtime_r(&clock, &tm) || tm.tm_year < -1899 || tm.tm_year > 9999 - 1900)
        return NULL;
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                           tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

char *
dt_text_time_for_people(gint64 seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC") : NULL;
}

gboolean
dt_text_parse_time(const char *text, gint64 *seconds_out)
{
    g_autofree char *whole =
        strlen(text) == 10 ? g_strconcat(text, "T00:00:00Z", NULL) : g_strdup(text);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, utc);
    if (!time)
        return FALSE;
    *seconds_out = g_date_time_to_unix(time);
    return TRUE;
}

/* 0 to 63; -1: none of the alphabet. */
static gint
base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

guint8 *
dt_text_base64(const char *text, gsize *length_out)
{
    g_autofree guint8 *out = g_malloc(strlen(text) / 4 * 3 + 4);
    guint8 *end = out;
    gboolean has_padding = FALSE;
    guint32 bits = 0;
    gsize count = 0;
    for (; *text; text++) {
        gint value = base64_value(*text);
        if (value < 0 && g_ascii_isspace(*text))
            continue;
        if (value < 0 ? *text != '=' : has_padding)
            return NULL;
        has_padding |= value < 0;
        if (value < 0)
            continue;
        bits = bits << 6 | (guint32)value;
        if (++count % 4 != 1)
            *end++ = (guint8)(bits >> (8 - count % 4 * 2) % 8);
    }
    if (count % 4 == 1)
        return NULL;
    *length_out = end - out;
    return g_steal_pointer(&out);
}
