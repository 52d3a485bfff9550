/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which messages lie at and below a path? Maildirs (cur, new and Maildir++ folders; tmp is others'
 * work in progress), mbox files, folders of files, single files. Names of one folder come sorted,
 * so that two runs give the same order. What is no message says why; links that lead in a circle,
 * FIFOs and devices are passed by. Reads no message: it finds them, their reader reads.
 */
#include "message/internal.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH      100
#define SNIFF          4096
#define RELIST_STEP_US ((gint64)10000)
#define RELIST_MAX_US  ((gint64)500000)
#define RENAME_TRIES   3

typedef enum { FOLDER_PLAIN = 1, FOLDER_MAILDIR, FOLDER_MAILDIR_PART } folder_kind;

/* One name in a folder. */
typedef struct {
    const char *name;
    guchar type; /* DT_* of dirent.h */
} folder_name;

/* A folder whose names are being visited. */
typedef struct {
    char *path;
    folder_kind kind;
    GStringChunk *store;
    GArray *names; /* of folder_name */
    guint next;
    dt_maildir_index *maildir; /* of a part of a maildir */
} folder;

struct dt_finder {
    GPtrArray *folders; /* of folder, the innermost last */
    GHashTable *seen;   /* "device:inode" of the folders below the present path */
    dt_mbox *mbox;      /* being split, or NULL */
    char *mbox_path;
    char *path; /* given and not yet visited */
    guint64 other_count;
    gboolean lists_only;
};

/* ---- messages that are renamed ------------------------------------------------------------- */

/* What cur of a maildir held when it was last listed: names by what stands before the ":". Shared
 * by all that was found in the maildir. */
struct dt_maildir_index {
    gint refs;
    char *cur;
    GMutex lock;
    GHashTable *names; /* under lock; NULL: not listed yet */
    gint64 listed_at;  /* under lock */
    gint64 miss_count; /* under lock: questions since the last that was answered */
};

static dt_maildir_index *
maildir_index_new(const char *part)
{
    g_autofree char *root = g_path_get_dirname(part);
    dt_maildir_index *index = g_new0(dt_maildir_index, 1);
    index->refs = 1;
    index->cur = g_build_filename(root, "cur", NULL);
    g_mutex_init(&index->lock);
    return index;
}

static void
maildir_index_unref(dt_maildir_index *index)
{
    if (!index || !g_atomic_int_dec_and_test(&index->refs))
        return;
    g_clear_pointer(&index->names, g_hash_table_unref);
    g_mutex_clear(&index->lock);
    g_free(index->cur);
    g_free(index);
}

static char *
unique_part(const char *name)
{
    return g_strndup(name, strcspn(name, ":"));
}

static void
list_cur(dt_maildir_index *index)
{
    const struct dirent *found;
    DIR *directory = opendir(index->cur);
    g_clear_pointer(&index->names, g_hash_table_unref);
    index->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    index->listed_at = g_get_monotonic_time();
    while (directory && (found = readdir(directory)))
        g_hash_table_replace(index->names, unique_part(found->d_name), g_strdup(found->d_name));
    if (directory)
        closedir(directory);
}

/* Is the listing too old to say where name is now? One in which path still stands is; else the
 * longer listing found nothing of what was missing (messages that were deleted), the older it may
 * be. */
static gboolean
is_outdated(const dt_maildir_index *index, const char *path, const char *unique)
{
    const char *found = index->names ? g_hash_table_lookup(index->names, unique) : NULL;
    g_autofree char *place = found ? g_build_filename(index->cur, found, NULL) : NULL;
    gint64 age = g_get_monotonic_time() - index->listed_at;
    return !index->names || g_strcmp0(place, path) == 0 ||
           (!found && age > MIN(index->miss_count * RELIST_STEP_US, RELIST_MAX_US));
}

/* Programs rename messages of a maildir when flags change, and move them from new to cur: the name
 * up to the ":" stays. NULL: there is none of that name in cur, or path is the one. */
static char *
find_renamed(dt_maildir_index *index, const char *path)
{
    g_autofree char *name = g_path_get_basename(path), *unique = unique_part(name);
    g_mutex_lock(&index->lock);
    if (is_outdated(index, path, unique))
        list_cur(index);
    const char *found = g_hash_table_lookup(index->names, unique);
    char *renamed = found ? g_build_filename(index->cur, found, NULL) : NULL;
    index->miss_count = found ? 0 : index->miss_count + 1;
    g_mutex_unlock(&index->lock);
    if (g_strcmp0(renamed, path) == 0)
        g_clear_pointer(&renamed, g_free);
    return renamed;
}

/* ---- folders ------------------------------------------------------------------------------- */

static void
folder_free(gpointer data)
{
    folder *self = data;
    g_free(self->path);
    g_string_chunk_free(self->store);
    maildir_index_unref(self->maildir);
    g_array_unref(self->names);
    g_free(self);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(((const folder_name *)a)->name, ((const folder_name *)b)->name);
}

static gboolean
has_folder(const char *path, const char *name)
{
    struct stat status;
    g_autofree char *inner = g_build_filename(path, name, NULL);
    return stat(inner, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A maildir has cur and new (maildir(5)); tmp may have been lost in a copy. */
static gboolean
is_maildir(const char *path)
{
    return has_folder(path, "cur") && has_folder(path, "new");
}

/* Is path itself the cur or the new of a maildir? */
static gboolean
is_maildir_part(const char *path)
{
    g_autofree char *name = g_path_get_basename(path), *parent = g_path_get_dirname(path);
    return (strcmp(name, "cur") == 0 || strcmp(name, "new") == 0) && is_maildir(parent);
}

/* Does a folder of this kind show this name? Hidden ones only in a maildir, where they are its
 * folders. */
static gboolean
is_wanted(folder_kind kind, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return FALSE;
    return kind == FOLDER_MAILDIR ? strcmp(name, "tmp") != 0 : name[0] != '.';
}

static gboolean
read_names(folder *self, DIR *directory)
{
    const struct dirent *found;
    errno = 0;
    while ((found = readdir(directory))) {
        if (!is_wanted(self->kind, found->d_name))
            continue;
        folder_name name = { g_string_chunk_insert(self->store, found->d_name), found->d_type };
        g_array_append_val(self->names, name);
    }
    int number = errno;
    g_array_sort(self->names, compare_names);
    return number == 0;
}

static folder *
folder_new(const char *path)
{
    folder *self = g_new0(folder, 1);
    self->path = g_strdup(path);
    self->kind = is_maildir(path)        ? FOLDER_MAILDIR
                 : is_maildir_part(path) ? FOLDER_MAILDIR_PART
                                         : FOLDER_PLAIN;
    if (self->kind == FOLDER_MAILDIR_PART)
        self->maildir = maildir_index_new(path);
    self->store = g_string_chunk_new(4096);
    self->names = g_array_new(FALSE, FALSE, sizeof(folder_name));
    return self;
}

/* ---- what was found ------------------------------------------------------------------------ */

void
dt_found_clear(dt_found *found)
{
    g_clear_pointer(&found->path, g_free);
    g_clear_pointer(&found->mbox, dt_mbox_unref);
    g_clear_pointer(&found->maildir, maildir_index_unref);
    g_clear_error(&found->error);
    *found = (dt_found){ 0 };
}

static gboolean
give_skipped(dt_found *found, const char *path, const char *reason)
{
    *found = (dt_found){ .kind = DT_FOUND_SKIPPED, .path = g_strdup(path), .reason = reason };
    return TRUE;
}

static gboolean
give_fault(dt_found *found, const char *path, int number)
{
    *found = (dt_found){ .kind = DT_FOUND_FAULT, .path = g_strdup(path) };
    g_set_error(&found->error, DT_ERROR, DT_ERROR_NO_INPUT, "%s: cannot be opened: %s", path,
                g_strerror(number));
    return TRUE;
}

/* part: the part of a maildir in which it lies, or NULL. */
static gboolean
give_file(dt_found *found, const char *path, const folder *part)
{
    *found = (dt_found){ .kind = DT_FOUND_FILE, .path = g_strdup(path) };
    if (part && part->maildir) {
        g_atomic_int_inc(&part->maildir->refs);
        found->maildir = part->maildir;
    }
    return TRUE;
}

/* The next message of the mbox that is being split; FALSE when there is none. */
static gboolean
give_entry(dt_finder *finder, dt_found *found)
{
    *found = (dt_found){ .kind = DT_FOUND_ENTRY };
    if (dt_mbox_next(finder->mbox, &found->entry, &found->error)) {
        found->path = g_strdup(finder->mbox_path);
        found->mbox = dt_mbox_ref(finder->mbox);
        return TRUE;
    }
    g_clear_pointer(&finder->mbox, dt_mbox_unref);
    if (!found->error)
        return FALSE;
    found->kind = DT_FOUND_FAULT;
    found->path = g_strdup(finder->mbox_path);
    return TRUE;
}

/* ---- files --------------------------------------------------------------------------------- */

typedef enum { LOOKS_OTHER = 0, LOOKS_EMPTY, LOOKS_MESSAGE, LOOKS_MBOX } looks;

/* The first octets say: From_ line, or a header field that only mail has. */
static looks
look_at(const char *octets, gsize length)
{
    gsize skipped = 0;
    while (skipped < length && (octets[skipped] == '\n' || octets[skipped] == '\r'))
        skipped++;
    if (length - skipped >= 5 && memcmp(octets + skipped, "From ", 5) == 0)
        return LOOKS_MBOX;
    dt_header_start start = dt_header_find_start(octets, length);
    if (!start.is_found || start.has_leading)
        return LOOKS_OTHER;
    g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(dt_field));
    dt_field_scan(fields, octets + start.start, length - start.start, start.start, 1);
    return dt_field_any_known(fields) ? LOOKS_MESSAGE : LOOKS_OTHER;
}

/* Looks into a file without waiting for anything; what cannot be read looks like a message, so that
 * its reader says why. */
static looks
look_into(const char *path)
{
    char octets[SNIFF], inflated[SNIFF];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    gssize got = fd >= 0 ? dt_file_read_full(fd, octets, sizeof octets) : -1;
    if (fd >= 0)
        close(fd);
    if (got < 0)
        return LOOKS_MESSAGE;
    if (got == 0)
        return LOOKS_EMPTY;
    gsize length = dt_inflate_start(octets, got, inflated, sizeof inflated);
    if (length > 0)
        return look_at(inflated, length);
    guint64 count;
    return dt_sniff_emlx(octets, got, &count) > 0 ? LOOKS_MESSAGE : look_at(octets, got);
}

/* Files of these names are meant to be messages, whatever is in them. */
static gboolean
is_named_as_message(const char *path)
{
    static const char *const endings[] = { ".eml", ".emlx", ".msg", ".eml.gz", ".emlx.gz" };
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(path, endings[i]))
            return TRUE;
    return FALSE;
}

/* Opens an mbox to be split; FALSE where nothing comes of it but a fault in found. */
static gboolean
begin_mbox(dt_finder *finder, const char *path, dt_found *found)
{
    finder->mbox = dt_mbox_open_file(path, &found->error);
    g_free(finder->mbox_path);
    finder->mbox_path = g_strdup(path);
    if (finder->mbox)
        return give_entry(finder, found);
    found->kind = DT_FOUND_FAULT;
    found->path = g_strdup(path);
    return TRUE;
}

/* A regular file. is_given: the caller named it, so it is one even if it does not look so. */
static gboolean
visit_file(dt_finder *finder, const char *path, gboolean is_given, dt_found *found)
{
    looks what = look_into(path);
    if (what == LOOKS_MBOX)
        return finder->lists_only ? give_file(found, path, NULL) : begin_mbox(finder, path, found);
    if (is_named_as_message(path) || what == LOOKS_MESSAGE || (is_given && what == LOOKS_OTHER))
        return give_file(found, path, NULL);
    finder->other_count++;
    return FALSE;
}

/* ---- from find to find --------------------------------------------------------------------- */

/* Has this folder been visited below the present path? Remembers it. */
static gboolean
was_seen(dt_finder *finder, const struct stat *status)
{
    char *key = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)status->st_dev,
                                (guint64)status->st_ino);
    return !g_hash_table_add(finder->seen, key);
}

static gboolean
visit_folder(dt_finder *finder, const char *path, const struct stat *status, dt_found *found)
{
    if (was_seen(finder, status))
        return give_skipped(found, path, "a link to a folder that was visited already");
    if (finder->folders->len >= MAX_DEPTH)
        return give_skipped(found, path, "too many folders inside each other");
    DIR *directory = opendir(path);
    if (!directory)
        return give_fault(found, path, errno);
    folder *self = folder_new(path);
    gboolean is_ok = read_names(self, directory);
    int number = errno;
    closedir(directory);
    g_ptr_array_add(finder->folders, self);
    return is_ok ? FALSE : give_fault(found, path, number);
}

static const char *
special_reason(mode_t mode)
{
    return S_ISFIFO(mode) ? "a FIFO" : S_ISSOCK(mode) ? "a socket" : "a device";
}

/* TRUE: found says something. In the top folder of a maildir only its folders count; the files
 * there are indexes and lists of mail servers. */
static gboolean
visit(dt_finder *finder, const char *path, const folder *inside, dt_found *found)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ELOOP ? give_skipped(found, path, "a link that leads in a circle")
                              : give_fault(found, path, errno);
    if (S_ISDIR(status.st_mode))
        return visit_folder(finder, path, &status, found);
    if (inside && inside->kind == FOLDER_MAILDIR)
        return FALSE;
    if (!S_ISREG(status.st_mode))
        return give_skipped(found, path, special_reason(status.st_mode));
    return inside && inside->maildir ? give_file(found, path, inside)
                                     : visit_file(finder, path, !inside, found);
}

/* The next name of the innermost folder; a folder without further ones is left. */
static gboolean
visit_next(dt_finder *finder, dt_found *found)
{
    folder *self = finder->folders->pdata[finder->folders->len - 1];
    if (self->next >= self->names->len) {
        g_ptr_array_set_size(finder->folders, finder->folders->len - 1);
        return FALSE;
    }
    const folder_name *name = &g_array_index(self->names, folder_name, self->next++);
    g_autofree char *path = g_build_filename(self->path, name->name, NULL);
    if (self->maildir && name->type == DT_REG)
        return give_file(found, path, self);
    return visit(finder, path, self, found);
}

dt_finder *
dt_finder_new(gboolean lists_only)
{
    dt_finder *finder = g_new0(dt_finder, 1);
    finder->folders = g_ptr_array_new_with_free_func(folder_free);
    finder->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    finder->lists_only = lists_only;
    return finder;
}

void
dt_finder_free(dt_finder *finder)
{
    if (!finder)
        return;
    g_ptr_array_unref(finder->folders);
    g_hash_table_unref(finder->seen);
    dt_mbox_unref(finder->mbox);
    g_free(finder->mbox_path);
    g_free(finder->path);
    g_free(finder);
}

void
dt_finder_enter(dt_finder *finder, const char *path)
{
    g_clear_pointer(&finder->mbox, dt_mbox_unref);
    g_ptr_array_set_size(finder->folders, 0);
    g_hash_table_remove_all(finder->seen);
    g_free(finder->path);
    finder->path = g_strdup(path);
}

gboolean
dt_finder_next(dt_finder *finder, dt_found *found_out)
{
    *found_out = (dt_found){ 0 };
    for (;;) {
        g_autofree char *path = g_steal_pointer(&finder->path);
        if (path ? visit(finder, path, NULL, found_out)
                 : finder->mbox && give_entry(finder, found_out))
            return TRUE;
        if (path || finder->mbox)
            continue;
        if (finder->folders->len == 0)
            return FALSE;
        if (visit_next(finder, found_out))
            return TRUE;
    }
}

guint64
dt_finder_other_count(const dt_finder *finder)
{
    return finder->other_count;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* A message whose flags may change while it is looked for. */
static dt_message *
read_in_maildir(const dt_found *found, GError **error)
{
    g_autofree char *path = g_strdup(found->path);
    for (guint i = 0; i < RENAME_TRIES; i++) {
        GError *problem = NULL;
        dt_message *message = dt_message_read_regular(path, &problem);
        gboolean is_gone = !message && access(path, F_OK) != 0;
        char *renamed = is_gone ? find_renamed(found->maildir, path) : NULL;
        if (!renamed) {
            if (problem)
                g_propagate_error(error, problem);
            return message;
        }
        g_error_free(problem);
        g_free(path);
        path = renamed;
    }
    return dt_message_read_regular(path, error);
}

dt_message *
dt_found_read(const dt_found *found, GError **error)
{
    g_return_val_if_fail(found->kind == DT_FOUND_FILE || found->kind == DT_FOUND_ENTRY, NULL);
    if (found->kind == DT_FOUND_ENTRY)
        return dt_mbox_read(found->mbox, &found->entry, error);
    return found->maildir ? read_in_maildir(found, error)
                          : dt_message_read_regular(found->path, error);
}
