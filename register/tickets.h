/*
 * Kerberos tickets that live longer than one run: a process that registers again and again asks
 * the KDC only when it has to.
 */
#ifndef REGISTER_TICKETS_H
#define REGISTER_TICKETS_H

#include "gss-tsig/credentials.h"

/* Tickets with less of their life left than this are not used any more. */
#define TICKETS_MARGIN_S 600

struct tickets;

/* None yet.  keytab is copied.  NULL without memory. */
struct tickets *tickets_new(TALLOC_CTX *mem, const char *keytab);

/*
 * The credentials of an earlier run, which have a ticket for server already; they stay tickets'.
 * NULL where there are none that serve: another principal or server, not enough life left, or the
 * keytab is no longer the file that they were made from (adcli update, a new join).
 */
struct credentials *tickets_kept(struct tickets *t, const char *principal, const char *server,
                                 int64_t now_s);

/* New ones from the keytab, in place of those kept.  Errors as credentials_from_keytab. */
enum err tickets_renew(struct tickets *t, const char *principal, const char *server,
                       const struct ip *kdcs, size_t n_kdcs, struct deadline d,
                       struct credentials **out, struct error *e);

/* Forget them: something was refused, so the next run begins anew. */
void tickets_drop(struct tickets *t);

#endif
