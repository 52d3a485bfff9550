/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Changes of signed header fields undone: tags before the subject, fields put in, authors rewritten
 * by lists with the original kept elsewhere, recipients masked, encodings renamed. An RSA signature
 * is opened once, so that each try costs a hash only.
 */
#include "dkim/canon.h"
#include "dkim/crypto.h"
#include "dkim/damage.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <string.h>

#define SUBJECT_PREFIX_MAX 120 /* octets of a tag */
#define ADDRESSES_MAX      10
#define TRIES_MAX          400 /* alternatives for one header */

/* One name of h= with the field it selects and the canonical form of that. */
typedef struct {
    const char *name;
    const dt_field *field; /* NULL: absent */
    char *canonical;
} slot;

/* Another form of one slot. */
typedef struct {
    guint slot;
    char *canonical;
    const char *kind, *by;
    char *text;
} alternative;

typedef struct {
    const dt_dkim_signature *signature;
    const dt_message *message;
    const dt_header_index *index;
    const dt_damage_clock *clock;
    dt_canon how;
    GArray *slots;        /* of slot */
    GArray *alternatives; /* of alternative */
    GString *own;         /* the signature field as covered */
    dt_check opened;
    guint8 digest[DT_DIGEST_MAX];
} header_search;

static void
slot_clear(gpointer data)
{
    g_free(((slot *)data)->canonical);
}

static void
alternative_clear(gpointer data)
{
    alternative *one = data;
    g_free(one->canonical);
    g_free(one->text);
}

/* The canonical form of a field with this name and value. */
static char *
canonical_of(const header_search *s, const char *name, const char *value)
{
    g_autofree char *raw = g_strconcat(name, ":", value, NULL);
    dt_field field = { .raw = raw, .raw_length = strlen(raw), .name_length = strlen(name) };
    field.value_offset = field.name_length + 1;
    GString *out = g_string_new(NULL);
    dt_canon_field(s->how, &field, out);
    return g_string_free(out, FALSE);
}

/* Takes canonical and text. */
static void
offer(header_search *s, guint at, char *canonical, const char *kind, const char *by, char *text)
{
    const slot *of = &g_array_index(s->slots, slot, at);
    alternative one = { at, canonical, kind, by, text };
    if (s->alternatives->len < TRIES_MAX && strcmp(canonical, of->canonical) != 0)
        g_array_append_val(s->alternatives, one);
    else
        alternative_clear(&one);
}

static char *
wire_value(const dt_field *field)
{
    gsize length;
    g_autofree char *wire = dt_field_wire(field, &length);
    const char *colon = memchr(wire, ':', length);
    return colon ? g_strdup(colon + 1) : g_strdup("");
}

static char *
wire_name(const dt_field *field)
{
    return g_strndup(field->raw, field->name_length);
}

/* Is it what tags end with? */
static gboolean
may_end_tag(char c)
{
    return strchr(" \t]):}*>|-", c) != NULL;
}

static void
offer_subject(header_search *s, guint at, const char *name, const char *value, gsize lead)
{
    gsize length = strlen(value);
    for (gsize i = lead + 1; i < length && i < lead + SUBJECT_PREFIX_MAX; i++) {
        if (!may_end_tag(value[i - 1]) || strchr(" \t\r\n", value[i]))
            continue;
        g_autofree char *before = g_strndup(value, lead);
        g_autofree char *tag = g_strndup(value + lead, i - lead);
        g_autofree char *rest = g_strconcat(before, value + i, NULL);
        g_autofree char *shown = dt_text_terminal_raw(tag, strlen(tag));
        offer(s, at, canonical_of(s, name, rest), "subject-tag", "way",
              g_strdup_printf("\"%s\" was put before the subject", g_strchomp(shown)));
    }
}

/* "Re: [list] text": a tag in brackets further in. */
static void
offer_inner_tags(header_search *s, guint at, const char *name, const char *value)
{
    for (const char *open = strchr(value, '['); open; open = strchr(open + 1, '[')) {
        const char *close = strchr(open, ']');
        if (!close)
            return;
        g_autofree char *before = g_strndup(value, (gsize)(open - value));
        g_autofree char *tag = g_strndup(open, (gsize)(close + 1 - open));
        const char *after = close + 1;
        while (*after == ' ')
            after++;
        g_autofree char *rest = g_strconcat(before, after, NULL);
        g_autofree char *shown = dt_text_terminal_raw(tag, strlen(tag));
        offer(s, at, canonical_of(s, name, rest), "subject-tag", "way",
              g_strdup_printf("\"%s\" was put into the subject", shown));
    }
}

static void
try_subject(header_search *s, guint at, const dt_field *field)
{
    g_autofree char *value = wire_value(field);
    g_autofree char *name = wire_name(field);
    g_autofree char *decoded = dt_field_decoded(field);
    gsize lead = strspn(value, " \t\r\n");
    offer_subject(s, at, name, value, lead);
    offer_inner_tags(s, at, name, value);
    if (decoded && strcmp(decoded, value + lead) != 0 && g_str_is_ascii(decoded)) {
        g_autofree char *plain = g_strconcat(" ", decoded, NULL);
        offer(s, at, canonical_of(s, name, plain), "subject-recoded", "way",
              g_strdup("the subject was encoded anew"));
        offer_subject(s, at, name, plain, 1);
    }
}

/* Where software keeps a field that it replaced. */
static const char *const KEPT_AS[] = { "X-Original-%s", "X-Google-Original-%s",
                                       "Original-%s",   "X-%s-Original",
                                       "Old-%s",        "X-Old-%s" };

static void
offer_value_of(header_search *s, guint at, const char *from, const char *name, const char *kind,
               const char *by, const char *what)
{
    const dt_field *kept = dt_message_find(s->message, from, 0);
    if (!kept)
        return;
    g_autofree char *value = wire_value(kept);
    offer(s, at, canonical_of(s, name, value), kind, by,
          g_strdup_printf("%s %s; %s has the original", name, what, from));
}

static void
try_kept_originals(header_search *s, guint at, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(KEPT_AS); i++) {
        const char *mark = strstr(KEPT_AS[i], "%s");
        g_autofree char *before = g_strndup(KEPT_AS[i], (gsize)(mark - KEPT_AS[i]));
        g_autofree char *kept = g_strconcat(before, name, mark + 2, NULL);
        offer_value_of(s, at, kept, name, "field-rewritten", "way", "was replaced");
    }
}

static void
try_from(header_search *s, guint at, const char *name)
{
    static const char *const sources[] = { "Reply-To", "X-Original-Sender", "X-From", "Sender" };
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
        offer_value_of(s, at, sources[i], name, "from-rewritten", "way", "was rewritten");
}

static void
offer_recipient(header_search *s, guint at, const char *name, const char *address)
{
    static const char *const forms[] = { " %s", " <%s>" };
    for (gsize i = 0; address && i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *value = g_strconcat(i ? " <" : " ", address, i ? ">" : "", NULL);
        offer(s, at, canonical_of(s, name, value), "recipient-masked", "saving",
              g_strdup_printf("%s was changed; other fields show the recipient", name));
    }
}

static void
try_recipients(header_search *s, guint at, const char *name)
{
    static const char *const sources[] = { "Delivered-To", "X-Delivered-To", "X-Original-To",
                                           "Envelope-To",  "X-Envelope-To",  "X-Forwarded-To" };
    const GPtrArray *hops = dt_message_hops(s->message);
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
        const dt_field *field = dt_message_find(s->message, sources[i], 0);
        g_autofree char *value = field ? dt_field_value(field) : NULL;
        offer_recipient(s, at, name, value);
    }
    for (guint i = 0; i < hops->len && i < 20; i++) {
        const dt_hop *hop = g_ptr_array_index(hops, i);
        offer_recipient(s, at, name, hop->recipient);
    }
}

/* One address of a list, or the list without its first or last: the others were put in. */
static void
try_addresses(header_search *s, guint at, const char *name, const dt_field *field)
{
    g_autofree char *value = dt_field_value(field);
    g_auto(GStrv) parts = g_strsplit(value, ",", ADDRESSES_MAX);
    guint count = g_strv_length(parts);
    for (guint i = 0; i < count; i++) {
        g_autofree char *text = g_strdup_printf("addresses were added to or changed in %s", name);
        char *one = g_strstrip(parts[i]);
        char *open = strrchr(one, '<'), *close = strrchr(one, '>');
        g_autofree char *inner =
            open && close > open ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
        g_autofree char *bracketed = g_strdup_printf(" <%s>", one);
        g_autofree char *plain = g_strconcat(" ", inner ? inner : one, NULL);
        g_autofree char *whole = g_strconcat(" ", one, NULL);
        offer(s, at, canonical_of(s, name, whole), "field-rewritten", "way", g_strdup(text));
        offer(s, at, canonical_of(s, name, plain), "field-rewritten", "way", g_strdup(text));
        offer(s, at, canonical_of(s, name, bracketed), "field-rewritten", "way", g_strdup(text));
    }
    const char *last = strrchr(value, ','), *first = strchr(value, ',');
    if (!last)
        return;
    g_autofree char *without_last = g_strdup_printf(" %.*s", (int)(last - value), value);
    offer(s, at, canonical_of(s, name, without_last), "field-rewritten", "way",
          g_strdup_printf("an address was added to %s", name));
    offer(s, at, canonical_of(s, name, first + 1), "field-rewritten", "way",
          g_strdup_printf("an address was added to %s", name));
}

static void
try_values(header_search *s, guint at, const char *name, const char *const *values, guint count,
           const char *kind)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *value = g_strconcat(" ", values[i], NULL);
        offer(s, at, canonical_of(s, name, value), kind, "way",
              g_strdup_printf("%s was \"%s\"", name, values[i]));
    }
}

static void
try_mime(header_search *s, guint at, const char *name, const dt_field *field)
{
    static const char *const encodings[] = { "7bit", "8bit",  "quoted-printable", "base64", "7BIT",
                                             "8BIT", "binary" };
    static const char *const versions[] = { "1.0", "1.0 (Mime)" };
    if (dt_text_equal(name, "Content-Transfer-Encoding"))
        try_values(s, at, name, encodings, G_N_ELEMENTS(encodings), "body-recoded");
    if (dt_text_equal(name, "MIME-Version"))
        try_values(s, at, name, versions, G_N_ELEMENTS(versions), "field-rewritten");
    if (!field || !dt_text_equal(name, "Content-Type"))
        return;
    g_autofree char *value = wire_value(field);
    g_auto(GStrv) parts = g_strsplit(value, "\"", -1);
    g_autofree char *bare = g_strjoinv("", parts);
    offer(s, at, canonical_of(s, name, bare), "field-rewritten", "way",
          g_strdup_printf("quotes were put into %s", name));
}

/* The same name further up, if this field was put in below; else nothing. */
static void
try_without(header_search *s, guint at, const slot *of)
{
    g_autofree char *name = wire_name(of->field);
    g_autofree char *text = g_strdup_printf("%s was added", name);
    const dt_field *other = dt_message_find(s->message, of->name, 0);
    for (; other; other = dt_message_find(s->message, of->name, other->index + 1)) {
        if (other == of->field)
            continue;
        GString *canonical = g_string_new(NULL);
        dt_canon_field(s->how, other, canonical);
        offer(s, at, g_string_free(canonical, FALSE), "field-added", "way",
              g_strdup_printf("another %s was added", name));
        if (s->alternatives->len >= TRIES_MAX)
            return;
    }
    offer(s, at, g_strdup(""), "field-added", "way", g_steal_pointer(&text));
}

/* Only simple form knows how a field is folded. */
static void
try_folding(header_search *s, guint at, const slot *of)
{
    static const char *const folds[] = { "\r\n ", "\r\n\t", " ", "\r\n        " };
    gsize length;
    g_autofree char *wire = dt_field_wire(of->field, &length);
    if (s->how != DT_CANON_SIMPLE || !strstr(wire, "\r\n"))
        return;
    g_auto(GStrv) lines = g_strsplit(wire, "\r\n", -1);
    for (char **line = lines; *line; line++)
        if (line != lines)
            g_strchug(*line);
    for (gsize i = 0; i < G_N_ELEMENTS(folds); i++) {
        g_autofree char *joined = g_strjoinv(folds[i], lines);
        offer(s, at, g_strconcat(joined, "\r\n", NULL), "field-refolded", "saving",
              g_strdup_printf("%s was folded anew", of->name));
    }
}

static void
collect_alternatives(header_search *s)
{
    for (guint i = 0; i < s->slots->len; i++) {
        const slot *of = &g_array_index(s->slots, slot, i);
        g_autofree char *name = of->field ? wire_name(of->field) : g_strdup(of->name);
        if (of->field && dt_text_equal(name, "Subject"))
            try_subject(s, i, of->field);
        if (of->field && dt_text_equal(name, "From"))
            try_from(s, i, name);
        if (of->field && (dt_text_equal(name, "To") || dt_text_equal(name, "Cc")))
            try_recipients(s, i, name);
        if (of->field && (dt_text_equal(name, "Reply-To") || dt_text_equal(name, "To") ||
                          dt_text_equal(name, "Cc")))
            try_addresses(s, i, name, of->field);
        try_kept_originals(s, i, name);
        try_mime(s, i, name, of->field);
        if (of->field) {
            try_without(s, i, of);
            try_folding(s, i, of);
        }
    }
}

static gboolean
fits(header_search *s, const alternative *one, const alternative *two)
{
    g_autoptr(GString) data = g_string_sized_new(2048);
    for (guint i = 0; i < s->slots->len; i++) {
        const char *canonical = g_array_index(s->slots, slot, i).canonical;
        canonical = one->slot == i          ? one->canonical
                    : two && two->slot == i ? two->canonical
                                            : canonical;
        g_string_append(data, canonical);
    }
    g_string_append_len(data, s->own->str, (gssize)s->own->len);
    const dt_dkim_facts *facts = s->signature->facts;
    if (s->opened != DT_CHECK_OK)
        return dt_dkim_check(s->signature->key, facts->algorithm, data->str, data->len, facts->b) ==
               DT_CHECK_OK;
    guint8 digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(data->str, data->len, digest, &length,
               facts->algorithm == DT_ALGORITHM_RSA_SHA1 ? EVP_sha1() : EVP_sha256(), NULL);
    return memcmp(digest, s->digest, length) == 0;
}

static void
report(const header_search *s, GPtrArray *found, const alternative *one)
{
    if (!one)
        return;
    const slot *of = &g_array_index(s->slots, slot, one->slot);
    char *place = of->field ? g_strdup_printf("line %u", of->field->line) : g_strdup("header");
    g_ptr_array_add(found, dt_damage_new(one->kind, one->by, place, g_strdup(one->text)));
}

static GPtrArray *
found_these(const header_search *s, const alternative *one, const alternative *two)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)dt_damage_free);
    report(s, found, one);
    report(s, found, two);
    return found;
}

/* Each alone, then each two of different fields. */
static GPtrArray *
try_all(header_search *s)
{
    GArray *all = s->alternatives;
    for (guint i = 0; i < all->len && !dt_damage_is_over(s->clock); i++)
        if (fits(s, &g_array_index(all, alternative, i), NULL))
            return found_these(s, &g_array_index(all, alternative, i), NULL);
    for (guint i = 0; i < all->len; i++)
        for (guint j = i + 1; j < all->len; j++) {
            const alternative *one = &g_array_index(all, alternative, i),
                              *two = &g_array_index(all, alternative, j);
            if (dt_damage_is_over(s->clock))
                return NULL;
            if (one->slot != two->slot && fits(s, one, two))
                return found_these(s, one, two);
        }
    return NULL;
}

#define SLOTS_MAX   200
#define COVERED_MAX 65536 /* octets */

/* The names of h= with what they select; names beyond the fields there are give one empty slot
 * each. */
static void
fill_slots(header_search *s)
{
    g_autoptr(GPtrArray) selected =
        dt_header_select(s->index, s->signature->h, s->signature->field);
    guint next = 0;
    for (char **h = s->signature->h; *h && s->slots->len < SLOTS_MAX; h++) {
        const dt_field *field = next < selected->len ? g_ptr_array_index(selected, next) : NULL;
        gboolean is_this = field && dt_field_is(field, *h);
        GString *canonical = g_string_new(NULL);
        if (is_this)
            dt_canon_field(s->how, field, canonical);
        slot one = { *h, is_this ? field : NULL, g_string_free(canonical, FALSE) };
        g_array_append_val(s->slots, one);
        next += is_this ? 1 : 0;
    }
}

GPtrArray *
dt_damage_search_header(const dt_dkim_signature *signature, const dt_message *message,
                        const dt_header_index *index, const dt_damage_clock *clock)
{
    const dt_dkim_facts *facts = signature->facts;
    header_search s = { .signature = signature,
                        .message = message,
                        .index = index,
                        .clock = clock,
                        .how = facts->header_canon };
    g_autoptr(GArray) slots = s.slots = g_array_new(FALSE, FALSE, sizeof(slot));
    g_autoptr(GArray) alternatives = s.alternatives =
        g_array_new(FALSE, FALSE, sizeof(alternative));
    g_autoptr(GString) own = s.own = g_string_new(NULL);
    g_array_set_clear_func(slots, slot_clear);
    g_array_set_clear_func(alternatives, alternative_clear);
    s.opened = dt_crypto_open(signature->key, facts->algorithm, facts->b, s.digest);
    if (s.opened == DT_CHECK_MISMATCH)
        return NULL;
    dt_canon_signature_field(s.how, signature->field, own);
    fill_slots(&s);
    gsize total = 0;
    for (guint i = 0; i < slots->len; i++)
        total += strlen(g_array_index(slots, slot, i).canonical);
    if (slots->len >= SLOTS_MAX || total > COVERED_MAX)
        return NULL;
    collect_alternatives(&s);
    return try_all(&s);
}
