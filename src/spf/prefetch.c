/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which questions a record is going to ask (RFC 7208 section 5), announced before its terms are
 * evaluated one after the other, so that live questions go out together. Only what the walk will
 * come to unless an earlier question decides.
 */
#include "spf/walk.h"

#include <string.h>

/* The macro p would have to ask by itself. */
static gboolean
needs_question(const char *target)
{
    for (const char *p = target ? strstr(target, "%{") : NULL; p; p = strstr(p + 2, "%{"))
        if (p[2] == 'p' || p[2] == 'P')
            return TRUE;
    return FALSE;
}

static dt_rr_type
first_question(const dt_spf_walk *walk, dt_spf_term_kind kind)
{
    switch (kind) {
    case DT_TERM_INCLUDE:
    case DT_TERM_REDIRECT:
        return DT_RR_TXT;
    case DT_TERM_A:
        return dt_spf_address_type(walk);
    case DT_TERM_MX:
        return DT_RR_MX;
    case DT_TERM_PTR:
        return DT_RR_PTR;
    case DT_TERM_EXISTS:
        return DT_RR_A;
    case DT_TERM_UNKNOWN:
    case DT_TERM_ALL:
    case DT_TERM_IP4:
    case DT_TERM_IP6:
    case DT_TERM_EXP:
    case DT_TERM_MODIFIER:
        break;
    }
    return 0;
}

static char *
first_name(dt_spf_walk *walk, const dt_spf_term *term, const char *domain)
{
    if (term->kind == DT_TERM_PTR)
        return dt_spf_reverse_name(walk);
    if (!term->target)
        return g_strdup(domain);
    return needs_question(term->target) ? NULL : dt_spf_macro_name(walk, term->target, domain);
}

static gboolean
is_sure_match(const dt_spf_walk *walk, const dt_spf_term *term)
{
    return term->kind == DT_TERM_ALL || dt_spf_network_has(walk, term);
}

/* The terms that the walk will come to: indexes of those that ask, redirect last. */
static guint
choose_terms(const dt_spf_walk *walk, const dt_spf_record *record,
             const dt_spf_term *chosen[DT_SPF_MAX_LOOKUPS])
{
    guint count = 0, left = DT_SPF_MAX_LOOKUPS - MIN(walk->spf->lookup_count, DT_SPF_MAX_LOOKUPS);
    const dt_spf_term *redirect = NULL;
    for (guint i = 0; i < record->terms->len && count < left; i++) {
        const dt_spf_term *term = g_ptr_array_index(record->terms, i);
        if (is_sure_match(walk, term))
            return count;
        if (term->kind == DT_TERM_REDIRECT)
            redirect = term;
        else if (first_question(walk, term->kind))
            chosen[count++] = term;
    }
    if (redirect && count < left)
        chosen[count++] = redirect;
    return count;
}

void
dt_spf_prefetch_record(dt_spf_walk *walk, const dt_spf_record *record, const char *domain)
{
    const dt_spf_term *chosen[DT_SPF_MAX_LOOKUPS];
    dt_question questions[DT_SPF_MAX_LOOKUPS];
    char *names[DT_SPF_MAX_LOOKUPS];
    guint count = choose_terms(walk, record, chosen), asked = 0;
    if (count < 2)
        return;
    for (guint i = 0; i < count; i++) {
        names[i] = first_name(walk, chosen[i], domain);
        if (names[i])
            questions[asked++] = (dt_question){ names[i], first_question(walk, chosen[i]->kind) };
    }
    dt_resolver_prefetch(walk->resolver, questions, asked);
    for (guint i = 0; i < count; i++)
        g_free(names[i]);
}

void
dt_spf_prefetch_addresses(dt_spf_walk *walk, const dt_record *const *records, guint count)
{
    dt_question questions[DT_SPF_MAX_HOSTS];
    if (count < 2 || count > DT_SPF_MAX_HOSTS)
        return;
    for (guint i = 0; i < count; i++)
        questions[i] = (dt_question){ records[i]->target, dt_spf_address_type(walk) };
    dt_resolver_prefetch(walk->resolver, questions, count);
}
