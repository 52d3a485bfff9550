/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which receivers are known, and what of their habits matters (the table)? One row an operator: a
 * new quirk is a row or a flag here, never a condition in a parser. Hosts that are in no row belong
 * to their organizational domain (RFC 7489 3.2). Whether a field is believed is decided in
 * evaluation.
 */
#include <string.h>
#include "base/name.h"
#include "base/text.h"
#include "receivers.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The comment above a row says what forced it, and in which month that was written down. */
static const dt_receiver receivers[] = {
    /* Received, Received-SPF, Authentication-Results from the top; groups and forwarding write them
       once more (2026-11). */
    { .name = "Google",
      .hosts = LIST("google.com", "googlemail.com", "gmail.com", "1e100.net"),
      .spf_ids = LIST("google.com"),
      .flags = DT_RECEIVER_RESULTS_BELOW | DT_RECEIVER_SPF_BELOW },
    /* No authserv-id. Inner hops have public addresses and HELO names only, so the address must be
       its own (2026-11). */
    { .name = "Microsoft",
      .hosts = LIST("outlook.com", "office365.com", "exchangelabs.com", "hotmail.com", "live.com",
                    "msn.com", "office365.us", "outlook.cn", "microsoft.com"),
      .ids = LIST("mx.microsoft.com"),
      .networks = LIST("2603:1006::/32", "2603:1016::/32", "2603:1026::/32", "2603:1036::/32",
                       "2603:1046::/32", "2603:1056::/32", "2603:1066::/32", "2603:1076::/32",
                       "2603:1086::/32", "2603:1096::/32", "2603:10a6::/32", "2603:10b6::/32",
                       "2603:10c6::/32", "2603:10d6::/32", "2603:10e6::/32", "2603:10f6::/32",
                       "2a01:111:e400::/48", "2a01:111:f400::/46", "40.92.0.0/15", "40.107.0.0/16",
                       "52.100.0.0/14", "104.47.0.0/17", "23.103.128.0/19") },
    /* "dmarc=pass(p=NONE)" without a blank, ";" at the end, results above the Received that has the
       client (2026-11). */
    { .name = "Yahoo",
      .hosts = LIST("yahoo.com", "aol.com", "yahoodns.net", "ymail.com", "rocketmail.com") },
    /* One field and one id for each method; hosts are named without a domain (2026-11). */
    { .name = "Apple",
      .hosts =
          LIST("icloud.com", "me.com", "mac.com", "apple.com", "*icloudmta*", "*mailgateway-smtp*"),
      .ids = LIST("bimi.icloud.com", "arc.icloud.com", "dmarc.icloud.com",
                  "dkim-verifier.icloud.com", "spf.icloud.com"),
      .spf_ids = LIST("spf.icloud.com"),
      .flags = DT_RECEIVER_RESULTS_BELOW | DT_RECEIVER_SPF_BELOW },
    /* SES inbound and WorkMail; what SES sends and what runs on EC2 is its customers'. The SPF
     * comment begins with "spfCheck" where others have their host name (2026-11). */
    { .name = "Amazon",
      .hosts = LIST("amazonses.com", "amazonaws.com"),
      .ids = LIST("amazonses.com"),
      .spf_ids = LIST("spfCheck", "amazonses.com"),
      .outside = LIST("*.smtp-out.*", "*.compute.*", "*.compute-1.*"),
      .flags = DT_RECEIVER_RESULTS_BELOW | DT_RECEIVER_SPF_BELOW },
    { .name = "Fastmail", .hosts = LIST("messagingengine.com", "fastmail.com", "fastmail.fm") },
    /* A field each for dkim, dmarc, spf and arc, of one id; mostly above its Received (2026-11). */
    { .name = "Proton",
      .hosts = LIST("protonmail.ch", "protonmail.com", "proton.ch", "proton.me"),
      .flags = DT_RECEIVER_RESULTS_BELOW | DT_RECEIVER_SEVERAL_FIELDS },
    /* dkim=pass without a domain; the SPF comment names an include (2026-11). */
    { .name = "Zoho",
      .hosts = LIST("zoho.com", "zoho.eu", "zoho.in", "zohomail.com", "zohomail.eu", "zohomail.in",
                    "zohomail.jp", "zohomail.sa", "zohocloud.ca"),
      .flags = DT_RECEIVER_RESULTS_BELOW },
    /* smtp.mail for smtp.mailfrom, rule=[...] in the comment (2026-11). */
    { .name = "Yandex",
      .hosts = LIST("yandex.net", "yandex.ru", "yandex.com", "ya.ru"),
      .flags = DT_RECEIVER_RESULTS_BELOW | DT_RECEIVER_PATH_BELOW },
    /* Writes below the sender's own fields, where no place proves anything (2026-11). header.from
       is an address. */
    { .name = "Mail.ru", .hosts = LIST("mail.ru", "smailru.net") },
    /* One field for each signature, no SPF and no DMARC result (2026-11). */
    { .name = "GMX", .hosts = LIST("gmx.net", "gmx.de", "gmx.com", "web.de", "mail.com") },
    /* Folds cut tokens, the id is a host name without a domain, results at the end of the header
       (2026-11). */
    { .name = "NetEase",
      .hosts = LIST("163.com", "126.com", "netease.com", "yeah.net", "163.net"),
      .ids = LIST("mx1*", "mx2*", "mx3*", "mx4*", "mx5*", "mx6*", "mx7*", "mx8*", "mx9*", "mx"),
      .flags = DT_RECEIVER_CUTS_TOKENS },
    { .name = "Tencent", .hosts = LIST("qq.com", "foxmail.com") },
    /* Email Routing: results for HELO and for MAIL FROM; the host is not in the domain of the id
       (2026-11). */
    { .name = "Cloudflare",
      .hosts = LIST("cloudflare-email.net", "cloudflare-email.com", "cloudflare.net"),
      .ids = LIST("mx.cloudflare.net"),
      .spf_ids = LIST("mx.cloudflare.net"),
      .flags = DT_RECEIVER_RESULTS_BELOW | DT_RECEIVER_SPF_BELOW },
    { .name = "Posteo", .hosts = LIST("posteo.de", "posteo.name", "posteo.net") },
    { .name = "Proofpoint",
      .hosts = LIST("pphosted.com", "ppops.net", "ppe-hosted.com", "proofpoint.com") },
    { .name = "Mimecast", .hosts = LIST("mimecast.com", "mimecast.co.za") },
    { .name = "Barracuda", .hosts = LIST("barracudanetworks.com", "barracuda.com") },
};

/* Ends of names that mean something inside one site only (RFC 6761, RFC 6762, RFC 8375, habit). */
static const char *const local_ends[] = { "localhost", "localdomain", "local",     "internal",
                                          "intern",    "lan",         "home.arpa", "corp",
                                          "home",      "private",     "intranet",  "arpa" };

const dt_receiver *
dt_receiver_get(guint index)
{
    return index < G_N_ELEMENTS(receivers) ? &receivers[index] : NULL;
}

/* Domains hold what is below them; a pattern stands for a name without dots, which no outsider's
 * DNS name can be. */
static gboolean
has_host(const dt_receiver *receiver, const char *name, gboolean has_dot)
{
    for (const char *const *host = receiver->hosts; *host; host++)
        if (dt_name_is_within(name, *host) || (!has_dot && g_pattern_match_simple(*host, name)))
            return TRUE;
    return FALSE;
}

static const dt_receiver *
receiver_of_name(const char *name)
{
    gboolean has_dot = strchr(name, '.') != NULL;
    for (guint i = 0; i < G_N_ELEMENTS(receivers); i++)
        if (has_host(&receivers[i], name, has_dot))
            return &receivers[i];
    return NULL;
}

const dt_receiver *
dt_receiver_of_host(const char *host)
{
    g_autofree char *name = host ? dt_name_from_mail(host) : NULL;
    return name ? receiver_of_name(name) : NULL;
}

/* What Received calls software that writes Return-Path at the end of the header (2026-11). */
static const char *const path_below_software[] = { "Microsoft SMTP Server" };

gboolean
dt_receiver_puts_path_below(const dt_hop *hop)
{
    const dt_receiver *receiver = dt_receiver_of_host(hop->by);
    for (guint i = 0; hop->with && i < G_N_ELEMENTS(path_below_software); i++)
        if (dt_text_has_prefix(hop->with, path_below_software[i]))
            return TRUE;
    return receiver && receiver->flags & DT_RECEIVER_PATH_BELOW;
}

static gboolean
list_has_id(const char *const *list, const char *id)
{
    g_autofree char *low = g_ascii_strdown(id, -1);
    for (; list && *list; list++) {
        gboolean is_pattern = strchr(*list, '*') != NULL;
        if (is_pattern ? !strchr(low, '.') && g_pattern_match_simple(*list, low)
                       : dt_text_equal(*list, low))
            return TRUE;
    }
    return FALSE;
}

gboolean
dt_receiver_writes_id(const dt_receiver *receiver, const char *authserv_id)
{
    return list_has_id(receiver->ids, authserv_id);
}

gboolean
dt_receiver_writes_spf_id(const dt_receiver *receiver, const char *id)
{
    return list_has_id(receiver->spf_ids, id);
}

const dt_receiver *
dt_receiver_of_id(const char *authserv_id)
{
    for (guint i = 0; authserv_id && i < G_N_ELEMENTS(receivers); i++)
        if (dt_receiver_writes_id(&receivers[i], authserv_id))
            return &receivers[i];
    return dt_receiver_of_host(authserv_id);
}

/* "192.0.2.0/24" or "2001:db8::/32". */
static gboolean
network_has(const char *network, const guint8 *octets, guint length)
{
    guint8 base[16];
    const char *slash = strchr(network, '/');
    g_autofree char *address = g_strndup(network, slash - network);
    guint bits = g_ascii_strtoull(slash + 1, NULL, 10);
    if (dt_text_ip_octets(address, base) != length || bits > length * 8 ||
        memcmp(base, octets, bits / 8) != 0)
        return FALSE;
    guint8 mask = 0xff << (8 - bits % 8);
    return bits % 8 == 0 || ((base[bits / 8] ^ octets[bits / 8]) & mask) == 0;
}

gboolean
dt_receiver_has_address(const dt_receiver *receiver, const char *ip)
{
    guint8 octets[16];
    guint length = ip ? dt_text_ip_octets(ip, octets) : 0;
    for (const char *const *network = receiver->networks; length && network && *network; network++)
        if (network_has(*network, octets, length))
            return TRUE;
    return FALSE;
}

gboolean
dt_receiver_is_outside(const dt_receiver *receiver, const char *host)
{
    g_autofree char *low = g_ascii_strdown(host, -1);
    for (const char *const *pattern = receiver->outside; pattern && *pattern; pattern++)
        if (g_pattern_match_simple(*pattern, low))
            return TRUE;
    return FALSE;
}

static gboolean
says_nothing(const char *name)
{
    guint8 octets[16];
    if (!strchr(name, '.') || dt_text_ip_octets(name, octets))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(local_ends); i++)
        if (dt_name_is_within(name, local_ends[i]))
            return TRUE;
    return FALSE;
}

char *
dt_operator_of(const char *host)
{
    g_autofree char *name = host ? dt_name_from_mail(host) : NULL;
    if (!name)
        return NULL;
    const dt_receiver *receiver = receiver_of_name(name);
    if (receiver)
        return g_strdup(receiver->name);
    return says_nothing(name) ? NULL : g_strdup(dt_name_psl_org_domain(name));
}

gboolean
dt_operator_is_same(const char *host, const char *other)
{
    g_autofree char *one = dt_operator_of(host);
    g_autofree char *two = dt_operator_of(other);
    return one && two && strcmp(one, two) == 0;
}
