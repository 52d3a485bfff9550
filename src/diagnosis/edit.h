/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the diagnosis folder: SPF and DMARC records as texts that are edited. What the sender
 * wrote stays, in its order; only what is at fault changes. Nothing here asks DNS. Also what the
 * files of one family share with each other.
 */
#ifndef DT_DIAGNOSIS_EDIT_H
#define DT_DIAGNOSIS_EDIT_H

#include "diagnosis/cause.h"

#define DT_SES_INCLUDE "include:amazonses.com"
#define DT_SES_SPF     "v=spf1 include:amazonses.com ~all"

/* ---- SPF (spf-edit.c) ---------------------------------------------------------------------- */

/* The terms of a record that is being edited. */
typedef struct {
    GPtrArray *terms; /* of char*, as written, without "v=spf1" */
} dt_spf_draft;

/* text: a record, damaged ones are retyped first (dt_spf_text_clean). */
dt_spf_draft *dt_spf_draft_new(const char *text);
void dt_spf_draft_free(dt_spf_draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_spf_draft, dt_spf_draft_free)

/* Index of the term (case and a "+" in front do not matter), -1. */
gint dt_spf_draft_find(const dt_spf_draft *draft, const char *term);
void dt_spf_draft_remove(dt_spf_draft *draft, const char *term);
/* Before `all`, or at the end of the mechanisms; nothing if it stands there already. */
void dt_spf_draft_add(dt_spf_draft *draft, const char *term);
/* In front of everything, from wherever it was. FALSE if it is the first already. */
gboolean dt_spf_draft_put_first(dt_spf_draft *draft, const char *term);
/* `all` behind every other mechanism. */
void dt_spf_draft_all_last(dt_spf_draft *draft);
/* `+all` and `all` become `~all`. */
void dt_spf_draft_close_all(dt_spf_draft *draft);
/* redirect= goes if there is an `all`, which makes it void. FALSE if there was nothing to do. */
gboolean dt_spf_draft_drop_void_redirect(dt_spf_draft *draft);
/* What was meant to be include:amazonses.com becomes it. FALSE if nothing was. */
gboolean dt_spf_draft_mend_include(dt_spf_draft *draft);
/* A term that does not parse: its usual misspelling is corrected, or it goes. TRUE: corrected. */
gboolean dt_spf_draft_mend_term(dt_spf_draft *draft, const char *term);
/* The terms of other that are not there are added; one `all`, the softer of both; a redirect= that
 * would become void beside it becomes an include. other is used up. */
void dt_spf_draft_merge(dt_spf_draft *draft, dt_spf_draft *other);
/* "v=spf1 ..." with each term once and one `all` (or a redirect=). Caller frees. */
char *dt_spf_draft_text(const dt_spf_draft *draft);

/* Plain ASCII from "v=spf1" on: quotes, a byte-order mark, text in front and characters outside
 * ASCII gone, a blank behind the version. Caller frees. */
char *dt_spf_text_clean(const char *text);
/* A text that was meant as a record and does not count as one. */
gboolean dt_spf_text_is_damaged(const char *text);
/* Quotes, backslashes or characters outside ASCII in it. */
gboolean dt_spf_text_has_strange_characters(const char *text);
/* Was this term meant to be include:amazonses.com, and is it not? next: the term behind it, NULL.
 */
gboolean dt_spf_term_is_misspelt(const char *term, const char *next);

/* ---- DMARC (dmarc-edit.c) ------------------------------------------------------------------ */

/* All return a new record "v=DMARC1; p=...; ..." that the caller frees. */

/* ";" between the tags whatever stood there, no quotes and backslashes. The version stays. */
char *dt_dmarc_text_separate(const char *text);
/* That, and "v=DMARC1" in front, each tag once. */
char *dt_dmarc_text_retype(const char *text);
/* Without these tags. */
char *dt_dmarc_text_without(const char *text, const char *const *tags);
/* tag becomes value: where it stands, else behind v (p) or at the end. */
char *dt_dmarc_text_set(const char *text, const char *tag, const char *value);
/* Retyped, with a p, sp and np that are words: what is none becomes "none"; a missing p is put in.
 */
char *dt_dmarc_text_usable(const char *text);
/* rua with every address that can be mended mended, the others gone; fallback ("mailto:...") where
 * none is left, NULL: the tag goes. */
char *dt_dmarc_text_mend_rua(const char *text, const char *fallback);

/* What is wrong with one address of rua, as the end of a sentence; NULL nothing. */
const char *dt_dmarc_rua_fault(const char *uri);
/* The domain of a mailto: address, NULL. Caller frees. */
char *dt_dmarc_rua_domain(const char *uri);
/* A text that was meant as a DMARC record, whether or not it is one. */
gboolean dt_dmarc_text_is_meant(const char *text);
/* Do separators or quotes keep tags of it from being read, and would the record be usable without
 * these faults? */
gboolean dt_dmarc_text_is_badly_separated(const char *text);

/* ---- shared by the files of a family ------------------------------------------------------- */

/* The record whose SPF result is looked at: that of the envelope domain, in `domain` that of M. */
typedef struct {
    const char *name;
    const char *ip; /* the client; in `domain` an address of SES */
    const dt_spf *spf;
    dt_spf *own; /* spf, if it was evaluated for this */
    char *own_ip;
} dt_spf_subject;

/* FALSE where the SPF record of this case is no matter of the sender's SES mail: not SES, default
 * envelope, null sender, forwarded, a name that would not align, not evaluated. */
gboolean dt_spf_subject_open(dt_view *view, dt_spf_subject *subject);
/* The record at name for a client of SES, whatever the message had. */
void dt_spf_subject_for_ses(dt_view *view, const char *name, dt_spf_subject *subject);
void dt_spf_subject_clear(dt_spf_subject *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(dt_spf_subject, dt_spf_subject_clear)

/* The record at the subject's name, mended so that the client passes (evaluated over the answers);
 * NULL if no edit of it does. drop_copies: ip4: terms that copy SES networks go. Caller frees. */
char *dt_spf_subject_mend(dt_view *view, const dt_spf_subject *subject, gboolean drop_copies);
/* What a record at the subject's name would give. */
dt_spf_result dt_spf_subject_try(dt_view *view, const dt_spf_subject *subject, const char *value);
/* Is the ip4: term a copy of SES networks? */
gboolean dt_spf_is_copied_network(dt_view *view, const dt_spf_term *term);
/* The client is an address of the sender's own that SES sends from. */
gboolean dt_spf_client_is_own(const dt_view *view);
/* What is wrong with the subject's record (spf-fault.c). */
typedef enum {
    DT_RECORD_NONE = 0,
    DT_RECORD_NO_RECORD,
    DT_RECORD_ROOT_ONLY,
    DT_RECORD_DAMAGED,
    DT_RECORD_SYNTAX, /* a term that does not parse, whatever it was meant to be */
    DT_RECORD_MULTIPLE,
    DT_RECORD_LOOKUP_LIMIT,
    DT_RECORD_VOID_LIMIT,
    DT_RECORD_TYPO,
    DT_RECORD_BROKEN_INCLUDE, /* an include of somebody else's leads to nothing usable */
    DT_RECORD_AFTER_ALL,
    DT_RECORD_REDIRECT,
    DT_RECORD_OWN_ADDRESS,
    DT_RECORD_FLATTENED,
    DT_RECORD_NO_INCLUDE,
} dt_record_fault;

/* Is this the fault, or the other one that the cause also stands for? Adds the evidence and binds
 * name, client, result and term. */
dt_record_fault dt_spf_recognise_fault(dt_view *view, dt_finding *finding, dt_record_fault wanted,
                                       dt_record_fault also);
/* The step that puts the mended record there. are_copies_dropped: ip4: terms that copy networks of
 * SES go. */
void dt_spf_mend_record(dt_view *view, dt_finding *finding, gboolean are_copies_dropped,
                        const char *text);

/* The field that shows the address SES sent from. */
void dt_evidence_outgoing(dt_view *view, dt_finding *finding);
/* D or O, whichever names SES in its SPF record; NULL none. */
const char *dt_spf_root_with_ses(dt_view *view);
/* The texts at the subject's name that were meant as SPF records become value. In `domain` the
 * proof supposes that SES uses the name. */
void dt_spf_subject_fix(dt_view *view, dt_finding *finding, const dt_spf_subject *subject,
                        const char *value, const char *text);
/* The answer that failed with SERVFAIL or TIMEOUT for this name; NULL none (or it was not to be
 * known). */
const dt_answer *dt_view_failed_answer(const dt_view *view, const char *name);
/* A believed result that disagrees is explained by this cause. */
void dt_explain_recorded(dt_view *view, const char *method, const char *code);

extern const dt_cause dt_cause_spf_mailfrom_none, dt_cause_spf_root_only,
    dt_cause_spf_no_ses_include, dt_cause_spf_include_after_all, dt_cause_spf_include_typo,
    dt_cause_spf_damaged, dt_cause_spf_multiple, dt_cause_spf_lookup_limit, dt_cause_spf_void_limit,
    dt_cause_spf_redirect_with_all, dt_cause_spf_flattened_stale, dt_cause_spf_byoip_not_covered;
extern const dt_cause dt_cause_dmarc_wrong_name, dt_cause_dmarc_multiple,
    dt_cause_dmarc_version_syntax, dt_cause_dmarc_p_missing, dt_cause_dmarc_p_invalid,
    dt_cause_dmarc_separator, dt_cause_dmarc_wildcard_txt, dt_cause_dmarc_cname_vendor,
    dt_cause_dmarc_rua_external, dt_cause_dmarc_rua_syntax, dt_cause_dmarc_psd_n,
    dt_cause_dmarc_psl_walk;

#endif
