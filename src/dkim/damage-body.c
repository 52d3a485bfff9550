/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The body as it was: each undo of damage-undo.c and each two of them, and on every result the
 * changes that have a place: text added below or above, blocks put in, blanks lost at line ends.
 * Text added below costs one pass for all places.
 */
#define OPENSSL_API_COMPAT 0x10101000L

#include "dkim/canon.h"
#include "dkim/damage.h"

#include <openssl/sha.h>
#include <string.h>

#define BLOCK_LINES_MAX 60    /* of a block put into the body */
#define BLOCK_TOP_LINES 40    /* among the first lines a block may begin and end anywhere */
#define STATES_MAX      20000 /* lines before which a block may begin */
#define BLANK_LINES_MAX 14    /* lines of which every subset may have lost its blank */
#define TAG_SPAN_MAX    8192  /* octets of a banner inside a line of HTML */

typedef struct {
    const dt_dkim_signature *signature;
    const dt_damage_clock *clock;
    guint first_line; /* of the body, in the input */
    GString *body;    /* the one being tried, in canonical form but for the line ends at its end */
    GArray *starts;   /* gsize: where each line of it begins, and its end */
    gsize text_end;   /* behind its last line with text */
    GArray *states;   /* SHA256_CTX: the hash of all before each line */
    gboolean is_shifted; /* lines are no longer those of the input */
} body_search;

static gboolean
octets_fit(const dt_dkim_signature *signature, const char *octets, gsize length)
{
    const dt_dkim_facts *facts = signature->facts;
    dt_body_hash hash = { .how = facts->body_canon,
                          .algorithm = facts->body_algorithm,
                          .limit = signature->l };
    dt_canon_octets(octets, length, &hash);
    return hash.digest_length == facts->bh_length &&
           memcmp(hash.digest, facts->bh_octets, facts->bh_length) == 0;
}

static gboolean
is_over(const body_search *s)
{
    return dt_damage_is_over(s->clock);
}

static guint
line_count(const body_search *s)
{
    return s->starts->len - 1;
}

static gsize
line_start(const body_search *s, guint line)
{
    return g_array_index(s->starts, gsize, line);
}

static const char *
line_text(const body_search *s, guint line, gsize *length)
{
    gsize start = line_start(s, line), end = line_start(s, line + 1);
    while (end > start && (s->body->str[end - 1] == '\n' || s->body->str[end - 1] == '\r'))
        end--;
    *length = end - start;
    return s->body->str + start;
}

static gboolean
is_blank(const body_search *s, guint line)
{
    gsize length;
    line_text(s, line, &length);
    return length == 0;
}

static char *
place_of(const body_search *s, guint first, guint last)
{
    guint from = s->first_line + first, to = s->first_line + last;
    if (s->is_shifted)
        return g_strdup("body");
    return from == to ? g_strdup_printf("line %u", from) : g_strdup_printf("lines %u-%u", from, to);
}

/* Blanks as relaxed form has them (RFC 6376 3.4.4). */
static GString *
relax(const GString *body)
{
    GString *out = g_string_sized_new(body->len);
    gboolean has_space = FALSE;
    for (gsize i = 0; i < body->len; i++) {
        char c = body->str[i];
        if (c == ' ' || c == '\t') {
            has_space = TRUE;
            continue;
        }
        if (has_space && c != '\r')
            g_string_append_c(out, ' ');
        has_space = FALSE;
        g_string_append_c(out, c);
    }
    return out;
}

static void
set_body(body_search *s, const GString *body)
{
    if (s->body)
        g_string_free(s->body, TRUE);
    s->body = s->signature->facts->body_canon == DT_CANON_RELAXED
                  ? relax(body)
                  : g_string_new_len(body->str, (gssize)body->len);
    g_array_set_size(s->starts, 0);
    g_array_set_size(s->states, 0);
    s->text_end = 0;
    for (gsize at = 0; at < s->body->len;) {
        g_array_append_val(s->starts, at);
        const char *end = memchr(s->body->str + at, '\n', s->body->len - at);
        gsize next = end ? (gsize)(end - s->body->str) + 1 : s->body->len;
        if (next - at > 2)
            s->text_end = next;
        at = next;
    }
    g_array_append_val(s->starts, s->body->len);
}

static gboolean
state_fits(const body_search *s, const SHA256_CTX *sha)
{
    guint8 digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX copy = *sha;
    SHA256_Final(digest, &copy);
    return memcmp(digest, s->signature->facts->bh_octets, sizeof digest) == 0;
}

/* Does the body fit when it ends behind some line? The hash of every start of it comes from one
 * pass. */
static dt_damage *
try_added_below(body_search *s)
{
    SHA256_CTX sha;
    SHA256_Init(&sha);
    for (guint line = 0; line < line_count(s) && !is_over(s); line++) {
        gsize start = line_start(s, line), length = line_start(s, line + 1) - start;
        if (s->states->len < STATES_MAX)
            g_array_append_val(s->states, sha);
        SHA256_Update(&sha, s->body->str + start, length);
        if (length > 2 && line_start(s, line + 1) < s->text_end && state_fits(s, &sha))
            return dt_damage_new("footer-added", "way", place_of(s, line + 1, line_count(s) - 1),
                                 g_strdup("text was added below the body"));
    }
    return NULL;
}

static gboolean
is_delimiter(const body_search *s, guint line)
{
    gsize length;
    const char *text = line_text(s, line, &length);
    return length > 2 && text[0] == '-' && text[1] == '-';
}

/* May a block of text begin or end before this line? */
static gboolean
is_border(const body_search *s, guint line, gboolean is_part)
{
    if (line == line_count(s))
        return FALSE;
    if (is_part)
        return is_delimiter(s, line);
    return line < BLOCK_TOP_LINES || is_blank(s, line) || is_blank(s, line - 1);
}

static gboolean
fits_without(const body_search *s, guint from, guint to)
{
    gsize rest = line_start(s, to);
    if (rest >= s->text_end)
        return FALSE;
    SHA256_CTX sha = g_array_index(s->states, SHA256_CTX, from);
    SHA256_Update(&sha, s->body->str + rest, s->text_end - rest);
    return state_fits(s, &sha);
}

static dt_damage *
report_block(const body_search *s, guint from, guint to)
{
    gboolean is_top = from == 0;
    return dt_damage_new(
        is_top ? "banner-added" : "text-added", "way", place_of(s, from, to - 1),
        g_strdup(is_top ? "text was added above the body" : "text was put into the body"));
}

/* A block of whole lines put in: a banner above, a notice in the text part, with is_part a MIME
 * part. */
static dt_damage *
try_block(const body_search *s, gboolean is_part)
{
    for (guint from = 0; from < line_count(s) && from < s->states->len; from++) {
        guint last = is_part ? line_count(s) : MIN(line_count(s), from + BLOCK_LINES_MAX);
        guint tries = 0;
        if (!is_border(s, from, is_part))
            continue;
        for (guint to = from + 1; to <= last && tries < BLOCK_LINES_MAX; to++) {
            if (is_over(s))
                return NULL;
            /* between blank lines the block that ends with one says the same and reads better */
            if (!is_border(s, to, is_part) || (is_blank(s, from) && is_blank(s, to)))
                continue;
            tries++;
            if (fits_without(s, from, to))
                return report_block(s, from, to);
        }
    }
    return NULL;
}

static gboolean
fits_without_octets(const body_search *s, gsize from, gsize to)
{
    SHA256_CTX sha;
    SHA256_Init(&sha);
    SHA256_Update(&sha, s->body->str, from);
    SHA256_Update(&sha, s->body->str + to, s->text_end > to ? s->text_end - to : 0);
    return state_fits(s, &sha);
}

/* A banner put behind <body> without a line of its own. */
static dt_damage *
try_html_banner(body_search *s)
{
    const char *text = s->body->str, *tag = text;
    while (tag && g_ascii_strncasecmp(tag, "<body", 5) != 0)
        tag = strchr(tag + 1, '<');
    const char *start = tag ? strchr(tag, '>') : NULL;
    if (!start)
        return NULL;
    gsize from = (gsize)(++start - text);
    for (const char *end = strchr(start, '>'); end && end - start < TAG_SPAN_MAX;
         end = strchr(end + 1, '>')) {
        if (is_over(s))
            return NULL;
        if (fits_without_octets(s, from, (gsize)(end + 1 - text)))
            return dt_damage_new("banner-added", "way", g_strdup("body"),
                                 g_strdup("a banner was put into the HTML text"));
    }
    return NULL;
}

/* ---- blanks lost at line ends: simple form only, relaxed does not see them ----------------- */

typedef struct {
    body_search *search;
    const guint8 *may; /* for each line: may it have lost a blank? */
    guint8 *has;       /* the subset being tried */
    guint last;        /* the last line with text */
} blanks;

static gboolean
try_subsets(blanks *b, guint line, SHA256_CTX sha)
{
    for (; line <= b->last; line++) {
        gsize length;
        const char *text = line_text(b->search, line, &length);
        SHA256_Update(&sha, text, length);
        if (b->may[line]) {
            SHA256_CTX with = sha;
            SHA256_Update(&with, " \r\n", 3);
            b->has[line] = TRUE;
            if (is_over(b->search))
                return FALSE;
            if (try_subsets(b, line + 1, with))
                return TRUE;
            b->has[line] = FALSE;
        }
        SHA256_Update(&sha, "\r\n", 2);
    }
    return state_fits(b->search, &sha);
}

static gboolean
subset_fits(body_search *s, blanks *b)
{
    SHA256_CTX sha;
    SHA256_Init(&sha);
    for (guint line = 0; line <= b->last; line++) {
        gsize length;
        const char *text = line_text(s, line, &length);
        SHA256_Update(&sha, text, length);
        SHA256_Update(&sha, b->has[line] ? " \r\n" : "\r\n", b->has[line] ? 3 : 2);
    }
    return state_fits(s, &sha);
}

static dt_damage *
report_blanks(const body_search *s, const guint8 *has)
{
    g_autoptr(GString) place = g_string_new(NULL);
    guint count = 0;
    for (guint line = 0; line < line_count(s); line++) {
        if (!has[line])
            continue;
        count++;
        if (count <= 10)
            g_string_append_printf(place, "%s%u", count > 1 ? ", " : "", s->first_line + line);
    }
    if (count > 10)
        g_string_append(place, " and more");
    g_string_prepend(place, count == 1 ? "line " : "lines ");
    return dt_damage_new(
        "trailing-spaces", "saving", g_strdup(s->is_shifted ? "body" : place->str),
        g_strdup_printf("%u line%s lost trailing spaces", count, count == 1 ? "" : "s"));
}

/* "-- " above a signature, and lines that format=flowed continues on the next. */
static gboolean
is_usual(const body_search *s, guint line, gboolean is_flowed)
{
    gsize length;
    const char *text = line_text(s, line, &length);
    if (length == 2 && memcmp(text, "--", 2) == 0)
        return TRUE;
    return is_flowed && length > 0 && line + 1 < line_count(s) && !is_blank(s, line + 1);
}

static dt_damage *
try_usual_blanks(body_search *s, blanks *b)
{
    for (guint kind = 0; kind < 3; kind++) {
        for (guint line = 0; line < line_count(s); line++)
            b->has[line] = kind == 2 ? !is_blank(s, line) : is_usual(s, line, kind == 1);
        if (subset_fits(s, b))
            return report_blanks(s, b->has);
    }
    memset(b->has, FALSE, line_count(s));
    return NULL;
}

/* One line, in a body of any length. */
static dt_damage *
try_single_blank(body_search *s, blanks *b)
{
    for (guint line = 0; line <= b->last && !is_over(s); line++) {
        b->has[line] = TRUE;
        if (subset_fits(s, b))
            return report_blanks(s, b->has);
        b->has[line] = FALSE;
    }
    return NULL;
}

static dt_damage *
try_lost_blanks(body_search *s, gboolean is_thorough)
{
    guint count = line_count(s), with_text = 0;
    if (s->signature->facts->body_canon != DT_CANON_SIMPLE || count == 0)
        return NULL;
    g_autofree guint8 *may = g_new0(guint8, count);
    g_autofree guint8 *has = g_new0(guint8, count);
    blanks b = { s, may, has, 0 };
    for (guint line = 0; line < count; line++) {
        may[line] = !is_blank(s, line);
        with_text += may[line];
        if (may[line])
            b.last = line;
    }
    if (with_text == 0)
        return NULL;
    dt_damage *found = try_usual_blanks(s, &b);
    if (!found && is_thorough)
        found = try_single_blank(s, &b);
    if (found || !is_thorough || with_text > BLANK_LINES_MAX)
        return found;
    SHA256_CTX sha;
    SHA256_Init(&sha);
    return try_subsets(&b, 0, sha) ? report_blanks(s, has) : NULL;
}

/* What has a place, in the order of what it costs. These hash by SHA-256 and without l=. */
static dt_damage *
try_places(body_search *s, gboolean is_thorough)
{
    dt_damage *found = NULL;
    if (s->signature->l >= 0 || s->signature->facts->body_algorithm != DT_ALGORITHM_RSA_SHA256)
        return NULL;
    found = try_added_below(s);
    if (!found)
        found = try_block(s, TRUE);
    if (!found)
        found = try_lost_blanks(s, is_thorough);
    if (!found && is_thorough)
        found = try_html_banner(s);
    if (!found && is_thorough)
        found = try_block(s, FALSE);
    return found;
}

static GPtrArray *
found_these(const dt_body_undo *one, const dt_body_undo *two, dt_damage *third)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)dt_damage_free);
    if (one)
        g_ptr_array_add(found,
                        dt_damage_new(one->kind, one->by, g_strdup("body"), g_strdup(one->text)));
    if (two)
        g_ptr_array_add(found,
                        dt_damage_new(two->kind, two->by, g_strdup("body"), g_strdup(two->text)));
    if (third)
        g_ptr_array_add(found, third);
    return found;
}

/* With one undone: does it fit as it is, or with a second, or with a change that has a place? */
static GPtrArray *
try_with(body_search *s, const dt_body_undo *one, GString *body, const dt_message *message)
{
    if (octets_fit(s->signature, body->str, body->len))
        return found_these(one, NULL, NULL);
    set_body(s, body);
    dt_damage *placed = try_places(s, FALSE);
    if (placed)
        return found_these(one, NULL, placed);
    for (const dt_body_undo *two = one + 1; two < DT_BODY_UNDOS + DT_BODY_UNDO_COUNT && !is_over(s);
         two++) {
        GString *both = two->undo(body, message);
        gboolean fits = both && octets_fit(s->signature, both->str, both->len);
        if (both)
            g_string_free(both, TRUE);
        if (fits)
            return found_these(one, two, NULL);
    }
    return NULL;
}

static GPtrArray *
try_undos(body_search *s, const GString *body, const dt_message *message)
{
    for (guint i = 0; i < DT_BODY_UNDO_COUNT && !is_over(s); i++) {
        GString *undone = DT_BODY_UNDOS[i].undo(body, message);
        if (!undone)
            continue;
        s->is_shifted = TRUE;
        GPtrArray *found = try_with(s, &DT_BODY_UNDOS[i], undone, message);
        g_string_free(undone, TRUE);
        if (found)
            return found;
    }
    return NULL;
}

static guint
first_body_line(const dt_message *message)
{
    guint count = dt_message_field_count(message);
    const dt_field *last = count > 0 ? dt_message_field(message, count - 1) : NULL;
    return last ? last->line + last->line_count + 1 : 1;
}

static GPtrArray *
search_in(body_search *s, const GString *body, const dt_message *message)
{
    set_body(s, body);
    dt_damage *placed = try_places(s, FALSE);
    if (placed)
        return found_these(NULL, NULL, placed);
    GPtrArray *found = try_undos(s, body, message);
    if (found)
        return found;
    s->is_shifted = FALSE;
    set_body(s, body);
    placed = try_places(s, TRUE);
    return placed ? found_these(NULL, NULL, placed) : NULL;
}

GPtrArray *
dt_damage_search_body(const dt_dkim_signature *signature, const dt_message *message,
                      const GString *body, const dt_damage_clock *clock)
{
    body_search s = { .signature = signature,
                      .clock = clock,
                      .first_line = first_body_line(message) };
    if (signature->facts->bh_length == 0 || body->len == 0)
        return NULL;
    g_autoptr(GArray) starts = s.starts = g_array_new(FALSE, FALSE, sizeof(gsize));
    g_autoptr(GArray) states = s.states = g_array_new(FALSE, FALSE, sizeof(SHA256_CTX));
    GPtrArray *found = search_in(&s, body, message);
    if (s.body)
        g_string_free(s.body, TRUE);
    return found;
}
