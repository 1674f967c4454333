/*
 * TSIG over the messages of one answer (RFC 8945 section 5.3.1): the first and the last are signed,
 * and at least every hundredth between; each signature covers what came since the one before it,
 * and that signature itself.
 */
#ifndef GSS_TSIG_CHAIN_H
#define GSS_TSIG_CHAIN_H

#include "dns/transfer.h"
#include "gss-tsig/tsig.h"

/* A key, whatever makes its MACs. */
struct tsig_signer {
    struct wire_name key;
    struct wire_name algorithm;
    enum err (*make)(void *priv, TALLOC_CTX *mem, struct bytes over, struct bytes *mac,
                     struct error *e);
    bool (*verify)(void *priv, struct bytes over, struct bytes mac);
    void *priv;
};

/*
 * For one transfer; signer outlives it.  unix_s: the time now, read for each message.
 * Errors of the three steps: ERR_UNVERIFIED where a signature is wrong, missing where there must be
 * one, or outside its time; ERR_AUTH where the server says that it does not take the key
 * (BADKEY, BADSIG, BADTIME); ERR_MALFORMED.  NULL without memory.
 */
struct dns_transfer_security *tsig_chain(TALLOC_CTX *mem, const struct tsig_signer *signer,
                                         int64_t (*unix_s)(void));

#endif
