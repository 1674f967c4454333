/* A disk that is full, for this process: no file grows beyond a size. */
#ifndef TESTS_UNIT_FULL_DISK_H
#define TESTS_UNIT_FULL_DISK_H

#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/unit.h"

static inline void disk_limit(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Until disk_has_room(): what a test says must have room as well. */
static inline void disk_is_full_at(size_t bytes) { disk_limit(bytes); }
static inline void disk_has_room(void) { disk_limit(RLIM_INFINITY); }

#endif
