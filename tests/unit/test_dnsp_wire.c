#include "ldap/dnsp_wire.h"

#include "dns/rdata.h"
#include "ldap/dnsp_rr.h"
#include "tests/unit/unit.h"

static struct bytes wire_of(TALLOC_CTX *mem, uint16_t type, const char *data_hex)
{
    const struct dnsp_record record = { .type = type, .data = unhex(mem, data_hex) };
    struct error e = { 0 };
    struct bytes wire;

    if (dnsp_rdata_wire(mem, &record, &wire, &e))
        fail_msg("%s", e.message);
    return wire;
}

/* What DNS says and what the directory makes of it come to the same bytes. */
static void the_directory_s_form_of_a_record_is_that_of_the_wire(void **state)
{
    static const struct dns_rr records[] = {
        { "h.z.test", DNS_TYPE_A, 60, "10.53.0.1" },
        { "h.z.test", DNS_TYPE_AAAA, 60, "fd53::1" },
        { "h.z.test", DNS_TYPE_NS, 60, "ns1.z.test." },
        { "h.z.test", DNS_TYPE_CNAME, 60, "a\\.b.z.test." },
        { "h.z.test", DNS_TYPE_PTR, 60, "." },
        { "h.z.test", DNS_TYPE_MX, 60, "10 mail.z.test." },
        { "h.z.test", DNS_TYPE_SRV, 60, "0 100 389 dc1.z.test." },
        { "z.test", DNS_TYPE_SOA, 60, "ns1.z.test. hostmaster.z.test. 4711 900 600 86400 300" },
        { "h.z.test", DNS_TYPE_TXT, 60, "\"two\" \"strings\"" },
        { "h.z.test", 44, 60,
          "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789" },
        { "h.z.test", 65280, 60, "\\# 4 0A0B0C0D" },
    };

    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct bytes value, served, stored;
        struct dnsp_record *record;
        struct error e = { 0 };

        assert_int_equal(dnsp_record_of_rr(*state, &records[i], 0, &value, &e), OK);
        assert_int_equal(dnsp_record_decode(*state, value, &record, &e), OK);
        assert_int_equal(dns_rdata_wire(*state, &records[i], &served, &e), OK);
        assert_int_equal(dnsp_rdata_wire(*state, record, &stored, &e), OK);
        assert_bytes_equal(stored, served);
    }
}

static void names_are_in_lower_case_and_padding_is_left_out(void **state)
{
    assert_bytes_equal(wire_of(*state, DNS_TYPE_PTR, "0801 06 484f5354393100 0000"),
                       unhex(*state, "06 686f7374393100"));
}

static void types_that_only_windows_has_names_in_are_known(void **state)
{
    /* NAPTR: order, preference, "s", "x", "", counted "A". */
    assert_bytes_equal(wire_of(*state, 35, "0064 0032 0173 0178 00 0301 014100"),
                       unhex(*state, "0064 0032 0173 0178 00 016100"));
    /* RP: two names; AFSDB: a number and a name. */
    assert_bytes_equal(wire_of(*state, 17, "0301 014100 0301 014200"),
                       unhex(*state, "016100 016200"));
    assert_bytes_equal(wire_of(*state, 18, "0001 0301 014100"), unhex(*state, "0001 016100"));
}

static void data_that_does_not_fit_its_type_is_refused(void **state)
{
    static const struct {
        uint16_t type;
        const char *data;
    } bad[] = {
        { DNS_TYPE_A, "0a3500" }, { DNS_TYPE_PTR, "0301 0161" },
        { DNS_TYPE_SOA, "00" },   { 18, "00" },
        { 35, "0064 0032 05" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct dnsp_record record = { .type = bad[i].type,
                                            .data = unhex(*state, bad[i].data) };
        struct bytes wire = { NULL, 77 };
        struct error e = { 0 };

        assert_int_equal(dnsp_rdata_wire(*state, &record, &wire, &e), ERR_MALFORMED);
        assert_int_equal(wire.len, 77);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_directory_s_form_of_a_record_is_that_of_the_wire),
        test(names_are_in_lower_case_and_padding_is_left_out),
        test(types_that_only_windows_has_names_in_are_known),
        test(data_that_does_not_fit_its_type_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
