/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The author (message/author.c, author-lenient.c): two From fields, parted by a NUL line or alone.
 * Input: the value, or two with an empty line between them.
 */
#include "fuzz.h"
#include "fuzz-field.h"

#include "base/name.h"

static void
check_author(const dt_author *author)
{
    guint certain = 0;
    fuzz_require(author->mailboxes->len <= DT_MAX_ADDRESSES);
    for (guint i = 0; i < author->mailboxes->len; i++) {
        const dt_mailbox *mailbox = author->mailboxes->pdata[i];
        fuzz_valid(mailbox->display_name);
        fuzz_valid(mailbox->address);
        fuzz_valid(mailbox->domain_unicode);
    }
    for (guint i = 0; i < author->domains->len; i++) {
        const char *domain = author->domains->pdata[i];
        g_autofree char *again = dt_name_from_text(domain, strlen(domain));
        fuzz_require(g_strcmp0(domain, again) == 0);
        certain += author->domain && strcmp(author->domain, domain) == 0;
    }
    /* One domain counts only if it is the only one. */
    fuzz_require(!author->domain ||
                 (certain == 1 && author->domains->len == 1 && !author->is_ambiguous));
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_ready();
    const guint8 *gap = length > 1 ? memmem(octets, length, "\n\n", 2) : NULL;
    gsize first = gap ? (gsize)(gap - octets) : length;
    const char *values[] = { (const char *)octets, gap ? (const char *)gap + 2 : NULL };
    gsize lengths[] = { first, gap ? length - first - 2 : 0 };
    dt_field fields[2];
    char *raw[2] = { NULL, NULL };
    const dt_field *both[2];
    guint count = gap ? 2 : 1;
    for (guint i = 0; i < count; i++) {
        raw[i] = g_malloc(5 + lengths[i]);
        memcpy(raw[i], "From:", 5);
        if (lengths[i] > 0)
            memcpy(raw[i] + 5, values[i], lengths[i]);
        fields[i] = (dt_field){ .index = i,
                                .line = i + 1,
                                .line_count = 1,
                                .raw = raw[i],
                                .raw_length = 5 + lengths[i],
                                .name_length = 4,
                                .value_offset = 5 };
        both[i] = &fields[i];
    }
    dt_author *author = dt_author_parse(both, count);
    check_author(author);
    dt_author_free(author);
    g_free(raw[0]);
    g_free(raw[1]);
    return 0;
}
