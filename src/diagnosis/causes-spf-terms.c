/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the SPF record of the envelope domain is in order and no term of it comes to SES for this
 * client (RFC 7208 4.6, 5.1, 5.2, 6.1): a term is missing, misspelt, behind `all`, void or out of
 * date. Which it is spf-fault.c tells; records that are absent, damaged or too many are
 * causes-spf-record.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

static const char *const instead_of_no_include[] = { "spf-no-ses-include", NULL };

/* ---- spf-no-ses-include: a record that never comes to SES ---------------------------------- */

static dt_certainty
recognise_no_include(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_NO_INCLUDE, DT_RECORD_NO_INCLUDE))
        return DT_ABSENT;
    dt_evidence_computed(finding, "SPF", "no term of the record names %s or leads to amazonses.com",
                         view->subject->message ? view->subject->inputs->ip : "an address of SES");
    return DT_CERTAIN;
}

static void
mend_no_include(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "The same record with include:amazonses.com before its `all`");
}

const dt_cause dt_cause_spf_no_ses_include = {
    .code = "spf-no-ses-include",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_no_include,
    .mend = mend_no_include,
    .title = "The SPF record does not name SES",
    .explanation = "SPF compared the client {ip} with the record of the envelope domain {E} "
                   "to its end, and no term of it "
                   "leads to amazonses.com: the result is {result}. For DMARC only pass counts, so "
                   "softfail, fail and neutral are "
                   "all the same.",
    .recognised = "Receivers record spf=softfail, fail or neutral for your MAIL FROM domain "
                  "(Return-Path; Gmail's mailed-by), and "
                  "its TXT record lists other senders but not amazonses.com. Often the record of "
                  "another provider was copied. "
                  "`dmarctrace spf` with the client's address shows term by term why none matches.",
    .remedy = "Add include:amazonses.com to the record of the MAIL FROM domain, before its `all` "
              "term; all other terms stay. A "
              "name must never have two v=spf1 records: change the one that is there.",
    .reference = "RFC 7208 sections 4.6.2 and 5.2",
};

/* ---- spf-include-after-all: what stands behind all is never read --------------------------- */

static dt_certainty
recognise_after_all(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_AFTER_ALL, DT_RECORD_AFTER_ALL))
        return DT_ABSENT;
    dt_evidence_rule(finding, "RFC 7208 5.1", "Mechanisms after \"all\" will never be tested.");
    return DT_CERTAIN;
}

static void
mend_after_all(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE, "The same terms, `all` at the end");
}

const dt_cause dt_cause_spf_include_after_all = {
    .code = "spf-include-after-all",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_after_all,
    .mend = mend_after_all,
    .explains = instead_of_no_include,
    .title = "The SES include stands behind `all` and is never read",
    .explanation =
        "SPF reads a record from left to right and ends at `all`, which matches everybody. In the "
        "record of {E} "
        "{term} stands to the right of it, so SES is never looked up and the result is {result}.",
    .recognised = "Receivers record spf=softfail, fail or neutral, and in the TXT record of the "
                  "MAIL FROM domain the include of "
                  "SES comes after ~all or -all. It happens when the include is appended to the "
                  "end of a record that was there. "
                  "Compare the order with `dig TXT` of the MAIL FROM domain.",
    .remedy =
        "Move the include to the left of `all`, so that `all` is the last mechanism of the record.",
    .reference = "RFC 7208 section 5.1",
};

/* ---- spf-include-typo: a term that was meant to be the include of SES ---------------------- */

static const char broken_include_text[] =
    "The SPF record of {E} leads to something that is no usable SPF record ({term}), and by "
    "rule that makes the whole "
    "evaluation a permerror, whatever else the record says. SES is not looked up any more.";

static const char refused_typo_text[] =
    "The SPF record of {E} says {term} where include:amazonses.com was meant. That names no "
    "server of SES, so the result is "
    "{result}.";

static const char refusing_include_text[] =
    "The SPF record of {E} names SES as {term}. With that sign in front a match is no pass; "
    "include:amazonses.com was meant, without a sign. The result is {result}.";

/* The sign in front of the term is wrong, not its name. */
static gboolean
is_refusing_include(const dt_finding *finding)
{
    const char *term = g_hash_table_lookup(finding->bindings, "term");
    return term && *term && strchr("-~?", *term) &&
           g_ascii_strcasecmp(term + 1, "include:amazonses.com") == 0;
}

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
    dt_record_fault fault =
        dt_spf_recognise_fault(view, finding, DT_RECORD_TYPO, DT_RECORD_BROKEN_INCLUDE);
    if (!fault)
        return DT_ABSENT;
    show_target(view, finding);
    if (fault == DT_RECORD_BROKEN_INCLUDE)
        dt_set_explanation(finding, broken_include_text);
    else if (is_refusing_include(finding))
        dt_set_explanation(finding, refusing_include_text);
    else if (!dt_text_equal(g_hash_table_lookup(finding->bindings, "result"), "permerror"))
        dt_set_explanation(finding, refused_typo_text);
    return DT_CERTAIN;
}

static void
mend_typo(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "The same record with the exact term include:amazonses.com");
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
    .explanation = "The SPF record of {E} says {term} where include:amazonses.com was meant. "
                   "Such a term makes the whole "
                   "record invalid (permerror), and SES is never looked up.",
    .recognised = "The TXT record of the MAIL FROM domain holds something like include:amazonses, "
                  "include:amazonse.com, "
                  "include:amazonaws.com, includes:amazonses.com, a blank behind the colon, or the "
                  "name of an SES mail host. "
                  "Receivers record spf=permerror where that is no valid term or its name has no "
                  "SPF record, otherwise softfail, "
                  "fail or neutral. `dig TXT` of the name in the include shows whether it has a "
                  "record. An include of another "
                  "service that leads to no usable record has the same effect.",
    .remedy = "Write exactly include:amazonses.com, in one word, before `all`; the other terms "
              "stay. An include of another "
              "service that has no record any more has to go, since it makes the record invalid "
              "for everybody.",
    .reference = "RFC 7208 sections 4.6.1 and 5.2",
};

/* ---- spf-redirect-with-all: redirect= is void beside all ----------------------------------- */

static dt_certainty
recognise_redirect(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_REDIRECT, DT_RECORD_REDIRECT))
        return DT_ABSENT;
    dt_evidence_rule(finding, "RFC 7208 6.1",
                     "A redirect= is ignored when there is an \"all\" anywhere in the record.");
    return DT_CERTAIN;
}

static void
mend_redirect(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "Use an include in the place of redirect=, which was never read");
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
    .explanation = "The record of {E} would come to SES by {term}, but it also has an `all`, "
                   "and then redirect= is ignored "
                   "wherever it stands. The result is {result}.",
    .recognised = "The TXT record of the MAIL FROM domain has both redirect= and ~all or -all, and "
                  "receivers record softfail, fail "
                  "or neutral. redirect= means \"use that record instead of this one\" and works "
                  "only where no `all` ends the "
                  "record.",
    .remedy = "Write include:amazonses.com before `all` and take redirect= away.",
    .reference = "RFC 7208 section 6.1",
};

/* ---- spf-flattened-stale: networks of SES copied by hand ----------------------------------- */

static dt_certainty
recognise_flattened(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_FLATTENED, DT_RECORD_FLATTENED))
        return DT_ABSENT;
    const dt_answer *answer = dt_view_ask(view, "amazonses.com", DT_RR_TXT);
    if (answer->status == DT_DNS_OK)
        dt_evidence_answer(finding, answer, NULL);
    return DT_CERTAIN;
}

static void
mend_flattened(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, TRUE,
                       "The include follows SES; it takes the place of the copied networks");
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
    .explanation = "The record of {E} lists networks of SES by hand ({term} and perhaps others) "
                   "instead of including "
                   "amazonses.com. The client {ip} belongs to SES today but not to that list, "
                   "so SPF gives {result}.",
    .recognised = "The TXT record of the MAIL FROM domain has ip4: terms that lie inside the "
                  "networks of SES and no include, and "
                  "some of the mail passes SPF while other mail does not, depending on the address "
                  "SES sent it from. SES adds "
                  "networks without notice. Compare with `dig TXT amazonses.com`.",
    .remedy = "Replace the copied ip4: terms by include:amazonses.com, which costs one lookup and "
              "is always up to date.",
    .reference = "RFC 7208 section 5.2",
};

/* ---- spf-byoip-not-covered: SES sends from the customer's own addresses -------------------- */

static dt_certainty
recognise_own_address(dt_view *view, dt_finding *finding)
{
    if (!dt_spf_recognise_fault(view, finding, DT_RECORD_OWN_ADDRESS, DT_RECORD_OWN_ADDRESS))
        return DT_ABSENT;
    dt_evidence_outgoing(view, finding);
    return DT_CERTAIN;
}

static void
mend_own_address(dt_view *view, dt_finding *finding)
{
    dt_spf_mend_record(view, finding, FALSE,
                       "Add your own range; {ip} is the least, put the whole network in its "
                       "place as you know it (ip4:NETWORK/BITS)");
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
    .explanation = "SES sent this message from {ip}, an address of your own range (bring your "
                   "own IP): X-SES-Outgoing shows it. "
                   "include:amazonses.com covers Amazon's addresses only, so the record of {E} "
                   "gives {result}.",
    .recognised = "X-SES-Outgoing names the same address as the receiver saw, that address is not "
                  "in the SPF record of "
                  "amazonses.com, and the HELO name is not Amazon's. This is SES with addresses "
                  "that the customer brought along "
                  "(BYOIP); a second signature with d=messagingfabric.com is another sign of it.",
    .remedy = "Add ip4: (or ip6:) terms for your own range to the SPF record of the MAIL FROM "
              "domain, before `all`, and keep the "
              "include for mail that leaves from Amazon's addresses.",
    .reference = "RFC 7208 section 5.6; Amazon SES developer guide, Bring your own IP addresses",
};
