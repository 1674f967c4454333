/*
 * Who vouches for a server that DNS alone names: the KDC, asked with the machine account's tickets,
 * before anything that the server says is believed.
 */
#ifndef REGISTER_VOUCH_H
#define REGISTER_VOUCH_H

#include "register/machine.h"
#include "register/tickets.h"

/* For one run; the first four are the caller's and outlive it, the rest begins as zero. */
struct voucher {
    const struct host *host;
    const struct contact *contact; /* the server in use, whose KDCs are asked */
    const char *keytab;
    struct tickets *tickets; /* those for the server in use, if there are any; NULL: none */
    struct credentials *creds;
    struct error failed; /* the tickets cannot be had: that is asked once */
    unsigned turns;      /* network turns spent with KDCs */
};

/*
 * Is server a domain controller of the host's realm?  mem outlives v.
 * Errors: it cannot be asked for (machine_credentials, machine_find_controller), in some two
 * seconds.
 */
enum err vouch_for(TALLOC_CTX *mem, struct voucher *v, const char *server, struct deadline d,
                   bool *is_controller, struct error *e);

#endif
