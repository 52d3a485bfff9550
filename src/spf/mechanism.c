/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The mechanisms that compare addresses (RFC 7208 5.3 to 5.7: a, mx, ptr, ip4, ip6, exists), with
 * the void lookups of 4.6.4, and the validated name of 5.5 that ptr and the macro p share. include
 * and all are walk.c.
 */
#include "spf/walk.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/name.h"

dt_rr_type
dt_spf_address_type(const dt_spf_walk *walk)
{
    return walk->address_length == 4 ? DT_RR_A : DT_RR_AAAA;
}

static gboolean
prefix_equals(const guint8 *a, const guint8 *b, guint bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return FALSE;
    guint8 mask = 0xff00 >> bits % 8;
    return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

/* The prefix length that counts for this client. */
static guint
term_bits(const dt_spf_walk *walk, const dt_spf_term *term)
{
    gint given = walk->address_length == 4 ? term->cidr4 : term->cidr6;
    return given < 0 ? walk->address_length * 8 : (guint)given;
}

gboolean
dt_spf_network_has(const dt_spf_walk *walk, const dt_spf_term *term)
{
    return term->address_length == walk->address_length &&
           prefix_equals(term->address, walk->address, term_bits(walk, term));
}

static const dt_record *
find_address(const dt_spf_walk *walk, const dt_answer *answer, guint bits)
{
    for (guint i = 0; i < answer->record_count; i++) {
        const dt_record *record = &answer->records[i];
        if (record->length == walk->address_length &&
            prefix_equals((const guint8 *)record->data, walk->address, bits))
            return record;
    }
    return NULL;
}

static dt_spf_match
stop_dns(dt_spf_walk *walk, const dt_answer *answer, const dt_spf_term *term, dt_spf_step *step)
{
    const char *word = dt_dns_status_word(answer->status);
    dt_spf_step_say(step, "temperror", "%s %s: %s", answer->name, dt_rr_type_word(answer->type),
                    word);
    return dt_spf_walk_stop(walk, DT_SPF_FAULT_DNS, answer->name, term->text,
                            "the question %s %s for the term \"%.200s\" was not answered: %s",
                            answer->name, dt_rr_type_word(answer->type), term->text, word);
}

/* An answer that names nothing: RFC 7208 4.6.4 allows two of them. */
static dt_spf_match
count_void(dt_spf_walk *walk, const dt_answer *answer, const dt_spf_term *term, const char *domain,
           dt_spf_step *step)
{
    guint count = ++walk->spf->void_lookup_count;
    const char *word = answer->status == DT_DNS_NXDOMAIN ? "NXDOMAIN" : "no data";
    const char *type = dt_rr_type_word(answer->type);
    if (count <= DT_SPF_MAX_VOIDS) {
        dt_spf_step_say(step, "no match", "%s %s: %s (void %u of %u)", answer->name, type, word,
                        count, DT_SPF_MAX_VOIDS);
        return DT_SPF_NO_MATCH;
    }
    dt_spf_step_say(step, "permerror", "%s %s: %s (void %u, %u are allowed)", answer->name, type,
                    word, count, DT_SPF_MAX_VOIDS);
    return dt_spf_walk_stop(walk, DT_SPF_FAULT_VOID_LIMIT, domain, term->text,
                            "more than %u lookups found nothing, the last one for \"%.200s\" in "
                            "the SPF record of %s (%s %s: %s)",
                            DT_SPF_MAX_VOIDS, term->text, domain, answer->name, type, word);
}

static void
say_addresses(dt_spf_step *step, const dt_answer *answer)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < MIN(answer->record_count, 4); i++) {
        g_autofree char *text = dt_record_text(&answer->records[i], answer->type);
        g_string_append_printf(list, "%s%s", i ? ", " : "", text);
    }
    if (answer->record_count > 4)
        g_string_append(list, ", ...");
    dt_spf_step_say(step, "no match", "%s is %s", answer->name, list->str);
}

static dt_spf_match
match_host(dt_spf_walk *walk, const char *host, const dt_spf_term *term, const char *domain,
           dt_spf_step *step)
{
    const dt_answer *answer = dt_resolver_ask(walk->resolver, host, dt_spf_address_type(walk));
    if (dt_answer_is_failure(answer))
        return stop_dns(walk, answer, term, step);
    if (dt_answer_is_absent(answer))
        return count_void(walk, answer, term, domain, step);
    const dt_record *found = find_address(walk, answer, term_bits(walk, term));
    if (!found) {
        say_addresses(step, answer);
        return DT_SPF_NO_MATCH;
    }
    g_autofree char *text = dt_record_text(found, answer->type);
    dt_spf_step_say(step, NULL, "%s is %s, matches %s", host, text, walk->address_text);
    return DT_SPF_MATCH;
}

/* By preference, then by name, so that a report does not depend on the order of arrival. */
static int
compare_preference(gconstpointer a, gconstpointer b)
{
    const dt_record *x = *(const dt_record *const *)a, *y = *(const dt_record *const *)b;
    if (x->preference != y->preference)
        return x->preference < y->preference ? -1 : 1;
    return strcmp(x->target, y->target);
}

/* RFC 7208 5.4 and 4.6.4: ten hosts; the eleventh is a permerror when the walk comes to it. */
static dt_spf_match
match_mx(dt_spf_walk *walk, const char *name, const dt_spf_term *term, const char *domain,
         dt_spf_step *step)
{
    const dt_answer *answer = dt_resolver_ask(walk->resolver, name, DT_RR_MX);
    if (dt_answer_is_failure(answer))
        return stop_dns(walk, answer, term, step);
    if (dt_answer_is_absent(answer))
        return count_void(walk, answer, term, domain, step);
    g_autoptr(GPtrArray) hosts = g_ptr_array_new();
    for (guint i = 0; i < answer->record_count; i++)
        if (answer->records[i].target &&
            answer->records[i].target[0]) /* "." is RFC 7505's null MX */
            g_ptr_array_add(hosts, &answer->records[i]);
    g_ptr_array_sort(hosts, compare_preference);
    guint voids_before = walk->spf->void_lookup_count;
    dt_spf_prefetch_addresses(walk, (const dt_record *const *)hosts->pdata,
                              MIN(hosts->len, DT_SPF_MAX_HOSTS));
    for (guint i = 0; i < hosts->len && i < DT_SPF_MAX_HOSTS; i++) {
        const dt_record *host = g_ptr_array_index(hosts, i);
        dt_spf_match match = match_host(walk, host->target, term, domain, step);
        if (match != DT_SPF_NO_MATCH)
            return match;
    }
    if (hosts->len <= DT_SPF_MAX_HOSTS) {
        guint voids = walk->spf->void_lookup_count - voids_before;
        if (hosts->len != 1)
            dt_spf_step_say(step, "no match", "none of %u MX hosts of %s (%u without an address)",
                            hosts->len, name, voids);
        return DT_SPF_NO_MATCH;
    }
    dt_spf_step_say(step, "permerror", "%s has %u MX hosts, %u are allowed", name, hosts->len,
                    DT_SPF_MAX_HOSTS);
    return dt_spf_walk_stop(
        walk, DT_SPF_FAULT_MX_LIMIT, domain, term->text,
        "\"%.200s\" in the SPF record of %s leads to %u MX hosts of %s, %u are allowed", term->text,
        domain, hosts->len, name, DT_SPF_MAX_HOSTS);
}

char *
dt_spf_reverse_name(const dt_spf_walk *walk)
{
    GString *name = g_string_sized_new(80);
    for (guint i = walk->address_length; i-- > 0;) {
        guint octet = walk->address[i];
        if (walk->address_length == 4)
            g_string_append_printf(name, "%u.", octet);
        else
            g_string_append_printf(name, "%x.%x.", octet & 15, octet >> 4);
    }
    g_string_append(name, walk->address_length == 4 ? "in-addr.arpa" : "ip6.arpa");
    return g_string_free(name, FALSE);
}

/* 2: domain itself, 1: below it, 0: some other name. */
static guint
closeness(const char *name, const char *domain)
{
    if (strcmp(name, domain) == 0)
        return 2;
    return dt_name_is_within(name, domain);
}

/* A host name that leads back to the client. Names with \DDD are no host names. */
static gboolean
leads_back(dt_spf_walk *walk, const char *name)
{
    if (!name || !name[0] || strchr(name, '\\'))
        return FALSE;
    const dt_answer *answer = dt_resolver_ask(walk->resolver, name, dt_spf_address_type(walk));
    return find_address(walk, answer, walk->address_length * 8) != NULL;
}

char *
dt_spf_validated_name(dt_spf_walk *walk, const char *domain, gboolean must_be_below,
                      dt_dns_status *status_out)
{
    g_autofree char *reverse = dt_spf_reverse_name(walk);
    const dt_answer *answer = dt_resolver_ask(walk->resolver, reverse, DT_RR_PTR);
    if (status_out)
        *status_out = answer->status;
    guint count = MIN(answer->record_count, DT_SPF_MAX_HOSTS);
    /* The closest first: what decides is found with the fewest questions. */
    for (gint wanted = 2; wanted >= (must_be_below ? 1 : 0); wanted--)
        for (guint i = 0; i < count; i++) {
            const char *name = answer->records[i].target;
            if (name && closeness(name, domain) == (guint)wanted && leads_back(walk, name))
                return g_strdup(name);
        }
    return NULL;
}

/* RFC 7208 5.5: failures here are no match, never an error. */
static dt_spf_match
match_ptr(dt_spf_walk *walk, const char *name, dt_spf_step *step)
{
    dt_dns_status status;
    g_autofree char *found = dt_spf_validated_name(walk, name, TRUE, &status);
    if (found) {
        dt_spf_step_say(step, NULL, "%s is a name of %s", found, walk->address_text);
        return DT_SPF_MATCH;
    }
    if (status == DT_DNS_OK)
        dt_spf_step_say(step, "no match", "no name of %s within %s", walk->address_text, name);
    else
        dt_spf_step_say(step, "no match", "%s has no name (%s)", walk->address_text,
                        dt_dns_status_word(status));
    return DT_SPF_NO_MATCH;
}

/* RFC 7208 5.7: always A, whatever the client's family. */
static dt_spf_match
match_exists(dt_spf_walk *walk, const char *name, const dt_spf_term *term, const char *domain,
             dt_spf_step *step)
{
    const dt_answer *answer = dt_resolver_ask(walk->resolver, name, DT_RR_A);
    if (dt_answer_is_failure(answer))
        return stop_dns(walk, answer, term, step);
    if (dt_answer_is_absent(answer))
        return count_void(walk, answer, term, domain, step);
    dt_spf_step_say(step, NULL, "%s exists", name);
    return DT_SPF_MATCH;
}

static dt_spf_match
match_network(const dt_spf_walk *walk, const dt_spf_term *term, dt_spf_step *step)
{
    if (!dt_spf_network_has(walk, term)) {
        dt_spf_step_say(step, "no match", NULL);
        return DT_SPF_NO_MATCH;
    }
    dt_spf_step_say(step, NULL, "matches %s", walk->address_text);
    return DT_SPF_MATCH;
}

dt_spf_match
dt_spf_mechanism_match(dt_spf_walk *walk, const dt_spf_term *term, const char *domain,
                       dt_spf_step *step)
{
    if (term->kind == DT_TERM_IP4 || term->kind == DT_TERM_IP6)
        return match_network(walk, term, step);
    g_autofree char *name =
        term->target ? dt_spf_macro_name(walk, term->target, domain) : g_strdup(domain);
    if (!name) { /* RFC 7208 4.8: such a name cannot exist */
        dt_spf_step_say(step, "no match", "the name it gives cannot exist");
        return DT_SPF_NO_MATCH;
    }
    if (term->kind == DT_TERM_A)
        return match_host(walk, name, term, domain, step);
    if (term->kind == DT_TERM_MX)
        return match_mx(walk, name, term, domain, step);
    if (term->kind == DT_TERM_PTR)
        return match_ptr(walk, name, step);
    return match_exists(walk, name, term, domain, step);
}
