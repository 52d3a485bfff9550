/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * An mbox taken apart (message/mbox.c): every octet belongs to one message at most, in order, and
 * each message is read or refused with an error. Input: the file.
 */
#include "fuzz.h"

#include <dmarctrace/message.h>

#include <string.h>

#define MAX_READ 20

static gboolean
collect(const char *octets, gsize length, gpointer data)
{
    g_string_append_len(data, octets, (gssize)length);
    return TRUE;
}

static void
check_entry(const dt_mbox *mbox, const dt_mbox_entry *entry, const guint8 *octets, gsize length)
{
    g_autoptr(GString) text = g_string_new(NULL);
    fuzz_require(dt_mbox_each_octet(mbox, entry, collect, text, NULL));
    fuzz_require(text->len == entry->length && g_str_has_prefix(text->str, "From "));
    /* Offsets count from behind what is undone: gzip, the count line of an .emlx. */
    gboolean is_plain = length > 1 && octets[0] == 'F';
    if (is_plain) {
        fuzz_require(entry->offset + entry->length <= length);
        fuzz_require(memcmp(text->str, octets + entry->offset, text->len) == 0);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) message = dt_mbox_read(mbox, entry, &error);
    fuzz_require(!message == (error != NULL));
    fuzz_require(!message || dt_message_size(message) <= entry->length);
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_ready();
    g_autoptr(GBytes) bytes = g_bytes_new(octets, length);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_mbox) mbox = dt_mbox_open_bytes(bytes, "box", &error);
    fuzz_require(!mbox == (error != NULL));
    dt_mbox_entry entry;
    guint64 end = 0;
    for (guint count = 0; mbox && dt_mbox_next(mbox, &entry, NULL); count++) {
        fuzz_require(entry.index == count && entry.offset >= end && entry.length > 0);
        end = entry.offset + entry.length;
        if (count < MAX_READ)
            check_entry(mbox, &entry, octets, length);
    }
    return 0;
}
