/* How old records are, in the steps that people think in.  Pure. */
#ifndef SCAVENGER_AGES_H
#define SCAVENGER_AGES_H

#include <stddef.h>
#include <stdint.h>

#define AGE_STEPS 8

/* The step of a record stamped at timestamp_h, at now_h; a timestamp of the future is in the first.
 */
size_t age_step(uint32_t timestamp_h, uint32_t now_h);

/* "under 1 day", "1-7 days", …; static. */
const char *age_step_name(size_t step);
/* The first age in hours that is beyond the step; UINT32_MAX for the last. */
uint32_t age_step_end_h(size_t step);

/* How far ahead reports look for what becomes stale next. */
#define FORECAST_DAYS 30

#endif
