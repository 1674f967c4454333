/*
 * A GSS-TSIG session with one server: TKEY negotiation (RFC 3645, RFC 2930), then
 * signed UPDATEs, several in flight, over the same TCP connection and key.
 */
#ifndef GSS_TSIG_SESSION_H
#define GSS_TSIG_SESSION_H

#include "dns/conn.h"
#include "gss-tsig/credentials.h"

struct gsstsig_session;
struct tsig_signer;

/* How far an answer is known to come from the server that holds the key. */
enum gsstsig_proof {
    GSSTSIG_PROOF_NONE,     /* unsigned, or our own request echoed: a rumour, never a success */
    GSSTSIG_PROOF_LEGACY,   /* as below without the two length bytes: Samba before 4.21 */
    GSSTSIG_PROOF_STANDARD, /* RFC 8945 section 5.3: request MAC with its length, message, variables
                             */
};

struct gsstsig_reply {
    int rcode; /* of the message */
    enum gsstsig_proof proof;
    bool is_echo;        /* carries our own MAC: not authenticated by the server */
    uint16_t tsig_error; /* 0, 16 BADSIG, 17 BADKEY, 18 BADTIME, … as the TSIG said */
};

/*
 * Negotiate a key with the server at the other end of conn (which must be idle and outlives
 * the session).  fqdn: the server's own name; the principal is
 * credentials_service_principal(DNS/<fqdn>).
 * ERR_AUTH: no ticket, refused context, no mutual authentication; ERR_SERVER: the server answers
 * with a failure, such as NOTIMP (another server may do better); ERR_UNVERIFIED: an
 * answer that is not what was negotiated; ERR_UNREACHABLE, ERR_TIMEOUT: the connection or the KDC.
 */
enum err gsstsig_session_open(TALLOC_CTX *mem, struct dns_conn *conn, const char *fqdn,
                              struct credentials *c, struct deadline d,
                              struct gsstsig_session **out, struct error *e);

/*
 * Sign n UPDATE messages (wire form, without TSIG, distinct IDs), send all, then read n replies.
 * replies[i] belongs to messages[i].
 * A reply whose MAC is neither of the two forms nor our own echoed fails the
 * whole call with ERR_UNVERIFIED; so does a time outside the fudge, a wrong key name or algorithm.
 * An unsigned or echoed reply is handed out with proof NONE: the caller must not
 * take it for success.  After an error the outcome of every message is unknown, replies are
 * untouched, and the session is of no more use (ERR_UNREACHABLE).
 */
enum err gsstsig_session_update(struct gsstsig_session *s, const struct bytes *messages, size_t n,
                                struct deadline d, struct gsstsig_reply *replies, struct error *e);

/*
 * The session's key for what is signed over several messages, such as a transfer over the same
 * connection (chain.h).  On mem; it uses the session, which outlives it.  NULL without memory.
 */
struct tsig_signer *gsstsig_session_signer(TALLOC_CTX *mem, struct gsstsig_session *s);

/* "standard", "legacy" or "none". */
const char *gsstsig_proof_name(enum gsstsig_proof p);

#endif
