/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Verification by libopendkim: canonicalization and mathematics of signatures that our own checks
 * let through (RFC 6376 6.1.3). It sees well-formed signatures only, the fields that they cover,
 * and keys in minimal form, since hostile ones reach memory errors of 2.11. Reasons, dates and
 * policy are evaluate.c's.
 */
#include "dkim/verify.h"

#include <opendkim/dkim.h>
#include <stdlib.h>
#include <string.h>

/* Exported by the library, missing in its header. */
extern DKIM_STAT dkim_sig_gethashes(DKIM_SIGINFO *sig, void **hh, size_t *hhlen, void **bh,
                                    size_t *bhlen);

/* dkim_eoh writes past an array of pointers when h= uses up all fields: room behind every block. */
#define PADDING 48

/* The library judges dates by its own clock; with this drift it lets pass what is not decades away,
 * and takes what is below it for the future. */
#define DRIFT 1000000000

typedef struct {
    GPtrArray *signatures; /* those that were fed, in the order of their fields */
    DKIM *handle;
    gboolean is_after_cr; /* the last piece of the body ended in CR */
    gboolean has_lone_cr; /* which the library leaves out of a relaxed body */
} library_job;

static void *
padded_alloc(void *closure, size_t size)
{
    return calloc(1, size + PADDING);
}

static void
padded_free(void *closure, void *block)
{
    free(block);
}

/* The key of s= and d=, parsed and judged before, in its shortest form. */
static DKIM_CBSTAT
look_up_key(DKIM *handle, DKIM_SIGINFO *info, unsigned char *buffer, size_t size)
{
    const library_job *job = dkim_get_user_context(handle);
    const char *s = (const char *)dkim_sig_getselector(info),
               *d = (const char *)dkim_sig_getdomain(info);
    for (guint i = 0; s && d && i < job->signatures->len; i++) {
        const dt_dkim_signature *signature = g_ptr_array_index(job->signatures, i);
        if (g_ascii_strcasecmp(signature->s, s) != 0 || g_ascii_strcasecmp(signature->d, d) != 0)
            continue;
        int length = g_snprintf((char *)buffer, size, "v=DKIM1; k=%s; p=%s", signature->key->type,
                                signature->key->public_key);
        return length > 0 && (size_t)length < size ? DKIM_CBSTAT_CONTINUE : DKIM_CBSTAT_NOTFOUND;
    }
    return DKIM_CBSTAT_NOTFOUND;
}

static gpointer
new_library(gpointer data)
{
    DKIM_LIB *library = dkim_init(padded_alloc, padded_free);
    unsigned int flags = DKIM_LIBFLAGS_BADSIGHANDLES;
    unsigned int bits = 1;
    uint64_t drift = DRIFT;
    if (!library)
        return NULL;
    if (dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags) !=
            DKIM_STAT_OK ||
        dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof bits) !=
            DKIM_STAT_OK ||
        dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift, sizeof drift) !=
            DKIM_STAT_OK ||
        dkim_set_key_lookup(library, look_up_key) != DKIM_STAT_OK)
        return NULL;
    return library;
}

/* One for the process, made when first needed: it is safe to share once its options are set. */
static DKIM_LIB *
library(void)
{
    static GOnce once = G_ONCE_INIT;
    return g_once(&once, new_library, NULL);
}

static gpointer
version_text(gpointer data)
{
    guint32 version = dkim_libversion();
    return g_strdup_printf("libopendkim %u.%u.%u", version >> 24, version >> 16 & 0xff,
                           version >> 8 & 0xff);
}

const char *
dt_dkim_library_version(void)
{
    static GOnce once = G_ONCE_INIT;
    return g_once(&once, version_text, NULL);
}

/* A number of a date that the library, with its drift, would take for past or future. */
static gboolean
is_outside_drift(gint64 seconds)
{
    return seconds >= 0 && seconds < DRIFT;
}

/* A CR that is no part of a line end. is_after_cr: whether the piece before ended in CR; kept up.
 */
static gboolean
holds_lone_cr(const char *octets, gsize length, gboolean *is_after_cr)
{
    const char *end = octets + length, *at = octets;
    if (length == 0)
        return FALSE;
    if (*is_after_cr && *octets != '\n')
        return TRUE;
    *is_after_cr = end[-1] == '\r';
    while ((at = memchr(at, '\r', (gsize)(end - at))) && ++at < end)
        if (*at != '\n')
            return TRUE;
    return FALSE;
}

/* Relaxed canonicalization stops at a NUL inside a field, and takes VT, FF and a CR alone for
 * blanks, which are SP and HTAB only (RFC 6376 2.8). */
static gboolean
covers_odd_octet(const GPtrArray *covered)
{
    for (guint i = 0; i < covered->len; i++) {
        const dt_field *field = g_ptr_array_index(covered, i);
        gboolean is_after_cr = FALSE;
        if (memchr(field->raw, '\0', field->raw_length) ||
            memchr(field->raw, '\v', field->raw_length) ||
            memchr(field->raw, '\f', field->raw_length) ||
            holds_lone_cr(field->raw, field->raw_length, &is_after_cr))
            return TRUE;
    }
    return FALSE;
}

/* Can the library judge this one, as measured? */
static gboolean
is_for_library(const dt_dkim_signature *signature, const GPtrArray *covered)
{
    const dt_dkim_facts *facts = signature->facts;
    return !facts->signs_signatures && !facts->is_international &&
           facts->h_length <= DT_LIBRARY_H_MAX &&
           strlen(signature->key->public_key) <= DT_LIBRARY_KEY_MAX &&
           signature->field->raw_length + signature->field->line_count <=
               DT_LIBRARY_SIGNATURE_MAX &&
           !is_outside_drift(signature->t) && !is_outside_drift(signature->x) &&
           !covers_odd_octet(covered);
}

static gint
by_index(gconstpointer one, gconstpointer two)
{
    const dt_field *a = *(const dt_field *const *)one, *b = *(const dt_field *const *)two;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Takes the signatures that the library can judge into the job; what is to be fed for them, in the
 * order of the message. */
static GPtrArray *
choose_fields(library_job *job, const dt_header_index *index, const GPtrArray *signatures)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    GPtrArray *fields = g_ptr_array_new();
    for (guint i = 0; i < signatures->len; i++) {
        dt_dkim_signature *signature = g_ptr_array_index(signatures, i);
        g_autoptr(GPtrArray) covered = dt_header_select(index, signature->h, signature->field);
        if (!is_for_library(signature, covered))
            continue;
        g_ptr_array_add(job->signatures, signature);
        g_ptr_array_add(covered, (gpointer)signature->field);
        for (guint j = 0; j < covered->len; j++)
            if (g_hash_table_add(seen, g_ptr_array_index(covered, j)))
                g_ptr_array_add(fields, g_ptr_array_index(covered, j));
    }
    g_ptr_array_sort(fields, by_index);
    return fields;
}

/* One field a call, without its final line end: anything else makes c=simple fail. */
static gboolean
feed_header(DKIM *handle, const GPtrArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        gsize length;
        g_autofree char *wire = dt_field_wire(g_ptr_array_index(fields, i), &length);
        if (dkim_header(handle, (u_char *)wire, length) != DKIM_STAT_OK)
            return FALSE;
    }
    dkim_eoh(handle);
    return TRUE;
}

static gboolean
feed_body(const char *octets, gsize length, gpointer data)
{
    library_job *job = data;
    job->has_lone_cr = job->has_lone_cr || holds_lone_cr(octets, length, &job->is_after_cr);
    return dkim_body(job->handle, (u_char *)octets, length) == DKIM_STAT_OK;
}

static void
take_body_hash(dt_dkim_signature *signature, DKIM_SIGINFO *info)
{
    void *hh = NULL, *bh = NULL;
    size_t hh_length = 0, bh_length = 0;
    if (dkim_sig_gethashes(info, &hh, &hh_length, &bh, &bh_length) != DKIM_STAT_OK || !bh)
        return;
    const dt_dkim_facts *facts = signature->facts;
    gboolean fits = bh_length == facts->bh_length && memcmp(bh, facts->bh_octets, bh_length) == 0;
    signature->body_hash = fits ? DT_CHECK_OK : DT_CHECK_MISMATCH;
}

/* Only these outcomes say that the mathematics were done; for a signature refused before, even
 * getbh says "match". */
static gboolean
was_evaluated(DKIM_SIGINFO *info)
{
    int error = dkim_sig_geterror(info);
    return (dkim_sig_getflags(info) & DKIM_SIGFLAG_PROCESSED) != 0 &&
           (error == DKIM_SIGERROR_OK || error == DKIM_SIGERROR_BADSIG ||
            error == DKIM_SIGERROR_TOOLARGE_L);
}

static void
take_results(const library_job *job, gboolean with_body)
{
    DKIM_SIGINFO **infos = NULL;
    int count = 0;
    if (dkim_getsiglist(job->handle, &infos, &count) != DKIM_STAT_OK ||
        count != (int)job->signatures->len)
        return;
    for (int i = 0; i < count; i++) {
        dt_dkim_signature *signature = g_ptr_array_index(job->signatures, i);
        const char *d = (const char *)dkim_sig_getdomain(infos[i]);
        if (!d || g_ascii_strcasecmp(d, signature->d) != 0 || !was_evaluated(infos[i]))
            continue;
        gboolean passed = (dkim_sig_getflags(infos[i]) & DKIM_SIGFLAG_PASSED) != 0;
        signature->signature = passed ? DT_CHECK_OK : DT_CHECK_MISMATCH;
        if (with_body && !(job->has_lone_cr && signature->facts->body_canon == DT_CANON_RELAXED))
            take_body_hash(signature, infos[i]);
    }
}

static void
run(library_job *job, dt_message *message, const GPtrArray *fields, gboolean with_body)
{
    static const unsigned char id[] = "dmarctrace";
    DKIM_STAT status;
    DKIM_LIB *shared = library();
    job->handle = shared ? dkim_verify(shared, id, NULL, &status) : NULL;
    if (!job->handle)
        return;
    dkim_set_user_context(job->handle, job);
    if (feed_header(job->handle, fields)) {
        gboolean is_read = with_body && dt_message_each_body(message, feed_body, job, NULL);
        dkim_eom(job->handle, NULL);
        take_results(job, is_read);
    }
    dkim_free(job->handle);
}

void
dt_verify_by_library(dt_message *message, const dt_header_index *index, GPtrArray *signatures,
                     gboolean with_body)
{
    if (with_body && dt_message_longest_body_line(message) > DT_LIBRARY_LINE_MAX)
        return;
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    library_job job = { .signatures = chosen };
    g_autoptr(GPtrArray) fields = choose_fields(&job, index, signatures);
    if (chosen->len > 0)
        run(&job, message, fields, with_body);
}
