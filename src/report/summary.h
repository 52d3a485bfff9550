/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Many messages in one report. A row is what a summary and a line of CSV keep of one message, taken
 * from a case or from its JSON object, so that several runs merge into what one run would have
 * said. A summary counts rows by cause and by sender domain; it does not depend on the order in
 * which they come.
 */
#ifndef DT_REPORT_SUMMARY_H
#define DT_REPORT_SUMMARY_H

#include <dmarctrace/report.h>
#include "diagnosis/finding.h"

/* ---- rows ---------------------------------------------------------------------------------- */

typedef struct {
    const char *code, *title; /* title as it was told of this message */
    dt_severity severity;
} dt_row_cause;

/* Strings are borrowed from the case or the object that the row was taken from, unless it says
 * otherwise. NULL: not known. */
typedef struct {
    const char *file;
    gboolean has_position; /* it stood in an mbox */
    guint64 index, offset;
    dt_verdict verdict;
    const char *recorded_verdict;
    int reproducible; /* 1, 0, -1: as dt_diagnosis_reproducible */
    const char *from_domain, *org_domain, *policy, *disposition;
    const char *spf, *spf_domain;
    dt_ternary spf_aligned, dkim_aligned; /* passes and is aligned */
    char *dkim; /* owned: "example.com=pass amazonses.com=fail", message order */
    gboolean via_ses;
    const char *region, *message_id;
    char *date;       /* owned: RFC 3339 */
    GArray *causes;   /* of dt_row_cause, report order; owned */
    int error_status; /* not 0: it could not be analysed, error_text says why, and only file is
                         known */
    const char *error_text;
} dt_row;

void dt_row_take_case(dt_row *row, const dt_case *subject, const dt_diagnosis *diagnosis);
void dt_row_take_error(dt_row *row, const char *file, int status, const char *text);
void dt_row_clear(dt_row *row);

/* CSV (RFC 4180): the line of column names, and one line for a row. */
void dt_row_csv_names(GString *out);
void dt_row_csv(const dt_row *row, GString *out);

/* ---- the summary --------------------------------------------------------------------------- */

#define DT_SUMMARY_EXAMPLES 3
#define DT_SUMMARY_DOMAINS  50000 /* further ones are counted together */
#define DT_SUMMARY_FAULTS   10000 /* further ones are only counted */

typedef struct {
    char *file;
    gboolean has_position;
    guint64 index; /* in its mbox, from 0 */
} dt_summary_example;

typedef struct {
    const char *name; /* of the domain, borrowed */
    guint64 count;
} dt_summary_share;

typedef struct {
    char *code, *title;
    dt_severity severity; /* the worst it had */
    guint64 count;        /* messages with it */
    guint64 worst_count;  /* of these, those in which it had that severity */
    GPtrArray *examples;  /* of dt_summary_example: the first by name of those, at most
                             DT_SUMMARY_EXAMPLES */
    GArray *shares;       /* of dt_summary_share, most messages first; set by dt_summary_sort */
} dt_summary_cause;

typedef struct {
    dt_summary_cause *cause;
    guint64 count;
} dt_summary_domain_cause;

typedef struct {
    char *name;          /* "" for messages without one author domain */
    guint64 count;       /* messages, copies included */
    guint64 verdicts[6]; /* by dt_verdict, copies left out */
    guint64 copy_count;
    GArray *causes; /* of dt_summary_domain_cause; after dt_summary_sort worst first */
} dt_summary_domain;

typedef struct {
    char *file, *text;
    int status;
} dt_summary_fault;

#define DT_SUMMARY_DAYS     20000 /* further ones are counted together */
#define DT_SUMMARY_MESSAGES 2000  /* kept at most, the worst ones */

/* By the Date of the messages. */
typedef struct {
    char *day;           /* "2026-10-14"; "" where the message has no date */
    guint64 verdicts[6]; /* by dt_verdict, copies left out */
    guint64 copy_count;
} dt_summary_day;

typedef struct {
    const char *code, *title; /* borrowed from the summary */
    dt_severity severity;
} dt_summary_message_cause;

typedef struct {
    char *file;
    gboolean has_position;
    guint64 index; /* in its mbox, from 0 */
    dt_verdict verdict;
    gboolean is_copy; /* fails only here */
    /* NULL not known */
    char *from_domain, *date, *policy, *spf, *spf_domain, *dkim, *region, *message_id;
    dt_ternary spf_aligned, dkim_aligned;
    GArray *causes; /* of dt_summary_message_cause, report order */
} dt_summary_message;

typedef struct {
    guint64 count;       /* messages analysed */
    guint64 verdicts[6]; /* by dt_verdict, copies left out */
    guint64 copy_count;  /* messages that fail only here: the receiver saw them pass ("not
                            reproducible") */
    guint64 fault_count; /* what could not be analysed */
    GPtrArray *causes;   /* of dt_summary_cause: of all messages but copies */
    GPtrArray *copies;   /* of dt_summary_cause: what explains the copies */
    GPtrArray *domains;  /* of dt_summary_domain */
    GPtrArray *faults;   /* of dt_summary_fault */
    GPtrArray *days;     /* of dt_summary_day; after dt_summary_sort oldest first */
    GPtrArray *messages; /* of dt_summary_message: filled by dt_summary_sort, if they are kept;
                            worst first */
    gboolean is_partial; /* stopped before the end */
    GHashTable *cause_index, *copy_index, *domain_index, *day_index; /* private */
    GSequence *kept; /* private; NULL: messages are not kept */
} dt_summary;

dt_summary *dt_summary_new(void);

/* From now on the worst DT_SUMMARY_MESSAGES messages are kept one by one. */
void dt_summary_keep_messages(dt_summary *summary);

/* What fails weighs most, then what has no verdict, copies, what passes: 0 is worst. */
guint dt_summary_rank(dt_verdict verdict, gboolean is_copy);
void dt_summary_free(dt_summary *summary);
void dt_summary_add(dt_summary *summary, const dt_row *row);

/* Puts every list into report order, worst first. To be called when all rows are in. */
void dt_summary_sort(dt_summary *summary);

/* format: "text" (and what formats.c of this folder lists besides). FALSE with DT_ERROR_USAGE if
 * there is none of that name. */
gboolean dt_summary_render(const char *format, const dt_summary *summary,
                           const dt_report_options *options, GString *out, GError **error);

typedef void (*dt_summary_func)(const dt_summary *summary, const dt_report_options *options,
                                GString *out);
/* A row of formats.c. */
void dt_summary_text(const dt_summary *summary, const dt_report_options *options, GString *out);

void dt_summary_html(const dt_summary *summary, const dt_report_options *options, GString *out);

/* Private to the summary's files: summary-lists.c. */
void dt_summary_lists_begin(dt_summary *summary);
void dt_summary_lists_end(dt_summary *summary);
void dt_summary_count_day(dt_summary *summary, const dt_row *row);
void dt_summary_keep(dt_summary *summary, const dt_row *row);
void dt_summary_lists_sort(dt_summary *summary);

/* ---- NDJSON of earlier runs ---------------------------------------------------------------- */

typedef struct dt_row_reader dt_row_reader; /* one parsed line */

/* One line of NDJSON. NULL with DT_ERROR_DATA: no object of this program about one message. */
dt_row_reader *dt_row_reader_new(const char *line, gsize length, GError **error);
const dt_row *dt_row_reader_row(const dt_row_reader *reader); /* lives as long as the reader */
void dt_row_reader_free(dt_row_reader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_summary, dt_summary_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_row_reader, dt_row_reader_free)

#endif
