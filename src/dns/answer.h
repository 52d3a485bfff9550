/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One answer to one DNS question, whatever it came from. Immutable once made, shared by reference.
 */
#ifndef DT_DNS_ANSWER_H
#define DT_DNS_ANSWER_H

#include <glib.h>

typedef enum {
    DT_RR_A = 1,
    DT_RR_NS = 2,
    DT_RR_CNAME = 5,
    DT_RR_SOA = 6,
    DT_RR_PTR = 12,
    DT_RR_MX = 15,
    DT_RR_TXT = 16,
    DT_RR_AAAA = 28,
} dt_rr_type;

typedef enum {
    DT_DNS_OK = 1,   /* at least one record */
    DT_DNS_NODATA,   /* the name exists, not with this type */
    DT_DNS_NXDOMAIN, /* no such name */
    DT_DNS_SERVFAIL, /* a server says so, refuses, or a CNAME loop */
    DT_DNS_TIMEOUT,  /* nothing came within the time budget */
    DT_DNS_UNKNOWN,  /* the file cannot know (snapshot without it, outside the zones of a file with
                        SOA) */
} dt_dns_status;

typedef enum {
    DT_FROM_ZONE = 1,
    DT_FROM_SNAPSHOT,
    DT_FROM_LIVE,
    DT_FROM_CACHE,
    DT_FROM_ASSUMED,
    DT_FROM_CALLBACK,
} dt_dns_origin;

typedef enum {
    DT_DNSSEC_UNCHECKED = 0,
    DT_DNSSEC_INSECURE,
    DT_DNSSEC_SECURE,
    DT_DNSSEC_BOGUS
} dt_dnssec;

typedef struct {
    guint preference; /* MX */
    char *target;     /* MX, PTR, CNAME, NS: a canonical name ("" is the root: null MX) */
    char *data;   /* TXT: all strings of the record joined, octets, a NUL behind; A, AAAA: 4 or 16
                     octets */
    gsize length; /* of data */
    struct dt_reading *readings; /* private: see dt_record_reading */
} dt_record;

typedef struct dt_answer {
    char *name;      /* the question */
    dt_rr_type type; /* the question */
    dt_dns_status status;
    guint record_count;
    /* sorted (octets), so that a report does not depend on the order of arrival */
    dt_record *records;
    char **cname; /* NULL, or the names that the question was led to, last one the end;
                     NULL-terminated */
    gint64 ttl;   /* seconds, lowest of what the answer rests on; -1 unknown */
    dt_dnssec dnssec;
    dt_dns_origin origin;
    char *server; /* "IP" or "IP@PORT" of the server that answered; NULL unless live */
    gint refs;    /* private */
} dt_answer;

/* Building: new -> add_* -> seal. Sealing sorts and turns OK without records into NODATA. */
dt_answer *dt_answer_new(const char *name, dt_rr_type type, dt_dns_status status,
                         dt_dns_origin origin);
void dt_answer_add_txt(dt_answer *answer, const char *octets, gsize length);
void dt_answer_add_address(dt_answer *answer, const guint8 *octets, gsize length);
void dt_answer_add_target(dt_answer *answer, guint preference, const char *target);
void dt_answer_add_cname(dt_answer *answer, const char *target);
void dt_answer_seal(dt_answer *answer);
dt_answer *dt_answer_ref(const dt_answer *answer);
void dt_answer_unref(dt_answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_answer, dt_answer_unref)

/* OK or a failure? "Known absent" is NODATA and NXDOMAIN; only these prove absence. */
static inline gboolean
dt_answer_is_absent(const dt_answer *answer)
{
    return answer->status == DT_DNS_NODATA || answer->status == DT_DNS_NXDOMAIN;
}

static inline gboolean
dt_answer_is_failure(const dt_answer *answer)
{
    return answer->status >= DT_DNS_SERVFAIL;
}

/* Words: "ok", "nxdomain"...; "TXT"...; "zone"...; "secure"... (NULL for unchecked). */
const char *dt_dns_status_word(dt_dns_status status);
const char *dt_rr_type_word(dt_rr_type type);
dt_rr_type dt_rr_type_parse(const char *word); /* 0 if unknown */
const char *dt_dns_origin_word(dt_dns_origin origin);
const char *dt_dnssec_word(dt_dnssec dnssec);

/* What a reader makes of a record's octets, kept with the record: whoever meets the same record
 * again, in whatever thread, need not take it apart again. free tells the readers apart. Borrowed,
 * lives as long as the record. make may be called twice at the same time. */
typedef gpointer (*dt_reading_func)(const char *octets, gsize length);
gconstpointer dt_record_reading(const dt_record *record, dt_reading_func make, GDestroyNotify free);

/* One record as a person reads it: TXT text with \DDD, "10 host", an address. Caller frees. */
char *dt_record_text(const dt_record *record, dt_rr_type type);

#endif
