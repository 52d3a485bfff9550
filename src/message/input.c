/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Where do the octets of a message lie, and how are they read? Opening of files, pipes and memory,
 * reading by pieces. A regular file past 1 MiB is left where it is; a pipe is spooled. Compressed
 * input is inflate.c's, what is no message at all is recognised in sniff.c.
 */
#include "message/input.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256 * 1024)

static gboolean
fail_errno(GError **error, int code, const char *label, const char *what)
{
    int number = errno;
    g_set_error(error, DT_ERROR, code, "%s: %s: %s", label, what, g_strerror(number));
    return FALSE;
}

void
dt_input_clear(dt_input *input)
{
    g_clear_pointer(&input->bytes, g_bytes_unref);
    if (input->fd >= 0)
        close(input->fd);
    input->fd = -1;
}

const char *
dt_input_memory(const dt_input *input)
{
    if (!input->bytes)
        return NULL;
    const char *octets = g_bytes_get_data(input->bytes, NULL);
    return octets ? octets + input->start : "";
}

gboolean
dt_input_read(const dt_input *input, guint64 offset, char *buffer, gsize length, GError **error)
{
    g_return_val_if_fail(offset <= input->length && length <= input->length - offset, FALSE);
    const char *memory = dt_input_memory(input);
    if (memory) {
        if (length > 0)
            memcpy(buffer, memory + offset, length);
        return TRUE;
    }
    while (length > 0) {
        gssize got = pread(input->fd, buffer, length, input->start + offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(error, DT_ERROR_IO, "input", "cannot be read");
        if (got == 0) {
            g_set_error(error, DT_ERROR, DT_ERROR_IO, "the input became shorter while it was read");
            return FALSE;
        }
        buffer += got, offset += got, length -= got;
    }
    return TRUE;
}

gboolean
dt_input_each(const dt_input *input, guint64 from, guint64 to, dt_body_func func, gpointer data,
              GError **error)
{
    const char *memory = dt_input_memory(input);
    if (memory) {
        if (to > from)
            func(memory + from, to - from, data);
        return TRUE;
    }
    g_autofree char *piece = g_malloc(PIECE);
    while (from < to) {
        gsize length = MIN(to - from, PIECE);
        if (!dt_input_read(input, from, piece, length, error))
            return FALSE;
        if (!func(piece, length, data))
            return TRUE;
        from += length;
    }
    return TRUE;
}

/* Narrows the input to the message inside the frame that Apple Mail puts around it. */
static gboolean
unframe(dt_input *input, const char *label, GError **error)
{
    char first[32];
    gsize length = MIN(sizeof first, input->length);
    if (!dt_input_read(input, 0, first, length, error))
        return FALSE;
    guint64 count = 0;
    gsize line = dt_sniff_emlx(first, length, &count);
    if (line == 0)
        return TRUE;
    input->start += line;
    input->length = MIN(count, input->length - line);
    input->line++;
    return TRUE;
}

static gboolean
unpack(dt_input *input, const char *label, GError **error)
{
    if (dt_input_is_gzip(input) && !dt_input_inflate(input, label, error))
        return FALSE;
    return unframe(input, label, error);
}

gboolean
dt_input_open_bytes(dt_input *input, GBytes *bytes, const char *label, GError **error)
{
    input->bytes = g_bytes_ref(bytes);
    input->length = g_bytes_get_size(bytes);
    return unpack(input, label, error);
}

/* Reads fd to its end into a spool. */
static gboolean
open_stream(dt_input *input, int fd, const char *label, GError **error)
{
    dt_spool spool = DT_SPOOL_NONE;
    g_autofree char *piece = g_malloc(PIECE);
    gboolean is_ok = TRUE;
    gssize got = 1;
    while (is_ok && got > 0) {
        got = dt_file_read(fd, piece, PIECE);
        if (got < 0)
            is_ok = fail_errno(error, DT_ERROR_IO, label, "cannot be read");
        else if (got > 0)
            is_ok = dt_spool_add(&spool, piece, got, error);
    }
    if (is_ok)
        dt_spool_give(&spool, input);
    dt_spool_clear(&spool);
    return is_ok && unpack(input, label, error);
}

/* The whole of a small file at once; what was appended since its size was asked does not count. */
static gboolean
open_small(dt_input *input, int fd, gsize size, const char *label, GError **error)
{
    g_autofree char *octets = g_malloc(size);
    gssize length = dt_file_read_full(fd, octets, size);
    if (length < 0)
        return fail_errno(error, DT_ERROR_IO, label, "cannot be read");
    input->bytes = g_bytes_new_take(g_steal_pointer(&octets), length);
    input->length = length;
    return unpack(input, label, error);
}

/* What was opened as path; *fd is -1 afterwards if the input has taken it. */
static gboolean
open_descriptor(dt_input *input, int *fd, const char *path, gboolean must_be_regular,
                GError **error)
{
    struct stat status;
    if (fstat(*fd, &status) != 0)
        return fail_errno(error, DT_ERROR_NO_INPUT, path, "cannot be opened");
    if (S_ISDIR(status.st_mode)) {
        g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                    "%s: is a directory; for every message in it: dmarctrace batch", path);
        return FALSE;
    }
    if (must_be_regular && !S_ISREG(status.st_mode)) {
        g_set_error(error, DT_ERROR, DT_ERROR_NO_INPUT, "%s: is no regular file", path);
        return FALSE;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0)
        return open_stream(input, *fd, path, error);
    if (status.st_size <= DT_INPUT_MEMORY)
        return open_small(input, *fd, status.st_size, path, error);
    input->fd = *fd;
    *fd = -1;
    input->length = status.st_size;
    return unpack(input, path, error);
}

static gboolean
open_path(dt_input *input, const char *path, int flags, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    if (fd < 0)
        return fail_errno(error, DT_ERROR_NO_INPUT, path, "cannot be opened");
    gboolean is_ok = open_descriptor(input, &fd, path, flags != 0, error);
    if (fd >= 0)
        close(fd);
    return is_ok;
}

gboolean
dt_input_open_file(dt_input *input, const char *path, GError **error)
{
    return open_path(input, path, 0, error);
}

gboolean
dt_input_open_regular(dt_input *input, const char *path, GError **error)
{
    return open_path(input, path, O_NONBLOCK, error);
}

gboolean
dt_input_open_part(dt_input *input, const dt_input *whole, guint64 offset, guint64 length,
                   GError **error)
{
    input->length = length;
    if (whole->bytes) {
        input->bytes = g_bytes_ref(whole->bytes);
        input->start = whole->start + offset;
        return TRUE;
    }
    if (length > DT_INPUT_MEMORY) {
        input->fd = fcntl(whole->fd, F_DUPFD_CLOEXEC, 0);
        input->start = whole->start + offset;
        return input->fd >= 0 || fail_errno(error, DT_ERROR_IO, "input", "cannot be read");
    }
    g_autofree char *octets = g_malloc(MAX(length, 1));
    if (!dt_input_read(whole, offset, octets, length, error))
        return FALSE;
    input->bytes = g_bytes_new_take(g_steal_pointer(&octets), length);
    return TRUE;
}

gboolean
dt_input_open_fd(dt_input *input, int fd, const char *label, GError **error)
{
    struct stat status;
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                    "%s: is a directory; for every message in it: dmarctrace batch", label);
        return FALSE;
    }
    if (at < 0 || !S_ISREG(status.st_mode) || status.st_size - at <= DT_INPUT_MEMORY)
        return open_stream(input, fd, label, error);
    input->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (input->fd < 0)
        return fail_errno(error, DT_ERROR_IO, label, "cannot be read");
    input->start = at;
    input->length = status.st_size - at;
    return unpack(input, label, error);
}
