/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Wrapping, columns, carets and colour for text reports. Measures in terminal columns (wide
 * characters count two) and lets nothing through that moves a terminal.
 */
#include "report/layout.h"

#include "base/text.h"

#include <string.h>

static const char *const style_codes[] = { NULL,         "\033[1m",  "\033[32m",
                                           "\033[1;31m", "\033[33m", "\033[2m" };

static void
put_styled(dt_layout *layout, dt_style style, const char *text, gsize length)
{
    gboolean is_styled = layout->use_color && style != DT_PLAIN;
    if (is_styled)
        g_string_append(layout->out, style_codes[style]);
    g_string_append_len(layout->out, text, length);
    if (is_styled)
        g_string_append(layout->out, "\033[0m");
}

static void
put_blanks(dt_layout *layout, guint count)
{
    while (count--)
        g_string_append_c(layout->out, ' ');
}

/* Octets of text that fit into columns, at least one character; the width of them in width_out. */
static gsize
fitting(const char *text, guint columns, guint *width_out)
{
    const char *p = text;
    guint width = 0;
    while (*p) {
        char one[8] = "";
        const char *next = g_utf8_next_char(p);
        memcpy(one, p, next - p);
        guint step = dt_text_columns(one);
        if (width + step > columns && p != text)
            break;
        width += step;
        p = next;
    }
    *width_out = width;
    return p - text;
}

typedef struct {
    dt_layout *layout;
    guint indent, column;
    dt_style first_style; /* of the next word only */
    gboolean at_start;
} wrapper;

static void
wrap_break(wrapper *w)
{
    g_string_append_c(w->layout->out, '\n');
    put_blanks(w->layout, w->indent);
    w->column = w->indent;
    w->at_start = TRUE;
}

/* A word longer than a line is cut at the width. */
static void
wrap_word(wrapper *w, const char *word)
{
    guint width = dt_text_columns(word), columns = w->layout->columns;
    if (!w->at_start && w->column + 1 + width > columns)
        wrap_break(w);
    if (!w->at_start) {
        g_string_append_c(w->layout->out, ' ');
        w->column++;
    }
    while (*word) {
        guint room = columns > w->column + 1 ? columns - w->column : 2, taken = 0;
        gsize length = fitting(word, room, &taken);
        put_styled(w->layout, w->first_style, word, length);
        w->column += taken;
        word += length;
        if (*word)
            wrap_break(w);
    }
    w->first_style = DT_PLAIN;
    w->at_start = FALSE;
}

static void
wrap_words(wrapper *w, const char *clean)
{
    g_auto(GStrv) words = g_strsplit(clean, " ", -1);
    for (char **word = words; *word; word++)
        if (**word)
            wrap_word(w, *word);
    g_string_append_c(w->layout->out, '\n');
}

void
dt_layout_wrap(dt_layout *layout, guint first_indent, guint indent, const char *text)
{
    g_autofree char *clean = dt_text_terminal(text);
    wrapper w = { .layout = layout, .indent = MIN(indent, layout->columns / 2), .at_start = TRUE };
    w.column = MIN(first_indent, layout->columns / 2);
    put_blanks(layout, w.column);
    wrap_words(&w, clean);
}

void
dt_layout_wrapf(dt_layout *layout, guint first_indent, guint indent, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    dt_layout_wrap(layout, first_indent, indent, text);
}

void
dt_layout_continue(dt_layout *layout, guint used, guint gap, guint indent, const char *text)
{
    g_autofree char *clean = dt_text_terminal(text);
    wrapper w = { .layout = layout, .indent = indent, .column = used + gap - 1 };
    gsize first = strcspn(clean, " ");
    g_autofree char *word = g_strndup(clean, first);
    if (used + gap + dt_text_columns(word) > layout->columns)
        wrap_break(&w);
    else
        put_blanks(layout, gap - 1);
    wrap_words(&w, clean);
}

void
dt_layout_line(dt_layout *layout, guint indent, const char *text)
{
    g_autofree char *clean = dt_text_terminal(text);
    put_blanks(layout, indent);
    g_string_append(layout->out, clean);
    g_string_append_c(layout->out, '\n');
}

void
dt_layout_blank(dt_layout *layout)
{
    g_string_append_c(layout->out, '\n');
}

void
dt_layout_heading(dt_layout *layout, const char *text)
{
    put_styled(layout, DT_BOLD, text, strlen(text));
    g_string_append_c(layout->out, '\n');
}

#define LABEL_COLUMNS 11

/* Cuts text at the last run of blanks (a border of columns) that lies within the width; what is
 * behind it, or NULL. */
static char *
column_break(char *text, guint columns)
{
    char *found = NULL;
    for (char *p = strstr(text, "  "); p; p = strstr(p + strspn(p, " "), "  ")) {
        char held = *p;
        *p = '\0';
        gboolean fits = dt_text_columns(text) <= columns;
        *p = held;
        if (!fits)
            break;
        found = p;
    }
    if (!found)
        return NULL;
    *found = '\0';
    return found + 1 + strspn(found + 1, " ");
}

void
dt_layout_fact(dt_layout *layout, const char *label, dt_style style, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *clean = dt_text_terminal(text);
    guint columns = layout->label_columns ? layout->label_columns : LABEL_COLUMNS;
    g_autofree char *padded = dt_layout_pad(label, columns - 2);
    put_blanks(layout, 2);
    g_string_append(layout->out, padded);
    if (dt_text_columns(clean) + columns <= layout->columns) {
        /* Fits: inner runs of blanks are columns and stay. */
        gsize first = strcspn(clean, " ");
        put_styled(layout, style, clean, first);
        g_string_append(layout->out, clean + first);
        while (layout->out->len && layout->out->str[layout->out->len - 1] == ' ')
            g_string_truncate(layout->out, layout->out->len - 1);
        g_string_append_c(layout->out, '\n');
        return;
    }
    char *rest = column_break(clean, layout->columns - columns);
    if (rest) {
        gsize first = strcspn(clean, " ");
        put_styled(layout, style, clean, first);
        g_string_append_printf(layout->out, "%s\n", clean + first);
        put_blanks(layout, columns);
        style = DT_PLAIN;
    }
    wrapper w = { .layout = layout,
                  .indent = columns,
                  .column = columns,
                  .first_style = style,
                  .at_start = TRUE };
    wrap_words(&w, rest ? rest : clean);
}

void
dt_layout_spread(dt_layout *layout, const char *left, dt_style style, const char *right)
{
    guint used = dt_text_columns(left) + dt_text_columns(right);
    g_string_append(layout->out, left);
    put_blanks(layout, layout->columns > used + 3 ? layout->columns - used - 2 : 2);
    put_styled(layout, style, right, strlen(right));
    g_string_append_c(layout->out, '\n');
}

char *
dt_layout_pad(const char *text, guint columns)
{
    GString *out = g_string_new(NULL);
    g_autofree char *clean = dt_text_terminal(text);
    g_string_append(out, clean);
    for (guint width = dt_text_columns(clean); width < columns; width++)
        g_string_append_c(out, ' ');
    return g_string_free(out, FALSE);
}

/* The part of text, at most columns wide, that shows the mark (mark_width columns from at); the
 * field's name stays in front, dots stand where it was cut. */
static char *
window(const char *clean, const char *at, guint mark_width, guint columns)
{
    guint width = 0;
    if (dt_text_columns(clean) <= columns)
        return g_strdup(clean);
    const char *name_end = strstr(clean, ": ");
    gsize name = name_end && name_end - clean < 40 ? (gsize)(name_end - clean) + 2 : 0;
    guint room = columns > name + 20 ? columns - (guint)name - 8 : 12;
    const char *start = clean + name;
    if (at && at > start + (room > mark_width ? room - mark_width : 0)) {
        gsize before = MIN((gsize)(at - start), room > mark_width + 8 ? (gsize)8 : (gsize)0);
        start = at - before;
        while (start > clean && (*start & 0xc0) == 0x80)
            start--;
    }
    g_autofree char *prefix = g_strndup(clean, name);
    gsize length = fitting(start, room, &width);
    g_autofree char *middle = g_strndup(start, length);
    return g_strconcat(prefix, start > clean + name ? "... " : "", middle,
                       start[length] ? " ..." : "", NULL);
}

void
dt_layout_quote(dt_layout *layout, guint indent, const char *label, const char *text,
                const char *mark)
{
    g_autofree char *clean = dt_text_terminal(text);
    g_autofree char *clean_mark = mark ? dt_text_terminal(mark) : NULL;
    guint lead = indent + dt_text_columns(label) + 2;
    guint room = layout->columns > lead + 10 ? layout->columns - lead : 10;
    guint mark_width = clean_mark ? dt_text_columns(clean_mark) : 0;
    g_autofree char *shown =
        window(clean, clean_mark ? strstr(clean, clean_mark) : NULL, mark_width, room);
    if (!clean_mark && dt_text_columns(clean) > room) {
        dt_layout_wrapf(layout, indent, lead, "%s %s", label, clean);
        return;
    }
    put_blanks(layout, indent);
    put_styled(layout, DT_DIM, label, strlen(label));
    g_string_append_printf(layout->out, "  %s\n", shown);
    const char *at = clean_mark ? strstr(shown, clean_mark) : NULL;
    if (!at)
        return;
    g_autofree char *before = g_strndup(shown, at - shown);
    put_blanks(layout, lead + dt_text_columns(before));
    g_autofree char *carets = g_strnfill(MAX(1, MIN(mark_width, room)), '^');
    put_styled(layout, DT_WARN, carets, strlen(carets));
    g_string_append_c(layout->out, '\n');
}

void
dt_layout_styled(dt_layout *layout, dt_style style, const char *text)
{
    put_styled(layout, style, text, strlen(text));
}
