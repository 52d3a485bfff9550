/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the ses folder: more ways in which a region's name appears.
 */
#ifndef DT_SES_PRIVATE_H
#define DT_SES_PRIVATE_H

#include "ses/ses.h"

/* Has it the form of a region's name, "eu-west-1"? */
gboolean dt_region_is_name(const char *name);

/* The region of the domain of a Message-ID (email.amazonses.com: us-east-1), of an outbound host.
 * NULL if it is none. Caller frees. */
char *dt_region_of_message_domain(const char *name);
char *dt_region_of_outbound_host(const char *name);

#endif
