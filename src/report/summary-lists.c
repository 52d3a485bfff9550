/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The lists of a summary that grow with its messages, each with a limit: days, and the worst
 * messages themselves. Both come out the same whatever order the rows come in.
 */
#include "report/summary.h"

#include <string.h>

#define DAY_LENGTH 10 /* of "2026-10-14" */
#define OTHER_DAYS "(other days)"

static void
day_free(gpointer data)
{
    dt_summary_day *day = data;
    g_free(day->day);
    g_free(day);
}

static void
message_free(gpointer data)
{
    dt_summary_message *message = data;
    char *strings[] = { message->file,   message->from_domain, message->date,
                        message->policy, message->spf,         message->spf_domain,
                        message->dkim,   message->region,      message->message_id };
    for (guint i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_array_unref(message->causes);
    g_free(message);
}

void
dt_summary_lists_begin(dt_summary *summary)
{
    summary->days = g_ptr_array_new_with_free_func(day_free);
    summary->day_index = g_hash_table_new(g_str_hash, g_str_equal);
    summary->messages = g_ptr_array_new();
}

void
dt_summary_lists_end(dt_summary *summary)
{
    g_ptr_array_unref(summary->messages);
    g_hash_table_unref(summary->day_index);
    g_ptr_array_unref(summary->days);
    g_clear_pointer(&summary->kept, g_sequence_free);
}

/* ---- days ---------------------------------------------------------------------------------- */

static dt_summary_day *
find_day(dt_summary *summary, const char *name)
{
    dt_summary_day *day = g_hash_table_lookup(summary->day_index, name);
    if (!day && summary->days->len >= DT_SUMMARY_DAYS && strcmp(name, OTHER_DAYS) != 0)
        return find_day(summary, OTHER_DAYS);
    if (day)
        return day;
    day = g_new0(dt_summary_day, 1);
    day->day = g_strdup(name);
    g_ptr_array_add(summary->days, day);
    g_hash_table_insert(summary->day_index, day->day, day);
    return day;
}

void
dt_summary_count_day(dt_summary *summary, const dt_row *row)
{
    gboolean is_date = row->date && strlen(row->date) > DAY_LENGTH && row->date[DAY_LENGTH] == 'T';
    g_autofree char *name = is_date ? g_strndup(row->date, DAY_LENGTH) : g_strdup("");
    dt_summary_day *day = find_day(summary, name);
    if (row->reproducible == 0)
        day->copy_count++;
    else
        day->verdicts[row->verdict]++;
}

static gint
compare_days(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const dt_summary_day *const *)a)->day,
                  (*(const dt_summary_day *const *)b)->day);
}

/* ---- messages ------------------------------------------------------------------------------ */

guint
dt_summary_rank(dt_verdict verdict, gboolean is_copy)
{
    static const guint ranks[] = {
        [DT_VERDICT_UNKNOWN] = 5,   [DT_VERDICT_PASS] = 5,      [DT_VERDICT_FAIL] = 0,
        [DT_VERDICT_PERMERROR] = 1, [DT_VERDICT_TEMPERROR] = 2, [DT_VERDICT_NONE] = 3,
    };
    return is_copy ? 4 : ranks[verdict];
}

static gint
compare_messages(gconstpointer a, gconstpointer b, gpointer data)
{
    const dt_summary_message *one = a, *other = b;
    guint left = dt_summary_rank(one->verdict, one->is_copy),
          right = dt_summary_rank(other->verdict, other->is_copy);
    if (left != right)
        return left < right ? -1 : 1;
    gint order = strcmp(one->file, other->file);
    return order ? order : (one->index > other->index) - (one->index < other->index);
}

/* Codes and titles live in the summary's own lists of causes. */
static GArray *
causes_of(const dt_summary *summary, const dt_row *row)
{
    GHashTable *index = row->reproducible == 0 ? summary->copy_index : summary->cause_index;
    GArray *causes = g_array_new(FALSE, FALSE, sizeof(dt_summary_message_cause));
    for (guint i = 0; i < row->causes->len; i++) {
        const dt_row_cause *found = &g_array_index(row->causes, dt_row_cause, i);
        const dt_summary_cause *known = g_hash_table_lookup(index, found->code);
        dt_summary_message_cause cause = { known ? known->code : "", known ? known->title : "",
                                           found->severity };
        g_array_append_val(causes, cause);
    }
    return causes;
}

void
dt_summary_keep_messages(dt_summary *summary)
{
    if (!summary->kept)
        summary->kept = g_sequence_new(message_free);
}

void
dt_summary_keep(dt_summary *summary, const dt_row *row)
{
    if (!summary->kept)
        return;
    dt_summary_message probe = { .file = (char *)row->file,
                                 .index = row->index,
                                 .verdict = row->verdict,
                                 .is_copy = row->reproducible == 0 };
    GSequenceIter *last = g_sequence_iter_prev(g_sequence_get_end_iter(summary->kept));
    gboolean is_full = g_sequence_get_length(summary->kept) >= DT_SUMMARY_MESSAGES;
    if (is_full && compare_messages(&probe, g_sequence_get(last), NULL) >= 0)
        return;
    if (is_full)
        g_sequence_remove(last);
    dt_summary_message *message = g_new0(dt_summary_message, 1);
    *message = (dt_summary_message){
        .file = g_strdup(row->file),
        .has_position = row->has_position,
        .index = row->index,
        .verdict = row->verdict,
        .is_copy = row->reproducible == 0,
        .from_domain = g_strdup(row->from_domain),
        .date = g_strdup(row->date),
        .policy = g_strdup(row->policy),
        .spf = g_strdup(row->spf),
        .spf_domain = g_strdup(row->spf_domain),
        .dkim = g_strdup(row->dkim),
        .region = g_strdup(row->region),
        .message_id = g_strdup(row->message_id),
        .spf_aligned = row->spf_aligned,
        .dkim_aligned = row->dkim_aligned,
        .causes = causes_of(summary, row),
    };
    g_sequence_insert_sorted(summary->kept, message, compare_messages, NULL);
}

void
dt_summary_lists_sort(dt_summary *summary)
{
    g_ptr_array_sort(summary->days, compare_days);
    g_ptr_array_set_size(summary->messages, 0);
    if (!summary->kept)
        return;
    GSequenceIter *end = g_sequence_get_end_iter(summary->kept);
    for (GSequenceIter *iter = g_sequence_get_begin_iter(summary->kept); iter != end;
         iter = g_sequence_iter_next(iter))
        g_ptr_array_add(summary->messages, g_sequence_get(iter));
}
