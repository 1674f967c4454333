#include "tests/unit/unit.h"

#include "register/learn.h"

#define FQDN "host1.ad.example.test"
#define ZONE "ad.example.test"
#define R4 "0.53.10.in-addr.arpa"
#define NOW_S 1000000000

static const struct sighting dc1 = { "dc1." ZONE, NOW_S };
static const struct sighting dc2 = { "dc2." ZONE, NOW_S + 60 };
static const struct memory_record old_address = {
    .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = "10.53.0.9"
};
static const struct memory_record old_ptr = {
    .zone = R4, .name = "9." R4, .type = DNS_TYPE_PTR, .data = FQDN "."
};

/* What one server has: of the address that the host left, everything or nothing. */
struct look {
    struct published p;
    struct ip held;
    struct published_reverse reverse;
    const char *target;
    struct plan plan; /* empty */
};

static struct look *look(TALLOC_CTX *mem, bool has_old)
{
    struct look *l = talloc_zero(mem, struct look);

    assert_true(ip_parse("10.53.0.9", &l->held));
    l->target = FQDN;
    l->reverse = (struct published_reverse){ .ip = l->held,
                                             .name = "9." R4,
                                             .zone = R4,
                                             .rcode = DNS_RCODE_NOERROR,
                                             .targets = &l->target,
                                             .n_targets = has_old };
    l->p = (struct published){ .fqdn = FQDN,
                               .zone = ZONE,
                               .addresses = &l->held,
                               .n_addresses = has_old,
                               .reverse = &l->reverse,
                               .n_reverse = 1 };
    return l;
}

/* Both records, as they were written at a server. */
static struct memory *memory_of(TALLOC_CTX *mem, struct sighting seen)
{
    struct memory *m = talloc_zero(mem, struct memory);
    struct memory_record r[] = { old_address, old_ptr };

    for (size_t i = 0; i < 2; i++) {
        r[i].seen = seen;
        r[i].is_pending = true;
        assert_true(memory_remember(m, r[i]));
    }
    return m;
}

/* A run at a server that shows *before and then nothing. */
static size_t left_after(struct memory *m, const struct look *before, struct sighting at)
{
    struct look *after = look(m, false);

    memory_date(m, at.at_s);
    assert_true(learn_seen(m, &before->p, at));
    assert_true(learn_result(m, &after->plan, NULL, &after->p, at));
    return m->n_records;
}

static void what_another_server_had_is_not_gone_because_this_one_lacks_it(void **state)
{
    struct memory *m = memory_of(*state, dc1);

    assert_int_equal(left_after(m, look(m, false), dc2), 2);
    assert_string_equal(m->records[0].seen.server, dc1.server);
    /* At the one that had it it is. */
    assert_int_equal(left_after(m, look(m, false), dc1), 0);
}

static void servers_are_compared_as_names(void **state)
{
    struct memory *m = memory_of(*state, (struct sighting){ "DC1.AD.Example.Test", NOW_S });

    assert_int_equal(left_after(m, look(m, false), dc1), 0);
}

static void what_was_seen_here_and_taken_away_here_is_gone(void **state)
{
    struct memory *m = memory_of(*state, dc1);

    assert_int_equal(left_after(m, look(m, true), dc2), 0);
}

static void what_replication_cannot_bring_any_more_is_gone(void **state)
{
    struct memory *m = memory_of(*state, dc1);
    struct sighting later = { dc2.server, NOW_S + LEARN_REPLICATION_S - 1 };

    assert_int_equal(left_after(m, look(m, false), later), 2);
    later.at_s++;
    assert_int_equal(left_after(m, look(m, false), later), 0);
}

static void old_memories_wait_from_the_next_run_on(void **state)
{
    struct memory *m = memory_of(*state, (struct sighting){ NULL, 0 });
    struct sighting later = { dc1.server, NOW_S + LEARN_REPLICATION_S };

    assert_int_equal(left_after(m, look(m, false), dc1), 2);
    assert_int_equal(m->records[0].seen.at_s, NOW_S);
    assert_int_equal(m->records[0].pending_since_s, NOW_S);
    assert_int_equal(left_after(m, look(m, false), later), 0);
}

static void a_time_ahead_is_now(void **state)
{
    struct memory *m = memory_of(*state, (struct sighting){ dc1.server, NOW_S * 4LL });
    struct sighting later = { dc2.server, dc2.at_s + LEARN_REPLICATION_S };

    assert_int_equal(left_after(m, look(m, false), dc2), 2);
    assert_int_equal(left_after(m, look(m, false), later), 0);
}

static void what_is_published_is_seen_and_no_newer_time_alone_is_written(void **state)
{
    struct memory *m = memory_of(*state, dc1), *before = memory_copy(*state, m);
    struct look *l = look(*state, true);

    assert_true(learn_seen(m, &l->p, (struct sighting){ dc1.server, NOW_S + MEMORY_SEEN_S - 1 }));
    assert_true(memory_equal(m, before));
    assert_true(learn_seen(m, &l->p, (struct sighting){ dc1.server, NOW_S + MEMORY_SEEN_S }));
    assert_int_equal(m->records[0].seen.at_s, NOW_S + MEMORY_SEEN_S);
    assert_int_equal(m->records[1].seen.at_s, NOW_S + MEMORY_SEEN_S);
    assert_false(memory_equal(m, before));
    assert_true(learn_seen(m, &l->p, dc2));
    assert_string_equal(m->records[0].seen.server, dc2.server);
    assert_string_equal(m->records[1].seen.server, dc2.server);
}

static void nothing_is_seen_in_an_answer_that_is_none(void **state)
{
    struct memory *m = memory_of(*state, dc1);
    struct look *l = look(*state, true);

    l->reverse.rcode = DNS_RCODE_SERVFAIL;
    l->p.is_reverse_only = true;
    assert_true(learn_seen(m, &l->p, dc2));
    assert_string_equal(m->records[0].seen.server, dc1.server);
    assert_string_equal(m->records[1].seen.server, dc1.server);
}

static void pending_is_unsettled_until_replication_must_be_through(void **state)
{
    struct memory *m = memory_of(*state, dc1);

    assert_true(learn_is_unsettled(m, NOW_S + LEARN_REPLICATION_S - 1));
    assert_false(learn_is_unsettled(m, NOW_S + LEARN_REPLICATION_S));
    m->records[0].is_pending = m->records[1].is_pending = false;
    assert_false(learn_is_unsettled(m, NOW_S));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_another_server_had_is_not_gone_because_this_one_lacks_it),
        TEST(servers_are_compared_as_names),
        TEST(what_was_seen_here_and_taken_away_here_is_gone),
        TEST(what_replication_cannot_bring_any_more_is_gone),
        TEST(old_memories_wait_from_the_next_run_on),
        TEST(a_time_ahead_is_now),
        TEST(what_is_published_is_seen_and_no_newer_time_alone_is_written),
        TEST(nothing_is_seen_in_an_answer_that_is_none),
        TEST(pending_is_unsettled_until_replication_must_be_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
