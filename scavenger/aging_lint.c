#include "scavenger/aging_lint.h"

#define HALF_A_YEAR_H (182 * 24)
#define DAY_H 24
/* An address that is leased so many times while the old name still stands. */
#define LEASES_MAX 4

const char *lint_name(enum lint_kind k)
{
    static const char *const names[LINT_COUNT] = {
        [LINT_INTERVAL_SHORT] = "interval-short",
        [LINT_LIFE_BELOW_LEASE] = "life-below-lease",
        [LINT_REFRESH_BELOW_RENEWAL] = "refresh-below-renewal",
        [LINT_LIFE_BEYOND_LEASE] = "life-beyond-lease",
        [LINT_NO_REFRESH_LONGER] = "no-refresh-longer",
        [LINT_LIFE_LONG] = "life-long",
    };

    return (size_t)k < LINT_COUNT ? names[k] : "internal";
}

struct linting {
    struct lint *all;
    size_t n;
    bool is_out_of_memory;
};

/* text and fix are on l->all, NULL without memory. */
static void add(struct linting *l, enum lint_kind kind, bool is_danger, const char *text,
                const char *fix)
{
    l->is_out_of_memory = l->is_out_of_memory || !text || !fix;
    l->all[l->n++] = (struct lint){ kind, is_danger, text, fix };
}

static void look_at_lease(struct linting *l, const struct zone_aging *a, uint64_t life_h,
                          uint32_t lease_h)
{
    if (life_h < lease_h)
        add(l, LINT_LIFE_BELOW_LEASE, true,
            talloc_asprintf(l->all,
                            "records are stale after %llu h, while DHCP leases run for %u h",
                            (unsigned long long)life_h, lease_h),
            talloc_asprintf(l->all, "make no-refresh and refresh together at least %u h", lease_h));
    if (a->refresh_h < (lease_h + 1) / 2)
        add(l, LINT_REFRESH_BELOW_RENEWAL, true,
            talloc_asprintf(l->all,
                            "the refresh interval is %u h, leases are renewed every %u h: a DHCP "
                            "server that registers for its clients can miss it",
                            a->refresh_h, (lease_h + 1) / 2),
            talloc_asprintf(l->all, "make the refresh interval at least %u h", (lease_h + 1) / 2));
    if (life_h > (uint64_t)lease_h * LEASES_MAX)
        add(l, LINT_LIFE_BEYOND_LEASE, false,
            talloc_asprintf(l->all,
                            "records are stale after %llu h, leases run for %u h: an address has "
                            "several names by then",
                            (unsigned long long)life_h, lease_h),
            talloc_strdup(l->all, "shorten the intervals, or lengthen the leases"));
}

enum err aging_lint(TALLOC_CTX *mem, const struct zone_aging *a, uint32_t lease_h,
                    struct lint **out, size_t *n, struct error *e)
{
    struct linting l = { .all = talloc_array(NULL, struct lint, LINT_COUNT) };
    uint64_t life_h = (uint64_t)a->no_refresh_h + a->refresh_h;

    if (!l.all)
        return err_nomem(e);
    if (a->no_refresh_h < DAY_H || a->refresh_h < DAY_H)
        add(&l, LINT_INTERVAL_SHORT, true,
            talloc_asprintf(l.all,
                            "no-refresh %u h, refresh %u h: hosts refresh once a day, so that an "
                            "interval below 24 h deletes live ones",
                            a->no_refresh_h, a->refresh_h),
            talloc_strdup(l.all, "set both to at least 24 h; 7d is usual"));
    if (lease_h)
        look_at_lease(&l, a, life_h, lease_h);
    if (a->no_refresh_h > a->refresh_h)
        add(&l, LINT_NO_REFRESH_LONGER, false,
            talloc_asprintf(
                l.all,
                "no-refresh %u h is longer than refresh %u h: hosts that are off at the "
                "wrong time lose their names",
                a->no_refresh_h, a->refresh_h),
            talloc_strdup(l.all, "make the refresh interval at least as long as no-refresh"));
    if (life_h > HALF_A_YEAR_H)
        add(&l, LINT_LIFE_LONG, false,
            talloc_asprintf(l.all, "records are stale only after %llu d",
                            (unsigned long long)life_h / 24),
            talloc_strdup(l.all, "shorten the intervals; 7d + 7d is usual"));
    if (l.is_out_of_memory) {
        talloc_free(l.all);
        return err_nomem(e);
    }
    *out = talloc_steal(mem, l.all);
    *n = l.n;
    return OK;
}
