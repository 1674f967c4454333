#include "register/execute.h"

#include "base/log.h"
#include "dns/message.h"
#include "register/machine.h"
#include "register/stamp.h"

#define TSIG_BADKEY 17
#define TSIG_BADNAME 20
/* A key costs the server more than an answer does, and the KDC is asked first. */
#define KEY_PATIENCE 5
/* A directory transaction for each update. */
#define ANSWER_PATIENCE 10

/* Distinct IDs: replies are matched by them. */
static enum err make_messages(TALLOC_CTX *mem, const struct plan *plan, struct messages *out,
                              struct error *e)
{
    struct bytes *messages = talloc_array(mem, struct bytes, plan->n_updates);
    uint16_t first = dns_message_id();
    enum err rc;

    if (!messages)
        return err_nomem(e);
    for (size_t i = 0; i < plan->n_updates; i++) {
        rc = dns_update_wire(messages, &plan->updates[i], (uint16_t)(first + i), &messages[i], e);
        if (rc)
            return err_prefix(e, "update of zone %s", plan->updates[i].zone);
    }
    *out = (struct messages){ messages, plan->n_updates, plan->is_one_at_a_time };
    return OK;
}

/* Refused in whatever way: perhaps for what the tickets say, which may have changed since. */
static bool is_refused(const struct gsstsig_reply *replies, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (replies[i].rcode != DNS_RCODE_NOERROR)
            return true;
    }
    return false;
}

static void log_replies(const struct plan *plan, const struct gsstsig_reply *replies)
{
    for (size_t i = 0; i < plan->n_updates; i++) {
        char text[16];

        log_info("zone %s: %zu operations, %zu prerequisites: %s, proof %s%s",
                 plan->updates[i].zone, plan->updates[i].n_ops, plan->updates[i].n_prereqs,
                 dns_rcode_name(replies[i].rcode, text), gsstsig_proof_name(replies[i].proof),
                 replies[i].is_echo ? " (our own message echoed)" : "");
    }
}

/* A key that the server evicted: RFC 8945 section 5.2.1, RFC 2930 section 2.6. */
static bool is_key_forgotten(const struct gsstsig_reply *r)
{
    return r->tsig_error == TSIG_BADKEY || r->tsig_error == TSIG_BADNAME;
}

static enum err send_once(struct dns_conn *conn, const char *server, struct credentials *creds,
                          const struct messages *m, struct deadline for_key, struct deadline d,
                          bool *was_sent, struct gsstsig_reply *replies, struct error *e)
{
    size_t at_once = m->is_one_at_a_time ? 1 : m->n;
    struct gsstsig_session *session;
    enum err rc = gsstsig_session_open(NULL, conn, server, creds, for_key, &session, e);
    uint64_t before = dns_conn_sent(conn);

    if (rc)
        return rc;
    for (size_t i = 0; i < m->n && !rc; i += at_once)
        rc = gsstsig_session_update(session, m->wire + i, at_once, d, replies + i, e);
    *was_sent |= dns_conn_sent(conn) > before;
    talloc_free(session);
    return rc;
}

enum err execute_send(struct dns_conn *conn, const char *server, struct credentials *creds,
                      const struct messages *m, struct deadline for_key, struct deadline d,
                      bool *was_sent, bool *was_repeated, struct gsstsig_reply *replies,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct messages again = { .wire = talloc_array(tmp, struct bytes, m->n),
                              .is_one_at_a_time = m->is_one_at_a_time };
    struct gsstsig_reply *replies_again = talloc_array(tmp, struct gsstsig_reply, m->n);
    size_t at = 0;
    enum err rc;

    if (!again.wire || !replies_again) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = send_once(conn, server, creds, m, for_key, d, was_sent, replies, e)))
        goto done;
    for (size_t i = 0; i < m->n; i++) {
        if (is_key_forgotten(&replies[i]))
            again.wire[again.n++] = m->wire[i];
    }
    if (!again.n)
        goto done;
    log_info("%s has forgotten our key: negotiating another for %zu of %zu updates", server,
             again.n, m->n);
    *was_repeated = true;
    rc = send_once(conn, server, creds, &again, d, d, was_sent, replies_again, e);
    for (size_t i = 0; !rc && i < m->n; i++) {
        if (is_key_forgotten(&replies[i]))
            replies[i] = replies_again[at++];
    }
done:
    talloc_free(tmp);
    return rc;
}

/* Those kept are for a server that was proven then. */
static enum err new_tickets(const struct host *host, const struct contact *contact,
                            struct tickets *tickets, struct deadline d, struct credentials **out,
                            struct error *e)
{
    enum err rc = tickets_renew(tickets, host->principal, contact->server, contact->kdcs,
                                contact->n_kdcs, d, out, e);

    if (!rc && (rc = machine_prove_controller(host, contact, *out, d, e)))
        tickets_drop(tickets);
    return rc;
}

/*
 * An update that was refused and did nothing, in two: what it has beside a heartbeat must not be
 * lost with that.  *replies: grown with the plan's updates.
 */
static enum err send_apart(TALLOC_CTX *tmp, const struct contact *contact,
                           struct credentials *creds, struct plan *plan, size_t at,
                           struct deadline d, bool *was_sent, bool *was_repeated,
                           struct gsstsig_reply **replies, struct error *e)
{
    size_t which[2] = { at, plan->n_updates };
    uint16_t first = dns_message_id();
    struct gsstsig_reply again[2];
    struct bytes wire[2];
    struct messages m = { wire, 2, true };
    bool is_refusal_proven = (*replies)[at].proof != GSSTSIG_PROOF_NONE;
    enum err rc;

    log_info("%s refuses the update of %s with a heartbeat in it: sending that apart",
             contact->server, plan->updates[at].zone);
    if (!stamp_set_apart(plan, at))
        return err_nomem(e);
    *replies = talloc_realloc(tmp, *replies, struct gsstsig_reply, plan->n_updates);
    if (!*replies)
        return err_nomem(e);
    for (size_t i = 0; i < 2; i++) {
        rc = dns_update_wire(tmp, &plan->updates[which[i]], (uint16_t)(first + i), &wire[i], e);
        if (rc)
            return err_prefix(e, "update of zone %s", plan->updates[at].zone);
    }
    /* A refusal that nobody signed may be nobody's word, as that of a forgotten key. */
    if (!is_refusal_proven)
        *was_repeated = true;
    rc = execute_send(contact->conn, contact->server, creds, &m, d, d, was_sent, was_repeated,
                      again, e);
    for (size_t i = 0; !rc && i < 2; i++)
        (*replies)[which[i]] = again[i];
    return rc;
}

enum err execute_plan(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                      struct tickets *tickets, struct plan *plan, const struct published *before,
                      struct deadline d, bool *was_sent, struct execution *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct gsstsig_reply *replies = talloc_zero_array(tmp, struct gsstsig_reply, plan->n_updates);
    struct credentials *creds;
    struct published *after;
    struct messages messages = { 0 };
    unsigned turns_before;
    size_t refused;
    enum err rc;

    if (!replies) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = make_messages(tmp, plan, &messages, e)))
        goto done;
    creds = tickets_kept(tickets, host->principal, contact->server, clock_now());
    turns_before = creds ? credentials_turns(creds) : 0;
    if (!creds && (rc = new_tickets(host, contact, tickets, d, &creds, e)))
        goto done;
    out->has_ticket = true;
    rc = execute_send(contact->conn, contact->server, creds, &messages,
                      contact_patience(contact, d, KEY_PATIENCE),
                      contact_patience(contact, d, KEY_PATIENCE + ANSWER_PATIENCE), was_sent,
                      &out->was_repeated, replies, e);
    if (!rc && stamp_was_refused(plan, replies, &refused))
        rc = send_apart(tmp, contact, creds, plan, refused,
                        contact_patience(contact, d, KEY_PATIENCE + ANSWER_PATIENCE), was_sent,
                        &out->was_repeated, &replies, e);
    out->kerberos_turns = credentials_turns(creds) - turns_before;
    if (rc || is_refused(replies, plan->n_updates))
        tickets_drop(tickets);
    if (rc)
        goto done;
    log_replies(plan, replies);
    rc = published_again(tmp, contact->conn, before, contact_patience(contact, d, ANSWER_PATIENCE),
                         &after, e);
    if (rc) {
        err_prefix(e, "updates were sent, but the result could not be read");
        goto done;
    }
    out->replies = talloc_steal(mem, replies);
    out->after = talloc_steal(mem, after);
done:
    talloc_free(tmp);
    return rc;
}

bool execution_was_overtaken(const struct execution *x, const struct plan *plan)
{
    for (size_t i = 0; x->replies && i < plan->n_updates; i++) {
        int rcode = x->replies[i].rcode;

        if (rcode == DNS_RCODE_YXRRSET || rcode == DNS_RCODE_YXDOMAIN || rcode == DNS_RCODE_NXRRSET)
            return true;
    }
    return false;
}
