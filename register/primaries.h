/*
 * What comes after the own name is published, and fails alone.  Reverse zones that the server in
 * use is not authoritative for: each is read and updated at its own primary, with a connection and
 * a security context of its own.  And the names that this host bore earlier.
 */
#ifndef REGISTER_PRIMARIES_H
#define REGISTER_PRIMARIES_H

#include "register/execute.h"
#include "register/outcome.h"
#include "register/plan.h"

/* The own name is published by now: PTRs are not worth waiting long for. */
#define PRIMARIES_PATIENCE_MS 5000
#define PRIMARIES_HINT "mend that and run again, or publish no PTRs with --ptr off"

/* What is done after all else: at another server, or at the one in use for earlier names. */
struct primary {
    struct contact contact;
    bool is_in_use;                           /* the server in use, and its connection */
    bool is_remembered;                       /* it took a PTR of this host before */
    const struct published_reverse **reverse; /* the names in its zones, of what was given */
    const char **zones;                       /* of each, as the resolvers say */
    size_t n_reverse;
    const struct published *published; /* what it has at those; NULL: it could not be read */
    struct plan *plan;                 /* NULL: nothing is planned */
    struct execution execution;
    struct outcome outcome;
};

struct primaries {
    struct primary *list;
    size_t n;
    struct plan_failure *failures;
    size_t n_failures;
    const char **vanished; /* looked for, and in no zone at all, or there is no such name any more;
                              by the resolvers, and what they made up themselves left out */
    size_t n_vanished;
    unsigned turns; /* network turns with resolvers */
};

/*
 * Look for those reverse names of p that have no zone and are of wanted addresses or remembered,
 * and for earlier names that have none, by the resolvers' SOA; read the reverse names at the
 * primaries that the SOA names.  A zone that nobody has is no failure: there is no PTR then.  Nor
 * is one that cannot be looked up, unless a PTR is remembered there.  A primary that was not named
 * (--ptr-server) and took no PTR of this host before has to be a domain controller (its name in the
 * domain, and the KDC vouches for it): any other, and one without an address, is not asked, and a
 * keep step says so.  What is read is not authenticated.  tickets: those for the server in use, for
 * the KDC; NULL: none are kept.  Takes some five seconds at most; no network turn where every name
 * has its zone.  *out on mem.  Errors: memory, or a resolver configuration that cannot be read.
 */
enum err primaries_survey(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct host *host, const struct contact *contact,
                          struct tickets *tickets, const struct plan_input *in, struct deadline d,
                          struct primaries **out, struct error *e);

/*
 * Make the plan of each, from what the plan for the server in use was made from; and that of the
 * earlier names (plan_earlier), as one more of the list.  contact outlives all.
 */
enum err primaries_plan(struct primaries *all, const struct contact *contact,
                        const struct plan_input *in, struct error *e);

/*
 * Send the plan of each that has something to send, and judge what came of it; where that is not
 * possible, its steps fail.  tickets: those for the server in use.  ERR_NOMEM.
 */
enum err primaries_execute(struct primaries *all, const struct register_options *opt,
                           const struct host *host, struct tickets *tickets, struct deadline d,
                           struct error *e);

/*
 * All their steps, and a step for each failure, behind those of the plan for the server in use.
 * Where something was sent verified becomes the weakest of all.  ERR_NOMEM.
 */
enum err primaries_merge(const struct primaries *all, const struct plan_input *in,
                         struct plan *plan, enum register_verified *verified, struct error *e);

/* Network turns spent on all of it, but for those on the connection to the server in use. */
unsigned primaries_turns(const struct primaries *all);

#endif
