#include "gss-tsig/keytab.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* How well a principal of the keytab fits; the first of the highest rank is taken. */
enum rank {
    RANK_NONE,
    RANK_HOST,    /* host/NAME@REALM */
    RANK_MACHINE, /* NAME$@REALM */
    RANK_ASKED,   /* as asked for, but for case */
    RANK_EXACT,
};

static const char *path_of(const char *name)
{
    if (strncmp(name, "FILE:", 5) == 0)
        return name + 5;
    return strchr(name, ':') && name[0] != '/' ? NULL : name;
}

/* libkrb5 tells a missing file, a forbidden one and a broken one apart only in its texts. */
static enum err check_file(const char *path, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0) {
        close(fd);
        return OK;
    }
    if (errno == ENOENT) {
        err_set(e, ERR_AUTH, "the keytab %s does not exist", path);
        err_hint(e, "join the domain (adcli join), or name the keytab that the host has");
    } else if (errno == EACCES) {
        err_set(e, ERR_AUTH, "the keytab %s may not be read by this user", path);
        err_hint(e, geteuid() == 0
                        ? "give it to root (chown root), or start muster anew: what another user's "
                          "files need is kept only where they are named at the start"
                        : "run as root, or name a keytab that this user may read");
    } else {
        err_set(e, ERR_AUTH, "cannot read the keytab %s: %s", path, strerror(errno));
    }
    return ERR_AUTH;
}

static void release_keytab(krb5_context ctx, void *handle) { krb5_kt_close(ctx, handle); }

enum err keytab_open(TALLOC_CTX *mem, const struct krb5env *env, const char *name, krb5_keytab *out,
                     struct error *e)
{
    const char *path = path_of(name);
    krb5_error_code code;
    krb5_keytab keytab;
    enum err rc;

    if (path && (rc = check_file(path, e)))
        return rc;
    code = krb5_kt_resolve(env->ctx, name, &keytab);
    if (code)
        return krb5env_error(env, code, e, "cannot use the keytab %s", name);
    if (!krb5env_own(mem, env, keytab, release_keytab))
        return err_nomem(e);
    *out = keytab;
    return OK;
}

static size_t length_without_realm(const char *principal)
{
    const char *at = strrchr(principal, '@');

    return at ? (size_t)(at - principal) : strlen(principal);
}

static enum rank rank_asked(const char *have, const char *asked)
{
    size_t compared = strchr(asked, '@') ? strlen(have) : length_without_realm(have);

    if (strlen(asked) != compared || strncasecmp(have, asked, compared) != 0)
        return RANK_NONE;
    return strncmp(have, asked, compared) == 0 ? RANK_EXACT : RANK_ASKED;
}

static enum rank rank_unasked(const char *have)
{
    size_t len = length_without_realm(have);

    if (len > 1 && have[len - 1] == '$' && !memchr(have, '/', len))
        return RANK_MACHINE;
    if (len > 5 && strncmp(have, "host/", 5) == 0 && !memchr(have + 5, '/', len - 5))
        return RANK_HOST;
    return RANK_NONE;
}

/* What a walk through the keytab has found so far. */
struct choice {
    const char *asked;
    char *best; /* on mem */
    enum rank rank;
    char *other; /* on mem: the first that does not fit */
    size_t n_entries;
};

static enum err consider(TALLOC_CTX *mem, const struct krb5env *env, krb5_const_principal p,
                         struct choice *c, struct error *e)
{
    char *text = krb5env_principal_text(mem, env, p);
    enum rank rank;

    if (!text)
        return err_nomem(e);
    c->n_entries++;
    rank = c->asked ? rank_asked(text, c->asked) : rank_unasked(text);
    if (rank > c->rank) {
        talloc_free(c->best);
        c->best = text;
        c->rank = rank;
    } else if (rank == RANK_NONE && !c->other) {
        c->other = text;
    } else {
        talloc_free(text);
    }
    return OK;
}

/* Empty, cut off, or something else than a keytab: only a new one helps. */
static enum err unreadable(const struct krb5env *env, krb5_error_code code, const char *name,
                           struct error *e)
{
    enum err rc = krb5env_error(env, code, e, "cannot read the keytab %s", name);

    if (e && !e->hint[0])
        err_hint(e,
                 "it is damaged or no keytab: join the domain again (adcli join), or name another "
                 "with --keytab");
    return rc;
}

static enum err walk(TALLOC_CTX *mem, const struct krb5env *env, krb5_keytab keytab,
                     const char *name, struct choice *c, struct error *e)
{
    krb5_error_code code;
    krb5_kt_cursor cursor;
    enum err rc = OK;

    code = krb5_kt_start_seq_get(env->ctx, keytab, &cursor);
    if (code)
        return unreadable(env, code, name, e);
    while (!rc) {
        krb5_keytab_entry entry;

        code = krb5_kt_next_entry(env->ctx, keytab, &entry, &cursor);
        if (code)
            break;
        rc = consider(mem, env, entry.principal, c, e);
        krb5_free_keytab_entry_contents(env->ctx, &entry);
    }
    krb5_kt_end_seq_get(env->ctx, keytab, &cursor);
    if (!rc && code != KRB5_KT_END)
        rc = unreadable(env, code, name, e);
    return rc;
}

enum err keytab_principal(TALLOC_CTX *mem, const struct krb5env *env, krb5_keytab keytab,
                          const char *name, const char *asked, char **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct choice c = { .asked = asked };
    enum err rc = walk(tmp, env, keytab, name, &c, e);

    if (rc)
        goto done;
    if (!c.best) {
        if (c.n_entries == 0)
            rc = err_set(e, ERR_AUTH, "the keytab %s is empty", name);
        else if (asked)
            rc = err_set(e, ERR_AUTH, "the keytab %s has no key for %s", name, asked);
        else
            rc = err_set(e, ERR_AUTH, "the keytab %s has a key neither for NAME$ nor for host/NAME",
                         name);
        if (c.other && !asked)
            err_hint(e,
                     "it has one for %s: name it with --principal, or join the domain (adcli join)",
                     c.other);
        else
            err_hint(e, asked ? "name a principal that `klist -k` lists, or add it (adcli update)"
                              : "join the domain (adcli join), or renew the keytab (adcli update)");
        goto done;
    }
    *out = talloc_steal(mem, c.best);
done:
    talloc_free(tmp);
    return rc;
}
