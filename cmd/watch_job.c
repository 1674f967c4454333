#include "cmd/watch_job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "register/address_command.h"

struct job {
    const struct register_options options;
    struct tickets *tickets;
    enum job_kind kind;
    int done_fd;
    pthread_t thread;
    TALLOC_CTX *mem; /* the thread's: no child of anything */
    struct job_result result;
    atomic_bool is_done; /* the last thing that the thread sets */
};

static void ask(struct job *j)
{
    struct ip *asked = NULL;

    j->result.rc =
        address_command_run(j->mem, j->options.address_command, deadline_in(j->options.timeout_ms),
                            &asked, &j->result.n_asked, &j->result.error);
    j->result.asked = asked;
}

static void *run(void *arg)
{
    struct job *j = arg;
    struct register_report *report = NULL;

    if (j->kind == JOB_ASK)
        ask(j);
    else
        j->result.rc = (j->kind == JOB_UNREGISTER ? unregister_run
                                                  : register_run)(j->mem, &j->options, j->tickets,
                                                                  &report, &j->result.error);
    j->result.report = report;
    atomic_store(&j->is_done, true);
    eventfd_write(j->done_fd, 1);
    return NULL;
}

static void job_free(struct job *j)
{
    talloc_free(j->mem);
    free(j);
}

enum err job_start(const struct register_options *options, struct tickets *tickets,
                   enum job_kind kind, int done_fd, struct job **out, struct error *e)
{
    struct job init = { .options = *options, .tickets = tickets, .kind = kind, .done_fd = done_fd };
    struct job *j = malloc(sizeof *j);
    int failed;

    if (!j)
        return err_nomem(e);
    memcpy(j, &init, sizeof *j);
    j->mem = talloc_new(NULL);
    if (!j->mem) {
        job_free(j);
        return err_nomem(e);
    }
    failed = pthread_create(&j->thread, NULL, run, j);
    if (failed) {
        job_free(j);
        return err_errno(e, failed, "cannot start a run");
    }
    *out = j;
    return OK;
}

enum job_kind job_kind(const struct job *j) { return j->kind; }

bool job_is_done(const struct job *j) { return atomic_load(&j->is_done); }

const struct job_result *job_result(struct job *j) { return &j->result; }

void job_end(struct job *j)
{
    pthread_join(j->thread, NULL);
    job_free(j);
}
