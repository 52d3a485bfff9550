/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The store for input that has to be kept (memory, then a temporary file without a name in TMPDIR),
 * and gzip (RFC 1952), which is undone into such a store. What the octets mean is not looked at.
 */
#include "message/input.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define MAX_INFLATED (4ull * 1024 * 1024 * 1024)
#define PIECE        (128 * 1024)

static gboolean
fail_spool(GError **error)
{
    int number = errno;
    g_set_error(error, DT_ERROR, DT_ERROR_IO, "cannot keep the input in a temporary file in %s: %s",
                g_get_tmp_dir(), g_strerror(number));
    return FALSE;
}

gboolean
dt_spool_add(dt_spool *spool, const void *octets, gsize length, GError **error)
{
    spool->length += length;
    if (spool->fd < 0) {
        if (!spool->memory)
            spool->memory = g_byte_array_new();
        g_byte_array_append(spool->memory, octets, length);
        if (spool->memory->len <= DT_INPUT_MEMORY)
            return TRUE;
        spool->fd = dt_file_open_nameless();
        if (spool->fd < 0 ||
            !dt_file_write(spool->fd, (char *)spool->memory->data, spool->memory->len))
            return fail_spool(error);
        g_clear_pointer(&spool->memory, g_byte_array_unref);
        return TRUE;
    }
    return dt_file_write(spool->fd, octets, length) || fail_spool(error);
}

void
dt_spool_clear(dt_spool *spool)
{
    g_clear_pointer(&spool->memory, g_byte_array_unref);
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

void
dt_spool_give(dt_spool *spool, dt_input *input)
{
    input->start = 0;
    input->length = spool->length;
    if (spool->fd >= 0) {
        input->fd = spool->fd;
        spool->fd = -1;
    } else if (spool->memory)
        input->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&spool->memory));
    else
        input->bytes = g_bytes_new_static("", 0);
}

gboolean
dt_input_is_gzip(const dt_input *input)
{
    char magic[3];
    return input->length >= 18 && dt_input_read(input, 0, magic, 3, NULL) &&
           memcmp(magic, "\x1f\x8b\x08", 3) == 0;
}

gsize
dt_inflate_start(const char *octets, gsize length, char *out, gsize room)
{
    z_stream stream = { .next_in = (Bytef *)octets, .avail_in = length };
    if (length < 18 || memcmp(octets, "\x1f\x8b\x08", 3) != 0 ||
        inflateInit2(&stream, 15 + 16) != Z_OK)
        return 0;
    stream.next_out = (Bytef *)out;
    stream.avail_out = room;
    inflate(&stream, Z_SYNC_FLUSH);
    inflateEnd(&stream);
    return room - stream.avail_out;
}

typedef struct {
    z_stream stream;
    dt_spool spool;
    guchar *piece;
    const char *fault;   /* what is wrong with the data */
    gboolean is_between; /* a member has just ended */
    GError *error;
} inflater;

/* One step of decompression; FALSE when it cannot go on. */
static gboolean
inflate_step(inflater *in)
{
    in->stream.next_out = in->piece;
    in->stream.avail_out = PIECE;
    int status = inflate(&in->stream, Z_NO_FLUSH);
    gsize made = PIECE - in->stream.avail_out;
    if (status == Z_MEM_ERROR) {
        g_set_error_literal(&in->error, DT_ERROR, DT_ERROR_INTERNAL, "too little memory for gzip");
        return FALSE;
    }
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        in->fault = "the gzip data are damaged";
        return FALSE;
    }
    if (in->spool.length + made > MAX_INFLATED) {
        in->fault = "the gzip data hold more than 4 GiB";
        return FALSE;
    }
    if (made > 0 && !dt_spool_add(&in->spool, in->piece, made, &in->error))
        return FALSE;
    in->is_between = status == Z_STREAM_END;
    return TRUE;
}

/* Several members follow each other (RFC 1952 2.2); zeros or other octets behind the last one are
 * padding, as for gzip(1). */
static gboolean
inflate_piece(const char *octets, gsize length, gpointer data)
{
    inflater *in = data;
    in->stream.next_in = (Bytef *)octets;
    in->stream.avail_in = length;
    do {
        if (in->is_between && in->stream.avail_in > 0) {
            if (in->stream.next_in[0] != 0x1f)
                return FALSE;
            inflateReset(&in->stream);
        }
        if (!inflate_step(in))
            return FALSE;
    } while (in->stream.avail_in > 0 || in->stream.avail_out == 0);
    return TRUE;
}

gboolean
dt_input_inflate(dt_input *input, const char *label, GError **error)
{
    inflater in = { .spool = DT_SPOOL_NONE };
    if (inflateInit2(&in.stream, 15 + 16) != Z_OK) {
        g_set_error(error, DT_ERROR, DT_ERROR_INTERNAL, "zlib cannot be set up");
        return FALSE;
    }
    in.piece = g_malloc(PIECE);
    gboolean is_read = dt_input_each(input, 0, input->length, inflate_piece, &in, error);
    inflateEnd(&in.stream);
    g_free(in.piece);
    if (is_read && !in.fault && !in.error && !in.is_between)
        in.fault = "the gzip data end too early";
    gboolean is_ok = is_read && !in.fault && !in.error;
    if (in.error)
        g_propagate_error(error, in.error);
    else if (in.fault)
        g_set_error(error, DT_ERROR, DT_ERROR_DATA, "%s: %s; save the message anew", label,
                    in.fault);
    if (is_ok) {
        dt_input_clear(input);
        dt_spool_give(&in.spool, input);
    }
    dt_spool_clear(&in.spool);
    return is_ok;
}
