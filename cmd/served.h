/* A zone as its server hands it out: by transfer (AXFR), for zones that no directory holds. */
#ifndef CMD_SERVED_H
#define CMD_SERVED_H

#include "cmd/command.h"
#include "dns/transfer.h"

/*
 * Transfer zone (normalised) from --server, a name or an address, or else from the primary that
 * its SOA names, signed where --key names a key file; addresses are tried in turn.  The sink gets
 * DNS_TRANSFER_RECORD alone.  What it was given is good only where OK is returned.
 * --timeout bounds each wait for the server to begin, and is ten times as long for all of it.
 */
enum err served_zone(struct context *ctx, const char *zone, dns_transfer_sink *sink, void *priv,
                     struct dns_transfer_summary *out, struct error *e);

/*
 * Connect, on mem, to the primary of that name; where that does not resolve, at the address that
 * --server gives for the zone.
 */
enum err served_primary_connect(struct context *ctx, TALLOC_CTX *mem, const char *zone,
                                const char *primary, struct deadline d, struct dns_conn **out,
                                struct error *e);

#endif
