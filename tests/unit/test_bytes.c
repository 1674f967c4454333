#include "tests/unit/unit.h"

static void reader_gives_each_byte_order(void **state)
{
    struct bytes in =
        unhex(*state, "01 0203 04050607 08090a0b 1112 21222324252627 28 313233343536");
    struct rd r = rd_init(in);

    assert_int_equal(rd_u8(&r), 0x01);
    assert_int_equal(rd_le16(&r), 0x0302);
    assert_int_equal(rd_le32(&r), 0x07060504);
    assert_int_equal(rd_be32(&r), 0x08090a0b);
    assert_int_equal(rd_be16(&r), 0x1112);
    assert_true(rd_le64(&r) == 0x2827262524232221ULL);
    assert_true(rd_be48(&r) == 0x313233343536ULL);
    assert_int_equal(rd_left(&r), 0);
    assert_false(r.bad);
}

static void reader_stays_bad_after_a_short_read(void **state)
{
    struct rd r = rd_init(unhex(*state, "0102"));

    assert_int_equal(rd_be32(&r), 0);
    assert_true(r.bad);
    /* Two bytes are there, but the reader no longer gives them. */
    assert_int_equal(rd_u8(&r), 0);
    assert_null(rd_take(&r, 0).data);
    assert_int_equal(rd_left(&r), 0);
}

static void reader_refuses_a_length_that_would_wrap(void **state)
{
    struct rd r = rd_init(unhex(*state, "0102"));

    assert_null(rd_take(&r, SIZE_MAX).data);
    assert_true(r.bad);
}

static void writer_mirrors_reader(void **state)
{
    struct wr w = wr_init(*state);

    wr_u8(&w, 1);
    wr_le16(&w, 0x0302);
    wr_le32(&w, 0x07060504);
    wr_le64(&w, 0x0f0e0d0c0b0a0908ULL);
    wr_be16(&w, 0x1011);
    wr_be32(&w, 0x12131415);
    wr_be48(&w, 0x161718191a1bULL);
    wr_bytes(&w, unhex(*state, "1c1d"));
    assert_false(w.bad);
    assert_bytes_equal(wr_view(&w), unhex(*state, "0102030405060708090a0b0c0d0e0f"
                                                  "101112131415161718191a1b1c1d"));
}

static void writer_grows_past_its_first_block(void **state)
{
    struct wr w = wr_init(*state);

    for (int i = 0; i < 10000; i++)
        wr_be16(&w, (uint16_t)i);
    assert_int_equal(wr_view(&w).len, 20000);
    assert_int_equal(wr_view(&w).data[19999], 9999 & 0xff);
}

static void base64_agrees_with_rfc4648_vectors(void **state)
{
    /* RFC 4648 section 10. */
    static const char *const vectors[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct bytes plain = { (const uint8_t *)vectors[i][0], strlen(vectors[i][0]) };
        struct bytes back;

        assert_string_equal(bytes_to_base64(*state, plain), vectors[i][1]);
        assert_true(bytes_from_base64(*state, vectors[i][1], &back));
        assert_bytes_equal(back, plain);
    }
}

static void base64_refuses_what_is_not_base64(void **state)
{
    static const char *const bad[] = { "Z",    "Zg=",    "Zg==Zg==", "Z===",
                                       "====", "Zm9v\n", "Zm9*",     "Zm 9v" };
    struct bytes out = { NULL, 77 };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(bytes_from_base64(*state, bad[i], &out));
        assert_int_equal(out.len, 77);
    }
}

static void comparison_tells_length_and_content(void **state)
{
    struct bytes a = unhex(*state, "0102"), b = unhex(*state, "0103"), c = unhex(*state, "010200");

    assert_true(bytes_equal(a, a));
    assert_false(bytes_equal(a, b));
    assert_false(bytes_equal(a, c));
    assert_true(bytes_equal_secret(a, bytes_dup(*state, a)));
    assert_false(bytes_equal_secret(a, b));
    assert_false(bytes_equal_secret(a, c));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reader_gives_each_byte_order, setup, teardown),
        cmocka_unit_test_setup_teardown(reader_stays_bad_after_a_short_read, setup, teardown),
        cmocka_unit_test_setup_teardown(reader_refuses_a_length_that_would_wrap, setup, teardown),
        cmocka_unit_test_setup_teardown(writer_mirrors_reader, setup, teardown),
        cmocka_unit_test_setup_teardown(writer_grows_past_its_first_block, setup, teardown),
        cmocka_unit_test_setup_teardown(base64_agrees_with_rfc4648_vectors, setup, teardown),
        cmocka_unit_test_setup_teardown(base64_refuses_what_is_not_base64, setup, teardown),
        cmocka_unit_test_setup_teardown(comparison_tells_length_and_content, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
