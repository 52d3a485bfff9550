/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Who is the author of the message (RFC 5322 3.4, 4.4; groups RFC 6854; UTF-8 RFC 6532; the one
 * domain RFC 9989 5.3.1)? A field that follows the grammar is read here; a field that does not is
 * left to author-lenient.c, which says what different readers may make of it. Only the address
 * counts, never the display name.
 */
#include "message/author.h"
#include "base/name.h"
#include "base/text.h"
#include "message/internal.h"

#include <string.h>

#define MAX_OTHER_DOMAINS 20

/* ---- lexical units ------------------------------------------------------------------------- */

const char *
dt_author_comment_end(const char *at)
{
    guint depth = 0;
    for (; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
    }
    return NULL;
}

const char *
dt_author_quoted_end(const char *at)
{
    for (at++; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return NULL;
}

const char *
dt_author_encoded_end(const char *at, gboolean *is_odd_out)
{
    if (at[0] != '=' || at[1] != '?')
        return NULL;
    const char *p = at + 2;
    while (g_ascii_isalnum(*p) || (*p && strchr("-_*+.:", *p)))
        p++;
    if (p == at + 2 || p[0] != '?' || !p[1] || !strchr("bBqQ", p[1]) || p[2] != '?')
        return NULL;
    gboolean is_odd = FALSE;
    for (p += 3; *p && *p != '?' && !g_ascii_isspace(*p); p++)
        is_odd = is_odd || strchr("@,<>()[]:;\"\\", *p);
    if (p[0] != '?' || p[1] != '=')
        return NULL;
    *is_odd_out = is_odd;
    return p + 2;
}

static gboolean
is_atext(char c)
{
    return g_ascii_isalnum(c) || (guchar)c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* ---- building an author -------------------------------------------------------------------- */

static void
mailbox_free(gpointer data)
{
    dt_mailbox *mailbox = data;
    g_free(mailbox->display_name);
    g_free(mailbox->address);
    g_free(mailbox->domain);
    g_free(mailbox->domain_unicode);
    g_free(mailbox);
}

void
dt_author_free(dt_author *author)
{
    if (!author)
        return;
    g_ptr_array_unref(author->mailboxes);
    g_ptr_array_unref(author->domains);
    g_ptr_array_unref(author->other_domains);
    g_free(author);
}

static gboolean
list_has(const GPtrArray *list, const char *name)
{
    for (guint i = 0; i < list->len; i++)
        if (strcmp(list->pdata[i], name) == 0)
            return TRUE;
    return FALSE;
}

/* The text of a phrase: quotes undone, white space made single, encoded words decoded. NULL if
 * nothing is left. */
static char *
decode_phrase(const char *phrase)
{
    GString *plain = g_string_new(NULL);
    gboolean is_quoted = FALSE;
    for (const char *p = phrase; *p; p++) {
        if (*p == '"')
            is_quoted = !is_quoted;
        else if (*p == '\\' && p[1])
            g_string_append_c(plain, *++p);
        else if (!is_quoted && g_ascii_isspace(*p)) {
            if (plain->len > 0 && plain->str[plain->len - 1] != ' ')
                g_string_append_c(plain, ' ');
        } else
            g_string_append_c(plain, *p);
    }
    char *text = g_strstrip(dt_decode_words(plain->str, plain->len));
    g_string_free(plain, TRUE);
    if (text[0] == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static char *
make_address(const char *local, const char *domain, const char *name)
{
    g_autofree char *raw =
        domain ? g_strconcat(local, "@", name ? name : domain, NULL) : g_strdup(local);
    return dt_text_utf8(raw, strlen(raw));
}

void
dt_author_add(dt_author *author, guint line, const char *phrase, const char *comment,
              const char *local, const char *domain)
{
    if (author->mailboxes->len >= DT_MAX_ADDRESSES) {
        author->is_ambiguous = TRUE; /* its domain is not known */
        return;
    }
    dt_mailbox *mailbox = g_new0(dt_mailbox, 1);
    mailbox->line = line;
    mailbox->domain = domain ? dt_name_from_mail(domain) : NULL;
    mailbox->address = make_address(local, domain, mailbox->domain);
    mailbox->display_name = phrase && *phrase ? decode_phrase(phrase) : NULL;
    if (!mailbox->display_name && comment)
        mailbox->display_name = decode_phrase(comment);
    mailbox->domain_unicode = mailbox->domain ? dt_name_to_unicode(mailbox->domain) : NULL;
    author->has_unicode_domain |= mailbox->domain && !g_str_is_ascii(domain);
    g_ptr_array_add(author->mailboxes, mailbox);
    if (mailbox->domain && !list_has(author->domains, mailbox->domain))
        g_ptr_array_add(author->domains, g_strdup(mailbox->domain));
}

void
dt_author_add_other(dt_author *author, const char *domain)
{
    g_autofree char *name = dt_name_from_mail(domain);
    if (name && author->other_domains->len < MAX_OTHER_DOMAINS &&
        !list_has(author->other_domains, name))
        g_ptr_array_add(author->other_domains, g_steal_pointer(&name));
}

/* ---- the grammar --------------------------------------------------------------------------- */

typedef struct {
    const char *at;
    char *comment;   /* the last one, without parentheses */
    gboolean is_odd; /* an encoded word that would fall apart without its coding */
} reader;

/* CFWS. FALSE at a comment that is not closed. */
static gboolean
skip_cfws(reader *r)
{
    for (;;) {
        while (*r->at == ' ' || *r->at == '\t') /* readers differ about other white space */
            r->at++;
        if (*r->at != '(')
            return TRUE;
        const char *end = dt_author_comment_end(r->at);
        if (!end)
            return FALSE;
        g_free(r->comment);
        r->comment = g_strndup(r->at + 1, end - r->at - 2);
        r->at = end;
    }
}

/* atom, quoted-string or encoded word: its end, NULL if there is none. */
static const char *
word_end(reader *r)
{
    gboolean is_odd = FALSE;
    if (*r->at == '"')
        return dt_author_quoted_end(r->at);
    const char *end = dt_author_encoded_end(r->at, &is_odd);
    if (end) {
        r->is_odd |= is_odd;
        return end;
    }
    end = r->at;
    while (is_atext(*end))
        end++;
    return end > r->at ? end : NULL;
}

/* Words and dots up to a character that is neither. phrase: as a display name; local: as a local
 * part, cleared when it cannot be one. */
static gboolean
read_words(reader *r, GString *phrase, GString *local, gboolean *is_local_out)
{
    gboolean wants_word = TRUE, is_local = TRUE;
    for (;;) {
        const char *before = r->at;
        if (!skip_cfws(r))
            return FALSE;
        if (r->at > before && phrase->len > 0)
            g_string_append_c(phrase, ' ');
        const char *end = *r->at == '.' ? r->at + 1 : word_end(r);
        if (!end) {
            *is_local_out = is_local && !wants_word;
            return *r->at != '"';
        }
        is_local = is_local && wants_word == (*r->at != '.');
        wants_word = *r->at == '.';
        g_string_append_len(phrase, r->at, end - r->at);
        g_string_append_len(local, r->at, end - r->at);
        r->at = end;
    }
}

/* domain-literal: kept as written. */
static gboolean
read_literal(reader *r, GString *domain)
{
    const char *end = r->at + strcspn(r->at + 1, "[]\\") + 1;
    if (*end != ']')
        return FALSE;
    g_string_append_len(domain, r->at, end + 1 - r->at);
    r->at = end + 1;
    return skip_cfws(r);
}

/* atom *("." atom), CFWS around each (obs-domain), or a literal. */
static gboolean
read_domain(reader *r, GString *domain)
{
    if (!skip_cfws(r))
        return FALSE;
    if (*r->at == '[')
        return read_literal(r, domain);
    for (;;) {
        const char *end = r->at;
        while (is_atext(*end))
            end++;
        if (end == r->at)
            return FALSE;
        g_string_append_len(domain, r->at, end - r->at);
        r->at = end;
        if (!skip_cfws(r))
            return FALSE;
        if (*r->at != '.')
            return TRUE;
        g_string_append_c(domain, *r->at++);
        if (!skip_cfws(r))
            return FALSE;
    }
}

static gboolean
read_angle(reader *r, GString *local, GString *domain)
{
    g_autoptr(GString) ignored = g_string_new(NULL);
    gboolean is_local;
    r->at++;
    g_string_truncate(local, 0);
    if (!read_words(r, ignored, local, &is_local) || !is_local || *r->at != '@')
        return FALSE;
    r->at++;
    if (!read_domain(r, domain) || *r->at != '>')
        return FALSE;
    r->at++;
    return skip_cfws(r);
}

/* A mailbox, an empty list element, or the name of a group. */
static gboolean
read_element(reader *r, dt_author *author, guint line, gboolean *is_in_group)
{
    gboolean is_local, has_angle;
    g_clear_pointer(&r->comment, g_free);
    if (!skip_cfws(r))
        return FALSE;
    if (*r->at == ',' || *r->at == ';' || *r->at == '\0')
        return TRUE;
    g_autoptr(GString) phrase = g_string_new(NULL);
    g_autoptr(GString) local = g_string_new(NULL);
    g_autoptr(GString) domain = g_string_new(NULL);
    if (!read_words(r, phrase, local, &is_local))
        return FALSE;
    if (*r->at == ':' && phrase->len > 0 && !*is_in_group) {
        *is_in_group = TRUE;
        r->at++;
        return read_element(r, author, line, is_in_group);
    }
    has_angle = *r->at == '<';
    if (has_angle ? !read_angle(r, local, domain)
                  : !is_local || *r->at != '@' || (r->at++, !read_domain(r, domain)))
        return FALSE;
    dt_author_add(author, line, has_angle ? phrase->str : NULL, r->comment, local->str,
                  domain->str);
    return TRUE;
}

/* mailbox-list, groups allowed. FALSE if the value is none; author may hold mailboxes of its
 * beginning then. */
static gboolean
read_list(reader *r, dt_author *author, guint line)
{
    gboolean is_in_group = FALSE;
    for (;;) {
        if (!read_element(r, author, line, &is_in_group))
            return FALSE;
        if (*r->at == ';' && is_in_group) {
            is_in_group = FALSE;
            r->at++;
            if (!skip_cfws(r))
                return FALSE;
        }
        if (*r->at == '\0')
            return !is_in_group;
        if (*r->at != ',')
            return FALSE;
        r->at++;
    }
}

/* ---- all fields together ------------------------------------------------------------------- */

static dt_author *
author_new(void)
{
    dt_author *author = g_new0(dt_author, 1);
    author->mailboxes = g_ptr_array_new_with_free_func(mailbox_free);
    author->domains = g_ptr_array_new_with_free_func(g_free);
    author->other_domains = g_ptr_array_new_with_free_func(g_free);
    author->is_strict = TRUE;
    return author;
}

static void
truncate_to(dt_author *author, guint mailboxes, guint domains)
{
    g_ptr_array_set_size(author->mailboxes, mailboxes);
    g_ptr_array_set_size(author->domains, domains);
}

/* Some readers end at a NUL or at a CR alone, others read on. */
static gboolean
has_odd_octet(const dt_field *field)
{
    return memchr(field->raw, '\0', field->raw_length) || dt_field_has_lone_cr(field);
}

static void
read_field(dt_author *author, const dt_field *field)
{
    g_autofree char *value = dt_field_value(field);
    reader r = { .at = value };
    guint mailboxes = author->mailboxes->len, domains = author->domains->len;
    gboolean has_unicode = author->has_unicode_domain;
    gboolean is_odd = has_odd_octet(field);
    author->is_ambiguous |= is_odd;
    gboolean is_list =
        value[0] != '\0' && read_list(&r, author, field->line) && !r.is_odd && !is_odd;
    g_free(r.comment);
    if (is_list)
        return;
    truncate_to(author, mailboxes, domains);
    author->has_unicode_domain = has_unicode;
    author->is_strict = FALSE;
    dt_author_read_lenient(author, value, field->line);
}

static void
drop_known_others(dt_author *author)
{
    for (guint i = author->other_domains->len; i > 0; i--)
        if (list_has(author->domains, author->other_domains->pdata[i - 1]))
            g_ptr_array_remove_index(author->other_domains, i - 1);
}

dt_author *
dt_author_parse(const dt_field *const *fields, guint count)
{
    dt_author *author = author_new();
    author->field_count = count;
    author->line = count > 0 ? fields[0]->line : 0;
    guint read = 0;
    while (read < count && author->mailboxes->len < DT_MAX_ADDRESSES)
        read_field(author, fields[read++]);
    author->is_ambiguous |= read < count;
    drop_known_others(author);
    author->is_strict = author->is_strict && count > 0;
    if (author->domains->len == 1 && !author->is_ambiguous)
        author->domain = author->domains->pdata[0];
    return author;
}
