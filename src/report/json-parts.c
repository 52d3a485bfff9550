/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The parts of the JSON contract that several objects share: SPF, DMARC, causes, the plan, the DNS
 * log.
 */
#include "report/json-parts.h"

#include "base/name.h"
#include "base/text.h"
#include "dns/answer.h"
#include "dns/ask.h"

#include <string.h>

void
dt_json_head(dt_json *json)
{
    dt_json_number(json, "schema", DT_JSON_SCHEMA);
    dt_json_string(json, "tool", "dmarctrace " DT_VERSION);
}

void
dt_json_domain(dt_json *json, const char *key, const char *name)
{
    g_autofree char *unicode = name ? dt_name_to_unicode(name) : NULL;
    dt_json_string(json, key, name);
    if (!unicode)
        return;
    g_autofree char *unicode_key = g_strconcat(key, "_unicode", NULL);
    dt_json_string(json, unicode_key, unicode);
}

/* ---- alignment ----------------------------------------------------------------------------- */

void
dt_json_aligned(dt_json *json, const dt_identifier *identifier)
{
    gboolean is_known = identifier && identifier->aligned != DT_TERNARY_UNKNOWN;
    dt_json_bool_if(json, "aligned", is_known, is_known && identifier->aligned == DT_TERNARY_TRUE);
    dt_json_string(json, "alignment", identifier ? dt_alignment_word(identifier->alignment) : NULL);
    dt_json_domain(json, "org_domain", identifier ? identifier->org_domain : NULL);
}

/* ---- SPF ----------------------------------------------------------------------------------- */

static void
spf_source(dt_json *json, const dt_inputs *inputs)
{
    dt_json_open_object(json, "source");
    dt_json_string(json, "ip", inputs ? dt_input_source_word(inputs->ip_source) : "option");
    dt_json_string(json, "mail_from",
                   inputs ? dt_input_source_word(inputs->mail_from_source) : "option");
    dt_json_string(json, "helo", inputs ? dt_input_source_word(inputs->helo_source) : "option");
    dt_json_close_object(json);
}

static void
spf_trace(dt_json *json, const GPtrArray *trace)
{
    dt_json_open_array(json, "trace");
    for (guint i = 0; i < trace->len; i++) {
        const dt_spf_step *step = trace->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_number(json, "depth", step->depth);
        dt_json_string(json, "domain", step->domain);
        dt_json_string(json, "term", step->term);
        dt_json_string(json, "outcome", step->outcome);
        dt_json_string(json, "note", step->note);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
string_array(dt_json *json, const char *key, const GPtrArray *strings)
{
    dt_json_open_array(json, key);
    for (guint i = 0; strings && i < strings->len; i++)
        dt_json_string(json, NULL, strings->pdata[i]);
    dt_json_close_array(json);
}

void
dt_json_spf(dt_json *json, const dt_spf *spf, const dt_spf_input *input, const dt_inputs *inputs,
            const dt_identifier *identifier)
{
    gboolean is_evaluated = spf->result != DT_SPF_NOT_EVALUATED;
    dt_json_open_object(json, "spf");
    dt_json_string(json, "result", dt_spf_result_word(spf->result));
    dt_json_string(json, "identity", !is_evaluated ? NULL : spf->is_helo ? "helo" : "mailfrom");
    dt_json_domain(json, "domain", spf->domain);
    dt_json_string(json, "ip", input->ip);
    dt_json_string(json, "helo", input->helo);
    dt_json_string(json, "mail_from", input->mail_from);
    spf_source(json, inputs);
    dt_json_string(json, "record", spf->record);
    dt_json_string(json, "mechanism", spf->mechanism);
    string_array(json, "via", spf->via);
    dt_json_number(json, "lookups", spf->lookup_count);
    dt_json_number(json, "void_lookups", spf->void_lookup_count);
    spf_trace(json, spf->trace);
    dt_json_string(json, "explanation", spf->explanation);
    dt_json_string(json, "libspf2_result", dt_spf_result_word(spf->libspf2_result));
    dt_json_string(json, "libspf2_difference", spf->libspf2_difference);
    dt_json_aligned(json, identifier);
    dt_json_close_object(json);
}

/* ---- DMARC --------------------------------------------------------------------------------- */

static void
dmarc_errors(dt_json *json, const dt_dmarc_record *record)
{
    dt_json_open_array(json, "errors");
    for (guint i = 0; record && i < record->errors->len; i++) {
        const dt_dmarc_error *fault = record->errors->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "tag", fault->tag);
        dt_json_string(json, "text", fault->text);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
dmarc_7489(dt_json *json, const dt_dmarc_7489 *old)
{
    dt_json_open_object(json, "rfc7489");
    dt_json_string(json, "result", dt_verdict_word(old->result));
    dt_json_domain(json, "org_domain", old->org_domain);
    dt_json_domain(json, "policy_domain", old->policy_domain);
    dt_json_string(json, "policy", dt_policy_word(old->policy));
    dt_json_number_if(json, "pct", old->policy_domain != NULL, old->pct);
    dt_json_string(json, "disposition", dt_policy_word(old->disposition));
    dt_json_close_object(json);
}

/* The record that the faults are shown of: the one that applies, else the first one that the walk
 * met. */
static const dt_dmarc_record *
shown_record(const dt_dmarc *dmarc)
{
    if (dmarc->record)
        return dmarc->record;
    for (guint i = 0; i < dmarc->walk->len; i++) {
        const dt_dmarc_step *step = dmarc->walk->pdata[i];
        if (step->record)
            return step->record;
    }
    return NULL;
}

void
dt_json_dmarc(dt_json *json, const dt_dmarc *dmarc)
{
    const dt_dmarc_record *record = dmarc->record;
    dt_json_open_object(json, "dmarc");
    dt_json_string(json, "result", dt_verdict_word(dmarc->result));
    dt_json_string(json, "standard", "rfc9989");
    dt_json_domain(json, "from_domain", dmarc->from_domain);
    dt_json_domain(json, "org_domain", dmarc->org_domain);
    dt_json_domain(json, "policy_domain", dmarc->policy_domain);
    dt_json_string(json, "record", record ? record->text : NULL);
    dt_json_string(json, "policy", dt_policy_word(dmarc->policy));
    dt_json_string(json, "applied_tag", dmarc->applied_tag);
    dt_json_string(json, "disposition", dt_policy_word(dmarc->disposition));
    dt_json_string(json, "adkim", !record ? NULL : record->adkim_strict ? "s" : "r");
    dt_json_string(json, "aspf", !record ? NULL : record->aspf_strict ? "s" : "r");
    dt_json_bool(json, "testing", record && record->is_testing);
    string_array(json, "queries", dmarc->queries);
    dmarc_errors(json, shown_record(dmarc));
    dmarc_7489(json, &dmarc->rfc7489);
    dt_json_bool(json, "standards_agree", dmarc->standards_agree);
    dt_json_close_object(json);
}

/* ---- causes -------------------------------------------------------------------------------- */

static void
evidence_list(dt_json *json, const GPtrArray *list)
{
    dt_json_open_array(json, "evidence");
    for (guint i = 0; i < list->len; i++) {
        const dt_evidence *evidence = list->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "kind", dt_evidence_kind_word(evidence->kind));
        dt_json_string(json, "ref", evidence->ref);
        dt_json_string(json, "text", evidence->text);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
fix_list(dt_json *json, const GPtrArray *list)
{
    dt_json_open_array(json, "fixes");
    for (guint i = 0; i < list->len; i++) {
        const dt_fix *fix = list->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_number(json, "step", fix->step);
        dt_json_string(json, "where", dt_where_word(fix->where));
        dt_json_string(json, "action", dt_action_word(fix->action));
        dt_json_string(json, "name", fix->name);
        dt_json_string(json, "type", fix->type);
        dt_json_string(json, "value", fix->value);
        dt_json_string(json, "text", fix->text);
        dt_json_string(json, "command", fix->command);
        dt_json_string(json, "replaces", fix->old_value);
        dt_json_bool(json, "optional", fix->is_optional);
        dt_json_bool(json, "to_fill_in", fix->is_open);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
proof_fields(dt_json *json, const dt_proof *proof)
{
    dt_json_string(json, "result", dt_verdict_word(proof->result));
    dt_json_bool(json, "spf_aligned", proof->spf_aligned);
    dt_json_bool(json, "dkim_aligned", proof->dkim_aligned);
    string_array(json, "assumes", proof->assumes);
}

static void
finding_object(dt_json *json, const dt_finding *finding)
{
    dt_json_open_object(json, NULL);
    dt_json_string(json, "code", finding->code);
    dt_json_string(json, "severity", dt_severity_word(finding->severity));
    dt_json_string(json, "certainty", dt_certainty_word(finding->certainty));
    string_array(json, "checks", finding->checks);
    string_array(json, "explains", finding->explains);
    dt_json_string(json, "title", finding->title);
    dt_json_string(json, "explanation", finding->explanation);
    evidence_list(json, finding->evidence);
    fix_list(json, finding->fixes);
    if (finding->proof) {
        dt_json_open_object(json, "proof");
        proof_fields(json, finding->proof);
        dt_json_close_object(json);
    } else
        dt_json_null(json, "proof");
    dt_json_string(json, "proof_absent", finding->proof ? NULL : finding->proof_absent);
    dt_json_close_object(json);
}

void
dt_json_causes(dt_json *json, const dt_diagnosis *diagnosis)
{
    dt_json_open_array(json, "causes");
    for (guint i = 0; i < diagnosis->findings->len; i++)
        finding_object(json, diagnosis->findings->pdata[i]);
    dt_json_close_array(json);
}

void
dt_json_plan(dt_json *json, const dt_diagnosis *diagnosis)
{
    dt_json_open_array(json, "plan");
    for (guint i = 0; i < diagnosis->plans->len; i++) {
        const dt_plan *plan = diagnosis->plans->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_open_array(json, "causes");
        for (guint k = 0; k < plan->findings->len; k++)
            dt_json_string(json, NULL, ((const dt_finding *)plan->findings->pdata[k])->code);
        dt_json_close_array(json);
        proof_fields(json, plan->proof);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

/* ---- DNS ----------------------------------------------------------------------------------- */

void
dt_json_dns(dt_json *json, const dt_resolver *resolver)
{
    dt_json_open_array(json, "dns");
    for (guint i = 0; i < dt_resolver_log_count(resolver); i++) {
        const dt_answer *answer = dt_resolver_log_get(resolver, i);
        dt_json_open_object(json, NULL);
        dt_json_string(json, "name", answer->name);
        dt_json_string(json, "type", dt_rr_type_word(answer->type));
        dt_json_string(json, "status", dt_dns_status_word(answer->status));
        dt_json_open_array(json, "answers");
        for (guint k = 0; k < answer->record_count; k++) {
            g_autofree char *text = dt_record_text(&answer->records[k], answer->type);
            dt_json_string(json, NULL, text);
        }
        dt_json_close_array(json);
        dt_json_strings(json, "cname", answer->cname);
        dt_json_number_if(json, "ttl", answer->ttl >= 0, answer->ttl);
        dt_json_string(json, "dnssec", dt_dnssec_word(answer->dnssec));
        dt_json_string(json, "source", dt_dns_origin_word(answer->origin));
        dt_json_string(json, "server", answer->server);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}
