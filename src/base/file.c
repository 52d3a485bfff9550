/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int
dt_file_open_nameless(void)
{
    int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0)
        return fd;
    /* A kernel or a file system without O_TMPFILE. */
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dmarctrace-XXXXXX", NULL);
    fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        unlink(path);
    return fd;
}

gboolean
dt_file_write(int fd, const char *octets, gsize length)
{
    while (length > 0) {
        struct pollfd ready = { .fd = fd, .events = POLLOUT };
        gssize put = write(fd, octets, length);
        if (put < 0 && errno == EAGAIN && poll(&ready, 1, -1) < 0 && errno != EINTR)
            return FALSE;
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return FALSE;
        if (put > 0)
            octets += put, length -= (gsize)put;
    }
    return TRUE;
}
