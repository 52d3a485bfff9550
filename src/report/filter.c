/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One message through a delivery pipe (RFC 8601 5): kept whole, judged, written again with the
 * results on top of its header and without fields that claim to be such. Trouble with DNS is a
 * result. Which octets go is filter-strain.c's part.
 */
#include "report/filter.h"
#include "report/formats.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_ID   255
#define MAX_LINE 900 /* octets; RFC 5322 2.1.1 allows 998 */
#define BLOCK    (64 * 1024)

struct dt_filter {
    char *authserv_id;
    dt_message *message; /* as it came in */
    dt_case *subject; /* owns message, or a copy without what an earlier run of this filter wrote */
    gboolean is_copy;
    GString *fields; /* what goes on top, lines with LF */
    guint removed_count;
};

char *
dt_filter_default_id(void)
{
    char host[256] = "localhost";
    if (gethostname(host, sizeof host - 1) != 0 || !host[0])
        g_strlcpy(host, "localhost", sizeof host);
    return g_strconcat("dmarctrace.", host, NULL);
}

/* ---- the id -------------------------------------------------------------------------------- */

/* An id that is not read back as it was given would be written again and again, and never taken
 * out. */
static gboolean
check_id(const char *id, GError **error)
{
    g_autofree char *value = dt_text_header_value(id);
    g_autofree char *field = g_strdup_printf("Authentication-Results: %s; none\n", value);
    if (id[0] && strlen(id) <= MAX_ID && dt_authres_carries(field, strlen(field), id))
        return TRUE;
    g_autofree char *shown = dt_text_terminal(id);
    g_set_error(error, DT_ERROR, DT_ERROR_USAGE, "--write-id=%s: not an authserv-id", shown);
    return FALSE;
}

static gboolean
fail_believed(const char *id, GError **error)
{
    g_set_error(
        error, DT_ERROR, DT_ERROR_USAGE,
        "--write-id=%s: results with this id are believed for this message; take another one", id);
    return FALSE;
}

/* Did this filter write the field itself on its way here? Then its X-Dmarctrace stands right below.
 * Where no boundary is known only the first two fields can be its. */
static gboolean
is_own_earlier(const dt_message *message, const dt_recorded *recorded, const dt_boundary *boundary,
               dt_trust trust)
{
    guint index = recorded->field->index;
    const dt_field *below = dt_message_field(message, index + 1);
    if (recorded->header != DT_HEADER_AR || !below || !dt_field_is(below, "X-Dmarctrace"))
        return FALSE;
    return trust == DT_TRUST_ABOVE_BOUNDARY ||
           (boundary->hop < 0 && index == 0 && dt_message_field(message, 2));
}

/* Are results of this id believed for the message? earlier_out: some look so, and they are our own.
 */
static gboolean
check_believed(const dt_context *context, const dt_message *message, const dt_boundary *boundary,
               const char *id, gboolean *earlier_out, GError **error)
{
    const char *const *named = (const char *const *)context->authserv_ids->pdata;
    const GPtrArray *recorded = dt_message_recorded(message);
    *earlier_out = FALSE;
    for (; *named; named++)
        if (dt_text_equal(*named, id))
            return fail_believed(id, error);
    for (guint i = 0; i < recorded->len; i++) {
        const dt_recorded *one = recorded->pdata[i];
        if (!one->authserv_id || !dt_text_equal(one->authserv_id, id))
            continue;
        if (is_own_earlier(message, one, boundary, boundary->trust[i]))
            *earlier_out = TRUE;
        else if (boundary->trust[i] != DT_TRUST_NONE)
            return fail_believed(id, error);
    }
    return TRUE;
}

/* ---- judging ------------------------------------------------------------------------------- */

typedef struct {
    dt_store store;
    GError *error;
} copy;

static gboolean
add_to_copy(const char *octets, gsize length, gpointer data)
{
    copy *to = data;
    return dt_store_add(&to->store, octets, length, &to->error);
}

static guint64
header_start(const dt_message *message)
{
    const dt_field *first = dt_message_field(message, 0);
    return first ? first->offset : 0;
}

/* Where what the recipient's side wrote ends: signatures may cover what stands below. */
static guint64
own_part_end(const dt_message *message, const dt_boundary *boundary)
{
    if (boundary->hop < 0)
        return dt_message_field(message, 2)->offset;
    return ((const dt_hop *)dt_message_hops(message)->pdata[boundary->hop])->field->offset;
}

/* The message as it was before an earlier run of this filter: believed by their place, its results
 * would count as the receiver's. */
static dt_message *
without_earlier(dt_message *message, const dt_boundary *boundary, const char *id, GError **error)
{
    copy to = { .store = DT_STORE_EMPTY };
    dt_strain strain = { .authserv_id = id,
                         .header_start = header_start(message),
                         .until = own_part_end(message, boundary),
                         .sink = add_to_copy,
                         .data = &to };
    dt_message *earlier = NULL;
    if (dt_strain_message(&strain, message, NULL, error) && !to.error)
        earlier = dt_store_give(&to.store, dt_message_label(message), error);
    dt_store_clear(&to.store);
    if (to.error)
        g_propagate_error(error, to.error);
    return earlier;
}

static void
append_causes(GString *out, const dt_diagnosis *diagnosis)
{
    gsize line = out->len;
    for (guint i = 0; i < dt_diagnosis_count(diagnosis); i++) {
        const char *code = dt_diagnosis_code(diagnosis, i);
        g_string_append(out, i == 0 ? "; causes=" : ",");
        if (out->len - line + strlen(code) > MAX_LINE) {
            g_string_append(out, "\n\t");
            line = out->len;
        }
        g_string_append(out, code);
    }
}

static void
judge(dt_filter *filter, dt_context *context, dt_message *message)
{
    /* What a delivery report returns would speak for whoever wrapped it. */
    filter->subject = dt_case_new_outer(context, message);
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(filter->subject);
    filter->fields = g_string_new(NULL);
    dt_report_authres_field(filter->subject, filter->authserv_id, filter->fields);
    g_string_append_printf(filter->fields, "X-Dmarctrace: verdict=%s",
                           dt_case_verdict(filter->subject));
    append_causes(filter->fields, diagnosis);
    g_string_append_c(filter->fields, '\n');
}

static gboolean
judge_message(dt_filter *filter, dt_context *context, GError **error)
{
    const char *const *named = (const char *const *)context->authserv_ids->pdata;
    dt_boundary *boundary = dt_boundary_find(filter->message, named);
    gboolean has_earlier;
    gboolean is_good = check_believed(context, filter->message, boundary, filter->authserv_id,
                                      &has_earlier, error);
    dt_message *judged = filter->message;
    if (is_good && has_earlier)
        judged = without_earlier(filter->message, boundary, filter->authserv_id, error);
    dt_boundary_free(boundary);
    if (!is_good || !judged)
        return FALSE;
    filter->is_copy = has_earlier;
    judge(filter, context, judged);
    return TRUE;
}

dt_filter *
dt_filter_read(dt_context *context, int fd, const char *authserv_id, GError **error)
{
    g_return_val_if_fail(context && context->source, NULL);
    g_autoptr(dt_filter) filter = g_new0(dt_filter, 1);
    filter->authserv_id = authserv_id ? g_strdup(authserv_id) : dt_filter_default_id();
    if (!check_id(filter->authserv_id, error))
        return NULL;
    dt_store store = DT_STORE_EMPTY;
    gboolean is_read = dt_store_fill(&store, fd, error);
    filter->message = is_read ? dt_store_give(&store, "-", error) : NULL;
    dt_store_clear(&store);
    if (!filter->message || !judge_message(filter, context, error))
        return NULL;
    return g_steal_pointer(&filter);
}

void
dt_filter_free(dt_filter *filter)
{
    if (!filter)
        return;
    if (filter->is_copy || !filter->subject)
        dt_message_free(filter->message);
    dt_case_free(filter->subject);
    if (filter->fields)
        g_string_free(filter->fields, TRUE);
    g_free(filter->authserv_id);
    g_free(filter);
}

const dt_case *
dt_filter_case(const dt_filter *filter)
{
    return filter->subject;
}

const char *
dt_filter_fields(const dt_filter *filter)
{
    return filter->fields->str;
}

guint
dt_filter_removed_count(const dt_filter *filter)
{
    return filter->removed_count;
}

/* ---- writing ------------------------------------------------------------------------------- */

typedef struct {
    int fd;
    char *block; /* small pieces wait here */
    gsize used;
    int fault; /* errno; 0 */
} output;

static gboolean
flush(output *out)
{
    if (!dt_file_write(out->fd, out->block, out->used))
        out->fault = errno;
    out->used = 0;
    return out->fault == 0;
}

static gboolean
add_to_output(const char *octets, gsize length, gpointer data)
{
    output *out = data;
    if (out->used + length > BLOCK && !flush(out))
        return FALSE;
    if (length < BLOCK) {
        memcpy(out->block + out->used, octets, length);
        out->used += length;
    } else if (!dt_file_write(out->fd, octets, length)) {
        out->fault = errno;
    }
    return out->fault == 0;
}

gboolean
dt_filter_write(dt_filter *filter, int fd, GError **error)
{
    g_autofree char *block = g_malloc(BLOCK);
    output out = { .fd = fd, .block = block };
    dt_strain strain = { .authserv_id = filter->authserv_id,
                         .fields = filter->fields->str,
                         .header_start = header_start(filter->message),
                         .until = G_MAXUINT64,
                         .line_endings = dt_message_line_endings(filter->message),
                         .sink = add_to_output,
                         .data = &out };
    if (!dt_strain_message(&strain, filter->message, &filter->removed_count, error))
        return FALSE;
    if (out.fault == 0 && flush(&out))
        return TRUE;
    g_set_error(error, DT_ERROR, DT_ERROR_IO, "cannot write the message: %s",
                g_strerror(out.fault));
    return FALSE;
}
