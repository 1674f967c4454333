#include "tests/unit/unit.h"

#include "dns/update.h"

#define ZONE "ad.example.test"
#define HOST "host1.ad.example.test"

static enum err wire_of_op(TALLOC_CTX *mem, enum dns_op_kind kind, struct dns_rr rr,
                           struct bytes *out, struct error *e)
{
    struct dns_op op = { kind, rr };
    struct dns_update u = { .zone = ZONE, .ops = &op, .n_ops = 1 };

    return dns_update_wire(mem, &u, 7, out, e);
}

static void message_has_the_sections_of_rfc2136(void **state)
{
    struct dns_prereq prereqs[] = {
        { DNS_PREREQ_RRSET_ABSENT, { .name = "h.test", .type = DNS_TYPE_CNAME } },
        { DNS_PREREQ_NAME_IN_USE, { .name = "h.test" } },
        { DNS_PREREQ_RR_PRESENT,
          { .name = "h.test", .type = DNS_TYPE_A, .ttl_s = 99, .data = "10.0.0.1" } },
    };
    struct dns_op ops[] = {
        { DNS_OP_DELETE_RR, { "h.test", DNS_TYPE_A, 1200, "10.0.0.1" } },
        { DNS_OP_ADD, { "h.test", DNS_TYPE_A, 1200, "10.0.0.2" } },
    };
    struct dns_update u = { "test", prereqs, 3, ops, 2 };
    struct bytes wire;

    assert_int_equal(dns_update_wire(*state, &u, 0xbeef, &wire, NULL), OK);
    /* Names after the first are compressed: c00c is "test", c016 "h.test". */
    assert_bytes_equal(wire, unhex(*state, "beef 2800 0001 0003 0002 0000"
                                           "0474657374 00 0006 0001"
                                           "0168 c00c 0005 00fe 00000000 0000"
                                           "c016 00ff 00ff 00000000 0000"
                                           "c016 0001 0001 00000000 0004 0a000001"
                                           "c016 0001 00fe 00000000 0004 0a000001"
                                           "c016 0001 0001 000004b0 0004 0a000002"));
}

static void zone_without_changes_is_a_message_too(void **state)
{
    struct dns_update u = { .zone = "test" };
    struct bytes wire;

    assert_int_equal(dns_update_wire(*state, &u, 1, &wire, NULL), OK);
    assert_bytes_equal(wire,
                       unhex(*state, "0001 2800 0001 0000 0000 0000 0474657374 00 0006 0001"));
}

static void each_type_of_the_field_is_encoded(void **state)
{
    static const struct {
        uint16_t type;
        const char *data, *rdata;
    } good[] = {
        { DNS_TYPE_AAAA, "fd53::1", "0010 fd530000000000000000000000000001" },
        { DNS_TYPE_TXT, "\"a b\" \"c\"", "0006 03612062 0163" },
        { 65280, "\\# 3 010203", "0003 010203" },
        { 65280, "\\# 0", "0000" },
        { 44, "1 1 AABB", "0004 0101aabb" },
        { DNS_TYPE_PTR, "\\# 3 016100", "0003 016100" },
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct bytes wire, rdata = unhex(*state, good[i].rdata);
        struct dns_rr rr = { HOST, good[i].type, 60, good[i].data };

        assert_int_equal(wire_of_op(*state, DNS_OP_ADD, rr, &wire, NULL), OK);
        assert_true(wire.len > rdata.len);
        assert_memory_equal(wire.data + wire.len - rdata.len, rdata.data, rdata.len);
    }
}

static void names_in_data_are_encoded_whatever_their_bytes(void **state)
{
    struct bytes wire, tail = unhex(*state, "0009 05 612e40205c 01 62 00");

    assert_int_equal(wire_of_op(*state, DNS_OP_ADD,
                                (struct dns_rr){ HOST, DNS_TYPE_PTR, 60, "A\\.\\@\\032\\\\.b." },
                                &wire, NULL),
                     OK);
    assert_true(wire.len > tail.len);
    assert_memory_equal(wire.data + wire.len - tail.len, tail.data, tail.len);
}

static void data_that_is_not_of_its_type_is_refused(void **state)
{
    static const struct {
        uint16_t type;
        const char *data;
    } bad[] = {
        { DNS_TYPE_A, "" },
        { DNS_TYPE_A, "10.0.0" },
        { DNS_TYPE_A, "10.0.0.300" },
        { DNS_TYPE_A, "10.0.0.1 10.0.0.2" },
        { DNS_TYPE_A, "10.0.0.1 ; comment" },
        { DNS_TYPE_A, "(10.0.0.1)" },
        { DNS_TYPE_A, "10.0.0.1\nx 0 IN A 10.0.0.2" },
        { DNS_TYPE_A, "fd53::1" },
        { DNS_TYPE_A, "\\# 5 0a00000101" },
        { DNS_TYPE_A, "\\# 0" },
        { DNS_TYPE_AAAA, "10.0.0.1" },
        { DNS_TYPE_AAAA, "fe80::1%eth0" },
        { DNS_TYPE_PTR, "" },
        { DNS_TYPE_PTR, "a..b." },
        { DNS_TYPE_PTR, "a. b." },
        { DNS_TYPE_SRV, "0 100 389" },
        { DNS_TYPE_SRV, "0 100 65925 dc1.test." },
        { DNS_TYPE_SRV, "-1 100 389 dc1.test." },
        { DNS_TYPE_MX, "65546 mail.test." },
        { DNS_TYPE_TXT, "\"open" },
        { 65280, "10.0.0.1" },
        { 65280, "\\# 2 010203" },
        { 65280, "\\# 2 01zz" },
        { 65280, "\\# 70000 00" },
        { 65280, "\\# -1 00" },
    };
    struct bytes wire = { NULL, 77 };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct dns_rr rr = { HOST, bad[i].type, 60, bad[i].data };
        struct error e = { 0 };

        assert_int_equal(wire_of_op(*state, DNS_OP_ADD, rr, &wire, &e), ERR_MALFORMED);
        assert_non_null(strstr(e.message, HOST));
        assert_int_equal(wire_of_op(*state, DNS_OP_DELETE_RR, rr, &wire, NULL), ERR_MALFORMED);
        assert_int_equal(wire.len, 77);
    }
}

static void names_outside_the_zone_are_refused(void **state)
{
    static const char *const outside[] = {
        "example.test", "host.other.test", "bad.example.test", "x\\.ad.example.test", ".", "",
        "a..b",
    };
    struct bytes wire;

    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct dns_prereq p = { DNS_PREREQ_RRSET_ABSENT,
                                { .name = outside[i], .type = DNS_TYPE_CNAME } };
        struct dns_update u = { .zone = ZONE, .prereqs = &p, .n_prereqs = 1 };

        assert_int_equal(wire_of_op(*state, DNS_OP_ADD,
                                    (struct dns_rr){ outside[i], DNS_TYPE_A, 60, "10.0.0.1" },
                                    &wire, NULL),
                         ERR_MALFORMED);
        assert_int_equal(dns_update_wire(*state, &u, 7, &wire, NULL), ERR_MALFORMED);
    }
}

static void whole_rrsets_and_meta_types_cannot_be_changed(void **state)
{
    static const uint16_t meta[] = { 0, 41, 249, 250, 251, 252, 255 };
    struct bytes wire;

    for (size_t i = 0; i < sizeof meta / sizeof meta[0]; i++) {
        assert_int_equal(wire_of_op(*state, DNS_OP_DELETE_RR,
                                    (struct dns_rr){ HOST, meta[i], 0, "\\# 1 00" }, &wire, NULL),
                         ERR_MALFORMED);
    }
    assert_int_equal(wire_of_op(*state, DNS_OP_DELETE_RR,
                                (struct dns_rr){ HOST, DNS_TYPE_A, 0, NULL }, &wire, NULL),
                     ERR_MALFORMED);
    /* Never a whole name. */
    assert_int_equal(wire_of_op(*state, DNS_OP_DELETE_RRSET,
                                (struct dns_rr){ HOST, DNS_TYPE_ANY, 0, NULL }, &wire, NULL),
                     ERR_MALFORMED);
}

static void message_over_65535_bytes_is_refused(void **state)
{
    enum { N = 3000 };
    struct dns_op *ops = talloc_array(*state, struct dns_op, N);
    struct dns_update u = { .zone = ZONE, .ops = ops, .n_ops = N };
    struct bytes wire = { NULL, 77 };

    for (int i = 0; i < N; i++)
        ops[i] =
            (struct dns_op){ DNS_OP_ADD, { HOST, DNS_TYPE_TXT, 60, "\"twenty bytes of text\"" } };
    assert_int_not_equal(dns_update_wire(*state, &u, 7, &wire, NULL), OK);
    assert_int_equal(wire.len, 77);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(message_has_the_sections_of_rfc2136),
        TEST(zone_without_changes_is_a_message_too),
        TEST(each_type_of_the_field_is_encoded),
        TEST(names_in_data_are_encoded_whatever_their_bytes),
        TEST(data_that_is_not_of_its_type_is_refused),
        TEST(names_outside_the_zone_are_refused),
        TEST(whole_rrsets_and_meta_types_cannot_be_changed),
        TEST(message_over_65535_bytes_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
