/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: comments, quoted strings and words of a structured field (RFC
 * 5322 3.2), for the parsers of trace and result fields. Every step is linear in the field: which
 * parenthesis closes which is found once, at the start.
 */
#ifndef DT_MESSAGE_LEXER_H
#define DT_MESSAGE_LEXER_H

#include <dmarctrace/message.h>

typedef struct {
    char *text; /* valid UTF-8, folds still in it */
    gsize length;
    gsize at;
    guint32 *closes; /* for each "(" where its ")" is; 0: none, an ordinary character then */
    gboolean folded; /* the blank skipped last held a line end */
} dt_lexer;

typedef enum { DT_LEXER_QUOTES = 1, DT_LEXER_NO_QUOTES } dt_lexer_mode;

/* Takes text. Without quotes, a quote is an ordinary character. */
void dt_lexer_init(dt_lexer *lexer, char *text, dt_lexer_mode mode);
void dt_lexer_clear(dt_lexer *lexer);

/* The value of a field as text for a lexer: valid UTF-8, folds kept. */
char *dt_lexer_field_text(const dt_field *field);

gboolean dt_lexer_at_end(const dt_lexer *lexer);
gboolean dt_lexer_at_comment(const dt_lexer *lexer);

/* White space; notes in folded whether a line end was in it. */
void dt_lexer_skip_blank(dt_lexer *lexer);

/* White space and comments. */
void dt_lexer_skip_cfws(dt_lexer *lexer);

/* At a comment: its content without the outer parentheses, folds as one blank. Moves behind it.
 * Caller frees. */
char *dt_lexer_comment(dt_lexer *lexer);

/* At a quote: the quoted-string without quotes and escapes. NULL if it never closes. Caller frees.
 */
char *dt_lexer_quoted(dt_lexer *lexer);

/* A keyword: up to white space, ";", "=", a quote or a comment; blanks around "." and "/" are
 * allowed (RFC 8601 2.2). May be "". */
char *dt_lexer_name(dt_lexer *lexer);

/* Is "=" the next thing behind white space and comments? Moves behind it if so, not at all if not.
 */
gboolean dt_lexer_equals(dt_lexer *lexer);

/* What stands behind "=". is_name tells whether a word is the name of a following pair, which ends
 * an empty value. Never NULL. */
char *dt_lexer_value(dt_lexer *lexer, gboolean (*is_name)(const char *name));

/* Tabs and line ends as blanks, in place: a fold becomes one blank. */
void dt_lexer_unfold(char *text);

#endif
