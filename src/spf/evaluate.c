/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One SPF evaluation: which identity is checked (RFC 7208 2.4, 4.1, 4.3), the walk, and the
 * explanation (6.2). The walk itself is walk.c; how the result counts for DMARC is not known here.
 */
#include "spf/walk.h"

#include <string.h>

#include "base/name.h"
#include "base/text.h"

/* The domain as it was given, for an identity that has no name to check: lower case, NULL if it is
 * not even host-like. */
static char *
hostlike_domain(const char *domain)
{
    gsize length = strlen(domain);
    if (length == 0 || length > DT_SPF_MAX_INPUT)
        return NULL;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(domain[i]) && !strchr("-_.", domain[i]))
            return NULL;
    return g_ascii_strdown(domain, -1);
}

/* RFC 7208 4.3: a name of several labels, nothing malformed, no address literal. */
static const char *
domain_fault(const char *domain, const char *name)
{
    if (!*domain)
        return "empty, no domain name";
    if (strlen(domain) > DT_SPF_MAX_INPUT)
        return "too long for a domain name";
    if (domain[0] == '[')
        return "an address literal, no domain name";
    if (!name)
        return "malformed, no domain name";
    return strchr(name, '.') ? NULL : "a single label, no full domain name";
}

/* Where the domain begins must be certain: an @ or an angle bracket outside of quotes is read in
 * different ways. Other letters than RFC 5321 4.1.2 allows do no harm. */
static const char *
local_fault(const char *local, const char *end)
{
    gboolean is_quoted = FALSE;
    for (; local < end; local++) {
        if (is_quoted && *local == '\\' && local + 1 < end)
            local++;
        else if (*local == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && strchr("@<>", *local))
            return "malformed, no address";
    }
    return is_quoted ? "malformed, no address" : NULL;
}

static gboolean
is_null_sender(const char *mail_from)
{
    return !mail_from || !*mail_from || strcmp(mail_from, "<>") == 0;
}

/* Sets the identity. Returns the name to check, or NULL with the result none. */
static char *
choose_identity(dt_spf_walk *walk)
{
    const dt_spf_input *input = walk->input;
    dt_spf *spf = walk->spf;
    spf->is_helo = is_null_sender(input->mail_from);
    const char *whole = spf->is_helo ? input->helo : input->mail_from;
    const char *at = spf->is_helo ? NULL : strrchr(whole, '@');
    const char *domain = at ? at + 1 : whole;
    gboolean is_long = strlen(whole) > DT_SPF_MAX_INPUT;
    g_autofree char *name = is_long ? NULL : dt_name_from_mail(domain);
    const char *fault = is_long ? "too long for SMTP" : domain_fault(domain, name);
    fault = !fault && at ? local_fault(whole, at) : fault;
    spf->domain = name ? g_strdup(name) : hostlike_domain(domain);
    if (fault) {
        dt_spf_step_say(dt_spf_walk_step(walk, spf->domain ? spf->domain : "",
                                         spf->is_helo ? "HELO" : "MAIL FROM"),
                        "none", "%s", fault);
        return NULL;
    }
    walk->sender_domain = dt_name_to_octets(name, NULL);
    walk->local_part = at && at > whole ? g_strndup(whole, at - whole) : g_strdup("postmaster");
    return g_steal_pointer(&name);
}

static char *
fetch_explanation(dt_spf_walk *walk, const char **why_out)
{
    g_autofree char *name = dt_spf_macro_name(walk, walk->exp_target, walk->exp_domain);
    *why_out = "its name cannot exist";
    if (!name)
        return NULL;
    const dt_answer *answer = dt_resolver_ask(walk->resolver, name, DT_RR_TXT);
    *why_out = answer->status == DT_DNS_OK ? "several TXT records" : "no text there";
    if (answer->status != DT_DNS_OK || answer->record_count != 1)
        return NULL;
    *why_out = "the text is malformed, too long, or not ASCII";
    return dt_spf_macro_explanation(walk, answer->records[0].data, answer->records[0].length,
                                    walk->exp_domain);
}

/* RFC 7208 6.2: whatever goes wrong here, the result stays. */
static void
explain(dt_spf_walk *walk)
{
    const char *why = NULL;
    walk->spf->explanation = fetch_explanation(walk, &why);
    g_autofree char *term = g_strconcat("exp=", walk->exp_target, NULL);
    dt_spf_step *step = dt_spf_walk_step(walk, walk->exp_domain, term);
    dt_spf_step_say(step, walk->spf->explanation ? "explanation" : "ignored", "%s",
                    walk->spf->explanation ? walk->spf->explanation : why);
}

static void
walk_clear(dt_spf_walk *walk)
{
    g_ptr_array_unref(walk->stack);
    g_ptr_array_unref(walk->accepted);
    g_free(walk->address_text);
    g_free(walk->local_part);
    g_free(walk->sender_domain);
    g_free(walk->exp_target);
    g_free(walk->exp_domain);
    if (walk->spare_step)
        dt_spf_step_free(walk->spare_step);
}

static void
evaluate_identity(dt_spf_walk *walk)
{
    dt_spf *spf = walk->spf;
    g_autofree char *name = choose_identity(walk);
    spf->result = name ? dt_spf_walk_domain(walk, name, FALSE) : DT_SPF_NONE;
    if (spf->result == DT_SPF_FAIL && walk->exp_target)
        explain(walk);
    if (walk->spare_step) {
        dt_spf_step *step = g_new0(dt_spf_step, 1);
        step->domain = g_strdup(spf->domain);
        dt_spf_step_say(step, "cut", "only the first %u steps are shown; evaluation went on",
                        DT_SPF_MAX_STEPS);
        g_ptr_array_add(spf->trace, step);
    }
    if (name && walk->input->with_libspf2)
        dt_spf_crosscheck(walk);
}

dt_spf *
dt_spf_evaluate(dt_resolver *resolver, const dt_spf_input *input)
{
    dt_spf *spf = g_new0(dt_spf, 1);
    spf->via = g_ptr_array_new_with_free_func(g_free);
    spf->trace = g_ptr_array_new_with_free_func(dt_spf_step_free);
    dt_spf_walk walk = { .resolver = resolver, .input = input, .spf = spf };
    walk.address_length = dt_text_ip_octets(input->ip, walk.address);
    if (walk.address_length == 0 || (is_null_sender(input->mail_from) && !input->helo))
        return spf;
    walk.address_text = dt_text_ip(input->ip);
    walk.stack = g_ptr_array_new_with_free_func(g_free);
    walk.accepted = g_ptr_array_new();
    evaluate_identity(&walk);
    walk_clear(&walk);
    return spf;
}
