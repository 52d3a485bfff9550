/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Domain names. A name in this program is a canonical string: lower case, A-labels, no final dot,
 * bytes outside 0x21..0x7e and the characters "." and "\" inside a label as \DDD. The root is "".
 * Such strings are made here only, so other code may compare them with strcmp. Also the Public
 * Suffix List (RFC 7489 3.2) and IDN (RFC 5891).
 */
#ifndef DT_BASE_NAME_H
#define DT_BASE_NAME_H

#include <glib.h>

/* Master-file presentation (\DDD and \X escapes, final dot optional) to a canonical name. NULL if a
 * label is empty or longer than 63 octets, or the name longer than 253 octets. "." gives "". Caller
 * frees. */
char *dt_name_from_text(const char *text, gsize length);

/* Raw octets in which every "." parts labels (SPF macros, d= tags). Same checks, same result. */
char *dt_name_from_octets(const char *octets, gsize length);

/* A domain as it stands in mail (UTF-8, U-labels or A-labels, any case, final dot tolerated) to a
 * canonical name. NULL if it is no host-like domain: empty label, IDNA error, blanks or controls,
 * address literal. Underscores are allowed. */
char *dt_name_from_mail(const char *domain);

/* The name with its A-labels decoded (UTF-8), or NULL if it has none or one that does not convert
 * back to itself. */
char *dt_name_to_unicode(const char *name);

/* Is name equal to ancestor or below it? Everything is below the root "". */
gboolean dt_name_is_within(const char *name, const char *ancestor);

/* The name without its first label, inside the same string; "" for a single label; NULL for the
 * root. */
const char *dt_name_parent(const char *name);

guint dt_name_label_count(const char *name);

/* Wire length in octets (labels, length octets, root); for limits. */
gsize dt_name_wire_length(const char *name);

/* Canonical octets of one label or a whole name without the \DDD form (for display or for the
 * wire). Length in length_out. */
char *dt_name_to_octets(const char *name, gsize *length_out);

/* The name as a master file has it: a final dot, a backslash before what means something there.
 * Caller frees. */
char *dt_name_to_zone(const char *name);

/* prefix + "." + name, or NULL if that is too long to be a name. prefix may hold dots. Caller
 * frees. */
char *dt_name_join(const char *prefix, const char *name);

/* RFC 7489 3.2 with ICANN and private rules: the public suffix plus one label; a name that is
 * itself a public suffix gives itself. Borrowed pointer into name. */
const char *dt_name_psl_org_domain(const char *name);

/* Do both names have one organizational domain by that list? */
gboolean dt_name_has_same_org(const char *a, const char *b);
gboolean dt_name_is_public_suffix(const char *name);
const char *dt_name_psl_version(void);

#endif
