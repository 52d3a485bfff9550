/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What does one Received field say (RFC 5321 4.4: from, by, via, with, id, for, date), in the forms
 * in which servers write it? The name that the client gave itself and its mail addresses are the
 * client's words, so nothing in them may pass for a clause of the server. Whether a hop is believed
 * is decided in evaluation.
 */
#include <string.h>
#include "base/text.h"
#include "lexer.h"
#include "results.h"

#define MAX_PIECES 2000

/* A word or a comment of the field outside other comments. */
typedef struct {
    gboolean is_comment;
    gboolean is_after_date; /* behind the ";" of the date */
    char *text;             /* comments without outer parentheses */
} piece;

/* What the from clause tells of the client. */
typedef struct {
    char *helo;
    char *name; /* found for the address */
    char *ip;
    gboolean is_forged; /* "may be forged" */
} client;

static void
piece_clear(gpointer data)
{
    g_free(((piece *)data)->text);
}

static void
client_clear(client *who)
{
    g_free(who->helo);
    g_free(who->name);
    g_free(who->ip);
}

static char *
take_word(dt_lexer *lexer)
{
    gsize start = lexer->at;
    while (!dt_lexer_at_end(lexer) && !dt_lexer_at_comment(lexer) &&
           !strchr(" \t\r\n;", lexer->text[lexer->at]))
        lexer->at++;
    return g_strndup(lexer->text + start, lexer->at - start);
}

/* Words and comments, the date left out; *date_out: what stands behind the last ";". */
static GArray *
split(dt_lexer *lexer, char **date_out)
{
    GArray *pieces = g_array_new(FALSE, TRUE, sizeof(piece));
    g_array_set_clear_func(pieces, piece_clear);
    gsize date = 0;
    guint end = 0; /* pieces before the last ";" */
    while (dt_lexer_skip_blank(lexer), !dt_lexer_at_end(lexer)) {
        if (lexer->text[lexer->at] == ';') {
            date = ++lexer->at;
            end = pieces->len;
            continue;
        }
        piece one = { .is_comment = dt_lexer_at_comment(lexer) };
        one.text = one.is_comment ? dt_lexer_comment(lexer) : take_word(lexer);
        if (pieces->len < MAX_PIECES)
            g_array_append_val(pieces, one);
        else
            g_free(one.text);
    }
    for (guint i = end; date && i < pieces->len; i++)
        g_array_index(pieces, piece, i).is_after_date = TRUE;
    *date_out = date ? g_strdup(lexer->text + date) : NULL;
    return pieces;
}

static const char *
word_at(const GArray *pieces, guint i)
{
    const piece *one = i < pieces->len ? &g_array_index(pieces, piece, i) : NULL;
    return one && !one->is_comment && !one->is_after_date ? one->text : NULL;
}

static const char *
comment_at(const GArray *pieces, guint i)
{
    const piece *one = i < pieces->len ? &g_array_index(pieces, piece, i) : NULL;
    return one && one->is_comment ? one->text : NULL;
}

/* "[192.0.2.1]:25", "192.0.2.1:25", "[IPv6:2001:db8::1]", "fe80::1%9", "user@192.0.2.1" and
 * "name[192.0.2.1]" to canonical text; NULL if it is none. */
static char *
address_of(const char *word)
{
    const char *at = strrchr(word, '@');
    const char *open = strrchr(word, '[');
    const char *start = open ? open + 1 : at ? at + 1 : word;
    g_autofree char *text = g_strndup(start, strcspn(start, "]%"));
    const char *colon = strchr(text, ':');
    if (colon && strchr(text, '.') && !strchr(colon + 1, ':') && !dt_text_has_prefix(text, "IPv6:"))
        text[colon - text] = '\0';
    g_autofree char *literal = g_strconcat("[", text, "]", NULL);
    gboolean is_dotted = strchr(text, '.') || strchr(text, ':');
    return is_dotted ? dt_text_ip(literal) : NULL;
}

static gboolean
is_greeting(const char *word)
{
    return dt_text_equal(word, "helo") || dt_text_equal(word, "ehlo") ||
           dt_text_equal(word, "lhlo");
}

/* Words that follow a mark are the client's: the value after "helo=", and the word after HELO. */
static const char *
marked_value(const char *word, const char *mark)
{
    return dt_text_has_prefix(word, mark) ? word + strlen(mark) : NULL;
}

static void
set_once(char **to, const char *text)
{
    if (!*to && *text)
        *to = g_strdup(text);
}

static gboolean
is_client_word(const char *word)
{
    return marked_value(word, "port=") || marked_value(word, "ident=") ||
           marked_value(word, "ident:") || marked_value(word, "auth=") ||
           marked_value(word, "mailfrom:");
}

static char *
without_final_dot(const char *name)
{
    gsize length = strlen(name);
    while (length > 0 && strchr(".,", name[length - 1]))
        length--;
    return g_strndup(name, length);
}

/* "mail.example.com[192.0.2.1]" */
static void
take_glued_name(char **name, const char *word)
{
    g_autofree char *before = g_strndup(word, strcspn(word, "["));
    if (strchr(word, '[') && strchr(before, '.') && !strpbrk(before, "@="))
        set_once(name, before);
}

/* The comment nearest to "by" is the server's; one before it may be part of a HELO name. Takes name
 * and ip. */
static void
take_connection(client *who, char *name, char *ip, gboolean is_forged)
{
    g_free(who->name);
    g_free(who->ip);
    who->name = name;
    who->ip = ip;
    who->is_forged = is_forged;
}

/* "mail.example.com [192.0.2.1]", "HELO mail.example.com", "port=25 helo=mail.example.com",
 * "[192.0.2.1]:25 ..." */
static void
read_client_comment(const char *text, client *who)
{
    if (dt_text_has_prefix(text, "Authenticated "))
        return;
    g_auto(GStrv) words = g_strsplit_set(text, " \t()\",", MAX_PIECES);
    g_autofree char *name = NULL;
    g_autofree char *ip = NULL;
    for (char **word = words; *word; word++) {
        const char *helo = marked_value(*word, "helo=");
        g_autofree char *found = NULL;
        if (is_greeting(*word)) {
            while (word[1] && !*word[1])
                word++;
            if (word[1])
                set_once(&who->helo, *++word);
        } else if (helo) {
            set_once(&who->helo, helo);
        } else if (marked_value(*word, "ip:")) {
            g_free(ip);
            ip = address_of(*word + strlen("ip:")); /* Alibaba */
        } else if (**word && !is_client_word(*word) && (found = address_of(*word))) {
            /* Behind an address that comes first only words of the client stand; else the last one
             * is the connection's. */
            if (!ip || text[0] != '[') {
                g_free(ip);
                ip = g_steal_pointer(&found);
                take_glued_name(&name, *word);
            }
        } else if (strchr(*word, '.') && !strchr(*word, '=') && !strchr(*word, '@')) {
            set_once(&name, *word);
        }
    }
    if (ip)
        take_connection(who, g_steal_pointer(&name), g_steal_pointer(&ip),
                        strstr(text, "may be forged") != NULL);
}

static gboolean
comment_has_address(const char *text)
{
    client who = { 0 };
    read_client_comment(text, &who);
    gboolean answer = who.ip != NULL;
    client_clear(&who);
    return answer;
}

/* Where the server's "by" is. A HELO name may hold blanks and the word itself: "from a by b with
 * LMTP (unknown [192.0.2.1]) by mx". When no address stood before the first "by", one that a host
 * name follows and an address precedes is the server's. */
static guint
find_by(const GArray *pieces, guint from)
{
    guint first = 0;
    gboolean has_address = FALSE;
    for (guint i = from; i < pieces->len; i++) {
        const char *word = word_at(pieces, i);
        const char *comment = comment_at(pieces, i);
        has_address |= comment && comment_has_address(comment);
        if (!word || !dt_text_equal(word, "by"))
            continue;
        const char *host = word_at(pieces, i + 1);
        if (!first && has_address)
            return i;
        if (first && has_address && host && strchr(host, '.'))
            return i;
        first = first ? first : i;
    }
    return first;
}

/* The name of the client is the first word; in forms with HELO in a comment it is the name found
 * for the address. */
static void
settle_client(client *who, const char *first, gboolean is_exim)
{
    g_autofree char *ip = address_of(first);
    gboolean has_name = strchr(first, '.') && !ip && !strchr(first, '[');
    if (!who->ip)
        who->ip = g_steal_pointer(&ip);
    if (who->helo && has_name)
        set_once(&who->name, first);
    /* Exim puts the name first only when it has verified it. */
    if (!who->helo && is_exim && has_name)
        set_once(&who->name, first);
    set_once(&who->helo, first);
}

static void
read_from(dt_hop *hop, const GArray *pieces, guint end, gboolean is_exim)
{
    client who = { 0 };
    for (guint i = 1; i < end; i++)
        if (comment_at(pieces, i))
            read_client_comment(comment_at(pieces, i), &who);
    for (guint i = 2; i < end && !who.ip; i++)
        if (word_at(pieces, i) && word_at(pieces, i)[0] == '[')
            who.ip = address_of(word_at(pieces, i));
    const char *first = end > 1 ? word_at(pieces, 1) : NULL;
    if (first)
        settle_client(&who, first, is_exim);
    if (who.name && !dt_text_equal(who.name, "unknown"))
        hop->from_ptr = without_final_dot(who.name);
    hop->from_is_unconfirmed = who.is_forged;
    hop->from_helo = g_steal_pointer(&who.helo);
    hop->from_ip = g_steal_pointer(&who.ip);
    client_clear(&who);
}

static gboolean
is_clause(const char *word)
{
    static const char *const words[] = { "from", "by", "via", "with", "id", "for", "tls" };
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (dt_text_equal(word, words[i]))
            return TRUE;
    return FALSE;
}

/* All words up to the next clause, joined with blanks, comments left out. */
static char *
clause_words(const GArray *pieces, guint *i)
{
    GString *out = g_string_new(NULL);
    for (; *i + 1 < pieces->len; (*i)++) {
        const char *word = word_at(pieces, *i + 1);
        if (word && is_clause(word))
            break;
        if (word)
            g_string_append_printf(out, "%s%s", out->len ? " " : "", word);
    }
    return g_string_free(out, FALSE);
}

static char *
without_brackets(const char *text)
{
    const char *open = strchr(text, '<');
    const char *close = open ? strrchr(open, '>') : NULL;
    if (close)
        return g_strndup(open + 1, close - open - 1);
    g_autofree char *plain = g_strdup(text);
    return g_strdup(g_strdelimit(plain, "<>", ' ') ? g_strstrip(plain) : plain);
}

static void
read_clause(dt_hop *hop, const GArray *pieces, guint *i, char **via)
{
    const char *keyword = word_at(pieces, *i);
    g_autofree char *value = clause_words(pieces, i);
    if (dt_text_equal(keyword, "with"))
        set_once(&hop->with, value);
    else if (dt_text_equal(keyword, "via"))
        set_once(via, value);
    else if (dt_text_equal(keyword, "for") && !hop->recipient && *value)
        hop->recipient = without_brackets(value);
    else if (dt_text_equal(keyword, "tls") && *value)
        hop->tls = hop->tls ? hop->tls : g_strdup(value);
}

static void
read_by(dt_hop *hop, const GArray *pieces, guint by)
{
    const char *host = word_at(pieces, by + 1);
    const char *comment = comment_at(pieces, by + 2);
    if (!host)
        return;
    hop->by = without_final_dot(host);
    client who = { 0 };
    if (comment)
        read_client_comment(comment, &who);
    hop->by_ip = g_steal_pointer(&who.ip);
    client_clear(&who);
}

/* Text behind mark in a comment, up to a blank, comma, ">" or the end. */
static char *
value_in(const char *comment, const char *mark, const char *ends)
{
    g_autofree char *low = g_ascii_strdown(comment, -1);
    const char *found = strstr(low, mark);
    if (!found)
        return NULL;
    const char *value = comment + (found - low) + strlen(mark);
    return g_strndup(value, strcspn(value, ends));
}

/* "version=TLS1_3 cipher=X", "using TLSv1.3 with cipher X (256/256 bits)", "TLSv1.2:X:256" and
 * Exim's "TLS1.3" before "tls X". */
static char *
tls_of_comment(const char *comment)
{
    g_autofree char *version = value_in(comment, "version=", " ,;)");
    if (!version)
        version = value_in(comment, "using ", " ,;:)");
    gboolean is_bare = dt_text_has_prefix(comment, "TLS") || dt_text_has_prefix(comment, "SSL");
    if (!version && is_bare)
        version = g_strndup(comment, strcspn(comment, ": "));
    g_autofree char *cipher = value_in(comment, "cipher=", " ,;)");
    if (!cipher)
        cipher = value_in(comment, "with cipher ", " ,;)");
    if (!cipher && is_bare)
        cipher = value_in(comment, ":", ":, ");
    if (!version || !(dt_text_has_prefix(version, "TLS") || dt_text_has_prefix(version, "SSL")))
        return NULL;
    return cipher && *cipher ? g_strdup_printf("%s %s", version, cipher) : g_strdup(version);
}

static void
read_comment(dt_hop *hop, const char *comment)
{
    static const char *const marks[] = { "envelope-from ", "envelope-sender ",
                                         "envelope-from=", "sender: " };
    for (guint i = 0; !hop->envelope_from && i < G_N_ELEMENTS(marks); i++)
        if (dt_text_has_prefix(comment, marks[i]))
            hop->envelope_from = without_brackets(comment + strlen(marks[i]));
    hop->is_fetched |= dt_text_contains(comment, "fetchmail") ||
                       dt_text_contains(comment, "getmail") ||
                       dt_text_has_prefix(comment, "LMTPProxy");
}

/* Exim 4.95 and later: "(TLS1.3) tls TLS_AES_256_GCM_SHA384"; Cisco: "with
 * ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384". */
static void
settle_tls(dt_hop *hop, const char *version)
{
    const char *slash = hop->with ? strstr(hop->with, "/TLS/") : NULL;
    if (!hop->tls && slash)
        hop->tls = g_strdup_printf("TLS %s", slash + strlen("/TLS/"));
    if (!hop->tls || !version || dt_text_has_prefix(hop->tls, version))
        return;
    char *both = g_strdup_printf("%s %s", version, hop->tls);
    g_free(hop->tls);
    hop->tls = both;
}

static gboolean
is_fetching(const char *protocol)
{
    static const char *const starts[] = { "POP", "IMAP", "LMTP", "UTF8LMTP" };
    for (guint i = 0; protocol && i < G_N_ELEMENTS(starts); i++)
        if (dt_text_has_prefix(protocol, starts[i]))
            return TRUE;
    return FALSE;
}

static void
read_clauses(dt_hop *hop, const GArray *pieces, guint start)
{
    g_autofree char *via = NULL;
    g_autofree char *version = NULL;
    for (guint i = 0; i < pieces->len; i++) {
        const char *comment = comment_at(pieces, i);
        if (comment && !hop->tls)
            hop->tls = tls_of_comment(comment); /* Postfix writes it before "by" */
        if (comment && i >= start)
            read_comment(hop, comment);
    }
    if (hop->tls && !strchr(hop->tls, ' '))
        version = g_steal_pointer(&hop->tls);
    for (guint i = start; i < pieces->len; i++)
        if (word_at(pieces, i) && is_clause(word_at(pieces, i)))
            read_clause(hop, pieces, &i, &via);
    if (!hop->tls)
        hop->tls = g_steal_pointer(&version);
    settle_tls(hop, version);
    hop->is_fetched |= is_fetching(hop->with) || is_fetching(via);
}

static gboolean
is_by_exim(const GArray *pieces)
{
    for (guint i = 0; i < pieces->len; i++)
        if (comment_at(pieces, i) && dt_text_has_prefix(comment_at(pieces, i), "Exim "))
            return TRUE;
    return FALSE;
}

/* The first word of the field, comments skipped, is at this index. */
static guint
drop_leading_comments(GArray *pieces, dt_hop *hop)
{
    guint count = 0;
    while (comment_at(pieces, count))
        read_comment(hop, comment_at(pieces, count++));
    if (count > 0)
        g_array_remove_range(pieces, 0, count);
    return count;
}

dt_hop *
dt_received_parse(const dt_field *field)
{
    dt_hop *hop = g_new0(dt_hop, 1);
    *hop = (dt_hop){ .field = field, .time = DT_TIME_NONE, .delay = DT_TIME_NONE };
    dt_lexer lexer;
    dt_lexer_init(&lexer, dt_lexer_field_text(field), DT_LEXER_NO_QUOTES);
    g_autofree char *date = NULL;
    g_autoptr(GArray) pieces = split(&lexer, &date);
    drop_leading_comments(pieces, hop);
    gboolean has_from = word_at(pieces, 0) && dt_text_equal(word_at(pieces, 0), "from");
    guint by = find_by(pieces, has_from ? 2 : 0);
    gboolean has_by = by > 0 || (word_at(pieces, 0) && dt_text_equal(word_at(pieces, 0), "by"));
    if (has_from)
        read_from(hop, pieces, has_by ? by : pieces->len, is_by_exim(pieces));
    if (has_by)
        read_by(hop, pieces, by);
    read_clauses(hop, pieces, has_by ? by + 2 : (has_from ? 2 : 0));
    if (date)
        hop->time = dt_date_parse(date);
    dt_lexer_clear(&lexer);
    return hop;
}

void
dt_hop_free(dt_hop *hop)
{
    if (!hop)
        return;
    g_free(hop->from_helo);
    g_free(hop->from_ptr);
    g_free(hop->from_ip);
    g_free(hop->by);
    g_free(hop->by_ip);
    g_free(hop->with);
    g_free(hop->tls);
    g_free(hop->recipient);
    g_free(hop->envelope_from);
    g_free(hop);
}
