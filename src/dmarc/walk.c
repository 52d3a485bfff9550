/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which records stand on the way up the tree from a name (RFC 9989 4.10), and which organizational
 * domain follows (4.10.2)? Every name is asked once. What a failed name might hold is thought
 * through (5.3.6): only where the answer could change the outcome does the failure count. Which
 * walks are needed is decided by policy.c and alignment.c.
 */
#include "dmarc/walk.h"

#include <string.h>
#include "base/name.h"

static gpointer
read_record(const char *octets, gsize length)
{
    return dt_dmarc_record_parse(octets, length);
}

static void
free_record(gpointer record)
{
    dt_dmarc_record_free(record);
}

static dt_dmarc_step *
step_read(const char *name, const dt_answer *answer)
{
    dt_dmarc_step *step = g_new0(dt_dmarc_step, 1);
    step->name = g_strdup(name);
    step->answer = answer;
    for (guint i = 0; answer->status == DT_DNS_OK && i < answer->record_count; i++) {
        const dt_dmarc_record *record =
            dt_record_reading(&answer->records[i], read_record, free_record);
        if (record->is_dmarc && step->record_count++ == 0)
            step->record = record;
    }
    /* 4.10 step 2: several records at one name are all discarded. */
    if (step->record_count > 1)
        step->record = NULL;
    return step;
}

const dt_dmarc_step *
dt_walker_ask(dt_walker *walker, const char *name)
{
    dt_dmarc_step *step = g_hash_table_lookup(walker->by_name, name);
    g_autofree char *question = step ? NULL : dt_name_join("_dmarc", name);
    if (step || !question)
        return step;
    step = step_read(name, dt_resolver_ask(walker->resolver, question, DT_RR_TXT));
    g_ptr_array_add(walker->steps, step);
    g_hash_table_insert(walker->by_name, step->name, step);
    if (walker->is_listing)
        g_ptr_array_add(walker->queries, g_steal_pointer(&question));
    return step;
}

const char *
dt_walk_suffix(const char *name, guint count)
{
    for (guint labels = dt_name_label_count(name); labels > count; labels--)
        name = dt_name_parent(name);
    return name;
}

const char *
dt_walk_next(const char *name)
{
    guint labels = dt_name_label_count(name);
    return labels <= 1 ? NULL : dt_walk_suffix(name, MIN(labels - 1, DT_WALK_MAX - 1));
}

static gboolean
step_ends_walk(const dt_dmarc_step *step)
{
    return step->record && (step->record->psd == 'y' || step->record->psd == 'n');
}

dt_walk
dt_walk_run(dt_walker *walker, const char *start, dt_walk_mode mode)
{
    dt_walk walk = { .start = start };
    for (const char *name = start; name; name = dt_walk_next(name)) {
        const dt_dmarc_step *step = mode == DT_WALK_REMEMBERED
                                        ? g_hash_table_lookup(walker->by_name, name)
                                        : dt_walker_ask(walker, name);
        if (!step && mode == DT_WALK_REMEMBERED)
            return walk;
        if (!step)
            continue;
        walk.steps[walk.count++] = step;
        if (dt_answer_is_failure(step->answer) && !walk.failed)
            walk.failed = step;
        if (walk.failed && mode == DT_WALK_TO_FAILURE)
            return walk;
        if (step_ends_walk(step))
            break;
    }
    walk.is_complete = TRUE;
    return walk;
}

/* ---- organizational domains as sets ----
 * The organizational domain is the start of the walk or a name above it, so the count of its labels
 * names it. A set of them is a bit mask: bit n for n labels, START_BIT for a start with more labels
 * than any other candidate can have. */

#define START_BIT (DT_WALK_MAX + 1)

/* What a name may hold, as far as the choice of the organizational domain goes. */
enum { HOLDS_NONE = 1, HOLDS_RECORD = 2, HOLDS_PSD_N = 4, HOLDS_PSD_Y = 8, HOLDS_ANY = 15 };

static guint
step_holds(const dt_dmarc_step *step)
{
    if (dt_answer_is_failure(step->answer))
        return HOLDS_ANY;
    if (!step->record)
        return HOLDS_NONE;
    return step->record->psd == 'y'   ? HOLDS_PSD_Y
           : step->record->psd == 'n' ? HOLDS_PSD_N
                                      : HOLDS_RECORD;
}

static guint
label_bit(guint labels)
{
    return 1u << MIN(labels, START_BIT);
}

/* All organizational domains that are possible when the name of step i holds one of holds[i]. */
static guint
possible_orgs(const dt_walk *walk, const guint *holds)
{
    guint start_bit = label_bit(dt_name_label_count(walk->start));
    guint orgs = 0, shortest = 1; /* bit 0: no record seen so far */
    for (guint i = 0; i < walk->count && shortest; i++) {
        guint labels = dt_name_label_count(walk->steps[i]->name);
        gboolean is_start = strcmp(walk->steps[i]->name, walk->start) == 0;
        guint next = holds[i] & HOLDS_NONE ? shortest : 0;
        if (holds[i] & HOLDS_RECORD)
            next |= label_bit(labels);
        if (holds[i] & HOLDS_PSD_N)
            orgs |= label_bit(labels);
        if (holds[i] & HOLDS_PSD_Y)
            orgs |= label_bit(is_start ? labels : labels + 1);
        shortest = next;
    }
    return orgs | (shortest & ~1u) | (shortest & 1u ? start_bit : 0);
}

static guint
walk_orgs(const dt_walk *walk)
{
    guint holds[DT_WALK_MAX];
    for (guint i = 0; i < walk->count; i++)
        holds[i] = step_holds(walk->steps[i]);
    return possible_orgs(walk, holds);
}

const char *
dt_walk_org_domain(const dt_walk *walk)
{
    guint orgs = walk_orgs(walk);
    if (!walk->is_complete || (orgs & (orgs - 1)) != 0)
        return NULL;
    guint labels = g_bit_nth_lsf(orgs, -1);
    return labels == START_BIT ? walk->start : dt_walk_suffix(walk->start, labels);
}

/* The bits of those names that both are at or below. */
static guint
shared_bits(const char *a, const char *b)
{
    guint labels = MIN(dt_name_label_count(a), dt_name_label_count(b)), bits = 0;
    for (guint n = 1; n <= MIN(labels, DT_WALK_MAX); n++) {
        if (strcmp(dt_walk_suffix(a, n), dt_walk_suffix(b, n)) != 0)
            break;
        bits |= label_bit(n);
    }
    return bits;
}

gboolean
dt_walk_can_meet(const dt_walk *walk, const char *other)
{
    return (walk_orgs(walk) & shared_bits(walk->start, other)) != 0;
}

/* Failed names that both walks came by; what one of them holds it holds for both. More than this
 * are not told apart. */
#define MAX_SHARED_FAILURES 4

typedef struct {
    guint in_a, in_b; /* step indexes */
} shared_failure;

static guint
find_shared_failures(const dt_walk *a, const dt_walk *b, shared_failure *found)
{
    guint count = 0;
    for (guint i = 0; i < a->count; i++)
        for (guint k = 0; k < b->count; k++)
            if (a->steps[i] == b->steps[k] && dt_answer_is_failure(a->steps[i]->answer))
                found[count++] = (shared_failure){ i, k };
    return count;
}

static dt_ternary
orgs_meet(guint orgs_a, guint orgs_b, guint shared)
{
    guint both = orgs_a & orgs_b & shared;
    if (!both)
        return DT_TERNARY_FALSE;
    return orgs_a == orgs_b && orgs_a == both && (both & (both - 1)) == 0 ? DT_TERNARY_TRUE
                                                                          : DT_TERNARY_UNKNOWN;
}

dt_ternary
dt_walk_meets(const dt_walk *a, const dt_walk *b)
{
    guint shared = shared_bits(a->start, b->start), holds_a[DT_WALK_MAX], holds_b[DT_WALK_MAX];
    shared_failure failures[DT_WALK_MAX];
    guint count = find_shared_failures(a, b, failures);
    if (count > MAX_SHARED_FAILURES)
        return DT_TERNARY_UNKNOWN;
    for (guint i = 0; i < a->count; i++)
        holds_a[i] = step_holds(a->steps[i]);
    for (guint i = 0; i < b->count; i++)
        holds_b[i] = step_holds(b->steps[i]);
    dt_ternary meets = DT_TERNARY_UNKNOWN;
    for (guint world = 0; world < 1u << (2 * count); world++) {
        for (guint f = 0; f < count; f++)
            holds_a[failures[f].in_a] = holds_b[failures[f].in_b] = 1u << ((world >> (2 * f)) & 3);
        dt_ternary here = orgs_meet(possible_orgs(a, holds_a), possible_orgs(b, holds_b), shared);
        if (here == DT_TERNARY_UNKNOWN || (world > 0 && here != meets))
            return DT_TERNARY_UNKNOWN;
        meets = here;
    }
    return meets;
}
