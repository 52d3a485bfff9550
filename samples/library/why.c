/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The smallest program on libdmarctrace: why [ZONE] MESSAGE prints the verdict on a message and the
 * causes behind it. With ZONE every DNS answer comes from that file, so that nothing leaves the
 * machine. Built by the Makefile beside it, through pkg-config.
 */
#include <dmarctrace/diagnosis.h>

#include <stdio.h>
#include <stdlib.h>

/* Configured once and opened; all cases of a program share it, those of other threads too. */
static dt_context *
open_context(const char *zone, GError **error)
{
    g_autoptr(dt_context) context = dt_context_new();
    if (zone && !dt_context_set(context, "dns", zone, error))
        return NULL;
    if (!dt_context_open(context, error))
        return NULL;
    return g_steal_pointer(&context);
}

/* The case takes the message over; the diagnosis borrows from the case and so goes first, at the
 * end of this block. */
static int
explain(dt_context *context, dt_message *message)
{
    g_autoptr(dt_case) subject = dt_case_new(context, message);
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(subject);
    printf("dmarc=%s\n", dt_case_verdict(subject));
    for (guint i = 0; i < dt_diagnosis_count(diagnosis); i++)
        printf("%s %s\n", dt_diagnosis_severity(diagnosis, i), dt_diagnosis_code(diagnosis, i));
    return dt_diagnosis_status(diagnosis);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: why [ZONE] MESSAGE\n");
        return 64;
    }
    g_autoptr(dt_context) context = open_context(argc == 3 ? argv[1] : NULL, &error);
    dt_message *message = context ? dt_message_read_file(argv[argc - 1], &error) : NULL;
    if (!message) {
        fprintf(stderr, "why: %s\n", error->message);
        return 70;
    }
    return explain(context, message);
}
