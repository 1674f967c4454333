/* A zone as its server hands it out: by transfer (AXFR), for zones that no directory holds. */
#ifndef CMD_SERVED_H
#define CMD_SERVED_H

#include "cmd/session.h"
#include "dns/transfer.h"

/* --key of this value: the caller's tickets instead of a key file (GSS-TSIG, RFC 3645). */
#define SERVED_KEY_GSS "gss"

struct served_params {
    const char *zone;        /* normalised */
    const char *server;      /* NULL: --server, else the primary that its SOA names */
    struct session *session; /* whose credentials --key gss takes; gets them where it has none.
                                NULL: none of the caller's */
    bool has_serial;         /* ask for what changed since (IXFR) */
    uint32_t serial;
};

/*
 * Transfer a zone from its server, a name or an address; addresses of a name are tried in turn.
 * Signed where --key, or the zone's section, names a key file or is SERVED_KEY_GSS, which needs
 * the server's name (ERR_USAGE).  What the sink was given is good only where OK is returned;
 * without a serial it gets DNS_TRANSFER_RECORD alone.
 * --timeout bounds the connection and then the wait for the first message; all of the transfer may
 * take ten times as long.  Without it that is 10, 60 and 100 seconds.
 */
enum err served_zone(struct context *ctx, const struct served_params *p, dns_transfer_sink *sink,
                     void *priv, struct dns_transfer_summary *out, struct error *e);

/*
 * Do transfers of the zone come from whom the administrator named?  By a shared key, or by
 * GSS-TSIG from a server that --server names: a name out of the DNS anybody on the way may give.
 */
bool served_is_proved(const struct context *ctx, const char *zone);
/* The same for people, "signed". */
const char *served_proof(const struct context *ctx, const char *zone);
/* Why they may come from anybody, "not signed"; NULL where they are proved. */
const char *served_unproven(const struct context *ctx, const char *zone);

/*
 * Connect, on mem, to the primary of that name; where that does not resolve, at the address that
 * --server gives for the zone.
 */
enum err served_primary_connect(struct context *ctx, TALLOC_CTX *mem, const char *zone,
                                const char *primary, struct deadline d, struct dns_conn **out,
                                struct error *e);

#endif
