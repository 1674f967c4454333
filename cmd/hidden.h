/*
 * Accounts that the directory does not show to this one.  A computer that was deleted and one in an
 * organisational unit that may not be read look the same in LDAP; the KDC, which no access list
 * binds, tells them apart.
 */
#ifndef CMD_HIDDEN_H
#define CMD_HIDDEN_H

#include "cmd/session.h"
#include "scavenger/survey.h"

struct hidden_asking;

/* Questions to the KDC about hosts, half a minute for all of them; NULL without memory. */
struct hidden_asking *hidden_begin(TALLOC_CTX *mem, struct credentials *c);

/*
 * Does the KDC know host/HOST, or the account of that name?  *problem: why it could not be asked,
 * and *is_known means nothing then; NULL: it was.  host: no final dot.
 */
enum err hidden_ask(struct hidden_asking *a, const char *host, bool *is_known, const char **problem,
                    struct error *e);

/*
 * Ask for each candidate whose owner is an account of the domain, but none of the computers read,
 * whether the KDC knows host/NAME or the account of that name.  Whom it knows, and whom it could
 * not be asked about, keeps his records (REASON_EVIDENCE_MISSING).  Takes half a minute at most.
 */
enum err hidden_run(struct context *ctx, struct session *s, const struct survey *survey,
                    gate_set overridden, struct error *e);

#endif
