#include "tests/unit/unit.h"

#include "dns/rr.h"
#include "register/renewal.h"

#define FQDN "host1.ad.example.test"

static void a_timestamp_is_fresh_to_the_last_hour_of_no_refresh(void **state)
{
    (void)state;
    assert_true(renewal_is_fresh(1000, 168, 1000));
    assert_true(renewal_is_fresh(1000, 168, 1168));
    assert_false(renewal_is_fresh(1000, 168, 1169));
    assert_false(renewal_is_fresh(1000, 0, 1001));
}

static void a_static_record_is_never_due(void **state)
{
    (void)state;
    assert_true(renewal_is_fresh(0, 168, 4000000));
}

static void a_timestamp_ahead_is_fresh_and_large_values_do_not_wrap(void **state)
{
    (void)state;
    assert_true(renewal_is_fresh(2000, 168, 1000));
    assert_true(renewal_is_fresh(UINT32_MAX, 168, UINT32_MAX));
    assert_true(renewal_is_fresh(UINT32_MAX - 1, UINT32_MAX, UINT32_MAX));
    assert_false(renewal_is_fresh(1, 168, UINT32_MAX));
}

static void what_nothing_is_known_of_is_due(void **state)
{
    struct renewal_record fresh[] = { { FQDN, DNS_TYPE_A, "10.53.0.101" } };
    struct renewal r = { fresh, 1 };

    (void)state;
    assert_true(renewal_is_due(NULL, FQDN, DNS_TYPE_A, "10.53.0.101"));
    assert_false(renewal_is_due(&r, FQDN, DNS_TYPE_A, "10.53.0.101"));
    assert_true(renewal_is_due(&r, FQDN, DNS_TYPE_A, "10.53.0.102"));
    assert_true(renewal_is_due(&r, FQDN, DNS_TYPE_AAAA, "10.53.0.101"));
    assert_true(renewal_is_due(&r, "host2.ad.example.test", DNS_TYPE_A, "10.53.0.101"));
}

/* The directory keeps the letters that somebody typed. */
static void data_is_compared_without_regard_to_case(void **state)
{
    struct renewal_record fresh[] = { { "101.0.53.10.in-addr.arpa", DNS_TYPE_PTR,
                                        "HOST1.ad.example.test." } };
    struct renewal r = { fresh, 1 };

    (void)state;
    assert_false(renewal_is_due(&r, "101.0.53.10.in-addr.arpa", DNS_TYPE_PTR, FQDN "."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timestamp_is_fresh_to_the_last_hour_of_no_refresh),
        cmocka_unit_test(a_static_record_is_never_due),
        cmocka_unit_test(a_timestamp_ahead_is_fresh_and_large_values_do_not_wrap),
        cmocka_unit_test(what_nothing_is_known_of_is_due),
        cmocka_unit_test(data_is_compared_without_regard_to_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
