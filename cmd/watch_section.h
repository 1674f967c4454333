/* The registrations of a `register --watch`: what is kept of each from one run to the next. */
#ifndef CMD_WATCH_SECTION_H
#define CMD_WATCH_SECTION_H

#include "cmd/register.h"
#include "cmd/watch_job.h"
#include "register/answer.h"
#include "register/watch.h"

struct section {
    struct registration reg;
    struct watch *watch;
    struct answer *answer;   /* NULL: no address command to ask */
    bool is_answer_new;      /* the next run goes by it instead of asking again */
    struct tickets *tickets; /* no child of anything: a job's thread allocates there */
    TALLOC_CTX *lock;        /* holds it while it lives; NULL: to be taken yet */
    struct job *job;         /* NULL: no run is under way */
    struct section *before;  /* of the same name, of an earlier reading, with a job under way: ours
                                has to wait for that; NULL: none */
    int64_t started_ms;
    bool has_left;
    bool has_tried;
    bool is_command_failing; /* has been said */
    struct error last;       /* code OK: the latest run went well */
    int told_exit;           /* what was said last on standard error; 0: well */
    bool is_unsettled;       /* the latest run left something to look at before long */
    struct ip server;        /* of the latest run; family 0: not known */
    char summary[320];       /* "host1.ad.example.test at dc1.ad.example.test" */
};

/* With its first run due, and without a lock. */
enum err section_new(TALLOC_CTX *mem, const struct registration *r, int64_t now_ms,
                     struct section **out, struct error *e);

/*
 * Take the lock for life: a second watcher for the same section would undo what the first one does.
 * Does not wait.  ERR_BUSY: another watcher has it; ERR_IO.
 */
enum err section_lock(struct section *s, struct error *e);

/* When section_look has something to do; INT64_MAX while a run is under way. */
int64_t section_due_ms(const struct section *s);

/*
 * Look at the addresses, and start a run where watch_look wants one, or ask the address command
 * where that is due.
 */
void section_look(struct section *s, const struct host_address *all, size_t n, int done_fd,
                  int64_t now_ms);

/*
 * If its job is done: print what came of it and let the watch know.  True when that was a run; an
 * address command that was asked is none.  On standard error a failure is said once, until it is
 * another or over; without JSON a report is printed where it tells something new.
 */
bool section_collect(const struct context *ctx, struct section *s, int64_t now_ms);

/* Unregister if that is to be done on leaving.  True when nothing is left to wait for. */
bool section_leave(struct section *s, int done_fd, int64_t now_ms);

#endif
