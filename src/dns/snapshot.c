/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Answers written down as a recording that zonefile.c reads back to the same answers: records in
 * master-file form (RFC 1035 5), what that cannot say as ";!" lines. What was read back differently
 * is corrected before the file is written. The file appears whole or not at all.
 */
#include "dns/source.h"
#include "dns/zone.h"

#include "base/file.h"
#include "base/name.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one answer as lines ------------------------------------------------------------------- */

typedef struct {
    GString *text;
    GHashTable *lines; /* set: each line once */
} writer;

static void
write_line(writer *out, char *line)
{
    if (!g_hash_table_add(out->lines, line))
        return;
    g_string_append(out->text, line);
    g_string_append_c(out->text, '\n');
}

static char *
zone_data(const dt_record *record, dt_rr_type type)
{
    if (type == DT_RR_TXT)
        return dt_text_zone_quote(record->data ? record->data : "", record->length);
    if (!record->target)
        return dt_record_text(record, type);
    g_autofree char *target = dt_name_to_zone(record->target);
    if (type == DT_RR_MX)
        return g_strdup_printf("%u %s", record->preference, target);
    return g_strconcat(target, type == DT_RR_SOA ? " " : "", type == DT_RR_SOA ? record->data : "",
                       NULL);
}

static void
write_record(writer *out, const char *owner, gint64 ttl, dt_rr_type type, const dt_record *record)
{
    g_autofree char *name = dt_name_to_zone(owner);
    g_autofree char *data = zone_data(record, type);
    g_autofree char *seconds =
        ttl >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT " ", MIN(ttl, G_MAXINT32)) : g_strdup("");
    write_line(out, g_strdup_printf("%s %sIN %s %s", name, seconds, dt_rr_type_word(type), data));
}

static void
write_status(writer *out, const char *owner, dt_rr_type type, dt_dns_status status)
{
    g_autofree char *name = dt_name_to_zone(owner);
    g_autofree char *word = g_ascii_strup(dt_dns_status_word(status), -1);
    write_line(out, g_strdup_printf(";! status %s %s %s", name, dt_rr_type_word(type), word));
}

static void
write_ttl(writer *out, const dt_answer *answer)
{
    g_autofree char *name = dt_name_to_zone(answer->name);
    g_autofree char *seconds =
        answer->ttl >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, MIN(answer->ttl, G_MAXINT32))
                         : g_strdup("UNKNOWN");
    write_line(out,
               g_strdup_printf(";! ttl %s %s %s", name, dt_rr_type_word(answer->type), seconds));
}

/* ---- all answers --------------------------------------------------------------------------- */

/* Several messages may have different luck with one question; the better answer is the one that is
 * kept. */
typedef struct {
    GPtrArray *answers;   /* of const dt_answer, in order, each question once */
    GHashTable *places;   /* question -> index + 1 in answers */
    GHashTable *statuses; /* end of a chain and type -> dt_dns_status */
} collection;

static char *
question_key(const char *name, dt_rr_type type)
{
    return g_strdup_printf("%u %s", (guint)type, name);
}

static const char *
end_of(const dt_answer *answer)
{
    guint count = answer->cname ? g_strv_length(answer->cname) : 0;
    return count ? answer->cname[count - 1] : answer->name;
}

/* Reading the chain back gives SERVFAIL by itself: it comes back to a name or is too long. */
static gboolean
is_chain_fault(const dt_answer *answer)
{
    guint count = answer->cname ? g_strv_length(answer->cname) : 0;
    gboolean is_loop = count > 0 && strcmp(end_of(answer), answer->name) == 0;
    for (guint i = 0; i + 1 < count; i++)
        is_loop |= strcmp(answer->cname[i], end_of(answer)) == 0;
    return is_loop || count > DT_MAX_CNAME_HOPS;
}

static void
collect_answer(collection *all, const dt_answer *answer)
{
    g_autofree char *key = question_key(answer->name, answer->type);
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(all->places, key));
    if (answer->status == DT_DNS_UNKNOWN && !answer->cname)
        return;
    if (place == 0) {
        g_ptr_array_add(all->answers, (gpointer)answer);
        g_hash_table_insert(all->places, g_steal_pointer(&key),
                            GUINT_TO_POINTER(all->answers->len));
    } else if (answer->status < ((const dt_answer *)all->answers->pdata[place - 1])->status)
        all->answers->pdata[place - 1] = (gpointer)answer;
}

static void
collect_status(collection *all, const dt_answer *answer)
{
    char *key = question_key(end_of(answer), answer->type);
    guint status = GPOINTER_TO_UINT(g_hash_table_lookup(all->statuses, key));
    if (!is_chain_fault(answer) && (status == 0 || (guint)answer->status < status))
        g_hash_table_insert(all->statuses, key, GUINT_TO_POINTER(answer->status));
    else
        g_free(key);
}

static void
collect(collection *all, dt_resolver *const *resolvers, guint count)
{
    for (guint i = 0; i < count; i++)
        for (guint a = 0; a < dt_resolver_log_count(resolvers[i]); a++)
            collect_answer(all, dt_resolver_log_get(resolvers[i], a));
    for (guint i = 0; i < all->answers->len; i++)
        collect_status(all, all->answers->pdata[i]);
}

static void
write_answer(writer *out, const collection *all, const dt_answer *answer)
{
    const char *owner = answer->name;
    for (char **hop = answer->cname; hop && *hop; hop++) {
        const dt_record record = { .target = *hop };
        write_record(out, owner, answer->ttl, DT_RR_CNAME, &record);
        owner = *hop;
    }
    for (guint i = 0; i < answer->record_count; i++)
        write_record(out, owner, answer->ttl, answer->type, &answer->records[i]);
    g_autofree char *key = question_key(owner, answer->type);
    gboolean is_settled =
        GPOINTER_TO_UINT(g_hash_table_lookup(all->statuses, key)) == answer->status;
    if (answer->status != DT_DNS_OK && answer->status != DT_DNS_UNKNOWN &&
        !is_chain_fault(answer) && is_settled)
        write_status(out, owner, answer->type, answer->status);
}

/* Reads the text back and adds what it does not say yet: a status at the question itself where the
 * end of the chain was answered differently at another time, and the TTL of the whole answer. */
static gboolean
write_differences(writer *out, const collection *all, GError **error)
{
    g_autoptr(dt_zone) zone = dt_zone_new();
    if (!dt_zone_read_text(zone, out->text->str, (gssize)out->text->len, "snapshot", error))
        return FALSE;
    for (guint i = 0; i < all->answers->len; i++) {
        const dt_answer *answer = all->answers->pdata[i];
        g_autoptr(dt_answer) again = dt_zone_ask(zone, answer->name, answer->type);
        g_autofree char *key = question_key(answer->name, answer->type);
        if (answer->status != DT_DNS_OK && answer->status != DT_DNS_UNKNOWN &&
            again->status != answer->status && !g_hash_table_contains(all->statuses, key))
            write_status(out, answer->name, answer->type, answer->status);
        if (again->ttl != answer->ttl)
            write_ttl(out, answer);
    }
    return TRUE;
}

static char *
snapshot_text(dt_resolver *const *resolvers, guint count, GError **error)
{
    g_autoptr(GPtrArray) answers = g_ptr_array_new();
    g_autoptr(GHashTable) places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) statuses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *now = dt_text_time(g_get_real_time() / G_USEC_PER_SEC);
    collection all = { answers, places, statuses };
    writer out = { g_string_new(NULL), lines };
    write_line(&out, g_strdup_printf(";! snapshot %s", now));
    collect(&all, resolvers, count);
    for (guint i = 0; i < answers->len; i++)
        write_answer(&out, &all, answers->pdata[i]);
    gboolean is_good = write_differences(&out, &all, error);
    return g_string_free(out.text, !is_good);
}

/* ---- the file ------------------------------------------------------------------------------ */

static gboolean
fail_errno(GError **error, dt_error code, const char *path, int number)
{
    g_set_error(error, DT_ERROR, code, "%s: %s", path, g_strerror(number));
    return FALSE;
}

/* Closes fd in any case. */
static gboolean
write_all(int fd, const char *path, const char *text, GError **error)
{
    if (!dt_file_write(fd, text, strlen(text))) {
        int number = errno;
        close(fd);
        return fail_errno(error, DT_ERROR_IO, path, number);
    }
    return close(fd) == 0 || fail_errno(error, DT_ERROR_IO, path, errno);
}

static gboolean
replace_file(const char *path, const char *text, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail_errno(error, DT_ERROR_CREATE, path, errno);
    gboolean is_good = write_all(fd, path, text, error);
    if (is_good && g_rename(temporary, path) != 0)
        is_good = fail_errno(error, DT_ERROR_CREATE, path, errno);
    if (!is_good)
        g_unlink(temporary);
    return is_good;
}

/* A terminal, pipe or device cannot be replaced. */
static gboolean
write_device(const char *path, const char *text, GError **error)
{
    int fd = g_open(path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return fail_errno(error, DT_ERROR_CREATE, path, errno);
    return write_all(fd, path, text, error);
}

gboolean
dt_snapshot_write(const char *path, dt_resolver *const *resolvers, guint count, GError **error)
{
    GStatBuf info;
    g_autofree char *text = snapshot_text(resolvers, count, error);
    if (!text)
        return FALSE;
    gboolean is_there = g_stat(path, &info) == 0;
    if (is_there && S_ISDIR(info.st_mode))
        return fail_errno(error, DT_ERROR_CREATE, path, EISDIR);
    if (is_there && !S_ISREG(info.st_mode))
        return write_device(path, text, error);
    char *resolved = is_there ? realpath(path, NULL) : NULL; /* a symbolic link stays one */
    gboolean is_good = replace_file(resolved ? resolved : path, text, error);
    free(resolved);
    return is_good;
}
