/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A message read: the header found and split, its known fields parsed, its lines counted. Puts
 * together what input.c, header.c, field.c and the parsers of single fields give; the parts of the
 * body are mime.c's, looked at on demand.
 */
#include "message/internal.h"
#include "message/author.h"
#include "message/authres.h"
#include "base/text.h"

#include <string.h>

/* ---- putting a message together ------------------------------------------------------------ */

static void
warning_free(gpointer data)
{
    dt_warning *warning = data;
    g_free(warning->text);
    g_free(warning);
}

static void G_GNUC_PRINTF(3, 4)
    add_warning(dt_message *m, const char *code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    dt_warning *warning = g_new0(dt_warning, 1);
    warning->code = code;
    warning->text = g_strdup_vprintf(format, list);
    va_end(list);
    g_ptr_array_add(m->warnings, warning);
}

static gboolean
has_warning(const dt_message *m, const char *code)
{
    for (guint i = 0; i < m->warnings->len; i++)
        if (strcmp(((const dt_warning *)m->warnings->pdata[i])->code, code) == 0)
            return TRUE;
    return FALSE;
}

static dt_message *
message_new(const char *label)
{
    dt_message *m = g_new0(dt_message, 1);
    m->label = dt_text_utf8(label, strlen(label));
    m->input = (dt_input)DT_INPUT_NONE;
    m->fields = g_array_new(FALSE, FALSE, sizeof(dt_field));
    m->warnings = g_ptr_array_new_with_free_func(warning_free);
    m->hops = g_ptr_array_new_with_free_func((GDestroyNotify)dt_hop_free);
    m->recorded = g_ptr_array_new_with_free_func((GDestroyNotify)dt_recorded_free);
    m->date = DT_TIME_NONE;
    return m;
}

void
dt_message_free(dt_message *m)
{
    if (!m)
        return;
    g_clear_pointer(&m->mime, dt_mime_free);
    g_clear_pointer(&m->author, dt_author_free);
    g_ptr_array_unref(m->recorded);
    g_ptr_array_unref(m->hops);
    g_ptr_array_unref(m->warnings);
    g_array_unref(m->fields);
    dt_input_clear(&m->input);
    g_free(m->return_path);
    g_free(m->id);
    g_free(m->subject);
    g_free(m->head_owned);
    g_free(m->label);
    g_free(m);
}

/* ---- the header ---------------------------------------------------------------------------- */

/* The header of an input in a file, read until its end has been seen. Sets head_owned; gives its
 * length, 0 with an error. */
static gsize
load_head(dt_message *m, gsize start, gsize *end_out, GError **error)
{
    gsize room = DT_INPUT_PEEK, length = 0, at = 0;
    gsize most = MIN(m->input.length - start, DT_MAX_HEADER_LENGTH);
    *end_out = 0;
    while (length < most && *end_out == 0) {
        gsize goal = MIN(room, most);
        m->head_owned = g_realloc(m->head_owned, goal);
        if (!dt_input_read(&m->input, start + length, m->head_owned + length, goal - length, error))
            return 0;
        length = goal;
        *end_out = dt_header_find_end(m->head_owned, length, &at);
        room *= 2;
    }
    return length;
}

/* Finds the header's octets: m->head, their length, and the end of the header among them (0: it has
 * none). */
static gboolean
find_head(dt_message *m, gsize start, gsize *length_out, gsize *end_out, GError **error)
{
    const char *memory = dt_input_memory(&m->input);
    if (!memory) {
        *length_out = load_head(m, start, end_out, error);
        m->head = m->head_owned;
        return *length_out > 0;
    }
    gsize at = 0;
    m->head = memory + start;
    *length_out = MIN(m->input.length - start, DT_MAX_HEADER_LENGTH);
    *end_out = dt_header_find_end(m->head, *length_out, &at);
    return TRUE;
}

static gboolean
fail_no_message(dt_message *m, const char *what, GError **error)
{
    g_set_error(error, DT_ERROR, DT_ERROR_DATA, "%s: is %s", m->label, what);
    return FALSE;
}

static void
warn_start(dt_message *m, const dt_header_start *start)
{
    m->has_mbox_line = start->has_mbox_line;
    m->has_leading = start->has_leading;
    if (start->has_bom)
        add_warning(m, "byte-order-mark",
                    "the input begins with a byte order mark; it is left out");
    if (start->has_leading)
        add_warning(
            m, "leading-text",
            "blank lines or text stand before the first header field (line %u); they are left out",
            m->input.line + start->line);
}

static gboolean
read_header(dt_message *m, GError **error)
{
    g_autofree char *octets = NULL;
    const char *peek = dt_input_memory(&m->input);
    gsize peeked = MIN(m->input.length, DT_INPUT_PEEK), length, end;
    if (!peek && !dt_input_read(&m->input, 0, octets = g_malloc(peeked), peeked, error))
        return FALSE;
    peek = peek ? peek : octets;
    const char *foreign = dt_sniff_foreign(peek, peeked);
    if (foreign)
        return fail_no_message(m, foreign, error);
    dt_header_start start = dt_header_find_start(peek, peeked);
    if (start.is_summary)
        return fail_no_message(m,
                               "the summary of a \"Show original\" page without the message below "
                               "it; use its \"Download original\"",
                               error);
    if (!start.is_found && m->input.length == 0)
        return fail_no_message(m, "empty", error);
    if (!start.is_found)
        return fail_no_message(m,
                               "no mail message: it has no header fields; save the whole "
                               "message (\"Download original\", "
                               "\"Save as .eml\") or copy its whole source",
                               error);
    if (!find_head(m, start.start, &length, &end, error))
        return FALSE;
    gboolean is_cut = end == 0 && length < m->input.length - start.start;
    is_cut |= !dt_field_scan(m->fields, m->head, end ? end : length, start.start,
                             m->input.line + start.line);
    if (!dt_field_any_known(m->fields))
        return fail_no_message(m, "no mail message: none of its lines is a field of a mail header",
                               error);
    m->was_cut = is_cut;
    m->has_body = end > 0 && !is_cut;
    m->body_offset = m->has_body ? start.start + end : m->input.length;
    warn_start(m, &start);
    return TRUE;
}

static void
warn_fields(dt_message *m)
{
    guint bad = 0, bad_line = 0, nul_line = 0, cr_line = 0;
    for (guint i = 0; i < m->fields->len; i++) {
        const dt_field *field = &g_array_index(m->fields, dt_field, i);
        if (field->name_length == 0 && bad++ == 0)
            bad_line = field->line;
        if (nul_line == 0 && memchr(field->raw, '\0', field->raw_length))
            nul_line = field->line;
        if (cr_line == 0 && dt_field_has_lone_cr(field))
            cr_line = field->line;
    }
    if (bad > 0)
        add_warning(m, "not-a-field", "line %u of the header is no header field%s", bad_line,
                    bad > 1 ? " (nor are others)" : "");
    if (nul_line > 0)
        add_warning(m, "nul-octets", "the header holds NUL octets (line %u)", nul_line);
    if (cr_line > 0)
        add_warning(m, "lone-cr",
                    "the header holds a carriage return that is no line end (line %u); some "
                    "programs take it for one",
                    cr_line);
    if (m->was_cut)
        add_warning(
            m, "header-cut",
            "the header is larger than this program reads; only its first %u fields are known",
            m->fields->len);
}

/* Fields that may stand once (RFC 5322 3.6, RFC 2045 3): whoever adds another chooses what some
 * programs show, and a signature that names the field once still verifies. */
static void
warn_repeated(dt_message *m)
{
    static const char *const names[] = { "From",
                                         "Sender",
                                         "Reply-To",
                                         "To",
                                         "Cc",
                                         "Message-ID",
                                         "Subject",
                                         "Date",
                                         "MIME-Version",
                                         "Content-Type",
                                         "Content-Transfer-Encoding" };
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const dt_field *first = dt_message_find(m, names[i], 0);
        const dt_field *second = first ? dt_message_find(m, names[i], first->index + 1) : NULL;
        if (second)
            g_string_append_printf(list, "%s%s (lines %u and %u)", list->len ? ", " : "", names[i],
                                   first->line, second->line);
    }
    if (list->len)
        add_warning(m, "repeated-field",
                    "more than once: %s; one is allowed, and programs differ on which they show",
                    list->str);
}

/* ---- the lines ----------------------------------------------------------------------------- */

typedef struct {
    dt_line_scan lines;
    gboolean is_mbox;
    gboolean has_more; /* another message of the mbox follows */
} body_scan;

static gboolean
feed_scan(const char *octets, gsize length, gpointer scan)
{
    dt_line_scan_feed(scan, octets, length);
    return TRUE;
}

/* A line as mbox files have between messages: "From joe@example.com Wed Oct 14 10:21:39 2026"
 * behind an empty one. Those that a piece cuts in two are missed. */
static gboolean
has_mbox_separator(const char *octets, gsize length)
{
    const char *end = octets + length, *at = octets;
    while ((at = memmem(at, end - at, "\nFrom ", 6))) {
        const char *line = at + 1, *lf = memchr(line, '\n', end - line);
        const char *stop = dt_line_end_start(octets, at);
        gboolean is_behind_empty = stop > octets && stop[-1] == '\n';
        g_autofree char *text = lf && is_behind_empty ? g_strndup(line, MIN(lf - line, 500)) : NULL;
        const char *colon = text ? strchr(text, ':') : NULL;
        if (colon && g_ascii_isdigit(colon[1]) && g_ascii_isdigit(colon[2]) && colon[3] == ':')
            return TRUE;
        at = line;
    }
    return FALSE;
}

static gboolean
feed_body_scan(const char *octets, gsize length, gpointer data)
{
    body_scan *body = data;
    dt_line_scan_feed(&body->lines, octets, length);
    body->has_more = body->has_more || (body->is_mbox && has_mbox_separator(octets, length));
    return TRUE;
}

static gboolean
count_lines(dt_message *m, GError **error)
{
    body_scan body = { .is_mbox = m->has_mbox_line && !m->is_entry };
    if (!dt_input_each(&m->input, 0, m->body_offset, feed_scan, &body.lines, error))
        return FALSE;
    dt_line_scan_end(&body.lines);
    body.lines.longest = 0;
    if (!dt_input_each(&m->input, m->body_offset, m->input.length, feed_body_scan, &body, error))
        return FALSE;
    dt_line_scan_end(&body.lines);
    m->line_endings = dt_line_scan_kind(&body.lines);
    m->crcrlf_count = body.lines.crcrlf;
    m->longest_body_line = body.lines.longest;
    if (body.has_more)
        add_warning(m, "mbox-several",
                    "the file seems to hold several messages (mbox); this reads them as one, "
                    "dmarctrace batch reads each");
    return TRUE;
}

/* ---- known fields -------------------------------------------------------------------------- */

/* What stands in angle brackets, else all. A ">" in a quoted string is none. */
static char *
in_angles(const char *value)
{
    const char *open = strchr(value, '<'), *close = open ? open + 1 : NULL;
    while (close && *close && *close != '>') {
        const char *quoted = *close == '"' ? dt_author_quoted_end(close) : NULL;
        close = quoted ? quoted : close + 1;
    }
    if (close && !*close)
        close = strchr(open, '>'); /* a quote that stays open */
    return close ? g_strstrip(g_strndup(open + 1, close - open - 1)) : g_strstrip(g_strdup(value));
}

static void
add_hop(dt_message *m, const dt_field *field)
{
    if (m->hops->len == DT_MAX_HOPS && !has_warning(m, "hops-cut"))
        add_warning(m, "hops-cut", "only the first %u Received fields are read", DT_MAX_HOPS);
    if (m->hops->len >= DT_MAX_HOPS)
        return;
    dt_hop *hop = dt_received_parse(field);
    hop->index = m->hops->len;
    hop->delay = DT_TIME_NONE;
    g_ptr_array_add(m->hops, hop);
}

static void
add_recorded(dt_message *m, const dt_field *field, dt_recorded_header header)
{
    if (m->recorded->len == DT_MAX_RECORDED && !has_warning(m, "results-cut"))
        add_warning(m, "results-cut", "only the first %u fields with results are read",
                    DT_MAX_RECORDED);
    if (m->recorded->len >= DT_MAX_RECORDED)
        return;
    dt_recorded *recorded = header == DT_HEADER_RECEIVED_SPF ? dt_received_spf_parse(field)
                                                             : dt_authres_parse(field, header);
    g_ptr_array_add(m->recorded, recorded);
    if (recorded->is_cut && !has_warning(m, "long-results-cut"))
        add_warning(m, "long-results-cut",
                    "line %u holds more results than this program reads; it has the first %u, and "
                    "%u properties of each",
                    field->line, DT_MAX_RESULTS, DT_MAX_PROPERTIES);
}

static void
compute_delays(dt_message *m)
{
    for (guint i = 0; i + 1 < m->hops->len; i++) {
        dt_hop *hop = m->hops->pdata[i], *below = m->hops->pdata[i + 1];
        if (hop->time != DT_TIME_NONE && below->time != DT_TIME_NONE)
            hop->delay = hop->time - below->time;
    }
}

typedef struct {
    dt_message *message;
    GPtrArray *from; /* of const dt_field */
} collector;

static void
take_received(collector *c, const dt_field *field)
{
    add_hop(c->message, field);
}

static void
take_authres(collector *c, const dt_field *field)
{
    add_recorded(c->message, field, DT_HEADER_AR);
}

static void
take_arc_authres(collector *c, const dt_field *field)
{
    add_recorded(c->message, field, DT_HEADER_AAR);
}

static void
take_received_spf(collector *c, const dt_field *field)
{
    add_recorded(c->message, field, DT_HEADER_RECEIVED_SPF);
}

static void
take_from(collector *c, const dt_field *field)
{
    g_ptr_array_add(c->from, (gpointer)field);
}

static void
take_return_path(collector *c, const dt_field *field)
{
    if (c->message->return_path)
        return;
    g_autofree char *value = dt_field_value(field);
    g_autofree char *address = in_angles(value);
    c->message->return_path = dt_text_utf8(address, strlen(address));
    c->message->return_path_line = field->line;
}

static void
take_message_id(collector *c, const dt_field *field)
{
    if (c->message->id)
        return;
    g_autofree char *value = dt_field_value(field);
    g_autofree char *id = in_angles(value);
    c->message->id = dt_text_utf8(id, strlen(id));
}

static void
take_date(collector *c, const dt_field *field)
{
    if (c->message->date != DT_TIME_NONE)
        return;
    g_autofree char *value = dt_field_value(field);
    c->message->date = dt_date_parse(value);
}

static void
take_subject(collector *c, const dt_field *field)
{
    if (!c->message->subject)
        c->message->subject = dt_field_decoded(field);
}

static const struct {
    const char *name;
    void (*take)(collector *c, const dt_field *field);
} field_rows[] = {
    { "Received", take_received },
    { "Authentication-Results", take_authres },
    { "ARC-Authentication-Results", take_arc_authres },
    { "Received-SPF", take_received_spf },
    { "From", take_from },
    { "Return-Path", take_return_path },
    { "Message-ID", take_message_id },
    { "Date", take_date },
    { "Subject", take_subject },
};

static void
parse_fields(dt_message *m)
{
    g_autoptr(GPtrArray) from = g_ptr_array_new();
    collector c = { m, from };
    guint hidden_line = 0;
    for (guint i = 0; i < m->fields->len; i++) {
        const dt_field *field = &g_array_index(m->fields, dt_field, i);
        for (guint k = 0; k < G_N_ELEMENTS(field_rows); k++)
            if (dt_field_is(field, field_rows[k].name))
                field_rows[k].take(&c, field);
        if (hidden_line == 0 && dt_field_hides_from(field))
            hidden_line = field->line;
    }
    compute_delays(m);
    m->author = dt_author_parse((const dt_field *const *)from->pdata, from->len);
    m->author->hidden_line = hidden_line;
    if (m->was_cut || hidden_line) { /* another From field may stand behind the cut */
        m->author->is_ambiguous = TRUE;
        m->author->domain = NULL;
    }
}

static dt_message *
finish(dt_message *m, gboolean is_open, GError **error)
{
    if (!is_open || !read_header(m, error) || !count_lines(m, error)) {
        dt_message_free(m);
        return NULL;
    }
    warn_fields(m);
    warn_repeated(m);
    parse_fields(m);
    return m;
}

dt_message *
dt_message_read_file(const char *path, GError **error)
{
    dt_message *m = message_new(path);
    return finish(m, dt_input_open_file(&m->input, path, error), error);
}

dt_message *
dt_message_read_regular(const char *path, GError **error)
{
    dt_message *m = message_new(path);
    return finish(m, dt_input_open_regular(&m->input, path, error), error);
}

dt_message *
dt_message_read_fd(int fd, const char *label, GError **error)
{
    dt_message *m = message_new(label);
    return finish(m, dt_input_open_fd(&m->input, fd, label, error), error);
}

dt_message *
dt_message_read_bytes(GBytes *bytes, const char *label, GError **error)
{
    dt_message *m = message_new(label);
    return finish(m, dt_input_open_bytes(&m->input, bytes, label, error), error);
}

dt_message *
dt_message_read_entry(const dt_input *input, const char *label, const dt_mbox_entry *entry,
                      GError **error)
{
    g_autofree char *place = g_strdup_printf("%s, message %u (octet %" G_GUINT64_FORMAT ")", label,
                                             entry->index + 1, entry->offset);
    dt_message *m = message_new(place);
    m->is_entry = TRUE;
    m->entry_index = entry->index;
    m->entry_offset = entry->offset;
    gboolean is_open = dt_input_open_part(&m->input, input, entry->offset, entry->length, error);
    m = finish(m, is_open, error);
    if (m) {
        g_free(m->label);
        m->label = dt_text_utf8(label, strlen(label));
    }
    return m;
}

dt_message *
dt_message_read_part(const dt_message *message, const dt_part *part, guint64 limit, GError **error)
{
    dt_message *m = message_new(message->label);
    m->is_entry = message->is_entry; /* a part stands where its message does */
    m->entry_index = message->entry_index;
    m->entry_offset = message->entry_offset;
    m = finish(m, dt_mime_part_open(&message->input, part, limit, &m->input, error), error);
    if (m && part->is_header_only) {
        m->has_body = FALSE;
        m->body_offset = m->input.length;
        m->longest_body_line = 0;
    }
    return m;
}

/* ---- parts of the body --------------------------------------------------------------------- */

/* Found at the first question; a dt_message belongs to one thread. */
static const dt_mime *
mime_of(const dt_message *message)
{
    dt_message *m = (dt_message *)message;
    if (m->mime)
        return m->mime;
    m->mime = dt_mime_new(m);
    if (m->mime->has_more)
        add_warning(m, "attached-cut",
                    "more than %u messages are attached; the others are not listed",
                    DT_MAX_ATTACHED);
    if (m->mime->is_deeper)
        add_warning(m, "parts-cut",
                    "parts are nested more than %u deep; deeper ones are not looked into",
                    DT_MIME_DEPTH);
    return m->mime;
}

const GPtrArray *
dt_message_attached(const dt_message *message)
{
    return mime_of(message)->attached;
}

const dt_bounce *
dt_message_bounce(const dt_message *message)
{
    return mime_of(message)->bounce;
}

dt_message *
dt_message_read_attached(dt_message *message, guint index, GError **error)
{
    const dt_mime *mime = mime_of(message);
    if (index < 1 || index > mime->parts->len) {
        g_set_error(error, DT_ERROR, DT_ERROR_DATA, "%s: has %u attached message%s, no number %u",
                    message->label, mime->parts->len, mime->parts->len == 1 ? "" : "s", index);
        return NULL;
    }
    const dt_part *part = &g_array_index(mime->parts, dt_part, index - 1);
    return dt_message_read_part(message, part, G_MAXUINT64, error);
}
