/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Judging a key for one signature, private to src/dkim.
 */
#ifndef DT_DKIM_KEY_H
#define DT_DKIM_KEY_H

#include "dkim/dkim.h"

#define DT_KEY_BITS_MIN 1024 /* RFC 8301 3.2 */

/* Why the key is of no use to a signature of this algorithm (RFC 6376 6.1.2, in its order), or
 * DT_REASON_OK. DT_ALGORITHM_UNKNOWN: to any that is made today. */
dt_dkim_reason dt_dkim_key_judge(const dt_dkim_key *key, dt_algorithm algorithm);

#endif
