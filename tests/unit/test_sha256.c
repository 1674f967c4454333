#include "tests/unit/unit.h"

#include "base/sha256.h"

static void the_published_vectors_come_out(void **state)
{
    struct sha256 *h = sha256_new(*state);
    char text[SHA256_TEXT];

    assert_non_null(h);
    /* FIPS 180-4: the empty message, then "abc" in two parts. */
    assert_true(sha256_text(h, text));
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_true(sha256_add(h, "a", 1));
    assert_true(sha256_add(h, "bc", 2));
    assert_true(sha256_text(h, text));
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_published_vectors_come_out, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
