/*
 * Does something answer at an address?  Evidence to keep a record, never to delete one: hosts are
 * switched off, asleep, or behind a firewall that drops everything.
 *
 * Asked are an ICMP echo and TCP connections to a few ports.  What counts as an answer comes from
 * the address itself: an echo reply, a connection, a reset, or an ICMP error whose sender is
 * that address.  A router's "host unreachable" does not.  A firewall on the way that forges resets
 * in the name of a host cannot be told from the host: it keeps a record too many.
 */
#ifndef SCAVENGER_PROBE_H
#define SCAVENGER_PROBE_H

#include "base/err.h"
#include "base/ip.h"

#include <talloc.h>

#define PROBE_PORTS_MAX 16

struct probe_params {
    uint16_t ports[PROBE_PORTS_MAX];
    size_t n_ports;
    unsigned per_second; /* echo requests and connection attempts begun in a second */
    size_t in_flight;    /* connection attempts at a time */
    int answer_ms;       /* how long one attempt waits */
    int total_ms;        /* how long all of it may take */
};

/* 445, 22, 3389, 135; 500 a second, 4096 at a time, 1.5 s for an answer, 5 minutes in all. */
struct probe_params probe_params_default(void);

enum probe_answer {
    PROBE_UNTRIED, /* the time was up before all its questions had their wait, or nothing could be
                      sent: nobody knows */
    PROBE_SILENT,  /* asked everything, each with its whole wait */
    PROBE_ECHO,
    PROBE_CONNECTED, /* to port */
    PROBE_REFUSED,   /* a reset from port */
    PROBE_REJECTED,  /* an ICMP error of its own */
};

struct probe_target {
    struct ip address;
    enum probe_answer answer;
    uint16_t port;
};

bool probe_is_answer(enum probe_answer a);

/* "answered an ICMP echo", "accepted a connection to port 445", …; into buf, which is returned. */
#define PROBE_TEXT_MAX 64
const char *probe_text(const struct probe_target *t, char buf[PROBE_TEXT_MAX]);

struct probe_summary {
    bool has_echo4; /* a socket for echo requests could be had */
    bool has_echo6;
    bool is_cut; /* the time was up before everything was tried: such targets are untried */
    size_t n_answered;
    size_t n_untried;
};

/* Called now and then with the addresses done with; may be NULL. */
typedef void probe_progress(size_t done, size_t total, void *priv);

/*
 * Ask all of them; targets are sorted by address (ip_compare) and different, and get their answer.
 * Silence is no error.  ERR_IO: sockets or random bytes cannot be had at all.
 */
enum err probe_run(struct probe_target *targets, size_t n, const struct probe_params *params,
                   probe_progress *progress, void *priv, struct probe_summary *out,
                   struct error *e);

#endif
