/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Arguments and the list of --files-from as one row of paths.
 */
#include "command/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

struct dt_paths {
    const dt_call *call;
    guint next;
    FILE *list;
    char *line; /* of getdelim */
    gsize room;
    gboolean has_failed; /* nothing more comes */
};

dt_paths *
dt_paths_new(const dt_call *call, GError **error)
{
    dt_paths *paths = g_new0(dt_paths, 1);
    paths->call = call;
    if (!call->files_from)
        return paths;
    paths->list = strcmp(call->files_from, "-") == 0 ? stdin : fopen(call->files_from, "re");
    if (paths->list)
        return paths;
    g_set_error(error, DT_ERROR, DT_ERROR_NO_INPUT, "--files-from=%s: cannot be opened: %s",
                call->files_from, g_strerror(errno));
    dt_paths_free(paths);
    return NULL;
}

void
dt_paths_free(dt_paths *paths)
{
    if (paths->list && paths->list != stdin)
        fclose(paths->list);
    free(paths->line);
    g_free(paths);
}

/* The next line that is not empty, without its end. A line that a fault has cut is none, and
 * nothing is read behind the fault. */
static const char *
next_line(dt_paths *paths, GError **error)
{
    int end = paths->call->is_null_separated ? '\0' : '\n';
    ssize_t length;
    errno = 0;
    while (!paths->has_failed &&
           (length = getdelim(&paths->line, &paths->room, end, paths->list)) > 0 &&
           !ferror(paths->list)) {
        if (paths->line[length - 1] == end)
            paths->line[--length] = '\0';
        if (length > 0)
            return paths->line;
    }
    /* Interrupted: the run is stopped. Too little memory for a line is no error of the stream. */
    if (!paths->has_failed && !feof(paths->list) && errno != EINTR)
        g_set_error(error, DT_ERROR, DT_ERROR_IO, "--files-from=%s: cannot be read: %s",
                    paths->call->files_from, g_strerror(errno));
    paths->has_failed = TRUE;
    return NULL;
}

const char *
dt_paths_next(dt_paths *paths, GError **error)
{
    if (paths->next < paths->call->arguments->len)
        return paths->call->arguments->pdata[paths->next++];
    return paths->list ? next_line(paths, error) : NULL;
}

guint64
dt_paths_size(const dt_call *call)
{
    guint64 size = 0;
    g_autoptr(dt_finder) finder = dt_finder_new(TRUE);
    for (guint i = 0; !call->files_from && i < call->arguments->len; i++) {
        dt_found found;
        struct stat status;
        dt_finder_enter(finder, call->arguments->pdata[i]);
        while (dt_finder_next(finder, &found)) {
            if (found.kind == DT_FOUND_FILE && stat(found.path, &status) == 0)
                size += status.st_size;
            dt_found_clear(&found);
        }
    }
    return size;
}
