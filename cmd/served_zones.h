/*
 * `--source axfr` for the commands that judge: zones that no directory holds, read by transfer,
 * dated by heartbeats, written by signed DNS updates.
 */
#ifndef CMD_SERVED_ZONES_H
#define CMD_SERVED_ZONES_H

#include "cmd/served_settings.h"
#include "scavenger/apply.h"

/* A session without a directory; credentials only where it is to write. */
enum err served_session(struct context *ctx, bool is_apply, struct session **out, struct error *e);

/*
 * Transfer each zone into state_dir/sightings.db, judge, lay the evidence beside.  A database that
 * is damaged is left alone and said: this once a temporary one serves, as it does for zones whose
 * transfers prove nothing.
 */
enum err served_planning(struct context *ctx, struct session *s, struct planning *p,
                         struct survey **out, struct error *e);

/*
 * Write changes as served_updates_run() does.  ERR_USAGE: the primary is named by a transfer that
 * nobody signed.
 */
enum err served_write(struct context *ctx, struct session *s, struct journal *journal,
                      struct journal_node *changes, size_t n, enum outcome success,
                      const struct apply_hooks *hooks, struct error *e);

#endif
