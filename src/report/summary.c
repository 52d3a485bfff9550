/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Counts rows by cause and by sender domain. Whatever order rows come in, the result is the same:
 * examples are the first by name, not by arrival. What it counts is bounded (domains) or small
 * (causes); how it looks is summary-text.c's part.
 */
#include "report/summary.h"

#include <string.h>

#define OTHER_DOMAINS "(other domains)"

/* ---- parts --------------------------------------------------------------------------------- */

static void
example_free(gpointer data)
{
    dt_summary_example *example = data;
    g_free(example->file);
    g_free(example);
}

static void
cause_free(gpointer data)
{
    dt_summary_cause *cause = data;
    g_free(cause->code);
    g_free(cause->title);
    g_ptr_array_unref(cause->examples);
    g_array_unref(cause->shares);
    g_free(cause);
}

static void
domain_free(gpointer data)
{
    dt_summary_domain *domain = data;
    g_free(domain->name);
    g_array_unref(domain->causes);
    g_free(domain);
}

static void
fault_free(gpointer data)
{
    dt_summary_fault *fault = data;
    g_free(fault->file);
    g_free(fault->text);
    g_free(fault);
}

dt_summary *
dt_summary_new(void)
{
    dt_summary *summary = g_new0(dt_summary, 1);
    summary->causes = g_ptr_array_new_with_free_func(cause_free);
    summary->copies = g_ptr_array_new_with_free_func(cause_free);
    summary->domains = g_ptr_array_new_with_free_func(domain_free);
    summary->faults = g_ptr_array_new_with_free_func(fault_free);
    summary->cause_index = g_hash_table_new(g_str_hash, g_str_equal);
    summary->copy_index = g_hash_table_new(g_str_hash, g_str_equal);
    summary->domain_index = g_hash_table_new(g_str_hash, g_str_equal);
    dt_summary_lists_begin(summary);
    return summary;
}

void
dt_summary_free(dt_summary *summary)
{
    if (!summary)
        return;
    dt_summary_lists_end(summary);
    g_hash_table_unref(summary->cause_index);
    g_hash_table_unref(summary->copy_index);
    g_hash_table_unref(summary->domain_index);
    g_ptr_array_unref(summary->causes);
    g_ptr_array_unref(summary->copies);
    g_ptr_array_unref(summary->domains);
    g_ptr_array_unref(summary->faults);
    g_free(summary);
}

/* ---- examples ------------------------------------------------------------------------------ */

static gint
compare_examples(gconstpointer a, gconstpointer b)
{
    const dt_summary_example *one = *(const dt_summary_example *const *)a,
                             *other = *(const dt_summary_example *const *)b;
    int order = strcmp(one->file, other->file);
    return order ? order : (one->index > other->index) - (one->index < other->index);
}

/* Keeps the first few by name. */
static void
add_example(GPtrArray *examples, const dt_row *row)
{
    dt_summary_example probe = { (char *)row->file, row->has_position, row->index };
    const dt_summary_example *one = &probe;
    if (examples->len == DT_SUMMARY_EXAMPLES &&
        compare_examples(&one, &examples->pdata[examples->len - 1]) >= 0)
        return;
    dt_summary_example *example = g_new0(dt_summary_example, 1);
    *example = (dt_summary_example){ g_strdup(row->file), row->has_position, row->index };
    g_ptr_array_add(examples, example);
    g_ptr_array_sort(examples, compare_examples);
    if (examples->len > DT_SUMMARY_EXAMPLES)
        g_ptr_array_set_size(examples, DT_SUMMARY_EXAMPLES);
}

/* ---- counting ------------------------------------------------------------------------------ */

/* The catalogue's own words, which hold for every message; those of this one where it does not know
 * the code (a newer version's). */
static char *
title_of(const char *code, const char *told)
{
    dt_catalogue_entry entry;
    for (guint i = 0; dt_catalogue_get(i, &entry); i++)
        if (strcmp(entry.code, code) == 0)
            return dt_catalogue_plain(entry.title);
    return g_strdup(told ? told : "");
}

static dt_summary_cause *
find_cause(GHashTable *index, GPtrArray *list, const dt_row_cause *row)
{
    dt_summary_cause *cause = g_hash_table_lookup(index, row->code);
    if (cause)
        return cause;
    cause = g_new0(dt_summary_cause, 1);
    cause->code = g_strdup(row->code);
    cause->title = title_of(row->code, row->title);
    cause->examples = g_ptr_array_new_with_free_func(example_free);
    cause->shares = g_array_new(FALSE, FALSE, sizeof(dt_summary_share));
    g_ptr_array_add(list, cause);
    g_hash_table_insert(index, cause->code, cause);
    return cause;
}

static void
count_cause(dt_summary_cause *cause, const dt_row_cause *found, const dt_row *row)
{
    gboolean is_worse = cause->severity == DT_SEVERITY_UNKNOWN || found->severity < cause->severity;
    cause->count++;
    if (is_worse) {
        cause->severity = found->severity;
        cause->worst_count = 0;
        g_ptr_array_set_size(cause->examples, 0);
    }
    if (found->severity != cause->severity)
        return;
    cause->worst_count++;
    add_example(cause->examples, row);
}

static dt_summary_domain *
find_domain(dt_summary *summary, const char *name)
{
    dt_summary_domain *domain = g_hash_table_lookup(summary->domain_index, name);
    if (!domain && summary->domains->len >= DT_SUMMARY_DOMAINS && strcmp(name, OTHER_DOMAINS) != 0)
        return find_domain(summary, OTHER_DOMAINS);
    if (domain)
        return domain;
    domain = g_new0(dt_summary_domain, 1);
    domain->name = g_strdup(name);
    domain->causes = g_array_new(FALSE, FALSE, sizeof(dt_summary_domain_cause));
    g_ptr_array_add(summary->domains, domain);
    g_hash_table_insert(summary->domain_index, domain->name, domain);
    return domain;
}

static void
count_domain_cause(dt_summary_domain *domain, dt_summary_cause *cause)
{
    for (guint i = 0; i < domain->causes->len; i++) {
        dt_summary_domain_cause *known = &g_array_index(domain->causes, dt_summary_domain_cause, i);
        if (known->cause == cause) {
            known->count++;
            return;
        }
    }
    dt_summary_domain_cause first = { cause, 1 };
    g_array_append_val(domain->causes, first);
}

static void
add_fault(dt_summary *summary, const dt_row *row)
{
    if (summary->fault_count++ >= DT_SUMMARY_FAULTS)
        return;
    dt_summary_fault *fault = g_new0(dt_summary_fault, 1);
    *fault =
        (dt_summary_fault){ g_strdup(row->file), g_strdup(row->error_text), row->error_status };
    g_ptr_array_add(summary->faults, fault);
}

/* The receiver saw it pass: only what explains that counts, and apart from what is the sender's. */
static void
add_copy(dt_summary *summary, dt_summary_domain *domain, const dt_row *row)
{
    summary->copy_count++;
    domain->copy_count++;
    for (guint i = 0; i < row->causes->len; i++) {
        const dt_row_cause *found = &g_array_index(row->causes, dt_row_cause, i);
        count_cause(find_cause(summary->copy_index, summary->copies, found), found, row);
    }
}

static void
add_judged(dt_summary *summary, dt_summary_domain *domain, const dt_row *row)
{
    summary->verdicts[row->verdict]++;
    domain->verdicts[row->verdict]++;
    for (guint i = 0; i < row->causes->len; i++) {
        const dt_row_cause *found = &g_array_index(row->causes, dt_row_cause, i);
        dt_summary_cause *cause = find_cause(summary->cause_index, summary->causes, found);
        count_cause(cause, found, row);
        count_domain_cause(domain, cause);
    }
}

void
dt_summary_add(dt_summary *summary, const dt_row *row)
{
    if (row->error_status) {
        add_fault(summary, row);
        return;
    }
    dt_summary_domain *domain = find_domain(summary, row->from_domain ? row->from_domain : "");
    summary->count++;
    domain->count++;
    dt_summary_count_day(summary, row);
    if (row->reproducible == 0)
        add_copy(summary, domain, row);
    else
        add_judged(summary, domain, row);
    dt_summary_keep(summary, row);
}

/* ---- order --------------------------------------------------------------------------------- */

static gint
by_count(guint64 a, guint64 b)
{
    return (a < b) - (a > b);
}

static gint
compare_causes(gconstpointer a, gconstpointer b)
{
    const dt_summary_cause *one = *(const dt_summary_cause *const *)a,
                           *other = *(const dt_summary_cause *const *)b;
    if (one->severity != other->severity)
        return one->severity < other->severity ? -1 : 1;
    gint order = by_count(one->worst_count, other->worst_count);
    order = order ? order : by_count(one->count, other->count);
    return order ? order : strcmp(one->code, other->code);
}

static gint
compare_domain_causes(gconstpointer a, gconstpointer b)
{
    const dt_summary_domain_cause *one = a, *other = b;
    if (one->cause->severity != other->cause->severity)
        return one->cause->severity < other->cause->severity ? -1 : 1;
    gint order = by_count(one->count, other->count);
    return order ? order : strcmp(one->cause->code, other->cause->code);
}

static gint
compare_shares(gconstpointer a, gconstpointer b)
{
    const dt_summary_share *one = a, *other = b;
    gint order = by_count(one->count, other->count);
    return order ? order : strcmp(one->name, other->name);
}

/* What fails weighs most, then what has no verdict. */
static gint
compare_domains(gconstpointer a, gconstpointer b)
{
    static const dt_verdict worst_first[] = { DT_VERDICT_FAIL, DT_VERDICT_PERMERROR,
                                              DT_VERDICT_TEMPERROR, DT_VERDICT_NONE };
    const dt_summary_domain *one = *(const dt_summary_domain *const *)a,
                            *other = *(const dt_summary_domain *const *)b;
    for (guint i = 0; i < G_N_ELEMENTS(worst_first); i++) {
        gint order = by_count(one->verdicts[worst_first[i]], other->verdicts[worst_first[i]]);
        if (order)
            return order;
    }
    gint order = by_count(one->copy_count, other->copy_count);
    order = order ? order : by_count(one->count, other->count);
    return order ? order : strcmp(one->name, other->name);
}

static gint
compare_faults(gconstpointer a, gconstpointer b)
{
    const dt_summary_fault *one = *(const dt_summary_fault *const *)a,
                           *other = *(const dt_summary_fault *const *)b;
    int order = strcmp(one->file, other->file);
    return order ? order : strcmp(one->text, other->text);
}

static void
collect_shares(dt_summary *summary)
{
    for (guint i = 0; i < summary->causes->len; i++)
        g_array_set_size(((dt_summary_cause *)summary->causes->pdata[i])->shares, 0);
    for (guint i = 0; i < summary->domains->len; i++) {
        const dt_summary_domain *domain = summary->domains->pdata[i];
        for (guint k = 0; k < domain->causes->len; k++) {
            const dt_summary_domain_cause *part =
                &g_array_index(domain->causes, dt_summary_domain_cause, k);
            dt_summary_share share = { domain->name, part->count };
            g_array_append_val(part->cause->shares, share);
        }
    }
    for (guint i = 0; i < summary->causes->len; i++)
        g_array_sort(((dt_summary_cause *)summary->causes->pdata[i])->shares, compare_shares);
}

void
dt_summary_sort(dt_summary *summary)
{
    g_ptr_array_sort(summary->causes, compare_causes);
    g_ptr_array_sort(summary->copies, compare_causes);
    g_ptr_array_sort(summary->domains, compare_domains);
    g_ptr_array_sort(summary->faults, compare_faults);
    for (guint i = 0; i < summary->domains->len; i++)
        g_array_sort(((dt_summary_domain *)summary->domains->pdata[i])->causes,
                     compare_domain_causes);
    collect_shares(summary);
    dt_summary_lists_sort(summary);
}
