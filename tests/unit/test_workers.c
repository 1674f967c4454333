#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/workers.h"

#define JOBS 100

struct counting {
    atomic_int called[JOBS];
    atomic_int under_way;
    atomic_int most;
};

static void count(size_t i, void *priv)
{
    struct counting *c = priv;
    int now = atomic_fetch_add(&c->under_way, 1) + 1, most = atomic_load(&c->most);

    while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now)) {
    }
    usleep(100);
    atomic_fetch_add(&c->called[i], 1);
    atomic_fetch_sub(&c->under_way, 1);
}

static void each_job_runs_once_and_no_more_than_allowed_at_once(void **state)
{
    static const size_t bounds[] = { 1, 3, WORKERS_MAX, 1000 };

    (void)state;
    for (size_t k = 0; k < sizeof bounds / sizeof bounds[0]; k++) {
        struct counting c = { 0 };

        workers_run(JOBS, bounds[k], count, &c);
        for (size_t i = 0; i < JOBS; i++)
            assert_int_equal(atomic_load(&c.called[i]), 1);
        assert_true((size_t)atomic_load(&c.most) <= bounds[k]);
        assert_true(atomic_load(&c.most) <= WORKERS_MAX);
    }
}

static void no_job_is_no_call(void **state)
{
    struct counting c = { 0 };

    (void)state;
    workers_run(0, 8, count, &c);
    assert_int_equal(atomic_load(&c.most), 0);
}

static void meet(size_t i, void *priv)
{
    (void)i;
    pthread_barrier_wait(priv);
}

/* One after another they would wait for each other for ever. */
static void jobs_run_at_the_same_time(void **state)
{
    pthread_barrier_t barrier;

    (void)state;
    alarm(60);
    pthread_barrier_init(&barrier, NULL, 8);
    workers_run(16, 8, meet, &barrier);
    pthread_barrier_destroy(&barrier);
    alarm(0);
}

struct masks {
    pthread_t caller;
    atomic_int n_open; /* jobs in other threads that a signal could reach */
    pthread_barrier_t barrier;
};

static void look_at_mask(size_t i, void *priv)
{
    struct masks *m = priv;
    sigset_t now;

    (void)i;
    pthread_barrier_wait(&m->barrier);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    if (!pthread_equal(pthread_self(), m->caller) && !sigismember(&now, SIGTERM))
        atomic_fetch_add(&m->n_open, 1);
}

static void signals_stay_with_the_caller(void **state)
{
    struct masks m = { .caller = pthread_self() };
    sigset_t now;

    (void)state;
    alarm(60);
    pthread_barrier_init(&m.barrier, NULL, 4);
    workers_run(4, 4, look_at_mask, &m);
    pthread_barrier_destroy(&m.barrier);
    alarm(0);
    assert_int_equal(atomic_load(&m.n_open), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    assert_false(sigismember(&now, SIGTERM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_runs_once_and_no_more_than_allowed_at_once),
        cmocka_unit_test(no_job_is_no_call),
        cmocka_unit_test(jobs_run_at_the_same_time),
        cmocka_unit_test(signals_stay_with_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
