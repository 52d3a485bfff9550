/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about the damage search: which changes are found again, that nothing is claimed for
 * others, and that time ends it.
 */
#include "dkim-signer.h"

#define HEADER                                                                                     \
    "From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: Your order\r\n"                \
    "Reply-To: help@example.com\r\nContent-Type: text/plain; "                                     \
    "charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
#define BODY                                                                                       \
    "Dear Bob,\r\n\r\nFrom here on it is \303\251asy: the first part \r\nof a long sentence ends " \
    "here.\r\n"                                                                                    \
    ".dot\r\n\r\n-- \r\nAnn\r\n"
#define MAIL        HEADER "\r\n" BODY
#define ZONE        "k._domainkey.example.com. TXT \"p=" PUBLIC_1024 "\"\n"
#define NAMES       "h=from:to:subject:reply-to:content-type:content-transfer-encoding:mime-version"
#define TAGS(canon) "v=1; a=rsa-sha256; c=" canon "; d=example.com; s=k; " NAMES

/* "kind, kind @ place", or "-" */
static char *
find_damage(const char *text, const char *zone_text, guint budget_ms)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) message = read_text(text, strlen(text));
    g_autoptr(dt_zone) zone = dt_zone_new();
    dt_zone_read_text(zone, zone_text, -1, "zone", &error);
    g_assert_no_error(error);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 1000);
    dt_dkim_options options = { .at = 1700000000,
                                .damage_search = TRUE,
                                .damage_budget_ms = budget_ms };
    g_autoptr(dt_dkim) dkim = dt_dkim_evaluate(message, resolver, &options);
    const dt_dkim_signature *one = g_ptr_array_index(dkim->signatures, 0);
    if (!one->damage)
        return g_strdup("-");
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < one->damage->len; i++) {
        const dt_damage *damage = g_ptr_array_index(one->damage, i);
        g_assert_nonnull(damage->text);
        g_string_append_printf(out, "%s%s @ %s", i ? "; " : "", damage->kind, damage->place);
    }
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *what, *with, *want;
} change;

static void
assert_found(const char *tags, const change *rows, guint count)
{
    g_autofree char *mail = sign_message(PRIVATE_1024, tags, MAIL);
    for (guint i = 0; i < count; i++) {
        g_autofree char *changed = replace(mail, rows[i].what, rows[i].with);
        g_autofree char *got = find_damage(changed, ZONE, 5000);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
changes_of_the_body_are_found(void)
{
    static const change rows[] = {
        { "-- \r\n", "--\r\n", "trailing-spaces @ line 15" },
        { "part \r\nof", "part\r\nof", "trailing-spaces @ line 11" },
        { "Ann\r\n", "Ann\r\n--\r\nfooter of a list\r\n", "footer-added @ lines 17-18" },
        { "\r\n\r\nDear", "\r\n\r\nCAUTION\r\n\r\nDear", "banner-added @ lines 9-10" },
        { "Dear Bob,\r\n\r\n", "Dear Bob,\r\n\r\nnotice\r\n\r\n", "text-added @ lines 11-12" },
        { "\r\n\r\nDear", "\r\n\r\n\r\n\r\nDear", "leading-lines @ body" },
        { "From here", ">From here", "from-quoting @ body" },
        { ".dot", "..dot", "dot-stuffing @ body" },
        { ".dot", "dot", "-" },
        { "\303\251", "\351", "charset-changed @ body" },
        { "asy", "azy", "-" },
    };
    assert_found(TAGS("relaxed/simple"), rows, G_N_ELEMENTS(rows));
}

static void
relaxed_bodies_are_searched_too(void)
{
    static const change rows[] = {
        { "Ann\r\n", "Ann\r\n\r\n  footer   of a list\r\n", "footer-added @ lines 17-18" },
        { "From here", ">From here", "from-quoting @ body" },
        { "Dear Bob,\r\n\r\n", "Dear Bob,\r\n\r\nnotice\r\n\r\n", "text-added @ lines 11-12" },
    };
    assert_found(TAGS("relaxed/relaxed"), rows, G_N_ELEMENTS(rows));
}

static void
changes_of_the_header_are_found(void)
{
    static const change rows[] = {
        { "Subject: ", "Subject: [EXTERNAL] ", "subject-tag @ line 4" },
        { "Subject: ", "Subject: ***SPAM*** Re: ", "subject-tag @ line 4" },
        { "Your order", "Your [list] order", "subject-tag @ line 4" },
        { "Reply-To: help", "Reply-To: list@example.org, help", "field-rewritten @ line 5" },
        { "Reply-To: ", "X-Original-Reply-To: help@example.com\r\nReply-To: other@example.org, ",
          "field-rewritten @ line 6" },
        { "From: Ann <ann@example.com>\r\n",
          "From: Ann via List <list@example.org>\r\nX-Original-From: Ann <ann@example.com>\r\n",
          "field-rewritten @ line 2" },
        { "To: bob@example.net\r\n", "To: [hidden]\r\nDelivered-To: bob@example.net\r\n",
          "recipient-masked @ line 3" },
        { "Encoding: 8bit", "Encoding: base64", "body-recoded @ line 7" },
        { "Content-Type:", "Mime-Version: 1.0\r\nContent-Type:", "field-added @ line 6" },
        { "Ann <ann", "Anna <ann", "-" },
    };
    assert_found(TAGS("relaxed/simple"), rows, G_N_ELEMENTS(rows));
}

static void
changes_come_together(void)
{
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS("relaxed/simple"), MAIL);
    g_autofree char *subject = replace(mail, "Subject: ", "Subject: [list] ");
    g_autofree char *both = replace(subject, "Reply-To: help", "Reply-To: list@example.org, help");
    g_autofree char *all = replace(both, "Ann\r\n", "Ann\r\n____\r\nfooter\r\n");
    g_autofree char *quoted = replace(mail, "From here", ">From here");
    g_autofree char *stuffed = replace(quoted, ".dot", "..dot");
    g_autofree char *hopeless = replace(all, "Dear Bob", "Dear Eve");
    g_autofree char *of_all = find_damage(all, ZONE, 5000);
    g_autofree char *of_two = find_damage(stuffed, ZONE, 5000);
    g_autofree char *of_none = find_damage(hopeless, ZONE, 5000);
    g_assert_cmpstr(of_all, ==,
                    "subject-tag @ line 4; field-rewritten @ line 5; footer-added @ lines 17-18");
    g_assert_cmpstr(of_two, ==, "from-quoting @ body; dot-stuffing @ body");
    g_assert_cmpstr(of_none, ==, "-");
}

static void
simple_headers_may_be_folded_anew(void)
{
    g_autofree char *text = replace(MAIL, "Your order", "Your\r\n order\r\n of today");
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS("simple/simple"), text);
    g_autofree char *changed = replace(mail, "Your\r\n order\r\n of", "Your\r\n\torder\r\n\tof");
    g_autofree char *got = find_damage(changed, ZONE, 5000);
    g_assert_cmpstr(got, ==, "field-refolded @ line 4");
}

static void
a_part_that_a_list_added_is_found(void)
{
    static const char text[] =
        "From: Ann <ann@example.com>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\n\r\ntext\r\n--b\r\n\r\n<p>text</p>\r\n--b--\r\n";
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS("relaxed/relaxed"), text);
    g_autofree char *more =
        replace(mail, "--b--", "--b\r\nContent-Type: text/plain\r\n\r\nlist\r\n--b--");
    g_autofree char *got = find_damage(more, ZONE, 5000);
    g_assert_cmpstr(got, ==, "text-added @ lines 11-14");
}

static void
the_body_is_searched_without_a_key(void)
{
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS("relaxed/simple"), MAIL);
    g_autofree char *changed = replace(mail, "-- \r\n", "--\r\n");
    g_autofree char *got = find_damage(changed, "example.com. A 192.0.2.1\n", 5000);
    g_assert_cmpstr(got, ==, "trailing-spaces @ line 15");
}

static void
time_ends_the_search(void)
{
    g_autoptr(GString) text = g_string_new(HEADER "\r\n");
    for (guint i = 0; i < 20000; i++)
        g_string_append_printf(text, "line %u of > a \303\251 longer = body\r\n%s", i,
                               i % 7 ? "" : "\r\n");
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS("relaxed/simple"), text->str);
    g_autofree char *changed = replace(mail, "line 10000 ", "line 1000a ");
    gint64 start = g_get_monotonic_time();
    g_autofree char *got = find_damage(changed, ZONE, 100);
    g_assert_cmpstr(got, ==, "-");
    g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
}

static void
a_message_that_verifies_is_not_searched(void)
{
    g_autofree char *mail = sign_message(PRIVATE_1024, TAGS("relaxed/simple"), MAIL);
    g_autofree char *got = find_damage(mail, ZONE, 5000);
    g_assert_cmpstr(got, ==, "-");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/damage/changes of the body are found", changes_of_the_body_are_found);
    g_test_add_func("/damage/relaxed bodies are searched too", relaxed_bodies_are_searched_too);
    g_test_add_func("/damage/changes of the header are found", changes_of_the_header_are_found);
    g_test_add_func("/damage/changes come together", changes_come_together);
    g_test_add_func("/damage/simple headers may be folded anew", simple_headers_may_be_folded_anew);
    g_test_add_func("/damage/a part that a list added is found", a_part_that_a_list_added_is_found);
    g_test_add_func("/damage/the body is searched without a key",
                    the_body_is_searched_without_a_key);
    g_test_add_func("/damage/time ends the search", time_ends_the_search);
    g_test_add_func("/damage/a message that verifies is not searched",
                    a_message_that_verifies_is_not_searched);
    return g_test_run();
}
