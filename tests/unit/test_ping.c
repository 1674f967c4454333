#include "tests/unit/unit.h"

#include <talloc.h>

#include "ldap/ping.h"
#include "tests/fakes/cldapserver.h"
#include "tests/fakes/dnsserver.h"

#define PATIENCE_MS 20000
#define DOMAIN "ad.test"

static struct fake_controller dc(const char *host)
{
    return (struct fake_controller){ .host = host,
                                     .domain = DOMAIN,
                                     .site = "Here",
                                     .client_site = "Here",
                                     .flags = FAKE_NEAR,
                                     .vendor = "Samba Team (https://www.samba.org)" };
}

static struct ping *pings(void **state, uint16_t port)
{
    struct ping *p = NULL;

    assert_int_equal(ping_new(*state, DOMAIN, port, &p, NULL), OK);
    return p;
}

static void add(struct ping *p, const char *name, const char *address)
{
    struct ip ip;

    assert_true(ip_parse(address, &ip));
    assert_int_equal(ping_add(p, name, &ip, 1, NULL), OK);
}

static void a_controller_tells_of_itself(void **state)
{
    struct fake_cldap *s = fake_cldap_start(*state, "127.0.0.1", 0, dc("dc1." DOMAIN));
    struct ping *p = pings(state, fake_cldap_port(s));
    struct ping_answer a;
    char text[IP_TEXT_MAX];

    add(p, "dc1." DOMAIN, "127.0.0.1");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_string_equal(a.name, "dc1." DOMAIN);
    assert_string_equal(ip_format(a.address, text), "127.0.0.1");
    assert_string_equal(a.site, "Here");
    assert_string_equal(a.client_site, "Here");
    assert_string_equal(a.kind, "samba");
    assert_true(a.is_near);
    assert_false(a.is_read_only);
    assert_int_equal(ping_turns(p), 1);
}

static void what_it_is_comes_from_the_root(void **state)
{
    struct fake_controller c = dc("dc1." DOMAIN);
    struct ping_answer a;
    struct ping *p;

    c.vendor = NULL;
    p = pings(state, fake_cldap_port(fake_cldap_start(*state, "127.0.0.1", 0, c)));
    add(p, c.host, "127.0.0.1");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_string_equal(a.kind, "windows");
    /* Not told, and somebody else's: not known. */
    c.is_rootless = true;
    p = pings(state, fake_cldap_port(fake_cldap_start(*state, "127.0.0.1", 0, c)));
    add(p, c.host, "127.0.0.1");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_null(a.kind);
    c.is_rootless = false;
    c.vendor = "Somebody";
    p = pings(state, fake_cldap_port(fake_cldap_start(*state, "127.0.0.1", 0, c)));
    add(p, c.host, "127.0.0.1");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_null(a.kind);
}

static void a_silent_one_gives_way_to_the_next(void **state)
{
    struct fake_controller silent = dc("dc1." DOMAIN);
    struct fake_cldap *s;
    struct ping_answer a;
    struct ping *p;

    silent.is_silent = true;
    s = fake_cldap_start(*state, "127.0.0.1", 0, silent);
    fake_cldap_start(*state, "127.0.0.2", fake_cldap_port(s), dc("dc2." DOMAIN));
    p = pings(state, fake_cldap_port(s));
    add(p, "dc1." DOMAIN, "127.0.0.1");
    add(p, "dc2." DOMAIN, "127.0.0.2");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_string_equal(a.name, "dc2." DOMAIN);
    assert_int_equal(ping_state_of(p, "dc1." DOMAIN), PING_SILENT);
    /* Nobody spoke in between: still one turn. */
    assert_int_equal(ping_turns(p), 1);
}

static void the_next_is_not_troubled_when_the_first_answers(void **state)
{
    struct fake_cldap *s = fake_cldap_start(*state, "127.0.0.1", 0, dc("dc1." DOMAIN));
    struct fake_cldap *next =
        fake_cldap_start(*state, "127.0.0.2", fake_cldap_port(s), dc("dc2." DOMAIN));
    struct ping *p = pings(state, fake_cldap_port(s));
    struct ping_answer a;

    add(p, "dc1." DOMAIN, "127.0.0.1");
    add(p, "dc2." DOMAIN, "127.0.0.2");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_string_equal(a.name, "dc1." DOMAIN);
    assert_int_equal(fake_cldap_received(next), 0);
}

static void where_nothing_listens_nobody_is_waited_for(void **state)
{
    struct ping *p = pings(state, fake_dns_dead_port());
    struct deadline far = deadline_in(PATIENCE_MS);
    struct ping_answer a;

    add(p, "dc1." DOMAIN, "127.0.0.1");
    add(p, "dc2." DOMAIN, "127.0.0.2");
    assert_int_equal(ping_wait(p, far, &a), PING_FAILED);
    assert_int_equal(ping_state_of(p, "dc2." DOMAIN), PING_FAILED);
}

static void a_lost_datagram_is_sent_again(void **state)
{
    struct fake_controller c = dc("dc1." DOMAIN);
    struct fake_cldap *s;
    struct ping_answer a;
    struct ping *p;

    c.deaf_to = 2;
    s = fake_cldap_start(*state, "127.0.0.1", 0, c);
    p = pings(state, fake_cldap_port(s));
    add(p, c.host, "127.0.0.1");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_int_equal(ping_turns(p), 1);
}

static enum ping_state state_of_one(void **state, struct fake_controller c, int patience_ms)
{
    struct fake_cldap *s = fake_cldap_start(*state, "127.0.0.1", 0, c);
    struct ping *p = pings(state, fake_cldap_port(s));
    struct ping_answer a;
    enum ping_state got;

    add(p, "dc1." DOMAIN, "127.0.0.1");
    got = ping_wait(p, deadline_in(patience_ms), &a);
    return got == PING_FAILED ? ping_state_of(p, "dc1." DOMAIN) : got;
}

static void what_is_no_answer_to_our_ping_is_not_heard(void **state)
{
    struct fake_controller c = dc("dc1." DOMAIN);

    c.has_wrong_id = true;
    assert_int_equal(state_of_one(state, c, 300), PING_SILENT);
    c.has_wrong_id = false;
    c.is_elsewhere = true;
    assert_int_equal(state_of_one(state, c, 300), PING_SILENT);
}

static void one_that_floods_is_heard_no_longer(void **state)
{
    struct fake_controller c = dc("dc1." DOMAIN);
    struct deadline far = deadline_in(PATIENCE_MS);

    c.is_flooding = true;
    assert_int_equal(state_of_one(state, c, PATIENCE_MS), PING_UNFIT);
    assert_true(deadline_left(far) > 0);
}

static void a_flood_does_not_drown_the_others(void **state)
{
    struct fake_controller c = dc("dc1." DOMAIN);
    struct fake_cldap *s;
    struct ping_answer a;
    struct ping *p;

    c.is_flooding = true;
    s = fake_cldap_start(*state, "127.0.0.1", 0, c);
    p = pings(state, fake_cldap_port(s));
    assert_non_null(fake_cldap_start(*state, "127.0.0.2", fake_cldap_port(s), dc("dc2." DOMAIN)));
    add(p, "dc1." DOMAIN, "127.0.0.1");
    add(p, "dc2." DOMAIN, "127.0.0.2");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_string_equal(a.name, "dc2." DOMAIN);
}

static void those_that_do_not_serve_the_domain_are_unfit(void **state)
{
    struct fake_controller c = dc("dc1." DOMAIN);

    c.domain = "other.test";
    assert_int_equal(state_of_one(state, c, PATIENCE_MS), PING_UNFIT);
    c = dc("dc9." DOMAIN);
    assert_int_equal(state_of_one(state, c, PATIENCE_MS), PING_UNFIT);
    c = dc("dc1." DOMAIN);
    c.flags &= ~0x20u;
    assert_int_equal(state_of_one(state, c, PATIENCE_MS), PING_UNFIT);
}

static void a_read_only_one_is_second_choice(void **state)
{
    struct fake_controller rodc = dc("dc1." DOMAIN);
    struct ping_answer a;
    struct fake_cldap *s;
    struct ping *p;

    rodc.flags &= ~0x100u;
    s = fake_cldap_start(*state, "127.0.0.1", 0, rodc);
    fake_cldap_start(*state, "127.0.0.2", fake_cldap_port(s), dc("dc2." DOMAIN));
    p = pings(state, fake_cldap_port(s));
    add(p, "dc1." DOMAIN, "127.0.0.1");
    add(p, "dc2." DOMAIN, "127.0.0.2");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_GOOD);
    assert_string_equal(a.name, "dc2." DOMAIN);
    /* Alone, it is better than none. */
    p = pings(state, fake_cldap_port(s));
    add(p, "dc1." DOMAIN, "127.0.0.1");
    assert_int_equal(ping_wait(p, deadline_in(PATIENCE_MS), &a), PING_READ_ONLY);
    assert_true(a.is_read_only);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_controller_tells_of_itself),
        TEST(what_it_is_comes_from_the_root),
        TEST(a_silent_one_gives_way_to_the_next),
        TEST(the_next_is_not_troubled_when_the_first_answers),
        TEST(where_nothing_listens_nobody_is_waited_for),
        TEST(a_lost_datagram_is_sent_again),
        TEST(what_is_no_answer_to_our_ping_is_not_heard),
        TEST(one_that_floods_is_heard_no_longer),
        TEST(a_flood_does_not_drown_the_others),
        TEST(those_that_do_not_serve_the_domain_are_unfit),
        TEST(a_read_only_one_is_second_choice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
