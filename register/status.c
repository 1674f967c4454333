#include "register/status.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "ldap/dnsp.h"
#include "ldap/nodes.h"
#include "register/belonging.h"
#include "register/learn.h"
#include "register/machine.h"
#include "register/primaries.h"
#include "register/recall.h"
#include "register/survey.h"

static struct status_record record_of(const struct plan_step *s, const struct memory *m)
{
    /* An alias in the way is published; a PTR of somebody else stands where ours should be. */
    bool is_alias = s->type == DNS_TYPE_CNAME;
    bool is_beating = s->action == REGISTER_KEEP && s->type == DNS_TYPE_TXT;
    bool is_left = s->action == REGISTER_KEEP && !is_beating; /* somebody's intent, beside ours */

    return (struct status_record){
        .zone = s->zone,
        .name = s->owner,
        .type = s->type,
        .data = s->data,
        .is_desired = s->action != REGISTER_DELETE && !is_alias && !is_left,
        .is_published = s->action == REGISTER_REFRESH || s->action == REGISTER_DELETE ||
                        (is_left && !s->is_elsewhere) || is_beating || is_alias,
        .is_remembered = memory_has(m, plan_step_known_as(s), s->type, s->data),
        .is_in_sync = s->action == REGISTER_REFRESH || is_left || is_beating,
        .detail = s->action == REGISTER_DELETE && !s->detail ? "no longer wanted" : s->detail,
    };
}

/* Its deletion is sent in case that it is hidden; to look at, it is what the memory has. */
static bool is_of_memory(const struct plan_step *s)
{
    return s->is_unseen && s->action == REGISTER_DELETE;
}

static bool is_in_plan(const struct plan *plan, const struct memory_record *r)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        if (!is_of_memory(s) && s->type == r->type && strcmp(plan_step_known_as(s), r->name) == 0 &&
            strcmp(s->data, r->data) == 0)
            return true;
    }
    return false;
}

/* NULL without memory. */
static const char *say_awaited(TALLOC_CTX *mem, const struct memory_record *r)
{
    char *until = clock_rfc3339(mem, r->seen.at_s + LEARN_REPLICATION_S);

    if (r->seen.at_s <= 0 || !until)
        return talloc_strdup(mem, "not published here; looked for again, for another server may "
                                  "have it yet");
    return talloc_asprintf(mem,
                           "not published here; looked for again until %s, for %s may have it "
                           "yet",
                           until, r->seen.server ? r->seen.server : "another server");
}

/* What is remembered and nobody plans anything for. */
static bool add_remembered(struct status_report *report, const struct memory_record *r,
                           const struct published *p, struct sighting at, bool with_ptr)
{
    bool is_gone = learn_is_gone(r, p, at), is_awaited = learn_is_awaited(r, p, at);
    bool is_difference =
        r->is_pending && !is_gone && !is_awaited && (with_ptr || r->type != DNS_TYPE_PTR);
    const char *awaited = is_awaited ? say_awaited(report->records, r) : NULL;

    report->records[report->n_records++] = (struct status_record){
        .zone = r->zone,
        .name = r->name,
        .type = r->type,
        .data = r->data,
        .is_remembered = true,
        .is_in_sync = !is_difference,
        .detail = is_gone         ? "gone: the next run of register forgets it"
                  : is_awaited    ? awaited
                  : is_difference ? "no longer wanted; this server cannot tell if it is published"
                                  : NULL,
    };
    report->is_in_sync &= !is_difference;
    return !is_awaited || awaited;
}

bool status_records(struct status_report *r, const struct plan *plan, const struct memory *m,
                    const struct published *p, struct sighting at, bool with_ptr)
{
    r->records = talloc_zero_array(r, struct status_record, plan->n_steps + m->n_records);
    if (!r->records)
        return false;
    r->is_in_sync = true;
    for (size_t i = 0; i < plan->n_steps; i++) {
        if (is_of_memory(&plan->steps[i]))
            continue;
        r->records[r->n_records] = record_of(&plan->steps[i], m);
        r->is_in_sync &= r->records[r->n_records++].is_in_sync;
    }
    for (size_t i = 0; i < m->n_records; i++) {
        if (!is_in_plan(plan, &m->records[i]) &&
            !add_remembered(r, &m->records[i], p, at, with_ptr))
            return false;
    }
    return true;
}

/* One name's values as the directory has them. */
static enum err take_stamps(const struct dns_node *node, void *priv, struct error *e)
{
    struct status_record *r = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    enum err rc = OK;

    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct dnsp_record *value;
        char *text;

        rc = dnsp_record_decode(tmp, node->values[i], &value, e);
        if (rc == ERR_MALFORMED) {
            err_clear(e);
            rc = OK;
            continue;
        }
        if (rc || value->type != r->type)
            continue;
        text = dnsp_data_text(tmp, value);
        if (!text)
            rc = err_nomem(e);
        else if (strcasecmp(text, r->data) == 0) {
            r->has_timestamp = true;
            r->timestamp_h = value->timestamp_h;
        }
    }
    talloc_free(tmp);
    return rc;
}

static enum err stamp(TALLOC_CTX *tmp, struct directory *d, const struct dns_zone *zone,
                      struct status_record *r, struct error *e)
{
    struct node_filter filter = { .name = dns_name_relative(tmp, r->name, r->zone) };
    enum err rc;

    if (!filter.name)
        return err_nomem(e);
    if ((rc = nodes_walk(d, zone, &filter, take_stamps, r, e)))
        return rc;
    /* Plain DNS is anybody's word; the directory was read over a sealed connection. */
    if (!r->has_timestamp) {
        r->is_published = r->is_in_sync = false;
        r->detail = "DNS shows it, but the directory does not have it";
    }
    if (r->timestamp_h)
        r->stale_at_h =
            (uint64_t)r->timestamp_h + zone->aging.no_refresh_h + zone->aging.refresh_h + 1;
    return OK;
}

static struct status_zone *zone_of(struct status_report *r, const char *name)
{
    for (size_t i = 0; i < r->n_zones; i++) {
        if (strcmp(r->zones[i].name, name) == 0)
            return &r->zones[i];
    }
    return NULL;
}

/* Every zone of the records once, in their order. */
static bool list_zones(struct status_report *r)
{
    r->zones = talloc_zero_array(r, struct status_zone, r->n_records);
    for (size_t i = 0; r->zones && i < r->n_records; i++) {
        if (!zone_of(r, r->records[i].zone))
            r->zones[r->n_zones++].name = r->records[i].zone;
    }
    return r->zones;
}

static enum err read_directory(TALLOC_CTX *tmp, struct directory *d, struct status_report *r,
                               struct error *e)
{
    struct dns_zone *all;
    size_t n;
    enum err rc = zones_list(tmp, d, &all, &n, e);

    for (size_t i = 0; i < n && !rc; i++) {
        struct status_zone *z = zone_of(r, all[i].name);

        if (!z)
            continue;
        z->is_known = true;
        z->update = all[i].update;
        z->aging = all[i].aging;
        for (size_t k = 0; k < r->n_records && !rc; k++) {
            if (r->records[k].is_published && strcmp(r->records[k].zone, all[i].name) == 0)
                rc = stamp(tmp, d, &all[i], &r->records[k], e);
            r->is_in_sync &= r->records[k].is_in_sync;
        }
    }
    return rc;
}

/* With the machine account's tickets; without them the rest is worth as much. */
static bool look_inside(struct status_report *r, const struct host *host,
                        const struct contact *contact, const char *keytab, struct deadline d)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error why = { 0 };
    struct credentials *creds;
    struct directory *directory;
    enum err rc = machine_credentials(tmp, host, contact, keytab, d, &creds, &why);

    if (!rc) {
        r->ticket_expires_s = credentials_expiry(creds);
        if (!(rc = machine_directory(tmp, host, contact, creds, d, &directory, &why))) {
            rc = read_directory(tmp, directory, r, &why);
            talloc_free(directory);
        }
    }
    if (rc)
        r->directory_says = talloc_strdup(r, why.message);
    if (rc == ERR_UNVERIFIED)
        r->distrust = why;
    talloc_free(tmp);
    return !rc || r->directory_says;
}

/* Reverse zones that other servers have, and earlier names: their part of the plan. */
static enum err look_elsewhere(TALLOC_CTX *mem, const struct register_options *opt,
                               const struct host *host, const struct contact *contact,
                               const struct plan_input *in, struct deadline d, struct plan *plan,
                               struct error *e)
{
    enum register_verified nothing_sent;
    struct primaries *all;
    enum err rc;

    if ((rc = primaries_survey(mem, opt, host, contact, NULL, in, d, &all, e)) ||
        (rc = primaries_plan(all, contact, in, e)))
        return rc;
    return primaries_merge(all, in, plan, &nothing_sent, e);
}

static enum err compare(struct status_report *r, const struct register_options *opt,
                        const struct host *host, const struct contact *contact,
                        const struct siblings *siblings, const struct memory *m, struct deadline d,
                        struct error *e)
{
    struct plan_input in = {
        .memory = m, .siblings = siblings, .ttl_s = opt->ttl_s, .with_ptr = opt->with_ptr
    };
    struct published *published;
    struct plan *plan;
    struct ip *wanted = NULL;
    struct survey_own own;
    enum err rc = survey_addresses(r, opt, contact, d, &wanted, &in.n_wanted, e);

    if (rc == ERR_NOTFOUND) {
        log_warning("%s", e->message);
        err_clear(e);
        in.n_wanted = 0;
        rc = OK;
    }
    if (rc ||
        (rc = survey_published(r, opt, contact, host->fqdn, m, wanted, in.n_wanted, d, &published,
                               e)) ||
        (rc = survey_own(r, opt, contact, host, m, published, wanted, in.n_wanted, d, &own, e)))
        return rc;
    in.own = own.addresses;
    in.n_own = own.n_addresses;
    in.recovered = own.recovered;
    in.stamp =
        stamp_wish_of(opt->with_stamp, false, m, host->fqdn, clock_hours_from_unix(clock_now()));
    in.stamp.renew_after_h = STAMP_LATE_H;
    in.wanted = wanted;
    in.published = published;
    if ((rc = plan_register(r, &in, &plan, e)) ||
        (!published->cname && (rc = look_elsewhere(r, opt, host, contact, &in, d, plan, e))))
        return rc;
    if (!status_records(r, plan, m, published, (struct sighting){ contact->server, clock_now() },
                        opt->with_ptr) ||
        !list_zones(r))
        return err_nomem(e);
    /* Nothing wanted is no state to be content with. */
    r->is_in_sync &= in.n_wanted > 0;
    return OK;
}

enum err status_read(TALLOC_CTX *mem, const struct register_options *opt,
                     struct status_report **out, struct error *e)
{
    struct status_report *r = talloc_zero(NULL, struct status_report);
    struct deadline d = deadline_in(opt->timeout_ms);
    struct contact contact = { 0 };
    struct siblings siblings;
    struct memory *m, *on_disk = NULL; /* nobody writes here */
    struct host host;
    bool may_save;
    enum err rc;

    if (!r)
        return err_nomem(e);
    if ((rc = recall_memory(r, opt, &m, &may_save, e)) || (rc = host_identify(r, opt, &host, e)) ||
        (rc = siblings_of(r, opt, &host, &siblings, e)) ||
        (rc = belonging_settle(r, opt, &host, &siblings,
                               belonging_machine_id(r, BELONGING_MACHINE_ID), &m, &on_disk,
                               &may_save, e)) ||
        (rc = contact_server(r, opt, &host, d, &contact, e)) ||
        (rc = compare(r, opt, &host, &contact, &siblings, m, d, e)))
        goto done;
    r->hostname = host.fqdn;
    r->domain = host.domain;
    r->principal = host.principal;
    r->server = (struct register_server){ contact.server, dns_conn_server(contact.conn),
                                          contact.site, contact.kind };
    r->last_error = m->last_error;
    if (!look_inside(r, &host, &contact, opt->keytab, d))
        rc = err_nomem(e);
done:
    if (rc) {
        talloc_free(r);
        return rc;
    }
    *out = talloc_steal(mem, r);
    return OK;
}
