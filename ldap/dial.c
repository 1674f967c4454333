#include "ldap/dial.h"

#include <netinet/tcp.h>

#include "base/connect.h"

/* A peer that vanished (not: that thinks for long) is given up after about silence_ms. */
static void notice_silence(int fd, void *priv)
{
    const int silence_ms = *(const int *)priv;
    int on = 1, probes = 3, each_s = silence_ms / 4000 > 0 ? silence_ms / 4000 : 1;
    unsigned user_timeout_ms = (unsigned)silence_ms;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &each_s, sizeof each_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof each_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

enum err ldap_dial(const struct ip *addresses, size_t n, uint16_t port, struct deadline d,
                   int silence_ms, int *fd, size_t *which, struct error *e)
{
    enum err rc = connect_any(addresses, n, port, d, notice_silence, &silence_ms, fd, which, e);

    if (rc == ERR_TIMEOUT || rc == ERR_UNREACHABLE)
        err_hint(e, "check that it is a running domain controller, and the network to it");
    return rc;
}
