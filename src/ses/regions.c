/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Regions of Amazon SES: the names under which each appears in mail and in DNS. Rows with a code
 * and selectors were seen in real mail of 2022 to 2026; the others are known from Amazon's
 * documentation only. A region that is not in the table is still recognised by the form of its
 * name.
 */
#include "ses/private.h"
#include "base/text.h"

#include <string.h>

#define COMMON_ZONE "dkim.amazonses.com"
#define SELECTORS(...)                                                                             \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* A region as it usually is: envelope and Message-ID domain are REGION.amazonses.com. */
#define SEEN(name, code, ...)                                                                      \
    {                                                                                              \
        name, code, name ".amazonses.com", name ".amazonses.com", COMMON_ZONE,                     \
            SELECTORS(__VA_ARGS__)                                                                 \
    }
#define DOCUMENTED(name)                                                                           \
    {                                                                                              \
        name, NULL, name ".amazonses.com", name ".amazonses.com", COMMON_ZONE, NULL                \
    }
#define DOCUMENTED_OWN_ZONE(name)                                                                  \
    {                                                                                              \
        name, NULL, name ".amazonses.com", name ".amazonses.com", "dkim." name ".amazonses.com",   \
            NULL                                                                                   \
    }

static const dt_region regions[] = {
    { "us-east-1", "0100", "amazonses.com", "email.amazonses.com", COMMON_ZONE,
      SELECTORS("224i4yxa5dv7c2xz3womw6peuasteono", "6gbrjpgwjskckoa6a5zn6fwqkn67xbtw",
                "ug7nbtf4gccmlpwj322ax3p6ow6yfsug") },
    SEEN("us-west-2", "0101", "gdwg2y3kokkkj5a55z2ilkup5wp5hhxx",
         "hsbnp7p3ensaochzwyq5wwmceodymuwv", "7v7vs6w47njt4pimodk5mmttbegzsi6n"),
    SEEN("eu-west-1", "0102", "ihchhvubuqgjsxyuhssfvqohv7z3u4hn",
         "shh3fegwg5fppqsuzphvschd53n6ihuv", "uku4taia5b5tsbglxyj6zym32efj7xqv"),
    SEEN("sa-east-1", "0103", "bm3ypaoivbtdzmy3b6w37fzb5voa2uru",
         "n3kzslanjhdj36g2753vor472zw45rsk"),
    SEEN("ap-northeast-1", "0106", "zh4gjftm6etwoq6afzugpky45synznly"),
    SEEN("eu-central-1", "0107", "sokbgaaqhfgd6qjht2wmdajpuuanpimv",
         "qftdzk2dqsatjnlrq4r5brjbihpfcrsh", "54ecsf3zk7z4mwxwwox7z7bg6e5gwjsz"),
    SEEN("ap-southeast-2", "0108", "ulrbq2zjesb42hdt6rpnifgor3epinsy"),
    SEEN("ap-south-1", "0109", "zpkik46mrueu52d3326ufxxchortqmoc",
         "dvogjbaa3ou3tduyzvyu4rj5tkuzdi4h"),
    SEEN("eu-west-2", "010b", "smjs5bczbyxi6u2ua6eveuxqal7joyry",
         "pgxy5mtxzx6eoyytua4nvvg26jbuf6lj"),
    SEEN("ap-northeast-2", "010c", "myrwpgnzv3rf5jbsdckyw4kazmbvqr4g"),
    SEEN("ca-central-1", "010d", "xyc6f6lk6pvmrkurvbtj2lmxgr7e7773"),
    SEEN("ap-southeast-1", "010e", "33l4t57s6hxgsng3hsnbfahbdkoubkgb",
         "pd64dbxfdcqqbvadj6zks7h7qe3c33ao"),
    SEEN("us-east-2", "010f", "kra23psoka5qyyh6gdejiiuof3nluwuz",
         "xplzuhjr4seloozmmorg6obznvt7ijlt", "ndjes4mrtuzus6qxu3frw3ubo3gpjndv"),
    DOCUMENTED("eu-north-1"),
    DOCUMENTED("eu-west-3"),
    DOCUMENTED("me-south-1"),
    DOCUMENTED("us-west-1"),
    DOCUMENTED("us-gov-west-1"),
    DOCUMENTED_OWN_ZONE("af-south-1"),
    DOCUMENTED_OWN_ZONE("ap-northeast-3"),
    DOCUMENTED_OWN_ZONE("ap-south-2"),
    DOCUMENTED_OWN_ZONE("ap-southeast-3"),
    DOCUMENTED_OWN_ZONE("ap-southeast-5"),
    DOCUMENTED_OWN_ZONE("ca-west-1"),
    DOCUMENTED_OWN_ZONE("eu-central-2"),
    DOCUMENTED_OWN_ZONE("eu-south-1"),
    DOCUMENTED_OWN_ZONE("il-central-1"),
    DOCUMENTED_OWN_ZONE("me-central-1"),
    DOCUMENTED_OWN_ZONE("us-gov-east-1"),
};

const dt_region *
dt_region_get(guint index)
{
    return index < G_N_ELEMENTS(regions) ? &regions[index] : NULL;
}

const dt_region *
dt_region_find(const char *name)
{
    for (guint i = 0; name && i < G_N_ELEMENTS(regions); i++)
        if (dt_text_equal(regions[i].name, name))
            return &regions[i];
    return NULL;
}

const dt_region *
dt_region_find_code(const char *code)
{
    for (guint i = 0; code && i < G_N_ELEMENTS(regions); i++)
        if (regions[i].code && dt_text_equal(regions[i].code, code))
            return &regions[i];
    return NULL;
}

/* Letters, a dash, letters (once more for the gov regions), a dash, a digit: "eu-west-1",
 * "us-gov-east-1". */
gboolean
dt_region_is_name(const char *name)
{
    guint words = 0;
    while (g_ascii_islower(*name)) {
        while (g_ascii_islower(*name))
            name++;
        if (*name++ != '-')
            return FALSE;
        words++;
    }
    return words >= 2 && words <= 4 && g_ascii_isdigit(name[0]) &&
           (name[1] == '\0' || (g_ascii_isdigit(name[1]) && name[2] == '\0'));
}

/* What stands between prefix and suffix of a host name, if it is a region's name. */
static char *
region_between(const char *host, const char *prefix, const char *suffix)
{
    if (!host || !dt_text_has_prefix(host, prefix))
        return NULL;
    g_autofree char *rest = g_ascii_strdown(host + strlen(prefix), -1);
    if (g_str_has_suffix(rest, "."))
        rest[strlen(rest) - 1] = '\0';
    gsize length = strlen(rest), tail = strlen(suffix);
    if (length <= tail || strcmp(rest + length - tail, suffix) != 0)
        return NULL;
    rest[length - tail] = '\0';
    return dt_region_is_name(rest) ? g_steal_pointer(&rest) : NULL;
}

char *
dt_region_of_feedback_host(const char *name)
{
    return region_between(name, "feedback-smtp.", ".amazonses.com");
}

char *
dt_region_of_envelope(const char *name)
{
    if (name && (dt_text_equal(name, "amazonses.com") || dt_text_equal(name, "amazonses.com.")))
        return g_strdup("us-east-1");
    return region_between(name, "", ".amazonses.com");
}

char *
dt_region_of_message_domain(const char *name)
{
    if (name && dt_text_equal(name, "email.amazonses.com"))
        return g_strdup("us-east-1");
    char *region = region_between(name, "", ".amazonses.com");
    return region ? region : region_between(name, "", ".messagingfabric.com");
}

char *
dt_region_of_outbound_host(const char *name)
{
    if (!name || !dt_ses_is_outbound_host(name))
        return NULL;
    const char *dot = strchr(name, '.'), *next = dot ? strchr(dot + 1, '.') : NULL;
    if (!next)
        return NULL;
    char *region = region_between(next + 1, "", ".amazonses.com");
    gboolean is_old = dt_text_has_prefix(next + 1, "amazonses.com");
    return region ? region : is_old ? g_strdup("us-east-1") : NULL;
}

const char **
dt_ses_hosted_zones(const char *region)
{
    GPtrArray *zones = g_ptr_array_new();
    const dt_region *own = dt_region_find(region);
    if (own && strcmp(own->hosted_zone, COMMON_ZONE) != 0)
        g_ptr_array_add(zones, (gpointer)own->hosted_zone);
    g_ptr_array_add(zones, (gpointer)COMMON_ZONE);
    for (guint i = 0; i < G_N_ELEMENTS(regions); i++)
        if (&regions[i] != own && strcmp(regions[i].hosted_zone, COMMON_ZONE) != 0)
            g_ptr_array_add(zones, (gpointer)regions[i].hosted_zone);
    g_ptr_array_add(zones, NULL);
    return (const char **)g_ptr_array_free(zones, FALSE);
}
