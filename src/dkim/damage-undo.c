/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Changes of a whole body, each undone on a copy in one stroke: quoting and stuffing of lines,
 * doubled or missing blank lines, other character sets and transfer encodings, wrapping by lists.
 * Which of them happened is for damage-body.c to find.
 */
#include "dkim/damage.h"
#include "base/text.h"

#include <string.h>

/* Each line without its line end goes through edit, which appends what it makes of it. NULL if
 * nothing changes. */
static GString *
each_line(const GString *body, void (*edit)(const char *line, gsize length, GString *out))
{
    GString *out = g_string_sized_new(body->len + 64);
    for (gsize at = 0; at < body->len;) {
        const char *line = body->str + at;
        const char *end = memchr(line, '\n', body->len - at);
        gsize whole = end ? (gsize)(end - line) + 1 : body->len - at;
        gsize length = whole >= 2 && line[whole - 2] == '\r' ? whole - 2 : whole;
        edit(line, length, out);
        g_string_append_len(out, line + length, (gssize)(whole - length));
        at += whole;
    }
    if (out->len != body->len || memcmp(out->str, body->str, out->len) != 0)
        return out;
    g_string_free(out, TRUE);
    return NULL;
}

static void
edit_from(const char *line, gsize length, GString *out)
{
    gsize marks = 0;
    while (marks < length && line[marks] == '>')
        marks++;
    gboolean is_quoted = marks > 0 && length - marks >= 5 && memcmp(line + marks, "From ", 5) == 0;
    g_string_append_len(out, line + (is_quoted ? 1 : 0), (gssize)(length - (is_quoted ? 1 : 0)));
}

static GString *
undo_from_quoting(const GString *body, const dt_message *message)
{
    return each_line(body, edit_from);
}

static void
edit_dots(const char *line, gsize length, GString *out)
{
    gboolean is_stuffed = length >= 2 && line[0] == '.' && line[1] == '.';
    g_string_append_len(out, line + (is_stuffed ? 1 : 0), (gssize)(length - (is_stuffed ? 1 : 0)));
}

static GString *
undo_dot_stuffing(const GString *body, const dt_message *message)
{
    return each_line(body, edit_dots);
}

static void
edit_lost_dots(const char *line, gsize length, GString *out)
{
    if (length > 0 && line[0] == '.')
        g_string_append_c(out, '.');
    g_string_append_len(out, line, (gssize)length);
}

static GString *
undo_lost_dots(const GString *body, const dt_message *message)
{
    return each_line(body, edit_lost_dots);
}

static void
edit_trailing(const char *line, gsize length, GString *out)
{
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    g_string_append_len(out, line, (gssize)length);
}

static GString *
undo_added_blanks(const GString *body, const dt_message *message)
{
    return each_line(body, edit_trailing);
}

static GString *
undo_leading_lines(const GString *body, const dt_message *message)
{
    gsize at = 0;
    while (at + 2 <= body->len && memcmp(body->str + at, "\r\n", 2) == 0)
        at += 2;
    return at > 0 ? g_string_new_len(body->str + at, (gssize)(body->len - at)) : NULL;
}

static GString *
undo_lost_leading_line(const GString *body, const dt_message *message)
{
    GString *out = g_string_new("\r\n");
    return g_string_append_len(out, body->str, (gssize)body->len);
}

/* Every line end doubled, as by a conversion that met CR LF twice: one blank line of each run goes.
 */
static GString *
undo_doubled_lines(const GString *body, const dt_message *message)
{
    GString *out = g_string_sized_new(body->len);
    for (gsize at = 0; at < body->len;) {
        const char *end = memchr(body->str + at, '\n', body->len - at);
        gsize whole = end ? (gsize)(end - body->str) + 1 - at : body->len - at;
        g_string_append_len(out, body->str + at, (gssize)whole);
        at += whole;
        if (at + 2 <= body->len && memcmp(body->str + at, "\r\n", 2) == 0) {
            at += 2;
        } else if (at < body->len) {
            g_string_free(out, TRUE);
            return NULL;
        }
    }
    return out;
}

/* Long lines cut with "!" by old mailers. */
static GString *
undo_cut_lines(const GString *body, const dt_message *message)
{
    if (!strstr(body->str, "!\r\n "))
        return NULL;
    g_auto(GStrv) parts = g_strsplit(body->str, "!\r\n ", -1);
    g_autofree char *joined = g_strjoinv("", parts);
    return g_string_new(joined);
}

static GString *
recode(const GString *body, const char *to, const char *from)
{
    gsize length = 0;
    g_autofree char *out = g_convert(body->str, (gssize)body->len, to, from, NULL, &length, NULL);
    gboolean is_same = !out || (length == body->len && memcmp(out, body->str, length) == 0);
    return is_same ? NULL : g_string_new_len(out, (gssize)length);
}

static GString *
undo_to_utf8(const GString *body, const dt_message *message)
{
    return g_utf8_validate(body->str, (gssize)body->len, NULL) ? recode(body, "ISO-8859-1", "UTF-8")
                                                               : NULL;
}

static GString *
undo_to_utf8_windows(const GString *body, const dt_message *message)
{
    return g_utf8_validate(body->str, (gssize)body->len, NULL)
               ? recode(body, "WINDOWS-1252", "UTF-8")
               : NULL;
}

static GString *
undo_from_utf8(const GString *body, const dt_message *message)
{
    return g_utf8_validate(body->str, (gssize)body->len, NULL)
               ? NULL
               : recode(body, "UTF-8", "WINDOWS-1252");
}

static gboolean
take_hex(const char *at, gsize left, GString *out)
{
    if (left < 3 || !g_ascii_isxdigit(at[1]) || !g_ascii_isxdigit(at[2]))
        return FALSE;
    g_string_append_c(out, (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
    return TRUE;
}

static void
decode_quoted(const char *text, gsize length, GString *out)
{
    for (gsize i = 0; i < length; i++) {
        if (text[i] != '=') {
            g_string_append_c(out, text[i]);
        } else if (i + 2 < length && text[i + 1] == '\r' && text[i + 2] == '\n') {
            i += 2;
        } else if (take_hex(text + i, length - i, out)) {
            i += 2;
        } else {
            g_string_append_c(out, '=');
        }
    }
}

static gboolean
has_encoding(const dt_message *message, const char *word)
{
    const dt_field *field = dt_message_find(message, "Content-Transfer-Encoding", 0);
    g_autofree char *value = field ? dt_field_value(field) : NULL;
    return value && dt_text_equal(value, word);
}

static GString *
undo_to_quoted(const GString *body, const dt_message *message)
{
    if (!has_encoding(message, "quoted-printable"))
        return NULL;
    GString *out = g_string_sized_new(body->len);
    decode_quoted(body->str, body->len, out);
    return out;
}

static gboolean
is_lf_only(const guint8 *octets, gsize length)
{
    const guint8 *lf = memchr(octets, '\n', length);
    return lf && (lf == octets || lf[-1] != '\r');
}

static GString *
undo_to_base64(const GString *body, const dt_message *message)
{
    gsize length = 0;
    g_autofree guint8 *plain =
        has_encoding(message, "base64") ? dt_text_base64(body->str, &length) : NULL;
    if (!plain || length == 0)
        return NULL;
    GString *out = g_string_sized_new(length + 2);
    gboolean needs_cr = is_lf_only(plain, length);
    for (gsize i = 0; i < length; i++) {
        if (plain[i] == '\n' && needs_cr)
            g_string_append_c(out, '\r');
        g_string_append_c(out, (char)plain[i]);
    }
    return g_str_has_suffix(out->str, "\r\n") ? out : g_string_append(out, "\r\n");
}

/* base64 once more, in lines of 76. */
static GString *
undo_from_base64(const GString *body, const dt_message *message)
{
    if (!has_encoding(message, "8bit") && !has_encoding(message, "7bit"))
        return NULL;
    g_autofree char *text = g_base64_encode((const guchar *)body->str, body->len);
    gsize length = strlen(text);
    GString *out = g_string_sized_new(length + length / 38 + 4);
    for (gsize at = 0; at < length; at += 76) {
        g_string_append_len(out, text + at, (gssize)MIN(76, length - at));
        g_string_append(out, "\r\n");
    }
    return out;
}

/* The usual quoted-printable of an 8bit text: soft line ends after 75 octets. */
static void
edit_quoted(const char *line, gsize length, GString *out)
{
    gsize column = 0;
    for (gsize i = 0; i < length; i++) {
        guint8 octet = (guint8)line[i];
        gboolean is_last_blank = (octet == ' ' || octet == '\t') && i + 1 == length;
        gboolean is_plain =
            octet != '=' && (octet == '\t' || (octet >= 32 && octet < 127)) && !is_last_blank;
        gsize width = is_plain ? 1 : 3;
        if (column + width > (i + 1 == length ? 76u : 75u)) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        if (is_plain)
            g_string_append_c(out, (char)octet);
        else
            g_string_append_printf(out, "=%02X", octet);
        column += width;
    }
}

static GString *
undo_from_quoted(const GString *body, const dt_message *message)
{
    return has_encoding(message, "8bit") || has_encoding(message, "7bit")
               ? each_line(body, edit_quoted)
               : NULL;
}

/* Quoted-printable parts of a multipart made 8bit, with their labels: as before a relay that lacks
 * 8BITMIME. */
static GString *
undo_quoted_parts(const GString *body, const dt_message *message)
{
    static const char label[] = "\r\nContent-Transfer-Encoding: quoted-printable";
    static const char was[] = "\r\nContent-Transfer-Encoding: 8bit";
    const char *at = body->str, *hit;
    if (!strstr(body->str, label))
        return NULL;
    GString *out = g_string_sized_new(body->len);
    while ((hit = strstr(at, label))) {
        const char *start = strstr(hit, "\r\n\r\n");
        const char *end = start ? strstr(start, "\r\n--") : NULL;
        if (!end)
            break;
        g_string_append_len(out, at, hit - at);
        g_string_append(out, was);
        hit += sizeof label - 1;
        g_string_append_len(out, hit, start - hit);
        decode_quoted(start, (gsize)(end - start), out);
        at = end;
    }
    return g_string_append(out, at);
}

/* A list put the message as first part into a multipart of its own: what stood in that part. */
static GString *
undo_wrapping(const GString *body, const dt_message *message)
{
    const char *start = g_str_has_prefix(body->str, "--") ? body->str : strstr(body->str, "\r\n--");
    if (!start)
        return NULL;
    start += *start == '\r' ? 2 : 0;
    const char *line_end = strstr(start, "\r\n");
    if (!line_end || line_end - start > 80)
        return NULL;
    g_autofree char *delimiter = g_strdup_printf("\r\n%.*s", (int)(line_end - start), start);
    const char *text = strstr(line_end, "\r\n\r\n");
    const char *end = text ? strstr(text + 2, delimiter) : NULL;
    if (!end || end < text + 4)
        return NULL;
    GString *out = g_string_new_len(text + 4, end - text - 4);
    return g_string_append(out, "\r\n");
}

const dt_body_undo DT_BODY_UNDOS[] = {
    { "from-quoting", "saving", "\">\" was put before lines that begin with \"From \"",
      undo_from_quoting },
    { "dot-stuffing", "saving", "a dot was put before lines that begin with one",
      undo_dot_stuffing },
    { "dots-lost", "way", "lines lost their first dot", undo_lost_dots },
    { "leading-lines", "saving", "blank lines were put before the body", undo_leading_lines },
    { "leading-line-lost", "saving", "a blank line before the body was lost",
      undo_lost_leading_line },
    { "lines-doubled", "saving", "a blank line was put behind every line", undo_doubled_lines },
    { "trailing-spaces-added", "way", "lines gained blanks at their end", undo_added_blanks },
    { "lines-cut", "way", "long lines were cut with \"!\"", undo_cut_lines },
    { "list-wrapping", "way", "the body was put into a multipart of a list", undo_wrapping },
    { "body-recoded", "way", "the body was recoded to quoted-printable", undo_to_quoted },
    { "body-recoded", "way", "the body was recoded to base64", undo_to_base64 },
    { "body-recoded", "way", "the parts were recoded to quoted-printable", undo_quoted_parts },
    { "body-recoded", "way", "the body was recoded from quoted-printable", undo_from_quoted },
    { "body-recoded", "way", "the body was recoded from base64", undo_from_base64 },
    { "charset-changed", "way", "the text was recoded from ISO-8859-1 to UTF-8", undo_to_utf8 },
    { "charset-changed", "way", "the text was recoded from Windows-1252 to UTF-8",
      undo_to_utf8_windows },
    { "charset-changed", "way", "the text was recoded from UTF-8", undo_from_utf8 },
};
const guint DT_BODY_UNDO_COUNT = G_N_ELEMENTS(DT_BODY_UNDOS);
