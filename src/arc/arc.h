/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * ARC (RFC 8617): the sets of a message and whether their chain holds.
 */
#ifndef DT_ARC_ARC_H
#define DT_ARC_ARC_H

#include "dkim/dkim.h"

typedef enum { DT_ARC_UNKNOWN = 0, DT_ARC_NONE, DT_ARC_PASS, DT_ARC_FAIL } dt_arc_result;
const char *dt_arc_result_word(dt_arc_result result);

typedef struct {
    guint instance;
    char *cv, *d, *s;            /* of the ARC-Seal, NULL if absent */
    const dt_recorded *recorded; /* the ARC-Authentication-Results, NULL if absent */
    guint line;                  /* of the ARC-Seal, 0 if absent */
} dt_arc_set;

typedef struct dt_arc {
    dt_arc_result result; /* UNKNOWN: all that can be tested holds, but the input has no body */
    char *detail;         /* why it fails or is not known, one sentence; NULL */
    GPtrArray *sets;      /* of dt_arc_set, by instance, lowest first */
} dt_arc;

/* Never NULL. Expiry of the newest ARC-Message-Signature (x=) is judged as of at. */
dt_arc *dt_arc_evaluate(dt_message *message, dt_resolver *resolver, gint64 at);
void dt_arc_free(dt_arc *arc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_arc, dt_arc_free)

#endif
