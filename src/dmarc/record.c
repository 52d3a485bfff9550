/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What does a text at _dmarc say (RFC 9989 4.7, 4.8)? Tags with their defaults, whether there is a
 * policy to apply (4.10.1), and every fault with one sentence. The one reading serves RFC 7489 too,
 * which leaves out np, psd and t and adds pct.
 */
#include "dmarc/walk.h"

#include <string.h>
#include "base/taglist.h"
#include "base/text.h"

/* A hostile record may hold thousands of faults; nobody reads more than these. */
#define MAX_ERRORS 20

static void
error_free(gpointer data)
{
    dt_dmarc_error *error = data;
    g_free(error->text);
    g_free(error);
}

G_GNUC_PRINTF(3, 4)
static void
note_error(dt_dmarc_record *record, const char *tag, const char *format, ...)
{
    if (record->errors->len >= MAX_ERRORS)
        return;
    dt_dmarc_error *error = g_new0(dt_dmarc_error, 1);
    va_list arguments;
    va_start(arguments, format);
    error->tag = tag;
    error->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(record->errors, error);
}

/* ---- tags ---------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    dt_policy policy;
} policies[] = {
    { "none", DT_POLICY_NONE },
    { "quarantine", DT_POLICY_QUARANTINE },
    { "reject", DT_POLICY_REJECT },
};

static dt_policy
read_policy(dt_dmarc_record *record, const char *tag, const char *value)
{
    for (guint i = 0; i < G_N_ELEMENTS(policies); i++)
        if (g_ascii_strcasecmp(value, policies[i].word) == 0)
            return policies[i].policy;
    note_error(record, tag, "%s=%s is none of none, quarantine and reject.", tag, value);
    return DT_POLICY_UNKNOWN;
}

static void
read_p(dt_dmarc_record *record, const char *value)
{
    record->p_present = TRUE;
    record->p = read_policy(record, "p", value);
}

static void
read_sp(dt_dmarc_record *record, const char *value)
{
    record->sp_present = TRUE;
    record->sp = read_policy(record, "sp", value);
}

static void
read_np(dt_dmarc_record *record, const char *value)
{
    record->np_present = TRUE;
    record->np = read_policy(record, "np", value);
}

/* A tag whose value is one letter of letters; fallback when it is not. */
static char
read_letter(dt_dmarc_record *record, const char *tag, const char *value, const char *letters,
            char fallback)
{
    char letter = g_ascii_tolower(value[0]);
    if (letter != '\0' && value[1] == '\0' && strchr(letters, letter))
        return letter;
    note_error(record, tag, "%s=%s is not known, so the default %s=%c applies.", tag, value, tag,
               fallback);
    return fallback;
}

static void
read_adkim(dt_dmarc_record *record, const char *value)
{
    record->adkim_strict = read_letter(record, "adkim", value, "rs", 'r') == 's';
}

static void
read_aspf(dt_dmarc_record *record, const char *value)
{
    record->aspf_strict = read_letter(record, "aspf", value, "rs", 'r') == 's';
}

static void
read_t(dt_dmarc_record *record, const char *value)
{
    record->is_testing = read_letter(record, "t", value, "yn", 'n') == 'y';
}

static void
read_psd(dt_dmarc_record *record, const char *value)
{
    record->psd = read_letter(record, "psd", value, "ynu", 'u');
}

/* RFC 7489 6.3: 0 to 100. */
static void
read_pct(dt_dmarc_record *record, const char *value)
{
    gsize digits = strspn(value, "0123456789");
    gint64 number = g_ascii_strtoll(value, NULL, 10);
    if (digits > 0 && value[digits] == '\0' && number <= 100)
        record->pct = number;
    else
        note_error(record, "pct", "pct=%s is no whole number from 0 to 100.", value);
}

/* 4.8 dmarc-fo: letters parted by colons. */
static void
read_fo(dt_dmarc_record *record, const char *value)
{
    g_auto(GStrv) options = g_strsplit(value, ":", 8);
    gboolean is_good = options[0] != NULL;
    for (guint i = 0; options[i]; i++) {
        g_strstrip(options[i]);
        is_good = is_good && options[i][0] && !options[i][1] && strchr("01dsDS", options[i][0]);
    }
    if (!is_good)
        note_error(record, "fo", "fo=%s is no list of 0, 1, d and s parted by colons.", value);
}

/* ---- report addresses ---------------------------------------------------------------------- */

/* 4.8 obs-dmarc-uri: "!10m" behind a URI is obsolete and ignored. The length without it. */
static gsize
uri_length(const char *uri)
{
    const char *mark = strrchr(uri, '!');
    if (!mark || !g_ascii_isdigit(mark[1]))
        return strlen(uri);
    const char *rest = mark + 1 + strspn(mark + 1, "0123456789");
    if (*rest && strchr("kmgtKMGT", *rest))
        rest++;
    return *rest ? strlen(uri) : (gsize)(mark - uri);
}

/* Does the list hold a valid URI? */
static gboolean
read_uris(dt_dmarc_record *record, const char *tag, const char *value, GPtrArray *uris)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    gboolean has_valid = FALSE;
    for (guint i = 0; parts[i]; i++) {
        const char *uri = g_strstrip(parts[i]);
        const char *fault = dt_uri_fault(uri, uri_length(uri));
        if (*uri)
            g_ptr_array_add(uris, g_strdup(uri));
        if (!fault)
            has_valid = TRUE;
        else if (*uri)
            note_error(record, tag, "\"%s\" in %s %s.", uri, tag, fault);
        else
            note_error(record, tag, "%s has an empty place in its list.", tag);
    }
    if (!parts[0])
        note_error(record, tag, "%s is empty.", tag);
    return has_valid;
}

static void
read_rua(dt_dmarc_record *record, const char *value)
{
    record->has_valid_rua = read_uris(record, "rua", value, record->rua);
}

static void
read_ruf(dt_dmarc_record *record, const char *value)
{
    read_uris(record, "ruf", value, record->ruf);
}

/* ---- records ------------------------------------------------------------------------------- */

static void
read_nothing(dt_dmarc_record *record, const char *value)
{
}

static const struct {
    const char *name;
    void (*read)(dt_dmarc_record *record, const char *value);
} tags[] = {
    { "v", read_nothing },  { "p", read_p },        { "sp", read_sp },       { "np", read_np },
    { "rua", read_rua },    { "ruf", read_ruf },    { "adkim", read_adkim }, { "aspf", read_aspf },
    { "fo", read_fo },      { "psd", read_psd },    { "t", read_t },         { "pct", read_pct },
    { "rf", read_nothing }, { "ri", read_nothing },
};

/* RFC 6376 3.2: names of tags are case-sensitive. */
static void
read_tag(dt_dmarc_record *record, const dt_tag *tag)
{
    for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
        if (g_ascii_strcasecmp(tag->name, tags[i].name) != 0)
            continue;
        if (strcmp(tag->name, tags[i].name) != 0)
            note_error(record, tags[i].name,
                       "%s= is not read: names of tags are written in small letters.", tag->name);
        else if (tag->duplicate)
            note_error(record, tags[i].name,
                       "%s= stands there more than once; only the first counts here, and "
                       "receivers differ.",
                       tag->name);
        else
            tags[i].read(record, tag->value);
        return;
    }
}

/* A blank is the only white space of 4.8, and nothing may hide behind a NUL: other controls become
 * a character that fits nowhere. */
static char *
parsable_text(const char *text)
{
    char *copy = g_strdup(text);
    for (char *at = copy; *at; at++)
        if (g_ascii_iscntrl(*at) && *at != '\t')
            *at = '\001';
    return copy;
}

/* 4.7 v, 4.8: the record starts with the tag, whose value is case-sensitive. */
static gboolean
starts_with_version(const dt_taglist *list, const char *text)
{
    if (list->tags->len == 0)
        return FALSE;
    const dt_tag *first = &g_array_index(list->tags, dt_tag, 0);
    return first->offset == 0 && (text[0] == 'v' || text[0] == 'V') && first->name[1] == '\0' &&
           strcmp(first->value, "DMARC1") == 0;
}

/* 4.10.1: without a valid p, or with an sp or np that is none, a valid rua makes it p=none. */
static void
settle_policy(dt_dmarc_record *record)
{
    gboolean is_good = record->p != DT_POLICY_UNKNOWN &&
                       (!record->sp_present || record->sp != DT_POLICY_UNKNOWN) &&
                       (!record->np_present || record->np != DT_POLICY_UNKNOWN);
    record->counts_as_none = !is_good && record->has_valid_rua;
    record->is_usable = is_good || record->counts_as_none;
    if (!record->p_present)
        note_error(record, "p",
                   record->counts_as_none ? "p is missing, so the record counts as p=none."
                                          : "p is missing, so the record has no effect.");
}

static void
read_tags(dt_dmarc_record *record, const dt_taglist *list, const char *text)
{
    for (guint i = 0; i < list->tags->len; i++)
        if (i > 0)
            read_tag(record, &g_array_index(list->tags, dt_tag, i));
    if (list->has_fault) {
        g_autofree char *part =
            g_strndup(text + list->fault_offset, strcspn(text + list->fault_offset, ";"));
        note_error(record, "record", "\"%s\" is no tag and is not read.", g_strchomp(part));
    }
    settle_policy(record);
}

dt_dmarc_record *
dt_dmarc_record_parse(const char *text, gsize length)
{
    dt_dmarc_record *record = g_new0(dt_dmarc_record, 1);
    record->text = dt_text_utf8(text, length);
    record->psd = 'u';
    record->pct = 100;
    record->rua = g_ptr_array_new_with_free_func(g_free);
    record->ruf = g_ptr_array_new_with_free_func(g_free);
    record->errors = g_ptr_array_new_with_free_func(error_free);
    g_autofree char *parsable = parsable_text(record->text);
    g_autoptr(dt_taglist) list = dt_taglist_parse(parsable, -1);
    record->is_dmarc = starts_with_version(list, parsable);
    if (record->is_dmarc)
        read_tags(record, list, parsable);
    else
        note_error(record, "record",
                   "The text does not start with \"v=DMARC1\" as a tag of its own.");
    return record;
}

void
dt_dmarc_record_free(dt_dmarc_record *record)
{
    if (!record)
        return;
    g_free(record->text);
    g_ptr_array_unref(record->rua);
    g_ptr_array_unref(record->ruf);
    g_ptr_array_unref(record->errors);
    g_free(record);
}
