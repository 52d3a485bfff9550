/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The fields of a header, octet by octet as received (RFC 5322 2.2, 3.6.8; obsolete white space
 * before the colon 4.5). A line that is no field is kept in its place with an empty name. What a
 * value means is for the parsers of single fields.
 */
#include "message/internal.h"
#include "base/text.h"

#include <string.h>

/* Fields by which a header is known to be one of mail. */
static const char *const known_names[] = {
    "From",
    "To",
    "Cc",
    "Bcc",
    "Subject",
    "Date",
    "Sender",
    "Reply-To",
    "Message-ID",
    "Received",
    "Return-Path",
    "Delivered-To",
    "DKIM-Signature",
    "MIME-Version",
    "Content-Type",
    "Received-SPF",
    "Authentication-Results",
    "ARC-Seal",
    "In-Reply-To",
    "References",
    "Resent-From",
    "Feedback-ID",
    "List-ID",
    "Apparently-To",
    "Auto-Submitted",
    "Errors-To",
    "ARC-Message-Signature",
};

gsize
dt_field_name_length(const char *line, gsize length, gsize *colon_out)
{
    gsize i = 0;
    while (i < length && line[i] > ' ' && line[i] < 0x7f && line[i] != ':')
        i++;
    gsize name = i;
    while (i < length && (line[i] == ' ' || line[i] == '\t'))
        i++;
    if (name == 0 || i == length || line[i] != ':')
        return 0;
    *colon_out = i + 1;
    return name;
}

/* The end of the field that begins at start: the first LF that no white space follows, or end. */
static const char *
field_end(const char *start, const char *end, guint *lines_out)
{
    *lines_out = 1;
    const char *lf = memchr(start, '\n', end - start);
    while (lf && lf + 1 < end && (lf[1] == ' ' || lf[1] == '\t')) {
        ++*lines_out;
        lf = memchr(lf + 1, '\n', end - lf - 1);
    }
    return lf ? lf : end;
}

gboolean
dt_field_scan(GArray *fields, const char *octets, gsize length, gsize offset, guint line)
{
    const char *at = octets, *end = octets + length;
    while (at < end) {
        guint lines;
        const char *lf = field_end(at, end, &lines);
        const char *stop = lf < end ? dt_line_end_start(at, lf) : end;
        if (stop == at)
            break; /* the empty line */
        if (fields->len >= DT_MAX_FIELDS || stop - at > DT_MAX_FIELD_LENGTH)
            return FALSE;
        dt_field field = { .index = fields->len, .line = line, .line_count = lines, .raw = at };
        field.offset = offset + (at - octets);
        field.raw_length = stop - at;
        field.name_length = dt_field_name_length(at, stop - at, &field.value_offset);
        g_array_append_val(fields, field);
        line += lines;
        at = lf < end ? lf + 1 : end;
    }
    return TRUE;
}

gboolean
dt_field_is(const dt_field *field, const char *name)
{
    return field->name_length > 0 && field->name_length == strlen(name) &&
           g_ascii_strncasecmp(field->raw, name, field->name_length) == 0;
}

/* "From", blanks and what is no printable ASCII left out, and the colon. */
static gboolean
names_from(const char *at, const char *end)
{
    const char *word = "from:";
    for (; at < end && *word; at++) {
        if (*at <= ' ' || *at >= 0x7f)
            continue;
        if (g_ascii_tolower(*at) != *word)
            return FALSE;
        word++;
    }
    return *word == '\0';
}

/* Behind the next CR that no LF follows, further CRs between them; NULL if there is none. */
static const char *
behind_lone_cr(const char *at, const char *end)
{
    while ((at = memchr(at, '\r', end - at))) {
        while (at < end && *at == '\r')
            at++;
        if (at == end || *at != '\n')
            return at;
    }
    return NULL;
}

gboolean
dt_field_has_lone_cr(const dt_field *field)
{
    const char *end = field->raw + field->raw_length;
    return behind_lone_cr(field->raw, end) != NULL;
}

gboolean
dt_field_hides_from(const dt_field *field)
{
    const char *at = field->raw, *end = at + field->raw_length;
    if (field->name_length == 0 && names_from(at, end))
        return TRUE;
    while ((at = behind_lone_cr(at, end)))
        if (names_from(at, end))
            return TRUE;
    return FALSE;
}

gboolean
dt_field_any_known(const GArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        const dt_field *field = &g_array_index(fields, dt_field, i);
        if (field->name_length > 2 && g_ascii_strncasecmp(field->raw, "X-", 2) == 0)
            return TRUE;
        for (guint k = 0; k < G_N_ELEMENTS(known_names); k++)
            if (dt_field_is(field, known_names[k]))
                return TRUE;
    }
    return FALSE;
}

static gboolean
is_outer_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value without line ends of folds; a CR that stands elsewhere stays. */
static GString *
unfold(const char *start, const char *end)
{
    GString *value = g_string_sized_new(end - start);
    while (start < end) {
        const char *lf = memchr(start, '\n', end - start);
        const char *stop = lf ? dt_line_end_start(start, lf) : end;
        g_string_append_len(value, start, stop - start);
        start = lf ? lf + 1 : end;
    }
    return value;
}

/* C strings end at a NUL, so one in the value becomes a blank. */
static void
replace_nul(GString *value)
{
    for (char *nul = value->str; (nul = memchr(nul, '\0', value->str + value->len - nul));)
        *nul = ' ';
}

static GString *
unfolded_value(const dt_field *field)
{
    const char *start = field->raw + field->value_offset, *end = field->raw + field->raw_length;
    while (start < end && is_outer_space(*start))
        start++;
    while (end > start && is_outer_space(end[-1]))
        end--;
    return unfold(start, end);
}

char *
dt_field_value(const dt_field *field)
{
    GString *value = unfolded_value(field);
    replace_nul(value);
    return g_string_free(value, FALSE);
}

char *
dt_field_decoded(const dt_field *field)
{
    GString *value = unfolded_value(field);
    char *decoded = dt_decode_words(value->str, value->len);
    g_string_free(value, TRUE);
    return decoded;
}

char *
dt_field_wire(const dt_field *field, gsize *length_out)
{
    GString *wire = g_string_sized_new(field->raw_length + field->line_count + 1);
    const char *start = field->raw, *end = field->raw + field->raw_length, *lf;
    while ((lf = memchr(start, '\n', end - start))) {
        g_string_append_len(wire, start, dt_line_end_start(start, lf) - start);
        g_string_append(wire, "\r\n");
        start = lf + 1;
    }
    g_string_append_len(wire, start, end - start);
    if (length_out)
        *length_out = wire->len;
    return g_string_free(wire, FALSE);
}
