/*
 * Which of this machine's addresses are published: a pure decision over one netlink
 * dump (register/addresses.h) and what was asked for.
 */
#ifndef REGISTER_CHOOSE_H
#define REGISTER_CHOOSE_H

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
    unsigned prefix;
    unsigned interface_index;
    const char *interface;     /* "eth0" */
    const char *kind;          /* IFLA_INFO_KIND: "veth", "bridge", …; "" for hardware */
    bool is_loopback;          /* of the interface */
    bool is_up;                /* of the interface: administratively */
    bool is_bridge_port;       /* the interface has a master that is a bridge */
    bool has_peer_elsewhere;   /* a link whose other end is in another namespace */
    bool is_global;            /* scope */
    bool is_tentative;
    bool is_dad_failed;
    bool is_deprecated;
    bool is_temporary;         /* RFC 8981 */
};

/* Every machine-independent wish; all members may be empty. */
struct choice {
    const char *const *interfaces; /* fnmatch(3) patterns; naming an interface lifts the ban on virtual bridges */
    size_t n_interfaces;
    const struct ip_net *exclude;
    size_t n_exclude;
    const struct ip *addresses;    /* published whatever the interfaces say, and nothing else */
    size_t n_addresses;
    struct ip reaches_dc;          /* local address of the connection to the server; family 0: not known */
};

/*
 * The addresses to publish, sorted by ip_compare, without doubles.  With neither addresses nor interfaces:
 * those of the interface that holds reaches_dc.  Each address left out is logged with its reason.
 * ERR_NOTFOUND: none is left; the message says what was found and why it was left out.
 * ERR_USAGE: an explicit address can be nobody's (loopback, link-local, multicast, unspecified).
 */
enum err choose_addresses(TALLOC_CTX *mem, const struct host_address *all, size_t n_all,
                          const struct choice *wish, struct ip **out, size_t *n_out,
                          struct error *e);

#endif
