#include "scavenger/served_updates.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/message.h"
#include "scavenger/served_nodes.h"
#include "scavenger/served_pointers.h"
#include "scavenger/served_restore.h"
#include "scavenger/updates.h"

/* Names in flight on one connection. */
#define BATCH 16

enum outcome served_judge(const struct gsstsig_reply *reply, enum outcome success)
{
    bool is_restore = success == OUTCOME_RESTORED;

    if (!reply || reply->proof == GSSTSIG_PROOF_NONE)
        return OUTCOME_UNKNOWN;
    switch (reply->rcode) {
    case DNS_RCODE_NOERROR:
        return success;
    case DNS_RCODE_NXDOMAIN:
    case DNS_RCODE_YXDOMAIN:
    case DNS_RCODE_NXRRSET:
    case DNS_RCODE_YXRRSET:
        return is_restore ? OUTCOME_CONFLICT : OUTCOME_REFRESHED;
    case DNS_RCODE_REFUSED:
    case DNS_RCODE_NOTAUTH:
        return OUTCOME_DENIED;
    default:
        return OUTCOME_FAILED;
    }
}

/* ---- the run ---- */

struct served_run {
    const struct served_server *server;
    struct journal *j;
    struct journal_node *changes;
    size_t n;
    enum outcome success;
    const struct apply_hooks *hooks;
    char *primary; /* of the session */
    struct dns_conn *conn;
    struct gsstsig_session *session;
    size_t n_done;
    size_t n_unverified;
    struct served_names *names;
    struct served_look *looks; /* of each change; NULL: nobody looked again */
};

static enum err note(struct served_run *r, struct journal_node *c, enum outcome outcome,
                     const char *problem, struct error *e)
{
    const struct apply_hooks *h = r->hooks;
    enum err rc;

    c->outcome = outcome;
    c->problem = problem && *problem ? talloc_strdup(r->j, problem) : NULL;
    log_info("%s: %s in %s, %zu records%s%s", outcome_name(outcome), c->name, c->zone, c->n_records,
             c->problem ? ": " : "", c->problem ? c->problem : "");
    rc = journal_outcome(r->j, (size_t)(c - r->changes), outcome, c->problem, clock_now(), e);
    r->n_done++;
    if (!rc && h && h->accounted)
        h->accounted(journal_run_id(r->j), c, h->priv);
    if (h && h->progress)
        h->progress(r->n_done, r->n, h->priv);
    return rc;
}

static void close_session(struct served_run *r)
{
    TALLOC_FREE(r->session);
    TALLOC_FREE(r->conn);
    TALLOC_FREE(r->primary);
}

/* A session with the primary of that change; the one there is where it is the same. */
static enum err open_session(struct served_run *r, const struct journal_node *c, struct error *e)
{
    struct deadline d = deadline_in(r->server->timeout_ms);
    char *primary = served_primary(r->j, c->dn);
    enum err rc;

    if (!primary)
        return err_set(e, ERR_INTERNAL, "%s in %s: no primary in \"%s\"", c->name, c->zone, c->dn);
    if (r->session && strcmp(primary, r->primary) == 0) {
        talloc_free(primary);
        return OK;
    }
    close_session(r);
    r->primary = primary;
    if ((rc = r->server->connect(r->server->priv, r->j, c->zone, primary, d, &r->conn, e)) ||
        (rc = gsstsig_session_open(r->j, r->conn, primary, r->server->credentials, d, &r->session,
                                   e)))
        close_session(r);
    return rc;
}

/* A name to be asked once more, for a change of the batch. */
struct asked {
    const struct journal_node *name;
    size_t of;
};

struct batch {
    struct journal_node *changes[BATCH];
    struct bytes messages[BATCH];
    struct served_look looks[BATCH];
    size_t n;
    struct asked *asked;
    size_t n_asked;
};

static bool is_same_primary(const struct journal_node *a, const struct journal_node *b)
{
    size_t n = strlen(SERVED_URI);

    return served_is_uri(a->dn) && served_is_uri(b->dn) &&
           strncmp(a->dn, b->dn, n + strcspn(a->dn + n, "/") + 1) == 0;
}

/* ---- PTRs wait for their names ---- */

static enum err add_asked(TALLOC_CTX *mem, struct batch *b, const struct journal_node **names,
                          size_t n, struct error *e)
{
    struct asked *grown = talloc_realloc(mem, b->asked, struct asked, b->n_asked + n + 1);

    if (!grown)
        return err_nomem(e);
    b->asked = grown;
    for (size_t i = 0; i < n; i++)
        grown[b->n_asked++] = (struct asked){ names[i], b->n };
    return OK;
}

/* Into the batch, unless something is known that keeps it. */
static enum err take(struct served_run *r, TALLOC_CTX *mem, struct batch *b, struct journal_node *c,
                     struct error *e)
{
    struct served_look look = r->looks ? r->looks[c - r->changes] : (struct served_look){ 0 };
    const struct journal_node **names = NULL;
    bool is_ready = true;
    size_t n = 0;
    enum err rc = OK;

    if (r->success == OUTCOME_DELETED && !look.problem &&
        (rc = served_pointers_targets(mem, r->names, c, &names, &n, &is_ready, e)))
        return rc;
    if (!is_ready)
        look = (struct served_look){ "the address of its name stayed", OUTCOME_REFRESHED };
    else if (n && (rc = add_asked(mem, b, names, n, e)))
        return rc;
    b->looks[b->n] = look;
    b->changes[b->n++] = c;
    return OK;
}

static void look_at_answer(struct batch *b, const struct asked *asked,
                           const struct gsstsig_reply *reply)
{
    struct served_look *look = &b->looks[asked->of];

    switch (served_judge(reply, OUTCOME_DELETED)) {
    case OUTCOME_DELETED:
        break;
    case OUTCOME_REFRESHED:
        *look = (struct served_look){ "its name has come back", OUTCOME_REFRESHED };
        break;
    default:
        *look = (struct served_look){ "whether its name has come back could not be told",
                                      OUTCOME_FAILED };
    }
}

/* Names from `at` on that one primary has. */
static enum err ask_some(struct served_run *r, TALLOC_CTX *mem, struct batch *b, size_t *at,
                         struct error *e)
{
    struct gsstsig_reply replies[BATCH] = { 0 };
    struct bytes messages[BATCH];
    const struct asked *first = &b->asked[*at];
    uint16_t id = dns_message_id();
    size_t n = 0;
    enum err rc = open_session(r, first->name, e);

    for (; !rc && n < BATCH && *at < b->n_asked && is_same_primary(b->asked[*at].name, first->name);
         (*at)++, n++)
        rc = updates_message_left(mem, b->asked[*at].name, (uint16_t)(id + n), &messages[n], e);
    if (!rc)
        rc = gsstsig_session_update(r->session, messages, n, deadline_in(r->server->timeout_ms),
                                    replies, e);
    for (size_t i = 0; i < n && !rc; i++)
        look_at_answer(b, &first[i], &replies[i]);
    return rc;
}

/*
 * Between the update of a name and that of its PTR other updates were made: a host that came back
 * meanwhile has its PTR as well.
 */
static enum err ask_names(struct served_run *r, TALLOC_CTX *mem, struct batch *b, struct error *e)
{
    enum err rc = OK;

    for (size_t at = 0; at < b->n_asked && !rc;)
        rc = ask_some(r, mem, b, &at, e);
    return rc;
}

/* Messages of those that nothing keeps; the others have their outcome. */
static enum err make_messages(struct served_run *r, TALLOC_CTX *mem, struct batch *b,
                              struct error *e)
{
    uint16_t id = dns_message_id();
    size_t kept = 0;
    enum err rc = OK;

    for (size_t i = 0; i < b->n && !rc; i++) {
        struct journal_node *c = b->changes[i];
        struct bytes *out = &b->messages[kept];
        struct error why = { 0 };

        if (b->looks[i].problem)
            rc = note(r, c, b->looks[i].outcome, b->looks[i].problem, e);
        else if (r->success == OUTCOME_RESTORED
                     ? served_restore_message(mem, c, (uint16_t)(id + i), out, &why)
                     : updates_message_unchanged(mem, c, (uint16_t)(id + i), out, &why))
            rc = note(r, c, OUTCOME_FAILED, why.message, e);
        else
            b->changes[kept++] = c;
    }
    b->n = kept;
    return rc;
}

/* ---- batches ---- */

static bool is_stopped(const struct served_run *r)
{
    return r->hooks && r->hooks->should_stop && r->hooks->should_stop(r->hooks->priv);
}

static enum err note_reply(struct served_run *r, struct journal_node *c,
                           const struct gsstsig_reply *reply, struct error *e)
{
    enum outcome outcome = served_judge(reply, r->success);
    bool is_unverified = reply->proof == GSSTSIG_PROOF_NONE;
    char text[96] = "", rcode[16];

    if (c->outcome == OUTCOME_ALREADY_THERE)
        return note(r, c, OUTCOME_ALREADY_THERE, NULL, e);
    if (outcome != r->success)
        snprintf(text, sizeof text, "the server answered %s%s", dns_rcode_name(reply->rcode, rcode),
                 is_unverified ? " (not authenticated)" : "");
    r->n_unverified += is_unverified;
    return note(r, c, outcome, text, e);
}

/*
 * What could not be put back may be there already, after a run that was cut off: of those in
 * conflict ask once more, in an update without changes, whether all that they had is there.
 * What goes wrong here leaves them in conflict.
 */
static void look_whether_there(struct served_run *r, TALLOC_CTX *mem, const struct batch *b,
                               struct gsstsig_reply *replies)
{
    struct gsstsig_reply again[BATCH] = { 0 };
    struct bytes messages[BATCH];
    size_t of[BATCH], n = 0;
    uint16_t id = dns_message_id();

    for (size_t i = 0; i < b->n; i++) {
        if (served_judge(&replies[i], r->success) == OUTCOME_CONFLICT &&
            served_there_message(mem, b->changes[i], (uint16_t)(id + n), &messages[n], NULL) == OK)
            of[n++] = i;
    }
    if (n == 0 || gsstsig_session_update(r->session, messages, n,
                                         deadline_in(r->server->timeout_ms), again, NULL))
        return;
    for (size_t k = 0; k < n; k++)
        b->changes[of[k]]->outcome = served_judge(&again[k], OUTCOME_ALREADY_THERE);
}

static enum err send_batch(struct served_run *r, TALLOC_CTX *mem, struct batch *b, struct error *e)
{
    struct gsstsig_reply replies[BATCH] = { 0 };
    struct error sent = { 0 };
    enum err rc = OK, lost;

    if (b->n == 0)
        return OK;
    lost = gsstsig_session_update(r->session, b->messages, b->n, deadline_in(r->server->timeout_ms),
                                  replies, &sent);
    if (!lost && r->success == OUTCOME_RESTORED)
        look_whether_there(r, mem, b, replies);
    for (size_t i = 0; i < b->n && !rc; i++)
        rc = lost ? note(r, b->changes[i], OUTCOME_UNKNOWN, sent.message, e)
                  : note_reply(r, b->changes[i], &replies[i], e);
    if (!rc && lost) {
        if (e)
            *e = sent;
        rc = lost;
    }
    return rc;
}

/* Changes from `at` on that go to one primary for one zone; *at is behind them then. */
static enum err one_batch(struct served_run *r, size_t *at, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct batch b = { .n = 0 };
    const struct journal_node *first = &r->changes[*at];
    enum err rc = tmp ? OK : err_nomem(e);

    while (!rc && b.n < BATCH && *at < r->n && strcmp(r->changes[*at].zone, first->zone) == 0 &&
           (b.n == 0 || is_same_primary(&r->changes[*at], first)))
        rc = take(r, tmp, &b, &r->changes[(*at)++], e);
    if (!rc && !(rc = ask_names(r, tmp, &b, e)) && !(rc = open_session(r, first, e)) &&
        !(rc = make_messages(r, tmp, &b, e)))
        rc = send_batch(r, tmp, &b, e);
    talloc_free(tmp);
    return rc;
}

static enum err all_batches(struct served_run *r, struct error *e)
{
    enum err rc = OK;
    size_t at = 0;

    while (at < r->n && !rc) {
        if (is_stopped(r)) {
            rc = err_set(e, ERR_PARTIAL, "stopped after %zu of %zu changes", at, r->n);
            return err_hint(e, "run %s has them; the rest was not touched", journal_run_id(r->j));
        }
        if (!(rc = one_batch(r, &at, e)))
            rc = journal_sync(r->j, e);
    }
    return rc;
}

/* What a host without a heartbeat has changed since shows nowhere but at the host. */
static enum err look_again(struct served_run *r, struct error *e)
{
    const struct served_server *server = r->server;

    if (!server->look_again || r->success != OUTCOME_DELETED)
        return OK;
    r->looks = talloc_zero_array(r->names, struct served_look, r->n);
    if (!r->looks)
        return err_nomem(e);
    /* It may take longer than a server lets a connection rest. */
    close_session(r);
    return server->look_again(server->priv, r->names, r->changes, r->n, r->looks, e);
}

static enum err judge_answers(const struct served_run *r, struct error *e)
{
    if (!r->n_unverified)
        return OK;
    err_set(e, ERR_UNVERIFIED,
            "%zu answers could not be authenticated: whether their names were "
            "changed is unknown",
            r->n_unverified);
    return err_hint(e, "`muster runs %s` has them; look at the names themselves",
                    journal_run_id(r->j)),
           ERR_UNVERIFIED;
}

enum err served_updates_run(const struct served_server *server, struct journal *j,
                            struct journal_node *changes, size_t n, enum outcome success,
                            const struct apply_hooks *hooks, struct error *e)
{
    struct served_run r = {
        .server = server, .j = j, .changes = changes, .n = n, .success = success, .hooks = hooks
    };
    struct error why = { 0 };
    enum err rc = OK, end;

    if (n == 0)
        return OK;
    if (!(r.names = served_names_new(j, changes, n)))
        rc = err_nomem(e);
    for (size_t i = 0; i < n && !rc; i++)
        rc = journal_add(j, &changes[i], e);
    /* Nothing is on disk as planned before the server has let us in. */
    if (!rc && !(rc = open_session(&r, &changes[0], e)) && !(rc = journal_commit(j, e)) &&
        !(rc = look_again(&r, e)))
        rc = all_batches(&r, e);
    close_session(&r);
    TALLOC_FREE(r.names);
    if (rc && rc != ERR_PARTIAL) {
        if (r.n_done)
            journal_sync(j, &why);
        return journal_end_partial(j, rc, e);
    }
    end = journal_end(j, clock_now(), &why);
    if (end && !rc) {
        if (e)
            *e = why;
        rc = journal_end_partial(j, end, e);
    }
    return rc ? rc : judge_answers(&r, e);
}
