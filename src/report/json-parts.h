/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: the parts of the JSON contract that several objects share.
 */
#ifndef DT_REPORT_JSON_PARTS_H
#define DT_REPORT_JSON_PARTS_H

#include "diagnosis/finding.h"
#include "report/json-writer.h"

#define DT_JSON_SCHEMA 1

/* "schema" and "tool" at the head of every object. */
void dt_json_head(dt_json *json);

/* A domain as canonical name, and KEY_unicode behind it where that differs. */
void dt_json_domain(dt_json *json, const char *key, const char *name);
void dt_json_spf(dt_json *json, const dt_spf *spf, const dt_spf_input *input,
                 const dt_inputs *inputs, const dt_identifier *identifier);
void dt_json_dmarc(dt_json *json, const dt_dmarc *dmarc);
void dt_json_aligned(dt_json *json, const dt_identifier *identifier);
void dt_json_causes(dt_json *json, const dt_diagnosis *diagnosis);
void dt_json_plan(dt_json *json, const dt_diagnosis *diagnosis);
void dt_json_dns(dt_json *json, const dt_resolver *resolver);

#endif
