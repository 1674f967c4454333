/*
 * Carry a plan out by signed DNS updates (RFC 2136, RFC 3645) instead of LDAP modifies.
 *
 * An update's prerequisites name every record of each RRset that loses something (RFC 2136 2.4.2),
 * so one that gained, lost or changed a record is refused.  Timestamps are not part of DNS: a host
 * that refreshes the same record between the read before the update and the update itself,
 * milliseconds, goes unnoticed; LDAP (apply.h) has no such gap.  What the server makes of a name is
 * its own: it is read from the directory afterwards, which is also what decides whether a record is
 * deleted, whatever the answer said.
 */
#ifndef SCAVENGER_UPDATES_H
#define SCAVENGER_UPDATES_H

#include "dns/rr.h"
#include "gss-tsig/session.h"
#include "ldap/nodes.h"
#include "scavenger/apply.h"

/* One server, whose directory and whose DNS service are the same. */
struct update_server {
    struct directory *directory;
    const char *fqdn;
    struct ip address;
    struct credentials *credentials;
    int timeout_ms; /* for the connection, and for each batch of answers */
};

/* Changes of apply_changes() as a DNS server will make them: their new values are its own. */
void updates_prepare(struct journal_node *changes, size_t n);

/*
 * As apply_run() with OUTCOME_DELETED.  A connection that was lost is opened again once a batch;
 * those of its names whose fate the directory does not tell are unknown.  ERR_UNVERIFIED: nothing
 * was deleted, and that on the word of answers that could not be authenticated.
 */
enum err updates_run(const struct update_server *server, struct journal *j,
                     struct journal_node *changes, size_t n, const struct apply_hooks *hooks,
                     struct error *e);

/* A dnsRecord value as DNS has it; its strings are owner and on mem. */
enum err updates_record(TALLOC_CTX *mem, const char *owner, struct bytes value, struct dns_rr *out,
                        struct error *e);

/*
 * The update for one change: prerequisites and deletions, on mem.  ERR_MALFORMED: a value that
 * cannot be said in DNS.
 */
enum err updates_message(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                         struct bytes *out, struct error *e);
/*
 * The same, done only while what hosts register at a name (A, AAAA, TXT) is what was judged too,
 * and none still where there was none: a host's first address of another family is news.
 */
enum err updates_message_unchanged(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                                   struct bytes *out, struct error *e);

/*
 * Of a change that was made: an update without changes of its own, which succeeds while what hosts
 * register at the name is just what that change left.
 */
enum err updates_message_left(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                              struct bytes *out, struct error *e);

/*
 * What became of a name.  Pure.  now: as read after the answer, NULL where it is gone; reply: NULL
 * where none came.
 */
enum outcome updates_judge(const struct journal_node *change, const struct dns_node *now,
                           const struct gsstsig_reply *reply);

/* Was it left undone by an answer that anybody could have sent?  Pure. */
bool updates_is_unproved(enum outcome outcome, const struct gsstsig_reply *reply);

/* Are these the values that a DNS server leaves when it makes that change?  Pure. */
bool updates_is_result(const struct journal_node *change, const struct dns_node *now);

#endif
