#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/file.h"
#include "ldap/dccache.h"
#include "ldap/locator.h"
#include "tests/fakes/cldapserver.h"
#include "tests/fakes/dnsserver.h"

#define PATIENCE_MS 20000
#define DOMAIN "ad.test"

/* dcN has the address 127.0.0.N; "Here" has dc3, "Empty" nobody that lives (dc9). */
static struct fake_answer dns(TALLOC_CTX *mem, struct bytes query, bool is_tcp, void *priv)
{
    int type, n = 0;
    const char *name = fake_dns_question(mem, query, &type), *answer = NULL, *flags = "AA";

    (void)is_tcp;
    (void)priv;
    if (strcmp(name, "_ldap._tcp.dc._msdcs." DOMAIN) == 0)
        answer = "_ldap._tcp.dc._msdcs." DOMAIN ". 60 IN SRV 0 100 389 dc1." DOMAIN ".\n"
                 "_ldap._tcp.dc._msdcs." DOMAIN ". 60 IN SRV 1 100 389 dc2." DOMAIN ".";
    else if (strcmp(name, "_ldap._tcp.here._sites.dc._msdcs." DOMAIN) == 0)
        answer = "_ldap._tcp.here._sites.dc._msdcs." DOMAIN ". 60 IN SRV 0 100 389 dc3." DOMAIN ".";
    else if (strcmp(name, "_ldap._tcp.empty._sites.dc._msdcs." DOMAIN) == 0)
        answer =
            "_ldap._tcp.empty._sites.dc._msdcs." DOMAIN ". 60 IN SRV 0 100 389 dc9." DOMAIN ".";
    else if (sscanf(name, "dc%d." DOMAIN, &n) == 1 && type == DNS_TYPE_A)
        answer = talloc_asprintf(mem, "%s. 60 IN A 127.0.0.%d", name, n);
    else if (n == 0)
        flags = "AA NXDOMAIN";
    return (struct fake_answer){ .data = fake_dns_reply(mem, query, flags, answer, NULL, NULL) };
}

struct scene {
    struct locator_params p;
    char dir[64];
    struct fake_dns *dns;
    struct fake_cldap *dcs[4];
};

static struct fake_controller controller(const char *host)
{
    return (struct fake_controller){ .host = host,
                                     .domain = DOMAIN,
                                     .site = "There",
                                     .client_site = "There",
                                     .flags = FAKE_NEAR,
                                     .vendor = "Samba Team" };
}

static int remove_dir(struct scene *s)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", s->dir);
    return system(command);
}

/* A domain of dc1, dc2 and, in the site "Here", dc3; those whose host is NULL are not there. */
static struct scene *scene(void **state, struct fake_controller one, struct fake_controller two,
                           struct fake_controller three)
{
    struct scene *s = talloc_zero(*state, struct scene);
    const struct fake_controller all[] = { one, two, three };
    struct ip loopback;
    uint16_t port = fake_dns_dead_port();

    snprintf(s->dir, sizeof s->dir, "/tmp/test_locator.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    talloc_set_destructor(s, remove_dir);
    assert_true(ip_parse("127.0.0.1", &loopback));
    s->dns = fake_dns_start(s, "127.0.0.1", 0, dns, NULL);
    assert_int_equal(dns_resolver_from_servers(s, &loopback, 1, fake_dns_port(s->dns),
                                               &s->p.resolver, NULL),
                     OK);
    for (int i = 0; i < 3; i++) {
        if (all[i].host) {
            s->dcs[i + 1] =
                fake_cldap_start(s, talloc_asprintf(s, "127.0.0.%d", i + 1), port, all[i]);
            assert_non_null(s->dcs[i + 1]);
        }
    }
    s->p.domain = DOMAIN;
    s->p.state_dir = s->dir;
    s->p.port = port;
    s->p.d = deadline_in(PATIENCE_MS);
    return s;
}

static const struct fake_controller none;

static struct located locate(struct scene *s)
{
    struct located l = { 0 };
    struct error e = { 0 };

    if (locator_locate(s, &s->p, &l, &e) != OK)
        fail_msg("%s", e.message);
    return l;
}

static void assert_order(const struct located *l, const char *expected)
{
    char *names = talloc_strdup(NULL, "");

    for (size_t i = 0; i < l->n; i++)
        names = talloc_asprintf_append(names, "%s%.*s", i ? " " : "", 3, l->dcs[i].name);
    assert_string_equal(names, expected);
    talloc_free(names);
}

static void the_first_that_answers_comes_first(void **state)
{
    struct fake_controller silent = controller("dc1." DOMAIN);
    struct located l;

    l = locate(scene(state, controller("dc1." DOMAIN), controller("dc2." DOMAIN), none));
    assert_order(&l, "dc1 dc2");
    assert_int_equal(l.n_usable, 2);
    assert_string_equal(l.dcs[0].kind, "samba");
    assert_string_equal(l.dcs[0].site, "There");
    assert_int_equal(l.turns, 1);
    silent.is_silent = true;
    l = locate(scene(state, silent, controller("dc2." DOMAIN), none));
    assert_order(&l, "dc2 dc1");
}

static void one_where_nothing_listens_comes_last_and_one_that_is_unfit_not_at_all(void **state)
{
    struct fake_controller foreign = controller("dc1." DOMAIN);
    struct located l = locate(scene(state, none, controller("dc2." DOMAIN), none));

    assert_order(&l, "dc2 dc1");
    foreign.domain = "other.test";
    l = locate(scene(state, foreign, controller("dc2." DOMAIN), none));
    assert_order(&l, "dc2");
}

static void where_no_ping_comes_through_the_order_of_srv_stands(void **state)
{
    struct located l = locate(scene(state, none, none, none));

    assert_order(&l, "dc1 dc2");
    assert_null(l.dcs[0].kind);
}

static void where_none_serves_the_domain_none_is_found(void **state)
{
    struct fake_controller a = controller("dc1." DOMAIN), b = controller("dc2." DOMAIN);
    struct located l = { .n = 77 };
    struct error e = { 0 };
    struct scene *s;

    a.domain = b.domain = "other.test";
    s = scene(state, a, b, none);
    assert_int_equal(locator_locate(s, &s->p, &l, &e), ERR_NOTFOUND);
    assert_int_equal(l.n, 77);
    assert_non_null(strstr(e.message, DOMAIN));
    assert_true(e.hint[0] != '\0');
}

static void without_srv_records_the_message_names_domain_and_resolver(void **state)
{
    struct scene *s = scene(state, none, none, none);
    struct located l;
    struct error e = { 0 };

    s->p.domain = "nowhere.test";
    assert_int_equal(locator_locate(s, &s->p, &l, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.message, "nowhere.test"));
    assert_non_null(strstr(e.message, "127.0.0.1"));
    assert_non_null(strstr(e.hint, "resolv.conf"));
}

static struct fake_controller far(const char *host, const char *client_site)
{
    struct fake_controller c = controller(host);

    c.flags = FAKE_FLAGS;
    c.client_site = client_site;
    return c;
}

static void our_own_sites_controller_is_preferred(void **state)
{
    struct fake_controller near = controller("dc3." DOMAIN);
    struct located l;

    near.site = near.client_site = "Here";
    l = locate(scene(state, far("dc1." DOMAIN, "Here"), controller("dc2." DOMAIN), near));
    assert_order(&l, "dc3 dc1 dc2");
    assert_string_equal(l.dcs[0].site, "Here");
}

/* ---- read-only ones ---- */

static struct fake_controller read_only(const char *host)
{
    struct fake_controller c = controller(host);

    c.flags &= ~0x100u;
    return c;
}

static void a_near_read_only_one_does_not_replace_a_far_one(void **state)
{
    struct fake_controller near = read_only("dc3." DOMAIN);
    struct located l;

    near.site = near.client_site = "Here";
    l = locate(scene(state, far("dc1." DOMAIN, "Here"), controller("dc2." DOMAIN), near));
    assert_order(&l, "dc1 dc2 dc3");
    assert_false(l.dcs[0].is_read_only);
    assert_true(l.dcs[2].is_read_only);
}

static void a_writable_one_of_another_site_goes_before_the_wished_sites_read_only_one(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), none, read_only("dc3." DOMAIN));
    struct located l;

    s->p.site = "Here";
    l = locate(s);
    assert_order(&l, "dc1 dc2 dc3");
}

static void one_that_is_read_only_by_now_is_not_begun_with(void **state)
{
    struct scene *s = scene(state, read_only("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    struct dc was = { .name = "dc1." DOMAIN, .n_addresses = 1, .kind = "samba" };
    struct located l;

    was.addresses = talloc_zero(s, struct ip);
    assert_true(ip_parse("127.0.0.1", was.addresses));
    assert_int_equal(dccache_write(s->dir, DOMAIN, NULL, &was, 1, NULL), OK);
    l = locate(s);
    assert_order(&l, "dc2 dc1");
    assert_false(l.is_remembered);
}

static void where_none_can_be_written_to_the_read_only_one_comes_first(void **state)
{
    struct fake_controller silent = controller("dc2." DOMAIN);
    struct located l;

    silent.is_silent = true;
    l = locate(scene(state, read_only("dc1." DOMAIN), silent, none));
    assert_order(&l, "dc1 dc2");
    assert_true(l.dcs[0].is_read_only);
    assert_int_equal(l.n_usable, 2);
}

static void a_read_only_one_is_never_remembered(void **state)
{
    struct scene *s = scene(state, read_only("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    struct located l = locate(s);
    struct dc *read;
    size_t n;

    assert_order(&l, "dc2 dc1");
    locator_remember(&s->p, &l, 1);
    assert_int_equal(dccache_read(s, s->dir, DOMAIN, NULL, &read, &n, NULL), OK);
    assert_int_equal(n, 0);
    locator_remember(&s->p, &l, 0);
    assert_int_equal(dccache_read(s, s->dir, DOMAIN, NULL, &read, &n, NULL), OK);
    assert_int_equal(n, 1);
    assert_string_equal(read[0].name, "dc2." DOMAIN);
}

static void a_site_without_a_living_controller_leaves_the_first(void **state)
{
    struct located l = locate(scene(state, far("dc1." DOMAIN, "Here"), none, none));

    assert_string_equal(l.dcs[0].name, "dc1." DOMAIN);
    l = locate(scene(state, far("dc1." DOMAIN, "Unheard-of"), none, none));
    assert_string_equal(l.dcs[0].name, "dc1." DOMAIN);
}

static void a_site_that_is_wished_for_goes_first(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), none, controller("dc3." DOMAIN));
    struct located l;

    s->p.site = "Here";
    l = locate(s);
    assert_order(&l, "dc3");
    /* Nobody there: everywhere. */
    s->p.site = "Empty";
    l = locate(s);
    assert_string_equal(l.dcs[0].name, "dc1." DOMAIN);
    s->p.site = "Unheard-of";
    l = locate(s);
    assert_string_equal(l.dcs[0].name, "dc1." DOMAIN);
}

static void the_one_used_last_is_asked_first_and_dns_is_not(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    struct located l = locate(s);
    unsigned questions = fake_dns_received(s->dns), pings = fake_cldap_received(s->dcs[1]);

    locator_remember(&s->p, &l, 1);
    l = locate(s);
    assert_order(&l, "dc2 dc1");
    assert_true(l.is_remembered);
    assert_int_equal(fake_dns_received(s->dns), questions);
    assert_int_equal(fake_cldap_received(s->dcs[1]), pings);
    assert_string_equal(l.dcs[0].kind, "samba");
}

static void one_remembered_that_died_is_replaced(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    struct located l = locate(s);

    locator_remember(&s->p, &l, 0);
    talloc_free(s->dcs[1]);
    l = locate(s);
    assert_order(&l, "dc2 dc1");
}

static void all_remembered_may_be_gone(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), none, none);
    struct ip gone;
    struct dc old = { .name = "old." DOMAIN, .addresses = &gone, .n_addresses = 1 };
    struct located l;

    assert_true(ip_parse("127.0.0.8", &gone));
    assert_int_equal(dccache_write(s->dir, DOMAIN, NULL, &old, 1, NULL), OK);
    l = locate(s);
    assert_string_equal(l.dcs[0].name, "dc1." DOMAIN);
    assert_false(l.is_remembered);
}

static void nothing_is_remembered_for_another_site_or_in_a_dry_run(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    struct located l = locate(s);

    s->p.is_dry_run = true;
    locator_remember(&s->p, &l, 1);
    s->p.is_dry_run = false;
    l = locate(s);
    assert_false(l.is_remembered);
    locator_remember(&s->p, &l, 1);
    s->p.site = "Empty";
    l = locate(s);
    assert_false(l.is_remembered);
}

static void those_to_avoid_are_not_asked(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    const char *both[] = { "dc1." DOMAIN, "dc2." DOMAIN };
    struct located l;
    struct error e;

    s->p.avoid = both;
    s->p.n_avoid = 1;
    l = locate(s);
    assert_order(&l, "dc2");
    assert_int_equal(fake_cldap_received(s->dcs[1]), 0);
    s->p.n_avoid = 2;
    assert_int_equal(locator_locate(s, &s->p, &l, &e), ERR_UNREACHABLE);
}

static void a_named_server_is_the_only_one_to_use(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), controller("dc2." DOMAIN), none);
    struct located l;

    s->p.server = "DC2." DOMAIN ".";
    l = locate(s);
    assert_order(&l, "dc2 dc1");
    assert_int_equal(l.n_usable, 1);
    assert_string_equal(l.dcs[0].kind, "samba");
    /* By its address; and one that no controller has. */
    s->p.server = "127.0.0.2";
    l = locate(s);
    assert_order(&l, "dc2 dc1");
    s->p.server = "127.0.0.77";
    assert_int_equal(locator_locate(s, &s->p, &l, NULL), ERR_USAGE);
    /* What it is is good to know, but not needed. */
    s->p.server = "dc9." DOMAIN;
    l = locate(s);
    assert_order(&l, "dc9 dc1 dc2");
    assert_null(l.dcs[0].kind);
}

/* ---- the file ---- */

static void the_memory_is_private_and_written_only_when_it_changes(void **state)
{
    struct scene *s = scene(state, controller("dc1." DOMAIN), none, none);
    struct located l = locate(s);
    char *path = talloc_asprintf(s, "%s/dc.json", s->dir);
    struct stat before, after;

    locator_remember(&s->p, &l, 0);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    locator_remember(&s->p, &l, 0);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void other_domains_stay_in_the_memory(void **state)
{
    struct scene *s = scene(state, none, none, none);
    struct ip ip;
    struct dc dc = { .name = "dc1.one.test", .addresses = &ip, .n_addresses = 1, .site = "S" };
    struct dc *read;
    size_t n;

    assert_true(ip_parse("fd53::10", &ip));
    assert_int_equal(dccache_write(s->dir, "one.test", NULL, &dc, 1, NULL), OK);
    dc.name = "dc1.two.test";
    assert_int_equal(dccache_write(s->dir, "two.test", "X", &dc, 1, NULL), OK);
    assert_int_equal(dccache_read(s, s->dir, "one.test", NULL, &read, &n, NULL), OK);
    assert_int_equal(n, 1);
    assert_string_equal(read[0].name, "dc1.one.test");
    assert_true(ip_equal(read[0].addresses[0], ip));
    assert_string_equal(read[0].site, "S");
    assert_null(read[0].kind);
    assert_int_equal(dccache_read(s, s->dir, "two.test", NULL, &read, &n, NULL), OK);
    assert_int_equal(n, 0);
    assert_int_equal(dccache_read(s, s->dir, "two.test", "X", &read, &n, NULL), OK);
    assert_int_equal(n, 1);
}

static void a_memory_that_makes_no_sense_is_none(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{\"version\": 2, \"domains\": {}}",
        "{\"version\": 1, \"domains\": []}",
        "{\"version\": 1, \"domains\": {\"ad.test\": 7}}",
        "{\"version\": 1, \"domains\": {\"ad.test\": {\"controllers\": [7]}}}",
        "{\"version\": 1, \"domains\": {\"ad.test\": {\"controllers\": [{\"name\": \"a..b\", "
        "\"addresses\": [\"10.0.0.1\"]}]}}}",
        "{\"version\": 1, \"domains\": {\"ad.test\": {\"controllers\": [{\"name\": \"a.b\", "
        "\"addresses\": []}]}}}",
        "{\"version\": 1, \"domains\": {\"ad.test\": {\"controllers\": [{\"name\": \"a.b\", "
        "\"addresses\": [\"ten\"]}]}}}",
        "{\"version\": 1, \"domains\": {\"ad.test\": {\"controllers\": [{\"name\": \"a.b\", "
        "\"addresses\": [\"10.0.0.1\"], \"kind\": \"x\"}]}}}",
    };
    struct scene *s = scene(state, controller("dc1." DOMAIN), none, none);
    char *path = talloc_asprintf(s, "%s/dc.json", s->dir);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes content = { (const uint8_t *)bad[i], strlen(bad[i]) };
        struct dc *read;
        size_t n = 7;

        assert_int_equal(file_write_atomic(path, content, NULL), OK);
        assert_int_equal(dccache_read(s, s->dir, DOMAIN, NULL, &read, &n, NULL), OK);
        assert_int_equal(n, 0);
        /* And it is replaced. */
        locate(s);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_that_answers_comes_first),
        TEST(one_where_nothing_listens_comes_last_and_one_that_is_unfit_not_at_all),
        TEST(where_no_ping_comes_through_the_order_of_srv_stands),
        TEST(where_none_serves_the_domain_none_is_found),
        TEST(without_srv_records_the_message_names_domain_and_resolver),
        TEST(our_own_sites_controller_is_preferred),
        TEST(a_near_read_only_one_does_not_replace_a_far_one),
        TEST(a_writable_one_of_another_site_goes_before_the_wished_sites_read_only_one),
        TEST(one_that_is_read_only_by_now_is_not_begun_with),
        TEST(where_none_can_be_written_to_the_read_only_one_comes_first),
        TEST(a_read_only_one_is_never_remembered),
        TEST(a_site_without_a_living_controller_leaves_the_first),
        TEST(a_site_that_is_wished_for_goes_first),
        TEST(the_one_used_last_is_asked_first_and_dns_is_not),
        TEST(one_remembered_that_died_is_replaced),
        TEST(all_remembered_may_be_gone),
        TEST(nothing_is_remembered_for_another_site_or_in_a_dry_run),
        TEST(those_to_avoid_are_not_asked),
        TEST(a_named_server_is_the_only_one_to_use),
        TEST(the_memory_is_private_and_written_only_when_it_changes),
        TEST(other_domains_stay_in_the_memory),
        TEST(a_memory_that_makes_no_sense_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
