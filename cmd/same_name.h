/* No two sections for one name: each would take the other's addresses out again. */
#ifndef CMD_SAME_NAME_H
#define CMD_SAME_NAME_H

#include "cmd/command.h"

/*
 * Look at the host names and domains of the named sections, as the command line, the file, the
 * keytabs and the machine give them.  A section whose keytab cannot be read yet is held against
 * those that say the same.
 * ERR_CONFIG: two of them are for one name in one domain; the message has their lines.
 */
enum err same_name_refuse(const struct context *ctx, struct error *e);

#endif
