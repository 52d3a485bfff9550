/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Why a signature that a receiver verified does not verify here: damage to the saved copy and a key
 * that changed since are told apart by body hash, by a second signature over the same header, and
 * by what the file looks like. Says nothing without a believed result.
 */
#include "diagnosis/dkim-facts.h"

#include "base/text.h"

#include <string.h>

/* A body is searched for its MIME boundaries up to this size. */
#define MAX_BODY_SEARCHED (256 * 1024)

#define MAX_DAMAGE_SHOWN 3

/* Fields that people mask: how many of them are looked at, and up to what length. */
#define MAX_MASKED_FIELDS 40
#define MAX_MASKED_LENGTH 4096

guint
dt_judged_count(const dt_view *view)
{
    return MIN(dt_view_signature_count(view), DT_MAX_SIGNATURES);
}

gboolean
dt_evidence_damage(dt_finding *finding, const dt_dkim_signature *signature)
{
    guint count = signature->damage ? MIN(signature->damage->len, MAX_DAMAGE_SHOWN) : 0;
    const char *proof = signature->signature == DT_CHECK_UNTESTED
                            ? "; with this undone on a copy, the body fits its hash again"
                            : "; with this undone on a copy, the signature verifies";
    for (guint i = 0; i < count; i++) {
        const dt_damage *damage = signature->damage->pdata[i];
        dt_evidence_computed(finding, damage->place ? damage->place : "damage search", "%s%s",
                             damage->text, i + 1 < count ? "" : proof);
    }
    return count > 0;
}

/* ---- the copy ------------------------------------------------------------------------------ */

gboolean
dt_copy_is_mixed(const dt_view *view)
{
    return dt_message_line_endings(view->subject->message) == DT_EOL_MIXED;
}

gboolean
dt_has_body_mismatch(const dt_view *view)
{
    for (guint i = 0; i < dt_judged_count(view); i++)
        if (dt_view_signature(view, i)->body_hash == DT_CHECK_MISMATCH)
            return TRUE;
    return FALSE;
}

/* The boundary parameter of a multipart message; NULL if there is none. Caller frees. */
static char *
boundary_of(const dt_message *message)
{
    const dt_field *field = dt_message_find(message, "Content-Type", 0);
    g_autofree char *value = field ? dt_field_value(field) : NULL;
    if (!value || !dt_text_has_prefix(value, "multipart/"))
        return NULL;
    g_autofree char *lower = g_ascii_strdown(value, -1);
    const char *at = strstr(lower, "boundary=");
    if (!at)
        return NULL;
    const char *start = value + (at - lower) + strlen("boundary=");
    gboolean is_quoted = *start == '"';
    start += is_quoted;
    gsize length = strcspn(start, is_quoted ? "\"" : "; \t\r\n");
    return length ? g_strndup(start, length) : NULL;
}

/* The header announces parts, and the body holds not one of their delimiters. */
static gboolean
has_lost_parts(dt_message *message)
{
    g_autofree char *boundary = boundary_of(message);
    if (!boundary || !dt_message_has_body(message) ||
        dt_message_body_size(message) > MAX_BODY_SEARCHED)
        return FALSE;
    gsize length = 0;
    g_autofree char *body = dt_message_body(message, MAX_BODY_SEARCHED, &length);
    g_autofree char *delimiter = g_strconcat("--", boundary, NULL);
    return body && length > 0 && !g_strstr_len(body, length, delimiter);
}

gboolean
dt_copy_is_pasted(const dt_view *view)
{
    dt_message *message = view->subject->message;
    return dt_has_body_mismatch(view) &&
           (dt_message_has_leading_blank(message) || has_lost_parts(message));
}

gboolean
dt_has_exchange_fields(const dt_view *view)
{
    const dt_message *message = view->subject->message;
    for (guint i = 0; i < dt_message_field_count(message); i++) {
        const dt_field *field = dt_message_field(message, i);
        if (field->name_length > 14 && g_ascii_strncasecmp(field->raw, "X-MS-Exchange-", 14) == 0)
            return TRUE;
    }
    return FALSE;
}

/* ---- masked fields ------------------------------------------------------------------------- */

/* A run of one letter x or of stars, as people put it over a name: "xxx", "xxxxxx.xxx", "***". */
static gboolean
is_masked_word(const char *word, gsize length)
{
    guint masks = 0;
    for (gsize i = 0; i < length; i++) {
        if (word[i] == 'x' || word[i] == 'X' || word[i] == '*' || (guchar)word[i] == 0xe2)
            masks++;
        else if (word[i] != '.' && word[i] != '-' && word[i] != '_' && (guchar)word[i] < 0x80)
            return FALSE;
    }
    return masks >= 3;
}

static gboolean
has_masked_word(const char *value)
{
    static const char separators[] = " \t\r\n<>@,;:\"'()[]";
    for (const char *p = value; *p;) {
        gsize length = strcspn(p, separators);
        if (length >= 3 && is_masked_word(p, length))
            return TRUE;
        p += length;
        p += strspn(p, separators);
    }
    return FALSE;
}

static gboolean
is_masked(const char *value)
{
    static const char *const words[] = { "redacted", "[removed]",    "<removed>",  "[hidden]",
                                         "<hidden>", "[email",       "anonymized", "anonymised",
                                         "[masked]", "\xe2\x96\x88", "[private]" };
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (dt_text_contains(value, words[i]))
            return TRUE;
    return has_masked_word(value);
}

static gboolean
is_covered(const dt_dkim_signature *signature, const dt_field *field)
{
    for (char **name = signature->h; name && *name; name++)
        if (dt_field_is(field, *name))
            return TRUE;
    return FALSE;
}

static gboolean
is_maskable(const dt_field *field)
{
    static const char *const names[] = {
        "To",         "From",       "Cc",          "Subject",          "Reply-To", "Sender",
        "Message-ID", "References", "In-Reply-To", "List-Unsubscribe", "List-ID",  "Feedback-ID"
    };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (dt_field_is(field, names[i]))
            return field->raw_length <= MAX_MASKED_LENGTH;
    return FALSE;
}

const dt_field *
dt_masked_field(const dt_view *view, guint index)
{
    const dt_message *message = view->subject->message;
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    guint looked_at = 0;
    for (guint i = 0; i < dt_message_field_count(message) && looked_at < MAX_MASKED_FIELDS; i++) {
        const dt_field *field = dt_message_field(message, i);
        if (!is_maskable(field))
            continue;
        g_autofree char *value = dt_field_value(field);
        looked_at++;
        if (is_masked(value) && is_covered(signature, field))
            return field;
    }
    return NULL;
}

/* ---- keys ---------------------------------------------------------------------------------- */

gboolean
dt_key_is_gone(const dt_dkim_signature *signature)
{
    return signature->reason == DT_REASON_NO_KEY || signature->reason == DT_REASON_KEY_REVOKED ||
           (signature->key && (signature->key->fault == DT_REASON_NO_KEY ||
                               signature->key->fault == DT_REASON_KEY_REVOKED));
}

static gboolean
has_other_without_key(const dt_view *view, guint index)
{
    for (guint i = 0; i < dt_judged_count(view); i++)
        if (i != index && dt_key_is_gone(dt_view_signature(view, i)))
            return TRUE;
    return FALSE;
}

/* ---- the excuse ---------------------------------------------------------------------------- */

static dt_excuse
excuse_of_body(const dt_view *view)
{
    if (dt_copy_is_mixed(view))
        return DT_EXCUSE_MIXED_EOL;
    if (dt_copy_is_pasted(view))
        return DT_EXCUSE_PASTE;
    return dt_has_exchange_fields(view) ? DT_EXCUSE_OUTLOOK : DT_EXCUSE_CHANGED;
}

static dt_excuse
excuse_of_header(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    if (signature->reason == DT_REASON_WRONG_KEY || dt_view_witness(view, index) >= 0)
        return DT_EXCUSE_ROTATED;
    if (dt_copy_is_mixed(view))
        return DT_EXCUSE_MIXED_EOL;
    if (dt_masked_field(view, index))
        return DT_EXCUSE_REDACTED;
    gboolean is_undone = signature->damage && signature->damage->len > 0;
    return has_other_without_key(view, index) && !is_undone ? DT_EXCUSE_EITHER : DT_EXCUSE_CHANGED;
}

dt_excuse
dt_excuse_of(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    if (signature->result == DT_DKIM_PASS || !dt_view_recorded_pass(view, index))
        return DT_EXCUSE_NONE;
    if (signature->body_hash == DT_CHECK_MISMATCH)
        return excuse_of_body(view);
    if (dt_key_is_gone(signature))
        return DT_EXCUSE_ROTATED;
    if (signature->signature == DT_CHECK_MISMATCH && signature->result == DT_DKIM_FAIL)
        return excuse_of_header(view, index);
    return signature->reason == DT_REASON_NO_BODY_TO_TEST ? DT_EXCUSE_NO_BODY : DT_EXCUSE_NONE;
}

const char *
dt_excuse_code(dt_excuse excuse)
{
    static const char *const codes[] = {
        [DT_EXCUSE_NONE] = NULL,
        [DT_EXCUSE_MIXED_EOL] = "saved-mixed-eol",
        [DT_EXCUSE_PASTE] = "saved-show-original-paste",
        [DT_EXCUSE_OUTLOOK] = "saved-outlook",
        [DT_EXCUSE_REDACTED] = "saved-redacted",
        [DT_EXCUSE_CHANGED] = "saved-changed",
        [DT_EXCUSE_ROTATED] = "dkim-key-rotated",
        [DT_EXCUSE_EITHER] = "saved-changed",
        [DT_EXCUSE_NO_BODY] = "headers-only",
    };
    return codes[excuse];
}

void
dt_view_mark_excused(dt_view *view)
{
    for (guint i = 0; i < dt_judged_count(view); i++) {
        const dt_identifier *identifier = dt_case_dkim_identifier(view->subject, i);
        if (identifier->names_aligned == DT_TERNARY_TRUE && dt_excuse_of(view, i) != DT_EXCUSE_NONE)
            view->excused[i] = TRUE;
    }
}

/* ---- signatures that SES did not make ------------------------------------------------------ */

static gboolean
names_field(const dt_dkim_signature *signature, const char *name)
{
    for (char **h = signature->h; h && *h; h++)
        if (dt_text_equal(*h, name))
            return TRUE;
    return FALSE;
}

gboolean
dt_is_presigned(const dt_view *view, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    if (!view->is_ses || signature->signature != DT_CHECK_MISMATCH ||
        signature->body_hash == DT_CHECK_MISMATCH || signature->result != DT_DKIM_FAIL ||
        dt_view_is_amazon_signature(signature))
        return FALSE;
    if (!names_field(signature, "date") && !names_field(signature, "message-id"))
        return FALSE;
    for (guint i = 0; i < index; i++) {
        const dt_dkim_signature *above = dt_view_signature(view, i);
        gboolean is_earlier = above->t < 0 || signature->t < 0 || signature->t <= above->t;
        if (dt_view_is_amazon_signature(above) && above->signature == DT_CHECK_OK && is_earlier)
            return TRUE;
    }
    return FALSE;
}

/* ---- selectors ----------------------------------------------------------------------------- */

const dt_selector_state *
dt_state_of_signature(const dt_view *view, guint index)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->signature == (gint)index)
            return state;
    }
    return NULL;
}

static gboolean
is_cname_fault(dt_selector_fault fault)
{
    switch (fault) {
    case DT_SELECTOR_MISSING:
    case DT_SELECTOR_DOUBLED:
    case DT_SELECTOR_WRONG_ZONE:
    case DT_SELECTOR_WRONG_TARGET:
    case DT_SELECTOR_PROXIED:
    case DT_SELECTOR_NO_UNDERSCORE:
        return TRUE;
    case DT_SELECTOR_OK:
    case DT_SELECTOR_TXT_COPY:
    case DT_SELECTOR_UNREACHABLE:
        return FALSE;
    }
    return FALSE;
}

gboolean
dt_has_token_fault(const dt_view *view)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->is_token && is_cname_fault(state->fault))
            return TRUE;
    }
    return FALSE;
}

gboolean
dt_signed_with_token(const dt_view *view)
{
    for (guint i = 0; i < view->selectors->len; i++) {
        const dt_selector_state *state = view->selectors->pdata[i];
        if (state->is_token && state->signature >= 0 &&
            (state->fault == DT_SELECTOR_OK || state->fault == DT_SELECTOR_TXT_COPY))
            return TRUE;
    }
    return FALSE;
}

/* ---- recorded results ---------------------------------------------------------------------- */

const dt_recorded_result *
dt_view_recorded(const dt_view *view, const char *method, guint index,
                 const dt_recorded **field_out)
{
    const GPtrArray *fields = dt_message_recorded(view->subject->message);
    for (guint i = 0; i < fields->len; i++) {
        const dt_recorded *field = fields->pdata[i];
        if (view->subject->boundary->trust[i] == DT_TRUST_NONE || field->header == DT_HEADER_AAR)
            continue;
        for (guint k = 0; k < field->results->len; k++) {
            const dt_recorded_result *result = field->results->pdata[k];
            if (strcmp(result->method, method) != 0 || index-- > 0)
                continue;
            if (field_out)
                *field_out = field;
            return result;
        }
    }
    return NULL;
}
