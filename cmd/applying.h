/* What commands that write the directory share: signals, progress, the system's log, a
 * connection that is lost. */
#ifndef CMD_APPLYING_H
#define CMD_APPLYING_H

#include "cmd/session.h"
#include "scavenger/apply.h"

struct applying {
    struct context *ctx;
    struct session *session;
};

/*
 * The hooks for apply_run, a being their state.  From now on SIGINT and SIGTERM end a run after
 * what is under way; a second one ends the process, and the journal tells the rest.
 */
struct apply_hooks applying_hooks(struct applying *a);

#endif
