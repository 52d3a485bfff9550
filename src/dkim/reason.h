/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The sentences of the reason table, private to src/dkim.
 */
#ifndef DT_DKIM_REASON_H
#define DT_DKIM_REASON_H

#include "dkim/dkim.h"

/* What the reason means when nothing more exact is known. */
const char *dt_dkim_reason_sentence(dt_dkim_reason reason);

#endif
