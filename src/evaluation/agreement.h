/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the evaluation folder: recorded results beside ours.
 */
#ifndef DT_EVALUATION_AGREEMENT_H
#define DT_EVALUATION_AGREEMENT_H

#include "evaluation/case.h"

/* Fills agreement and recorded_dmarc from the believed results. */
void dt_case_compare(dt_case *subject);
void dt_agreement_free(dt_agreement *agreement);

#endif
