/*
 * Questions by UDP (TCP when truncated) to the resolvers that the machine is
 * configured with, or to named servers.  Used to find the domain's servers; what
 * is looked up about a zone is then asked of the server that was found.
 */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"
#include "dns/rr.h"

struct dns_resolver;

/* The first 3 `nameserver` lines of a resolv.conf(5).  ERR_CONFIG where it has none. */
enum err dns_resolver_from_file(TALLOC_CTX *mem, const char *path, struct dns_resolver **out,
                                struct error *e);
/* The same of the file's text; path: for messages.  Pure. */
enum err dns_resolver_parse(TALLOC_CTX *mem, struct bytes text, const char *path,
                            struct dns_resolver **out, struct error *e);
enum err dns_resolver_from_servers(TALLOC_CTX *mem, const struct ip *servers, size_t n,
                                   uint16_t port, struct dns_resolver **out, struct error *e);

/* The servers' addresses for a message, "10.0.0.1, 10.0.0.2", on mem; NULL without memory. */
char *dns_resolver_servers(TALLOC_CTX *mem, const struct dns_resolver *r);

/* Network turns: how often something was sent after an answer, the first time included. */
unsigned dns_resolver_turns(const struct dns_resolver *r);

/*
 * Ask n questions at once (in groups of 64).  The first server is asked, or the one that
 * gave the last good answer; when it is silent for 100 ms or fails (SERVFAIL, REFUSED,
 * ICMP error) the next is asked as well, and so on; each question is sent again to all of
 * them every second until d passes.  Random source port and ID per question; only an
 * answer from the address asked, with the ID and the question, counts.
 * Where all servers fail, a failure that has an rcode is handed out as the answer.
 * *out: n answers on mem.  ERR_TIMEOUT / ERR_UNREACHABLE name the servers tried.
 */
enum err dns_resolver_ask(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                          size_t n, struct deadline d, struct dns_answer **out, struct error *e);

struct dns_srv {
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
    const char *target;   /* normalised name */
    struct ip *addresses; /* from the additional section, else by further A and AAAA questions */
    size_t n_addresses;
};

/*
 * SRV records in the order of RFC 2782 (priority, then weighted random), with the
 * addresses of each target; a target without an address is left out.  Once some target
 * has one, addresses that nobody tells are waited for no longer than a second.
 * ERR_NOTFOUND where there is none.
 */
enum err dns_resolver_srv(TALLOC_CTX *mem, struct dns_resolver *r, const char *name,
                          struct deadline d, struct dns_srv **out, size_t *n, struct error *e);

/* All A and AAAA addresses of a name.  ERR_NOTFOUND where it has none. */
enum err dns_resolver_addresses(TALLOC_CTX *mem, struct dns_resolver *r, const char *name,
                                struct deadline d, struct ip **out, size_t *n, struct error *e);

#endif
