/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the diagnosis folder: facts about signatures that several families of causes look at,
 * above all why a signature that a receiver verified does not verify here. They are read from the
 * case alone, so no cause depends on one of a later family.
 */
#ifndef DT_DIAGNOSIS_DKIM_FACTS_H
#define DT_DIAGNOSIS_DKIM_FACTS_H

#include "diagnosis/cause.h"

/* Why a signature that a believed result recorded as pass fails here. */
typedef enum {
    DT_EXCUSE_NONE =
        0, /* it passes, or nothing recorded a pass, or neither copy nor key explains it */
    DT_EXCUSE_MIXED_EOL, /* the file mixes line ends */
    DT_EXCUSE_PASTE,     /* copied from a web page */
    DT_EXCUSE_OUTLOOK,   /* Exchange rewrote the body */
    DT_EXCUSE_REDACTED,  /* a signed field is masked */
    DT_EXCUSE_CHANGED,   /* changed after the check in another way */
    DT_EXCUSE_ROTATED,   /* the key is gone or another one */
    DT_EXCUSE_EITHER,    /* changed or rotated: nothing tells which */
    DT_EXCUSE_NO_BODY,   /* only the header was supplied */
} dt_excuse;

dt_excuse dt_excuse_of(const dt_view *view, guint index);
const char *dt_excuse_code(dt_excuse excuse); /* the cause that says so; NULL for none */

/* Marks in view->excused the signatures that count as an aligned pass though they fail here. */
void dt_view_mark_excused(dt_view *view);

gboolean dt_copy_is_mixed(const dt_view *view); /* line ends are mixed */
gboolean
dt_copy_is_pasted(const dt_view *view); /* looks like a pasted page, and a body hash differs */
gboolean dt_has_exchange_fields(const dt_view *view);
const dt_field *
dt_masked_field(const dt_view *view,
                guint index); /* a field that signature index covers and somebody masked; NULL */

/* Was the body hash of any signature found not to fit? */
gboolean dt_has_body_mismatch(const dt_view *view);

/* Made by the application before SES, which rewrote Date or Message-ID afterwards: fails for that
 * reason. */
gboolean dt_is_presigned(const dt_view *view, guint index);

/* Is there no key today: no record, or a revoked one? */
gboolean dt_key_is_gone(const dt_dkim_signature *signature);

/* What stands at the Easy DKIM selector of signature index; NULL if it is none of that kind or not
 * the author's. */
const dt_selector_state *dt_state_of_signature(const dt_view *view, guint index);

/* Has a known token one of the six CNAME faults? */
gboolean dt_has_token_fault(const dt_view *view);

/* Did a signature of the author use one of the known tokens whose name answers? */
gboolean dt_signed_with_token(const dt_view *view);

/* What the damage search undid, so that the signature verifies; FALSE if it found nothing. */
gboolean dt_evidence_damage(dt_finding *finding, const dt_dkim_signature *signature);

/* The signatures that were verified: what is beyond the limit is not looked at. */
guint dt_judged_count(const dt_view *view);

/* The believed results of a method, one after the other: index counts from 0. NULL past the end.
 * field_out may be NULL. */
const dt_recorded_result *dt_view_recorded(const dt_view *view, const char *method, guint index,
                                           const dt_recorded **field_out);

#endif
