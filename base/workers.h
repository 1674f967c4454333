/* Jobs that mostly wait, several at the same time. */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stddef.h>

/* More than this are never under way at once. */
#define WORKERS_MAX 16

typedef void workers_job(size_t i, void *priv);

/*
 * Call job(i, priv) once for each i below n, begun in that order, and return when the last is done:
 * in this thread and in up to at_once - 1 others, fewer where no more can be had.  Between jobs
 * nothing but priv is shared: what a job allocates is no child of what another one touches, and
 * handles of LDAP and Kerberos are its own.  Signals stay with the caller's thread.
 */
void workers_run(size_t n, size_t at_once, workers_job *job, void *priv);

#endif
