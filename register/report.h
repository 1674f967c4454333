/* What a run of register or unregister found, did and proved: one value for every printer. */
#ifndef REGISTER_REPORT_H
#define REGISTER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"

enum register_action {
    REGISTER_ADD,      /* was not published, now is */
    REGISTER_KEEP,     /* nothing was sent for it: it is as it should be, or the detail says why */
    REGISTER_REFRESH,  /* is published and was sent again, so that its timestamp can move */
    REGISTER_DELETE,   /* was published, was outdated, is gone */
    REGISTER_CONFLICT, /* somebody else's: left alone, detail says whose */
    REGISTER_FAILED,   /* should have been changed and was not: detail says why */
};

/* "add", "keep", … as the JSON contract has them. */
const char *register_action_name(enum register_action a);

/* In a dry run the action is what would be done. */
struct register_record {
    const char *zone; /* normalised */
    const char *name; /* relative to the zone, "@" for the apex */
    uint16_t type;
    const char *data; /* presentation format */
    enum register_action action;
    const char *detail; /* NULL or one line for a person */
};

enum register_verified {
    REGISTER_VERIFIED_NONE,   /* nothing was sent, or an answer was not authenticated and what is
                                 published is not what was wanted */
    REGISTER_VERIFIED_QUERY,  /* an answer was not authenticated, but what is published was found to
                                 be as wanted */
    REGISTER_VERIFIED_LEGACY, /* every answer authenticated, at least one in the form of Samba
                                 before 4.21 */
    REGISTER_VERIFIED_STANDARD, /* every answer authenticated in the form of RFC 8945 */
};

/* "none", "query", "legacy", "standard". */
const char *register_verified_name(enum register_verified v);

struct register_server {
    const char *name;
    struct ip address;
    const char *site; /* NULL: not known */
    const char *kind; /* "samba", "windows", "bind" or NULL: not known */
};

struct register_report {
    const char *hostname; /* FQDN, normalised */
    const char *domain;
    struct register_server server;
    struct register_record *records;
    size_t n_records;
    enum register_verified verified;
    unsigned round_trips; /* network turns: how often the host spoke after a server had spoken */
    bool is_dry_run;
    bool is_unsettled; /* a record that is no longer wanted may still come out at another server:
                          worth another look in an hour or so */
    const struct ip *asked; /* what the address command said; NULL: it was not asked */
    size_t n_asked;
    /*
     * OK: published is as wanted (or nothing to do).  ERR_PARTIAL: at least one zone is, at least
     * one is not. ERR_DENIED, ERR_CONFLICT, ERR_UNVERIFIED, ERR_SERVER, ERR_TIMEOUT, …: none is.
     */
    enum err outcome;
    struct error
        problem; /* why outcome is not OK: code, message and hint of the first and worst failure */
};

#endif
