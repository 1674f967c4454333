#include "register/addresses.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DUMP_ATTEMPTS 3

struct link {
    unsigned index;
    unsigned flags;
    unsigned master;
    char *name;
    char *kind;
};

struct dump {
    TALLOC_CTX *mem;
    struct link *links;
    size_t n_links;
    struct host_address *addresses;
    size_t n_addresses;
};

/* The kind is nested: IFLA_LINKINFO { IFLA_INFO_KIND "bridge", … }. */
static const char *link_kind(const struct nlattr *info)
{
    const struct nlattr *a;

    mnl_attr_for_each_nested(a, info)
    {
        if (mnl_attr_get_type(a) == IFLA_INFO_KIND && mnl_attr_validate(a, MNL_TYPE_STRING) >= 0)
            return mnl_attr_get_str(a);
    }
    return "";
}

static int on_link(const struct nlmsghdr *h, void *priv)
{
    const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
    struct dump *d = priv;
    const char *name = "", *kind = "";
    struct link l = { 0 };
    const struct nlattr *a;

    if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof *m)
        return MNL_CB_OK;
    l.index = (unsigned)m->ifi_index;
    l.flags = m->ifi_flags;
    mnl_attr_for_each(a, h, sizeof *m)
    {
        switch (mnl_attr_get_type(a)) {
        case IFLA_IFNAME:
            if (mnl_attr_validate(a, MNL_TYPE_STRING) >= 0)
                name = mnl_attr_get_str(a);
            break;
        case IFLA_MASTER:
            if (mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                l.master = mnl_attr_get_u32(a);
            break;
        case IFLA_LINKINFO:
            if (mnl_attr_validate(a, MNL_TYPE_NESTED) >= 0)
                kind = link_kind(a);
            break;
        }
    }
    d->links = talloc_realloc(d->mem, d->links, struct link, d->n_links + 1);
    l.name = talloc_strdup(d->mem, name);
    l.kind = talloc_strdup(d->mem, kind);
    if (!d->links || !l.name || !l.kind) {
        errno = ENOMEM;
        return MNL_CB_ERROR;
    }
    d->links[d->n_links++] = l;
    return MNL_CB_OK;
}

static const struct link *link_by_index(const struct dump *d, unsigned index)
{
    for (size_t i = 0; i < d->n_links; i++) {
        if (d->links[i].index == index)
            return &d->links[i];
    }
    return NULL;
}

static bool has_hardware_port(const struct dump *d, unsigned bridge)
{
    for (size_t i = 0; i < d->n_links; i++) {
        const struct link *l = &d->links[i];

        if (l->master == bridge && strcmp(l->kind, "veth") != 0 && strcmp(l->kind, "tun") != 0)
            return true;
    }
    return false;
}

/* <linux/rtnetlink.h> and <linux/if_addr.h> of older systems know neither. */
#define ADDRESS_PROTO 11    /* IFA_PROTO, Linux 5.18 */
#define PROTO_KEEPALIVED 18 /* RTPROT_KEEPALIVED */

/* With a peer, IFA_LOCAL is ours and IFA_ADDRESS the peer's; IPv6 without a peer has only
 * IFA_ADDRESS. */
static bool own_address(const struct nlmsghdr *h, const struct ifaddrmsg *m,
                        struct host_address *out, uint32_t *flags)
{
    const struct nlattr *a, *address = NULL, *local = NULL;
    size_t want = m->ifa_family == AF_INET ? 4 : 16;

    out->label = "";
    *flags = m->ifa_flags;
    mnl_attr_for_each(a, h, sizeof *m)
    {
        switch (mnl_attr_get_type(a)) {
        case IFA_ADDRESS:
            address = a;
            break;
        case IFA_LOCAL:
            local = a;
            break;
        case IFA_FLAGS:
            if (mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                *flags = mnl_attr_get_u32(a);
            break;
        case IFA_LABEL:
            if (mnl_attr_validate(a, MNL_TYPE_STRING) >= 0)
                out->label = mnl_attr_get_str(a);
            break;
        case ADDRESS_PROTO:
            if (mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
                out->is_keepalived = mnl_attr_get_u8(a) == PROTO_KEEPALIVED;
            break;
        }
    }
    if (local)
        address = local;
    if (!address || mnl_attr_get_payload_len(address) != want)
        return false;
    out->ip = ip_from_bytes(m->ifa_family, mnl_attr_get_payload(address));
    return true;
}

static int on_address(const struct nlmsghdr *h, void *priv)
{
    const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
    struct dump *d = priv;
    struct host_address a = { 0 };
    const struct link *l;
    uint32_t flags;

    if (h->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(h) < sizeof *m ||
        (m->ifa_family != AF_INET && m->ifa_family != AF_INET6) || !own_address(h, m, &a, &flags) ||
        !(l = link_by_index(d, m->ifa_index)))
        return MNL_CB_OK;

    a.interface_index = l->index;
    a.interface = l->name;
    a.kind = l->kind;
    a.label = talloc_strdup(d->mem, a.label);
    a.prefix = m->ifa_prefixlen;
    a.is_point_to_point = l->flags & IFF_POINTOPOINT;
    a.is_permanent = flags & IFA_F_PERMANENT;
    a.has_hardware_port = has_hardware_port(d, l->index);
    a.is_loopback = l->flags & IFF_LOOPBACK;
    a.is_up = (l->flags & IFF_UP) && (l->flags & IFF_RUNNING);
    a.is_global = m->ifa_scope == RT_SCOPE_UNIVERSE;
    a.is_tentative = flags & IFA_F_TENTATIVE;
    a.is_dad_failed = flags & IFA_F_DADFAILED;
    a.is_deprecated = flags & IFA_F_DEPRECATED;
    /* The same bit means two things. */
    a.is_temporary = m->ifa_family == AF_INET6 && (flags & IFA_F_TEMPORARY);
    a.is_secondary = m->ifa_family == AF_INET && (flags & IFA_F_SECONDARY);

    d->addresses = talloc_realloc(d->mem, d->addresses, struct host_address, d->n_addresses + 1);
    if (!d->addresses || !a.label) {
        errno = ENOMEM;
        return MNL_CB_ERROR;
    }
    d->addresses[d->n_addresses++] = a;
    return MNL_CB_OK;
}

/* Ask for one table and feed every message of it to cb.  Gives errno, 0 for success. */
static int dump_table(struct mnl_socket *nl, uint16_t type, unsigned seq, mnl_cb_t cb,
                      struct dump *d)
{
    /* The kernel fills datagrams of at most 32 KiB for a dump. */
    const size_t size = 32768;
    char *buf = talloc_size(d->mem, size);
    unsigned port = mnl_socket_get_portid(nl);
    struct nlmsghdr *h;
    struct rtgenmsg *m;
    ssize_t got;
    int rc = MNL_CB_OK;

    if (!buf)
        return ENOMEM;
    h = mnl_nlmsg_put_header(buf);
    h->nlmsg_type = type;
    h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    h->nlmsg_seq = seq;
    /* A full-size ifinfomsg: the kernel checks the header of a link dump strictly. */
    m = mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
    m->rtgen_family = AF_UNSPEC;
    if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
        return errno;
    while (rc == MNL_CB_OK) {
        got = mnl_socket_recvfrom(nl, buf, size);
        if (got <= 0)
            return got < 0 ? errno : EIO;
        rc = mnl_cb_run(buf, (size_t)got, seq, port, cb, d);
    }
    talloc_free(buf);
    return rc < 0 ? errno : 0;
}

static int dump_all(struct dump *d)
{
    struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    int failed = 0;

    if (!nl)
        return errno;
    if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
        failed = errno;
    if (!failed)
        failed = dump_table(nl, RTM_GETLINK, 1, on_link, d);
    if (!failed)
        failed = dump_table(nl, RTM_GETADDR, 2, on_address, d);
    mnl_socket_close(nl);
    return failed;
}

enum err addresses_read(TALLOC_CTX *mem, struct host_address **out, size_t *n, struct error *e)
{
    struct dump d = { 0 };
    int failed = EINTR;

    /* EINTR: the table changed while it was read; what came is a mixture. */
    for (int i = 0; failed == EINTR && i < DUMP_ATTEMPTS; i++) {
        talloc_free(d.mem);
        d = (struct dump){ .mem = talloc_new(NULL) };
        failed = d.mem ? dump_all(&d) : ENOMEM;
    }
    if (failed) {
        talloc_free(d.mem);
        return failed == ENOMEM
                   ? err_nomem(e)
                   : err_errno(e, failed, "cannot read this machine's addresses from the kernel");
    }
    if (!d.addresses && !(d.addresses = talloc_array(d.mem, struct host_address, 0))) {
        talloc_free(d.mem);
        return err_nomem(e);
    }
    /* The array and its strings live and die with mem: hand over their common parent. */
    talloc_steal(mem, d.mem);
    *n = d.n_addresses;
    *out = d.addresses;
    return OK;
}

bool address_towards(struct ip server, struct ip *local)
{
    struct sockaddr_storage to, from;
    socklen_t len = ip_to_sockaddr(server, 53, &to), from_len = sizeof from;
    int fd = socket(server.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found;

    if (fd < 0)
        return false;
    /* Connecting a datagram socket only chooses the route and with it the source address. */
    found = connect(fd, (struct sockaddr *)&to, len) == 0 &&
            getsockname(fd, (struct sockaddr *)&from, &from_len) == 0 &&
            ip_from_sockaddr((struct sockaddr *)&from, local);
    close(fd);
    return found;
}
