/*
 * One run of register or unregister: what it has found out so far, what it keeps of that for the
 * next run, and what it reports.  For register.c, whose recipe goes through it.
 */
#ifndef REGISTER_RUN_H
#define REGISTER_RUN_H

#include "register/contact.h"
#include "register/execute.h"
#include "register/memory.h"
#include "register/outcome.h"
#include "register/primaries.h"
#include "register/renewal.h"
#include "register/siblings.h"
#include "register/survey.h"
#include "register/tickets.h"

/* Every step fills in its part. */
struct run {
    const struct register_options *opt;
    struct tickets *tickets;
    struct deadline d;
    struct host host;
    struct siblings siblings;
    struct contact contact;
    struct memory *memory;  /* as it was found, and is this host's */
    struct memory *on_disk; /* as it was last written or read */
    bool may_save;
    struct ip *asked; /* what the address command said; NULL: it was not asked */
    size_t n_asked;
    struct ip *wanted; /* register: to be published; unregister: to be removed */
    size_t n_wanted;
    bool is_leaving; /* unregister */
    struct published *published;
    struct survey_own own;   /* published, unremembered, and this host's all the same */
    struct plan_input in;    /* what the plan was made from */
    struct renewal *renewal; /* NULL: nothing is known of timestamps */
    struct plan *plan;
    struct primaries *primaries; /* NULL: no other server was looked at */
    struct execution execution;
    struct outcome outcome;
    bool is_unsettled;   /* see struct register_report */
    bool is_at_server;   /* what fails now may go well at another one */
    bool was_sent;       /* an update, to this server */
    struct memory *lost; /* NULL, or what updates of unknown outcome, or sent twice, were to make
                            of memory */
    unsigned kerberos_turns;
};

/* The memory of earlier runs, on mem, which has to live as long as the run; see recall.h. */
enum err run_recall(TALLOC_CTX *mem, struct run *run, struct error *e);

/*
 * Remember m, which has to live as long as the run.  Nothing is written that is there already.
 * What cannot be written is said in the log: the run itself goes on.
 */
void run_save(struct run *run, struct memory *m);

/* What the run did and saw, once it is done: remembered, unless it is a dry run. */
enum err run_learn(TALLOC_CTX *mem, struct run *run, struct error *e);

/* The run failed: a later `status` can tell why. */
void run_remember_failure(TALLOC_CTX *mem, struct run *run, const struct error *e);

/* Who is seen where, and when: the server of a contact, now. */
struct sighting run_sighting(const struct contact *c);

/* The report, on mem, independent of the run. */
enum err run_report(TALLOC_CTX *mem, const struct run *run, struct register_report **out,
                    struct error *e);

#endif
