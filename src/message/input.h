/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: the octets of one message, wherever they lie. Small ones are in
 * memory; larger ones stay in their file or in an unlinked temporary one and are read in pieces.
 */
#ifndef DT_MESSAGE_INPUT_H
#define DT_MESSAGE_INPUT_H

#include <dmarctrace/message.h>

typedef struct {
    GBytes *bytes;  /* all octets, or NULL if they lie in fd */
    int fd;         /* owned; -1 if there is none */
    guint64 start;  /* of the message in bytes or fd */
    guint64 length; /* of the message */
    guint line;     /* of its first octet */
} dt_input;

#define DT_INPUT_NONE                                                                              \
    {                                                                                              \
        .fd = -1, .line = 1                                                                        \
    }

/* Past this the octets do not stay in memory. */
#define DT_INPUT_MEMORY (1024 * 1024)

/* The first octets of the input are looked at to tell what it is. */
#define DT_INPUT_PEEK (64 * 1024)

/* Fill an input that is DT_INPUT_NONE; gzip is undone and the frame of an .emlx taken off. The
 * errors are those of dt_message_read_file and dt_message_read_fd; after one the input still wants
 * dt_input_clear. */
gboolean dt_input_open_file(dt_input *input, const char *path, GError **error);
gboolean dt_input_open_fd(dt_input *input, int fd, const char *label, GError **error);
gboolean dt_input_open_bytes(dt_input *input, GBytes *bytes, const char *label, GError **error);

/* The octets offset..offset+length of another input, as they are. A file's are copied if they are
 * few; else both read the same file. */
gboolean dt_input_open_part(dt_input *input, const dt_input *whole, guint64 offset, guint64 length,
                            GError **error);

/* As dt_input_open_file for what must be a regular file: never waits for the writer of a FIFO. */
gboolean dt_input_open_regular(dt_input *input, const char *path, GError **error);
void dt_input_clear(dt_input *input);

/* The message if it is in memory, else NULL. */
const char *dt_input_memory(const dt_input *input);

/* Exactly length octets from offset; DT_ERROR_IO if they are not there any more. */
gboolean dt_input_read(const dt_input *input, guint64 offset, char *buffer, gsize length,
                       GError **error);

/* The octets from..to in pieces. Stops without error when func returns FALSE. */
gboolean dt_input_each(const dt_input *input, guint64 from, guint64 to, dt_body_func func,
                       gpointer data, GError **error);

/* ---- inflate.c ----------------------------------------------------------------------------- */

/* A growing store: memory first, past DT_INPUT_MEMORY a temporary file without a name. */
typedef struct {
    GByteArray *memory; /* NULL once it lies in fd */
    int fd;
    guint64 length;
} dt_spool;

#define DT_SPOOL_NONE                                                                              \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

gboolean dt_spool_add(dt_spool *spool, const void *octets, gsize length, GError **error);
void dt_spool_clear(dt_spool *spool);

/* Hands what was stored to an empty input and is empty then. */
void dt_spool_give(dt_spool *spool, dt_input *input);

/* The beginning of gzip data whose beginning is given; gives its length, 0 if they are none. */
gsize dt_inflate_start(const char *octets, gsize length, char *out, gsize room);

gboolean dt_input_is_gzip(const dt_input *input);

/* Puts what the gzip data hold in place of them. DT_ERROR_DATA if they are damaged or hold more
 * than 4 GiB. */
gboolean dt_input_inflate(dt_input *input, const char *label, GError **error);

/* ---- sniff.c ------------------------------------------------------------------------------- */

/* What the octets are if they are no message, as "an Outlook .msg file: ..." with the remedy; NULL
 * if nothing speaks against it. */
const char *dt_sniff_foreign(const char *octets, gsize length);

/* The length of the first line of an .emlx (Apple Mail), line end included, and the count of octets
 * it announces; 0 if it is none. */
gsize dt_sniff_emlx(const char *octets, gsize length, guint64 *count_out);

#endif
