/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Private to src/spf: one walk over the records of one evaluation, shared by the files that carry
 * it out.
 */
#ifndef DT_SPF_WALK_H
#define DT_SPF_WALK_H

#include "spf/spf.h"

#define DT_SPF_MAX_LOOKUPS 10 /* RFC 7208 4.6.4 */
#define DT_SPF_MAX_VOIDS   2
#define DT_SPF_MAX_HOSTS   10 /* of one mx or ptr */
#define DT_SPF_MAX_STEPS   2000
#define DT_SPF_MAX_INPUT   512 /* octets of an address or HELO name; RFC 5321 4.5.3.1 allows 256 */

typedef struct {
    dt_resolver *resolver;
    const dt_spf_input *input;
    dt_spf *spf;        /* what is being found out */
    guint8 address[16]; /* of the client */
    guint address_length;
    char *address_text;
    char *local_part;      /* of the checked identity; "postmaster" if it has none */
    char *sender_domain;   /* octets, for the macros */
    GPtrArray *stack;      /* of char*: the names whose records are open, outermost first */
    GPtrArray *accepted;   /* of const dt_answer*: TXT answers with one well-formed record */
    gboolean is_malformed; /* some record that was met is not */
    char *exp_target;      /* of the exp= that belongs to the deciding term */
    char *exp_domain;
    gboolean is_stopped;     /* an error has been met, via leads to it */
    dt_spf_step *spare_step; /* takes what does not fit into the trace any more */
} dt_spf_walk;

typedef enum {
    DT_SPF_NO_MATCH,
    DT_SPF_MATCH,
    DT_SPF_STOP
} dt_spf_match; /* STOP: spf->fault says why */

/* ---- words.c ------------------------------------------------------------------------------- */
dt_spf_result dt_spf_qualifier_result(char qualifier);
void dt_spf_step_free(gpointer step);
void dt_spf_term_free(gpointer term);

/* ---- macro.c: RFC 7208 section 7 ----------------------------------------------------------- */
/* NULL if spec is a macro-string; else what is wrong (static). is_domain: the letters c, r and t
 * are refused. ends_in_macro_out (may be NULL): the last octet belongs to a macro-expand. */
const char *dt_spf_macro_fault(const char *spec, gsize length, gboolean is_domain,
                               gboolean *ends_in_macro_out);
/* The name a domain-spec stands for at domain: canonical, at most 253 octets, or NULL if it can be
 * no name. */
char *dt_spf_macro_name(dt_spf_walk *walk, const char *spec, const char *domain);
/* An explanation text: ASCII, or NULL if text is none or what it says is not ASCII. */
char *dt_spf_macro_explanation(dt_spf_walk *walk, const char *text, gsize length,
                               const char *domain);

/* ---- record.c ------------------------------------------------------------------------------ */
gboolean dt_spf_is_record_octets(const char *octets, gsize length);

/* ---- mechanism.c: RFC 7208 section 5, those that need nothing but addresses ---------------- */
dt_spf_match dt_spf_mechanism_match(dt_spf_walk *walk, const dt_spf_term *term, const char *domain,
                                    dt_spf_step *step);
gboolean dt_spf_network_has(const dt_spf_walk *walk, const dt_spf_term *term);
/* RFC 7208 5.5 and 7.2 "p": a name of the client that leads back to it, domain itself or below it
 * if there is one; with must_be_below nothing else. Canonical, NULL if none. status_out (may be
 * NULL): of the PTR question. */
char *dt_spf_validated_name(dt_spf_walk *walk, const char *domain, gboolean must_be_below,
                            dt_dns_status *status_out);
/* The name under which the client's PTR records stand. */
char *dt_spf_reverse_name(const dt_spf_walk *walk);
dt_rr_type dt_spf_address_type(const dt_spf_walk *walk);

/* ---- walk.c: RFC 7208 4.4 to 4.7, 5.2, 6.1 ------------------------------------------------- */
dt_spf_result dt_spf_walk_domain(dt_spf_walk *walk, const char *domain, gboolean is_included);
dt_spf_step *dt_spf_walk_step(dt_spf_walk *walk, const char *domain, const char *term);
void dt_spf_step_say(dt_spf_step *step, const char *outcome, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Notes the first fault; always STOP. */
dt_spf_match dt_spf_walk_stop(dt_spf_walk *walk, dt_spf_fault fault, const char *domain,
                              const char *term, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* ---- prefetch.c ---------------------------------------------------------------------------- */
/* Announces the first questions of the terms that come before the first sure match. */
void dt_spf_prefetch_record(dt_spf_walk *walk, const dt_spf_record *record, const char *domain);
void dt_spf_prefetch_addresses(dt_spf_walk *walk, const dt_record *const *records, guint count);

/* ---- crosscheck.c -------------------------------------------------------------------------- */
void dt_spf_crosscheck(dt_spf_walk *walk);

#endif
