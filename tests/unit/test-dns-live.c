/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about live DNS, asked of a small server inside this program on the loopback address: no
 * packet leaves the machine. Skipped where the DNS library is not installed.
 */
#include "dns-shown.h"
#include "dns/packet.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the server ---------------------------------------------------------------------------- */

#define HEADER   12
#define BIG_TEXT 4000

typedef struct {
    int udp, tcp, stop[2];
    guint port;
    gint asked; /* packets, atomic */
    GThread *thread;
} server;

static void
put(GByteArray *out, const char *octets, gsize length)
{
    g_byte_array_append(out, (const guint8 *)octets, (guint)length);
}

static void
put_u16(GByteArray *out, guint value)
{
    const guint8 octets[2] = { value >> 8, value & 0xff };
    g_byte_array_append(out, octets, 2);
}

static void
put_name(GByteArray *out, const char *name)
{
    g_auto(GStrv) labels = g_strsplit(name, ".", -1);
    for (char **label = labels; *label && **label; label++) {
        const guint8 length = (guint8)strlen(*label);
        g_byte_array_append(out, &length, 1);
        put(out, *label, length);
    }
    put(out, "", 1);
}

/* owner NULL: the name of the question, as a pointer to it. */
static void
put_record(GByteArray *out, const char *owner, guint type, guint ttl, const GByteArray *data)
{
    if (owner)
        put_name(out, owner);
    else
        put_u16(out, 0xc000 | HEADER);
    put_u16(out, type);
    put_u16(out, 1);
    put_u16(out, 0);
    put_u16(out, ttl);
    put_u16(out, data->len);
    g_byte_array_append(out, data->data, data->len);
}

static void
put_txt(GByteArray *out, const char *text)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    for (gsize left = strlen(text); left > 0;) {
        const guint8 length = (guint8)MIN(left, 255);
        g_byte_array_append(data, &length, 1);
        put(data, text, length);
        text += length;
        left -= length;
    }
    put_record(out, NULL, DT_RR_TXT, 300, data);
}

static void
put_cname(GByteArray *out, const char *owner, const char *target)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    put_name(data, target);
    put_record(out, owner, DT_RR_CNAME, 60, data);
}

static void
put_soa(GByteArray *out)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    put_name(data, "ns.example");
    put_name(data, "host.example");
    for (guint i = 0; i < 5; i++) {
        put_u16(data, 0);
        put_u16(data, 120);
    }
    put_record(out, "example", DT_RR_SOA, 600, data);
}

/* Fills in the counts and flags: QR, RD, RA, and TC if is_cut. */
static void
finish(GByteArray *out, guint rcode, guint answers, guint authorities, gboolean is_cut)
{
    out->data[2] = 0x81 | (is_cut ? 0x02 : 0);
    out->data[3] = 0x80 | rcode;
    out->data[7] = (guint8)answers;
    out->data[9] = (guint8)authorities;
    out->data[11] = 0;
}

/* The answer to a packet; NULL: silence. */
static GByteArray *
serve(const guint8 *packet, gsize length, gboolean is_tcp)
{
    gsize at = HEADER;
    g_autofree char *name = length > HEADER + 4 ? dt_wire_name(packet, length, &at) : NULL;
    if (!name || at + 4 > length || strstr(name, "silent"))
        return NULL;
    guint type = (guint)packet[at] << 8 | packet[at + 1];
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, packet, (guint)at + 4);
    gboolean is_txt = type == DT_RR_TXT;
    if (g_str_has_prefix(name, "fail"))
        finish(out, 2, 0, 0, FALSE);
    else if (g_str_has_prefix(name, "refused"))
        finish(out, 5, 0, 0, FALSE);
    else if (g_str_has_prefix(name, "nxbut") && is_txt) {
        put_txt(out, "and yet a text");
        finish(out, 3, 1, 0, FALSE);
    } else if (g_str_has_prefix(name, "nx")) {
        put_soa(out);
        finish(out, 3, 0, 1, FALSE);
    } else if (g_str_has_prefix(name, "big") && is_txt && !is_tcp)
        finish(out, 0, 0, 0, TRUE);
    else if (g_str_has_prefix(name, "big") && is_txt) {
        g_autofree char *text = g_strnfill(BIG_TEXT, 'b');
        put_txt(out, text);
        finish(out, 0, 1, 0, FALSE);
    } else if (g_str_has_prefix(name, "led") || g_str_has_prefix(name, "mid")) {
        put_cname(out, name, name[0] == 'l' ? "mid.example" : "end.example");
        finish(out, 0, 1, 0, FALSE);
    } else if (g_str_has_prefix(name, "loop")) {
        put_cname(out, name, name[4] == '1' ? "loop2.example" : "loop1.example");
        finish(out, 0, 1, 0, FALSE);
    } else if (is_txt && !g_str_has_prefix(name, "empty")) {
        put_txt(out, "two");
        put_txt(out, "one");
        finish(out, 0, 2, 0, FALSE);
    } else {
        put_soa(out);
        finish(out, 0, 0, 1, FALSE);
    }
    return out;
}

static void
serve_udp(const server *self)
{
    guint8 packet[2048];
    struct sockaddr_in from;
    socklen_t from_length = sizeof from;
    gssize n =
        recvfrom(self->udp, packet, sizeof packet, 0, (struct sockaddr *)&from, &from_length);
    g_autoptr(GByteArray) out = n > 0 ? serve(packet, (gsize)n, FALSE) : NULL;
    if (out)
        g_assert_cmpint(
            sendto(self->udp, out->data, out->len, 0, (struct sockaddr *)&from, from_length), >, 0);
}

static void
serve_tcp(const server *self)
{
    guint8 packet[2048];
    int fd = accept(self->tcp, NULL, NULL);
    gssize n = recv(fd, packet, sizeof packet, 0);
    g_autoptr(GByteArray) out = n > 2 ? serve(packet + 2, (gsize)n - 2, TRUE) : NULL;
    if (out) {
        const guint8 length[2] = { out->len >> 8, out->len & 0xff };
        g_assert_cmpint(send(fd, length, 2, MSG_NOSIGNAL | MSG_MORE), ==, 2);
        g_assert_cmpint(send(fd, out->data, out->len, MSG_NOSIGNAL), ==, out->len);
    }
    close(fd);
}

static gpointer
server_run(gpointer data)
{
    server *self = data;
    struct pollfd fds[] = { { self->udp, POLLIN, 0 },
                            { self->tcp, POLLIN, 0 },
                            { self->stop[0], POLLIN, 0 } };
    while (poll(fds, 3, -1) > 0 && !fds[2].revents) {
        g_atomic_int_inc(&self->asked);
        if (fds[0].revents)
            serve_udp(self);
        if (fds[1].revents)
            serve_tcp(self);
    }
    return NULL;
}

static void
server_start(server *self)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    memset(self, 0, sizeof *self);
    do { /* the free UDP port must be free for TCP too */
        address.sin_port = 0;
        self->udp = socket(AF_INET, SOCK_DGRAM, 0);
        self->tcp = socket(AF_INET, SOCK_STREAM, 0);
        g_assert_cmpint(bind(self->udp, (struct sockaddr *)&address, sizeof address), ==, 0);
        g_assert_cmpint(getsockname(self->udp, (struct sockaddr *)&address, &length), ==, 0);
        if (bind(self->tcp, (struct sockaddr *)&address, sizeof address) == 0)
            break;
        close(self->udp);
        close(self->tcp);
    } while (TRUE);
    g_assert_cmpint(listen(self->tcp, 5), ==, 0);
    g_assert_cmpint(pipe(self->stop), ==, 0);
    self->port = ntohs(address.sin_port);
    self->thread = g_thread_new("server", server_run, self);
}

static void
server_stop(server *self)
{
    g_assert_cmpint(write(self->stop[1], "", 1), ==, 1);
    g_thread_join(self->thread);
    close(self->udp);
    close(self->tcp);
    close(self->stop[0]);
    close(self->stop[1]);
}

static dt_source *
source_of(const server *self)
{
    GError *error = NULL;
    g_autofree char *address = g_strdup_printf("127.0.0.1@%u", self->port);
    dt_source *source = dt_source_new_live(address, &error);
    g_assert_no_error(error);
    return source;
}

/* ---- the claims ---------------------------------------------------------------------------- */

static void
each_outcome_of_a_server_has_its_status(void)
{
    static const char *const rows[][2] = {
        { "a.example TXT", "ok =one =two" },
        { "nx.example TXT", "nxdomain" },
        { "nxbut.example TXT", "nxdomain" },
        { "empty.example TXT", "nodata" },
        { "a.example A", "nodata" },
        { "fail.example TXT", "servfail" },
        { "refused.example TXT", "servfail" },
        { "led.example TXT", "ok >mid.example >end.example =one =two" },
        { "led.example MX", "nodata >mid.example >end.example" },
        { "led.example CNAME", "ok =mid.example" },
        { "loop1.example TXT", "servfail" },
        { "a.test TXT", "ok =one =two" },
        { "a.invalid TXT", "ok =one =two" },
        { "a.onion TXT", "ok =one =two" },
        { "1.2.0.192.in-addr.arpa TXT", "ok =one =two" },
        { "1.0.0.10.in-addr.arpa TXT", "ok =one =two" },
        { "1.0.0.127.in-addr.arpa TXT", "ok =one =two" },
        { "b\\046c.example TXT", "ok =one =two" },
    };
    server self;
    server_start(&self);
    g_autoptr(dt_source) source = source_of(&self);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_source(source, rows[i][0], rows[i][1]);
    server_stop(&self);
}

static void
an_answer_says_where_it_is_from_and_how_long_it_lasts(void)
{
    server self;
    server_start(&self);
    g_autoptr(dt_source) source = source_of(&self);
    g_autofree char *label = g_strdup_printf("127.0.0.1@%u", self.port);
    dt_budget budget = { .timeout_us = 10 * G_USEC_PER_SEC };
    g_autoptr(dt_answer) good = dt_source_ask(source, "a.example", DT_RR_TXT, &budget);
    g_autoptr(dt_answer) led = dt_source_ask(source, "led.example", DT_RR_TXT, &budget);
    g_autoptr(dt_answer) absent = dt_source_ask(source, "nx.example", DT_RR_TXT, &budget);
    g_assert_cmpstr(good->server, ==, label);
    g_assert_cmpint(good->origin, ==, DT_FROM_LIVE);
    g_assert_cmpint(good->dnssec, ==, DT_DNSSEC_UNCHECKED);
    g_assert_cmpint(good->ttl, ==, 300);
    g_assert_cmpint(led->ttl, ==, 60);
    g_assert_cmpint(absent->ttl, ==, 120);
    server_stop(&self);
}

static void
a_cut_answer_is_asked_for_again_by_tcp(void)
{
    server self;
    server_start(&self);
    g_autoptr(dt_source) source = source_of(&self);
    dt_budget budget = { .timeout_us = 10 * G_USEC_PER_SEC };
    g_autoptr(dt_answer) answer = dt_source_ask(source, "big.example", DT_RR_TXT, &budget);
    g_assert_cmpint(answer->status, ==, DT_DNS_OK);
    g_assert_cmpuint(answer->records[0].length, ==, BIG_TEXT);
    server_stop(&self);
}

static void
silence_is_a_timeout_within_the_budget(void)
{
    server self;
    server_start(&self);
    g_autoptr(dt_source) source = source_of(&self);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 400);
    gint64 begin = g_get_monotonic_time();
    assert_shown(dt_resolver_ask(resolver, "a.example", DT_RR_TXT), "ok =one =two");
    assert_shown(dt_resolver_ask(resolver, "silent.example", DT_RR_TXT), "timeout");
    gint64 took_ms = (g_get_monotonic_time() - begin) / 1000;
    g_assert_cmpint(took_ms, >=, 390);
    g_assert_cmpint(took_ms, <, 3000);
    gint asked = g_atomic_int_get(&self.asked);
    assert_shown(dt_resolver_ask(resolver, "b.example", DT_RR_TXT), "timeout");
    g_assert_cmpint(g_atomic_int_get(&self.asked), ==, asked);
    g_assert_true(dt_resolver_was_cut(resolver));
    /* Another case with time of its own is not harmed by it. */
    g_autoptr(dt_resolver) next = dt_resolver_new(source, 5000);
    assert_shown(dt_resolver_ask(next, "b.example", DT_RR_TXT), "ok =one =two");
    server_stop(&self);
}

static void
announced_questions_go_out_together(void)
{
    server self;
    server_start(&self);
    g_autoptr(dt_source) live = source_of(&self);
    g_autoptr(dt_source) cache = dt_source_new_cache(live);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(cache, 600);
    const dt_question questions[] = {
        { "silent1.example", DT_RR_TXT }, { "silent2.example", DT_RR_TXT },
        { "a.example", DT_RR_TXT },       { "a.example", DT_RR_TXT },
        { "bad..example", DT_RR_TXT },    { "nx.example", DT_RR_TXT },
    };
    dt_resolver_prefetch(resolver, questions, G_N_ELEMENTS(questions));
    g_assert_cmpuint(dt_resolver_log_count(resolver), ==, 0);
    assert_shown(dt_resolver_ask(resolver, "nx.example", DT_RR_TXT), "nxdomain");
    assert_shown(dt_resolver_ask(resolver, "a.example", DT_RR_TXT), "ok =one =two");
    assert_shown(dt_resolver_ask(resolver, "silent1.example", DT_RR_TXT), "timeout");
    g_assert_cmpuint(dt_resolver_log_count(resolver), ==, 3);
    g_assert_cmpstr(dt_resolver_log_get(resolver, 0)->name, ==, "nx.example");
    g_autoptr(dt_resolver) next = dt_resolver_new(cache, 0);
    g_assert_cmpint(dt_resolver_ask(next, "a.example", DT_RR_TXT)->origin, ==, DT_FROM_CACHE);
    server_stop(&self);
}

static gpointer
ask_in_thread(gpointer data)
{
    dt_budget budget = { .timeout_us = 20 * G_USEC_PER_SEC };
    for (guint i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("t%u.example", i);
        g_autoptr(dt_answer) answer = dt_source_ask(data, name, DT_RR_TXT, &budget);
        g_assert_cmpstr(answer->name, ==, name);
        assert_shown(answer, "ok =one =two");
    }
    return NULL;
}

static void
threads_share_a_live_source(void)
{
    server self;
    GThread *threads[4];
    server_start(&self);
    g_autoptr(dt_source) source = source_of(&self);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("ask", ask_in_thread, source);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    server_stop(&self);
}

/* ---- without a server ---------------------------------------------------------------------- */

static void
servers_are_addresses(void)
{
    static const struct {
        const char *text;
        gboolean want;
    } rows[] = {
        { "192.0.2.1", TRUE },
        { "192.0.2.1@53", TRUE },
        { "2001:db8::1@5353", TRUE },
        { "fe80::1%eth0", TRUE },
        { "192.0.2.1@0", FALSE },
        { "192.0.2.1@65536", FALSE },
        { "192.0.2.1@", FALSE },
        { "192.0.2.1:53", FALSE },
        { "ns.example", FALSE },
        { "", FALSE },
        { "@53", FALSE },
        { "[2001:db8::1]", FALSE },
        { "192.0.2.1\n192.0.2.2", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(dt_source) source = dt_source_new_live(rows[i].text, &error);
        g_assert_true((source != NULL) == rows[i].want);
        if (!rows[i].want)
            g_assert_error(error, DT_ERROR, DT_ERROR_USAGE);
    }
}

static void
servers_are_taken_from_resolv_conf(void)
{
    static const char *const rows[][2] = {
        { "nameserver 192.0.2.1\n", "192.0.2.1" },
        { "# nameserver 192.0.2.9\nsearch example\n  nameserver\t2001:db8::1 ; why\n",
          "2001:db8::1" },
        { "nameserver 192.0.2.1\nnameserver 192.0.2.2\r\nnameserver 192.0.2.3\nnameserver "
          "192.0.2.4\n",
          "192.0.2.1 192.0.2.2 192.0.2.3" },
        { "nameserver ns.example\nnameserver\nnameservers 192.0.2.1\nnameserver 192.0.2.1@54\n",
          "" },
        { "", "" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) servers = dt_live_servers_from_text(rows[i][0]);
        g_autofree char *joined = g_strjoinv(" ", servers);
        g_assert_cmpstr(joined, ==, rows[i][1]);
    }
}

static void
names_of_the_wire_end_and_stay_inside(void)
{
    static const struct {
        const char *octets;
        gsize length, at, end;
        const char *want;
    } rows[] = {
        { "\1a\3com\0", 7, 0, 7, "a.com" },
        { "\0", 1, 0, 1, "" },
        { "\3com\0\1a\xc0\0x", 10, 5, 9, "a.com" },
        { "\1.\0", 3, 0, 3, "\\046" },
        { "\xc0\0", 2, 0, 0, NULL },
        { "\xc0\2\xc0\0", 4, 2, 0, NULL },
        { "\1a\xc0\0", 4, 0, 0, NULL },
        { "\3co", 3, 0, 0, NULL },
        { "\x40"
          "aa",
          3, 0, 0, NULL },
        { "\xc0", 1, 0, 0, NULL },
        { "", 0, 0, 0, NULL },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize at = rows[i].at;
        g_autofree guint8 *copy = g_memdup2(rows[i].octets, rows[i].length + 1);
        g_autofree char *name = dt_wire_name(copy, rows[i].length, &at);
        g_assert_cmpstr(name, ==, rows[i].want);
        if (name)
            g_assert_cmpuint(at, ==, rows[i].end);
    }
}

/* Cut or altered anywhere, a message gives a shorter chain or none. */
static void
malformed_messages_do_no_harm(void)
{
    g_autoptr(GByteArray) packet = g_byte_array_new();
    static const guint8 header[HEADER] = { 0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0 };
    g_byte_array_append(packet, header, HEADER);
    put_name(packet, "a.example");
    put_u16(packet, DT_RR_TXT);
    put_u16(packet, 1);
    put_cname(packet, "a.example", "b.example");
    put_cname(packet, "b.example", "a.example");
    for (guint i = 0; i <= packet->len; i++)
        for (guint value = 0; value < 256; value += 15) {
            g_autofree guint8 *copy = g_memdup2(packet->data, packet->len);
            g_autoptr(dt_answer) answer =
                dt_answer_new("a.example", DT_RR_TXT, DT_DNS_OK, DT_FROM_LIVE);
            if (i < packet->len)
                copy[i] = (guint8)value;
            gboolean is_good =
                dt_packet_read_chain(answer, copy, (int)(i < packet->len ? packet->len : i));
            g_assert_true(is_good || answer->status == DT_DNS_SERVFAIL);
            g_autofree guint8 *cut = g_memdup2(packet->data, i);
            dt_packet_read_chain(answer, cut, (int)i);
        }
}

#define ADD(name, func)                                                                            \
    if (dt_dns_library_version())                                                                  \
    g_test_add_func(name, func)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/live/each outcome of a server has its status", each_outcome_of_a_server_has_its_status);
    ADD("/live/an answer says where it is from and how long it lasts",
        an_answer_says_where_it_is_from_and_how_long_it_lasts);
    ADD("/live/a cut answer is asked for again by TCP", a_cut_answer_is_asked_for_again_by_tcp);
    ADD("/live/silence is a timeout within the budget", silence_is_a_timeout_within_the_budget);
    ADD("/live/announced questions go out together", announced_questions_go_out_together);
    ADD("/live/threads share a live source", threads_share_a_live_source);
    g_test_add_func("/live/servers are addresses", servers_are_addresses);
    g_test_add_func("/live/servers are taken from resolv.conf", servers_are_taken_from_resolv_conf);
    g_test_add_func("/live/names of the wire end and stay inside",
                    names_of_the_wire_end_and_stay_inside);
    g_test_add_func("/live/malformed messages do no harm", malformed_messages_do_no_harm);
    return g_test_run();
}
