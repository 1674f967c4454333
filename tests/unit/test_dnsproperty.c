#include "tests/unit/unit.h"

#include "ldap/dnsproperty.h"

/* Data length, name length, flag, version, id, data, trailer. */
static const char no_refresh[] = "04000000 00000000 00000000 01000000 10000000 a8000000";

static struct dnsproperty *decode(TALLOC_CTX *mem, const char *hex)
{
    struct dnsproperty *p = NULL;
    struct error e;

    assert_int_equal(dnsproperty_decode(mem, unhex(mem, hex), &p, &e), OK);
    return p;
}

static void trailers_of_any_length_are_kept(void **state)
{
    static const char *const trailers[] = { "",         "00",       "ab",
                                            "00000000", "01020304", "0102030405060708" };

    for (size_t i = 0; i < sizeof trailers / sizeof trailers[0]; i++) {
        char *hex = talloc_asprintf(*state, "%s %s", no_refresh, trailers[i]);
        struct dnsproperty *p = decode(*state, hex);

        assert_bytes_equal(p->trailer, unhex(*state, trailers[i]));
        assert_bytes_equal(dnsproperty_encode(*state, p), unhex(*state, hex));
    }
}

static void header_is_read_and_kept_whatever_it_says(void **state)
{
    const char *odd = "01000000 78563412 0d0c0b0a 07000000 02000000 02 00";
    struct dnsproperty *p = decode(*state, odd);

    assert_int_equal(p->name_length, 0x12345678);
    assert_int_equal(p->flag, 0x0a0b0c0d);
    assert_int_equal(p->version, 7);
    assert_int_equal(p->id, DNSPROPERTY_ALLOW_UPDATE);
    assert_bytes_equal(dnsproperty_encode(*state, p), unhex(*state, odd));
}

static void every_truncation_is_refused_and_leaves_the_output_alone(void **state)
{
    struct bytes whole = unhex(*state, no_refresh);
    struct dnsproperty *p = (struct dnsproperty *)&whole;

    for (size_t n = 0; n < whole.len; n++) {
        struct bytes part = bytes_dup(*state, (struct bytes){ whole.data, n });

        assert_int_equal(dnsproperty_decode(*state, part, &p, NULL), ERR_MALFORMED);
        assert_ptr_equal(p, &whole);
    }
}

static void a_length_near_the_end_of_the_range_is_refused(void **state)
{
    struct dnsproperty *p = NULL;
    struct error e;

    assert_int_equal(dnsproperty_decode(*state,
                                        unhex(*state, "ffffffff 00000000 00000000 01000000"
                                                      "10000000 a8000000"),
                                        &p, &e),
                     ERR_MALFORMED);
    assert_null(p);
}

static void numbers_are_read_in_their_three_forms(void **state)
{
    uint32_t v = 77;

    assert_true(dnsproperty_u32(decode(*state, no_refresh), 1, &v));
    assert_int_equal(v, 168);
    assert_true(
        dnsproperty_u32(decode(*state, "01000000 00000000 00000000 01000000 02000000 02"), 1, &v));
    assert_int_equal(v, 2);
    assert_true(
        dnsproperty_u32(decode(*state, "00000000 00000000 00000000 01000000 10000000"), 9, &v));
    assert_int_equal(v, 9);
}

static void other_lengths_are_no_numbers(void **state)
{
    uint32_t v = 77;

    assert_false(
        dnsproperty_u32(decode(*state, "02000000 00000000 00000000 01000000 10000000 a800"), 1,
                        &v));
    assert_false(dnsproperty_u32(decode(*state, "08000000 00000000 00000000 01000000 10000000"
                                                "a800000000000000"),
                                 1, &v));
    assert_int_equal(v, 77);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trailers_of_any_length_are_kept),
        TEST(header_is_read_and_kept_whatever_it_says),
        TEST(every_truncation_is_refused_and_leaves_the_output_alone),
        TEST(a_length_near_the_end_of_the_range_is_refused),
        TEST(numbers_are_read_in_their_three_forms),
        TEST(other_lengths_are_no_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
