/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a diagnosis holds, for the reports: findings with evidence, fixes and proofs, the plan, and
 * the catalogue of causes.
 */
#ifndef DT_DIAGNOSIS_FINDING_H
#define DT_DIAGNOSIS_FINDING_H

#include <dmarctrace/diagnosis.h>
#include "evaluation/case.h"

typedef struct dt_cause dt_cause; /* a record of the catalogue; inside in cause.h */

typedef enum {
    DT_SEVERITY_UNKNOWN = 0,
    DT_SEVERITY_BLOCKS,
    DT_SEVERITY_RISK,
    DT_SEVERITY_NOTE
} dt_severity;
const char *dt_severity_word(dt_severity severity);

typedef enum { DT_ABSENT = 0, DT_POSSIBLE, DT_CERTAIN } dt_certainty;
const char *dt_certainty_word(dt_certainty certainty);

typedef enum {
    DT_EVIDENCE_HEADER = 1,
    DT_EVIDENCE_DNS,
    DT_EVIDENCE_RULE,
    DT_EVIDENCE_COMPUTED
} dt_evidence_kind;
const char *dt_evidence_kind_word(dt_evidence_kind kind);

typedef struct {
    dt_evidence_kind kind;
    char *ref;  /* "line 12", "NAME TYPE", "RFC 9989 5.3.1" */
    char *text; /* what stands there, one line */
    char *mark; /* the part of text that decides, to underline; NULL none */
    guint line; /* of a header, else 0 */
} dt_evidence;

typedef enum {
    DT_WHERE_DNS = 1,
    DT_WHERE_SES,
    DT_WHERE_SENDER,
    DT_WHERE_RECEIVER,
    DT_WHERE_FILE
} dt_where;
const char *dt_where_word(dt_where where);

typedef enum {
    DT_ACTION_PUBLISH = 1,
    DT_ACTION_REPLACE,
    DT_ACTION_REMOVE,
    DT_ACTION_SET,
    DT_ACTION_RESEND
} dt_action;
const char *dt_action_word(dt_action action);

typedef struct {
    guint step; /* from 1 within its finding */
    dt_where where;
    dt_action action;
    char *name;  /* owner, canonical */
    char *type;  /* "TXT", "MX", "CNAME" */
    char *value; /* plain text (TXT), else as in a master file without final dot; NULL in a removal
                    of all of that type */
    char *old_value; /* REPLACE: the record that goes; NULL otherwise */
    char *text;      /* one sentence: what and why */
    char *command;   /* a shell command, arguments quoted */
    gboolean is_optional;
    gboolean is_open;  /* name or value holds something that only SES or the key's owner knows:
                          TOKEN1, ... */
    gboolean is_check; /* the command looks and changes nothing */
} dt_fix;

typedef struct {
    dt_verdict result;
    gboolean spf_aligned, dkim_aligned;
    GPtrArray *assumes; /* of char* */
} dt_proof;

typedef struct dt_finding {
    const dt_cause *cause;
    const char *code;
    dt_severity severity;
    dt_certainty certainty;
    char *title;
    char *explanation;
    GPtrArray *evidence; /* of dt_evidence */
    GPtrArray *checks;   /* of char*: commands that tell possible causes apart */
    GPtrArray *explains; /* of const char*: codes found that this one is the root of */
    GPtrArray *fixes;    /* of dt_fix, steps in order */
    dt_proof *proof;     /* NULL: see proof_absent */
    char *proof_absent;
    /* For proof and plan: */
    dt_zone *changes;                 /* DNS fixes as records; NULL none */
    char *mail_from_domain;           /* the fix makes SES use this MAIL FROM */
    char *signing_domain;             /* the fix makes SES sign with this d= */
    gboolean no_proof;                /* the effect is supposed in a plan, but no proof is shown */
    gint weight_override;             /* private to the engine: a dt_weight, 0 none */
    GHashTable *bindings;             /* private: placeholder -> text */
    const char *explanation_template; /* private: another reading */
} dt_finding;

typedef struct {
    GPtrArray *findings; /* of dt_finding*, borrowed from the diagnosis, in order */
    dt_proof *proof;
} dt_plan;

/* `domain`: the two legs that a sending domain stands on. status: "ok", "missing", "wrong",
 * "unknown". */
typedef struct {
    char *name;
    GPtrArray *mx; /* of char*: "10 feedback-smtp..." */
    char *spf;     /* text of the SPF record; NULL */
    const char *status;
} dt_mail_from_state;
typedef struct {
    char *token, *name, *cname;
    const char *status;
} dt_token_state;

/* What no DNS question shows, and how to see it. */
typedef struct {
    const char *what; /* sentences that lead to the command, without the colon */
    char *command;
    const char *then; /* what to do with its output: "--dkim-token=TOKEN for each" */
} dt_unseen;

struct dt_diagnosis {
    const dt_case *subject;
    GPtrArray *findings; /* of dt_finding, report order */
    GPtrArray *plans;    /* of dt_plan, best first, at most three */
    char *plan_absent;   /* why there is none though the message fails; NULL */
    int reproducible;    /* 1, 0, -1 */
    int status;
    GPtrArray *unseen;             /* of dt_unseen: `domain` only */
    dt_mail_from_state *mail_from; /* `domain`: the MAIL FROM domain that is known (options,
                                      identity, probe); NULL */
    GPtrArray *tokens;             /* `domain`: of dt_token_state, known Easy DKIM tokens */
};

/* Exit status of fix for plan (from 1; 0: the first): 0 complete, 2 with values that only SES
 * knows, 1 nothing to fix. */
int dt_fix_status(const dt_diagnosis *diagnosis, guint plan);

/* One RRset as it will be, foreign values kept: what an interface needs that replaces whole sets.
 */
typedef struct {
    char *name, *type;
    gint64 ttl;              /* as DNS shows it */
    gboolean is_ttl_running; /* by a server that may count it down */
    GPtrArray *values;  /* of char*, as in a master file: after the change; empty: the set goes */
    GPtrArray *old;     /* of char*, as in a master file: before; empty: the set is new */
    gboolean is_open;   /* holds a value that only SES knows */
    gboolean is_unseen; /* the question for it failed: what stands there is not known and would be
                           lost */
} dt_rrset;

/* The value of a fix as a master file has it: TXT quoted, names with a final dot. Caller frees. */
char *dt_fix_rdata(const char *type, const char *value);

/* All RRsets that the DNS steps of findings change, in order. Of dt_rrset; caller unrefs. */
GPtrArray *dt_fix_rrsets(const dt_diagnosis *diagnosis, const GPtrArray *findings);

/* The findings whose steps fix shows: those of the plan, or, for a message that passes, its risks.
 * Caller frees the array. */
GPtrArray *dt_fix_findings(const dt_diagnosis *diagnosis, guint plan);

/* The catalogue, for `causes` and for documentation: every cause in order. */
guint dt_catalogue_count(void);
typedef struct {
    const char *code, *severity, *title, *explanation, *recognised, *remedy, *reference;
} dt_catalogue_entry;
/* Texts may hold placeholders in braces ({D}, {M}, ...), explained by dt_placeholder_words. FALSE
 * past the end. */
gboolean dt_catalogue_get(guint index, dt_catalogue_entry *entry_out);
char *dt_catalogue_plain(const char *text); /* placeholders as words; caller frees */

#endif
