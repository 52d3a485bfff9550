/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: line ends counted, and undone to CR LF, piece by piece.
 */
#ifndef DT_MESSAGE_LINE_ENDINGS_H
#define DT_MESSAGE_LINE_ENDINGS_H

#include <dmarctrace/message.h>

/* Counts over a stream; all zero at the start. */
typedef struct {
    guint64 lf, crlf, crcrlf;
    guint64 longest; /* octets of the longest line, line end left out */
    guint64 current; /* octets of the line that is not finished */
    guint cr_count;  /* CR at its end, at most 2 */
} dt_line_scan;

void dt_line_scan_feed(dt_line_scan *scan, const char *octets, gsize length);
void dt_line_scan_end(dt_line_scan *scan);
dt_eol dt_line_scan_kind(const dt_line_scan *scan);

/* Where the line end before the LF at lf begins: at most two CR belong to it. start: no further
 * back. */
const char *dt_line_end_start(const char *start, const char *lf);

/* Every CRLF, LF and CRCRLF one CR LF; hands on blocks to func. */
typedef struct {
    dt_body_func func;
    gpointer data;
    char *block;
    gsize used;
    guint cr_count;      /* CR held back */
    gboolean has_octets; /* anything came */
    gboolean is_in_line; /* the last line is not finished */
    gboolean is_stopped; /* func wants no more */
} dt_wire;

void dt_wire_init(dt_wire *wire, dt_body_func func, gpointer data);
gboolean dt_wire_feed(const char *octets, gsize length, gpointer wire); /* a dt_body_func */
void dt_wire_end(dt_wire *wire); /* completes the last line, hands on the rest, frees */

#endif
