/*
 * Staying registered: when to look at this machine's addresses and when to run, given what
 * happened and what time it is.  Pure: no clock, no network, no randomness of its own.
 *
 * The caller feeds events, waits until watch_due_ms, takes a view, asks watch_look whether to run,
 * and says how the run ended.
 */
#ifndef REGISTER_WATCH_H
#define REGISTER_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

#include "base/ip.h"
#include "register/choose.h"

#define WATCH_QUIET_MS 250              /* events that follow one another this closely are one */
#define WATCH_BURST_MS 1000             /* but no longer than this */
#define WATCH_DAD_MS 3000               /* patience with addresses that are still tentative */
#define WATCH_REFRESH_MS (24 * 3600000) /* from one success to the next refresh */
#define WATCH_UNSETTLED_MS 3600000      /* to the next look, while old records may come out yet */
#define WATCH_SPLAY_MS 3600000          /* at most so much earlier or later, fixed for a host */
#define WATCH_RETRY_FIRST_MS 1000       /* after a failure; doubled with each that follows */
#define WATCH_RETRY_MAX_MS 900000
#define WATCH_HURRY_MS 1000      /* after a failure, a change does not make a run sooner */
#define WATCH_UNCHANGED_MS 30000 /* nor an event that changed nothing that could be published */

enum watch_event {
    WATCH_EVENT_ADDRESS,  /* an address or a link came, went or changed */
    WATCH_EVENT_ROUTE,    /* a default route did */
    WATCH_EVENT_RESOLVER, /* other name servers */
    WATCH_EVENT_ANSWER,   /* the address command says something else: no other network for that */
    WATCH_EVENT_LOST,     /* events were lost: anything may have changed */
};

struct watch_address {
    struct ip ip;
    unsigned interface_index;
};

/* What could be published now. */
struct watch_view {
    struct watch_address *usable; /* sorted */
    size_t n_usable;
    bool has_tentative; /* one more may become usable any moment */
    struct ip way;      /* local address towards the server in use; family 0: none */
};

/* *out on mem.  False without memory. */
bool watch_view_of(TALLOC_CTX *mem, const struct host_address *all, size_t n, struct ip way,
                   struct watch_view **out);

struct watch;

/*
 * The first look is due at once.  host_seed: the same for a host whenever it asks, another for
 * another host; random_seed: another each time.  NULL without memory.
 */
struct watch *watch_new(TALLOC_CTX *mem, uint64_t host_seed, uint64_t random_seed, int64_t now_ms);

void watch_event(struct watch *w, enum watch_event what, int64_t now_ms);

/* When to take the next view; INT64_MAX while a run is under way. */
int64_t watch_due_ms(const struct watch *w);

/*
 * view is copied.  True: run now, and then call watch_ended.  *rediscover: what was known of the
 * servers may be of another network.  False: wait for watch_due_ms again, which has moved.
 */
bool watch_look(struct watch *w, const struct watch_view *view, int64_t now_ms, bool *rediscover);

/* The run under way found this local address towards its server (family 0: none). */
void watch_found_way(struct watch *w, struct ip way);

void watch_ended(struct watch *w, bool is_success, int64_t now_ms);

/* The run that ended now went well, and left something to look at again before the next refresh. */
void watch_unsettled(struct watch *w, int64_t now_ms);

/* Did the latest run fail?  Then the next one repeats it, if nothing happens until then. */
bool watch_is_failing(const struct watch *w);

#endif
