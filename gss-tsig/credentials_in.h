/* What struct credentials is, for the files that make and use it. */
#ifndef GSS_TSIG_CREDENTIALS_IN_H
#define GSS_TSIG_CREDENTIALS_IN_H

#include "gss-tsig/credentials.h"
#include "gss-tsig/krb5env.h"

struct credentials {
    struct krb5env *env;
    krb5_principal client;
    krb5_ccache cache;
    bool is_own_cache; /* destroyed, not only closed */
    const char *principal;
    const char *realm;
    const char *cache_name;
    int64_t expiry_s;
    struct ip *kdcs; /* those that were named; n_kdcs may be 0 */
    size_t n_kdcs;
};

#endif
