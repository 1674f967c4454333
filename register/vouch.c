#include "register/vouch.h"

/* Other servers wait meanwhile, and most of them need no voucher. */
#define PATIENCE_MS 2000

static enum err get_tickets(TALLOC_CTX *mem, struct voucher *v, struct deadline d, struct error *e)
{
    enum err rc;

    if (v->creds)
        return OK;
    if (v->failed.code) {
        if (e)
            *e = v->failed;
        return v->failed.code;
    }
    if (v->tickets)
        v->creds = tickets_kept(v->tickets, v->host->principal, v->contact->server, clock_now());
    if (v->creds)
        return OK;
    rc = machine_credentials(mem, v->host, v->contact, v->keytab, d, &v->creds, &v->failed);
    if (rc && e)
        *e = v->failed;
    if (!rc)
        v->turns += credentials_turns(v->creds);
    return rc;
}

enum err vouch_for(TALLOC_CTX *mem, struct voucher *v, const char *server, struct deadline d,
                   bool *is_controller, struct error *e)
{
    unsigned before;
    enum err rc;

    d = deadline_sooner(d, deadline_in(PATIENCE_MS));
    if ((rc = get_tickets(mem, v, d, e)))
        return rc;
    before = credentials_turns(v->creds);
    rc = machine_find_controller(v->host, server, v->creds, d, is_controller, e);
    v->turns += credentials_turns(v->creds) - before;
    return rc;
}
