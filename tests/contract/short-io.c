/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A library to preload: what reading and writing may run into, as the environment asks for it.
 * SHORT_IO_SEED: at random from it calls are interrupted or come short, as POSIX allows.
 * SHORT_IO_ENOSPC: after so many octets written in all the disk is full. SHORT_IO_EIO: reads fail
 * after so many. SHORT_IO_READDIR: so do listings of folders. SHORT_IO_CLOSE: what a file server
 * says only when standard output is closed. SHORT_IO_HOLES: zeros written to a file are holes.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ssize_t __read_chk(int fd, void *buffer, size_t length, size_t room);

static unsigned seed;
static int is_short, fails_close, makes_holes;
static long room = -1, reads = -1, listings = -1; /* until they fail; -1: never */

static long
number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : -1;
}

__attribute__((constructor)) static void
set_up(void)
{
    is_short = getenv("SHORT_IO_SEED") != NULL;
    seed = (unsigned)number("SHORT_IO_SEED");
    room = number("SHORT_IO_ENOSPC");
    reads = number("SHORT_IO_EIO");
    listings = number("SHORT_IO_READDIR");
    fails_close = getenv("SHORT_IO_CLOSE") != NULL;
    makes_holes = getenv("SHORT_IO_HOLES") != NULL;
}

/* Octets to do now; 0: interrupted. */
static size_t
part(size_t length)
{
    if (!is_short)
        return length;
    unsigned kind = (unsigned)rand_r(&seed) % 4;
    if (kind == 0 || length == 0)
        return kind == 0 ? 0 : length;
    if (kind == 1)
        return 1;
    return kind == 2 ? length : 1 + (size_t)rand_r(&seed) % length;
}

static int
fails(int number)
{
    errno = number;
    return 1;
}

static int
is_interrupted(size_t length, size_t now)
{
    return now == 0 && length > 0 && fails(EINTR);
}

/* Another call of those that are counted; from some on they fail. */
static int
is_damaged(long *left)
{
    if (*left > 0)
        --*left;
    else if (*left == 0)
        return fails(EIO);
    return 0;
}

ssize_t
read(int fd, void *buffer, size_t length)
{
    static ssize_t (*next)(int, void *, size_t);
    size_t now = part(length);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "read");
    return is_interrupted(length, now) || is_damaged(&reads) ? -1 : next(fd, buffer, now);
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
    return is_interrupted(length, now) || is_damaged(&reads) ? -1 : next(fd, buffer, now, offset);
}

/* With 64-bit offsets this is readdir64. */
struct dirent *
readdir(DIR *directory)
{
    static struct dirent *(*next)(DIR *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "readdir64");
    return is_damaged(&listings) ? NULL : next(directory);
}

int
close(int fd)
{
    static int (*next)(int);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "close");
    return fd == STDOUT_FILENO && fails_close && fails(EIO) ? -1 : next(fd);
}

static int
is_hole(int fd, const void *buffer, size_t length)
{
    static const char zeros[4096];
    struct stat status;
    for (size_t at = 0; at < length; at += sizeof zeros)
        if (memcmp((const char *)buffer + at, zeros,
                   length - at < sizeof zeros ? length - at : sizeof zeros) != 0)
            return 0;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
           ftruncate(fd, status.st_size + (off_t)length) == 0 && lseek(fd, 0, SEEK_END) >= 0;
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
    if (makes_holes && is_hole(fd, buffer, length))
        return (ssize_t)length;
    if (fd == STDERR_FILENO)
        return next(fd, buffer, length);
    if (room == 0 && fails(ENOSPC))
        return -1;
    if (room > 0 && now > (size_t)room)
        now = (size_t)room;
    ssize_t written = next(fd, buffer, now);
    if (room > 0 && written > 0)
        room -= written;
    return written;
}
