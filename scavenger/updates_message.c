/* The DNS messages of changes: updates_message() and its kin. */
#include "dns/update.h"
#include "scavenger/updates.h"

enum err updates_record(TALLOC_CTX *mem, const char *owner, struct bytes value, struct dns_rr *out,
                        struct error *e)
{
    struct dnsp_record *r;
    enum err rc = dnsp_record_decode(mem, value, &r, e);

    if (rc)
        return rc;
    *out = (struct dns_rr){ .name = owner, .type = r->type, .ttl_s = r->ttl_s };
    out->data = dnsp_data_text(mem, r);
    return out->data ? OK : err_nomem(e);
}

static bool is_type_touched(const struct dns_op *ops, size_t n, uint16_t type)
{
    for (size_t i = 0; i < n; i++) {
        if (ops[i].rr.type == type)
            return true;
    }
    return false;
}

/* What hosts register at their own name. */
static const uint16_t registered[] = { DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_TXT };
#define N_REGISTERED (sizeof registered / sizeof registered[0])

static bool is_registered(uint16_t type)
{
    for (size_t i = 0; i < N_REGISTERED; i++) {
        if (registered[i] == type)
            return true;
    }
    return false;
}

/* None was judged: one that has come since is news. */
static void require_absent(struct dns_update *u, const char *owner)
{
    const size_t n_present = u->n_prereqs;

    for (size_t i = 0; i < N_REGISTERED; i++) {
        bool is_there = false;

        for (size_t k = 0; k < n_present; k++)
            is_there = is_there || u->prereqs[k].rr.type == registered[i];
        if (!is_there)
            u->prereqs[u->n_prereqs++] =
                (struct dns_prereq){ DNS_PREREQ_RRSET_ABSENT,
                                     { .name = owner, .type = registered[i] } };
    }
}

static enum err make_message(TALLOC_CTX *mem, const struct journal_node *change, bool is_all,
                             uint16_t id, struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *owner = talloc_asprintf(tmp, "%s.%s", change->name, change->zone);
    struct dns_update u = { .zone = change->zone };
    struct dns_rr rr;
    enum err rc = OK;

    u.ops = talloc_zero_array(tmp, struct dns_op, change->n_records + 1);
    u.prereqs = talloc_zero_array(tmp, struct dns_prereq, change->n_old + N_REGISTERED + 1);
    if (!owner || !u.ops || !u.prereqs)
        rc = err_nomem(e);
    for (size_t i = 0; i < change->n_records && !rc; i++) {
        rc = updates_record(tmp, owner, change->records[i].raw, &rr, e);
        u.ops[u.n_ops++] = (struct dns_op){ DNS_OP_DELETE_RR, rr };
    }
    for (size_t i = 0; i < change->n_old && !rc; i++) {
        rc = updates_record(tmp, owner, change->old[i], &rr, e);
        if (!rc && (is_type_touched(u.ops, u.n_ops, rr.type) || (is_all && is_registered(rr.type))))
            u.prereqs[u.n_prereqs++] = (struct dns_prereq){ DNS_PREREQ_RR_PRESENT, rr };
    }
    if (!rc && is_all)
        require_absent(&u, owner);
    if (!rc)
        rc = dns_update_wire(mem, &u, id, out, e);
    talloc_free(tmp);
    return rc;
}

static bool goes(const struct journal_node *change, struct bytes value)
{
    for (size_t i = 0; i < change->n_records; i++) {
        if (bytes_equal(change->records[i].raw, value))
            return true;
    }
    return false;
}

enum err updates_message_left(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                              struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *owner = talloc_asprintf(tmp, "%s.%s", change->name, change->zone);
    struct dns_update u = { .zone = change->zone };
    struct dns_rr rr;
    enum err rc = OK;

    u.prereqs = talloc_zero_array(tmp, struct dns_prereq, change->n_old + N_REGISTERED + 1);
    if (!owner || !u.prereqs)
        rc = err_nomem(e);
    for (size_t i = 0; i < change->n_old && !rc; i++) {
        rc = updates_record(tmp, owner, change->old[i], &rr, e);
        if (!rc && is_registered(rr.type) && !goes(change, change->old[i]))
            u.prereqs[u.n_prereqs++] = (struct dns_prereq){ DNS_PREREQ_RR_PRESENT, rr };
    }
    if (!rc) {
        require_absent(&u, owner);
        rc = dns_update_wire(mem, &u, id, out, e);
    }
    talloc_free(tmp);
    return rc;
}

enum err updates_message(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                         struct bytes *out, struct error *e)
{
    return make_message(mem, change, false, id, out, e);
}

enum err updates_message_unchanged(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                                   struct bytes *out, struct error *e)
{
    return make_message(mem, change, true, id, out, e);
}
