/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: what is wrong with the DMARC record or with the name it stands at (RFC
 * 9989 4.7, 4.8, 4.10). One look at each name that matters tells the faults of a text apart, so
 * that no two are named for one fault. Where no record is at fault the causes stand in
 * causes-dmarc.c.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

typedef enum {
    TEXT_NONE = 0, /* nothing there that was meant as a record */
    TEXT_FINE,
    TEXT_MULTIPLE,
    TEXT_SEPARATOR,
    TEXT_VERSION,
    TEXT_P_MISSING,
    TEXT_P_INVALID,
    TEXT_CNAME,
    TEXT_WILDCARD,
} text_fault;

/* ---- the names that matter ----------------------------------------------------------------- */

/* A name of the walk whose text could have made a difference: the author domain and the one whose
 * record applies, else, where none does, every name of the organization. */
static gboolean
is_examined(const dt_view *view, const dt_dmarc_step *step)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (dmarc->unusable)
        return step == dmarc->unusable;
    if (dmarc->record)
        return strcmp(step->name, view->author) == 0 ||
               strcmp(step->name, dmarc->policy_domain) == 0;
    return dt_name_is_within(step->name, view->org);
}

static text_fault
look_at_record(const dt_dmarc_record *record)
{
    gboolean is_invalid = (record->p_present && record->p == DT_POLICY_UNKNOWN) ||
                          (record->sp_present && record->sp == DT_POLICY_UNKNOWN) ||
                          (record->np_present && record->np == DT_POLICY_UNKNOWN);
    if (dt_dmarc_text_is_badly_separated(record->text))
        return TEXT_SEPARATOR;
    if (!record->p_present)
        return TEXT_P_MISSING;
    return is_invalid ? TEXT_P_INVALID : TEXT_FINE;
}

/* What is at the name; the text that shows it in text_out. */
static text_fault
look_at(dt_view *view, const dt_dmarc_step *step, const char **text_out)
{
    const dt_answer *answer = step->answer;
    gboolean has_cname = answer->cname && answer->cname[0];
    *text_out = NULL;
    if (dt_answer_is_failure(answer))
        return TEXT_NONE;
    if (step->record_count > 1)
        return TEXT_MULTIPLE;
    if (step->record) {
        *text_out = step->record->text;
        return look_at_record(step->record);
    }
    if (has_cname && !dt_view_is_from_wildcard(view, answer))
        return TEXT_CNAME;
    for (guint i = 0; i < answer->record_count; i++) {
        const char *text = answer->records[i].data;
        if (!dt_dmarc_text_is_meant(text))
            continue;
        *text_out = text;
        return dt_dmarc_text_is_badly_separated(text) ? TEXT_SEPARATOR : TEXT_VERSION;
    }
    return answer->status == DT_DNS_OK && dt_view_is_from_wildcard(view, answer) ? TEXT_WILDCARD
                                                                                 : TEXT_NONE;
}

/* The first name with this fault; of a wildcard the topmost, where one record serves all names
 * below. */
static const dt_dmarc_step *
find_step(dt_view *view, text_fault wanted, const char **text_out)
{
    const GPtrArray *walk = view->subject->dmarc->walk;
    const dt_dmarc_step *found = NULL;
    for (guint i = 0; i < walk->len; i++) {
        const dt_dmarc_step *step = walk->pdata[i];
        if (!is_examined(view, step) || look_at(view, step, text_out) != wanted)
            continue;
        found = step;
        if (wanted != TEXT_WILDCARD)
            break;
    }
    return found;
}

static const dt_dmarc_step *
recognise_text(dt_view *view, dt_finding *finding, text_fault wanted)
{
    const char *text = NULL;
    const dt_dmarc_step *step = find_step(view, wanted, &text);
    if (!step)
        return NULL;
    dt_bind(finding, "where", step->name);
    if (text) {
        g_autofree char *valid = dt_text_utf8(text, strlen(text));
        dt_bind(finding, "text", valid);
    }
    dt_evidence_answer(finding, step->answer, NULL);
    if (view->subject->dmarc->record)
        dt_set_weight(finding, DT_WEIGHT_RISK);
    return step;
}

/* Texts for the case that a record applies all the same. */
static const char still_applies_text[] =
    "The text at _dmarc.{where} does not work as a DMARC record and is passed over. The record of "
    "{P} applies in its place for now, which "
    "is not what {where} was meant to have.";

static const char several_discarded_text[] =
    "_dmarc.{where} has {count} DMARC records, and by rule all are discarded. The record of {P} "
    "applies in their place for now, which is not what {where} was meant to have.";

static void
say_if_another_applies(dt_view *view, dt_finding *finding, const dt_dmarc_step *step)
{
    if (view->policy_domain && strcmp(view->policy_domain, step->name) != 0)
        dt_set_explanation(finding, still_applies_text);
}

static const char *
bound(const dt_finding *finding, const char *name)
{
    return finding->bindings ? g_hash_table_lookup(finding->bindings, name) : NULL;
}

/* The text with every fault of its tags mended. */
static void
mend_text(dt_view *view, dt_finding *finding, const char *why)
{
    g_autofree char *value = dt_dmarc_text_usable(bound(finding, "text"));
    dt_fix_dmarc_record(view, finding, bound(finding, "where"), value, why);
}

static void
mend_with_new_record(dt_view *view, dt_finding *finding, const char *name, const char *why)
{
    const char *rua = view->subject->context->rua;
    g_autofree char *value =
        rua ? g_strdup_printf("v=DMARC1; p=none; rua=%s", rua) : g_strdup("v=DMARC1; p=none");
    dt_fix_dmarc_record(view, finding, name, value, why);
}

static const char *const instead_of_none[] = { "dmarc-none", NULL };

/* ---- dmarc-wrong-name: the record stands where nobody looks -------------------------------- */

/* The first record at a name, NULL. */
static char *
record_at(dt_view *view, const char *name)
{
    const dt_answer *answer = name ? dt_view_ask(view, name, DT_RR_TXT) : NULL;
    for (guint i = 0; answer && i < answer->record_count; i++) {
        g_autoptr(dt_dmarc_record) record =
            dt_dmarc_record_parse(answer->records[i].data, answer->records[i].length);
        if (record->is_dmarc)
            return g_strdup(record->text);
    }
    return NULL;
}

static gboolean
find_misplaced(dt_view *view, dt_finding *finding, const char *base)
{
    g_autofree char *whole = dt_name_join("_dmarc", base);
    char *names[] = { g_strdup(base), dt_name_join("dmarc", base),
                      whole ? dt_name_join(whole, base) : NULL, dt_name_join("_dmarc.www", base) };
    gboolean is_found = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = is_found ? NULL : record_at(view, names[i]);
        if (text) {
            is_found = TRUE;
            dt_bind(finding, "where", base);
            dt_bind(finding, "found_at", names[i]);
            dt_bind(finding, "text", text);
            dt_evidence_answer(finding, dt_view_ask(view, names[i], DT_RR_TXT), text);
            dt_evidence_answer(finding, dt_view_ask_below(view, "_dmarc", base, DT_RR_TXT), NULL);
        }
        g_free(names[i]);
    }
    return is_found;
}

static dt_certainty
recognise_wrong_name(dt_view *view, dt_finding *finding)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    if (dmarc->result != DT_VERDICT_NONE || dmarc->record || dmarc->unusable)
        return DT_ABSENT;
    if (find_misplaced(view, finding, view->author))
        return DT_CERTAIN;
    return strcmp(view->org, view->author) != 0 && find_misplaced(view, finding, view->org)
               ? DT_CERTAIN
               : DT_ABSENT;
}

static void
mend_wrong_name(dt_view *view, dt_finding *finding)
{
    mend_text(view, finding,
              "The same text at the name where receivers look; the one at {found_at} may go then");
}

static const char *const wrong_name_explains[] = { "dmarc-none", "dmarc-wildcard-txt", NULL };

const dt_cause dt_cause_dmarc_wrong_name = {
    .code = "dmarc-wrong-name",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_wrong_name,
    .mend = mend_wrong_name,
    .explains = wrong_name_explains,
    .title = "The DMARC record stands at the wrong name",
    .explanation = "A DMARC record was published at {found_at}, but receivers look for it at "
                   "_dmarc.{where} and there is none. So DMARC does "
                   "not apply, and there can be no dmarc=pass.",
    .recognised = "`dig TXT` of _dmarc and your domain has no v=DMARC1 record, while one stands at "
                  "the domain itself, at dmarc. without the "
                  "underscore, at _dmarc.www, or at _dmarc.DOMAIN.DOMAIN. Receivers record "
                  "dmarc=none; Gmail writes no DMARC line at all. The "
                  "last form comes from DNS forms that add the domain by themselves.",
    .remedy = "Publish the same text at _dmarc and your domain. In a form that adds the domain, "
              "enter only _dmarc as the name.",
    .reference = "RFC 9989 section 4.10",
};

/* ---- dmarc-multiple: two records at one name ----------------------------------------------- */

static dt_certainty
recognise_multiple(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_step *step = recognise_text(view, finding, TEXT_MULTIPLE);
    if (!step)
        return DT_ABSENT;
    dt_bindf(finding, "count", "%u", step->record_count);
    if (view->policy_domain && strcmp(view->policy_domain, step->name) != 0)
        dt_set_explanation(finding, several_discarded_text);
    return DT_CERTAIN;
}

/* Which of several is kept: one that works, of these the mildest, of these one that names an
 * address for reports, of these the first. */
static guint
rank(const dt_record *record)
{
    g_autoptr(dt_dmarc_record) parsed = dt_dmarc_record_parse(record->data, record->length);
    guint policy = parsed->counts_as_none ? DT_POLICY_NONE : parsed->p;
    if (!parsed->is_dmarc)
        return G_MAXUINT;
    return (parsed->is_usable ? 0 : 100) + 10 * policy + (parsed->has_valid_rua ? 0 : 1);
}

static const dt_record *
best_of(const dt_answer *answer)
{
    const dt_record *best = NULL;
    for (guint i = 0; i < answer->record_count; i++)
        if (rank(&answer->records[i]) < (best ? rank(best) : G_MAXUINT))
            best = &answer->records[i];
    return best;
}

static void
mend_multiple(dt_view *view, dt_finding *finding)
{
    const char *where = bound(finding, "where");
    g_autofree char *owner = dt_name_join("_dmarc", where);
    const dt_answer *answer = dt_view_ask(view, owner, DT_RR_TXT);
    const dt_record *kept = best_of(answer);
    if (!kept)
        return;
    g_autofree char *value = dt_dmarc_text_usable(kept->data);
    if (answer->cname || rank(kept) >= 100) {
        dt_fix_dmarc_record(view, finding, where, value, "One record in the place of {count}");
        return;
    }
    dt_bind(finding, "kept", kept->data);
    for (guint i = 0; i < answer->record_count; i++)
        if (&answer->records[i] != kept && rank(&answer->records[i]) < G_MAXUINT)
            dt_fix_remove(view, finding, owner, "TXT", answer->records[i].data,
                          "Keep one record, \"{kept}\", and take this one away; what you want of "
                          "it can be put into the other later");
}

const dt_cause dt_cause_dmarc_multiple = {
    .code = "dmarc-multiple",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_multiple,
    .mend = mend_multiple,
    .explains = instead_of_none,
    .title = "There is more than one DMARC record at one name",
    .explanation = "_dmarc.{where} has {count} DMARC records. A receiver does not choose among "
                   "them: by rule all are discarded, so DMARC does "
                   "not apply.",
    .recognised = "`dig TXT` of the _dmarc name shows two or more texts that begin with v=DMARC1. "
                  "Receivers record dmarc=none or permerror. It "
                  "happens when a service asks for a DMARC record and it is added beside the one "
                  "that is there.",
    .remedy = "Keep one record and take the others away. Several addresses for reports go into one "
              "rua tag, parted by commas.",
    .reference = "RFC 9989 section 4.10",
};

/* ---- dmarc-version-syntax: the text does not begin with v=DMARC1 --------------------------- */

static dt_certainty
recognise_version(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_step *step = recognise_text(view, finding, TEXT_VERSION);
    if (step)
        say_if_another_applies(view, finding, step);
    return step ? DT_CERTAIN : DT_ABSENT;
}

static void
mend_version(dt_view *view, dt_finding *finding)
{
    mend_text(view, finding, "The same record with the exact start v=DMARC1");
}

const dt_cause dt_cause_dmarc_version_syntax = {
    .code = "dmarc-version-syntax",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_version,
    .mend = mend_version,
    .explains = instead_of_none,
    .title = "The DMARC record does not begin with v=DMARC1",
    .explanation = "The text at _dmarc.{where} was meant as a DMARC record, but it does not begin "
                   "with exactly v=DMARC1 (capitals as here). "
                   "Receivers take it for some other text, so DMARC does not apply.",
    .recognised = "`dig TXT` of the _dmarc name shows v=dmarc1, v=DMARC, v=DMARC 1, another tag "
                  "before v, or other text in front. Receivers "
                  "record dmarc=none. V=DMARC1 and blanks round the = are valid.",
    .remedy = "Publish the same record with the exact start v=DMARC1 followed by a semicolon; p "
              "comes next.",
    .reference = "RFC 9989 sections 4.7 and 4.8",
};

/* ---- dmarc-p-missing: no policy ------------------------------------------------------------ */

static const char counts_as_none_text[] =
    "The record at _dmarc.{where} has no valid policy. Because it names an address for reports it "
    "counts as p=none for now; without that "
    "address it would not count at all, and receivers differ in such cases.";

static dt_certainty
recognise_p_missing(dt_view *view, dt_finding *finding)
{
    if (!recognise_text(view, finding, TEXT_P_MISSING))
        return DT_ABSENT;
    if (view->subject->dmarc->record)
        dt_set_explanation(finding, counts_as_none_text);
    return DT_CERTAIN;
}

static void
mend_p_missing(dt_view *view, dt_finding *finding)
{
    mend_text(view, finding,
              "The same record with p= behind v; p=none asks receivers for nothing but reports");
}

const dt_cause dt_cause_dmarc_p_missing = {
    .code = "dmarc-p-missing",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_p_missing,
    .mend = mend_p_missing,
    .explains = instead_of_none,
    .title = "The DMARC record has no policy (p=)",
    .explanation = "The record at _dmarc.{where} has no p tag, which says what receivers shall do, "
                   "and no valid address for reports either. Such a "
                   "record has no effect, so DMARC does not apply.",
    .recognised = "`dig TXT` of the _dmarc name shows a record that begins with v=DMARC1 and has "
                  "no p= (or P= in capitals). Without a valid rua "
                  "receivers record dmarc=none, with one it counts as p=none.",
    .remedy = "Add p=none (or the policy you mean) as the second tag.",
    .reference = "RFC 9989 sections 4.7 and 4.10.1",
};

/* ---- dmarc-p-invalid: a policy that is none ------------------------------------------------ */

/* The tag at fault, as "p=monitor". */
static char *
bad_policy(const dt_dmarc_record *record)
{
    for (guint i = 0; i < record->errors->len; i++) {
        const dt_dmarc_error *error = record->errors->pdata[i];
        gboolean is_policy = strcmp(error->tag, "p") == 0 || strcmp(error->tag, "sp") == 0 ||
                             strcmp(error->tag, "np") == 0;
        if (is_policy && strchr(error->text, '='))
            return g_strndup(error->text, strcspn(error->text, " "));
    }
    return NULL;
}

static dt_certainty
recognise_p_invalid(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_step *step = recognise_text(view, finding, TEXT_P_INVALID);
    if (!step)
        return DT_ABSENT;
    g_autofree char *bad = bad_policy(step->record);
    dt_bind(finding, "bad", bad ? bad : "the policy");
    if (view->subject->dmarc->record)
        dt_set_explanation(finding, counts_as_none_text);
    dt_evidence_computed(finding, "DMARC", "%s is none of none, quarantine and reject",
                         bad ? bad : "the policy");
    return DT_CERTAIN;
}

static void
mend_p_invalid(dt_view *view, dt_finding *finding)
{
    mend_text(view, finding,
              "The same record with a policy that exists; none is the safe one to begin with, "
              "quarantine or reject can follow");
}

const dt_cause dt_cause_dmarc_p_invalid = {
    .code = "dmarc-p-invalid",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_p_invalid,
    .mend = mend_p_invalid,
    .explains = instead_of_none,
    .title = "The DMARC record asks for a policy that does not exist",
    .explanation = "The record at _dmarc.{where} says {bad}, but a policy is none, quarantine or "
                   "reject. It names no valid address for reports "
                   "either, so by rule it has no effect and DMARC does not apply.",
    .recognised = "`dig TXT` of the _dmarc name shows p=, sp= or np= with another word, such as "
                  "p=monitor or p=quarantined. Without a valid rua "
                  "receivers record dmarc=none, with one the record counts as p=none.",
    .remedy = "Write none, quarantine or reject. Begin with none, and go on when the reports show "
              "that all your mail passes.",
    .reference = "RFC 9989 sections 4.7 and 4.10.1",
};

/* ---- dmarc-separator: commas, quotes, missing semicolons ----------------------------------- */

static const char tags_lost_text[] =
    "The tags of the record at _dmarc.{where} are not parted by semicolons, or quotes and "
    "backslashes stand among them. It still counts as a "
    "record, but some of its tags are not read.";

static dt_certainty
recognise_separator(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_step *step = recognise_text(view, finding, TEXT_SEPARATOR);
    if (!step)
        return DT_ABSENT;
    if (view->subject->dmarc->record)
        dt_set_explanation(finding, tags_lost_text);
    say_if_another_applies(view, finding, step);
    return DT_CERTAIN;
}

static void
mend_separator(dt_view *view, dt_finding *finding)
{
    mend_text(view, finding, "The same record with semicolons between its tags, in plain ASCII");
}

static const char *const separator_explains[] = {
    "dmarc-none",      "dmarc-version-syntax", "dmarc-p-invalid",
    "dmarc-p-missing", "dmarc-rua-syntax",     NULL,
};

const dt_cause dt_cause_dmarc_separator = {
    .code = "dmarc-separator",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_separator,
    .mend = mend_separator,
    .explains = separator_explains,
    .title = "The tags of the DMARC record are not parted by semicolons",
    .explanation =
        "The text at _dmarc.{where} holds all that a DMARC record needs, but its tags are not "
        "parted by semicolons, or quotes and "
        "backslashes stand among them. So it cannot be read as a record, and DMARC does not apply.",
    .recognised = "`dig TXT` of the _dmarc name shows commas or blanks where semicolons belong, "
                  "typographic quotes, quotes inside the text, or "
                  "\\; (written as \\\\; by dig). Receivers record dmarc=none, or apply the record "
                  "without the tags that were lost.",
    .remedy = "Publish the same record with a semicolon after every tag and no quotes. A DNS form "
              "wants the bare text.",
    .reference = "RFC 9989 section 4.8",
};

/* ---- dmarc-wildcard-txt: a wildcard answers ------------------------------------------------ */

static dt_certainty
recognise_wildcard(dt_view *view, dt_finding *finding)
{
    if (view->subject->dmarc->record || view->subject->dmarc->unusable)
        return DT_ABSENT;
    const dt_dmarc_step *step = recognise_text(view, finding, TEXT_WILDCARD);
    if (!step)
        return DT_ABSENT;
    dt_evidence_answer(finding, dt_view_ask_below(view, DT_PROBE_LABEL, step->name, DT_RR_TXT),
                       NULL);
    return DT_CERTAIN;
}

static void
mend_wildcard(dt_view *view, dt_finding *finding)
{
    mend_with_new_record(
        view, finding, bound(finding, "where"),
        "A record of its own for this name; a wildcard does not answer for it then");
}

const dt_cause dt_cause_dmarc_wildcard_txt = {
    .code = "dmarc-wildcard-txt",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_wildcard,
    .mend = mend_wildcard,
    .explains = instead_of_none,
    .title = "A wildcard answers in the place of a DMARC record",
    .explanation = "_dmarc.{where} answers with a text that has nothing to do with DMARC: a "
                   "wildcard record (*.{where}) answers for every name "
                   "that has none of its own. So there is no DMARC record.",
    .recognised = "`dig TXT` of the _dmarc name shows an unrelated text, and the same text comes "
                  "back for any made-up name below the domain. "
                  "Receivers record dmarc=none.",
    .remedy = "Publish an explicit TXT record at the _dmarc name. The wildcard may stay; it does "
              "not answer for names that exist.",
    .reference = "RFC 9989 section 4.10; RFC 4592",
};

/* ---- dmarc-cname-vendor: nothing valid behind a CNAME -------------------------------------- */

static dt_certainty
recognise_vendor(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_step *step = recognise_text(view, finding, TEXT_CNAME);
    if (!step)
        return DT_ABSENT;
    dt_bind(finding, "target", step->answer->cname[0]);
    say_if_another_applies(view, finding, step);
    return DT_CERTAIN;
}

static void
mend_vendor(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "If you still use the service behind {target}, have it repair the record there and "
               "skip the next steps",
               NULL);
    mend_with_new_record(view, finding, bound(finding, "where"),
                         "A record of your own in its place");
}

static const char *const vendor_explains[] = { "dmarc-none", "dmarc-version-syntax",
                                               "dmarc-separator", "dmarc-wildcard-txt", NULL };

const dt_cause dt_cause_dmarc_cname_vendor = {
    .code = "dmarc-cname-vendor",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_vendor,
    .mend = mend_vendor,
    .explains = vendor_explains,
    .title = "The DMARC record was handed to a service that has none",
    .explanation = "_dmarc.{where} is a CNAME to {target}, so the DMARC record is kept there by "
                   "somebody else, and there is no valid record behind "
                   "it. So DMARC does not apply.",
    .recognised = "`dig TXT` of the _dmarc name shows a CNAME to a report service and then "
                  "NXDOMAIN, no answer, or a text that is no DMARC record. "
                  "It happens when the account at that service was closed or never finished. "
                  "Receivers record dmarc=none.",
    .remedy =
        "Repair the account at the service, or replace the CNAME by a TXT record of your own.",
    .reference = "RFC 9989 section 4.10",
};
