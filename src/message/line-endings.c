/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What line ends does the input have, and what did its body look like on the wire (RFC 5321 2.3.8,
 * RFC 6376 5.3)? CRLF, LF and CRCRLF (a text-mode copy of CRLF) are one line end each; a CR alone
 * is none. Works on pieces that may be split anywhere; what changed line ends mean is for the
 * diagnosis.
 */
#include "message/line-endings.h"

#include <string.h>

#define BLOCK (64 * 1024)

const char *
dt_line_end_start(const char *start, const char *lf)
{
    for (guint i = 0; i < 2 && lf > start && lf[-1] == '\r'; i++)
        lf--;
    return lf;
}

/* Octets of a line that goes on: counts them and the CR at the end. */
static void
scan_part(dt_line_scan *scan, const char *octets, gsize length)
{
    if (length == 0)
        return;
    guint cr = 0;
    while (cr < 2 && cr < length && octets[length - 1 - cr] == '\r')
        cr++;
    scan->cr_count = cr == length ? MIN(2, scan->cr_count + cr) : cr;
    scan->current += length;
}

static void
scan_line_end(dt_line_scan *scan)
{
    guint64 *count = scan->cr_count == 0   ? &scan->lf
                     : scan->cr_count == 1 ? &scan->crlf
                                           : &scan->crcrlf;
    (*count)++;
    scan->longest = MAX(scan->longest, scan->current - scan->cr_count);
    scan->current = 0;
    scan->cr_count = 0;
}

void
dt_line_scan_feed(dt_line_scan *scan, const char *octets, gsize length)
{
    const char *end = octets + length, *lf;
    while (octets < end && (lf = memchr(octets, '\n', end - octets))) {
        scan_part(scan, octets, lf - octets);
        scan_line_end(scan);
        octets = lf + 1;
    }
    scan_part(scan, octets, end - octets);
}

void
dt_line_scan_end(dt_line_scan *scan)
{
    scan->longest = MAX(scan->longest, scan->current);
    scan->current = 0;
    scan->cr_count = 0;
}

dt_eol
dt_line_scan_kind(const dt_line_scan *scan)
{
    if (scan->crcrlf > 0 || (scan->lf > 0 && scan->crlf > 0))
        return DT_EOL_MIXED;
    return scan->crlf > 0 ? DT_EOL_CRLF : scan->lf > 0 ? DT_EOL_LF : DT_EOL_UNKNOWN;
}

void
dt_wire_init(dt_wire *wire, dt_body_func func, gpointer data)
{
    *wire = (dt_wire){ .func = func, .data = data, .block = g_malloc(BLOCK) };
}

static void
wire_flush(dt_wire *wire)
{
    if (wire->used > 0 && !wire->is_stopped)
        wire->is_stopped = !wire->func(wire->block, wire->used, wire->data);
    wire->used = 0;
}

static void
wire_put(dt_wire *wire, const char *octets, gsize length)
{
    while (length > 0 && !wire->is_stopped) {
        gsize part = MIN(length, BLOCK - wire->used);
        memcpy(wire->block + wire->used, octets, part);
        wire->used += part, octets += part, length -= part;
        if (wire->used == BLOCK)
            wire_flush(wire);
    }
}

/* Octets before a LF or before the end of the piece. The CR at their end, two at most, wait for
 * what follows. */
static void
wire_part(dt_wire *wire, const char *octets, gsize length)
{
    guint cr = 0;
    while (cr < 2 && cr < length && octets[length - 1 - cr] == '\r')
        cr++;
    if (cr ==
        length) { /* held back ones go out as far as they cannot be part of the line end any more */
        guint total = wire->cr_count + cr;
        wire_put(wire, "\r\r", total > 2 ? total - 2 : 0);
        wire->cr_count = MIN(total, 2);
    } else {
        wire_put(wire, "\r\r", wire->cr_count);
        wire_put(wire, octets, length - cr);
        wire->cr_count = cr;
    }
    wire->is_in_line = wire->is_in_line || length > 0;
}

gboolean
dt_wire_feed(const char *octets, gsize length, gpointer data)
{
    dt_wire *wire = data;
    const char *end = octets + length, *lf;
    wire->has_octets = wire->has_octets || length > 0;
    while (octets < end && !wire->is_stopped && (lf = memchr(octets, '\n', end - octets))) {
        wire_part(wire, octets, lf - octets);
        wire_put(wire, "\r\n", 2);
        wire->cr_count = 0;
        wire->is_in_line = FALSE;
        octets = lf + 1;
    }
    wire_part(wire, octets, end - octets);
    return !wire->is_stopped;
}

void
dt_wire_end(dt_wire *wire)
{
    wire_put(wire, "\r\r", wire->cr_count);
    if (wire->is_in_line)
        wire_put(wire, "\r\n", 2);
    wire_flush(wire);
    g_clear_pointer(&wire->block, g_free);
}
