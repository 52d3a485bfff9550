/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Where do words, comments and quoted strings of a structured field begin and end (RFC 5322 3.2.1
 * to 3.2.4)? What they mean is the affair of the parser that asks. What is broken (a parenthesis or
 * quote that never closes) counts as an ordinary character.
 */
#include <string.h>
#include "base/text.h"
#include "lexer.h"

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Index of the quote that closes the one at open, 0 if none does. */
static gsize
closing_quote(const char *text, gsize length, gsize open)
{
    for (gsize i = open + 1; i < length; i++) {
        if (text[i] == '\\' && i + 1 < length)
            i++;
        else if (text[i] == '"')
            return i;
    }
    return 0;
}

static void
match_parentheses(dt_lexer *lexer, dt_lexer_mode mode)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));
    gboolean has_quotes = mode == DT_LEXER_QUOTES;
    for (gsize i = 0; i < lexer->length; i++) {
        char c = lexer->text[i];
        if (c == '\\' && open->len > 0) {
            i++;
        } else if (c == '"' && has_quotes && open->len == 0) {
            gsize close = closing_quote(lexer->text, lexer->length, i);
            has_quotes = close != 0; /* no further quote can close either */
            i = MAX(i, close);
        } else if (c == '(') {
            guint32 here = i;
            g_array_append_val(open, here);
        } else if (c == ')' && open->len > 0) {
            lexer->closes[g_array_index(open, guint32, open->len - 1)] = i;
            g_array_set_size(open, open->len - 1);
        }
    }
}

void
dt_lexer_init(dt_lexer *lexer, char *text, dt_lexer_mode mode)
{
    *lexer = (dt_lexer){ .text = text, .length = strlen(text) };
    lexer->closes = g_new0(guint32, lexer->length + 1);
    match_parentheses(lexer, mode);
}

void
dt_lexer_clear(dt_lexer *lexer)
{
    g_free(lexer->text);
    g_free(lexer->closes);
    *lexer = (dt_lexer){ 0 };
}

char *
dt_lexer_field_text(const dt_field *field)
{
    gsize start = MIN(field->value_offset, field->raw_length);
    return dt_text_utf8(field->raw + start, MIN(field->raw_length - start, DT_MAX_FIELD_LENGTH));
}

gboolean
dt_lexer_at_end(const dt_lexer *lexer)
{
    return lexer->at >= lexer->length;
}

gboolean
dt_lexer_at_comment(const dt_lexer *lexer)
{
    return !dt_lexer_at_end(lexer) && lexer->closes[lexer->at] != 0;
}

void
dt_lexer_skip_blank(dt_lexer *lexer)
{
    lexer->folded = FALSE;
    for (; !dt_lexer_at_end(lexer) && is_blank(lexer->text[lexer->at]); lexer->at++)
        lexer->folded |= lexer->text[lexer->at] == '\n' || lexer->text[lexer->at] == '\r';
}

void
dt_lexer_skip_cfws(dt_lexer *lexer)
{
    for (;;) {
        dt_lexer_skip_blank(lexer);
        if (!dt_lexer_at_comment(lexer))
            return;
        lexer->at = lexer->closes[lexer->at] + 1;
    }
}

void
dt_lexer_unfold(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        gboolean is_line_end = *from == '\r' || *from == '\n';
        if (is_line_end && is_blank(from[1]))
            continue; /* the blank behind it stands for the fold */
        *to++ = is_line_end || *from == '\t' ? ' ' : *from;
    }
    *to = '\0';
}

char *
dt_lexer_comment(dt_lexer *lexer)
{
    gsize close = lexer->closes[lexer->at];
    char *text = g_strndup(lexer->text + lexer->at + 1, close - lexer->at - 1);
    lexer->at = close + 1;
    dt_lexer_unfold(text);
    return g_strstrip(text);
}

char *
dt_lexer_quoted(dt_lexer *lexer)
{
    gsize close = closing_quote(lexer->text, lexer->length, lexer->at);
    if (close == 0)
        return NULL;
    GString *out = g_string_new(NULL);
    for (gsize i = lexer->at + 1; i < close; i++) {
        if (lexer->text[i] == '\\')
            i++;
        g_string_append_c(out, lexer->text[i]);
    }
    lexer->at = close + 1;
    dt_lexer_unfold(out->str);
    return g_string_free(out, FALSE);
}

static gboolean
ends_name(const dt_lexer *lexer)
{
    return dt_lexer_at_end(lexer) || is_blank(lexer->text[lexer->at]) ||
           strchr(";=\"", lexer->text[lexer->at]) || dt_lexer_at_comment(lexer);
}

static gboolean
joins_names(char c)
{
    return c == '.' || c == '/';
}

char *
dt_lexer_name(dt_lexer *lexer)
{
    GString *name = g_string_new(NULL);
    for (;;) {
        while (!ends_name(lexer))
            g_string_append_c(name, lexer->text[lexer->at++]);
        gsize back = lexer->at;
        dt_lexer_skip_cfws(lexer);
        char next = dt_lexer_at_end(lexer) ? '\0' : lexer->text[lexer->at];
        gboolean joined =
            name->len > 0 && (joins_names(next) || joins_names(name->str[name->len - 1]));
        if (!joined || ends_name(lexer)) {
            lexer->at = back;
            return g_string_free(name, FALSE);
        }
    }
}

gboolean
dt_lexer_equals(dt_lexer *lexer)
{
    gsize back = lexer->at;
    gboolean folded = lexer->folded;
    dt_lexer_skip_cfws(lexer);
    lexer->folded = folded;
    if (!dt_lexer_at_end(lexer) && lexer->text[lexer->at] == '=') {
        lexer->at++;
        return TRUE;
    }
    lexer->at = back;
    return FALSE;
}

static gboolean
ends_value(const dt_lexer *lexer)
{
    return dt_lexer_at_end(lexer) || is_blank(lexer->text[lexer->at]) ||
           lexer->text[lexer->at] == ';' || dt_lexer_at_comment(lexer);
}

static char *
bare_value(dt_lexer *lexer)
{
    gsize start = lexer->at;
    while (!ends_value(lexer))
        lexer->at++;
    return g_strndup(lexer->text + start, lexer->at - start);
}

/* "local part"@domain stays as it is; a quoted-string alone loses its quotes. */
static char *
quoted_value(dt_lexer *lexer)
{
    gsize start = lexer->at;
    char *value = dt_lexer_quoted(lexer);
    if (!value)
        return bare_value(lexer);
    if (ends_value(lexer))
        return value;
    g_free(value);
    g_free(bare_value(lexer));
    return g_strndup(lexer->text + start, lexer->at - start);
}

/* Does "name=" with a known name stand here? Then the value before it is empty ("header.from=
 * dkim=pass"). */
static gboolean
at_known_pair(dt_lexer *lexer, gboolean (*is_name)(const char *name))
{
    gsize back = lexer->at;
    g_autofree char *name = dt_lexer_name(lexer);
    gboolean answer = *name && dt_lexer_equals(lexer) && is_name(name);
    lexer->at = back;
    return answer;
}

char *
dt_lexer_value(dt_lexer *lexer, gboolean (*is_name)(const char *name))
{
    gsize start = lexer->at;
    dt_lexer_skip_cfws(lexer);
    if (dt_lexer_at_end(lexer) || lexer->text[lexer->at] == ';')
        return g_strdup("");
    if (lexer->at > start && at_known_pair(lexer, is_name)) {
        lexer->at = start;
        return g_strdup("");
    }
    return lexer->text[lexer->at] == '"' ? quoted_value(lexer) : bare_value(lexer);
}
