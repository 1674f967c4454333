/* What doctor looks at in a domain: why nothing is scavenged, and who scavenges. */
#include <string.h>

#include "cmd/doctor.h"
#include "cmd/domain_state.h"
#include "cmd/output.h"
#include "scavenger/aging_lint.h"

#define NAMES_MAX 5 /* in one sentence */
#define DAY_H 24
/* A record that has been stale for so long was met by no scavenger: they run once a week or more
 * often. */
#define OVERDUE_H (14 * DAY_H)
#define RUN_AGE_S (30 * 86400)

/* Zones for which a property holds, as "a, b and 3 more" on doc->mem; counts them all. */
static const char *zone_names(struct doctor *doc, bool (*holds)(const struct domain_zone *z),
                              size_t *n)
{
    char *names = talloc_strdup(doc->mem, "");

    *n = 0;
    for (size_t i = 0; i < doc->domain->n_zones; i++) {
        const struct domain_zone *z = &doc->domain->zones[i];

        if (!holds(z))
            continue;
        if ((*n)++ < NAMES_MAX && names)
            names = talloc_asprintf_append_buffer(names, "%s%s", *n > 1 ? ", " : "", z->zone->name);
    }
    if (*n > NAMES_MAX && names)
        names = talloc_asprintf_append_buffer(names, " and %zu more", *n - NAMES_MAX);
    return names ? names : "?";
}

/* _msdcs zones hold what domain controllers register: nothing there is ever to be scavenged. */
static bool is_still(const struct domain_zone *z)
{
    return !z->zone->aging.is_enabled && strncmp(z->zone->name, "_msdcs.", 7) != 0;
}

static bool is_shut(const struct domain_zone *z)
{
    return z->zone->aging.is_enabled && z->gate != GATE_OPEN;
}

static bool is_stale(const struct domain_zone *z) { return z->stale > 0; }

static bool is_over(const struct domain_zone *z) { return z->stale > z->limit; }

static bool is_refused_updates(const struct domain_zone *z)
{
    return z->zone->aging.is_enabled && z->zone->update == ZONE_UPDATE_NONE;
}

static bool is_open_to_anybody(const struct domain_zone *z)
{
    return z->zone->update == ZONE_UPDATE_ANY;
}

static void check_directory(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;

    finding_set(doc, out, HEALTH_OK, "%s (%s) as %s: %zu zones", d->server,
                d->is_samba ? "Samba" : "not Samba", d->principal, d->n_zones);
}

static void check_aging(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;
    size_t n;
    const char *names = zone_names(doc, is_still, &n);

    if (d->n_aging == 0) {
        finding_set(doc, out, HEALTH_FAIL, "no zone ages: nothing is ever scavenged, by anybody");
        finding_fix(doc, out, "`muster aging ZONE --enable` for each zone that hosts register in");
    } else if (n) {
        finding_set(doc, out, HEALTH_WARN, "%zu of %zu zones do not age: %s", n, d->n_zones, names);
        finding_fix(doc, out, "`muster aging ZONE --enable` where hosts register");
    } else {
        finding_set(doc, out, HEALTH_OK, "%zu of %zu zones age, the others hold no hosts",
                    d->n_aging, d->n_zones);
    }
}

static void check_gates(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;
    size_t n, first = 0;
    const char *names = zone_names(doc, is_shut, &n);

    if (d->n_aging == 0) {
        finding_skip(doc, out, "no zone ages");
        return;
    }
    if (n == 0) {
        finding_set(doc, out, HEALTH_OK, "no zone that ages is held back");
        return;
    }
    while (!is_shut(&d->zones[first]))
        first++;
    finding_set(doc, out, n == d->n_aging ? HEALTH_FAIL : HEALTH_WARN,
                "%zu of %zu zones that age are held back: %s; %s: %s (%s)", n, d->n_aging, names,
                d->zones[first].zone->name, gate_name(d->zones[first].gate),
                d->zones[first].gate_detail ? d->zones[first].gate_detail : "?");
    finding_fix(doc, out,
                "put the cause right; when you know better, `muster scavenge ZONE --override %s`",
                gate_name(d->zones[first].gate));
}

/* The first danger, or else the first oddity, among the zones that age. */
static void check_intervals(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;

    finding_set(doc, out, HEALTH_OK, "the intervals of all zones that age are sound%s",
                d->lease_h ? ", also for the DHCP leases" : "");
    for (size_t i = 0; i < d->n_zones; i++) {
        struct error e = { 0 };
        struct lint *lint;
        size_t n = 0;

        if (!d->zones[i].zone->aging.is_enabled)
            continue;
        if (aging_lint(doc->mem, &d->zones[i].zone->aging, d->lease_h, &lint, &n, &e)) {
            finding_error(doc, out, HEALTH_SKIP, &e);
            return;
        }
        for (size_t k = 0; k < n; k++) {
            enum health health = lint[k].is_danger ? HEALTH_FAIL : HEALTH_WARN;

            if (out->health == HEALTH_FAIL || (out->health == HEALTH_WARN && health == HEALTH_WARN))
                continue;
            finding_set(doc, out, health, "%s: %s", d->zones[i].zone->name, lint[k].text);
            finding_fix(doc, out, "%s (`muster aging %s`)", lint[k].fix, d->zones[i].zone->name);
        }
    }
}

static void check_updates(struct doctor *doc, struct finding *out)
{
    size_t n_none, n_any;
    const char *none = zone_names(doc, is_refused_updates, &n_none);
    const char *any = zone_names(doc, is_open_to_anybody, &n_any);

    if (n_none) {
        finding_set(doc, out, HEALTH_FAIL,
                    "zones that age but take no dynamic updates: hosts cannot "
                    "refresh, so that everything goes stale: %s",
                    none);
        finding_fix(doc, out,
                    "allow secure updates, or switch aging off (`muster aging ZONE --disable`)");
    } else if (n_any) {
        finding_set(doc, out, HEALTH_WARN, "zones that take updates from anybody, unsigned: %s",
                    any);
        finding_fix(doc, out, "allow secure updates only");
    } else {
        finding_set(doc, out, HEALTH_OK, "hosts can refresh their records in every zone that ages");
    }
}

/* A zone may name the servers that are to scavenge it (dNSProperty 0x11, 0x90). */
static void check_servers(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;
    char *text = talloc_strdup(doc->mem, ""), address[IP_TEXT_MAX];
    size_t n = 0;

    for (size_t i = 0; i < d->n_zones; i++) {
        const struct dns_zone *z = d->zones[i].zone;

        if (!z->n_scavenging_servers || n++ >= NAMES_MAX)
            continue;
        text = talloc_asprintf_append_buffer(text, "%s%s:", n > 1 ? "; " : "", z->name);
        for (size_t k = 0; text && k < z->n_scavenging_servers && k < NAMES_MAX; k++)
            text = talloc_asprintf_append_buffer(text, " %s",
                                                 ip_format(z->scavenging_servers[k], address));
    }
    if (n == 0) {
        finding_set(doc, out, HEALTH_OK, "no zone restricts which servers scavenge it");
        return;
    }
    finding_set(doc, out, HEALTH_WARN, "only these servers scavenge by themselves: %s",
                text ? text : "?");
    finding_fix(doc, out,
                "see that they are domain controllers that still live; muster itself is not bound "
                "by the list");
}

/* Whether a server scavenges by itself is not in the directory. */
static void check_own_scavenger(struct doctor *doc, struct finding *out)
{
    if (doc->domain->is_samba) {
        finding_set(doc, out, HEALTH_SKIP,
                    "whether Samba scavenges by itself is unknown: the setting \"dns "
                    "zone scavenging\" (default: no) is in each controller's smb.conf");
        finding_fix(doc, out,
                    "on each controller: testparm -s --parameter-name='dns zone scavenging'; "
                    "leave one scavenger on");
    } else {
        finding_set(doc, out, HEALTH_SKIP,
                    "whether a Windows server scavenges by itself is unknown: its "
                    "interval (default: never) is in the server's registry, not in "
                    "the directory");
        finding_fix(doc, out,
                    "on each DNS server: Get-DnsServerScavenging; leave one scavenger on");
    }
}

static void check_own_run(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;
    long long days = (long long)(d->now - d->last.started) / 86400;

    if (d->n_runs == 0) {
        finding_set(doc, out, HEALTH_WARN, "muster has never deleted anything from here (%s)",
                    d->runs_dir);
        finding_fix(doc, out,
                    "look at `muster scavenge`, then run it with --apply from cron or a timer");
    } else if (d->last.is_running) {
        finding_set(doc, out, HEALTH_OK, "a run, %s, is under way", d->last.id);
    } else if (d->last.is_interrupted) {
        finding_set(doc, out, HEALTH_WARN, "the last run, %s, was interrupted", d->last.id);
        finding_fix(doc, out, "`muster runs` and `muster restore %s` tell what it did", d->last.id);
    } else if (d->now - d->last.started > RUN_AGE_S) {
        finding_set(doc, out, HEALTH_WARN,
                    "the last run that deleted something, %s, was %lld days ago", d->last.id, days);
        finding_fix(doc, out, "see that the cron job or timer still runs");
    } else {
        finding_set(doc, out, HEALTH_OK,
                    "the last run that deleted something, %s, was %lld days ago", d->last.id, days);
    }
}

static void check_stale(struct doctor *doc, struct finding *out)
{
    const struct domain_state *d = doc->domain;
    size_t stale = 0, dynamic = 0, n, n_over;
    const char *names = zone_names(doc, is_stale, &n), *over = zone_names(doc, is_over, &n_over);
    uint64_t overdue_h = 0;

    for (size_t i = 0; i < d->n_zones; i++) {
        stale += d->zones[i].stale;
        dynamic += d->zones[i].dynamic;
        if (d->zones[i].overdue_h > overdue_h)
            overdue_h = d->zones[i].overdue_h;
    }
    if (stale == 0) {
        finding_set(doc, out, HEALTH_OK, "none of %zu dynamic records is stale", dynamic);
        return;
    }
    finding_set(doc, out, HEALTH_WARN,
                "%zu of %zu dynamic records are stale by their timestamps, for up to "
                "%llu days: %s%s",
                stale, dynamic, (unsigned long long)overdue_h / DAY_H, names,
                overdue_h > OVERDUE_H ? "; no scavenger has taken them" : "");
    if (n_over)
        finding_fix(doc, out,
                    "`muster scavenge` shows them; %s: more than the limit of one run, see "
                    "--max-deletes",
                    over);
    else
        finding_fix(doc, out, "`muster scavenge` shows which of them may go, --apply deletes them");
}

const struct check doctor_domain_checks[] = {
    { "directory", check_directory },
    { "aging", check_aging },
    { "gates", check_gates },
    { "intervals", check_intervals },
    { "updates", check_updates },
    { "scavenging-servers", check_servers },
    { "server-scavenger", check_own_scavenger },
    { "last-run", check_own_run },
    { "stale", check_stale },
    { NULL, NULL },
};
