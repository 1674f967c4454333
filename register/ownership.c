#include "register/ownership.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "ldap/accounts.h"
#include "register/machine.h"

/* The run has failed already; an explanation is not worth waiting long for. */
#define PATIENCE_MS 3000

static bool is_refused(const struct plan_step *s)
{
    return s->code == ERR_DENIED || s->code == ERR_PARTIAL;
}

bool ownership_is_in_question(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        if (is_refused(&plan->steps[i]))
            return true;
    }
    return false;
}

static void blame(struct plan *plan, struct plan_step *s, const struct node_owner *owner)
{
    char *detail = owner->account
                       ? talloc_asprintf(plan, "the name is owned by %s (%s)", owner->account,
                                         owner->sid)
                       : talloc_asprintf(plan, "the name is owned by %s, an account that is no more",
                                         owner->sid);

    if (!detail)
        return;
    s->action = REGISTER_CONFLICT;
    s->code = ERR_CONFLICT;
    s->detail = detail;
    log_warning("%s: %s", s->owner, detail);
}

static enum err explain(TALLOC_CTX *tmp, const struct host *host, const struct contact *contact,
                        const char *keytab, struct deadline d, struct plan *plan, struct error *e)
{
    struct credentials *creds;
    struct directory *directory;
    enum err rc;

    if ((rc = machine_credentials(tmp, host, contact, keytab, d, &creds, e)) ||
        (rc = machine_directory(creds, contact, creds, d, &directory, e)))
        return rc;
    for (size_t i = 0; i < plan->n_steps && !rc; i++) {
        struct plan_step *s = &plan->steps[i];
        char *name = is_refused(s) ? dns_name_relative(tmp, s->owner, s->zone) : NULL;
        struct node_owner owner;

        if (!name)
            continue;
        rc = node_owner_read(tmp, directory, s->zone, name, &owner, e);
        if (!rc && owner.sid &&
            !(owner.account && machine_is_account(host->principal, owner.account)))
            blame(plan, s, &owner);
    }
    talloc_free(directory);
    return rc;
}

void ownership_explain(const struct host *host, const struct contact *contact, const char *keytab,
                       struct deadline d, struct plan *plan)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error why = { 0 };

    d = deadline_sooner(d, deadline_in(PATIENCE_MS));
    if (explain(tmp, host, contact, keytab, d, plan, &why))
        log_info("who owns the refused names is not known: %s", why.message);
    talloc_free(tmp);
}
