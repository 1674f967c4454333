/* Locks in the state directory: never two registrars at once for one section. */
#ifndef REGISTER_RUNLOCK_H
#define REGISTER_RUNLOCK_H

#include <talloc.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * Hold STATE_DIR/WHAT.lock (WHAT-SECTION.lock for a named section) until mem is freed; wait for
 * who holds it until d.  ERR_BUSY: it was held all the time; ERR_IO: it cannot be made or locked.
 * Where we may not write in STATE_DIR at all nothing can be remembered, and so nothing be lost:
 * that is said in the log and the run goes on without.
 */
enum err runlock_wait(TALLOC_CTX *mem, const char *state_dir, const char *section, const char *what,
                      struct deadline d, struct error *e);

#endif
