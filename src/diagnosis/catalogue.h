/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the diagnosis folder: the list of all causes.
 */
#ifndef DT_DIAGNOSIS_CATALOGUE_H
#define DT_DIAGNOSIS_CATALOGUE_H

#include "diagnosis/cause.h"

const dt_cause *dt_catalogue_cause(guint index);         /* NULL past the end */
const dt_cause *const *dt_catalogue_family(guint index); /* NULL-terminated; NULL past the end */

/* What a placeholder means where no message fills it; NULL for a name that causes bind themselves.
 */
const char *dt_placeholder_words(const char *name, gsize length);

#endif
