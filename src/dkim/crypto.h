/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Public keys and the mathematics of signatures, private to src/dkim.
 */
#ifndef DT_DKIM_CRYPTO_H
#define DT_DKIM_CRYPTO_H

#include "dkim/dkim.h"

/* Bits of an RSA SubjectPublicKeyInfo (RFC 6376 3.6.1 as everybody reads it), 0 if it is none. */
guint dt_crypto_rsa_bits(const guint8 *der, gsize length);

/* Is it a bare PKCS#1 RSAPublicKey instead? */
gboolean dt_crypto_is_pkcs1(const guint8 *der, gsize length);

#define DT_ED25519_KEY_LENGTH 32

#endif
