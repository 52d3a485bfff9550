/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Trouble of the program: what a GError of this library can mean. Outcomes of a protocol (none,
 * temperror, no-key, NXDOMAIN) are never errors; they are values in results.
 */
#ifndef DMARCTRACE_ERROR_H
#define DMARCTRACE_ERROR_H

#include <glib.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

#define DT_ERROR (dt_error_quark())

/* One class of trouble each; the command line gives each one exit status of sysexits(3). */
typedef enum {
    DT_ERROR_USAGE = 1, /* a wrong option value: exit 64 */
    DT_ERROR_DATA,      /* input is no message, no zone file, not what it should be: 65 */
    DT_ERROR_NO_INPUT,  /* a file cannot be opened: 66 */
    DT_ERROR_INTERNAL,  /* a library refused what must work: 70 */
    DT_ERROR_CREATE,    /* an output file cannot be created: 73 */
    DT_ERROR_IO,        /* reading or writing failed: 74 */
    DT_ERROR_TEMPORARY, /* may work later, as no name server configured: 75 */
} dt_error;

GQuark dt_error_quark(void);

#pragma GCC visibility pop
G_END_DECLS

#endif
