/*
 * The heartbeat of a host in a zone that carries no timestamps: one TXT record at the host's own name,
 *
 *     v=muster1 seen=<hours since 1601-01-01 UTC>
 *
 * the hour in which the host last said that it is there, in the unit of Active Directory's own timestamps
 * (MS-DNSP 2.3.2.2).  Fields are separated by single spaces; fields that a reader does not
 * know come after these two and are skipped.  Several heartbeats at one name: the latest counts.
 */
#ifndef DNS_HEARTBEAT_H
#define DNS_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/rr.h"

#define HEARTBEAT_TEXT_MAX 48

/* The data of the TXT record, in presentation format, into buf, which is returned. */
const char *heartbeat_text(uint32_t seen_h, char buf[HEARTBEAT_TEXT_MAX]);

/*
 * Is this TXT data a heartbeat?  data: presentation format, of one character-string.  False for
 * any other text, and for an hour that is no number, 0, or past 32 bits.
 */
bool heartbeat_parse(const char *data, uint32_t *seen_h);

#endif
