/*
 * Which of this machine's addresses are published: a pure decision over one netlink
 * dump (register/addresses.h) and what was asked for.
 */
#ifndef REGISTER_CHOOSE_H
#define REGISTER_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

#include "base/err.h"
#include "base/ip.h"

struct ip_net {
    struct ip net;
    unsigned prefix;
};

/* One address of one interface, as the kernel holds it. */
struct host_address {
    struct ip ip;
    unsigned interface_index;
    const char *interface;  /* "eth0" */
    const char *kind;       /* IFLA_INFO_KIND: "veth", "bridge", …; "" for hardware */
    bool has_hardware_port; /* of a bridge: a port that is neither veth nor tun/tap */
    bool is_loopback;       /* the interface */
    bool is_up;             /* the interface: up and with a carrier */
    bool is_global;         /* the address's scope */
    bool is_tentative;
    bool is_dad_failed;
    bool is_deprecated;
    bool is_temporary; /* RFC 8981 */
};

/* What was asked for; all members may be empty. */
struct choice {
    const char *const
        *interfaces; /* fnmatch(3) patterns; one without wildcards names its interface */
    size_t n_interfaces;
    const struct ip_net *exclude;
    size_t n_exclude;
    const struct ip *addresses; /* published whatever the interfaces hold, and nothing else */
    size_t n_addresses;
    struct ip reaches_dc; /* local address of the connection to the server; family 0: not known */
};

/*
 * The addresses to publish, sorted by ip_compare, without doubles.  With neither addresses nor
 * interfaces: those of the interface that holds reaches_dc.  Loopback interfaces and bridges
 * without a hardware port count only when they are named.  Each address left out is logged with its
 * reason. ERR_NOTFOUND: none is left; the message gives the first reason. ERR_USAGE: an explicit
 * address can be nobody's own (loopback, link-local, multicast, unspecified).
 */
enum err choose_addresses(TALLOC_CTX *mem, const struct host_address *all, size_t n_all,
                          const struct choice *wish, struct ip **out, size_t *n_out,
                          struct error *e);

/* Could other machines reach a host by this address?  False for loopback, link-local, multicast,
 * unspecified, mapped and reserved ones. */
bool address_is_publishable(struct ip ip);

/* Is ip among the n? */
bool address_is_in(struct ip ip, const struct ip *set, size_t n);

#endif
