#include "scavenger/survey.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/name.h"

/* One zone's walk. */
struct walk {
    struct survey *survey;
    const struct survey_params *params;
    const struct survey_zone *zone;
    struct plan_builder *builder; /* NULL: only looked at for evidence */
    struct pairs *pairs;          /* NULL: not wanted */
};

static bool is_read(const struct survey *s, enum evidence_source source)
{
    return s->evidence.state[source] == EVIDENCE_READ;
}

/* ERR_NOMEM stays an error; anything else leaves the source unread. */
static enum err lose_source(struct survey *s, enum evidence_source source, struct error *e)
{
    if (e->code == ERR_NOMEM)
        return ERR_NOMEM;
    s->evidence.state[source] = EVIDENCE_UNREAD;
    s->evidence.problem[source] = talloc_strdup(s, e->message);
    if (!s->evidence.problem[source])
        return err_nomem(e);
    log_warning("evidence %s could not be read: %s", evidence_name(source), e->message);
    err_clear(e);
    return OK;
}

static enum err read_accounts(struct survey *s, struct directory *d, struct error *e)
{
    enum err rc = computers_read(s, d, &s->evidence.computers, e);

    if (rc)
        return lose_source(s, EVIDENCE_ACCOUNTS, e);
    s->evidence.state[EVIDENCE_ACCOUNTS] = EVIDENCE_READ;
    log_debug("%zu computer accounts read", computers_count(s->evidence.computers));
    return OK;
}

/* For the gates alone: without them any owner is one that they know nothing of. */
static enum err read_owners(struct survey *s, struct directory *d, struct error *e)
{
    if (computers_read(s, d, &s->evidence.computers, e) == OK)
        return OK;
    if (e->code == ERR_NOMEM)
        return ERR_NOMEM;
    log_warning("computer accounts could not be read: %s", e->message);
    err_clear(e);
    return OK;
}

/* The name that a value is about, lower case without final dot, or NULL: addresses and pointers
 * only. */
static char *host_of(TALLOC_CTX *mem, const struct dns_zone *zone, const struct dns_node *node,
                     const struct dnsp_record *r)
{
    char *target;

    if (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA)
        return dns_name_absolute(mem, node->name, zone->name);
    if (r->type != DNS_TYPE_PTR)
        return NULL;
    target = dnsp_data_text(mem, r);
    return target ? name_fold(mem, target) : NULL;
}

/* Who owns records of names that are not its own: a DHCP server does, a host hardly. */
static enum err count_foreign(const struct walk *w, const struct dns_node *node, struct error *e)
{
    struct computers *all = w->survey->evidence.computers;
    struct computer *owner = NULL;
    TALLOC_CTX *tmp;
    enum err rc = OK;

    if (!is_read(w->survey, EVIDENCE_ACCOUNTS) || !node->owner_sid || node->is_tombstoned ||
        computers_by_sid(all, node->owner_sid, &owner) != SID_COMPUTER)
        return OK;
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values; i++) {
        struct dnsp_record *r = NULL;
        char *host;

        if ((rc = dnsp_record_decode(tmp, node->values[i], &r, NULL)) == ERR_NOMEM)
            break;
        rc = OK;
        host = r ? host_of(tmp, w->zone->zone, node, r) : NULL;
        if (!host || computer_has_name(all, owner, host))
            continue;
        owner->n_foreign += owner->n_foreign < UINT16_MAX;
        break; /* a name counts once */
    }
    talloc_free(tmp);
    return rc ? err_nomem(e) : OK;
}

/* A PTR whose name has gone to another address. */
static enum err look_whether_moved(const struct walk *w, const struct dns_node *node,
                                   struct ip address, struct bytes value, struct error *e)
{
    const struct pairs *pairs = w->survey->evidence.pairs;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dnsp_record *r = NULL;
    char *data, *host, text[IP_TEXT_MAX];
    enum err rc = OK;

    if (!tmp)
        return err_nomem(e);
    if (dnsp_record_decode(tmp, value, &r, NULL) == OK && r->type == DNS_TYPE_PTR &&
        dnsp_data_is_valid(r) && (data = dnsp_data_text(tmp, r)) != NULL &&
        (host = name_fold(tmp, data)) != NULL &&
        pairs_of_name(pairs, host, address.family).life == PAIR_FRESH &&
        pairs_find(pairs, host, address).life == PAIR_NONE)
        rc = findings_add(w->survey->findings, FINDING_PTR_MOVED, w->zone->zone->name, node->name,
                          data, e, "%s keeps another address fresh and does not hold %s%s", host,
                          ip_format(address, text),
                          r->timestamp_h ? "" : "; the PTR is static: only a person can remove it");
    talloc_free(tmp);
    return rc;
}

static enum err look_at_pointers(const struct walk *w, const struct dns_node *node, struct error *e)
{
    char *name = dns_name_absolute(NULL, node->name, w->zone->zone->name);
    struct ip address;
    bool is_host = name && dns_name_to_ip(name, &address);
    enum err rc = name ? OK : err_nomem(e);

    talloc_free(name);
    if (!is_host || node->is_tombstoned || node->is_conflict || node->is_deleted)
        return rc;
    for (size_t i = 0; i < node->n_values && !rc; i++)
        rc = look_whether_moved(w, node, address, node->values[i], e);
    return rc;
}

static enum err visit(const struct dns_node *node, void *priv, struct error *e)
{
    struct walk *w = priv;
    bool is_reverse = pairs_is_reverse(w->zone->zone);
    enum err rc = OK;

    if (w->builder)
        rc = plan_builder_visit(node, w->builder, e);
    if (!rc)
        rc = count_foreign(w, node, e);
    if (!rc && w->pairs)
        rc = is_reverse ? pairs_add_reverse(w->pairs, w->zone->zone, node, e)
                        : pairs_add(w->pairs, w->zone->zone, node, e);
    if (!rc && w->builder && is_reverse && is_read(w->survey, EVIDENCE_PAIRS))
        rc = look_at_pointers(w, node, e);
    if (w->params->progress)
        w->params->progress(++w->survey->n_nodes, w->params->priv);
    return rc;
}

static enum err walk_zone(struct survey *s, struct directory *d, const struct survey_params *params,
                          size_t at, struct pairs *pairs, struct error *e)
{
    struct node_filter filter = { .with_owner = params->with_owner || s->evidence.computers };
    struct walk w = { s, params, &params->zones[at], NULL, pairs };
    enum err rc;

    if (w.zone->is_judged && w.zone->is_walked)
        w.builder = s->builders[at];
    if (!w.builder && !pairs)
        return OK;
    if (pairs && !pairs_is_reverse(w.zone->zone) && (rc = pairs_add_zone(pairs, w.zone->zone, e)))
        return rc;
    rc = nodes_walk(d, w.zone->zone, &filter, visit, &w, e);
    if (rc && !w.builder)
        return lose_source(s, EVIDENCE_PAIRS, e);
    return rc;
}

static enum err walk_zones(struct survey *s, struct directory *d,
                           const struct survey_params *params, bool reverse, struct pairs *pairs,
                           struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < params->n_zones && !rc; i++) {
        if (pairs_is_reverse(params->zones[i].zone) == reverse)
            rc = walk_zone(s, d, params, i, pairs, e);
    }
    return rc;
}

static bool is_judged(const struct survey_params *params, const struct dns_zone *zone)
{
    for (size_t i = 0; i < params->n_zones; i++) {
        if (params->zones[i].zone == zone)
            return params->zones[i].is_judged;
    }
    return false;
}

static enum err report_duplicate(const struct duplicate *d, void *priv, struct error *e)
{
    struct walk *w = priv;
    char text[IP_TEXT_MAX];

    if (!is_judged(w->params, d->zone) && !is_judged(w->params, d->other_zone))
        return OK;
    return findings_add(w->survey->findings, FINDING_DUPLICATE_ADDRESS, d->zone->name, d->name,
                        ip_format(d->address, text), e, "%s in %s holds it too, both are fresh",
                        d->other_name, d->other_zone->name);
}

static enum err make_builders(struct survey *s, const struct survey_params *params, struct error *e)
{
    s->n_builders = params->n_zones;
    s->builders = talloc_zero_array(s, struct plan_builder *, params->n_zones + 1);
    if (!s->builders)
        return err_nomem(e);
    for (size_t i = 0; i < params->n_zones; i++) {
        const struct plan_params p = {
            .protection = params->protection,
            .now_h = params->now_h,
            .computers = s->evidence.computers,
            .watched = params->zones[i].watched,
        };

        if (params->zones[i].is_judged &&
            !(s->builders[i] = plan_builder_new(s, params->zones[i].zone, &p)))
            return err_nomem(e);
    }
    return OK;
}

/* Forward zones first: a PTR is then judged with its forward name as it comes. */
static enum err read_zones(struct survey *s, struct directory *d,
                           const struct survey_params *params, struct error *e)
{
    struct pairs *pairs = NULL;
    struct walk w = { .survey = s, .params = params };
    enum err rc;

    if (params->is_wanted[EVIDENCE_PAIRS]) {
        if (!(pairs = pairs_new(s, params->now_h)))
            return err_nomem(e);
        s->evidence.pairs = pairs;
    }
    if ((rc = walk_zones(s, d, params, false, pairs, e)) || (pairs && (rc = pairs_seal(pairs, e))))
        return rc;
    /* Unread already, where a forward zone failed. */
    if (pairs && s->evidence.state[EVIDENCE_PAIRS] == EVIDENCE_EXCLUDED) {
        s->evidence.state[EVIDENCE_PAIRS] = EVIDENCE_READ;
        if ((rc = pairs_duplicates(pairs, report_duplicate, &w, e)))
            return rc;
    }
    return walk_zones(s, d, params, true, pairs, e);
}

/*
 * Aging that was switched on lately without saying from when on to scavenge (dNSProperty 0x12), as
 * Samba's tool does, looks like this: hosts had no time to refresh what was stamped long ago.
 */
static enum err report_nothing_fresh(struct survey *s, const struct zone_plan *p, struct error *e)
{
    if (!p->zone->aging.is_enabled || p->dynamic < GATE_ONE_STAMP_MIN || p->kept[REASON_FRESH])
        return OK;
    return findings_add(
        s->findings, FINDING_NOTHING_FRESH, p->zone->name, "@", "", e,
        "none of %zu dynamic records is fresh: was aging switched on lately, or can "
        "hosts not refresh?",
        p->dynamic);
}

static enum err lay_evidence(struct survey *s, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < s->n_builders && !rc; i++) {
        struct zone_plan *p = s->builders[i] ? plan_builder_plan(s->builders[i]) : NULL;

        if (p && !(rc = evidence_apply(&s->evidence, p, s->findings, e)))
            rc = report_nothing_fresh(s, p, e);
    }
    return rc;
}

enum err survey_make(TALLOC_CTX *mem, struct directory *d, const struct survey_params *params,
                     struct survey **out, struct error *e)
{
    struct survey *s = talloc_zero(NULL, struct survey);
    enum err rc = OK;

    if (!s || !(s->findings = talloc_zero(s, struct findings))) {
        talloc_free(s);
        return err_nomem(e);
    }
    s->evidence.now_h = params->now_h;
    s->evidence.logon_now_h =
        params->now_h < params->real_now_h ? params->now_h : params->real_now_h;
    s->evidence.alive_window_h = params->alive_window_h;
    if (params->is_wanted[EVIDENCE_ACCOUNTS])
        rc = read_accounts(s, d, e);
    else if (params->with_accounts)
        rc = read_owners(s, d, e);
    if (!rc && !(rc = make_builders(s, params, e)))
        rc = read_zones(s, d, params, e);
    if (!rc)
        rc = lay_evidence(s, e);
    if (rc)
        talloc_free(s);
    else
        *out = talloc_steal(mem, s);
    return rc;
}
