#include "ldap/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A peer that vanished (not: that thinks for long) is given up after about silence_ms. */
static void notice_silence(int fd, int silence_ms)
{
    int on = 1, probes = 3, each_s = silence_ms / 4000 > 0 ? silence_ms / 4000 : 1;
    unsigned user_timeout_ms = (unsigned)silence_ms;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &each_s, sizeof each_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof each_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

/* 0, or an errno value. */
static int finish_connect(int fd, struct deadline d)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    int error = 0, n;
    socklen_t len = sizeof error;

    do {
        n = poll(&p, 1, deadline_left(d));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno;
    if (n == 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

enum err ldap_dial(struct ip address, uint16_t port, struct deadline d, int silence_ms, int *fd,
                   struct error *e)
{
    struct sockaddr_storage sa;
    socklen_t sa_len = ip_to_sockaddr(address, port, &sa);
    char text[IP_TEXT_MAX];
    int s = socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;

    if (s < 0)
        return err_errno(e, errno, "cannot make a socket for %s", ip_format(address, text));
    notice_silence(s, silence_ms);
    if (connect(s, (struct sockaddr *)&sa, sa_len) < 0)
        error = errno == EINPROGRESS || errno == EINTR ? finish_connect(s, d) : errno;
    if (!error) {
        *fd = s;
        return OK;
    }
    close(s);
    err_set(e, error == ETIMEDOUT ? ERR_TIMEOUT : ERR_UNREACHABLE,
            "cannot connect to %s port %u: %s", ip_format(address, text), port, strerror(error));
    return err_hint(e, "check that it is a running domain controller, and the network to it");
}
