/*
 * A connection to one domain controller's directory: SASL GSSAPI with sealing, the
 * security strength demanded, no reverse-DNS canonicalisation, referrals not followed.
 */
#ifndef LDAP_DIRECTORY_H
#define LDAP_DIRECTORY_H

#include <ldap.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

struct directory;

struct directory_params {
    const char *fqdn;       /* the server's own name: the SPN is ldap/<fqdn> */
    struct ip address;      /* where to connect */
    uint16_t port;          /* 389 */
    const char *cache_name; /* Kerberos cache with a ticket for it, e.g. "MEMORY:…" */
    int timeout_ms;         /* for connecting, and for each answer to a request */
};

/*
 * Connect, bind, read the rootDSE.  ERR_AUTH: bind refused or a weaker security
 * layer than sealing; ERR_UNREACHABLE, ERR_TIMEOUT: the connection.  Unbinds when *out is freed.
 * The principal is ldap/<fqdn> as given: the process has to run with dns_canonicalize_hostname and
 * rdns off in its Kerberos configuration (cmd/main sees to it), since SASL offers no setting.
 */
enum err directory_open(TALLOC_CTX *mem, const struct directory_params *p, struct directory **out,
                        struct error *e);
/* The same over a socket (of ldap/dial.h) that is connected to p->fqdn already, and its own from
 * now on. */
enum err directory_open_on(TALLOC_CTX *mem, int fd, const struct directory_params *p,
                           struct directory **out, struct error *e);

/* Another patience from now on: for each answer to a request. */
void directory_set_timeout(struct directory *d, int timeout_ms);

/* Somebody named that patience: no search may take more of it (struct search: first_answer_ms). */
void directory_hold_timeout(struct directory *d);

const char *directory_host(const struct directory *d);      /* dnsHostName of the rootDSE */
const char *directory_domain_dn(const struct directory *d); /* defaultNamingContext */
const char *directory_forest_dn(const struct directory *d); /* rootDomainNamingContext */
const char *const *directory_naming_contexts(const struct directory *d); /* NULL-terminated */
bool directory_is_samba(const struct directory *d);
/*
 * How far this machine's clock is ahead of the server's, in seconds (behind: negative), when the
 * directory was opened.  False where the server did not say what time it is.
 */
bool directory_clock_ahead(const struct directory *d, int64_t *ahead_s);

/* For the other files of ldap/ only. */
LDAP *directory_handle(const struct directory *d);
int directory_timeout_ms(const struct directory *d);
bool directory_timeout_is_held(const struct directory *d);

/*
 * A directory over a connected socket, which is its own from then on; fqdn and port are what SASL
 * and messages know the server by.  Neither bound nor asked for its rootDSE.
 */
enum err directory_wrap(TALLOC_CTX *mem, int fd, const char *fqdn, uint16_t port, int timeout_ms,
                        struct directory **out, struct error *e);
/* ERR_SERVER: it is no domain controller. */
enum err directory_read_root(struct directory *d, struct error *e);

/*
 * Before each request: ERR_UNREACHABLE once the connection was lost.  libldap would connect
 * anew on its own, anonymously and in clear, to whatever the name resolves to then.
 */
enum err directory_check(const struct directory *d, struct error *e);

/* Map an LDAP result code to an error, with the server's diagnostic text.  what: "object: verb". */
enum err directory_error(const struct directory *d, int ldap_rc, struct error *e, const char *what,
                         ...) __attribute__((format(printf, 4, 5)));

#endif
