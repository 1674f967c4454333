#include "tests/unit/unit.h"

#include "scavenger/probe_echo.h"

static const uint8_t cookie[ECHO_COOKIE_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const struct echo_socket datagram4 = { -1, AF_INET, false }, raw4 = { -1, AF_INET, true },
                                raw6 = { -1, AF_INET6, true };

static bool is_reply(const struct echo_socket *s, void *mem, const char *hex)
{
    return echo_is_reply(s, unhex(mem, hex), 0xabcd, cookie);
}

static void a_request_sums_to_all_ones(void **state)
{
    uint8_t p[ECHO_LEN];
    uint32_t sum = 0;

    (void)state;
    echo_request(p, AF_INET, 0xabcd, 7, cookie);
    assert_int_equal(p[0], 8);
    for (size_t i = 0; i < ECHO_LEN; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
    echo_request(p, AF_INET6, 0xabcd, 7, cookie);
    assert_int_equal(p[0], 128);
}

static void our_reply_is_known(void **state)
{
    assert_true(is_reply(&datagram4, *state, "0000 0000 0000 0001 0102030405060708"));
    assert_true(is_reply(&raw4, *state,
                         "45000024 00000000 40010000 0a000001 0a000002"
                         "0000 0000 abcd 0001 0102030405060708"));
    assert_true(is_reply(&raw6, *state, "8100 0000 abcd 0001 0102030405060708"));
    /* IP options */
    assert_true(is_reply(&raw4, *state,
                         "46000028 00000000 40010000 0a000001 0a000002 01010101"
                         "0000 0000 abcd 0001 0102030405060708"));
}

static void others_are_not(void **state)
{
    /* a request, another cookie, another id, a reply of the other family */
    assert_false(is_reply(&datagram4, *state, "0800 0000 0000 0001 0102030405060708"));
    assert_false(is_reply(&datagram4, *state, "0000 0000 0000 0001 0102030405060709"));
    assert_false(is_reply(&raw6, *state, "8100 0000 abce 0001 0102030405060708"));
    assert_false(is_reply(&raw6, *state, "0000 0000 abcd 0001 0102030405060708"));
    assert_false(is_reply(&datagram4, *state, "0001 0000 0000 0001 0102030405060708"));
}

static void short_packets_are_not_read_past_their_end(void **state)
{
    static const char whole[] =
        "45000024000000004001000 00a0000010a000002 00000000abcd00010102030405060708";
    struct bytes b = unhex(*state, whole);

    for (size_t n = 0; n < b.len; n++) {
        struct bytes part = bytes_dup(*state, (struct bytes){ b.data, n });

        assert_false(echo_is_reply(&raw4, part, 0xabcd, cookie));
        assert_false(echo_is_reply(&raw6, part, 0xabcd, cookie));
    }
    assert_true(echo_is_reply(&raw4, b, 0xabcd, cookie));
    /* a header length of nothing, and one beyond the packet */
    assert_false(is_reply(&raw4, *state,
                          "40000024 00000000 40010000 0a000001 0a000002"
                          "0000 0000 abcd 0001 0102030405060708"));
    assert_false(is_reply(&raw4, *state,
                          "4f000024 00000000 40010000 0a000001 0a000002"
                          "0000 0000 abcd 0001 0102030405060708"));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_request_sums_to_all_ones),
        test(our_reply_is_known),
        test(others_are_not),
        test(short_packets_are_not_read_past_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
