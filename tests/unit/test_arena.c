#include "tests/unit/unit.h"

#include <stdalign.h>

#include "base/arena.h"

static void what_is_put_in_stays_as_it_was(void **state)
{
    struct arena *a = arena_new(NULL);
    char *texts[3000], text[100];
    struct bytes bytes[3000];

    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        memset(text, (int)('a' + i % 26), sizeof text);
        text[i % sizeof text] = '\0';
        texts[i] = arena_strdup(a, text);
        bytes[i] = arena_bytes(a, (struct bytes){ (const uint8_t *)text, i % sizeof text });
        assert_non_null(texts[i]);
        assert_non_null(bytes[i].data);
    }
    for (size_t i = 0; i < 3000; i++) {
        memset(text, (int)('a' + i % 26), sizeof text);
        text[i % sizeof text] = '\0';
        assert_string_equal(texts[i], text);
        assert_int_equal(bytes[i].len, i % sizeof text);
        assert_memory_equal(bytes[i].data, text, bytes[i].len);
    }
    talloc_free(a);
}

static void no_more_of_a_text_is_put_in_than_asked_for(void **state)
{
    struct arena *a = arena_new(NULL);

    (void)state;
    assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(a, "abc", 3), "abc");
    assert_string_equal(arena_strndup(a, "abc", 9), "abc");
    assert_string_equal(arena_strndup(a, "abc", 0), "");
    talloc_free(a);
}

static void room_for_a_type_is_aligned(void **state)
{
    struct arena *a = arena_new(NULL);

    (void)state;
    for (size_t n = 1; n < 200; n++) {
        assert_non_null(arena_strdup(a, "odd"));
        assert_int_equal((uintptr_t)arena_alloc(a, n) % alignof(max_align_t), 0);
    }
    talloc_free(a);
}

static void large_things_fit_too(void **state)
{
    struct arena *a = arena_new(NULL);
    uint8_t *large = arena_alloc(a, 1000000);
    char *small = arena_strdup(a, "small");

    (void)state;
    assert_non_null(large);
    memset(large, 0x5a, 1000000);
    assert_string_equal(small, "small");
    talloc_free(a);
}

static void small_things_cost_little_more_than_themselves(void **state)
{
    struct arena *a = arena_new(NULL);

    (void)state;
    for (int i = 0; i < 100000; i++)
        assert_non_null(arena_strdup(a, "nine byte"));
    assert_in_range(talloc_total_size(a), 1000000, 1200000);
    talloc_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_in_stays_as_it_was),
        cmocka_unit_test(no_more_of_a_text_is_put_in_than_asked_for),
        cmocka_unit_test(room_for_a_type_is_aligned),
        cmocka_unit_test(large_things_fit_too),
        cmocka_unit_test(small_things_cost_little_more_than_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
