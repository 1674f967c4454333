/* How a run ended: the plan's steps against what the server said and what is published afterwards.
 * Pure. */
#ifndef REGISTER_OUTCOME_H
#define REGISTER_OUTCOME_H

#include "gss-tsig/session.h"
#include "register/plan.h"

struct outcome {
    enum register_verified verified;
    enum err code;        /* as register_report.outcome */
    struct error problem; /* when code is not OK */
};

/*
 * Of steps that are settled.  The own name decides: without its addresses a run is no success,
 * whatever became of PTRs.  ERR_CONFLICT where the worst of them is somebody else's, however much
 * of the rest was done: it will not go away by itself.  primary: who should have been asked
 * instead, or NULL.
 */
void outcome_sum_up(const struct plan *plan, const char *primary, struct outcome *out);

/*
 * Is the own name published, as far as the steps say: none failed that was to add or refresh one of
 * the wanted addresses, nor is there an alias in the way?  What could not be taken back is another
 * matter.
 */
bool outcome_is_published(const struct plan *plan, const struct ip *wanted, size_t n_wanted);

/* The zone's primary where that is another than server, else NULL. */
const char *outcome_primary(const struct published *after, const char *server);

/* Of a plan that was not sent: only its conflicts and failures count. */
void outcome_of_plan(const struct plan *plan, struct outcome *out);

/*
 * replies[i] belongs to plan->updates[i]; server is the name of who sent them.  The actions, codes
 * and details of steps that did not succeed are set.  An answer proves that the server did it only
 * together with what is published after it: NOERROR without authentication: ERR_UNVERIFIED,
 * whatever is published; NOERROR with it: done where published is as wanted, else ERR_SERVER;
 * refused with authentication: ERR_DENIED; a prerequisite failed: ERR_CONFLICT; refused without
 * authentication: ERR_PARTIAL where all is published already (only the refresh is missing),
 * ERR_DENIED where it is our own request echoed by a server that had a key, ERR_UNVERIFIED else.
 */
enum err outcome_judge(struct plan *plan, const struct gsstsig_reply *replies,
                       const struct published *after, const char *server, struct outcome *out,
                       struct error *e);

#endif
