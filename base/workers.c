#include "base/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct crew {
    size_t n;
    workers_job *job;
    void *priv;
    atomic_size_t next;
};

static void *work(void *arg)
{
    struct crew *c = arg;

    for (size_t i; (i = atomic_fetch_add(&c->next, 1)) < c->n;)
        c->job(i, c->priv);
    return NULL;
}

void workers_run(size_t n, size_t at_once, workers_job *job, void *priv)
{
    struct crew c = { .n = n, .job = job, .priv = priv };
    size_t wanted = at_once < n ? at_once : n, n_threads = 0;
    pthread_t threads[WORKERS_MAX];
    sigset_t all, before;

    atomic_init(&c.next, 0);
    wanted = wanted < WORKERS_MAX ? wanted : WORKERS_MAX;
    /* A thread begins with the mask of its maker. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n_threads + 1 < wanted && pthread_create(&threads[n_threads], NULL, work, &c) == 0)
        n_threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(&c);
    while (n_threads > 0)
        pthread_join(threads[--n_threads], NULL);
}
