/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which octets of a message does the filter leave out, and where does it put its own? A pass over
 * the whole header, also over what lies past the limits of the message reader: what it did not read
 * may be forged all the same. Fields end as there (RFC 5322 2.2); whose an Authentication-Results
 * field is (RFC 8601 2.2, 5), its parser says.
 */
#include "report/filter.h"

#include "base/text.h"

#include <string.h>

/* A longer field is judged by its beginning. */
#define MAX_HELD DT_MAX_FIELD_LENGTH

typedef enum { IN_HEADER = 0, BETWEEN, IN_BODY } place;

typedef struct {
    const dt_strain *strain;
    place place;
    guint64 offset; /* of the octet that comes next */
    guint64 held_offset;
    GByteArray
        *held; /* the field that is not finished: whole lines and what there is of the last */
    gboolean is_judged;  /* the field is longer than what is held of one: its fate is decided */
    gboolean is_dropped; /* that fate */
    gboolean is_in_line; /* the last line held is not finished */
    gboolean has_added;
    gboolean is_stopped;
    guint removed_count;
    char line_end[4]; /* of the last line seen */
} run;

gboolean
dt_authres_carries(const char *field, gsize length, const char *authserv_id)
{
    gboolean is_cut = length >= MAX_HELD;
    g_autoptr(GBytes) bytes = g_bytes_new(field, MIN(length, MAX_HELD - 1));
    g_autoptr(dt_message) message = dt_message_read_bytes(bytes, "field", NULL);
    const GPtrArray *recorded = message ? dt_message_recorded(message) : NULL;
    const char *id =
        recorded && recorded->len > 0 ? ((dt_recorded *)recorded->pdata[0])->authserv_id : NULL;
    /* Where the id does not come within a mebibyte of comments it can be anyone's. */
    if (is_cut && (!id || id[0] == '('))
        return TRUE;
    return id && dt_text_equal(id, authserv_id);
}

/* ---- one field ----------------------------------------------------------------------------- */

static gboolean
has_name(const GByteArray *field, const char *name)
{
    const char *octets = (const char *)field->data, *end = octets + field->len;
    gsize length = strlen(name);
    if (field->len <= length || g_ascii_strncasecmp(octets, name, length) != 0)
        return FALSE;
    for (octets += length; octets < end && (*octets == ' ' || *octets == '\t'); octets++)
        ;
    return octets < end && *octets == ':'; /* white space before the colon: RFC 5322 4.5 */
}

static gboolean
is_to_go(const run *r)
{
    if (r->held_offset >= r->strain->until)
        return FALSE;
    if (has_name(r->held, "X-Dmarctrace"))
        return TRUE;
    return has_name(r->held, "Authentication-Results") &&
           dt_authres_carries((const char *)r->held->data, r->held->len, r->strain->authserv_id);
}

/* "From joe@example.com Wed Oct 14 ...", quoted or not; "From : joe@example.com" is a field. */
static gboolean
is_mbox_line(const GByteArray *field)
{
    const char *octets = (const char *)field->data, *end = octets + field->len;
    gsize quote = field->len > 0 && octets[0] == '>';
    if (field->len <= 5 + quote || memcmp(octets + quote, "From ", 5) != 0)
        return FALSE;
    for (octets += quote + 5; octets < end && (*octets == ' ' || *octets == '\t'); octets++)
        ;
    return octets < end && *octets != ':';
}

static void
note_line_end(run *r)
{
    const char *octets = (const char *)r->held->data;
    const char *lf = memchr(octets, '\n', r->held->len);
    if (!lf)
        return;
    const char *start = lf;
    while (start > octets && lf - start < 2 && start[-1] == '\r')
        start--;
    memcpy(r->line_end, start, lf - start + 1);
    r->line_end[lf - start + 1] = '\0';
}

static void
put(run *r, const char *octets, gsize length)
{
    if (length > 0 && !r->is_stopped)
        r->is_stopped = !r->strain->sink(octets, length, r->strain->data);
}

/* On top of the header, with the line end of the line that follows. */
static void
add_fields(run *r)
{
    r->has_added = TRUE;
    if (!r->strain->fields)
        return;
    const char *line_end = r->line_end[0]                           ? r->line_end
                           : r->strain->line_endings == DT_EOL_CRLF ? "\r\n"
                                                                    : "\n";
    for (const char *line = r->strain->fields, *lf; (lf = strchr(line, '\n')); line = lf + 1) {
        put(r, line, lf - line);
        put(r, line_end, strlen(line_end));
    }
}

/* A line of white space in front would become part of the fields. */
static gboolean
stands_above_header(const run *r)
{
    return r->held->data[0] == ' ' || r->held->data[0] == '\t' || is_mbox_line(r->held);
}

static void
judge_field(run *r)
{
    note_line_end(r);
    if (!r->has_added && !stands_above_header(r))
        add_fields(r);
    r->is_dropped = is_to_go(r);
    r->removed_count += r->is_dropped;
    if (!r->is_dropped)
        put(r, (const char *)r->held->data, r->held->len);
    r->is_judged = TRUE;
}

static void
end_field(run *r)
{
    if (r->held->len > 0 && !r->is_judged)
        judge_field(r);
    g_byte_array_set_size(r->held, 0);
    r->is_judged = FALSE;
    r->held_offset = r->offset;
}

/* ---- the stream ---------------------------------------------------------------------------- */

static void
hold(run *r, const char *octets, gsize length)
{
    if (r->is_judged && !r->is_dropped)
        put(r, octets, length);
    else if (!r->is_judged)
        g_byte_array_append(r->held, (const guint8 *)octets, length);
    if (!r->is_judged && r->held->len >= MAX_HELD)
        judge_field(r);
}

/* An empty line, at most two CR in it. */
static gboolean
holds_empty_line(const run *r)
{
    const guint8 *octets = r->held->data;
    guint length = r->held->len;
    return length >= 1 && length <= 3 && octets[length - 1] == '\n' &&
           (length < 2 || octets[0] == '\r') && (length < 3 || octets[1] == '\r');
}

/* One line, or what the piece holds of it. */
static gsize
feed_line(run *r, const char *octets, gsize length)
{
    if (!r->is_in_line && octets[0] != ' ' && octets[0] != '\t')
        end_field(r);
    const char *lf = memchr(octets, '\n', length);
    gsize part = lf ? (gsize)(lf + 1 - octets) : length;
    hold(r, octets, part);
    r->is_in_line = !lf;
    r->offset += part;
    if (!lf || !holds_empty_line(r))
        return part;
    end_field(r);
    r->place = r->offset > r->strain->header_start ? IN_BODY : BETWEEN;
    return part;
}

/* What stands between an empty header and the header that the reader of messages has found below is
 * nobody's field. */
static gsize
feed_between(run *r, const char *octets, gsize length)
{
    gsize part = MIN(length, r->strain->header_start - r->offset);
    put(r, octets, part);
    r->offset += part;
    if (r->offset == r->strain->header_start)
        r->place = IN_HEADER;
    r->held_offset = r->offset;
    return part;
}

static gsize
feed_body(run *r, const char *octets, gsize length)
{
    put(r, octets, length);
    r->offset += length;
    return length;
}

static gboolean
feed(const char *octets, gsize length, gpointer data)
{
    run *r = data;
    static const char mark[] = "\xef\xbb\xbf";
    if (r->offset == 0 && length >= 3 && memcmp(octets, mark, 3) == 0) {
        put(r, octets, 3);
        r->offset = r->held_offset = 3;
        octets += 3, length -= 3;
    }
    while (length > 0 && !r->is_stopped) {
        gsize part = r->place == IN_HEADER ? feed_line(r, octets, length)
                     : r->place == BETWEEN ? feed_between(r, octets, length)
                                           : feed_body(r, octets, length);
        octets += part, length -= part;
    }
    return !r->is_stopped;
}

gboolean
dt_strain_message(const dt_strain *strain, dt_message *message, guint *removed_out, GError **error)
{
    run r = { .strain = strain, .held = g_byte_array_new() };
    gboolean is_read = dt_message_each_octet(message, feed, &r, error);
    if (is_read)
        end_field(&r);
    g_byte_array_unref(r.held);
    if (removed_out)
        *removed_out = r.removed_count;
    return is_read;
}
