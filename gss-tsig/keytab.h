/* Keytabs: opening one, and which of its principals stands for this host. */
#ifndef GSS_TSIG_KEYTAB_H
#define GSS_TSIG_KEYTAB_H

#include "gss-tsig/krb5env.h"

/*
 * name: a path, or krb5's TYPE:name.  Closed with mem, which must be freed before env.
 * ERR_AUTH: missing or not readable, with the next step as hint.
 */
enum err keytab_open(TALLOC_CTX *mem, const struct krb5env *env, const char *name, krb5_keytab *out,
                     struct error *e);

/*
 * The principal asked for (realm optional, case ignored where no exact one is there), else
 * the first NAME$@REALM, else the first host/NAME@REALM, on mem.  name: for messages.
 * ERR_AUTH: no keys at all, no such principal, not a keytab.
 */
enum err keytab_principal(TALLOC_CTX *mem, const struct krb5env *env, krb5_keytab keytab,
                          const char *name, const char *asked, char **out, struct error *e);

#endif
