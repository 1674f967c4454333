#include "cmd/report_summary.h"

#include <stdio.h>

#include "cmd/report_stats.h"

#define BAR_WIDTH 40
#define REASONS_MAX 8

/* '#' goes, '-' stays; whatever is there has at least one mark. */
static void print_bar(const struct report_stats *s, size_t step)
{
    size_t all = (s->ages[step] * BAR_WIDTH + s->most - 1) / s->most;
    size_t goes =
        s->ages[step] ? (s->planned_ages[step] * all + s->ages[step] - 1) / s->ages[step] : 0;

    printf("  %-13s %8zu%s", age_step_name(step), s->ages[step], all ? "  " : "");
    for (size_t i = 0; i < all; i++)
        putchar(i < goes ? '#' : '-');
    putchar('\n');
}

static void print_ages(const struct report_stats *s)
{
    if (!s->most)
        return;
    puts("Dynamic records by age (# goes, - stays):");
    for (size_t i = 0; i < AGE_STEPS; i++)
        print_bar(s, i);
    putchar('\n');
}

static void print_reasons(const struct report_stats *s)
{
    enum reason top[REASON_COUNT];
    size_t n = report_top_reasons(s, top);

    if (!n)
        return;
    puts("Kept because:");
    for (size_t i = 0; i < n && i < REASONS_MAX; i++)
        printf("  %-16s %8zu  %s\n", reason_name(top[i]), s->kept[top[i]],
               report_reason_meaning(s, top[i]));
    putchar('\n');
}

void report_summary_print(const struct scavenge_report *r)
{
    struct report_stats s = report_stats_of(r);

    if (!s.examined)
        return;
    print_ages(&s);
    print_reasons(&s);
    if (r->probing && r->probing->is_wanted)
        printf("Probed: %zu addresses, %zu answered.\n", r->probing->n_asked,
               r->probing->summary.n_answered);
    printf("%zu records in %zu %s, %zu of them dynamic; %zu stale.\n", s.examined,
           s.zones - s.skipped, s.zones - s.skipped == 1 ? "zone" : "zones", s.dynamic, s.planned);
    printf("Forecast: %zu more become stale in the next %d days unless refreshed.\n", s.stale_soon,
           FORECAST_DAYS);
}
