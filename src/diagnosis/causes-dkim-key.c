/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: the public key at s._domainkey.d (RFC 6376 3.6.1, RFC 8301): not there, revoked, another
 * one, unreadable, too small; and keys that were right when the receiver looked. Easy DKIM's CNAMEs
 * are causes-dkim-cname.c.
 */
#include "diagnosis/dkim-facts.h"

#include "base/text.h"

#include <string.h>

#define KEY_WANTED "v=DKIM1; k=rsa; p=PUBLICKEY1"

/* Is the selector one of Easy DKIM, whose key SES keeps? */
static gboolean
is_easy(const dt_view *view, const dt_dkim_signature *signature)
{
    return view->is_ses && signature->s && dt_ses_is_easy_dkim_selector(signature->s);
}

static void
bind_signature(dt_finding *finding, const dt_dkim_signature *signature)
{
    dt_bind(finding, "selector", signature->s);
    dt_bind(finding, "d", signature->domain);
    dt_bind(finding, "key",
            signature->key && signature->key->name ? signature->key->name : signature->domain);
}

/* Field and key of a signature. */
static void
show_key(dt_view *view, dt_finding *finding, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    bind_signature(finding, signature);
    dt_evidence_signature(view, finding, index);
    if (signature->key && signature->key->answer)
        dt_evidence_answer(finding, signature->key->answer, NULL);
}

/* The first of the author's signatures of which is says so; -1 none. */
static gint
find_own(dt_view *view, gboolean (*is)(dt_view *view, guint index))
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (dt_view_is_own_signature(view, i) && !dt_view_is_amazon_signature(signature) &&
            is(view, i))
            return i;
    }
    return -1;
}

static dt_certainty
recognise_own(dt_view *view, dt_finding *finding, gboolean (*is)(dt_view *view, guint index))
{
    gint index = find_own(view, is);
    if (index < 0)
        return DT_ABSENT;
    show_key(view, finding, index);
    return DT_CERTAIN;
}

/* A service on top of SES keeps the key of its customers: its dashboard shows the record. */
static void
publish_unknown_key(dt_view *view, dt_finding *finding, const dt_dkim_signature *signature,
                    const char *text)
{
    const char *service = view->subject->ses->third_party;
    if (!signature->key || !signature->key->name)
        return;
    dt_bind(finding, "service", service);
    const char *what = service ? "Publish the record as the dashboard of {service} shows it" : text;
    gboolean is_there = signature->key->record && !signature->key->answer->cname;
    /* Two key records at one name would be as bad as a wrong one. */
    if (is_there)
        dt_fix_replace_open(view, finding, signature->key->name, "TXT", signature->key->record,
                            KEY_WANTED, what);
    else
        dt_fix_publish_open(view, finding, signature->key->name, "TXT", KEY_WANTED, what);
}

/* ---- dkim-key-rotated: the key that the receiver used is not there any more ---------------- */

static dt_certainty
recognise_key_rotated(dt_view *view, dt_finding *finding)
{
    dt_certainty certainty = DT_ABSENT;
    for (guint i = 0; i < dt_judged_count(view); i++) {
        dt_excuse excuse = dt_excuse_of(view, i);
        if (excuse != DT_EXCUSE_ROTATED && excuse != DT_EXCUSE_EITHER)
            continue;
        if (certainty == DT_ABSENT)
            bind_signature(finding, dt_view_signature(view, i));
        dt_evidence_recorded(view, finding, "dkim", i);
        if (dt_view_signature(view, i)->key && dt_view_signature(view, i)->key->answer)
            dt_evidence_answer(finding, dt_view_signature(view, i)->key->answer, NULL);
        certainty = MAX(certainty, excuse == DT_EXCUSE_ROTATED ? DT_CERTAIN : DT_POSSIBLE);
    }
    return certainty;
}

static void
mend_key_rotated(dt_view *view, dt_finding *finding)
{
    dt_fix_resend(view, finding,
                  "Nothing is to be mended at the sender for this; to check the set-up of today, "
                  "use a fresh message");
}

static const dt_cause dkim_key_rotated = {
    .code = "dkim-key-rotated",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_COPY,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_key_rotated,
    .mend = mend_key_rotated,
    .title = "The key of this signature was changed since the message was received",
    .explanation = "The receiver verified the signature of {d} when the message came. Today {key} "
                   "holds no key, a revoked one or "
                   "another one, so the check cannot be repeated. The sender did nothing wrong: "
                   "keys are rotated (replaced from time to time).",
    .recognised = "A believed result recorded dkim=pass for this signature, the body still fits "
                  "its hash (or cannot be tested), and the key is "
                  "gone, revoked, or does not verify while another signature over the same header "
                  "does. SES rotates the keys of Easy "
                  "DKIM by itself, so messages of some months' age often show this.",
    .remedy = "None for the sender. To test the set-up, send a fresh message and look at that one.",
    .reference = "RFC 6376 section 3.6.1; AWS: Easy DKIM in Amazon SES",
};

/* ---- what a text at a selector was meant to be --------------------------------------------- */

/* Base64 that follows "p=" once frames, quotes and blanks are gone. */
static char *
bare_key(const char *text)
{
    const char *at = NULL;
    for (const char *p = strstr(text, "p="); p; p = strstr(p + 2, "p="))
        at = p + 2;
    if (!at)
        return NULL;
    gsize length = 0;
    while (g_ascii_isalnum(at[length]) || at[length] == '+' || at[length] == '/')
        length++;
    while (at[length] == '=')
        length++;
    return g_strndup(at, length);
}

/* The text without PEM frames, quotes, backslashes and white space. */
static char *
without_frames(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p;) {
        const char *end = strncmp(p, "-----", 5) == 0 ? strstr(p + 5, "-----") : NULL;
        if (end) {
            p = end + 5;
            continue;
        }
        if (!strchr("\"'\\ \t\r\n", *p) && (guchar)*p < 0x80)
            g_string_append_c(out, *p);
        p++;
    }
    return g_string_free(out, FALSE);
}

/* key as record, if it is a whole RSA key. Caller frees. */
static char *
record_of(const char *key)
{
    g_autofree char *record = g_strconcat("v=DKIM1; k=rsa; p=", key, NULL);
    g_autoptr(dt_dkim_key) parsed = dt_dkim_key_parse(record, strlen(record));
    return parsed->fault == DT_REASON_OK ? g_steal_pointer(&record) : NULL;
}

/* The record that was meant, where the published text holds the whole key; NULL if it does not.
 * Caller frees. */
static char *
repaired(const char *text)
{
    g_autofree char *plain = without_frames(text);
    char *record = record_of(plain);
    if (record)
        return record;
    g_autofree char *key = bare_key(plain);
    record = key ? record_of(key) : NULL;
    const char *start = strstr(plain, "v=DKIM1");
    if (record || !key || !start || start == plain)
        return record;
    /* The strings of the TXT stand in the wrong order: the end of the key in front. */
    g_autofree char *tail = g_strndup(plain, start - plain);
    g_autofree char *turned = g_strconcat(key, tail, NULL);
    return record_of(turned);
}

/* No text at the name was meant as a key: what a wildcard answers is none. */
static gboolean
has_no_key_text(const dt_dkim_signature *signature)
{
    const dt_answer *answer = signature->key ? signature->key->answer : NULL;
    for (guint i = 0; answer && i < answer->record_count; i++) {
        const char *text = answer->records[i].data;
        g_autofree char *whole = repaired(text);
        if (whole || dt_text_contains(text, "p="))
            return FALSE;
    }
    return answer && answer->status == DT_DNS_OK;
}

/* The one text at the name is no key record as it stands (v=dkim1, say), but it holds the key. */
static gboolean
has_hidden_key(const dt_dkim_signature *signature)
{
    const dt_answer *answer = signature->key ? signature->key->answer : NULL;
    if (!answer || answer->record_count != 1)
        return FALSE;
    g_autofree char *whole = repaired(answer->records[0].data);
    return whole != NULL;
}

/* ---- dkim-byo-key-missing: a selector of one's own without a key --------------------------- */

static gboolean
is_byo_key_missing(dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    if (is_easy(view, signature) || dt_view_recorded_pass(view, index))
        return FALSE;
    return (signature->reason == DT_REASON_NO_KEY && !has_hidden_key(signature)) ||
           (signature->reason == DT_REASON_KEY_SYNTAX && has_no_key_text(signature));
}

static dt_certainty
recognise_byo_key_missing(dt_view *view, dt_finding *finding)
{
    return recognise_own(view, finding, is_byo_key_missing);
}

static void
mend_byo_key_missing(dt_view *view, dt_finding *finding)
{
    const dt_dkim_signature *signature =
        dt_view_signature(view, find_own(view, is_byo_key_missing));
    publish_unknown_key(view, finding, signature,
                        "Publish the public key that belongs to the signing key; only its owner "
                        "knows it (PUBLICKEY1: one line of base64)");
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause dkim_byo_key_missing = {
    .code = "dkim-byo-key-missing",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_byo_key_missing,
    .mend = mend_byo_key_missing,
    .title = "No key at the selector {selector}",
    .explanation = "The signature of {d} says that its key is at {key}, and no key is there. "
                   "Receivers cannot verify it.",
    .recognised = "A signature with a selector that is not Easy DKIM's (BYODKIM, a key of one's "
                  "own, or another service) whose name "
                  "SELECTOR._domainkey.DOMAIN has no key record. Receivers show \"no key for "
                  "signature\"; `dig TXT` at the name shows "
                  "nothing.",
    .remedy = "Publish `SELECTOR._domainkey.DOMAIN TXT \"p=...\"` with the public key that belongs "
              "to the private one given to SES, or that the "
              "sending service shows.",
    .reference = "RFC 6376 section 3.6.2; AWS: Bring Your Own DKIM in Amazon SES",
};

/* ---- dkim-key-revoked: the key record says that the key is withdrawn ----------------------- */

static gboolean
is_key_revoked(dt_view *view, guint index)
{
    return dt_view_signature(view, index)->reason == DT_REASON_KEY_REVOKED &&
           !dt_view_recorded_pass(view, index);
}

static gboolean
is_revoked_text(const dt_answer *answer)
{
    for (guint i = 0; answer && i < answer->record_count; i++) {
        g_autoptr(dt_dkim_key) key =
            dt_dkim_key_parse(answer->records[i].data, answer->records[i].length);
        if (key->is_revoked)
            return TRUE;
    }
    return FALSE;
}

/* In `domain` there is no signature to look at: a known token whose key is revoked. */
static dt_certainty
recognise_revoked_token(dt_view *view, dt_finding *finding)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->signature >= 0 || !is_revoked_text(state->answer))
            continue;
        dt_bind(finding, "d", state->domain);
        dt_bind(finding, "key", state->name);
        dt_evidence_answer(finding, state->answer, "p=");
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static dt_certainty
recognise_key_revoked(dt_view *view, dt_finding *finding)
{
    return view->subject->message ? recognise_own(view, finding, is_key_revoked)
                                  : recognise_revoked_token(view, finding);
}

static void
mend_key_revoked(dt_view *view, dt_finding *finding)
{
    gint index = view->subject->message ? find_own(view, is_key_revoked) : -1;
    if (index >= 0 && !is_easy(view, dt_view_signature(view, index))) {
        publish_unknown_key(view, finding, dt_view_signature(view, index),
                            "Publish a valid key, best a new pair under a new selector; only its "
                            "owner knows the value");
        dt_fix_resend(
            view, finding,
            "Send a new test message; mail signed with the revoked key cannot be verified again");
        return;
    }
    const char *region = view->region ? view->region : "REGION";
    dt_fix_look(view, finding,
                "Look at DkimAttributes: SES revokes the key when Easy DKIM is switched off or the "
                "identity deleted",
                dt_aws_command("sesv2", "get-email-identity", "--email-identity", view->identity,
                               "--region", region, NULL));
    dt_fix_set(
        view, finding, DT_WHERE_SES,
        "Switch DKIM signing of {I} on again; where SES shows new tokens, publish their CNAMEs",
        dt_aws_command("sesv2", "put-email-identity-dkim-attributes", "--email-identity",
                       view->identity, "--signing-enabled", "--region", region, NULL));
    dt_fix_resend(
        view, finding,
        "Send a new test message; mail signed with the revoked key cannot be verified again");
}

static const dt_cause dkim_key_revoked = {
    .code = "dkim-key-revoked",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_AUTHOR,
    .recognise = recognise_key_revoked,
    .mend = mend_key_revoked,
    .title = "The key of {d} is revoked",
    .explanation = "The key record at {key} has an empty p=, which means: this key is withdrawn, "
                   "signatures made with it do not count.",
    .recognised = "The key record has `p=` with nothing behind it, and no receiver recorded a pass "
                  "for this signature. Receivers show "
                  "dkim=permerror or \"key revoked\". SES leaves such a record when Easy DKIM was "
                  "switched off or the identity deleted.",
    .remedy = "Enable DKIM for the identity again and publish the CNAMEs of its present tokens; "
              "with a key of one's own publish a new pair under a new "
              "selector. Old mail cannot be verified again.",
    .reference = "RFC 6376 section 3.6.1 (p=)",
};

/* ---- dkim-byo-mismatch: the published key is not the one that signed ----------------------- */

static gboolean
is_mismatch(dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    const dt_selector_state *state = dt_state_of_signature(view, index);
    if (dt_view_recorded_pass(view, index) || dt_is_presigned(view, index))
        return FALSE;
    /* The CNAME family says more of these. */
    if (state && (state->fault == DT_SELECTOR_WRONG_TARGET ||
                  (state->fault == DT_SELECTOR_TXT_COPY && state->deciding)))
        return FALSE;
    if (signature->reason == DT_REASON_WRONG_KEY ||
        signature->reason == DT_REASON_KEY_TYPE_MISMATCH)
        return TRUE;
    return signature->reason == DT_REASON_HEADER_CHANGED && dt_view_witness(view, index) >= 0;
}

static dt_certainty
recognise_byo_mismatch(dt_view *view, dt_finding *finding)
{
    gint index = find_own(view, is_mismatch);
    if (index < 0)
        return DT_ABSENT;
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    gint witness = dt_view_witness(view, index);
    show_key(view, finding, index);
    if (witness >= 0) {
        dt_bind(finding, "witness", dt_view_signature(view, witness)->domain);
        dt_evidence_computed(
            finding, "DKIM",
            "body hash %s; the signature of %s over the same header verifies, that of %s does not",
            dt_check_word(signature->body_hash), dt_view_signature(view, witness)->domain,
            signature->domain);
    } else
        dt_evidence_computed(finding, "DKIM",
                             "the signature is made with %s, the published key is of type %s",
                             signature->a, signature->key->type ? signature->key->type : "rsa");
    if (signature->reason == DT_REASON_KEY_TYPE_MISMATCH)
        dt_set_explanation(finding, "The key at {key} is of another type than the signature of "
                                    "{d}: it is not the key that signed.");
    if (!is_easy(view, signature))
        return DT_CERTAIN;
    dt_set_explanation(finding, "The header is intact, since the signature of {witness} over it "
                                "verifies; the key that SES publishes for this "
                                "selector today is not the one that signed. SES may have replaced "
                                "it since the message was sent.");
    return DT_POSSIBLE;
}

static void
mend_byo_mismatch(dt_view *view, dt_finding *finding)
{
    const dt_dkim_signature *signature = dt_view_signature(view, find_own(view, is_mismatch));
    if (is_easy(view, signature)) {
        char *look =
            dt_aws_command("sesv2", "get-email-identity", "--email-identity", view->identity,
                           "--region", view->region ? view->region : "REGION", NULL);
        dt_check_command(finding, g_strdup(look));
        dt_fix_look(
            view, finding,
            "Look whether SES still lists this selector among its Tokens, with Status SUCCESS",
            look);
        dt_fix_resend(view, finding, "Send a new test message: it is signed with the key of today");
        return;
    }
    publish_unknown_key(view, finding, signature,
                        "Publish the public key that belongs to the private key that signs, in "
                        "place of the one there; only its owner knows it");
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause dkim_byo_mismatch = {
    .code = "dkim-byo-mismatch",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_byo_mismatch,
    .mend = mend_byo_mismatch,
    .title = "The published key is not the one that signs",
    .explanation = "Body and header are as they were signed: the signature of {witness} over the "
                   "same header verifies. That of {d} does not, so "
                   "the public key at {key} does not belong to the private key that signed.",
    .recognised = "The body hash fits, the signature does not verify, and another signature over "
                  "the same header fields does, "
                  "so nothing was changed: the key is wrong. It happens when a key pair is made "
                  "anew and only one half is exchanged. "
                  "Receivers show dkim=fail (\"signature did not verify\").",
    .remedy = "Publish the public key that belongs to the private key given to SES (`openssl rsa "
              "-in private.key -pubout`), in one line without "
              "the PEM frame.",
    .reference = "RFC 6376 section 6.1.3; AWS: Bring Your Own DKIM in Amazon SES",
};

/* ---- dkim-byo-key-syntax: the key record cannot be read ------------------------------------ */

static gboolean
is_key_unreadable(dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    const dt_selector_state *state = dt_state_of_signature(view, index);
    if (state && state->fault != DT_SELECTOR_OK)
        return FALSE;
    switch (signature->reason) {
    case DT_REASON_NO_KEY:
        return has_hidden_key(signature) && !dt_view_recorded_pass(view, index);
    case DT_REASON_KEY_SYNTAX:
        return !has_no_key_text(signature);
    case DT_REASON_KEY_MULTIPLE:
    case DT_REASON_KEY_SERVICE_MISMATCH:
    case DT_REASON_KEY_HASH_NOT_ALLOWED:
        return TRUE;
    default:
        return FALSE;
    }
}

static dt_certainty
recognise_byo_key_syntax(dt_view *view, dt_finding *finding)
{
    gint index = find_own(view, is_key_unreadable);
    if (index < 0)
        return DT_ABSENT;
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    show_key(view, finding, index);
    dt_bind(finding, "fault",
            signature->key->fault_text ? signature->key->fault_text : signature->detail);
    if (signature->key->fault_text)
        dt_evidence_computed(finding, "RFC 6376 section 3.6.1", "%s", signature->key->fault_text);
    if (signature->reason == DT_REASON_KEY_MULTIPLE)
        dt_set_explanation(finding, "There are several key records at {key}. A receiver cannot "
                                    "know which one counts, so none does.");
    else if (signature->reason != DT_REASON_KEY_SYNTAX && signature->reason != DT_REASON_NO_KEY)
        dt_set_explanation(finding, "The key record at {key} does not allow this use: {fault}");
    return DT_CERTAIN;
}

static void
mend_byo_key_syntax(dt_view *view, dt_finding *finding)
{
    const dt_dkim_signature *signature = dt_view_signature(view, find_own(view, is_key_unreadable));
    const dt_answer *answer = signature->key->answer;
    const char *old = answer && answer->record_count == 1 ? answer->records[0].data : NULL;
    g_autofree char *value = old && strlen(old) == answer->records[0].length ? repaired(old) : NULL;
    if (value)
        dt_fix_replace(view, finding, signature->key->name, "TXT", old, value,
                       "The same key as one p= value, with no frame, quotes, blanks or other tags");
    else if (signature->reason == DT_REASON_KEY_MULTIPLE)
        dt_fix_set(
            view, finding, DT_WHERE_DNS,
            "Leave the one record that belongs to the signing key at {key} and delete the others",
            NULL);
    else
        publish_unknown_key(view, finding, signature,
                            "Publish the key again in place of what is there: one p= value in "
                            "base64, without the PEM frame; only its owner knows it");
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause dkim_byo_key_syntax = {
    .code = "dkim-byo-key-syntax",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_byo_key_syntax,
    .mend = mend_byo_key_syntax,
    .title = "The key record of {d} cannot be read",
    .explanation =
        "The record at {key} holds no usable key: {fault} Receivers cannot verify the signature.",
    .recognised = "There is a key record, but its p= is no base64 or no key: PEM lines (-----BEGIN "
                  "PUBLIC KEY-----) or quotes inside, the "
                  "strings of the TXT in wrong order or cut, a lost semicolon. Receivers show "
                  "dkim=permerror (\"key syntax error\", "
                  "\"invalid public key\").",
    .remedy = "One p= value in base64, without the PEM frame and without blanks, cut by the DNS "
              "host into strings in the right order. Where the "
              "published text holds the whole key, the repaired value is shown.",
    .reference = "RFC 6376 section 3.6.1 and 3.6.2.2",
};

/* ---- dkim-key-small: below 1024 bits ------------------------------------------------------- */

static gboolean
is_key_small(dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    return signature->reason == DT_REASON_KEY_TOO_SMALL ||
           (signature->key && signature->key->bits > 0 && signature->key->bits < 1024 &&
            dt_text_equal(signature->key->type, "rsa") && signature->result != DT_DKIM_PASS);
}

static dt_certainty
recognise_key_small(dt_view *view, dt_finding *finding)
{
    gint index = find_own(view, is_key_small);
    if (index < 0)
        return DT_ABSENT;
    show_key(view, finding, index);
    dt_bindf(finding, "bits", "%u", dt_view_signature(view, index)->key->bits);
    dt_evidence_rule(finding, "RFC 8301 section 3.2",
                     "verifiers must not accept RSA keys of less than 1024 bits");
    return DT_CERTAIN;
}

static void
new_pair(dt_view *view, dt_finding *finding)
{
    dt_fix_set(
        view, finding, DT_WHERE_SENDER,
        "Make a new pair of 2048 bits (openssl genrsa -out private.key 2048; openssl rsa -in "
        "private.key -pubout -out public.key) for a new selector",
        NULL);
    g_autofree char *name = g_strconcat("SELECTOR1._domainkey.", view->identity_domain, NULL);
    dt_fix_publish_open(view, finding, name, "TXT", KEY_WANTED,
                        "Publish its public key (the base64 of public.key in one line, without the "
                        "frame), then give SES the private one");
}

static void
mend_key_small(dt_view *view, dt_finding *finding)
{
    new_pair(view, finding);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause dkim_key_small = {
    .code = "dkim-key-small",
    .weight = DT_WEIGHT_BLOCKS_ALONE,
    .group = DT_GROUP_RECORD,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_key_small,
    .mend = mend_key_small,
    .title = "The key of {d} has only {bits} bits",
    .explanation = "The key at {key} has {bits} bits. Such keys can be broken, and since 2018 "
                   "receivers must not accept less than 1024 bits, even "
                   "where the signature is right.",
    .recognised = "The RSA key of the author's signature has fewer than 1024 bits. Receivers "
                  "differ in the word: policy, permerror, fail, neutral "
                  "or \"weak key\". SES itself makes no such keys; it is a key of one's own.",
    .remedy = "A new pair of 2048 bits under a new selector; the old record stays until the last "
              "mail signed with it has arrived.",
    .reference = "RFC 8301 section 3.2",
};

/* ---- dkim-1024-note: small, but accepted --------------------------------------------------- */

static gboolean
is_1024(dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    return dt_view_signature_aligned(view, index) && signature->key &&
           signature->key->bits == 1024 && dt_text_equal(signature->key->type, "rsa");
}

static dt_certainty
recognise_1024_note(dt_view *view, dt_finding *finding)
{
    return recognise_own(view, finding, is_1024);
}

static void
mend_1024_note(dt_view *view, dt_finding *finding)
{
    const dt_dkim_signature *signature = dt_view_signature(view, find_own(view, is_1024));
    if (is_easy(view, signature))
        dt_fix_set(view, finding, DT_WHERE_SES,
                   "Have SES use 2048 bits from the next key on (once in 24 hours at most)",
                   dt_aws_command("sesv2", "put-email-identity-dkim-signing-attributes",
                                  "--email-identity", view->identity, "--signing-attributes-origin",
                                  "AWS_SES", "--signing-attributes",
                                  "NextSigningKeyLength=RSA_2048_BIT", "--region",
                                  view->region ? view->region : "REGION", NULL));
    else
        dt_fix_set(view, finding, DT_WHERE_SENDER,
                   "When the key is next replaced: a pair of 2048 bits under a new selector", NULL);
    dt_fix_optional(finding);
}

static const dt_cause dkim_1024_note = {
    .code = "dkim-1024-note",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE | DT_NEEDS_AUTHOR,
    .recognise = recognise_1024_note,
    .mend = mend_1024_note,
    .title = "The key of {d} has 1024 bits",
    .explanation = "That is accepted everywhere; 2048 bits are what is recommended today. "
                   "(Amazon's own signature always has 1024 bits; that "
                   "is not meant here.)",
    .recognised = "The signature that aligns verifies with an RSA key of exactly 1024 bits. "
                  "Identities made in SES since some years have 2048 by "
                  "default.",
    .remedy = "Optional. Easy DKIM: set NextSigningKeyLength to RSA_2048_BIT, SES exchanges the "
              "key itself. A key of one's own: a new pair under "
              "a new selector.",
    .reference = "RFC 8301 section 3.2; AWS: Managing Easy DKIM and BYODKIM",
};

const dt_cause *const dt_causes_dkim_key[] = {
    &dkim_key_rotated,    &dkim_byo_key_missing, &dkim_key_revoked, &dkim_byo_mismatch,
    &dkim_byo_key_syntax, &dkim_key_small,       &dkim_1024_note,   NULL,
};
