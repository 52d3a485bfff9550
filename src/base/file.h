/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Files as this program needs them: temporary ones that nobody else sees, reading and writing that
 * go on after a signal, in parts, and where somebody has set a descriptor not to block.
 */
#ifndef DT_BASE_FILE_H
#define DT_BASE_FILE_H

#include <glib.h>
#include <stdio.h>

/* A new empty file without a name, in the folder for temporary files; read and write. -1: errno
 * says why. Caller closes. */
int dt_file_open_nameless(void);

/* All octets, however often a signal, a short write or a full pipe interrupts. FALSE: errno says
 * why. */
gboolean dt_file_write(int fd, const char *octets, gsize length);

/* Some octets, 0 at the end; -1: errno says why, never EINTR or EAGAIN. */
gssize dt_file_read(int fd, void *buffer, gsize length);

/* length octets, fewer only at the end; -1: errno says why. */
gssize dt_file_read_full(int fd, void *buffer, gsize length);

/* For what reads by lines: a stream over fd that reads as dt_file_read does. Takes fd over; a
 * standard stream is left open. */
FILE *dt_file_stream(int fd);

#endif
