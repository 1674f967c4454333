/*
 * Which published records need not be stamped anew yet, by the timestamps in the directory.
 *
 * Samba's own DNS server decides that itself when a record is added that is there already.  named,
 * in front of Samba's directory (BIND9_DLZ), drops such an addition before the directory sees it:
 * there only a delete and an add of the same value renew the timestamp, and they write whenever
 * they are sent.  So this host has to know when.
 */
#ifndef REGISTER_RENEWAL_H
#define REGISTER_RENEWAL_H

#include "register/contact.h"
#include "register/published.h"

struct renewal_record {
    const char *owner; /* absolute */
    uint16_t type;
    const char *data;
};

struct renewal {
    struct renewal_record *fresh; /* published, and static or still within no-refresh */
    size_t n_fresh;
};

/*
 * What is not known to be fresh is due: a write too many does no harm, a live host that ages away
 * does.  r NULL: nothing is known.
 */
bool renewal_is_due(const struct renewal *r, const char *owner, uint16_t type, const char *data);

/* Static values never age; the clocks of servers differ, so a timestamp may lie ahead. */
bool renewal_is_fresh(uint32_t timestamp_h, uint32_t no_refresh_h, uint32_t now_h);

/*
 * Read the timestamps of what p publishes for this host, as its machine account, from the directory
 * of the server that contact is with.  What cannot be read is logged and due.  ERR_NOMEM only.
 */
enum err renewal_read(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                      const char *keytab, const struct published *p, uint32_t now_h,
                      struct deadline d, struct renewal **out, struct error *e);

#endif
