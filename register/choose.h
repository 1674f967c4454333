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
    const char *interface; /* "eth0" */
    const char *kind;      /* IFLA_INFO_KIND: "veth", "bridge", …; "" for hardware */
    const char *label;     /* IFA_LABEL, IPv4: "eth0", "eth0:vip"; NULL or "" where there is none */
    unsigned prefix;       /* length; 0: not known */
    bool has_hardware_port; /* of a bridge: a port that is neither veth nor tun/tap */
    bool is_point_to_point; /* the interface */
    bool is_permanent;      /* no end to its life: nobody leased it */
    bool is_secondary;      /* IPv4: another address of the same subnet came first */
    bool is_keepalived;     /* IFA_PROTO: put there by a VRRP daemon */
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
    bool without_ula;     /* leave unique local addresses (RFC 4193) out */
    struct ip reaches_dc; /* local address of the connection to the server; family 0: not known */
};

/*
 * The addresses to publish, sorted by ip_compare, without doubles.  With neither addresses nor
 * interfaces: those of the interface that holds reaches_dc.
 *
 * An interface is named by a pattern that is its name, or that begins with two plain characters of
 * it ("wg*", but not "*").  Only when named count: loopback interfaces; bridges without a hardware
 * port; interfaces that containers and virtual machines make (docker0, br-0123456789ab, podman1,
 * cni0, veth…, virbr0, lxcbr0, …).  VPNs (tun, tap, wireguard, ppp) count when named, and when
 * the server is reached through them.
 * Never, unless given in addresses: link-local and other addresses that mean nothing elsewhere;
 * tentative, DAD-failed, deprecated and temporary (RFC 8981) ones; service addresses that move
 * between hosts (VIPs): put there by keepalived, or of host length and without an end beside an
 * address with a subnet (but for reaches_dc), or secondary with a label of letters.
 * Each address left out is logged with its reason.
 * ERR_NOTFOUND: none is left; the message gives the first reason. ERR_USAGE: an explicit
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
