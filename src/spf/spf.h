/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * SPF (RFC 7208): our own strict walk with its trace, and libspf2's opinion on the same question
 * beside it.
 */
#ifndef DT_SPF_SPF_H
#define DT_SPF_SPF_H

#include "dns/ask.h"

typedef enum {
    DT_SPF_NOT_EVALUATED = 0, /* no client address or no name */
    DT_SPF_PASS,
    DT_SPF_FAIL,
    DT_SPF_SOFTFAIL,
    DT_SPF_NEUTRAL,
    DT_SPF_NONE,
    DT_SPF_PERMERROR,
    DT_SPF_TEMPERROR,
} dt_spf_result;

const char *dt_spf_result_word(dt_spf_result result); /* NULL for NOT_EVALUATED */
/* 0 also for what receivers write besides ("hardfail", "unknown"). */
dt_spf_result dt_spf_result_parse(const char *word);

/* Why a permerror or temperror came: what a cause looks at. */
typedef enum {
    DT_SPF_FAULT_NONE = 0,
    DT_SPF_FAULT_SYNTAX,       /* the record or an included one does not parse */
    DT_SPF_FAULT_MULTIPLE,     /* two records at one name */
    DT_SPF_FAULT_LOOKUP_LIMIT, /* the 11th term that needs DNS */
    DT_SPF_FAULT_VOID_LIMIT,   /* the third void lookup */
    DT_SPF_FAULT_NO_RECORD,    /* include or redirect to a name without a record */
    DT_SPF_FAULT_MX_LIMIT,     /* more than 10 MX hosts, more than 10 addresses */
    DT_SPF_FAULT_DNS,          /* SERVFAIL, timeout, unknown: temperror */
} dt_spf_fault;

/* One step of the walk, in order. */
typedef struct {
    guint depth;  /* 0: the record of the SPF domain */
    char *domain; /* whose record */
    char *term; /* as written; "v=spf1 ..." whole for the step that fetched the record; "TXT" where
                 * there is none to follow; "MAIL FROM" or "HELO" for an identity without a name;
                 * "end" for the default */
    char *outcome; /* "record"; of a term that matches the result it gives ("pass"...), else "no
                    * match", "not reached", "ignored", "cut" (steps left out), "permerror",
                    * "temperror"; of exp= "explanation" */
    char *note;    /* what the answer was: an address, "NXDOMAIN (void 1 of 2)"; may be NULL */
} dt_spf_step;

/* Terms of a parsed record, for diagnosis: what is there, whether or not the walk reached it. */
typedef enum {
    DT_TERM_UNKNOWN = 0, /* not parseable */
    DT_TERM_ALL,
    DT_TERM_INCLUDE,
    DT_TERM_A,
    DT_TERM_MX,
    DT_TERM_PTR,
    DT_TERM_IP4,
    DT_TERM_IP6,
    DT_TERM_EXISTS,
    DT_TERM_REDIRECT,
    DT_TERM_EXP,
    DT_TERM_MODIFIER, /* another name=value */
} dt_spf_term_kind;

typedef struct {
    dt_spf_term_kind kind;
    char qualifier;       /* '+', '-', '~', '?'; 0 for modifiers */
    char *text;           /* as written, qualifier kept */
    char *target;         /* behind ":" or "=" as written, cidr removed; NULL if none */
    gint cidr4, cidr6;    /* -1: not given */
    guint8 address[16];   /* of ip4 and ip6 */
    guint address_length; /* 4 or 16; 0: no address */
    gboolean is_valid;
    char *fault; /* what is wrong, a sentence without final dot; NULL if valid */
} dt_spf_term;

typedef struct {
    char *text;
    GPtrArray *terms; /* of dt_spf_term, in order */
    gboolean is_valid;
} dt_spf_record;

/* Does text count as an SPF record ("v=spf1" then a blank or the end, any case)? */
gboolean dt_spf_is_record(const char *text);

/* Never NULL, faulty terms are marked. */
dt_spf_record *dt_spf_record_parse(const char *text, gsize length);
void dt_spf_record_free(dt_spf_record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_spf_record, dt_spf_record_free)

typedef struct {
    const char *ip;        /* canonical text */
    const char *helo;      /* as the client said it; may be NULL */
    const char *mail_from; /* address; "" or NULL null sender: HELO is checked */
    const char *receiver;  /* name for the macro r, NULL "unknown" */
    gint64 time;           /* for the macro t */
    gboolean with_libspf2; /* also ask libspf2 */
} dt_spf_input;

typedef struct dt_spf {
    dt_spf_result result;
    gboolean is_helo; /* identity helo: the null sender */
    char *domain;     /* the SPF domain; NULL if the identity has none that can be checked */
    char *record;     /* TXT text (octets as \DDD kept out: valid UTF-8), NULL if none was found or
                         several */
    char *mechanism;  /* deciding term; NULL for the default */
    /* of char*: names of the records from the SPF domain to the one whose term decided */
    GPtrArray *via;
    guint lookup_count;
    guint void_lookup_count;
    GPtrArray *trace;  /* of dt_spf_step */
    char *explanation; /* of exp=, expanded; NULL */
    dt_spf_fault fault;
    char *fault_domain; /* the name whose record or answer is at fault */
    char *fault_term;   /* the term at fault, NULL if none */
    char *fault_text;   /* a sentence */
    dt_spf_result libspf2_result;
    char *libspf2_difference; /* a sentence, NULL if both agree or it was not asked */
} dt_spf;

/* Never NULL. Names the question asks for are asked of resolver and logged there. */
dt_spf *dt_spf_evaluate(dt_resolver *resolver, const dt_spf_input *input);
void dt_spf_free(dt_spf *spf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_spf, dt_spf_free)

const char *dt_spf_library_version(void);

#endif
