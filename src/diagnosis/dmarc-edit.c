/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * How does a DMARC record (RFC 9989 4.7, 4.8) read once one fault in it is mended? Tags are pairs
 * in an order; what is not at fault stays as the sender wrote it, above all the addresses for
 * reports. Where tags begin is found by their names, so that lost or wrong separators do not
 * matter.
 */
#include "diagnosis/edit.h"

#include "base/name.h"
#include "base/taglist.h"
#include "base/text.h"

#include <string.h>

#define VERSION  "v=DMARC1"
#define MAX_TEXT 8192

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const char *const tag_names[] = { "v",    "p",  "sp",  "np", "rua", "ruf", "adkim",
                                         "aspf", "fo", "pct", "rf", "ri",  "t",   "psd" };

typedef struct {
    char *name, *value;
} pair;

static void
pair_clear(gpointer data)
{
    g_free(((pair *)data)->name);
    g_free(((pair *)data)->value);
}

static void
add_pair(GArray *pairs, gint at, const char *name, const char *value)
{
    pair added = { g_strdup(name), g_strdup(value) };
    if (at < 0)
        g_array_append_val(pairs, added);
    else
        g_array_insert_val(pairs, (guint)at, added);
}

static gint
find_pair(const GArray *pairs, const char *name)
{
    for (guint i = 0; i < pairs->len; i++)
        if (dt_text_equal(g_array_index(pairs, pair, i).name, name))
            return i;
    return -1;
}

/* ---- taking a text apart ------------------------------------------------------------------- */

/* Punctuation that word processors and web pages put in the place of ASCII. */
static const struct {
    const char *from, *to;
} typographic[] = {
    { "\xe2\x80\x9c", "" },
    { "\xe2\x80\x9d", "" },
    { "\xe2\x80\x9e", "" },
    { "\xe2\x80\x98", "" },
    { "\xe2\x80\x99", "" },
    { "\xe2\x80\x9a", "" },
    { "\xc2\xab", "" },
    { "\xc2\xbb", "" },
    { BYTE_ORDER_MARK, "" },
    { "\xe2\x80\x8b", "" },
    { "\xc2\xa0", " " },
    { "\xef\xbc\x9b", ";" },
    { "\xef\xbc\x8c", "," },
    { "\xef\xbc\x9d", "=" },
    { "\"", "" },
    { "'", "" },
    { "`", "" },
    { "\\", "" },
};

static char *
plain_punctuation(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p && out->len < MAX_TEXT;) {
        guint i = 0;
        while (i < G_N_ELEMENTS(typographic) && !g_str_has_prefix(p, typographic[i].from))
            i++;
        if (i < G_N_ELEMENTS(typographic)) {
            g_string_append(out, typographic[i].to);
            p += strlen(typographic[i].from);
        } else {
            g_string_append_c(out, g_ascii_iscntrl(*p) ? ' ' : *p);
            p++;
        }
    }
    return g_string_free(out, FALSE);
}

/* Length of "name =" if a known tag begins here, else 0; the name's length in name_length. */
static gsize
tag_start(const char *text, gsize *name_length)
{
    gsize n = 0;
    while (g_ascii_isalpha(text[n]))
        n++;
    gsize equals = n + strspn(text + n, " ");
    if (n == 0 || text[equals] != '=')
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(tag_names); i++) {
        if (strlen(tag_names[i]) != n || g_ascii_strncasecmp(tag_names[i], text, n) != 0)
            continue;
        *name_length = n;
        return equals + 1;
    }
    return 0;
}

static gboolean
may_precede_tag(const char *text, const char *at)
{
    return at == text || strchr(" ,;|", at[-1]) != NULL;
}

/* What stands between tags is taken off the end of a value. */
static char *
trimmed_value(const char *start, const char *end)
{
    while (start < end && strchr(" ", *start))
        start++;
    while (end > start && strchr(" ,;|:", end[-1]))
        end--;
    return g_strndup(start, end - start);
}

/* An unknown tag behind a ";" is kept: the part of a value from there on. */
static void
split_unknown(GArray *pairs, const char *name, const char *whole)
{
    g_auto(GStrv) parts = g_strsplit(whole, ";", -1);
    g_autofree char *first = trimmed_value(
        parts[0] ? parts[0] : "", (parts[0] ? parts[0] : "") + strlen(parts[0] ? parts[0] : ""));
    add_pair(pairs, -1, name, first);
    for (guint i = 1; parts[0] && parts[i]; i++) {
        const char *part = g_strstrip(parts[i]);
        const char *equals = strchr(part, '=');
        if (!equals || equals == part)
            continue;
        g_autofree char *other = g_strchomp(g_strndup(part, equals - part));
        g_autofree char *value = trimmed_value(equals + 1, part + strlen(part));
        add_pair(pairs, -1, other, value);
    }
}

/* The tags of a text, whatever parts them. Text before the first one is dropped. */
static GArray *
take_apart(const char *text)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(pair));
    g_array_set_clear_func(pairs, pair_clear);
    g_autofree char *plain = plain_punctuation(text);
    g_autofree char *name = NULL;
    const char *value = NULL;
    for (const char *p = plain; *p;) {
        gsize name_length = 0;
        gsize length = may_precede_tag(plain, p) ? tag_start(p, &name_length) : 0;
        if (!length) {
            p++;
            continue;
        }
        if (name) {
            g_autofree char *whole = g_strndup(value, p - value);
            split_unknown(pairs, name, whole);
            g_free(name);
        }
        name = g_ascii_strdown(p, name_length);
        value = p += length;
    }
    if (name)
        split_unknown(pairs, name, value);
    return pairs;
}

static char *
put_together(const GArray *pairs)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < pairs->len; i++) {
        const pair *tag = &g_array_index(pairs, pair, i);
        g_string_append_printf(out, "%s%s=%s", i ? "; " : "", tag->name, tag->value);
    }
    return g_string_free(out, FALSE);
}

/* ---- edits --------------------------------------------------------------------------------- */

char *
dt_dmarc_text_separate(const char *text)
{
    g_autoptr(GArray) pairs = take_apart(text);
    return put_together(pairs);
}

/* Each tag once, v first, p behind it (RFC 7489 6.3 wants it there). */
static void
put_in_order(GArray *pairs)
{
    for (guint i = pairs->len; i-- > 0;)
        if (find_pair(pairs, g_array_index(pairs, pair, i).name) != (gint)i)
            g_array_remove_index(pairs, i);
    gint version = find_pair(pairs, "v");
    if (version >= 0)
        g_array_remove_index(pairs, version);
    gint p = find_pair(pairs, "p");
    if (p > 0) {
        g_autofree char *value = g_strdup(g_array_index(pairs, pair, p).value);
        g_array_remove_index(pairs, p);
        add_pair(pairs, 0, "p", value);
    }
    add_pair(pairs, 0, "v", "DMARC1");
}

static GArray *
retyped(const char *text)
{
    GArray *pairs = take_apart(text);
    put_in_order(pairs);
    return pairs;
}

char *
dt_dmarc_text_retype(const char *text)
{
    g_autoptr(GArray) pairs = retyped(text);
    return put_together(pairs);
}

char *
dt_dmarc_text_without(const char *text, const char *const *tags)
{
    g_autoptr(GArray) pairs = retyped(text);
    for (; *tags; tags++) {
        gint at = find_pair(pairs, *tags);
        if (at >= 0)
            g_array_remove_index(pairs, at);
    }
    return put_together(pairs);
}

static void
set_pair(GArray *pairs, const char *tag, const char *value)
{
    gint at = find_pair(pairs, tag);
    if (at >= 0) {
        pair *there = &g_array_index(pairs, pair, at);
        g_free(there->value);
        there->value = g_strdup(value);
    } else {
        add_pair(pairs, strcmp(tag, "p") == 0 ? 1 : -1, tag, value);
    }
}

char *
dt_dmarc_text_set(const char *text, const char *tag, const char *value)
{
    g_autoptr(GArray) pairs = retyped(text);
    set_pair(pairs, tag, value);
    return put_together(pairs);
}

static gboolean
is_policy_word(const char *value)
{
    return dt_text_equal(value, "none") || dt_text_equal(value, "quarantine") ||
           dt_text_equal(value, "reject");
}

char *
dt_dmarc_text_usable(const char *text)
{
    static const char *const policies[] = { "p", "sp", "np" };
    g_autoptr(GArray) pairs = retyped(text);
    for (guint i = 0; i < G_N_ELEMENTS(policies); i++) {
        gint at = find_pair(pairs, policies[i]);
        gboolean is_bad = at < 0 ? i == 0 : !is_policy_word(g_array_index(pairs, pair, at).value);
        if (is_bad)
            set_pair(pairs, policies[i], "none");
    }
    return put_together(pairs);
}

/* ---- report addresses ---------------------------------------------------------------------- */

/* local@domain, and what may follow it: "!10m" is an obsolete size limit, "?subject=" belongs to
 * the URI. */
static gboolean
has_address(const char *text)
{
    g_autofree char *address = g_strndup(text, strcspn(text, "!?"));
    const char *at = strrchr(address, '@');
    g_autofree char *domain = at ? dt_name_from_mail(at + 1) : NULL;
    return at > address && !memchr(address, ':', at - address) && domain && *domain;
}

const char *
dt_dmarc_rua_fault(const char *uri)
{
    gboolean is_mailto = dt_text_has_prefix(uri, "mailto:");
    if (strpbrk(uri, "[]"))
        return "is a placeholder that a web page shows instead of an address";
    for (const char *p = uri; *p; p++)
        if ((guchar)*p >= 0x7f)
            return "holds a character outside ASCII";
    if (strpbrk(uri, " \t"))
        return "holds a blank: addresses are parted by commas";
    if (strpbrk(uri, "<>\"\\{}|^`"))
        return "holds a character that may not stand in an address";
    /* Other schemes are allowed (RFC 9989 4.8); one before an address is a slip of the pen. */
    if (!is_mailto && strchr(uri, ':') && !strchr(uri, '@'))
        return NULL;
    if (!is_mailto)
        return "does not start with mailto:";
    if (g_str_has_prefix(uri + strlen("mailto:"), "//"))
        return "has // between mailto: and the address";
    return has_address(uri + strlen("mailto:")) ? NULL : "holds no address";
}

char *
dt_dmarc_rua_domain(const char *uri)
{
    if (!dt_text_has_prefix(uri, "mailto:") || dt_dmarc_rua_fault(uri))
        return NULL;
    g_autofree char *address = g_strndup(uri, strcspn(uri, "!?"));
    return dt_name_from_mail(strrchr(address, '@') + 1);
}

/* One address as it was meant, NULL if that cannot be told. */
static char *
mended_address(const char *word)
{
    g_auto(GStrv) pieces = g_strsplit_set(word, "<>", -1);
    g_autofree char *bare = g_strjoinv("", pieces);
    if (!dt_dmarc_rua_fault(bare))
        return g_steal_pointer(&bare);
    const char *colon = strrchr(bare, ':'), *address = colon ? colon + 1 : bare;
    g_autofree char *with_scheme = g_strconcat("mailto:", address + strspn(address, "/"), NULL);
    gboolean is_address = !dt_dmarc_rua_fault(with_scheme);
    return is_address ? g_steal_pointer(&with_scheme) : NULL;
}

static char *
mended_rua(const char *value)
{
    /* A placeholder holds a blank inside its brackets. */
    GString *out = g_string_new(NULL);
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    for (guint i = 0; parts[i]; i++) {
        gboolean is_placeholder = strpbrk(parts[i], "[]") != NULL;
        g_auto(GStrv) words = g_strsplit_set(is_placeholder ? "" : parts[i], " \t", -1);
        for (guint k = 0; words[k]; k++) {
            g_autofree char *address = words[k][0] ? mended_address(words[k]) : NULL;
            if (address)
                g_string_append_printf(out, "%s%s", out->len ? "," : "", address);
        }
    }
    return g_string_free(out, FALSE);
}

char *
dt_dmarc_text_mend_rua(const char *text, const char *fallback)
{
    g_autoptr(GArray) pairs = retyped(text);
    gint at = find_pair(pairs, "rua");
    g_autofree char *mended = mended_rua(at >= 0 ? g_array_index(pairs, pair, at).value : "");
    const char *value = mended[0] ? mended : fallback;
    if (value)
        set_pair(pairs, "rua", value);
    else if (at >= 0)
        g_array_remove_index(pairs, at);
    return put_together(pairs);
}

/* ---- what a text was meant to be ----------------------------------------------------------- */

gboolean
dt_dmarc_text_is_meant(const char *text)
{
    g_autoptr(GArray) pairs = take_apart(text);
    gint v = find_pair(pairs, "v"), p = find_pair(pairs, "p");
    if (v >= 0 && dt_text_contains(g_array_index(pairs, pair, v).value, "dmarc"))
        return TRUE;
    if (p >= 0 && is_policy_word(g_array_index(pairs, pair, p).value))
        return TRUE;
    return dt_text_contains(text, "dmarc1");
}

/* The value that a reader takes for a tag, whose name may be in capitals (that is another fault);
 * NULL none. Addresses without what ends their list. */
static char *
read_value(const dt_taglist *list, const char *name)
{
    for (guint i = 0; i < list->tags->len; i++) {
        const dt_tag *tag = &g_array_index(list->tags, dt_tag, i);
        if (!dt_text_equal(tag->name, name))
            continue;
        if (!dt_text_has_prefix(name, "ru"))
            return g_strdup(tag->value);
        /* The blank inside a placeholder is a fault of the address. */
        g_autofree char *plain =
            strchr(tag->value, '[') ? plain_punctuation(tag->value) : g_strdup(tag->value);
        return trimmed_value(plain, plain + strlen(plain));
    }
    return NULL;
}

/* Text in front of the first tag is another fault than what parts the tags. */
static gboolean
starts_with_tag(const char *text)
{
    g_autofree char *plain = plain_punctuation(text);
    gsize length;
    return !g_str_has_prefix(text, BYTE_ORDER_MARK) && tag_start(plain, &length) > 0;
}

static gboolean
has_same_tags(const char *text, const char *other)
{
    g_autoptr(dt_taglist) before = dt_taglist_parse(text, -1);
    g_autoptr(dt_taglist) after = dt_taglist_parse(other, -1);
    for (guint i = 0; i < G_N_ELEMENTS(tag_names); i++) {
        g_autofree char *left = read_value(before, tag_names[i]);
        g_autofree char *right = read_value(after, tag_names[i]);
        if (!dt_text_equal(left, right))
            return FALSE;
    }
    return TRUE;
}

/* name=value with nothing in the value that could hide another tag or stand for what parts them. */
static gboolean
is_plain_tag(const char *piece, gsize length)
{
    const char *at = piece, *end = piece + length;
    while (at < end && *at == ' ')
        at++;
    while (end > at && end[-1] == ' ')
        end--;
    const char *name = at;
    while (at < end && g_ascii_islower(*at))
        at++;
    if (at == name || at == end || *at++ != '=' || at == end || !g_ascii_isalnum(end[-1]))
        return FALSE;
    for (; at < end; at++)
        if (!g_ascii_isalnum(*at) && !strchr("@:.-_+", *at) &&
            !(*at == ',' && strncmp(at + 1, "mailto:", 7) == 0))
            return FALSE;
    return TRUE;
}

/* Most records are plain; to see that costs little. */
static gboolean
is_plain(const char *text)
{
    for (;;) {
        gsize length = strcspn(text, ";");
        gboolean is_last = !text[length];
        if (is_last && strspn(text, " ") == length)
            return TRUE;
        if (!is_plain_tag(text, length))
            return FALSE;
        if (is_last)
            return TRUE;
        text += length + 1;
    }
}

gboolean
dt_dmarc_text_is_badly_separated(const char *text)
{
    if (is_plain(text))
        return FALSE;
    g_autofree char *separated = dt_dmarc_text_separate(text);
    g_autoptr(dt_dmarc_record) mended = dt_dmarc_record_parse(separated, strlen(separated));
    if (!mended->is_dmarc || !mended->is_usable || !starts_with_tag(text))
        return FALSE;
    g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(text, strlen(text));
    return !record->is_dmarc || !has_same_tags(text, separated);
}
