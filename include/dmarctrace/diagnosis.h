/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Why a case has the verdict it has: findings by stable code, each with evidence, a fix and, where
 * it can be computed, a proof; and the shortest ways to dmarc=pass. A diagnosis borrows from its
 * case, which must outlive it.
 */
#ifndef DMARCTRACE_DIAGNOSIS_H
#define DMARCTRACE_DIAGNOSIS_H

#include <dmarctrace/evaluation.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

typedef struct dt_diagnosis dt_diagnosis;

/* Never NULL. May ask further DNS questions, within the case's time budget. */
dt_diagnosis *dt_diagnose(const dt_case *subject);
void dt_diagnosis_free(dt_diagnosis *diagnosis);

/* Findings in report order: what blocks first. */
guint dt_diagnosis_count(const dt_diagnosis *diagnosis);
/* "ses-mailfrom-default" */
const char *dt_diagnosis_code(const dt_diagnosis *diagnosis, guint index);
/* "blocks", "risk", "note" */
const char *dt_diagnosis_severity(const dt_diagnosis *diagnosis, guint index);

/* 0 pass, 1 fail, 2 none, 3 permerror, 4 temperror, 5 not reproducible: explain's exit status for
 * one message; for a domain 0 to 3 as the contract says. */
int dt_diagnosis_status(const dt_diagnosis *diagnosis);

/* 1: pass on record and here, every signature verifying; 0: fails here for reasons of the copy or
 * of a rotated key; -1 neither. */
int dt_diagnosis_reproducible(const dt_diagnosis *diagnosis);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_diagnosis, dt_diagnosis_free)

#pragma GCC visibility pop
G_END_DECLS

#endif
