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
 * Ask for each candidate whose host no account that is shown is named after, whoever owns the
 * record, whether the domain's KDC knows host/HOST or, where none is named after its first label
 * either, the account of that name: several at a time.  Whom it knows, and whom it could not be
 * asked about, keeps his records (REASON_EVIDENCE_MISSING).  --timeout (3 s) holds for each host; a
 * KDC that fails again and again is not asked any more.  zone_dn, name (relative): for the records
 * of that name alone; NULL: of all.
 */
enum err hidden_run(struct context *ctx, struct session *s, const struct survey *survey,
                    gate_set overridden, const char *zone_dn, const char *name, struct error *e);

#endif
