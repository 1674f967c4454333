/*
 * One GSSAPI security context as the initiator: SPNEGO with Kerberos inside, mutual
 * authentication, replay detection and integrity, no sequencing.
 */
#ifndef GSS_TSIG_CONTEXT_H
#define GSS_TSIG_CONTEXT_H

#include "base/bytes.h"
#include "gss-tsig/credentials.h"

struct secctx;

/* principal: the service with its realm, "DNS/dc1.ad.example.test@AD.EXAMPLE.TEST".  No network. */
enum err secctx_new(TALLOC_CTX *mem, const struct credentials *c, const char *principal,
                    struct secctx **out, struct error *e);

/*
 * One step: in is the peer's token (empty the first time); *token, on mem, is to be sent
 * when not empty.  When *is_established is set, the peer has proven to hold the
 * service's key and the context has what was asked for.  ERR_AUTH.
 */
enum err secctx_step(TALLOC_CTX *mem, struct secctx *s, struct bytes in, struct bytes *token,
                     bool *is_established, struct error *e);

/* The MAC over message, on mem. */
enum err secctx_sign(TALLOC_CTX *mem, struct secctx *s, struct bytes message, struct bytes *mac,
                     struct error *e);

/*
 * Is mac the peer's, over message, and not one that was seen before?  Asking again about another
 * message with the same mac is harmless as long as the answer is no.
 */
bool secctx_verify(struct secctx *s, struct bytes message, struct bytes mac);

#endif
