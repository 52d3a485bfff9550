/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: what a dt_message is made of, and the steps of reading it.
 */
#ifndef DT_MESSAGE_INTERNAL_H
#define DT_MESSAGE_INTERNAL_H

#include "message/input.h"
#include "message/line-endings.h"
#include "message/results.h"

/* ---- header.c: where the header begins and ends -------------------------------------------- */

typedef struct {
    gsize start; /* of the first field */
    guint line;  /* of the first field, counted from 0 */
    gboolean is_found;
    gboolean has_bom, has_mbox_line, has_leading;
    gboolean is_summary; /* nothing but the summary table of a web page */
} dt_header_start;

/* Looks in the first octets of the input for the first field: behind a byte order mark, an mbox
 * From_ line, blank lines, the summary table of a "Show original" page. */
dt_header_start dt_header_find_start(const char *octets, gsize length);

/* The offset behind the empty line that ends the header, or 0 if there is none yet; *at (a line
 * start) moves on over what was seen. */
gsize dt_header_find_end(const char *octets, gsize length, gsize *at);

/* ---- field.c ------------------------------------------------------------------------------- */

/* Splits the header (its empty line may be there) into fields. FALSE when a limit cut it. */
gboolean dt_field_scan(GArray *fields, const char *octets, gsize length, gsize offset, guint line);

/* The name of a field line: its length, 0 if the line has none; *colon_out behind the colon. */
gsize dt_field_name_length(const char *line, gsize length, gsize *colon_out);

/* Is this no From field, and yet one to a program that is less exact: octets that are no letters
 * stand in or before the name, a fold before the colon, or the line stands behind a carriage return
 * alone? */
gboolean dt_field_hides_from(const dt_field *field);

/* A carriage return in it that is no part of a line end. */
gboolean dt_field_has_lone_cr(const dt_field *field);

/* Is there any field that only mail has? */
gboolean dt_field_any_known(const GArray *fields);

/* ---- mime.c -------------------------------------------------------------------------------- */

/* A stretch of the input that is, decoded, a message or its header. */
typedef struct {
    guint64 start, end;      /* in the input */
    char *encoding;          /* Content-Transfer-Encoding, lower case; NULL */
    gboolean is_header_only; /* read without its body */
} dt_part;

typedef struct {
    GArray *parts;       /* of dt_part: the attached messages */
    GPtrArray *attached; /* of dt_attached, one for each part */
    dt_bounce *bounce;   /* NULL if the message is no delivery report */
    gboolean has_more;   /* messages than are listed */
    gboolean is_deeper;  /* nested than is looked into */
} dt_mime;

#define DT_MIME_DEPTH 16 /* parts in parts; deeper ones are not looked into */

/* Never NULL. */
dt_mime *dt_mime_new(const dt_message *message);
void dt_mime_free(dt_mime *mime);

/* Fills an empty input with the decoded octets of a part; limit: as many at most. */
gboolean dt_mime_part_open(const dt_input *input, const dt_part *part, guint64 limit, dt_input *out,
                           GError **error);

/* ---- bounce.c ------------------------------------------------------------------------------ */

/* Reads the fields of a message/delivery-status (RFC 3464) into bounce. */
void dt_bounce_read_status(dt_bounce *bounce, const char *text, gsize length);

/* A bounce without such a part: Exim's X-Failed-Recipients, qmail's own form. NULL if text is none
 * of them. *copy_out: where the copy of the returned message begins in text, 0 if it has none. */
dt_bounce *dt_bounce_from_text(const dt_message *message, const char *text, gsize length,
                               gsize *copy_out);
gboolean dt_bounce_may_be(const dt_message *message); /* can it be one of these at all? */
void dt_bounce_free(dt_bounce *bounce);

/* The enhanced status code (RFC 3463) that a reply text names behind its reply code, "5.7.26"; NULL
 * if none. */
char *dt_bounce_status_in(const char *text);

/* ---- words.c ------------------------------------------------------------------------------- */

/* GMime wants to be set up once in a process. */
void dt_gmime_ready(void);

/* ---- read.c -------------------------------------------------------------------------------- */

struct dt_message {
    char *label;
    dt_input input;
    char *head_owned; /* the header's octets where the input is not in memory */
    const char *head; /* from the first field to the end of the header */
    GArray *fields;   /* of dt_field */
    guint64 body_offset;
    gboolean has_body, has_mbox_line, has_leading, was_cut;
    dt_eol line_endings;
    guint64 crcrlf_count, longest_body_line;
    GPtrArray *warnings; /* of dt_warning */

    dt_author *author;
    GPtrArray *hops, *recorded;
    char *return_path, *id, *subject;
    guint return_path_line;
    gint64 date;

    dt_mime *mime; /* made at the first question for it */

    gboolean is_entry; /* of an mbox */
    guint entry_index;
    guint64 entry_offset;
};

/* A regular file; never waits for a FIFO. */
dt_message *dt_message_read_regular(const char *path, GError **error);

/* A stretch of an mbox as a message of its own. */
dt_message *dt_message_read_entry(const dt_input *input, const char *label,
                                  const dt_mbox_entry *entry, GError **error);

/* A part as a message of its own, of at most limit octets. */
dt_message *dt_message_read_part(const dt_message *message, const dt_part *part, guint64 limit,
                                 GError **error);

#endif
