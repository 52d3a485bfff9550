/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A library to preload: the BAD_MEMORY-th piece of memory that is asked for is not there, or none
 * from it on with BAD_MEMORY_ON. Only pieces of at least BAD_MEMORY_LEAST octets count. How many
 * were asked for is written to the file BAD_MEMORY_COUNT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static long fails_at;
static size_t least; /* octets of a piece that counts */
static int goes_on;
static atomic_long asked;

__attribute__((constructor)) static void
set_up(void)
{
    const char *at = getenv("BAD_MEMORY");
    fails_at = at ? atol(at) : 0;
    const char *size = getenv("BAD_MEMORY_LEAST");
    least = size ? (size_t)atol(size) : 0;
    goes_on = getenv("BAD_MEMORY_ON") != NULL;
    asked = 0;
}

__attribute__((destructor)) static void
write_count(void)
{
    char text[32];
    const char *path = getenv("BAD_MEMORY_COUNT");
    int length = snprintf(text, sizeof text, "%ld\n", (long)asked),
        fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd >= 0 && write(fd, text, (size_t)length) != length)
        abort();
}

/* libseccomp 2.5.4 then goes round for ever, which src/command/sandbox.c sees to: it is spared. */
static int
is_spared(void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname && strstr(info.dli_fname, "libseccomp");
}

static int
is_out(size_t size, void *caller)
{
    if (size < least)
        return 0;
    long number = atomic_fetch_add(&asked, 1) + 1;
    if (fails_at <= 0 || (goes_on ? number < fails_at : number != fails_at))
        return 0;
    if (is_spared(caller)) {
        fails_at += goes_on ? 0 : 1;
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

void *
malloc(size_t size)
{
    return is_out(size, __builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    return is_out(count * size, __builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
    return is_out(size, __builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}
