/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Asking a resolver, for the folders that evaluate: one question, several at once, and the log of
 * what was asked.
 */
#ifndef DT_DNS_ASK_H
#define DT_DNS_ASK_H

#include <dmarctrace/resolver.h>
#include "dns/answer.h"

typedef struct {
    const char *name;
    dt_rr_type type;
} dt_question;

/* name: canonical. Never NULL; borrowed, valid while the resolver lives. A name that cannot be
 * asked (NULL, too long, empty label) gives NXDOMAIN and is not logged. Past the question limit or
 * the time budget: TIMEOUT. Asking again gives the same answer. */
const dt_answer *dt_resolver_ask(dt_resolver *resolver, const char *name, dt_rr_type type);

/* Announces questions that will be asked: live ones go out at the same time. Nothing is logged
 * until they are asked. */
void dt_resolver_prefetch(dt_resolver *resolver, const dt_question *questions, guint count);

/* The answers in the order they were first asked for; an overlay view lists its own (assumed) ones
 * only. */
guint dt_resolver_log_count(const dt_resolver *resolver);
const dt_answer *dt_resolver_log_get(const dt_resolver *resolver, guint index);

/* Was the limit of questions or the time budget reached? */
gboolean dt_resolver_was_cut(const dt_resolver *resolver);

/* Would changes of the overlay view alter the answer to this question? FALSE for a resolver without
 * overlay. Asks the parent if it must. */
gboolean dt_resolver_is_changed(dt_resolver *resolver, const char *name, dt_rr_type type);

/* "libunbound 1.17.1" if it is loaded or can be, else NULL: for --version. */
const char *dt_dns_library_version(void);

/* The resolver that an overlay view stands over, else NULL. */
dt_resolver *dt_resolver_parent(dt_resolver *resolver);

#endif
