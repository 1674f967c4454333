/* One domain controller, as far as it is known. */
#ifndef LDAP_DC_H
#define LDAP_DC_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

#include "base/err.h"
#include "base/ip.h"

struct dc {
    const char *name;     /* FQDN, normalised: what the SPN is made of */
    struct ip *addresses; /* at least one; the one that answered first */
    size_t n_addresses;
    const char *site;  /* NULL: not known */
    const char *kind;  /* "samba", "windows"; NULL: not known; as it says itself */
    bool is_read_only; /* an RODC, by its own word */
};

/* All their addresses, for a race of connections. */
struct dc_addresses {
    struct ip *ips;
    size_t *of; /* of[i] is the index of the controller that has ips[i] */
    size_t n;
};

/*
 * The first address of each controller, then the second ones, and so on: another controller is
 * worth more than another address of one that is silent.  The arrays are on mem.
 */
enum err dc_addresses(TALLOC_CTX *mem, const struct dc *dcs, size_t n, struct dc_addresses *out,
                      struct error *e);

#endif
