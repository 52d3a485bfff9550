/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What an answer holds and how it is built: records sorted by their text and without duplicates
 * (RFC 2181 5.0), the chain of CNAMEs, the lowest TTL. Also the words of the DNS enums and the text
 * form of one record. Where answers come from is the sources' business.
 */
#include "dns/answer.h"
#include "dns/record.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    guint value;
    const char *word;
} word_row;

static const word_row status_words[] = {
    { DT_DNS_OK, "ok" },
    { DT_DNS_NODATA, "nodata" },
    { DT_DNS_NXDOMAIN, "nxdomain" },
    { DT_DNS_SERVFAIL, "servfail" },
    { DT_DNS_TIMEOUT, "timeout" },
    { DT_DNS_UNKNOWN, "unknown" },
};

static const word_row type_words[] = {
    { DT_RR_A, "A" },     { DT_RR_NS, "NS" }, { DT_RR_CNAME, "CNAME" }, { DT_RR_SOA, "SOA" },
    { DT_RR_PTR, "PTR" }, { DT_RR_MX, "MX" }, { DT_RR_TXT, "TXT" },     { DT_RR_AAAA, "AAAA" },
};

static const word_row origin_words[] = {
    { DT_FROM_ZONE, "zone" },   { DT_FROM_SNAPSHOT, "snapshot" }, { DT_FROM_LIVE, "live" },
    { DT_FROM_CACHE, "cache" }, { DT_FROM_ASSUMED, "assumed" },   { DT_FROM_CALLBACK, "callback" },
};

static const word_row dnssec_words[] = {
    { DT_DNSSEC_INSECURE, "insecure" },
    { DT_DNSSEC_SECURE, "secure" },
    { DT_DNSSEC_BOGUS, "bogus" },
};

static const char *
word_of(const word_row *rows, gsize count, guint value)
{
    for (gsize i = 0; i < count; i++)
        if (rows[i].value == value)
            return rows[i].word;
    return NULL;
}

static guint
value_of(const word_row *rows, gsize count, const char *word)
{
    for (gsize i = 0; word && i < count; i++)
        if (g_ascii_strcasecmp(rows[i].word, word) == 0)
            return rows[i].value;
    return 0;
}

const char *
dt_dns_status_word(dt_dns_status status)
{
    return word_of(status_words, G_N_ELEMENTS(status_words), status);
}

dt_dns_status
dt_dns_status_parse(const char *word)
{
    return value_of(status_words, G_N_ELEMENTS(status_words), word);
}

const char *
dt_rr_type_word(dt_rr_type type)
{
    return word_of(type_words, G_N_ELEMENTS(type_words), type);
}

dt_rr_type
dt_rr_type_parse(const char *word)
{
    return value_of(type_words, G_N_ELEMENTS(type_words), word);
}

const char *
dt_dns_origin_word(dt_dns_origin origin)
{
    return word_of(origin_words, G_N_ELEMENTS(origin_words), origin);
}

const char *
dt_dnssec_word(dt_dnssec dnssec)
{
    return word_of(dnssec_words, G_N_ELEMENTS(dnssec_words), dnssec);
}

/* ---- records ------------------------------------------------------------------------------- */

/* ---- readings ------------------------------------------------------------------------------ */

typedef struct dt_reading {
    struct dt_reading *next;
    gpointer made;
    GDestroyNotify free;
} dt_reading;

static const dt_reading *
find_reading(const dt_reading *reading, GDestroyNotify free)
{
    while (reading && reading->free != free)
        reading = reading->next;
    return reading;
}

/* Readings are only ever put in front, and stay until the record goes: no lock is needed. */
gconstpointer
dt_record_reading(const dt_record *record, dt_reading_func make, GDestroyNotify free)
{
    dt_record *shared = (dt_record *)record;
    dt_reading *first = g_atomic_pointer_get(&shared->readings);
    const dt_reading *found = find_reading(first, free);
    if (found)
        return found->made;
    dt_reading *fresh = g_new0(dt_reading, 1);
    *fresh = (dt_reading){ first, make(record->data ? record->data : "", record->length), free };
    while (!g_atomic_pointer_compare_and_exchange(&shared->readings, fresh->next, fresh)) {
        fresh->next = g_atomic_pointer_get(&shared->readings);
        found = find_reading(fresh->next, free);
        if (found) {
            free(fresh->made);
            g_free(fresh);
            return found->made;
        }
    }
    return fresh->made;
}

static void
free_readings(dt_record *record)
{
    for (dt_reading *reading = record->readings, *next; reading; reading = next) {
        next = reading->next;
        reading->free(reading->made);
        g_free(reading);
    }
    record->readings = NULL;
}

void
dt_record_clear(dt_record *record)
{
    free_readings(record);
    g_clear_pointer(&record->target, g_free);
    g_clear_pointer(&record->data, g_free);
}

void
dt_record_copy(dt_record *to, const dt_record *from)
{
    *to = *from;
    to->readings = NULL;
    to->target = g_strdup(from->target);
    to->data = NULL;
    if (from->data) {
        to->data = g_malloc(from->length + 1);
        memcpy(to->data, from->data, from->length);
        to->data[from->length] = '\0';
    }
}

gboolean
dt_record_equal(const dt_record *a, const dt_record *b)
{
    return a->preference == b->preference && g_strcmp0(a->target, b->target) == 0 &&
           a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

static const char *
shown_name(const char *name)
{
    return name && name[0] ? name : ".";
}

static char *
address_text(const dt_record *record, int family, gsize length)
{
    char shown[INET6_ADDRSTRLEN];
    if (record->length != length || !inet_ntop(family, record->data, shown, sizeof shown))
        return g_strdup("");
    return g_strdup(shown);
}

char *
dt_record_text(const dt_record *record, dt_rr_type type)
{
    switch (type) {
    case DT_RR_A:
        return address_text(record, AF_INET, 4);
    case DT_RR_AAAA:
        return address_text(record, AF_INET6, 16);
    case DT_RR_MX:
        return g_strdup_printf("%u %s", record->preference, shown_name(record->target));
    case DT_RR_CNAME:
    case DT_RR_PTR:
    case DT_RR_NS:
        return g_strdup(shown_name(record->target));
    case DT_RR_SOA:
        return g_strdup_printf("%s %s", shown_name(record->target),
                               record->data ? record->data : "");
    case DT_RR_TXT:
        break;
    }
    return dt_text_dns(record->data ? record->data : "", record->length);
}

/* ---- building ------------------------------------------------------------------------------ */

dt_answer *
dt_answer_new(const char *name, dt_rr_type type, dt_dns_status status, dt_dns_origin origin)
{
    dt_answer *answer = g_new0(dt_answer, 1);
    answer->name = g_strdup(name);
    answer->type = type;
    answer->status = status;
    answer->origin = origin;
    answer->ttl = -1;
    answer->refs = 1;
    return answer;
}

/* Room grows when the count reaches a power of two, so that no capacity needs to be kept. */
static dt_record *
next_record(dt_answer *answer)
{
    guint count = answer->record_count;
    if ((count & (count - 1)) == 0)
        answer->records = g_renew(dt_record, answer->records, count ? (gsize)count * 2 : 1);
    dt_record *record = &answer->records[answer->record_count++];
    memset(record, 0, sizeof *record);
    return record;
}

void
dt_answer_add_record(dt_answer *answer, const dt_record *record)
{
    dt_record_copy(next_record(answer), record);
}

void
dt_answer_add_txt(dt_answer *answer, const char *octets, gsize length)
{
    const dt_record record = { .data = (char *)octets, .length = length };
    dt_answer_add_record(answer, &record);
}

void
dt_answer_add_address(dt_answer *answer, const guint8 *octets, gsize length)
{
    dt_answer_add_txt(answer, (const char *)octets, length);
}

void
dt_answer_add_target(dt_answer *answer, guint preference, const char *target)
{
    const dt_record record = { .preference = preference, .target = (char *)target };
    dt_answer_add_record(answer, &record);
}

void
dt_answer_add_cname(dt_answer *answer, const char *target)
{
    guint count = answer->cname ? g_strv_length(answer->cname) : 0;
    answer->cname = g_renew(char *, answer->cname, count + 2);
    answer->cname[count] = g_strdup(target);
    answer->cname[count + 1] = NULL;
}

void
dt_answer_lower_ttl(dt_answer *answer, gint64 ttl)
{
    if (ttl >= 0 && (answer->ttl < 0 || ttl < answer->ttl))
        answer->ttl = ttl;
}

typedef struct {
    char *text;
    dt_record record;
} sort_row;

static int
compare_rows(const void *a, const void *b)
{
    return strcmp(((const sort_row *)a)->text, ((const sort_row *)b)->text);
}

/* The text form is one-to-one, so equal texts are the same record. */
static void
sort_records(dt_answer *answer)
{
    guint kept = 0;
    sort_row *rows = g_new(sort_row, answer->record_count);
    for (guint i = 0; i < answer->record_count; i++)
        rows[i] =
            (sort_row){ dt_record_text(&answer->records[i], answer->type), answer->records[i] };
    qsort(rows, answer->record_count, sizeof *rows, compare_rows);
    for (guint i = 0; i < answer->record_count; i++) {
        if (i > 0 && strcmp(rows[i].text, rows[i - 1].text) == 0)
            dt_record_clear(&rows[i].record);
        else
            answer->records[kept++] = rows[i].record;
    }
    for (guint i = 0; i < answer->record_count; i++)
        g_free(rows[i].text);
    answer->record_count = kept;
    g_free(rows);
}

void
dt_answer_seal(dt_answer *answer)
{
    if (answer->status == DT_DNS_OK && answer->record_count == 0)
        answer->status = DT_DNS_NODATA;
    while (answer->status != DT_DNS_OK && answer->record_count > 0)
        dt_record_clear(&answer->records[--answer->record_count]);
    if (answer->record_count > 1)
        sort_records(answer);
}

dt_answer *
dt_answer_copy(const dt_answer *answer, dt_dns_origin origin, gint64 ttl)
{
    dt_answer *copy = dt_answer_new(answer->name, answer->type, answer->status, origin);
    for (guint i = 0; i < answer->record_count; i++)
        dt_answer_add_record(copy, &answer->records[i]);
    copy->cname = g_strdupv(answer->cname);
    copy->ttl = ttl;
    copy->dnssec = answer->dnssec;
    copy->server = g_strdup(answer->server);
    return copy;
}

static gboolean
chains_equal(char **a, char **b)
{
    static char *none[] = { NULL };
    return g_strv_equal((const char *const *)(a ? a : none), (const char *const *)(b ? b : none));
}

gboolean
dt_answer_says_the_same(const dt_answer *a, const dt_answer *b)
{
    if (a->status != b->status || a->record_count != b->record_count ||
        !chains_equal(a->cname, b->cname))
        return FALSE;
    for (guint i = 0; i < a->record_count; i++)
        if (!dt_record_equal(&a->records[i], &b->records[i]))
            return FALSE;
    return TRUE;
}

dt_answer *
dt_answer_ref(const dt_answer *answer)
{
    dt_answer *shared = (dt_answer *)answer;
    g_atomic_int_inc(&shared->refs);
    return shared;
}

void
dt_answer_unref(dt_answer *answer)
{
    if (!answer || !g_atomic_int_dec_and_test(&answer->refs))
        return;
    for (guint i = 0; i < answer->record_count; i++)
        dt_record_clear(&answer->records[i]);
    g_free(answer->records);
    g_strfreev(answer->cname);
    g_free(answer->server);
    g_free(answer->name);
    g_free(answer);
}
