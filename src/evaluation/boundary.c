/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which Received field is the one where the recipient's system took the message from outside, and
 * which results are believed for that? Everything below that field may be forged, so nothing below
 * it has a say: the way down goes through hops that the recipient's hosts wrote, and a name that
 * the client gave itself never makes it one of them. Which operator owns which name:
 * message/receivers.c.
 */
#include <string.h>
#include "base/text.h"
#include "message/receivers.h"
#include "boundary.h"
#include "trust.h"

typedef struct {
    const dt_message *message;
    const GPtrArray *hops;
    GHashTable *operators; /* names of those who run the recipient's hosts */
    GPtrArray *clients;    /* the address that each recorded field names; NULL if none */
    guint walked;          /* hops that were looked at, all written by those hosts */
} search;

static const struct {
    dt_trust trust;
    const char *word;
} trust_words[] = {
    { DT_TRUST_ABOVE_BOUNDARY, "above-boundary" },
    { DT_TRUST_OWN_ID, "own-id" },
    { DT_TRUST_OPTION, "option" },
};

const char *
dt_trust_word(dt_trust trust)
{
    for (guint i = 0; i < G_N_ELEMENTS(trust_words); i++)
        if (trust_words[i].trust == trust)
            return trust_words[i].word;
    return NULL;
}

static const dt_hop *
hop_at(const search *in, guint i)
{
    return g_ptr_array_index(in->hops, i);
}

static gboolean
has_public_client(const dt_hop *hop)
{
    return !hop->is_fetched && hop->from_ip && !dt_text_ip_is_private(hop->from_ip);
}

/* "vps-203-0-113-9.example.net": a name made from the address is that of a customer's machine. */
static gboolean
is_made_from_address(const char *name, const char *ip)
{
    guint8 o[16];
    if (dt_text_ip_octets(ip, o) != 4)
        return FALSE;
    for (const char *c = "-._"; *c; c++) {
        g_autofree char *forward =
            g_strdup_printf("%u%c%u%c%u%c%u", o[0], *c, o[1], *c, o[2], *c, o[3]);
        g_autofree char *reverse =
            g_strdup_printf("%u%c%u%c%u%c%u", o[3], *c, o[2], *c, o[1], *c, o[0]);
        if (dt_text_contains(name, forward) || dt_text_contains(name, reverse))
            return TRUE;
    }
    return FALSE;
}

/* Addresses side by side: IPv4 /24, IPv6 /64. */
static gboolean
is_near(const char *ip, const char *other)
{
    guint8 one[16], two[16];
    guint length = ip && other ? dt_text_ip_octets(ip, one) : 0;
    return length && dt_text_ip_octets(other, two) == length &&
           memcmp(one, two, length == 4 ? 3 : 8) == 0;
}

/* Was the message taken from a host of the same operator? By the name that the receiver found for
 * the address; where it found none, the HELO name counts only with an address that is known to be
 * the operator's or is next to that of the receiving host. */
static gboolean
is_from_same_operator(const dt_hop *hop)
{
    const dt_receiver *receiver = dt_receiver_of_host(hop->by);
    if (hop->from_ptr && !hop->from_is_unconfirmed) {
        gboolean is_customer = (receiver && dt_receiver_is_outside(receiver, hop->from_ptr)) ||
                               is_made_from_address(hop->from_ptr, hop->from_ip);
        return !is_customer && dt_operator_is_same(hop->from_ptr, hop->by);
    }
    if (hop->from_ptr || !dt_operator_is_same(hop->from_helo, hop->by))
        return FALSE;
    return (receiver && dt_receiver_has_address(receiver, hop->from_ip)) ||
           is_near(hop->from_ip, hop->by_ip);
}

static gboolean
is_operator(const search *in, const char *host)
{
    g_autofree char *name = dt_operator_of(host);
    return !name || g_hash_table_contains(in->operators, name);
}

static void
add_operator(search *in, const char *host)
{
    char *name = dt_operator_of(host);
    if (name)
        g_hash_table_add(in->operators, name);
}

/* A hop that names no address, but a host of somebody else: outside begins here, and where it came
 * from is not said. */
static gboolean
is_from_unknown_outside(const search *in, const dt_hop *hop)
{
    if (hop->from_ip || hop->is_fetched || !hop->from_helo)
        return FALSE;
    g_autofree char *writer = dt_operator_of(hop->by);
    return writer && !is_operator(in, hop->from_helo);
}

/* Rule 1: the topmost hop that takes the message from a public address of another operator. Over
 * private addresses, local transfers and mailboxes that are fetched the recipient's system goes on
 * under any name; over public ones only under its own (rule 3). */
static gint
find_topmost(search *in)
{
    gboolean any_name = TRUE;
    for (guint i = 0; i < in->hops->len; i++) {
        const dt_hop *hop = hop_at(in, i);
        if (!any_name && !is_operator(in, hop->by))
            return -1;
        add_operator(in, hop->by);
        gboolean is_public = has_public_client(hop);
        if (is_public && !is_from_same_operator(hop))
            return i;
        in->walked = i + 1;
        if (is_from_unknown_outside(in, hop))
            return -1;
        if (is_public && hop->from_ptr)
            add_operator(in, hop->from_helo);
        any_name = !is_public;
    }
    return -1;
}

/* Rule 3 for a gateway: between it and the hop it took the message at stand only its own and the
 * recipient's hosts. */
static gboolean
is_reachable(const search *in, guint from, guint to)
{
    const dt_hop *boundary = hop_at(in, from);
    const char *gateway = boundary->from_ptr ? boundary->from_ptr : boundary->from_helo;
    for (guint i = from + 1; i < to; i++) {
        const char *by = hop_at(in, i)->by;
        if (!is_operator(in, by) && !dt_operator_is_same(by, gateway))
            return FALSE;
    }
    return TRUE;
}

static gint
hop_of_client(const search *in, const char *ip, guint from, guint to)
{
    for (guint i = from; i < to; i++)
        if (has_public_client(hop_at(in, i)) && dt_text_equal(hop_at(in, i)->from_ip, ip))
            return i;
    return -1;
}

/* Rule 2: the topmost result believed by its place that names a client known to the hops says where
 * it was taken. */
static gint
move_boundary(const search *in, gint boundary)
{
    const GPtrArray *recorded = dt_message_recorded(in->message);
    const dt_hop *hop = hop_at(in, boundary);
    guint end = dt_zone_end(in->message, hop);
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *one = g_ptr_array_index(recorded, i);
        if (!dt_recorded_is_above(one, hop) &&
            !dt_recorded_is_own_by_table(in->message, i, hop, end))
            continue;
        const char *ip = g_ptr_array_index(in->clients, i);
        if (!ip)
            continue;
        gint named = hop_of_client(in, ip, 0, boundary + 1);
        if (named >= 0)
            return named;
        named = hop_of_client(in, ip, boundary + 1, in->hops->len);
        if (named >= 0)
            return is_reachable(in, boundary, named) ? named : boundary;
    }
    return boundary;
}

/* No hop takes the message from another operator (Gmail to Gmail, written in the browser): the one
 * that a result names. */
static gint
find_named(const search *in)
{
    const GPtrArray *recorded = dt_message_recorded(in->message);
    for (guint h = 0; h < in->walked; h++) {
        const dt_hop *hop = hop_at(in, h);
        guint end = has_public_client(hop) ? dt_zone_end(in->message, hop) : 0;
        for (guint i = 0; end && i < recorded->len; i++) {
            const dt_recorded *one = g_ptr_array_index(recorded, i);
            const char *ip = g_ptr_array_index(in->clients, i);
            if (ip && strcmp(ip, hop->from_ip) == 0 &&
                (dt_recorded_is_above(one, hop) ||
                 dt_recorded_is_own_by_table(in->message, i, hop, end)))
                return h;
        }
    }
    return -1;
}

static gboolean
is_listed(const dt_recorded *recorded, const char *const *authserv_ids)
{
    g_autofree char *writer = dt_recorded_writer(recorded);
    for (; writer && authserv_ids && *authserv_ids; authserv_ids++)
        if (dt_text_equal(writer, *authserv_ids))
            return TRUE;
    return FALSE;
}

static dt_trust
trust_of(const search *in, guint index, const dt_hop *boundary, guint end,
         const char *const *authserv_ids)
{
    const dt_recorded *recorded = g_ptr_array_index(dt_message_recorded(in->message), index);
    if (boundary && dt_recorded_is_above(recorded, boundary))
        return DT_TRUST_ABOVE_BOUNDARY;
    if (boundary && dt_recorded_is_own(in->message, index, boundary, end))
        return DT_TRUST_OWN_ID;
    return is_listed(recorded, authserv_ids) ? DT_TRUST_OPTION : DT_TRUST_NONE;
}

static GPtrArray *
named_clients(const GPtrArray *recorded)
{
    GPtrArray *clients = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < recorded->len; i++)
        g_ptr_array_add(clients, dt_recorded_client(g_ptr_array_index(recorded, i)));
    return clients;
}

dt_boundary *
dt_boundary_find(const dt_message *message, const char *const *authserv_ids)
{
    const GPtrArray *recorded = dt_message_recorded(message);
    g_autoptr(GHashTable) operators = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) clients = named_clients(recorded);
    search in = { message, dt_message_hops(message), operators, clients, 0 };
    dt_boundary *out = g_new0(dt_boundary, 1);
    out->hop = find_topmost(&in);
    for (const char *const *id = authserv_ids; id && *id; id++)
        add_operator(&in, *id);
    out->hop = out->hop >= 0 ? move_boundary(&in, out->hop) : find_named(&in);

    const dt_hop *hop = out->hop >= 0 ? hop_at(&in, out->hop) : NULL;
    guint end = hop ? dt_zone_end(message, hop) : 0;
    out->trust = g_new0(dt_trust, recorded->len + 1);
    for (guint i = 0; i < recorded->len; i++)
        out->trust[i] = trust_of(&in, i, hop, end, authserv_ids);
    return out;
}

void
dt_boundary_free(dt_boundary *boundary)
{
    if (!boundary)
        return;
    g_free(boundary->trust);
    g_free(boundary);
}
