#include "register/primaries.h"

#include "base/log.h"
#include "register/ownership.h"

#define HINT_NOT_PROVEN                                                                            \
    "if that server is yours name it with --ptr-server, or publish no PTRs with --ptr off"

static bool fail_plan(struct plan *p, enum err code, const char *hint, const char *why)
{
    for (size_t i = 0; i < p->n_steps; i++) {
        struct plan_step *s = &p->steps[i];

        if (s->action != REGISTER_ADD && s->action != REGISTER_REFRESH &&
            s->action != REGISTER_DELETE)
            continue;
        s->action = REGISTER_FAILED;
        s->code = code;
        s->hint = hint;
        if (!(s->detail = talloc_strdup(p, why)))
            return false;
        log_warning("%s: %s", s->owner, s->detail);
    }
    return true;
}

static enum err execute_at(struct primaries *all, struct primary *one,
                           const struct register_options *opt, const struct host *host,
                           struct tickets *kept, struct deadline d, struct error *e)
{
    /* Those kept from run to run are for the server in use. */
    struct tickets *tickets = one->is_in_use ? kept : tickets_new(all, opt->keytab);
    struct error why = { 0 };
    bool was_sent = false;
    char *text;
    enum err rc;

    if (!tickets)
        return err_nomem(e);
    rc = execute_plan(all, host, &one->contact, tickets, one->plan, one->published, d, &was_sent,
                      &one->execution, &why);
    if (tickets != kept)
        talloc_free(tickets);
    if (rc) {
        text = talloc_asprintf(all, "cannot be updated: %s", why.message);
        return text && fail_plan(one->plan, rc,
                                 one->is_in_use         ? NULL
                                 : rc == ERR_UNVERIFIED ? HINT_NOT_PROVEN
                                                        : PRIMARIES_HINT,
                                 text)
                   ? OK
                   : err_nomem(e);
    }
    rc = outcome_judge(one->plan, one->execution.replies, one->execution.after, one->contact.server,
                       &one->outcome, e);
    /* Only a controller of this domain can tell. */
    if (!rc && one->is_in_use && ownership_is_in_question(one->plan))
        ownership_explain(host, &one->contact, opt->keytab, !opt->n_ptr_servers, d, one->plan);
    return rc;
}

enum err primaries_execute(struct primaries *all, const struct register_options *opt,
                           const struct host *host, struct tickets *tickets, struct deadline d,
                           struct error *e)
{
    enum err rc = OK;

    d = deadline_sooner(d, deadline_in(PRIMARIES_PATIENCE_MS));
    for (size_t i = 0; !rc && i < all->n; i++) {
        if (all->list[i].plan && all->list[i].plan->n_updates)
            rc = execute_at(all, &all->list[i], opt, host, tickets, d, e);
    }
    return rc;
}

/* The report is headed by the server in use. */
static bool say_where(const struct primary *one)
{
    for (size_t i = 0; !one->is_in_use && i < one->plan->n_steps; i++) {
        struct plan_step *s = &one->plan->steps[i];

        s->detail = talloc_asprintf(one->plan, "at %s%s%s", one->contact.server,
                                    s->detail ? ": " : "", s->detail ? s->detail : "");
        if (!s->detail)
            return false;
    }
    return true;
}

enum err primaries_merge(const struct primaries *all, const struct plan_input *in,
                         struct plan *plan, enum register_verified *verified, struct error *e)
{
    bool was_sent = plan->n_updates > 0;

    for (size_t i = 0; i < all->n; i++) {
        const struct primary *one = &all->list[i];

        if (!one->plan)
            continue;
        if (one->execution.replies) {
            if (!was_sent || one->outcome.verified < *verified)
                *verified = one->outcome.verified;
            was_sent = true;
        }
        if (!say_where(one) || !plan_append(plan, one->plan))
            return err_nomem(e);
    }
    for (size_t i = 0; i < all->n_failures; i++) {
        if (!plan_fail(plan, in, &all->failures[i]))
            return err_nomem(e);
    }
    return OK;
}

unsigned primaries_turns(const struct primaries *all)
{
    unsigned turns = all->turns;

    for (size_t i = 0; i < all->n; i++) {
        const struct primary *one = &all->list[i];

        turns += one->execution.kerberos_turns;
        if (one->contact.conn && !one->is_in_use)
            turns += dns_conn_turns(one->contact.conn);
    }
    return turns;
}
