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
    bool is_read_only;  /* it said so of itself: updates go to the primary that the SOA names */
    struct ip *kdcs;    /* the domain controllers: the one connected to first */
    size_t n_kdcs;
    unsigned locating_turns; /* network turns spent so far, without those of conn */
};

/* Locate the domain controllers (or the server asked for) and connect to the first that answers. */
enum err contact_server(TALLOC_CTX *mem, const struct register_options *opt,
                        const struct host *host, struct deadline d, struct contact *out,
                        struct error *e);

#endif
