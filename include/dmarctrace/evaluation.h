/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A case: one message with what the receiver recorded and what this library evaluates itself, all
 * DNS answers from one resolver. A context holds the configuration and the shared DNS source; once
 * set up it may be shared by threads. One case belongs to one thread. What a case hands out is
 * borrowed and lives as long as the case.
 */
#ifndef DMARCTRACE_EVALUATION_H
#define DMARCTRACE_EVALUATION_H

#include <dmarctrace/message.h>
#include <dmarctrace/resolver.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

typedef struct dt_context dt_context;
typedef struct dt_case dt_case;

/* Results whose structures are not part of the installed interface; use the report functions, or
 * the words below. */
struct dt_spf;
struct dt_dkim;
struct dt_arc;
struct dt_dmarc;

dt_context *dt_context_new(void);
void dt_context_free(dt_context *context);

/* Sets an option by the name it has on the command line, without dashes: "dns", "assume",
 * "dns-server", "timeout", "ip", "helo", "mail-from", "authserv-id", "at", "ses-mail-from",
 * "dkim-token", "dkim-token-region", "ses-identity", "region", "probe", "rua", "damage-search".
 * Repeatable ones add. Flags take "yes" or "no". DT_ERROR_USAGE: no such option or a value that is
 * none (the text names the option); DT_ERROR_NO_INPUT, DT_ERROR_DATA: a file that it names. */
gboolean dt_context_set(dt_context *context, const char *option, const char *value, GError **error);

/* Uses source instead of what "dns" and "dns-server" say. Takes a reference. */
void dt_context_set_source(dt_context *context, dt_source *source);

/* Opens the DNS source (files are read here) and checks that options fit together. Must be called
 * before the first case; afterwards the context is not changed any more. */
gboolean dt_context_open(dt_context *context, GError **error);

/* Evaluates message, which it takes over. Never NULL: what could not be evaluated is a value in the
 * results. */
dt_case *dt_case_new(dt_context *context, dt_message *message);

/* A case without a message: what the domain publishes (`domain`). name: canonical. */
dt_case *dt_case_new_domain(dt_context *context, const char *name);

void dt_case_free(dt_case *subject);

/* "pass", "fail", "none", "permerror", "temperror" of DMARC. */
const char *dt_case_verdict(const dt_case *subject);

/* What the believed results say of DMARC, lower case; NULL if nothing. */
const char *dt_case_recorded_verdict(const dt_case *subject);

dt_message *dt_case_message(const dt_case *subject); /* NULL for a domain */
dt_resolver *dt_case_resolver(const dt_case *subject);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_context, dt_context_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_case, dt_case_free)

#pragma GCC visibility pop
G_END_DECLS

#endif
