/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What `aws sesv2 get-email-identity` printed (ses/identity.c). Input: the text.
 */
#include "fuzz.h"

#include "ses/ses.h"

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_ready();
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_ses_identity) identity =
        dt_ses_identity_parse((const char *)octets, (gssize)length, &error);
    fuzz_require(!identity == (error != NULL));
    return 0;
}
