/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What the fuzz targets share: an input that is DNS and message in one, and the promises that hold
 * for any input. A broken promise aborts, so that the fuzzer keeps the input.
 *
 * Inputs with DNS have lines first, then a line "%%%" (names not among the lines do not exist) or
 * "%%?" (such names get answers derived from the lines), then the message. A line "%name value"
 * sets an option; all others are lines of a zone file, each read by itself and left out if it is
 * none.
 */
#ifndef DT_TESTS_FUZZ_H
#define DT_TESTS_FUZZ_H

#include <dmarctrace/evaluation.h>

/* One input for libFuzzer or for replay.c; each target defines it. */
int LLVMFuzzerTestOneInput(const guint8 *octets, gsize length);

/* GLib's criticals become fatal: misuse inside the library is a finding. */
void fuzz_ready(void);

/* ---- inputs -------------------------------------------------------------------------------- */

typedef struct {
    dt_zone *zone;
    GPtrArray *pool;    /* of char*: the lines as they stand there */
    GPtrArray *options; /* of char*: "name value" */
    gboolean is_derived;
    const char *rest; /* behind the separator; not NUL-terminated */
    gsize rest_length;
} fuzz_input;

void fuzz_input_read(fuzz_input *input, const guint8 *octets, gsize length);
void fuzz_input_clear(fuzz_input *input);

/* The zone, and where is_derived answers from the pool behind it. Borrows input. */
dt_source *fuzz_input_source(const fuzz_input *input);

/* A context with source and options set; options that name files or servers are left out. */
dt_context *fuzz_input_context(const fuzz_input *input, dt_source *source);

/* A NUL-terminated copy. */
char *fuzz_text(const guint8 *octets, gsize length);

/* ---- promises ------------------------------------------------------------------------------ */

#define fuzz_require(condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_broken(__FILE__, __LINE__, #condition);                                           \
    } while (0)

void fuzz_broken(const char *file, int line, const char *what) G_GNUC_NORETURN;

/* Valid UTF-8 without controls, bidi controls and invisible format characters; line ends allowed.
 */
void fuzz_check_text(const char *text, gsize length);

/* Valid JSON values, one or several; strict, no duplicate keys. */
void fuzz_check_json(const char *text, gsize length);

/* One header field: printable ASCII or valid UTF-8, folds only before white space. */
void fuzz_check_field(const char *text, gsize length);

/* What dmarctrace itself reads as a zone file. */
void fuzz_check_zone(const char *text, gsize length);

/* Renders the case in every format there is and checks each. */
void fuzz_check_reports(const dt_case *subject);

#endif
