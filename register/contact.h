/* Who this host is and which server it talks to: the first steps of every run. */
#ifndef REGISTER_CONTACT_H
#define REGISTER_CONTACT_H

#include "dns/conn.h"
#include "ldap/locator.h"
#include "register/register.h"

struct host {
    const char *principal; /* with realm */
    const char *realm;
    const char *domain; /* normalised */
    const char *fqdn;   /* normalised */
};

/* From the keytab, the kernel's host name and the options; no network.  Errors as register_run. */
enum err host_identify(TALLOC_CTX *mem, const struct register_options *opt, struct host *out,
                       struct error *e);

struct contact {
    struct dns_conn *conn;
    const char *server; /* FQDN */
    const char *site;   /* NULL: not known */
    const char *kind;   /* what the server is: "samba", "windows"; NULL: not known */
    bool is_named;      /* by the administrator; else by DNS, whom nobody vouches for */
    bool is_read_only;  /* it said so of itself: updates go to the primary that the SOA names */
    struct ip *kdcs;    /* the domain controllers: the one connected to first; none where the
                           domain is not the realm's */
    size_t n_kdcs;
    unsigned locating_turns;  /* network turns spent so far, without those of conn */
    const char **reconnected; /* servers that were connected to a second time (reconnect.h) */
    size_t n_reconnected;
    struct candidates
        *candidates; /* what contact_another() goes on with; NULL: there is no other */
};

/*
 * Locate the domain controllers (or the server asked for) and connect to the first that answers.
 * What out had before, must be nothing.  All that *out has is on mem.
 */
enum err contact_server(TALLOC_CTX *mem, const struct register_options *opt,
                        const struct host *host, struct deadline d, struct contact *out,
                        struct error *e);

/*
 * The server did not do: why (an error of its own, or of the way to it) says how.  Connect to
 * another one; the turns spent so far stay counted.  Those that were only slow are tried
 * again, with more patience, when there is no other.
 * ERR_UNREACHABLE: there is none left, and *c is as it was; the caller tells why of the first.
 */
enum err contact_another(TALLOC_CTX *mem, const struct register_options *opt,
                         const struct host *host, struct deadline d, enum err why,
                         struct contact *c, struct error *e);

/*
 * The writable primary that the zone's SOA names, in place of a read-only controller.  *is_moved:
 * the connection is another one now.  While there are other controllers it is waited for as
 * contact_patience says; where it does not do, contact_another() goes on with those.
 * ERR_UNREACHABLE (also: mname has no address), ERR_TIMEOUT: *c is as it was; ERR_SERVER: mname is
 * read-only, too.
 */
enum err contact_primary(TALLOC_CTX *mem, const struct register_options *opt,
                         const struct host *host, struct deadline d, const char *mname,
                         struct contact *c, bool *is_moved, struct error *e);

/*
 * How long to wait for the server's answer to a first question, or (more steps) to one that costs
 * it work: while another server could be asked not to the end, at first not for more than half of
 * the time that is left.
 */
struct deadline contact_patience(const struct contact *c, struct deadline d, int steps);

#endif
