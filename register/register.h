/*
 * The host's side as one flow: `muster register` and `muster unregister`.
 *
 * Neither function prints; both give one value that says what was found, what was
 * done and how far it is proven.
 */
#ifndef REGISTER_REGISTER_H
#define REGISTER_REGISTER_H

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

#include "base/err.h"
#include "base/ip.h"
#include "register/choose.h"

#define REGISTER_TTL_S 1200
#define REGISTER_TIMEOUT_MS 10000
#define REGISTER_KEYTAB "/etc/krb5.keytab"
#define REGISTER_RESOLV_CONF "/etc/resolv.conf"

/* Start from register_options_default(); strings and arrays are the caller's and outlive the call. */
struct register_options {
    const char *hostname;          /* NULL: host name, qualified with the domain */
    const char *domain;            /* NULL: the keytab's realm in lower case */
    const char *server;            /* name of the server to use; NULL: located by SRV.  An address will not do: the SPN needs the name */
    const char *const *interfaces; /* fnmatch(3) patterns */
    size_t n_interfaces;
    const struct ip_net *exclude;
    size_t n_exclude;
    const struct ip *addresses;    /* instead of what the interfaces hold */
    size_t n_addresses;
    uint32_t ttl_s;
    bool with_ptr;                 /* --ptr auto (true) or off (false) */
    const char *keytab;
    const char *principal;         /* NULL: the first NAME$, else the first host/ of the keytab */
    bool is_dry_run;               /* everything up to the plan; nothing is written, not even the memory */
    const char *state_dir;
    int timeout_ms;                /* for the whole run */
    const char *resolv_conf;
};

struct register_options register_options_default(void);

enum register_action {
    REGISTER_ADD,      /* was not published, now is */
    REGISTER_KEEP,     /* is published; nothing was sent for it */
    REGISTER_REFRESH,  /* is published and was sent again, so that its timestamp can move */
    REGISTER_DELETE,   /* was published, was outdated, is gone */
    REGISTER_CONFLICT, /* somebody else's: left alone, detail says whose */
    REGISTER_FAILED,   /* should have been changed and was not: detail says why */
};

/* "add", "keep", … as the JSON contract has them. */
const char *register_action_name(enum register_action a);

/* In a dry run the action is what would be done. */
struct register_record {
    const char *zone;   /* normalised */
    const char *name;   /* relative to the zone, "@" for the apex */
    uint16_t type;
    const char *data;   /* presentation format */
    enum register_action action;
    const char *detail; /* NULL or one line for a person */
};

enum register_verified {
    REGISTER_VERIFIED_NONE,     /* nothing was sent, or an answer was not authenticated and what is published is not what was wanted */
    REGISTER_VERIFIED_QUERY,    /* an answer was not authenticated, but what is published was found to be as wanted */
    REGISTER_VERIFIED_LEGACY,   /* every answer authenticated, at least one in the form of Samba before 4.21 */
    REGISTER_VERIFIED_STANDARD, /* every answer authenticated in the form of RFC 8945 */
};

/* "none", "query", "legacy", "standard". */
const char *register_verified_name(enum register_verified v);

struct register_server {
    const char *name;
    struct ip address;
    const char *site;   /* NULL: not known */
    const char *kind;   /* "samba", "windows", "bind" or NULL: not known */
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
    /*
     * OK: published is as wanted (or nothing to do).  ERR_PARTIAL: at least one zone is, at least one is not.
     * ERR_DENIED, ERR_CONFLICT, ERR_UNVERIFIED, ERR_SERVER, ERR_TIMEOUT, …: none is.
     */
    enum err outcome;
    struct error problem; /* why outcome is not OK: code, message and hint of the first and worst failure */
};

/*
 * Publish this host's A, AAAA and PTR records with the smallest change.
 * OK: *out on mem is complete; its outcome says how the run ended, and is the exit code.
 * Anything else: the run ended before a plan could be made; *e says why and *out is untouched.
 *   ERR_USAGE (options), ERR_CONFIG (resolver), ERR_AUTH (keytab, ticket, key negotiation), ERR_NOTFOUND (no domain
 *   controller, no zone or no address to publish), ERR_UNREACHABLE or ERR_TIMEOUT (servers).
 */
enum err register_run(TALLOC_CTX *mem, const struct register_options *opt,
                      struct register_report **out, struct error *e);

/*
 * Remove what this host registered: the remembered addresses at its own name and the PTRs of them
 * that name it; without a memory, the published addresses that register would publish now.
 * Nothing else is touched; with nothing to remove the outcome is OK.  Returns as register_run does.
 */
enum err unregister_run(TALLOC_CTX *mem, const struct register_options *opt,
                        struct register_report **out, struct error *e);

#endif
