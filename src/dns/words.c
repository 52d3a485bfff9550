/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Cuts a master file into entries and words (RFC 1035 5.1): an entry is a line, or several within
 * parentheses. Says where a quote or parenthesis is left open. What the words mean is zonefile.c's
 * to say.
 */
#include "dns/words.h"

#include <string.h>

typedef struct {
    dt_words words; /* first: this is what the caller sees */
    GArray *array;  /* of dt_word */
    const char *at, *end;
    guint line;
    guint depth;      /* of parentheses */
    guint depth_line; /* where the outermost was opened */
} scanner;

dt_words *
dt_words_new(const char *text, gsize length)
{
    static const char bom[] = "\xef\xbb\xbf";
    scanner *scan = g_new0(scanner, 1);
    scan->array = g_array_new(FALSE, FALSE, sizeof(dt_word));
    scan->at = text;
    scan->end = text + length;
    scan->line = 1;
    if (length >= 3 && memcmp(text, bom, 3) == 0)
        scan->at += 3;
    return &scan->words;
}

void
dt_words_free(dt_words *words)
{
    scanner *scan = (scanner *)words;
    g_array_unref(scan->array);
    g_free(scan);
}

static gboolean
fault(scanner *scan, guint line, const char *what)
{
    scan->words.fault = what;
    scan->words.fault_line = line;
    return FALSE;
}

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static void
add_word(scanner *scan, const char *text, gsize length, gboolean is_quoted)
{
    const dt_word word = { text, length, scan->line, is_quoted };
    g_array_append_val(scan->array, word);
}

/* A backslash takes the next octet with it; at the end of a line there is none to take. */
static gboolean
skip_escape(scanner *scan)
{
    if (scan->at + 1 >= scan->end || scan->at[1] == '\n' || scan->at[1] == '\r')
        return fault(scan, scan->line, "a backslash at the end of the line");
    scan->at += 2;
    return TRUE;
}

static gboolean
read_quoted(scanner *scan)
{
    const char *start = ++scan->at;
    while (scan->at < scan->end && *scan->at != '"' && *scan->at != '\n') {
        if (*scan->at != '\\')
            scan->at++;
        else if (!skip_escape(scan))
            return FALSE;
    }
    if (scan->at >= scan->end || *scan->at == '\n')
        return fault(scan, scan->line, "a quote that is not closed on its line");
    add_word(scan, start, scan->at++ - start, TRUE);
    return TRUE;
}

static gboolean
read_bare(scanner *scan)
{
    const char *start = scan->at;
    while (scan->at < scan->end && !is_blank(*scan->at) &&
           !strchr("\n;()\"", *scan->at ? *scan->at : 'x')) {
        if (*scan->at == '\0')
            return fault(scan, scan->line, "a NUL octet: this is no text file");
        if (*scan->at != '\\')
            scan->at++;
        else if (!skip_escape(scan))
            return FALSE;
    }
    if (scan->at < scan->end && *scan->at == '"')
        return fault(scan, scan->line, "a quote inside a word");
    add_word(scan, start, scan->at - start, FALSE);
    return TRUE;
}

static void
skip_comment(scanner *scan)
{
    const char *newline = memchr(scan->at, '\n', scan->end - scan->at);
    scan->at = newline ? newline : scan->end;
}

static gboolean
read_parenthesis(scanner *scan)
{
    gboolean is_open = *scan->at++ == '(';
    if (!is_open && scan->depth == 0)
        return fault(scan, scan->line, "a \")\" without its \"(\"");
    if (scan->depth == 0)
        scan->depth_line = scan->line;
    scan->depth += is_open ? 1 : -1;
    return TRUE;
}

/* Reads to the end of the entry. FALSE only for a fault. */
static gboolean
read_words(scanner *scan)
{
    while (scan->at < scan->end) {
        gboolean is_good = TRUE;
        char c = *scan->at;
        if (c == '\n' && scan->depth == 0)
            return TRUE;
        if (c == '\n')
            scan->line++;
        if (c == '\n' || is_blank(c))
            scan->at++;
        else if (c == ';')
            skip_comment(scan);
        else if (c == '(' || c == ')')
            is_good = read_parenthesis(scan);
        else if (c == '"')
            is_good = read_quoted(scan);
        else
            is_good = read_bare(scan);
        if (!is_good)
            return FALSE;
    }
    return scan->depth == 0 || fault(scan, scan->depth_line, "a \"(\" that is not closed");
}

/* A ";!" line: only its own line counts, whatever follows on the next. */
static gboolean
begin_note(scanner *scan)
{
    const char *p = scan->at;
    while (p < scan->end && is_blank(*p))
        p++;
    if (scan->end - p < 2 || p[0] != ';' || p[1] != '!')
        return FALSE;
    scan->at = p + 2;
    return TRUE;
}

gboolean
dt_words_next(dt_words *words)
{
    scanner *scan = (scanner *)words;
    while (scan->at < scan->end) {
        g_array_set_size(scan->array, 0);
        words->is_note = begin_note(scan);
        words->is_indented = !words->is_note && is_blank(*scan->at);
        guint first_line = scan->line;
        if (!read_words(scan))
            return FALSE;
        if (words->is_note && scan->line != first_line)
            return fault(scan, first_line,
                         "a parenthesis in a \";!\" line that is not closed there");
        if (scan->at < scan->end) {
            scan->at++;
            scan->line++;
        }
        words->words = (const dt_word *)(gpointer)scan->array->data;
        words->count = scan->array->len;
        if (words->count > 0)
            return TRUE;
        if (words->is_note)
            return fault(scan, first_line, "nothing behind \";!\"");
    }
    return FALSE;
}
