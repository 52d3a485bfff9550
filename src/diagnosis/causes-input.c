/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the file that was given: line ends, pasted pages, copies that were changed after the
 * receiver's check.
 */
#include "diagnosis/dkim-facts.h"

#include "base/text.h"

#include <string.h>

/* ---- copies that fail here and passed there ------------------------------------------------ */

/* Shows each signature whose failure has this excuse: what was recorded, and what comes out here.
 * How many there are. */
static guint
show_excused(dt_view *view, dt_finding *finding, dt_excuse excuse)
{
    guint count = 0;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (dt_excuse_of(view, i) != excuse)
            continue;
        if (count == 0) {
            dt_bind(finding, "d", signature->domain);
            dt_evidence_recorded(view, finding, "dkim", i);
        }
        dt_evidence_computed(finding, "DKIM", "d=%s: body hash %s, signature over the header %s",
                             signature->d, dt_check_word(signature->body_hash),
                             dt_check_word(signature->signature));
        if (count == 0)
            dt_evidence_damage(finding, signature);
        count++;
    }
    return count;
}

static gboolean
has_damage(const dt_view *view)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (signature->damage && signature->damage->len)
            return TRUE;
    }
    return FALSE;
}

/* ---- saved-lf: LF line ends only ----------------------------------------------------------- */

static dt_certainty
recognise_saved_lf(dt_view *view, dt_finding *finding)
{
    if (dt_message_line_endings(view->subject->message) != DT_EOL_LF)
        return DT_ABSENT;
    dt_evidence_computed(finding, "line ends", "every line ends in LF alone");
    return DT_CERTAIN;
}

static const dt_cause saved_lf = {
    .code = "saved-lf",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_saved_lf,
    .title = "The file has LF line ends",
    .explanation = "Mail travels with CR LF at each line's end. Each LF was read as that for "
                   "verifying, so the result is valid.",
    .recognised = "No line of the file ends in CR LF. Maildirs, mboxes and many programs store "
                  "messages like this.",
    .remedy = "None is needed; \"Download original\" of the web mail keeps CR LF.",
    .reference = "RFC 5321 section 2.3.8; RFC 6376 section 5.3",
};

/* ---- saved-mixed-eol: line ends of several kinds ------------------------------------------- */

static gboolean
has_failing_signature(const dt_view *view)
{
    for (guint i = 0; i < dt_judged_count(view); i++)
        if (dt_view_signature(view, i)->result == DT_DKIM_FAIL)
            return TRUE;
    return FALSE;
}

static dt_certainty
recognise_saved_mixed_eol(dt_view *view, dt_finding *finding)
{
    if (!dt_copy_is_mixed(view))
        return DT_ABSENT;
    gboolean is_failing = has_failing_signature(view);
    dt_evidence_computed(finding, "line ends",
                         dt_message_has_crcrlf(view->subject->message)
                             ? "lines end in CR CR LF"
                             : "some lines end in CR LF, others in LF");
    show_excused(view, finding, DT_EXCUSE_MIXED_EOL);
    if (is_failing) {
        dt_set_weight(finding, DT_WEIGHT_RISK);
        dt_set_explanation(finding, "The file mixes line ends. Each was read as one CR LF; a "
                                    "signature that fails even so says nothing about the "
                                    "sender, since the copy is not what was received.");
    }
    return DT_CERTAIN;
}

static void
mend_export_again(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_FILE,
               "Export the message again, as the original in .eml form, and analyse that file",
               NULL);
    if (finding->severity == DT_SEVERITY_NOTE)
        dt_fix_optional(finding);
}

static const char *const mixed_eol_explains[] = { "saved-changed", "dkim-body-changed", NULL };

static const dt_cause saved_mixed_eol = {
    .code = "saved-mixed-eol",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_saved_mixed_eol,
    .mend = mend_export_again,
    .explains = mixed_eol_explains,
    .title = "The file mixes line ends",
    .explanation = "The file holds line ends of several kinds, or CR CR LF as a text-mode copy on "
                   "Windows leaves. Each was read as one CR LF; "
                   "read like that the signatures verify or were not tested.",
    .recognised = "CR LF and LF in one file, or CR CR LF. Copying through text-mode tools or "
                  "version control does that.",
    .remedy = "Export the message again in binary form.",
    .reference = "RFC 5321 section 2.3.8; RFC 6376 section 5.3",
};

/* ---- saved-show-original-paste: copied out of a web page ----------------------------------- */

static dt_certainty
recognise_paste(dt_view *view, dt_finding *finding)
{
    if (!dt_copy_is_pasted(view))
        return DT_ABSENT;
    const dt_message *message = view->subject->message;
    dt_evidence_computed(finding, "file", "%s",
                         dt_message_has_leading_blank(message)
                             ? "blank lines or text stand before the first header field"
                             : "the header announces MIME parts, and the body holds none");
    dt_evidence_computed(finding, "DKIM", "the body hash does not fit");
    show_excused(view, finding, DT_EXCUSE_PASTE);
    return DT_CERTAIN;
}

static void
mend_paste(dt_view *view, dt_finding *finding)
{
    dt_fix_set(
        view, finding, DT_WHERE_FILE,
        "Use \"Download original\" (.eml) instead of copying the page, and analyse that file",
        NULL);
}

static const char *const copy_explains[] = { "saved-changed", "dkim-body-changed", NULL };

static const dt_cause saved_show_original_paste = {
    .code = "saved-show-original-paste",
    .weight = DT_WEIGHT_RISK,
    .group = DT_GROUP_COPY,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_paste,
    .mend = mend_paste,
    .explains = copy_explains,
    .title = "The text was copied from a web page and is not the whole message",
    .explanation = "This looks like text pasted from a \"Show original\" page: the header can be "
                   "used, the body is not what was received, so no "
                   "body hash can be judged.",
    .recognised =
        "Blank lines or a summary table stand before the header, or the MIME parts that the header "
        "announces are missing, and the body hash "
        "does not fit. Pasting loses blanks at line ends, which SES's signatures (c=simple) cover.",
    .remedy = "Download the message as a file; in Gmail: Show original, Download original.",
    .reference = "RFC 6376 section 3.4.3",
};

/* ---- saved-outlook: Exchange rewrote the body after the check ------------------------------ */

static dt_certainty
recognise_saved_outlook(dt_view *view, dt_finding *finding)
{
    return show_excused(view, finding, DT_EXCUSE_OUTLOOK) ? DT_CERTAIN : DT_ABSENT;
}

static void
mend_other_mailbox(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_FILE,
               "Nothing is to be mended at the sender; to test, save the message before that step "
               "or send it to a mailbox at another provider",
               NULL);
    dt_fix_optional(finding);
}

static const char *const instead_of_changed[] = { "saved-changed", NULL };

static const dt_cause saved_outlook = {
    .code = "saved-outlook",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_COPY,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_saved_outlook,
    .mend = mend_other_mailbox,
    .explains = instead_of_changed,
    .title = "Exchange rewrote the body after checking it",
    .explanation = "The receiver recorded dkim=pass for {d}. In this file the body hash differs: "
                   "Exchange and Outlook store bodies in a form of their "
                   "own, so a saved copy is not what was signed.",
    .recognised = "X-MS-Exchange-* fields, a recorded dkim=pass, and a body hash that differs "
                  "here. Saving from Outlook or Outlook on the web gives "
                  "such files.",
    .remedy = "None for the sender. Use another mailbox for the test.",
    .reference = "RFC 6376 section 3.7",
};

/* ---- saved-redacted: somebody masked names before sharing the file ------------------------- */

static dt_certainty
recognise_saved_redacted(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        gboolean is_failing = signature->signature == DT_CHECK_MISMATCH &&
                              signature->body_hash != DT_CHECK_MISMATCH &&
                              signature->result == DT_DKIM_FAIL && dt_view_witness(view, i) < 0;
        const dt_field *masked =
            is_failing && !dt_copy_is_mixed(view) ? dt_masked_field(view, i) : NULL;
        if (!masked)
            continue;
        dt_bind(finding, "d", signature->domain);
        g_autofree char *name = g_strndup(masked->raw, masked->name_length);
        dt_bind(finding, "field", name);
        dt_evidence_field(finding, masked, NULL);
        if (show_excused(view, finding, DT_EXCUSE_REDACTED) == 0)
            dt_evidence_computed(
                finding, "DKIM", "d=%s: body hash %s, signature over the header %s", signature->d,
                dt_check_word(signature->body_hash), dt_check_word(signature->signature));
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_redacted(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_FILE,
               "Analyse the original message, before anything is masked", NULL);
}

static const char *const redacted_explains[] = { "saved-changed", "dkim-header-changed", NULL };

static const dt_cause saved_redacted = {
    .code = "saved-redacted",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_COPY,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_saved_redacted,
    .mend = mend_redacted,
    .explains = redacted_explains,
    .title = "A signed field was masked in this copy",
    .explanation = "{field} is masked here, and the signature of {d} covers that field, so it "
                   "cannot verify in this file. That says nothing about the "
                   "sender.",
    .recognised = "The body hash fits, the signature over the header does not, and a field that it "
                  "covers holds xxx, [removed], REDACTED or the like.",
    .remedy = "Use the original.",
    .reference = "RFC 6376 section 3.7",
};

/* ---- saved-changed: changed between the receiver's check and this file --------------------- */

/* The receiver saw a signature that this copy has not. */
static gboolean
show_lost_signature(dt_view *view, dt_finding *finding)
{
    const dt_agreement *lost = dt_view_lost_signature(view);
    if (!lost)
        return FALSE;
    dt_bind(finding, "d", lost->domain);
    dt_evidence_field(finding, lost->field->field, "dkim=pass");
    dt_evidence_computed(finding, "DKIM-Signature", "no such field with d=%s in this file",
                         lost->domain);
    dt_set_explanation(
        finding,
        "The receiver recorded dkim=pass for {d}; this file carries no signature of {d} any more. "
        "Something after the check took the field out: a gateway, a mail program, or saving. The "
        "sender did nothing wrong.");
    return TRUE;
}

static dt_certainty
recognise_saved_changed(dt_view *view, dt_finding *finding)
{
    if (show_lost_signature(view, finding))
        return DT_CERTAIN;
    guint changed = show_excused(view, finding, DT_EXCUSE_CHANGED);
    guint either = show_excused(view, finding, DT_EXCUSE_EITHER);
    if (changed == 0)
        return either ? DT_POSSIBLE : DT_ABSENT;
    if (dt_message_body_size(view->subject->message) == 0 && dt_has_body_mismatch(view))
        dt_set_explanation(
            finding,
            "The receiver recorded dkim=pass for {d}. The body in this file is empty, and the "
            "signed one was not: only the header was saved or copied. Judge the whole message.");
    return changed > 1 || dt_has_body_mismatch(view) || has_damage(view) ? DT_CERTAIN : DT_POSSIBLE;
}

static const dt_cause saved_changed = {
    .code = "saved-changed",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_COPY,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_saved_changed,
    .mend = mend_other_mailbox,
    .title = "The message was changed after the receiver checked it",
    .explanation = "The receiver recorded dkim=pass for {d}; in this file the same signature no "
                   "longer fits. Something after the check changed the "
                   "message: a mailbox rule, a tag or disclaimer, a virus scanner, a mail program, "
                   "or saving. The sender did nothing wrong.",
    .recognised = "A believed result recorded dkim=pass for this d= (and s=), the key is there, "
                  "and here the body hash or every signature over the header "
                  "fails. Believed are results that the receiver's own system wrote, not those "
                  "that came with the message.",
    .remedy =
        "None for the sender. Save the message before that step, or test with another mailbox.",
    .reference = "RFC 6376 section 3.7; RFC 8601 section 1.6",
};

/* ---- headers-only: the file ends with the header ------------------------------------------- */

static dt_certainty
recognise_headers_only(dt_view *view, dt_finding *finding)
{
    if (dt_message_has_body(view->subject->message) || dt_message_was_cut(view->subject->message))
        return DT_ABSENT;
    dt_evidence_computed(finding, "file", "the header is not followed by a blank line and a body");
    return DT_CERTAIN;
}

static void
mend_headers_only(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_FILE,
               "Give the whole message (.eml) for a check of the body hash", NULL);
    dt_fix_optional(finding);
}

static const dt_cause headers_only = {
    .code = "headers-only",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_headers_only,
    .mend = mend_headers_only,
    .title = "Only the header was given",
    .explanation = "Without the body no body hash can be tested, so no signature can pass here. "
                   "SPF, the signature over the header and alignment "
                   "are judged as usual.",
    .recognised = "The input ends with the header: no blank line, no body. A message whose body is "
                  "empty is something else.",
    .remedy = "Supply the whole message.",
    .reference = "RFC 6376 section 3.7",
};

const dt_cause *const dt_causes_input[] = {
    &saved_lf,      &saved_mixed_eol, &saved_outlook, &saved_redacted, &saved_show_original_paste,
    &saved_changed, &headers_only,    NULL,
};
