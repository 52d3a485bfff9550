/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What does a Received-SPF field say (RFC 7208 9.1): a result, a comment, and key=value pairs, with
 * or without ";" between them. Which of it is believed is decided in evaluation.
 */
#include <string.h>
#include "base/text.h"
#include "authres.h"
#include "lexer.h"
#include "results.h"

static void
read_rest(dt_lexer *lexer, dt_recorded *recorded, dt_recorded_result *result)
{
    while (dt_lexer_skip_blank(lexer), !dt_lexer_at_end(lexer)) {
        if (dt_lexer_at_comment(lexer)) {
            dt_comment_add(&recorded->comment, dt_lexer_comment(lexer));
            continue;
        }
        gsize before = lexer->at;
        g_autofree char *name = dt_lexer_name(lexer);
        if (*name && dt_lexer_equals(lexer)) {
            g_autofree char *value = dt_lexer_value(lexer, dt_authres_is_name);
            dt_recorded_result_set(result, name, value);
        }
        lexer->at = MAX(lexer->at, before + 1);
    }
}

dt_recorded *
dt_received_spf_parse(const dt_field *field)
{
    dt_recorded *recorded = dt_recorded_new(field, DT_HEADER_RECEIVED_SPF);
    dt_lexer lexer;
    dt_lexer_init(&lexer, dt_lexer_field_text(field), DT_LEXER_QUOTES);
    dt_lexer_skip_cfws(&lexer);
    g_autofree char *word = dt_lexer_name(&lexer);
    g_strdelimit(word, ":,", '\0');
    if (*word && !dt_lexer_equals(&lexer)) {
        dt_recorded_result *result = dt_recorded_add(recorded, "spf", word);
        read_rest(&lexer, recorded, result);
        result->comment = g_strdup(recorded->comment);
    }
    dt_lexer_clear(&lexer);
    return recorded;
}
