/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: text in columns. Everything that goes through here is cleaned for a
 * terminal, so content code may pass what came from outside as it is.
 */
#ifndef DT_REPORT_LAYOUT_H
#define DT_REPORT_LAYOUT_H

#include <glib.h>

typedef enum { DT_PLAIN = 0, DT_BOLD, DT_GOOD, DT_BAD, DT_WARN, DT_DIM } dt_style;

typedef struct {
    GString *out;
    guint columns;
    gboolean use_color;
    guint label_columns; /* of dt_layout_fact, indent and gap included; 0: as many as most labels
                            need */
} dt_layout;

/* text as it is (already clean), in a style. */
void dt_layout_styled(dt_layout *layout, dt_style style, const char *text);

/* A paragraph wrapped at blanks: first lines up first_indent, the others indent columns in. */
void dt_layout_wrap(dt_layout *layout, guint first_indent, guint indent, const char *text);
void dt_layout_wrapf(dt_layout *layout, guint first_indent, guint indent, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Goes on in a line of which used columns are taken, gap blanks first; wrapped to indent. */
void dt_layout_continue(dt_layout *layout, guint used, guint gap, guint indent, const char *text);

/* A line that is not wrapped (records, commands), indent columns in. */
void dt_layout_line(dt_layout *layout, guint indent, const char *text);
void dt_layout_blank(dt_layout *layout);

/* A heading in the first column. */
void dt_layout_heading(dt_layout *layout, const char *text);

/* "  LABEL    text", wrapped under itself; style is of the first word of text. */
void dt_layout_fact(dt_layout *layout, const char *label, dt_style style, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* left ... right at the width, both short. */
void dt_layout_spread(dt_layout *layout, const char *left, dt_style style, const char *right);

/* text quoted behind label, cut around mark to one line, carets below mark. */
void dt_layout_quote(dt_layout *layout, guint indent, const char *label, const char *text,
                     const char *mark);

/* text padded with blanks to columns (cleaned). Caller frees. */
char *dt_layout_pad(const char *text, guint columns);

#endif
