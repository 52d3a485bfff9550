/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a record says, term by term (RFC 7208 4.5, 4.6.1, sections 5 and 6, ABNF of section 12), and
 * what is wrong with a term that does not parse: a faulty record is taken apart to its end, because
 * the fault is what people look for. Macro strings are macro.c; nothing is asked or expanded here.
 */
#include "spf/walk.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

typedef enum { NAME_NONE, NAME_OPTIONAL, NAME_REQUIRED, NAME_IP4, NAME_IP6 } name_rule;
typedef enum { CIDR_NONE, CIDR_4, CIDR_6, CIDR_DUAL } cidr_rule;

typedef struct {
    const char *word;
    dt_spf_term_kind kind;
    name_rule name;
    cidr_rule cidr;
} mechanism_row;

static const mechanism_row mechanisms[] = {
    { "all", DT_TERM_ALL, NAME_NONE, CIDR_NONE },
    { "include", DT_TERM_INCLUDE, NAME_REQUIRED, CIDR_NONE },
    { "a", DT_TERM_A, NAME_OPTIONAL, CIDR_DUAL },
    { "mx", DT_TERM_MX, NAME_OPTIONAL, CIDR_DUAL },
    { "ptr", DT_TERM_PTR, NAME_OPTIONAL, CIDR_NONE },
    { "ip4", DT_TERM_IP4, NAME_IP4, CIDR_4 },
    { "ip6", DT_TERM_IP6, NAME_IP6, CIDR_6 },
    { "exists", DT_TERM_EXISTS, NAME_REQUIRED, CIDR_NONE },
};

gboolean
dt_spf_is_record_octets(const char *octets, gsize length)
{
    return length >= 6 && g_ascii_strncasecmp(octets, "v=spf1", 6) == 0 &&
           (length == 6 || octets[6] == ' ');
}

gboolean
dt_spf_is_record(const char *text)
{
    return text && dt_spf_is_record_octets(text, strlen(text));
}

static void
term_fault(dt_spf_term *term, char *fault)
{
    term->is_valid = FALSE;
    if (term->fault)
        g_free(fault);
    else
        term->fault = fault;
}

/* toplabel (RFC 7208 7.1): letters and digits with a letter among them, or with a hyphen inside. */
static gboolean
is_toplabel(const char *label, gsize length)
{
    gboolean has_letter = FALSE, has_hyphen = FALSE;
    if (length == 0 || label[0] == '-' || label[length - 1] == '-')
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(label[i]) && label[i] != '-')
            return FALSE;
        has_letter |= g_ascii_isalpha(label[i]);
        has_hyphen |= label[i] == '-';
    }
    return has_letter || has_hyphen;
}

/* domain-spec = macro-string domain-end */
static void
check_domain_spec(dt_spf_term *term)
{
    gboolean ends_in_macro = FALSE;
    const char *spec = term->target;
    gsize length = strlen(spec);
    const char *fault = dt_spf_macro_fault(spec, length, TRUE, &ends_in_macro);
    if (fault) {
        term_fault(term, g_strdup(fault));
        return;
    }
    if (ends_in_macro)
        return;
    if (spec[length - 1] == '.')
        length--;
    gsize start = length;
    while (start > 0 && spec[start - 1] != '.')
        start--;
    if (start == 0)
        term_fault(term, g_strdup_printf("\"%.100s\" is no full domain name", spec));
    else if (!is_toplabel(spec + start, length - start))
        term_fault(term, g_strdup_printf("\"%.64s\" cannot end a domain name", spec + start));
}

/* "/" and digits at the end of text: their value is taken off. FALSE if there is none. */
static gboolean
take_length(const char *text, gsize *length, guint limit, gint *value_out, dt_spf_term *term)
{
    gsize digits = 0, end = *length;
    while (digits < end && g_ascii_isdigit(text[end - digits - 1]))
        digits++;
    if (digits == 0 || digits == end || text[end - digits - 1] != '/')
        return FALSE;
    const char *first = text + end - digits;
    guint value = digits > 4 ? G_MAXINT : (guint)g_ascii_strtoull(first, NULL, 10);
    if (digits > 1 && *first == '0')
        term_fault(term, g_strdup("the prefix length starts with a zero"));
    else if (value > limit)
        term_fault(term, g_strdup_printf("the prefix length is larger than %u", limit));
    else
        *value_out = value;
    *length = end - digits - 1;
    return TRUE;
}

static void
take_cidr(dt_spf_term *term, const mechanism_row *row, const char *text, gsize *length)
{
    gsize before = *length;
    if (row->cidr == CIDR_NONE)
        return;
    if (row->cidr == CIDR_6) {
        take_length(text, length, 128, &term->cidr6, term);
        return;
    }
    gsize digits = 0;
    while (digits < before && g_ascii_isdigit(text[before - digits - 1]))
        digits++;
    gboolean is_v6 = row->cidr == CIDR_DUAL && digits > 0 && digits + 2 <= before &&
                     text[before - digits - 1] == '/' && text[before - digits - 2] == '/';
    if (is_v6) {
        take_length(text, length, 128, &term->cidr6, term);
        (*length)--;
    }
    take_length(text, length, 32, &term->cidr4, term);
}

static void
check_address(dt_spf_term *term, name_rule rule)
{
    int family = rule == NAME_IP4 ? AF_INET : AF_INET6;
    const char *target = term->target ? term->target : "";
    if (inet_pton(family, target, term->address) == 1)
        term->address_length = rule == NAME_IP4 ? 4 : 16;
    else
        term_fault(term, g_strdup_printf("\"%.64s\" is no %s address", target,
                                         rule == NAME_IP4 ? "IPv4" : "IPv6"));
}

/* What stands behind the mechanism's word: [":" target] [cidr]. */
static void
read_arguments(dt_spf_term *term, const mechanism_row *row, const char *rest)
{
    gsize length = strlen(rest);
    take_cidr(term, row, rest, &length);
    if (length > 0 && rest[0] == ':')
        term->target = g_strndup(rest + 1, length - 1);
    if (row->name == NAME_NONE && *rest)
        term_fault(term, g_strdup_printf("%s takes no argument", row->word));
    else if (length > 0 && rest[0] != ':')
        term_fault(term, g_strdup_printf("\"%.64s\" is no prefix length", rest));
    else if (!term->target && row->name >= NAME_REQUIRED)
        term_fault(term, g_strdup_printf("%s needs \":\" and a value", row->word));
    else if (term->target && !term->target[0])
        term_fault(term, g_strdup("nothing stands behind the \":\""));
    else if (row->name >= NAME_IP4)
        check_address(term, row->name);
    else if (term->target)
        check_domain_spec(term);
}

static void
read_mechanism(dt_spf_term *term, const char *name, gsize name_length)
{
    const char *rest = name + name_length;
    for (gsize i = 0; i < G_N_ELEMENTS(mechanisms); i++) {
        const mechanism_row *row = &mechanisms[i];
        if (strlen(row->word) != name_length || g_ascii_strncasecmp(row->word, name, name_length))
            continue;
        term->kind = row->kind;
        read_arguments(term, row, rest);
        return;
    }
    if (*rest == ':')
        term->target = g_strdup(rest + 1);
    term_fault(term, g_strdup_printf("\"%.*s\" is no mechanism", (int)MIN(name_length, 64), name));
}

static void
read_modifier(dt_spf_term *term, const char *name, gsize name_length)
{
    term->target = g_strdup(name + name_length + 1);
    term->kind = DT_TERM_MODIFIER;
    if (name_length == 8 && g_ascii_strncasecmp(name, "redirect", 8) == 0)
        term->kind = DT_TERM_REDIRECT;
    if (name_length == 3 && g_ascii_strncasecmp(name, "exp", 3) == 0)
        term->kind = DT_TERM_EXP;
    if (name != term->text)
        term_fault(term, g_strdup("a modifier takes no qualifier"));
    term->qualifier = 0;
    if (term->kind != DT_TERM_MODIFIER && !term->target[0])
        term_fault(term, g_strdup("nothing stands behind the \"=\""));
    else if (term->kind != DT_TERM_MODIFIER)
        check_domain_spec(term);
    else {
        const char *fault = dt_spf_macro_fault(term->target, strlen(term->target), FALSE, NULL);
        if (fault)
            term_fault(term, g_strdup(fault));
    }
}

/* Only VCHAR may stand in a term (RFC 7208 12); the text is valid UTF-8 by now. */
static void
check_characters(dt_spf_term *term)
{
    for (const char *p = term->text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c > 0x20 && c < 0x7f)
            continue;
        term_fault(term, g_strdup_printf("the character U+%04X may not stand in a record", c));
        return;
    }
}

static dt_spf_term *
term_parse(const char *text, gsize length)
{
    dt_spf_term *term = g_new0(dt_spf_term, 1);
    term->text = g_strndup(text, length);
    term->cidr4 = term->cidr6 = -1;
    term->is_valid = TRUE;
    check_characters(term);
    const char *name = term->text;
    term->qualifier = strchr("+-~?", *name) ? *name++ : '+';
    gsize n = 0;
    if (g_ascii_isalpha(name[0]))
        while (g_ascii_isalnum(name[n]) || (name[n] && strchr("-_.", name[n])))
            n++;
    if (n > 0 && name[n] == '=')
        read_modifier(term, name, n);
    else if (n > 0 && (name[n] == '\0' || name[n] == ':' || name[n] == '/'))
        read_mechanism(term, name, n);
    else
        term_fault(term, g_strdup("neither a mechanism nor a modifier"));
    return term;
}

/* RFC 7208 6: redirect and exp once at most. */
static void
refuse_repeated(dt_spf_record *record)
{
    gboolean is_seen[DT_TERM_MODIFIER + 1] = { FALSE };
    for (guint i = 0; i < record->terms->len; i++) {
        dt_spf_term *term = g_ptr_array_index(record->terms, i);
        if (term->kind != DT_TERM_REDIRECT && term->kind != DT_TERM_EXP)
            continue;
        if (is_seen[term->kind])
            term_fault(term, g_strdup("stands in the record a second time"));
        is_seen[term->kind] = TRUE;
    }
}

dt_spf_record *
dt_spf_record_parse(const char *text, gsize length)
{
    dt_spf_record *record = g_new0(dt_spf_record, 1);
    record->text = dt_text_utf8(text ? text : "", text ? length : 0);
    record->terms = g_ptr_array_new_with_free_func(dt_spf_term_free);
    record->is_valid = dt_spf_is_record(record->text);
    const char *at = record->text + (record->is_valid ? 6 : 0);
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        gsize n = strcspn(at, " ");
        g_ptr_array_add(record->terms, term_parse(at, n));
        at += n;
    }
    refuse_repeated(record);
    for (guint i = 0; i < record->terms->len; i++)
        record->is_valid &= ((dt_spf_term *)g_ptr_array_index(record->terms, i))->is_valid;
    return record;
}
