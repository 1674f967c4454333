/*
 * The survey (survey.h) of zones that were transferred: walked in the sightings as of their last
 * complete pass, forward zones before reverse ones.
 */
#ifndef SCAVENGER_SERVED_SURVEY_H
#define SCAVENGER_SERVED_SURVEY_H

#include "scavenger/sightings.h"
#include "scavenger/survey.h"

/*
 * As survey_make().  All of params->zones are judged; their DNs are URIs (served_nodes.h).
 * Computer accounts are no evidence here: no directory is read.  s may be NULL where each zone has
 * sightings of its own.
 */
enum err served_survey(TALLOC_CTX *mem, struct sightings *s, const struct survey_params *params,
                       struct survey **out, struct error *e);

/*
 * After the last evidence: what a host has goes together.  Where one of its addresses answered, or
 * evidence on it is missing, all of them stay.  A heartbeat stays while an address that
 * it dates stays, and a PTR while its target's address does, so that an update of the forward zone
 * has proved (RFC 2136 section 2.4.2) that the heartbeat was the one judged.  Then each candidate's
 * detail says where its timestamp is from.
 */
enum err served_settle(struct survey *survey, gate_set overridden, struct error *e);

#endif
