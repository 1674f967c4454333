#include "tests/unit/unit.h"

#include "dns/zonecut.h"
#include "tests/fakes/dnsserver.h"

#define PATIENCE_MS 20000
#define SOA " 3600 IN SOA dc1.ad.example.test. hostmaster.ad.example.test. 1 900 600 86400 3600"
#define AD "ad.example.test." SOA
#define MSDCS "_msdcs.ad.example.test." SOA
#define REV4 "0.53.10.in-addr.arpa." SOA
#define REV6 "0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa." SOA
#define HOST6 "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa"
#define ELSEWHERE6 "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.9.9.d.f.ip6.arpa"

/* What the server says to "SOA name".  For all other names: what Samba says, NXDOMAIN and no more.
 */
struct says {
    const char *name, *flags, *answer, *authority;
};

static struct fake_answer answer(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    int type = 0;
    const char *name = fake_dns_question(mem, query, &type);

    (void)is_tcp;
    for (const struct says *s = priv; s->name; s++) {
        if (strcmp(s->name, name) == 0 && type == DNS_TYPE_SOA)
            return (struct fake_answer){
                .data = fake_dns_reply(mem, query, s->flags, s->answer, s->authority, NULL),
            };
    }
    return (struct fake_answer){ .data = fake_dns_reply(mem, query, "NXDOMAIN", NULL, NULL, NULL) };
}

struct asked {
    enum err rc;
    struct dns_zone_of *zones;
    unsigned turns, messages;
};

static struct asked cut(TALLOC_CTX *mem, const struct says *says, const char *const *names,
                        size_t n)
{
    struct fake_dns *s = fake_dns_start(mem, "127.0.0.1", 0, answer, (void *)(uintptr_t)says);
    struct deadline d = deadline_in(PATIENCE_MS);
    struct asked a = { .zones = NULL };
    struct dns_conn *c;
    struct ip ip;

    assert_non_null(s);
    assert_true(ip_parse("127.0.0.1", &ip));
    assert_int_equal(dns_conn_open(mem, ip, fake_dns_port(s), d, &c, NULL), OK);
    a.rc = dns_zone_cut(mem, c, names, n, d, &a.zones, NULL);
    a.turns = dns_conn_turns(c);
    a.messages = fake_dns_received(s);
    return a;
}

/* zone NULL: none is found. */
static void assert_zone(TALLOC_CTX *mem, const struct says *says, const char *name,
                        const char *zone)
{
    struct asked a = cut(mem, says, &name, 1);

    assert_int_equal(a.rc, OK);
    if (!zone) {
        assert_null(a.zones[0].zone);
        return;
    }
    assert_non_null(a.zones[0].zone);
    assert_string_equal(a.zones[0].zone, zone);
    assert_string_equal(a.zones[0].mname, "dc1.ad.example.test");
}

/* As Samba 4.17 answered. */
static const struct says samba[] = {
    { "ad.example.test", "AA", AD, AD },
    { "host1.ad.example.test", "AA", NULL, AD },
    { "a.b.c.ad.example.test", "AA NXDOMAIN", NULL, AD },
    { "_ldap._tcp.dc._msdcs.ad.example.test", "AA", NULL, MSDCS },
    { "7.0.53.10.in-addr.arpa", "AA NXDOMAIN", NULL, REV4 },
    { HOST6, "AA NXDOMAIN", NULL, REV6 },
    { 0 },
};

static void zone_is_where_an_authoritative_soa_is(void **state)
{
    assert_zone(*state, samba, "AD.Example.Test.", "ad.example.test");
    assert_zone(*state, samba, "host1.ad.example.test", "ad.example.test");
    assert_zone(*state, samba, "a.b.c.ad.example.test", "ad.example.test");
    assert_zone(*state, samba, "_ldap._tcp.dc._msdcs.ad.example.test", "_msdcs.ad.example.test");
    assert_zone(*state, samba, "7.0.53.10.in-addr.arpa", "0.53.10.in-addr.arpa");
    assert_zone(*state, samba, HOST6, "0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa");
}

static void names_of_nobody_have_no_zone(void **state)
{
    assert_zone(*state, samba, "7.0.99.10.in-addr.arpa", NULL);
    assert_zone(*state, samba, ELSEWHERE6, NULL);
    assert_zone(*state, samba, "example.test", NULL);
    assert_zone(*state, samba, "test", NULL);
    assert_zone(*state, samba, ".", NULL);
    assert_zone(*state, samba, "in-addr.arpa", NULL);
}

static void many_names_cost_one_turn_and_their_parents_one_more(void **state)
{
    static const char *const settled[] = { "host1.ad.example.test", HOST6, "7.0.53.10.in-addr.arpa",
                                           "HOST1.ad.example.test" };
    static const char *const lost[] = { ELSEWHERE6, "7.0.99.10.in-addr.arpa",
                                        "host1.ad.example.test" };
    struct asked a = cut(*state, samba, settled, 4);

    assert_int_equal(a.turns, 2); /* connection, questions */
    assert_int_equal(a.messages, 3);
    assert_string_equal(a.zones[3].zone, "ad.example.test");
    a = cut(*state, samba, lost, 3);
    assert_int_equal(a.turns, 3);
    assert_null(a.zones[0].zone);
    assert_null(a.zones[1].zone);
    assert_string_equal(a.zones[2].zone, "ad.example.test");
}

static void parent_is_asked_where_an_answer_says_nothing(void **state)
{
    static const char *const flags[] = { "SERVFAIL", "REFUSED",     "NXDOMAIN",
                                         "AA",       "AA NXDOMAIN", "AA REFUSED" };

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        const struct says says[] = {
            { "x.y.ad.example.test", flags[i], NULL, NULL },
            { "y.ad.example.test", flags[i], NULL, NULL },
            { "ad.example.test", "AA", AD, NULL },
            { 0 },
        };

        assert_zone(*state, says, "x.y.ad.example.test", "ad.example.test");
    }
}

static void answers_without_authority_are_not_believed(void **state)
{
    /* What a forwarder has in its cache. */
    static const struct says says[] = {
        { "host1.ad.example.test", "", NULL, AD },
        { "ad.example.test", "", AD, NULL },
        { 0 },
    };

    assert_zone(*state, says, "host1.ad.example.test", NULL);
}

static void soa_that_is_not_above_the_name_is_not_believed(void **state)
{
    static const struct says says[] = {
        { "host1.ad.example.test", "AA", NULL, "other.example.test." SOA },
        { "ad.example.test", "AA", "d.example.test." SOA, NULL },
        { 0 },
    };

    assert_zone(*state, says, "host1.ad.example.test", NULL);
}

static void alias_does_not_lead_into_the_zone_of_its_target(void **state)
{
    /* RFC 2317: the SOA that comes along belongs to the target, here even to a zone above the name.
     */
    static const struct says says[] = {
        { "7.0.53.10.in-addr.arpa", "AA",
          "7.0.53.10.in-addr.arpa. 60 IN CNAME 7.0-63.0.53.10.in-addr.arpa.",
          "0-63.0.53.10.in-addr.arpa." SOA },
        { "alias.sub.ad.example.test", "AA",
          "alias.sub.ad.example.test. 60 IN CNAME host1.ad.example.test.", AD },
        { "0.53.10.in-addr.arpa", "AA", REV4, NULL },
        { "sub.ad.example.test", "AA", "sub.ad.example.test." SOA, NULL },
        { 0 },
    };

    assert_zone(*state, says, "7.0.53.10.in-addr.arpa", "0.53.10.in-addr.arpa");
    assert_zone(*state, says, "alias.sub.ad.example.test", "sub.ad.example.test");
}

static void name_in_a_delegated_child_is_not_in_the_parent_zone(void **state)
{
    static const struct says says[] = {
        { "host.sub.ad.example.test", "", NULL,
          "sub.ad.example.test. 60 IN NS ns.elsewhere.test." },
        { "sub.ad.example.test", "", NULL, "sub.ad.example.test. 60 IN NS ns.elsewhere.test." },
        { "ad.example.test", "AA", AD, NULL },
        { 0 },
    };

    assert_zone(*state, says, "host.sub.ad.example.test", NULL);
}

static void referral_to_the_root_says_nothing_bad_about_a_zone_below(void **state)
{
    static const struct says says[] = {
        { "host.ad.example.test", "", NULL, ". 60 IN NS a.root-servers.net." },
        { "ad.example.test", "AA", AD, NULL },
        { 0 },
    };

    assert_zone(*state, says, "host.ad.example.test", "ad.example.test");
}

static void public_zones_are_nobodys_to_update(void **state)
{
    static const char *const zones[] = { ".", "test.", "arpa.", "in-addr.arpa.", "ip6.arpa." };

    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        char *soa = talloc_asprintf(*state, "%s%s", zones[i], SOA);
        const struct says says[] = {
            { "host.test", "AA NXDOMAIN", NULL, soa },
            { "7.0.53.10.in-addr.arpa", "AA NXDOMAIN", NULL, soa },
            { HOST6, "AA NXDOMAIN", NULL, soa },
            { 0 },
        };

        assert_zone(*state, says, "host.test", NULL);
        assert_zone(*state, says, "7.0.53.10.in-addr.arpa", NULL);
        assert_zone(*state, says, HOST6, NULL);
    }
}

static void empty_zones_that_servers_make_up_are_not_zones(void **state)
{
    /* As named and RFC 6303 have them: the zone is its own primary server. */
    static const struct says says[] = {
        { "7.0.53.10.in-addr.arpa", "AA NXDOMAIN", NULL,
          "10.IN-ADDR.ARPA. 86400 IN SOA 10.IN-ADDR.ARPA. . 0 28800 7200 604800 86400" },
        { HOST6, "AA NXDOMAIN", NULL,
          "D.F.IP6.ARPA. 86400 IN SOA D.F.IP6.ARPA. . 0 28800 7200 604800 86400" },
        { 0 },
    };

    assert_zone(*state, says, "7.0.53.10.in-addr.arpa", NULL);
    assert_zone(*state, says, HOST6, NULL);
}

static void name_that_is_none_is_refused(void **state)
{
    static const char *const names[] = { "host1.ad.example.test", "a..b" };
    struct asked a = cut(*state, samba, names, 2);

    assert_int_equal(a.rc, ERR_MALFORMED);
    assert_null(a.zones);
}

static void no_names_have_no_zones(void **state)
{
    struct asked a = cut(*state, samba, NULL, 0);

    assert_int_equal(a.rc, OK);
    assert_non_null(a.zones);
    assert_int_equal(a.messages, 0);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(zone_is_where_an_authoritative_soa_is),
        TEST(names_of_nobody_have_no_zone),
        TEST(many_names_cost_one_turn_and_their_parents_one_more),
        TEST(parent_is_asked_where_an_answer_says_nothing),
        TEST(answers_without_authority_are_not_believed),
        TEST(soa_that_is_not_above_the_name_is_not_believed),
        TEST(alias_does_not_lead_into_the_zone_of_its_target),
        TEST(name_in_a_delegated_child_is_not_in_the_parent_zone),
        TEST(referral_to_the_root_says_nothing_bad_about_a_zone_below),
        TEST(public_zones_are_nobodys_to_update),
        TEST(empty_zones_that_servers_make_up_are_not_zones),
        TEST(name_that_is_none_is_refused),
        TEST(no_names_have_no_zones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
