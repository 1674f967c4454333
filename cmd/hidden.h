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

/* Questions to the domain's KDC about hosts, on ctx->mem; hidden_end() says what came of them. */
enum err hidden_begin(struct context *ctx, struct session *s, struct hidden_asking **out,
                      struct error *e);
void hidden_end(const struct hidden_asking *a);

/*
 * Does the KDC know host/HOST, or the account of that name?  *problem: why it could not be asked,
 * and *is_known means nothing then; NULL: it was.  host: no final dot.
 */
enum err hidden_ask(struct hidden_asking *a, const char *host, bool *is_known, const char **problem,
                    struct error *e);

/*
 * Ask for each candidate whose host none of the accounts read is named after, or whose owner is an
 * account of the domain, but none of those, whether the domain's KDC knows host/NAME or the account
 * of that name: several at a time.  Whom it knows, and whom it could not be asked about, keeps his
 * records (REASON_EVIDENCE_MISSING).  --timeout (3 s) holds for each host; a KDC that fails three
 * times in a row is not asked any more.
 */
enum err hidden_run(struct context *ctx, struct session *s, const struct survey *survey,
                    gate_set overridden, struct error *e);

#endif
