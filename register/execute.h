/* Send a plan and read back what became of it: the only writing of a host. */
#ifndef REGISTER_EXECUTE_H
#define REGISTER_EXECUTE_H

#include "gss-tsig/session.h"
#include "register/contact.h"
#include "register/plan.h"

struct execution {
    struct gsstsig_reply *replies; /* one for each update of the plan */
    struct published *after;       /* read on the same connection, after the last reply */
};

/*
 * Network turns that a ticket for the server costs, counted as dns_conn_turns does, connections
 * included: the look whether the KDC is there, then AS and TGS with a connection each.  What
 * libkrb5 does is not observed: a KDC that refuses the first AS request makes it two more.
 */
#define EXECUTE_KERBEROS_TURNS 5

/*
 * Ticket, key, all updates in flight at once (execute_send), one look at the result.
 * An error after *was_sent became true leaves open what the server has done.
 */
enum err execute_plan(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                      const char *keytab, const struct plan *plan, const struct published *before,
                      struct deadline d, bool *was_sent, struct execution *out, struct error *e);

/*
 * n messages, signed with a key negotiated for them.  Where the server has forgotten the key
 * (BADKEY) it is negotiated once more, and only those messages are sent again whose reply said so:
 * the others were done, and a prerequisite could fail because of that.  replies: n.
 */
enum err execute_send(struct dns_conn *conn, const char *server, struct credentials *creds,
                      const struct bytes *messages, size_t n, struct deadline d, bool *was_sent,
                      struct gsstsig_reply *replies, struct error *e);

/*
 * libkrb5 waits ten seconds for each KDC and knows no deadline: see first that one is there.
 * The KDCs of contact, that one first, on mem.  With none known libkrb5 has to find them by itself.
 */
enum err execute_reach_kdc(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                           struct deadline d, struct ip **kdcs, size_t *n, struct error *e);

#endif
