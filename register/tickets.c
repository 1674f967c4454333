#include "register/tickets.h"

#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

/* What tells one state of a file from another. */
struct stamp {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec changed;
};

struct tickets {
    const char *keytab;
    struct stamp stamp; /* of the keytab, before it was read */
    const char *principal;
    const char *server;
    struct credentials *credentials; /* NULL: none */
};

/* A keytab's name may have its kind in front (krb5_kt_resolve(3)); other kinds are no files. */
static struct stamp stamp_of(const char *keytab)
{
    struct stat st;

    if (strncmp(keytab, "FILE:", 5) == 0 || strncmp(keytab, "WRFILE:", 7) == 0)
        keytab = strchr(keytab, ':') + 1;
    if (stat(keytab, &st) != 0)
        return (struct stamp){ 0 };
    return (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_ctim };
}

static bool stamp_equal(struct stamp a, struct stamp b)
{
    return a.dev == b.dev && a.ino == b.ino && a.size == b.size &&
           a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec;
}

struct tickets *tickets_new(TALLOC_CTX *mem, const char *keytab)
{
    struct tickets *t = talloc_zero(mem, struct tickets);

    if (t && !(t->keytab = talloc_strdup(t, keytab)))
        TALLOC_FREE(t);
    return t;
}

void tickets_drop(struct tickets *t) { TALLOC_FREE(t->credentials); }

struct credentials *tickets_kept(struct tickets *t, const char *principal, const char *server,
                                 int64_t now_s)
{
    const char *why = NULL;

    if (!t->credentials)
        return NULL;
    if (credentials_expiry(t->credentials) - now_s < TICKETS_MARGIN_S)
        why = "they end soon";
    else if (!stamp_equal(t->stamp, stamp_of(t->keytab)))
        why = "the keytab has changed";
    else if (strcmp(t->principal, principal) != 0)
        why = "they are another principal's";
    else if (strcmp(t->server, server) != 0)
        why = "they are for another server";
    if (why) {
        log_info("new tickets for %s: %s", principal, why);
        tickets_drop(t);
    }
    return t->credentials;
}

enum err tickets_renew(struct tickets *t, const char *principal, const char *server,
                       const struct ip *kdcs, size_t n_kdcs, struct deadline d,
                       struct credentials **out, struct error *e)
{
    struct stamp stamp = stamp_of(t->keytab);
    struct credentials *fresh;
    enum err rc;

    rc = credentials_from_keytab(t, t->keytab, principal, kdcs, n_kdcs, d, &fresh, e);
    if (rc)
        return rc;
    tickets_drop(t);
    t->credentials = fresh;
    t->stamp = stamp;
    /* Children of what they describe: they go together. */
    t->principal = talloc_strdup(fresh, principal);
    t->server = talloc_strdup(fresh, server);
    if (!t->principal || !t->server) {
        tickets_drop(t);
        return err_nomem(e);
    }
    *out = fresh;
    return OK;
}
