/*
 * What a process of root's has and muster does not need, given up before the first byte comes from
 * the network.
 *
 * A mistake in a decoder must not be worth more than the run itself: no capability is left
 * but those that the paths and options of this run need, no program that is started gains any, and
 * no other process of the same user can look into the memory, which holds keys; nor does a core
 * dump.  The unit in dist/ says the same to systemd, and the file system besides.
 */
#ifndef CMD_PRIVILEGES_H
#define CMD_PRIVILEGES_H

#include "cmd/command.h"

/*
 * For the whole process, for good.  Kept are, where the user id alone does not do:
 * CAP_DAC_READ_SEARCH for a configuration, keytab, ticket cache or key (also of [zone NAME], for
 * the zones that are arguments) of somebody else's, CAP_DAC_OVERRIDE for a file or directory of
 * somebody else's to write to, CAP_NET_RAW for --probe.  ERR_INTERNAL where the kernel refuses.
 */
enum err privileges_drop(const struct context *ctx, struct error *e);

/* Before the end, in builds with AddressSanitizer alone: its leak check looks into the process. */
void privileges_allow_leak_check(void);

#endif
