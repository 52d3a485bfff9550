/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the MAIL FROM domain as a setting of SES. Why does the envelope carry Amazon's name? What
 * SES checks is one MX (Amazon SES developer guide, custom MAIL FROM domain), so that is looked at
 * here; the SPF record at that name is the matter of causes-spf*.c.
 */
#include "diagnosis/edit.h"

#include "base/text.h"

#include <string.h>

/* What the MX of M is to SES. */
typedef enum {
    MX_UNKNOWN = 0, /* DNS failed */
    MX_NONE,
    MX_SES,
    MX_OTHER,
    MX_SEVERAL,
} mx_state;

static mx_state
look_at_mx(dt_view *view, const char *name)
{
    const dt_answer *answer = dt_view_ask(view, name, DT_RR_MX);
    if (dt_answer_is_failure(answer))
        return MX_UNKNOWN;
    if (answer->record_count == 0)
        return MX_NONE;
    if (answer->record_count > 1)
        return MX_SEVERAL;
    g_autofree char *region = dt_region_of_feedback_host(answer->records[0].target);
    return region ? MX_SES : MX_OTHER;
}

/* The message carries Amazon's own envelope domain and SES itself delivered it. */
static gboolean
is_default_envelope(const dt_view *view)
{
    return view->subject->message && view->is_ses && view->author && view->is_envelope_amazon &&
           !view->is_forwarded && !view->is_freemail;
}

/* M is known, and (in a message) SES did not use it. */
static gboolean
has_fallen_back(dt_view *view, mx_state wanted)
{
    if (!view->mail_from || (view->subject->message && !is_default_envelope(view)))
        return FALSE;
    return look_at_mx(view, view->mail_from) == wanted;
}

static void
show_fallback(dt_view *view, dt_finding *finding)
{
    static const char *const sources[] = {
        [DT_MAIL_FROM_UNKNOWN] = "known",
        [DT_MAIL_FROM_OPTION] = "named by --ses-mail-from",
        [DT_MAIL_FROM_IDENTITY] = "named by --ses-identity",
        [DT_MAIL_FROM_PROBE] = "found by --probe",
    };
    if (view->subject->message)
        dt_evidence_envelope(view, finding);
    dt_evidence_computed(finding, "MAIL FROM", "%s is the custom MAIL FROM domain %s",
                         view->mail_from, sources[view->mail_from_source]);
    dt_evidence_answer(finding, dt_view_ask(view, view->mail_from, DT_RR_MX), NULL);
}

static const char *
identity_status(const dt_view *view)
{
    const dt_ses_identity *file = view->subject->context->identity;
    return file ? file->mail_from_status : NULL;
}

static void
say_restart(dt_view *view, dt_finding *finding)
{
    if (dt_text_equal(identity_status(view), "FAILED"))
        dt_fix_set(view, finding, DT_WHERE_SES,
                   "MailFromDomainStatus is FAILED: SES has given up looking, and the setting has "
                   "to be made once more",
                   NULL);
}

/* Does M receive mail of its own by this host? Where DNS does not say, it is taken for granted: no
 * step may stop mail. */
static gboolean
is_mail_server(dt_view *view, const char *target)
{
    g_autofree char *region = target ? dt_region_of_feedback_host(target) : NULL;
    if (!target || !target[0] || region)
        return FALSE;
    return !dt_answer_is_absent(dt_view_ask(view, target, DT_RR_A)) ||
           !dt_answer_is_absent(dt_view_ask(view, target, DT_RR_AAAA));
}

static gboolean
receives_mail(dt_view *view)
{
    const dt_answer *answer = dt_view_ask(view, view->mail_from, DT_RR_MX);
    for (guint i = 0; i < answer->record_count; i++)
        if (is_mail_server(view, answer->records[i].target))
            return TRUE;
    return FALSE;
}

static char *
mx_value(const dt_record *record)
{
    return g_strdup_printf("%u %s", record->preference, record->target[0] ? record->target : ".");
}

/* The MX that SES wants in the place of all that are there. */
static void
replace_mx(dt_view *view, dt_finding *finding)
{
    const dt_answer *answer = dt_view_ask(view, view->mail_from, DT_RR_MX);
    g_autofree char *wanted = g_strdup_printf("10 feedback-smtp.%s.amazonses.com",
                                              view->region ? view->region : "REGION");
    gboolean is_there = FALSE, is_replaced = FALSE;
    for (guint i = 0; i < answer->record_count; i++) {
        g_autofree char *value = mx_value(&answer->records[i]);
        is_there = is_there || strcmp(value, wanted) == 0;
    }
    for (guint i = 0; i < answer->record_count; i++) {
        g_autofree char *value = mx_value(&answer->records[i]);
        if (strcmp(value, wanted) == 0)
            continue;
        if (is_there || is_replaced || !view->region) {
            dt_fix_remove(view, finding, view->mail_from, "MX", value,
                          "SES wants exactly one MX at {M}");
            continue;
        }
        dt_fix_replace(view, finding, view->mail_from, "MX", value, wanted,
                       "The one MX that SES wants at {M}");
        is_replaced = TRUE;
    }
    if (!view->region)
        dt_fix_publish_open(
            view, finding, view->mail_from, "MX", wanted,
            "The one MX that SES wants at {M}; REGION is the SES region you send from");
}

/* An SPF record that is there and does not let SES pass is mended before SES uses the name. */
static void
mend_spf(dt_view *view, dt_finding *finding, const char *mail_from)
{
    g_auto(dt_spf_subject) subject = { 0 };
    if (!mail_from || dt_view_spf_records(view, mail_from, NULL) == 0)
        return;
    dt_spf_subject_for_ses(view, mail_from, &subject);
    if (subject.spf->result == DT_SPF_PASS || subject.spf->result == DT_SPF_TEMPERROR)
        return;
    g_autofree char *value = dt_spf_subject_mend(view, &subject, FALSE);
    if (value)
        dt_fix_spf_record(
            view, finding, mail_from, value,
            "The SPF record there does not let the servers of SES pass; this one does");
}

/* Where M receives mail of its own it is left alone and a fresh name is set up. */
static void
mend_mx(dt_view *view, dt_finding *finding)
{
    if (receives_mail(view)) {
        g_autofree char *fresh = dt_view_fresh_mail_from(view);
        dt_fix_mail_from(view, finding, fresh);
        return;
    }
    replace_mx(view, finding);
    if (dt_view_spf_records(view, view->mail_from, NULL) == 0)
        dt_fix_publish(view, finding, view->mail_from, "TXT", DT_SES_SPF,
                       "SPF for the envelope domain: the servers of SES may use it");
    mend_spf(view, finding, view->mail_from);
    say_restart(view, finding);
    dt_fix_mail_from_setting(view, finding, view->mail_from);
}

/* ---- ses-mailfrom-default: no custom MAIL FROM domain, so SPF speaks for Amazon ------------ */

static const char no_pass_text[] = "The envelope sender (MAIL FROM, where bounces go) is Amazon's "
                                   "own domain {E}. Whatever SPF says of it speaks for Amazon and "
                                   "never for {D}, so DMARC has to rest on DKIM alone.";

/* Where the envelope was given as an option, the message itself shows only what it has to align
 * with. */
static void
show_from(const dt_view *view, dt_finding *finding)
{
    const dt_field *from = dt_message_find(view->subject->message, "From", 0);
    if (from)
        dt_evidence_field(finding, from, view->author);
}

static dt_certainty
recognise_default(dt_view *view, dt_finding *finding)
{
    mx_state state = view->mail_from ? look_at_mx(view, view->mail_from) : MX_UNKNOWN;
    if (!is_default_envelope(view) || state == MX_NONE || state == MX_OTHER || state == MX_SEVERAL)
        return DT_ABSENT;
    if (view->subject->spf->result != DT_SPF_PASS)
        dt_set_explanation(finding, no_pass_text);
    dt_evidence_envelope(view, finding);
    if (view->subject->inputs->mail_from_source == DT_INPUT_OPTION)
        show_from(view, finding);
    dt_evidence_computed(finding, "alignment", "%s belongs to amazonses.com, %s to %s",
                         view->envelope, view->author, view->org);
    return DT_CERTAIN;
}

static void
mend_default(dt_view *view, dt_finding *finding)
{
    g_autofree char *mail_from = dt_view_mail_from_for_fix(view);
    mend_spf(view, finding, mail_from);
    dt_fix_mail_from(view, finding, mail_from);
}

static const dt_cause cause_default = {
    .code = "ses-mailfrom-default",
    .weight = DT_WEIGHT_BLOCKS_WITHOUT_DKIM,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR | DT_NEEDS_SPF,
    .recognise = recognise_default,
    .mend = mend_default,
    .title = "The envelope sender is Amazon's own domain",
    .explanation = "SPF passes, but for {E}: the envelope sender (MAIL FROM, where bounces go) is "
                   "Amazon's own domain, because no "
                   "custom MAIL FROM domain was in use. That name does not belong to {D}, so the "
                   "SPF pass does not count for DMARC, "
                   "which rests on DKIM alone.",
    .recognised = "Return-Path, smtp.mailfrom and Gmail's mailed-by show amazonses.com or "
                  "REGION.amazonses.com. SPF is pass, and that "
                  "misleads: it is a pass for Amazon's name, so it is not aligned with the From "
                  "domain. This is how SES sends until a "
                  "custom MAIL FROM domain is set up; include:amazonses.com at the root of your "
                  "domain changes nothing about it.",
    .remedy = "Choose a subdomain that is used for nothing else, publish its MX (10 "
              "feedback-smtp.REGION.amazonses.com) and its SPF "
              "record, then name it in SES as the custom MAIL FROM domain of the identity and wait "
              "for SUCCESS. With an aligned DKIM "
              "signature this is not urgent: the message passes by DKIM.",
    .reference =
        "RFC 9989 section 4.4; Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- ses-mailfrom-fallback: M is configured, its MX is not there --------------------------- */

static const char fallback_domain_text[] =
    "{M} is set up as the custom MAIL FROM domain and has no MX record. SES uses the name only "
    "while it sees its own MX there, so "
    "mail leaves with Amazon's envelope domain and SPF is not aligned.";

static dt_certainty
recognise_fallback(dt_view *view, dt_finding *finding)
{
    if (!has_fallen_back(view, MX_NONE))
        return DT_ABSENT;
    if (!view->subject->message)
        dt_set_explanation(finding, fallback_domain_text);
    show_fallback(view, finding);
    return DT_CERTAIN;
}

static void
mend_fallback(dt_view *view, dt_finding *finding)
{
    mend_spf(view, finding, view->mail_from);
    say_restart(view, finding);
    dt_fix_mail_from(view, finding, view->mail_from);
}

static const char *const instead_of_default[] = { "ses-mailfrom-default", NULL };

static const dt_cause cause_fallback = {
    .code = "ses-mailfrom-fallback",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_fallback,
    .mend = mend_fallback,
    .explains = instead_of_default,
    .title = "The MX of the custom MAIL FROM domain is missing, so SES fell back",
    .explanation = "{M} is set up as the custom MAIL FROM domain, but it has no MX record. SES "
                   "could not verify it and sent with its "
                   "own envelope domain instead ({E}), so SPF passes for Amazon and not for {D}.",
    .recognised = "You have set up a custom MAIL FROM domain, yet Return-Path and Gmail's "
                  "mailed-by show amazonses.com. `dig MX` of your "
                  "MAIL FROM domain has no answer. SES re-checks this one MX all the time and, by "
                  "default, silently falls back to its "
                  "own envelope while it is missing; `aws sesv2 get-email-identity` then shows "
                  "PENDING, FAILED or TEMPORARY_FAILURE.",
    .remedy =
        "Publish the MX 10 feedback-smtp.REGION.amazonses.com at the MAIL FROM domain, and its SPF "
        "record if that is missing too. "
        "If SES shows FAILED (after 72 hours), make the setting again; then wait for SUCCESS.",
    .reference = "Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- ses-mailfrom-mx-multiple: SES wants exactly one MX ------------------------------------ */

static dt_certainty
recognise_mx_multiple(dt_view *view, dt_finding *finding)
{
    if (!has_fallen_back(view, MX_SEVERAL))
        return DT_ABSENT;
    dt_bindf(finding, "count", "%u", dt_view_ask(view, view->mail_from, DT_RR_MX)->record_count);
    show_fallback(view, finding);
    return DT_CERTAIN;
}

static const char *const mx_explains[] = { "ses-mailfrom-default", "ses-mailfrom-fallback", NULL };

static const dt_cause cause_mx_multiple = {
    .code = "ses-mailfrom-mx-multiple",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_mx_multiple,
    .mend = mend_mx,
    .explains = mx_explains,
    .title = "The custom MAIL FROM domain has more than one MX",
    .explanation = "{M} is set up as the custom MAIL FROM domain and has {count} MX records. SES "
                   "wants exactly one, its own; with more "
                   "the set-up fails, and SES sends with Amazon's envelope domain, for which SPF "
                   "is not aligned with {D}.",
    .recognised = "Return-Path and Gmail's mailed-by show amazonses.com although a custom MAIL "
                  "FROM domain is set up, and `dig MX` of that "
                  "domain shows two or more records. It happens when the name already received "
                  "mail, or when the MX of two SES regions "
                  "were published. One region's MX serves all regions.",
    .remedy = "Leave only 10 feedback-smtp.REGION.amazonses.com at the name. If the name receives "
              "mail of its own, leave it alone and set "
              "up a fresh subdomain as MAIL FROM domain instead.",
    .reference = "Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- ses-mailfrom-mx-nonses: the one MX is not that of SES --------------------------------- */

static dt_certainty
recognise_mx_nonses(dt_view *view, dt_finding *finding)
{
    if (!has_fallen_back(view, MX_OTHER))
        return DT_ABSENT;
    const char *target = dt_view_ask(view, view->mail_from, DT_RR_MX)->records[0].target;
    dt_bind(finding, "target", target[0] ? target : "nothing (a null MX)");
    show_fallback(view, finding);
    return DT_CERTAIN;
}

static const dt_cause cause_mx_nonses = {
    .code = "ses-mailfrom-mx-nonses",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_SES | DT_NEEDS_AUTHOR,
    .recognise = recognise_mx_nonses,
    .mend = mend_mx,
    .explains = mx_explains,
    .title = "The MX of the custom MAIL FROM domain is not that of SES",
    .explanation =
        "{M} is set up as the custom MAIL FROM domain, but its MX leads to {target} and not to "
        "feedback-smtp.REGION.amazonses.com. SES cannot verify it and sends with Amazon's envelope "
        "domain, for which SPF is not "
        "aligned with {D}.",
    .recognised = "Return-Path and Gmail's mailed-by show amazonses.com although a custom MAIL "
                  "FROM domain is set up, and `dig MX` of that "
                  "domain names another host: a mailbox provider, an own mail server, or a "
                  "misspelt SES host. Bounces go to the envelope "
                  "domain, so SES insists on receiving for it.",
    .remedy = "If nobody needs mail at that name, replace its MX by 10 "
              "feedback-smtp.REGION.amazonses.com. If it receives mail, set up a "
              "fresh subdomain as MAIL FROM domain and leave this one alone.",
    .reference = "Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- ses-mailfrom-mx-otherregion: one MX may serve several regions ------------------------- */

static void
show_region(const dt_view *view, dt_finding *finding, const char *region)
{
    const GPtrArray *markers = view->subject->ses->markers;
    for (guint i = 0; i < markers->len; i++) {
        const dt_ses_marker *marker = markers->pdata[i];
        if (!strstr(marker->value, region))
            continue;
        g_autofree char *text = g_strdup_printf("%s: %s", marker->header, marker->value);
        dt_evidence_header(finding, marker->line, text, region);
        return;
    }
}

static dt_certainty
recognise_other_region(dt_view *view, dt_finding *finding)
{
    const char *region = view->subject->ses->region;
    if (!region || !view->envelope || view->is_envelope_amazon || view->is_forwarded)
        return DT_ABSENT;
    const dt_answer *answer = dt_view_ask(view, view->envelope, DT_RR_MX);
    g_autofree char *other =
        answer->record_count == 1 ? dt_region_of_feedback_host(answer->records[0].target) : NULL;
    if (!other || strcmp(other, region) == 0)
        return DT_ABSENT;
    dt_bind(finding, "sent_from", region);
    dt_bind(finding, "mx_region", other);
    show_region(view, finding, region);
    dt_evidence_answer(finding, answer, other);
    return DT_CERTAIN;
}

static const dt_cause cause_mx_other_region = {
    .code = "ses-mailfrom-mx-otherregion",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES,
    .recognise = recognise_other_region,
    .title = "The MAIL FROM MX names another SES region, which is fine",
    .explanation = "The message was sent from {sent_from}, while the MX of {E} names {mx_region}. "
                   "One MAIL FROM domain may serve several "
                   "regions with the MX of any one of them; SES passes the bounces on.",
    .recognised = "The region in Message-ID or Feedback-ID differs from the one in the MX of the "
                  "MAIL FROM domain "
                  "(feedback-smtp.REGION.amazonses.com). That is how it has to be where one name "
                  "is used in two regions, since SES allows "
                  "only one MX.",
    .remedy = "Nothing to do.",
    .reference = "Amazon SES developer guide, Using a custom MAIL FROM domain",
};

/* ---- ses-mailfrom-pending-then: the records are right today, the default envelope was used then
 */

static const char pending_status_text[] =
    "The MX of {M} is right today, but SES says that MailFromDomainStatus is {status}: until it is "
    "SUCCESS, SES uses its own envelope "
    "domain.";

static const char pending_address_text[] =
    "The MX of {M} is right today, but SES says that {I} is an identity of its own, for this one "
    "address, without a MAIL FROM domain. The "
    "most specific identity counts, so the setting of the domain is not used for it.";

static char *
get_identity(const dt_view *view, const char *identity)
{
    return dt_aws_command("sesv2", "get-email-identity", "--email-identity", identity, "--region",
                          view->region ? view->region : "REGION", NULL);
}

static const char *
sender_address(const dt_view *view)
{
    const dt_author *author = dt_message_author(view->subject->message);
    return author->mailboxes->len > 0 ? ((const dt_mailbox *)author->mailboxes->pdata[0])->address
                                      : NULL;
}

/* The identity that is set up for the domain, whatever address the file is about. */
static const char *
domain_identity(const dt_view *view)
{
    return view->identity && !strchr(view->identity, '@') ? view->identity : view->identity_domain;
}

static char *
list_identities(const dt_view *view)
{
    return dt_aws_command("sesv2", "list-email-identities", "--region",
                          view->region ? view->region : "REGION", NULL);
}

/* What --ses-identity shows for certain. */
static gboolean
is_shown_by_identity(dt_view *view, dt_finding *finding)
{
    const dt_ses_identity *file = view->subject->context->identity;
    if (!file)
        return FALSE;
    if (file->mail_from_status && !dt_text_equal(file->mail_from_status, "SUCCESS")) {
        dt_bind(finding, "status", file->mail_from_status);
        dt_set_explanation(finding, pending_status_text);
        dt_evidence_computed(finding, "--ses-identity", "MailFromDomainStatus is %s",
                             file->mail_from_status);
        return TRUE;
    }
    if (!file->is_address || file->mail_from_domain)
        return FALSE;
    dt_set_explanation(finding, pending_address_text);
    dt_evidence_computed(finding, "--ses-identity",
                         "IdentityType is EMAIL_ADDRESS, and no MailFromDomain is set for it");
    return TRUE;
}

static void
add_pending_checks(const dt_view *view, dt_finding *finding)
{
    const char *address = sender_address(view);
    dt_check_command(finding, get_identity(view, domain_identity(view)));
    if (address)
        dt_check_command(finding, get_identity(view, address));
    dt_check_command(finding, g_strdup("aws sts get-caller-identity"));
    dt_check_command(finding, list_identities(view));
}

static dt_certainty
recognise_pending(dt_view *view, dt_finding *finding)
{
    if (!has_fallen_back(view, MX_SES))
        return DT_ABSENT;
    show_fallback(view, finding);
    if (is_shown_by_identity(view, finding))
        return DT_CERTAIN;
    add_pending_checks(view, finding);
    return DT_POSSIBLE;
}

static void
mend_pending(dt_view *view, dt_finding *finding)
{
    const char *address = sender_address(view);
    if (finding->certainty == DT_POSSIBLE) {
        dt_fix_look(view, finding,
                    "Is MailFromDomain {M} set for {I} in {R}, with MailFromDomainStatus SUCCESS?",
                    get_identity(view, domain_identity(view)));
        if (address)
            dt_fix_look(view, finding,
                        "Is the sender's address an identity of its own, without a MailFromDomain?",
                        get_identity(view, address));
        dt_fix_look(view, finding, "Is this the account that sent the message?",
                    g_strdup("aws sts get-caller-identity"));
        dt_fix_look(view, finding, "Which identities has this account in {R}?",
                    list_identities(view));
    }
    say_restart(view, finding);
    dt_fix_mail_from_setting(view, finding, view->mail_from);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause cause_pending = {
    .code = "ses-mailfrom-pending-then",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_SES | DT_NEEDS_AUTHOR | DT_NEEDS_SPF,
    .recognise = recognise_pending,
    .mend = mend_pending,
    .title = "The MAIL FROM domain is right today, yet this message did not use it",
    .explanation = "{M} has the one MX that SES wants, but this message left with {E}. Four "
                   "reasons fit: SES has not verified the name (or "
                   "had lost it then); the sender's address is an identity of its own without a "
                   "MAIL FROM domain; {M} is set for another "
                   "region than {R}; or another account sent the message.",
    .recognised = "The MX of the custom MAIL FROM domain is the one of SES, and still Return-Path "
                  "and Gmail's mailed-by show amazonses.com. "
                  "DNS cannot tell why: the status is a matter of SES, the setting is per "
                  "identity, region and account, and an identity for "
                  "a single address takes precedence over that of its domain.",
    .remedy = "Ask SES in this order: get-email-identity of the domain, of the sender's address, "
              "in the region that the message came from, "
              "and with the account that sent it. Set the MAIL FROM domain where it is missing, "
              "wait for SUCCESS, send a new test.",
    .reference = "Amazon SES developer guide, Using a custom MAIL FROM domain (setup states)",
};

const dt_cause *const dt_causes_mailfrom[] = {
    &cause_default,
    &cause_fallback,
    &cause_mx_multiple,
    &cause_mx_nonses,
    &cause_mx_other_region,
    &cause_pending,
    NULL,
};
