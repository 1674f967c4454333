#include "register/watch.h"

#include <stdlib.h>

#include "base/log.h"

#define NEVER INT64_MAX

struct watch {
    uint64_t random;
    int64_t splay_ms;

    /* Events that were not looked at yet. */
    bool has_burst;
    int64_t burst_first_ms;
    int64_t burst_last_ms;
    bool is_forced; /* by an event after which equal addresses prove nothing */
    int64_t not_before_ms;

    int64_t timer_ms;     /* first run, repetition or refresh */
    int64_t dad_until_ms; /* NEVER: not waiting for tentative addresses */
    bool is_dad_over;     /* waited long enough for those of this change */

    bool is_running;
    bool is_rediscovery;
    unsigned failures; /* in a row */
    int64_t ended_ms;
    struct watch_view *tried; /* of the latest run; NULL before the first */
};

static int compare_addresses(const void *a, const void *b)
{
    const struct watch_address *x = a, *y = b;
    int order = ip_compare(&x->ip, &y->ip);

    return order ? order
                 : (x->interface_index > y->interface_index) -
                       (x->interface_index < y->interface_index);
}

bool watch_view_of(TALLOC_CTX *mem, const struct host_address *all, size_t n, struct ip way,
                   struct watch_view **out)
{
    struct watch_view *v = talloc_zero(mem, struct watch_view);

    if (!v || !(v->usable = talloc_array(v, struct watch_address, n))) {
        talloc_free(v);
        return false;
    }
    v->way = way;
    for (size_t i = 0; i < n; i++) {
        const struct host_address *a = &all[i];

        if (!a->is_up || a->is_dad_failed || a->is_temporary || !address_is_publishable(a->ip))
            continue;
        if (a->is_tentative)
            v->has_tentative = true;
        else if (!a->is_deprecated)
            v->usable[v->n_usable++] = (struct watch_address){ a->ip, a->interface_index };
    }
    if (v->n_usable)
        qsort(v->usable, v->n_usable, sizeof v->usable[0], compare_addresses);
    *out = v;
    return true;
}

static bool view_has(const struct watch_view *v, const struct watch_address *a)
{
    return v->n_usable &&
           bsearch(a, v->usable, v->n_usable, sizeof v->usable[0], compare_addresses);
}

/* Has b an address that a has not? */
static bool has_gained(const struct watch_view *a, const struct watch_view *b)
{
    for (size_t i = 0; i < b->n_usable; i++) {
        if (!a || !view_has(a, &b->usable[i]))
            return true;
    }
    return false;
}

static bool is_changed(const struct watch_view *a, const struct watch_view *b)
{
    return has_gained(a, b) || has_gained(b, a) || !ip_equal(a->way, b->way);
}

static struct watch_view *view_copy(TALLOC_CTX *mem, const struct watch_view *v)
{
    struct watch_view *copy = talloc_zero(mem, struct watch_view);

    if (!copy)
        return NULL;
    *copy = *v;
    copy->usable = talloc_array(copy, struct watch_address, v->n_usable);
    if (!copy->usable) {
        talloc_free(copy);
        return NULL;
    }
    for (size_t i = 0; i < v->n_usable; i++)
        copy->usable[i] = v->usable[i];
    return copy;
}

/* splitmix64: good enough to keep hosts from doing things in step. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

struct watch *watch_new(TALLOC_CTX *mem, uint64_t host_seed, uint64_t random_seed, int64_t now_ms)
{
    struct watch *w = talloc_zero(mem, struct watch);

    if (!w)
        return NULL;
    w->random = random_seed;
    w->splay_ms = (int64_t)(mix(host_seed) % (2 * WATCH_SPLAY_MS + 1)) - WATCH_SPLAY_MS;
    w->timer_ms = now_ms;
    w->dad_until_ms = NEVER;
    w->not_before_ms = INT64_MIN;
    return w;
}

void watch_event(struct watch *w, enum watch_event what, int64_t now_ms)
{
    if (!w->has_burst)
        w->burst_first_ms = now_ms;
    w->has_burst = true;
    w->burst_last_ms = now_ms;
    if (what != WATCH_EVENT_ADDRESS)
        w->is_forced = true;
    if (what != WATCH_EVENT_ADDRESS && what != WATCH_EVENT_ANSWER)
        w->is_rediscovery = true;
    if (w->dad_until_ms == NEVER)
        w->is_dad_over = false;
}

static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

int64_t watch_due_ms(const struct watch *w)
{
    int64_t due = w->dad_until_ms == NEVER ? w->timer_ms : w->dad_until_ms;

    if (w->is_running)
        return NEVER;
    if (w->has_burst)
        due = sooner(due, later(sooner(w->burst_last_ms + WATCH_QUIET_MS,
                                       w->burst_first_ms + WATCH_BURST_MS),
                                w->not_before_ms));
    return due;
}

bool watch_is_failing(const struct watch *w) { return w->failures > 0; }

/* Look again then, for what has happened already. */
static bool put_off(struct watch *w, int64_t until_ms)
{
    w->has_burst = true;
    w->not_before_ms = until_ms;
    return false;
}

static bool start(struct watch *w, const struct watch_view *view, bool *rediscover)
{
    struct watch_view *copy = view_copy(w, view);

    talloc_free(w->tried);
    /* Without memory the next event counts as a change: one run too many. */
    w->tried = copy;
    w->has_burst = w->is_forced = false;
    w->dad_until_ms = NEVER;
    w->is_dad_over = false;
    w->not_before_ms = INT64_MIN;
    *rediscover = w->is_rediscovery;
    w->is_rediscovery = false;
    w->is_running = true;
    return true;
}

/*
 * While an address is tentative, a run that could only take others away, or the first run, would
 * unpublish it and put it back a second later.  What is new does not wait for it.
 */
static bool waits_for_dad(struct watch *w, const struct watch_view *view, int64_t now_ms)
{
    if (!view->has_tentative || w->is_dad_over || (w->tried && has_gained(w->tried, view)))
        return false;
    if (w->dad_until_ms == NEVER) {
        w->dad_until_ms = now_ms + WATCH_DAD_MS;
        log_debug("waiting for an address that is still tentative");
    }
    w->is_dad_over = now_ms >= w->dad_until_ms;
    w->has_burst = w->has_burst && w->is_dad_over;
    return !w->is_dad_over;
}

bool watch_look(struct watch *w, const struct watch_view *view, int64_t now_ms, bool *rediscover)
{
    bool is_timer = now_ms >= w->timer_ms;
    bool is_other = !w->tried || is_changed(w->tried, view);
    bool was_event = w->has_burst || w->dad_until_ms != NEVER;

    if (now_ms < watch_due_ms(w) || waits_for_dad(w, view, now_ms))
        return false;
    if (is_timer)
        return start(w, view, rediscover);
    if (w->failures) {
        int64_t gap_ms = is_other || w->is_forced ? WATCH_HURRY_MS : WATCH_UNCHANGED_MS;

        if (was_event && now_ms >= w->ended_ms + gap_ms) {
            /* Another situation deserves another series of tries. */
            if (is_other || w->is_forced)
                w->failures = 0;
            return start(w, view, rediscover);
        }
        if (is_other || w->is_forced)
            return put_off(w, w->ended_ms + gap_ms);
    } else if (was_event && (is_other || w->is_forced)) {
        return start(w, view, rediscover);
    }
    log_debug("nothing changed that could be published");
    w->has_burst = false;
    w->dad_until_ms = NEVER;
    w->is_dad_over = false;
    return false;
}

/* The delay with up to a quarter more or less, never above the greatest. */
static int64_t retry_delay(struct watch *w)
{
    unsigned doublings = w->failures - 1 < 20 ? w->failures - 1 : 20;
    int64_t delay_ms = sooner((int64_t)WATCH_RETRY_FIRST_MS << doublings, WATCH_RETRY_MAX_MS);

    w->random = mix(w->random);
    delay_ms += (int64_t)(w->random % (uint64_t)(delay_ms / 2 + 1)) - delay_ms / 4;
    return sooner(delay_ms, WATCH_RETRY_MAX_MS);
}

void watch_found_way(struct watch *w, struct ip way)
{
    if (w->tried)
        w->tried->way = way;
}

void watch_ended(struct watch *w, bool is_success, int64_t now_ms)
{
    w->is_running = false;
    w->ended_ms = now_ms;
    if (is_success) {
        w->failures = 0;
        w->timer_ms = now_ms + WATCH_REFRESH_MS + w->splay_ms;
        return;
    }
    w->failures++;
    w->is_rediscovery = true;
    w->timer_ms = now_ms + retry_delay(w);
}

void watch_unsettled(struct watch *w, int64_t now_ms)
{
    if (!w->failures)
        w->timer_ms = sooner(w->timer_ms, now_ms + WATCH_UNSETTLED_MS);
}
