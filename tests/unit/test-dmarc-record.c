/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about DMARC records: what is one, what its tags say, which faults it has.
 */
#include "dmarc/dmarc.h"

#include <string.h>

static void
only_text_that_starts_with_the_version_is_a_record(void)
{
    static const struct {
        const char *text;
        gboolean want;
    } rows[] = {
        { "v=DMARC1", TRUE },
        { "v=DMARC1;", TRUE },
        { "v=DMARC1; p=none", TRUE },
        { "v = DMARC1 ; p=none", TRUE },
        { "v\t=\tDMARC1\t;p=none", TRUE },
        { "V=DMARC1; p=none", TRUE },
        { "v=dmarc1; p=none", FALSE },
        { "v=DMARC10; p=none", FALSE },
        { "v=DMARC", FALSE },
        { "v=DMARC1 p=none", FALSE },
        { "v=DMARC1, p=none", FALSE },
        { " v=DMARC1; p=none", FALSE },
        { ";v=DMARC1; p=none", FALSE },
        { "p=none; v=DMARC1", FALSE },
        { "\"v=DMARC1; p=none\"", FALSE },
        { "v=DMARC1\xc2\xa0; p=none", FALSE },
        { "v=DMARC1\n; p=none", FALSE },
        { "v\r\n=DMARC1; p=none", FALSE },
        { "vv=DMARC1; p=none", FALSE },
        { "v=; p=none", FALSE },
        { "v", FALSE },
        { "", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(dt_dmarc_record) record =
            dt_dmarc_record_parse(rows[i].text, strlen(rows[i].text));
        if (record->is_dmarc != rows[i].want)
            g_error("%s", rows[i].text);
    }
}

/* "p sp np adkim aspf t psd pct": letters, - for unknown; then U usable, N counts as none. */
static char *
summary(const dt_dmarc_record *record)
{
    return g_strdup_printf("%c%c%c %c%c %c%c %d %s%s", "-nqr"[record->p], "-nqr"[record->sp],
                           "-nqr"[record->np], record -> adkim_strict ? 's' : 'r',
                           record->aspf_strict ? 's' : 'r', record->is_testing ? 'y' : 'n',
                           record->psd, record->pct, record->is_usable ? "U" : "-",
                           record->counts_as_none ? "N" : "");
}

static void
tags_have_values_or_their_defaults(void)
{
    static const struct {
        const char *tags, *want;
    } rows[] = {
        { "p=none", "n-- rr nu 100 U" },
        { "p=REJECT; sp=Quarantine; np=none", "rqn rr nu 100 U" },
        { "p=reject; adkim=s; aspf=S; t=Y; psd=N; pct=30", "r-- ss yn 30 U" },
        { "p=reject; adkim=strict; aspf=; t=yes; psd=x; pct=101", "r-- rr nu 100 U" },
        { "p=reject; pct=0", "r-- rr nu 0 U" },
        { "p=reject; pct=100", "r-- rr nu 100 U" },
        { "p=reject; pct=-1", "r-- rr nu 100 U" },
        { "p=reject; pct=5%", "r-- rr nu 100 U" },
        { "p=reject; pct=99999999999999999999", "r-- rr nu 100 U" },
        { "p=reject; psd=y", "r-- rr ny 100 U" },
        { "aspf=s;p=reject", "r-- rs nu 100 U" },
        { "p=reject; unknown=1; x1=2; ;; loose", "r-- rr nu 100 U" },
        { "p=reject; p=none", "r-- rr nu 100 U" },
        { "P=reject", "--- rr nu 100 -" },
        { "", "--- rr nu 100 -" },
        { "rua=mailto:d@example.com", "--- rr nu 100 UN" },
        { "ruf=mailto:d@example.com", "--- rr nu 100 -" },
        { "p=rejec", "--- rr nu 100 -" },
        { "p=rejects", "--- rr nu 100 -" },
        { "p=reject\xc2\xa0", "--- rr nu 100 -" },
        { "p=re ject", "--- rr nu 100 -" },
        { "p=x; rua=mailto:d@example.com", "--- rr nu 100 UN" },
        { "p=x; rua=d@example.com", "--- rr nu 100 -" },
        { "p=x; rua=d@example.com, mailto:e@example.com", "--- rr nu 100 UN" },
        { "p=x; rua=mailto:d@example.com!10m", "--- rr nu 100 UN" },
        { "p=x; rua=mailto:d@example.com!10", "--- rr nu 100 UN" },
        { "p=x; rua=mailto:d@example.com!10M", "--- rr nu 100 UN" },
        { "p=x; rua=mailto:d@example.com!m", "--- rr nu 100 -" },
        { "p=x; rua=mailto:d@example.com!10mb", "--- rr nu 100 -" },
        { "p=x; rua=mailto:d!e@example.com!10m", "--- rr nu 100 -" },
        { "p=x; rua=,", "--- rr nu 100 -" },
        { "p=x; rua=", "--- rr nu 100 -" },
        { "p=reject; sp=x", "r-- rr nu 100 -" },
        { "p=reject; np=x", "r-- rr nu 100 -" },
        { "p=reject; sp=x; rua=mailto:d@example.com", "r-- rr nu 100 UN" },
        { "p=reject; np=; rua=mailto:d@example.com", "r-- rr nu 100 UN" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("v=DMARC1; ", rows[i].tags, NULL);
        g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(text, strlen(text));
        g_autofree char *got = summary(record);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void
each_fault_names_its_tag(void)
{
    static const struct {
        const char *tags, *want;
    } rows[] = {
        { "p=none", "" },
        { "p=none; rua=mailto:d@example.com!10m, https://example.com/r; fo=1:d:s; ri=86400; "
          "rf=afrf; pct=50; x=1",
          "" },
        { "p=monitor", "p" },
        { "sp=none", "p" },
        { "p=none; sp=; np=x", "sp np" },
        { "p=none; p=reject", "p" },
        { "p=none; SP=reject", "sp" },
        { "p=none; adkim=strict; aspf=x; t=1; psd=z; pct=fifty", "adkim aspf t psd pct" },
        { "p=none; fo=2", "fo" },
        { "p=none; fo=0:", "fo" },
        { "p=none; rua=d@example.com", "rua" },
        { "p=none; rua=mailto:a@example.com mailto:b@example.com", "rua" },
        { "p=none; rua=mailto:a@example.com,,mailto:b@example.com", "rua" },
        { "p=none; rua=[email protected]", "rua" },
        { "p=none; ruf=mailto:d!x@example.com", "ruf" },
        { "p=none; reject", "record" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("v=DMARC1; ", rows[i].tags, NULL);
        g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(text, strlen(text));
        g_autoptr(GString) got = g_string_new(NULL);
        for (guint k = 0; k < record->errors->len; k++) {
            const dt_dmarc_error *error = g_ptr_array_index(record->errors, k);
            g_string_append_printf(got, "%s%s", k > 0 ? " " : "", error->tag);
            g_assert_true(g_str_has_suffix(error->text, "."));
            g_assert_true(g_utf8_validate(error->text, -1, NULL));
        }
        g_assert_cmpstr(got->str, ==, rows[i].want);
    }
}

static void
addresses_stay_as_written(void)
{
    static const char text[] =
        "v=DMARC1; p=none; rua= mailto:a@example.com!5m , bad ,; ruf=mailto:c@example.com";
    g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(text, strlen(text));
    g_assert_cmpuint(record->rua->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(record->rua, 0), ==, "mailto:a@example.com!5m");
    g_assert_cmpstr(g_ptr_array_index(record->rua, 1), ==, "bad");
    g_assert_cmpuint(record->ruf->len, ==, 1);
}

static void
nothing_hides_behind_a_nul(void)
{
    g_autoptr(dt_dmarc_record) p = dt_dmarc_record_parse("v=DMARC1; p=reject\0x", 20);
    g_autoptr(dt_dmarc_record) v = dt_dmarc_record_parse("v=DMARC1\0; p=reject", 19);
    g_autoptr(dt_dmarc_record) bad = dt_dmarc_record_parse("v=DMARC1; p=reject; n=\xff", 23);
    g_assert_cmpuint(p->p, ==, DT_POLICY_UNKNOWN);
    g_assert_false(v->is_dmarc);
    g_assert_true(g_utf8_validate(p->text, -1, NULL));
    g_assert_true(g_utf8_validate(bad->text, -1, NULL));
    g_assert_cmpuint(bad->p, ==, DT_POLICY_REJECT);
}

static void
a_hostile_record_has_few_errors(void)
{
    g_autoptr(GString) text = g_string_new("v=DMARC1; p=none");
    for (guint i = 0; i < 10000; i++)
        g_string_append(text, "; p=x; rua=,,");
    g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(text->str, text->len);
    g_assert_cmpuint(record->errors->len, <=, 20);
    g_assert_true(record->is_usable);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dmarc/record/only text that starts with the version is a record",
                    only_text_that_starts_with_the_version_is_a_record);
    g_test_add_func("/dmarc/record/tags have values or their defaults",
                    tags_have_values_or_their_defaults);
    g_test_add_func("/dmarc/record/each fault names its tag", each_fault_names_its_tag);
    g_test_add_func("/dmarc/record/addresses stay as written", addresses_stay_as_written);
    g_test_add_func("/dmarc/record/nothing hides behind a NUL", nothing_hides_behind_a_nul);
    g_test_add_func("/dmarc/record/a hostile record has few errors",
                    a_hostile_record_has_few_errors);
    return g_test_run();
}
