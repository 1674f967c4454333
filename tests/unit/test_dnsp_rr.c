#include "ldap/dnsp_rr.h"

#include "ldap/dnsp.h"
#include "tests/unit/values.h"

static const struct dns_rr records[] = {
    { "h.z.test", DNS_TYPE_A, 1200, "10.53.0.1" },
    { "h.z.test", DNS_TYPE_AAAA, 1200, "fd53::1" },
    { "h.z.test", DNS_TYPE_NS, 1200, "ns1.z.test." },
    { "h.z.test", DNS_TYPE_CNAME, 1200, "a\\.b.z.test." },
    { "h.z.test", DNS_TYPE_DNAME, 1200, "other.test." },
    { "1.0.53.10.in-addr.arpa", DNS_TYPE_PTR, 1200, "h.z.test." },
    { "h.z.test", DNS_TYPE_MX, 1200, "10 mail.z.test." },
    { "h.z.test", DNS_TYPE_SRV, 1200, "0 100 389 dc1.z.test." },
    { "z.test", DNS_TYPE_SOA, 1200, "ns1.z.test. hostmaster.z.test. 4711 900 600 86400 300" },
    { "h.z.test", DNS_TYPE_TXT, 1200, "\"v=muster1 seen=3733279\"" },
    { "h.z.test", DNS_TYPE_TXT, 1200, "\"two\" \"strings\"" },
    { "h.z.test", 65280, 1200, "\\# 4 0A0B0C0D" },
};

static void text_becomes_a_value_that_says_the_same(void **state)
{
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct error e = { 0 };
        struct dnsp_record *back;
        struct bytes made;

        assert_int_equal(dnsp_record_of_rr(*state, &records[i], 3733279, &made, &e), OK);
        assert_int_equal(dnsp_record_decode(*state, made, &back, &e), OK);
        assert_true(dnsp_data_is_valid(back));
        assert_int_equal(back->type, records[i].type);
        assert_int_equal(back->ttl_s, 1200);
        assert_int_equal(back->timestamp_h, 3733279);
        assert_string_equal(dnsp_data_text(*state, back), records[i].data);
    }
}

static void bytes_are_those_of_the_directory(void **state)
{
    struct dns_rr ptr = { "1.0.53.10.in-addr.arpa", DNS_TYPE_PTR, 1200, "pc17.ad.example.test." };
    struct bytes made, expected = value_name(*state, TYPE_PTR, 77, "pc17.ad.example.test");
    struct error e = { 0 };

    assert_int_equal(dnsp_record_of_rr(*state, &ptr, 77, &made, &e), OK);
    assert_int_equal(made.len, expected.len);
    ((uint8_t *)expected.data)[8] = 0; /* the serial of values.h */
    assert_memory_equal(made.data, expected.data, made.len);
}

static void data_that_is_none_is_refused(void **state)
{
    static const struct dns_rr bad[] = {
        { "h.z.test", DNS_TYPE_A, 1200, "10.53.0" },
        { "h.z.test", DNS_TYPE_PTR, 1200, "a..b." },
        { "h.z.test", DNS_TYPE_MX, 1200, "mail" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error e = { 0 };
        struct bytes made = { NULL, 0 };

        assert_int_equal(dnsp_record_of_rr(*state, &bad[i], 1, &made, &e), ERR_MALFORMED);
        assert_null(made.data);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_a_value_that_says_the_same),
        cmocka_unit_test(bytes_are_those_of_the_directory),
        cmocka_unit_test(data_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
