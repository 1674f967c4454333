#include "scavenger/verdict.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dns/rr.h"
#include "scavenger/relied.h"

static const char *const names[REASON_COUNT] = {
    [REASON_STATIC] = "static",
    [REASON_FOREIGN_TYPE] = "foreign-type",
    [REASON_UNREADABLE] = "unreadable",
    [REASON_PROTECTED] = "protected",
    [REASON_CONFLICT_OBJECT] = "conflict-object",
    [REASON_FUTURE] = "future",
    [REASON_FRESH] = "fresh",
    [REASON_SEEN_LATELY] = "seen-lately",
    [REASON_ZONE_GATE] = "zone-gate",
    [REASON_CLUSTER] = "cluster",
    [REASON_OWNER_ALIVE] = "owner-alive",
    [REASON_FORWARD_FRESH] = "forward-fresh",
    [REASON_REVERSE_FRESH] = "reverse-fresh",
    [REASON_ANSWERS] = "answers",
    [REASON_SILENCE_SHORT] = "silence-short",
    [REASON_HAS_ACCOUNT] = "has-account",
    [REASON_EVIDENCE_MISSING] = "evidence-missing",
    [REASON_NEWER_ELSEWHERE] = "newer-elsewhere",
    [REASON_STALE] = "stale",
};

const char *reason_name(enum reason r) { return (size_t)r < REASON_COUNT ? names[r] : "internal"; }

/* The types that hosts register themselves; every other type is somebody's intent. */
static bool is_host_type(uint16_t type)
{
    switch (type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
    case DNS_TYPE_MX:
    case DNS_TYPE_TXT:
    case DNS_TYPE_SRV:
        return true;
    default:
        return false;
    }
}

/* Its target may be protected. */
static bool is_pointer(uint16_t type) { return type == DNS_TYPE_PTR || type == DNS_TYPE_CNAME; }

/* A label that begins with an underscore anywhere makes the name a service's, not a host's. */
static bool has_underscore_label(const char *name)
{
    if (name[0] == '_')
        return true;
    for (const char *s = name; *s; s++) {
        if (*s == '\\' && s[1])
            s++;
        else if (*s == '.' && s[1] == '_')
            return true;
    }
    return false;
}

static bool equal_ignoring_final_dot(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);

    if (na > 1 && a[na - 1] == '.')
        na--;
    if (nb > 1 && b[nb - 1] == '.')
        nb--;
    return na == nb && strncasecmp(a, b, na) == 0;
}

static bool is_name_of(const struct candidate *c, const char *fqdn)
{
    size_t n = strlen(c->name);

    return strncasecmp(fqdn, c->name, n) == 0 && fqdn[n] == '.' &&
           equal_ignoring_final_dot(fqdn + n + 1, c->zone);
}

static const char *relied_by(const struct candidate *c, const struct relied *relied)
{
    char absolute[1200];

    if (!relied)
        return NULL;
    snprintf(absolute, sizeof absolute, "%s.%s", c->name, c->zone);
    return relied_on(relied, c->zone, absolute);
}

static bool glob_matches(const struct candidate *c, const char *glob)
{
    char absolute[1200];

    if (fnmatch(glob, c->name, FNM_CASEFOLD) == 0)
        return true;
    if (strcmp(c->name, "@") == 0)
        return fnmatch(glob, c->zone, FNM_CASEFOLD) == 0;
    snprintf(absolute, sizeof absolute, "%s.%s", c->name, c->zone);
    return fnmatch(glob, absolute, FNM_CASEFOLD) == 0;
}

const char *verdict_protection(const struct candidate *c, const struct protection *p)
{
    static const char *const wellknown[] = { "gc", "domaindnszones", "forestdnszones" };

    if (strcmp(c->name, "@") == 0)
        return "zone apex";
    if (has_underscore_label(c->name))
        return "service name (_)";
    if (strncasecmp(c->zone, "_msdcs.", 7) == 0 || strcasecmp(c->zone, "_msdcs") == 0)
        return "_msdcs zone";
    for (size_t i = 0; i < sizeof wellknown / sizeof wellknown[0]; i++) {
        if (strcasecmp(c->name, wellknown[i]) == 0)
            return wellknown[i];
    }
    for (size_t i = 0; i < p->n_controllers; i++) {
        if (is_name_of(c, p->controllers[i]))
            return "domain controller";
        if (is_pointer(c->record->type) && equal_ignoring_final_dot(c->data, p->controllers[i]))
            return "points to a domain controller";
    }
    for (size_t i = 0; i < p->n_globs; i++) {
        if (glob_matches(c, p->globs[i]))
            return p->globs[i];
    }
    return relied_by(c, p->relied);
}

struct verdict verdict_judge(const struct candidate *c, const struct zone_aging *aging,
                             const struct protection *protection, uint32_t now_h)
{
    const struct dnsp_record *r = c->record;
    struct verdict v = { .detail = "" };

    if (r && r->timestamp_h != 0)
        v.stale_at_h = (uint64_t)r->timestamp_h + aging->no_refresh_h + aging->refresh_h + 1;
    if (c->is_conflict) {
        v.reason = REASON_CONFLICT_OBJECT;
        return v;
    }
    if (!r) {
        v.reason = REASON_UNREADABLE;
        return v;
    }
    if (r->timestamp_h == 0)
        v.reason = REASON_STATIC;
    else if (!is_host_type(r->type))
        v.reason = REASON_FOREIGN_TYPE;
    else if (!dnsp_data_is_valid(r) || (is_pointer(r->type) && !c->data))
        v.reason = REASON_UNREADABLE;
    else if ((v.detail = verdict_protection(c, protection)) != NULL)
        v.reason = REASON_PROTECTED;
    else if (r->timestamp_h > now_h)
        v.reason = REASON_FUTURE;
    else if (now_h < v.stale_at_h)
        v.reason = REASON_FRESH;
    else
        v.reason = REASON_STALE;
    if (!v.detail)
        v.detail = "";
    return v;
}
