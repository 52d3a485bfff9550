/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * How does a filter keep what it was given until it may write? In memory, past 1 MiB in a temporary
 * file without a name. Unlike the input of a report nothing is undone (gzip, the frame of an
 * .emlx): what comes in must come out.
 */
#include "report/filter.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 * 1024)

static gboolean
fail(GError **error, const char *what)
{
    g_set_error(error, DT_ERROR, DT_ERROR_IO, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean
write_file(const dt_store *store, const char *octets, gsize length, GError **error)
{
    return dt_file_write(store->fd, octets, length) ||
           fail(error, "cannot keep the message in a temporary file");
}

/* Too much for memory: what is there goes into a file. */
static gboolean
move_to_file(dt_store *store, GError **error)
{
    store->fd = dt_file_open_nameless();
    if (store->fd < 0)
        return fail(error, "cannot make a temporary file for the message");
    gboolean is_written =
        write_file(store, (const char *)store->memory->data, store->memory->len, error);
    g_clear_pointer(&store->memory, g_byte_array_unref);
    return is_written;
}

gboolean
dt_store_add(dt_store *store, const char *octets, gsize length, GError **error)
{
    gsize part = MIN(length, sizeof store->first - store->first_length);
    memcpy(store->first + store->first_length, octets, part);
    store->first_length += part;
    if (store->fd < 0 && !store->memory)
        store->memory = g_byte_array_new();
    if (store->fd < 0 && store->memory->len + length > DT_STORE_MEMORY &&
        !move_to_file(store, error))
        return FALSE;
    if (store->fd >= 0)
        return write_file(store, octets, length, error);
    g_byte_array_append(store->memory, (const guint8 *)octets, length);
    return TRUE;
}

gboolean
dt_store_fill(dt_store *store, int fd, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE);
    gssize got;
    while ((got = dt_file_read(fd, piece, PIECE)) > 0)
        if (!dt_store_add(store, piece, got, error))
            return FALSE;
    return got == 0 || fail(error, "cannot read the message");
}

/* gzip (RFC 1952) and the count that stands in front of an .emlx: the reader of messages would undo
 * them. No field begins so. */
static gboolean
is_packed(const char *octets, gsize length)
{
    gsize i = 0;
    if (length >= 2 && octets[0] == '\x1f' && octets[1] == '\x8b')
        return TRUE;
    while (i < length && g_ascii_isdigit(octets[i]))
        i++;
    return i > 0 && (i == length || strchr(" \t\r\n", octets[i]));
}

static gboolean
check_beginning(const dt_store *store, GError **error)
{
    if (!is_packed(store->first, store->first_length))
        return TRUE;
    g_set_error_literal(error, DT_ERROR, DT_ERROR_DATA,
                        "the input is no message as it is delivered, but a packed file");
    return FALSE;
}

void
dt_store_clear(dt_store *store)
{
    g_clear_pointer(&store->memory, g_byte_array_unref);
    if (store->fd >= 0)
        close(store->fd);
    store->fd = -1;
    store->first_length = 0;
}

dt_message *
dt_store_give(dt_store *store, const char *label, GError **error)
{
    dt_message *message;
    if (!check_beginning(store, error))
        return NULL;
    if (store->fd >= 0 && lseek(store->fd, 0, SEEK_SET) < 0) {
        fail(error, "cannot read the message again");
        return NULL;
    }
    if (store->fd >= 0) {
        message = dt_message_read_fd(store->fd, label, error);
    } else {
        g_autoptr(GBytes) bytes = store->memory
                                      ? g_byte_array_free_to_bytes(g_steal_pointer(&store->memory))
                                      : g_bytes_new(NULL, 0);
        message = dt_message_read_bytes(bytes, label, error);
    }
    dt_store_clear(store);
    return message;
}
