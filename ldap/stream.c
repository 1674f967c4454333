#include "ldap/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a server may leave requests unread before sending fails. */
#define UNREAD_MS 30000

static int stream_setup(Sockbuf_IO_Desc *sbiod, void *arg)
{
    sbiod->sbiod_pvt = arg;
    return 0;
}

static int stream_remove(Sockbuf_IO_Desc *sbiod)
{
    (void)sbiod;
    return 0;
}

static int stream_ctrl(Sockbuf_IO_Desc *sbiod, int opt, void *arg)
{
    (void)sbiod, (void)opt, (void)arg;
    return 0;
}

static ber_slen_t stream_read(Sockbuf_IO_Desc *sbiod, void *buf, ber_len_t len)
{
    const int *fd = sbiod->sbiod_pvt;

    return recv(*fd, buf, len, MSG_DONTWAIT);
}

/*
 * All of it: a server that is busy with the requests before does not read, and libldap, or its
 * layer that seals, would refuse every further request as LDAP_BUSY, before the server has seen it.
 */
static ber_slen_t stream_write(Sockbuf_IO_Desc *sbiod, void *buf, ber_len_t len)
{
    struct pollfd room = { .fd = *(const int *)sbiod->sbiod_pvt, .events = POLLOUT };
    ber_len_t sent = 0;

    while (sent < len) {
        ssize_t n =
            send(room.fd, (const char *)buf + sent, len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n >= 0)
            sent += (ber_len_t)n;
        else if (errno != EINTR &&
                 ((errno != EAGAIN && errno != EWOULDBLOCK) || poll(&room, 1, UNREAD_MS) <= 0))
            break;
    }
    return sent > 0 || len == 0 ? (ber_slen_t)sent : -1;
}

static int stream_close(Sockbuf_IO_Desc *sbiod)
{
    int *fd = sbiod->sbiod_pvt;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return 0;
}

bool stream_install(LDAP *ld, int *fd)
{
    static Sockbuf_IO layer = {
        .sbi_setup = stream_setup,
        .sbi_remove = stream_remove,
        .sbi_ctrl = stream_ctrl,
        .sbi_read = stream_read,
        .sbi_write = stream_write,
        .sbi_close = stream_close,
    };
    Sockbuf *sb = NULL;

    return ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sb) == LDAP_OPT_SUCCESS &&
           ber_sockbuf_add_io(sb, &layer, LBER_SBIOD_LEVEL_PROVIDER, fd) == 0;
}
