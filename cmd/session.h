/* What the administrator's commands share: credentials, a domain controller, its directory. */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "cmd/command.h"
#include "gss-tsig/credentials.h"
#include "ldap/directory.h"
#include "ldap/zones.h"

/* The options that session_open looks at, for the tables of commands. */
#define SESSION_OPTIONS                                                                            \
    { "keytab", OPTION_TEXT,                                                                       \
      "FILE",   "take the credentials from FILE (default: kinit's cache, then the host's keytab)", \
      "muster", NULL },                                                                            \
    {                                                                                              \
        "principal", OPTION_TEXT, "NAME", "the keytab's principal to use", "muster", NULL          \
    }

struct session {
    struct credentials *credentials;
    struct directory *directory;
    const char *server; /* the controller's name */
    const char *domain;
    const char *state_dir;
    int64_t now; /* seconds since 1970 UTC, read once */
};

/*
 * Credentials (--keytab, else the caller's cache, else the machine's keytab), the domain's
 * controller (--server, else by SRV), a sealed LDAP connection.
 */
enum err session_open(struct context *ctx, struct session **out, struct error *e);

/* s->credentials alone, from where session_open takes them; for servers without a directory. */
enum err session_credentials(struct context *ctx, struct session *s, struct error *e);

/* The Kerberos realm of the domain (MS-ADTS 1.1: its name in capitals), on ctx->mem; NULL without
 * memory. */
char *session_realm(const struct context *ctx, const struct session *s);

const char *session_state_dir(const struct context *ctx);
/* state_dir/runs, on ctx->mem. */
char *session_runs_dir(const struct context *ctx);

/* One writing run at a time: hold state_dir/lock until ctx->mem is freed.  ERR_BUSY. */
enum err session_lock(const struct context *ctx, struct error *e);

/* The zone named by an argument, whatever its case or final dot. */
enum err session_zone(struct context *ctx, struct session *s, const char *name,
                      struct dns_zone **out, struct error *e);

#endif
