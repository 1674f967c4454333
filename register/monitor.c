#include "register/monitor.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/own.h"

/* One notification is far smaller; what is longer is cut off and tells nothing. */
#define MONITOR_BUFFER 32768

/* No more at a time, so that a flood of events cannot keep the caller from its timers. */
#define MONITOR_AT_ONCE 1000

struct monitor {
    struct mnl_socket *socket;
    uint8_t *buffer;
};

static void close_socket(void *handle) { mnl_socket_close(handle); }

enum err monitor_open(TALLOC_CTX *mem, struct monitor **out, struct error *e)
{
    struct monitor *m = talloc_zero(mem, struct monitor);

    if (!m || !(m->buffer = talloc_size(m, MONITOR_BUFFER))) {
        talloc_free(m);
        return err_nomem(e);
    }
    m->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (!m->socket) {
        talloc_free(m);
        return err_errno(e, errno, "cannot watch addresses: no netlink socket");
    }
    if (!own(m, m->socket, close_socket)) {
        talloc_free(m);
        return err_nomem(e);
    }
    if (mnl_socket_bind(m->socket,
                        RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                            RTMGRP_IPV6_ROUTE,
                        MNL_SOCKET_AUTOPID) < 0) {
        enum err rc = err_errno(e, errno, "cannot watch addresses");

        talloc_free(m);
        return rc;
    }
    *out = m;
    return OK;
}

int monitor_fd(const struct monitor *m) { return mnl_socket_get_fd(m->socket); }

static unsigned events_of(const struct nlmsghdr *h)
{
    const struct rtmsg *route;

    switch (h->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR:
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return MONITOR_BIT(WATCH_EVENT_ADDRESS);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        route = mnl_nlmsg_get_payload(h);
        if (mnl_nlmsg_get_payload_len(h) < sizeof *route || route->rtm_dst_len != 0 ||
            route->rtm_table != RT_TABLE_MAIN || route->rtm_type != RTN_UNICAST ||
            (route->rtm_flags & RTM_F_CLONED))
            return 0;
        return MONITOR_BIT(WATCH_EVENT_ROUTE);
    case NLMSG_OVERRUN:
        return MONITOR_BIT(WATCH_EVENT_LOST);
    }
    return 0;
}

unsigned monitor_events(struct bytes datagram)
{
    const struct nlmsghdr *h = (const void *)datagram.data;
    int left = datagram.len > INT32_MAX ? 0 : (int)datagram.len;
    unsigned events = 0;

    /* libmnl takes lengths above INT_MAX for negative ones, which fit everywhere. */
    for (; mnl_nlmsg_ok(h, left) && h->nlmsg_len <= (uint32_t)left; h = mnl_nlmsg_next(h, &left))
        events |= events_of(h);
    return events;
}

enum err monitor_read(struct monitor *m, unsigned *events, struct error *e)
{
    *events = 0;
    for (int i = 0; i < MONITOR_AT_ONCE; i++) {
        struct sockaddr_nl from = { 0 };
        socklen_t len = sizeof from;
        ssize_t n =
            recvfrom(monitor_fd(m), m->buffer, MONITOR_BUFFER, 0, (struct sockaddr *)&from, &len);

        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return OK;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == ENOBUFS) {
            log_info("the kernel dropped messages about addresses: reading them all anew");
            *events |= MONITOR_BIT(WATCH_EVENT_LOST);
            continue;
        }
        if (n < 0)
            return err_errno(e, errno, "cannot watch addresses");
        /* Only the kernel has port 0. */
        if (len >= sizeof from && from.nl_pid == 0)
            *events |= monitor_events((struct bytes){ m->buffer, (size_t)n });
    }
    return OK;
}
