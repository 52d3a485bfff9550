/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the dmarc folder: names asked for their records (each once), the walk up the tree, and the
 * parts of an evaluation that evaluate.c puts together.
 */
#ifndef DT_DMARC_WALK_H
#define DT_DMARC_WALK_H

#include "dmarc/dmarc.h"

/* RFC 9989 4.10: the start and at most seven names above it. */
#define DT_WALK_MAX 8

/* Asks for records and remembers them; what it hands out lives as long as its dt_dmarc. */
typedef struct {
    dt_resolver *resolver;
    GHashTable *by_name; /* name -> dt_dmarc_step, borrowed from steps */
    GPtrArray *steps;    /* owned by the dt_dmarc */
    GPtrArray *queries;  /* owned by the dt_dmarc */
    gboolean is_listing; /* add what is asked to queries */
} dt_walker;

/* The DMARC records at one name. NULL if the name is too long to be asked for. */
const dt_dmarc_step *dt_walker_ask(dt_walker *walker, const char *name);

/* RFC 9989 4.10 steps 4 and 7: the name to ask after name; NULL after the top label. Borrowed from
 * name. */
const char *dt_walk_next(const char *name);

typedef enum {
    DT_WALK_WHOLE,      /* a name that fails is passed over as if it held nothing */
    DT_WALK_TO_FAILURE, /* ends at the first name that fails */
    DT_WALK_REMEMBERED, /* asks nothing: ends, as incomplete, at the first name not asked before */
} dt_walk_mode;

typedef struct {
    const char *start; /* borrowed */
    const dt_dmarc_step *steps[DT_WALK_MAX];
    guint count;
    const dt_dmarc_step *failed; /* the first that failed, NULL */
    gboolean is_complete;
} dt_walk;

dt_walk dt_walk_run(dt_walker *walker, const char *start, dt_walk_mode mode);

/* RFC 9989 4.10.2: the organizational domain by this walk. NULL if what failed leaves it open.
 * Borrowed from its start. */
const char *dt_walk_org_domain(const dt_walk *walk);

/* Have both walks the same organizational domain, whatever the failed names may hold? */
dt_ternary dt_walk_meets(const dt_walk *a, const dt_walk *b);

/* Can a name of the other's tree have the organizational domain of this walk at all? */
gboolean dt_walk_can_meet(const dt_walk *walk, const char *other);

/* The last count labels of name, which has at least as many. Borrowed. */
const char *dt_walk_suffix(const char *name, guint count);

/* ---- policy.c ------------------------------------------------------------------------------ */

typedef enum { DT_DISCOVERY_NONE = 1, DT_DISCOVERY_FOUND, DT_DISCOVERY_FAILED } dt_discovery;

/* RFC 9989 4.10.1: sets policy_domain, record, unusable or failed of dmarc. */
dt_discovery dt_dmarc_discover(dt_dmarc *dmarc, dt_walker *walker);

/* RFC 9989 4.7: sets policy and applied_tag; asks whether the author domain exists if that decides.
 */
void dt_dmarc_choose_policy(dt_dmarc *dmarc, dt_resolver *resolver);

/* One step softer: t=y, or the share that pct leaves out. */
dt_policy dt_policy_soften(dt_policy policy);

/* ---- alignment.c --------------------------------------------------------------------------- */

/* Fills aligned of every identifier, walking those that the verdict needs; result, and failed if it
 * is a temperror. */
dt_verdict dt_dmarc_align(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers);

/* The same where no record applies (relaxed, by the public suffix list), or where discovery failed.
 * Asks nothing. */
void dt_dmarc_align_without_record(const char *author, dt_discovery discovery,
                                   GPtrArray *identifiers);

/* What is left for display, from what is known without a question: alignment, names_aligned,
 * org_domain. */
void dt_dmarc_relate(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers);

/* ---- rfc7489.c ----------------------------------------------------------------------------- */

void dt_dmarc_evaluate_7489(dt_dmarc *dmarc, dt_walker *walker, GPtrArray *identifiers);

/* ---- uri.c --------------------------------------------------------------------------------- */

/* RFC 3986 3: is text[0..length) a URI? NULL if it is one, else what is wrong with it, as the end
 * of a sentence. */
const char *dt_uri_fault(const char *text, gsize length);

#endif
