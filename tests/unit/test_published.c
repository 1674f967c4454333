#include "tests/unit/unit.h"

#include <stdio.h>

#include "register/earlier.h"
#include "register/published.h"
#include "tests/fakes/dnsserver.h"

#define PATIENCE_MS 20000
#define FQDN "host1.ad.example.test"
#define SOA " 3600 IN SOA dc1.ad.example.test. hostmaster.ad.example.test. 1 900 600 86400 3600"
#define AD "ad.example.test." SOA
#define REV4 "0.53.10.in-addr.arpa." SOA
#define PTR4 "101.0.53.10.in-addr.arpa"

/* What the server says to one question; to all others NXDOMAIN and no more, as Samba does. */
struct says {
    const char *name;
    int type;
    const char *flags, *answer, *authority;
};

#define ZONES                                                                                      \
    { FQDN, DNS_TYPE_SOA, "AA", NULL, AD }, { PTR4, DNS_TYPE_SOA, "AA", NULL, REV4 },              \
    {                                                                                              \
        "9.0.53.10.in-addr.arpa", DNS_TYPE_SOA, "AA", NULL, REV4                                   \
    }

static struct fake_answer answer(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    int type = 0;
    const char *name = fake_dns_question(mem, query, &type);

    (void)is_tcp;
    for (const struct says *s = priv; s->name; s++) {
        if (strcmp(s->name, name) == 0 && type == s->type)
            return (struct fake_answer){
                .data = fake_dns_reply(mem, query, s->flags, s->answer, s->authority, NULL),
            };
    }
    return (struct fake_answer){ .data = fake_dns_reply(mem, query, "NXDOMAIN", NULL, NULL, NULL) };
}

struct scene {
    struct dns_conn *c;
    struct deadline d;
    struct published *pub;
    struct error e;
    enum err rc;
};

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

static struct scene read_some(TALLOC_CTX *mem, const struct says *says, bool with_heartbeats)
{
    struct fake_dns *server = fake_dns_start(mem, "127.0.0.1", 0, answer, (void *)(uintptr_t)says);
    struct scene s = { .d = deadline_in(PATIENCE_MS) };
    struct ip ip = ip_of("10.53.0.101");

    assert_non_null(server);
    assert_int_equal(dns_conn_open(mem, ip_of("127.0.0.1"), fake_dns_port(server), s.d, &s.c, NULL),
                     OK);
    s.rc = published_read(mem, s.c, FQDN, &ip, 1, with_heartbeats, s.d, &s.pub, &s.e);
    return s;
}

/* Read what is published for FQDN and the reverse name of 10.53.0.101. */
static struct scene read_from(TALLOC_CTX *mem, const struct says *says)
{
    return read_some(mem, says, false);
}

static void zones_and_records_cost_one_turn(void **state)
{
    static const struct says says[] = {
        ZONES,
        { FQDN, DNS_TYPE_A, "AA", FQDN ". 1200 IN A 10.53.0.101", NULL },
        { FQDN, DNS_TYPE_AAAA, "AA", FQDN ". 1200 IN AAAA fd53::101", NULL },
        { PTR4, DNS_TYPE_PTR, "AA", PTR4 ". 1200 IN PTR HOST1.ad.example.test.", NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, OK);
    assert_int_equal(dns_conn_turns(s.c), 2); /* connection, questions */
    assert_string_equal(s.pub->zone, "ad.example.test");
    assert_string_equal(s.pub->mname, "dc1.ad.example.test");
    assert_int_equal(s.pub->n_addresses, 2);
    assert_true(published_has_address(s.pub, ip_of("10.53.0.101")));
    assert_true(published_has_address(s.pub, ip_of("fd53::101")));
    assert_null(s.pub->cname);
    assert_string_equal(s.pub->reverse[0].zone, "0.53.10.in-addr.arpa");
    assert_true(published_names(&s.pub->reverse[0], FQDN));
}

#define OPT_LEN 11

/* As Samba's own DNS server: the OPT record, which stands last, is not answered. */
static struct fake_answer answer_without_edns(TALLOC_CTX *mem, struct bytes query, bool is_tcp,
                                              void *priv)
{
    struct fake_answer a = answer(mem, query, is_tcp, priv);
    uint8_t *data = talloc_memdup(mem, a.data.data, a.data.len);

    data[11]--; /* ARCOUNT */
    a.data = (struct bytes){ data, a.data.len - OPT_LEN };
    return a;
}

static void whether_the_server_speaks_edns_is_seen_in_its_answers(void **state)
{
    static const struct says says[] = { ZONES, { 0 } };
    struct fake_dns *server =
        fake_dns_start(*state, "127.0.0.1", 0, answer_without_edns, (void *)(uintptr_t)says);
    struct deadline d = deadline_in(PATIENCE_MS);
    struct published *without;
    struct dns_conn *c;

    assert_non_null(server);
    assert_int_equal(dns_conn_open(*state, ip_of("127.0.0.1"), fake_dns_port(server), d, &c, NULL),
                     OK);
    assert_int_equal(published_read(*state, c, FQDN, NULL, 0, false, d, &without, NULL), OK);
    assert_false(without->has_edns);
    assert_true(read_from(*state, says).pub->has_edns);
}

#define HEARTBEAT(h) "\"v=muster1 seen=" #h "\""

static const struct says with_texts[] = {
    ZONES,
    { FQDN, DNS_TYPE_A, "AA", FQDN ". 1200 IN A 10.53.0.101", NULL },
    { FQDN, DNS_TYPE_TXT, "AA",
      FQDN ". 1200 IN TXT \"kept\"\n" FQDN ". 1200 IN TXT " HEARTBEAT(3733000), NULL },
    { PTR4, DNS_TYPE_PTR, "AA", PTR4 ". 1200 IN PTR " FQDN ".", NULL },
    { 0 },
};

static void heartbeats_are_read_in_the_same_turn_and_again(void **state)
{
    struct scene s = read_some(*state, with_texts, true);
    struct published *again;

    assert_int_equal(s.rc, OK);
    assert_int_equal(dns_conn_turns(s.c), 2); /* connection, questions */
    assert_int_equal(s.pub->heartbeats.n, 1);
    assert_string_equal(s.pub->heartbeats.data[0], HEARTBEAT(3733000));
    assert_true(published_names(&s.pub->reverse[0], FQDN));
    assert_int_equal(published_again(*state, s.c, s.pub, s.d, &again, &s.e), OK);
    assert_true(published_has_heartbeat(&again->heartbeats, HEARTBEAT(3733000)));
    assert_true(published_names(&again->reverse[0], FQDN));
}

static void heartbeats_that_nobody_asked_for_are_not_known(void **state)
{
    struct scene s = read_from(*state, with_texts);

    assert_int_equal(s.rc, OK);
    assert_int_equal(s.pub->heartbeats.n, 0);
    assert_null(published_heartbeats_of(s.pub, FQDN));
    assert_true(published_names(&s.pub->reverse[0], FQDN));
}

static void texts_that_cannot_be_read_cost_no_address(void **state)
{
    static const struct says says[] = {
        ZONES,
        { FQDN, DNS_TYPE_A, "AA", FQDN ". 1200 IN A 10.53.0.101", NULL },
        { FQDN, DNS_TYPE_TXT, "REFUSED", NULL, NULL },
        { 0 },
    };
    struct scene s = read_some(*state, says, true);

    assert_int_equal(s.rc, OK);
    assert_int_equal(s.pub->n_addresses, 1);
    assert_int_equal(s.pub->heartbeats.rcode, DNS_RCODE_REFUSED);
    assert_null(published_heartbeats_of(s.pub, FQDN));
}

static void heartbeat_of_an_earlier_name_is_read_where_it_is_remembered(void **state)
{
    static const char *const names[] = { "a.ad.example.test", "b.ad.example.test" };
    static const struct says says[] = {
        ZONES,
        { "a.ad.example.test", DNS_TYPE_SOA, "AA", NULL, AD },
        { "a.ad.example.test", DNS_TYPE_TXT, "AA",
          "a.ad.example.test. 60 IN TXT " HEARTBEAT(3733000), NULL },
        { "a.ad.example.test", DNS_TYPE_A, "AA", "a.ad.example.test. 60 IN A 10.53.0.7", NULL },
        { "b.ad.example.test", DNS_TYPE_SOA, "AA", NULL, AD },
        { "b.ad.example.test", DNS_TYPE_TXT, "AA",
          "b.ad.example.test. 60 IN TXT " HEARTBEAT(3733001), NULL },
        { "b.ad.example.test", DNS_TYPE_A, "AA", "b.ad.example.test. 60 IN A 10.53.0.8", NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);
    struct memory *m = talloc_zero(*state, struct memory);
    struct published *again;

    for (size_t i = 0; i < 2; i++)
        assert_true(memory_remember(m, (struct memory_record){ .zone = "ad.example.test",
                                                               .name = names[i],
                                                               .type = DNS_TYPE_A,
                                                               .data = "10.53.0.7" }));
    assert_true(memory_remember(m, (struct memory_record){ .zone = "ad.example.test",
                                                           .name = names[0],
                                                           .type = DNS_TYPE_TXT,
                                                           .data = HEARTBEAT(3733000) }));
    assert_int_equal(earlier_read(s.pub, s.c, m, s.d, &s.e), OK);
    assert_int_equal(published_again(*state, s.c, s.pub, s.d, &again, &s.e), OK);
    for (const struct published *p = s.pub; p; p = p == s.pub ? again : NULL) {
        assert_int_equal(p->n_names, 2);
        assert_true(
            published_has_heartbeat(published_heartbeats_of(p, names[0]), HEARTBEAT(3733000)));
        assert_null(published_heartbeats_of(p, names[1]));
        assert_int_equal(p->names[0].n_addresses, 1);
        assert_int_equal(p->names[1].n_addresses, 1);
    }
}

static void records_of_other_names_are_not_ours(void **state)
{
    static const struct says says[] = {
        ZONES,
        { FQDN, DNS_TYPE_A, "AA",
          FQDN ". 60 IN CNAME dc1.ad.example.test.\ndc1.ad.example.test. 60 IN A 10.53.0.10",
          NULL },
        { FQDN, DNS_TYPE_CNAME, "AA", FQDN ". 60 IN CNAME DC1.ad.example.test.", NULL },
        { PTR4, DNS_TYPE_PTR, "AA",
          PTR4 ". 60 IN CNAME 101.64-127.0.53.10.in-addr.arpa.\n"
               "101.64-127.0.53.10.in-addr.arpa. 60 IN PTR " FQDN ".",
          NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, OK);
    assert_int_equal(s.pub->n_addresses, 0);
    assert_string_equal(s.pub->cname, "dc1.ad.example.test");
    assert_int_equal(s.pub->reverse[0].n_targets, 0);
    assert_string_equal(s.pub->reverse[0].alias, "101.64-127.0.53.10.in-addr.arpa");
}

#define CHILD "64-127.0.53.10.in-addr.arpa"
#define ALIAS "101." CHILD

static void rfc_2317_alias_is_followed_into_its_own_zone(void **state)
{
    static const struct says says[] = {
        ZONES,
        { PTR4, DNS_TYPE_PTR, "AA", PTR4 ". 60 IN CNAME " ALIAS ".", NULL },
        { ALIAS, DNS_TYPE_SOA, "AA", NULL, CHILD ". 60 IN SOA dc1.ad.example.test. h. 1 1 1 1 1" },
        { ALIAS, DNS_TYPE_PTR, "AA", ALIAS ". 60 IN PTR " FQDN ".", NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);
    struct published *again;

    assert_int_equal(s.rc, OK);
    assert_string_equal(s.pub->reverse[0].name, PTR4);
    assert_string_equal(s.pub->reverse[0].owner, ALIAS);
    assert_string_equal(s.pub->reverse[0].zone, CHILD);
    assert_true(published_names(&s.pub->reverse[0], FQDN));
    assert_int_equal(published_again(*state, s.c, s.pub, s.d, &again, &s.e), OK);
    assert_true(published_names(&again->reverse[0], FQDN));
    assert_string_equal(again->reverse[0].owner, ALIAS);
    assert_string_equal(again->reverse[0].zone, CHILD);
}

static void alias_that_is_shown_only_by_its_type_is_seen(void **state)
{
    static const struct says says[] = {
        ZONES,
        { PTR4, DNS_TYPE_PTR, "AA", NULL, NULL },
        { PTR4, DNS_TYPE_CNAME, "AA", PTR4 ". 60 IN CNAME " ALIAS ".", NULL },
        { ALIAS, DNS_TYPE_SOA, "AA", NULL, CHILD ". 60 IN SOA dc1.ad.example.test. h. 1 1 1 1 1" },
        { 0 },
    };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, OK);
    assert_string_equal(s.pub->reverse[0].zone, CHILD);
    assert_string_equal(s.pub->reverse[0].owner, ALIAS);
}

static void alias_that_leads_astray_is_not_followed(void **state)
{
    static const char *const targets[] = { "dc1.ad.example.test", "102.0.53.10.in-addr.arpa", PTR4,
                                           ALIAS };

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        /* The last leads to another alias. */
        struct says says[] = {
            ZONES,
            { PTR4, DNS_TYPE_PTR, "AA",
              talloc_asprintf(*state, PTR4 ". 60 IN CNAME %s.", targets[i]), NULL },
            { ALIAS, DNS_TYPE_SOA, "AA", NULL,
              CHILD ". 60 IN SOA dc1.ad.example.test. h. 1 1 1 1 1" },
            { ALIAS, DNS_TYPE_PTR, "AA", ALIAS ". 60 IN CNAME 1." CHILD ".", NULL },
            { 0 },
        };
        struct scene s = read_from(*state, says);

        assert_int_equal(s.rc, OK);
        assert_null(s.pub->reverse[0].zone);
    }
}

static void alias_into_a_zone_of_another_server_has_no_zone(void **state)
{
    static const struct says says[] = {
        ZONES,
        { PTR4, DNS_TYPE_PTR, "AA", PTR4 ". 60 IN CNAME 101.0-127.0.54.10.in-addr.arpa.", NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, OK);
    assert_null(s.pub->reverse[0].zone);
}

static void failing_forward_question_fails_the_reading(void **state)
{
    static const struct says says[] = { ZONES,
                                        { FQDN, DNS_TYPE_AAAA, "AA SERVFAIL", NULL, NULL },
                                        { 0 } };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, ERR_SERVER);
    assert_non_null(strstr(s.e.message, "SERVFAIL"));
}

static void failing_reverse_question_is_that_name_s_alone(void **state)
{
    static const struct says says[] = { ZONES,
                                        { PTR4, DNS_TYPE_PTR, "AA SERVFAIL", NULL, NULL },
                                        { 0 } };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, OK);
    assert_int_equal(s.pub->reverse[0].rcode, DNS_RCODE_SERVFAIL);
}

static void answer_about_a_foreign_reverse_zone_is_not_taken(void **state)
{
    static const struct says says[] = {
        { FQDN, DNS_TYPE_SOA, "AA", NULL, AD },
        { PTR4, DNS_TYPE_PTR, "", PTR4 ". 60 IN PTR " FQDN ".", NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, OK);
    assert_null(s.pub->reverse[0].zone);
    assert_int_equal(s.pub->reverse[0].n_targets, 0);
}

static void earlier_names_are_read_each_with_its_own_zone_and_rcode(void **state)
{
    static const struct says says[] = {
        ZONES,
        { "old.ad.example.test", DNS_TYPE_SOA, "AA", NULL, AD },
        { "old.ad.example.test", DNS_TYPE_A, "AA", "old.ad.example.test. 60 IN A 10.53.0.7", NULL },
        { "bad.ad.example.test", DNS_TYPE_SOA, "AA", NULL, AD },
        { "bad.ad.example.test", DNS_TYPE_AAAA, "SERVFAIL", NULL, NULL },
        { "h.other.test", DNS_TYPE_A, "", "h.other.test. 60 IN A 10.53.0.7", NULL },
        { 0 },
    };
    static const char *const names[] = { FQDN, "old.ad.example.test", "bad.ad.example.test",
                                         "h.other.test" };
    struct scene s = read_from(*state, says);
    struct memory *m = talloc_zero(*state, struct memory);
    struct published *again;

    assert_int_equal(s.rc, OK);
    for (size_t i = 0; i < 4; i++)
        assert_true(memory_remember(m, (struct memory_record){ .zone = "test",
                                                               .name = names[i],
                                                               .type = DNS_TYPE_A,
                                                               .data = "10.53.0.7" }));
    assert_int_equal(earlier_read(s.pub, s.c, m, s.d, &s.e), OK);
    assert_int_equal(published_again(*state, s.c, s.pub, s.d, &again, &s.e), OK);
    for (int k = 0; k < 2; k++) {
        const struct published *p = k ? again : s.pub;

        assert_int_equal(p->n_names, 3);
        assert_null(published_name_of(p, FQDN));
        assert_string_equal(p->names[0].fqdn, "old.ad.example.test");
        assert_string_equal(p->names[0].zone, "ad.example.test");
        assert_int_equal(p->names[0].n_addresses, 1);
        assert_int_equal(p->names[0].rcode, DNS_RCODE_NOERROR);
        assert_int_equal(p->names[1].rcode, DNS_RCODE_SERVFAIL);
        assert_null(p->names[2].zone);
        assert_int_equal(p->names[2].n_addresses, 0);
    }
}

static void more_earlier_names_than_are_read_at_once_are_no_error(void **state)
{
    static const struct says says[] = { ZONES, { 0 } };
    struct scene s = read_from(*state, says);
    struct memory *m = talloc_zero(*state, struct memory);

    for (int i = 0; i < 3 * EARLIER_MAX; i++)
        assert_true(memory_remember(m, (struct memory_record){
                                           .zone = "ad.example.test",
                                           .name = talloc_asprintf(m, "old%d.ad.example.test", i),
                                           .type = DNS_TYPE_A,
                                           .data = "10.53.0.7" }));
    assert_int_equal(earlier_read(s.pub, s.c, m, s.d, &s.e), OK);
    assert_int_equal(s.pub->n_names, EARLIER_MAX);
}

/* What it says of the own name does not matter: it need not know it. */
static void reverse_names_are_read_at_a_server_that_does_not_know_the_name(void **state)
{
    static const struct says says[] = {
        { PTR4, DNS_TYPE_SOA, "AA", NULL, REV4 },
        { PTR4, DNS_TYPE_PTR, "AA", PTR4 ". 1200 IN PTR " FQDN ".", NULL },
        { FQDN, DNS_TYPE_A, "REFUSED", NULL, NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);
    struct ip ip = ip_of("10.53.0.101");
    struct published *p, *again;

    assert_int_equal(s.rc, ERR_NOTFOUND);
    assert_int_equal(published_read_reverse(*state, s.c, FQDN, &ip, 1, s.d, &p, &s.e), OK);
    assert_int_equal(published_again(*state, s.c, p, s.d, &again, &s.e), OK);
    assert_string_equal(p->reverse[0].zone, "0.53.10.in-addr.arpa");
    assert_true(published_names(&p->reverse[0], FQDN));
    assert_true(published_names(&again->reverse[0], FQDN));
    assert_true(again->is_reverse_only);
}

static void name_outside_the_server_s_zones_is_an_error_with_a_hint(void **state)
{
    static const struct says says[] = { { 0 } };
    struct scene s = read_from(*state, says);

    assert_int_equal(s.rc, ERR_NOTFOUND);
    assert_null(s.pub);
    assert_true(s.e.hint[0] != '\0');
}

static void more_addresses_than_a_host_has_are_refused(void **state)
{
    char *many = talloc_strdup(*state, "");
    struct says says[] = { ZONES, { FQDN, DNS_TYPE_A, "AA", NULL, NULL }, { 0 } };
    struct scene s;

    for (int i = 0; i <= PUBLISHED_MAX; i++)
        many = talloc_asprintf_append(many, FQDN ". 60 IN A 10.1.%d.%d\n", i / 256, i % 256);
    says[3].answer = many;
    s = read_from(*state, says);
    assert_int_equal(s.rc, ERR_SERVER);
}

static void more_reverse_names_can_be_asked_later_and_all_again(void **state)
{
    static const struct says says[] = {
        ZONES,
        { FQDN, DNS_TYPE_A, "AA", FQDN ". 1200 IN A 10.53.0.9", NULL },
        { "9.0.53.10.in-addr.arpa", DNS_TYPE_PTR, "AA",
          "9.0.53.10.in-addr.arpa. 60 IN PTR " FQDN ".", NULL },
        { 0 },
    };
    struct scene s = read_from(*state, says);
    struct ip more[] = { ip_of("10.53.0.101"), ip_of("10.53.0.9") };
    struct published *again;

    assert_int_equal(s.rc, OK);
    assert_int_equal(published_extend(s.pub, s.c, more, 2, s.d, &s.e), OK);
    assert_int_equal(s.pub->n_reverse, 2);
    assert_true(published_names(&s.pub->reverse[1], FQDN));
    assert_false(published_names(&s.pub->reverse[0], FQDN));
    assert_int_equal(published_again(*state, s.c, s.pub, s.d, &again, &s.e), OK);
    assert_true(published_has_address(again, ip_of("10.53.0.9")));
    assert_true(published_names(published_reverse_of(again, ip_of("10.53.0.9")), FQDN));
    assert_string_equal(again->zone, "ad.example.test");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(zones_and_records_cost_one_turn),
        TEST(whether_the_server_speaks_edns_is_seen_in_its_answers),
        TEST(heartbeats_are_read_in_the_same_turn_and_again),
        TEST(heartbeats_that_nobody_asked_for_are_not_known),
        TEST(texts_that_cannot_be_read_cost_no_address),
        TEST(heartbeat_of_an_earlier_name_is_read_where_it_is_remembered),
        TEST(records_of_other_names_are_not_ours),
        TEST(rfc_2317_alias_is_followed_into_its_own_zone),
        TEST(alias_that_is_shown_only_by_its_type_is_seen),
        TEST(alias_that_leads_astray_is_not_followed),
        TEST(alias_into_a_zone_of_another_server_has_no_zone),
        TEST(failing_forward_question_fails_the_reading),
        TEST(failing_reverse_question_is_that_name_s_alone),
        TEST(answer_about_a_foreign_reverse_zone_is_not_taken),
        TEST(earlier_names_are_read_each_with_its_own_zone_and_rcode),
        TEST(more_earlier_names_than_are_read_at_once_are_no_error),
        TEST(reverse_names_are_read_at_a_server_that_does_not_know_the_name),
        TEST(name_outside_the_server_s_zones_is_an_error_with_a_hint),
        TEST(more_addresses_than_a_host_has_are_refused),
        TEST(more_reverse_names_can_be_asked_later_and_all_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
