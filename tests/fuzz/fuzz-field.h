/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A value as the one field that a parser of src/message is handed.
 */
#ifndef DT_TESTS_FUZZ_FIELD_H
#define DT_TESTS_FUZZ_FIELD_H

#include "fuzz.h"

#include "message/results.h"

#include <string.h>

static inline void
fuzz_valid(const char *text)
{
    fuzz_require(!text || g_utf8_validate(text, -1, NULL));
}

/* The octets behind "name:" as a field in memory of exactly its size. */
static inline void
fuzz_field(const char *name, const guint8 *octets, gsize length,
           void (*check)(const dt_field *field))
{
    gsize name_length = strlen(name);
    dt_field field = { .line = 1,
                       .line_count = 1,
                       .raw_length = name_length + 1 + length,
                       .name_length = name_length,
                       .value_offset = name_length + 1 };
    char *raw = g_malloc(field.raw_length);
    memcpy(raw, name, name_length);
    raw[name_length] = ':';
    if (length > 0)
        memcpy(raw + name_length + 1, octets, length);
    field.raw = raw;
    check(&field);
    g_free(raw);
}

#endif
