/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What does an Authentication-Results or ARC-Authentication-Results field say (RFC 8601 2.2, RFC
 * 8617 4.1.1)? Reads the grammar and what receivers make of it: no authserv-id, no ";" between
 * results, properties without ptype, tokens cut by folds, host names between results. Nothing is
 * judged here.
 */
#include <string.h>
#include "base/text.h"
#include "authres.h"
#include "lexer.h"
#include "receivers.h"
#include "results.h"

/* A value longer than that was not cut by a fold: it is no value. */
#define MAX_CUT_VALUE 2000

static const char *const methods[] = {
    "arc",         "auth",           "bimi",    "compauth",  "dara",          "dkim",
    "dkim-adsp",   "dkim-atps",      "dmarc",   "dnswl",     "domainkeys",    "iprev",
    "rrvs",        "sender-id",      "smime",   "spf",       "vbr",           "x-csa",
    "x-me-sender", "x-ptr",          "x-tls",   "x-vs",      "x-google-dkim", "x-google-spf",
    "x-return-mx", "x-aligned-from", "x-dmarc", "x-arc-spf", "x-arc-dkim",    "x-sid",
};

static const char *const ptypes[] = {
    "header.", "smtp.", "policy.", "body.", "arc.", "dns.", "tls."
};

/* Keys without ptype: SES inbound and Received-SPF, Microsoft, Cisco, Fastmail, Yahoo. */
static const char *const bare_keys[] = {
    "action",
    "arc_overridden_status",
    "client-ip",
    "d",
    "envelope-from",
    "helo",
    "identity",
    "mechanism",
    "pr",
    "problem",
    "reason",
    "receiver",
    "x-bits",
    "x-sender",
    "x-conformance",
    "x-record-type",
    "x-spf-client",
};

static const char *const result_words[] = {
    "pass",          "fail",      "none",      "neutral",  "softfail", "hardfail",
    "temperror",     "permerror", "policy",    "unknown",  "error",    "skipped",
    "reject",        "timeout",   "tempfail",  "permfail", "declined", "signed",
    "bestguesspass", "temp_fail", "perm_fail", "invalid",
};

typedef struct {
    dt_lexer lexer;
    dt_recorded *recorded;
    dt_recorded_result *current; /* NULL before the first */
    char *comment;               /* comments that stand before their result */
    char *fragment;              /* the word without "=" read last, directly before where we are */
    char **open;                 /* the value read last, directly before where we are */
    gboolean wants_id;
    gboolean is_separated; /* ";" stands before */
    gboolean cuts_tokens;
} reader;

static gboolean
is_in(const char *const *list, guint count, const char *word)
{
    for (guint i = 0; i < count; i++)
        if (dt_text_equal(list[i], word))
            return TRUE;
    return FALSE;
}

#define IS_IN(list, word) is_in(list, G_N_ELEMENTS(list), word)

static gboolean
has_ptype(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(ptypes); i++)
        if (dt_text_has_prefix(name, ptypes[i]))
            return TRUE;
    return FALSE;
}

gboolean
dt_authres_is_name(const char *name)
{
    return IS_IN(methods, name) || has_ptype(name) || IS_IN(bare_keys, name);
}

static void
append(char **text, const char *more)
{
    char *both = g_strconcat(*text, more, NULL);
    g_free(*text);
    *text = both;
}

static void
close_value(reader *in)
{
    in->open = NULL;
    g_clear_pointer(&in->fragment, g_free);
}

/* Method versions ("dkim/1", RFC 8601 2.2) carry nothing. */
static void
strip_version(char *name)
{
    char *slash = strchr(name, '/');
    if (slash)
        *slash = '\0';
}

static gboolean
is_method(const reader *in, const char *name, const char *value)
{
    if (IS_IN(methods, name))
        return TRUE;
    return !strchr(name, '.') && !IS_IN(bare_keys, name) && in->is_separated &&
           IS_IN(result_words, value);
}

static void
add_result(reader *in, char *name, const char *value)
{
    strip_version(name);
    dt_recorded_result *result = dt_recorded_add(in->recorded, name, value);
    if (!result)
        return;
    in->current = result;
    result->comment = g_steal_pointer(&in->comment);
    in->open = &result->result;
}

static void
add_property(reader *in, const char *name, const char *value)
{
    if (!in->current)
        return;
    if (dt_text_equal(name, "reason")) {
        if (!in->current->reason)
            in->current->reason = g_strdup(value);
        return;
    }
    dt_property *property = dt_recorded_result_set(in->current, name, value);
    in->open = property ? &property->value : NULL;
}

/* Is "name=" the rest of the value before it, which a fold cut? "header.b=QUJ" fold "D=", and where
 * the receiver is known to cut anything: "smtp.mail=prvs=12" fold "34=user@example.com". */
static gboolean
is_rest_of_value(const reader *in, const char *name, gboolean was_folded)
{
    if (!in->open || !was_folded || in->is_separated || dt_authres_is_name(name) ||
        strlen(*in->open) >= MAX_CUT_VALUE)
        return FALSE;
    char next = in->lexer.at < in->lexer.length ? in->lexer.text[in->lexer.at] : ';';
    return in->cuts_tokens || strchr("=; \t\r\n", next);
}

static void
read_pair(reader *in, char *name, gboolean was_folded)
{
    if (is_rest_of_value(in, name, was_folded)) {
        g_autofree char *more = dt_lexer_value(&in->lexer, dt_authres_is_name);
        g_autofree char *text = g_strconcat(name, "=", more, NULL);
        append(in->open, text);
        return;
    }
    g_autofree char *value = dt_lexer_value(&in->lexer, dt_authres_is_name);
    g_autofree char *whole =
        in->fragment && was_folded ? g_strconcat(in->fragment, name, NULL) : NULL;
    if (whole && dt_authres_is_name(whole) && !dt_authres_is_name(name))
        name = whole;
    close_value(in);
    if (in->recorded->header == DT_HEADER_AAR && dt_text_equal(name, "i") && in->wants_id) {
        in->recorded->instance = MIN(g_ascii_strtoull(value, NULL, 10), 1000);
        return;
    }
    in->wants_id = FALSE;
    g_autofree char *plain = g_strdup(name);
    strip_version(plain);
    if (is_method(in, plain, value))
        add_result(in, plain, value);
    else
        add_property(in, name, value);
    in->is_separated = FALSE;
}

static void
take_id(reader *in, const char *id)
{
    in->wants_id = FALSE;
    in->recorded->authserv_id = g_strdup(id);
    const dt_receiver *receiver = dt_receiver_of_id(id);
    in->cuts_tokens = receiver && receiver->flags & DT_RECEIVER_CUTS_TOKENS;
}

/* A word without "=": the authserv-id, the rest of a token that a fold cut, or something to skip (a
 * version, old Hotmail's host). */
static void
read_fragment(reader *in, const char *word, gboolean was_folded)
{
    if (in->wants_id) {
        take_id(in, word);
        return;
    }
    if (in->open && was_folded && !in->fragment && strlen(*in->open) < MAX_CUT_VALUE) {
        g_autofree char *low = in->current && in->open == &in->current->result
                                   ? g_ascii_strdown(word, -1)
                                   : g_strdup(word);
        append(in->open, low);
        return;
    }
    close_value(in);
    in->fragment = g_strdup(word);
}

static void
read_word(reader *in)
{
    gboolean was_folded = in->lexer.folded;
    gsize before = in->lexer.at;
    if (in->lexer.text[before] == '"') {
        g_autofree char *quoted = dt_lexer_quoted(&in->lexer);
        if (quoted)
            read_fragment(in, quoted, FALSE);
        else
            in->lexer.at++;
        return;
    }
    g_autofree char *name = dt_lexer_name(&in->lexer);
    if (!*name)
        in->lexer.at = MAX(in->lexer.at, before + 1); /* a stray "=" */
    else if (dt_lexer_equals(&in->lexer))
        read_pair(in, name, was_folded);
    else
        read_fragment(in, name, was_folded);
}

static void
read_comment(reader *in)
{
    char *comment = dt_lexer_comment(&in->lexer);
    gboolean is_before = !in->current || in->is_separated;
    close_value(in);
    dt_comment_add(is_before ? &in->comment : &in->current->comment, comment);
}

static void
read_all(reader *in)
{
    while (dt_lexer_skip_blank(&in->lexer), !dt_lexer_at_end(&in->lexer)) {
        if (in->lexer.text[in->lexer.at] == ';') {
            in->lexer.at++;
            in->is_separated = TRUE;
            close_value(in);
            if (!in->current)
                g_clear_pointer(&in->comment, g_free); /* it was the authserv-id's */
        } else if (dt_lexer_at_comment(&in->lexer)) {
            read_comment(in);
        } else {
            read_word(in);
        }
    }
}

/* Microsoft has sent whole fields as encoded words (2024-05). */
static char *
field_text(const dt_field *field)
{
    char *text = dt_lexer_field_text(field);
    if (!strstr(text, "=?"))
        return text;
    char *decoded = dt_decode_words(text, strlen(text));
    g_free(text);
    return decoded;
}

dt_recorded *
dt_authres_parse(const dt_field *field, dt_recorded_header header)
{
    reader in = { .recorded = dt_recorded_new(field, header),
                  .wants_id = TRUE,
                  .is_separated = TRUE };
    dt_lexer_init(&in.lexer, field_text(field), DT_LEXER_QUOTES);
    read_all(&in);
    close_value(&in);
    g_free(in.comment);
    dt_lexer_clear(&in.lexer);
    return in.recorded;
}
