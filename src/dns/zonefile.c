/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Master files (RFC 1035 5.1, $TTL by RFC 2308 4, generic data by RFC 3597) and their ";!" lines,
 * read strictly: what does not parse is an error with file and line, nothing is skipped. words.c
 * cuts the text into words, record.c reads the data of each record, zone.c says what may stand
 * together.
 */
#include "dns/zone.h"
#include "dns/words.h"

#include "base/file.h"
#include "base/name.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE (64 * 1024 * 1024)

typedef struct {
    zone_load load;
    const char *label;
    char *origin;       /* canonical; without $ORIGIN the root */
    char *owner;        /* of the record before, NULL if none yet */
    gint64 default_ttl; /* of $TTL, -1 none */
    gint64 last_ttl;    /* RFC 1035 5.1: the last one stated, -1 none */
} reader;

/* FALSE, so that a check can end in it. Takes over why. */
static gboolean
fail(const reader *in, guint line, char *why, GError **error)
{
    g_set_error(error, DT_ERROR, DT_ERROR_DATA, "%s:%u: %s", in->label, line, why);
    g_free(why);
    return FALSE;
}

static gboolean
fail_word(const reader *in, const dt_word *word, const char *what, GError **error)
{
    g_autofree char *text = dt_text_terminal_raw(word->text, MIN(word->length, 64));
    return fail(in, word->line, g_strdup_printf("\"%s\" is not %s", text, what), error);
}

static gboolean
word_is(const dt_word *word, const char *text)
{
    return strlen(text) == word->length && g_ascii_strncasecmp(word->text, text, word->length) == 0;
}

/* ---- ";!" lines ---------------------------------------------------------------------------- */

static guint
read_type(const dt_word *word)
{
    return word_is(word, "ANY") ? DT_RR_ANY : dt_rr_number_parse(word->text, word->length);
}

static gboolean
is_askable(guint type)
{
    return type == DT_RR_ANY || dt_rr_type_word(type);
}

static gboolean
read_snapshot(reader *in, const dt_word *words, guint count, const char *name, guint type,
              GError **error)
{
    gint64 time = 0;
    g_autofree char *text = g_strndup(words[1].text, words[1].length);
    if (!dt_text_parse_time(text, &time))
        return fail_word(in, &words[1], "a time such as 2026-11-24T10:00:00Z", error);
    in->load.is_snapshot = TRUE;
    return TRUE;
}

static gboolean
read_status(reader *in, const dt_word *words, guint count, const char *name, guint type,
            GError **error)
{
    char *why = NULL;
    g_autofree char *text = g_strndup(words[3].text, words[3].length);
    dt_dns_status status = dt_dns_status_parse(text);
    if (status == 0 || status == DT_DNS_OK || status == DT_DNS_UNKNOWN)
        return fail_word(in, &words[3], "NXDOMAIN, NODATA, SERVFAIL or TIMEOUT", error);
    if (is_askable(type) && !dt_zone_load_status(&in->load, name, type, status, &why))
        return fail(in, words[0].line, why, error);
    return TRUE;
}

static gboolean
read_answer_ttl(reader *in, const dt_word *words, guint count, const char *name, guint type,
                GError **error)
{
    gint64 ttl = -1;
    if (!word_is(&words[3], "UNKNOWN") && !dt_ttl_parse(words[3].text, words[3].length, &ttl))
        return fail_word(in, &words[3], "a TTL or UNKNOWN", error);
    if (is_askable(type))
        dt_zone_load_ttl(&in->load, name, type, ttl);
    return TRUE;
}

static gboolean
read_removal(reader *in, const dt_word *words, guint count, const char *name, guint type,
             GError **error)
{
    char *why = NULL;
    dt_record data;
    if (type == DT_RR_ANY)
        return fail_word(in, &words[2], "a type of record", error);
    if (count > 3 && !dt_record_parse(&data, type, words + 3, count - 3, in->origin, &why))
        return fail(in, words[0].line, why, error);
    dt_zone_load_removal(&in->load, name, type, count > 3 ? &data : NULL);
    return TRUE;
}

static const struct {
    const char *word;
    guint least, most; /* words, the first included */
    gboolean has_question;
    gboolean (*read)(reader *in, const dt_word *words, guint count, const char *name, guint type,
                     GError **error);
    const char *usage;
} notes[] = {
    { "snapshot", 2, 2, FALSE, read_snapshot, "snapshot TIME" },
    { "status", 4, 4, TRUE, read_status, "status NAME TYPE STATUS" },
    { "remove", 3, G_MAXUINT, TRUE, read_removal, "remove NAME TYPE [VALUE]" },
    { "ttl", 4, 4, TRUE, read_answer_ttl, "ttl NAME TYPE SECONDS" },
};

static gboolean
read_note(reader *in, const dt_word *words, guint count, GError **error)
{
    guint row = 0;
    while (row < G_N_ELEMENTS(notes) && !word_is(&words[0], notes[row].word))
        row++;
    if (row == G_N_ELEMENTS(notes))
        return fail_word(in, &words[0], "known behind \";!\" (snapshot, status, remove)", error);
    if (count < notes[row].least || count > notes[row].most)
        return fail(in, words[0].line, g_strdup_printf("expected \";! %s\"", notes[row].usage),
                    error);
    if (!notes[row].has_question)
        return notes[row].read(in, words, count, NULL, 0, error);
    g_autofree char *name = dt_name_from_word(&words[1], in->origin);
    guint type = read_type(&words[2]);
    if (!name)
        return fail_word(in, &words[1], "a domain name", error);
    if (!type)
        return fail_word(in, &words[2], "a type of record", error);
    return notes[row].read(in, words, count, name, type, error);
}

/* ---- directives ---------------------------------------------------------------------------- */

static gboolean
read_directive(reader *in, const dt_word *words, guint count, GError **error)
{
    if (word_is(&words[0], "$INCLUDE") || word_is(&words[0], "$GENERATE")) {
        g_autofree char *word = g_ascii_strup(words[0].text, (gssize)words[0].length);
        return fail(in, words[0].line, g_strdup_printf("%s is not supported", word), error);
    }
    gboolean is_origin = word_is(&words[0], "$ORIGIN");
    if (!is_origin && !word_is(&words[0], "$TTL"))
        return fail_word(in, &words[0], "a known directive", error);
    if (count != 2)
        return fail(in, words[0].line,
                    g_strdup_printf("expected %s", is_origin ? "$ORIGIN NAME" : "$TTL SECONDS"),
                    error);
    if (!is_origin)
        return dt_ttl_parse(words[1].text, words[1].length, &in->default_ttl) ||
               fail_word(in, &words[1], "a TTL", error);
    char *origin = dt_name_from_word(&words[1], in->origin);
    if (!origin)
        return fail_word(in, &words[1], "a domain name", error);
    g_free(in->origin);
    in->origin = origin;
    return TRUE;
}

/* ---- records ------------------------------------------------------------------------------- */

static gboolean
read_owner(reader *in, const dt_word *word, GError **error)
{
    char *owner = dt_name_from_word(word, in->origin);
    if (!owner)
        return fail_word(in, word, "a domain name", error);
    g_free(in->owner);
    in->owner = owner;
    return TRUE;
}

static gboolean
is_class(const dt_word *word)
{
    return word_is(word, "IN") || word_is(word, "CLASS1");
}

static gboolean
is_foreign_class(const dt_word *word)
{
    return word_is(word, "CH") || word_is(word, "HS") || word_is(word, "CS") ||
           word_is(word, "NONE") ||
           (word->length > 5 && g_ascii_strncasecmp(word->text, "CLASS", 5) == 0);
}

/* [TTL] [class] in either order; returns how many words they take. A TTL above 2^31-1 is left
 * standing and is then no type. */
static guint
read_ttl_and_class(reader *in, const dt_word *words, guint count, gint64 *ttl_out)
{
    gboolean has_ttl = FALSE, has_class = FALSE;
    guint used = 0;
    while (used < count && !words[used].is_quoted) {
        if (!has_class && is_class(&words[used]))
            has_class = TRUE;
        else if (!has_ttl && dt_ttl_parse(words[used].text, words[used].length, ttl_out))
            has_ttl = TRUE;
        else
            break;
        used++;
    }
    if (has_ttl)
        in->last_ttl = *ttl_out;
    else
        *ttl_out = in->default_ttl >= 0 ? in->default_ttl : in->last_ttl;
    return used;
}

static gboolean
read_record(reader *in, const dt_words *entry, GError **error)
{
    const dt_word *words = entry->words, *end = words + entry->count;
    char *why = NULL;
    gint64 ttl = -1;
    dt_record data;
    if (!entry->is_indented && !read_owner(in, words++, error))
        return FALSE;
    if (!in->owner)
        return fail(in, words->line, g_strdup("the first record has no name"), error);
    words += read_ttl_and_class(in, words, (guint)(end - words), &ttl);
    if (words == end)
        return fail(in, end[-1].line, g_strdup("the record has no type"), error);
    if (is_foreign_class(words))
        return fail_word(in, words, "a supported class (IN is)", error);
    guint type = words->is_quoted ? 0 : dt_rr_number_parse(words->text, words->length);
    if (!type)
        return fail_word(in, words, "a type of record", error);
    if (!dt_record_parse(&data, type, words + 1, (guint)(end - words - 1), in->origin, &why) ||
        !dt_zone_load_record(&in->load, in->owner, type, ttl, &data, &why))
        return fail(in, words->line, why, error);
    return TRUE;
}

static gboolean
read_entry(reader *in, const dt_words *entry, GError **error)
{
    if (entry->is_note)
        return read_note(in, entry->words, entry->count, error);
    if (!entry->is_indented && !entry->words[0].is_quoted && entry->words[0].text[0] == '$')
        return read_directive(in, entry->words, entry->count, error);
    return read_record(in, entry, error);
}

/* ---- files --------------------------------------------------------------------------------- */

gboolean
dt_zone_read_text(dt_zone *zone, const char *text, gssize length, const char *label, GError **error)
{
    reader in = { .label = label, .origin = g_strdup(""), .default_ttl = -1, .last_ttl = -1 };
    gsize size = length < 0 ? strlen(text) : (gsize)length;
    dt_words *entry = dt_words_new(text, size);
    gboolean is_good = TRUE;
    dt_zone_load_begin(&in.load, zone);
    while (is_good && dt_words_next(entry))
        is_good = read_entry(&in, entry, error);
    if (is_good && entry->fault)
        is_good = fail(&in, entry->fault_line, g_strdup(entry->fault), error);
    dt_zone_load_end(&in.load);
    dt_words_free(entry);
    g_free(in.origin);
    g_free(in.owner);
    return is_good;
}

static gboolean
fail_errno(GError **error, const char *path, int number)
{
    g_set_error(error, DT_ERROR, number == EIO ? DT_ERROR_IO : DT_ERROR_NO_INPUT, "%s: %s", path,
                g_strerror(number));
    return FALSE;
}

/* Reads to the end, but no more than a zone file may have. */
static gboolean
read_limited(int fd, const char *path, GString *text, GError **error)
{
    for (;;) {
        gsize before = text->len;
        g_string_set_size(text, before + 65536);
        gssize n = dt_file_read(fd, text->str + before, 65536);
        int number = errno;
        g_string_truncate(text, before + (n > 0 ? (gsize)n : 0));
        if (n < 0)
            return fail_errno(error, path, number);
        if (n == 0)
            return TRUE;
        if (text->len > MAX_FILE) {
            g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                        "%s: larger than 64 MB, too large for a zone file", path);
            return FALSE;
        }
    }
}

gboolean
dt_zone_read_file(dt_zone *zone, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return fail_errno(error, path, errno);
    gboolean is_good = read_limited(fd, path, text, error);
    close(fd);
    return is_good && dt_zone_read_text(zone, text->str, (gssize)text->len, path, error);
}
