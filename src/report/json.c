/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The JSON object of explain, and that of domain; the contract's keys in the contract's order. One
 * object a line for ndjson.
 */
#include "report/formats.h"
#include "report/json-parts.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

static const char *const eol_words[] = { NULL, "crlf", "lf", "mixed" };

/* ---- message ------------------------------------------------------------------------------- */

static void
author_list(dt_json *json, const dt_author *author)
{
    dt_json_open_array(json, "from");
    for (guint i = 0; i < author->mailboxes->len; i++) {
        const dt_mailbox *mailbox = author->mailboxes->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "address", mailbox->address);
        dt_json_string(json, "domain", mailbox->domain);
        if (mailbox->domain_unicode)
            dt_json_string(json, "domain_unicode", mailbox->domain_unicode);
        dt_json_string(json, "display_name", mailbox->display_name);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
hop_list(dt_json *json, const dt_case *subject)
{
    const GPtrArray *hops = dt_message_hops(subject->message);
    dt_json_open_array(json, "hops");
    for (guint i = 0; i < hops->len; i++) {
        const dt_hop *hop = hops->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_number(json, "index", hop->index);
        dt_json_string(json, "from_helo", hop->from_helo);
        dt_json_string(json, "from_ptr", hop->from_ptr);
        dt_json_string(json, "from_ip", hop->from_ip);
        dt_json_string(json, "by", hop->by);
        dt_json_string(json, "with", hop->with);
        dt_json_string(json, "tls", hop->tls);
        dt_json_time(json, "date", hop->time);
        dt_json_number_if(json, "delay", hop->delay != DT_TIME_NONE, hop->delay);
        dt_json_number(json, "line", hop->field->line);
        dt_json_bool(json, "boundary", subject->boundary->hop == (gint)hop->index);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
message_object(dt_json *json, const dt_case *subject)
{
    const dt_message *message = subject->message;
    const dt_author *author = dt_message_author(message);
    const char *return_path = dt_message_return_path(message, NULL);
    const char *mail_from = subject->inputs->mail_from;
    dt_json_open_object(json, "message");
    author_list(json, author);
    dt_json_domain(json, "from_domain", subject->dmarc->from_domain);
    dt_json_string(json, "return_path", return_path);
    dt_json_bool(json, "null_sender", mail_from && !mail_from[0]);
    dt_json_string(json, "message_id", dt_message_id(message));
    dt_json_time(json, "date", dt_message_date(message));
    dt_json_string(json, "subject", dt_message_subject(message));
    dt_json_number(json, "size", dt_message_size(message));
    dt_json_string(json, "line_endings", eol_words[dt_message_line_endings(message)]);
    dt_json_bool(json, "has_body", dt_message_has_body(message));
    hop_list(json, subject);
    dt_json_close_object(json);
}

static void
ses_object(dt_json *json, const dt_case *subject)
{
    const dt_ses_facts *ses = subject->ses;
    dt_json_open_object(json, "ses");
    dt_json_bool(json, "via_ses", ses->via_ses);
    dt_json_string(json, "region", ses->region);
    dt_json_time(json, "sent_at", ses->sent_at);
    dt_json_string(json, "third_party", ses->third_party);
    dt_json_bool(json, "own_ip", ses->own_ip);
    dt_json_number_if(json, "hop", ses->hop >= 0, ses->hop);
    dt_json_open_array(json, "markers");
    for (guint i = 0; i < ses->markers->len; i++) {
        const dt_ses_marker *marker = ses->markers->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "header", marker->header);
        dt_json_string(json, "value", marker->value);
        dt_json_number(json, "line", marker->line);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
    dt_json_close_object(json);
}

/* ---- recorded ------------------------------------------------------------------------------ */

static void
result_list(dt_json *json, const dt_recorded *recorded)
{
    dt_json_open_array(json, "results");
    for (guint i = 0; recorded && i < recorded->results->len; i++) {
        const dt_recorded_result *result = recorded->results->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "method", result->method);
        dt_json_string(json, "result", result->result);
        dt_json_string(json, "reason", result->reason);
        dt_json_string(json, "comment", result->comment);
        dt_json_open_object(json, "properties");
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint k = 0; k < result->properties->len; k++) {
            const dt_property *property = &g_array_index(result->properties, dt_property, k);
            if (g_hash_table_add(seen, property->name))
                dt_json_string(json, property->name, property->value);
        }
        dt_json_close_object(json);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
recorded_list(dt_json *json, const dt_case *subject)
{
    const GPtrArray *recorded = dt_message_recorded(subject->message);
    dt_json_open_array(json, "recorded");
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *field = recorded->pdata[i];
        dt_trust trust = subject->boundary->trust[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "authserv_id", field->authserv_id);
        /* As the receiver spells it; ARC fields are often re-cased on the way and get their proper
         * name. */
        g_autofree char *name = g_strndup(field->field->raw, field->field->name_length);
        dt_json_string(json, "header",
                       field->header == DT_HEADER_AAR ? "ARC-Authentication-Results" : name);
        dt_json_number(json, "line", field->field->line);
        dt_json_bool(json, "trusted", trust != DT_TRUST_NONE);
        dt_json_string(json, "trusted_by", dt_trust_word(trust));
        result_list(json, field);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

/* ---- DKIM, ARC ----------------------------------------------------------------------------- */

static void
key_object(dt_json *json, const dt_dkim_key *key)
{
    if (!key || !key->record) {
        dt_json_null(json, "key");
        return;
    }
    dt_json_open_object(json, "key");
    dt_json_string(json, "type", key->type);
    dt_json_number_if(json, "bits", key->bits > 0, key->bits);
    dt_json_bool(json, "testing", key->is_testing);
    dt_json_bool(json, "revoked", key->is_revoked);
    dt_json_strings(json, "cname", key->answer ? key->answer->cname : NULL);
    dt_json_close_object(json);
}

static void
damage_list(dt_json *json, const dt_dkim_signature *signature)
{
    if (!signature->damage || signature->damage->len == 0) {
        dt_json_null(json, "damage");
        return;
    }
    dt_json_open_array(json, "damage");
    for (guint i = 0; i < signature->damage->len; i++) {
        const dt_damage *damage = signature->damage->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "kind", damage->kind);
        dt_json_string(json, "by", damage->by);
        dt_json_string(json, "place", damage->place);
        dt_json_string(json, "text", damage->text);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
signature_object(dt_json *json, const dt_dkim_signature *signature, const dt_identifier *identifier)
{
    dt_json_open_object(json, NULL);
    dt_json_number(json, "index", signature->index);
    dt_json_number(json, "line", signature->field->line);
    if (signature->domain)
        dt_json_domain(json, "d", signature->domain);
    else
        dt_json_string(json, "d", signature->d);
    dt_json_string(json, "s", signature->s);
    dt_json_string(json, "a", signature->a);
    dt_json_string(json, "c", signature->c);
    dt_json_string(json, "i", signature->i);
    dt_json_strings(json, "h", signature->h);
    dt_json_number_if(json, "t", signature->t >= 0, signature->t);
    dt_json_number_if(json, "x", signature->x >= 0, signature->x);
    dt_json_number_if(json, "l", signature->l >= 0, signature->l);
    dt_json_string(json, "result", dt_dkim_result_word(signature->result));
    dt_json_string(json, "reason", dt_dkim_reason_word(signature->reason));
    dt_json_string(json, "detail", signature->detail);
    dt_json_string(json, "body_hash", dt_check_word(signature->body_hash));
    dt_json_string(json, "signature", dt_check_word(signature->signature));
    key_object(json, signature->key);
    dt_json_aligned(json, identifier);
    damage_list(json, signature);
    dt_json_close_object(json);
}

static void
dkim_list(dt_json *json, const dt_case *subject)
{
    dt_json_open_array(json, "dkim");
    for (guint i = 0; i < subject->dkim->signatures->len; i++)
        signature_object(json, subject->dkim->signatures->pdata[i],
                         dt_case_dkim_identifier(subject, i));
    dt_json_close_array(json);
}

/* d= of a seal as canonical name; as written where it is none. */
static void
set_domain(dt_json *json, const char *d)
{
    g_autofree char *name = d ? dt_dkim_name(d) : NULL;
    dt_json_domain(json, "d", name ? name : d);
}

static void
arc_object(dt_json *json, const dt_arc *arc)
{
    dt_json_open_object(json, "arc");
    dt_json_string(json, "result", dt_arc_result_word(arc->result));
    dt_json_string(json, "detail", arc->detail);
    dt_json_open_array(json, "sets");
    for (guint i = 0; i < arc->sets->len; i++) {
        const dt_arc_set *set = arc->sets->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_number(json, "instance", set->instance);
        dt_json_string(json, "cv", set->cv);
        set_domain(json, set->d);
        dt_json_string(json, "s", set->s);
        result_list(json, set->recorded);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
    dt_json_close_object(json);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void
agreement_list(dt_json *json, const GPtrArray *list)
{
    dt_json_open_array(json, "agreement");
    for (guint i = 0; i < list->len; i++) {
        const dt_agreement *agreement = list->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "method", agreement->method);
        dt_json_domain(json, "domain", agreement->domain);
        dt_json_string(json, "recorded", agreement->recorded);
        dt_json_string(json, "evaluated", agreement->evaluated);
        dt_json_bool(json, "agrees", agreement->agrees);
        dt_json_string(json, "explanation", agreement->explanation);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
bounce_object(dt_json *json, const dt_bounce *bounce)
{
    if (!bounce) {
        dt_json_null(json, "bounce");
        return;
    }
    dt_json_open_object(json, "bounce");
    dt_json_string(json, "reporting_mta", bounce->reporting_mta);
    dt_json_string(json, "recipient", bounce->recipient);
    dt_json_string(json, "status", bounce->status);
    dt_json_string(json, "diagnostic", bounce->diagnostic);
    dt_json_string(json, "original",
                   !bounce->attached        ? NULL
                   : bounce->is_header_only ? "headers"
                                            : "message");
    dt_json_close_object(json);
}

static void
attached_list(dt_json *json, const dt_message *message)
{
    const GPtrArray *attached = dt_message_attached(message);
    dt_json_open_array(json, "attached");
    for (guint i = 0; i < attached->len; i++) {
        const dt_attached *part = attached->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_number(json, "index", part->index);
        dt_json_string(json, "subject", part->subject);
        dt_json_domain(json, "from_domain", part->from_domain);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
warning_list(dt_json *json, const GPtrArray *warnings)
{
    dt_json_open_array(json, "warnings");
    for (guint i = 0; i < warnings->len; i++) {
        const dt_warning *warning = warnings->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "code", warning->code);
        dt_json_string(json, "text", warning->text);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

static void
position_object(dt_json *json, const dt_message *message)
{
    guint index;
    guint64 offset;
    if (!dt_message_position(message, &index, &offset)) {
        dt_json_null(json, "position");
        return;
    }
    dt_json_open_object(json, "position");
    dt_json_number(json, "index", index);
    dt_json_number(json, "offset", offset);
    dt_json_close_object(json);
}

static void
head(dt_json *json, const dt_case *subject, const dt_diagnosis *diagnosis)
{
    dt_json_head(json);
    dt_json_string(json, "file", dt_message_label(subject->message));
    position_object(json, subject->message);
    dt_json_time(json, "evaluated_at", subject->evaluated_at);
    dt_json_open_object(json, "as_of");
    dt_json_time(json, "time", subject->as_of);
    dt_json_string(json, "source", dt_as_of_word(subject->as_of_source));
    dt_json_close_object(json);
    dt_json_string(json, "verdict", dt_case_verdict(subject));
    dt_json_string(json, "recorded_verdict", dt_case_recorded_verdict(subject));
    dt_json_bool_if(json, "reproducible", diagnosis->reproducible >= 0,
                    diagnosis->reproducible == 1);
    warning_list(json, subject->warnings);
}

void
dt_report_json(const dt_case *subject, const dt_diagnosis *diagnosis,
               const dt_report_options *options, GString *out)
{
    dt_json json;
    const dt_inputs *inputs = subject->inputs;
    dt_spf_input input = { .ip = inputs->ip, .helo = inputs->helo, .mail_from = inputs->mail_from };
    dt_json_begin(&json, out, options->is_single_line);
    dt_json_open_object(&json, NULL);
    head(&json, subject, diagnosis);
    message_object(&json, subject);
    ses_object(&json, subject);
    recorded_list(&json, subject);
    dt_json_spf(&json, subject->spf, &input, inputs, subject->spf_identifier);
    dkim_list(&json, subject);
    arc_object(&json, subject->arc);
    dt_json_dmarc(&json, subject->dmarc);
    agreement_list(&json, subject->agreement);
    dt_json_causes(&json, diagnosis);
    dt_json_plan(&json, diagnosis);
    bounce_object(&json, subject->bounce);
    attached_list(&json, subject->message);
    dt_json_dns(&json, subject->resolver);
    dt_json_close_object(&json);
    dt_json_end(&json);
}

/* ---- domain -------------------------------------------------------------------------------- */

static void
domain_legs(dt_json *json, const dt_diagnosis *diagnosis)
{
    const dt_mail_from_state *mail_from = diagnosis->mail_from;
    if (mail_from) {
        dt_json_open_object(json, "mail_from");
        dt_json_domain(json, "name", mail_from->name);
        dt_json_open_array(json, "mx");
        for (guint i = 0; i < mail_from->mx->len; i++)
            dt_json_string(json, NULL, mail_from->mx->pdata[i]);
        dt_json_close_array(json);
        dt_json_string(json, "spf", mail_from->spf);
        dt_json_string(json, "status", mail_from->status);
        dt_json_close_object(json);
    } else
        dt_json_null(json, "mail_from");
    dt_json_open_array(json, "dkim");
    for (guint i = 0; i < diagnosis->tokens->len; i++) {
        const dt_token_state *token = diagnosis->tokens->pdata[i];
        dt_json_open_object(json, NULL);
        dt_json_string(json, "token", token->token);
        dt_json_string(json, "name", token->name);
        dt_json_string(json, "cname", token->cname);
        dt_json_string(json, "status", token->status);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
}

void
dt_report_domain_json(const dt_case *subject, const dt_diagnosis *diagnosis,
                      const dt_report_options *options, GString *out)
{
    dt_json json;
    dt_json_begin(&json, out, options->is_single_line);
    dt_json_open_object(&json, NULL);
    dt_json_head(&json);
    dt_json_domain(&json, "domain", subject->domain);
    domain_legs(&json, diagnosis);
    dt_json_dmarc(&json, subject->dmarc);
    dt_json_causes(&json, diagnosis);
    dt_json_plan(&json, diagnosis);
    dt_json_open_array(&json, "unseen");
    for (guint i = 0; i < diagnosis->unseen->len; i++) {
        const dt_unseen *unseen = diagnosis->unseen->pdata[i];
        g_autofree char *text =
            g_strdup_printf("%s: %s (then %s)", unseen->what, unseen->command, unseen->then);
        dt_json_string(&json, NULL, text);
    }
    dt_json_close_array(&json);
    dt_json_dns(&json, subject->resolver);
    dt_json_close_object(&json);
    dt_json_end(&json);
}

void
dt_report_error_json(const char *file, int exit_status, const char *text, gboolean is_single_line,
                     GString *out)
{
    dt_json json;
    dt_json_begin(&json, out, is_single_line);
    dt_json_open_object(&json, NULL);
    dt_json_head(&json);
    dt_json_string(&json, "file", file);
    dt_json_open_object(&json, "error");
    dt_json_number(&json, "exit", exit_status);
    dt_json_string(&json, "text", text);
    dt_json_close_object(&json);
    dt_json_close_object(&json);
    dt_json_end(&json);
}
