/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Does this signature verify under this key? With OpenSSL directly (RFC 8017 8.2.2, RFC 8463 3),
 * for ARC and for what libopendkim cannot judge. Uses the RSA calls of OpenSSL 1.1, which decode a
 * key in a seventieth of the time of the newer ones.
 */
#define OPENSSL_API_COMPAT 0x10101000L

#include "dkim/crypto.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RSA, RSA_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

/* Modulus and exponent are odd, the exponent not 1: under such a key anyone can sign (RFC
 * 8017 3.1). */
static gboolean
is_rsa_key(const RSA *rsa)
{
    const BIGNUM *n = RSA_get0_n(rsa), *e = RSA_get0_e(rsa);
    return BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);
}

guint
dt_crypto_rsa_bits(const guint8 *der, gsize length)
{
    const guint8 *at = der;
    g_autoptr(RSA) rsa = d2i_RSA_PUBKEY(NULL, &at, (long)length);
    return rsa && is_rsa_key(rsa) ? (guint)RSA_bits(rsa) : 0;
}

gboolean
dt_crypto_is_pkcs1(const guint8 *der, gsize length)
{
    const guint8 *at = der;
    g_autoptr(RSA) rsa = d2i_RSAPublicKey(NULL, &at, (long)length);
    return rsa != NULL;
}

static gboolean
verify_rsa(const guint8 *key, gsize key_length, gboolean is_sha1, const char *data, gsize length,
           const guint8 *b, gsize b_length)
{
    guint8 digest[SHA256_DIGEST_LENGTH];
    const guint8 *at = key;
    g_autoptr(RSA) rsa = d2i_RSA_PUBKEY(NULL, &at, (long)key_length);
    if (!rsa || b_length != (gsize)RSA_size(rsa))
        return FALSE;
    if (is_sha1)
        SHA1((const guint8 *)data, length, digest);
    else
        SHA256((const guint8 *)data, length, digest);
    return RSA_verify(is_sha1 ? NID_sha1 : NID_sha256, digest,
                      is_sha1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH, b, (unsigned)b_length,
                      rsa) == 1;
}

/* PureEdDSA over the SHA-256 hash (RFC 8463 3). */
static gboolean
verify_ed25519(const guint8 *key, gsize key_length, const char *data, gsize length, const guint8 *b,
               gsize b_length)
{
    guint8 digest[SHA256_DIGEST_LENGTH];
    g_autoptr(EVP_PKEY) public_key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, key_length);
    g_autoptr(EVP_MD_CTX) md = EVP_MD_CTX_new();
    if (!public_key || EVP_DigestVerifyInit(md, NULL, NULL, NULL, public_key) != 1)
        return FALSE;
    SHA256((const guint8 *)data, length, digest);
    return EVP_DigestVerify(md, b, b_length, digest, sizeof digest) == 1;
}

/* The keys that a signature of this algorithm needs. */
static const char *
key_type(dt_algorithm algorithm)
{
    switch (algorithm) {
    case DT_ALGORITHM_RSA_SHA1:
    case DT_ALGORITHM_RSA_SHA256:
        return "rsa";
    case DT_ALGORITHM_ED25519_SHA256:
        return "ed25519";
    case DT_ALGORITHM_UNKNOWN:
        return NULL;
    }
    return NULL;
}

dt_check
dt_dkim_check(const dt_dkim_key *key, dt_algorithm algorithm, const char *data, gsize length,
              const char *b)
{
    const char *needed = key_type(algorithm);
    if (!key || !key->public_key || key->bits == 0 || !needed || !dt_text_equal(key->type, needed))
        return DT_CHECK_UNTESTED;
    gsize key_length = 0, b_length = 0;
    g_autofree guint8 *key_octets = dt_text_base64(key->public_key, &key_length);
    g_autofree guint8 *b_octets = b ? dt_text_base64(b, &b_length) : NULL;
    if (!key_octets || !b_octets)
        return DT_CHECK_UNTESTED;
    gboolean fits = algorithm == DT_ALGORITHM_ED25519_SHA256
                        ? verify_ed25519(key_octets, key_length, data, length, b_octets, b_length)
                        : verify_rsa(key_octets, key_length, algorithm == DT_ALGORITHM_RSA_SHA1,
                                     data, length, b_octets, b_length);
    return fits ? DT_CHECK_OK : DT_CHECK_MISMATCH;
}

/* DER of the DigestInfo in front of a hash (RFC 8017 9.2). */
static const guint8 SHA1_INFO[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                    0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 };
static const guint8 SHA256_INFO[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };

dt_check
dt_crypto_open(const dt_dkim_key *key, dt_algorithm algorithm, const char *b,
               guint8 digest[DT_DIGEST_MAX])
{
    gboolean is_sha1 = algorithm == DT_ALGORITHM_RSA_SHA1;
    gsize info_length = is_sha1 ? sizeof SHA1_INFO : sizeof SHA256_INFO;
    gsize digest_length = is_sha1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
    gsize key_length = 0, b_length = 0;
    if (!key || !key->public_key || !dt_text_equal(key->type, "rsa") ||
        key_type(algorithm) == NULL || algorithm == DT_ALGORITHM_ED25519_SHA256)
        return DT_CHECK_UNTESTED;
    g_autofree guint8 *der = dt_text_base64(key->public_key, &key_length);
    g_autofree guint8 *octets = b ? dt_text_base64(b, &b_length) : NULL;
    const guint8 *at = der;
    g_autoptr(RSA) rsa = der && octets ? d2i_RSA_PUBKEY(NULL, &at, (long)key_length) : NULL;
    if (!rsa)
        return DT_CHECK_UNTESTED;
    if (b_length != (gsize)RSA_size(rsa))
        return DT_CHECK_MISMATCH;
    g_autofree guint8 *info = g_malloc(b_length);
    int length = RSA_public_decrypt((int)b_length, octets, info, rsa, RSA_PKCS1_PADDING);
    if (length < 0 || (gsize)length != info_length + digest_length ||
        memcmp(info, is_sha1 ? SHA1_INFO : SHA256_INFO, info_length) != 0)
        return DT_CHECK_MISMATCH;
    memcpy(digest, info + info_length, digest_length);
    return DT_CHECK_OK;
}
