/*
 * NetLogon pings (MS-ADTS 6.3.3) to several domain controllers at once: which of them lives, may be
 * written to and is near.  Each address has a connected UDP socket of its own, so that only what
 * it sends itself is heard, and random message IDs.
 */
#ifndef LDAP_PING_H
#define LDAP_PING_H

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

struct ping;

/* domain is normalised.  Sockets are closed when *out is freed. */
enum err ping_new(TALLOC_CTX *mem, const char *domain, uint16_t port, struct ping **out,
                  struct error *e);

/*
 * One more controller: its turn comes 100 ms after the one before it, or when all before it
 * have failed; all its addresses are asked at once.  Addresses that are there already stay as they
 * are. name is normalised.
 */
enum err ping_add(struct ping *p, const char *name, const struct ip *addresses, size_t n,
                  struct error *e);

enum ping_state {
    PING_SILENT, /* no answer, or not asked yet */
    PING_FAILED, /* nothing listens there */
    PING_UNFIT,  /* answered, but is no server for this domain (any more), or sends without end */
    PING_READ_ONLY, /* an RODC */
    PING_GOOD,
};

struct ping_answer {
    const char *name;
    struct ip address;              /* the one that answered */
    const char *site, *client_site; /* NULL: not told */
    const char *kind;               /* by the rootDSE: "samba", "windows"; NULL: not told */
    bool is_read_only;
    bool is_near;
};

/*
 * Wait for the first good answer: PING_GOOD, and *out (on p) is set.  A read-only controller is
 * taken (PING_READ_ONLY) when nothing better answers within 300 ms.  PING_FAILED: nobody that was
 * added can be waited for; PING_SILENT: d has passed.
 */
enum ping_state ping_wait(struct ping *p, struct deadline d, struct ping_answer *out);

/* What is known of one by now. */
enum ping_state ping_state_of(const struct ping *p, const char *name);

/* How often pings were sent after an answer had come: network turns. */
unsigned ping_turns(const struct ping *p);

#endif
