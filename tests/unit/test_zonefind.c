#include "tests/unit/unit.h"

#include "dns/zonefind.h"
#include "tests/fakes/dnsserver.h"

#define PATIENCE_MS 20000
#define SOA(zone, mname)                                                                           \
    zone ". 3600 IN SOA " mname ". hostmaster.lab.example.test. 1 900 600 86400 3600"
#define NAME "105.0.54.10.in-addr.arpa"

/* What the resolver says to "SOA name" (no flags: nothing at all); for all other names NXDOMAIN and
 * no more, as Samba does. */
struct says {
    const char *name, *flags, *answer, *authority;
};

static struct fake_answer answer(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    int type = 0;
    const char *name = fake_dns_question(mem, query, &type);

    (void)is_tcp;
    for (const struct says *s = priv; s->name; s++) {
        if (strcmp(s->name, name) == 0 && !s->flags)
            return (struct fake_answer){ 0 };
        if (strcmp(s->name, name) == 0 && type == DNS_TYPE_SOA)
            return (struct fake_answer){
                .data = fake_dns_reply(mem, query, s->flags, s->answer, s->authority, NULL),
            };
    }
    return (struct fake_answer){ .data = fake_dns_reply(mem, query, "NXDOMAIN", NULL, NULL, NULL) };
}

static struct dns_zone_found *find(TALLOC_CTX *mem, const struct says *says, int patience_ms,
                                   const char *const *names, size_t n)
{
    struct fake_dns *s = fake_dns_start(mem, "127.0.0.1", 0, answer, (void *)(uintptr_t)says);
    struct dns_zone_found *found = NULL;
    struct dns_resolver *r;
    struct ip ip;

    assert_non_null(s);
    assert_true(ip_parse("127.0.0.1", &ip));
    assert_int_equal(dns_resolver_from_servers(mem, &ip, 1, fake_dns_port(s), &r, NULL), OK);
    assert_int_equal(dns_zone_find(mem, r, names, n, deadline_in(patience_ms), &found, NULL), OK);
    assert_non_null(found);
    return found;
}

static struct dns_zone_found of_one(TALLOC_CTX *mem, const struct says *says)
{
    return find(mem, says, PATIENCE_MS, (const char *const[]){ NAME }, 1)[0];
}

static void assert_found(struct dns_zone_found f, const char *zone, const char *mname)
{
    assert_int_equal(f.is, DNS_ZONE_FOUND);
    assert_string_equal(f.zone, zone);
    assert_string_equal(f.mname, mname);
}

/* A resolver need not be authoritative: it passes on what others say. */
static void zone_is_where_the_soa_is(void **state)
{
    static const struct says exact[] = {
        { NAME, "", NULL, SOA("54.10.in-addr.arpa", "NS1.lab.example.test") }, { 0 }
    };
    static const struct says absent[] = {
        { NAME, "NXDOMAIN", NULL, SOA("54.10.in-addr.arpa", "ns1.lab.example.test") }, { 0 }
    };
    static const struct says parent[] = {
        { "54.10.in-addr.arpa", "", SOA("54.10.in-addr.arpa", "ns1.lab.example.test"), NULL },
        { "10.in-addr.arpa", "", SOA("10.in-addr.arpa", "ns2.lab.example.test"), NULL },
        { 0 },
    };
    struct dns_zone_found f = of_one(*state, exact);

    assert_found(f, "54.10.in-addr.arpa", "ns1.lab.example.test");
    assert_false(f.is_absent);
    f = of_one(*state, absent);
    assert_found(f, "54.10.in-addr.arpa", "ns1.lab.example.test");
    assert_true(f.is_absent);
    /* The deepest one, where the answer for the name itself says nothing. */
    assert_found(of_one(*state, parent), "54.10.in-addr.arpa", "ns1.lab.example.test");
}

static void a_zone_that_is_nobodys_to_update_is_none(void **state)
{
    static const struct says cases[][2] = {
        { { NAME, "NXDOMAIN", NULL, SOA("10.in-addr.arpa", "prisoner.iana.org") }, { 0 } },
        { { NAME, "NXDOMAIN", NULL, SOA("10.in-addr.arpa", "blackhole.as112.arpa") }, { 0 } },
        { { NAME, "NXDOMAIN", NULL, SOA("10.in-addr.arpa", "localhost") }, { 0 } },
        { { NAME, "NXDOMAIN", NULL, SOA("10.in-addr.arpa", "10.in-addr.arpa") }, { 0 } },
        { { NAME, "NXDOMAIN", NULL, SOA("in-addr.arpa", "b.in-addr-servers.arpa") }, { 0 } },
        { { "nobody", "", NULL, NULL }, { 0 } },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dns_zone_found f = of_one(*state, cases[i]);

        assert_int_equal(f.is, DNS_ZONE_NOWHERE);
        assert_true(f.is_absent);
        /* The last ones are what those above the zone say. */
        assert_int_equal(f.is_made_up, i < 4);
    }
}

static void a_soa_of_another_tree_is_not_taken(void **state)
{
    static const struct says says[] = {
        { NAME, "", NULL, SOA("lab.example.test", "ns1.lab.example.test") }, { 0 }
    };

    assert_int_equal(of_one(*state, says).is, DNS_ZONE_NOWHERE);
}

static void a_failure_is_not_taken_for_an_answer(void **state)
{
    static const struct says refused[] = { { NAME, "REFUSED", NULL, NULL }, { 0 } };
    static const struct says failed[] = { { NAME, "SERVFAIL", NULL, NULL }, { 0 } };
    static const struct says above[] = {
        { NAME, "", NULL, NULL },
        { "0.54.10.in-addr.arpa", "SERVFAIL", NULL, NULL },
        { "54.10.in-addr.arpa", "", SOA("54.10.in-addr.arpa", "ns1.lab.example.test"), NULL },
        { 0 },
    };
    struct dns_zone_found f = of_one(*state, refused);

    assert_int_equal(f.is, DNS_ZONE_UNKNOWN);
    assert_non_null(strstr(f.why, "127.0.0.1 answers REFUSED"));
    assert_false(f.is_absent);
    assert_int_equal(of_one(*state, failed).is, DNS_ZONE_UNKNOWN);
    /* The deeper one that failed may be a zone of its own. */
    f = of_one(*state, above);
    assert_int_equal(f.is, DNS_ZONE_UNKNOWN);
    assert_non_null(f.why);
}

static void names_are_judged_each_by_itself(void **state)
{
    static const struct says says[] = {
        { "1.0.54.10.in-addr.arpa", "", NULL, SOA("54.10.in-addr.arpa", "ns1.lab.example.test") },
        { "2.0.54.10.in-addr.arpa", "SERVFAIL", NULL, NULL },
        { 0 },
    };
    static const char *const names[] = { "1.0.54.10.in-addr.arpa", "2.0.54.10.in-addr.arpa",
                                         "3.0.54.10.in-addr.arpa" };
    struct dns_zone_found *f = find(*state, says, PATIENCE_MS, names, 3);

    assert_int_equal(f[0].is, DNS_ZONE_FOUND);
    assert_int_equal(f[1].is, DNS_ZONE_UNKNOWN);
    assert_int_equal(f[2].is, DNS_ZONE_NOWHERE);
}

static void a_silent_name_costs_the_others_nothing(void **state)
{
    static const struct says says[] = {
        { "1.0.54.10.in-addr.arpa", NULL, NULL, NULL },
        { "54.10.in-addr.arpa", "", SOA("54.10.in-addr.arpa", "ns1.lab.example.test"), NULL },
        { 0 },
    };
    static const char *const names[] = { "1.0.54.10.in-addr.arpa", "2.0.54.10.in-addr.arpa",
                                         "3.0.54.10.in-addr.arpa" };
    struct dns_zone_found *f = find(*state, says, 1200, names, 3);

    assert_int_equal(f[0].is, DNS_ZONE_UNKNOWN);
    assert_found(f[1], "54.10.in-addr.arpa", "ns1.lab.example.test");
    assert_found(f[2], "54.10.in-addr.arpa", "ns1.lab.example.test");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(zone_is_where_the_soa_is),           TEST(a_zone_that_is_nobodys_to_update_is_none),
        TEST(a_soa_of_another_tree_is_not_taken), TEST(a_failure_is_not_taken_for_an_answer),
        TEST(names_are_judged_each_by_itself),    TEST(a_silent_name_costs_the_others_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
