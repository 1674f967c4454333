/*
 * A Kerberos context of our own: the machine's configuration, with our decisions put
 * in front of it.  No environment variable is set and no file is written.
 */
#ifndef GSS_TSIG_KRB5ENV_H
#define GSS_TSIG_KRB5ENV_H

#include <krb5.h>
#include <stdbool.h>
#include <talloc.h>

#include "base/err.h"
#include "base/ip.h"
#include "gss-tsig/kdc.h"

struct krb5env {
    krb5_context ctx;
    struct kdc_route *route;
    struct error unreachable; /* why the latest exchange ended with KRB5_KDC_UNREACH */
};

/* The configuration that goes in front, on mem: see krb5env_new.  NULL only without memory. */
char *krb5env_profile_text(TALLOC_CTX *mem, const char *realm);

/*
 * The context, freed with *out: no canonicalisation through DNS, no realm looked up there; with
 * realm (else NULL), that as the default realm; kdcs (which need a realm) are KDCs of it.  KDCs of
 * any realm are found and asked by the route (gss-tsig/kdc.h), and only by it: on this
 * context call what gss-tsig/obtain.h has, never what makes libkrb5 send something itself.
 * ERR_CONFIG: the machine's krb5.conf cannot be read, or realm is not a realm's name.
 */
enum err krb5env_new(TALLOC_CTX *mem, const char *realm, const struct ip *kdcs, size_t n_kdcs,
                     struct krb5env **out, struct error *e);

/* Calls release(ctx, handle) when mem is freed, which must be before env is. */
bool krb5env_own(TALLOC_CTX *mem, const struct krb5env *env, void *handle,
                 void (*release)(krb5_context ctx, void *handle));

/* The principal in text, on mem; NULL without memory. */
char *krb5env_principal_text(TALLOC_CTX *mem, const struct krb5env *env, krb5_const_principal p);

/*
 * "formatted text: Kerberos' reason", with the code and the next step that the reason
 * calls for: ERR_AUTH, ERR_UNREACHABLE, ERR_SERVER (the KDC fails itself), ERR_NOMEM.  Returns that
 * code.
 */
enum err krb5env_error(const struct krb5env *env, krb5_error_code code, struct error *e,
                       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
