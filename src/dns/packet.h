/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a DNS message says beyond its records: the CNAMEs that led to them. Private to this folder.
 */
#ifndef DT_DNS_PACKET_H
#define DT_DNS_PACKET_H

#include "dns/answer.h"

/* Adds to answer the names that its question is led to by the CNAMEs of the message's answer
 * section. FALSE: they loop or are too many, and answer is SERVFAIL. A message that is malformed or
 * absent adds nothing. */
gboolean dt_packet_read_chain(dt_answer *answer, const void *packet, int length);

#endif
