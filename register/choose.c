#include "register/choose.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Nets whose addresses mean something else, or nothing, on every other machine. */
static const char *const unpublishable[] = {
    "0.0.0.0/8",      /* this network, RFC 1122 */
    "127.0.0.0/8",    /* loopback, RFC 1122 */
    "169.254.0.0/16", /* link-local, RFC 3927 */
    "224.0.0.0/3",    /* multicast and reserved, RFC 1112 */
    "::/128",         /* unspecified, RFC 4291 */
    "::1/128",        /* loopback, RFC 4291 */
    "::ffff:0:0/96",  /* IPv4-mapped, RFC 4291 */
    "fe80::/10",      /* link-local, RFC 4291 */
    "fec0::/10",      /* site-local, RFC 3879 */
    "ff00::/8",       /* multicast, RFC 4291 */
};

bool address_is_publishable(struct ip ip)
{
    for (size_t i = 0; i < sizeof unpublishable / sizeof unpublishable[0]; i++) {
        struct ip_net n;

        if (!ip_parse_net(unpublishable[i], &n.net, &n.prefix) || ip_in_net(ip, n.net, n.prefix))
            return false;
    }
    return ip.family == AF_INET || ip.family == AF_INET6;
}

bool address_is_in(struct ip ip, const struct ip *set, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ip_equal(ip, set[i]))
            return true;
    }
    return false;
}

static bool is_excluded(struct ip ip, const struct choice *wish)
{
    for (size_t i = 0; i < wish->n_exclude; i++) {
        if (ip_in_net(ip, wish->exclude[i].net, wish->exclude[i].prefix))
            return true;
    }
    return false;
}

static bool is_wanted(const struct host_address *a, const struct choice *wish,
                      unsigned dc_interface)
{
    if (!wish->n_interfaces)
        return a->interface_index == dc_interface;
    for (size_t i = 0; i < wish->n_interfaces; i++) {
        if (fnmatch(wish->interfaces[i], a->interface, 0) == 0)
            return true;
    }
    return false;
}

/* How many characters stand before the first wildcard of a pattern. */
static size_t literal_length(const char *pattern) { return strcspn(pattern, "*?[\\"); }

/* A pattern such as '*' asks for the usual interfaces, not for every bridge. */
static bool is_named(const struct host_address *a, const struct choice *wish)
{
    for (size_t i = 0; i < wish->n_interfaces; i++) {
        const char *pattern = wish->interfaces[i];

        if (strcmp(pattern, a->interface) == 0 ||
            (literal_length(pattern) >= 2 && fnmatch(pattern, a->interface, 0) == 0))
            return true;
    }
    return false;
}

static bool matches_any(const char *name, const char *const *patterns)
{
    for (; *patterns; patterns++) {
        if (fnmatch(*patterns, name, 0) == 0)
            return true;
    }
    return false;
}

/*
 * By name, as a veth's kind says nothing: inside a container it is the way to the world.  Docker
 * names bridges of its networks by 12 hexadecimal digits.
 */
static bool is_of_containers(const struct host_address *a)
{
    static const char *const names[] = {
        "docker*", "podman*", "cni*",     "veth*",  "virbr*", "vnet*",        "lxc*",     "lxd*",
        "cali*",   "cilium*", "flannel*", "weave*", "kube-*", "nodelocaldns", "incusbr*", NULL,
    };

    return matches_any(a->interface, names) ||
           (strncmp(a->interface, "br-", 3) == 0 && strlen(a->interface) == 15 &&
            strspn(a->interface + 3, "0123456789abcdef") == 12);
}

static bool is_vpn(const struct host_address *a)
{
    static const char *const kinds[] = { "tun", "wireguard", "ppp",  "ipip",   "gre", "sit",
                                         "vti", "vti6",      "xfrm", "ip6tnl", NULL };
    static const char *const names[] = { "tun*", "tap*", "wg*", "ppp*", "tailscale*", "zt*", NULL };

    return matches_any(a->kind, kinds) || matches_any(a->interface, names);
}

static bool is_host_length(const struct host_address *a)
{
    return a->prefix == (a->ip.family == AF_INET ? 32U : 128U);
}

static bool has_subnet_address(const struct host_address *than, const struct host_address *all,
                               size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct host_address *a = &all[i];

        if (a->interface_index == than->interface_index && a->ip.family == than->ip.family &&
            a->is_global && a->prefix && !is_host_length(a))
            return true;
    }
    return false;
}

/* "eth0:vip", but not "eth0:1", which old configurations give a host's own second address. */
static bool has_word_label(const struct host_address *a)
{
    const char *colon = a->label ? strchr(a->label, ':') : NULL;

    return colon && colon[1] && colon[1 + strspn(colon + 1, "0123456789")];
}

/*
 * Does it look like the address of a service that moves between hosts?  DHCPv6 leases are of host
 * length too, but end; so are the only addresses of some clouds, but alone; and what this host
 * speaks from is its own.
 */
static bool is_virtual(const struct host_address *a, const struct host_address *all, size_t n,
                       const struct choice *wish)
{
    if (a->is_keepalived || (a->is_secondary && has_word_label(a)))
        return true;
    return is_host_length(a) && a->is_permanent && !a->is_point_to_point && !a->is_loopback &&
           !ip_equal(a->ip, wish->reaches_dc) && has_subnet_address(a, all, n);
}

static bool is_ula(struct ip ip) { return ip.family == AF_INET6 && (ip.bytes[0] & 0xfe) == 0xfc; }

static const char *reason_against_interface(const struct host_address *a, const struct choice *wish,
                                            unsigned dc_interface)
{
    if (!is_wanted(a, wish, dc_interface))
        return wish->n_interfaces ? "interface not asked for"
                                  : "not the interface that reaches the server";
    if (!a->is_up)
        return "interface is down";
    if (is_named(a, wish))
        return NULL;
    if (a->is_loopback)
        return "loopback interface, not named";
    if (is_of_containers(a))
        return "interface of containers or virtual machines, not named";
    if (strcmp(a->kind, "bridge") == 0 && !a->has_hardware_port)
        return "bridge without a hardware port, not named";
    if (is_vpn(a) && a->interface_index != dc_interface)
        return "VPN interface, not named";
    return NULL;
}

/* Why this address, one of all, is not published; NULL when it is. */
static const char *reason_against(const struct host_address *a, const struct host_address *all,
                                  size_t n, const struct choice *wish, unsigned dc_interface)
{
    const char *reason = reason_against_interface(a, wish, dc_interface);

    if (reason)
        return reason;
    if (!a->is_global || !address_is_publishable(a->ip))
        return "not a global address";
    if (a->is_dad_failed)
        return "duplicate address detection failed";
    if (a->is_tentative)
        return "tentative";
    if (a->is_temporary)
        return "temporary (RFC 8981)";
    if (a->is_deprecated)
        return "deprecated";
    if (is_virtual(a, all, n, wish))
        return "address of a service that moves between hosts (VIP)";
    if (wish->without_ula && is_ula(a->ip))
        return "unique local address (RFC 4193), not wanted";
    if (is_excluded(a->ip, wish))
        return "excluded by configuration";
    return NULL;
}

static int compare(const void *a, const void *b) { return ip_compare(a, b); }

static size_t sort_unique(struct ip *ips, size_t n)
{
    size_t kept = 0;

    qsort(ips, n, sizeof *ips, compare);
    for (size_t i = 0; i < n; i++) {
        if (!kept || !ip_equal(ips[kept - 1], ips[i]))
            ips[kept++] = ips[i];
    }
    return kept;
}

static enum err choose_explicit(TALLOC_CTX *mem, const struct choice *wish, struct ip **out,
                                size_t *n_out, struct error *e)
{
    struct ip *chosen = talloc_array(mem, struct ip, wish->n_addresses);
    char text[IP_TEXT_MAX];

    if (!chosen)
        return err_nomem(e);
    for (size_t i = 0; i < wish->n_addresses; i++) {
        if (!address_is_publishable(wish->addresses[i])) {
            talloc_free(chosen);
            err_set(e, ERR_USAGE, "cannot publish %s: no other machine can reach a host by it",
                    ip_format(wish->addresses[i], text));
            return err_hint(e, "give a global unicast address to --address");
        }
        chosen[i] = wish->addresses[i];
    }
    *n_out = sort_unique(chosen, wish->n_addresses);
    *out = chosen;
    return OK;
}

static unsigned interface_holding(struct ip ip, const struct host_address *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ip_equal(all[i].ip, ip))
            return all[i].interface_index;
    }
    return 0; /* the kernel numbers interfaces from 1 */
}

/* The reason worth telling when nothing is left: that of an address somebody may have expected to
 * see. */
static int interest(const struct host_address *a, const struct choice *wish, unsigned dc_interface)
{
    return is_wanted(a, wish, dc_interface) ? 2 : a->is_global && !a->is_loopback;
}

static enum err nothing_left(const struct host_address *all, size_t n_all,
                             const struct choice *wish, unsigned dc_interface, struct error *e)
{
    const struct host_address *best = NULL;
    char text[IP_TEXT_MAX];

    for (size_t i = 0; i < n_all; i++) {
        if (!best || interest(&all[i], wish, dc_interface) > interest(best, wish, dc_interface))
            best = &all[i];
    }
    if (best)
        err_set(e, ERR_NOTFOUND,
                "no address to publish: of %zu looked at, for example %s on %s: %s", n_all,
                ip_format(best->ip, text), best->interface,
                reason_against(best, all, n_all, wish, dc_interface));
    else
        err_set(e, ERR_NOTFOUND, "no address to publish: this machine has none");
    return err_hint(e, "name the interface with --interface or the address with --address");
}

enum err choose_addresses(TALLOC_CTX *mem, const struct host_address *all, size_t n_all,
                          const struct choice *wish, struct ip **out, size_t *n_out,
                          struct error *e)
{
    unsigned dc_interface = interface_holding(wish->reaches_dc, all, n_all);
    struct ip *chosen;
    size_t n = 0;

    if (wish->n_addresses)
        return choose_explicit(mem, wish, out, n_out, e);

    chosen = talloc_array(mem, struct ip, n_all);
    if (!chosen)
        return err_nomem(e);
    for (size_t i = 0; i < n_all; i++) {
        const char *reason = reason_against(&all[i], all, n_all, wish, dc_interface);
        char text[IP_TEXT_MAX];

        if (reason) {
            log_debug("not publishing %s on %s: %s", ip_format(all[i].ip, text), all[i].interface,
                      reason);
        } else {
            log_debug("publishing %s on %s", ip_format(all[i].ip, text), all[i].interface);
            chosen[n++] = all[i].ip;
        }
    }
    if (!n) {
        talloc_free(chosen);
        return nothing_left(all, n_all, wish, dc_interface, e);
    }
    *n_out = sort_unique(chosen, n);
    *out = chosen;
    return OK;
}
