/*
 * Tickets.  libkrb5 says what is to be sent to which realm and reads what comes back
 * (krb5_init_creds_step, krb5_tkt_creds_step); all sending is the route's (gss-tsig/kdc.h), so that
 * its deadline holds for every exchange, with whichever realm.
 */
#ifndef GSS_TSIG_OBTAIN_H
#define GSS_TSIG_OBTAIN_H

#include "gss-tsig/krb5env.h"

/*
 * A first ticket for client, into the cache that options name (krb5_get_init_creds_opt(3));
 * *end_s: the end of its life, seconds since 1970.
 * KRB5_KDC_UNREACH: krb5env_error() tells which realm's and why.
 */
krb5_error_code obtain_initial(struct krb5env *env, krb5_principal client, krb5_keytab keytab,
                               krb5_get_init_creds_opt *options, int64_t *end_s);

/*
 * A ticket for server by those in cache, where it is put; nothing is sent where it is there
 * already.  Referrals are followed: *realm (NULL: no matter) is the one whose KDC made the ticket,
 * on mem.  With it the first "no such service" of the server's own realm is believed, where libkrb5
 * would ask once more, for KDCs that know no canonicalization (RFC 6806; those of AD all do).
 */
krb5_error_code obtain_service(TALLOC_CTX *mem, struct krb5env *env, krb5_ccache cache,
                               krb5_principal client, krb5_principal server, char **realm);

#endif
