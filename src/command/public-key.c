/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A faster d2i_PUBKEY_bio for this executable (never for the library). libopendkim calls it once
 * for every signature; OpenSSL 3.0 enters its generic decoder there, some 100 us of a verification
 * that takes 150. A key that is plainly rsaEncryption (RFC 8017 A.1, RFC 5280 4.1) is decoded
 * directly; everything else, and whatever fails, goes to OpenSSL's own function, so results are the
 * same. Left out with -Dfast_public_key=false.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dlfcn.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* SubjectPublicKeyInfo behind its outer length: AlgorithmIdentifier { rsaEncryption, NULL }. */
static const unsigned char rsa_encryption[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

typedef EVP_PKEY *(*read_func)(BIO *bio, EVP_PKEY **key_out);

/* Octets of the outer SEQUENCE's header in DER, 0 if it is none that a key has. */
static size_t
sequence_header(const unsigned char *data, size_t length)
{
    if (length < 4 || data[0] != 0x30)
        return 0;
    if (data[1] < 0x80)
        return 2;
    return data[1] == 0x81 ? 3 : data[1] == 0x82 ? 4 : 0;
}

static int
is_plain_rsa(const unsigned char *data, size_t length)
{
    size_t header = sequence_header(data, length);
    return header && length > header + sizeof rsa_encryption &&
           memcmp(data + header, rsa_encryption, sizeof rsa_encryption) == 0;
}

/* The key, and how many octets it took; NULL if it is none. Leaves no error behind. */
static EVP_PKEY *
read_rsa(const unsigned char *data, size_t length, size_t *used_out)
{
    const unsigned char *end = data;
    ERR_set_mark();
    RSA *rsa = d2i_RSA_PUBKEY(NULL, &end, (long)length);
    EVP_PKEY *key = rsa ? EVP_PKEY_new() : NULL;
    if (key && EVP_PKEY_assign_RSA(key, rsa) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    if (!key)
        RSA_free(rsa);
    ERR_pop_to_mark();
    *used_out = end - data;
    return key;
}

static void
skip(BIO *bio, size_t count)
{
    unsigned char scratch[512];
    while (count) {
        int got = BIO_read(bio, scratch, count < sizeof scratch ? (int)count : (int)sizeof scratch);
        if (got <= 0)
            return;
        count -= (size_t)got;
    }
}

__attribute__((visibility("default"))) EVP_PKEY *
d2i_PUBKEY_bio(BIO *bio, EVP_PKEY **key_out)
{
    char *data = NULL;
    long length = BIO_method_type(bio) == BIO_TYPE_MEM ? BIO_get_mem_data(bio, &data) : 0;
    if (length > 0 && !key_out && is_plain_rsa((const unsigned char *)data, (size_t)length)) {
        size_t used = 0;
        EVP_PKEY *key = read_rsa((const unsigned char *)data, (size_t)length, &used);
        if (key) {
            skip(bio, used);
            return key;
        }
    }
    read_func original;
    *(void **)&original = dlsym(RTLD_NEXT, "d2i_PUBKEY_bio");
    return original ? original(bio, key_out) : NULL;
}
