/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: the sentences that reports for people have in common, so that text and
 * HTML say the same. They are not cleaned: each report does that for its own kind of reader.
 */
#ifndef DT_REPORT_PHRASES_H
#define DT_REPORT_PHRASES_H

#include "diagnosis/finding.h"

/* More warnings about one message than this are not shown. */
#define DT_SHOWN_WARNINGS 30

/* How a fact stands for the verdict. */
typedef enum { DT_TONE_PLAIN = 0, DT_TONE_GOOD, DT_TONE_WARN, DT_TONE_BAD } dt_tone;

/* Who recorded what is believed. Caller frees. */
char *dt_phrase_receiver(const dt_case *subject);

/* What stands behind "dmarc=VERDICT" in the first line: the policy, or where it passed. Caller
 * frees. */
char *dt_phrase_headline(const dt_case *subject, const dt_diagnosis *diagnosis);
dt_tone dt_tone_verdict(const dt_diagnosis *diagnosis);

/* "not aligned (strict)"; "" for an identifier without a name. */
const char *dt_phrase_aligned(const dt_identifier *identifier);
dt_tone dt_tone_identifier(const dt_identifier *identifier);

/* Why SPF was not checked, with the option that helps. Caller frees. */
char *dt_phrase_spf_absent(const dt_case *subject);

/* What was undone to make signature index verify; NULL if nothing was found. Caller frees. */
char *dt_phrase_damage(const dt_case *subject, guint index);

/* "mx.example.net recorded spf=pass ... (lines 3-5)"; NULL if nothing is believed. Caller frees. */
char *dt_phrase_recorded(const dt_case *subject);

/* "Amazon SES eu-west-1, TIME, from IP"; NULL if SES did not send it. Caller frees. */
char *dt_phrase_sender(const dt_case *subject);

/* The receiver took it from another host than SES: that sentence, else NULL. Caller frees. */
char *dt_phrase_via(const dt_case *subject);

/* "5.7.26 from HOST: TEXT". Caller frees. */
char *dt_phrase_bounce(const dt_bounce *bounce);
const char *dt_phrase_bounce_scope(const dt_bounce *bounce);

/* A message that passes: what it rests on. NULL for one that does not pass. */
const char *dt_phrase_rests_on(const dt_case *subject);

/* Nothing is wrong with the sender, only with this copy: that sentence, else NULL. Caller frees. */
char *dt_phrase_copy_only(const dt_diagnosis *diagnosis);

/* What follows from the picture of names; NULL where nothing does. Caller frees. */
char *dt_phrase_conclusion(const dt_case *subject);

/* Where RFC 7489 would say something else; NULL where both agree. Caller frees. */
char *dt_phrase_standards(const dt_dmarc *dmarc);

/* The organizational domain of an identifier, by the walk or else by the public suffix list.
 * Borrowed. */
const char *dt_identifier_organization(const dt_identifier *identifier);

/* What an identifier is called: "MAIL FROM", "HELO", "signature". */
const char *dt_identifier_label(const dt_case *subject, const dt_identifier *identifier);

/* The From domain of messages; "" stands for those without one. */
const char *dt_phrase_author_domain(const char *name);

/* What a step does, where it brings no sentence of its own. */
const char *dt_phrase_step(const dt_fix *fix);

/* The record of a fix as a line of a master file. Caller frees. */
char *dt_phrase_record(const dt_fix *fix, const char *value);

/* "With this alone: ..." or "No proof shown: ..."; NULL where nothing is to be proved. Caller
 * frees. */
char *dt_phrase_proof(const dt_diagnosis *diagnosis, const dt_finding *finding);

/* "Why", "Weak points", "Worth knowing". */
const char *dt_phrase_findings(const dt_diagnosis *diagnosis);

/* "Shortest way to dmarc=pass", or that there are several. */
const char *dt_phrase_plans(const dt_diagnosis *diagnosis);

/* "a + b (also holds when mail is forwarded)". Caller frees. */
char *dt_phrase_plan(const dt_plan *plan);

/* A fix that belongs to the step before it: one more record without a sentence of its own. */
gboolean dt_fix_continues(const dt_fix *fix);

#endif
