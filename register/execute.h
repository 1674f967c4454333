/* Send a plan and read back what became of it: the only writing of a host. */
#ifndef REGISTER_EXECUTE_H
#define REGISTER_EXECUTE_H

#include "gss-tsig/session.h"
#include "register/contact.h"
#include "register/plan.h"
#include "register/tickets.h"

struct execution {
    struct gsstsig_reply *replies; /* one for each update of the plan */
    struct published *after;       /* read on the same connection, after the last reply */
    /* Set after an error too. */
    bool was_repeated;       /* updates were sent a second time: the answer to the first (the key is
                                forgotten, the heartbeat refused) may be nobody's word */
    bool has_ticket;         /* the KDC knows us: what failed then was this server */
    unsigned kerberos_turns; /* network turns with the KDCs, counted as dns_conn_turns does; 0 with
                                tickets that were kept from an earlier run */
};

/*
 * Tickets (those kept, where they are still good), key, all updates in flight at once or one at a
 * time (execute_send), one look at the result; waiting for each as contact_patience says. *was_sent
 * becomes true when bytes of an update could have left: an error after that leaves open what the
 * server has done.
 * An update that is refused with a heartbeat in it is sent again as two, and the plan has one more
 * then (register/stamp.h).
 */
enum err execute_plan(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                      struct tickets *tickets, struct plan *plan, const struct published *before,
                      struct deadline d, bool *was_sent, struct execution *out, struct error *e);

/* A prerequisite failed: the name is not as it was read any more. */
bool execution_was_overtaken(const struct execution *x, const struct plan *plan);

struct messages {
    struct bytes *wire;
    size_t n;
    bool is_one_at_a_time; /* each is answered before the next is sent; else all are under way */
};

/*
 * Messages signed with a key negotiated for them.  Where the server has forgotten the key
 * (BADKEY, BADNAME) it is negotiated once more, and only those messages are sent again whose reply
 * said so: the others were done, and a prerequisite could fail because of that.  The first key has
 * to be there before for_key passes, all the rest by d.  *was_sent, *was_repeated: become true,
 * also before an error, when bytes of an update could have left, or could have for the second time.
 * replies: m->n.
 */
enum err execute_send(struct dns_conn *conn, const char *server, struct credentials *creds,
                      const struct messages *m, struct deadline for_key, struct deadline d,
                      bool *was_sent, bool *was_repeated, struct gsstsig_reply *replies,
                      struct error *e);

#endif
