/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DNS as it comes over the wire (dns/packet.c, wire.c): a message, and record data of every type.
 * Input: the octets.
 */
#include "fuzz.h"

#include "dns/packet.h"
#include "dns/record.h"

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    static const guint types[] = { DT_RR_A,  DT_RR_NS,  DT_RR_CNAME, DT_RR_SOA,  DT_RR_PTR,
                                   DT_RR_MX, DT_RR_TXT, DT_RR_AAAA,  DT_RR_DNAME };
    fuzz_ready();
    g_autoptr(dt_answer) answer =
        dt_answer_new("www.shop.example", DT_RR_TXT, DT_DNS_OK, DT_FROM_LIVE);
    dt_packet_read_chain(answer, octets, (int)length);
    dt_answer_seal(answer);
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        dt_record record;
        if (!dt_record_from_wire(&record, types[i], octets, length))
            continue;
        g_autofree char *text = types[i] == DT_RR_DNAME || types[i] == DT_RR_SOA
                                    ? NULL
                                    : dt_record_text(&record, types[i]);
        fuzz_require(!text || g_str_is_ascii(text));
        dt_record_clear(&record);
    }
    for (gsize at = 0; at < length;) {
        gsize before = at;
        g_autofree char *name = dt_wire_name(octets, length, &at);
        if (!name)
            break;
        fuzz_require(at > before && at <= length);
    }
    return 0;
}
