/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Splitting of tag=value lists (RFC 6376 3.2). Says what stands where and what is no tag; judging
 * is the caller's.
 */
#include "base/taglist.h"

#include <string.h>

#define SHORT_LIST 24

static gboolean
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static gboolean
is_tag_name(const char *text, gsize length)
{
    if (length == 0 || !g_ascii_isalpha(text[0]))
        return FALSE;
    for (gsize i = 1; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '_')
            return FALSE;
    return TRUE;
}

static void
tag_clear(gpointer data)
{
    dt_tag *tag = data;
    g_free(tag->name); /* the value stands behind it */
}

static void
note_fault(dt_taglist *list, gsize offset)
{
    if (!list->has_fault)
        list->fault_offset = offset;
    list->has_fault = TRUE;
}

/* A copy of name and value in one piece of memory, a NUL behind each. */
static void
copy_both(dt_tag *tag, const char *name, gsize name_length, const char *value, gsize value_length)
{
    tag->name = g_malloc(name_length + value_length + 2);
    tag->value = tag->name + name_length + 1;
    memcpy(tag->name, name, name_length);
    memcpy(tag->value, value, value_length);
    tag->name[name_length] = tag->value[value_length] = '\0';
}

/* Has an earlier tag this name? Long lists (nobody needs them) are looked up in a table, made when
 * it pays. */
static gboolean
was_seen(const dt_taglist *list, GHashTable **seen, char *name)
{
    if (list->tags->len <= SHORT_LIST) {
        for (guint i = 0; i < list->tags->len; i++)
            if (strcmp(g_array_index(list->tags, dt_tag, i).name, name) == 0)
                return TRUE;
        return FALSE;
    }
    if (!*seen) {
        *seen = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; i < list->tags->len; i++)
            g_hash_table_add(*seen, g_array_index(list->tags, dt_tag, i).name);
    }
    return !g_hash_table_add(*seen, name);
}

/* text[start..end) is one part between semicolons, not blank. */
static void
add_part(dt_taglist *list, const char *text, gsize start, gsize end, GHashTable **seen)
{
    const char *equals = memchr(text + start, '=', end - start);
    gsize name_end = equals ? (gsize)(equals - text) : end;
    gsize value_start = equals ? name_end + 1 : end;
    while (name_end > start && is_space(text[name_end - 1]))
        name_end--;
    while (value_start < end && is_space(text[value_start]))
        value_start++;
    if (!equals || !is_tag_name(text + start, name_end - start)) {
        note_fault(list, start);
        return;
    }
    dt_tag tag = { .offset = start, .end = end };
    copy_both(&tag, text + start, name_end - start, text + value_start, end - value_start);
    tag.duplicate = was_seen(list, seen, tag.name);
    if (tag.duplicate)
        list->has_duplicate = TRUE;
    g_array_append_val(list->tags, tag);
}

dt_taglist *
dt_taglist_parse(const char *text, gssize length)
{
    gsize total = length < 0 ? strlen(text) : (gsize)length;
    dt_taglist *list = g_new0(dt_taglist, 1);
    list->tags = g_array_new(FALSE, TRUE, sizeof(dt_tag));
    g_array_set_clear_func(list->tags, tag_clear);
    g_autoptr(GHashTable) seen = NULL;
    for (gsize at = 0; at < total;) {
        const char *semicolon = memchr(text + at, ';', total - at);
        gsize stop = semicolon ? (gsize)(semicolon - text) : total;
        gsize start = at, end = stop;
        while (start < end && is_space(text[start]))
            start++;
        while (end > start && is_space(text[end - 1]))
            end--;
        if (end > start)
            add_part(list, text, start, end, &seen);
        else if (semicolon)
            list->has_empty = TRUE;
        at = stop + 1;
    }
    return list;
}

void
dt_taglist_free(dt_taglist *list)
{
    if (!list)
        return;
    g_array_unref(list->tags);
    g_free(list);
}

const dt_tag *
dt_taglist_get(const dt_taglist *list, const char *name)
{
    for (guint i = 0; i < list->tags->len; i++) {
        const dt_tag *tag = &g_array_index(list->tags, dt_tag, i);
        if (strcmp(tag->name, name) == 0)
            return tag;
    }
    return NULL;
}

const char *
dt_taglist_value(const dt_taglist *list, const char *name)
{
    const dt_tag *tag = dt_taglist_get(list, name);
    return tag ? tag->value : NULL;
}

char *
dt_taglist_strip(const char *text)
{
    char *out = g_malloc(strlen(text) + 1), *end = out;
    for (; *text; text++)
        if (!is_space(*text))
            *end++ = *text;
    *end = '\0';
    return out;
}
