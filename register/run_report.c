#include "register/run.h"

#include "dns/name.h"

static enum err report_records(struct register_report *r, const struct plan *plan, struct error *e)
{
    r->records = talloc_zero_array(r, struct register_record, plan->n_steps);
    if (!r->records)
        return err_nomem(e);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];
        struct register_record *to = &r->records[r->n_records++];

        to->zone = talloc_strdup(r, s->zone);
        to->name = dns_name_relative(r, s->owner, s->zone);
        to->type = s->type;
        to->data = talloc_strdup(r, s->data);
        to->action = s->action;
        to->detail = s->detail ? talloc_strdup(r, s->detail) : NULL;
        if (!to->zone || !to->name || !to->data || (s->detail && !to->detail))
            return err_nomem(e);
    }
    return OK;
}

enum err run_report(TALLOC_CTX *mem, const struct run *run, struct register_report **out,
                    struct error *e)
{
    struct register_report *r = talloc_zero(NULL, struct register_report);
    const struct contact *c = &run->contact;
    const char *kind;
    enum err rc;

    if (!r)
        return err_nomem(e);
    r->hostname = talloc_strdup(r, run->host.fqdn);
    r->domain = talloc_strdup(r, run->host.domain);
    r->server.name = talloc_strdup(r, c->server);
    r->server.address = dns_conn_server(c->conn);
    r->server.site = c->site ? talloc_strdup(r, c->site) : NULL;
    /* Only Samba before 4.21 leaves the length out of the MAC, whatever it says of itself. */
    kind = run->outcome.verified == REGISTER_VERIFIED_LEGACY ? "samba" : c->kind;
    r->server.kind = kind ? talloc_strdup(r, kind) : NULL;
    r->verified = run->outcome.verified;
    r->round_trips = c->locating_turns + dns_conn_turns(c->conn) + run->kerberos_turns;
    if (run->primaries)
        r->round_trips += primaries_turns(run->primaries);
    r->is_dry_run = run->opt->is_dry_run;
    r->is_unsettled = run->is_unsettled;
    r->asked =
        run->n_asked ? talloc_memdup(r, run->asked, run->n_asked * sizeof *run->asked) : NULL;
    r->n_asked = r->asked ? run->n_asked : 0;
    r->outcome = run->outcome.code;
    r->problem = run->outcome.problem;
    if (!r->hostname || !r->domain || !r->server.name || (c->site && !r->server.site) ||
        (kind && !r->server.kind))
        rc = err_nomem(e);
    else
        rc = report_records(r, run->plan, e);
    if (rc) {
        talloc_free(r);
        return rc;
    }
    *out = talloc_steal(mem, r);
    return OK;
}
