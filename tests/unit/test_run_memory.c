#include "tests/unit/unit.h"

#include <string.h>

#include "dns/rr.h"
#include "register/run.h"
#include "tests/unit/tempdir.h"

#define FQDN "host1.ad.example.test"
#define ZONE "ad.example.test"
#define ADDRESS "10.53.0.101"

/* A run of the section, and the memory of an earlier one. */
struct scene {
    struct register_options opt;
    struct run run;
};

static struct scene *scene(TALLOC_CTX *mem, const char *section, const char *remembered_by)
{
    struct scene *s = talloc_zero(mem, struct scene);
    struct memory *m = talloc_zero(s, struct memory);

    s->opt = register_options_default();
    s->opt.state_dir = tempdir(s);
    s->opt.section = section;
    s->run = (struct run){ .opt = &s->opt,
                           .host = { .principal = "HOST1$@AD.EXAMPLE.TEST", .fqdn = FQDN } };
    assert_true(
        memory_remember(m, (struct memory_record){
                               .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = ADDRESS }));
    assert_int_equal(memory_write(s->opt.state_dir, remembered_by, m, NULL), OK);
    return s;
}

static struct memory *file_of(struct scene *s, const char *section)
{
    struct memory *m = NULL;

    assert_int_equal(memory_read(s, s->opt.state_dir, section, &m, NULL), OK);
    return m;
}

/* A run that ends before it has found a server. */
static void fail_early(struct scene *s)
{
    struct error e = { 0 };

    assert_int_equal(run_recall(s, &s->run, &e), OK);
    assert_int_equal(run_settle(s, &s->run, &e), OK);
    err_set(&e, ERR_UNREACHABLE, "nobody answers");
    run_remember_failure(s, &s->run, &e);
}

static void a_failed_run_keeps_what_was_remembered(void **state)
{
    struct scene *s = scene(*state, "lab", "lab");

    fail_early(s);
    assert_true(memory_has(file_of(s, "lab"), FQDN, DNS_TYPE_A, ADDRESS));
    assert_string_equal(file_of(s, "lab")->last_error, "nobody answers");
}

static void what_a_section_takes_over_is_kept_by_a_run_that_fails(void **state)
{
    struct scene *s = scene(*state, "lab", NULL);

    fail_early(s);
    assert_true(memory_has(file_of(s, "lab"), FQDN, DNS_TYPE_A, ADDRESS));
    assert_string_equal(file_of(s, "lab")->last_error, "nobody answers");
    assert_int_equal(file_of(s, NULL)->n_records, 0);
}

#define PTR_ZONE "54.10.in-addr.arpa"
#define PTR_NAME "101.0." PTR_ZONE

/* What a server has at the reverse name of the one address; zone NULL: it is not that server's. */
static struct published *look(TALLOC_CTX *mem, const char *zone, struct ip *ip)
{
    struct published *p = talloc_zero(mem, struct published);
    const char **target = talloc(p, const char *);

    *target = FQDN;
    p->fqdn = FQDN;
    p->zone = ZONE;
    p->is_reverse_only = zone;
    p->n_addresses = !zone;
    p->addresses = ip;
    p->reverse = talloc_zero(p, struct published_reverse);
    p->reverse[0] = (struct published_reverse){ .ip = *ip,
                                                .name = PTR_NAME,
                                                .owner = PTR_NAME,
                                                .name_zone = zone,
                                                .zone = zone,
                                                .targets = target,
                                                .n_targets = zone ? 1 : 0 };
    p->n_reverse = 1;
    return p;
}

static struct plan *plan_of(TALLOC_CTX *mem, struct plan_step s)
{
    struct plan *p = talloc_zero(mem, struct plan);

    assert_true(plan_add(p, s));
    return p;
}

/* The address at one server, its PTR at another: added in the first run, refreshed after that. */
static void run_at_two_servers(struct scene *s, const char *in_use, const char *elsewhere,
                               enum register_action action)
{
    static struct ip ip;
    struct primary *one = talloc_zero(s, struct primary);
    struct primaries *all = talloc_zero(s, struct primaries);
    struct error e = { 0 };
    struct run *run = &s->run;

    assert_true(ip_parse("10.54.0.101", &ip));
    assert_int_equal(run_recall(s, run, &e), OK);
    assert_int_equal(run_settle(s, run, &e), OK);
    run->contact.server = in_use;
    run->wanted = &ip;
    run->n_wanted = 1;
    run->published = look(s, NULL, &ip);
    run->plan = plan_of(s, (struct plan_step){ .zone = ZONE,
                                               .owner = FQDN,
                                               .type = DNS_TYPE_A,
                                               .data = "10.54.0.101",
                                               .action = action,
                                               .ip = ip });
    one->contact.server = elsewhere;
    one->published = look(s, PTR_ZONE, &ip);
    one->plan = plan_of(s, (struct plan_step){ .zone = PTR_ZONE,
                                               .owner = PTR_NAME,
                                               .reverse_name = PTR_NAME,
                                               .reverse_zone = PTR_ZONE,
                                               .type = DNS_TYPE_PTR,
                                               .data = FQDN ".",
                                               .action = action,
                                               .ip = ip });
    all->list = one;
    all->n = 1;
    run->primaries = all;
    run->in = (struct plan_input){ .published = run->published, .memory = run->memory };
    run->n_steps_here = run->plan->n_steps;
    assert_int_equal(primaries_merge(all, &run->in, run->plan, &run->outcome.verified, &e), OK);
    assert_int_equal(run_learn(s, run, &e), OK);
}

static const char *server_of(struct scene *s, const char *name, uint16_t type, const char *data)
{
    struct memory *m = file_of(s, NULL);
    ssize_t at = memory_find(m, name, type, data);

    assert_true(at >= 0);
    return m->records[at].seen.server;
}

static void what_another_server_took_was_seen_there(void **state)
{
    struct scene *s = scene(*state, NULL, NULL);
    const char *path = talloc_asprintf(s, "%s/registered.json", s->opt.state_dir);
    struct bytes first;
    struct stat before, after;

    run_at_two_servers(s, "dc1." ZONE, "ns1." ZONE, REGISTER_ADD);
    assert_string_equal(server_of(s, PTR_NAME, DNS_TYPE_PTR, FQDN "."), "ns1." ZONE);
    assert_string_equal(server_of(s, FQDN, DNS_TYPE_A, "10.54.0.101"), "dc1." ZONE);
    first = get_file(s, path);
    assert_int_equal(stat(path, &before), 0);
    run_at_two_servers(s, "dc1." ZONE, "ns1." ZONE, REGISTER_REFRESH);
    assert_bytes_equal(get_file(s, path), first);
    /* Nor was it written and put right again. */
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    /* Twin: at another server it is. */
    run_at_two_servers(s, "dc1." ZONE, "ns2." ZONE, REGISTER_REFRESH);
    assert_string_equal(server_of(s, PTR_NAME, DNS_TYPE_PTR, FQDN "."), "ns2." ZONE);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failed_run_keeps_what_was_remembered),
        TEST(what_a_section_takes_over_is_kept_by_a_run_that_fails),
        TEST(what_another_server_took_was_seen_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
