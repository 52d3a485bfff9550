/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Canonical form of the body (RFC 6376 3.4.3, 3.4.4) hashed as it streams by, for several hashes at
 * once, in constant memory whatever the length of a line. Input is the body as on the wire (CR LF).
 */
#include "dkim/canon.h"

#include <openssl/evp.h>
#include <string.h>

typedef struct {
    dt_body_hash *hash;
    EVP_MD_CTX *md;
    guint64 left;         /* octets that l= still lets through */
    guint64 crlf_pending; /* line ends that count only if text follows */
    gboolean has_cr;      /* the last octet of the piece before was CR */
    gboolean has_space;   /* relaxed: blanks that count only if text follows on the line */
    GByteArray *out;      /* relaxed: canonical octets not yet hashed */
} body_state;

#define OUT_SIZE 16384

static void
emit(body_state *state, const void *octets, gsize length)
{
    state->hash->canonical_size += length;
    gsize counted = MIN(state->left, length);
    if (counted > 0)
        EVP_DigestUpdate(state->md, octets, counted);
    state->left -= counted;
}

static void
flush_out(body_state *state)
{
    emit(state, state->out->data, state->out->len);
    g_byte_array_set_size(state->out, 0);
}

static void
emit_line_ends(body_state *state)
{
    static const char line_ends[] =
        "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
    for (guint64 rest = state->crlf_pending * 2; rest > 0;) {
        gsize piece = MIN(rest, sizeof line_ends - 1);
        emit(state, line_ends, piece);
        rest -= piece;
    }
    state->crlf_pending = 0;
}

/* A CR at the end of the piece before: part of a line end, or text. Returns what of the new piece
 * is used up. */
static gsize
settle_cr(body_state *state, const char *octets)
{
    state->has_cr = FALSE;
    if (octets[0] == '\n') {
        state->crlf_pending++;
        return 1;
    }
    emit_line_ends(state);
    emit(state, "\r", 1);
    return 0;
}

/* Line ends at the end of a piece are held back, everything before them is hashed in place. */
static void
feed_simple(body_state *state, const char *octets, gsize length)
{
    if (state->has_cr) {
        gsize used = settle_cr(state, octets);
        octets += used;
        length -= used;
    }
    gsize text = length;
    guint64 line_ends = 0;
    if (text > 0 && octets[text - 1] == '\r') {
        state->has_cr = TRUE;
        text--;
    }
    for (; text >= 2 && octets[text - 2] == '\r' && octets[text - 1] == '\n'; text -= 2)
        line_ends++;
    if (text > 0) {
        emit_line_ends(state);
        emit(state, octets, text);
    }
    state->crlf_pending += line_ends;
}

static void
append_text(body_state *state, const char *octets, gsize length)
{
    if (length == 0)
        return;
    if (state->crlf_pending > 0) {
        flush_out(state);
        emit_line_ends(state);
    }
    if (state->has_space)
        g_byte_array_append(state->out, (const guint8 *)" ", 1);
    state->has_space = FALSE;
    if (state->out->len + length > OUT_SIZE)
        flush_out(state);
    if (length > OUT_SIZE)
        emit(state, octets, length);
    else
        g_byte_array_append(state->out, (const guint8 *)octets, (guint)length);
}

static gsize
plain_length(const char *octets, gsize length)
{
    gsize i = 0;
    while (i < length && octets[i] != ' ' && octets[i] != '\t' && octets[i] != '\r' &&
           octets[i] != '\n')
        i++;
    return i;
}

static void
feed_relaxed(body_state *state, const char *octets, gsize length)
{
    for (gsize i = 0; i < length;) {
        if (state->has_cr && octets[i] != '\n')
            append_text(state, "\r", 1);
        if (octets[i] == '\n' && state->has_cr) {
            state->crlf_pending++;
            state->has_space = FALSE;
        } else if (octets[i] == '\n') {
            append_text(state, "\n", 1);
        } else if (octets[i] == ' ' || octets[i] == '\t') {
            state->has_space = TRUE;
        }
        state->has_cr = octets[i] == '\r';
        gsize plain = plain_length(octets + i, length - i);
        append_text(state, octets + i, plain);
        i += plain > 0 ? plain : 1;
    }
}

static gboolean
feed_all(const char *octets, gsize length, gpointer data)
{
    GArray *states = data;
    for (guint i = 0; i < states->len && length > 0; i++) {
        body_state *state = &g_array_index(states, body_state, i);
        if (state->hash->how == DT_CANON_SIMPLE)
            feed_simple(state, octets, length);
        else
            feed_relaxed(state, octets, length);
    }
    return TRUE;
}

static void
start(body_state *state, dt_body_hash *hash)
{
    hash->canonical_size = 0;
    hash->digest_length = 0;
    *state = (body_state){ .hash = hash,
                           .md = EVP_MD_CTX_new(),
                           .left = hash->limit < 0 ? G_MAXUINT64 : (guint64)hash->limit,
                           .out = g_byte_array_sized_new(OUT_SIZE) };
    EVP_DigestInit_ex(state->md,
                      hash->algorithm == DT_ALGORITHM_RSA_SHA1 ? EVP_sha1() : EVP_sha256(), NULL);
}

/* The end of the body: one line end behind text; an empty body is one line end (simple) or nothing
 * (relaxed). */
static void
finish(body_state *state, gboolean is_read)
{
    if (state->has_cr && state->hash->how == DT_CANON_SIMPLE)
        settle_cr(state, "");
    else if (state->has_cr)
        append_text(state, "\r", 1);
    flush_out(state);
    if (state->hash->canonical_size > 0 || state->hash->how == DT_CANON_SIMPLE)
        emit(state, "\r\n", 2);
    unsigned length = 0;
    if (is_read)
        EVP_DigestFinal_ex(state->md, state->hash->digest, &length);
    state->hash->digest_length = length;
    EVP_MD_CTX_free(state->md);
    g_byte_array_unref(state->out);
}

gboolean
dt_canon_body(dt_message *message, dt_body_hash *hashes, guint count)
{
    g_autoptr(GArray) states = g_array_sized_new(FALSE, TRUE, sizeof(body_state), count);
    g_array_set_size(states, count);
    for (guint i = 0; i < count; i++)
        start(&g_array_index(states, body_state, i), &hashes[i]);
    gboolean is_read = dt_message_each_body(message, feed_all, states, NULL);
    for (guint i = 0; i < count; i++)
        finish(&g_array_index(states, body_state, i), is_read);
    return is_read;
}

void
dt_canon_octets(const char *octets, gsize length, dt_body_hash *hash)
{
    g_autoptr(GArray) states = g_array_sized_new(FALSE, TRUE, sizeof(body_state), 1);
    g_array_set_size(states, 1);
    start(&g_array_index(states, body_state, 0), hash);
    feed_all(octets, length, states);
    finish(&g_array_index(states, body_state, 0), TRUE);
}
