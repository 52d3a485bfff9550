/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * tag=value lists (RFC 6376 3.2), the form of DKIM signatures, key records, ARC fields and DMARC
 * records. This splits; what a tag means and whether an oddity matters is the caller's to say.
 */
#ifndef DT_BASE_TAGLIST_H
#define DT_BASE_TAGLIST_H

#include <glib.h>

typedef struct {
    char *name;         /* as written */
    char *value;        /* outer white space removed, inner kept; NUL-terminated copy */
    gsize offset;       /* of the name in the text */
    gsize end;          /* one past the last octet of the value */
    gboolean duplicate; /* an earlier tag has the same name (case kept) */
} dt_tag;

typedef struct {
    GArray *tags;       /* of dt_tag, in order */
    gboolean has_fault; /* a part that is no tag: no "=", or a bad tag name */
    gsize fault_offset; /* of the first such part */
    gboolean has_empty; /* ";;" or a leading ";" (a final ";" is fine) */
    gboolean has_duplicate;
} dt_taglist;

/* FWS is blank, tab, CR, LF. length -1: NUL-terminated. Never NULL. */
dt_taglist *dt_taglist_parse(const char *text, gssize length);
void dt_taglist_free(dt_taglist *list);

/* Exact name; the first of duplicates. NULL if absent. */
const dt_tag *dt_taglist_get(const dt_taglist *list, const char *name);
const char *dt_taglist_value(const dt_taglist *list, const char *name);

/* A copy of text without blanks, tabs, CR, LF. */
char *dt_taglist_strip(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_taglist, dt_taglist_free)

#endif
