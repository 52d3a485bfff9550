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

static void
new_line(dt_json *json)
{
    if (json->is_single_line || json->depth == 0)
        return;
    g_string_append_c(json->out, '\n');
    for (guint i = 0; i < json->depth; i++)
        g_string_append(json->out, "  ");
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
    else if (c < 0x20 || c == 0x7f || (c > 0x7f && c < 0xa0) || (c < 0x10000 && (g_unichar_type(c) == G_UNICODE_FORMAT || c == 0x2028 || c == 0x2029)))
        g_string_append_printf(out, "\\u%04x", c);
    else
        g_string_append_unichar(out, c);
}

static void
append_string(GString *out, const char *value)
{
    g_string_append_c(out, '"');
    const char *p = value;
    while (is_plain(*p))
        p++;
    g_string_append_len(out, value, p - value);
    if (*p) {
        g_autofree char *valid = dt_text_utf8(p, strlen(p));
        for (const char *q = valid; *q; q = g_utf8_next_char(q))
            append_escaped(out, g_utf8_get_char(q));
    }
    g_string_append_c(out, '"');
}

/* The comma before, the line, the key. */
static void
lead(dt_json *json, const char *key)
{
    if (json->needs_comma)
        g_string_append(json->out, json->is_single_line ? ", " : ",");
    new_line(json);
    if (key) {
        append_string(json->out, key);
        g_string_append(json->out, ": ");
    }
    json->needs_comma = TRUE;
}

static void
open_bracket(dt_json *json, const char *key, char bracket)
{
    lead(json, key);
    g_string_append_c(json->out, bracket);
    json->depth++;
    json->needs_comma = FALSE;
}

static void
close_bracket(dt_json *json, char bracket)
{
    gboolean is_empty = !json->needs_comma;
    json->depth--;
    if (!is_empty && !json->is_single_line) {
        g_string_append_c(json->out, '\n');
        for (guint i = 0; i < json->depth; i++)
            g_string_append(json->out, "  ");
    }
    g_string_append_c(json->out, bracket);
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
    g_string_append(json->out, "null");
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
    lead(json, key);
    g_string_append_printf(json->out, "%" G_GINT64_FORMAT, value);
}

void
dt_json_bool(dt_json *json, const char *key, gboolean value)
{
    lead(json, key);
    g_string_append(json->out, value ? "true" : "false");
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
