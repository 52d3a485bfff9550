/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: reports about mail that fails or passes do not arrive (RFC 9990 4, RFC 9989 4.7): the
 * address cannot be read, or its domain has not agreed to receive them. The verdict is not touched.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define MAX_ADDRESSES 10

/* ---- dmarc-rua-external: the receiver of reports has not agreed ---------------------------- */

/* Whose record asks for reports: the one that applies, else one that has no effect. */
static const dt_dmarc_record *
report_record(const dt_view *view)
{
    const dt_dmarc *dmarc = view->subject->dmarc;
    return dmarc->record ? dmarc->record : dmarc->unusable ? dmarc->unusable->record : NULL;
}

static gboolean
has_agreed(const dt_answer *answer)
{
    for (guint i = 0; i < answer->record_count; i++) {
        const char *text = answer->records[i].data;
        if (g_str_has_prefix(text, "v=DMARC1") && !g_ascii_isalnum(text[strlen("v=DMARC1")]))
            return TRUE;
    }
    return FALSE;
}

/* The question that says whether domain wants reports about P; NULL if none is needed. */
static char *
permission_name(const dt_view *view, const char *domain)
{
    if (strcmp(dt_name_psl_org_domain(domain), dt_name_psl_org_domain(view->policy_domain)) == 0)
        return NULL;
    g_autofree char *prefix = g_strconcat(view->policy_domain, "._report._dmarc", NULL);
    return dt_name_join(prefix, domain);
}

/* The domains of rua that have not agreed, each once. */
static GPtrArray *
find_unwilling(dt_view *view)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    const GPtrArray *rua = view->subject->dmarc->record->rua;
    for (guint i = 0; i < MIN(rua->len, MAX_ADDRESSES); i++) {
        g_autofree char *domain = dt_dmarc_rua_domain(rua->pdata[i]);
        g_autofree char *question = domain ? permission_name(view, domain) : NULL;
        if (!question || g_ptr_array_find_with_equal_func(found, domain, g_str_equal, NULL))
            continue;
        const dt_answer *answer = dt_view_ask(view, question, DT_RR_TXT);
        if (!dt_answer_is_failure(answer) && !has_agreed(answer))
            g_ptr_array_add(found, g_steal_pointer(&domain));
    }
    return found;
}

static dt_certainty
recognise_external(dt_view *view, dt_finding *finding)
{
    if (!view->subject->dmarc->record || view->is_freemail)
        return DT_ABSENT;
    g_autoptr(GPtrArray) unwilling = find_unwilling(view);
    if (unwilling->len == 0)
        return DT_ABSENT;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < unwilling->len; i++) {
        g_autofree char *question = permission_name(view, unwilling->pdata[i]);
        g_string_append_printf(names, "%s%s", i ? " and " : "", (char *)unwilling->pdata[i]);
        dt_evidence_answer(finding, dt_view_ask(view, question, DT_RR_TXT), NULL);
    }
    dt_bind(finding, "V", names->str);
    dt_evidence_policy(view, finding);
    return DT_CERTAIN;
}

static void
mend_external(dt_view *view, dt_finding *finding)
{
    g_autoptr(GPtrArray) unwilling = find_unwilling(view);
    for (guint i = 0; i < unwilling->len; i++) {
        g_autofree char *question = permission_name(view, unwilling->pdata[i]);
        dt_bind(finding, "one", unwilling->pdata[i]);
        dt_fix_publish(view, finding, question, "TXT", "v=DMARC1",
                       "To be published by {one}, not by you: that it agrees to receive reports "
                       "about {P}. Else take the address out of rua");
    }
}

const dt_cause dt_cause_dmarc_rua_external = {
    .code = "dmarc-rua-external",
    .weight = DT_WEIGHT_RISK,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_external,
    .mend = mend_external,
    .title = "Reports go to a domain that has not agreed to receive them",
    .explanation = "The DMARC record of {P} sends reports to {V}, another organization. Receivers "
                   "ask that domain whether it wants them, and it "
                   "does not say so, so the reports are dropped. The verdict is not touched.",
    .recognised = "rua= in the DMARC record names an address at another organization, and `dig "
                  "TXT` of DOMAIN._report._dmarc.THAT-DOMAIN has no "
                  "text that starts with v=DMARC1 (a wildcard there counts too). You notice it by "
                  "reports that never come.",
    .remedy = "The organization that receives the reports publishes "
              "DOMAIN._report._dmarc.THAT-DOMAIN TXT \"v=DMARC1\"; report services do so "
              "when the domain is added to the account. Or name an address at your own domain.",
    .reference = "RFC 9990 section 4; RFC 7489 section 7.1",
};

/* ---- dmarc-rua-syntax: an address that is none --------------------------------------------- */

/* The first address of the record that is none, or "" if the list is empty; NULL all are good. */
static const char *
find_bad_address(const dt_dmarc_record *record, const char **fault)
{
    for (guint i = 0; i < record->rua->len; i++) {
        *fault = dt_dmarc_rua_fault(record->rua->pdata[i]);
        if (*fault)
            return record->rua->pdata[i];
    }
    *fault = "is empty";
    for (guint i = 0; record->rua->len == 0 && i < record->errors->len; i++) {
        const dt_dmarc_error *error = record->errors->pdata[i];
        if (strcmp(error->tag, "rua") == 0)
            return "";
    }
    return NULL;
}

static dt_certainty
recognise_rua_syntax(dt_view *view, dt_finding *finding)
{
    const dt_dmarc_record *record = report_record(view);
    const char *fault = NULL, *uri = record ? find_bad_address(record, &fault) : NULL;
    if (!uri)
        return DT_ABSENT;
    const dt_dmarc *dmarc = view->subject->dmarc;
    const char *where = dmarc->record ? dmarc->policy_domain : dmarc->unusable->name;
    dt_bind(finding, "where", where);
    dt_bind(finding, "uri", uri);
    dt_bind(finding, "fault", fault);
    dt_evidence_answer(finding, dt_view_ask_below(view, "_dmarc", where, DT_RR_TXT),
                       *uri ? uri : "rua=");
    return DT_CERTAIN;
}

static void
mend_rua_syntax(dt_view *view, dt_finding *finding)
{
    g_autofree char *value =
        dt_dmarc_text_mend_rua(report_record(view)->text, view->subject->context->rua);
    gboolean is_gone = strstr(value, "rua=") == NULL;
    dt_fix_dmarc_record(
        view, finding, g_hash_table_lookup(finding->bindings, "where"), value,
        is_gone ? "The same record without the address, which cannot be told from the text"
                : "The same record with addresses that can be read");
    if (!is_gone)
        return;
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "To get reports, add ; rua=mailto:ADDRESS with a mailbox of yours (or run this "
               "again with --rua=ADDRESS)",
               NULL);
    dt_fix_optional(finding);
}

const dt_cause dt_cause_dmarc_rua_syntax = {
    .code = "dmarc-rua-syntax",
    .weight = DT_WEIGHT_RISK,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_rua_syntax,
    .mend = mend_rua_syntax,
    .title = "The address for DMARC reports cannot be read",
    .explanation = "rua in the record at _dmarc.{where} says \"{uri}\", which {fault}. Receivers "
                   "ignore it, so no reports come. The verdict is not "
                   "touched.",
    .recognised =
        "The DMARC record has rua= without mailto:, with blanks instead of commas between "
        "addresses, or with a placeholder such as "
        "[email protected] that a web page shows in the place of an address. No reports arrive.",
    .remedy = "Write rua=mailto:ADDRESS with a real mailbox; several are parted by commas, each "
              "with its own mailto:.",
    .reference = "RFC 9989 sections 4.7 and 4.8",
};
