#include "scavenger/updates.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/message.h"
#include "gss-tsig/tsig.h"
#include "ldap/pipeline.h"
#include "scavenger/guard.h"
#include "scavenger/values.h"

/* Names in flight on one connection. */
#define BATCH 16

void updates_prepare(struct journal_node *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        changes[i].is_server_made = true;
        changes[i].new = NULL;
        changes[i].n_new = 0;
    }
}

/* Type and data are what DNS knows of a record. */
static bool is_same_record(struct bytes a, struct bytes b)
{
    struct rd ra = rd_init(a), rb = rd_init(b);
    struct bytes data_a, data_b;

    if (a.len < 24 || b.len < 24)
        return false;
    rd_take(&ra, 2);
    rd_take(&rb, 2);
    if (rd_le16(&ra) != rd_le16(&rb))
        return false;
    data_a = (struct bytes){ a.data + 24, a.len - 24 };
    data_b = (struct bytes){ b.data + 24, b.len - 24 };
    return bytes_equal(data_a, data_b);
}

static bool has_record(const struct bytes *values, size_t n, struct bytes record)
{
    for (size_t i = 0; i < n; i++) {
        if (is_same_record(values[i], record))
            return true;
    }
    return false;
}

static bool goes(const struct journal_node *change, struct bytes value)
{
    for (size_t i = 0; i < change->n_records; i++) {
        if (bytes_equal(change->records[i].raw, value))
            return true;
    }
    return false;
}

bool updates_is_result(const struct journal_node *change, const struct dns_node *now)
{
    size_t n_kept = change->n_old - change->n_records;

    if (now->is_tombstoned != change->is_tombstoned)
        return false;
    if (change->is_tombstoned) {
        struct rd r = rd_init(now->n_values == 1 ? now->values[0] : (struct bytes){ NULL, 0 });

        rd_take(&r, 2);
        return rd_le16(&r) == DNSP_TYPE_TOMBSTONE && !r.bad;
    }
    /* What stays may have been stamped anew, as Samba does with its neighbours. */
    for (size_t i = 0; i < change->n_old; i++) {
        if (!goes(change, change->old[i]) &&
            !has_record(now->values, now->n_values, change->old[i]))
            return false;
    }
    return now->n_values == n_kept;
}

enum outcome updates_judge(const struct journal_node *change, const struct dns_node *now,
                           const struct gsstsig_reply *reply)
{
    bool is_there = false;

    if (!now)
        return OUTCOME_GONE;
    for (size_t i = 0; i < change->n_records && !now->is_tombstoned; i++)
        is_there = is_there || has_record(now->values, now->n_values, change->records[i].raw);
    if (!is_there)
        return OUTCOME_DELETED;
    if (!values_contain_all(now->values, now->n_values, change->old, change->n_old))
        return OUTCOME_REFRESHED;
    if (!reply)
        return OUTCOME_UNKNOWN;
    if (reply->rcode == DNS_RCODE_NXRRSET || reply->rcode == DNS_RCODE_NXDOMAIN)
        return OUTCOME_REFRESHED;
    /* Samba answers SERVFAIL, unsigned, to one who may not write the name. */
    if (reply->rcode == DNS_RCODE_REFUSED || reply->rcode == DNS_RCODE_NOTAUTH ||
        (reply->rcode == DNS_RCODE_SERVFAIL && reply->is_echo))
        return OUTCOME_DENIED;
    return OUTCOME_FAILED;
}

bool updates_is_unproved(enum outcome outcome, const struct gsstsig_reply *reply)
{
    /* The echo is how Samba refuses: what it means shows in the directory, which is read sealed. */
    return reply && reply->proof == GSSTSIG_PROOF_NONE && !reply->is_echo &&
           (outcome == OUTCOME_DENIED || outcome == OUTCOME_FAILED);
}

struct batch {
    struct journal_node *changes[BATCH];
    struct dns_node *nodes[BATCH]; /* as read last; NULL: gone or not read */
    enum err rc[BATCH];            /* of reading */
    struct error why[BATCH];
    size_t n;
};

/* Read all names of the batch. */
static enum err read_batch(TALLOC_CTX *mem, struct directory *d, struct batch *b, struct error *e)
{
    struct pipeline *p;
    enum err rc = pipeline_new(mem, d, BATCH, &p, e);

    if (rc)
        return rc;
    for (size_t i = 0; i < b->n && !rc; i++)
        rc = pipeline_read(p, b->changes[i]->dn, i, e);
    while (!rc && pipeline_pending(p) > 0) {
        struct pipeline_answer a;

        if ((rc = pipeline_next(mem, p, &a, e)))
            break;
        b->nodes[a.tag] = a.node;
        b->rc[a.tag] = a.rc;
        b->why[a.tag] = a.why;
    }
    talloc_free(p);
    return rc;
}

struct update_run {
    const struct update_server *server;
    struct journal *j;
    struct journal_node *first;
    const struct apply_hooks *hooks;
    struct dns_conn *conn;
    struct gsstsig_session *session;
    size_t n_done;
    size_t n_deleted;
    size_t n_unproved;
    size_t n;
};

static enum err note(struct update_run *r, struct journal_node *c, enum outcome outcome,
                     const struct dns_node *now, const char *problem, struct error *e)
{
    struct observed seen = { 0 };
    enum err rc;

    c->outcome = outcome;
    c->problem = problem && *problem ? talloc_strdup(r->j, problem) : NULL;
    if (outcome == OUTCOME_DELETED && now)
        seen = (struct observed){ now->values, now->n_values };
    for (size_t i = 0; i < c->n_records; i++)
        log_info("%s: %s %s %s in %s, timestamp %u h%s%s", outcome_name(outcome), c->name,
                 c->records[i].type, c->records[i].data, c->zone, c->records[i].timestamp_h,
                 c->problem ? ": " : "", c->problem ? c->problem : "");
    rc = journal_outcome_seen(r->j, (size_t)(c - r->first), outcome, c->problem, &seen, clock_now(),
                              e);
    if (!rc && r->hooks && r->hooks->accounted)
        r->hooks->accounted(journal_run_id(r->j), c, r->hooks->priv);
    if (r->hooks && r->hooks->progress)
        r->hooks->progress(++r->n_done, r->n, r->hooks->priv);
    return rc;
}

static enum err open_session(struct update_run *r, struct error *e)
{
    struct deadline d = deadline_in(r->server->timeout_ms);
    enum err rc;

    TALLOC_FREE(r->session);
    TALLOC_FREE(r->conn);
    if ((rc = dns_conn_open(r->j, r->server->address, DNS_PORT, d, &r->conn, e)))
        return rc;
    return gsstsig_session_open(r->j, r->conn, r->server->fqdn, r->server->credentials, d,
                                &r->session, e);
}

static bool is_key_forgotten(const struct gsstsig_reply *replies, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (replies[i].tsig_error == TSIG_BADKEY)
            return true;
    }
    return false;
}

/*
 * Send and hear the answers.  A session that was lost, or whose key the server forgot, is made anew
 * once, and what was sent is sent again: the prerequisites see to it that nothing is done twice.
 */
static enum err exchange(struct update_run *r, const struct bytes *messages, size_t n,
                         struct gsstsig_reply *replies, struct error *e)
{
    enum err rc = OK;

    for (int attempt = 0; attempt < 2; attempt++) {
        if (!r->session && (rc = open_session(r, e)))
            return rc;
        rc = gsstsig_session_update(r->session, messages, n, deadline_in(r->server->timeout_ms),
                                    replies, e);
        if (!rc && !is_key_forgotten(replies, n))
            return OK;
        log_warning("%s: %s; negotiating another key", r->server->fqdn,
                    rc ? e->message : "the server has forgotten our key");
        TALLOC_FREE(r->session);
    }
    return rc;
}

/* Those that are still what was judged; the others have their outcome. */
static enum err drop_changed(struct update_run *r, struct batch *b, struct error *e)
{
    size_t kept = 0;
    enum err rc = OK;

    for (size_t i = 0; i < b->n && !rc; i++) {
        struct journal_node *c = b->changes[i];

        if (b->rc[i])
            rc = note(r, c, b->rc[i] == ERR_NOTFOUND ? OUTCOME_GONE : OUTCOME_FAILED, NULL,
                      b->why[i].message, e);
        else if (guard_judge(c, b->nodes[i], false) != GUARD_UNTOUCHED)
            rc = note(r, c, OUTCOME_REFRESHED, NULL, "changed since it was read", e);
        else
            b->changes[kept++] = c;
    }
    b->n = kept;
    return rc;
}

/* Messages of those that can be said in DNS; the others have failed. */
static enum err make_messages(TALLOC_CTX *mem, struct update_run *r, struct batch *b,
                              struct bytes *messages, struct error *e)
{
    uint16_t id = dns_message_id();
    size_t kept = 0;
    enum err rc = OK;

    for (size_t i = 0; i < b->n && !rc; i++) {
        struct error why = { 0 };

        if (updates_message(mem, b->changes[i], (uint16_t)(id + i), &messages[kept], &why))
            rc = note(r, b->changes[i], OUTCOME_FAILED, NULL, why.message, e);
        else
            b->changes[kept++] = b->changes[i];
    }
    b->n = kept;
    return rc;
}

static void describe(const struct gsstsig_reply *reply, enum outcome outcome, char *text,
                     size_t len)
{
    char rcode[16];

    text[0] = '\0';
    if (reply && outcome != OUTCOME_DELETED)
        snprintf(text, len, "the server answered %s%s", dns_rcode_name(reply->rcode, rcode),
                 reply->proof == GSSTSIG_PROOF_NONE ? " (not authenticated)" : "");
}

static enum err one_batch(struct update_run *r, struct batch *b, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct gsstsig_reply replies[BATCH] = { 0 };
    struct bytes messages[BATCH];
    struct error sent_error = { 0 };
    enum err rc, sent = OK;

    if (!tmp)
        return err_nomem(e);
    if ((rc = read_batch(tmp, r->server->directory, b, e)) || (rc = drop_changed(r, b, e)) ||
        (rc = make_messages(tmp, r, b, messages, e)) || b->n == 0)
        goto done;
    sent = exchange(r, messages, b->n, replies, &sent_error);
    if ((rc = read_batch(tmp, r->server->directory, b, e))) {
        for (size_t i = 0; i < b->n; i++)
            note(r, b->changes[i], OUTCOME_UNKNOWN, NULL, e->message, NULL);
        goto done;
    }
    for (size_t i = 0; i < b->n && !rc; i++) {
        const struct gsstsig_reply *reply = sent ? NULL : &replies[i];
        struct dns_node *now = b->rc[i] ? NULL : b->nodes[i];
        enum outcome outcome = b->rc[i] && b->rc[i] != ERR_NOTFOUND
                                   ? OUTCOME_UNKNOWN
                                   : updates_judge(b->changes[i], now, reply);
        char text[128];

        r->n_deleted += outcome == OUTCOME_DELETED;
        r->n_unproved += updates_is_unproved(outcome, reply);
        describe(reply, outcome, text, sizeof text);
        rc = note(r, b->changes[i], outcome, now,
                  sent && !*text && outcome == OUTCOME_UNKNOWN ? sent_error.message : text, e);
    }
    if (!rc && sent) {
        if (e)
            *e = sent_error;
        rc = sent;
    }
done:
    talloc_free(tmp);
    return rc;
}

static enum err all_batches(struct update_run *r, struct error *e)
{
    const struct apply_hooks *h = r->hooks;
    enum err rc = OK;

    for (size_t at = 0; at < r->n && !rc; at += BATCH) {
        struct batch b = { .n = 0 };

        if (h && h->should_stop && h->should_stop(h->priv)) {
            rc = err_set(e, ERR_PARTIAL, "stopped after %zu of %zu changes", at, r->n);
            return err_hint(e, "run %s has them; the rest was not touched", journal_run_id(r->j));
        }
        for (; b.n < BATCH && at + b.n < r->n; b.n++)
            b.changes[b.n] = &r->first[at + b.n];
        rc = one_batch(r, &b, e);
        if (!rc)
            rc = journal_sync(r->j, e);
    }
    return rc;
}

static enum err check_proofs(const struct update_run *r, struct error *e)
{
    /* With deletions among them the run is done in part, and its outcomes say the rest. */
    if (r->n_unproved == 0 || r->n_deleted)
        return OK;
    err_set(e, ERR_UNVERIFIED,
            "%s: %zu of %zu names were not deleted, by answers that could not be authenticated",
            r->server->fqdn, r->n_unproved, r->n);
    return err_hint(e, "see who answers at that address; --via ldap needs no DNS answer");
}

enum err updates_run(const struct update_server *server, struct journal *j,
                     struct journal_node *changes, size_t n, const struct apply_hooks *hooks,
                     struct error *e)
{
    struct update_run r = { .server = server, .j = j, .first = changes, .hooks = hooks, .n = n };
    struct error why = { 0 };
    enum err rc = OK, end;

    for (size_t i = 0; i < n && !rc; i++)
        rc = journal_add(j, &changes[i], e);
    /* Nothing is on disk as planned before the server has let us in. */
    if (!rc && !(rc = open_session(&r, e)) && !(rc = journal_commit(j, e)))
        rc = all_batches(&r, e);
    talloc_free(r.session);
    talloc_free(r.conn);
    if (rc && rc != ERR_PARTIAL)
        return journal_end_partial(j, rc, e);
    end = journal_end(j, clock_now(), &why);
    if (end && !rc) {
        if (e)
            *e = why;
        rc = journal_end_partial(j, end, e);
    }
    return rc ? rc : check_proofs(&r, e);
}
