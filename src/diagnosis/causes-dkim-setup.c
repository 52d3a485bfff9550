/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: DKIM that is not set up for the author domain, or set up so that it does not count: no
 * signature in its name, or strict alignment (RFC 6376, RFC 9989 5.1; AWS: Easy DKIM). Its CNAME
 * records are causes-dkim-cname.c, keys causes-dkim-key.c.
 */
#include "diagnosis/dkim-facts.h"

#include "base/name.h"
#include "base/taglist.h"
#include "base/text.h"

#include <string.h>

#define MAX_SHOWN 3

static const dt_ses_identity *
identity_file(const dt_view *view)
{
    return view->subject->context->identity;
}

static const char *
region_of(const dt_view *view)
{
    return view->region ? view->region : "REGION";
}

/* The sender's address: what may be an identity of its own. The file that SES printed does not
 * always say whose it is. */
static const char *
sender_address(const dt_view *view)
{
    const dt_ses_identity *file = identity_file(view);
    if (file && file->is_address && view->identity && strchr(view->identity, '@'))
        return view->identity;
    const GPtrArray *mailboxes = dt_message_author(view->subject->message)->mailboxes;
    const dt_mailbox *first = mailboxes->len ? mailboxes->pdata[0] : NULL;
    return first && first->domain && first->address ? first->address : view->author;
}

/* ---- dkim-freemail-from: the author domain is a mailbox provider's ------------------------- */

static dt_certainty
recognise_freemail_from(dt_view *view, dt_finding *finding)
{
    if (!view->is_freemail || dt_view_has_own_signature(view) || dt_view_spf_aligned(view))
        return DT_ABSENT;
    const dt_field *from = dt_message_find(view->subject->message, "From", 0);
    if (from)
        dt_evidence_field(finding, from, view->author);
    return DT_CERTAIN;
}

static void
mend_freemail_from(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Send with an address of a domain of your own in From; Reply-To may name the "
               "mailbox at {D}",
               NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const char *const freemail_explains[] = {
    "ses-mailfrom-default",   "ses-mailfrom-fallback",     "ses-mailfrom-mx-multiple",
    "ses-mailfrom-mx-nonses", "ses-mailfrom-pending-then", "spf-other-domain",
    "dkim-only-amazonses",    "dkim-other-domain",         NULL,
};

static const dt_cause dkim_freemail_from = {
    .code = "dkim-freemail-from",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_freemail_from,
    .mend = mend_freemail_from,
    .explains = freemail_explains,
    .title = "From is an address at {D}, a mailbox provider",
    .explanation = "SES can send with such an address once it is verified, but it can neither sign "
                   "as {D} nor use it as envelope "
                   "sender: only the provider can. Nothing that is set up in SES or DNS will make "
                   "this From pass DMARC.",
    .recognised = "The domain in From belongs to a provider of free mailboxes (gmail.com, "
                  "outlook.com, yahoo.com and the like), the message came "
                  "through SES, and the provider did not sign it. Gmail shows such mail with \"via "
                  "amazonses.com\".",
    .remedy = "Use an address of a domain that you control in From, and verify that domain in SES. "
              "The mailbox may stand in "
              "Reply-To, so that answers arrive there.",
    .reference = "AWS: Creating and verifying identities; RFC 9989 section 5.1",
};

/* ---- dkim-only-amazonses: SES signed as itself only, and that aligns with nobody's From ---- */

/* Can never speak for the author: what the application signed SES wrote anew, or it is somebody
 * else's and does not even verify. */
static gboolean
cannot_count(const dt_view *view, guint index)
{
    return dt_is_presigned(view, index) || (!dt_view_is_own_signature(view, index) &&
                                            dt_view_signature(view, index)->result != DT_DKIM_PASS);
}

/* The first signature of SES itself, where none beside it could count; -1 otherwise. */
static gint
find_lone_amazon(const dt_view *view, gboolean *verifies_out)
{
    gint first = -1;
    gboolean has_other = FALSE;
    *verifies_out = FALSE;
    for (guint i = 0; i < dt_view_signature_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (dt_view_is_amazon_signature(signature) && !dt_view_is_own_signature(view, i)) {
            first = first < 0 ? (gint)i : first;
            *verifies_out |= signature->result == DT_DKIM_PASS;
        } else if (cannot_count(view, i))
            has_other = TRUE;
        else
            return -1;
    }
    return has_other && !*verifies_out ? -1 : first;
}

static dt_certainty
recognise_only_amazonses(dt_view *view, dt_finding *finding)
{
    gboolean verifies;
    gint amazon = find_lone_amazon(view, &verifies);
    if (amazon < 0 || view->is_freemail || dt_has_token_fault(view) || dt_view_lost_signature(view))
        return DT_ABSENT;
    for (guint i = 0; i < MIN(dt_judged_count(view), MAX_SHOWN); i++)
        dt_evidence_signature(view, finding, i);
    dt_bind(finding, "amazon", dt_view_signature(view, amazon)->domain);
    if (!verifies)
        dt_set_explanation(finding, "SES signed this message as {amazon} and not as {D}. That "
                                    "signature speaks for Amazon and does not align with From, "
                                    "whether it verifies or not.");
    const dt_ses_identity *file = identity_file(view);
    if (file && file->signing_enabled == 0)
        dt_evidence_computed(finding, "--ses-identity", "SigningEnabled is false for %s",
                             file->is_address ? sender_address(view) : view->identity);
    return DT_CERTAIN;
}

static void
mend_only_amazonses(dt_view *view, dt_finding *finding)
{
    const dt_ses_identity *file = identity_file(view);
    const char *identity = file && file->is_address ? sender_address(view) : view->identity;
    dt_bind(finding, "I", identity);
    dt_fix_easy_dkim(view, finding, identity);
    dt_no_proof(view, finding,
                "the signature of {D} does not exist yet (SES makes it once Easy DKIM is set up)");
}

static const dt_cause dkim_only_amazonses = {
    .code = "dkim-only-amazonses",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_only_amazonses,
    .mend = mend_only_amazonses,
    .title = "SES signed only in Amazon's own name",
    .explanation =
        "SES signed this message as {amazon} and not as {D}. A dkim=pass that a receiver "
        "shows is this signature: it is valid, but it "
        "speaks for Amazon and does not align with From.",
    .recognised = "Every DKIM-Signature field has d=amazonses.com (or d=messagingfabric.com), or "
                  "cannot count: made by the application before SES rewrote what it covers, or "
                  "by another domain and not verifying. "
                  "Receivers then show dkim=pass, and Gmail "
                  "\"signed-by: amazonses.com\", which looks like success and is none for DMARC. "
                  "SES adds this signature to all mail; the one in "
                  "your name comes only when Easy DKIM (or BYODKIM, a key of your own) is set up "
                  "and enabled for the identity, in the "
                  "same region and account. Check with `aws sesv2 get-email-identity`: "
                  "SigningEnabled, Status.",
    .remedy =
        "Set up Easy DKIM for the From domain: create the domain identity where there is none, "
        "enable signing where it is off, publish the "
        "three CNAME records where the status is PENDING or FAILED. Then send a new test message.",
    .reference = "AWS: Easy DKIM in Amazon SES; RFC 9989 section 5.1",
};

/* ---- dkim-region-not-set-up: Easy DKIM stands in one region, the message left from another - */

static gboolean
do_tokens_answer(const dt_view *view)
{
    guint count = 0;
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        gboolean has_key = state->fault == DT_SELECTOR_OK || state->fault == DT_SELECTOR_TXT_COPY;
        if (state->is_token && !has_key)
            return FALSE;
        count += state->is_token;
    }
    return count > 0;
}

static void
show_tokens(dt_view *view, dt_finding *finding)
{
    for (guint i = 0, shown = 0; i < view->selectors->len && shown < MAX_SHOWN; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (!state->is_token)
            continue;
        dt_evidence_answer(finding, state->answer, NULL);
        shown++;
    }
}

static void
show_region(dt_view *view, dt_finding *finding)
{
    const GPtrArray *markers = view->subject->ses->markers;
    for (guint i = 0; i < markers->len; i++) {
        const dt_ses_marker *marker = markers->pdata[i];
        if (!view->region || !strstr(marker->value, view->region))
            continue;
        g_autofree char *text = g_strconcat(marker->header, ": ", marker->value, NULL);
        dt_evidence_header(finding, marker->line, text, view->region);
        return;
    }
}

static dt_certainty
recognise_region_not_set_up(dt_view *view, dt_finding *finding)
{
    const char *token_region = view->subject->context->dkim_token_region;
    const char *region = view->subject->ses->region;
    if (!token_region || !region || strcmp(token_region, region) == 0 ||
        !dt_view_found(view, "dkim-only-amazonses") || !do_tokens_answer(view))
        return DT_ABSENT;
    dt_bind(finding, "token_region", token_region);
    show_region(view, finding);
    show_tokens(view, finding);
    return DT_CERTAIN;
}

/* AWS_SES_EU_WEST_1: how the API names the region of the parent. Caller frees. */
static char *
origin_of(const char *region)
{
    g_autofree char *upper = g_ascii_strup(region, -1);
    return g_strconcat("DomainSigningAttributesOrigin=AWS_SES_", g_strdelimit(upper, "-", '_'),
                       NULL);
}

static void
mend_region_not_set_up(dt_view *view, dt_finding *finding)
{
    g_autofree char *origin = origin_of(view->subject->context->dkim_token_region);
    dt_fix_easy_dkim(view, finding, view->identity);
    dt_fix_set(view, finding, DT_WHERE_SES,
               "Instead of three more CNAMEs: make the identity in {R} a replica of the one in "
               "{token_region} (Deterministic Easy DKIM); "
               "it signs with the records that are published already",
               dt_aws_command("sesv2", "create-email-identity", "--email-identity",
                              view->identity_domain, "--dkim-signing-attributes", origin,
                              "--region", region_of(view), NULL));
    dt_fix_optional(finding);
    g_clear_pointer(&finding->signing_domain, g_free);
}

static const dt_cause dkim_region_not_set_up = {
    .code = "dkim-region-not-set-up",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_region_not_set_up,
    .mend = mend_region_not_set_up,
    .title = "Easy DKIM is set up in {token_region}, the message left from {R}",
    .explanation = "The tokens given belong to {token_region} and lead to keys, but Easy DKIM is a "
                   "setting of each region: in {R} SES has no "
                   "signature for {D} set up.",
    .recognised = "The region of the message (Message-ID, Feedback-ID) differs from the region "
                  "that the known tokens belong to, and the message "
                  "is not signed by the domain although the tokens answer. In DNS all looks right; "
                  "the console of the other region does not "
                  "show the identity, or shows it without DKIM.",
    .remedy = "Set up Easy DKIM in the sending region too: three more CNAMEs, which stand beside "
              "the others; or make that identity a "
              "replica (Deterministic Easy DKIM), which uses the records of the first; or send "
              "from the region that is set up.",
    .reference = "AWS: Easy DKIM in Amazon SES; Using Deterministic Easy DKIM (DEED)",
};

/* ---- dkim-address-identity: Easy DKIM is published, yet the message is unsigned ------------ */

static dt_certainty
recognise_address_identity(dt_view *view, dt_finding *finding)
{
    const dt_ses_identity *file = identity_file(view);
    if (!dt_view_found(view, "dkim-only-amazonses") ||
        dt_view_found(view, "dkim-region-not-set-up"))
        return DT_ABSENT;
    if (file && file->signing_enabled == 0) {
        if (!file->is_address)
            return DT_ABSENT;
        dt_evidence_computed(finding, "--ses-identity",
                             "IdentityType EMAIL_ADDRESS, SigningEnabled false: %s",
                             sender_address(view));
        dt_bind(finding, "I", sender_address(view));
        dt_set_explanation(finding,
                           "SES shows {I} as an identity of its own, with DKIM signing off. The "
                           "most specific identity counts, so the "
                           "records published for the domain are not used for this address.");
        return DT_CERTAIN;
    }
    if (!do_tokens_answer(view))
        return DT_ABSENT;
    show_tokens(view, finding);
    return DT_POSSIBLE;
}

static void
mend_address_identity(dt_view *view, dt_finding *finding)
{
    const char *address = sender_address(view), *region = region_of(view);
    dt_bind(finding, "address", address);
    char *list = dt_aws_command("sesv2", "list-email-identities", "--region", region, NULL);
    char *get = dt_aws_command("sesv2", "get-email-identity", "--email-identity", address,
                               "--region", region, NULL);
    dt_fix_look(view, finding,
                "See which identities this account has in {R}: the address may be one of its own",
                list);
    dt_fix_set(
        view, finding, DT_WHERE_SES,
        "Where {address} is an identity of its own: switch its signing on, or delete that identity",
        dt_aws_command("sesv2", "put-email-identity-dkim-attributes", "--email-identity", address,
                       "--signing-enabled", "--region", region, NULL));
    dt_fix_resend(view, finding, "Send a new test message");
    if (finding->certainty == DT_CERTAIN) {
        g_free(get);
        return;
    }
    dt_check_command(finding, g_strdup(list));
    dt_check_command(finding, get);
    dt_check_command(finding, dt_aws_command("sesv2", "get-email-identity", "--email-identity",
                                             view->identity_domain, "--region", region, NULL));
    dt_check_command(finding, dt_aws_command("sts", "get-caller-identity", NULL));
}

static const dt_cause dkim_address_identity = {
    .code = "dkim-address-identity",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_address_identity,
    .mend = mend_address_identity,
    .title = "Easy DKIM is published for {D}, yet SES did not sign this message with it",
    .explanation = "The known tokens lead to keys, so DNS is right. What DNS cannot show: the "
                   "sender's address may be verified as an identity of its "
                   "own with signing off, signing may be switched off for the domain, or the "
                   "message left from another account.",
    .recognised = "All known Easy DKIM tokens lead to keys, and the message carries no signature "
                  "of the domain. That proves that it was not "
                  "signed, not why; `aws sesv2 get-email-identity` for the address and for the "
                  "domain, and `aws sts "
                  "get-caller-identity`, tell the reasons apart. With --ses-identity of the "
                  "address it is certain.",
    .remedy = "Switch signing on for the identity that is used, or delete the identity of the "
              "single address so that the domain's counts; check "
              "that the sending program uses the account and region where Easy DKIM is set up.",
    .reference = "AWS: Managing Easy DKIM and BYODKIM; Verified identities",
};

/* ---- dkim-other-domain: a signature passes, but for somebody else's domain ----------------- */

/* Aligned by the public suffix list though not by the tree walk: the fault is in a DMARC record,
 * not in the signature. */
static gboolean
is_aligned_by_list(const dt_view *view, const char *domain)
{
    return strcmp(dt_name_psl_org_domain(domain), dt_name_psl_org_domain(view->author)) == 0;
}

static dt_certainty
recognise_other_domain(dt_view *view, dt_finding *finding)
{
    if (view->is_freemail && view->is_ses)
        return DT_ABSENT;
    gboolean is_found = FALSE;
    if (dt_view_has_own_signature(view))
        return DT_ABSENT;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (signature->result != DT_DKIM_PASS || !signature->domain ||
            dt_view_is_amazon_signature(signature))
            continue;
        if (is_aligned_by_list(view, signature->domain))
            return DT_ABSENT;
        dt_evidence_signature(view, finding, i);
        if (!is_found)
            dt_bind(finding, "d", signature->domain);
        is_found = TRUE;
    }
    return is_found ? DT_CERTAIN : DT_ABSENT;
}

static void
mend_other_domain(dt_view *view, dt_finding *finding)
{
    if (view->is_ses) {
        dt_fix_easy_dkim(view, finding, view->author);
        dt_no_proof(view, finding, "the signature of {D} does not exist yet");
        g_free(finding->signing_domain);
        finding->signing_domain = g_strdup(view->author);
        return;
    }
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "At the service that sends: set up DKIM for {D}, so that it signs with d={D}", NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const char *const other_domain_explains[] = { "dkim-only-amazonses", NULL };

static const dt_cause dkim_other_domain = {
    .code = "dkim-other-domain",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_other_domain,
    .mend = mend_other_domain,
    .explains = other_domain_explains,
    .title = "The message is signed by {d}, not by {D}",
    .explanation = "The signature with d={d} verifies, but it does not align (belong to the same "
                   "organization) with the From domain {D}.",
    .recognised = "A signature verifies whose d= has another organizational domain than From, and "
                  "none has the From domain's. Receivers show "
                  "dkim=pass for that name, Gmail \"signed-by\" and \"via\" it. In SES: the "
                  "identity that was used is that of another domain.",
    .remedy = "Set up DKIM for the From domain itself, in SES as a domain identity with Easy DKIM, "
              "and send with that identity; or put an address of the "
              "signing domain into From.",
    .reference = "RFC 9989 section 5.1; RFC 6376 section 3.11",
};

/* ---- dkim-none: no signature field is left ------------------------------------------------- */

static dt_certainty
recognise_none(dt_view *view, dt_finding *finding)
{
    if (dt_view_signature_count(view) > 0 || dt_view_lost_signature(view))
        return DT_ABSENT;
    dt_evidence_computed(finding, "DKIM-Signature",
                         "no such field among the %u fields of the header",
                         dt_message_field_count(view->subject->message));
    if (!view->is_ses)
        dt_set_explanation(finding, "The message carries no DKIM-Signature field, so DKIM gives "
                                    "nothing that could align with {D}.");
    else if (view->subject->is_ses_unproven)
        dt_set_explanation(
            finding,
            "SES signs everything, at least as amazonses.com, and no DKIM-Signature field is "
            "here. Something on the way, such as a mailing list or a gateway, took the fields "
            "out, or the message never was with SES and its marks are made up: the receiver "
            "took it from {ip}, no address of SES.");
    return dt_message_was_cut(view->subject->message) ? DT_POSSIBLE : DT_CERTAIN;
}

static void
mend_none(dt_view *view, dt_finding *finding)
{
    if (view->is_ses) {
        dt_fix_set(view, finding, DT_WHERE_RECEIVER,
                   "At the list, gateway or program that took the message on: keep the "
                   "DKIM-Signature fields as they come",
                   NULL);
        return;
    }
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "At the service that sends: switch DKIM signing on, with d={D}", NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause dkim_none = {
    .code = "dkim-none",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_none,
    .mend = mend_none,
    .explains = other_domain_explains,
    .title = "The message carries no DKIM signature",
    .explanation = "SES signs everything, at least as amazonses.com. That no DKIM-Signature field "
                   "is left means that something on the way, "
                   "such as a mailing list, a gateway or an export, took the fields out.",
    .recognised = "The header holds no DKIM-Signature field. On SES mail that is never the "
                  "sender's doing. Receivers show dkim=none, or nothing "
                  "for dkim.",
    .remedy = "On SES mail: let the list or gateway keep the fields (or take the message before "
              "it). On other mail: have the sending "
              "service sign with the From domain.",
    .reference = "RFC 6376 section 3.5",
};

/* ---- dkim-align-strict: adkim=s wants the very name, and a parent or child signed ---------- */

static dt_certainty
recognise_align_strict(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_record *record = view->subject->dmarc->record;
    if (!record || !record->adkim_strict || dt_view_dkim_aligned(view))
        return DT_ABSENT;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (signature->result != DT_DKIM_PASS || !signature->domain ||
            strcmp(signature->domain, view->author) == 0 || !dt_view_is_own_signature(view, i))
            continue;
        dt_bind(finding, "d", signature->domain);
        dt_evidence_signature(view, finding, i);
        dt_evidence_policy(view, finding);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

/* The record without the tag. NULL if it cannot be taken out. */
static char *
without_tag(const char *text, const char *name)
{
    g_autoptr(dt_taglist) list = dt_taglist_parse(text, -1);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < list->tags->len; i++) {
        const dt_tag *tag = &g_array_index(list->tags, dt_tag, i);
        if (!dt_text_equal(tag->name, name))
            g_string_append_printf(out, "%s%s=%s", out->len ? "; " : "", tag->name, tag->value);
    }
    return g_string_free(out, FALSE);
}

static void
mend_align_strict(dt_view *view, dt_finding *finding)
{
    g_autofree char *value = without_tag(view->subject->dmarc->record->text, "adkim");
    dt_fix_dmarc_record(view, finding, view->policy_domain, value,
                        "Leave adkim out, so that alignment is relaxed: the same organization is "
                        "then enough (or keep it, and verify {D} as "
                        "an SES identity of its own with Easy DKIM)");
}

static const dt_cause dkim_align_strict = {
    .code = "dkim-align-strict",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_align_strict,
    .mend = mend_align_strict,
    .title = "adkim=s wants a signature by {D} itself, it is by {d}",
    .explanation = "The signature with d={d} verifies and belongs to the same organization, but "
                   "the DMARC record of {P} has adkim=s (strict "
                   "alignment), which accepts only d={D}. What stands in i= does not count.",
    .recognised = "The DMARC record that applies has adkim=s, and the signature that verifies is "
                  "by a parent or a child of the From "
                  "domain. Receivers show dkim=pass and dmarc=fail. In SES a subdomain without an "
                  "identity of its own is signed by the "
                  "parent's.",
    .remedy = "Publish the DMARC record without adkim (or with adkim=r), or verify the From domain "
              "as its own identity with Easy DKIM.",
    .reference = "RFC 9989 section 4.4.1 and section 4.7 (adkim)",
};

const dt_cause *const dt_causes_dkim_setup[] = {
    &dkim_freemail_from, &dkim_only_amazonses, &dkim_region_not_set_up, &dkim_address_identity,
    &dkim_other_domain,  &dkim_none,           &dkim_align_strict,      NULL,
};
