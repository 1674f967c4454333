/*
 * Carry out changes of zones that no directory holds, by signed DNS updates (RFC 2136, RFC 3645).
 * A change's DN says which primary it goes to (served_nodes.h).
 *
 * Nothing but the server's answer tells what became of a name, so it counts only when its signature
 * verifies.  The prerequisites name every record of each RRset that loses something and every A,
 * AAAA and TXT record of the name, or that there is none: a host that has written its heartbeat, or
 * its first address of another family, since wins.  A PTR, in a zone where that prerequisite cannot
 * be made, goes only after the update of its target's name was done, and while that name, asked
 * once more, still has just what the update left.
 */
#ifndef SCAVENGER_SERVED_UPDATES_H
#define SCAVENGER_SERVED_UPDATES_H

#include "gss-tsig/session.h"
#include "scavenger/apply.h"

/* What a second look at a change says. */
struct served_look {
    const char *problem;  /* why it is not to be made after all; NULL: it is */
    enum outcome outcome; /* in that case */
};

struct served_server {
    struct credentials *credentials;
    int timeout_ms; /* for a connection, and for each batch of answers */
    /* A connection, on mem, to the zone's primary, which has that name. */
    enum err (*connect)(void *priv, TALLOC_CTX *mem, const char *zone, const char *primary,
                        struct deadline d, struct dns_conn **out, struct error *e);
    /*
     * Of deletions, once the journal is on disk and before the first update: looks[i] is of
     * changes[i], with strings on mem; they come zeroed.  NULL: nobody looks again.
     */
    enum err (*look_again)(void *priv, TALLOC_CTX *mem, const struct journal_node *changes,
                           size_t n, struct served_look *looks, struct error *e);
    void *priv;
};

/*
 * As apply_run(): success is OUTCOME_DELETED, of changes of apply_changes() made ready by
 * updates_prepare(), forward zones first; or OUTCOME_RESTORED, of changes of
 * restore_choose().  Nothing is sent twice: after a lost connection what was under way is unknown,
 * and the run ends (ERR_UNREACHABLE, ERR_TIMEOUT).  ERR_UNVERIFIED: some answer could not be
 * authenticated; its changes are unknown, the others were still made.
 */
enum err served_updates_run(const struct served_server *server, struct journal *j,
                            struct journal_node *changes, size_t n, enum outcome success,
                            const struct apply_hooks *hooks, struct error *e);

/* What an answer says.  Pure.  reply: NULL where none came. */
enum outcome served_judge(const struct gsstsig_reply *reply, enum outcome success);

#endif
