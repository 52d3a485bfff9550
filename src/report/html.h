/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: HTML. One self-contained page without any external resource; each %s
 * that is put is escaped, so content code may pass what came from outside as it is, and markup
 * comes from format strings alone.
 */
#ifndef DT_REPORT_HTML_H
#define DT_REPORT_HTML_H

#include "report/formats.h"
#include "report/phrases.h"

/* Text with markup characters escaped and control characters replaced. */
void dt_html_put(GString *out, const char *text);

/* Markup. Only %s (escaped; NULL puts nothing), %u, %d and %% may stand in format. */
void dt_html_putf(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* At most limit characters of text, around mark where it is given (in a <mark> element), dots where
 * something was cut. */
void dt_html_excerpt(GString *out, const char *text, const char *mark, guint limit);

/* "good", "bad", "warn", "plain": the class of an element. */
const char *dt_html_tone(dt_tone tone);

/* From the doctype to the opening of <main>. title: of the window. script: NULL, or the source of
 * the one inline script, which is written before the end of the page; the policy of the page allows
 * exactly it and the style. */
void dt_html_page_begin(GString *out, const char *title, const char *heading, const char *script);
void dt_html_page_end(GString *out, const char *script);

/* One report: where it goes and what about. number: of the message in the page, from 1; part of
 * ids. */
typedef struct {
    GString *out;
    const dt_case *subject;
    const dt_diagnosis *diagnosis;
    guint number;
} dt_html_report;

void dt_html_findings(const dt_html_report *report);
void dt_html_plan(const dt_html_report *report);

/* How the names relate, and the way of the message: pictures with the same facts as text. */
void dt_html_alignment_picture(const dt_html_report *report);
void dt_html_timeline_picture(const dt_html_report *report);

/* Folded: hops, SPF, DMARC, recorded results, DNS. */
void dt_html_traces(const dt_html_report *report);

/* A page for any number of messages. */
typedef struct dt_html_document dt_html_document;
dt_html_document *dt_html_document_new(void);
void dt_html_document_free(dt_html_document *document);
void dt_html_document_add(dt_html_document *document, const dt_case *subject,
                          const dt_diagnosis *diagnosis);
void dt_html_document_add_error(dt_html_document *document, const char *file, const char *text);
void dt_html_document_write(dt_html_document *document, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_html_document, dt_html_document_free)

#endif
