/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Brackets, commas, indentation and escapes of JSON (RFC 8259), indented or in one line.
 */
#include "report/json-writer.h"

#include "base/text.h"

#include <string.h>

void
dt_json_begin(dt_json *json, GString *out, gboolean is_single_line)
{
    *json = (dt_json){ .out = out, .is_single_line = is_single_line };
}

/* g_string_append_len without its call where there is room: most of what is written is a few
 * octets. */
static inline void
put(GString *out, const char *octets, gsize length)
{
    if (out->len + length >= out->allocated_len) {
        g_string_append_len(out, octets, length);
        return;
    }
    memcpy(out->str + out->len, octets, length);
    out->len += length;
    out->str[out->len] = '\0';
}

static void
new_line(dt_json *json)
{
    if (json->is_single_line || json->depth == 0)
        return;
    put(json->out, "\n", 1);
    for (guint i = 0; i < json->depth; i++)
        put(json->out, "  ", 2);
}

/* DEL, C1 and invisible characters are escaped too: a terminal may be the reader. */
static gboolean
is_plain(guchar c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
append_escaped(GString *out, gunichar c)
{
    if (c == '"' || c == '\\')
        g_string_append_printf(out, "\\%c", (char)c);
    else if (c == '\n')
        g_string_append(out, "\\n");
    else if (c == '\t')
        g_string_append(out, "\\t");
    else if (c == '\r')
        g_string_append(out, "\\r");
    else if (c < 0x20 || c == 0x7f || (c > 0x7f && c < 0xa0) ||
             (c < 0x10000 && (g_unichar_type(c) == G_UNICODE_FORMAT || c == 0x2028 || c == 0x2029)))
        g_string_append_printf(out, "\\u%04x", c);
    else
        g_string_append_unichar(out, c);
}

static void
append_string(GString *out, const char *value)
{
    put(out, "\"", 1);
    const char *p = value;
    while (is_plain(*p))
        p++;
    put(out, value, p - value);
    if (*p) {
        g_autofree char *valid = dt_text_utf8(p, strlen(p));
        for (const char *q = valid; *q; q = g_utf8_next_char(q))
            append_escaped(out, g_utf8_get_char(q));
    }
    put(out, "\"", 1);
}

/* The comma before, the line, the key (which may be a property's name, from outside). */
static void
lead(dt_json *json, const char *key)
{
    if (json->needs_comma)
        put(json->out, ", ", json->is_single_line ? 2 : 1);
    new_line(json);
    if (key) {
        append_string(json->out, key);
        put(json->out, ": ", 2);
    }
    json->needs_comma = TRUE;
}

static void
open_bracket(dt_json *json, const char *key, char bracket)
{
    lead(json, key);
    put(json->out, &bracket, 1);
    json->depth++;
    json->needs_comma = FALSE;
}

static void
close_bracket(dt_json *json, char bracket)
{
    gboolean is_empty = !json->needs_comma;
    json->depth--;
    if (!is_empty && !json->is_single_line) {
        put(json->out, "\n", 1);
        for (guint i = 0; i < json->depth; i++)
            put(json->out, "  ", 2);
    }
    put(json->out, &bracket, 1);
    json->needs_comma = TRUE;
}

void
dt_json_open_object(dt_json *json, const char *key)
{
    open_bracket(json, key, '{');
}

void
dt_json_close_object(dt_json *json)
{
    close_bracket(json, '}');
}

void
dt_json_open_array(dt_json *json, const char *key)
{
    open_bracket(json, key, '[');
}

void
dt_json_close_array(dt_json *json)
{
    close_bracket(json, ']');
}

void
dt_json_null(dt_json *json, const char *key)
{
    lead(json, key);
    put(json->out, "null", 4);
}

void
dt_json_string(dt_json *json, const char *key, const char *value)
{
    if (!value) {
        dt_json_null(json, key);
        return;
    }
    lead(json, key);
    append_string(json->out, value);
}

void
dt_json_number(dt_json *json, const char *key, gint64 value)
{
    char digits[24], *at = digits + sizeof digits;
    guint64 rest = value < 0 ? -(guint64)value : (guint64)value;
    do
        *--at = '0' + rest % 10;
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    lead(json, key);
    put(json->out, at, digits + sizeof digits - at);
}

void
dt_json_bool(dt_json *json, const char *key, gboolean value)
{
    lead(json, key);
    put(json->out, value ? "true" : "false", value ? 4 : 5);
}

void
dt_json_time(dt_json *json, const char *key, gint64 seconds)
{
    g_autofree char *text = seconds == G_MININT64 ? NULL : dt_text_time(seconds);
    dt_json_string(json, key, text);
}

void
dt_json_number_if(dt_json *json, const char *key, gboolean is_known, gint64 value)
{
    if (is_known)
        dt_json_number(json, key, value);
    else
        dt_json_null(json, key);
}

void
dt_json_bool_if(dt_json *json, const char *key, gboolean is_known, gboolean value)
{
    if (is_known)
        dt_json_bool(json, key, value);
    else
        dt_json_null(json, key);
}

void
dt_json_strings(dt_json *json, const char *key, char *const *values)
{
    dt_json_open_array(json, key);
    for (guint i = 0; values && values[i]; i++)
        dt_json_string(json, NULL, values[i]);
    dt_json_close_array(json);
}

void
dt_json_end(dt_json *json)
{
    g_string_append_c(json->out, '\n');
}
