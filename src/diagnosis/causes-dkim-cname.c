/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the CNAME records of Easy DKIM (AWS: Easy DKIM; RFC 6376 3.6.2.1), missing, misplaced,
 * misdirected or copied. What stands at each selector was found by selector-state.c; this says
 * whether it touches the message, and how it is mended.
 */
#include "diagnosis/dkim-facts.h"

#include "base/text.h"

#include <string.h>

#define MAX_SHOWN 3

static const char *
region_of(const dt_view *view)
{
    return view->region ? view->region : "REGION";
}

/* ---- the CNAMEs of Easy DKIM: one recognition for six faults ------------------------------- */

/* Does the fault touch this message, or a token that the user says is current? */
static gboolean
is_relevant(const dt_view *view, const dt_selector_state *state)
{
    if (state->signature < 0)
        return state->fault != DT_SELECTOR_MISSING || !view->subject->message ||
               !dt_signed_with_token(view);
    if (dt_view_signature(view, state->signature)->result == DT_DKIM_PASS)
        return FALSE;
    /* A key that was there when the receiver looked was rotated since; only a record in a wrong
     * place is a fault of today. */
    if (dt_view_recorded_pass(view, state->signature))
        return state->is_token && state->fault != DT_SELECTOR_MISSING;
    return TRUE;
}

static void
bind_state(dt_finding *finding, const dt_selector_state *state, guint count)
{
    dt_bind(finding, "selector", state->selector);
    dt_bind(finding, "domain", state->domain);
    if (count > 1)
        dt_bindf(finding, "name", "%s and %u more", state->name, count - 1);
    else
        dt_bind(finding, "name", state->name);
    dt_bind(finding, "wrong_name", state->wrong_name);
    dt_bind(finding, "old_target", state->old_target);
    dt_bind(finding, "zone", state->zone);
}

static void
show_state(dt_view *view, dt_finding *finding, const dt_selector_state *state)
{
    if (state->signature >= 0)
        dt_evidence_signature(view, finding, state->signature);
    dt_evidence_answer(finding, state->answer, state->old_target);
    if (state->deciding && state->deciding != state->answer)
        dt_evidence_answer(finding, state->deciding, NULL);
}

static guint
collect(dt_view *view, dt_finding *finding, dt_selector_fault fault)
{
    const dt_selector_state *first = NULL;
    guint count = 0;
    gboolean has_signature = FALSE;
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault != fault || !is_relevant(view, state))
            continue;
        first = first ? first : state;
        has_signature |= state->signature >= 0 && !dt_view_recorded_pass(view, state->signature);
        if (++count <= MAX_SHOWN)
            show_state(view, finding, state);
    }
    if (count == 0)
        return 0;
    bind_state(finding, first, count);
    /* The message itself used another selector: this is what will break, not what broke. */
    if (!has_signature && view->subject->message && dt_view_has_own_signature(view))
        dt_set_weight(finding, DT_WEIGHT_RISK);
    return count;
}

static dt_certainty
recognise_fault(dt_view *view, dt_finding *finding, dt_selector_fault fault)
{
    return collect(view, finding, fault) ? DT_CERTAIN : DT_ABSENT;
}

static void
mend_fault(dt_view *view, dt_finding *finding, dt_selector_fault fault, const char *note)
{
    gboolean is_open = FALSE;
    const char *domain = NULL;
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault != fault || !is_relevant(view, state))
            continue;
        domain = state->domain;
        /* The CNAME is as it should be: what is missing lies behind it. */
        if (fault == DT_SELECTOR_MISSING && state->old_target)
            continue;
        dt_fix_cname(view, finding, state);
        is_open |= !state->zone_is_known;
    }
    if (note)
        dt_fix_set(view, finding, DT_WHERE_DNS, note, NULL);
    dt_fix_look(view, finding, "Wait until DkimAttributes.Status shows SUCCESS",
                dt_aws_command("sesv2", "get-email-identity", "--email-identity",
                               view->identity ? view->identity : domain, "--region",
                               region_of(view), NULL));
    if (!dt_view_has_own_signature(view)) {
        dt_no_proof(view, finding,
                    "the signature does not exist yet (SES signs only once it sees the records)");
        g_free(finding->signing_domain);
        finding->signing_domain = g_strdup(domain);
    } else if (is_open)
        dt_no_proof(view, finding,
                    "where SES keeps the key is known to SES only (get-email-identity shows it as "
                    "SigningHostedZone)");
}

#define CNAME_REFERENCE "AWS: Easy DKIM in Amazon SES; RFC 6376 section 3.6.2.1"
#define NEEDS_SELECTORS (DT_NEEDS_SES | DT_NEEDS_AUTHOR)

static const char *const instead_of_missing[] = { "dkim-cname-missing", NULL };

/* ---- dkim-cname-doubled: the form appended the zone to a full name ------------------------- */

static dt_certainty
recognise_cname_doubled(dt_view *view, dt_finding *finding)
{
    return recognise_fault(view, finding, DT_SELECTOR_DOUBLED);
}

static void
mend_cname_doubled(dt_view *view, dt_finding *finding)
{
    mend_fault(view, finding, DT_SELECTOR_DOUBLED,
               "In the form of the DNS host enter only the part before the zone, "
               "{selector}._domainkey: the form appends the zone itself; then "
               "delete {wrong_name}");
}

static const dt_cause dkim_cname_doubled = {
    .code = "dkim-cname-doubled",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_cname_doubled,
    .mend = mend_cname_doubled,
    .explains = instead_of_missing,
    .title = "The Easy DKIM record stands at a doubled name",
    .explanation = "There is no key at {name}; the record stands at {wrong_name}. The DNS form "
                   "appended the zone to a name that held "
                   "it already.",
    .recognised = "The selector's name does not exist, and the same name with the domain (or the "
                  "zone) appended once more does. Receivers "
                  "show \"no key for signature\"; the SES console shows PENDING or FAILED.",
    .remedy = "Publish the CNAME again with only `TOKEN._domainkey` in the name field of the form, "
              "and delete the doubled one.",
    .reference = CNAME_REFERENCE,
};

/* ---- dkim-underscore-stripped: the record stands at domainkey instead of _domainkey -------- */

static dt_certainty
recognise_underscore_stripped(dt_view *view, dt_finding *finding)
{
    return recognise_fault(view, finding, DT_SELECTOR_NO_UNDERSCORE);
}

static void
mend_underscore_stripped(dt_view *view, dt_finding *finding)
{
    mend_fault(view, finding, DT_SELECTOR_NO_UNDERSCORE,
               "Delete {wrong_name}; if the DNS host refuses names with an underscore, move the "
               "zone to one that takes them");
}

static const dt_cause dkim_underscore_stripped = {
    .code = "dkim-underscore-stripped",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_underscore_stripped,
    .mend = mend_underscore_stripped,
    .explains = instead_of_missing,
    .title = "The Easy DKIM record lost its underscore",
    .explanation = "There is no key at {name}; the record stands at {wrong_name}, without the "
                   "underscore, where no receiver looks.",
    .recognised = "The selector's name does not exist, but the one with `domainkey` in place of "
                  "`_domainkey` does. Some DNS forms drop the "
                  "underscore without a word. Receivers show \"no key for signature\".",
    .remedy = "Publish the CNAME with the underscore, `TOKEN._domainkey`; change the DNS host if "
              "it refuses.",
    .reference = "RFC 6376 section 3.6.2.1; AWS: Troubleshooting DKIM problems in Amazon SES",
};

/* ---- dkim-cname-wrong-zone: the CNAME leads into a zone of SES that does not hold the key -- */

static dt_certainty
recognise_cname_wrong_zone(dt_view *view, dt_finding *finding)
{
    return recognise_fault(view, finding, DT_SELECTOR_WRONG_ZONE);
}

static void
mend_cname_wrong_zone(dt_view *view, dt_finding *finding)
{
    mend_fault(view, finding, DT_SELECTOR_WRONG_ZONE, NULL);
}

static const dt_cause dkim_cname_wrong_zone = {
    .code = "dkim-cname-wrong-zone",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_cname_wrong_zone,
    .mend = mend_cname_wrong_zone,
    .explains = instead_of_missing,
    .title = "The Easy DKIM CNAME leads into the wrong zone of SES",
    .explanation = "{name} is a CNAME to {old_target}, where nothing is; SES keeps the key in "
                   "{zone}. Some regions have a zone of their own.",
    .recognised = "The CNAME's target is TOKEN in a zone of SES and has no key, while the same "
                  "TOKEN in another zone of SES has one, or "
                  "--ses-identity names another SigningHostedZone. Guides that say "
                  "dkim.amazonses.com for every region lead here.",
    .remedy = "Replace the target: TOKEN in the zone that `aws sesv2 get-email-identity` shows as "
              "SigningHostedZone.",
    .reference = CNAME_REFERENCE,
};

/* ---- dkim-cname-wrong-target: the CNAME leads somewhere else ------------------------------- */

static dt_certainty
recognise_cname_wrong_target(dt_view *view, dt_finding *finding)
{
    return recognise_fault(view, finding, DT_SELECTOR_WRONG_TARGET);
}

static void
mend_cname_wrong_target(dt_view *view, dt_finding *finding)
{
    mend_fault(view, finding, DT_SELECTOR_WRONG_TARGET,
               "In a zone file the target needs its final dot, else the name of the zone is "
               "appended to it");
}

static const dt_cause dkim_cname_wrong_target = {
    .code = "dkim-cname-wrong-target",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_cname_wrong_target,
    .mend = mend_cname_wrong_target,
    .explains = instead_of_missing,
    .title = "The Easy DKIM CNAME has a wrong target",
    .explanation = "{name} is a CNAME to {old_target}. SES keeps the key of this selector at "
                   "{selector} in its own zone, not there.",
    .recognised = "The selector is a CNAME whose target is not the same token in a zone of SES: "
                  "another token, part of the name missing, or the "
                  "own domain appended because a zone file lacks the final dot. Receivers show "
                  "\"no key\", or a signature that does not verify "
                  "where another key stands at the target.",
    .remedy = "Replace the target by `TOKEN.SigningHostedZone` as SES shows it, in zone files with "
              "a final dot.",
    .reference = CNAME_REFERENCE,
};

/* ---- dkim-cname-proxied-or-flattened: the DNS host answers with an address ----------------- */

static dt_certainty
recognise_cname_proxied(dt_view *view, dt_finding *finding)
{
    return recognise_fault(view, finding, DT_SELECTOR_PROXIED);
}

static void
mend_cname_proxied(dt_view *view, dt_finding *finding)
{
    mend_fault(view, finding, DT_SELECTOR_PROXIED,
               "At the DNS host set these records to \"DNS only\", not proxied");
}

static const dt_cause dkim_cname_proxied_or_flattened = {
    .code = "dkim-cname-proxied-or-flattened",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_cname_proxied,
    .mend = mend_cname_proxied,
    .explains = instead_of_missing,
    .title = "The Easy DKIM name answers with an address instead of a key",
    .explanation = "{name} has an address and no key. The DNS host puts its proxy in front of the "
                   "name, so nobody sees the CNAME behind it.",
    .recognised = "The selector has an A or AAAA record and no TXT, and that is no wildcard's "
                  "answer. It happens where a DNS host offers a proxy as "
                  "default for every CNAME. Receivers show \"no key for signature\".",
    .remedy = "Set the three records to \"DNS only\", so that the CNAME itself is answered.",
    .reference = CNAME_REFERENCE,
};

/* ---- dkim-cname-missing: nothing stands at the selector ------------------------------------ */

static const dt_selector_state *
first_missing(dt_view *view)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault == DT_SELECTOR_MISSING && is_relevant(view, state))
            return state;
    }
    return NULL;
}

static dt_certainty
recognise_cname_missing(dt_view *view, dt_finding *finding)
{
    const dt_selector_state *first = first_missing(view);
    if (!first || collect(view, finding, DT_SELECTOR_MISSING) == 0)
        return DT_ABSENT;
    if (first->old_target)
        dt_set_explanation(finding, "{name} is a CNAME to {old_target}, as Easy DKIM wants it, but "
                                    "SES publishes no key there: the identity was "
                                    "deleted or set up anew, or SES keeps its key in another zone, "
                                    "which only it can show.");
    else if (first->answer->status == DT_DNS_OK)
        dt_set_explanation(finding, "The signature says that its key is at {name}, but what "
                                    "answers there is no key. Easy DKIM wants a CNAME "
                                    "at this name.");
    else if (first->signature < 0)
        dt_set_explanation(finding, "Nothing stands at {name}. SES signs as {domain} only once it "
                                    "sees the CNAME records of its tokens.");
    return DT_CERTAIN;
}

static void
mend_cname_missing(dt_view *view, dt_finding *finding)
{
    const dt_selector_state *first = first_missing(view);
    if (first->old_target) {
        dt_fix_look(
            view, finding,
            "The CNAME is there: compare it with the Tokens and the SigningHostedZone that SES "
            "shows",
            dt_aws_command("sesv2", "get-email-identity", "--email-identity", view->identity,
                           "--region", region_of(view), NULL));
        dt_fix_set(
            view, finding, DT_WHERE_DNS,
            "Where SES shows other tokens or another zone: publish the CNAMEs as it shows them",
            NULL);
    }
    mend_fault(view, finding, DT_SELECTOR_MISSING, NULL);
}

static const dt_cause dkim_cname_missing = {
    .code = "dkim-cname-missing",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_cname_missing,
    .mend = mend_cname_missing,
    .title = "An Easy DKIM record is missing",
    .explanation = "The signature of {domain} says that its key is at {name}, and nothing is "
                   "there. Receivers cannot verify it.",
    .recognised =
        "A signature with an Easy DKIM selector (32 characters of a-z and 2-7), or a token that "
        "was given, whose name "
        "TOKEN._domainkey.DOMAIN has no key: NXDOMAIN or no TXT, and the record does not stand at "
        "one of the usual wrong "
        "places. Receivers show \"no key for signature\". `dig CNAME` at the name shows it.",
    .remedy = "Publish `TOKEN._domainkey.DOMAIN CNAME TOKEN.SigningHostedZone` as SES shows it, "
              "for all three tokens, and wait for SUCCESS.",
    .reference = CNAME_REFERENCE,
};

/* ---- dkim-partial-cnames: it works with this token, not with the others -------------------- */

static dt_certainty
recognise_partial_cnames(dt_view *view, dt_finding *finding)
{
    guint missing = 0, tokens = 0;
    const dt_selector_state *first = NULL;
    if (!dt_signed_with_token(view))
        return DT_ABSENT;
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        tokens += state->is_token;
        if (!state->is_token || state->signature >= 0 || state->fault != DT_SELECTOR_MISSING)
            continue;
        first = first ? first : state;
        missing++;
        dt_evidence_answer(finding, state->answer, NULL);
    }
    if (missing == 0)
        return DT_ABSENT;
    bind_state(finding, first, missing);
    dt_bindf(finding, "missing", "%u", missing);
    dt_bindf(finding, "tokens", "%u", tokens);
    return DT_CERTAIN;
}

static void
mend_partial_cnames(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->is_token && state->signature < 0 && state->fault == DT_SELECTOR_MISSING)
            dt_fix_cname(view, finding, state);
    }
}

static const dt_cause dkim_partial_cnames = {
    .code = "dkim-partial-cnames",
    .weight = DT_WEIGHT_RISK,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS | DT_NEEDS_MESSAGE,
    .recognise = recognise_partial_cnames,
    .mend = mend_partial_cnames,
    .title = "{missing} of the {tokens} Easy DKIM records are missing",
    .explanation = "The selector of this message resolves, but nothing stands at {name}. SES "
                   "changes from one token to another over time, and "
                   "may not verify the identity while one is missing.",
    .recognised = "Of the tokens that are known at least one leads to a key, the message was "
                  "signed with such a one, and at least one has no "
                  "record at all. The mail passes until SES signs with the missing one.",
    .remedy = "Publish the CNAME of every token that SES shows for the identity.",
    .reference = CNAME_REFERENCE,
};

/* ---- dkim-txt-instead-of-cname: the key was copied, and will not follow when SES changes it */

static char *
public_key_of(const dt_answer *answer)
{
    for (guint i = 0; answer && i < answer->record_count; i++) {
        g_autoptr(dt_dkim_key) key =
            dt_dkim_key_parse(answer->records[i].data, answer->records[i].length);
        if (key->public_key && key->public_key[0])
            return g_strdup(key->public_key);
    }
    return NULL;
}

/* Same key as SES publishes now? Only asked when SES's answer is known. */
static gboolean
is_live_key(const dt_selector_state *state)
{
    g_autofree char *here = public_key_of(state->answer);
    g_autofree char *there = public_key_of(state->deciding);
    return here && there && strcmp(here, there) == 0;
}

/* Is the copy what makes the signature fail: unreadable, one of several, or another key over an
 * intact header? */
static gboolean
does_copy_break(const dt_view *view, const dt_selector_state *state)
{
    const dt_dkim_signature *signature =
        state->signature >= 0 ? dt_view_signature(view, state->signature) : NULL;
    if (!signature || dt_excuse_of(view, state->signature) != DT_EXCUSE_NONE)
        return FALSE;
    return signature->reason == DT_REASON_WRONG_KEY || signature->reason == DT_REASON_KEY_SYNTAX ||
           signature->reason == DT_REASON_KEY_MULTIPLE ||
           (signature->signature == DT_CHECK_MISMATCH &&
            dt_view_witness(view, state->signature) >= 0);
}

static dt_certainty
recognise_txt_instead(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault != DT_SELECTOR_TXT_COPY || !state->deciding)
            continue;
        bind_state(finding, state, 1);
        show_state(view, finding, state);
        gboolean is_broken = does_copy_break(view, state);
        if (is_live_key(state) && !is_broken) {
            dt_set_weight(finding, DT_WEIGHT_NOTE);
            dt_set_explanation(finding, "{name} holds the key as a text of its own, equal to what "
                                        "SES publishes now. Either the DNS host "
                                        "flattens the CNAME (answers with what is behind it), "
                                        "which is fine, or somebody copied the key, which "
                                        "lasts until SES changes it.");
            return DT_POSSIBLE;
        }
        dt_set_weight(finding, is_broken ? DT_WEIGHT_BLOCKS_ALONE : DT_WEIGHT_RISK);
        if (state->answer->record_count > 1)
            dt_set_explanation(finding, "{name} holds several texts in place of the CNAME. A "
                                        "receiver cannot know which one is the key, and a copy "
                                        "does not follow when SES changes it.");
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_txt_instead(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->fault != DT_SELECTOR_TXT_COPY || !state->deciding)
            continue;
        if (finding->certainty == DT_CERTAIN) {
            dt_fix_cname(view, finding, state);
            if (!state->zone_is_known)
                dt_no_proof(
                    view, finding,
                    "where SES keeps the key is known to SES only (get-email-identity shows it)");
            continue;
        }
        dt_fix_set(view, finding, DT_WHERE_DNS,
                   "Look at the DNS host: if the record there is a CNAME, nothing is to be done; "
                   "if it is a TXT, replace it by the CNAME",
                   NULL);
        g_autofree char *name = dt_text_shell_quote(state->name);
        dt_check_command(finding, g_strdup_printf("dig +short CNAME %s", name));
        return;
    }
}

static const dt_cause dkim_txt_instead_of_cname = {
    .code = "dkim-txt-instead-of-cname",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = NEEDS_SELECTORS,
    .recognise = recognise_txt_instead,
    .mend = mend_txt_instead,
    .title = "The Easy DKIM key was published as a text instead of the CNAME",
    .explanation = "{name} holds a key as a text, and it is not the one that SES publishes for "
                   "this selector now. A copy does not follow "
                   "when SES changes the key: then signatures stop verifying.",
    .recognised = "A TXT stands directly at an Easy DKIM selector, with no CNAME. Equal to the key "
                  "at the SES name it may also be a DNS host "
                  "that flattens CNAMEs, so it is a note; different, or with nothing behind the "
                  "SES name, it is a copy: a risk while "
                  "the signature verifies, blocking when it no longer does.",
    .remedy =
        "Replace the text by the CNAME `TOKEN._domainkey.DOMAIN CNAME TOKEN.SigningHostedZone`.",
    .reference = CNAME_REFERENCE,
};

const dt_cause *const dt_causes_dkim_cname[] = {
    &dkim_cname_doubled,      &dkim_underscore_stripped,        &dkim_cname_wrong_zone,
    &dkim_cname_wrong_target, &dkim_cname_proxied_or_flattened, &dkim_cname_missing,
    &dkim_partial_cnames,     &dkim_txt_instead_of_cname,       NULL,
};
