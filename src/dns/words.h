/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A master file cut into entries, and these into words: lines, parentheses, comments, quotes.
 * Private to this folder.
 */
#ifndef DT_DNS_WORDS_H
#define DT_DNS_WORDS_H

#include "dns/record.h"

typedef struct {
    /* One entry: a record or directive with all its lines, or a ";!" line without that mark. */
    const dt_word *words;
    guint count;          /* at least 1 */
    gboolean is_indented; /* the line began with a blank: the owner is that of the record before */
    gboolean is_note;     /* a ";!" line */

    /* Set where dt_words_next ended because the text is faulty. */
    const char *fault; /* NULL: the text ended as it should */
    guint fault_line;
} dt_words;

/* text is borrowed. */
dt_words *dt_words_new(const char *text, gsize length);
gboolean dt_words_next(dt_words *words);
void dt_words_free(dt_words *words);

#endif
