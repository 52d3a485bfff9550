/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The data of one record, read from the words of a master file (RFC 1035 5.1, generic form RFC 3597
 * 5): each type is a row that says which words it takes. Where the words come from, and what a
 * record means for its zone, is zonefile.c's and zone.c's to say; wire.c reads the binary form.
 */
#include "dns/record.h"

#include "base/name.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define MAX_RDATA  65535
#define MAX_STRING 255
#define MAX_TTL    0x7fffffff

/* ---- types --------------------------------------------------------------------------------- */

typedef struct {
    const char *word;
    guint16 number;
} type_row;

/* IANA's registry, without types that occur in questions or transfers only. */
static const type_row types[] = {
    { "A", 1 },         { "NS", 2 },          { "MD", 3 },          { "MF", 4 },
    { "CNAME", 5 },     { "SOA", 6 },         { "MB", 7 },          { "MG", 8 },
    { "MR", 9 },        { "NULL", 10 },       { "WKS", 11 },        { "PTR", 12 },
    { "HINFO", 13 },    { "MINFO", 14 },      { "MX", 15 },         { "TXT", 16 },
    { "RP", 17 },       { "AFSDB", 18 },      { "X25", 19 },        { "ISDN", 20 },
    { "RT", 21 },       { "NSAP", 22 },       { "NSAP-PTR", 23 },   { "SIG", 24 },
    { "KEY", 25 },      { "PX", 26 },         { "GPOS", 27 },       { "AAAA", 28 },
    { "LOC", 29 },      { "NXT", 30 },        { "EID", 31 },        { "NIMLOC", 32 },
    { "SRV", 33 },      { "ATMA", 34 },       { "NAPTR", 35 },      { "KX", 36 },
    { "CERT", 37 },     { "A6", 38 },         { "DNAME", 39 },      { "SINK", 40 },
    { "APL", 42 },      { "DS", 43 },         { "SSHFP", 44 },      { "IPSECKEY", 45 },
    { "RRSIG", 46 },    { "NSEC", 47 },       { "DNSKEY", 48 },     { "DHCID", 49 },
    { "NSEC3", 50 },    { "NSEC3PARAM", 51 }, { "TLSA", 52 },       { "SMIMEA", 53 },
    { "HIP", 55 },      { "NINFO", 56 },      { "RKEY", 57 },       { "TALINK", 58 },
    { "CDS", 59 },      { "CDNSKEY", 60 },    { "OPENPGPKEY", 61 }, { "CSYNC", 62 },
    { "ZONEMD", 63 },   { "SVCB", 64 },       { "HTTPS", 65 },      { "DSYNC", 66 },
    { "SPF", 99 },      { "NID", 104 },       { "L32", 105 },       { "L64", 106 },
    { "LP", 107 },      { "EUI48", 108 },     { "EUI64", 109 },     { "URI", 256 },
    { "CAA", 257 },     { "AVC", 258 },       { "DOA", 259 },       { "AMTRELAY", 260 },
    { "RESINFO", 261 }, { "WALLET", 262 },    { "TA", 32768 },      { "DLV", 32769 },
};

guint
dt_rr_number_parse(const char *word, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (strlen(types[i].word) == length &&
            g_ascii_strncasecmp(types[i].word, word, length) == 0)
            return types[i].number;
    if (length < 5 || length > 9 || g_ascii_strncasecmp(word, "TYPE", 4) != 0)
        return 0;
    guint number = 0;
    for (gsize i = 4; i < length; i++) {
        if (!g_ascii_isdigit(word[i]))
            return 0;
        number = number * 10 + (word[i] - '0');
    }
    return number <= 65535 ? number : 0;
}

gboolean
dt_ttl_parse(const char *text, gsize length, gint64 *ttl_out)
{
    static const struct {
        char letter;
        gint64 seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
    gint64 total = 0, part = 0;
    gboolean has_digit = FALSE;
    for (gsize i = 0; i < length; i++) {
        gint64 seconds = 0;
        for (gsize u = 0; u < G_N_ELEMENTS(units); u++)
            if (g_ascii_tolower(text[i]) == units[u].letter)
                seconds = units[u].seconds;
        if (g_ascii_isdigit(text[i]))
            part = part * 10 + (text[i] - '0');
        else if (seconds == 0 || !has_digit)
            return FALSE;
        else {
            total += part * seconds;
            part = 0;
        }
        has_digit = g_ascii_isdigit(text[i]);
        if (part > MAX_TTL || total > MAX_TTL)
            return FALSE;
    }
    *ttl_out = total + part;
    return length > 0 && g_ascii_isdigit(text[0]) && *ttl_out <= MAX_TTL;
}

/* ---- words --------------------------------------------------------------------------------- */

char *
dt_name_from_word(const dt_word *word, const char *origin)
{
    if (word->length == 0 || word->length > 2048 || memchr(word->text, '\0', word->length))
        return NULL;
    if (word->length == 1 && word->text[0] == '@')
        return g_strdup(origin);
    gsize slashes = 0;
    while (slashes + 1 < word->length && word->text[word->length - 2 - slashes] == '\\')
        slashes++;
    if (word->text[word->length - 1] == '.' && slashes % 2 == 0)
        return dt_name_from_text(word->text, word->length);
    g_autofree char *relative = g_strndup(word->text, word->length);
    return dt_name_join(relative, origin);
}

static char *
shown(const dt_word *word)
{
    return dt_text_terminal_raw(word->text, MIN(word->length, 64));
}

static gboolean
wrong(char **why_out, const dt_word *word, const char *what)
{
    g_autofree char *text = shown(word);
    *why_out = g_strdup_printf("\"%s\" is not %s", text, what);
    return FALSE;
}

static gboolean
read_number(const dt_word *word, guint64 limit, guint64 *number_out, char **why_out)
{
    guint64 number = 0;
    gboolean is_number = word->length > 0;
    for (gsize i = 0; i < word->length && is_number; i++) {
        is_number = g_ascii_isdigit(word->text[i]);
        number = number * 10 + (word->text[i] - '0');
        is_number = is_number && number <= limit;
    }
    *number_out = number;
    if (is_number)
        return TRUE;
    g_autofree char *what = g_strdup_printf("a number from 0 to %" G_GUINT64_FORMAT, limit);
    return wrong(why_out, word, what);
}

static gboolean
read_target(dt_record *record, const dt_word *word, const char *origin, char **why_out)
{
    record->target = dt_name_from_word(word, origin);
    return record->target || wrong(why_out, word, "a domain name");
}

static gboolean
read_address(dt_record *record, const dt_word *word, int family, char **why_out)
{
    guint8 octets[16];
    g_autofree char *text = g_strndup(word->text, word->length);
    if (strlen(text) != word->length || inet_pton(family, text, octets) != 1)
        return wrong(why_out, word, family == AF_INET ? "an IPv4 address" : "an IPv6 address");
    record->length = family == AF_INET ? 4 : 16;
    record->data = g_memdup2(octets, record->length);
    return TRUE;
}

/* Undoes \DDD and \X of one string; FALSE if an escape is none. */
static gboolean
append_string(GString *out, const dt_word *word)
{
    for (gsize i = 0; i < word->length; i++) {
        if (word->text[i] != '\\') {
            g_string_append_c(out, word->text[i]);
            continue;
        }
        if (++i >= word->length)
            return FALSE;
        if (!g_ascii_isdigit(word->text[i])) {
            g_string_append_c(out, word->text[i]);
            continue;
        }
        if (i + 2 >= word->length || !g_ascii_isdigit(word->text[i + 1]) ||
            !g_ascii_isdigit(word->text[i + 2]))
            return FALSE;
        guint value = (word->text[i] - '0') * 100 + (word->text[i + 1] - '0') * 10 +
                      (word->text[i + 2] - '0');
        if (value > 255)
            return FALSE;
        g_string_append_c(out, (char)value);
        i += 2;
    }
    return TRUE;
}

static gboolean
read_strings(dt_record *record, const dt_word *words, guint count, char **why_out)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        gsize before = joined->len;
        if (!append_string(joined, &words[i]))
            return wrong(why_out, &words[i], "a string: a bad \\ escape");
        if (joined->len - before > MAX_STRING) {
            *why_out =
                g_strdup_printf("a string of %" G_GSIZE_FORMAT " octets: at most 255 go into one; "
                                "write it as several strings",
                                joined->len - before);
            return FALSE;
        }
        if (joined->len + i + 1 > MAX_RDATA) {
            *why_out = g_strdup("more text than a record can hold (65535 octets)");
            return FALSE;
        }
    }
    record->length = joined->len;
    record->data = g_memdup2(joined->str, joined->len + 1);
    return TRUE;
}

/* mname and rname, serial, refresh, retry, expire, minimum; kept as one canonical text behind the
 * target. */
static gboolean
read_soa(dt_record *record, const dt_word *words, const char *origin, char **why_out)
{
    guint64 serial = 0;
    gint64 times[4] = { 0 };
    if (!read_target(record, &words[0], origin, why_out))
        return FALSE;
    g_autofree char *rname = dt_name_from_word(&words[1], origin);
    if (!rname)
        return wrong(why_out, &words[1], "a domain name");
    if (!read_number(&words[2], 0xffffffff, &serial, why_out))
        return FALSE;
    for (guint i = 0; i < 4; i++)
        if (!dt_ttl_parse(words[3 + i].text, words[3 + i].length, &times[i]))
            return wrong(why_out, &words[3 + i], "a number of seconds");
    record->data =
        g_strdup_printf("%s %u %u %u %u %u", rname[0] ? rname : ".", (guint)serial, (guint)times[0],
                        (guint)times[1], (guint)times[2], (guint)times[3]);
    record->length = strlen(record->data);
    return TRUE;
}

gint64
dt_record_soa_minimum(const dt_record *record)
{
    const char *last = record->data ? strrchr(record->data, ' ') : NULL;
    return last ? g_ascii_strtoll(last + 1, NULL, 10) : -1;
}

/* RFC 3597 5: \# LENGTH HEX... */
static gboolean
read_generic(dt_record *record, guint type, const dt_word *words, guint count, char **why_out)
{
    guint64 length = 0;
    g_autoptr(GByteArray) octets = g_byte_array_new();
    if (count < 2 || !read_number(&words[1], MAX_RDATA, &length, why_out)) {
        if (!*why_out)
            *why_out = g_strdup("\\# needs a length and hexadecimal digits");
        return FALSE;
    }
    int high = -1;
    for (guint w = 2; w < count; w++)
        for (gsize i = 0; i < words[w].length; i++) {
            int digit = g_ascii_xdigit_value(words[w].text[i]);
            if (digit < 0)
                return wrong(why_out, &words[w], "hexadecimal");
            guint8 octet = high < 0 ? 0 : (guint8)(high << 4 | digit);
            if (high >= 0)
                g_byte_array_append(octets, &octet, 1);
            high = high < 0 ? digit : -1;
        }
    if (high >= 0 || octets->len != length ||
        !dt_record_from_wire(record, type, octets->data, octets->len)) {
        *why_out =
            g_strdup("the data behind \\# does not have the stated length or is none of this type");
        return FALSE;
    }
    return TRUE;
}

/* How many words the data of a type has. */
static gboolean
check_count(guint type, guint count, char **why_out)
{
    guint least = type == DT_RR_MX ? 2 : type == DT_RR_SOA ? 7 : 1;
    gboolean has_end = type != DT_RR_TXT && (dt_rr_type_word(type) || type == DT_RR_DNAME);
    if (type == 42 ||
        type == DT_RR_TXT) /* APL may be empty (RFC 3123 4); TXT is read as one empty string */
        least = 0;
    if (count < least)
        *why_out = g_strdup(count ? "the record's data is incomplete" : "the record has no data");
    else if (has_end && count > least)
        *why_out = g_strdup("there is more behind the record's data");
    return !*why_out;
}

static gboolean
read_data(dt_record *record, guint type, const dt_word *words, guint count, const char *origin,
          char **why_out)
{
    guint64 preference = 0;
    if (count > 0 && !words[0].is_quoted && words[0].length == 2 &&
        memcmp(words[0].text, "\\#", 2) == 0)
        return read_generic(record, type, words, count, why_out);
    if (!check_count(type, count, why_out))
        return FALSE;
    switch (type) {
    case DT_RR_A:
        return read_address(record, &words[0], AF_INET, why_out);
    case DT_RR_AAAA:
        return read_address(record, &words[0], AF_INET6, why_out);
    case DT_RR_TXT:
        return read_strings(record, words, count, why_out);
    case DT_RR_MX:
        if (!read_number(&words[0], 65535, &preference, why_out))
            return FALSE;
        record->preference = (guint)preference;
        return read_target(record, &words[1], origin, why_out);
    case DT_RR_SOA:
        return read_soa(record, words, origin, why_out);
    case DT_RR_CNAME:
    case DT_RR_PTR:
    case DT_RR_NS:
    case DT_RR_DNAME:
        return read_target(record, &words[0], origin, why_out);
    default: /* types that nobody asks for: the name exists, that is all */
        return TRUE;
    }
}

gboolean
dt_record_parse(dt_record *record, guint type, const dt_word *words, guint count,
                const char *origin, char **why_out)
{
    memset(record, 0, sizeof *record);
    *why_out = NULL;
    if (read_data(record, type, words, count, origin, why_out))
        return TRUE;
    dt_record_clear(record);
    return FALSE;
}

#define MAX_VALUE_WORDS 8

gboolean
dt_record_parse_value(dt_record *record, dt_rr_type type, const char *value, char **why_out)
{
    memset(record, 0, sizeof *record);
    *why_out = NULL;
    gsize length = strlen(value);
    if (type == DT_RR_TXT) {
        if (length + length / MAX_STRING + 1 > MAX_RDATA) {
            *why_out = g_strdup("more text than a record can hold (65535 octets)");
            return FALSE;
        }
        record->data = g_strdup(value);
        record->length = length;
        return TRUE;
    }
    dt_word words[MAX_VALUE_WORDS];
    guint count = 0;
    for (const char *p = value + strspn(value, " \t"); *p && count < MAX_VALUE_WORDS;
         p += strspn(p, " \t")) {
        gsize word_length = strcspn(p, " \t");
        words[count++] = (dt_word){ .text = p, .length = word_length };
        p += word_length;
    }
    return dt_record_parse(record, type, words, count, "", why_out);
}
