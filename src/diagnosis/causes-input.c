/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the file that was given (line ends, pasted pages, copies that were changed after the
 * receiver's check) and a From that gives no author domain or not the one that a reader sees (RFC
 * 5322 3.6.2, RFC 9989 5.3.1).
 */
#include "diagnosis/dkim-facts.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define MAX_SHOWN 5

/* ---- copies that fail here and passed there ------------------------------------------------- */

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

/* ---- saved-lf: LF line ends only ------------------------------------------------------------ */

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

/* ---- saved-mixed-eol: line ends of several kinds -------------------------------------------- */

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

/* ---- saved-show-original-paste: copied out of a web page ------------------------------------ */

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

/* ---- saved-outlook: Exchange rewrote the body after the check ------------------------------- */

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

/* ---- saved-redacted: somebody masked names before sharing the file -------------------------- */

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

/* ---- saved-changed: changed between the receiver's check and this file ---------------------- */

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

/* ---- headers-only: the file ends with the header -------------------------------------------- */

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

/* ---- multi-from: From addresses of several domains ------------------------------------------ */

static void
show_from(dt_view *view, dt_finding *finding, const char *mark)
{
    const dt_message *message = view->subject->message;
    guint shown = 0;
    for (const dt_field *field = dt_message_find(message, "From", 0); field && shown++ < MAX_SHOWN;
         field = dt_message_find(message, "From", field->index + 1))
        dt_evidence_field(finding, field, mark);
}

static char *
join_domains(const GPtrArray *domains)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < MIN(domains->len, 5); i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", (const char *)domains->pdata[i]);
    if (domains->len > 5)
        g_string_append(out, " and more");
    return g_string_free(out, FALSE);
}

static dt_certainty
recognise_multi_from(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (author->is_ambiguous || author->domains->len < 2)
        return DT_ABSENT;
    g_autofree char *domains = join_domains(author->domains);
    dt_bind(finding, "domains", domains);
    show_from(view, finding, NULL);
    dt_evidence_rule(finding, "RFC 9989 section 5.3.1",
                     "a message with several author domains cannot be evaluated");
    return DT_CERTAIN;
}

static void
mend_from(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Send with one From field that holds one address, the display name in double quotes",
               NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause multi_from = {
    .code = "multi-from",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_multi_from,
    .mend = mend_from,
    .title = "From names several domains",
    .explanation = "From holds addresses of several domains ({domains}). DMARC then has no one "
                   "domain to judge, and many receivers refuse such mail.",
    .recognised = "Several From fields, or several addresses in one, with more than one distinct "
                  "domain. Several addresses of one domain are no fault.",
    .remedy = "One From with one address; further persons go into Cc or Reply-To.",
    .reference = "RFC 9989 section 5.3.1; RFC 5322 section 3.6.2",
};

/* ---- from-no-domain: From without an address ------------------------------------------------ */

static dt_certainty
recognise_from_no_domain(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (author->is_ambiguous || author->domains->len > 1 || author->domain)
        return DT_ABSENT;
    if (author->field_count == 0)
        dt_evidence_computed(finding, "From", "the message has no From field");
    show_from(view, finding, NULL);
    return DT_CERTAIN;
}

static const dt_cause from_no_domain = {
    .code = "from-no-domain",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_from_no_domain,
    .mend = mend_from,
    .title = "From holds no address with a domain",
    .explanation = "DMARC judges the domain of the address in From, and there is none here. "
                   "Receivers cannot evaluate the message.",
    .recognised = "No From field, or one whose address has no domain, also where the display name "
                  "looks like an address.",
    .remedy = "A From with a full address: \"Name\" <local@domain>.",
    .reference = "RFC 9989 section 5.3.1; RFC 5322 section 3.6.2",
};

/* ---- from-ambiguous: readers may differ about the author ------------------------------------ */

/* A believed header.from of another organization than the one read here; NULL. */
static const dt_recorded_result *
other_author_recorded(const dt_view *view)
{
    const dt_recorded_result *result = view->subject->recorded_dmarc;
    const char *from = result ? dt_recorded_property(result, "header.from") : NULL;
    const char *at = from ? strrchr(from, '@') : NULL;
    g_autofree char *domain = from ? dt_name_from_mail(at ? at + 1 : from) : NULL;
    if (!domain || !view->author ||
        strcmp(dt_name_psl_org_domain(domain), dt_name_psl_org_domain(view->author)) == 0)
        return NULL;
    return result;
}

static void
show_hidden_from(dt_view *view, dt_finding *finding, guint line)
{
    for (guint i = 0; i < dt_message_field_count(view->subject->message); i++) {
        const dt_field *field = dt_message_field(view->subject->message, i);
        if (field->line == line)
            dt_evidence_field(finding, field, NULL);
    }
    dt_set_explanation(
        finding,
        "A line of the header is no From field by the rules, but some programs take it for one and "
        "show what it says. No one domain is certain, so DMARC cannot be evaluated.");
}

static dt_certainty
recognise_from_ambiguous(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (author->is_strict && !author->is_ambiguous)
        return DT_ABSENT;
    if (!author->is_ambiguous && !author->domain)
        return DT_ABSENT;
    g_autofree char *others = join_domains(author->is_ambiguous && author->other_domains->len == 0
                                               ? author->domains
                                               : author->other_domains);
    const dt_recorded_result *other = author->is_ambiguous ? NULL : other_author_recorded(view);
    dt_bind(finding, "others", others);
    show_from(view, finding, NULL);
    if (dt_message_was_cut(view->subject->message))
        dt_set_explanation(finding, "The header is larger than this program reads, so another From "
                                    "field may stand where it was not read. No one domain is "
                                    "certain, and DMARC cannot be evaluated.");
    if (author->hidden_line)
        show_hidden_from(view, finding, author->hidden_line);
    if (author->is_ambiguous)
        return DT_CERTAIN;
    if (other) {
        dt_bind(finding, "recorded", dt_recorded_property(other, "header.from"));
        dt_evidence_recorded(view, finding, "dmarc", -1);
        dt_set_explanation(finding, "From is no valid address list. Here {D} is the author domain; "
                                    "the receiver read {recorded}.");
        if (strcmp(other->result, "fail") == 0)
            return DT_CERTAIN;
    } else
        dt_set_explanation(finding, author->other_domains->len
                                        ? "From is no valid address list. {D}, in angle brackets, "
                                          "is what counts; a lenient reader may see {others}."
                                        : "From is no valid address list, but every reading gives "
                                          "{D}. Strict receivers may refuse it.");
    dt_set_weight(finding, DT_WEIGHT_NOTE);
    return DT_CERTAIN;
}

static const char *const ambiguous_explains[] = { "multi-from", "from-no-domain", NULL };

static const dt_cause from_ambiguous = {
    .code = "from-ambiguous",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_from_ambiguous,
    .mend = mend_from,
    .explains = ambiguous_explains,
    .title = "From can be read in more than one way",
    .explanation = "From is no valid address list, and readers differ about whose address it holds "
                   "({others}). No one domain is certain, so DMARC cannot be "
                   "evaluated.",
    .recognised =
        "The From field breaks RFC 5322: an @ or : in an unquoted display name, two "
        "addresses in angle brackets without a comma, "
        "characters behind the address; or a line that only a lax program takes for a From "
        "field (a fold or a control character in its name, a carriage return before it). "
        "One address in angle brackets counts, so it is a "
        "note; several with different domains, or a receiver "
        "that recorded another domain and dmarc=fail, block.",
    .remedy = "One address, and the display name in double quotes.",
    .reference = "RFC 5322 section 3.4 and 3.6.2; RFC 9989 section 5.3.1",
};

/* ---- display-name-only: the name shown holds another address -------------------------------- */

/* A label of a host name: letters, digits and hyphens. */
static gboolean
is_host_text(const char *word)
{
    gboolean has_dot = FALSE;
    for (const char *p = word; *p; p++) {
        if (!g_ascii_isalnum(*p) && *p != '-' && *p != '.')
            return FALSE;
        has_dot |= *p == '.' && p != word && p[1];
    }
    return has_dot;
}

/* Is the word plainly a domain? "Node.js" and "St.Gallen" are none: only endings that people know
 * from addresses count. */
static gboolean
is_domain_word(const char *word)
{
    static const char endings[] =
        " com net org edu gov info biz app shop bank test example io co me ai tv eu uk de fr it nl "
        "es pl "
        "ch at be se no dk fi ie pt cz hu gr ro ru ua cn jp kr in au nz br mx ar ca us za ";
    if (!is_host_text(word))
        return FALSE;
    g_autofree char *ending = g_strdup_printf(" %s ", strrchr(word, '.') + 1);
    return dt_text_has_prefix(word, "www.") || strstr(endings, ending) != NULL;
}

/* The domain in one word of a display name; NULL if it holds none. Caller frees. */
static char *
domain_of_word(const char *word)
{
    g_autofree char *lower = g_ascii_strdown(word, -1);
    g_strchomp(g_strchug(lower));
    while (lower[0] && strchr(".,:;!?", lower[strlen(lower) - 1]))
        lower[strlen(lower) - 1] = '\0';
    const char *at = strrchr(lower, '@');
    if (at && at != lower)
        return dt_name_from_mail(at + 1);
    return is_domain_word(lower) ? dt_name_from_mail(lower) : NULL;
}

/* A domain in the display name that is not of the author's organization; NULL. Caller frees. */
static char *
foreign_domain(const char *display_name, const char *domain)
{
    g_auto(GStrv) words = g_strsplit_set(display_name, " \t<>()[]\"'|/", 64);
    for (char **word = words; *word; word++) {
        g_autofree char *name = strchr(*word, '.') ? domain_of_word(*word) : NULL;
        if (name && strchr(name, '.') &&
            strcmp(dt_name_psl_org_domain(name), dt_name_psl_org_domain(domain)) != 0)
            return g_steal_pointer(&name);
    }
    return NULL;
}

static dt_certainty
recognise_display_name(dt_view *view, dt_finding *finding)
{
    const GPtrArray *mailboxes = dt_message_author(view->subject->message)->mailboxes;
    for (guint i = 0; i < MIN(mailboxes->len, 50); i++) {
        const dt_mailbox *mailbox = mailboxes->pdata[i];
        g_autofree char *shown = mailbox->domain && mailbox->display_name
                                     ? foreign_domain(mailbox->display_name, mailbox->domain)
                                     : NULL;
        if (!shown)
            continue;
        dt_bind(finding, "shown", shown);
        dt_bind(finding, "real", mailbox->domain);
        show_from(view, finding, mailbox->display_name);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_display_name(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Show the real domain in the display name, or a name without one", NULL);
    dt_fix_optional(finding);
}

static const dt_cause display_name_only = {
    .code = "display-name-only",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_display_name,
    .mend = mend_display_name,
    .title = "The display name shows {shown}, the address is of {real}",
    .explanation = "Many mail programs show the display name only. DMARC looks at the address in "
                   "angle brackets, so all here is about {real}.",
    .recognised = "The display name of From holds an address or a domain of another organization "
                  "than the address itself.",
    .remedy = "Show the real domain. As a reader: judge such mail by the address, not by the name.",
    .reference = "RFC 5322 section 3.4; RFC 9989 section 5.3.1",
};

/* ---- idn-from: a domain in letters beyond ASCII --------------------------------------------- */

static dt_certainty
recognise_idn_from(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (!author->has_unicode_domain || !author->domain)
        return DT_ABSENT;
    g_autofree char *unicode = dt_name_to_unicode(author->domain);
    dt_bind(finding, "unicode", unicode ? unicode : author->domain);
    show_from(view, finding, unicode);
    dt_evidence_computed(finding, "IDNA", "%s is asked for as %s", unicode ? unicode : "the domain",
                         author->domain);
    return DT_CERTAIN;
}

static const dt_cause idn_from = {
    .code = "idn-from",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_idn_from,
    .title = "The From domain {unicode} is looked up as {D}",
    .explanation = "DNS holds such names in the form {D} (A-label, xn--). Records and DKIM's d= "
                   "belong under that name.",
    .recognised = "The domain in From stands there in letters beyond ASCII (U-label).",
    .remedy = "Publish all records under the A-label; most DNS forms convert by themselves.",
    .reference = "RFC 5891; RFC 6532",
};

const dt_cause *const dt_causes_input[] = {
    &multi_from,
    &from_no_domain,
    &from_ambiguous,
    &display_name_only,
    &idn_from,
    &saved_lf,
    &saved_mixed_eol,
    &saved_outlook,
    &saved_redacted,
    &saved_show_original_paste,
    &saved_changed,
    &headers_only,
    NULL,
};
