/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Verifying: by libopendkim, and directly where it cannot judge. Private to src/dkim.
 */
#ifndef DT_DKIM_VERIFY_H
#define DT_DKIM_VERIFY_H

#include "dkim/signature.h"

/* Longest of what libopendkim judges rightly (octets): h=, key, DKIM-Signature field; a body line
 * it would hold in memory. */
#define DT_LIBRARY_H_MAX         4095
#define DT_LIBRARY_KEY_MAX       980
#define DT_LIBRARY_SIGNATURE_MAX 65000
#define DT_LIBRARY_LINE_MAX      (16 * 1024 * 1024)

/* Sets signature and, with_body, body_hash of those of the signatures that libopendkim could judge;
 * the others stay untested. Each must have passed our own checks and have a key whose type fits. */
void dt_verify_by_library(dt_message *message, const dt_header_index *index, GPtrArray *signatures,
                          gboolean with_body);

#endif
