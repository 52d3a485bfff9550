/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: the parts of the filter. What came in is kept whole in a store; a
 * strainer goes over it once more, octet by octet, leaving out fields and putting others in.
 */
#ifndef DT_REPORT_FILTER_H
#define DT_REPORT_FILTER_H

#include <dmarctrace/report.h>

/* ---- filter-store.c: all octets of the input, nothing undone ------------------------------- */

/* Past this the octets do not stay in memory. */
#define DT_STORE_MEMORY (1024 * 1024)

typedef struct {
    GByteArray *memory; /* NULL once the octets lie in fd */
    int fd;             /* of a temporary file without a name; -1 */
    char first[32];     /* the beginning */
    gsize first_length;
} dt_store;

#define DT_STORE_EMPTY                                                                             \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* DT_ERROR_IO. */
gboolean dt_store_add(dt_store *store, const char *octets, gsize length, GError **error);
gboolean dt_store_fill(dt_store *store, int fd,
                       GError **error); /* to its end; waits where fd does not block */
void dt_store_clear(dt_store *store);

/* The store as a message, the store is empty then. */
dt_message *dt_store_give(dt_store *store, const char *label, GError **error);

/* ---- filter-strain.c: fields out, fields in ------------------------------------------------ */

/* Does field (octets of a whole Authentication-Results field, or of the beginning of one that is
 * longer than any reader bears) carry this authserv-id (RFC 8601 2.2)? */
gboolean dt_authres_carries(const char *field, gsize length, const char *authserv_id);

typedef struct {
    const char *authserv_id; /* Authentication-Results of this id go, and X-Dmarctrace */
    const char *fields;      /* lines with LF to put on top of the header; NULL none */
    guint64 header_start;    /* where the first field of the message stands */
    guint64 until; /* what begins at or behind this offset stays; G_MAXUINT64: all fields of the
                      header may go */
    dt_eol line_endings; /* for a header without any line end */
    dt_body_func sink;
    gpointer data;
} dt_strain;

/* Streams message through the strainer. FALSE if it cannot be read (DT_ERROR_IO); a sink that
 * returns FALSE ends it. removed_out: how many fields went, may be NULL. */
gboolean dt_strain_message(const dt_strain *strain, dt_message *message, guint *removed_out,
                           GError **error);

#endif
