/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the diagnosis folder: how a cause is written. A block, top to bottom: a comment with the
 * story in one sentence, the recognise function, the mend function, the record, and its line in the
 * list at the end of the family's file. Recognise reads the view, adds evidence where it decides,
 * binds names and answers absent, possible or certain; it changes nothing else. Mend is called for
 * findings that stay and adds the steps of the fix.
 */
#ifndef DT_DIAGNOSIS_CAUSE_H
#define DT_DIAGNOSIS_CAUSE_H

#include "diagnosis/finding.h"

/* How heavy a cause is; the engine settles what depends on other mechanisms. */
typedef enum {
    DT_WEIGHT_BLOCKS = 1,
    DT_WEIGHT_BLOCKS_ALONE,        /* blocks*: a risk while an aligned pass stands */
    DT_WEIGHT_BLOCKS_WITHOUT_DKIM, /* a note beside an aligned DKIM pass, else blocks */
    DT_WEIGHT_RISK,
    DT_WEIGHT_NOTE,
} dt_weight;

/* Order in a report within one severity. COPY: the copy at hand or a later change is at fault, not
 * the sender: said first. */
typedef enum {
    DT_GROUP_COPY = 1,
    DT_GROUP_STRUCTURE,
    DT_GROUP_RECORD,
    DT_GROUP_TRANSIENT,
    DT_GROUP_NOTE
} dt_group;

/* Facts without which a cause is not asked. */
enum {
    DT_NEEDS_MESSAGE = 1 << 0, /* not in `domain` */
    DT_NEEDS_SES = 1 << 1,     /* the message has SES markers (in `domain`: always true) */
    DT_NEEDS_AUTHOR = 1 << 2,  /* one author domain is certain */
    DT_NEEDS_SPF = 1 << 3,     /* SPF was evaluated */
};

typedef struct dt_view dt_view;

struct dt_cause {
    const char *code;
    dt_weight weight;
    dt_group group;
    guint needs;
    dt_certainty (*recognise)(dt_view *view, dt_finding *finding);
    void (*mend)(dt_view *view, dt_finding *finding); /* NULL: nothing to do */
    const char *const *explains; /* codes of the symptoms it is the root of ("instead of"),
                                    NULL-terminated; NULL none */
    /* templates: {D} {O} {P} {M} {R} {I} {Z} {E} {ip} and names that recognise bound */
    const char *title;
    const char *explanation;
    const char *recognised; /* for `causes`: how it is recognised */
    const char *remedy;     /* for `causes`: how it is mended */
    const char *reference;  /* RFC section or page of the AWS documentation */
};

/* The families: NULL-terminated lists at the end of each causes-*.c. */
extern const dt_cause *const dt_causes_mailfrom[];
extern const dt_cause *const dt_causes_spf[];
extern const dt_cause *const dt_causes_dkim_setup[];
extern const dt_cause *const dt_causes_dkim_cname[];
extern const dt_cause *const dt_causes_dkim_key[];
extern const dt_cause *const dt_causes_dkim_signature[];
extern const dt_cause *const dt_causes_dmarc[];
extern const dt_cause *const dt_causes_path[];
extern const dt_cause *const dt_causes_bounce[];
extern const dt_cause *const dt_causes_author[];
extern const dt_cause *const dt_causes_input[];
extern const dt_cause *const dt_causes_since[];

/* ---- the view: a case as causes see it (view.c) -------------------------------------------- */

typedef enum {
    DT_MAIL_FROM_UNKNOWN = 0,
    DT_MAIL_FROM_OPTION,   /* --ses-mail-from */
    DT_MAIL_FROM_IDENTITY, /* --ses-identity */
    DT_MAIL_FROM_PROBE,    /* --probe found it */
} dt_mail_from_source;

/* What is at a name that should hold an Easy DKIM CNAME (selector-state.c). */
typedef enum {
    DT_SELECTOR_OK = 1, /* a CNAME into SES (or a text) with a key behind it */
    DT_SELECTOR_MISSING,
    DT_SELECTOR_DOUBLED,
    DT_SELECTOR_WRONG_ZONE,
    DT_SELECTOR_WRONG_TARGET,
    DT_SELECTOR_PROXIED,
    DT_SELECTOR_NO_UNDERSCORE,
    DT_SELECTOR_TXT_COPY,    /* a text at the name itself */
    DT_SELECTOR_UNREACHABLE, /* DNS failed: nothing is concluded */
} dt_selector_fault;

typedef struct {
    char *selector, *domain;
    char *name; /* selector._domainkey.domain */
    dt_selector_fault fault;
    gboolean is_token;         /* given by the user, signed with or not */
    gint signature;            /* index of the signature that uses it, -1 */
    const dt_answer *answer;   /* TXT at name */
    const dt_answer *deciding; /* the answer that decided (doubled name, A record, other zone...) */
    char *wrong_name;          /* where the record stands instead, NULL */
    char *old_target;          /* target of the CNAME that is there, NULL */
    char *zone;                /* SES zone where the key answers, or that SES names; NULL unknown */
    gboolean zone_is_known;    /* by --ses-identity or by an answer */
} dt_selector_state;

struct dt_view {
    const dt_case *subject;
    dt_resolver *resolver;
    const char *author;        /* D; NULL when not exactly one */
    const char *org;           /* O */
    const char *policy_domain; /* P; NULL none applies */
    const char *region;        /* R; NULL unknown */
    char *identity;            /* I: what is set up in SES; NULL unknown */
    char *identity_domain;     /* the domain of I */
    const char *envelope;      /* domain of MAIL FROM, NULL for the null sender or unknown */
    gboolean is_ses;           /* SES markers, or `domain` */
    gboolean is_envelope_amazon;
    gboolean is_forwarded; /* the boundary's client is not the SES address that sent it */
    gboolean is_freemail;  /* D is a free mail domain */
    char *mail_from;       /* M if known, else NULL */
    dt_mail_from_source mail_from_source;
    /* of const char*: known Easy DKIM tokens (options, identity unless EXTERNAL) */
    GPtrArray *tokens;
    GPtrArray *selectors; /* of dt_selector_state: aligned Easy DKIM signatures, then tokens not
                             among them; made once */
    GPtrArray *findings;  /* of dt_finding, recognised so far */
    gboolean *excused;    /* per signature: fails here for reasons of the copy or of a rotated key,
                             pass on record */
};

dt_view *dt_view_new(const dt_case *subject);
void dt_view_free(dt_view *view);

/* Ask the case's resolver. name may be NULL (an over-long join): NXDOMAIN. */
const dt_answer *dt_view_ask(dt_view *view, const char *name, dt_rr_type type);
/* prefix.name, asked. */
const dt_answer *dt_view_ask_below(dt_view *view, const char *prefix, const char *name,
                                   dt_rr_type type);
/* A label that nobody uses: what answers there is a wildcard. */
#define DT_PROBE_LABEL "_dmarctrace-wildcard-probe"
/* Has a label that nobody uses, beside the name of the answer, the same answer? */
gboolean dt_view_is_from_wildcard(dt_view *view, const dt_answer *answer);

guint dt_view_signature_count(const dt_view *view); /* 0 for a domain */
const dt_dkim_signature *dt_view_signature(const dt_view *view, guint index);
/* d=amazonses.com or messagingfabric.com. */
gboolean dt_view_is_amazon_signature(const dt_dkim_signature *signature);
/* Would its d= align under the relaxed rule? */
gboolean dt_view_is_own_signature(const dt_view *view, guint index);
/* A believed result says pass for it. */
gboolean dt_view_recorded_pass(const dt_view *view, guint index);
/* A believed dkim=pass of a domain that aligns with the author's and of which this copy carries no
 * signature any more; NULL none. */
const dt_agreement *dt_view_lost_signature(const dt_view *view);
/* Does signature index pass and align (under the mode of the record)? */
gboolean dt_view_signature_aligned(const dt_view *view, guint index);
/* Any own (aligning) signature at all? */
gboolean dt_view_has_own_signature(const dt_view *view);
/* Is there another signature that verifies over the same headers (its h= covers that of index, made
 * not later)? -1 none. */
gint dt_view_witness(const dt_view *view, guint index);

gboolean dt_view_spf_aligned(const dt_view *view);
gboolean dt_view_dkim_aligned(const dt_view *view);
/* Aligned pass by DKIM, or one that is excused. */
gboolean dt_view_dkim_counts(const dt_view *view);

/* Has a cause been recognised already? */
gboolean dt_view_found(const dt_view *view, const char *code);

/* The SPF records at name as published: texts that count as v=spf1 (0, 1, 2...). Parsed record of
 * the single one in record_out, or NULL; caller frees it. */
guint dt_view_spf_records(dt_view *view, const char *name, dt_spf_record **record_out);
/* Does the record at name lead to amazonses.com by its own terms (include: or redirect=, one level
 * of includes followed)? */
gboolean dt_view_names_ses(dt_view *view, const char *name);
/* Is the client address in the SPF set of amazonses.com (DNS; the built-in networks where DNS does
 * not answer)? */
gboolean dt_view_client_is_ses(dt_view *view);

/* M for a fix: the known one if usable, else the first free of bounce., mailfrom., ses. under the
 * identity's domain. Never NULL while author is known. Caller frees. */
char *dt_view_mail_from_for_fix(dt_view *view);
/* The same, never the known one (it is taken by something else). */
char *dt_view_fresh_mail_from(dt_view *view);

/* ---- evidence (evidence.c) ----------------------------------------------------------------- */

/* Quotes the field; mark: the part of its value that decides (found in the quoted text), NULL none.
 */
void dt_evidence_field(dt_finding *finding, const dt_field *field, const char *mark);
void dt_evidence_header(dt_finding *finding, guint line, const char *text, const char *mark);
/* ref "NAME TYPE", text: the answers, or the status in words. */
void dt_evidence_answer(dt_finding *finding, const dt_answer *answer, const char *mark);
void dt_evidence_rule(dt_finding *finding, const char *ref, const char *text);
void dt_evidence_computed(dt_finding *finding, const char *ref, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* The field that SPF's envelope sender was read from. */
void dt_evidence_envelope(dt_view *view, dt_finding *finding);
/* The DKIM-Signature field, d= marked. */
void dt_evidence_signature(dt_view *view, dt_finding *finding, guint index);
/* The believed field that recorded a result of method for signature index (-1: not DKIM). */
void dt_evidence_recorded(dt_view *view, dt_finding *finding, const char *method, gint index);
/* The policy record that applies. */
void dt_evidence_policy(dt_view *view, dt_finding *finding);

/* ---- bindings and checks (engine.c) -------------------------------------------------------- */

void dt_bind(dt_finding *finding, const char *name, const char *value);
void dt_bindf(dt_finding *finding, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);
void dt_check_command(dt_finding *finding, char *command); /* takes command */
void dt_set_weight(dt_finding *finding, dt_weight weight); /* overrides the record's */
void dt_set_explanation(dt_finding *finding, const char *template_text);
/* Fills a template for a finding. Caller frees. */
char *dt_fill(const dt_view *view, const dt_finding *finding, const char *template_text);

/* ---- steps of a fix (fix.c) ---------------------------------------------------------------- */

/* DNS. Names canonical, TXT values plain. They also go into finding->changes unless open. text: a
 * template. */
void dt_fix_publish(dt_view *view, dt_finding *finding, const char *name, const char *type,
                    const char *value, const char *text);
void dt_fix_replace(dt_view *view, dt_finding *finding, const char *name, const char *type,
                    const char *old_value, const char *value, const char *text);
void dt_fix_remove(dt_view *view, dt_finding *finding, const char *name, const char *type,
                   const char *value, const char *text);
/* A record whose value only SES or the key's owner knows: value holds TOKEN1 and the like. Not part
 * of a proof. */
void dt_fix_publish_open(dt_view *view, dt_finding *finding, const char *name, const char *type,
                         const char *value, const char *text);
/* The same in the place of a record that is there. */
void dt_fix_replace_open(dt_view *view, dt_finding *finding, const char *name, const char *type,
                         const char *old_value, const char *value, const char *text);
/* A setting with its command (taken), or without one (NULL). */
dt_fix *dt_fix_set(dt_view *view, dt_finding *finding, dt_where where, const char *text,
                   char *command);
/* A command that looks and changes nothing. */
dt_fix *dt_fix_look(dt_view *view, dt_finding *finding, const char *text, char *command);
dt_fix *dt_fix_resend(dt_view *view, dt_finding *finding, const char *text);
/* The mend of a question that DNS failed to answer; it is bound as {asked}. */
void dt_mend_name_servers(dt_view *view, dt_finding *finding);
void dt_fix_optional(dt_finding *finding); /* the last step is optional */

/* An aws command: words after "aws", NULL-terminated, each quoted for the shell. Caller frees. */
char *dt_aws_command(const char *first, ...) G_GNUC_NULL_TERMINATED;

/* The named steps of the catalogue. */
void dt_fix_mail_from(dt_view *view, dt_finding *finding, const char *mail_from); /* MF */
/* MF (2) to (4). */
void dt_fix_mail_from_setting(dt_view *view, dt_finding *finding, const char *mail_from);
void dt_fix_easy_dkim(dt_view *view, dt_finding *finding, const char *identity);       /* ED */
void dt_fix_cname(dt_view *view, dt_finding *finding, const dt_selector_state *state); /* CN */
/* The SPF record at name with value as its new text: replace, or publish where none is. */
void dt_fix_spf_record(dt_view *view, dt_finding *finding, const char *name, const char *value,
                       const char *text);
/* The DMARC record at policy name (without _dmarc.) becomes value. */
void dt_fix_dmarc_record(dt_view *view, dt_finding *finding, const char *name, const char *value,
                         const char *text);

/* No proof is possible: why (a template). */
void dt_no_proof(dt_view *view, dt_finding *finding, const char *why);

/* ---- engine -------------------------------------------------------------------------------- */

void dt_finding_free(dt_finding *finding);
void dt_proof_free(dt_proof *proof);
/* proof.c */
void dt_prove(dt_view *view, dt_finding *finding);
void dt_make_plans(dt_view *view, dt_diagnosis *diagnosis);
/* domain.c */
void dt_domain_legs(dt_view *view, dt_diagnosis *diagnosis);
void dt_domain_legs_free(dt_diagnosis *diagnosis);
void dt_unseen_free(gpointer unseen);
int dt_domain_status(dt_view *view, const dt_diagnosis *diagnosis);
gboolean dt_domain_dkim_stands(const dt_view *view);
gboolean dt_domain_mail_from_stands(const dt_view *view);
gboolean dt_domain_leg_stands(const dt_view *view);
/* selector-state.c */
GPtrArray *dt_selector_states(dt_view *view);

#endif
