/*
 * One run in a thread of its own: so that a registration whose server is silent holds up neither
 * the others nor the signal that ends the program.
 */
#ifndef CMD_WATCH_JOB_H
#define CMD_WATCH_JOB_H

#include "register/register.h"
#include "register/tickets.h"

struct job;

enum job_kind {
    JOB_REGISTER,
    JOB_UNREGISTER,
    JOB_ASK, /* only run the address command */
};

/* What a run ended with; the report is the job's, and so is what was asked. */
struct job_result {
    enum err rc;
    struct error error;
    const struct register_report *report; /* NULL unless rc is OK, and for JOB_ASK */
    const struct ip *asked;               /* JOB_ASK: what the command said */
    size_t n_asked;
};

/*
 * Start a run.  What options point to, and tickets, are the job's until job_end; nothing else that
 * talloc made under the same parent may be touched meanwhile.  When it is done, done_fd (an
 * eventfd) becomes readable.
 */
enum err job_start(const struct register_options *options, struct tickets *tickets,
                   enum job_kind kind, int done_fd, struct job **out, struct error *e);

enum job_kind job_kind(const struct job *j);
bool job_is_done(const struct job *j);

/* Of a job that is done. */
const struct job_result *job_result(struct job *j);

/* Wait for it, and free it with its report. */
void job_end(struct job *j);

#endif
