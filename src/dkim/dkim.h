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

/* The reason words; reason.c holds word, result and sentence of each. */
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
typedef struct dt_dkim_key {
    const dt_answer *answer;  /* TXT at s._domainkey.d; borrowed from the resolver */
    char *name;               /* s._domainkey.d, canonical; NULL if it cannot be a name */
    char *record;             /* the key record's text; NULL if none or several */
    guint record_count;       /* key records among the TXT (v absent or DKIM1) */
    char *type;               /* "rsa", "ed25519", or as written */
    guint bits;               /* RSA modulus, 256 for Ed25519; 0 unknown */
    gboolean is_testing;      /* t=y */
    gboolean is_no_subdomain; /* t=s */
    gboolean is_revoked;      /* p= empty */
    dt_dkim_reason fault;     /* why it is of no use to any signature, else DT_REASON_OK */
    char *fault_text;
    char *public_key;     /* p= without white space */
    gboolean allows_sha1; /* h= absent or naming it */
    gboolean allows_sha256;
    gboolean allows_email; /* s= absent, "*" or naming email */
} dt_dkim_key;

/* Damage (interface section 9): the change that, undone, makes the signature verify (without a key:
 * makes the body hash fit). Kinds, of the body: trailing-spaces, trailing-spaces-added,
 * footer-added, banner-added, text-added, list-wrapping, from-quoting, dot-stuffing, dots-lost,
 * leading-lines, leading-line-lost, lines-doubled, lines-cut, body-recoded, charset-changed; of the
 * header: subject-tag, subject-recoded, field-added, field-rewritten, field-refolded,
 * from-rewritten, recipient-masked. */
typedef struct {
    const char *kind; /* stable word */
    const char *by;   /* "saving", "way", "sender" */
    char *place;      /* "line 12", "lines 12, 16", "lines 20-24", "body", "header" */
    char *text;       /* one clause, fit for a terminal */
} dt_damage;

typedef struct {
    guint index; /* from 0, message order */
    const dt_field *field;
    char *d, *s, *a, *c, *i; /* as written, white space removed; NULL if absent */
    char *domain;            /* d= as canonical name, NULL if it is none */
    char **h;                /* field names as written, NULL-terminated; NULL if absent */
    gint64 t, x, l;          /* -1: absent or no number */
    dt_dkim_result result;
    dt_dkim_reason reason;
    char *detail; /* one sentence */
    dt_check body_hash;
    dt_check signature; /* over the header */
    dt_check key_fits;  /* of a header mismatch: was b= made with this key at all (RSA only)? */
    dt_dkim_key *key;   /* NULL if it was not looked for */
    char *b_start;      /* shortest unambiguous start of b=, at least 8 characters: header.b */
    guint64 unsigned_octets;     /* body octets that l= leaves unsigned, 0 none */
    GPtrArray *damage;           /* of dt_damage, NULL if not searched or nothing found */
    struct dt_dkim_facts *facts; /* private: the tags as this folder understood them */
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
dt_dkim *dt_dkim_evaluate(dt_message *message, dt_resolver *resolver,
                          const dt_dkim_options *options);

/* The same under a what-if view, reusing all of earlier whose keys the view does not change. */
dt_dkim *dt_dkim_reevaluate(const dt_dkim *earlier, dt_message *message, dt_resolver *resolver,
                            const dt_dkim_options *options);
void dt_dkim_free(dt_dkim *dkim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_dkim, dt_dkim_free)

/* The key at s._domainkey.d, for diagnosis and `domain`. Never NULL. */
dt_dkim_key *dt_dkim_key_fetch(dt_resolver *resolver, const char *selector, const char *domain);
void dt_dkim_key_free(dt_dkim_key *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_dkim_key, dt_dkim_key_free)

/* The same of one record of an answer, made once for the record and kept with it. Borrowed; name
 * and answer are not set. */
const dt_dkim_key *dt_dkim_key_of_record(const dt_record *record);

/* A domain or selector as a signature names it, in the letters of host names (underscores are seen
 * in real selectors), U-labels allowed (RFC 8616 5), as canonical name; NULL if it is none. Caller
 * frees. */
char *dt_dkim_name(const char *text);

/* s._domainkey.d as canonical name, NULL if it cannot be one. Caller frees. */
char *dt_dkim_key_name(const char *selector, const char *domain);

/* A key record's text judged without DNS. */
dt_dkim_key *dt_dkim_key_parse(const char *text, gsize length);

const char *dt_dkim_library_version(void);

/* ---- the parts of a DKIM-like signature, for src/arc --------------------------------------- */

typedef enum { DT_CANON_SIMPLE = 1, DT_CANON_RELAXED } dt_canon;
typedef enum {
    DT_ALGORITHM_UNKNOWN = 0,
    DT_ALGORITHM_RSA_SHA1,
    DT_ALGORITHM_RSA_SHA256,
    DT_ALGORITHM_ED25519_SHA256,
} dt_algorithm;

/* a= (case folded); DT_ALGORITHM_UNKNOWN for any other. */
dt_algorithm dt_algorithm_parse(const char *a);

/* c= without white space, NULL for an absent one: "simple", "relaxed/simple"... FALSE for anything
 * else. */
gboolean dt_canon_parse(const char *c, dt_canon *header_out, dt_canon *body_out);

/* Appends the field in canonical form with its final CR LF (RFC 6376 3.4.1, 3.4.2). */
void dt_canon_field(dt_canon how, const dt_field *field, GString *out);

/* Appends a signature field (DKIM-Signature, ARC-Message-Signature, ARC-Seal) with the value of its
 * b= left out and without final CR LF: the last thing that its own signature covers (RFC 6376 3.7).
 */
void dt_canon_signature_field(dt_canon how, const dt_field *field, GString *out);

/* The fields of a message by name, so that a long h= over a long header stays linear. Borrows from
 * the message. */
typedef struct dt_header_index dt_header_index;
dt_header_index *dt_header_index_new(const dt_message *message);
void dt_header_index_free(dt_header_index *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_header_index, dt_header_index_free)

/* The fields that h selects, in its order: each name takes the lowest instance not yet taken, names
 * beyond the instances select nothing (RFC 6376 5.4.2). own (the signature field itself) is never
 * selected. Of const dt_field *; caller unrefs. */
GPtrArray *dt_header_select(const dt_header_index *index, char *const *h, const dt_field *own);

/* Everything that the signature in field covers, as hashed: the fields that h selects, then the
 * field itself. Caller frees. */
GString *dt_canon_header(const dt_header_index *index, char *const *h, dt_canon how,
                         const dt_field *field);

/* One body hash to be made (RFC 6376 3.4.3, 3.4.4, 3.7). */
#define DT_DIGEST_MAX 32
typedef struct {
    dt_canon how;
    dt_algorithm algorithm; /* for its hash */
    gint64 limit;           /* l=, -1: the whole body */
    guint8 digest[DT_DIGEST_MAX];
    gsize digest_length;
    guint64 canonical_size; /* octets of the whole canonical body, whatever the limit */
} dt_body_hash;

/* Fills count hashes in one pass over the body. FALSE if the body could not be read (digest_length
 * is then 0). */
gboolean dt_canon_body(dt_message *message, dt_body_hash *hashes, guint count);

/* Does b (base64) verify over data under this key? Untested if the key is of another type or cannot
 * be used. Checks the mathematics alone: no rule about size, hashes or dates. */
dt_check dt_dkim_check(const dt_dkim_key *key, dt_algorithm algorithm, const char *data,
                       gsize length, const char *b);

#endif
