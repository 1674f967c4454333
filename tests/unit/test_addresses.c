#include "tests/unit/unit.h"

#include "register/addresses.h"

/* Every machine and every namespace has one: the loopback interface, if only as a way to nowhere.
 */
static void loopback_address_is_listed_as_what_it_is(void **state)
{
    struct host_address *all;
    struct error e = { 0 };
    bool is_found = false;
    struct ip local;
    size_t n;

    assert_true(ip_parse("127.0.0.1", &local));
    assert_int_equal(addresses_read(*state, &all, &n, &e), OK);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(all[i].interface);
        assert_non_null(all[i].kind);
        assert_true(all[i].interface[0] != '\0' && all[i].interface_index > 0);
        if (!ip_equal(all[i].ip, local))
            continue;
        is_found = true;
        assert_true(all[i].is_loopback);
        assert_false(all[i].is_temporary || all[i].is_tentative || all[i].is_deprecated);
    }
    if (n == 0)
        skip(); /* a namespace whose loopback interface was never set up */
    assert_true(is_found);
}

static void way_to_loopback_is_loopback(void **state)
{
    struct ip server, local;

    (void)state;
    assert_true(ip_parse("127.0.0.1", &server));
    if (!address_towards(server, &local))
        skip();
    assert_true(ip_equal(server, local));
}

static void nothing_is_kept_but_what_is_handed_out(void **state)
{
    struct host_address *all;
    struct error e = { 0 };
    size_t n;
    TALLOC_CTX *mem = talloc_new(*state);

    assert_int_equal(addresses_read(mem, &all, &n, &e), OK);
    talloc_free(mem);
    assert_int_equal(talloc_total_blocks(*state), 1);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loopback_address_is_listed_as_what_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(way_to_loopback_is_loopback, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_kept_but_what_is_handed_out, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
