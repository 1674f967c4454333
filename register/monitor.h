/* What the kernel says about addresses, links and default routes (rtnetlink(7), libmnl). */
#ifndef REGISTER_MONITOR_H
#define REGISTER_MONITOR_H

#include "base/bytes.h"
#include "register/watch.h"

struct monitor;

/* The bit of an event in a set. */
#define MONITOR_BIT(event) (1U << (event))

/* Subscribe.  ERR_IO: the kernel does not let us. */
enum err monitor_open(TALLOC_CTX *mem, struct monitor **out, struct error *e);

/* For poll(2): readable when there is something to read. */
int monitor_fd(const struct monitor *m);

/*
 * Read all that waits, without waiting: the set of what happened.  When the kernel had to drop
 * messages, WATCH_EVENT_LOST is in it.  ERR_IO: the socket is of no more use.
 */
enum err monitor_read(struct monitor *m, unsigned *events, struct error *e);

/* What one datagram from the kernel tells; bytes that are no messages tell nothing.  Pure. */
unsigned monitor_events(struct bytes datagram);

#endif
