/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * For the tests of src/spf: a zone text, a client and an identity, evaluated.
 */
#ifndef DT_TEST_SPF_CASE_H
#define DT_TEST_SPF_CASE_H

#include "spf/spf.h"

typedef struct {
    dt_zone *zone;
    dt_source *source;
    dt_resolver *resolver;
    dt_spf *spf;
} spf_case;

static inline void
spf_case_clear(spf_case *c)
{
    dt_spf_free(c->spf);
    dt_resolver_free(c->resolver);
    dt_source_unref(c->source);
    dt_zone_unref(c->zone);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(spf_case, spf_case_clear)

static inline spf_case
spf_case_run(const char *zone, const dt_spf_input *input)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strconcat("$TTL 60\n", zone, NULL);
    spf_case c = { .zone = dt_zone_new() };
    dt_zone_read_text(c.zone, text, -1, "test", &error);
    g_assert_no_error(error);
    c.source = dt_source_new_zone(c.zone);
    c.resolver = dt_resolver_new(c.source, 10000);
    c.spf = dt_spf_evaluate(c.resolver, input);
    return c;
}

#endif
