/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * How does an SPF record (RFC 7208 4.5, 4.6.1, 12) read once one fault in it is mended? Terms are
 * texts in an order; what is not at fault stays as the sender wrote it. Whether a term was meant to
 * be the include of SES is told from its text alone. What the result gives is evaluated elsewhere.
 */
#include "diagnosis/edit.h"

#include "base/text.h"

#include <string.h>

#define VERSION   "v=spf1"
#define MAX_TERMS 400
#define SES_NAME  "amazonses.com"

/* ---- texts --------------------------------------------------------------------------------- */

/* Octets that never belong into a record; outside ASCII all of them. */
static gboolean
is_strange(char c)
{
    return (guchar)c >= 0x7f || ((guchar)c < 0x20 && c != '\t') || strchr("\"'`\\", c) != NULL;
}

static const char *
find_version(const char *text)
{
    for (const char *p = text; *p; p++)
        if (g_ascii_strncasecmp(p, VERSION, strlen(VERSION)) == 0)
            return p;
    return NULL;
}

gboolean
dt_spf_text_has_strange_characters(const char *text)
{
    for (const char *p = text; *p; p++)
        if (is_strange(*p))
            return TRUE;
    return FALSE;
}

gboolean
dt_spf_text_is_damaged(const char *text)
{
    if (dt_spf_is_record(text))
        return FALSE;
    return find_version(text) || dt_text_contains(text, DT_SES_INCLUDE);
}

char *
dt_spf_text_clean(const char *text)
{
    const char *version = find_version(text);
    GString *out = g_string_new(VERSION);
    gboolean is_blank = TRUE;
    for (const char *p = version ? version + strlen(VERSION) : text; *p; p++) {
        gboolean is_no_break = p[0] == '\xc2' && p[1] == '\xa0';
        if (*p == ' ' || *p == '\t' || is_no_break) {
            is_blank = TRUE;
            p += is_no_break;
        } else if (!is_strange(*p)) {
            if (is_blank)
                g_string_append_c(out, ' ');
            g_string_append_c(out, *p);
            is_blank = FALSE;
        }
    }
    return g_string_free(out, FALSE);
}

/* ---- terms --------------------------------------------------------------------------------- */

static gboolean
is_qualifier(char c)
{
    return c != '\0' && strchr("+-~?", c) != NULL;
}

static const char *
without_qualifier(const char *term)
{
    return is_qualifier(*term) ? term + 1 : term;
}

static gboolean
is_all(const char *term)
{
    return g_ascii_strcasecmp(without_qualifier(term), "all") == 0;
}

/* name=value: parts that are no mechanisms. */
static gboolean
is_modifier(const char *term)
{
    gsize n = strspn(term, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return n > 0 && term[n] == '=';
}

static gboolean
is_redirect(const char *term)
{
    return dt_text_has_prefix(term, "redirect=");
}

/* "+" in front is the default and says nothing; in "+~all" it is a mistake that stays. */
static const char *
without_plus(const char *term)
{
    return *term == '+' && !is_qualifier(term[1]) ? term + 1 : term;
}

static gboolean
is_same_term(const char *a, const char *b)
{
    return g_ascii_strcasecmp(without_plus(a), without_plus(b)) == 0;
}

static gboolean
is_plain_ses_include(const char *term)
{
    return is_same_term(term, DT_SES_INCLUDE) || is_same_term(term, DT_SES_INCLUDE ".");
}

/* ---- was it meant to be the include of SES? ------------------------------------------------ */

/* Levenshtein distance, for short texts. */
static guint
distance(const char *a, const char *b)
{
    guint row[32];
    gsize length = strlen(b);
    if (strlen(a) > 30 || length > 30)
        return G_MAXUINT;
    for (guint k = 0; k <= length; k++)
        row[k] = k;
    for (guint i = 1; a[i - 1]; i++) {
        guint diagonal = row[0];
        row[0] = i;
        for (guint k = 1; k <= length; k++) {
            guint changed = diagonal + (g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[k - 1]));
            diagonal = row[k];
            row[k] = MIN(changed, MIN(row[k], row[k - 1]) + 1);
        }
    }
    return row[length];
}

/* A name that can only have been meant for SES. */
static gboolean
means_ses(const char *name)
{
    if (dt_text_contains(name, "amazonses") || distance(name, SES_NAME) <= 2)
        return TRUE;
    return dt_text_has_prefix(name, "amazon") && distance(name, SES_NAME) <= 3;
}

/* Behind include: also the names of SES's submission hosts, which have no SPF record. */
static gboolean
means_ses_in_include(const char *name)
{
    return means_ses(name) || dt_text_contains(name, "amazonaws");
}

/* "include", or a word that is nearly it. */
static gboolean
means_include(const char *word, gsize length)
{
    g_autofree char *copy = g_strndup(word, MIN(length, 31));
    return length > 3 && distance(copy, "include") <= 2;
}

/* "include" and the like alone, its name lost to a blank. */
static gboolean
is_bare_include(const char *term)
{
    const char *word = without_qualifier(term);
    gsize n = strcspn(word, ":=");
    return means_include(word, n) && strspn(word + n, ":=") == strlen(word + n);
}

gboolean
dt_spf_term_is_misspelt(const char *term, const char *next)
{
    const char *word = without_qualifier(term);
    gsize n = strcspn(word, ":=");
    const char *name = word[n] ? word + n + 1 : word;
    if (is_plain_ses_include(term) || is_all(term))
        return FALSE;
    if (is_bare_include(term))
        return next && means_ses_in_include(next + strspn(next, ":="));
    if (word[n] == '\0')
        return means_ses(name);
    if (means_include(word, n))
        return means_ses_in_include(name);
    if (is_redirect(term))
        return means_ses(name) && !dt_text_equal(name, SES_NAME) &&
               !dt_text_has_suffix(name, "." SES_NAME);
    return means_ses(name) && !dt_text_has_prefix(word, "exp=");
}

/* ---- drafts -------------------------------------------------------------------------------- */

dt_spf_draft *
dt_spf_draft_new(const char *text)
{
    dt_spf_draft *draft = g_new0(dt_spf_draft, 1);
    draft->terms = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *clean = dt_spf_text_clean(text);
    const char *at = clean + strlen(VERSION);
    for (at += strspn(at, " "); *at && draft->terms->len < MAX_TERMS; at += strspn(at, " ")) {
        gsize n = strcspn(at, " ");
        g_ptr_array_add(draft->terms, g_strndup(at, n));
        at += n;
    }
    return draft;
}

void
dt_spf_draft_free(dt_spf_draft *draft)
{
    if (!draft)
        return;
    g_ptr_array_unref(draft->terms);
    g_free(draft);
}

gint
dt_spf_draft_find(const dt_spf_draft *draft, const char *term)
{
    for (guint i = 0; i < draft->terms->len; i++)
        if (is_same_term(draft->terms->pdata[i], term))
            return i;
    return -1;
}

void
dt_spf_draft_remove(dt_spf_draft *draft, const char *term)
{
    gint at;
    while ((at = dt_spf_draft_find(draft, term)) >= 0)
        g_ptr_array_remove_index(draft->terms, at);
}

static gint
find_all(const dt_spf_draft *draft)
{
    for (guint i = 0; i < draft->terms->len; i++)
        if (is_all(draft->terms->pdata[i]))
            return i;
    return -1;
}

/* Where a mechanism goes: before all, else before the modifiers at the end. */
static guint
place_for_mechanism(const dt_spf_draft *draft)
{
    gint all = find_all(draft);
    if (all >= 0)
        return all;
    guint place = draft->terms->len;
    while (place > 0 && is_modifier(draft->terms->pdata[place - 1]))
        place--;
    return place;
}

void
dt_spf_draft_add(dt_spf_draft *draft, const char *term)
{
    if (dt_spf_draft_find(draft, term) < 0)
        g_ptr_array_insert(draft->terms, place_for_mechanism(draft), g_strdup(term));
}

gboolean
dt_spf_draft_put_first(dt_spf_draft *draft, const char *term)
{
    if (dt_spf_draft_find(draft, term) == 0)
        return FALSE;
    dt_spf_draft_remove(draft, term);
    g_ptr_array_insert(draft->terms, 0, g_strdup(term));
    return TRUE;
}

void
dt_spf_draft_all_last(dt_spf_draft *draft)
{
    gint all = find_all(draft);
    if (all < 0)
        return;
    char *term = g_ptr_array_steal_index(draft->terms, all);
    /* Only the first all had an effect. */
    for (gint other; (other = find_all(draft)) >= 0;)
        g_ptr_array_remove_index(draft->terms, other);
    g_ptr_array_insert(draft->terms, place_for_mechanism(draft), term);
}

void
dt_spf_draft_close_all(dt_spf_draft *draft)
{
    for (guint i = 0; i < draft->terms->len; i++) {
        const char *term = draft->terms->pdata[i];
        if (!is_all(term) || (*term != '+' && is_qualifier(*term)))
            continue;
        g_free(draft->terms->pdata[i]);
        draft->terms->pdata[i] = g_strdup("~all");
    }
}

static gboolean
has_redirect(const dt_spf_draft *draft)
{
    for (guint i = 0; i < draft->terms->len; i++)
        if (is_redirect(draft->terms->pdata[i]))
            return TRUE;
    return FALSE;
}

gboolean
dt_spf_draft_drop_void_redirect(dt_spf_draft *draft)
{
    guint before = draft->terms->len;
    if (find_all(draft) < 0)
        return FALSE;
    for (guint i = draft->terms->len; i-- > 0;)
        if (is_redirect(draft->terms->pdata[i]))
            g_ptr_array_remove_index(draft->terms, i);
    return draft->terms->len < before;
}

gboolean
dt_spf_draft_mend_include(dt_spf_draft *draft)
{
    gboolean is_mended = FALSE;
    for (guint i = 0; i < draft->terms->len; i++) {
        const char *term = draft->terms->pdata[i];
        const char *next = i + 1 < draft->terms->len ? draft->terms->pdata[i + 1] : NULL;
        if (!dt_spf_term_is_misspelt(term, next))
            continue;
        if (is_bare_include(term))
            g_ptr_array_remove_index(draft->terms, i + 1);
        g_free(draft->terms->pdata[i]);
        draft->terms->pdata[i] = g_strdup(DT_SES_INCLUDE);
        is_mended = TRUE;
    }
    return is_mended;
}

/* ---- terms that do not parse --------------------------------------------------------------- */

static const struct {
    const char *wrong, *right;
} misspellings[] = {
    { "ipv4:", "ip4:" },
    { "ipv6:", "ip6:" },
    { "ip:", "ip4:" },
    { "ip4=", "ip4:" },
    { "ip6=", "ip6:" },
    { "include=", "include:" },
    { "includes:", "include:" },
    { "inlcude:", "include:" },
    { "a=", "a:" },
    { "mx=", "mx:" },
    { "redirect:", "redirect=" },
};

static char *
respell(const char *term)
{
    gsize sign = is_qualifier(*term) ? 1 : 0;
    for (guint i = 0; i < G_N_ELEMENTS(misspellings); i++)
        if (dt_text_has_prefix(term + sign, misspellings[i].wrong))
            return g_strdup_printf("%.*s%s%s", (int)sign, term, misspellings[i].right,
                                   term + sign + strlen(misspellings[i].wrong));
    gsize length = strlen(term);
    if (length > 1 && strchr(",;.", term[length - 1]))
        return g_strndup(term, length - 1);
    return NULL;
}

gboolean
dt_spf_draft_mend_term(dt_spf_draft *draft, const char *term)
{
    gint at = dt_spf_draft_find(draft, term);
    g_autofree char *right = at >= 0 ? respell(term) : NULL;
    if (at < 0)
        return FALSE;
    if (right) {
        g_autofree char *whole = g_strconcat(VERSION " ", right, NULL);
        g_autoptr(dt_spf_record) record = dt_spf_record_parse(whole, strlen(whole));
        if (record->is_valid) {
            g_free(draft->terms->pdata[at]);
            draft->terms->pdata[at] = g_steal_pointer(&right);
            return TRUE;
        }
    }
    g_ptr_array_remove_index(draft->terms, at);
    return FALSE;
}

/* ---- merging ------------------------------------------------------------------------------- */

/* Of two qualifiers of all the softer one; pass for everybody is none that is kept. */
static char
softer(char a, char b)
{
    static const char order[] = "-~?";
    if (a == '+' || b == '+')
        return a == b ? '~' : a == '+' ? b : a;
    return strchr(order, a) > strchr(order, b) ? a : b;
}

static char
all_qualifier(const dt_spf_draft *draft)
{
    gint all = find_all(draft);
    const char *term = all >= 0 ? draft->terms->pdata[all] : NULL;
    return !term ? '\0' : is_qualifier(*term) ? *term : '+';
}

/* A redirect= that had an effect in its own record has none beside an `all`: an include of the same
 * name keeps it. */
static void
redirect_to_include(dt_spf_draft *draft)
{
    for (guint i = 0; i < draft->terms->len; i++) {
        const char *term = draft->terms->pdata[i];
        if (!is_redirect(term))
            continue;
        char *include = g_strconcat("include:", strchr(term, '=') + 1, NULL);
        g_free(draft->terms->pdata[i]);
        draft->terms->pdata[i] = include;
    }
}

static void
add_foreign(dt_spf_draft *draft, const char *term)
{
    if (!is_modifier(term))
        dt_spf_draft_add(draft, term);
    else if (dt_spf_draft_find(draft, term) < 0)
        g_ptr_array_add(draft->terms, g_strdup(term));
}

void
dt_spf_draft_merge(dt_spf_draft *draft, dt_spf_draft *other)
{
    char mine = all_qualifier(draft), theirs = all_qualifier(other);
    dt_spf_draft_drop_void_redirect(draft);
    dt_spf_draft_drop_void_redirect(other);
    if (theirs)
        redirect_to_include(draft);
    if (mine || has_redirect(draft))
        redirect_to_include(other);
    for (guint i = 0; i < other->terms->len; i++)
        if (!is_all(other->terms->pdata[i]))
            add_foreign(draft, other->terms->pdata[i]);
    if (!theirs)
        return;
    gint all = find_all(draft);
    if (all >= 0)
        g_ptr_array_remove_index(draft->terms, all);
    g_autofree char *term = g_strdup_printf("%call", mine ? softer(mine, theirs) : theirs);
    dt_spf_draft_add(draft, term);
}

/* Writes each term once. FALSE: there is neither an `all` nor a redirect=. */
static gboolean
write_terms(const dt_spf_draft *draft, GString *out)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gboolean has_all = FALSE, is_redirected = FALSE;
    g_string_assign(out, VERSION);
    for (guint i = 0; i < draft->terms->len; i++) {
        const char *term = draft->terms->pdata[i];
        char *key = g_ascii_strdown(without_plus(term), -1);
        if (!g_hash_table_add(seen, key) || (is_all(term) && has_all))
            continue;
        has_all = has_all || is_all(term);
        is_redirected = is_redirected || is_redirect(term);
        g_string_append_printf(out, " %s", term);
    }
    return has_all || is_redirected;
}

char *
dt_spf_draft_text(const dt_spf_draft *draft)
{
    GString *out = g_string_new(NULL);
    if (write_terms(draft, out))
        return g_string_free(out, FALSE);
    /* A record without an end is neutral to everybody else: give it one, before its modifiers. */
    g_autoptr(dt_spf_draft) closed = dt_spf_draft_new(out->str);
    g_ptr_array_insert(closed->terms, place_for_mechanism(closed), g_strdup("~all"));
    write_terms(closed, out);
    return g_string_free(out, FALSE);
}
