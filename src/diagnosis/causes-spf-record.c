/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: what is wrong with the SPF record of the envelope domain (RFC 7208 3.2, 4.5, 4.6, 5.1, 6.1). One
 * classification tells them apart, so that no two are named for one fault; each cause says it in its
 * own words. The mended record comes from spf-subject.c, the other SPF causes stand in causes-spf.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

typedef enum {
    FAULT_NONE = 0,
    FAULT_NO_RECORD,
    FAULT_ROOT_ONLY,
    FAULT_DAMAGED,
    FAULT_SYNTAX, /* a term that does not parse, whatever it was meant to be */
    FAULT_MULTIPLE,
    FAULT_LOOKUP_LIMIT,
    FAULT_VOID_LIMIT,
    FAULT_TYPO,
    FAULT_BROKEN_INCLUDE, /* an include of somebody else's leads to nothing usable */
    FAULT_AFTER_ALL,
    FAULT_REDIRECT,
    FAULT_OWN_ADDRESS,
    FAULT_FLATTENED,
    FAULT_NO_INCLUDE,
} record_fault;

/* What was found, with the text that decides (a term, or a whole damaged record). */
typedef struct {
    record_fault fault;
    char *mark;
} verdict;

static void
verdict_clear(verdict *found)
{
    g_free(found->mark);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(verdict, verdict_clear)

static verdict
say(record_fault fault, const char *mark)
{
    return (verdict){ fault, g_strdup(mark) };
}

/* ---- telling them apart ----------------------------------------------------------------------- */

static gboolean
leads_to_ses(dt_view *view, const dt_spf_term *term)
{
    g_autofree char *target = term->target ? dt_name_from_mail(term->target) : NULL;
    return target && (dt_ses_is_amazon_name(target) || dt_view_names_ses(view, target));
}

/* A name below amazonses.com may be right: it is no mistake as long as it has a record. */
static gboolean
is_working_ses_name(dt_view *view, const dt_spf_term *term)
{
    g_autofree char *target = term->target ? dt_name_from_mail(term->target) : NULL;
    return term->kind == DT_TERM_INCLUDE && term->is_valid && term->qualifier == '+' && target &&
           dt_ses_is_amazon_name(target) && dt_view_spf_records(view, target, NULL) == 1;
}

static const char *
find_misspelt(dt_view *view, const dt_spf_record *record)
{
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        const dt_spf_term *next = i + 1 < record->terms->len ? record->terms->pdata[i + 1] : NULL;
        if (dt_spf_term_is_misspelt(term->text, next ? next->text : NULL) && !is_working_ses_name(view, term))
            return term->text;
    }
    return NULL;
}

static const dt_spf_term *
find_kind(const dt_spf_record *record, dt_spf_term_kind kind)
{
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (term->kind == kind)
            return term;
    }
    return NULL;
}

/* An include behind the `all` that decided. */
static const char *
find_behind_all(dt_view *view, const dt_spf_record *record, const char *decided)
{
    const dt_spf_term *all = find_kind(record, DT_TERM_ALL);
    gboolean is_behind = FALSE;
    if (!all || g_strcmp0(decided, all->text) != 0)
        return NULL;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        if (is_behind && term->kind == DT_TERM_INCLUDE && leads_to_ses(view, term))
            return term->text;
        is_behind = is_behind || term == all;
    }
    return NULL;
}

static const char *
find_copy(dt_view *view, const dt_spf_record *record)
{
    for (guint i = 0; i < record->terms->len; i++)
        if (dt_spf_is_copied_network(view, record->terms->pdata[i]))
            return ((const dt_spf_term *)record->terms->pdata[i])->text;
    return NULL;
}

static verdict
classify_absent(dt_view *view, const dt_spf_subject *subject)
{
    const dt_answer *answer = dt_view_ask(view, subject->name, DT_RR_TXT);
    if (dt_answer_is_failure(answer))
        return say(FAULT_NONE, NULL);
    for (guint i = 0; i < answer->record_count; i++)
        if (dt_spf_text_is_damaged(answer->records[i].data))
            return say(FAULT_DAMAGED, answer->records[i].data);
    return say(dt_spf_root_with_ses(view) ? FAULT_ROOT_ONLY : FAULT_NO_RECORD, NULL);
}

static verdict
classify_permerror(dt_view *view, const dt_spf_subject *subject, const dt_spf_record *record)
{
    const dt_spf *spf = subject->spf;
    const char *misspelt = find_misspelt(view, record);
    switch (spf->fault) {
    case DT_SPF_FAULT_LOOKUP_LIMIT:
    case DT_SPF_FAULT_MX_LIMIT:
        return say(FAULT_LOOKUP_LIMIT, spf->fault_term);
    case DT_SPF_FAULT_VOID_LIMIT:
        return say(FAULT_VOID_LIMIT, spf->fault_term);
    case DT_SPF_FAULT_SYNTAX:
        if (g_strcmp0(spf->fault_domain, subject->name) != 0)
            return say(FAULT_BROKEN_INCLUDE, spf->fault_domain);
        if (dt_spf_text_has_strange_characters(record->text))
            return say(FAULT_DAMAGED, spf->fault_term);
        return misspelt ? say(FAULT_TYPO, misspelt) : say(FAULT_SYNTAX, spf->fault_term);
    case DT_SPF_FAULT_NO_RECORD:
        return misspelt ? say(FAULT_TYPO, misspelt) : say(FAULT_BROKEN_INCLUDE, spf->fault_term);
    case DT_SPF_FAULT_MULTIPLE:
        return say(FAULT_BROKEN_INCLUDE, spf->fault_domain);
    case DT_SPF_FAULT_NONE:
    case DT_SPF_FAULT_DNS:
        break;
    }
    return say(FAULT_NONE, NULL);
}

/* Softfail, fail or neutral: the walk came to an end that is no pass. */
static verdict
classify_refusal(dt_view *view, const dt_spf_subject *subject, const dt_spf_record *record)
{
    if (!subject->own && dt_spf_client_is_own(view))
        return say(FAULT_OWN_ADDRESS, NULL);
    if (!subject->own && !dt_view_client_is_ses(view))
        return say(FAULT_NONE, NULL);
    const char *term = find_misspelt(view, record);
    if (term)
        return say(FAULT_TYPO, term);
    term = find_behind_all(view, record, subject->spf->mechanism);
    if (term)
        return say(FAULT_AFTER_ALL, term);
    const dt_spf_term *redirect = find_kind(record, DT_TERM_REDIRECT);
    if (redirect && find_kind(record, DT_TERM_ALL) && leads_to_ses(view, redirect))
        return say(FAULT_REDIRECT, redirect->text);
    if (dt_view_names_ses(view, subject->name))
        return say(FAULT_NONE, NULL);
    term = find_copy(view, record);
    return term ? say(FAULT_FLATTENED, term) : say(FAULT_NO_INCLUDE, subject->spf->mechanism);
}

static verdict
classify(dt_view *view, const dt_spf_subject *subject)
{
    g_autoptr(dt_spf_record) record = NULL;
    switch (subject->spf->result) {
    case DT_SPF_NONE:
        return classify_absent(view, subject);
    case DT_SPF_PERMERROR:
        if (dt_view_spf_records(view, subject->name, &record) > 1)
            return say(FAULT_MULTIPLE, NULL);
        return record ? classify_permerror(view, subject, record) : say(FAULT_NONE, NULL);
    case DT_SPF_FAIL:
    case DT_SPF_SOFTFAIL:
    case DT_SPF_NEUTRAL:
        dt_view_spf_records(view, subject->name, &record);
        return record ? classify_refusal(view, subject, record) : say(FAULT_NONE, NULL);
    case DT_SPF_NOT_EVALUATED:
    case DT_SPF_PASS:
    case DT_SPF_TEMPERROR:
        break;
    }
    return say(FAULT_NONE, NULL);
}

/* ---- recognising and mending, the same for all -------------------------------------------------- */

static void
show_evidence(dt_view *view, dt_finding *finding, const dt_spf_subject *subject, const char *mark)
{
    dt_bind(finding, "name", subject->name);
    dt_bind(finding, "client", subject->ip);
    dt_bind(finding, "result", dt_spf_result_word(subject->spf->result));
    dt_bind(finding, "term", mark);
    if (view->subject->message)
        dt_evidence_envelope(view, finding);
    dt_evidence_answer(finding, dt_view_ask(view, subject->name, DT_RR_TXT), mark);
    if (subject->spf->fault_text)
        dt_evidence_computed(finding, "SPF", "%s", subject->spf->fault_text);
}

/* Is this the fault, or the other one that the cause also stands for? */
static record_fault
recognise_fault(dt_view *view, dt_finding *finding, record_fault wanted, record_fault also)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!dt_spf_subject_open(view, &subject))
        return FAULT_NONE;
    g_auto(verdict) found = classify(view, &subject);
    if (found.fault == FAULT_NONE || (found.fault != wanted && found.fault != also))
        return FAULT_NONE;
    show_evidence(view, finding, &subject, found.mark);
    return found.fault;
}

/* copies: ip4: terms that copy networks of SES go. */
static void
mend_record(dt_view *view, dt_finding *finding, gboolean are_copies_dropped, const char *text)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!dt_spf_subject_open(view, &subject))
        return;
    g_autofree char *value = dt_spf_subject_mend(view, &subject, are_copies_dropped);
    if (value)
        dt_spf_subject_fix(view, finding, &subject, value, text);
    else
        dt_fix_set(view, finding, DT_WHERE_DNS,
                   "Write the SPF record of {name} anew; as the answers are now, no edit of it lets {client} pass", NULL);
}

/* ---- spf-mailfrom-none: the custom MAIL FROM domain has no SPF record at all -------------------- */

static dt_certainty
recognise_mailfrom_none(dt_view *view, dt_finding *finding)
{
    return recognise_fault(view, finding, FAULT_NO_RECORD, FAULT_NO_RECORD) ? DT_CERTAIN : DT_ABSENT;
}

static void
mend_mailfrom_none(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "Say that the servers of SES may send with {name} as envelope domain");
}

const dt_cause dt_cause_spf_mailfrom_none = {
    .code = "spf-mailfrom-none",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_mailfrom_none,
    .mend = mend_mailfrom_none,
    .title = "The MAIL FROM domain has no SPF record",
    .explanation = "The envelope domain {name} (MAIL FROM, the address that bounces go to) has no TXT record that starts with "
                   "v=spf1, so SPF gives none instead of pass. SES checks only the MX of that name: its status SUCCESS says "
                   "nothing about SPF.",
    .recognised = "The envelope domain (Return-Path; Gmail's mailed-by) is your custom MAIL FROM domain, and `dig TXT` of exactly "
                  "this name shows no v=spf1 record. Receivers record spf=none; Microsoft writes that the domain \"does not "
                  "designate permitted sender hosts\". It happens when the MX was published for SES and the TXT forgotten, since "
                  "SES itself asks for the MX only.",
    .remedy = "Publish the TXT record v=spf1 include:amazonses.com ~all at the MAIL FROM domain itself, not at the root of your "
              "domain. Check it with `dig TXT` of that name, then send a new test: Gmail's \"Show original\" then says SPF: PASS.",
    .reference = "RFC 7208 section 4.5; Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- spf-root-only: the include stands at the root, where SPF does not look --------------------- */

static dt_certainty
recognise_root_only(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_ROOT_ONLY, FAULT_ROOT_ONLY))
        return DT_ABSENT;
    const char *root = dt_spf_root_with_ses(view);
    dt_bind(finding, "root", root);
    dt_evidence_answer(finding, dt_view_ask(view, root, DT_RR_TXT), DT_SES_INCLUDE);
    dt_evidence_rule(finding, "RFC 7208 2.4", "SPF asks the domain of the envelope sender, no other and none above it.");
    return DT_CERTAIN;
}

static void
mend_root_only(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "Publish it at the envelope domain; the record of {root} may stay as it is");
}

static const char *const root_only_explains[] = { "spf-mailfrom-none", "spf-root-include-unused", NULL };

const dt_cause dt_cause_spf_root_only = {
    .code = "spf-root-only",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_root_only,
    .mend = mend_root_only,
    .explains = root_only_explains,
    .title = "include:amazonses.com stands at the wrong name",
    .explanation = "The SPF record of {root} includes amazonses.com, but the envelope domain of this mail is {name}, and that "
                   "name has no SPF record. SPF asks the envelope domain only and never the name above it, so the result is none.",
    .recognised = "The envelope domain (Return-Path; Gmail's mailed-by) is your custom MAIL FROM domain, `dig TXT` of it shows no "
                  "v=spf1 record, and the root of your domain has one with include:amazonses.com. Many guides say to add the "
                  "include at the root; mail sent through SES never uses the root as envelope domain.",
    .remedy = "Publish v=spf1 include:amazonses.com ~all at the MAIL FROM domain itself. The include at the root does no harm and "
              "may stay. `dig TXT` of the MAIL FROM domain must show the record.",
    .reference = "RFC 7208 section 2.4; Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- spf-no-ses-include: a record that never comes to SES ---------------------------------------- */

static dt_certainty
recognise_no_include(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_NO_INCLUDE, FAULT_NO_INCLUDE))
        return DT_ABSENT;
    dt_evidence_computed(finding, "SPF", "no term of the record names %s or leads to amazonses.com",
                         view->subject->message ? view->subject->inputs->ip : "an address of SES");
    return DT_CERTAIN;
}

static void
mend_no_include(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "The same record with include:amazonses.com before its `all`");
}

const dt_cause dt_cause_spf_no_ses_include = {
    .code = "spf-no-ses-include",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_no_include,
    .mend = mend_no_include,
    .title = "The SPF record does not name SES",
    .explanation = "SPF compared the client {client} with the record of the envelope domain {name} to its end, and no term of it "
                   "leads to amazonses.com: the result is {result}. For DMARC only pass counts, so softfail, fail and neutral are "
                   "all the same.",
    .recognised = "Receivers record spf=softfail, fail or neutral for your MAIL FROM domain (Return-Path; Gmail's mailed-by), and "
                  "its TXT record lists other senders but not amazonses.com. Often the record of another provider was copied. "
                  "`dmarctrace spf` with the client's address shows term by term why none matches.",
    .remedy = "Add include:amazonses.com to the record of the MAIL FROM domain, before its `all` term; all other terms stay. A "
              "name must never have two v=spf1 records: change the one that is there.",
    .reference = "RFC 7208 sections 4.6.2 and 5.2",
};

/* ---- spf-include-after-all: what stands behind all is never read --------------------------------- */

static dt_certainty
recognise_after_all(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_AFTER_ALL, FAULT_AFTER_ALL))
        return DT_ABSENT;
    dt_evidence_rule(finding, "RFC 7208 5.1", "Mechanisms after \"all\" will never be tested.");
    return DT_CERTAIN;
}

static void
mend_after_all(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "The same terms, `all` at the end");
}

static const char *const instead_of_no_include[] = { "spf-no-ses-include", NULL };

const dt_cause dt_cause_spf_include_after_all = {
    .code = "spf-include-after-all",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_after_all,
    .mend = mend_after_all,
    .explains = instead_of_no_include,
    .title = "The SES include stands behind `all` and is never read",
    .explanation = "SPF reads a record from left to right and ends at `all`, which matches everybody. In the record of {name} "
                   "{term} stands to the right of it, so SES is never looked up and the result is {result}.",
    .recognised = "Receivers record spf=softfail, fail or neutral, and in the TXT record of the MAIL FROM domain the include of "
                  "SES comes after ~all or -all. It happens when the include is appended to the end of a record that was there. "
                  "Compare the order with `dig TXT` of the MAIL FROM domain.",
    .remedy = "Move the include to the left of `all`, so that `all` is the last mechanism of the record.",
    .reference = "RFC 7208 section 5.1",
};

/* ---- spf-include-typo: a term that was meant to be the include of SES ----------------------------- */

static const char broken_include_text[] =
    "The SPF record of {name} leads to something that is no usable SPF record ({term}), and by rule that makes the whole "
    "evaluation a permerror, whatever else the record says. SES is not looked up any more.";

static const char refused_typo_text[] =
    "The SPF record of {name} says {term} where include:amazonses.com was meant. That names no server of SES, so the result is "
    "{result}.";

/* What the misspelt name answers. */
static void
show_target(dt_view *view, dt_finding *finding)
{
    const char *term = g_hash_table_lookup(finding->bindings, "term");
    const char *colon = term ? strpbrk(term, ":=") : NULL;
    g_autofree char *name = colon ? dt_name_from_mail(colon + 1) : NULL;
    if (name)
        dt_evidence_answer(finding, dt_view_ask(view, name, DT_RR_TXT), NULL);
}

static dt_certainty
recognise_typo(dt_view *view, dt_finding *finding)
{
    record_fault fault = recognise_fault(view, finding, FAULT_TYPO, FAULT_BROKEN_INCLUDE);
    if (!fault)
        return DT_ABSENT;
    show_target(view, finding);
    if (fault == FAULT_BROKEN_INCLUDE)
        dt_set_explanation(finding, broken_include_text);
    else if (!dt_text_equal(g_hash_table_lookup(finding->bindings, "result"), "permerror"))
        dt_set_explanation(finding, refused_typo_text);
    return DT_CERTAIN;
}

static void
mend_typo(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "The same record with the exact term include:amazonses.com");
}

const dt_cause dt_cause_spf_include_typo = {
    .code = "spf-include-typo",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_typo,
    .mend = mend_typo,
    .explains = instead_of_no_include,
    .title = "The include in the SPF record is not the one that was meant",
    .explanation = "The SPF record of {name} says {term} where include:amazonses.com was meant. Such a term makes the whole "
                   "record invalid (permerror), and SES is never looked up.",
    .recognised = "The TXT record of the MAIL FROM domain holds something like include:amazonses, include:amazonse.com, "
                  "include:amazonaws.com, includes:amazonses.com, a blank behind the colon, or the name of an SES mail host. "
                  "Receivers record spf=permerror where that is no valid term or its name has no SPF record, otherwise softfail, "
                  "fail or neutral. `dig TXT` of the name in the include shows whether it has a record. An include of another "
                  "service that leads to no usable record has the same effect.",
    .remedy = "Write exactly include:amazonses.com, in one word, before `all`; the other terms stay. An include of another "
              "service that has no record any more has to go, since it makes the record invalid for everybody.",
    .reference = "RFC 7208 sections 4.6.1 and 5.2",
};

/* ---- spf-include-tail-dot-or-quotes: the text is damaged ------------------------------------------ */

static const char syntax_text[] =
    "The term {term} in the SPF record of {name} is no valid SPF term, and one such term makes the whole record invalid "
    "(permerror): SES is never looked up.";

static const char strange_text[] =
    "The SPF record of {name} holds quotes or characters outside plain ASCII ({term}), as word processors and web pages put them "
    "in. That is a syntax error, so SPF gives permerror.";

static dt_certainty
recognise_damaged(dt_view *view, dt_finding *finding)
{
    record_fault fault = recognise_fault(view, finding, FAULT_DAMAGED, FAULT_SYNTAX);
    if (!fault)
        return DT_ABSENT;
    if (fault == FAULT_SYNTAX)
        dt_set_explanation(finding, syntax_text);
    else if (dt_text_equal(g_hash_table_lookup(finding->bindings, "result"), "permerror"))
        dt_set_explanation(finding, strange_text);
    return DT_CERTAIN;
}

static void
mend_damaged(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE,
                "The record retyped in plain ASCII; type it by hand rather than paste it, a term that cannot be read is left out");
}

static const char *const damaged_explains[] = { "spf-mailfrom-none", "spf-root-only", NULL };

const dt_cause dt_cause_spf_damaged = {
    .code = "spf-include-tail-dot-or-quotes",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_damaged,
    .mend = mend_damaged,
    .explains = damaged_explains,
    .title = "The text of the SPF record is damaged",
    .explanation = "{name} has a text that was meant as its SPF record, but an SPF record must begin with exactly v=spf1 and a "
                   "blank. This one does not (quotes, other text or an invisible character in front, or no blank behind it), so "
                   "it does not count and SPF gives none.",
    .recognised = "`dig TXT` of the MAIL FROM domain shows typographic or doubled quotes, characters written as \\226\\128\\156, "
                  "text before v=spf1, or v=spf1include: without a blank. Receivers record spf=none when the start is hit, "
                  "spf=permerror when a term is. It comes from pasting out of word processors, chats and web pages. A final dot "
                  "(include:amazonses.com.) is valid and no fault.",
    .remedy = "Type the record again in plain ASCII: v=spf1 include:amazonses.com ~all. Leave the quotes out unless your DNS form "
              "asks for them, and look at the result with `dig TXT`.",
    .reference = "RFC 7208 sections 4.5, 4.6.1 and 12",
};

/* ---- spf-multiple: two records at one name -------------------------------------------------------- */

static dt_certainty
recognise_multiple(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_MULTIPLE, FAULT_MULTIPLE))
        return DT_ABSENT;
    guint count = dt_view_spf_records(view, g_hash_table_lookup(finding->bindings, "name"), NULL);
    dt_bindf(finding, "count", "%u", count);
    return DT_CERTAIN;
}

static void
mend_multiple(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "One record with the terms of all of them, in the place of {count}");
}

const dt_cause dt_cause_spf_multiple = {
    .code = "spf-multiple",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_multiple,
    .mend = mend_multiple,
    .title = "The MAIL FROM domain has more than one SPF record",
    .explanation = "{name} has {count} TXT records that begin with v=spf1. A name may have only one: with more, SPF does not choose "
                   "among them but gives permerror.",
    .recognised = "`dig TXT` of the MAIL FROM domain shows two or more texts that begin with v=spf1, and receivers record "
                  "spf=permerror. It happens when a second service asks for \"an SPF record\" and it is added instead of merged.",
    .remedy = "Merge them into one record: all terms of both, each once, one `all` at the end. Take the others away in the same "
              "step.",
    .reference = "RFC 7208 sections 3.2 and 4.5",
};

/* ---- spf-lookup-limit: the walk needs an eleventh lookup ------------------------------------------- */

static const char mx_limit_text[] =
    "SPF gave up before it came to SES: {term} leads to more than ten mail hosts, which is more than a receiver may ask for. The "
    "result is permerror.";

static dt_certainty
recognise_lookup_limit(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_LOOKUP_LIMIT, FAULT_LOOKUP_LIMIT))
        return DT_ABSENT;
    g_auto(dt_spf_subject) subject = { 0 };
    if (dt_spf_subject_open(view, &subject) && subject.spf->fault == DT_SPF_FAULT_MX_LIMIT)
        dt_set_explanation(finding, mx_limit_text);
    dt_evidence_rule(finding, "RFC 7208 4.6.4", "At most 10 terms that cause DNS queries, nested ones counted; more is a permerror.");
    return DT_CERTAIN;
}

static void
mend_lookup_limit(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "The same record with SES in front: for mail through SES the walk then ends at once");
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Remove includes of services that do not send with {name} any more, or replace them by their ip4: and ip6: networks: "
               "mail of the others still needs too many lookups",
               NULL);
    dt_fix_optional(finding);
}

const dt_cause dt_cause_spf_lookup_limit = {
    .code = "spf-lookup-limit",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_lookup_limit,
    .mend = mend_lookup_limit,
    .title = "The SPF record needs more than ten DNS lookups",
    .explanation = "For the client {client} the record of {name} needs more than the ten DNS lookups that SPF allows before a term "
                   "matches: it stops at {term} with permerror. Includes count with everything that is inside them.",
    .recognised = "Receivers record spf=permerror (too many DNS lookups). The record has more than ten include, a, mx, ptr, exists "
                  "and redirect terms, nested ones counted, and that of SES comes late. The order matters: where SES stands in "
                  "front the limit is never reached for its mail. `dmarctrace spf` counts the lookups for an address.",
    .remedy = "Put include:amazonses.com first, and remove or flatten includes that are no longer needed. At a MAIL FROM domain "
              "that only SES uses, v=spf1 include:amazonses.com ~all is all that is needed.",
    .reference = "RFC 7208 section 4.6.4",
};

/* ---- spf-void-limit: three lookups that find nothing ------------------------------------------------ */

static dt_certainty
recognise_void_limit(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_VOID_LIMIT, FAULT_VOID_LIMIT))
        return DT_ABSENT;
    dt_evidence_rule(finding, "RFC 7208 4.6.4", "At most two lookups may end in NXDOMAIN or an empty answer; more is a permerror.");
    return DT_CERTAIN;
}

static void
mend_void_limit(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "The same record without the terms whose names have nothing any more");
}

const dt_cause dt_cause_spf_void_limit = {
    .code = "spf-void-limit",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_void_limit,
    .mend = mend_void_limit,
    .title = "The SPF record asks for names that do not exist any more",
    .explanation = "Before SPF came to SES it had asked for more than two names that have no answer, the last one for {term} in the "
                   "record of {name}. Receivers that keep to the rule stop there with permerror.",
    .recognised = "Receivers record spf=permerror (void lookups). The TXT record of the MAIL FROM domain has a:, mx: or exists: "
                  "terms with host names that were switched off; `dig` of each shows NXDOMAIN or no answer. Not every receiver "
                  "enforces this limit, so results may differ.",
    .remedy = "Delete the terms whose names have no record any more; the others stay as they are.",
    .reference = "RFC 7208 section 4.6.4",
};

/* ---- spf-redirect-with-all: redirect= is void beside all --------------------------------------------- */

static dt_certainty
recognise_redirect(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_REDIRECT, FAULT_REDIRECT))
        return DT_ABSENT;
    dt_evidence_rule(finding, "RFC 7208 6.1", "A redirect= is ignored when there is an \"all\" anywhere in the record.");
    return DT_CERTAIN;
}

static void
mend_redirect(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE, "Use an include in the place of redirect=, which was never read");
}

const dt_cause dt_cause_spf_redirect_with_all = {
    .code = "spf-redirect-with-all",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_redirect,
    .mend = mend_redirect,
    .explains = instead_of_no_include,
    .title = "redirect= is ignored because the record has an `all`",
    .explanation = "The record of {name} would come to SES by {term}, but it also has an `all`, and then redirect= is ignored "
                   "wherever it stands. The result is {result}.",
    .recognised = "The TXT record of the MAIL FROM domain has both redirect= and ~all or -all, and receivers record softfail, fail "
                  "or neutral. redirect= means \"use that record instead of this one\" and works only where no `all` ends the "
                  "record.",
    .remedy = "Write include:amazonses.com before `all` and take redirect= away.",
    .reference = "RFC 7208 section 6.1",
};

/* ---- spf-flattened-stale: networks of SES copied by hand ----------------------------------------------- */

static dt_certainty
recognise_flattened(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_FLATTENED, FAULT_FLATTENED))
        return DT_ABSENT;
    const dt_answer *answer = dt_view_ask(view, "amazonses.com", DT_RR_TXT);
    if (answer->status == DT_DNS_OK)
        dt_evidence_answer(finding, answer, NULL);
    return DT_CERTAIN;
}

static void
mend_flattened(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, TRUE, "The include follows SES; it takes the place of the copied networks");
}

const dt_cause dt_cause_spf_flattened_stale = {
    .code = "spf-flattened-stale",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_flattened,
    .mend = mend_flattened,
    .explains = instead_of_no_include,
    .title = "A copied list of SES networks is out of date",
    .explanation = "The record of {name} lists networks of SES by hand ({term} and perhaps others) instead of including "
                   "amazonses.com. The client {client} belongs to SES today but not to that list, so SPF gives {result}.",
    .recognised = "The TXT record of the MAIL FROM domain has ip4: terms that lie inside the networks of SES and no include, and "
                  "some of the mail passes SPF while other mail does not, depending on the address SES sent it from. SES adds "
                  "networks without notice. Compare with `dig TXT amazonses.com`.",
    .remedy = "Replace the copied ip4: terms by include:amazonses.com, which costs one lookup and is always up to date.",
    .reference = "RFC 7208 section 5.2",
};

/* ---- spf-byoip-not-covered: SES sends from the customer's own addresses ---------------------------------- */

static dt_certainty
recognise_own_address(dt_view *view, dt_finding *finding)
{
    if (!recognise_fault(view, finding, FAULT_OWN_ADDRESS, FAULT_OWN_ADDRESS))
        return DT_ABSENT;
    dt_evidence_header(finding, view->subject->ses->outgoing_line, view->subject->ses->outgoing_ip, NULL);
    return DT_CERTAIN;
}

static void
mend_own_address(dt_view *view, dt_finding *finding)
{
    mend_record(view, finding, FALSE,
                "Add your own range; {client} is the least, put the whole network in its place as you know it (ip4:NETWORK/BITS)");
}

const dt_cause dt_cause_spf_byoip_not_covered = {
    .code = "spf-byoip-not-covered",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_own_address,
    .mend = mend_own_address,
    .explains = instead_of_no_include,
    .title = "The SES include does not cover your own IP addresses",
    .explanation = "SES sent this message from {client}, an address of your own range (bring your own IP): X-SES-Outgoing shows it. "
                   "include:amazonses.com covers Amazon's addresses only, so the record of {name} gives {result}.",
    .recognised = "X-SES-Outgoing names the same address as the receiver saw, that address is not in the SPF record of "
                  "amazonses.com, and the HELO name is not Amazon's. This is SES with addresses that the customer brought along "
                  "(BYOIP); a second signature with d=messagingfabric.com is another sign of it.",
    .remedy = "Add ip4: (or ip6:) terms for your own range to the SPF record of the MAIL FROM domain, before `all`, and keep the "
              "include for mail that leaves from Amazon's addresses.",
    .reference = "RFC 7208 section 5.6; Amazon SES developer guide, Bring your own IP addresses",
};
