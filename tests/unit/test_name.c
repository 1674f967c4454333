#include "tests/unit/unit.h"

#include "dns/name.h"

static char *repeat(TALLOC_CTX *mem, char c, size_t n)
{
    char *s = talloc_zero_size(mem, n + 1);

    memset(s, c, n);
    return s;
}

static void normal_form_is_lower_case_without_final_dot(void **state)
{
    static const char *const pairs[][2] = {
        { "Host1.AD.Example.Test.", "host1.ad.example.test" },
        { "host1.ad.example.test", "host1.ad.example.test" },
        { ".", "." },
        { "TEST.", "test" },
        { "_LDAP._tcp.dc", "_ldap._tcp.dc" },
        { "*.X", "*.x" },
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *out;

        assert_int_equal(dns_name_normalise(*state, pairs[i][0], &out, NULL), OK);
        assert_string_equal(out, pairs[i][1]);
    }
}

static void escapes_have_one_form(void **state)
{
    static const char *const pairs[][2] = {
        { "a\\.b.c", "a\\.b.c" },     { "a\\046b.c", "a\\.b.c" },
        { "\\065\\066", "ab" },       { "\\A", "a" },
        { "a b", "a\\032b" },         { "a\\ b", "a\\032b" },
        { "x\\@y", "x\\@y" },         { "x@y", "x\\@y" },
        { "\\\\", "\\\\" },           { "\\092", "\\\\" },
        { "a;b", "a\\;b" },           { "\\(\\)\\$\\\"", "\\(\\)\\$\\\"" },
        { "\303\204", "\\195\\132" }, { "a\\.", "a\\." },
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *out, *again;

        assert_int_equal(dns_name_normalise(*state, pairs[i][0], &out, NULL), OK);
        assert_string_equal(out, pairs[i][1]);
        assert_int_equal(dns_name_normalise(*state, out, &again, NULL), OK);
        assert_string_equal(again, out);
    }
}

static void every_byte_is_safe_to_print_and_survives(void **state)
{
    for (unsigned c = 0; c < 256; c++) {
        char *text = talloc_asprintf(*state, "x\\%03uy.test", c), *out;
        struct bytes wire;

        assert_int_equal(dns_name_normalise(*state, text, &out, NULL), OK);
        for (const char *p = out; *p; p++)
            assert_true(*p > 0x20 && *p < 0x7f);
        assert_int_equal(dns_name_to_wire(*state, out, &wire, NULL), OK);
        assert_int_equal(wire.len, 10);
        assert_int_equal(wire.data[2], c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
}

static void what_is_no_name_is_refused_with_the_rule(void **state)
{
    static const struct {
        const char *text, *rule;
    } bad[] = {
        { "", "empty" },           { "..", "empty label" },    { "a..b", "empty label" },
        { ".a", "empty label" },   { "a..", "empty label" },   { "a\\", "bad escape" },
        { "a\\25", "bad escape" }, { "a\\2x4", "bad escape" }, { "a\\256", "bad escape" },
    };
    char *out = (char *)(uintptr_t) "untouched";
    struct error e;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dns_name_normalise(*state, bad[i].text, &out, &e), ERR_MALFORMED);
        assert_non_null(strstr(e.message, bad[i].rule));
        assert_string_equal(out, "untouched");
    }
}

static void lengths_end_where_rfc1035_says(void **state)
{
    char *l63 = repeat(*state, 'a', 63), *l61 = repeat(*state, 'b', 61), *out, *longest;
    struct bytes wire;
    struct error e;

    assert_int_equal(dns_name_normalise(*state, l63, &out, NULL), OK);
    assert_int_equal(dns_name_normalise(*state, repeat(*state, 'a', 64), &out, &e), ERR_MALFORMED);
    assert_non_null(strstr(e.message, "63"));
    /* 3 × 64 + 62 + 1 = 255. */
    longest = talloc_asprintf(*state, "%s.%s.%s.%s", l63, l63, l63, l61);
    assert_int_equal(dns_name_to_wire(*state, longest, &wire, NULL), OK);
    assert_int_equal(wire.len, 255);
    assert_int_equal(dns_name_from_wire(*state, wire, &out, NULL), OK);
    assert_string_equal(out, longest);
    assert_int_equal(dns_name_normalise(*state, talloc_asprintf(*state, "%sc", longest), &out, &e),
                     ERR_MALFORMED);
    assert_non_null(strstr(e.message, "255"));
    assert_int_equal(dns_name_normalise(*state, talloc_asprintf(*state, "c.%s", longest), &out, &e),
                     ERR_MALFORMED);
    assert_non_null(strstr(e.message, "255"));
    assert_int_equal(dns_name_normalise(*state, talloc_asprintf(*state, "%s.", longest), &out,
                                        NULL),
                     OK);
    /* Long in text only. */
    assert_int_equal(dns_name_normalise(*state, repeat(*state, '.', 300), &out, NULL),
                     ERR_MALFORMED);
}

static void wire_form_agrees_with_text(void **state)
{
    struct bytes wire;
    char *out;

    assert_int_equal(dns_name_to_wire(*state, "Dc1.test", &wire, NULL), OK);
    assert_bytes_equal(wire, unhex(*state, "03646331 0474657374 00"));
    assert_int_equal(dns_name_to_wire(*state, ".", &wire, NULL), OK);
    assert_bytes_equal(wire, unhex(*state, "00"));
    assert_int_equal(dns_name_from_wire(*state, unhex(*state, "00"), &out, NULL), OK);
    assert_string_equal(out, ".");
    assert_int_equal(dns_name_from_wire(*state, unhex(*state, "03444331 03612e00 0474657374 00"),
                                        &out, NULL),
                     OK);
    assert_string_equal(out, "dc1.a\\.\\000.test");
}

static void malformed_wire_form_is_refused(void **state)
{
    /* Empty; no end; label cut; compression pointer; extended label; bytes after the end. */
    static const char *const bad[] = { "",         "0161",     "036161",   "c00c",
                                       "0161c000", "40616100", "016100 00" };
    char *out = NULL;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(dns_name_from_wire(*state, unhex(*state, bad[i]), &out, NULL),
                         ERR_MALFORMED);
    assert_null(out);
}

static void overlong_wire_form_is_refused(void **state)
{
    struct wr w = wr_init(*state);
    char *out;

    for (int i = 0; i < 128; i++)
        wr_be16(&w, 0x0161);
    wr_u8(&w, 0);
    assert_int_equal(dns_name_from_wire(*state, wr_view(&w), &out, NULL), ERR_MALFORMED);
}

static void within_compares_labels_not_characters(void **state)
{
    (void)state;
    assert_true(dns_name_within("ad.example.test", "ad.example.test"));
    assert_true(dns_name_within("host1.ad.example.test", "ad.example.test"));
    assert_true(dns_name_within("host1", "."));
    assert_true(dns_name_within(".", "."));
    assert_false(dns_name_within("bad.example.test", "ad.example.test"));
    assert_false(dns_name_within("example.test", "ad.example.test"));
    assert_false(dns_name_within(".", "test"));
    /* The dot is part of the label. */
    assert_false(dns_name_within("x\\.test", "test"));
    assert_true(dns_name_within("x\\\\.test", "test"));
}

static void parent_walks_to_the_root_and_ends(void **state)
{
    const char *name = "a\\.b.c\\\\.test";

    (void)state;
    name = dns_name_parent(name);
    assert_string_equal(name, "c\\\\.test");
    name = dns_name_parent(name);
    assert_string_equal(name, "test");
    name = dns_name_parent(name);
    assert_string_equal(name, ".");
    assert_null(dns_name_parent(name));
}

static void relative_and_absolute_are_inverse(void **state)
{
    static const char *const cases[][3] = {
        { "ad.example.test", "ad.example.test", "@" },
        { "host1.ad.example.test", "ad.example.test", "host1" },
        { "_ldap._tcp.dc.ad.example.test", "ad.example.test", "_ldap._tcp.dc" },
        { "a\\.b.test", "test", "a\\.b" },
        { "\\@.test", "test", "\\@" },
        { "test", ".", "test" },
        { ".", ".", "@" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *relative = dns_name_relative(*state, cases[i][0], cases[i][1]);

        assert_string_equal(relative, cases[i][2]);
        assert_string_equal(dns_name_absolute(*state, relative, cases[i][1]), cases[i][0]);
    }
    assert_null(dns_name_relative(*state, "bad.example.test", "ad.example.test"));
}

static void reverse_names_follow_rfc1035_and_rfc3596(void **state)
{
    static const char *const cases[][2] = {
        { "10.53.0.101", "101.0.53.10.in-addr.arpa" },
        { "0.0.0.255", "255.0.0.0.in-addr.arpa" },
        { "fd53::1a", "a.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ip ip, back;

        assert_true(ip_parse(cases[i][0], &ip));
        assert_string_equal(dns_name_reverse(*state, ip), cases[i][1]);
        assert_true(dns_name_to_ip(cases[i][1], &back));
        assert_true(ip_equal(ip, back));
    }
}

static void only_full_reverse_names_are_addresses(void **state)
{
    static const char *const bad[] = {
        "in-addr.arpa",
        "0.53.10.in-addr.arpa",
        "1.2.3.4.5.in-addr.arpa",
        "256.0.53.10.in-addr.arpa",
        "01.0.53.10.in-addr.arpa",
        "1.0.53.10.in-addr.arpa.test",
        "a.0.53.10.in-addr.arpa",
        "",
        "1000.0.53.10.in-addr.arpa",
        "1..53.10.in-addr.arpa",
        "0-63.0.53.10.in-addr.arpa",
        ".",
        "a.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.ip6.arpa",
        "g.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa",
        "0.a.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa",
    };
    struct ip out = { .family = 77 };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(dns_name_to_ip(bad[i], &out));
    assert_int_equal(out.family, 77);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(normal_form_is_lower_case_without_final_dot),
        TEST(escapes_have_one_form),
        TEST(every_byte_is_safe_to_print_and_survives),
        TEST(what_is_no_name_is_refused_with_the_rule),
        TEST(lengths_end_where_rfc1035_says),
        TEST(wire_form_agrees_with_text),
        TEST(malformed_wire_form_is_refused),
        TEST(overlong_wire_form_is_refused),
        TEST(within_compares_labels_not_characters),
        TEST(parent_walks_to_the_root_and_ends),
        TEST(relative_and_absolute_are_inverse),
        TEST(reverse_names_follow_rfc1035_and_rfc3596),
        TEST(only_full_reverse_names_are_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
