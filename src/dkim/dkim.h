/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DKIM (RFC 6376, 8301, 8463): every DKIM-Signature field of a message verified on its own.
 */
#ifndef DT_DKIM_DKIM_H
#define DT_DKIM_DKIM_H

#include <dmarctrace/message.h>
#include "dns/ask.h"

typedef enum {
    DT_DKIM_UNKNOWN = 0,
    DT_DKIM_PASS,
    DT_DKIM_FAIL,
    DT_DKIM_NEUTRAL,
    DT_DKIM_PERMERROR,
    DT_DKIM_TEMPERROR,
    DT_DKIM_POLICY,
} dt_dkim_result;

const char *dt_dkim_result_word(dt_dkim_result result);
dt_dkim_result dt_dkim_result_parse(const char *word);

/* The reason words, in the order of the contract; reason.c holds word, result and sentence of each. */
typedef enum {
    DT_REASON_UNKNOWN = 0,
    DT_REASON_OK,
    DT_REASON_BODY_CHANGED,
    DT_REASON_HEADER_CHANGED,
    DT_REASON_BODY_AND_HEADER_CHANGED,
    DT_REASON_NO_KEY,
    DT_REASON_KEY_MULTIPLE,
    DT_REASON_KEY_UNREACHABLE,
    DT_REASON_KEY_SYNTAX,
    DT_REASON_KEY_REVOKED,
    DT_REASON_KEY_TOO_SMALL,
    DT_REASON_KEY_TYPE_MISMATCH,
    DT_REASON_KEY_SERVICE_MISMATCH,
    DT_REASON_KEY_HASH_NOT_ALLOWED,
    DT_REASON_ALGORITHM_NOT_SUPPORTED,
    DT_REASON_EXPIRED,
    DT_REASON_FUTURE,
    DT_REASON_WRONG_KEY,
    DT_REASON_IDENTITY_MISMATCH,
    DT_REASON_FROM_NOT_SIGNED,
    DT_REASON_SIGNATURE_SYNTAX,
    DT_REASON_VERSION,
    DT_REASON_CANONICALIZATION,
    DT_REASON_QUERY_METHOD,
    DT_REASON_TOO_MANY,
    DT_REASON_BEYOND_LIMITS,
    DT_REASON_NO_BODY_TO_TEST,
} dt_dkim_reason;

const char *dt_dkim_reason_word(dt_dkim_reason reason);
dt_dkim_result dt_dkim_reason_result(dt_dkim_reason reason);

typedef enum { DT_CHECK_UNTESTED = 0, DT_CHECK_OK, DT_CHECK_MISMATCH } dt_check;
const char *dt_check_word(dt_check check); /* "untested", "ok", "mismatch" */

/* A key record as it was found and understood. */
typedef struct {
    const dt_answer *answer; /* TXT at s._domainkey.d; borrowed from the resolver */
    char *name;              /* s._domainkey.d, canonical; NULL if it cannot be a name */
    char *record;            /* the key record's text; NULL if none or several */
    guint record_count;      /* key records among the TXT (v absent or DKIM1) */
    char *type;              /* "rsa", "ed25519", or as written */
    guint bits;              /* RSA modulus, 256 for Ed25519; 0 unknown */
    gboolean is_testing;     /* t=y */
    gboolean is_no_subdomain; /* t=s */
    gboolean is_revoked;     /* p= empty */
    dt_dkim_reason fault;    /* DT_REASON_OK, or why it is of no use as such (not looking at a signature) */
    char *fault_text;
    char *public_key;        /* p= without white space */
} dt_dkim_key;

/* Damage (interface section 9): the change that, undone, makes the signature verify. */
typedef struct {
    const char *kind;  /* stable word */
    const char *by;    /* "saving", "way", "sender" */
    char *place;       /* "line 12", "octets 100-220 of the body" */
    char *text;
} dt_damage;

typedef struct {
    guint index;            /* from 0, message order */
    const dt_field *field;
    char *d, *s, *a, *c, *i; /* as written, white space removed; NULL if absent */
    char *domain;           /* d= as canonical name, NULL if it is none */
    char **h;               /* field names as written, NULL-terminated; NULL if absent */
    gint64 t, x, l;         /* -1: absent or no number */
    dt_dkim_result result;
    dt_dkim_reason reason;
    char *detail;           /* one sentence */
    dt_check body_hash;
    dt_check signature;     /* over the header */
    dt_dkim_key *key;       /* NULL if it was not looked for */
    char *b_start;          /* shortest unambiguous start of b=, at least 8 characters: header.b */
    guint64 unsigned_octets; /* body octets that l= leaves unsigned, 0 none */
    GPtrArray *damage;      /* of dt_damage, NULL if not searched or nothing found */
} dt_dkim_signature;

typedef struct {
    gint64 at;            /* expiry and future are judged as of this time */
    guint max_signatures; /* verified at most; the rest are too-many */
    gboolean damage_search;
    guint damage_budget_ms;
} dt_dkim_options;

#define DT_MAX_SIGNATURES 20

typedef struct dt_dkim {
    GPtrArray *signatures; /* of dt_dkim_signature */
} dt_dkim;

/* Never NULL. Each DKIM-Signature field of the message in order; keys asked of resolver. */
dt_dkim *dt_dkim_evaluate(dt_message *message, dt_resolver *resolver, const dt_dkim_options *options);

/* The same under a what-if view, reusing all of earlier whose keys the view does not change. */
dt_dkim *dt_dkim_reevaluate(const dt_dkim *earlier, dt_message *message, dt_resolver *resolver, const dt_dkim_options *options);
void dt_dkim_free(dt_dkim *dkim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_dkim, dt_dkim_free)

/* The key at s._domainkey.d, for diagnosis and `domain`. Never NULL. */
dt_dkim_key *dt_dkim_key_fetch(dt_resolver *resolver, const char *selector, const char *domain);
void dt_dkim_key_free(dt_dkim_key *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_dkim_key, dt_dkim_key_free)

/* A key record's text judged without DNS. */
dt_dkim_key *dt_dkim_key_parse(const char *text, gsize length);

const char *dt_dkim_library_version(void);

#endif
