/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The filter's whole way (report/filter.c): a message from a descriptor to a descriptor. What comes
 * out is what came in, with the two fields on top and nothing left out but fields that claim to be
 * ours. Input: DNS lines, separator, message (fuzz.h).
 */
#include "fuzz.h"

#include <dmarctrace/report.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ID "filter.example"

static int
file_of(const char *octets, gsize length)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    fuzz_require(fd >= 0 && (length == 0 || write(fd, octets, length) == (gssize)length));
    fuzz_require(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static GString *
content_of(int fd)
{
    char piece[4096];
    gssize got;
    GString *all = g_string_new(NULL);
    fuzz_require(lseek(fd, 0, SEEK_SET) == 0);
    while ((got = read(fd, piece, sizeof piece)) > 0)
        g_string_append_len(all, piece, got);
    return all;
}

/* What comes out of a filter over octets, the two fields in fields_out; NULL where it gives
 * nothing. */
static GString *
run(dt_context *context, const char *octets, gsize length, char **fields_out, guint *removed_out)
{
    int in = file_of(octets, length), out = file_of("", 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_filter) filter = dt_filter_read(context, in, ID, &error);
    GString *all = NULL;
    fuzz_require(!filter == (error != NULL));
    if (filter) {
        fuzz_require(dt_filter_write(filter, out, NULL));
        *fields_out = g_strdup(dt_filter_fields(filter));
        *removed_out = dt_filter_removed_count(filter);
        all = content_of(out);
    }
    close(in);
    close(out);
    return all;
}

/* The fields where they stand in the output, in its line ends; the octets before them. */
static gsize
find_fields(const GString *all, const char *fields, gsize *length_out)
{
    g_auto(GStrv) lines = g_strsplit(fields, "\n", -1);
    g_autofree char *crlf = g_strjoinv("\r\n", lines);
    const char *forms[] = { crlf, fields };
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        const char *at = memmem(all->str, all->len, forms[i], strlen(forms[i]));
        *length_out = strlen(forms[i]);
        if (at)
            return (gsize)(at - all->str);
    }
    fuzz_require(!"the fields are not there");
    return 0;
}

/* Is part left of whole when octets are left out? */
static gboolean
is_subsequence(const char *part, gsize part_length, const char *whole, gsize length)
{
    gsize i = 0;
    for (gsize k = 0; k < length && i < part_length; k++)
        i += part[i] == whole[k];
    return i == part_length;
}

static void
check_output(const GString *all, const char *fields, guint removed, const char *octets,
             gsize length)
{
    gsize inserted, at = find_fields(all, fields, &inserted);
    g_autoptr(GString) rest = g_string_new_len(all->str, (gssize)all->len);
    g_string_erase(rest, (gssize)at, (gssize)inserted);
    if (removed == 0)
        fuzz_require(rest->len == length && memcmp(rest->str, octets, length) == 0);
    else
        fuzz_require(rest->len < length && is_subsequence(rest->str, rest->len, octets, length));
}

/* Only our own fields carry our names. */
static void
check_names(const GString *all)
{
    g_autoptr(GBytes) bytes = g_bytes_new(all->str, all->len);
    g_autoptr(dt_message) message = dt_message_read_bytes(bytes, "out", NULL);
    fuzz_require(message);
    guint ours = 0, marks = 0;
    for (guint i = 0; i < dt_message_field_count(message); i++)
        marks += dt_field_is(dt_message_field(message, i), "X-Dmarctrace");
    const GPtrArray *recorded = dt_message_recorded(message);
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *one = recorded->pdata[i];
        gboolean is_ours = one->authserv_id && g_ascii_strcasecmp(one->authserv_id, ID) == 0;
        ours += one->header == DT_HEADER_AR && is_ours;
    }
    fuzz_require(ours == 1 && marks == 1);
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_input input;
    fuzz_ready();
    fuzz_input_read(&input, octets, length);
    g_autoptr(dt_source) source = fuzz_input_source(&input);
    g_autoptr(dt_context) context = fuzz_input_context(&input, source);
    g_autofree char *fields = NULL;
    guint removed = 0;
    GString *all = run(context, input.rest, input.rest_length, &fields, &removed);
    if (all) {
        fuzz_require(fields[0] && g_utf8_validate(fields, -1, NULL));
        check_output(all, fields, removed, input.rest, input.rest_length);
        check_names(all);
        g_string_free(all, TRUE);
    }
    fuzz_input_clear(&input);
    return 0;
}
