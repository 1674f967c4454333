#include "tests/unit/unit.h"

#include "base/clock.h"
#include "ldap/dnsp.h"

/* A header for type and data length, both little-endian hex; TTL 1200, stamped 3733279. */
#define HEADER(length, type) length type "05f00000 6e000000 000004b0 00000000 1ff73800"

static const char a_example[] = "04000100 05f00000 6e000000 000004b0 00000000 1ff73800 0a350065";
/* Written by Samba 4.17's DNS server when a dynamic update deleted the last record of a node. */
static const char samba_tombstone[] = "08000000 05000000 6e000000 00000000 00000000 00000000"
                                      "b29e4981 8f7add01";

static struct dnsp_record *decode(TALLOC_CTX *mem, const char *hex)
{
    struct dnsp_record *r = NULL;
    struct error e;

    assert_int_equal(dnsp_record_decode(mem, unhex(mem, hex), &r, &e), OK);
    return r;
}

static void assert_text(TALLOC_CTX *mem, const char *hex, const char *text)
{
    struct dnsp_record *r = decode(mem, hex);

    assert_string_equal(dnsp_data_text(mem, r), text);
    assert_bytes_equal(dnsp_record_encode(mem, r), unhex(mem, hex));
}

static void assert_valid_text(TALLOC_CTX *mem, const char *hex, const char *text)
{
    assert_true(dnsp_data_is_valid(decode(mem, hex)));
    assert_text(mem, hex, text);
}

static void assert_opaque_text(TALLOC_CTX *mem, const char *hex, const char *text)
{
    assert_false(dnsp_data_is_valid(decode(mem, hex)));
    assert_text(mem, hex, text);
}

static void every_header_field_is_read(void **state)
{
    struct dnsp_record *r = decode(*state, "04000100 06823412 01020304 00000e10 0a0b0c0d 1ff73800"
                                           "0a350065");

    assert_int_equal(r->type, 1);
    assert_int_equal(r->version, 6);
    assert_int_equal(r->rank, 0x82);
    assert_int_equal(r->flags, 0x1234);
    assert_int_equal(r->serial, 0x04030201);
    assert_int_equal(r->ttl_s, 3600);
    assert_int_equal(r->reserved, 0x0d0c0b0a);
    assert_int_equal(r->timestamp_h, 3733279);
    assert_int_equal(r->data.len, 4);
}

static void measured_address_record_is_understood(void **state)
{
    struct dnsp_record *r = decode(*state, a_example);

    assert_int_equal(r->ttl_s, 1200);
    assert_int_equal(r->timestamp_h, 3733279);
    assert_valid_text(*state, a_example, "10.53.0.101");
}

static void odd_header_values_survive_a_round_trip(void **state)
{
    const char *odd = "04000100 ff07cdab ffffffff ffffffff 78563412 00000000 0a350065";

    assert_bytes_equal(dnsp_record_encode(*state, decode(*state, odd)), unhex(*state, odd));
}

static void every_truncation_is_refused_and_leaves_the_output_alone(void **state)
{
    struct bytes whole = unhex(*state, a_example);
    struct dnsp_record *r = (struct dnsp_record *)&whole;

    for (size_t n = 0; n < whole.len; n++) {
        struct error e;
        struct bytes part = bytes_dup(*state, (struct bytes){ whole.data, n });

        assert_int_equal(dnsp_record_decode(*state, part, &r, &e), ERR_MALFORMED);
        assert_ptr_equal(r, &whole);
        assert_true(strlen(e.message) > 0);
    }
}

static void bytes_after_the_data_are_refused(void **state)
{
    struct dnsp_record *r = NULL;

    assert_int_equal(dnsp_record_decode(*state, unhex(*state, HEADER("0400", "0100") "0a35006500"),
                                        &r, NULL),
                     ERR_MALFORMED);
    assert_null(r);
}

static void any_length_that_fits_round_trips(void **state)
{
    struct dnsp_record r = { .type = 65400, .version = 5 };
    uint8_t *data = talloc_zero_array(*state, uint8_t, 65536);

    for (size_t len = 0; len <= 65535; len += 4369) {
        struct dnsp_record *back;

        r.data = (struct bytes){ data, len };
        assert_int_equal(dnsp_record_decode(*state, dnsp_record_encode(*state, &r), &back, NULL),
                         OK);
        assert_bytes_equal(back->data, r.data);
    }
    r.data = (struct bytes){ data, 65536 };
    assert_null(dnsp_record_encode(*state, &r).data);
}

static void addresses_print_as_dig_prints_them(void **state)
{
    assert_valid_text(*state, HEADER("1000", "1c00") "fd530000000000000000000000000232",
                      "fd53::232");
    assert_opaque_text(*state, HEADER("0500", "0100") "0a35006501", "\\# 5 0A35006501");
    assert_opaque_text(*state, HEADER("0000", "0100"), "\\# 0");
    assert_opaque_text(*state, HEADER("0400", "1c00") "0a350065", "\\# 4 0A350065");
}

static void names_keep_their_case_and_end_in_a_dot(void **state)
{
    /* Host1.AD.test */
    assert_valid_text(*state, HEADER("1100", "0c00") "0f 03 05486f737431 024144 0474657374 00",
                      "Host1.AD.test.");
    assert_valid_text(*state, HEADER("1100", "0500") "0f 03 05486f737431 024144 0474657374 00",
                      "Host1.AD.test.");
    assert_valid_text(*state, HEADER("0300", "0200") "01 00 00", ".");
}

static void padding_after_a_name_is_tolerated_and_kept(void **state)
{
    assert_valid_text(*state, HEADER("0700", "0500") "03 01 0161 00 0000", "a.");
    /* The same inside the announced length. */
    assert_valid_text(*state, HEADER("0700", "0500") "05 01 0161 00 0000", "a.");
}

static void contradictory_names_are_shown_as_bytes(void **state)
{
    static const char *const bad[] = {
        HEADER("0500", "0500") "03 02 0161 00", /* two labels announced, one there */
        HEADER("0500", "0500") "03 00 0161 00", /* none announced, one there */
        HEADER("0500", "0500") "04 01 0161 00", /* length goes past the data */
        HEADER("0500", "0500") "02 01 0161 00", /* length ends before the root */
        HEADER("0500", "0500") "03 01 0261 00", /* label goes past the length */
        HEADER("0400", "0500") "02 01 c00c",    /* compression pointer */
        HEADER("0000", "0500"),                 /* nothing */
        HEADER("0100", "0500") "01",
        HEADER("0200", "0500") "00 00", /* no root */
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct dnsp_record *r = decode(*state, bad[i]);

        assert_false(dnsp_data_is_valid(r));
        assert_memory_equal(dnsp_data_text(*state, r), "\\# ", 3);
    }
}

static void labels_longer_than_63_bytes_are_refused(void **state)
{
    struct wr w = wr_init(*state);
    struct dnsp_record r = { .type = 5 };

    for (int label = 63; label <= 64; label++) {
        w.len = 0;
        wr_u8(&w, (uint8_t)(label + 2));
        wr_u8(&w, 1);
        wr_u8(&w, (uint8_t)label);
        for (int i = 0; i < label; i++)
            wr_u8(&w, 'x');
        wr_u8(&w, 0);
        r.data = wr_view(&w);
        assert_int_equal(dnsp_data_is_valid(&r), label == 63);
    }
}

static void control_bytes_never_come_through(void **state)
{
    /* The label is ESC [ 2 J . a " */
    assert_valid_text(*state, HEADER("0b00", "0c00") "09 01 07 1b5b324a2e6122 00",
                      "\\027[2J\\.a\\\".");
    /* TXT with newline, quote, backslash, DEL, 0x80. */
    assert_valid_text(*state, HEADER("0600", "1000") "05 0a225c7f80",
                      "\"\\010\\\"\\\\\\127\\128\"");
    for (int c = 0; c < 256; c++) {
        uint8_t data[] = { 3, 1, 1, (uint8_t)c, 0 };
        struct dnsp_record r = { .type = 2, .data = { data, sizeof data } };
        char *text = dnsp_data_text(*state, &r);

        for (const char *t = text; *t; t++)
            assert_in_range((unsigned char)*t, 0x21, 0x7e);
        r.type = 16;
        for (const char *t = dnsp_data_text(*state, &r); *t; t++)
            assert_in_range((unsigned char)*t, 0x20, 0x7e);
    }
}

static void mail_and_service_records_print_their_numbers(void **state)
{
    /* Written by Samba 4.17. */
    assert_valid_text(*state,
                      HEADER("1c00", "0f00") "000a 18 05 044d61696c 0178 024144"
                                             "076578616d706c65 0474657374 00",
                      "10 Mail.x.AD.example.test.");
    assert_valid_text(*state,
                      HEADER("1d00", "2100") "0000 0064 0cc4 15 04 03646331 026164"
                                             "076578616d706c65 0474657374 00",
                      "0 100 3268 dc1.ad.example.test.");
    assert_opaque_text(*state, HEADER("0100", "0f00") "00", "\\# 1 00");
    assert_opaque_text(*state, HEADER("0600", "2100") "000000640cc4", "\\# 6 000000640CC4");
}

static void soa_prints_names_before_numbers(void **state)
{
    const char *soa = HEADER("2000", "0600") "0000006e 00000384 00000258 00015180 00000e10"
                                             "03 01 0161 00"
                                             "05 02 0162 0163 00";

    assert_valid_text(*state, soa, "a. b.c. 110 900 600 86400 3600");
    /* One name is missing. */
    assert_false(dnsp_data_is_valid(
        decode(*state, HEADER("1900", "0600") "0000006e 00000384 00000258"
                                              "00015180 00000e10 03 01 0161 00")));
}

static void every_truncation_of_data_is_found(void **state)
{
    static const char *const whole[] = {
        HEADER("1d00",
               "2100") "0000 0064 0cc4 15 04 03646331 026164 076578616d706c65 0474657374 00",
        HEADER("2000", "0600") "0000006e 00000384 00000258 00015180 00000e10 03 01 0161 00"
                               "05 02 0162 0163 00",
        HEADER("0e00", "1000") "0d 61623b22712220 5c203b3b3b3b",
        HEADER("1000", "1c00") "fd530000000000000000000000000232",
    };

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct dnsp_record *r = decode(*state, whole[i]);
        size_t full = r->data.len;

        assert_true(dnsp_data_is_valid(r));
        for (size_t n = 0; n < full; n++) {
            r->data = bytes_dup(*state, (struct bytes){ r->data.data, n });
            /* Cut from the original each time, so that reading past the end is seen by ASan. */
            assert_false(dnsp_data_is_valid(r));
            assert_memory_equal(dnsp_data_text(*state, r), "\\# ", 3);
            r = decode(*state, whole[i]);
        }
    }
}

static void text_records_are_quoted_strings(void **state)
{
    /* Compared with what dig prints for the same record of a Samba server. */
    assert_valid_text(*state, HEADER("1400", "1000") "0c 613b6220227122205c20c878 06 7365636f6e64",
                      "\"a;b \\\"q\\\" \\\\ \\200x\" \"second\"");
    assert_valid_text(*state, HEADER("0100", "1000") "00", "\"\"");
    assert_opaque_text(*state, HEADER("0000", "1000"), "\\# 0");
    assert_opaque_text(*state, HEADER("0300", "1000") "05 6162", "\\# 3 056162");
}

static void unknown_types_are_bytes_and_valid(void **state)
{
    char buf[16];

    assert_valid_text(*state, HEADER("0200", "78ff") "00ff", "\\# 2 00FF");
    assert_valid_text(*state, HEADER("0200", "01ff") "00ff", "\\# 2 00FF");
    assert_string_equal(dnsp_type_name(0xff78, buf), "TYPE65400");
    assert_string_equal(dnsp_type_name(DNSP_TYPE_WINS, buf), "WINS");
    assert_string_equal(dnsp_type_name(DNSP_TYPE_WINSR, buf), "WINSR");
    assert_string_equal(dnsp_type_name(DNSP_TYPE_TOMBSTONE, buf), "TOMBSTONE");
    assert_string_equal(dnsp_type_name(28, buf), "AAAA");
    assert_string_equal(dnsp_type_name(65535, buf), "TYPE65535");
}

static void tombstones_show_when_they_were_made_in_either_unit(void **state)
{
    assert_valid_text(*state, samba_tombstone, "2026-11-22T14:41:05Z");
    /* Samba 4.9 to 4.14: hours. */
    assert_valid_text(*state,
                      "08000000 05000000 6e000000 00000000 00000000 00000000"
                      "1ff73800 00000000",
                      clock_rfc3339(*state, clock_unix_from_hours(3733279)));
    assert_opaque_text(*state, "04000000 05000000 6e000000 00000000 00000000 00000000 00000000",
                       "\\# 4 00000000");
}

static void a_tombstone_is_made_as_samba_makes_it(void **state)
{
    assert_bytes_equal(dnsp_tombstone(*state, 0x01dd7a8f81499eb2ULL, 0x6e),
                       unhex(*state, samba_tombstone));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_header_field_is_read),
        TEST(measured_address_record_is_understood),
        TEST(odd_header_values_survive_a_round_trip),
        TEST(every_truncation_is_refused_and_leaves_the_output_alone),
        TEST(bytes_after_the_data_are_refused),
        TEST(any_length_that_fits_round_trips),
        TEST(addresses_print_as_dig_prints_them),
        TEST(names_keep_their_case_and_end_in_a_dot),
        TEST(padding_after_a_name_is_tolerated_and_kept),
        TEST(contradictory_names_are_shown_as_bytes),
        TEST(labels_longer_than_63_bytes_are_refused),
        TEST(control_bytes_never_come_through),
        TEST(mail_and_service_records_print_their_numbers),
        TEST(soa_prints_names_before_numbers),
        TEST(every_truncation_of_data_is_found),
        TEST(text_records_are_quoted_strings),
        TEST(unknown_types_are_bytes_and_valid),
        TEST(tombstones_show_when_they_were_made_in_either_unit),
        TEST(a_tombstone_is_made_as_samba_makes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
