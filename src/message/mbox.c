/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Where do the messages of an mbox begin and end (RFC 4155, and what mail programs made of it)? A
 * From_ line with a date parts them, behind an empty line or in front of a header field; one
 * without a date only where a field of mail follows. A Content-Length that leads to the next
 * From_ line or to the end is believed (mboxcl), any other is not. Quoting (">From") stays as
 * it is. Nothing here reads a message: a bad one is its reader's trouble.
 */
#include "message/internal.h"

#include <string.h>

/* Octets that are searched at a time, and that are looked at behind a line's start. */
#define WINDOW (256 * 1024)
#define AHEAD  1024

/* A header longer than this may not be searched for its Content-Length. */
#define MAX_HEAD (64 * 1024)

struct dt_mbox {
    gint refs;
    char *label;
    dt_input input;
    guint64 next; /* of the next From_ line; the input's length at its end */
    guint next_index;
    char *window;
    guint64 window_start;
    gsize window_length;
};

/* ---- From_ lines --------------------------------------------------------------------------- */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* "10:21" or "10:21:39", one digit for the hour allowed. */
static gboolean
is_time(const char *word)
{
    gsize hour = strspn(word, "0123456789");
    return hour >= 1 && hour <= 2 && word[hour] == ':' && g_ascii_isdigit(word[hour + 1]) &&
           g_ascii_isdigit(word[hour + 2]) && !g_ascii_isdigit(word[hour + 3]);
}

/* "Oct", or a whole date as "2026-10-14". */
static gboolean
is_month(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(months); i++)
        if (g_ascii_strncasecmp(word, months[i], 3) == 0 && !g_ascii_isalpha(word[3]))
            return TRUE;
    return strspn(word, "0123456789") == 4 && word[4] == '-' && g_ascii_isdigit(word[5]);
}

/* Has what stands behind "From " a date, in any of the forms that are in use? */
static gboolean
is_dated(const char *rest)
{
    gboolean has_time = FALSE, has_month = FALSE;
    g_auto(GStrv) words = g_strsplit_set(rest, " \t", 40);
    for (char **word = words; *word; word++) {
        const char *iso = strchr(*word, 'T');
        has_month = has_month || is_month(*word);
        has_time = has_time || is_time(*word) || (is_month(*word) && iso && is_time(iso + 1));
    }
    return has_time && has_month;
}

/* An address and nothing else; blanks only inside a quoted local part. */
static gboolean
is_address(const char *rest)
{
    const char *quote = rest[0] == '"' ? strrchr(rest, '"') : NULL;
    const char *plain = quote > rest ? quote + 1 : rest;
    return strchr(plain, '@') && !strpbrk(plain, " \t");
}

/* No date, but a line that some programs write: nothing, "-", an address alone. */
static gboolean
is_bare(const char *rest)
{
    return !rest[0] || strcmp(rest, "-") == 0 || strcmp(rest, "MAILER-DAEMON") == 0 ||
           is_address(rest);
}

static const char *const first_names[] = {
    "X-Mozilla-Status",
    "X-Account-Key",
    "Received",
    "Return-Path",
    "From",
    "Date",
    "Subject",
    "To",
    "Message-ID",
    "Delivered-To",
    "MIME-Version",
    "Content-Type",
    "Status",
    "Envelope-To",
    "DKIM-Signature",
};

/* Is a line a header field, or (is_known) one of those that headers in an mbox begin with? */
static gboolean
is_field(const char *line, gsize length, gboolean is_known)
{
    gsize colon = 0, name = dt_field_name_length(line, length, &colon);
    if (name == 0 || name > 128 || !is_known)
        return name > 0 && name <= 128;
    for (guint i = 0; i < G_N_ELEMENTS(first_names); i++)
        if (strlen(first_names[i]) == name && g_ascii_strncasecmp(line, first_names[i], name) == 0)
            return TRUE;
    return FALSE;
}

/* A line and the one behind it, as is_separator wants to see them. */
static gboolean
line_separates(const char *line, gsize length, gboolean is_behind_empty)
{
    const char *lf = memchr(line, '\n', length);
    if (length < 5 || memcmp(line, "From ", 5) != 0 || (!lf && length >= AHEAD))
        return FALSE;
    const char *end = lf ? dt_line_end_start(line, lf) : line + length;
    g_autofree char *rest = g_strstrip(g_strndup(line + 5, end > line + 5 ? end - line - 5 : 0));
    const char *next = lf ? lf + 1 : line + length, *stop = line + length;
    const char *next_end = next < stop ? memchr(next, '\n', stop - next) : NULL;
    gsize next_length = (next_end ? next_end : stop) - next;
    if (is_dated(rest))
        return is_behind_empty || is_field(next, next_length, FALSE);
    return is_behind_empty && is_bare(rest) && is_field(next, next_length, TRUE);
}

/* Octets from offset on, as many as there are up to length. */
static gboolean
look(const dt_mbox *mbox, guint64 offset, char *buffer, gsize *length, GError **error)
{
    *length = MIN(*length, mbox->input.length - offset);
    return dt_input_read(&mbox->input, offset, buffer, *length, error);
}

/* Does a message begin at this offset, which is the start of a line? */
static gboolean
is_separator(const dt_mbox *mbox, guint64 line, gboolean *result_out, GError **error)
{
    char text[AHEAD + 3];
    gsize before = MIN(line, 3), length = before + AHEAD;
    if (!look(mbox, line - before, text, &length, error))
        return FALSE;
    const char *at = text + before;
    gboolean is_behind_empty =
        line == 0 || (before >= 2 && at[-1] == '\n' && at[-2] == '\n') ||
        (before >= 3 && at[-1] == '\n' && at[-2] == '\r' && at[-3] == '\n') ||
        (line <= 2 && (at[-1] == '\n'));
    *result_out = line_separates(at, length - before, is_behind_empty);
    return TRUE;
}

/* ---- searching ----------------------------------------------------------------------------- */

/* What the window holds from offset on; it is filled anew where fewer than wanted octets are left
 * in it. */
static const char *
window_at(dt_mbox *mbox, guint64 offset, gsize wanted, gsize *length_out, GError **error)
{
    guint64 end = mbox->window_start + mbox->window_length;
    gboolean is_held = offset >= mbox->window_start && offset < end &&
                       (end - offset >= wanted || end == mbox->input.length);
    if (!is_held) {
        mbox->window_start = offset;
        mbox->window_length = WINDOW;
        if (!look(mbox, offset, mbox->window, &mbox->window_length, error)) {
            mbox->window_length = 0;
            return NULL;
        }
    }
    *length_out = mbox->window_start + mbox->window_length - offset;
    return mbox->window + (offset - mbox->window_start);
}

/* The first From_ line behind offset; the input's length if there is none. */
static gboolean
find_next(dt_mbox *mbox, guint64 offset, guint64 *next_out, GError **error)
{
    static const char start[] = "\nFrom ";
    *next_out = mbox->input.length;
    while (offset + 6 <= mbox->input.length) {
        gsize length = 0;
        const char *octets = window_at(mbox, offset, 6, &length, error);
        if (!octets)
            return FALSE;
        const char *found = memmem(octets, length, start, 6);
        if (!found) {
            offset += length - 5;
            continue;
        }
        guint64 line = offset + (found - octets) + 1;
        gboolean is_it = FALSE;
        if (!is_separator(mbox, line, &is_it, error))
            return FALSE;
        if (is_it) {
            *next_out = line;
            return TRUE;
        }
        offset = line;
    }
    return TRUE;
}

/* ---- Content-Length ------------------------------------------------------------------------ */

/* The value of Content-Length in a header's lines; FALSE if there is none that is a number. */
static gboolean
read_content_length(const char *head, gsize length, guint64 *value_out)
{
    const char *end = head + length;
    for (const char *line = head; line < end;) {
        const char *lf = memchr(line, '\n', end - line);
        gsize line_length = (lf ? lf : end) - line;
        if (line_length > 15 && g_ascii_strncasecmp(line, "Content-Length:", 15) == 0) {
            g_autofree char *text = g_strstrip(g_strndup(line + 15, line_length - 15));
            return g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, value_out, NULL);
        }
        line = lf ? lf + 1 : end;
    }
    return FALSE;
}

/* The Content-Length in the header of the message at start, which is looked at no further than to
 * limit (so that many From_ lines without a header cost no more than one) and the window's end.
 * Where the body begins in *body_out; 0: no length was found. */
static gboolean
find_content_length(dt_mbox *mbox, guint64 start, guint64 limit, guint64 *body_out,
                    guint64 *value_out, GError **error)
{
    gsize length = 0, at = 0, wanted = MIN(limit - start, MAX_HEAD);
    const char *octets = window_at(mbox, start, wanted, &length, error);
    *value_out = 0;
    *body_out = 0;
    if (!octets)
        return FALSE;
    gsize end = dt_header_find_end(octets, MIN(length, limit - start), &at);
    if (end > 0 && read_content_length(octets, end, value_out))
        *body_out = start + end;
    return TRUE;
}

/* Is offset a place where a message may end: the end of the input or a From_ line, one or two empty
 * lines before it allowed? Where that From_ line is in *next_out. */
static gboolean
ends_here(const dt_mbox *mbox, guint64 offset, guint64 *next_out, GError **error)
{
    char text[AHEAD];
    gsize length = sizeof text, skipped = 0;
    *next_out = 0;
    if (!look(mbox, offset, text, &length, error))
        return FALSE;
    while (skipped < length && skipped < 4 && (text[skipped] == '\n' || text[skipped] == '\r'))
        skipped++;
    if (offset + skipped == mbox->input.length)
        *next_out = mbox->input.length;
    else if (line_separates(text + skipped, length - skipped, TRUE))
        *next_out = offset + skipped;
    return TRUE;
}

/* Puts the end that Content-Length names in place of the one that was found, if it can be
 * believed. */
static gboolean
apply_content_length(dt_mbox *mbox, guint64 start, guint64 *end, guint64 *next, GError **error)
{
    guint64 body, value, following;
    if (!find_content_length(mbox, start, *next, &body, &value, error))
        return FALSE;
    if (body == 0 || value > mbox->input.length - body)
        return TRUE;
    if (!ends_here(mbox, body + value, &following, error))
        return FALSE;
    if (following > 0) {
        *end = body + value;
        *next = following;
    }
    return TRUE;
}

/* The empty line in front of the next From_ line (or the end of the file) is none of the
 * message's. */
static gboolean
without_empty_line(const dt_mbox *mbox, guint64 start, guint64 *end, GError **error)
{
    char text[3];
    gsize length = MIN(*end - start, 3);
    if (!dt_input_read(&mbox->input, *end - length, text, length, error))
        return FALSE;
    if (length >= 2 && text[length - 1] == '\n' && text[length - 2] == '\n')
        *end -= 1;
    else if (length == 3 && memcmp(text, "\n\r\n", 3) == 0)
        *end -= 2;
    return TRUE;
}

/* ---- the outside --------------------------------------------------------------------------- */

dt_mbox *
dt_mbox_ref(dt_mbox *mbox)
{
    g_atomic_int_inc(&mbox->refs);
    return mbox;
}

void
dt_mbox_unref(dt_mbox *mbox)
{
    if (!mbox || !g_atomic_int_dec_and_test(&mbox->refs))
        return;
    dt_input_clear(&mbox->input);
    g_free(mbox->window);
    g_free(mbox->label);
    g_free(mbox);
}

/* Empty lines may stand before the first From_ line. */
static gboolean
find_first(dt_mbox *mbox, GError **error)
{
    char text[AHEAD];
    gsize length = sizeof text, skipped = 0;
    if (!look(mbox, 0, text, &length, error))
        return FALSE;
    while (skipped < length && (text[skipped] == '\n' || text[skipped] == '\r'))
        skipped++;
    if (length - skipped >= 5 && memcmp(text + skipped, "From ", 5) == 0) {
        mbox->next = skipped;
        return TRUE;
    }
    if (length == 0)
        return TRUE;
    g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                "%s: is no mbox: it does not begin with a From line", mbox->label);
    return FALSE;
}

static dt_mbox *
mbox_finish(dt_mbox *mbox, gboolean is_open, GError **error)
{
    if (is_open && find_first(mbox, error))
        return mbox;
    dt_mbox_unref(mbox);
    return NULL;
}

static dt_mbox *
mbox_new(const char *label)
{
    dt_mbox *mbox = g_new0(dt_mbox, 1);
    mbox->refs = 1;
    mbox->label = g_strdup(label);
    mbox->input = (dt_input)DT_INPUT_NONE;
    mbox->window = g_malloc(WINDOW);
    return mbox;
}

dt_mbox *
dt_mbox_open_file(const char *path, GError **error)
{
    dt_mbox *mbox = mbox_new(path);
    return mbox_finish(mbox, dt_input_open_file(&mbox->input, path, error), error);
}

dt_mbox *
dt_mbox_open_fd(int fd, const char *label, GError **error)
{
    dt_mbox *mbox = mbox_new(label);
    return mbox_finish(mbox, dt_input_open_fd(&mbox->input, fd, label, error), error);
}

dt_mbox *
dt_mbox_open_bytes(GBytes *bytes, const char *label, GError **error)
{
    dt_mbox *mbox = mbox_new(label);
    return mbox_finish(mbox, dt_input_open_bytes(&mbox->input, bytes, label, error), error);
}

gboolean
dt_mbox_next(dt_mbox *mbox, dt_mbox_entry *entry_out, GError **error)
{
    guint64 start = mbox->next, end, next;
    if (start >= mbox->input.length)
        return FALSE;
    gboolean is_ok = find_next(mbox, start, &next, error);
    end = next;
    is_ok = is_ok && without_empty_line(mbox, start, &end, error) &&
            apply_content_length(mbox, start, &end, &next, error);
    mbox->next = is_ok ? next : mbox->input.length;
    if (!is_ok)
        return FALSE;
    *entry_out =
        (dt_mbox_entry){ .index = mbox->next_index++, .offset = start, .length = end - start };
    return TRUE;
}

dt_message *
dt_mbox_read(const dt_mbox *mbox, const dt_mbox_entry *entry, GError **error)
{
    return dt_message_read_entry(&mbox->input, mbox->label, entry, error);
}

gboolean
dt_mbox_each_octet(const dt_mbox *mbox, const dt_mbox_entry *entry, dt_body_func func,
                   gpointer data, GError **error)
{
    return dt_input_each(&mbox->input, entry->offset, entry->offset + entry->length, func, data,
                         error);
}
