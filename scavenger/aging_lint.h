/* What is odd about a zone's aging values.  Pure but for memory. */
#ifndef SCAVENGER_AGING_LINT_H
#define SCAVENGER_AGING_LINT_H

#include "base/err.h"
#include "ldap/zones.h"

enum lint_kind {
    LINT_INTERVAL_SHORT,        /* an interval below 24 h: hosts refresh once a day */
    LINT_LIFE_BELOW_LEASE,      /* records become stale while their DHCP lease still runs */
    LINT_REFRESH_BELOW_RENEWAL, /* no lease renewal has to fall into the refresh interval */
    LINT_LIFE_BEYOND_LEASE,     /* addresses are leased again long before the old names go */
    LINT_NO_REFRESH_LONGER, /* hosts are kept from refreshing for longer than they have time to */
    LINT_LIFE_LONG,         /* nothing goes for half a year */
};
#define LINT_COUNT (LINT_LIFE_LONG + 1)

struct lint {
    enum lint_kind kind;
    bool is_danger;   /* live hosts may be deleted; otherwise it is only unwise */
    const char *text; /* one sentence with the numbers */
    const char *fix;
};

/* "interval-short", "life-below-lease", "refresh-below-renewal", "life-beyond-lease",
 * "no-refresh-longer", "life-long". */
const char *lint_name(enum lint_kind k);

/* lease_h: how long DHCP leases run, 0 where not known.  *out is on mem. */
enum err aging_lint(TALLOC_CTX *mem, const struct zone_aging *aging, uint32_t lease_h,
                    struct lint **out, size_t *n, struct error *e);

#endif
