/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What libspf2 says to the same question: the only place that knows it. It gets its DNS answers
 * from our resolver and is asked only what our strict walk (walk.c) has found well formed, because
 * its parsers are not fit for hostile records. exp= texts never reach it: its macro compiler
 * overflows the stack on some of them.
 */
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <string.h>

#include <spf2/spf.h>

#include "base/name.h"
#include "spf/walk.h"

#define LONG_RECORD 1000 /* octets from which on it has been seen to lose the end */
/* Longer ones are not handed to it: no sender has them, and its buffers are its own affair. */
#define MAX_RECORD 4096

/* One evaluation: what the lookup function is handed. */
typedef struct {
    dt_spf_walk *walk;
    gboolean is_unfit; /* a record too long, or one that our walk did not come to and that does not
                          parse */
} cross;

static SPF_dns_stat_t
host_errno(dt_dns_status status)
{
    switch (status) {
    case DT_DNS_OK:
        return NETDB_SUCCESS;
    case DT_DNS_NODATA:
        return NO_DATA;
    case DT_DNS_NXDOMAIN:
        return HOST_NOT_FOUND;
    case DT_DNS_SERVFAIL:
    case DT_DNS_TIMEOUT:
    case DT_DNS_UNKNOWN:
        break;
    }
    return TRY_AGAIN;
}

/* Octets and a final NUL into slot index. */
static gboolean
put_octets(SPF_dns_rr_t *rr, const char *octets, gsize length)
{
    int index = rr->num_rr;
    if (SPF_dns_rr_buf_realloc(rr, index, length + 1) != SPF_E_SUCCESS)
        return FALSE;
    memcpy(rr->rr[index]->txt, octets, length);
    rr->rr[index]->txt[length] = '\0';
    rr->num_rr++;
    return TRUE;
}

/* A C string ends at a NUL: texts with one are not shown to it, nor names with octets that no host
 * name has. */
static gboolean
put_record(SPF_dns_rr_t *rr, const dt_record *record, dt_rr_type type)
{
    if (type == DT_RR_A || type == DT_RR_AAAA)
        return put_octets(rr, record->data, record->length);
    if (type == DT_RR_TXT && !memchr(record->data, '\0', record->length))
        return put_octets(rr, record->data, record->length);
    if (record->target && record->target[0] && !strchr(record->target, '\\'))
        return put_octets(rr, record->target, strlen(record->target));
    return TRUE;
}

/* Does the answer hold nothing that our grammar refuses? */
static gboolean
is_fit(cross *c, const dt_answer *answer)
{
    if (answer->type != DT_RR_TXT)
        return TRUE;
    for (guint i = 0; i < answer->record_count; i++)
        if (answer->records[i].length > MAX_RECORD)
            c->is_unfit = TRUE;
    if (g_ptr_array_find(c->walk->accepted, answer, NULL))
        return !c->is_unfit;
    for (guint i = 0; i < answer->record_count; i++) {
        const dt_record *record = &answer->records[i];
        if (!dt_spf_is_record_octets(record->data, record->length))
            continue;
        g_autoptr(dt_spf_record) parsed = dt_spf_record_parse(record->data, record->length);
        if (!parsed->is_valid)
            c->is_unfit = TRUE;
    }
    return !c->is_unfit;
}

static gboolean
is_known_type(ns_type type)
{
    return type == ns_t_a || type == ns_t_aaaa || type == ns_t_mx || type == ns_t_ptr ||
           type == ns_t_txt;
}

static SPF_dns_rr_t *
lookup(SPF_dns_server_t *server, const char *domain, ns_type type, int should_cache)
{
    cross *c = server->hook;
    g_autofree char *name = dt_name_from_octets(domain, strlen(domain));
    const dt_answer *answer = NULL;
    if (name && name[0] && is_known_type(type))
        answer = dt_resolver_ask(c->walk->resolver, name, (dt_rr_type)type);
    SPF_dns_stat_t status = answer ? host_errno(answer->status) : HOST_NOT_FOUND;
    if (answer && !is_fit(c, answer))
        status = TRY_AGAIN;
    SPF_dns_rr_t *rr = SPF_dns_rr_new_init(server, domain, type, 0, status);
    if (!rr)
        g_error("libspf2: out of memory"); /* it would abort at NULL in any case */
    if (status == NETDB_SUCCESS)
        for (guint i = 0; i < answer->record_count; i++)
            c->is_unfit |= !put_record(rr, &answer->records[i], answer->type);
    return rr;
}

static SPF_errcode_t
refuse_explanation(SPF_server_t *server, const char *domain, char **buffer, size_t *length)
{
    return SPF_E_NOT_SPF;
}

/* ---- results ------------------------------------------------------------------------------- */

static const struct {
    SPF_result_t theirs;
    dt_spf_result ours;
} result_map[] = {
    { SPF_RESULT_NEUTRAL, DT_SPF_NEUTRAL },     { SPF_RESULT_PASS, DT_SPF_PASS },
    { SPF_RESULT_FAIL, DT_SPF_FAIL },           { SPF_RESULT_SOFTFAIL, DT_SPF_SOFTFAIL },
    { SPF_RESULT_NONE, DT_SPF_NONE },           { SPF_RESULT_TEMPERROR, DT_SPF_TEMPERROR },
    { SPF_RESULT_PERMERROR, DT_SPF_PERMERROR },
};

/* The error behind a result that is none: the first message has the true code. */
static SPF_errcode_t
error_code(SPF_response_t *response, SPF_errcode_t from_query)
{
    SPF_errcode_t code = from_query ? from_query : SPF_response_errcode(response);
    if (SPF_response_messages(response) > 0 && (code == SPF_E_NOT_SPF || code == SPF_E_SUCCESS))
        code = SPF_error_code(SPF_response_message(response, 0));
    return code;
}

static dt_spf_result
error_result(SPF_errcode_t code)
{
    if (code == SPF_E_DNS_ERROR)
        return DT_SPF_TEMPERROR;
    if (code == SPF_E_SUCCESS || code == SPF_E_NOT_SPF)
        return DT_SPF_NONE;
    return DT_SPF_PERMERROR;
}

static dt_spf_result
map_result(SPF_response_t *response, SPF_errcode_t from_query)
{
    SPF_errcode_t code = error_code(response, from_query);
    if (code == SPF_E_DNS_ERROR)
        return DT_SPF_TEMPERROR;
    for (gsize i = 0; i < G_N_ELEMENTS(result_map); i++)
        if (result_map[i].theirs == SPF_response_result(response))
            return result_map[i].ours;
    return error_result(code);
}

static gboolean
is_loopback(const dt_spf_walk *walk)
{
    static const guint8 v6[16] = { [15] = 1 };
    return walk->address_length == 4 ? walk->address[0] == 127 : !memcmp(walk->address, v6, 16);
}

/* Reasons that show in a record: redirect= beside all; and, where it reported no error, macros and
 * length. */
static const char *
difference_by_record(const dt_spf_record *record, gboolean is_silent)
{
    gboolean has_all = FALSE, has_redirect = FALSE;
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = g_ptr_array_index(record->terms, i);
        has_all |= term->kind == DT_TERM_ALL;
        has_redirect |= term->kind == DT_TERM_REDIRECT;
    }
    if (has_all && has_redirect)
        return "it follows redirect= although the record has all (RFC 7208 6.1)";
    if (is_silent && strchr(record->text, '%'))
        return "it expands macros differently (RFC 7208 section 7)";
    if (is_silent && strlen(record->text) > LONG_RECORD)
        return "it does not read so long a record to its end";
    return NULL;
}

static const char *
difference_by_records(const dt_spf_walk *walk, gboolean is_silent)
{
    const char *reason = NULL;
    for (guint i = 0; i < walk->accepted->len && !reason; i++) {
        const dt_answer *answer = g_ptr_array_index(walk->accepted, i);
        for (guint k = 0; k < answer->record_count && !reason; k++) {
            const dt_record *record = &answer->records[k];
            if (!dt_spf_is_record_octets(record->data, record->length))
                continue;
            g_autoptr(dt_spf_record) parsed = dt_spf_record_parse(record->data, record->length);
            reason = difference_by_record(parsed, is_silent);
        }
    }
    return reason;
}

static const char *
difference_by_fault(dt_spf_fault fault)
{
    switch (fault) {
    case DT_SPF_FAULT_VOID_LIMIT:
        return "it does not count lookups that find nothing (RFC 7208 4.6.4)";
    case DT_SPF_FAULT_LOOKUP_LIMIT:
        return "it counts DNS lookups for each record by itself, not over all of them (RFC 7208 "
               "4.6.4)";
    case DT_SPF_FAULT_MX_LIMIT:
        return "it stops at ten MX hosts without an error (RFC 7208 4.6.4)";
    case DT_SPF_FAULT_DNS:
        return "it takes a failed DNS answer differently (RFC 7208 section 5)";
    case DT_SPF_FAULT_NO_RECORD:
        return "it takes a missing record differently (RFC 7208 5.2)";
    case DT_SPF_FAULT_MULTIPLE:
        return "it takes several records differently (RFC 7208 4.5)";
    case DT_SPF_FAULT_SYNTAX:
    case DT_SPF_FAULT_NONE:
        break;
    }
    return NULL;
}

static const char *
difference_by_code(SPF_errcode_t code)
{
    switch ((int)code) {
    case SPF_E_BIG_DNS:
        return "it has limits of its own for the names behind ptr and mx (RFC 7208 4.6.4)";
    case SPF_E_DNS_ERROR:
        return "it stops at a DNS failure that the standard passes over (RFC 7208 5.5)";
    case SPF_E_UNINIT_VAR:
        return "it has no value for a macro of the record";
    case SPF_E_RECURSIVE:
        return "it refuses a record that leads back to itself";
    }
    return NULL;
}

/* Where the two read the standard differently, as far as it is known. Caller frees. */
static char *
known_difference(const dt_spf_walk *walk, SPF_errcode_t code)
{
    const char *reason = NULL;
    if (is_loopback(walk))
        reason = "it lets every loopback address pass";
    else if (code == SPF_E_INVALID_CIDR)
        reason = "it refuses a prefix length of zero";
    if (!reason)
        reason = difference_by_fault(walk->spf->fault);
    if (!reason)
        reason = difference_by_code(code);
    if (!reason)
        reason = difference_by_records(walk, code == SPF_E_SUCCESS || code == SPF_E_MECH_AFTER_ALL);
    if (reason)
        return g_strdup(reason);
    if (code != SPF_E_SUCCESS)
        return g_strdup_printf("it reports \"%s\"", SPF_strerror(code));
    return g_strdup("the reason is not known");
}

static void
note_difference(dt_spf_walk *walk, SPF_errcode_t code)
{
    dt_spf *spf = walk->spf;
    if (spf->libspf2_result == spf->result)
        return;
    g_autofree char *reason = known_difference(walk, code);
    spf->libspf2_difference = g_strdup_printf("libspf2 gives %s where RFC 7208 gives %s: %s",
                                              dt_spf_result_word(spf->libspf2_result),
                                              dt_spf_result_word(spf->result), reason);
}

/* ---- the question -------------------------------------------------------------------------- */

static gboolean
is_plain(const char *text)
{
    for (; text && *text; text++)
        if (*text < 0x21 || *text > 0x7e)
            return FALSE;
    return TRUE;
}

static gboolean
set_request(SPF_request_t *request, const dt_spf_walk *walk)
{
    const char *helo = walk->input->helo;
    struct in_addr v4;
    struct in6_addr v6;
    memcpy(&v4, walk->address, sizeof v4);
    memcpy(&v6, walk->address, sizeof v6);
    SPF_errcode_t error = walk->address_length == 4 ? SPF_request_set_ipv4(request, v4)
                                                    : SPF_request_set_ipv6(request, v6);
    if (error)
        return FALSE;
    if (walk->spf->is_helo)
        return !SPF_request_set_helo_dom(request, walk->spf->domain);
    if (helo && *helo && SPF_request_set_helo_dom(request, helo))
        return FALSE;
    g_autofree char *address = g_strconcat(walk->local_part, "@", walk->sender_domain, NULL);
    return SPF_request_set_env_from(request, address) == 0;
}

static void
ask(dt_spf_walk *walk, cross *c, SPF_server_t *server)
{
    SPF_request_t *request = SPF_request_new(server);
    SPF_response_t *response = NULL;
    if (request && set_request(request, walk)) {
        SPF_errcode_t error = SPF_request_query_mailfrom(request, &response);
        SPF_errcode_t code = response ? error_code(response, error) : SPF_E_NO_MEMORY;
        /* Without memory it says of a good record what it would say of a bad one: no opinion. */
        if (code != SPF_E_NO_MEMORY && !c->is_unfit) {
            walk->spf->libspf2_result = map_result(response, error);
            note_difference(walk, code);
        }
    }
    if (response)
        SPF_response_free(response);
    if (request)
        SPF_request_free(request);
}

void
dt_spf_crosscheck(dt_spf_walk *walk)
{
    const char *helo = walk->input->helo;
    if (walk->is_malformed || !is_plain(walk->local_part) || !is_plain(helo) ||
        (helo && strlen(helo) > DT_SPF_MAX_INPUT))
        return;
    cross c = { .walk = walk };
    SPF_dns_server_t dns = { /* no destroy function: it stays ours */
                             .lookup = lookup,
                             .get_exp = refuse_explanation,
                             .name = "dmarctrace",
                             .hook = &c
    };
    SPF_server_t *server = SPF_server_new_dns(&dns, 0);
    if (server) {
        SPF_server_set_max_dns_mech(server, DT_SPF_MAX_LOOKUPS);
        SPF_server_set_rec_dom(server, "unknown");
        ask(walk, &c, server);
        SPF_server_free(server);
    }
}

const char *
dt_spf_library_version(void)
{
    return "libspf2 " G_STRINGIFY(SPF_LIB_VERSION_MAJOR) "." G_STRINGIFY(
        SPF_LIB_VERSION_MINOR) "." G_STRINGIFY(SPF_LIB_VERSION_PATCH);
}
