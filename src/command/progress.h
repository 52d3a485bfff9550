/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * How far a long run is, in one line at the foot of a terminal: count, rate, time left.
 */
#ifndef DT_COMMAND_PROGRESS_H
#define DT_COMMAND_PROGRESS_H

#include <glib.h>

typedef struct {
    gboolean is_on;
    gboolean is_drawn;
    guint64 octets_total; /* 0: not known */
    guint64 count, octets;
    gint64 started_at, drawn_at; /* microseconds */
} dt_progress;

/* is_wanted FALSE, or standard error no terminal: nothing is ever drawn. */
void dt_progress_begin(dt_progress *progress, gboolean is_wanted);

/* One message more, of so many octets. */
void dt_progress_add(dt_progress *progress, guint64 octets);

/* Draws the line, a few times a second at most. */
void dt_progress_draw(dt_progress *progress);

/* Takes the line away, so that others can be written. */
void dt_progress_wipe(dt_progress *progress);

/* The line as it would be drawn, columns wide at most. Caller frees. */
char *dt_progress_line(const dt_progress *progress, gint64 now, guint columns);

#endif
