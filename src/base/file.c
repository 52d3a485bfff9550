/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * How are octets read and written whole, whatever POSIX allows read(2) and write(2) to do? EINTR is
 * done again, EAGAIN waits, part of a write is gone on with.
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

/* After a call that failed: may it be made again? Waits for what EAGAIN waits for. */
static gboolean
is_again(int fd, short events)
{
    struct pollfd ready = { .fd = fd, .events = events };
    if (errno == EINTR)
        return TRUE;
    return errno == EAGAIN && (poll(&ready, 1, -1) >= 0 || errno == EINTR || errno == EAGAIN);
}

gboolean
dt_file_write(int fd, const char *octets, gsize length)
{
    while (length > 0) {
        gssize put = write(fd, octets, length);
        if (put < 0 && !is_again(fd, POLLOUT))
            return FALSE;
        if (put > 0)
            octets += put, length -= (gsize)put;
    }
    return TRUE;
}

gssize
dt_file_read(int fd, void *buffer, gsize length)
{
    gssize got;
    do
        got = read(fd, buffer, length);
    while (got < 0 && is_again(fd, POLLIN));
    return got;
}

gssize
dt_file_read_full(int fd, void *buffer, gsize length)
{
    gsize done = 0;
    gssize got = 1;
    while (done < length && got > 0) {
        got = dt_file_read(fd, (char *)buffer + done, length - done);
        done += MAX(got, 0);
    }
    return got < 0 ? -1 : (gssize)done;
}

static gssize
stream_read(void *cookie, char *buffer, size_t length)
{
    return dt_file_read(GPOINTER_TO_INT(cookie), buffer, length);
}

static int
stream_close(void *cookie)
{
    int fd = GPOINTER_TO_INT(cookie);
    return fd > STDERR_FILENO ? close(fd) : 0;
}

FILE *
dt_file_stream(int fd)
{
    const cookie_io_functions_t functions = { .read = stream_read, .close = stream_close };
    return fopencookie(GINT_TO_POINTER(fd), "r", functions);
}
