/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What stands at selector._domainkey.domain, where Easy DKIM wants a CNAME into a zone of SES: for
 * each signature of the author with such a selector, and for each token that the user knows. Only
 * where there is no key are further names asked for: those at which the record usually ended up
 * instead, and the zones where SES may keep the key. Only NXDOMAIN and NODATA prove absence.
 */
#include "diagnosis/cause.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define MAX_TOKENS 12
#define MAX_ZONES  32

static void
state_free(gpointer data)
{
    dt_selector_state *state = data;
    g_free(state->selector);
    g_free(state->domain);
    g_free(state->name);
    g_free(state->wrong_name);
    g_free(state->old_target);
    g_free(state->zone);
    g_free(state);
}

/* ---- what an answer holds ------------------------------------------------------------------ */

/* A text that is a key record (RFC 6376 3.6.1), readable or not. */
static gboolean
has_key(const dt_answer *answer)
{
    for (guint i = 0; i < answer->record_count; i++) {
        const dt_dkim_key *key = dt_dkim_key_of_record(&answer->records[i]);
        if (key->fault != DT_REASON_NO_KEY && dt_text_contains(answer->records[i].data, "p="))
            return TRUE;
    }
    return FALSE;
}

/* Where the name leads: the first target of its CNAME; NULL if it has none. */
static const char *
first_target(dt_view *view, const dt_answer *answer)
{
    if (answer->cname && answer->cname[0])
        return answer->cname[0];
    if (!dt_answer_is_absent(answer))
        return NULL;
    const dt_answer *cname = dt_view_ask(view, answer->name, DT_RR_CNAME);
    return cname->record_count ? cname->records[0].target : NULL;
}

/* dkim.amazonses.com or dkim.REGION.amazonses.com, with further labels of a cell in between. */
static gboolean
is_ses_zone(const char *zone)
{
    return dt_text_has_prefix(zone, "dkim.") && dt_name_is_within(zone, "amazonses.com");
}

/* The zone in SELECTOR.ZONE when ZONE is one of SES; NULL if target is not of that form. */
static const char *
zone_of_target(const char *target, const char *selector)
{
    gsize length = strlen(selector);
    if (strncmp(target, selector, length) != 0 || target[length] != '.')
        return NULL;
    return is_ses_zone(target + length + 1) ? target + length + 1 : NULL;
}

/* SELECTOR.ZONE.anything: the zone file appended its own origin. The zone as new string, NULL if it
 * is not that. */
static char *
zone_made_relative(const char *target, const char *selector)
{
    const char *end = strstr(target, ".amazonses.com.");
    if (!end)
        return NULL;
    g_autofree char *whole = g_strndup(target, end - target + strlen(".amazonses.com"));
    return g_strdup(zone_of_target(whole, selector));
}

/* Does any name of the chain hold the key of this selector at SES? An alias of one's own in between
 * is no fault. */
static gboolean
leads_to_ses(const dt_answer *answer, const char *selector)
{
    for (char **name = answer->cname; name && *name; name++)
        if (zone_of_target(*name, selector))
            return TRUE;
    return FALSE;
}

/* ---- zones of SES -------------------------------------------------------------------------- */

static const char *
zone_by_identity(const dt_view *view)
{
    const dt_ses_identity *file = view->subject->context->identity;
    return file ? file->signing_hosted_zone : NULL;
}

static void
add_zone(GPtrArray *zones, const char *zone)
{
    if (zones->len < MAX_ZONES && !g_ptr_array_find_with_equal_func(zones, zone, g_str_equal, NULL))
        g_ptr_array_add(zones, g_strdup(zone));
}

/* The zone of all regions and that of each region in question; all: every further one that is
 * known. */
static GPtrArray *
list_zones(const dt_view *view, gboolean all)
{
    const char *regions[] = { view->region, view->subject->context->dkim_token_region };
    GPtrArray *zones = g_ptr_array_new_with_free_func(g_free);
    add_zone(zones, "dkim.amazonses.com");
    for (guint i = 0; i < G_N_ELEMENTS(regions); i++) {
        g_autofree char *zone =
            regions[i] ? g_strdup_printf("dkim.%s.amazonses.com", regions[i]) : NULL;
        if (zone)
            add_zone(zones, zone);
    }
    g_autofree const char **known = all ? dt_ses_hosted_zones(view->region) : NULL;
    for (guint i = 0; known && known[i]; i++)
        add_zone(zones, known[i]);
    return zones;
}

/* The first zone but not `other` where SES answers for the selector with a key; NULL if there is
 * none. Caller frees. */
static char *
find_zone(dt_view *view, dt_selector_state *state, const char *other, gboolean all)
{
    g_autoptr(GPtrArray) zones = list_zones(view, all);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    dt_question questions[MAX_ZONES];
    guint count = 0;
    for (guint i = 0; i < zones->len; i++) {
        g_ptr_array_add(names, dt_name_join(state->selector, zones->pdata[i]));
        if (names->pdata[i])
            questions[count++] = (dt_question){ names->pdata[i], DT_RR_TXT };
    }
    dt_resolver_prefetch(view->resolver, questions, count);
    for (guint i = 0; i < zones->len; i++) {
        if (!names->pdata[i] || g_strcmp0(zones->pdata[i], other) == 0)
            continue;
        const dt_answer *answer = dt_view_ask(view, names->pdata[i], DT_RR_TXT);
        if (!has_key(answer))
            continue;
        state->deciding = answer;
        return g_strdup(zones->pdata[i]);
    }
    return NULL;
}

static void
set_zone(dt_selector_state *state, const char *zone, gboolean is_known)
{
    g_free(state->zone);
    state->zone = g_strdup(zone);
    state->zone_is_known = zone && is_known;
}

/* Where the CNAME must lead: as SES says, else where the key answers. */
static void
learn_zone(dt_view *view, dt_selector_state *state)
{
    const dt_answer *deciding = state->deciding;
    const char *said = zone_by_identity(view);
    g_autofree char *found = said ? NULL : find_zone(view, state, NULL, FALSE);
    set_zone(state, said ? said : found, TRUE);
    state->deciding = deciding;
}

/* ---- a CNAME that is there ----------------------------------------------------------------- */

/* The CNAME leads to where SES would keep the key, and nothing is there. */
static dt_selector_fault
judge_empty_zone(dt_view *view, dt_selector_state *state, const char *zone)
{
    const char *said = zone_by_identity(view);
    if (said && strcmp(said, zone) != 0) {
        set_zone(state, said, TRUE);
        return DT_SELECTOR_WRONG_ZONE;
    }
    g_autofree char *better = said ? NULL : find_zone(view, state, zone, TRUE);
    set_zone(state, better ? better : zone, better || said);
    return better ? DT_SELECTOR_WRONG_ZONE : DT_SELECTOR_MISSING;
}

static dt_selector_fault
judge_wrong_target(dt_view *view, dt_selector_state *state)
{
    g_autofree char *relative = zone_made_relative(state->old_target, state->selector);
    learn_zone(view, state);
    if (relative && !state->zone)
        set_zone(state, relative, FALSE);
    return DT_SELECTOR_WRONG_TARGET;
}

/* There is no key behind the CNAME. */
static dt_selector_fault
judge_dangling(dt_view *view, dt_selector_state *state)
{
    const char *zone = zone_of_target(state->old_target, state->selector);
    return zone ? judge_empty_zone(view, state, zone) : judge_wrong_target(view, state);
}

/* ---- nothing at the name: where is it instead ---------------------------------------------- */

/* Is there a record meant for this selector: a key, or a CNAME into SES? */
static gboolean
is_stray(dt_view *view, dt_selector_state *state, const char *name)
{
    const dt_answer *answer = dt_view_ask(view, name, DT_RR_TXT);
    const char *target = first_target(view, answer);
    gboolean is_here = has_key(answer) || (target && strstr(target, "amazonses.com"));
    if (!is_here)
        return FALSE;
    const dt_answer *cname = target ? dt_view_ask(view, name, DT_RR_CNAME) : NULL;
    state->deciding = cname && cname->record_count ? cname : answer;
    g_free(state->wrong_name);
    state->wrong_name = g_strdup(name);
    return TRUE;
}

static gboolean
is_doubled(dt_view *view, dt_selector_state *state, const char *zone)
{
    g_autofree char *name = dt_name_join(state->name, zone);
    return name && is_stray(view, state, name);
}

static gboolean
lost_underscore(dt_view *view, dt_selector_state *state)
{
    g_autofree char *label = g_strconcat(state->selector, ".domainkey", NULL);
    g_autofree char *name = dt_name_join(label, state->domain);
    return name && is_stray(view, state, name);
}

/* An address at the name itself, not one that a wildcard gives to every name. */
static gboolean
has_address(dt_view *view, dt_selector_state *state, dt_rr_type type)
{
    const dt_answer *answer = dt_view_ask(view, state->name, type);
    if (answer->status != DT_DNS_OK || dt_view_is_from_wildcard(view, answer))
        return FALSE;
    state->deciding = answer;
    return TRUE;
}

static void
announce(dt_view *view, const dt_selector_state *state)
{
    g_autofree char *doubled = dt_name_join(state->name, state->domain);
    g_autofree char *label = g_strconcat(state->selector, ".domainkey", NULL);
    g_autofree char *bare = dt_name_join(label, state->domain);
    dt_question questions[4];
    guint count = 0;
    if (doubled)
        questions[count++] = (dt_question){ doubled, DT_RR_TXT };
    if (bare)
        questions[count++] = (dt_question){ bare, DT_RR_TXT };
    if (state->answer->status == DT_DNS_NODATA) {
        questions[count++] = (dt_question){ state->name, DT_RR_A };
        questions[count++] = (dt_question){ state->name, DT_RR_AAAA };
    }
    dt_resolver_prefetch(view->resolver, questions, count);
}

static dt_selector_fault
find_instead(dt_view *view, dt_selector_state *state)
{
    const char *org = dt_name_psl_org_domain(state->domain);
    announce(view, state);
    if (is_doubled(view, state, state->domain) ||
        (strcmp(org, state->domain) != 0 && is_doubled(view, state, org)))
        return DT_SELECTOR_DOUBLED;
    if (lost_underscore(view, state))
        return DT_SELECTOR_NO_UNDERSCORE;
    if (state->answer->status != DT_DNS_NXDOMAIN &&
        (has_address(view, state, DT_RR_A) || has_address(view, state, DT_RR_AAAA)))
        return DT_SELECTOR_PROXIED;
    return DT_SELECTOR_MISSING;
}

/* ---- one selector -------------------------------------------------------------------------- */

static gboolean
passes(const dt_view *view, const dt_selector_state *state)
{
    return state->signature >= 0 &&
           dt_view_signature(view, state->signature)->result == DT_DKIM_PASS;
}

/* A text at the name itself: what does SES publish for the selector now? deciding stays NULL where
 * DNS failed. */
static dt_selector_fault
judge_copy(dt_view *view, dt_selector_state *state)
{
    learn_zone(view, state);
    const char *zone = state->zone ? state->zone : "dkim.amazonses.com";
    const dt_answer *live = dt_view_ask_below(view, state->selector, zone, DT_RR_TXT);
    state->deciding = dt_answer_is_failure(live) ? NULL : live;
    return DT_SELECTOR_TXT_COPY;
}

static dt_selector_fault
judge_key(dt_view *view, dt_selector_state *state)
{
    const char *target = first_target(view, state->answer);
    if (!target)
        return judge_copy(view, state);
    if (passes(view, state) || zone_of_target(target, state->selector) ||
        leads_to_ses(state->answer, state->selector))
        return DT_SELECTOR_OK;
    state->old_target = g_strdup(target);
    return judge_wrong_target(view, state);
}

static dt_selector_fault
judge(dt_view *view, dt_selector_state *state)
{
    if (!state->answer || dt_answer_is_failure(state->answer))
        return DT_SELECTOR_UNREACHABLE;
    if (has_key(state->answer))
        return judge_key(view, state);
    state->old_target = g_strdup(first_target(view, state->answer));
    if (state->old_target)
        return judge_dangling(view, state);
    dt_selector_fault fault = find_instead(view, state);
    learn_zone(view, state);
    return fault;
}

static void
add_state(dt_view *view, GPtrArray *states, const char *selector, const char *domain,
          gint signature, gboolean is_token)
{
    g_autofree char *label = g_strconcat(selector, "._domainkey", NULL);
    g_autofree char *name = dt_name_join(label, domain);
    if (!name)
        return;
    dt_selector_state *state = g_new0(dt_selector_state, 1);
    state->selector = g_ascii_strdown(selector, -1);
    state->domain = g_strdup(domain);
    state->name = g_steal_pointer(&name);
    state->signature = signature;
    state->is_token = is_token;
    state->answer = dt_view_ask(view, state->name, DT_RR_TXT);
    state->fault = judge(view, state);
    g_ptr_array_add(states, state);
}

/* ---- all of a case ------------------------------------------------------------------------- */

static gboolean
is_token(const dt_view *view, const char *selector)
{
    for (guint i = 0; i < view->tokens->len; i++)
        if (dt_text_equal(view->tokens->pdata[i], selector))
            return TRUE;
    return FALSE;
}

static gboolean
is_listed(const GPtrArray *states, const char *selector)
{
    for (guint i = 0; i < states->len; i++)
        if (dt_text_equal(((const dt_selector_state *)states->pdata[i])->selector, selector))
            return TRUE;
    return FALSE;
}

/* The domain that the tokens belong to. Nothing says whether SES knows the author domain or the
 * organization's above it: the one at which a token stands. */
static const char *
domain_of_tokens(dt_view *view)
{
    const char *domain = view->identity_domain ? view->identity_domain : view->author;
    const dt_ses_identity *file = view->subject->context->identity;
    gboolean is_said = (file && file->name) || dt_view_has_own_signature(view);
    if (!domain || !view->org || is_said || strcmp(domain, view->org) == 0)
        return domain;
    for (guint i = 0; i < view->tokens->len && i < MAX_TOKENS; i++) {
        g_autofree char *label = g_strconcat(view->tokens->pdata[i], "._domainkey", NULL);
        const dt_answer *below = dt_view_ask_below(view, label, domain, DT_RR_TXT);
        const dt_answer *above = dt_view_ask_below(view, label, view->org, DT_RR_TXT);
        if (dt_answer_is_absent(below) && !below->cname &&
            (above->status == DT_DNS_OK || above->cname))
            return view->org;
    }
    return domain;
}

static void
announce_tokens(dt_view *view, const char *domain)
{
    char *names[MAX_TOKENS];
    dt_question questions[MAX_TOKENS] = { { NULL, 0 } };
    guint count = 0;
    for (guint i = 0; i < view->tokens->len && count < MAX_TOKENS; i++) {
        g_autofree char *label = g_strconcat(view->tokens->pdata[i], "._domainkey", NULL);
        if ((names[count] = dt_name_join(label, domain))) {
            questions[count] = (dt_question){ names[count], DT_RR_TXT };
            count++;
        }
    }
    dt_resolver_prefetch(view->resolver, questions, count);
    for (guint i = 0; i < count; i++)
        g_free(names[i]);
}

GPtrArray *
dt_selector_states(dt_view *view)
{
    GPtrArray *states = g_ptr_array_new_with_free_func(state_free);
    if (!view->author || !view->is_ses)
        return states;
    for (guint i = 0; i < MIN(dt_view_signature_count(view), DT_MAX_SIGNATURES); i++) {
        const dt_dkim_signature *signature = dt_view_signature(view, i);
        if (signature->s && signature->domain && dt_ses_is_easy_dkim_selector(signature->s) &&
            !dt_view_is_amazon_signature(signature) && dt_view_is_own_signature(view, i) &&
            !is_listed(states, signature->s))
            add_state(view, states, signature->s, signature->domain, i,
                      is_token(view, signature->s));
    }
    const char *domain = view->tokens->len && !view->is_freemail ? domain_of_tokens(view) : NULL;
    if (!domain)
        return states;
    announce_tokens(view, domain);
    for (guint i = 0; i < view->tokens->len && i < MAX_TOKENS; i++)
        if (!is_listed(states, view->tokens->pdata[i]))
            add_state(view, states, view->tokens->pdata[i], domain, -1, TRUE);
    return states;
}
