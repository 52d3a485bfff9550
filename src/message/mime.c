/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which messages does the body carry (RFC 2046 5.1, 5.2.1; RFC 6522)? Walks the delimiters of
 * nested multiparts line by line and keeps the exact octets of each message/rfc822, since
 * signatures hang on them; transfer encodings are undone through GMime. An attached message is not
 * looked into: its own parts are found when it is read. What a delivery report says is bounce.c's.
 */
#include "message/internal.h"
#include "base/text.h"

#include <fcntl.h>
#include <gmime/gmime.h>
#include <string.h>

#define MAX_PART_HEADER (64 * 1024)
#define MAX_LINE        4096 /* of a line as much is looked at */
#define MAX_STATUS      (256 * 1024)
#define MAX_PEEK        (1024 * 1024) /* of an attached message, for its subject and author */

typedef enum { KIND_OTHER = 0, KIND_MESSAGE, KIND_HEADERS, KIND_STATUS, KIND_TEXT } part_kind;

static const struct {
    const char *type;
    part_kind kind;
} kind_rows[] = {
    { "message/rfc822", KIND_MESSAGE },
    { "message/global", KIND_MESSAGE },
    { "message/news", KIND_MESSAGE },
    { "text/rfc822-headers", KIND_HEADERS },
    { "text/rfc822-header", KIND_HEADERS },
    { "message/global-headers", KIND_HEADERS },
    { "message/delivery-status", KIND_STATUS },
    { "message/global-delivery-status", KIND_STATUS },
    { "text/plain", KIND_TEXT },
};

/* What a part's own header says of it. */
typedef struct {
    char *type; /* "text/plain", lower case; NULL if it has no Content-Type */
    char *boundary, *report_type, *encoding;
} part_header;

typedef struct {
    char *boundary;
    gboolean is_digest; /* multipart/digest: its parts are messages unless they say otherwise */
} level;

typedef struct {
    part_kind kind;
    dt_part part;
} found_part;

typedef struct {
    level levels[DT_MIME_DEPTH];
    gboolean has_more, is_deeper;
    guint depth;
    GString *header;  /* of the part that has begun, NULL while in content */
    found_part now;   /* the part whose content goes on */
    guint64 line_end; /* of the line before, its line end left out */
    GArray *found;    /* of found_part */
    guint messages;

    GString *line;  /* the beginning of a line that a piece cut off */
    char tail[2];   /* the last octets of the piece before */
    guint64 offset; /* of the octet that comes next */
    guint64 line_start;
} walker;

/* ---- the header of a part ------------------------------------------------------------------ */

/* A quoted-string or token at *at, which moves behind it. */
static char *
read_value(const char **at)
{
    GString *value = g_string_new(NULL);
    const char *p = *at;
    if (*p != '"')
        while (*p && *p != ';' && !g_ascii_isspace(*p))
            g_string_append_c(value, *p++);
    else
        for (p++; *p && *p != '"'; p++) {
            if (*p == '\\' && p[1])
                p++;
            g_string_append_c(value, *p);
        }
    *at = *p == '"' ? p + 1 : p;
    return g_string_free(value, FALSE);
}

/* Parameters in the plain form name=value; others (RFC 2231, comments) are left to GMime. */
static void
read_plain_parameters(part_header *header, const char *at)
{
    while ((at = strchr(at, ';'))) {
        at++;
        while (g_ascii_isspace(*at))
            at++;
        const char *name = at;
        while (*at && *at != '=' && *at != ';' && !g_ascii_isspace(*at))
            at++;
        gsize length = at - name;
        while (g_ascii_isspace(*at))
            at++;
        if (*at != '=')
            continue;
        at++;
        while (g_ascii_isspace(*at))
            at++;
        g_autofree char *value = read_value(&at);
        if (length == 8 && g_ascii_strncasecmp(name, "boundary", 8) == 0 && !header->boundary)
            header->boundary = g_steal_pointer(&value);
        else if (length == 11 && g_ascii_strncasecmp(name, "report-type", 11) == 0 &&
                 !header->report_type)
            header->report_type = g_steal_pointer(&value);
    }
}

static void
read_gmime_parameters(part_header *header, const char *value)
{
    dt_gmime_ready();
    GMimeContentType *type = g_mime_content_type_parse(NULL, value);
    if (!type)
        return;
    header->boundary = g_strdup(g_mime_content_type_get_parameter(type, "boundary"));
    header->report_type = g_strdup(g_mime_content_type_get_parameter(type, "report-type"));
    g_object_unref(type);
}

static void
read_content_type(part_header *header, const char *value)
{
    gsize length = strcspn(value, "; \t(");
    header->type = g_ascii_strdown(value, length);
    if (strpbrk(value, "*("))
        read_gmime_parameters(header, value);
    else
        read_plain_parameters(header, value + length);
    if (header->boundary)
        g_strchomp(header->boundary);
}

static void
read_part_field(part_header *header, const dt_field *field)
{
    if (!header->type && dt_field_is(field, "Content-Type")) {
        g_autofree char *value = dt_field_value(field);
        read_content_type(header, value);
    } else if (!header->encoding && dt_field_is(field, "Content-Transfer-Encoding")) {
        g_autofree char *value = dt_field_value(field);
        header->encoding = g_ascii_strdown(value, strcspn(value, "; \t("));
    }
}

static void
part_header_clear(part_header *header)
{
    g_free(header->type);
    g_free(header->boundary);
    g_free(header->report_type);
    g_free(header->encoding);
}

static part_kind
kind_of(const char *type, gboolean is_in_digest)
{
    if (!type)
        return is_in_digest ? KIND_MESSAGE : KIND_TEXT;
    for (guint i = 0; i < G_N_ELEMENTS(kind_rows); i++)
        if (strcmp(kind_rows[i].type, type) == 0)
            return kind_rows[i].kind;
    return KIND_OTHER;
}

/* ---- the walk ------------------------------------------------------------------------------ */

static void
close_part(walker *w, guint64 end)
{
    gboolean is_message = w->now.kind == KIND_MESSAGE || w->now.kind == KIND_HEADERS;
    if (w->now.kind == KIND_OTHER || (is_message && w->messages >= DT_MAX_ATTACHED) ||
        (!is_message && w->found->len - w->messages >= 2 * DT_MAX_ATTACHED)) {
        w->has_more |= is_message;
        g_free(w->now.part.encoding);
    } else {
        w->now.part.end = MAX(end, w->now.part.start);
        w->now.part.is_header_only = w->now.kind == KIND_HEADERS;
        w->messages += is_message;
        g_array_append_val(w->found, w->now);
    }
    w->now = (found_part){ 0 };
}

static void
push_level(walker *w, part_header *header)
{
    if (!header->boundary || header->boundary[0] == '\0')
        return;
    w->is_deeper |= w->depth == DT_MIME_DEPTH;
    if (w->depth == DT_MIME_DEPTH)
        return;
    level *top = &w->levels[w->depth++];
    top->boundary = g_steal_pointer(&header->boundary);
    top->is_digest = strcmp(header->type, "multipart/digest") == 0;
}

static void
pop_to(walker *w, guint depth)
{
    while (w->depth > depth)
        g_free(w->levels[--w->depth].boundary);
}

/* Content begins at offset; header tells of what. */
static void
begin_content(walker *w, part_header *header, guint64 offset)
{
    if (header->type && g_str_has_prefix(header->type, "multipart/")) {
        push_level(w, header);
        return;
    }
    w->now.kind = kind_of(header->type, w->depth > 0 && w->levels[w->depth - 1].is_digest);
    w->now.part.start = offset;
    w->now.part.encoding = g_steal_pointer(&header->encoding);
}

static void
end_part_header(walker *w, guint64 offset)
{
    g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(dt_field));
    part_header header = { 0 };
    dt_field_scan(fields, w->header->str, w->header->len, 0, 1);
    for (guint i = 0; i < fields->len; i++)
        read_part_field(&header, &g_array_index(fields, dt_field, i));
    g_string_free(w->header, TRUE);
    w->header = NULL;
    begin_content(w, &header, offset);
    part_header_clear(&header);
}

/* The level whose delimiter this line is (RFC 2046 5.1.1), -1 if none. */
static gint
delimiter_level(const walker *w, const char *text, gsize length, gboolean *is_last)
{
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    for (gint i = w->depth - 1; i >= 0; i--) {
        gsize size = strlen(w->levels[i].boundary);
        if (length < size + 2 || memcmp(text + 2, w->levels[i].boundary, size) != 0)
            continue;
        *is_last = length == size + 4 && memcmp(text + size + 2, "--", 2) == 0;
        if (*is_last || length == size + 2)
            return i;
    }
    return -1;
}

static void
take_line(walker *w, const char *text, gsize length, guint64 start, guint64 next)
{
    gboolean is_last;
    gint at = length > 2 && text[0] == '-' && text[1] == '-'
                  ? delimiter_level(w, text, length, &is_last)
                  : -1;
    if (at >= 0) {
        close_part(w, w->line_end);
        pop_to(w, is_last ? at : at + 1);
        if (w->header)
            g_string_free(w->header, TRUE);
        w->header = is_last ? NULL : g_string_new(NULL);
    } else if (w->header && length == 0)
        end_part_header(w, next);
    else if (w->header && w->header->len < MAX_PART_HEADER) {
        g_string_append_len(w->header, text, length);
        g_string_append_c(w->header, '\n');
    }
    w->line_end = start + length;
}

/* The CR that belong to the line end of a line that began in an earlier piece. */
static guint
count_cr(const walker *w, const char *text, const char *lf)
{
    guint cr = 0;
    for (; cr < 2; cr++) {
        gssize at = lf - text - 1 - (gssize)cr;
        if ((at >= 0 ? text[at] : w->tail[2 + at]) != '\r')
            break;
    }
    return cr;
}

/* A line is whole when its LF is at lf. */
static void
end_line(walker *w, const char *text, const char *lf)
{
    guint64 next = w->offset + (lf + 1 - text);
    if (w->line->len == 0) {
        take_line(w, text, dt_line_end_start(text, lf) - text, w->line_start, next);
    } else {
        gsize room = MAX_LINE - w->line->len;
        guint64 length = next - 1 - w->line_start;
        length -= MIN(length, count_cr(w, text, lf));
        g_string_append_len(w->line, text, MIN((gsize)(lf - text), room));
        take_line(w, w->line->str, MIN(w->line->len, length), w->line_start, next);
        w->line_end = w->line_start + length;
        g_string_truncate(w->line, 0);
    }
    w->line_start = next;
}

static gboolean
take_piece(const char *octets, gsize length, gpointer data)
{
    walker *w = data;
    const char *end = octets + length, *lf;
    while (octets < end && (lf = memchr(octets, '\n', end - octets))) {
        end_line(w, octets, lf);
        w->offset += lf + 1 - octets;
        octets = lf + 1;
    }
    g_string_append_len(w->line, octets, MIN((gsize)(end - octets), MAX_LINE - w->line->len));
    w->offset += end - octets;
    w->tail[0] = length >= 2 ? end[-2] : w->tail[1];
    w->tail[1] = end[-1];
    return TRUE;
}

static void
walk(walker *w, const dt_message *m, part_header *top)
{
    w->found = g_array_new(FALSE, TRUE, sizeof(found_part));
    w->line = g_string_new(NULL);
    w->offset = w->line_start = w->line_end = m->body_offset;
    begin_content(w, top, m->body_offset);
    if (w->depth > 0) {
        dt_input_each(&m->input, m->body_offset, m->input.length, take_piece, w, NULL);
        if (w->line->len > 0)
            take_line(w, w->line->str, w->line->len, w->line_start, m->input.length);
    }
    close_part(w, m->input.length);
    pop_to(w, 0);
    if (w->header)
        g_string_free(w->header, TRUE);
    g_string_free(w->line, TRUE);
}

/* ---- the octets of a part ------------------------------------------------------------------ */

typedef struct {
    GMimeEncoding encoding;
    dt_spool spool;
    guint64 limit;
    GError *error;
} decoder;

static gboolean
decode_piece(const char *octets, gsize length, gpointer data)
{
    decoder *d = data;
    g_autofree char *out = g_malloc(g_mime_encoding_outlen(&d->encoding, length) + 16);
    gsize made = g_mime_encoding_step(&d->encoding, octets, length, out);
    made = MIN(made, d->limit - d->spool.length);
    return (made == 0 || dt_spool_add(&d->spool, out, made, &d->error)) &&
           d->spool.length < d->limit;
}

static gboolean
decode_part(const dt_input *input, const dt_part *part, GMimeContentEncoding encoding,
            guint64 limit, dt_input *out, GError **error)
{
    decoder d = { .spool = DT_SPOOL_NONE, .limit = limit };
    g_mime_encoding_init_decode(&d.encoding, encoding);
    gboolean is_ok = dt_input_each(input, part->start, part->end, decode_piece, &d, error);
    if (d.error) {
        g_propagate_error(error, d.error);
        is_ok = FALSE;
    }
    if (is_ok)
        dt_spool_give(&d.spool, out);
    dt_spool_clear(&d.spool);
    return is_ok;
}

gboolean
dt_mime_part_open(const dt_input *input, const dt_part *part, guint64 limit, dt_input *out,
                  GError **error)
{
    if (part->encoding && strcmp(part->encoding, "base64") == 0)
        return decode_part(input, part, GMIME_CONTENT_ENCODING_BASE64, limit, out, error);
    if (part->encoding && strcmp(part->encoding, "quoted-printable") == 0)
        return decode_part(input, part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, limit, out, error);
    guint64 length = MIN(part->end - part->start, limit);
    if (input->bytes) {
        out->bytes = g_bytes_new_from_bytes(input->bytes, input->start + part->start, length);
        out->length = length;
        return TRUE;
    }
    out->fd = fcntl(input->fd, F_DUPFD_CLOEXEC, 0);
    out->start = input->start + part->start;
    out->length = length;
    if (out->fd < 0)
        g_set_error(error, DT_ERROR, DT_ERROR_IO, "no file descriptor is left");
    return out->fd >= 0;
}

/* The decoded text of a part that is read as a whole. */
static GBytes *
part_text(const dt_input *input, const dt_part *part)
{
    dt_input out = DT_INPUT_NONE;
    GBytes *bytes = NULL;
    if (dt_mime_part_open(input, part, MAX_STATUS, &out, NULL)) {
        char *text = g_malloc(out.length + 1);
        if (dt_input_read(&out, 0, text, out.length, NULL))
            bytes = g_bytes_new(text, out.length);
        g_free(text);
    }
    dt_input_clear(&out);
    return bytes ? bytes : g_bytes_new_static("", 0);
}

/* ---- what was found ------------------------------------------------------------------------ */

static void
add_attached(dt_mime *mime, const dt_message *m, dt_part *part, gboolean is_report)
{
    dt_attached *attached = g_new0(dt_attached, 1);
    attached->index = mime->parts->len + 1;
    g_autoptr(dt_message) inner = dt_message_read_part(m, part, MAX_PEEK, NULL);
    if (inner) {
        attached->subject = g_strdup(inner->subject);
        attached->from_domain = g_strdup(inner->author->domain);
        /* A report that returns the header only may label it as a message: without a body it is
         * none. */
        if (is_report && inner->input.length < MAX_PEEK && dt_message_body_size(inner) == 0)
            part->is_header_only = TRUE;
    }
    attached->is_header_only = part->is_header_only;
    g_array_append_val(mime->parts, *part);
    g_ptr_array_add(mime->attached, attached);
}

static const found_part *
first_of(const GArray *found, part_kind kind)
{
    for (guint i = 0; i < found->len; i++) {
        const found_part *f = &g_array_index(found, found_part, i);
        if (f->kind == kind)
            return f;
    }
    return NULL;
}

static void
take_report(dt_mime *mime, const dt_message *m, const found_part *status)
{
    g_autoptr(GBytes) bytes = part_text(&m->input, &status->part);
    gsize length;
    const char *text = g_bytes_get_data(bytes, &length);
    mime->bounce = g_new0(dt_bounce, 1);
    dt_bounce_read_status(mime->bounce, text ? text : "", length);
    mime->bounce->attached = mime->parts->len > 0;
    mime->bounce->is_header_only =
        mime->parts->len > 0 && g_array_index(mime->parts, dt_part, 0).is_header_only;
}

static gboolean
is_identity(const dt_part *part)
{
    return !part->encoding || (strcmp(part->encoding, "base64") != 0 &&
                               strcmp(part->encoding, "quoted-printable") != 0);
}

/* A bounce in plain words; the copy of the message that may stand below them counts as attached. */
static void
take_text(dt_mime *mime, const dt_message *m, const found_part *text_part)
{
    g_autoptr(GBytes) bytes = part_text(&m->input, &text_part->part);
    gsize length, copy = 0;
    const char *text = g_bytes_get_data(bytes, &length);
    mime->bounce = dt_bounce_from_text(m, text ? text : "", length, &copy);
    if (mime->bounce && copy > 0 && mime->parts->len == 0 && is_identity(&text_part->part)) {
        dt_part part = { text_part->part.start + copy, text_part->part.end, NULL, FALSE };
        add_attached(mime, m, &part, TRUE);
    }
    if (mime->bounce && mime->parts->len > 0) {
        mime->bounce->attached = 1;
        mime->bounce->is_header_only = g_array_index(mime->parts, dt_part, 0).is_header_only;
    }
}

static void
part_clear(gpointer data)
{
    g_free(((dt_part *)data)->encoding);
}

static void
attached_free(gpointer data)
{
    dt_attached *attached = data;
    g_free(attached->subject);
    g_free(attached->from_domain);
    g_free(attached);
}

static void
take_found(dt_mime *mime, const dt_message *m, GArray *found, gboolean is_report,
           gboolean is_delivery)
{
    for (guint i = 0; i < found->len; i++) {
        found_part *f = &g_array_index(found, found_part, i);
        if (f->kind != KIND_MESSAGE && f->kind != KIND_HEADERS)
            continue;
        add_attached(mime, m, &f->part, is_report);
        f->part.encoding = NULL; /* moved */
    }
    const found_part *status = first_of(found, KIND_STATUS), *text = first_of(found, KIND_TEXT);
    /* Some gateways wrap a report, or send its parts as multipart/mixed: then the message that
     * comes back says what it is. */
    gboolean is_returned = !is_report && mime->parts->len > 0 && dt_bounce_may_be(m);
    if (status && (is_delivery || is_returned))
        take_report(mime, m, status);
    else if (text && dt_bounce_may_be(m))
        take_text(mime, m, text);
    for (guint i = 0; i < found->len; i++)
        g_free(g_array_index(found, found_part, i).part.encoding);
}

dt_mime *
dt_mime_new(const dt_message *m)
{
    dt_mime *mime = g_new0(dt_mime, 1);
    mime->parts = g_array_new(FALSE, TRUE, sizeof(dt_part));
    g_array_set_clear_func(mime->parts, part_clear);
    mime->attached = g_ptr_array_new_with_free_func(attached_free);
    if (!m->has_body)
        return mime;
    part_header top = { 0 };
    for (guint i = 0; i < m->fields->len; i++)
        read_part_field(&top, &g_array_index(m->fields, dt_field, i));
    gboolean is_report = g_strcmp0(top.type, "multipart/report") == 0;
    gboolean is_delivery =
        is_report && (!top.report_type || dt_text_equal(top.report_type, "delivery-status"));
    walker w = { 0 };
    walk(&w, m, &top);
    take_found(mime, m, w.found, is_report, is_delivery);
    mime->has_more = w.has_more;
    mime->is_deeper = w.is_deeper;
    g_array_unref(w.found);
    part_header_clear(&top);
    return mime;
}

void
dt_mime_free(dt_mime *mime)
{
    g_array_unref(mime->parts);
    g_ptr_array_unref(mime->attached);
    dt_bounce_free(mime->bounce);
    g_free(mime);
}
