/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Where does the header begin and end (RFC 5322 2.1, mbox RFC 4155)? Before the first field may
 * stand a byte order mark, a From_ line, blank lines, or what was copied along from a web page that
 * shows a message's source. An empty line ends the header; a line of white space alone is a fold.
 * The fields themselves are field.c's.
 */
#include "message/internal.h"

#include <string.h>

typedef struct {
    const char *text;
    gsize length; /* without line end */
    gsize next;   /* offset of the line behind it */
} line;

/* Field names that stand in received mail only: text in front of them is none of the message. */
static const char *const transport_names[] = {
    "Received",
    "Return-Path",
    "Delivered-To",
    "X-Original-To",
    "DKIM-Signature",
    "Received-SPF",
    "Authentication-Results",
    "Message-ID",
    "MIME-Version",
    "Envelope-To",
    "Delivery-Date",
    "ARC-Seal",
    "X-Received",
    "Content-Type",
    "ARC-Message-Signature",
    "ARC-Authentication-Results",
    "X-Apparently-To",
    "X-Gmail-Labels",
    "X-MS-Exchange-Organization-AuthSource",
    "X-SES-Outgoing",
    "X-Envelope-From",
    "DomainKey-Signature",
};

/* Rows of the table above the source on a web page that may look like fields. */
static const char *const table_names[] = { "SPF", "DKIM", "DMARC" };

static gboolean
next_line(const char *octets, gsize length, gsize at, line *out)
{
    if (at >= length)
        return FALSE;
    const char *start = octets + at, *lf = memchr(start, '\n', length - at);
    const char *end = lf ? dt_line_end_start(start, lf) : octets + length;
    *out = (line){ start, end - start, lf ? (gsize)(lf + 1 - octets) : length };
    return TRUE;
}

/* White space, U+00A0 included, or nothing. */
static gboolean
is_blank(const line *l)
{
    for (gsize i = 0; i < l->length; i++) {
        if (l->text[i] == '\xc2' && i + 1 < l->length && l->text[i + 1] == '\xa0')
            i++;
        else if (!g_ascii_isspace(l->text[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean
name_is_among(const line *l, gsize name, const char *const *names, guint count)
{
    for (guint i = 0; i < count; i++)
        if (strlen(names[i]) == name && g_ascii_strncasecmp(l->text, names[i], name) == 0)
            return TRUE;
    return FALSE;
}

/* Can this be the first field? Stricter than what is a field later on: letters, digits, "-", "_"
 * and "."; no URL. */
static gsize
plausible_name(const line *l)
{
    gsize colon = 0, name = dt_field_name_length(l->text, l->length, &colon);
    if (name == 0)
        return 0;
    for (gsize i = 0; i < name; i++)
        if (!g_ascii_isalnum(l->text[i]) && !strchr("-_.", l->text[i]))
            return 0;
    if (name > 128 || (colon + 1 < l->length && memcmp(l->text + colon, "//", 2) == 0))
        return 0;
    return name;
}

static gboolean
is_transport(const line *l, gsize name)
{
    return name_is_among(l, name, transport_names, G_N_ELEMENTS(transport_names));
}

/* Is the paragraph at this offset a summary table: a row SPF, DKIM or DMARC, and nothing that
 * transport writes? Gives its end. */
static guint
count_table_rows(const char *octets, gsize length, gsize at, gsize *end_out, guint *lines_out)
{
    line l;
    guint rows = 0;
    for (*lines_out = 0; next_line(octets, length, at, &l) && !is_blank(&l);
         at = l.next, ++*lines_out) {
        gsize name = plausible_name(&l);
        if (is_transport(&l, name))
            break;
        rows += name_is_among(&l, name, table_names, G_N_ELEMENTS(table_names));
    }
    *end_out = at;
    return rows;
}

typedef struct {
    gsize at;
    guint line;
} place;

/* Over blank lines; TRUE if there was one. */
static gboolean
skip_blank_lines(const char *octets, gsize length, place *p)
{
    line l;
    guint from = p->line;
    while (next_line(octets, length, p->at, &l) && is_blank(&l))
        p->at = l.next, p->line++;
    return p->line > from;
}

/* Over text that is no header: to the first field that transport writes, else to the first field of
 * a paragraph, else to the first field at all. FALSE if there is none. */
static gboolean
skip_text(const char *octets, gsize length, place *p)
{
    place candidate[2] = { { length, 0 }, { length, 0 } }; /* behind a blank line, anywhere */
    line l;
    gboolean was_blank = FALSE;
    for (place q = *p; next_line(octets, length, q.at, &l); q.at = l.next, q.line++) {
        gsize name = plausible_name(&l);
        if (is_transport(&l, name)) {
            *p = q;
            return TRUE;
        }
        if (name > 0 && was_blank && candidate[0].at == length)
            candidate[0] = q;
        if (name > 0 && candidate[1].at == length)
            candidate[1] = q;
        was_blank = is_blank(&l);
    }
    *p = candidate[0].at < length ? candidate[0] : candidate[1];
    return p->at < length;
}

/* "From joe@example.com Wed Oct 14 ..."; "From : joe@example.com" is a field. */
static gboolean
is_mbox_line(const line *l)
{
    gsize colon;
    gboolean is_quoted = l->length > 0 && l->text[0] == '>';
    return l->length > 5 + (gsize)is_quoted && memcmp(l->text + is_quoted, "From ", 5) == 0 &&
           dt_field_name_length(l->text, l->length, &colon) == 0;
}

/* Over a summary table, if a header follows it. */
static gboolean
skip_table(const char *octets, gsize length, place *p, dt_header_start *start)
{
    place q = *p;
    gsize end;
    guint lines;
    line l;
    guint rows = count_table_rows(octets, length, q.at, &end, &lines);
    if (rows == 0)
        return FALSE;
    q.at = end, q.line += lines;
    skip_blank_lines(octets, length, &q);
    if (!(next_line(octets, length, q.at, &l) && plausible_name(&l) > 0) &&
        !skip_text(octets, length, &q)) {
        start->is_summary = rows >= 2;
        return start->is_summary;
    }
    *p = q;
    start->is_found = start->has_leading = TRUE;
    return TRUE;
}

dt_header_start
dt_header_find_start(const char *octets, gsize length)
{
    dt_header_start start = { 0 };
    place p = { 0, 0 };
    line l;
    if (length >= 3 && memcmp(octets, "\xef\xbb\xbf", 3) == 0)
        start.has_bom = TRUE, p.at = 3;
    start.has_leading = skip_blank_lines(octets, length, &p);
    while (next_line(octets, length, p.at, &l) && is_mbox_line(&l)) {
        start.has_mbox_line = TRUE;
        p.at = l.next, p.line++;
        if (skip_blank_lines(octets, length, &p))
            start.has_leading = TRUE;
    }
    if (!skip_table(octets, length, &p, &start)) {
        start.is_found = next_line(octets, length, p.at, &l) && plausible_name(&l) > 0;
        if (!start.is_found) {
            start.is_found = skip_text(octets, length, &p);
            start.has_leading = TRUE;
        }
    }
    start.start = p.at;
    start.line = p.line;
    return start;
}

gsize
dt_header_find_end(const char *octets, gsize length, gsize *at)
{
    const char *end = octets + length, *start = octets + *at, *lf;
    while (start < end && (lf = memchr(start, '\n', end - start))) {
        if (dt_line_end_start(start, lf) == start)
            return lf + 1 - octets;
        start = lf + 1;
        *at = start - octets;
    }
    return 0;
}
