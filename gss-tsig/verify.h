/* Judge one answer: does it come from the holder of the key, in answer to our request? */
#ifndef GSS_TSIG_VERIFY_H
#define GSS_TSIG_VERIFY_H

#include "gss-tsig/context.h"
#include "gss-tsig/session.h"
#include "gss-tsig/tsig.h"

/*
 * key, request_mac: of the signed request; request_mac is empty where the request bore no signature
 * (TKEY).  now_s: seconds since 1970.
 * OK: the contract of struct gsstsig_reply in session.h; *out is set.
 * ERR_UNVERIFIED: malformed, another key or algorithm, a MAC that fits nothing, a time
 * outside the fudge.
 */
enum err verify_answer(struct secctx *context, const struct wire_name *key,
                       struct bytes request_mac, struct bytes wire, int64_t now_s,
                       struct gsstsig_reply *out, struct error *e);

#endif
