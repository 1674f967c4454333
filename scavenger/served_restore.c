#include "scavenger/served_restore.h"

#include "dns/name.h"
#include "dns/update.h"
#include "scavenger/updates.h"

static bool adds_type(const struct dns_update *u, uint16_t type)
{
    for (size_t i = 0; i < u->n_ops; i++) {
        if (u->ops[i].rr.type == type)
            return true;
    }
    return false;
}

static bool requires_type(const struct dns_update *u, uint16_t type)
{
    for (size_t i = 0; i < u->n_prereqs; i++) {
        if (u->prereqs[i].rr.type == type)
            return true;
    }
    return false;
}

static bool was_removed(const struct journal_node *change, struct bytes value)
{
    for (size_t i = 0; i < change->n_records; i++) {
        if (bytes_equal(change->records[i].raw, value))
            return true;
    }
    return false;
}

/* What the run left of the types that come back, or that there is nothing. */
static enum err require_rest(TALLOC_CTX *mem, const struct journal_node *change, const char *owner,
                             struct dns_update *u, struct error *e)
{
    struct dns_rr rr = { .name = owner, .type = DNS_TYPE_CNAME };
    enum err rc = OK;

    for (size_t i = 0; i < change->n_new && !rc; i++) {
        if (was_removed(change, change->new[i]))
            continue;
        rc = updates_record(mem, owner, change->new[i], &rr, e);
        if (!rc && adds_type(u, rr.type))
            u->prereqs[u->n_prereqs++] = (struct dns_prereq){ DNS_PREREQ_RR_PRESENT, rr };
    }
    for (size_t i = 0; i < u->n_ops && !rc; i++) {
        rr = (struct dns_rr){ .name = owner, .type = u->ops[i].rr.type };
        if (!requires_type(u, rr.type))
            u->prereqs[u->n_prereqs++] = (struct dns_prereq){ DNS_PREREQ_RRSET_ABSENT, rr };
    }
    rr = (struct dns_rr){ .name = owner, .type = DNS_TYPE_CNAME };
    /* A server passes over an addition beside a CNAME without a word (RFC 2136 section 3.4.2.2). */
    if (!rc && !requires_type(u, DNS_TYPE_CNAME))
        u->prereqs[u->n_prereqs++] = (struct dns_prereq){ DNS_PREREQ_RRSET_ABSENT, rr };
    return rc;
}

enum err served_restore_message(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                                struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *owner = dns_name_absolute(tmp, change->name, change->zone);
    struct dns_update u = { .zone = change->zone };
    struct dns_rr rr;
    enum err rc;

    u.ops = talloc_zero_array(tmp, struct dns_op, change->n_records + 1);
    u.prereqs = talloc_zero_array(tmp, struct dns_prereq, change->n_new + change->n_records + 1);
    rc = owner && u.ops && u.prereqs ? OK : err_nomem(e);
    for (size_t i = 0; i < change->n_records && !rc; i++) {
        rc = updates_record(tmp, owner, change->records[i].raw, &rr, e);
        u.ops[u.n_ops++] = (struct dns_op){ DNS_OP_ADD, rr };
    }
    if (!rc && !(rc = require_rest(tmp, change, owner, &u, e)))
        rc = dns_update_wire(mem, &u, id, out, e);
    talloc_free(tmp);
    return rc;
}

enum err served_there_message(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                              struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *owner = dns_name_absolute(tmp, change->name, change->zone);
    struct dns_update u = { .zone = change->zone }, none = { .zone = change->zone };
    struct dns_rr rr;
    enum err rc;

    none.ops = talloc_zero_array(tmp, struct dns_op, change->n_records + 1);
    u.prereqs = talloc_zero_array(tmp, struct dns_prereq, change->n_new + 1);
    rc = owner && none.ops && u.prereqs ? OK : err_nomem(e);
    for (size_t i = 0; i < change->n_records && !rc; i++) {
        rc = updates_record(tmp, owner, change->records[i].raw, &rr, e);
        none.ops[none.n_ops++] = (struct dns_op){ DNS_OP_ADD, rr };
    }
    for (size_t i = 0; i < change->n_new && !rc; i++) {
        rc = updates_record(tmp, owner, change->new[i], &rr, e);
        if (!rc && adds_type(&none, rr.type))
            u.prereqs[u.n_prereqs++] = (struct dns_prereq){ DNS_PREREQ_RR_PRESENT, rr };
    }
    if (!rc)
        rc = dns_update_wire(mem, &u, id, out, e);
    talloc_free(tmp);
    return rc;
}
