/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Canonical form of header fields (RFC 6376 3.4.1, 3.4.2), which fields a signature covers (5.4.2)
 * and in what order they are hashed (3.7). For what libopendkim cannot judge, for the questions it
 * does not answer, and for ARC. The body is body.c's.
 */
#include "dkim/canon.h"
#include "base/text.h"

#include <string.h>

struct dt_header_index {
    GHashTable *names; /* lower-case name -> GPtrArray of const dt_field *, message order */
};

static const struct {
    const char *word;
    dt_algorithm algorithm;
} ALGORITHMS[] = {
    { "rsa-sha256", DT_ALGORITHM_RSA_SHA256 },
    { "ed25519-sha256", DT_ALGORITHM_ED25519_SHA256 },
    { "rsa-sha1", DT_ALGORITHM_RSA_SHA1 },
};

dt_algorithm
dt_algorithm_parse(const char *a)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ALGORITHMS); i++)
        if (dt_text_equal(a, ALGORITHMS[i].word))
            return ALGORITHMS[i].algorithm;
    return DT_ALGORITHM_UNKNOWN;
}

static gboolean
parse_canon(const char *word, dt_canon *out)
{
    *out = dt_text_equal(word, "relaxed") ? DT_CANON_RELAXED : DT_CANON_SIMPLE;
    return *out == DT_CANON_RELAXED || dt_text_equal(word, "simple");
}

gboolean
dt_canon_parse(const char *c, dt_canon *header_out, dt_canon *body_out)
{
    g_autofree char *header = g_strdup(c ? c : "simple");
    char *slash = strchr(header, '/');
    if (slash)
        *slash = '\0';
    return parse_canon(header, header_out) && parse_canon(slash ? slash + 1 : "simple", body_out);
}

static gboolean
is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

/* wire: a field's value, CR LF inside. Unfolds, makes every run of blanks one, drops the first and
 * the last. */
static void
relax_value(const char *wire, gsize length, GString *out)
{
    gsize start = out->len;
    g_string_set_size(out, start + length);
    char *first = out->str + start, *at = first;
    gboolean has_space = FALSE;
    for (gsize i = 0; i < length; i++) {
        if (wire[i] == '\r' && i + 1 < length && wire[i + 1] == '\n') {
            i++;
        } else if (is_wsp(wire[i])) {
            has_space = TRUE;
        } else {
            if (has_space && at > first)
                *at++ = ' ';
            has_space = FALSE;
            *at++ = wire[i];
        }
    }
    g_string_set_size(out, start + (gsize)(at - first));
}

static void
canon_wire(dt_canon how, const char *wire, gsize length, GString *out)
{
    const char *colon = memchr(wire, ':', length);
    if (how == DT_CANON_SIMPLE || !colon) {
        g_string_append_len(out, wire, (gssize)length);
        return;
    }
    gsize name_length = (gsize)(colon - wire);
    while (name_length > 0 && is_wsp(wire[name_length - 1]))
        name_length--;
    for (gsize i = 0; i < name_length; i++)
        g_string_append_c(out, g_ascii_tolower(wire[i]));
    g_string_append_c(out, ':');
    relax_value(colon + 1, length - (gsize)(colon - wire) - 1, out);
}

void
dt_canon_field(dt_canon how, const dt_field *field, GString *out)
{
    gsize length;
    g_autofree char *wire = dt_field_wire(field, &length);
    canon_wire(how, wire, length, out);
    g_string_append(out, "\r\n");
}

/* Where the value of the first b= stands: all between its "=" and the next ";". FALSE if there is
 * none. */
static gboolean
find_b_value(const char *wire, gsize length, gsize *start_out, gsize *end_out)
{
    const char *at = memchr(wire, ':', length);
    const char *end = wire + length;
    for (at = at ? at + 1 : end; at < end;) {
        const char *stop = memchr(at, ';', (gsize)(end - at));
        stop = stop ? stop : end;
        const char *name = at;
        while (name < stop && g_ascii_isspace(*name))
            name++;
        const char *equals = memchr(at, '=', (gsize)(stop - at));
        const char *name_end = equals;
        while (name_end && name_end > name && g_ascii_isspace(name_end[-1]))
            name_end--;
        if (equals && name_end - name == 1 && *name == 'b') {
            *start_out = (gsize)(equals + 1 - wire);
            *end_out = (gsize)(stop - wire);
            return TRUE;
        }
        at = stop + 1;
    }
    return FALSE;
}

void
dt_canon_signature_field(dt_canon how, const dt_field *field, GString *out)
{
    gsize length, start, end;
    g_autofree char *wire = dt_field_wire(field, &length);
    if (find_b_value(wire, length, &start, &end)) {
        memmove(wire + start, wire + end, length - end);
        length -= end - start;
    }
    canon_wire(how, wire, length, out);
}

static char *
lower_name(const char *name, gsize length)
{
    while (length > 0 && g_ascii_isspace(name[length - 1]))
        length--;
    return g_ascii_strdown(name, (gssize)length);
}

dt_header_index *
dt_header_index_new(const dt_message *message)
{
    dt_header_index *index = g_new0(dt_header_index, 1);
    index->names =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < dt_message_field_count(message); i++) {
        const dt_field *field = dt_message_field(message, i);
        if (field->name_length == 0 || memchr(field->raw, '\0', field->name_length))
            continue;
        g_autofree char *name = lower_name(field->raw, field->name_length);
        GPtrArray *fields = g_hash_table_lookup(index->names, name);
        if (!fields) {
            fields = g_ptr_array_new();
            g_hash_table_insert(index->names, g_steal_pointer(&name), fields);
        }
        g_ptr_array_add(fields, (gpointer)field);
    }
    return index;
}

void
dt_header_index_free(dt_header_index *index)
{
    if (!index)
        return;
    g_hash_table_unref(index->names);
    g_free(index);
}

guint
dt_header_index_count(const dt_header_index *index, const char *name)
{
    g_autofree char *lower = lower_name(name, strlen(name));
    const GPtrArray *fields = g_hash_table_lookup(index->names, lower);
    return fields ? fields->len : 0;
}

/* The lowest field of this list above position *left, which moves up; NULL if none is left. */
static const dt_field *
take_lowest(const GPtrArray *fields, guint *left, const dt_field *own)
{
    while (*left > 0) {
        const dt_field *field = g_ptr_array_index(fields, --*left);
        if (field != own)
            return field;
    }
    return NULL;
}

GPtrArray *
dt_header_select(const dt_header_index *index, char *const *h, const dt_field *own)
{
    GPtrArray *selected = g_ptr_array_new();
    /* list of fields -> how many are left, plus one, as NULL is "not yet seen" */
    g_autoptr(GHashTable) left = g_hash_table_new(NULL, NULL);
    for (; h && *h; h++) {
        g_autofree char *name = lower_name(*h, strlen(*h));
        GPtrArray *fields = g_hash_table_lookup(index->names, name);
        if (!fields)
            continue;
        guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(left, fields));
        guint rest = seen ? seen - 1 : fields->len;
        const dt_field *field = take_lowest(fields, &rest, own);
        g_hash_table_insert(left, fields, GUINT_TO_POINTER(rest + 1));
        if (field)
            g_ptr_array_add(selected, (gpointer)field);
    }
    return selected;
}

GString *
dt_canon_header(const dt_header_index *index, char *const *h, dt_canon how, const dt_field *field)
{
    GString *out = g_string_sized_new(4096);
    g_autoptr(GPtrArray) selected = dt_header_select(index, h, field);
    for (guint i = 0; i < selected->len; i++)
        dt_canon_field(how, g_ptr_array_index(selected, i), out);
    dt_canon_signature_field(how, field, out);
    return out;
}
