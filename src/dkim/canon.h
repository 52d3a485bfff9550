/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What canon.c offers beyond dkim.h, private to src/dkim.
 */
#ifndef DT_DKIM_CANON_H
#define DT_DKIM_CANON_H

#include "dkim/dkim.h"

/* How many fields of that name the message has. */
guint dt_header_index_count(const dt_header_index *index, const char *name);

/* The hash of a body in memory, CR LF between its lines and at its end. */
void dt_canon_octets(const char *octets, gsize length, dt_body_hash *hash);

#endif
