/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A library to preload: reads and writes are interrupted or come short, as POSIX allows, at random from SHORT_IO_SEED. After
 * SHORT_IO_ENOSPC octets written in all the disk is full.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t __read_chk(int fd, void *buffer, size_t length, size_t room);

static unsigned seed;
static long room = -1; /* until the disk is full; -1: never */

__attribute__((constructor)) static void
set_up(void)
{
    const char *text = getenv("SHORT_IO_SEED"), *full = getenv("SHORT_IO_ENOSPC");
    seed = text ? (unsigned)atoi(text) : 1;
    room = full ? atol(full) : -1;
}

/* Octets to do now; 0: interrupted. */
static size_t
part(size_t length)
{
    unsigned kind = (unsigned)rand_r(&seed) % 4;
    if (kind == 0 || length == 0)
        return kind == 0 ? 0 : length;
    if (kind == 1)
        return 1;
    return kind == 2 ? length : 1 + (size_t)rand_r(&seed) % length;
}

static int
is_interrupted(size_t length, size_t now)
{
    if (now > 0 || length == 0)
        return 0;
    errno = EINTR;
    return 1;
}

ssize_t
read(int fd, void *buffer, size_t length)
{
    static ssize_t (*next)(int, void *, size_t);
    size_t now = part(length);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "read");
    return is_interrupted(length, now) ? -1 : next(fd, buffer, now);
}

ssize_t
__read_chk(int fd, void *buffer, size_t length, size_t size)
{
    return read(fd, buffer, length < size ? length : size);
}

ssize_t
pread64(int fd, void *buffer, size_t length, off64_t offset)
{
    static ssize_t (*next)(int, void *, size_t, off64_t);
    size_t now = part(length);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pread64");
    return is_interrupted(length, now) ? -1 : next(fd, buffer, now, offset);
}

ssize_t
write(int fd, const void *buffer, size_t length)
{
    static ssize_t (*next)(int, const void *, size_t);
    size_t now = part(length);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "write");
    if (is_interrupted(length, now))
        return -1;
    if (fd == STDERR_FILENO)
        return next(fd, buffer, length);
    if (room == 0) {
        errno = ENOSPC;
        return -1;
    }
    if (room > 0 && now > (size_t)room)
        now = (size_t)room;
    ssize_t written = next(fd, buffer, now);
    if (room > 0 && written > 0)
        room -= written;
    return written;
}
