/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The paths that a call names: its arguments, then the lines (or NUL-ended words) of --files-from,
 * read as they are wanted.
 */
#ifndef DT_COMMAND_PATHS_H
#define DT_COMMAND_PATHS_H

#include "command/command.h"

typedef struct dt_paths dt_paths;

/* NULL with DT_ERROR_NO_INPUT: the list cannot be opened. */
dt_paths *dt_paths_new(const dt_call *call, GError **error);
void dt_paths_free(dt_paths *paths);

/* The next path, valid until the next call; NULL at the end, or with DT_ERROR_IO. */
const char *dt_paths_next(dt_paths *paths, GError **error);

/* Octets of all files at and below the arguments, as far as that is quickly known; 0: not known
 * (there is a list). */
guint64 dt_paths_size(const dt_call *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_paths, dt_paths_free)

#endif
