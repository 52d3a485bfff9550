/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Without memory GLib ends the program, OpenSSL takes the key or signature at hand for a bad one: a
 * verdict would rest on it. Here it gets its memory from GLib.
 */
#include "command/memory.h"

#include <glib.h>
#include <openssl/crypto.h>

static void *
take(size_t size, const char *file, int line)
{
    return g_malloc(size);
}

static void *
take_more(void *old, size_t size, const char *file, int line)
{
    return g_realloc(old, size);
}

static void
give_back(void *memory, const char *file, int line)
{
    g_free(memory);
}

void
dt_memory_or_end(void)
{
    CRYPTO_set_mem_functions(take, take_more, give_back);
}
