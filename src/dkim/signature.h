/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One DKIM-Signature field understood, private to src/dkim.
 */
#ifndef DT_DKIM_SIGNATURE_H
#define DT_DKIM_SIGNATURE_H

#include "dkim/dkim.h"

typedef struct dt_dkim_facts {
    dt_algorithm algorithm;
    /* one with the hash that a= names, also where the rest of a= is unknown */
    dt_algorithm body_algorithm;
    gboolean has_canon;
    dt_canon header_canon, body_canon;
    char *b, *bh; /* without white space, NULL if absent */
    guint8 bh_octets[DT_DIGEST_MAX];
    gsize bh_length;           /* 0: not the length of the hash, or no base64 */
    gsize h_length;            /* of h= without white space */
    gboolean is_within_d;      /* i= is exactly d=, not below: what t=s asks for */
    gboolean signs_signatures; /* h= names DKIM-Signature */
    gboolean is_international; /* the field holds UTF-8 (RFC 8616 5) */
    /* syntax, version: comes before any question to DNS; else DT_REASON_OK */
    dt_dkim_reason grave_fault;
    dt_dkim_reason rule_fault; /* what RFC 6376 6.1.1 refuses besides; else DT_REASON_OK */
    const char *fault_text; /* of grave_fault, or of rule_fault if that is the only one; NULL: the
                               usual sentence */
    gboolean is_left_out;   /* too many signatures before it */
    guint64 canonical_size; /* of the body, 0 not known */
} dt_dkim_facts;

/* Never NULL. Judges nothing but the field itself. */
dt_dkim_signature *dt_dkim_signature_read(const dt_field *field);
void dt_dkim_signature_free(dt_dkim_signature *signature);

/* Gives each its b_start. */
void dt_dkim_signatures_set_b_start(GPtrArray *signatures);

#endif
