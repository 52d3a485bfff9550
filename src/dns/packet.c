/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The CNAMEs in the answer section of a DNS message (RFC 1035 4.1), put in the order in which they
 * lead on. The library that fetched the message hands out records but not the way to them.
 */
#include "dns/packet.h"
#include "dns/source.h"

#include <string.h>

#define HEADER_LENGTH 12

static guint
read_u16(const guint8 *octets)
{
    return (guint)octets[0] << 8 | octets[1];
}

/* Skips the question section; FALSE if the message is cut. */
static gboolean
skip_questions(const guint8 *message, gsize length, gsize *at)
{
    for (guint left = read_u16(message + 4); left > 0; left--) {
        g_autofree char *name = dt_wire_name(message, length, at);
        if (!name || *at + 4 > length)
            return FALSE;
        *at += 4;
    }
    return TRUE;
}

/* owner -> target of each CNAME. */
static GHashTable *
read_cnames(const guint8 *message, gsize length)
{
    GHashTable *cnames = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    gsize at = HEADER_LENGTH;
    if (length < HEADER_LENGTH || !skip_questions(message, length, &at))
        return cnames;
    for (guint left = read_u16(message + 6); left > 0; left--) {
        g_autofree char *owner = dt_wire_name(message, length, &at);
        if (!owner || at + 10 > length)
            break;
        guint type = read_u16(message + at);
        gsize data = at + 10, data_length = read_u16(message + at + 8);
        if (data + data_length > length)
            break;
        char *target = type == DT_RR_CNAME ? dt_wire_name(message, length, &data) : NULL;
        if (target)
            g_hash_table_insert(cnames, g_steal_pointer(&owner), target);
        at += 10 + data_length;
    }
    return cnames;
}

gboolean
dt_packet_read_chain(dt_answer *answer, const void *packet, int length)
{
    if (!packet || length <= 0)
        return TRUE;
    g_autoptr(GHashTable) cnames = read_cnames(packet, (gsize)length);
    const char *next = g_hash_table_lookup(cnames, answer->name);
    for (; next; next = g_hash_table_lookup(cnames, next))
        if (!dt_answer_hop(answer, next))
            return FALSE;
    return TRUE;
}
