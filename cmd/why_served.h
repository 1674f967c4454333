/* `why NAME --source axfr`: the verdict on a name of a zone that no directory holds. */
#ifndef CMD_WHY_SERVED_H
#define CMD_WHY_SERVED_H

#include "cmd/command.h"

/*
 * Explain it from what the last runs saw (state_dir/sightings.db): nothing is transferred and
 * nothing noted.  ERR_NOTFOUND: no run saw that name, or there was none.
 */
enum err why_served(struct context *ctx, struct error *e);

#endif
