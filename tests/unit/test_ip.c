#include <arpa/inet.h>
#include <net/if.h>
#include <sys/un.h>

#include "base/ip.h"
#include "tests/unit/unit.h"

static struct ip ip(const char *text)
{
    struct ip a;

    if (!ip_parse(text, &a))
        fail_msg("%s was refused", text);
    return a;
}

static void parse_and_format_agree(void **state)
{
    static const struct {
        const char *in, *out;
    } table[] = {
        { "10.53.0.101", "10.53.0.101" },
        { "0.0.0.0", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.255" },
        { "::", "::" },
        { "fd53::1", "fd53::1" },
        { "FD53:0:0:0:0:0:0:1", "fd53::1" },
        { "::ffff:10.0.0.1", "::ffff:10.0.0.1" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    };
    char buf[IP_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_ptr_equal(ip_format(ip(table[i].in), buf), buf);
        assert_string_equal(buf, table[i].out);
    }
    assert_int_equal(ip("::ffff:10.0.0.1").family, AF_INET6);
}

static void parse_refuses_all_else(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "10",
        "10.1",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1.2",
        "10.0.0.1 ",
        " 10.0.0.1",
        "10.0.0.01",
        "0x0a.0.0.1",
        "10.0.0.1/8",
        "10.0.0.1:53",
        "fd53::1%eth0",
        "[fd53::1]",
        ":",
        ":::",
        "fd53::1::2",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "g::",
        "-1.0.0.0",
        "10.0.0.1\n",
        "localhost",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    };
    struct ip out = { 77, { 7 } };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (ip_parse(bad[i], &out))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(out.family, 77);
        assert_int_equal(out.bytes[0], 7);
    }
}

static void unused_bytes_are_zero(void **state)
{
    static const uint8_t zero[12],
        raw[16] = { 10, 53, 0, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
    struct ip four = ip_from_bytes(AF_INET, raw), parsed, six = ip_from_bytes(AF_INET6, raw);

    (void)state;
    memset(&parsed, 0xaa, sizeof parsed);
    assert_true(ip_parse("10.53.0.1", &parsed));
    assert_memory_equal(four.bytes + 4, zero, 12);
    assert_memory_equal(parsed.bytes + 4, zero, 12);
    assert_true(ip_equal(four, parsed));
    assert_memory_equal(six.bytes, raw, 16);
    assert_int_equal(six.family, AF_INET6);
    assert_false(ip_equal(four, six));
}

static void order_is_total_and_by_value(void **state)
{
    static const char *const sorted[] = { "0.0.0.0",  "9.255.255.255",   "10.0.0.1",
                                          "10.0.0.2", "255.255.255.255", "::",
                                          "::1",      "fd53::1",         "fd53::2" };
    const size_t n = sizeof sorted / sizeof sorted[0];

    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            struct ip a = ip(sorted[i]), b = ip(sorted[k]);
            int c = ip_compare(&a, &b);

            assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
            assert_int_equal(ip_equal(a, b), i == k);
        }
}

static void nets_hold_at_every_bit(void **state)
{
    static const struct {
        const char *address, *net;
        unsigned prefix;
        bool is_inside;
    } table[] = {
        { "10.255.255.255", "10.0.0.0", 8, true },
        { "11.0.0.0", "10.0.0.0", 8, false },
        { "10.53.0.1", "10.53.1.0", 23, true },
        { "10.53.2.1", "10.53.1.0", 23, false },
        { "10.53.0.129", "10.53.0.128", 25, true },
        { "10.53.0.127", "10.53.0.128", 25, false },
        { "10.53.0.1", "10.53.0.1", 32, true },
        { "10.53.0.0", "10.53.0.1", 32, false },
        { "10.53.0.0", "10.53.0.1", 31, true },
        { "203.0.113.9", "0.0.0.0", 0, true },
        { "fdff::1", "fd00::", 8, true },
        { "fe00::1", "fd00::", 8, false },
        { "fd53::1", "fd53::", 127, true },
        { "fd53::2", "fd53::", 127, false },
        { "fd53::1", "fd53::1", 128, true },
        { "fd53::0", "fd53::1", 128, false },
        { "fe80::1", "fe80::", 10, true },
        { "febf::1", "fe80::", 10, true },
        { "fec0::1", "fe80::", 10, false },
        { "fd53::1", "::", 0, true },
        /* Families must match, also where everything would. */
        { "10.0.0.1", "::", 0, false },
        { "::1", "0.0.0.0", 0, false },
        { "::ffff:10.0.0.1", "10.0.0.0", 8, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (ip_in_net(ip(table[i].address), ip(table[i].net), table[i].prefix) !=
            table[i].is_inside)
            fail_msg("%s in %s/%u", table[i].address, table[i].net, table[i].prefix);
}

static void a_prefix_past_the_address_holds_no_other_address(void **state)
{
    (void)state;
    assert_false(ip_in_net(ip("10.0.0.1"), ip("10.0.0.2"), 33));
    assert_false(ip_in_net(ip("10.0.0.1"), ip("10.0.0.2"), 200));
    assert_false(ip_in_net(ip("fd53::1"), ip("fd53::2"), 129));
    assert_false(ip_in_net(ip("fd53::1"), ip("fd53::2"), UINT32_MAX));
}

static void parse_net_reads_nets_and_single_addresses(void **state)
{
    static const struct {
        const char *text, *net;
        unsigned prefix;
    } table[] = {
        { "10.0.0.0/8", "10.0.0.0", 8 },     { "0.0.0.0/0", "0.0.0.0", 0 },
        { "10.53.0.1/32", "10.53.0.1", 32 }, { "10.53.0.1", "10.53.0.1", 32 },
        { "fd00::/8", "fd00::", 8 },         { "::/0", "::", 0 },
        { "fd53::1/128", "fd53::1", 128 },   { "fd53::1", "fd53::1", 128 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct ip net;
        unsigned prefix;

        assert_true(ip_parse_net(table[i].text, &net, &prefix));
        assert_true(ip_equal(net, ip(table[i].net)));
        assert_int_equal(prefix, table[i].prefix);
    }
}

static void parse_net_refuses_what_is_malformed(void **state)
{
    static const char *const bad[] = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "fd00::/129",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/ 8",
        "10.0.0.0/8 ",
        " 10.0.0.0/8",
        "10.0.0.0 /8",
        "10.0.0.0/8/8",
        "10.0.0.0/8x",
        "10.0.0.0/0x8",
        "10.0.0.0/4294967304",
        "10.0.0.0/18446744073709551624",
        "10.0.0.0/x",
        "10/8",
        "10.0.0.0/99999999999999999999999",
        "fd00::%lo/8",
        "fd00::/8%lo",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/8",
    };
    struct ip net = { 77, { 0 } };
    unsigned prefix = 77;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (ip_parse_net(bad[i], &net, &prefix))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(net.family, 77);
        assert_int_equal(prefix, 77);
    }
}

static void socket_addresses_round_trip(void **state)
{
    struct sockaddr_storage ss;
    struct ip back;

    (void)state;
    memset(&ss, 0xaa, sizeof ss);
    assert_int_equal(ip_to_sockaddr(ip("10.53.0.1"), 53, &ss), sizeof(struct sockaddr_in));
    assert_int_equal(ss.ss_family, AF_INET);
    assert_int_equal(ntohs(((struct sockaddr_in *)&ss)->sin_port), 53);
    assert_true(ip_from_sockaddr((struct sockaddr *)&ss, &back));
    assert_true(ip_equal(back, ip("10.53.0.1")));

    memset(&ss, 0xaa, sizeof ss);
    assert_int_equal(ip_to_sockaddr(ip("fd53::1"), 65535, &ss), sizeof(struct sockaddr_in6));
    assert_int_equal(ss.ss_family, AF_INET6);
    assert_int_equal(ntohs(((struct sockaddr_in6 *)&ss)->sin6_port), 65535);
    assert_int_equal(((struct sockaddr_in6 *)&ss)->sin6_scope_id, 0);
    assert_true(ip_from_sockaddr((struct sockaddr *)&ss, &back));
    assert_true(ip_equal(back, ip("fd53::1")));
}

static void other_families_are_no_address(void **state)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    struct ip out = { 77, { 0 } };

    (void)state;
    assert_false(ip_from_sockaddr((struct sockaddr *)&un, &out));
    assert_int_equal(out.family, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_and_format_agree),
        cmocka_unit_test(parse_refuses_all_else),
        cmocka_unit_test(unused_bytes_are_zero),
        cmocka_unit_test(order_is_total_and_by_value),
        cmocka_unit_test(nets_hold_at_every_bit),
        cmocka_unit_test(a_prefix_past_the_address_holds_no_other_address),
        cmocka_unit_test(parse_net_reads_nets_and_single_addresses),
        cmocka_unit_test(parse_net_refuses_what_is_malformed),
        cmocka_unit_test(socket_addresses_round_trip),
        cmocka_unit_test(other_families_are_no_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
