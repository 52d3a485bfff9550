/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the arc folder: the fields of a chain by instance, before anything is verified.
 */
#ifndef DT_ARC_SETS_H
#define DT_ARC_SETS_H

#include "arc/arc.h"
#include "base/taglist.h"

#define DT_ARC_MAX 50 /* RFC 8617 4.2.1 */

typedef enum { DT_ARC_RESULTS, DT_ARC_SIGNATURE, DT_ARC_SEAL } dt_arc_part;
#define DT_ARC_PARTS 3

/* One field of a set. */
typedef struct {
    const dt_field *field; /* NULL if absent */
    dt_taglist *tags;      /* NULL for the ARC-Authentication-Results */
} dt_arc_field;

typedef struct {
    dt_arc_field fields[DT_ARC_MAX + 1][DT_ARC_PARTS]; /* by instance, [0] is not used */
    guint highest;                                     /* instance, 0 if there is none */
    gboolean is_none;                                  /* no ARC field at all */
    char *fault; /* the first fault of a single field, one sentence; NULL */
} dt_arc_chain;

/* Never NULL. */
dt_arc_chain *dt_arc_chain_read(const dt_message *message);
void dt_arc_chain_free(dt_arc_chain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_arc_chain, dt_arc_chain_free)

/* RFC 8617 5.2 steps 1 to 3: what is wrong with the structure, one sentence; NULL if nothing.
 * Caller frees. */
char *dt_arc_chain_fault(const dt_arc_chain *chain);

/* What is wrong with the tags of an ARC-Message-Signature or ARC-Seal (4.1.2, 4.1.3), one sentence;
 * NULL if nothing. Caller frees. */
char *dt_arc_field_fault(const dt_arc_field *field, dt_arc_part part, guint instance);

/* For display: one dt_arc_set for each instance that has a field. */
GPtrArray *dt_arc_chain_sets(const dt_arc_chain *chain, const dt_message *message);

/* The name of the field. */
const char *dt_arc_part_name(dt_arc_part part);

#endif
