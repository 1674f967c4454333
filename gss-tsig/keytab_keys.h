/* Which keys a keytab has; never the keys themselves. */
#ifndef GSS_TSIG_KEYTAB_KEYS_H
#define GSS_TSIG_KEYTAB_KEYS_H

#include <talloc.h>

#include "base/err.h"

struct keytab_key {
    unsigned kvno;
    const char *enctype; /* "aes256-cts-hmac-sha1-96" */
};

/* Those of principal (with realm, exact), on mem.  Errors as keytab_open. */
enum err keytab_keys(TALLOC_CTX *mem, const char *keytab, const char *principal,
                     struct keytab_key **out, size_t *n, struct error *e);

#endif
