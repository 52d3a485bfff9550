/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What others may ask of a message that has been read: its facts, its fields by name, its body as
 * it was on the wire.
 */
#include "message/internal.h"

#include <string.h>

const char *
dt_message_label(const dt_message *message)
{
    return message->label;
}

gboolean
dt_message_position(const dt_message *message, guint *index_out, guint64 *offset_out)
{
    *index_out = message->entry_index;
    *offset_out = message->entry_offset;
    return message->is_entry;
}

guint64
dt_message_size(const dt_message *message)
{
    return message->input.length;
}

dt_eol
dt_message_line_endings(const dt_message *message)
{
    return message->line_endings;
}

gboolean
dt_message_has_crcrlf(const dt_message *message)
{
    return message->crcrlf_count > 0;
}

gboolean
dt_message_has_body(const dt_message *message)
{
    return message->has_body;
}

gboolean
dt_message_has_mbox_line(const dt_message *message)
{
    return message->has_mbox_line;
}

gboolean
dt_message_has_leading_blank(const dt_message *message)
{
    return message->has_leading;
}

gboolean
dt_message_was_cut(const dt_message *message)
{
    return message->was_cut;
}

const GPtrArray *
dt_message_warnings(const dt_message *message)
{
    return message->warnings;
}

guint
dt_message_field_count(const dt_message *message)
{
    return message->fields->len;
}

const dt_field *
dt_message_field(const dt_message *message, guint index)
{
    return index < message->fields->len ? &g_array_index(message->fields, dt_field, index) : NULL;
}

const dt_field *
dt_message_find(const dt_message *message, const char *name, guint from)
{
    for (; from < message->fields->len; from++) {
        const dt_field *field = &g_array_index(message->fields, dt_field, from);
        if (dt_field_is(field, name))
            return field;
    }
    return NULL;
}

const dt_author *
dt_message_author(const dt_message *message)
{
    return message->author;
}

const GPtrArray *
dt_message_hops(const dt_message *message)
{
    return message->hops;
}

const GPtrArray *
dt_message_recorded(const dt_message *message)
{
    return message->recorded;
}

const char *
dt_message_return_path(const dt_message *message, guint *line_out)
{
    if (line_out)
        *line_out = message->return_path_line;
    return message->return_path;
}

const char *
dt_message_id(const dt_message *message)
{
    return message->id;
}

gint64
dt_message_date(const dt_message *message)
{
    return message->date;
}

const char *
dt_message_subject(const dt_message *message)
{
    return message->subject;
}

guint64
dt_message_body_size(const dt_message *message)
{
    return message->input.length - message->body_offset;
}

guint64
dt_message_longest_body_line(const dt_message *message)
{
    return message->longest_body_line;
}

/* Is the body in the input as it was on the wire, every line ending in CR LF? */
static gboolean
is_body_as_sent(const dt_message *message)
{
    char end[2];
    guint64 length = message->input.length;
    return message->line_endings == DT_EOL_CRLF && message->crcrlf_count == 0 &&
           length >= message->body_offset + 2 &&
           dt_input_read(&message->input, length - 2, end, 2, NULL) && memcmp(end, "\r\n", 2) == 0;
}

gboolean
dt_message_each_body(dt_message *message, dt_body_func func, gpointer data, GError **error)
{
    if (is_body_as_sent(message))
        return dt_input_each(&message->input, message->body_offset, message->input.length, func,
                             data, error);
    dt_wire wire;
    dt_wire_init(&wire, func, data);
    gboolean is_ok = dt_input_each(&message->input, message->body_offset, message->input.length,
                                   dt_wire_feed, &wire, error);
    if (!is_ok)
        wire.is_stopped = TRUE;
    dt_wire_end(&wire);
    return is_ok;
}

gboolean
dt_message_each_octet(dt_message *message, dt_body_func func, gpointer data, GError **error)
{
    return dt_input_each(&message->input, 0, message->input.length, func, data, error);
}

typedef struct {
    GByteArray *octets;
    gsize limit;
    gboolean is_over;
} body_copy;

static gboolean
copy_body(const char *octets, gsize length, gpointer data)
{
    body_copy *copy = data;
    copy->is_over = length > copy->limit - copy->octets->len;
    if (!copy->is_over)
        g_byte_array_append(copy->octets, (const guint8 *)octets, length);
    return !copy->is_over;
}

char *
dt_message_body(dt_message *message, gsize limit, gsize *length_out)
{
    body_copy copy = { g_byte_array_new(), MIN(limit, G_MAXUINT / 4), FALSE };
    gboolean is_read = dt_message_each_body(message, copy_body, &copy, NULL);
    gsize length = copy.octets->len;
    g_byte_array_append(copy.octets, (const guint8 *)"", 1);
    char *body = (char *)g_byte_array_free(copy.octets, FALSE);
    if (!is_read || copy.is_over)
        g_clear_pointer(&body, g_free);
    if (length_out)
        *length_out = body ? length : 0;
    return body;
}
