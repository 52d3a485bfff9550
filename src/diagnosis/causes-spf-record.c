/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the SPF record of the envelope domain as a whole (RFC 7208 3.2, 4.5, 4.6.4): there is
 * none, it stands elsewhere, its text is damaged, there are several, or it asks too much of DNS.
 * Which it is spf-fault.c tells; faults of single terms are causes-spf-terms.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

/* ---- spf-mailfrom-none: the custom MAIL FROM domain has no SPF record at all --------------- */

static dt_certainty
recognise_mailfrom_none(dt_view *view, dt_finding *finding)
{
    return dt_spf_recognise_fault(view, finding, DT_RECORD_NO_RECORD, DT_RECORD_NO_RECORD)
               ? DT_CERTAIN
               : DT_ABSENT;
}

static void
mend_mailfrom_none(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "Say that the servers of SES may send with {E} as envelope domain");
}

const dt_cause dt_cause_spf_mailfrom_none = {
    .code = "spf-mailfrom-none",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_mailfrom_none,
    .mend = mend_mailfrom_none,
    .title = "The MAIL FROM domain has no SPF record",
    .explanation = "The envelope domain {E} (MAIL FROM, the address that bounces go to) has no "
                   "TXT record that starts with "
                   "v=spf1, so SPF gives none instead of pass. SES checks only the MX of that "
                   "name: its status SUCCESS says "
                   "nothing about SPF.",
    .recognised = "The envelope domain (Return-Path; Gmail's mailed-by) is your custom MAIL FROM "
                  "domain, and `dig TXT` of exactly "
                  "this name shows no v=spf1 record. Receivers record spf=none; Microsoft writes "
                  "that the domain \"does not "
                  "designate permitted sender hosts\". It happens when the MX was published for "
                  "SES and the TXT forgotten, since "
                  "SES itself asks for the MX only.",
    .remedy = "Publish the TXT record v=spf1 include:amazonses.com ~all at the MAIL FROM domain "
              "itself, not at the root of your "
              "domain. Check it with `dig TXT` of that name, then send a new test: Gmail's \"Show "
              "original\" then says SPF: PASS.",
    .reference =
        "RFC 7208 section 4.5; Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- spf-root-only: the include stands at the root, where SPF does not look ---------------- */

static dt_certainty
recognise_root_only(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_ROOT_ONLY, DT_RECORD_ROOT_ONLY))
        return DT_ABSENT;
    const char *root = dt_spf_root_with_ses(view);
    dt_bind(finding, "root", root);
    dt_evidence_answer(finding, dt_view_ask(view, root, DT_RR_TXT), DT_SES_INCLUDE);
    dt_evidence_rule(finding, "RFC 7208 2.4",
                     "SPF asks the domain of the envelope sender, no other and none above it.");
    return DT_CERTAIN;
}

static void
mend_root_only(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "Publish it at the envelope domain; the record of {root} may stay as it is");
}

static const char *const root_only_explains[] = { "spf-mailfrom-none", "spf-root-include-unused",
                                                  NULL };

const dt_cause dt_cause_spf_root_only = {
    .code = "spf-root-only",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_root_only,
    .mend = mend_root_only,
    .explains = root_only_explains,
    .title = "include:amazonses.com stands at the wrong name",
    .explanation = "The SPF record of {root} includes amazonses.com, but the envelope domain is "
                   "{E}, and that "
                   "name has no SPF record. SPF asks the envelope domain only and never the name "
                   "above it, so the result is none.",
    .recognised =
        "The envelope domain (Return-Path; Gmail's mailed-by) is your custom MAIL FROM domain, "
        "`dig TXT` of it shows no "
        "v=spf1 record, and the root of your domain has one with include:amazonses.com. Many "
        "guides say to add the "
        "include at the root; mail sent through SES never uses the root as envelope domain.",
    .remedy = "Publish v=spf1 include:amazonses.com ~all at the MAIL FROM domain itself. The "
              "include at the root does no harm and "
              "may stay. `dig TXT` of the MAIL FROM domain must show the record.",
    .reference =
        "RFC 7208 section 2.4; Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- spf-include-tail-dot-or-quotes: the text is damaged ----------------------------------- */

static const char syntax_text[] = "The term {term} in the SPF record of {E} is no valid SPF "
                                  "term, and one such term makes the whole record invalid "
                                  "(permerror): SES is never looked up.";

static const char strange_text[] =
    "The SPF record of {E} holds quotes or characters outside plain ASCII ({term}), as word "
    "processors and web pages put them "
    "in. That is a syntax error, so SPF gives permerror.";

static dt_certainty
recognise_damaged(dt_view *view, dt_finding *finding)
{
    dt_record_fault fault =
        dt_spf_recognise_fault(view, finding, DT_RECORD_DAMAGED, DT_RECORD_SYNTAX);
    if (!fault)
        return DT_ABSENT;
    if (fault == DT_RECORD_SYNTAX)
        dt_set_explanation(finding, syntax_text);
    else if (dt_text_equal(g_hash_table_lookup(finding->bindings, "result"), "permerror"))
        dt_set_explanation(finding, strange_text);
    return DT_CERTAIN;
}

static void
mend_damaged(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "The record retyped in plain ASCII; type it by hand rather than paste it, a "
                       "term that cannot be read is left out");
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
    .explanation = "{E} has a text that was meant as its SPF record, but an SPF record must "
                   "begin with exactly v=spf1 and a "
                   "blank. This one does not (quotes, other text or an invisible character in "
                   "front, or no blank behind it), so "
                   "it does not count and SPF gives none.",
    .recognised = "`dig TXT` of the MAIL FROM domain shows typographic or doubled quotes, "
                  "characters written as \\226\\128\\156, "
                  "text before v=spf1, or v=spf1include: without a blank. Receivers record "
                  "spf=none when the start is hit, "
                  "spf=permerror when a term is. It comes from pasting out of word processors, "
                  "chats and web pages. A final dot "
                  "(include:amazonses.com.) is valid and no fault.",
    .remedy = "Type the record again in plain ASCII: v=spf1 include:amazonses.com ~all. Leave the "
              "quotes out unless your DNS form "
              "asks for them, and look at the result with `dig TXT`.",
    .reference = "RFC 7208 sections 4.5, 4.6.1 and 12",
};

/* ---- spf-multiple: two records at one name ------------------------------------------------- */

static dt_certainty
recognise_multiple(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_MULTIPLE, DT_RECORD_MULTIPLE))
        return DT_ABSENT;
    guint count = dt_view_spf_records(view, g_hash_table_lookup(finding->bindings, "E"), NULL);
    dt_bindf(finding, "count", "%u", count);
    return DT_CERTAIN;
}

static void
mend_multiple(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "One record with the terms of all of them, in the place of {count}");
}

const dt_cause dt_cause_spf_multiple = {
    .code = "spf-multiple",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_multiple,
    .mend = mend_multiple,
    .title = "The MAIL FROM domain has more than one SPF record",
    .explanation = "{E} has {count} TXT records that begin with v=spf1. A name may have only "
                   "one: with more, SPF does not choose "
                   "among them but gives permerror.",
    .recognised = "`dig TXT` of the MAIL FROM domain shows two or more texts that begin with "
                  "v=spf1, and receivers record "
                  "spf=permerror. It happens when a second service asks for \"an SPF record\" and "
                  "it is added instead of merged.",
    .remedy = "Merge them into one record: all terms of both, each once, one `all` at the end. "
              "Take the others away in the same "
              "step.",
    .reference = "RFC 7208 sections 3.2 and 4.5",
};

/* ---- spf-lookup-limit: the walk needs an eleventh lookup ----------------------------------- */

static const char mx_limit_text[] =
    "SPF gave up before it came to SES: {term} leads to more than ten mail hosts, which is more "
    "than a receiver may ask for. The "
    "result is permerror.";

static dt_certainty
recognise_lookup_limit(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_LOOKUP_LIMIT, DT_RECORD_LOOKUP_LIMIT))
        return DT_ABSENT;
    g_auto(dt_spf_subject) subject = { 0 };
    if (dt_spf_subject_open(view, &subject) && subject.spf->fault == DT_SPF_FAULT_MX_LIMIT)
        dt_set_explanation(finding, mx_limit_text);
    dt_evidence_rule(
        finding, "RFC 7208 4.6.4",
        "At most 10 terms that cause DNS queries, nested ones counted; more is a permerror.");
    return DT_CERTAIN;
}

static void
mend_lookup_limit(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(
        view, finding, FALSE,
        "The same record with SES in front: for mail through SES the walk then ends at once");
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "Remove includes of services that do not send with {E} any more, or replace them "
               "by their ip4: and ip6: networks: "
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
    .explanation = "For the client {ip} the record of {E} needs more than the ten DNS "
                   "lookups that SPF allows before a term "
                   "matches: it stops at {term} with permerror. Includes count with everything "
                   "that is inside them.",
    .recognised = "Receivers record spf=permerror (too many DNS lookups). The record has more than "
                  "ten include, a, mx, ptr, exists "
                  "and redirect terms, nested ones counted, and that of SES comes late. The order "
                  "matters: where SES stands in "
                  "front the limit is never reached for its mail. `dmarctrace spf` counts the "
                  "lookups for an address.",
    .remedy = "Put include:amazonses.com first, and remove or flatten includes that are no longer "
              "needed. At a MAIL FROM domain "
              "that only SES uses, v=spf1 include:amazonses.com ~all is all that is needed.",
    .reference = "RFC 7208 section 4.6.4",
};

/* ---- spf-void-limit: three lookups that find nothing --------------------------------------- */

static dt_certainty
recognise_void_limit(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_VOID_LIMIT, DT_RECORD_VOID_LIMIT))
        return DT_ABSENT;
    dt_evidence_rule(
        finding, "RFC 7208 4.6.4",
        "At most two lookups may end in NXDOMAIN or an empty answer; more is a permerror.");
    return DT_CERTAIN;
}

static void
mend_void_limit(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "The same record without the terms whose names have nothing any more");
}

const dt_cause dt_cause_spf_void_limit = {
    .code = "spf-void-limit",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_void_limit,
    .mend = mend_void_limit,
    .title = "The SPF record asks for names that do not exist any more",
    .explanation = "Before SPF came to SES it had asked for more than two names that have no "
                   "answer, the last one for {term} in the "
                   "record of {E}. Receivers that keep to the rule stop there with permerror.",
    .recognised = "Receivers record spf=permerror (void lookups). The TXT record of the MAIL FROM "
                  "domain has a:, mx: or exists: "
                  "terms with host names that were switched off; `dig` of each shows NXDOMAIN or "
                  "no answer. Not every receiver "
                  "enforces this limit, so results may differ.",
    .remedy = "Delete the terms whose names have no record any more; the others stay as they are.",
    .reference = "RFC 7208 section 4.6.4",
};
