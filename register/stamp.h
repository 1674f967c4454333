/*
 * The heartbeat that `register --stamp` keeps at the host's own name (dns/heartbeat.h has the
 * format): in a zone that carries no timestamps it says when the host was last there.
 *
 * It stands in the UPDATE of the addresses.  A server that grants the host no TXT record refuses
 * that whole: then the addresses go once more without it, and it by itself, see execute_plan().
 * No other TXT record is ever touched: what goes is deleted by its exact value, and only what
 * heartbeat_parse() takes.
 */
#ifndef REGISTER_STAMP_H
#define REGISTER_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gsstsig_reply;
struct memory;
struct memory_record;
struct plan;
struct plan_input;
struct plan_step;
struct published;
struct published_name;

/* Older than that, it is renewed: a daily refresh does, ten restarts in an hour write nothing. */
#define STAMP_RENEW_H 20
/* Older than that, the host has missed a daily refresh. */
#define STAMP_LATE_H 48
/* Clocks differ; but one that lies further ahead would speak for a host that is long gone. */
#define STAMP_AHEAD_H 1

/* What is to be done at the own name; zero: nothing. */
struct stamp_wish {
    bool is_wanted; /* one heartbeat is to be there */
    bool is_ours;   /* those that are there are this host's to replace, or to take back */
    uint32_t now_h; /* since 1601-01-01 UTC */
    uint32_t renew_after_h;
};

/*
 * with_stamp: the host is to have one.  Without it, and when it is leaving, it takes back what it
 * is remembered to have set: one that nobody renews would count against a host that is there.
 */
struct stamp_wish stamp_wish_of(bool with_stamp, bool is_leaving, const struct memory *m,
                                const char *fqdn, uint32_t now_h);

/* Is it worth asking for? */
bool stamp_is_of_interest(bool with_stamp, const struct memory *m, const char *fqdn);

/*
 * Steps for the heartbeats that in->published has at the own name: the latest is kept unless it is
 * due or lies ahead, else one of now is added; all others are deleted.  False without memory.
 */
bool stamp_plan(struct plan *p, const struct plan_input *in);

/* The step for one that is remembered under a name borne earlier, as for an address there. */
bool stamp_plan_earlier(struct plan *p, const struct plan_input *in,
                        const struct published_name *name, const struct memory_record *r);

/* Is what the step of a heartbeat wanted so now? */
bool stamp_holds(const struct plan_step *s, const struct published *after);

/*
 * Was an update refused that has a heartbeat in it?  Its steps are told what to do about it, should
 * they fail.  True: *at is that update, and it has other records, which may be granted.
 */
bool stamp_was_refused(struct plan *p, const struct gsstsig_reply *replies, size_t *at);

/* Move the heartbeat out of that update into one more of its own, the last.  False without memory.
 */
bool stamp_set_apart(struct plan *p, size_t at);

#endif
