/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The steps of a fix. Each DNS step is also laid into the finding's changes, so that the proof
 * evaluates what the text proposes; the named steps of the catalogue (custom MAIL FROM, Easy DKIM,
 * the CNAME of a selector) are written once, here.
 */
#include "diagnosis/cause.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define OPEN_REGION "REGION"

static dt_fix *
add_step(dt_view *view, dt_finding *finding, dt_where where, dt_action action, const char *text)
{
    dt_fix *fix = g_new0(dt_fix, 1);
    fix->step = finding->fixes->len + 1;
    fix->where = where;
    fix->action = action;
    fix->text = text ? dt_fill(view, finding, text) : NULL;
    g_ptr_array_add(finding->fixes, fix);
    return fix;
}

static dt_fix *
add_record(dt_view *view, dt_finding *finding, dt_action action, const char *name, const char *type,
           const char *value, const char *text)
{
    dt_fix *fix = add_step(view, finding, DT_WHERE_DNS, action, text);
    fix->name = g_strdup(name);
    fix->type = g_strdup(type);
    fix->value = g_strdup(value);
    return fix;
}

/* A record that cannot be laid over the answers is a fault of ours: the step stays, the proof is
 * not computed. */
static void
lay(dt_finding *finding, gboolean is_removal, const char *name, const char *type, const char *value)
{
    g_autoptr(GError) error = NULL;
    if (!finding->changes)
        finding->changes = dt_zone_new();
    gboolean ok = is_removal ? dt_zone_remove(finding->changes, name, type, value, &error)
                             : dt_zone_add(finding->changes, name, type, value, &error);
    if (!ok && !finding->proof_absent)
        finding->proof_absent = g_strdup_printf(
            "the records of the fix could not be laid over the answers (%s)", error->message);
}

void
dt_fix_publish(dt_view *view, dt_finding *finding, const char *name, const char *type,
               const char *value, const char *text)
{
    add_record(view, finding, DT_ACTION_PUBLISH, name, type, value, text);
    lay(finding, FALSE, name, type, value);
}

void
dt_fix_replace(dt_view *view, dt_finding *finding, const char *name, const char *type,
               const char *old_value, const char *value, const char *text)
{
    dt_fix *fix = add_record(view, finding, DT_ACTION_REPLACE, name, type, value, text);
    fix->old_value = g_strdup(old_value);
    lay(finding, TRUE, name, type, old_value);
    lay(finding, FALSE, name, type, value);
}

void
dt_fix_remove(dt_view *view, dt_finding *finding, const char *name, const char *type,
              const char *value, const char *text)
{
    add_record(view, finding, DT_ACTION_REMOVE, name, type, value, text);
    lay(finding, TRUE, name, type, value);
}

void
dt_fix_publish_open(dt_view *view, dt_finding *finding, const char *name, const char *type,
                    const char *value, const char *text)
{
    add_record(view, finding, DT_ACTION_PUBLISH, name, type, value, text)->is_open = TRUE;
}

void
dt_fix_replace_open(dt_view *view, dt_finding *finding, const char *name, const char *type,
                    const char *old_value, const char *value, const char *text)
{
    dt_fix *fix = add_record(view, finding, DT_ACTION_REPLACE, name, type, value, text);
    fix->old_value = g_strdup(old_value);
    fix->is_open = TRUE;
}

dt_fix *
dt_fix_set(dt_view *view, dt_finding *finding, dt_where where, const char *text, char *command)
{
    dt_fix *fix = add_step(view, finding, where, DT_ACTION_SET, text);
    fix->command = command;
    return fix;
}

dt_fix *
dt_fix_look(dt_view *view, dt_finding *finding, const char *text, char *command)
{
    dt_fix *fix = dt_fix_set(view, finding, DT_WHERE_SES, text, command);
    fix->is_check = TRUE;
    return fix;
}

dt_fix *
dt_fix_resend(dt_view *view, dt_finding *finding, const char *text)
{
    return add_step(view, finding, DT_WHERE_SENDER, DT_ACTION_RESEND, text);
}

void
dt_mend_name_servers(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_DNS,
               "See that every name server of {asked} answers (the NS records of its zone, each "
               "asked by itself)",
               NULL);
    if (view->subject->message)
        dt_fix_resend(view, finding, "Send the message again once they do");
    dt_no_proof(view, finding, "what the name servers will answer is not known");
}

void
dt_fix_optional(dt_finding *finding)
{
    if (finding->fixes->len)
        ((dt_fix *)finding->fixes->pdata[finding->fixes->len - 1])->is_optional = TRUE;
}

char *
dt_aws_command(const char *first, ...)
{
    GString *command = g_string_new("aws");
    va_list words;
    va_start(words, first);
    for (const char *word = first; word; word = va_arg(words, const char *)) {
        g_autofree char *quoted = dt_text_shell_quote(word);
        g_string_append_printf(command, " %s", quoted);
    }
    va_end(words);
    return g_string_free(command, FALSE);
}

static const char *
region_of(const dt_view *view)
{
    return view->region ? view->region : OPEN_REGION;
}

/* A service on top of SES: its customers cannot use the AWS console, its dashboard makes the
 * settings. */
static gboolean
is_service(dt_view *view, dt_finding *finding)
{
    const dt_ses_facts *ses = view->subject->ses;
    if (!ses || !ses->third_party)
        return FALSE;
    dt_bind(finding, "service", ses->third_party);
    return TRUE;
}

/* ---- MF: a custom MAIL FROM domain --------------------------------------------------------- */

static char *
mail_from_command(dt_view *view, const char *mail_from, const char *behavior)
{
    return dt_aws_command("sesv2", "put-email-identity-mail-from-attributes", "--email-identity",
                          view->identity, "--mail-from-domain", mail_from,
                          "--behavior-on-mx-failure", behavior, "--region", region_of(view), NULL);
}

static char *
get_identity_command(dt_view *view, const char *identity)
{
    return dt_aws_command("sesv2", "get-email-identity", "--email-identity", identity, "--region",
                          region_of(view), NULL);
}

void
dt_fix_mail_from_setting(dt_view *view, dt_finding *finding, const char *mail_from)
{
    gboolean is_open = view->region == NULL;
    dt_bind(finding, "new_mail_from", mail_from);
    g_free(finding->mail_from_domain);
    finding->mail_from_domain = g_strdup(mail_from);
    if (is_service(view, finding)) {
        dt_fix_set(view, finding, DT_WHERE_SENDER,
                   "In the dashboard of {service}: set {new_mail_from} or the name it proposes as "
                   "return path (custom MAIL FROM "
                   "domain), publish the records it shows and have it verified",
                   NULL);
        dt_fix_resend(view, finding, "Send a new test message");
        return;
    }
    dt_fix_set(view, finding, DT_WHERE_SES,
               "Tell SES to use {new_mail_from} as envelope sender; it falls back to its own name "
               "while the records are "
               "not seen, so no mail stops (console: Identities, {I}, Custom MAIL FROM domain)",
               mail_from_command(view, mail_from, "USE_DEFAULT_VALUE"))
        ->is_open = is_open;
    dt_fix_look(view, finding,
                "Wait until MailFromDomainStatus shows SUCCESS (minutes, at most 72 hours)",
                get_identity_command(view, view->identity))
        ->is_open = is_open;
    dt_fix_set(view, finding, DT_WHERE_SES,
               "Optional, later: refuse to send rather than fall back when the MX is gone",
               mail_from_command(view, mail_from, "REJECT_MESSAGE"))
        ->is_open = is_open;
    dt_fix_optional(finding);
}

/* The MX that SES wants is already the only one there? */
static gboolean
has_ses_mx(dt_view *view, const char *mail_from)
{
    const dt_answer *answer = dt_view_ask(view, mail_from, DT_RR_MX);
    g_autofree char *region =
        answer->record_count == 1 ? dt_region_of_feedback_host(answer->records[0].target) : NULL;
    return region != NULL;
}

void
dt_fix_mail_from(dt_view *view, dt_finding *finding, const char *mail_from)
{
    if (!mail_from || !view->identity)
        return;
    if (is_service(view, finding)) {
        dt_fix_mail_from_setting(view, finding, mail_from);
        return;
    }
    g_autofree char *mx = g_strdup_printf("10 feedback-smtp.%s.amazonses.com", region_of(view));
    if (has_ses_mx(view, mail_from))
        ;
    else if (view->region)
        dt_fix_publish(
            view, finding, mail_from, "MX", mx,
            "Publish the MX record, so that bounces for the new envelope domain go back to SES");
    else
        dt_fix_publish_open(view, finding, mail_from, "MX", mx,
                            "Publish the MX record, so that bounces for the new envelope domain go "
                            "back to SES; REGION is the SES region you send from");
    if (dt_view_spf_records(view, mail_from, NULL) == 0)
        dt_fix_publish(view, finding, mail_from, "TXT", "v=spf1 include:amazonses.com ~all",
                       "Publish its SPF record: the servers of SES may send in its name");
    dt_fix_mail_from_setting(view, finding, mail_from);
}

/* ---- ED: Easy DKIM ------------------------------------------------------------------------- */

static void
publish_tokens(dt_view *view, dt_finding *finding, const char *domain)
{
    const dt_ses_identity *file = view->subject->context->identity;
    const char *zone = file ? file->signing_hosted_zone : NULL;
    for (guint i = 0; i < 3; i++) {
        const char *known = i < view->tokens->len ? view->tokens->pdata[i] : NULL;
        g_autofree char *open = g_strdup_printf("TOKEN%u", i + 1);
        const char *token = known ? known : open;
        g_autofree char *name = g_strconcat(token, "._domainkey.", domain, NULL);
        g_autofree char *target = g_strconcat(token, ".", zone ? zone : "dkim.amazonses.com", NULL);
        if (known && zone)
            dt_fix_publish(view, finding, name, "CNAME", target, NULL);
        else
            dt_fix_publish_open(view, finding, name, "CNAME", target,
                                i ? NULL
                                  : "If its Status is PENDING or FAILED, or the identity is new: "
                                    "publish the three CNAMEs it "
                                    "shows, one for each of its Tokens, target "
                                    "TOKEN.SigningHostedZone (usually dkim.amazonses.com)");
    }
}

static void
switch_signing_on(dt_view *view, dt_finding *finding, const char *identity, const char *text)
{
    dt_fix_set(view, finding, DT_WHERE_SES, text,
               dt_aws_command("sesv2", "put-email-identity-dkim-attributes", "--email-identity",
                              identity, "--signing-enabled", "--region", region_of(view), NULL));
}

/* What get-email-identity showed is answered: only the branch that fits. */
static void
easy_dkim_known(dt_view *view, dt_finding *finding, const char *identity,
                const dt_ses_identity *file)
{
    if (file->signing_enabled == 0)
        switch_signing_on(view, finding, identity,
                          "DKIM signing is switched off for {I}: switch it on");
    else if (dt_text_equal(file->signing_origin, "EXTERNAL"))
        dt_fix_set(view, finding, DT_WHERE_DNS,
                   "The identity signs with a key of your own (BYODKIM): publish its public key at "
                   "its selector; do not switch it "
                   "to Easy DKIM",
                   NULL);
    else if (!dt_text_equal(file->dkim_status, "SUCCESS"))
        publish_tokens(view, finding, view->identity_domain);
}

static void
easy_dkim_unknown(dt_view *view, dt_finding *finding, const char *identity)
{
    dt_fix_look(view, finding, "Look first at what SES knows of {I}; the next step depends on it",
                get_identity_command(view, identity));
    dt_fix_set(view, finding, DT_WHERE_SES,
               "If it says NotFoundException: create the identity; SES shows three tokens",
               dt_aws_command("sesv2", "create-email-identity", "--email-identity", view->author,
                              "--region", region_of(view), NULL));
    switch_signing_on(view, finding, identity,
                      "If it shows SigningEnabled false: switch signing on");
    publish_tokens(view, finding, view->identity_domain);
}

void
dt_fix_easy_dkim(dt_view *view, dt_finding *finding, const char *identity)
{
    const dt_ses_identity *file = view->subject->context->identity;
    if (!identity || !view->author)
        return;
    g_free(finding->signing_domain);
    finding->signing_domain = g_strdup(view->identity_domain);
    if (is_service(view, finding)) {
        dt_fix_set(view, finding, DT_WHERE_SENDER,
                   "In the dashboard of {service}: add {D} as sending domain, publish the DKIM "
                   "records it shows and have it verified",
                   NULL);
        dt_fix_resend(view, finding, "Send a new test message");
        return;
    }
    if (file)
        easy_dkim_known(view, finding, identity, file);
    else
        easy_dkim_unknown(view, finding, identity);
    dt_fix_look(view, finding, "Wait until DkimAttributes.Status shows SUCCESS",
                get_identity_command(view, identity));
    dt_fix_resend(view, finding, "Send a new test message");
}

/* ---- CN: the CNAME of one selector --------------------------------------------------------- */

/* What stands at the name and is in the way of the CNAME: what a wildcard gives, the CNAME hides.
 */
static void
clear_name(dt_view *view, dt_finding *finding, const dt_selector_state *state)
{
    static const dt_rr_type in_the_way[] = { DT_RR_TXT, DT_RR_A, DT_RR_AAAA };
    const dt_answer *cname = dt_view_ask(view, state->name, DT_RR_CNAME);
    for (guint i = 0; i < cname->record_count; i++)
        dt_fix_remove(view, finding, state->name, "CNAME", cname->records[i].target,
                      "Take the wrong record away");
    if (cname->record_count)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(in_the_way); i++) {
        const dt_answer *answer = dt_view_ask(view, state->name, in_the_way[i]);
        if (answer->status == DT_DNS_OK && !dt_view_is_from_wildcard(view, answer))
            dt_fix_remove(view, finding, state->name, dt_rr_type_word(in_the_way[i]), NULL,
                          "Nothing else may stand beside a CNAME: take what is there away");
    }
}

void
dt_fix_cname(dt_view *view, dt_finding *finding, const dt_selector_state *state)
{
    g_autofree char *target =
        g_strconcat(state->selector, ".", state->zone ? state->zone : "dkim.amazonses.com", NULL);
    clear_name(view, finding, state);
    if (state->zone_is_known)
        dt_fix_publish(view, finding, state->name, "CNAME", target,
                       "Point the selector to the key that SES keeps");
    else
        dt_fix_publish_open(view, finding, state->name, "CNAME", target,
                            "Point the selector to the key that SES keeps; the target's zone is "
                            "the SigningHostedZone that "
                            "get-email-identity shows, usually dkim.amazonses.com");
}

/* ---- records that are edited --------------------------------------------------------------- */

/* Replaces the single text at name that old_values names, takes the others away; publishes where
 * there is none. */
static void
fix_text_record(dt_view *view, dt_finding *finding, const char *name, GPtrArray *old_values,
                const char *value, const char *text)
{
    if (old_values->len == 0) {
        dt_fix_publish(view, finding, name, "TXT", value, text);
        return;
    }
    dt_fix_replace(view, finding, name, "TXT", old_values->pdata[0], value, text);
    for (guint i = 1; i < old_values->len; i++)
        dt_fix_remove(view, finding, name, "TXT", old_values->pdata[i],
                      "Only one such record may stand at this name");
}

/* Looks like an SPF record, damaged ones included: what an SPF fix takes the place of. */
static gboolean
looks_like_spf(const char *text)
{
    return dt_spf_is_record(text) || (dt_text_contains(text, "v=spf1") && strlen(text) < 4096);
}

static gboolean
looks_like_dmarc(const char *text)
{
    return dt_text_contains(text, "dmarc") && dt_text_contains(text, "v") && strchr(text, '=');
}

static GPtrArray *
texts_at(dt_view *view, const char *name, gboolean (*wanted)(const char *))
{
    GPtrArray *texts = g_ptr_array_new();
    const dt_answer *answer = dt_view_ask(view, name, DT_RR_TXT);
    for (guint i = 0; i < answer->record_count; i++)
        if (wanted(answer->records[i].data))
            g_ptr_array_add(texts, answer->records[i].data);
    return texts;
}

void
dt_fix_spf_record(dt_view *view, dt_finding *finding, const char *name, const char *value,
                  const char *text)
{
    g_autoptr(GPtrArray) old = texts_at(view, name, looks_like_spf);
    fix_text_record(view, finding, name, old, value, text);
}

void
dt_fix_dmarc_record(dt_view *view, dt_finding *finding, const char *name, const char *value,
                    const char *text)
{
    g_autofree char *owner = dt_name_join("_dmarc", name);
    if (!owner)
        return;
    const dt_answer *cname = dt_view_ask(view, owner, DT_RR_CNAME);
    if (cname->record_count) {
        dt_fix_remove(view, finding, owner, "CNAME", cname->records[0].target,
                      "Take the CNAME away, nothing may stand beside it");
        dt_fix_publish(view, finding, owner, "TXT", value, text);
        return;
    }
    g_autoptr(GPtrArray) old = texts_at(view, owner, looks_like_dmarc);
    fix_text_record(view, finding, owner, old, value, text);
}

void
dt_no_proof(dt_view *view, dt_finding *finding, const char *why)
{
    finding->no_proof = TRUE;
    g_free(finding->proof_absent);
    finding->proof_absent = dt_fill(view, finding, why);
}
