/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The inside of a dt_zone: names with their records, statuses and removals, as files and callers
 * put them in. Private to this folder. While a zone is filled it belongs to one thread; afterwards
 * it is only read.
 */
#ifndef DT_DNS_ZONE_H
#define DT_DNS_ZONE_H

#include <dmarctrace/resolver.h>
#include "dns/record.h"

#define DT_RR_ANY 255

typedef struct zone_record {
    struct zone_record *next;
    guint type; /* any number, also of types that are not asked for */
    gint64 ttl; /* -1 unknown */
    dt_record data;
} zone_record;

/* A ";!" line about one question: its status, its TTL, or both. */
typedef struct zone_note {
    struct zone_note *next;
    guint type;           /* DT_RR_ANY: every type without records of its own */
    dt_dns_status status; /* 0: none */
    gboolean has_ttl;
    gint64 ttl;
} zone_note;

typedef struct zone_removal {
    struct zone_removal *next;
    guint type;
    gboolean is_whole_type;
    dt_record data;
} zone_removal;

typedef struct {
    char *name;
    zone_record *records;
    zone_note *notes;
    zone_removal *removals;
    gboolean exists;          /* records at or below it */
    gboolean is_vouched;      /* types that are not here are known to be absent */
    const zone_record *cname; /* among records, NULL if none */
    gboolean has_other;       /* what may not stand beside a CNAME (RFC 2181 10.1, RFC 4035 2.5) */
    gboolean has_ns;
    gboolean has_soa;    /* top of a zone that the file answers for */
    gint64 negative_ttl; /* with has_soa: RFC 2308 5 */
} zone_node;

struct dt_zone {
    gint refs;
    GHashTable *nodes; /* name -> zone_node */
    gboolean is_snapshot;
    gboolean has_soa;
};

zone_node *dt_zone_find(const dt_zone *zone, const char *name);

/* What a master file brings in one piece. FALSE: *why_out says why (caller frees). */
typedef struct {
    dt_zone *zone;
    gboolean is_snapshot;
    gboolean has_soa;
    GPtrArray *touched; /* of zone_node, borrowed */
} zone_load;

void dt_zone_load_begin(zone_load *load, dt_zone *zone);

/* Takes over what data holds, in any case. */
gboolean dt_zone_load_record(zone_load *load, const char *name, guint type, gint64 ttl,
                             dt_record *data, char **why_out);
gboolean dt_zone_load_status(zone_load *load, const char *name, guint type, dt_dns_status status,
                             char **why_out);
void dt_zone_load_ttl(zone_load *load, const char *name, guint type, gint64 ttl);

/* data NULL: the whole type. Takes over what data holds. */
void dt_zone_load_removal(zone_load *load, const char *name, guint type, dt_record *data);
void dt_zone_load_end(zone_load *load);

/* The node of "*" below ancestor, NULL if there is none with records or notes. */
zone_node *dt_zone_find_wildcard(const dt_zone *zone, const char *ancestor);

/* The note that decides type at node, NULL if none: its own, or the one for every type if node has
 * no record of it. */
const zone_note *dt_zone_node_status(const zone_node *node, guint type);
gboolean dt_zone_node_has(const zone_node *node, guint type);

/* Adds node's records of type to answer and lowers its TTL. */
void dt_zone_node_answer(const zone_node *node, dt_answer *answer);

/* The target of node's CNAME; its TTL lowers answer's. */
const char *dt_zone_node_cname(const zone_node *node, dt_answer *answer);

/* Top of the zone with SOA that name lies in, NULL if in none or beyond a delegation. */
const zone_node *dt_zone_apex(const dt_zone *zone, const char *name);

#endif
