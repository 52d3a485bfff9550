/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * An author field that is no mailbox list of RFC 5322: which address counts, and what else might a
 * reader see? One address in angle brackets counts; where several stand together without a comma,
 * or an address can be cut in two ways, no domain is certain. GMime's reading, loose and strict, is
 * one of the readers.
 */
#include "message/author.h"
#include "base/name.h"
#include "base/text.h"

#include <gmime/gmime.h>
#include <string.h>

#define MAX_GROUPS 50          /* that GMime may see */
#define MAX_LENGTH (32 * 1024) /* of a field that is no list; past it no domain is certain */

/* What stands between two commas. */
typedef struct {
    GString *words;    /* outside of angle brackets, comments left out */
    GPtrArray *angles; /* of char* */
    char *comment;
} element;

typedef struct {
    dt_author *author;
    guint line;
    element now;
    GString *pending; /* words of elements without an address: the beginning of a display name with
                         a comma in it */
    gboolean no_more_quotes; /* an open quote is an ordinary character */
    gboolean is_counting;    /* first pass: how many angle brackets has the field? */
    guint angle_count;
} guesser;

/* ---- one address --------------------------------------------------------------------------- */

/* The first @ outside of quoted strings, NULL if there is none, and the last one. A quote that
 * stays open is an ordinary character, and so are all behind it. */
static const char *
find_at(const char *text, const char **last_out)
{
    const char *first = NULL;
    gboolean no_more_quotes = FALSE;
    for (; *text; text++) {
        const char *end = *text == '"' && !no_more_quotes ? dt_author_quoted_end(text) : NULL;
        no_more_quotes |= *text == '"' && !end;
        if (end)
            text = end - 1;
        else if (*text == '@') {
            first = first ? first : text;
            *last_out = text;
        }
    }
    return first;
}

/* Takes off what stands around a domain by mistake. Changes domain. */
static char *
trim_domain(char *domain)
{
    g_strstrip(domain);
    gsize length = strlen(domain);
    while (length > 0 && strchr(".,;:>'\")", domain[length - 1]))
        domain[--length] = '\0';
    return domain;
}

static char *
without_blanks(const char *text)
{
    GString *out = g_string_new(NULL);
    for (; *text; text++)
        if (!g_ascii_isspace(*text))
            g_string_append_c(out, *text);
    return g_string_free(out, FALSE);
}

/* An address as two readers may cut it: at its first and at its last @, before a blank and across
 * it. */
typedef struct {
    char *local, *domain; /* as the one that counts, domain NULL if none */
    char *other;          /* the domain of the other reading, NULL if they agree */
} cut_address;

static void
cut_clear(cut_address *cut)
{
    g_free(cut->local);
    g_free(cut->domain);
    g_free(cut->other);
}

static gboolean
is_same_domain(const char *a, const char *b)
{
    g_autofree char *name_a = dt_name_from_mail(a), *name_b = dt_name_from_mail(b);
    return name_a && name_b && strcmp(name_a, name_b) == 0;
}

static void
cut_at_blank(cut_address *cut)
{
    gsize first = strcspn(cut->domain, " \t\r\n");
    if (cut->domain[first] == '\0')
        return;
    g_autofree char *whole = without_blanks(cut->domain);
    trim_domain(whole);
    cut->domain[first] = '\0';
    trim_domain(cut->domain);
    if (!cut->other && !is_same_domain(whole, cut->domain))
        cut->other = g_steal_pointer(&whole);
}

static cut_address
cut_text(const char *text)
{
    cut_address cut = { 0 };
    const char *last = NULL, *first = find_at(text, &last);
    if (!first) {
        cut.local = g_strstrip(g_strdup(text));
        return cut;
    }
    cut.local = g_strstrip(g_strndup(text, last - text));
    cut.domain = trim_domain(g_strdup(last + 1));
    if (last > first) {
        cut.other = trim_domain(g_strndup(first + 1, strcspn(first + 1, "@")));
        if (is_same_domain(cut.other, cut.domain))
            g_clear_pointer(&cut.other, g_free);
    }
    cut_at_blank(&cut);
    return cut;
}

/* "mailto:", and the route of "<@a.example,@b.example:user@example.com>" (RFC 5322 4.4), whose
 * domains a reader may take. */
static const char *
skip_prefix(guesser *g, const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    if (dt_text_has_prefix(text, "mailto:"))
        return text + 7;
    const char *colon = *text == '@' ? strchr(text, ':') : NULL;
    if (!colon)
        return text;
    g_autofree char *route = g_strndup(text, colon - text);
    g_auto(GStrv) hosts = g_strsplit_set(route, "@, \t", 20);
    for (guint i = 0; hosts[i]; i++)
        dt_author_add_other(g->author, hosts[i]);
    return colon + 1;
}

static void
add_address(guesser *g, const char *text, const char *phrase, const char *comment)
{
    cut_address cut = cut_text(skip_prefix(g, text));
    if (cut.other && cut.domain) {
        /* Two readings of one address: neither domain counts, both are told. */
        g_autofree char *whole = g_strconcat(cut.local, "@", cut.domain, NULL);
        dt_author_add_other(g->author, cut.domain);
        dt_author_add_other(g->author, cut.other);
        dt_author_add(g->author, g->line, phrase, comment, whole, NULL);
        g->author->is_ambiguous = TRUE;
    } else
        dt_author_add(g->author, g->line, phrase, comment, cut.local,
                      cut.domain && *cut.domain ? cut.domain : NULL);
    cut_clear(&cut);
}

/* ---- an element ---------------------------------------------------------------------------- */

/* Where one quote stays open, so do all behind it: no_more_quotes spares looking again. */
static const char *
token_end(const char *at, gboolean *no_more_quotes)
{
    while (*at && !g_ascii_isspace(*at)) {
        gboolean is_quote = *at == '"' && !*no_more_quotes;
        const char *end = is_quote ? dt_author_quoted_end(at) : NULL;
        *no_more_quotes |= is_quote && !end;
        at = end ? end : at + 1;
    }
    return at;
}

/* Each token of the words with an @ in it. */
static GPtrArray *
tokens_with_at(const char *words)
{
    GPtrArray *tokens = g_ptr_array_new_with_free_func(g_free);
    gboolean no_more_quotes = FALSE;
    for (const char *at = words; *at && tokens->len <= DT_MAX_ADDRESSES;) {
        while (g_ascii_isspace(*at))
            at++;
        const char *end = token_end(at, &no_more_quotes);
        g_autofree char *token = g_strndup(at, end - at);
        const char *last;
        if (find_at(token, &last))
            g_ptr_array_add(tokens, g_steal_pointer(&token));
        at = end;
    }
    return tokens;
}

static void
add_others_of(guesser *g, const GPtrArray *tokens)
{
    for (guint i = 0; i < tokens->len; i++) {
        cut_address cut = cut_text(tokens->pdata[i]);
        if (cut.domain)
            dt_author_add_other(g->author, cut.domain);
        if (cut.other)
            dt_author_add_other(g->author, cut.other);
        cut_clear(&cut);
    }
}

/* Addresses that stand side by side: with different domains none is certain. */
static void
add_side_by_side(guesser *g, const GPtrArray *texts, const char *phrase, const char *comment)
{
    guint from = g->author->mailboxes->len;
    for (guint i = 0; i < texts->len; i++)
        add_address(g, texts->pdata[i], i == 0 ? phrase : NULL, i == 0 ? comment : NULL);
    const dt_mailbox *first =
        from < g->author->mailboxes->len ? g->author->mailboxes->pdata[from] : NULL;
    for (guint i = from + 1; first && i < g->author->mailboxes->len; i++) {
        const dt_mailbox *other = g->author->mailboxes->pdata[i];
        if (g_strcmp0(first->domain, other->domain) != 0)
            g->author->is_ambiguous = TRUE;
    }
}

static void
add_pending(guesser *g)
{
    g_strchomp(g->pending->str);
    if (g->pending->str[0]) {
        gboolean is_coded = strpbrk(g->pending->str, "\"") || strstr(g->pending->str, "=?");
        dt_author_add(g->author, g->line, is_coded ? g->pending->str : NULL, NULL, g->pending->str,
                      NULL);
    }
    g_string_truncate(g->pending, 0);
}

static void
element_clear(element *e)
{
    g_string_truncate(e->words, 0);
    g_ptr_array_set_size(e->angles, 0);
    g_clear_pointer(&e->comment, g_free);
}

/* "a@example.com" between commas is an address, whatever stands beside it. */
static gboolean
is_address_alone(const element *e, const GPtrArray *tokens)
{
    g_autofree char *words = g_strstrip(g_strdup(e->words->str));
    return tokens->len == 1 && strcmp(words, tokens->pdata[0]) == 0;
}

static void
end_element(guesser *g, char separator)
{
    element *e = &g->now;
    if (g->is_counting) {
        g->angle_count += e->angles->len;
        element_clear(e);
        return;
    }
    g_autoptr(GPtrArray) tokens = tokens_with_at(e->words->str);
    if (e->angles->len > 0) {
        add_others_of(g, tokens);
        g_string_append(g->pending, e->words->str);
        add_side_by_side(g, e->angles, g->pending->str, e->comment);
        g_string_truncate(g->pending, 0);
    } else if (tokens->len > 0 && (g->angle_count != 1 || is_address_alone(e, tokens))) {
        add_pending(g);
        add_side_by_side(g, tokens, NULL, e->comment);
    } else if (e->words->len > 0) {
        add_others_of(g, tokens);
        g_string_append(g->pending, g_strstrip(e->words->str));
        if (separator)
            g_string_append_printf(g->pending, "%c ", separator);
    }
    element_clear(e);
}

/* ---- the field ----------------------------------------------------------------------------- */

/* The text in angle brackets at *at, which moves behind them. Brackets in brackets are one; an open
 * one goes to the end. */
static char *
take_angle(guesser *g, const char **at)
{
    const char *start = *at + strspn(*at, "< \t"), *end = start;
    while (*end && *end != '>' && *end != '<') {
        gboolean is_quote = *end == '"' && !g->no_more_quotes;
        const char *quoted = is_quote ? dt_author_quoted_end(end) : NULL;
        g->no_more_quotes |= is_quote && !quoted;
        end = quoted ? quoted : end + 1;
    }
    *at = end + strspn(end, ">");
    return g_strndup(start, end - start);
}

/* A unit that is not looked into: comment, quoted string, encoded word. Its end, NULL if there is
 * none. */
static const char *
take_unit(guesser *g, const char *at)
{
    gboolean is_odd;
    const char *end = NULL;
    if (*at == '(') {
        end = dt_author_comment_end(at);
        if (!end)
            end = at + strlen(at);
        g_free(g->now.comment);
        g->now.comment = g_strndup(at + 1, end - at - (end[-1] == ')' ? 2 : 1));
        g_string_append_c(g->now.words, ' ');
        return end;
    }
    if (*at == '"' && !g->no_more_quotes) {
        end = dt_author_quoted_end(at);
        g->no_more_quotes = !end;
    } else if (*at == '=')
        end = dt_author_encoded_end(at, &is_odd);
    if (end)
        g_string_append_len(g->now.words, at, end - at);
    return end;
}

static void
guess(guesser *g, const char *at)
{
    while (*at) {
        const char *end = take_unit(g, at);
        if (end)
            at = end;
        else if (*at == '<')
            g_ptr_array_add(g->now.angles, take_angle(g, &at));
        else if (*at == ',' || *at == ';')
            end_element(g, *at++);
        else if (*at == '>')
            at++;
        else
            g_string_append_c(g->now.words, *at++);
    }
    end_element(g, '\0');
    add_pending(g);
}

static void
note_gmime_list(dt_author *author, InternetAddressList *list)
{
    for (int i = 0; list && i < internet_address_list_length(list) && i < DT_MAX_ADDRESSES; i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            note_gmime_list(author,
                            internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)));
            continue;
        }
        /* The A-label form: the other one is made for display. */
        const char *text = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address));
        const char *at = text ? strrchr(text, '@') : NULL;
        if (at)
            dt_author_add_other(author, at + 1);
    }
}

/* GMime 3.2.13 leaks an address literal that a comment without end follows, and goes one deeper
 * into the stack for each group in a group. */
static gboolean
is_for_gmime(const char *value)
{
    const char *at = value;
    for (guint count = 0; (at = strchr(at, ':')); at++)
        if (count++ > MAX_GROUPS)
            return FALSE;
    at = strchr(value, ']');
    while (at && (at = strchr(at, '(')))
        if (!(at = dt_author_comment_end(at)))
            return FALSE;
    return TRUE;
}

static void
note_gmime_reading(dt_author *author, const char *value)
{
    if (!is_for_gmime(value))
        return;
    InternetAddressList *list = internet_address_list_parse(NULL, value);
    note_gmime_list(author, list);
    if (list)
        g_object_unref(list);
}

/* Domains in encoded words that would part words if they stood there uncoded: a reader that splits
 * first sees them. */
static void
note_odd_words(guesser *g, const char *value)
{
    for (const char *at = value; (at = strstr(at, "=?"));) {
        gboolean is_odd = FALSE;
        const char *end = dt_author_encoded_end(at, &is_odd);
        if (!end) {
            at += 2;
            continue;
        }
        g_autofree char *word = g_strndup(at, end - at);
        char *domain = is_odd ? strchr(word, '@') : NULL;
        if (domain) {
            domain[1 + strcspn(domain + 1, "@,<>()[]:;\"\\?= \t")] = '\0';
            dt_author_add_other(g->author, domain + 1);
        }
        at = end;
    }
}

void
dt_author_read_lenient(dt_author *author, const char *raw, guint line)
{
    g_autofree char *value = g_strndup(raw, MAX_LENGTH);
    author->is_ambiguous |= strlen(value) < strlen(raw);
    guesser g = { .author = author, .line = line };
    g.now.words = g_string_new(NULL);
    g.now.angles = g_ptr_array_new_with_free_func(g_free);
    g.pending = g_string_new(NULL);
    g.is_counting = TRUE;
    guess(&g, value);
    g.is_counting = g.no_more_quotes = FALSE;
    guess(&g, value);
    note_odd_words(&g, value);
    g_string_free(g.now.words, TRUE);
    g_ptr_array_unref(g.now.angles);
    g_free(g.now.comment);
    g_string_free(g.pending, TRUE);
    g_autofree char *head = dt_text_utf8(value, strlen(value));
    dt_gmime_ready();
    note_gmime_reading(author, head);
}
