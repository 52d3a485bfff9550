/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which ARC sets does a message carry, and are they whole (RFC 8617 4.1, 4.2, 5.2 steps 1 to 3)?
 * Instances, one field of each kind, cv= and the other tags. Hashes and signatures are chain.c's.
 */
#include "arc/sets.h"

#include <string.h>
#include "base/text.h"

static const char *const part_names[DT_ARC_PARTS] = {
    [DT_ARC_RESULTS] = "ARC-Authentication-Results",
    [DT_ARC_SIGNATURE] = "ARC-Message-Signature",
    [DT_ARC_SEAL] = "ARC-Seal",
};

const char *
dt_arc_part_name(dt_arc_part part)
{
    return part_names[part];
}

/* ---- instances ----------------------------------------------------------------------------- */

/* 1*2DIGIT, 1 to 50; 0 for anything else. */
static guint
read_instance(const char *text, gsize length)
{
    if (length < 1 || length > 2 || !g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[length - 1]))
        return 0;
    guint instance = length == 1 ? text[0] - '0' : (text[0] - '0') * 10 + (text[1] - '0');
    return instance <= DT_ARC_MAX ? instance : 0;
}

/* RFC 5322 3.2.2: blanks, folds and comments, which may be nested. */
static const char *
skip_cfws(const char *at, const char *end)
{
    guint depth = 0;
    for (; at < end; at++) {
        if (*at == '(')
            depth++;
        else if (depth > 0 && *at == ')')
            depth--;
        else if (depth > 0 && *at == '\\' && at + 1 < end)
            at++;
        else if (depth == 0 && !g_ascii_isspace(*at))
            break;
    }
    return at;
}

/* 4.1.1: the field starts with "i=N;". */
static guint
results_instance(const dt_field *field)
{
    const char *end = field->raw + field->raw_length;
    const char *at = skip_cfws(field->raw + field->value_offset, end);
    if (at == end || *at != 'i')
        return 0;
    at = skip_cfws(at + 1, end);
    if (at == end || *at != '=')
        return 0;
    const char *number = skip_cfws(at + 1, end);
    for (at = number; at < end && g_ascii_isdigit(*at);)
        at++;
    const char *after = skip_cfws(at, end);
    return after < end && *after == ';' ? read_instance(number, at - number) : 0;
}

static guint
tags_instance(const dt_taglist *tags)
{
    const char *value = dt_taglist_value(tags, "i");
    return value ? read_instance(value, strlen(value)) : 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

G_GNUC_PRINTF(2, 3)
static void
note_fault(dt_arc_chain *chain, const char *format, ...)
{
    if (chain->fault)
        return;
    va_list arguments;
    va_start(arguments, format);
    chain->fault = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

static void
add_field(dt_arc_chain *chain, const dt_field *field, dt_arc_part part)
{
    g_autoptr(dt_taglist) tags = NULL;
    if (part != DT_ARC_RESULTS)
        tags = dt_taglist_parse(field->raw + field->value_offset,
                                field->raw_length - field->value_offset);
    guint instance = tags ? tags_instance(tags) : results_instance(field);
    chain->is_none = FALSE;
    if (instance == 0) {
        note_fault(chain, "The %s in line %u has no instance (i=) from 1 to %d.", part_names[part],
                   field->line, DT_ARC_MAX);
        return;
    }
    dt_arc_field *slot = &chain->fields[instance][part];
    if (slot->field) {
        note_fault(chain, "There are several %s fields with i=%u.", part_names[part], instance);
        return;
    }
    slot->field = field;
    slot->tags = g_steal_pointer(&tags);
    chain->highest = MAX(chain->highest, instance);
}

static void
read_field(dt_arc_chain *chain, const dt_field *field, guint *seen)
{
    for (guint part = 0; part < DT_ARC_PARTS; part++) {
        if (!dt_field_is(field, part_names[part]))
            continue;
        (*seen)++;
        add_field(chain, field, part);
    }
}

/* Fields beyond those of fifty sets cannot be in order and are not read. */
dt_arc_chain *
dt_arc_chain_read(const dt_message *message)
{
    dt_arc_chain *chain = g_new0(dt_arc_chain, 1);
    chain->is_none = TRUE;
    guint count = dt_message_field_count(message), seen = 0;
    for (guint i = 0; i < count && seen <= DT_ARC_MAX * DT_ARC_PARTS; i++)
        read_field(chain, dt_message_field(message, i), &seen);
    if (seen > DT_ARC_MAX * DT_ARC_PARTS)
        note_fault(chain, "There are more ARC fields than %d sets can have.", DT_ARC_MAX);
    return chain;
}

void
dt_arc_chain_free(dt_arc_chain *chain)
{
    if (!chain)
        return;
    for (guint i = 1; i <= DT_ARC_MAX; i++)
        for (guint part = 0; part < DT_ARC_PARTS; part++)
            dt_taglist_free(chain->fields[i][part].tags);
    g_free(chain->fault);
    g_free(chain);
}

/* ---- structure ----------------------------------------------------------------------------- */

static const char *
seal_value(const dt_arc_chain *chain, guint instance, const char *tag)
{
    const dt_arc_field *seal = &chain->fields[instance][DT_ARC_SEAL];
    return seal->tags ? dt_taglist_value(seal->tags, tag) : NULL;
}

/* 5.2 step 3: the first seal says none, those after it pass. */
static char *
status_fault(const dt_arc_chain *chain, guint instance)
{
    const char *cv = seal_value(chain, instance, "cv"), *wanted = instance == 1 ? "none" : "pass";
    if (cv && strcmp(cv, wanted) == 0)
        return NULL;
    g_autofree char *shown = dt_text_utf8(cv ? cv : "", cv ? strlen(cv) : 0);
    return g_strdup_printf("The ARC-Seal with i=%u says cv=%s, not cv=%s.", instance, shown,
                           wanted);
}

char *
dt_arc_chain_fault(const dt_arc_chain *chain)
{
    if (chain->fault)
        return g_strdup(chain->fault);
    const char *newest = seal_value(chain, chain->highest, "cv");
    if (newest && strcmp(newest, "fail") == 0)
        return g_strdup_printf(
            "The newest ARC-Seal (i=%u) says itself that the chain had failed (cv=fail).",
            chain->highest);
    for (guint i = 1; i <= chain->highest; i++)
        for (guint part = 0; part < DT_ARC_PARTS; part++)
            if (!chain->fields[i][part].field)
                return g_strdup_printf("There is no %s with i=%u.", part_names[part], i);
    for (guint i = 1; i <= chain->highest; i++) {
        char *fault = status_fault(chain, i);
        if (fault)
            return fault;
    }
    return NULL;
}

/* ---- tags ---------------------------------------------------------------------------------- */

static const char *const signature_tags[] = { "a", "b", "bh", "d", "h", "s", NULL };
static const char *const seal_tags[] = { "a", "b", "cv", "d", "s", NULL };

/* RFC 6376 3.5: digits only, at most max of them. */
static gboolean
is_number(const char *value, gsize max)
{
    gsize length = strlen(value);
    return length > 0 && length <= max && strspn(value, "0123456789") == length;
}

static gboolean
is_domain(const char *value)
{
    g_autofree char *name = dt_dkim_name(value);
    return name != NULL;
}

/* Is name one of the fields in a colon-separated h=? */
static gboolean
is_covered(const char *h, const char *name)
{
    g_autofree char *plain = dt_taglist_strip(h);
    g_auto(GStrv) names = g_strsplit(plain, ":", -1);
    for (guint i = 0; names[i]; i++)
        if (dt_text_equal(names[i], name))
            return TRUE;
    return FALSE;
}

static const char *
form_fault(const dt_taglist *tags, const char *const *needed)
{
    if (tags->has_fault)
        return "has a part that is no tag";
    if (tags->has_duplicate)
        return "has a tag twice";
    if (tags->has_empty)
        return "has an empty tag";
    for (; *needed; needed++) {
        const char *value = dt_taglist_value(tags, *needed);
        if (!value || !value[0])
            return "lacks a tag that must be there";
    }
    return NULL;
}

static const char *
value_fault(const dt_taglist *tags)
{
    dt_algorithm algorithm = dt_algorithm_parse(dt_taglist_value(tags, "a"));
    const char *t = dt_taglist_value(tags, "t");
    if (algorithm != DT_ALGORITHM_RSA_SHA256 && algorithm != DT_ALGORITHM_ED25519_SHA256)
        return "uses an algorithm that is not accepted";
    if (!is_domain(dt_taglist_value(tags, "d")))
        return "names no domain in d=";
    if (!is_domain(dt_taglist_value(tags, "s")))
        return "names no selector in s=";
    return t && !is_number(t, 12) ? "has a t= that is no number" : NULL;
}

/* 4.1.2: a DKIM signature but for i=, and without the seals, which come after it. */
static const char *
signature_fault(const dt_taglist *tags)
{
    dt_canon header, body;
    const char *h = dt_taglist_value(tags, "h"), *l = dt_taglist_value(tags, "l");
    const char *t = dt_taglist_value(tags, "t"), *x = dt_taglist_value(tags, "x");
    g_autofree char *c =
        dt_taglist_value(tags, "c") ? dt_taglist_strip(dt_taglist_value(tags, "c")) : NULL;
    if (!dt_canon_parse(c, &header, &body))
        return "names an unknown canonicalization in c=";
    if (is_covered(h, part_names[DT_ARC_SEAL]))
        return "covers an ARC-Seal (h=), which must not be";
    if (!is_covered(h, "From"))
        return "does not cover From (h=)";
    if (x && !is_number(x, 12))
        return "has an x= that is no number";
    if (x && t && g_ascii_strtoll(x, NULL, 10) <= g_ascii_strtoll(t, NULL, 10))
        return "expires (x=) before it was made (t=)";
    return l && !is_number(l, 76) ? "has an l= that is no number" : NULL;
}

char *
dt_arc_field_fault(const dt_arc_field *field, dt_arc_part part, guint instance)
{
    gboolean is_seal = part == DT_ARC_SEAL;
    const char *fault = form_fault(field->tags, is_seal ? seal_tags : signature_tags);
    if (!fault)
        fault = value_fault(field->tags);
    if (!fault && !is_seal)
        fault = signature_fault(field->tags);
    /* 4.1.3: a seal covers the sets and nothing else. */
    if (!fault && is_seal && dt_taglist_get(field->tags, "h"))
        fault = "has an h=, which must not be";
    return fault ? g_strdup_printf("The %s with i=%u %s.", part_names[part], instance, fault)
                 : NULL;
}

/* ---- display ------------------------------------------------------------------------------- */

static char *
shown_value(const dt_arc_chain *chain, guint instance, const char *tag)
{
    const char *value = seal_value(chain, instance, tag);
    return value ? dt_text_utf8(value, strlen(value)) : NULL;
}

static const dt_recorded *
find_recorded(const dt_message *message, const dt_field *field)
{
    const GPtrArray *all = dt_message_recorded(message);
    for (guint i = 0; field && i < all->len; i++) {
        const dt_recorded *recorded = g_ptr_array_index(all, i);
        if (recorded->field == field)
            return recorded;
    }
    return NULL;
}

static void
set_free(gpointer data)
{
    dt_arc_set *set = data;
    g_free(set->cv);
    g_free(set->d);
    g_free(set->s);
    g_free(set);
}

GPtrArray *
dt_arc_chain_sets(const dt_arc_chain *chain, const dt_message *message)
{
    GPtrArray *sets = g_ptr_array_new_with_free_func(set_free);
    for (guint i = 1; i <= chain->highest; i++) {
        const dt_arc_field *fields = chain->fields[i];
        if (!fields[DT_ARC_RESULTS].field && !fields[DT_ARC_SIGNATURE].field &&
            !fields[DT_ARC_SEAL].field)
            continue;
        dt_arc_set *set = g_new0(dt_arc_set, 1);
        set->instance = i;
        set->cv = shown_value(chain, i, "cv");
        set->d = shown_value(chain, i, "d");
        set->s = shown_value(chain, i, "s");
        set->recorded = find_recorded(message, fields[DT_ARC_RESULTS].field);
        set->line = fields[DT_ARC_SEAL].field ? fields[DT_ARC_SEAL].field->line : 0;
        g_ptr_array_add(sets, set);
    }
    return sets;
}
