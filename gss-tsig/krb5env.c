#include "gss-tsig/krb5env.h"

#include <errno.h>
#include <profile.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/own.h"

/* Exported by MIT krb5 with a stable symbol version, but in no installed header. */
krb5_error_code KRB5_CALLCONV krb5_get_default_config_files(char ***filenames);
void KRB5_CALLCONV krb5_free_config_files(char **filenames);

static void put(struct wr *w, const char *text)
{
    wr_bytes(w, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

char *krb5env_profile_text(TALLOC_CTX *mem, const char *realm)
{
    struct wr w = wr_init(mem);

    put(&w, "[libdefaults]\ndns_canonicalize_hostname = false\nrdns = false\n"
            "dns_lookup_realm = false\n");
    if (realm) {
        put(&w, "default_realm = ");
        put(&w, realm);
        put(&w, "\n");
    }
    wr_u8(&w, '\0');
    return (char *)(uintptr_t)wr_view(&w).data;
}

/* What may stand in a configuration file without meaning something else there. */
static bool is_realm(const char *realm)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    return realm[0] != '\0' && realm[strspn(realm, allowed)] == '\0';
}

/* A nameless file with that text; its path is good as long as mem lives. */
static enum err text_as_file(TALLOC_CTX *mem, const char *text, char **path, struct error *e)
{
    size_t len = strlen(text);
    int fd = memfd_create("krb5.conf", MFD_CLOEXEC);

    if (fd < 0)
        return err_errno(e, errno, "cannot make a file in memory");
    if (!own_fd(mem, fd))
        return err_nomem(e);
    if (write(fd, text, len) != (ssize_t)len)
        return err_errno(e, errno, "cannot write a file in memory");
    *path = talloc_asprintf(mem, "/proc/self/fd/%d", fd);
    return *path ? OK : err_nomem(e);
}

/* first, then the files the machine is configured with. */
static enum err profile_with(TALLOC_CTX *mem, char *first, profile_t *out, struct error *e)
{
    char **machine = NULL;
    const char **all;
    size_t n = 0;
    long code;

    if (krb5_get_default_config_files(&machine) != 0)
        return err_nomem(e);
    while (machine[n])
        n++;
    all = talloc_zero_array(mem, const char *, n + 2);
    if (all) {
        all[0] = first;
        memcpy(all + 1, machine, n * sizeof *machine);
        code = profile_init((const_profile_filespec_t *)all, out);
    } else {
        code = ENOMEM;
    }
    krb5_free_config_files(machine);
    if (code == ENOMEM)
        return err_nomem(e);
    if (code) {
        err_set(e, ERR_CONFIG, "cannot read the Kerberos configuration (krb5.conf): %s",
                error_message((errcode_t)code));
        return err_hint(e, "correct or remove it: muster needs nothing in it"), ERR_CONFIG;
    }
    return OK;
}

static int env_destroy(struct krb5env *env)
{
    if (env->ctx)
        krb5_free_context(env->ctx);
    return 0;
}

enum err krb5env_new(TALLOC_CTX *mem, const char *realm, const struct ip *kdcs, size_t n_kdcs,
                     struct krb5env **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct krb5env *env = talloc_zero(tmp, struct krb5env);
    profile_t profile = NULL;
    krb5_error_code code;
    char *text, *path;
    enum err rc = OK;

    if (realm && !is_realm(realm)) {
        rc = err_set(e, ERR_CONFIG, "%s is not the name of a Kerberos realm", realm);
        goto done;
    }
    text = krb5env_profile_text(tmp, realm);
    if (!env || !text) {
        rc = err_nomem(e);
        goto done;
    }
    talloc_set_destructor(env, env_destroy);
    /* libkrb5 looks at the file again whenever it reads a setting: env keeps it. */
    if ((rc = text_as_file(env, text, &path, e)) || (rc = profile_with(tmp, path, &profile, e)))
        goto done;
    code = krb5_init_context_profile(profile, 0, &env->ctx);
    profile_release(profile);
    if (code) {
        rc = err_set(e, ERR_CONFIG, "cannot start Kerberos: %s", error_message(code));
        goto done;
    }
    if ((rc = kdc_route_new(env, env->ctx, realm, kdcs, n_kdcs, KDC_PORT, &env->route, e)))
        goto done;
    *out = talloc_steal(mem, env);
done:
    talloc_free(tmp);
    return rc;
}

struct owner {
    krb5_context ctx;
    void *handle;
    void (*release)(krb5_context ctx, void *handle);
};

static int owner_destroy(struct owner *o)
{
    o->release(o->ctx, o->handle);
    return 0;
}

bool krb5env_own(TALLOC_CTX *mem, const struct krb5env *env, void *handle,
                 void (*release)(krb5_context ctx, void *handle))
{
    struct owner *o = talloc(mem, struct owner);

    if (!o) {
        release(env->ctx, handle);
        return false;
    }
    *o = (struct owner){ env->ctx, handle, release };
    talloc_set_destructor(o, owner_destroy);
    return true;
}

char *krb5env_principal_text(TALLOC_CTX *mem, const struct krb5env *env, krb5_const_principal p)
{
    char *text, *copy;

    if (krb5_unparse_name(env->ctx, p, &text) != 0)
        return NULL;
    copy = talloc_strdup(mem, text);
    krb5_free_unparsed_name(env->ctx, text);
    return copy;
}

static const struct {
    krb5_error_code krb5;
    enum err code;
    const char *hint;
} reasons[] = {
    { KRB5KDC_ERR_PREAUTH_FAILED, ERR_AUTH,
      "the keytab's key is not the account's key: if it was renewed just now, wait until all "
      "controllers have it and run again; else renew it (adcli update) or join again" },
    { KRB5KRB_AP_ERR_BAD_INTEGRITY, ERR_AUTH,
      "the keytab's key is not the account's key: if it was renewed just now, wait until all "
      "controllers have it and run again; else renew it (adcli update) or join again" },
    { KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ERR_AUTH,
      "if the host joined just now, wait until all controllers have its account and run again; "
      "else the account is gone and the keytab outdated: join again (adcli join)" },
    { KRB5KDC_ERR_CLIENT_REVOKED, ERR_AUTH,
      "the account is disabled or locked: enable it in the directory" },
    { KRB5KDC_ERR_NAME_EXP, ERR_AUTH, "the account has expired: extend it in the directory" },
    { KRB5KDC_ERR_KEY_EXP, ERR_AUTH,
      "the account's password has expired: renew it (adcli update)" },
    { KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, ERR_AUTH,
      "check that the server is addressed by its own name, the one it joined the domain with" },
    { KRB5KDC_ERR_ETYPE_NOSUPP, ERR_AUTH,
      "if the host joined just now, wait until all controllers have the account's keys and run "
      "again; else keytab and domain share no encryption type: renew the keytab (adcli update)" },
    { KRB5KDC_ERR_NULL_KEY, ERR_AUTH,
      "if the host joined just now, wait until all controllers have the account's keys and run "
      "again; else the account has none: join again (adcli join)" },
    { KRB5KRB_AP_ERR_SKEW, ERR_AUTH, "set the clock (NTP) and run again" },
    { KRB5_KDCREP_SKEW, ERR_AUTH, "set the clock (NTP) and run again" },
    { KRB5KRB_AP_ERR_TKT_EXPIRED, ERR_AUTH, "get a new ticket (kinit) and run again" },
    { KRB5KRB_AP_ERR_TKT_NYV, ERR_AUTH, "set the clock (NTP) and run again" },
    { KRB5_KT_NOTFOUND, ERR_AUTH, "name a principal that klist -k lists for the keytab" },
    { KRB5_CC_NOTFOUND, ERR_AUTH, "run kinit first" },
    { KRB5_FCC_NOFILE, ERR_AUTH, "run kinit first" },
    { KRB5KDC_ERR_SVC_UNAVAILABLE, ERR_SERVER,
      "the domain controllers do not serve now: wait until they have started and run again" },
    { KRB5KRB_ERR_GENERIC, ERR_SERVER,
      "the domain controllers' Kerberos fails: see their logs, or run again later" },
    { KRB5_KDC_UNREACH, ERR_UNREACHABLE,
      "check that TCP port 88 of the domain's servers is reachable" },
    { KRB5_REALM_UNKNOWN, ERR_UNREACHABLE,
      "check the realm's name and that its KDCs can be found" },
    { KRB5_REALM_CANT_RESOLVE, ERR_UNREACHABLE,
      "check the realm's name and that its KDCs can be found" },
    { ENOMEM, ERR_NOMEM, "" },
};

enum err krb5env_error(const struct krb5env *env, krb5_error_code code, struct error *e,
                       const char *fmt, ...)
{
    const char *why = krb5_get_error_message(env->ctx, code), *hint = NULL;
    enum err rc = ERR_AUTH;
    char what[384];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].krb5 == code) {
            rc = reasons[i].code;
            hint = reasons[i].hint;
        }
    }
    if (code == KRB5_KDC_UNREACH && env->unreachable.code) {
        rc = err_set(e, ERR_UNREACHABLE, "%s: %s", what, env->unreachable.message);
        hint = env->unreachable.hint;
    } else {
        err_set(e, rc, "%s: %s", what, why);
    }
    if (hint)
        err_hint(e, "%s", hint);
    krb5_free_error_message(env->ctx, why);
    return rc;
}
