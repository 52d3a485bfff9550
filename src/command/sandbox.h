/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Giving up what a long-running reader of hostile mail does not need.
 */
#ifndef DT_COMMAND_SANDBOX_H
#define DT_COMMAND_SANDBOX_H

#include <glib.h>

/* What is still needed after the input is open. */
typedef struct {
    gboolean asks_dns;    /* questions leave the machine: sockets stay */
    const char *save_dns; /* a file that is written at the end; NULL none */
} dt_sandbox_needs;

/* From here on for this process, all threads to come, and for good: no other program, no look into
 * other processes, no change of files outside the temporary folder (and that of save_dns), no
 * network unless asked for. What is refused gives EPERM or EACCES. As much of it as kernel and
 * build know; where they know nothing it is FALSE, and nothing is changed. To be called before
 * threads are made. */
gboolean dt_sandbox_enter(const dt_sandbox_needs *needs);

#endif
