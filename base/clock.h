/*
 * Time: deadlines on the monotonic clock, and the two calendars of the directory.
 * Decisions take `now` as a value; only the edges of the program call clock_now().
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>
#include <time.h>

/* Hours from 1601-01-01 to 1970-01-01 UTC. */
#define CLOCK_UNIX_EPOCH_H 3234576

/* A point on the monotonic clock, in milliseconds. */
struct deadline {
    int64_t at_ms;
};

struct deadline deadline_in(int64_t ms);
/* Milliseconds left, 0 when it has passed; capped to INT_MAX for poll(2). */
int deadline_left(struct deadline d);
struct deadline deadline_sooner(struct deadline a, struct deadline b);

/* Monotonic milliseconds, for measuring. */
int64_t clock_monotonic_ms(void);

/* Seconds since 1970 UTC. */
int64_t clock_now(void);

/* Hours since 1601 (dnsRecord timestamps, MS-DNSP 2.3.2.2), rounded down; times outside
 * 1601..uint32 saturate. */
uint32_t clock_hours_from_unix(int64_t unix_s);
int64_t clock_unix_from_hours(uint64_t hours);

/* 100 ns since 1601 (entombed time, lastLogonTimestamp); times before 1601 give 0. */
uint64_t clock_nttime_from_unix(int64_t unix_s);
int64_t clock_unix_from_nttime(uint64_t nttime);

/* "2026-11-22T14:05:57Z" on mem, NULL without memory; years outside 0000..9999 give "out-of-range".
 */
char *clock_rfc3339(TALLOC_CTX *mem, int64_t unix_s);

/*
 * Parse "2026-11-22", "2026-11-22T14:05:57Z" (UTC, `Z` or none), "@SECONDS" or an
 * offset from now such as "+30d", "-12h".  False, *out untouched, for all else.
 */
bool clock_parse(const char *text, int64_t now, int64_t *out);

/* Parse "90", "36h", "7d", "2w" (a bare number is hours).  False where malformed or past uint32
 * hours. */
bool clock_parse_hours(const char *text, uint32_t *out_h);

#endif
