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
#include "register/report.h"

#define REGISTER_TTL_S 1200
#define REGISTER_TIMEOUT_MS 10000
#define REGISTER_KEYTAB "/etc/krb5.keytab"
#define REGISTER_RESOLV_CONF "/etc/resolv.conf"

/* Another registration of this host; NULL, and keytab and principal, have the meaning that they
 * have in register_options. */
struct register_sibling {
    const char *hostname;
    const char *domain;
    const char *keytab;
    const char *principal;
};

/* Start from register_options_default(); strings and arrays are the caller's and outlive the call.
 */
struct register_options {
    const char *hostname; /* NULL: host name, qualified with the domain */
    const char *domain;   /* NULL: the keytab's realm in lower case */
    const char *server; /* name of the server to use; NULL: located by SRV.  An address will not do:
                           the SPN needs the name */
    const char *site;   /* NULL: the host's own, as the controllers tell it */
    const char *const *interfaces; /* fnmatch(3) patterns */
    size_t n_interfaces;
    const struct ip_net *exclude;
    size_t n_exclude;
    const struct ip *addresses; /* instead of what the interfaces hold */
    size_t n_addresses;
    const char *address_command; /* path of a program that prints them, run where none are given
                                    (register/address_command.h); NULL: none */
    bool without_ula;            /* publish no unique local addresses (RFC 4193) */
    uint32_t ttl_s;
    bool with_ptr;                  /* --ptr auto (true) or off (false) */
    const char *const *ptr_servers; /* names of primaries of reverse zones that are to be trusted
                                       though they are no domain controllers */
    size_t n_ptr_servers;
    bool with_stamp; /* keep a heartbeat at the own name (register/stamp.h) */
    const char *keytab;
    const char *principal; /* NULL: the first NAME$, else the first host/ of the keytab */
    bool is_dry_run;       /* everything up to the plan; nothing is written, not even the memory */
    const char *state_dir;
    const char
        *section; /* of the configuration: names the memory and the lock; NULL: the only one */
    const struct register_sibling *siblings; /* the other sections: their names are never taken */
    size_t n_siblings;
    bool is_rediscovery; /* the network may be another: find the servers as if for the first time */
    int timeout_ms;      /* for the whole run */
    const char *resolv_conf;
};

struct register_options register_options_default(void);

struct tickets; /* register/tickets.h */

/*
 * Publish this host's A, AAAA and PTR records, and its heartbeat, with the smallest change.
 * kept: tickets of earlier runs of this process, which this run uses and renews; NULL: none are
 * kept.  Runs of one section wait for one another, in whatever process, until the timeout.
 * OK: *out on mem is complete; its outcome says how the run ended, and is the exit code.
 * Anything else: the run ended before it could be judged; *e says why, and whether an update had
 * been sent by then, and *out is untouched. ERR_USAGE (options), ERR_CONFIG (resolver, address
 * command), ERR_AUTH (keytab, ticket, key negotiation), ERR_UNVERIFIED (a server that cannot be
 * proven to be a domain controller, an answer with a wrong signature), ERR_NOTFOUND (no domain
 * controller, no zone or no address to publish), ERR_UNREACHABLE or ERR_TIMEOUT (servers, the
 * address command), ERR_SERVER or ERR_MALFORMED (what they answer), ERR_BUSY (another run of this
 * section does not end), ERR_IO (no lock), ERR_NOMEM.
 */
enum err register_run(TALLOC_CTX *mem, const struct register_options *opt, struct tickets *kept,
                      struct register_report **out, struct error *e);

/*
 * Remove what this host registered: what is remembered, under its own name and under earlier ones;
 * without a memory, what is provably its own (register/origin.h).
 * Nothing else is touched; with nothing to remove the outcome is OK.  Returns as register_run does.
 */
enum err unregister_run(TALLOC_CTX *mem, const struct register_options *opt, struct tickets *kept,
                        struct register_report **out, struct error *e);

#endif
