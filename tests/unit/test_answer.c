#include "tests/unit/unit.h"

#include "register/answer.h"

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

static void the_first_answer_is_news_and_the_same_again_is_none(void **state)
{
    struct answer *a = answer_new(*state, 300, 1);
    struct ip one[] = { ip_of("203.0.113.7"), ip_of("2001:db8::7") };
    struct ip turned[] = { one[1], one[0] };
    struct ip other[] = { one[0], ip_of("2001:db8::8") };
    size_t n;

    assert_null(answer_last(a, &n));
    assert_int_equal(n, 0);
    assert_true(answer_is_news(a, one, 2));
    assert_false(answer_is_news(a, one, 2));
    assert_false(answer_is_news(a, turned, 2));
    assert_true(answer_is_news(a, other, 2));
    assert_true(answer_is_news(a, other, 1));
    assert_true(answer_is_news(a, other, 2));
    assert_true(ip_equal(answer_last(a, &n)[0], one[0]));
    assert_int_equal(n, 2);
    assert_true(answer_is_news(a, one, 2));
}

static void it_is_asked_an_interval_after_the_last_time_a_tenth_more_or_less(void **state)
{
    int64_t least = INT64_MAX, most = 0;

    for (uint64_t seed = 0; seed < 200; seed++) {
        struct answer *a = answer_new(*state, 300, seed);
        int64_t after;

        assert_int_equal(answer_due_ms(a), INT64_MAX);
        answer_asked(a, 1000000);
        after = answer_due_ms(a) - 1000000;
        assert_in_range(after, 270000, 330000);
        least = after < least ? after : least;
        most = after > most ? after : most;
        answer_asked(a, 5000000);
        assert_in_range(answer_due_ms(a), 5270000, 5330000);
    }
    assert_true(most - least > 40000);
}

static void a_second_is_an_interval_too(void **state)
{
    struct answer *a = answer_new(*state, 1, 3);

    for (int64_t now = 0; now < 100000; now = answer_due_ms(a)) {
        answer_asked(a, now);
        assert_in_range(answer_due_ms(a), now + 900, now + 1100);
    }
}

static void a_hundred_thousand_answers_need_no_more_memory_than_one(void **state)
{
    struct answer *a = answer_new(*state, 300, 1);
    struct ip ip = ip_of("203.0.113.7");
    size_t before;

    answer_is_news(a, &ip, 1);
    before = talloc_total_size(a);
    for (int i = 0; i < 100000; i++) {
        ip.bytes[3] = (uint8_t)i;
        answer_is_news(a, &ip, 1);
    }
    assert_int_equal(talloc_total_size(a), before);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_first_answer_is_news_and_the_same_again_is_none),
        test(it_is_asked_an_interval_after_the_last_time_a_tenth_more_or_less),
        test(a_second_is_an_interval_too),
        test(a_hundred_thousand_answers_need_no_more_memory_than_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
