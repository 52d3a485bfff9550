/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Signing test messages: keys made for these tests only, and a signer over our own canonical form.
 * What it signs is checked by libopendkim, so signer and verifier do not merely agree with each
 * other.
 */
#ifndef DT_TEST_DKIM_SIGNER_H
#define DT_TEST_DKIM_SIGNER_H

#include "base/taglist.h"
#include "base/text.h"
#include "dkim/dkim.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

static const char PRIVATE_768[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIBygIBAAJhAKAWyRu2onVixs7982EaKexsp0QkrmP2mr9OFIL7uHoPsEWLcvat\n"
    "dLip2d1+HntBLmRqjYRG5O9kioGuH0zmmgvA+iP4Lj+T6XtjS9XHkmm5+H8RLZMn\n"
    "LGKOXivCEkOmSQIDAQABAmB8VHXn8hWF+SrSA2SLW1iH53KYd6yAsjtIrAk+GOUS\n"
    "1zBdMoocjmYCLNepL5PYwatdQ8h7sdj8AEpL3UNPza/Ciw1lb7FwZTNFgsYjx9wC\n"
    "mxpPgbyEuV/FeSfNrFIv1MkCMQDUC1OJM4MEHkzP8BbAcRadB4amfplUT5wb6tWU\n"
    "RfMthMPuFZwUnYlBMJlpHqDwU7sCMQDBRlIixzrcAgmGnDAYuz81fibTU2wZCJd5\n"
    "+gcl0rOIV2HhbUyOK57FN9am1XVZM8sCMQCUslSkVDE+RBlNgGoUDbnz6IEuZH0V\n"
    "uLYahbW8wsjjVMUpQpIvisHjqzcJlmb54V0CMCl84ty8T5IyjcDrfheQ+jyNW+A5\n"
    "JBcrlPiGB0rDM+6sc0Jkp+5MxsQm/FjLsWj4iQIwWFVZkyWtc4ZN+xnCXP+lTZwy\n"
    "ucHALtYXGnxJu/o8vgmXLARFbgvzEoB8jVZ7dfoH\n"
    "-----END RSA PRIVATE KEY-----\n";

static const char PRIVATE_1024[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXgIBAAKBgQDHOSdSzImaqVnaTKWPRcBTy9npADVFJnJfEGqYWI1hRNrqiHjz\n"
    "qak+oi6xQZBNVSwj0bLUZ65W+2FLvmqsO8VWs0fD3hsQ6GWqYwMBlg8ZlgMEwjNi\n"
    "4bdNdkXMR/hAHmkoa9Qi0AQoxmdjy+fWcgpZhjZ54+w/IWLhGQcX7oPYHQIDAQAB\n"
    "AoGAOAP27Y37JtR1Ii8o4ebv09/ebmgTklTkFZytDBbh8baFgypKL+DFaIn7bPWN\n"
    "WGEZXxzoFlbsqyJVUhHBNpo7usyB3oLTd09hGCanHRasQHOYGVg6yOjUUD5geyrG\n"
    "yX2G5h3vLsafzDCgAtn7FDD6EH7Uhy/YmloL0sbwGxjxJBUCQQD2q7PilMnMt71S\n"
    "jRZQJ6lBkXa/tbqlXTPm4GUKwTE6ofvpe1FUx3LV+5LR/mSMqoioURcKLbE9QQve\n"
    "yb5T1XzPAkEAzsIPABh0VLQA7y8cm9355afnVb9sTuVC9u2SURF9HBfsRZcW1hLB\n"
    "6KNzJTPPVlT5GfQj0HsaSASXYXXSu8/PUwJBAJQlCyRJt+j7cPjjQ0NgjoaSln8M\n"
    "5cvq7gD7Q7Px018jaegP6AjCwHVDYio8XqccxHZSPUQfrRLcvgRPpb8zuIECQQDL\n"
    "CD16tojl9K1GM1lApkYTg0HkLknJX9DWcozQFwBoagWWgLvoFBteu8MCsVHVUTQc\n"
    "jGXvADParMeK6Qy7aWIJAkEA6pIGnPvBDXdSU5cLrQmb6erpqdR7NK7iIcbAAKw+\n"
    "vFxRWxwuPUsJBMss0Wy4F1fn+uCeTJdniH51XX+JvxgFjg==\n"
    "-----END RSA PRIVATE KEY-----\n";

static const char PRIVATE_2048[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEpAIBAAKCAQEA06K+epFmx9BOwFPIgyS6qqB1hySs5xz5Dbmgb6Ggz4cDWAfB\n"
    "1BiYlztC2bqTmQMsqs8fbYdeGkXu9TLsmdG/6Psst7Mk7cp1z6oUBr8fbtbjCgeO\n"
    "BJKm7kyRCpWkFEndxEw6ppceCpmgI+M6tyALbuuJalCwIPtUJYf6MvpzWNbDeLg6\n"
    "1oui8GWsDWkfGXEWJxQkNT1tDrZWiZjYQRd3gQwGpPn0grd7iUPGqgvAShhGzWPQ\n"
    "BpEt8lj0EHSuIA2kLFGiCDvLHBhQm+5hm/z8je0ynTwVOmM2ziw7zvhQOaZ53Rbl\n"
    "yvy/OqlJuKPRHNKuyQMdTtOzgdRbazy4kuPPIwIDAQABAoIBABcRCt/DD0fB/YNa\n"
    "3mTk0O+d85FaPvoln0OOstzX6fYUihnDJq4eTCtXiy699i5cOTcYwh0m/uuwKZ5S\n"
    "AZW2Vctn7PTMsr60LWkH6Yzesedbxn0mW6VF8qnQcJKNwsdvUZt+j3nuyJhxLBId\n"
    "Rx4EgRqC04Rh7QB7RC2fB3cc8wuAkiVvDKAcyuqQrNk4aNq4MIurIN7b2rOSs8fN\n"
    "h54KWSEkU/FGm907G6CdCsnkMu8GpquP4c72EwOPREp5i3KFNXmsHqUWmnUEf9bV\n"
    "zyLrny4C7WUFuaVhSUNmKfOfS/9T/Dm2hZWbdIPjpfRWUTUDmnLmAmVaL6xojljh\n"
    "HBukOekCgYEA7zJYvn4L7gX0tjoETz5LPpLbVstDuO5CzvEEwWeiiaTliAvmLLVS\n"
    "DcnnZA60A5Ey8pKFXdH1WC3AEiTIouvzV5LyKlVCz4vlRa9YMNG0dHsHTfOZzi3q\n"
    "PsNip1TVXjhG/NmRXZ00cwRVq9+hY2uD9OZBP3e5h3ebGAVXlHWT6GUCgYEA4oC/\n"
    "iGrw7AYWhd4ZudiaBggjR44A9Xt39gjaEX0r/XfkOYOW+6riTD9tLezp0wrEgtlm\n"
    "8dW15B3mDMH/MZXG7+xIoGezga/9ii1uu4iiabH8GVkic2DOBz/QctTok6dqwgPj\n"
    "mXLhDuopjAAQh5ewcXjxfIYMewIm0JbVzWRw7OcCgYEAgq5R97jrkZ4lZQ1rX1Pc\n"
    "ThJzzQZ+OGHLlD3vaC7TiTnSwTInDdP+QVRGm87AoJZKbGaKgIh97zAHmKIKD6Cz\n"
    "MOwya9hrCPMYTqsOlpVrbpvskLT/GbrSGHoswtjBPZmnhuri1W9WwWPj3mPuS1/p\n"
    "FvpZOXCSpyU8UbJRd+WI6lUCgYEAuUgsZYFldw0722HllXsz838wrNXivuyzItX2\n"
    "3JuSIpOyY8Ha/h+5Yjn4K7tDQtnqCkegyG7TjblPeFwxTvSAeb7FYkGyO4IlWqTz\n"
    "kgChKujnmiyp28vyfUecUnMLlc07rV3VDq9Enxi5x8Y9v008jnYqxHw7NVx7N+JL\n"
    "Hurs3T0CgYAwhwyjQ/rP2wpy70CB5DXRGcsFnBLpd7ueMFZBZdgEl75rx1jFqByB\n"
    "rxo7F6af79xO1d938/pp5Ah9zovFeyC+HJ/Z9dGAp/Ke5slEIlbTrvVbwxSS/3iW\n"
    "ynBPeps5gOA4UATCKHWLWXhehQQh+zPlusGhwpQub53e+tvFhEWgsA==\n"
    "-----END RSA PRIVATE KEY-----\n";

static const char PRIVATE_OTHER[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXAIBAAKBgQCaTXALs7QYcEXKRYNq6Uy/83favamB+uOdqYu4xpKGmLl4E8/u\n"
    "XrVc2qzfFq8Je4XmolfPHrPUs1AItmorozf82uwFLLuK/V4TNF7yX/Pb4b2UpaGb\n"
    "LsN/9TXScu17t9GouqlmixTNVXVh2DXdG3IiYF0IiVGjVjIncMFT54zMIQIDAQAB\n"
    "AoGAUDoxJrRx0D8X2lqYQM86q5cQWzg/2Sg0jrYnwpPkfX0M+eT7OMofbD76oSev\n"
    "LLP/4/HGzBb/k3kEBPOrcjL0GYKIkM0x7fVK6m1Ik2j3Ie8XqPnBJMege2WQK0as\n"
    "0lIHYC0zoAa+wF6aAbuWswdLSfhJgcx2pBgbkVRVbQZ9nwECQQDM3U2WH2bYmjNW\n"
    "oxqxLkmGi2MS9W75a67+X4sCoAGZub/Pesyk16PCi+iksFJrJFOr0LT0H35Yi2Mf\n"
    "MykdhywxAkEAwNFCdRrMitAfXPifqbQ7mpHmMYnEc0T3ZFzKRqSp3srhEDyiKSR1\n"
    "lgyvAPT9dl67XOZYPbDG14D3a/E4oszS8QJAZqcRhILRnwGNbgEmk9e0wfVAPLS8\n"
    "2cAqnI21cyhIBQZ9ZXKL7qGbDhXbCgLMGaHHR1W6BoVtYuLdVTnmhURBUQJAfx93\n"
    "+U0Z3cspYlpoqbIyOc5HPhHee0DU+k5S7hBSDpkjmVjgcM+g1rS2DKN5GDmMvcsA\n"
    "EmwiLKLSfVAkTvFLgQJBAIBG+mt42MAlPAavY3ENkGjPmBaudj1MrWI85DEwUnk+\n"
    "na4LhyxNm/x9V5iINeH7jkW1qC5zn7eqbb2M6zk1G8k=\n"
    "-----END RSA PRIVATE KEY-----\n";

static const char PRIVATE_ED25519[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIPS7yUC5V0fefkqOK+Ujexzdk7T2aks8gCdfTBZMtLvl\n"
    "-----END PRIVATE KEY-----\n";

#define PUBLIC_768                                                                                 \
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAKAWyRu2onVixs7982EaKexsp0QkrmP2mr9OFIL7uHoPsEWL"             \
    "cvatdLip2d1+HntBLmRqjYRG5O9kioGuH0zmmgvA+iP4Lj+T6XtjS9XHkmm5+H8RLZMnLGKOXivCEkOm"             \
    "SQIDAQAB"

#define PUBLIC_1024                                                                                \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDHOSdSzImaqVnaTKWPRcBTy9npADVFJnJfEGqYWI1h"             \
    "RNrqiHjzqak+oi6xQZBNVSwj0bLUZ65W+2FLvmqsO8VWs0fD3hsQ6GWqYwMBlg8ZlgMEwjNi4bdNdkXM"             \
    "R/hAHmkoa9Qi0AQoxmdjy+fWcgpZhjZ54+w/IWLhGQcX7oPYHQIDAQAB"

#define PUBLIC_2048                                                                                \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA06K+epFmx9BOwFPIgyS6qqB1hySs5xz5Dbmg"             \
    "b6Ggz4cDWAfB1BiYlztC2bqTmQMsqs8fbYdeGkXu9TLsmdG/6Psst7Mk7cp1z6oUBr8fbtbjCgeOBJKm"             \
    "7kyRCpWkFEndxEw6ppceCpmgI+M6tyALbuuJalCwIPtUJYf6MvpzWNbDeLg61oui8GWsDWkfGXEWJxQk"             \
    "NT1tDrZWiZjYQRd3gQwGpPn0grd7iUPGqgvAShhGzWPQBpEt8lj0EHSuIA2kLFGiCDvLHBhQm+5hm/z8"             \
    "je0ynTwVOmM2ziw7zvhQOaZ53Rblyvy/OqlJuKPRHNKuyQMdTtOzgdRbazy4kuPPIwIDAQAB"

/* The same inside the quotes of a zone file, as two strings. */
#define TXT_2048                                                                                   \
    "p="                                                                                           \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA06K+epFmx9BOwFPIgyS6qqB1hySs5xz5Db"               \
    "mgb6Ggz4cDWAfB1BiYlztC2bqTmQMsqs8fbYdeGkXu9TLsmdG/6Psst7Mk7cp1z6oUBr8fbtbjCgeO\" \""          \
    "BJKm7kyRCpWkFEndxEw6ppceCpmgI+M6tyALbuuJalCwIPtUJYf6MvpzWNbDeLg61oui8GWsDWkfGX"               \
    "EWJxQkNT1tDrZWiZjYQRd3gQwGpPn0grd7iUPGqgvAShhGzWPQBpEt8lj0EHSuIA2kLFGiCDvLHBhQ"               \
    "m+5hm/z8je0ynTwVOmM2ziw7zvhQOaZ53Rblyvy/OqlJuKPRHNKuyQMdTtOzgdRbazy4kuPPIwIDAQ"               \
    "AB"

#define PUBLIC_OTHER                                                                               \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCaTXALs7QYcEXKRYNq6Uy/83favamB+uOdqYu4xpKG"             \
    "mLl4E8/uXrVc2qzfFq8Je4XmolfPHrPUs1AItmorozf82uwFLLuK/V4TNF7yX/Pb4b2UpaGbLsN/9TXS"             \
    "cu17t9GouqlmixTNVXVh2DXdG3IiYF0IiVGjVjIncMFT54zMIQIDAQAB"

#define PUBLIC_ED25519 "0rk6mMl+jdqAucdI9C0nN2v+VJCrFWc1+IxLh/Kq2xI="

#define PUBLIC_PKCS1                                                                               \
    "MIGJAoGBAMc5J1LMiZqpWdpMpY9FwFPL2ekANUUmcl8QaphYjWFE2uqIePOpqT6iLrFBkE1VLCPRstRn"             \
    "rlb7YUu+aqw7xVazR8PeGxDoZapjAwGWDxmWAwTCM2Lht012RcxH+EAeaShr1CLQBCjGZ2PL59ZyClmG"             \
    "Nnnj7D8hYuEZBxfug9gdAgMBAAE="

static inline dt_message *
read_text(const char *text, gsize length)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, length);
    g_autoptr(GError) error = NULL;
    dt_message *message = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    return message;
}

/* b= for the data under a private key in PEM form. */
static inline char *
sign_data(const char *pem, dt_algorithm algorithm, const GString *data)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    guint8 digest[32], b[1024];
    size_t length = sizeof b;
    unsigned digest_length = 0;
    int done = 0;
    g_assert_nonnull(key);
    if (algorithm == DT_ALGORITHM_ED25519_SHA256) {
        EVP_Digest(data->str, data->len, digest, &digest_length, EVP_sha256(), NULL);
        EVP_DigestSignInit(md, NULL, NULL, NULL, key);
        done = EVP_DigestSign(md, b, &length, digest, digest_length);
    } else {
        EVP_DigestSignInit(md, NULL, algorithm == DT_ALGORITHM_RSA_SHA1 ? EVP_sha1() : EVP_sha256(),
                           NULL, key);
        done = EVP_DigestSign(md, b, &length, (const guint8 *)data->str, data->len);
    }
    g_assert_cmpint(done, ==, 1);
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return g_base64_encode(b, length);
}

/* bh= of the message for what the tags ask for. */
static inline char *
hash_body(dt_message *message, const char *tags)
{
    g_autoptr(dt_taglist) list = dt_taglist_parse(tags, -1);
    const char *l = dt_taglist_value(list, "l"), *a = dt_taglist_value(list, "a");
    dt_canon header;
    dt_body_hash hash = { .limit = l ? g_ascii_strtoll(l, NULL, 10) : -1,
                          .algorithm = g_strcmp0(a, "rsa-sha1") == 0 ? DT_ALGORITHM_RSA_SHA1
                                                                     : DT_ALGORITHM_RSA_SHA256 };
    if (!dt_canon_parse(dt_taglist_value(list, "c"), &header, &hash.how))
        hash.how = DT_CANON_SIMPLE;
    g_assert_true(dt_canon_body(message, &hash, 1));
    return g_base64_encode(hash.digest, hash.digest_length);
}

/* The message (header, blank line, body) with a signature on top. tags: all but bh= and b=. */
static inline char *
sign_message(const char *pem, const char *tags, const char *text)
{
    g_autoptr(dt_message) plain = read_text(text, strlen(text));
    g_autofree char *bh = hash_body(plain, tags);
    g_autofree char *field = g_strdup_printf("DKIM-Signature: %s; bh=%s; b=", tags, bh);
    g_autofree char *unsigned_text = g_strconcat(field, "\r\n", text, NULL);
    g_autoptr(dt_message) message = read_text(unsigned_text, strlen(unsigned_text));
    g_autoptr(dt_header_index) index = dt_header_index_new(message);
    g_autoptr(dt_taglist) list = dt_taglist_parse(tags, -1);
    const char *h = dt_taglist_value(list, "h"), *a = dt_taglist_value(list, "a");
    g_autofree char *names = dt_taglist_strip(h ? h : "from");
    g_auto(GStrv) covered = g_strsplit(names, ":", -1);
    dt_canon header_canon, body_canon;
    if (!dt_canon_parse(dt_taglist_value(list, "c"), &header_canon, &body_canon))
        header_canon = DT_CANON_SIMPLE;
    g_autoptr(GString) data =
        dt_canon_header(index, covered, header_canon, dt_message_field(message, 0));
    dt_algorithm algorithm = a ? dt_algorithm_parse(a) : DT_ALGORITHM_UNKNOWN;
    g_autofree char *b = sign_data(
        pem, algorithm == DT_ALGORITHM_UNKNOWN ? DT_ALGORITHM_RSA_SHA256 : algorithm, data);
    return g_strconcat(field, b, "\r\n", text, NULL);
}

/* A copy with the first of what is found replaced. */
static inline char *
replace(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    g_assert_nonnull(at);
    g_autofree char *before = g_strndup(text, (gsize)(at - text));
    return g_strconcat(before, with, at + strlen(what), NULL);
}

#endif
