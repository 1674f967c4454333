/*
 * Remembered records that are to go, and that the server did not show.  What it shows is read
 * without authentication: whoever is on the way can hide a record, and must not be able to make
 * this host forget it.  A delete of the exact value costs nothing where there is none (RFC 2136
 * section 3.4.2.4), and its signed answer is the proof.  Pure.
 */
#ifndef REGISTER_UNSEEN_H
#define REGISTER_UNSEEN_H

#include "register/plan.h"

/* All functions: delete steps behind those of p; false without memory. */

/* At the own name: all but what is wanted; all at all where the host is leaving. */
bool unseen_at_own_name(struct plan *p, const struct plan_input *in, bool is_leaving);

/* The same of heartbeats at the own name; after what is planned of those (register/stamp.h). */
bool unseen_heartbeats(struct plan *p, const struct plan_input *in);

/* At one reverse name, but for names that another registration of this host wants. */
bool unseen_ptrs(struct plan *p, const struct plan_input *in, const struct published_reverse *r,
                 bool is_leaving);

/* One address, or heartbeat, under an earlier name. */
bool unseen_earlier(struct plan *p, const struct memory_record *record);

/* At names of in->nowhere: asked of the server in use, in the zones that are remembered. */
bool unseen_nowhere(struct plan *p, const struct plan_input *in);

#endif
