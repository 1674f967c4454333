#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dns/message.h"
#include "dns/resolver.h"
#include "dns/srv.h"
#include "tests/fakes/dnsserver.h"

/* Long enough for a busy machine; a test that needs it has failed. */
#define PATIENCE_MS 20000

static struct deadline patience(void) { return deadline_in(PATIENCE_MS); }

static struct fake_answer silent(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)mem;
    (void)query;
    (void)is_tcp;
    (void)priv;
    return (struct fake_answer){ .data = { NULL, 0 } };
}

/* The rcode that priv names. */
static struct fake_answer rcode(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)is_tcp;
    return (struct fake_answer){ .data = fake_dns_reply(mem, query, priv, NULL, NULL, NULL) };
}

/* What a zone file would have: "name type" and the sections of the answer.  Others: NXDOMAIN. */
struct entry {
    const char *name;
    int type;
    const char *flags, *answer, *additional;
};

static struct fake_answer zone(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    int type = 0;
    const char *name = fake_dns_question(mem, query, &type);

    (void)is_tcp;
    for (const struct entry *e = priv; e->name; e++) {
        if (strcmp(e->name, name) == 0 && e->type == type)
            return (struct fake_answer){
                .data = fake_dns_reply(mem, query, e->flags ? e->flags : "", e->answer, NULL,
                                       e->additional),
            };
    }
    return (struct fake_answer){ .data = fake_dns_reply(mem, query, "NXDOMAIN", NULL, NULL, NULL) };
}

static const struct entry one_host[] = {
    { "h.test", DNS_TYPE_A, NULL, "h.test. 60 IN A 10.0.0.1", NULL },
    { "h.test", DNS_TYPE_AAAA, NULL, "h.test. 60 IN AAAA fd53::1", NULL },
    { 0 },
};

/* A resolver for servers 127.0.0.1, 127.0.0.2, … that behave as told; NULL: nobody is there. */
struct servers {
    struct fake_dns *s[3];
    struct dns_resolver *r;
};

static struct servers serve(TALLOC_CTX *mem, size_t n, fake_dns_handler *const *handlers,
                            void *const *privs)
{
    struct servers all = { .s = { NULL } };
    struct ip ips[3];
    uint16_t port = 0;

    for (size_t i = 0; i < n; i++) {
        char *address = talloc_asprintf(mem, "127.0.0.%zu", i + 1);

        assert_true(ip_parse(address, &ips[i]));
        if (!handlers[i])
            continue;
        all.s[i] = fake_dns_start(mem, address, port, handlers[i], privs[i]);
        assert_non_null(all.s[i]);
        port = fake_dns_port(all.s[i]);
    }
    assert_int_equal(dns_resolver_from_servers(mem, ips, n, port ? port : fake_dns_dead_port(),
                                               &all.r, NULL),
                     OK);
    return all;
}

static struct servers serve_zone(TALLOC_CTX *mem, const struct entry *entries)
{
    fake_dns_handler *const handlers[] = { zone };
    void *const privs[] = { (void *)(uintptr_t)entries };

    return serve(mem, 1, handlers, privs);
}

static enum err ask_host(TALLOC_CTX *mem, struct dns_resolver *r, struct deadline d,
                         struct dns_answer **a, struct error *e)
{
    static const struct dns_question q = { "h.test", DNS_TYPE_A };

    return dns_resolver_ask(mem, r, &q, 1, d, a, e);
}

static void assert_host_is_answered(TALLOC_CTX *mem, struct dns_resolver *r)
{
    struct dns_answer *a;
    struct error e;

    if (ask_host(mem, r, patience(), &a, &e) != OK)
        fail_msg("%s", e.message);
    assert_int_equal(a->rcode, DNS_RCODE_NOERROR);
    assert_int_equal(a->answer.count, 1);
    assert_string_equal(a->answer.rr[0].data, "10.0.0.1");
}

static char *write_file(TALLOC_CTX *mem, const char *text)
{
    char *path = talloc_asprintf(mem, "test_resolver.%d", (int)getpid());
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static void resolv_conf_is_read_line_by_line(void **state)
{
    static const struct {
        const char *text;
        enum err rc;
        const char *tried;
    } cases[] = {
        { "nameserver 127.0.0.9\n", OK, "(127.0.0.9)" },
        { "# nameserver 127.0.0.1\n;nameserver 127.0.0.2\nsearch test\n \tnameserver\t127.0.0.9 # "
          "x\n",
          OK, "(127.0.0.9)" },
        { "nameserver 127.0.0.6\r\nnameserver 127.0.0.7\nnameserver 127.0.0.8\nnameserver "
          "127.0.0.9",
          OK, "(127.0.0.6, 127.0.0.7, 127.0.0.8)" },
        { "nameserver fe80::1%eth0\nnameserver ::1\n", OK, "(::1)" },
        { "nameserver\nnameserver x.test\nnameservers 127.0.0.1\noptions rotate\n", ERR_CONFIG,
          NULL },
        { "", ERR_CONFIG, NULL },
    };
    char *path = NULL;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dns_resolver *r = NULL;
        struct dns_answer *a;
        struct error e = { 0 };

        path = write_file(*state, cases[i].text);
        assert_int_equal(dns_resolver_from_file(*state, path, &r, &e), cases[i].rc);
        if (cases[i].rc != OK) {
            assert_non_null(strstr(e.message, path));
            assert_null(r);
            continue;
        }
        /* Time is over before it begins: the message tells who would have been asked. */
        assert_int_equal(ask_host(*state, r, deadline_in(0), &a, &e) == OK, false);
        assert_non_null(strstr(e.message, cases[i].tried));
    }
    unlink(path);
    assert_int_equal(dns_resolver_from_file(*state, path, &(struct dns_resolver *){ NULL }, NULL),
                     ERR_CONFIG);
}

static void answers_come_in_the_order_of_questions(void **state)
{
    enum { N = 150 };
    static const struct entry entries[] = {
        { "h.test", DNS_TYPE_A, NULL, "h.test. 60 IN A 10.0.0.1", NULL },
        { 0 },
    };
    struct servers s = serve_zone(*state, entries);
    struct dns_question q[N];
    struct dns_answer *a;

    for (size_t i = 0; i < N; i++)
        q[i] = (struct dns_question){ i % 2 ? "h.test" : "none.test", DNS_TYPE_A };
    assert_int_equal(dns_resolver_ask(*state, s.r, q, N, patience(), &a, NULL), OK);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(a[i].rcode, i % 2 ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN);
}

static void questions_asked_at_once_are_one_turn(void **state)
{
    struct servers s = serve_zone(*state, one_host);
    struct dns_question q[] = { { "h.test", DNS_TYPE_A },
                                { "h.test", DNS_TYPE_AAAA },
                                { "x.test", 16 } };
    struct dns_answer *a;

    assert_int_equal(dns_resolver_ask(*state, s.r, q, 3, patience(), &a, NULL), OK);
    assert_int_equal(dns_resolver_turns(s.r), 1);
    assert_host_is_answered(*state, s.r);
    assert_int_equal(dns_resolver_turns(s.r), 2);
}

static void servers_that_fail_are_passed_over(void **state)
{
    static const struct {
        fake_dns_handler *handler;
        const char *priv;
    } bad[] = {
        { silent, NULL },     { NULL, NULL },       { rcode, "SERVFAIL" },
        { rcode, "REFUSED" }, { rcode, "FORMERR" }, { rcode, "NOTIMP" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fake_dns_handler *const handlers[] = { bad[i].handler, bad[i].handler, zone };
        void *const privs[] = { (void *)(uintptr_t)bad[i].priv, (void *)(uintptr_t)bad[i].priv,
                                (void *)(uintptr_t)one_host };
        struct servers s = serve(*state, 3, handlers, privs);

        assert_host_is_answered(*state, s.r);
        if (s.s[0])
            assert_int_equal(fake_dns_received(s.s[0]), 1);
        /* The one that answered is asked first from now on. */
        assert_host_is_answered(*state, s.r);
        assert_int_equal(fake_dns_received(s.s[2]), 2);
        if (s.s[0])
            assert_int_equal(fake_dns_received(s.s[0]), 1);
    }
}

static void nxdomain_of_the_first_server_is_an_answer(void **state)
{
    fake_dns_handler *const handlers[] = { rcode, zone };
    void *const privs[] = { (void *)(uintptr_t) "NXDOMAIN", (void *)(uintptr_t)one_host };
    struct servers s = serve(*state, 2, handlers, privs);
    struct dns_answer *a;

    assert_int_equal(ask_host(*state, s.r, patience(), &a, NULL), OK);
    assert_int_equal(a->rcode, DNS_RCODE_NXDOMAIN);
    assert_int_equal(fake_dns_received(s.s[1]), 0);
}

static void failure_of_all_servers_is_handed_out(void **state)
{
    fake_dns_handler *const handlers[] = { rcode, rcode };
    void *const privs[] = { (void *)(uintptr_t) "SERVFAIL", (void *)(uintptr_t) "REFUSED" };
    struct servers s = serve(*state, 2, handlers, privs);
    struct dns_answer *a;

    assert_int_equal(ask_host(*state, s.r, patience(), &a, NULL), OK);
    assert_int_equal(a->rcode, DNS_RCODE_REFUSED);
}

static void nobody_there_is_unreachable_and_names_the_servers(void **state)
{
    fake_dns_handler *const handlers[] = { NULL, NULL };
    void *const privs[] = { NULL, NULL };
    struct servers s = serve(*state, 2, handlers, privs);
    struct dns_answer *a = NULL;
    struct error e = { 0 };

    assert_int_equal(ask_host(*state, s.r, patience(), &a, &e), ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "h.test A"));
    assert_non_null(strstr(e.message, "127.0.0.1, 127.0.0.2"));
    assert_null(a);
}

static void silence_is_a_timeout_and_was_asked_again(void **state)
{
    fake_dns_handler *const handlers[] = { silent };
    void *const privs[] = { NULL };
    struct servers s = serve(*state, 1, handlers, privs);
    struct dns_answer *a;

    assert_int_equal(ask_host(*state, s.r, deadline_in(1200), &a, NULL), ERR_TIMEOUT);
    assert_true(fake_dns_received(s.s[0]) >= 2);
    assert_int_equal(dns_resolver_turns(s.r), 1);
}

/* Silent to the first message only. */
static struct fake_answer drops_one(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    unsigned *seen = priv;

    if ((*seen)++ == 0)
        return (struct fake_answer){ .data = { NULL, 0 } };
    return zone(mem, query, is_tcp, (void *)(uintptr_t)one_host);
}

static void lost_datagram_is_sent_again(void **state)
{
    unsigned seen = 0;
    fake_dns_handler *const handlers[] = { drops_one };
    void *const privs[] = { &seen };
    struct servers s = serve(*state, 1, handlers, privs);

    assert_host_is_answered(*state, s.r);
}

/* Wrong in the way of the turn: only the last is the real one. */
static struct fake_answer forger(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    unsigned how = (*(unsigned *)priv)++;
    struct fake_answer a = zone(mem, query, is_tcp, (void *)(uintptr_t)one_host);
    uint8_t *b = (uint8_t *)(uintptr_t)a.data.data;

    switch (how) {
    case 0:
        b[0] ^= 0x55; /* ID */
        break;
    case 1:
        b[13] ^= 0x01; /* question */
        break;
    case 2:
        b[2] &= 0x7f; /* a query */
        break;
    }
    return a;
}

static void forged_datagrams_are_ignored(void **state)
{
    unsigned how = 0;
    fake_dns_handler *const handlers[] = { forger };
    void *const privs[] = { &how };
    struct servers s = serve(*state, 1, handlers, privs);

    assert_host_is_answered(*state, s.r);
    assert_int_equal(how, 4);
}

static struct fake_answer truncates(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    (void)priv;
    if (!is_tcp)
        return (struct fake_answer){ .data = fake_dns_reply(mem, query, "TC", NULL, NULL, NULL) };
    return zone(mem, query, is_tcp, (void *)(uintptr_t)one_host);
}

/* Truncates, and closes every TCP connection. */
static struct fake_answer truncates_in_vain(TALLOC_CTX *mem, struct bytes query, bool is_tcp,
                                            void *priv)
{
    struct fake_answer a = truncates(mem, query, false, priv);

    if (is_tcp)
        a = (struct fake_answer){ .data = { NULL, 0 }, .closes = true };
    return a;
}

static void truncated_answer_is_asked_for_over_tcp(void **state)
{
    fake_dns_handler *const handlers[] = { truncates_in_vain, truncates };
    void *const privs[] = { NULL, NULL };

    assert_host_is_answered(*state, serve(*state, 1, handlers + 1, privs).r);
    assert_host_is_answered(*state, serve(*state, 2, handlers, privs).r);
}

static void name_that_is_none_is_refused(void **state)
{
    struct servers s = serve_zone(*state, one_host);
    const struct dns_question q = { "a..b", DNS_TYPE_A };
    struct dns_answer *a;

    assert_int_equal(dns_resolver_ask(*state, s.r, &q, 1, patience(), &a, NULL), ERR_MALFORMED);
}

static void assert_ips(const struct ip *ips, size_t n, const char *expected)
{
    char all[512] = "", buf[IP_TEXT_MAX];

    for (size_t i = 0; i < n; i++) {
        strcat(all, i > 0 ? " " : "");
        strcat(all, ip_format(ips[i], buf));
    }
    assert_string_equal(all, expected);
}

static void addresses_are_both_families_without_repeats(void **state)
{
    static const struct entry entries[] = {
        { "h.test", DNS_TYPE_A, NULL,
          "h.test. 60 IN A 10.0.0.1\nh.test. 60 IN A 10.0.0.1\nother.test. 60 IN A 10.9.9.9\n"
          "h.test. 60 IN A 10.0.0.2",
          "h.test. 60 IN A 10.9.9.8" },
        { "h.test", DNS_TYPE_AAAA, NULL, "h.test. 60 IN AAAA fd53::1", NULL },
        { 0 },
    };
    struct servers s = serve_zone(*state, entries);
    struct ip *ips;
    size_t n;

    assert_int_equal(dns_resolver_addresses(*state, s.r, "H.Test.", patience(), &ips, &n, NULL),
                     OK);
    assert_ips(ips, n, "10.0.0.1 10.0.0.2 fd53::1");
}

static void aliases_are_followed_to_their_end(void **state)
{
    static const struct entry entries[] = {
        { "a.test", DNS_TYPE_A, NULL,
          "b.test. 60 IN CNAME C.test.\nc.test. 60 IN A 10.0.0.1\na.test. 60 IN CNAME B.test.",
          NULL },
        { "a.test", DNS_TYPE_AAAA, NULL, "a.test. 60 IN CNAME b.test.", NULL },
        { "loop.test", DNS_TYPE_A, NULL,
          "loop.test. 60 IN CNAME loop2.test.\n"
          "loop2.test. 60 IN CNAME loop.test.",
          NULL },
        { 0 },
    };
    struct servers s = serve_zone(*state, entries);
    struct ip *ips;
    size_t n;

    assert_int_equal(dns_resolver_addresses(*state, s.r, "a.test", patience(), &ips, &n, NULL), OK);
    assert_ips(ips, n, "10.0.0.1");
    assert_int_equal(dns_resolver_addresses(*state, s.r, "loop.test", patience(), &ips, &n, NULL),
                     ERR_NOTFOUND);
}

static void name_without_address_is_not_found(void **state)
{
    static const struct entry entries[] = {
        { "empty.test", DNS_TYPE_A, NULL, NULL, NULL },
        { "broken.test", DNS_TYPE_A, "SERVFAIL", NULL, NULL },
        { "broken.test", DNS_TYPE_AAAA, NULL, NULL, NULL },
        { "half.test", DNS_TYPE_A, NULL, "half.test. 60 IN A 10.0.0.1", NULL },
        { "half.test", DNS_TYPE_AAAA, "SERVFAIL", NULL, NULL },
        { 0 },
    };
    struct servers s = serve_zone(*state, entries);
    struct ip *ips = NULL;
    struct error e;
    size_t n;

    assert_int_equal(dns_resolver_addresses(*state, s.r, "none.test", patience(), &ips, &n, &e),
                     ERR_NOTFOUND);
    assert_non_null(strstr(e.message, "none.test"));
    assert_int_equal(dns_resolver_addresses(*state, s.r, "empty.test", patience(), &ips, &n, &e),
                     ERR_NOTFOUND);
    assert_int_equal(dns_resolver_addresses(*state, s.r, "broken.test", patience(), &ips, &n, &e),
                     ERR_SERVER);
    assert_non_null(strstr(e.message, "SERVFAIL"));
    assert_null(ips);
    assert_int_equal(dns_resolver_addresses(*state, s.r, "half.test", patience(), &ips, &n, &e),
                     OK);
    assert_ips(ips, n, "10.0.0.1");
}

/* Answers A; what is asked for AAAA goes nowhere, as at some middle boxes. */
static struct fake_answer swallows_aaaa(TALLOC_CTX *mem, struct bytes query, bool is_tcp,
                                        void *priv)
{
    int type = 0;

    fake_dns_question(mem, query, &type);
    return type == DNS_TYPE_AAAA ? silent(mem, query, is_tcp, priv)
                                 : zone(mem, query, is_tcp, priv);
}

static struct fake_answer swallows_addresses(TALLOC_CTX *mem, struct bytes query, bool is_tcp,
                                             void *priv)
{
    int type = 0;

    fake_dns_question(mem, query, &type);
    return type == DNS_TYPE_SRV ? zone(mem, query, is_tcp, priv) : silent(mem, query, is_tcp, priv);
}

static void one_family_is_enough_when_the_other_is_swallowed(void **state)
{
    fake_dns_handler *const handlers[] = { swallows_aaaa };
    void *const privs[] = { (void *)(uintptr_t)one_host };
    struct servers s = serve(*state, 1, handlers, privs);
    struct ip *ips;
    size_t n;

    assert_int_equal(dns_resolver_addresses(*state, s.r, "h.test", patience(), &ips, &n, NULL), OK);
    assert_ips(ips, n, "10.0.0.1");
    /* Questions go out every second: it was not all the patience that was used up. */
    assert_true(fake_dns_received(s.s[0]) < 10);
}

static void srv_takes_addresses_from_the_answer_or_asks(void **state)
{
    static const struct entry entries[] = {
        { "_ldap._tcp.test", DNS_TYPE_SRV, NULL,
          "_ldap._tcp.test. 60 IN SRV 20 0 389 dc2.test.\n_ldap._tcp.test. 60 IN SRV 10 0 3268 "
          "DC1.test.\n"
          "_ldap._tcp.test. 60 IN SRV 30 0 389 gone.test.\n_ldap._tcp.test. 60 IN SRV 5 0 389 .\n"
          "_other._tcp.test. 60 IN SRV 1 0 389 dc2.test.",
          "dc1.test. 60 IN A 10.0.0.1\nDC1.test. 60 IN AAAA fd53::1\nx.test. 60 IN A 10.9.9.9" },
        { "dc2.test", DNS_TYPE_A, NULL, "dc2.test. 60 IN A 10.0.0.2", NULL },
        { 0 },
    };
    struct servers s = serve_zone(*state, entries);
    struct dns_srv *srv;
    size_t n;

    assert_int_equal(dns_resolver_srv(*state, s.r, "_LDAP._tcp.test", patience(), &srv, &n, NULL),
                     OK);
    assert_int_equal(n, 2);
    assert_string_equal(srv[0].target, "dc1.test");
    assert_int_equal(srv[0].priority, 10);
    assert_int_equal(srv[0].port, 3268);
    assert_ips(srv[0].addresses, srv[0].n_addresses, "10.0.0.1 fd53::1");
    assert_string_equal(srv[1].target, "dc2.test");
    assert_ips(srv[1].addresses, srv[1].n_addresses, "10.0.0.2");
    /* SRV, then the missing addresses all at once. */
    assert_int_equal(dns_resolver_turns(s.r), 2);
}

static void some_servers_are_enough_when_the_others_are_swallowed(void **state)
{
    static const struct entry entries[] = {
        { "_ldap._tcp.test", DNS_TYPE_SRV, NULL,
          "_ldap._tcp.test. 60 IN SRV 1 0 389 dc1.test.\n_ldap._tcp.test. 60 IN SRV 2 0 389 "
          "dc2.test.",
          "dc1.test. 60 IN A 10.0.0.1" },
        { 0 },
    };
    fake_dns_handler *const handlers[] = { swallows_addresses };
    void *const privs[] = { (void *)(uintptr_t)entries };
    struct servers s = serve(*state, 1, handlers, privs);
    struct dns_srv *srv;
    size_t n;

    assert_int_equal(dns_resolver_srv(*state, s.r, "_ldap._tcp.test", patience(), &srv, &n, NULL),
                     OK);
    assert_int_equal(n, 1);
    assert_string_equal(srv[0].target, "dc1.test");
    assert_true(fake_dns_received(s.s[0]) < 10);
}

static void service_without_servers_is_not_found(void **state)
{
    static const struct entry entries[] = {
        { "_no._tcp.test", DNS_TYPE_SRV, NULL, "_no._tcp.test. 60 IN SRV 0 0 0 .", NULL },
        { "_gone._tcp.test", DNS_TYPE_SRV, NULL, "_gone._tcp.test. 60 IN SRV 0 0 389 gone.test.",
          NULL },
        { "_broken._tcp.test", DNS_TYPE_SRV, "SERVFAIL", NULL, NULL },
        { 0 },
    };
    struct servers s = serve_zone(*state, entries);
    struct dns_srv *srv = NULL;
    size_t n;

    assert_int_equal(dns_resolver_srv(*state, s.r, "_none._tcp.test", patience(), &srv, &n, NULL),
                     ERR_NOTFOUND);
    assert_int_equal(dns_resolver_srv(*state, s.r, "_no._tcp.test", patience(), &srv, &n, NULL),
                     ERR_NOTFOUND);
    assert_int_equal(dns_resolver_srv(*state, s.r, "_gone._tcp.test", patience(), &srv, &n, NULL),
                     ERR_NOTFOUND);
    assert_int_equal(dns_resolver_srv(*state, s.r, "_broken._tcp.test", patience(), &srv, &n, NULL),
                     ERR_SERVER);
    assert_int_equal(dns_resolver_srv(*state, s.r, "a..b", patience(), &srv, &n, NULL),
                     ERR_MALFORMED);
    assert_null(srv);
}

static uint32_t given(void *priv) { return *(uint32_t *)priv; }

static void order_is_by_priority_then_by_weight_and_chance(void **state)
{
    static const struct dns_srv unsorted[] = {
        { .priority = 2, .weight = 9, .target = "last" },
        { .priority = 1, .weight = 30, .target = "heavy" },
        { .priority = 1, .weight = 10, .target = "light" },
        { .priority = 1, .weight = 0, .target = "zero" },
    };
    static const struct {
        uint32_t chance;
        const char *order[4];
    } cases[] = {
        /* The lowest chance chooses who stands first: weight 0.  The highest, who stands last. */
        { 0, { "zero", "heavy", "light", "last" } },
        { UINT32_MAX, { "light", "heavy", "zero", "last" } },
        /* Half of 40 falls to the heavy one, then half of 10 to the light one. */
        { UINT32_MAX / 2, { "heavy", "light", "zero", "last" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t chance = cases[i].chance;
        struct dns_srv srv[4];

        memcpy(srv, unsorted, sizeof srv);
        dns_srv_order(srv, 4, given, &chance);
        for (size_t k = 0; k < 4; k++)
            assert_string_equal(srv[k].target, cases[i].order[k]);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(resolv_conf_is_read_line_by_line),
        TEST(answers_come_in_the_order_of_questions),
        TEST(questions_asked_at_once_are_one_turn),
        TEST(servers_that_fail_are_passed_over),
        TEST(nxdomain_of_the_first_server_is_an_answer),
        TEST(failure_of_all_servers_is_handed_out),
        TEST(nobody_there_is_unreachable_and_names_the_servers),
        TEST(silence_is_a_timeout_and_was_asked_again),
        TEST(lost_datagram_is_sent_again),
        TEST(forged_datagrams_are_ignored),
        TEST(truncated_answer_is_asked_for_over_tcp),
        TEST(name_that_is_none_is_refused),
        TEST(addresses_are_both_families_without_repeats),
        TEST(aliases_are_followed_to_their_end),
        TEST(name_without_address_is_not_found),
        TEST(one_family_is_enough_when_the_other_is_swallowed),
        TEST(srv_takes_addresses_from_the_answer_or_asks),
        TEST(some_servers_are_enough_when_the_others_are_swallowed),
        TEST(service_without_servers_is_not_found),
        TEST(order_is_by_priority_then_by_weight_and_chance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
