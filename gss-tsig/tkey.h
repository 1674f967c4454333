/*
 * TKEY messages of GSS-API mode (RFC 2930, RFC 3645): build the query, read the answer.  Pure.
 */
#ifndef GSS_TSIG_TKEY_H
#define GSS_TSIG_TKEY_H

#include "base/err.h"
#include "gss-tsig/wire.h"

#define TKEY_MODE_GSS 3
/* Far above what a service sends back (under 1 kB), far below what a message holds. */
#define TKEY_ANSWER_TOKEN_MAX 16384

/*
 * A query whose question and additional TKEY record carry key, on mem.  now_s: seconds since 1970.
 * ERR_AUTH where the token is too long for a message.
 */
enum err tkey_query(TALLOC_CTX *mem, uint16_t id, const struct wire_name *key, struct bytes token,
                    int64_t now_s, struct bytes *out, struct error *e);

/*
 * *token: the server's token as a view into wire; empty where it sent none.
 * ERR_AUTH: the server refused the token (error of the TKEY, or rcode REFUSED or NOTAUTH);
 * ERR_SERVER: any other rcode; ERR_UNVERIFIED: not an answer to that query.
 */
enum err tkey_answer(struct bytes wire, uint16_t id, const struct wire_name *key,
                     struct bytes *token, struct error *e);

#endif
