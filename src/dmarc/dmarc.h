/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DMARC: RFC 9989 (the verdict) and RFC 7489 (beside it) for one author and a list of authenticated
 * identifiers.
 */
#ifndef DT_DMARC_DMARC_H
#define DT_DMARC_DMARC_H

#include "dns/ask.h"

typedef enum {
    DT_VERDICT_UNKNOWN = 0,
    DT_VERDICT_PASS,
    DT_VERDICT_FAIL,
    DT_VERDICT_NONE,
    DT_VERDICT_PERMERROR,
    DT_VERDICT_TEMPERROR,
} dt_verdict;
const char *dt_verdict_word(dt_verdict verdict);
dt_verdict dt_verdict_parse(const char *word);

typedef enum {
    DT_POLICY_UNKNOWN = 0,
    DT_POLICY_NONE,
    DT_POLICY_QUARANTINE,
    DT_POLICY_REJECT
} dt_policy;
const char *dt_policy_word(dt_policy policy); /* NULL for unknown */

typedef enum {
    DT_ALIGNMENT_NONE = 0,
    DT_ALIGNMENT_ORGANIZATIONAL,
    DT_ALIGNMENT_IDENTICAL
} dt_alignment;
const char *dt_alignment_word(dt_alignment alignment);

typedef enum {
    DT_TERNARY_UNKNOWN = 0,
    DT_TERNARY_FALSE,
    DT_TERNARY_TRUE
} dt_ternary; /* JSON null, false, true */

/* One mechanism's outcome on one name. */
typedef struct {
    gboolean is_spf; /* else DKIM */
    gboolean passes;
    gboolean is_temperror; /* would count if it had passed */
    char *domain;          /* canonical, "" or NULL if none; owned */
    /* filled by the evaluation: */
    dt_ternary aligned; /* passes and is aligned under the mode of the record that applies; judged
                           as relaxed where none does */
    dt_ternary names_aligned; /* whether or not it passes: would the name align under that mode? */
    dt_alignment alignment;   /* how the names relate, whatever the record asks */
    char *org_domain;         /* by the tree walk; NULL unknown */
    dt_ternary aligned_7489;
    char *org_domain_7489;
} dt_identifier;
dt_identifier *dt_identifier_new(gboolean is_spf, gboolean passes, gboolean is_temperror,
                                 const char *domain);
void dt_identifier_free(dt_identifier *identifier);

typedef struct {
    const char *tag; /* "p", "sp", "rua", ... or "record" */
    char *text;      /* a sentence */
} dt_dmarc_error;

/* A DMARC record as RFC 9989 reads it. */
typedef struct {
    char *text;          /* as published, valid UTF-8 */
    gboolean is_dmarc;   /* first tag is exactly v=DMARC1 */
    gboolean is_usable;  /* it has a policy, own or by the rua rule */
    dt_policy p, sp, np; /* UNKNOWN: absent or bad */
    gboolean p_present, sp_present, np_present;
    gboolean counts_as_none; /* bad or missing policy with a valid rua */
    gboolean adkim_strict, aspf_strict;
    gboolean is_testing; /* t=y */
    char psd;            /* 'y', 'n', 'u' */
    gint pct;            /* 100 if absent or bad */
    GPtrArray *rua;      /* of char*: URIs as written, valid or not */
    GPtrArray *ruf;
    gboolean has_valid_rua;
    GPtrArray *errors; /* of dt_dmarc_error */
} dt_dmarc_record;
dt_dmarc_record *dt_dmarc_record_parse(const char *text, gsize length); /* never NULL */
void dt_dmarc_record_free(dt_dmarc_record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_dmarc_record, dt_dmarc_record_free)

/* One name of a walk. */
typedef struct {
    char *name;              /* without _dmarc. */
    const dt_answer *answer; /* borrowed from the resolver */
    /* the single DMARC record there, usable or not, kept with the answer; NULL */
    const dt_dmarc_record *record;
    guint record_count; /* DMARC records there */
} dt_dmarc_step;

typedef struct {
    dt_verdict result;
    char *org_domain;
    char *policy_domain;
    dt_policy policy;
    gint pct;
    dt_policy disposition; /* with pct < 100: what is asked of the share that pct names */
    gboolean disposition_by_chance;
} dt_dmarc_7489;

typedef struct dt_dmarc {
    dt_verdict result;
    char *from_domain; /* NULL when there is not exactly one */
    char *org_domain;  /* of the author domain */
    char *policy_domain;
    const dt_dmarc_record *record; /* borrowed from walk: the one that applies, NULL */
    dt_policy policy;              /* before t */
    const char *applied_tag;       /* "p", "sp", "np"; NULL */
    dt_policy disposition;
    gboolean author_exists_known, author_exists; /* asked only when it decides the tag */
    GPtrArray *queries; /* of char*: "_dmarc.NAME" in order of first use; names asked only to tell
                           org_domain are not listed */
    GPtrArray *walk; /* of dt_dmarc_step, borrowed from steps: the author domain's walk, in order */
    GPtrArray *steps; /* of dt_dmarc_step: every name that was asked for, each once, in order of
                         first use */
    /* where a record without a usable policy ended DMARC (RFC 9989 4.10.1), NULL */
    const dt_dmarc_step *unusable;
    const dt_answer *failed; /* the answer whose failure left a temperror, NULL */
    dt_dmarc_7489 rfc7489;
    gboolean standards_agree; /* same result and disposition */
} dt_dmarc;

/* domains: the author domains (canonical, one each; NULL entry: an address whose domain is none);
 * identifiers: of dt_identifier, filled in. Never NULL. */
dt_dmarc *dt_dmarc_evaluate(dt_resolver *resolver, const char *const *domains, guint domain_count,
                            GPtrArray *identifiers);
void dt_dmarc_free(dt_dmarc *dmarc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_dmarc, dt_dmarc_free)

#endif
