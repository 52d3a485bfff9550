/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Files as this program needs them: temporary ones that nobody else sees, writing that goes on
 * after a signal.
 */
#ifndef DT_BASE_FILE_H
#define DT_BASE_FILE_H

#include <glib.h>

/* A new empty file without a name, in the folder for temporary files; read and write. -1: errno
 * says why. Caller closes. */
int dt_file_open_nameless(void);

/* All octets, however often a signal, a short write or a full pipe interrupts. FALSE: errno says
 * why. */
gboolean dt_file_write(int fd, const char *octets, gsize length);

#endif
