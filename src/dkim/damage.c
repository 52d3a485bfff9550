/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which change made a signature fail? Body and header are searched apart, since b= covers the body
 * through bh= alone; what was found for one signature is found for all of the same hash. A finding
 * is proof: a hash fits only what was signed.
 */
#include "dkim/damage.h"

#include <string.h>

/* The larger share: headers are small and their changes few. */
#define BODY_SHARE 2 / 3

dt_damage *
dt_damage_new(const char *kind, const char *by, char *place, char *text)
{
    dt_damage *damage = g_new0(dt_damage, 1);
    damage->kind = kind;
    damage->by = by;
    damage->place = place;
    damage->text = text;
    return damage;
}

void
dt_damage_free(dt_damage *damage)
{
    g_free(damage->place);
    g_free(damage->text);
    g_free(damage);
}

gboolean
dt_damage_is_over(const dt_damage_clock *clock)
{
    return g_get_monotonic_time() > clock->deadline;
}

static void
append_copies(GPtrArray *to, const GPtrArray *from)
{
    for (guint i = 0; from && i < from->len; i++) {
        const dt_damage *one = g_ptr_array_index(from, i);
        g_ptr_array_add(
            to, dt_damage_new(one->kind, one->by, g_strdup(one->place), g_strdup(one->text)));
    }
}

static gboolean
is_same_body_question(const dt_dkim_signature *a, const dt_dkim_signature *b)
{
    return a->facts->body_canon == b->facts->body_canon && a->l == b->l &&
           a->facts->bh_length == b->facts->bh_length &&
           memcmp(a->facts->bh_octets, b->facts->bh_octets, a->facts->bh_length) == 0;
}

static gboolean
has_failed(const dt_dkim_signature *signature)
{
    return !signature->facts->is_left_out && signature->facts->grave_fault == DT_REASON_OK &&
           (signature->body_hash == DT_CHECK_MISMATCH || signature->signature == DT_CHECK_MISMATCH);
}

typedef struct {
    dt_dkim *dkim;
    dt_message *message;
    const dt_header_index *index;
    GString *body;       /* NULL: none, or too large */
    GPtrArray **of_body; /* one for each signature; NULL: nothing found, or no mismatch */
} search;

static void
search_bodies(search *s, const dt_damage_clock *clock)
{
    GPtrArray *signatures = s->dkim->signatures;
    for (guint i = 0; s->body && i < signatures->len; i++) {
        const dt_dkim_signature *one = g_ptr_array_index(signatures, i);
        if (!has_failed(one) || one->body_hash != DT_CHECK_MISMATCH)
            continue;
        guint same = 0;
        while (same < i && !(has_failed(g_ptr_array_index(signatures, same)) &&
                             is_same_body_question(one, g_ptr_array_index(signatures, same))))
            same++;
        if (same == i)
            s->of_body[i] = dt_damage_search_body(one, s->message, s->body, clock);
        else
            s->of_body[i] = s->of_body[same] ? g_ptr_array_ref(s->of_body[same]) : NULL;
    }
}

/* Both must be explained where both fail; half of an explanation proves nothing. */
static void
conclude_one(search *s, guint i, const dt_damage_clock *clock)
{
    dt_dkim_signature *one = g_ptr_array_index(s->dkim->signatures, i);
    gboolean needs_body = one->body_hash == DT_CHECK_MISMATCH;
    gboolean needs_header = one->signature == DT_CHECK_MISMATCH;
    g_autoptr(GPtrArray) of_header = NULL;
    if (!has_failed(one) || (needs_body && !s->of_body[i]))
        return;
    if (needs_header && one->key_fits != DT_CHECK_MISMATCH && one->reason != DT_REASON_WRONG_KEY)
        of_header = dt_damage_search_header(one, s->message, s->index, clock);
    if (needs_header && !of_header)
        return;
    one->damage = g_ptr_array_new_with_free_func((GDestroyNotify)dt_damage_free);
    append_copies(one->damage, of_header);
    append_copies(one->damage, s->of_body[i]);
}

static GString *
load_body(dt_message *message)
{
    gsize length = 0;
    if (!dt_message_has_body(message))
        return NULL;
    g_autofree char *octets = dt_message_body(message, DT_DAMAGE_BODY_MAX, &length);
    return octets ? g_string_new_len(octets, (gssize)length) : NULL;
}

void
dt_damage_search(dt_dkim *dkim, dt_message *message, const dt_header_index *index, guint budget_ms)
{
    gint64 start = g_get_monotonic_time();
    gint64 budget = (gint64)budget_ms * 1000;
    dt_damage_clock for_body = { start + budget * BODY_SHARE }, for_all = { start + budget };
    guint count = dkim->signatures->len, failed = 0;
    for (guint i = 0; i < count; i++)
        failed += has_failed(g_ptr_array_index(dkim->signatures, i)) ? 1 : 0;
    if (failed == 0)
        return;
    search s = { .dkim = dkim, .message = message, .index = index };
    s.body = load_body(message);
    s.of_body = g_new0(GPtrArray *, count);
    search_bodies(&s, &for_body);
    for (guint i = 0; i < count; i++) {
        conclude_one(&s, i, &for_all);
        if (s.of_body[i])
            g_ptr_array_unref(s.of_body[i]);
    }
    g_free(s.of_body);
    if (s.body)
        g_string_free(s.body, TRUE);
}
