/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The progress line. Its share goes by octets, since an mbox is one file of many messages.
 */
#include "command/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_US   (G_USEC_PER_SEC / 5)
#define BAR_COLUMNS 20

void
dt_progress_begin(dt_progress *progress, gboolean is_wanted)
{
    *progress = (dt_progress){ .is_on = is_wanted && isatty(STDERR_FILENO),
                               .started_at = g_get_monotonic_time() };
}

void
dt_progress_add(dt_progress *progress, guint64 octets)
{
    progress->count++;
    progress->octets += octets;
}

static guint
columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col - 1 : 79;
}

static void
append_bar(GString *line, gdouble share)
{
    guint filled = (guint)(share * BAR_COLUMNS);
    g_string_append_c(line, '[');
    for (guint i = 0; i < BAR_COLUMNS; i++)
        g_string_append_c(line, i < filled ? '#' : '.');
    g_string_append_printf(line, "] %3u %%  ", (guint)(share * 100));
}

char *
dt_progress_line(const dt_progress *progress, gint64 now, guint width)
{
    GString *line = g_string_new(NULL);
    gdouble seconds = MAX(now - progress->started_at, 1) / (gdouble)G_USEC_PER_SEC;
    gdouble share =
        progress->octets_total ? MIN(progress->octets / (gdouble)progress->octets_total, 1.0) : 0;
    if (progress->octets_total)
        append_bar(line, share);
    g_string_append_printf(line, "%" G_GUINT64_FORMAT " messages  %.0f/s", progress->count,
                           progress->count / seconds);
    if (share > 0) {
        guint left = (guint)MIN(seconds * (1 - share) / share, 359999.0);
        g_string_append_printf(line, "  %u:%02u:%02u left", left / 3600, left / 60 % 60, left % 60);
    }
    g_string_truncate(line, MIN(line->len, width));
    return g_string_free(line, FALSE);
}

void
dt_progress_draw(dt_progress *progress)
{
    gint64 now = g_get_monotonic_time();
    if (!progress->is_on || now - progress->drawn_at < REDRAW_US)
        return;
    g_autofree char *line = dt_progress_line(progress, now, columns());
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    progress->drawn_at = now;
    progress->is_drawn = TRUE;
}

void
dt_progress_wipe(dt_progress *progress)
{
    if (!progress->is_drawn)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->is_drawn = FALSE;
}
