/*
 * What doctor is made of: tables of checks. A check looks at one thing and says how it is and what
 * to do; it changes nothing. Checks run in the order of their tables; what one of them found out
 * (a server, tickets) serves the later ones.
 */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include "cmd/command.h"
#include "gss-tsig/credentials.h"
#include "ldap/directory.h"
#include "ldap/zones.h"
#include "register/contact.h"
#include "register/memory.h"
#include "register/published.h"
#include "register/register.h"

enum health {
    HEALTH_OK,
    HEALTH_WARN, /* works, but is not as it should be */
    HEALTH_FAIL, /* has to be put right before register can work, or keep working */
    HEALTH_SKIP, /* could not be looked at: something before it failed */
};

/* One sentence each, on the doctor's mem; fix is NULL where there is nothing to do. */
struct finding {
    enum health health;
    const char *message;
    const char *fix;
};

struct domain_state;
struct primaries;

/* What is known so far; NULL or false: not (yet). */
struct doctor {
    TALLOC_CTX *mem;
    struct register_options opt;
    struct deadline d;
    int64_t now;
    struct host host; /* host.fqdn NULL: not known */
    struct dc *dcs;
    size_t n_dcs;
    struct contact contact; /* contact.conn NULL: no server reached */
    struct credentials *credentials;
    struct directory *directory;
    struct dns_zone *zones;
    size_t n_zones;
    struct memory *memory;
    struct ip *wanted;
    size_t n_wanted;
    struct published *published;
    struct primaries *elsewhere;       /* what the server in use does not have */
    const struct domain_state *domain; /* of `doctor domain` only */
};

struct check {
    const char *name; /* as `--json` has it: "keytab" */
    void (*run)(struct doctor *doc, struct finding *out);
};

/* Tables end with a check without name. */
extern const struct check doctor_machine_checks[]; /* what this machine has */
extern const struct check doctor_server_checks[];  /* what the domain's servers say to it */

extern const struct check doctor_domain_checks[]; /* how scavenging stands in the domain */

/* Fill *out; message and fix are formatted on doc->mem. */
void finding_set(struct doctor *doc, struct finding *out, enum health health, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void finding_fix(struct doctor *doc, struct finding *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The error's message and hint. */
void finding_error(struct doctor *doc, struct finding *out, enum health health,
                   const struct error *e);
/* "not looked at: …" */
void finding_skip(struct doctor *doc, struct finding *out, const char *why);

/*
 * What another server has at a reverse name whose zone the server in use does not have; NULL where
 * that is nothing, or cannot be told: *out says where the zone is then.
 */
const struct published_reverse *doctor_reverse_elsewhere(struct doctor *doc,
                                                         const struct published_reverse *r,
                                                         struct finding *out);

/* "ok", "warn", "fail", "skip" */
const char *health_name(enum health h);

#endif
