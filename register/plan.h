/*
 * The change plan: what is published against what is wanted, as steps for people and as
 * one UPDATE per zone for the server.  Pure.
 */
#ifndef REGISTER_PLAN_H
#define REGISTER_PLAN_H

#include "dns/update.h"
#include "register/form.h"
#include "register/memory.h"
#include "register/published.h"
#include "register/report.h"
#include "register/siblings.h"
#include "register/stamp.h"

struct plan_step {
    const char *zone;
    const char *owner;        /* absolute */
    const char *reverse_name; /* PTRs: the reverse name of ip, which may be an alias of owner (RFC
                                 2317) and is what the memory knows it by; else NULL */
    const char *reverse_zone; /* the zone of that */
    uint16_t type;
    const char *data;
    enum register_action action;
    const char *detail; /* NULL or one line */
    const char *hint;   /* what to do about it; NULL: as its code has it */
    enum err code;      /* why it is a conflict or failed; OK for the other actions */
    struct ip ip;       /* the address that it is about */
    bool is_apart;      /* sent in an UPDATE of its owner's own; see struct plan */
    bool is_earlier;    /* takes back a name that this host bore earlier */
    bool is_elsewhere;  /* its zone is no concern of the domain's: not published, and not missed */
    bool is_foreign;    /* its owner belongs to another account by now, or is not there at all, as
                           the directory proves */
    bool is_unseen;     /* delete: remembered, and not seen; see register/unseen.h */
    bool is_nowhere;    /* and its zone is none that the server is known to have */
    bool is_proven;     /* done, as the server says with authentication */
};

struct plan {
    struct plan_step *steps;
    size_t n_steps;
    /*
     * One per zone with something to send, that of the own name first; and one for each reverse
     * name that only loses a PTR and for each earlier name: somebody else may own it, and his
     * refusal must not cost more.
     */
    struct dns_update *updates;
    const char **update_owners; /* the one name that an update is about, or NULL; NULL: all so */
    size_t n_updates;
    bool is_one_at_a_time; /* each update is answered before the next is sent */
};

struct plan_input {
    const struct published
        *published; /* reverse: of all wanted, remembered and outdated addresses */
    const struct memory *memory;
    const struct ip *wanted;
    size_t n_wanted;
    const struct siblings *siblings; /* NULL: none */
    const struct ip
        *own; /* published, not wanted, not remembered, and yet this host's: see origin.h */
    size_t n_own;
    const struct memory *recovered; /* published, and this host's as the directory proves
                                       (origin.h); NULL: nothing is known */
    const char *unknown; /* unregister: why it is not known what is this host's; NULL: it is */
    const char *const *nowhere; /* for plan_earlier: names that are said to be in no zone */
    size_t n_nowhere;
    uint32_t ttl_s;
    bool with_ptr;
    bool is_leaving; /* unregister */
    enum update_form form;
    const struct renewal *renewal; /* for FORM_RENEW; NULL: nothing is known */
    struct stamp_wish stamp;       /* what is to be done about heartbeats; zero: nothing */
};

/*
 * The smallest change that publishes the wanted addresses: adds what is missing, adds again
 * what is there (a server stamps it anew if it is due and else does nothing), deletes exact
 * outdated values, addresses and PTRs, that are remembered, seen or not, or own.  What else is at
 * the own name, or names it where an address goes, is somebody's intent: a keep step.  A CNAME at
 * the own name, or a PTR that names somebody else, is a conflict step and nothing is sent there.
 * Nothing is ever deleted by name or by type, whatever the form.
 */
enum err plan_register(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                       struct error *e);

/*
 * Deletes the published ones of the wanted addresses (here: those registered earlier), and all else
 * that is remembered, seen or not, unless another registration of
 * this host wants the name.  Other addresses at the own name, and
 * PTRs that name this host, are a keep step, or a failed one where it is not known whose they are.
 */
enum err plan_unregister(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                         struct error *e);

/*
 * One more step, behind the others; its strings are p's, its code follows from its action.  False
 * without memory, which is also what a zone, owner or data of NULL tells.
 */
bool plan_add(struct plan *p, struct plan_step s);

/* A reverse name that nothing can be planned for, as its zone cannot be reached. */
struct plan_failure {
    const struct published_reverse *reverse;
    const char *zone; /* that it is in, as far as is known */
    enum err code;
    const char *why;
    const char *hint;
    bool is_elsewhere; /* a server that is not the domain's and that nobody named: no failure */
};

/* Failed steps (elsewhere: keep steps) for what should be at that name and what is remembered
 * there. False without memory. */
bool plan_fail(struct plan *p, const struct plan_input *in, const struct plan_failure *f);

/* The other plan's steps behind those of p, which own it from now on.  False without memory. */
bool plan_append(struct plan *p, struct plan *other);

/* By which name the memory knows the step's record. */
const char *plan_step_known_as(const struct plan_step *s);

/*
 * What is remembered under names that this host bore earlier goes, value by value, each name in an
 * update of its own, unless another registration of this host wants the name: a keep step.  And
 * what is remembered at names that are in no zone, as far as is told.  To be sent when the present
 * name is published: a host must not be left without any.
 */
enum err plan_earlier(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                      struct error *e);

/* Does the step go in that update? */
bool plan_step_is_in(const struct plan *p, const struct plan_step *s, size_t update);

/* Addresses that published holds at the own name and that are not wanted, on mem. */
enum err plan_outdated(TALLOC_CTX *mem, const struct published *p, const struct ip *wanted,
                       size_t n_wanted, struct ip **out, size_t *n, struct error *e);

#endif
