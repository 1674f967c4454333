#include "register/ownership.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "ldap/accounts.h"
#include "ldap/zones.h"
#include "register/learn.h"
#include "register/machine.h"

/* The run has failed already; an explanation is not worth waiting long for. */
#define PATIENCE_MS 3000

/* Who asks whom, and for whose records. */
struct question {
    const struct host *host;
    const struct contact *contact;
    const struct memory *memory;
    bool is_all;
};

static bool is_refused(const struct plan_step *s)
{
    return s->code == ERR_DENIED || s->code == ERR_PARTIAL;
}

static bool is_in_question(const struct plan_step *s)
{
    return is_refused(s) || s->code == ERR_CONFLICT || (s->is_unseen && s->code == ERR_UNVERIFIED);
}

bool ownership_is_in_question(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        if (is_in_question(&plan->steps[i]))
            return true;
    }
    return false;
}

/* Nobody sees it, and it is not there to be taken back: nothing is left to do. */
static void settle(struct plan *plan, struct plan_step *s, const char *why)
{
    char *detail = talloc_asprintf(plan, "remembered, but %s: forgotten", why);

    if (!detail)
        return;
    log_info("%s %s: %s", s->owner, s->data, detail);
    s->is_foreign = true;
    s->action = REGISTER_KEEP;
    s->code = OK;
    s->detail = detail;
    s->hint = NULL;
}

/* What is known of a conflict already stays in front. */
static void blame(struct plan *plan, struct plan_step *s, const char *whose)
{
    char *detail;

    if (s->is_earlier)
        detail =
            talloc_asprintf(plan, "the name is owned by %s: no longer this host's, and forgotten",
                            whose);
    else
        detail = s->code == ERR_CONFLICT && s->detail
                     ? talloc_asprintf(plan, "%s; the name is owned by %s", s->detail, whose)
                     : talloc_asprintf(plan, "the name is owned by %s", whose);

    if (!detail)
        return;
    s->is_foreign = true;
    s->action = REGISTER_CONFLICT;
    s->code = ERR_CONFLICT;
    s->detail = detail;
}

static bool is_unseen_at(const struct plan_step *s, const struct plan_step *at)
{
    return s->is_unseen && is_in_question(s) && strcmp(s->owner, at->owner) == 0 &&
           strcmp(s->zone, at->zone) == 0;
}

static bool can_tell(const struct question *q, const struct plan_step *s)
{
    ssize_t known = memory_find(q->memory, plan_step_known_as(s), s->type, s->data);

    return known >= 0 && learn_can_tell(&q->memory->records[known],
                                        (struct sighting){ q->contact->server, clock_now() });
}

/*
 * The directory has no such name.  That it has no such zone proves nothing where another server may
 * have it; nor does either before this server must have heard of the record.
 */
static enum err settle_missing(TALLOC_CTX *tmp, const struct question *q,
                               struct directory *directory, struct plan *plan, size_t first,
                               struct error *e)
{
    const struct plan_step *at = &plan->steps[first];
    struct dns_zone *zone;
    enum err rc = zone_find(tmp, directory, at->zone, &zone, e);

    if (rc && rc != ERR_NOTFOUND)
        return rc;
    for (size_t i = first; (q->is_all || !rc) && i < plan->n_steps; i++) {
        if (is_unseen_at(&plan->steps[i], at) && can_tell(q, &plan->steps[i]))
            settle(plan, &plan->steps[i],
                   rc ? "the directory has no such zone" : "the directory has no such name");
    }
    return OK;
}

static enum err explain_node(TALLOC_CTX *tmp, const struct question *q, struct directory *directory,
                             struct plan *plan, size_t first, struct error *e)
{
    const struct plan_step *at = &plan->steps[first];
    char *name = dns_name_relative(tmp, at->owner, at->zone), *whose, *reason;
    struct node_owner owner = { 0 };
    enum err rc = name ? node_owner_read(tmp, directory, at->zone, name, &owner, e) : err_nomem(e);

    if (rc == ERR_NOTFOUND)
        return settle_missing(tmp, q, directory, plan, first, e);
    if (rc || !owner.sid)
        return rc;
    /* Its own name refused: then it is something else. */
    if (owner.account && machine_is_account(q->host->principal, owner.account))
        return OK;
    whose = owner.account ? talloc_asprintf(tmp, "%s (%s)", owner.account, owner.sid)
                          : talloc_asprintf(tmp, "%s, an account that is no more", owner.sid);
    reason = talloc_asprintf(tmp, "the name is owned by %s", whose ? whose : "");
    if (!whose || !reason)
        return err_nomem(e);
    log_info("%s is owned by %s", at->owner, whose);
    for (size_t i = first; i < plan->n_steps; i++) {
        struct plan_step *s = &plan->steps[i];

        if (is_unseen_at(s, at))
            settle(plan, s, reason);
        else if (is_in_question(s) && strcmp(s->owner, at->owner) == 0)
            blame(plan, s, whose);
    }
    return OK;
}

static bool was_asked(const struct plan *plan, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (is_in_question(&plan->steps[k]) &&
            strcmp(plan->steps[k].owner, plan->steps[i].owner) == 0)
            return true;
    }
    return false;
}

static enum err explain(TALLOC_CTX *tmp, const struct question *q, const char *keytab,
                        struct deadline d, struct plan *plan, struct error *e)
{
    struct credentials *creds;
    struct directory *directory;
    enum err rc;

    if ((rc = machine_credentials(tmp, q->host, q->contact, keytab, d, &creds, e)) ||
        (rc = machine_directory(creds, q->host, q->contact, creds, d, &directory, e)))
        return rc;
    for (size_t i = 0; i < plan->n_steps && !rc; i++) {
        if (is_in_question(&plan->steps[i]) && !was_asked(plan, i))
            rc = explain_node(tmp, q, directory, plan, i, e);
    }
    talloc_free(directory);
    return rc;
}

void ownership_explain(const struct host *host, const struct contact *contact, const char *keytab,
                       const struct memory *memory, bool is_all, struct deadline d,
                       struct plan *plan)
{
    const struct question q = { host, contact, memory, is_all };
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error why = { 0 };

    d = deadline_sooner(d, deadline_in(PATIENCE_MS));
    if (explain(tmp, &q, keytab, d, plan, &why))
        log_info("who owns the refused names is not known: %s", why.message);
    talloc_free(tmp);
}
