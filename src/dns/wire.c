/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Record data and names in the binary form of RFC 1035 3.3 and 4.1.4, as a DNS library or the
 * generic form of master files (RFC 3597) hands them over. Every length is checked, compression
 * pointers only lead backwards.
 */
#include "dns/record.h"

#include "base/name.h"

#include <string.h>

#define MAX_NAME 255

/* One label as text that dt_name_from_text reads. */
static void
append_label(GString *text, const guint8 *label, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (g_ascii_isalnum(label[i]) || label[i] == '-' || label[i] == '_')
            g_string_append_c(text, (char)label[i]);
        else
            g_string_append_printf(text, "\\%03u", label[i]);
    g_string_append_c(text, '.');
}

char *
dt_wire_name(const guint8 *message, gsize length, gsize *at)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gsize i = *at, end = 0, total = 1;
    for (;;) {
        if (i >= length)
            return NULL;
        gsize n = message[i];
        if (n >= 0xc0) {
            gsize target = i + 1 < length ? (n & 0x3f) << 8 | message[i + 1] : length;
            if (end == 0)
                end = i + 2;
            if (target >= i) /* backwards only, so the walk ends */
                return NULL;
            i = target;
            continue;
        }
        if (n > 63 || i + 1 + n > length)
            return NULL;
        i += 1 + n;
        if (n == 0)
            break;
        if ((total += n + 1) > MAX_NAME)
            return NULL;
        append_label(text, message + i - n, n);
    }
    *at = end ? end : i;
    return dt_name_from_text(text->str, text->len);
}

static gboolean
wire_txt(dt_record *record, const guint8 *octets, gsize length)
{
    g_autoptr(GString) joined = g_string_sized_new(length);
    gsize i = 0;
    while (i < length) {
        gsize n = octets[i];
        if (i + 1 + n > length)
            return FALSE;
        g_string_append_len(joined, (const char *)octets + i + 1, n);
        i += 1 + n;
    }
    record->length = joined->len;
    record->data = g_memdup2(joined->str, joined->len + 1);
    return length > 0;
}

static gboolean
wire_target(dt_record *record, const guint8 *octets, gsize length, gsize at)
{
    record->target = dt_wire_name(octets, length, &at);
    return record->target && at == length;
}

static guint32
wire_number(const guint8 *octets)
{
    return (guint32)octets[0] << 24 | (guint32)octets[1] << 16 | (guint32)octets[2] << 8 |
           octets[3];
}

static gboolean
wire_soa(dt_record *record, const guint8 *octets, gsize length)
{
    gsize at = 0;
    record->target = dt_wire_name(octets, length, &at);
    if (!record->target)
        return FALSE;
    g_autofree char *rname = dt_wire_name(octets, length, &at);
    if (!rname || length - at != 20)
        return FALSE;
    const guint8 *n = octets + at;
    record->data = g_strdup_printf("%s %u %u %u %u %u", rname[0] ? rname : ".", wire_number(n),
                                   wire_number(n + 4), wire_number(n + 8), wire_number(n + 12),
                                   wire_number(n + 16));
    record->length = strlen(record->data);
    return TRUE;
}

static gboolean
wire_read(dt_record *record, guint type, const guint8 *octets, gsize length)
{
    switch (type) {
    case DT_RR_A:
    case DT_RR_AAAA:
        if (length != (type == DT_RR_A ? 4 : 16))
            return FALSE;
        record->data = g_malloc0(length + 1);
        memcpy(record->data, octets, length);
        record->length = length;
        return TRUE;
    case DT_RR_TXT:
        return wire_txt(record, octets, length);
    case DT_RR_MX:
        if (length < 3)
            return FALSE;
        record->preference = (guint)octets[0] << 8 | octets[1];
        return wire_target(record, octets, length, 2);
    case DT_RR_SOA:
        return wire_soa(record, octets, length);
    case DT_RR_CNAME:
    case DT_RR_PTR:
    case DT_RR_NS:
    case DT_RR_DNAME:
        return wire_target(record, octets, length, 0);
    default:
        return TRUE;
    }
}

gboolean
dt_record_from_wire(dt_record *record, guint type, const guint8 *octets, gsize length)
{
    memset(record, 0, sizeof *record);
    if (wire_read(record, type, octets, length))
        return TRUE;
    dt_record_clear(record);
    return FALSE;
}
