#include "tests/unit/unit.h"

#include <string.h>

#include "register/machine.h"
#include "register/status.h"

#define FQDN "host1.ad.example.test"
#define ZONE "ad.example.test"
#define R4 "0.53.10.in-addr.arpa"

static const struct sighting here = { "dc1." ZONE, 1000000000 };

static struct plan_step step(const char *owner, uint16_t type, const char *data,
                             enum register_action action)
{
    return (struct plan_step){ .zone = type == DNS_TYPE_PTR ? R4 : ZONE,
                               .owner = owner,
                               .reverse_name = type == DNS_TYPE_PTR ? "101." R4 : NULL,
                               .type = type,
                               .data = data,
                               .action = action };
}

static struct status_report *read_status(TALLOC_CTX *mem, struct plan_step *steps, size_t n,
                                         struct memory *m)
{
    struct status_report *r = talloc_zero(mem, struct status_report);
    struct plan plan = { .steps = steps, .n_steps = n };
    struct published p = { .fqdn = FQDN, .zone = ZONE };

    assert_true(status_records(r, &plan, m, &p, here, true));
    return r;
}

static void assert_record(const struct status_record *r, bool desired, bool published,
                          bool remembered)
{
    assert_int_equal(r->is_desired, desired);
    assert_int_equal(r->is_published, published);
    assert_int_equal(r->is_remembered, remembered);
}

static void all_published_as_wanted_is_in_sync(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct plan_step steps[] = {
        step(FQDN, DNS_TYPE_A, "10.53.0.101", REGISTER_REFRESH),
        step("101." R4, DNS_TYPE_PTR, FQDN ".", REGISTER_REFRESH),
    };
    struct status_report *r;

    assert_true(memory_remember(m, (struct memory_record){ .zone = R4,
                                                           .name = "101." R4,
                                                           .type = DNS_TYPE_PTR,
                                                           .data = FQDN "." }));
    r = read_status(*state, steps, 2, m);
    assert_true(r->is_in_sync);
    assert_int_equal(r->n_records, 2);
    assert_record(&r->records[0], true, true, false);
    assert_record(&r->records[1], true, true, true);
}

static void every_difference_is_out_of_sync(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    static const enum register_action actions[] = { REGISTER_ADD, REGISTER_DELETE,
                                                    REGISTER_CONFLICT, REGISTER_FAILED };

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        struct plan_step steps[] = {
            step(FQDN, DNS_TYPE_A, "10.53.0.101", REGISTER_REFRESH),
            step("101." R4, DNS_TYPE_PTR, FQDN ".", actions[i]),
        };
        struct status_report *r = read_status(*state, steps, 2, m);

        assert_false(r->is_in_sync);
        assert_record(&r->records[1], actions[i] != REGISTER_DELETE, actions[i] == REGISTER_DELETE,
                      false);
    }
}

/* register leaves it alone, so it cannot be what status asks for. */
static void address_of_somebody_else_at_the_name_is_no_difference(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct plan_step steps[] = {
        step(FQDN, DNS_TYPE_A, "10.53.0.101", REGISTER_REFRESH),
        step(FQDN, DNS_TYPE_A, "10.53.0.9", REGISTER_KEEP),
    };
    struct status_report *r = read_status(*state, steps, 2, m);

    assert_true(r->is_in_sync);
    assert_record(&r->records[1], false, true, false);
}

static void alias_in_the_way_is_published_and_not_wanted(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct plan_step steps[] = { step(FQDN, DNS_TYPE_CNAME, "elsewhere." ZONE ".",
                                      REGISTER_CONFLICT) };
    struct status_report *r = read_status(*state, steps, 1, m);

    assert_false(r->is_in_sync);
    assert_record(&r->records[0], false, true, false);
}

static void what_is_only_remembered_is_shown_and_no_difference(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct plan_step steps[] = { step(FQDN, DNS_TYPE_A, "10.53.0.101", REGISTER_REFRESH) };
    struct status_report *r;

    assert_true(memory_remember(m, (struct memory_record){ .zone = ZONE,
                                                           .name = FQDN,
                                                           .type = DNS_TYPE_A,
                                                           .data = "10.53.0.9" }));
    assert_true(memory_remember(m, (struct memory_record){ .zone = ZONE,
                                                           .name = FQDN,
                                                           .type = DNS_TYPE_A,
                                                           .data = "10.53.0.101" }));
    r = read_status(*state, steps, 1, m);
    assert_true(r->is_in_sync);
    assert_int_equal(r->n_records, 2);
    assert_record(&r->records[0], true, true, true);
    assert_record(&r->records[1], false, false, true);
    assert_string_equal(r->records[1].data, "10.53.0.9");
}

/* This server knows nothing of those zones: nobody can tell that the records are gone. */
static void what_is_pending_and_not_seen_to_be_gone_is_a_difference(void **state)
{
    struct plan_step steps[] = { step(FQDN, DNS_TYPE_A, "10.53.0.101", REGISTER_REFRESH) };
    struct published p = { .fqdn = FQDN, .zone = ZONE };
    struct plan plan = { .steps = steps, .n_steps = 1 };
    struct memory_record all[] = {
        { .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = "10.53.0.9" },
        { .zone = "54.10.in-addr.arpa",
          .name = "9.0.54.10.in-addr.arpa",
          .type = DNS_TYPE_PTR,
          .data = FQDN "." },
        { .zone = "other.test", .name = "h.other.test", .type = DNS_TYPE_A, .data = "10.53.0.101" },
    };

    for (size_t i = 0; i < 3; i++) {
        for (int k = 0; k < 4; k++) {
            struct memory *m = talloc_zero(*state, struct memory);
            struct status_report *r = talloc_zero(*state, struct status_report);
            bool with_ptr = k & 1;

            all[i].is_pending = k & 2;
            all[i].seen = here;
            assert_true(memory_remember(m, all[i]));
            assert_true(status_records(r, &plan, m, &p, here, with_ptr));
            /* The first was looked for and is gone. */
            assert_int_equal(r->is_in_sync, i == 0 || !all[i].is_pending || (i == 1 && !with_ptr));
            assert_record(&r->records[1], false, false, true);
            assert_int_equal(!r->records[1].detail, i && r->is_in_sync);
        }
    }
}

static void what_another_server_may_have_yet_is_told_and_no_difference(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct plan_step steps[] = { step(FQDN, DNS_TYPE_A, "10.53.0.101", REGISTER_REFRESH) };
    struct memory_record old = { .zone = ZONE,
                                 .name = FQDN,
                                 .type = DNS_TYPE_A,
                                 .data = "10.53.0.9",
                                 .is_pending = true,
                                 .seen = { "dc2." ZONE, 999999000 } };
    struct status_report *r;

    assert_true(memory_remember(m, old));
    r = read_status(*state, steps, 1, m);
    assert_true(r->is_in_sync);
    assert_int_equal(r->n_records, 2);
    assert_non_null(strstr(r->records[1].detail, "dc2." ZONE));
    assert_non_null(strstr(r->records[1].detail, "until 2001-09-11T01:30:00Z"));
}

/* PTRs behind an alias are remembered by the address's own reverse name. */
static void aliased_ptr_is_found_in_the_memory(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct plan_step steps[] = { step("101.64-127." R4, DNS_TYPE_PTR, FQDN ".", REGISTER_REFRESH) };

    assert_true(memory_remember(m, (struct memory_record){ .zone = R4,
                                                           .name = "101." R4,
                                                           .type = DNS_TYPE_PTR,
                                                           .data = FQDN "." }));
    assert_record(&read_status(*state, steps, 1, m)->records[0], true, true, true);
}

static void accounts_are_compared_with_principals(void **state)
{
    (void)state;
    assert_true(machine_is_account("HOST1$@AD.EXAMPLE.TEST", "HOST1$"));
    assert_true(machine_is_account("HOST1$@AD.EXAMPLE.TEST", "host1$"));
    assert_true(machine_is_account("host/host1.ad.example.test@AD.EXAMPLE.TEST", "HOST1$"));
    assert_true(machine_is_account("host/host1@AD.EXAMPLE.TEST", "HOST1$"));
    assert_false(machine_is_account("HOST1$@AD.EXAMPLE.TEST", "HOST11$"));
    assert_false(machine_is_account("HOST11$@AD.EXAMPLE.TEST", "HOST1$"));
    assert_false(machine_is_account("HOST1$@AD.EXAMPLE.TEST", "HOST1"));
    assert_false(machine_is_account("host/host1.ad.example.test@AD.EXAMPLE.TEST", "HOST2$"));
    assert_false(machine_is_account("host/host1.ad.example.test@AD.EXAMPLE.TEST", "HOST$"));
    assert_false(machine_is_account("HOST1$@AD.EXAMPLE.TEST", ""));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_published_as_wanted_is_in_sync),
        TEST(every_difference_is_out_of_sync),
        TEST(address_of_somebody_else_at_the_name_is_no_difference),
        TEST(alias_in_the_way_is_published_and_not_wanted),
        TEST(what_is_only_remembered_is_shown_and_no_difference),
        TEST(what_is_pending_and_not_seen_to_be_gone_is_a_difference),
        TEST(what_another_server_may_have_yet_is_told_and_no_difference),
        TEST(aliased_ptr_is_found_in_the_memory),
        TEST(accounts_are_compared_with_principals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
