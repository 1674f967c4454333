#include "register/register.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "register/address_command.h"
#include "register/belonging.h"
#include "register/learn.h"
#include "register/ownership.h"
#include "register/reconnect.h"
#include "register/run.h"
#include "register/runlock.h"

struct register_options register_options_default(void)
{
    return (struct register_options){
        .ttl_s = REGISTER_TTL_S,
        .with_ptr = true,
        .keytab = REGISTER_KEYTAB,
        .state_dir = STATE_DIR,
        .timeout_ms = REGISTER_TIMEOUT_MS,
        .resolv_conf = REGISTER_RESOLV_CONF,
    };
}

static enum err check_options(const struct register_options *opt, struct error *e)
{
    /* RFC 2181 section 8: a TTL is 31 bits; 0 would make every resolver ask every time. */
    if (opt->ttl_s == 0 || opt->ttl_s > INT32_MAX)
        return err_set(e, ERR_USAGE, "a TTL of %u s is not possible: 1 to %d", opt->ttl_s,
                       INT32_MAX);
    if (opt->timeout_ms <= 0)
        return err_set(e, ERR_USAGE, "the timeout has to be longer than nothing");
    return OK;
}

/* What is remembered of somebody else is not gone by; see register/belonging.h. */
static enum err settle(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    struct memory *read = run->memory, *m = read;
    const char *machine = belonging_machine_id(mem, BELONGING_MACHINE_ID);
    bool is_anothers = belonging_is_anothers(read, machine, run->host.principal);
    enum err rc =
        belonging_settle(mem, run->opt, &run->host, &run->siblings, machine, &m, &run->may_save, e);

    if (rc)
        return rc;
    run->memory = m;
    if (is_anothers && !(run->on_disk = talloc_zero(mem, struct memory)))
        return err_nomem(e);
    return OK;
}

/* The addresses that this machine should be found at, going by the way to the server. */
static enum err choose(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    struct register_options known = *run->opt;
    enum err rc;

    /* Once, at however many servers it is tried. */
    if (!run->asked && !known.n_addresses && known.address_command &&
        (rc = address_command_run(mem, known.address_command, run->d, &run->asked, &run->n_asked,
                                  e)))
        return rc;
    if (run->asked) {
        known.addresses = run->asked;
        known.n_addresses = run->n_asked;
    }
    return survey_addresses(mem, &known, &run->contact, run->d, &run->wanted, &run->n_wanted, e);
}

/* For unregister: what is remembered at the own name; without any memory, what would be published:
 * that is where to look. */
static enum err choose_registered(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    enum err rc;

    if (run->memory->n_records)
        return learn_addresses(mem, run->memory, run->host.fqdn, false, &run->wanted,
                               &run->n_wanted, e);
    log_info("nothing is remembered of %s: going by what the directory proves to be its own",
             run->host.fqdn);
    rc = choose(mem, run, e);
    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        run->n_wanted = 0;
        rc = OK;
    }
    return rc;
}

static enum err look_up(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    return survey_published(mem, run->opt, &run->contact, run->host.fqdn, run->memory, run->wanted,
                            run->n_wanted, run->d, &run->published, e);
}

static struct plan_input plan_input_of(const struct run *run)
{
    return (struct plan_input){
        .is_leaving = run->is_leaving,
        .published = run->published,
        .memory = run->memory,
        .siblings = &run->siblings,
        .wanted = run->wanted,
        .n_wanted = run->n_wanted,
        .own = run->own.addresses,
        .n_own = run->own.n_addresses,
        .ttl_s = run->opt->ttl_s,
        .with_ptr = run->opt->with_ptr,
        .form = form_for(run->contact.kind, run->published->has_edns),
        .renewal = run->renewal,
        .stamp = stamp_wish_of(run->opt->with_stamp, run->is_leaving, run->memory, run->host.fqdn,
                               clock_hours_from_unix(clock_now())),
    };
}

/*
 * Never at the apex of a zone: there the domain's own addresses are, and those that are not
 * this host's would go.
 */
static enum err check_zone(const struct run *run, struct error *e)
{
    if (strcmp(run->published->zone, run->host.fqdn) != 0)
        return OK;
    err_set(e, ERR_USAGE, "cannot register '%s': that is a zone, not a host", run->host.fqdn);
    return err_hint(e, "set the host name, or give one with --hostname");
}

static bool explain_refusals(struct run *run)
{
    if (!ownership_is_in_question(run->plan))
        return false;
    ownership_explain(&run->host, &run->contact, run->opt->keytab, !run->opt->n_ptr_servers, run->d,
                      run->plan);
    return true;
}

/* Send the plan unless there is nothing to send or nothing may be sent; judge what came of it. */
static enum err carry_out(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    struct memory *intent;
    enum err rc;

    if (!run->plan->n_updates || run->opt->is_dry_run) {
        if (!run->opt->is_dry_run)
            explain_refusals(run);
        outcome_of_plan(run->plan, &run->outcome);
        return OK;
    }
    /* On disk before it is in the DNS: a run that dies in between leaves nothing forgotten. */
    intent = memory_copy(mem, run->lost ? run->lost : run->memory);
    if (!intent ||
        !learn_intent(intent, run->plan, run->own.recovered, run_sighting(&run->contact)))
        return err_nomem(e);
    run_save(run, intent);
    rc = execute_plan(mem, &run->host, &run->contact, run->tickets, run->plan, run->published,
                      run->d, &run->was_sent, &run->execution, e);
    run->kerberos_turns += run->execution.kerberos_turns;
    if (run->was_sent && (rc || run->execution.was_repeated))
        run->lost = intent;
    if (rc)
        return rc;
    rc = outcome_judge(run->plan, run->execution.replies, run->execution.after, run->contact.server,
                       &run->outcome, e);
    if (rc || !explain_refusals(run))
        return rc;
    outcome_sum_up(run->plan, outcome_primary(run->execution.after, run->contact.server),
                   &run->outcome);
    return OK;
}

/*
 * Where the name itself could not be published a PTR would be untrue, and an earlier name may be
 * the only one that this host has.
 */
static bool is_own_name_well(const struct run *run)
{
    for (size_t i = 0; i < run->plan->n_steps; i++) {
        const struct plan_step *s = &run->plan->steps[i];

        if (s->type != DNS_TYPE_PTR && s->type != DNS_TYPE_TXT && !s->is_earlier && s->code)
            return false;
    }
    return true;
}

/* As for the server in use: on disk before it is in the DNS. */
static enum err send_elsewhere(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    struct memory *intent = memory_copy(mem, run->on_disk);

    for (size_t i = 0; intent && i < run->primaries->n; i++) {
        const struct primary *one = &run->primaries->list[i];

        if (one->plan && !learn_intent(intent, one->plan, NULL, run_sighting(&one->contact)))
            return err_nomem(e);
    }
    if (!intent)
        return err_nomem(e);
    run_save(run, intent);
    return primaries_execute(run->primaries, run->opt, &run->host, run->tickets, run->d, e);
}

/* Reverse zones that other servers have, and earlier names, after all else is done. */
static enum err go_elsewhere(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    enum err rc;

    if (!run->is_leaving && !is_own_name_well(run))
        return OK;
    if ((rc = primaries_survey(mem, run->opt, &run->host, &run->contact, run->tickets, &run->in,
                               run->d, &run->primaries, e)) ||
        (rc = primaries_plan(run->primaries, &run->contact, &run->in, e)))
        return rc;
    if (!run->opt->is_dry_run && (rc = send_elsewhere(mem, run, e)))
        return rc;
    rc = primaries_merge(run->primaries, &run->in, run->plan, &run->outcome.verified, e);
    if (!rc)
        outcome_sum_up(run->plan,
                       outcome_primary(run->execution.after ? run->execution.after : run->published,
                                       run->contact.server),
                       &run->outcome);
    return rc;
}

/* Where the DNS server cannot tell itself when to stamp anew. */
static enum err read_stamps(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    run->renewal = NULL;
    if (form_for(run->contact.kind, run->published->has_edns) != FORM_RENEW)
        return OK;
    return renewal_read(mem, &run->host, &run->contact, run->opt->keytab, run->published,
                        clock_hours_from_unix(clock_now()), run->d, &run->renewal, e);
}

/* register only: unregister takes back nothing that it does not remember. */
static enum err plan_registration(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    enum err rc;

    if ((rc = survey_own(mem, run->opt, &run->contact, &run->host, run->memory, run->published,
                         run->wanted, run->n_wanted, run->d, &run->own, e)) ||
        (rc = read_stamps(mem, run, e)))
        return rc;
    run->in = plan_input_of(run);
    return plan_register(mem, &run->in, &run->plan, e);
}

static enum err plan_removal(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    enum err rc;

    run->in = plan_input_of(run);
    if (!run->memory->n_records) {
        rc = survey_lost(mem, run->opt, &run->contact, &run->host, run->published, run->wanted,
                         run->n_wanted, run->d, &run->own, e);
        if (rc)
            return rc;
        run->in.memory = run->own.recovered;
        run->in.wanted = run->own.addresses;
        run->in.n_wanted = run->own.n_addresses;
        run->in.unknown = run->own.unknown;
    }
    return plan_unregister(mem, &run->in, &run->plan, e);
}

/* A dry run reads only, and needs no right to write locks. */
static enum err lock_run(TALLOC_CTX *mem, const struct run *run, struct error *e)
{
    if (run->opt->is_dry_run)
        return OK;
    return runlock_wait(mem, run->opt->state_dir, run->opt->section, "register", run->d, e);
}

static enum err have_tickets(TALLOC_CTX *mem, struct run *run, struct tickets *kept,
                             struct error *e)
{
    run->tickets = kept ? kept : tickets_new(mem, run->opt->keytab);
    return run->tickets ? OK : err_nomem(e);
}

typedef enum err choose_step(TALLOC_CTX *mem, struct run *run, struct error *e);
typedef enum err plan_maker(TALLOC_CTX *mem, struct run *run, struct error *e);

/* What is read first, with not too much patience: another server may be quicker. */
static enum err look_up_soon(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    struct deadline whole = run->d;
    enum err rc;

    run->d = contact_patience(&run->contact, whole, 1);
    rc = look_up(mem, run, e);
    run->d = whole;
    return rc;
}

static enum err look_up_here(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    bool is_moved = false;
    enum err rc = look_up_soon(mem, run, e);

    if (!rc)
        rc = contact_primary(mem, run->opt, &run->host, run->d, run->published->mname,
                             &run->contact, &is_moved, e);
    return !rc && is_moved ? look_up_soon(mem, run, e) : rc;
}

/* All that one server has to do for a run. */
static enum err attempt(TALLOC_CTX *mem, struct run *run, choose_step *choose_wanted,
                        plan_maker *make_plan, struct error *e)
{
    enum err rc;

    run->is_at_server = run->was_sent = false;
    run->execution = (struct execution){ 0 };
    if ((rc = choose_wanted(mem, run, e)))
        return rc;
    run->is_at_server = true;
    if ((rc = look_up_here(mem, run, e)) || (rc = check_zone(run, e)))
        return rc;
    if ((rc = make_plan(mem, run, e)))
        return rc;
    return carry_out(mem, run, e);
}

/*
 * It was this server's fault or its way's.  An update of unknown outcome may be made again
 * elsewhere (gss-tsig/PROTOCOL.md, "Trying again"); an answer to it that cannot be verified is no
 * loss but an alarm.
 */
static bool may_pass_over(const struct run *run, enum err rc)
{
    if (!run->is_at_server)
        return false;
    if (rc == ERR_TIMEOUT || rc == ERR_UNREACHABLE)
        return true;
    return !run->was_sent &&
           (rc == ERR_SERVER || rc == ERR_NOTFOUND || rc == ERR_MALFORMED || rc == ERR_UNVERIFIED ||
            (rc == ERR_AUTH && run->execution.has_ticket));
}

/*
 * What a lost update did elsewhere can arrive between a look and a change, and one that was
 * repeated may have been done the first time, whatever the answer said: another look will tell.
 */
static bool was_overtaken_by_own(struct run *run, bool *has_looked_again)
{
    if (!run->lost || *has_looked_again || !execution_was_overtaken(&run->execution, run->plan))
        return false;
    log_info("%s is no longer as it was read: reading it again", run->host.fqdn);
    *has_looked_again = true;
    return true;
}

static enum err attempt_each(TALLOC_CTX *mem, struct run *run, choose_step *choose_wanted,
                             plan_maker *make_plan, struct error *e)
{
    bool has_looked_again = false;
    enum err rc;

    for (;;) {
        struct error no_other = { 0 };

        rc = attempt(mem, run, choose_wanted, make_plan, e);
        if (rc == OK && was_overtaken_by_own(run, &has_looked_again))
            continue;
        if (rc == OK || !may_pass_over(run, rc))
            break;
        if (rc == ERR_UNVERIFIED || rc == ERR_MALFORMED)
            log_warning("%s", e ? e->message : err_name(rc));
        else
            log_info("%s", e ? e->message : err_name(rc));
        /* What this one did it shows at once; at another it may have to arrive first. */
        if (rc == ERR_UNREACHABLE && reconnect_once(mem, &run->contact, run->d))
            continue;
        if (contact_another(mem, run->opt, &run->host, run->d, rc, &run->contact, &no_other))
            break;
    }
    if (rc && run->lost)
        err_prefix(e, "an update was sent, and whether it was done is not known");
    return rc;
}

/* The recipe that both commands share; they differ in which addresses are meant and what is
 * planned. */
static enum err follow(TALLOC_CTX *mem, const struct register_options *opt, struct tickets *kept,
                       bool is_leaving, choose_step *choose_wanted, plan_maker *make_plan,
                       struct register_report **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct run run = { .opt = opt, .d = deadline_in(opt->timeout_ms), .is_leaving = is_leaving };
    enum err rc;

    if ((rc = check_options(opt, e)) || (rc = lock_run(tmp, &run, e)) ||
        (rc = have_tickets(tmp, &run, kept, e)) || (rc = run_recall(tmp, &run, e)) ||
        (rc = host_identify(tmp, opt, &run.host, e)) ||
        (rc = siblings_of(tmp, opt, &run.host, &run.siblings, e)) || (rc = settle(tmp, &run, e)) ||
        (rc = contact_server(tmp, opt, &run.host, run.d, &run.contact, e)) ||
        (rc = attempt_each(tmp, &run, choose_wanted, make_plan, e)) ||
        (rc = go_elsewhere(tmp, &run, e)) || (rc = run_learn(tmp, &run, e)) ||
        (rc = run_report(mem, &run, out, e)))
        goto done;
done:
    if (rc)
        run_remember_failure(tmp, &run, e);
    talloc_free(tmp);
    return rc;
}

enum err register_run(TALLOC_CTX *mem, const struct register_options *opt, struct tickets *kept,
                      struct register_report **out, struct error *e)
{
    return follow(mem, opt, kept, false, choose, plan_registration, out, e);
}

enum err unregister_run(TALLOC_CTX *mem, const struct register_options *opt, struct tickets *kept,
                        struct register_report **out, struct error *e)
{
    return follow(mem, opt, kept, true, choose_registered, plan_removal, out, e);
}
