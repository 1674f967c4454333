/*
 * What is wanted, what is published and what is remembered, side by side: `muster status`.
 * Nothing is ever written.
 */
#ifndef REGISTER_STATUS_H
#define REGISTER_STATUS_H

#include "ldap/zones.h"
#include "register/plan.h"
#include "register/register.h"

struct status_record {
    const char *zone; /* normalised */
    const char *name; /* absolute */
    uint16_t type;
    const char *data; /* presentation format */
    bool is_desired;
    bool is_published;
    bool is_remembered;
    bool has_timestamp;   /* the directory could be read, and has this value */
    uint32_t timestamp_h; /* 0: static */
    uint64_t stale_at_h;  /* when it may be scavenged; 0: static, or the timestamp is not known */
    bool is_in_sync;      /* nothing is to be done about it */
    const char *detail;   /* NULL or one line */
};

struct status_zone {
    const char *name;
    bool is_known; /* read from the directory; else what follows means nothing */
    enum zone_update_mode update;
    struct zone_aging aging;
};

struct status_report {
    const char *hostname;
    const char *domain;
    const char *principal;
    struct register_server server;
    struct status_record *records;
    size_t n_records;
    struct status_zone *zones;
    size_t n_zones;
    int64_t ticket_expires_s;   /* since 1970, of a ticket got for this; 0: none to be had */
    const char *directory_says; /* why timestamps and zones are not known; NULL: they are */
    struct error distrust;      /* ERR_UNVERIFIED: who says what is published cannot be proven to be
                                   a domain controller; OK: he can, or that is not known */
    const char *last_error;     /* of the latest run of register; NULL: it went well */
    bool is_in_sync;            /* published is what is wanted, and what register leaves alone */
};

/* Errors as register_run; a ticket or a directory that cannot be had is none. */
enum err status_read(TALLOC_CTX *mem, const struct register_options *opt,
                     struct status_report **out, struct error *e);

/*
 * The records: the plan's steps, and what else is remembered.  p is what
 * the server that at names has now.  What is pending and could not be looked for is a difference,
 * except for PTRs where none are to be touched.  Strings are those of plan and memory.  False
 * without memory.  Pure.
 */
bool status_records(struct status_report *r, const struct plan *plan, const struct memory *m,
                    const struct published *p, struct sighting at, bool with_ptr);

#endif
