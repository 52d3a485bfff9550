/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Macros (RFC 7208 section 7): the grammar of macro strings, the values of the letters, and the
 * cutting of names that come out too long. Which term asks for an expansion, and what a bad one
 * means, is for walk.c and mechanism.c.
 */
#include "spf/walk.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/name.h"

#define MAX_NAME        253
#define MAX_EXPANSION   16384 /* octets kept of a name while it grows: only its end counts */
#define MAX_SPEC        4096  /* octets of a domain-spec: a bound on the work */
#define MAX_EXPLANATION 4096

typedef struct {
    const char *literal; /* not NULL: the text itself */
    gsize literal_length;
    char letter;         /* lower case */
    gboolean is_escaped; /* an upper case letter */
    guint keep;          /* rightmost parts; 0: all */
    gboolean is_reversed;
    const char *delimiters; /* inside the spec; length 0: "." */
    gsize delimiter_count;
} token;

static const char *
read_transformers(const char *at, const char *end, token *t)
{
    gboolean has_digits = FALSE;
    for (; at < end && g_ascii_isdigit(*at); at++, has_digits = TRUE)
        t->keep = MIN(t->keep * 10 + (*at - '0'), 1000);
    if (has_digits && t->keep == 0)
        return NULL;
    if (at < end && (*at == 'r' || *at == 'R')) {
        t->is_reversed = TRUE;
        at++;
    }
    t->delimiters = at;
    while (at < end && strchr(".-+,/_=", *at) && *at)
        at++;
    t->delimiter_count = at - t->delimiters;
    return at;
}

/* Behind "%{". Returns what is behind the "}", or NULL with the fault. */
static const char *
read_macro(const char *at, const char *end, token *t, const char **fault)
{
    if (at >= end || !*at || !strchr("slodiphcrtvSLODIPHCRTV", *at)) {
        *fault = "\"%{\" is not followed by a macro letter";
        return NULL;
    }
    t->letter = g_ascii_tolower(*at);
    t->is_escaped = g_ascii_isupper(*at);
    at = read_transformers(at + 1, end, t);
    if (!at)
        *fault = "a macro keeps zero labels";
    else if (at >= end || *at != '}')
        *fault = "a macro does not end in \"}\"";
    return *fault ? NULL : at + 1;
}

/* The next token of a macro-string at *at < end. FALSE with the fault. */
static gboolean
next_token(const char **at, const char *end, token *t, const char **fault)
{
    const char *p = *at;
    memset(t, 0, sizeof *t);
    if (*p != '%') {
        while (p < end && *p != '%')
            p++;
        t->literal = *at;
        t->literal_length = p - *at;
        *at = p;
        return TRUE;
    }
    char kind = p + 1 < end ? p[1] : '\0';
    if (kind == '{') {
        *at = read_macro(p + 2, end, t, fault);
        return *at != NULL;
    }
    t->literal = kind == '%' ? "%" : kind == '_' ? " " : kind == '-' ? "%20" : NULL;
    if (!t->literal) {
        *fault = "a \"%\" that starts no macro";
        return FALSE;
    }
    t->literal_length = strlen(t->literal);
    *at = p + 2;
    return TRUE;
}

const char *
dt_spf_macro_fault(const char *spec, gsize length, gboolean is_domain, gboolean *ends_in_macro_out)
{
    const char *at = spec, *end = spec + length, *fault = NULL;
    gboolean is_macro = FALSE;
    while (at < end) {
        token t;
        is_macro = *at == '%';
        if (!next_token(&at, end, &t, &fault))
            return fault;
        if (is_domain && t.letter && strchr("crt", t.letter))
            return "the macro letters c, r and t are for explanations only";
    }
    if (ends_in_macro_out)
        *ends_in_macro_out = is_macro;
    return NULL;
}

/* 192.0.2.1, or the 32 nibbles of an IPv6 address with dots between them. */
static char *
dotted_address(const dt_spf_walk *walk)
{
    if (walk->address_length == 4)
        return g_strdup(walk->address_text);
    GString *out = g_string_sized_new(64);
    for (guint i = 0; i < 16; i++)
        g_string_append_printf(out, "%s%X.%X", i ? "." : "", walk->address[i] >> 4,
                               walk->address[i] & 15);
    return g_string_free(out, FALSE);
}

static char *
validated_or_unknown(dt_spf_walk *walk, const char *domain)
{
    char *name = dt_spf_validated_name(walk, domain, FALSE, NULL);
    return name ? name : g_strdup("unknown");
}

static char *
letter_value(dt_spf_walk *walk, char letter, const char *domain)
{
    const char *helo = walk->input->helo;
    switch (letter) {
    case 's':
        return g_strconcat(walk->local_part, "@", walk->sender_domain, NULL);
    case 'l':
        return g_strdup(walk->local_part);
    case 'o':
        return g_strdup(walk->sender_domain);
    case 'd':
        return dt_name_to_octets(domain, NULL);
    case 'i':
        return dotted_address(walk);
    case 'p':
        return validated_or_unknown(walk, domain);
    case 'h':
        return g_strdup(helo && *helo && strlen(helo) <= DT_SPF_MAX_INPUT ? helo : "unknown");
    case 'v':
        return g_strdup(walk->address_length == 4 ? "in-addr" : "ip6");
    case 'c':
        return g_strdup(walk->address_text);
    case 'r':
        return g_strdup(walk->input->receiver ? walk->input->receiver : "unknown");
    default: /* t */
        return g_strdup_printf("%" G_GINT64_FORMAT, walk->input->time);
    }
}

/* RFC 7208 7.3: split at the delimiters, reverse, keep the rightmost parts, join with dots. */
static char *
transform(char *value, const token *t)
{
    if (!t->is_reversed && t->keep == 0 && t->delimiter_count == 0)
        return value;
    g_autofree char *set =
        t->delimiter_count ? g_strndup(t->delimiters, t->delimiter_count) : g_strdup(".");
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    for (char *p = value;;) {
        char *stop = p + strcspn(p, set);
        gboolean is_last = *stop == '\0';
        *stop = '\0';
        g_ptr_array_add(parts, p);
        if (is_last)
            break;
        p = stop + 1;
    }
    guint count = t->keep && t->keep < parts->len ? t->keep : parts->len;
    GString *out = g_string_new(NULL);
    for (guint i = parts->len - count; i < parts->len; i++) {
        guint from = t->is_reversed ? parts->len - 1 - i : i;
        if (i > parts->len - count)
            g_string_append_c(out, '.');
        g_string_append(out, g_ptr_array_index(parts, from));
    }
    g_free(value);
    return g_string_free(out, FALSE);
}

static void
append_macro(GString *out, dt_spf_walk *walk, const token *t, const char *domain)
{
    g_autofree char *value = transform(letter_value(walk, t->letter, domain), t);
    if (!t->is_escaped) {
        g_string_append(out, value);
        return;
    }
    for (const char *p = value; *p; p++) { /* RFC 3986 2.3: all but unreserved characters */
        if (g_ascii_isalnum(*p) || strchr("-._~", *p))
            g_string_append_c(out, *p);
        else
            g_string_append_printf(out, "%%%02X", (guchar)*p);
    }
}

/* RFC 7208 7.3: labels go on the left until 253 octets are left. */
static void
fit_name(GString *name)
{
    if (name->len > 0 && name->str[name->len - 1] == '.')
        g_string_truncate(name, name->len - 1);
    gsize from = 0;
    while (name->len - from > MAX_NAME) {
        const char *dot = memchr(name->str + from, '.', name->len - from);
        if (!dot)
            break;
        from = dot + 1 - name->str;
    }
    g_string_erase(name, 0, from);
}

char *
dt_spf_macro_name(dt_spf_walk *walk, const char *spec, const char *domain)
{
    const char *at = spec, *end = spec + strlen(spec), *fault = NULL;
    if (end - spec > MAX_SPEC)
        return NULL;
    g_autoptr(GString) out = g_string_sized_new(64);
    while (at < end) {
        token t;
        if (!next_token(&at, end, &t, &fault))
            return NULL;
        if (t.literal)
            g_string_append_len(out, t.literal, t.literal_length);
        else
            append_macro(out, walk, &t, domain);
        if (out->len > MAX_EXPANSION)
            g_string_erase(out, 0, out->len - 1024);
    }
    fit_name(out);
    g_autofree char *name = dt_name_from_octets(out->str, out->len);
    return name && name[0] ? g_steal_pointer(&name) : NULL;
}

char *
dt_spf_macro_explanation(dt_spf_walk *walk, const char *text, gsize length, const char *domain)
{
    const char *at = text, *end = text + length, *fault = NULL;
    g_autoptr(GString) out = g_string_sized_new(128);
    if (dt_spf_macro_fault(text, length, FALSE, NULL))
        return NULL;
    while (at < end && out->len <= MAX_EXPLANATION) {
        token t;
        if (!next_token(&at, end, &t, &fault))
            return NULL;
        if (t.literal)
            g_string_append_len(out, t.literal, t.literal_length);
        else
            append_macro(out, walk, &t, domain);
    }
    /* RFC 7208 6.2: US-ASCII, also after expansion; controls have no place in an SMTP reply. */
    for (gsize i = 0; i < out->len; i++)
        if (out->str[i] < 0x20 || out->str[i] > 0x7e)
            return NULL;
    return out->len > 0 && out->len <= MAX_EXPLANATION ? g_strdup(out->str) : NULL;
}
