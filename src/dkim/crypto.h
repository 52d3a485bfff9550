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

/* Opens an RSA signature: the hash of what was signed with this very key. OK: into digest.
 * Mismatch: the signature was not made with this key, or b= is damaged. Untested: not RSA, or a key
 * that cannot be used. */
dt_check dt_crypto_open(const dt_dkim_key *key, dt_algorithm algorithm, const char *b,
                        guint8 digest[DT_DIGEST_MAX]);

#define DT_ED25519_KEY_LENGTH 32

#endif
