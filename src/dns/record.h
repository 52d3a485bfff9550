/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One resource record's data, from master-file words (RFC 1035 5.1, RFC 3597 5) or from the wire
 * (RFC 1035 3.3, 4.1.4), and what sources need of answers beyond dns/answer.h. Private to this
 * folder.
 */
#ifndef DT_DNS_RECORD_H
#define DT_DNS_RECORD_H

#include "dns/answer.h"

/* Types that have no dt_rr_type but matter to the structure of a zone. */
#define DT_RR_DNAME 39

/* A word of a master file as it stands there: escapes not yet undone, quotes taken off. */
typedef struct {
    const char *text;
    gsize length;
    guint line;
    gboolean is_quoted;
} dt_word;

/* Any type of the IANA registry or TYPEnnn (RFC 3597); 0 if word is none. */
guint dt_rr_number_parse(const char *word, gsize length);

/* Data of type from words; names are relative to origin (canonical). Types that no question asks
 * for are only checked to have data. FALSE: *why_out says what is wrong (caller frees). */
gboolean dt_record_parse(dt_record *record, guint type, const dt_word *words, guint count,
                         const char *origin, char **why_out);

/* The same from one value as dt_zone_add takes it: TXT the text itself. */
gboolean dt_record_parse_value(dt_record *record, dt_rr_type type, const char *value,
                               char **why_out);

/* Data of type as it stands in a message, names uncompressed. FALSE if it is malformed. */
gboolean dt_record_from_wire(dt_record *record, guint type, const guint8 *octets, gsize length);

/* A name of a master file; NULL if it is none. Caller frees. */
char *dt_name_from_word(const dt_word *word, const char *origin);

/* "3600", "1h30m" up to 2^31-1 (RFC 2181 8); FALSE if word is no TTL. */
gboolean dt_ttl_parse(const char *text, gsize length, gint64 *ttl_out);

/* How long a negative answer of the zone with this SOA lasts (RFC 2308 5): its last field. -1 if
 * unknown. */
gint64 dt_record_soa_minimum(const dt_record *record);

/* A name of the wire at *at, which is moved behind it; compression pointers are followed within the
 * message. NULL if malformed. */
char *dt_wire_name(const guint8 *message, gsize length, gsize *at);

void dt_record_clear(dt_record *record);
void dt_record_copy(dt_record *to, const dt_record *from);
gboolean dt_record_equal(const dt_record *a, const dt_record *b);

void dt_answer_add_record(dt_answer *answer, const dt_record *record);
void dt_answer_lower_ttl(dt_answer *answer, gint64 ttl); /* below 0: unknown, changes nothing */
dt_answer *dt_answer_copy(const dt_answer *answer, dt_dns_origin origin, gint64 ttl);

/* Same status, records and chain; TTL and origin may differ. */
gboolean dt_answer_says_the_same(const dt_answer *a, const dt_answer *b);

dt_dns_status dt_dns_status_parse(const char *word); /* 0 if unknown */

#endif
