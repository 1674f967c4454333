#include "ldap/pipeline.h"

#include <string.h>

#include "base/own.h"
#include "ldap/batch.h"
#include "ldap/modify.h"

/* One being worked on and one behind it. */
#define SEARCHES_MAX 2
/* Reads that are worth a search while the server has other things to do. */
#define READS_ENOUGH 16

/* A node that somebody waits for. */
struct one {
    const char *dn;
    size_t tag;
    bool is_found;
};

/* A message sent: a write of one node, or a search for some. */
struct request {
    int msgid;
    bool is_write;
    struct one *ones;
    size_t n;
};

/* Of a search that was answered, what nobody has taken yet. */
struct found {
    const struct entry *entry;
    size_t tag;
};

struct pipeline {
    struct directory *d;
    size_t window;
    size_t n_pending; /* nodes that an answer is due for */
    struct request *requests;
    size_t n_requests;
    size_t n_writes;    /* among them */
    struct one *wanted; /* to be read, not sent yet */
    size_t n_wanted;
    TALLOC_CTX *answer; /* owns what is found */
    struct found found[BATCH_MAX];
    size_t n_found;
};

/* Nobody waits for what is still under way. */
static int pipeline_destroy(struct pipeline *p)
{
    struct error ignored;

    if (directory_check(p->d, &ignored) == OK) {
        for (size_t i = 0; i < p->n_requests; i++)
            ldap_abandon_ext(directory_handle(p->d), p->requests[i].msgid, NULL, NULL);
    }
    return 0;
}

enum err pipeline_new(TALLOC_CTX *mem, struct directory *d, size_t window, struct pipeline **out,
                      struct error *e)
{
    struct pipeline *p = talloc_zero(mem, struct pipeline);

    if (!p)
        return err_nomem(e);
    p->d = d;
    p->window = window;
    p->requests = talloc_array(p, struct request, window);
    p->wanted = talloc_array(p, struct one, window);
    if (!p->requests || !p->wanted) {
        talloc_free(p);
        return err_nomem(e);
    }
    talloc_set_destructor(p, pipeline_destroy);
    *out = p;
    return OK;
}

size_t pipeline_pending(const struct pipeline *p) { return p->n_pending; }

static enum err check_room(const struct pipeline *p, const char *dn, struct error *e)
{
    if (p->n_pending < p->window)
        return OK;
    return err_set(e, ERR_INTERNAL, "%s: more than %zu requests at a time", dn, p->window);
}

/* Takes r->ones. */
static void keep_request(struct pipeline *p, const struct request *r)
{
    p->requests[p->n_requests++] = *r;
    p->n_writes += r->is_write;
}

static enum err send_one(struct pipeline *p, const struct one *one, struct error *e)
{
    const struct search s = { .base = one->dn, .attributes = node_attributes };
    struct request r = { .n = 1 };
    enum err rc;

    if (!(r.ones = talloc_memdup(p, one, sizeof *one)))
        return err_nomem(e);
    if ((rc = search_object_begin(p->d, &s, &r.msgid, e)))
        talloc_free(r.ones);
    else
        keep_request(p, &r);
    return rc;
}

/* The first wanted node, and those behind it that can be found together with it. */
static enum err take_wanted(struct pipeline *p, struct request *r, struct error *e)
{
    const char *parent = batch_parent(p->wanted[0].dn);
    size_t n_left = 0;

    r->ones = talloc_array(p, struct one, BATCH_MAX);
    if (!r->ones)
        return err_nomem(e);
    for (size_t i = 0; i < p->n_wanted; i++) {
        struct one one = p->wanted[i];

        if (r->n < BATCH_MAX && strcmp(batch_parent(one.dn), parent) == 0)
            r->ones[r->n++] = one;
        else
            p->wanted[n_left++] = one;
    }
    p->n_wanted = n_left;
    return OK;
}

static enum err send_some(struct pipeline *p, struct request *r, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    const char *dns[BATCH_MAX];
    struct search s;
    enum err rc = tmp ? OK : err_nomem(e);

    for (size_t i = 0; i < r->n; i++)
        dns[i] = r->ones[i].dn;
    if (!rc && !(rc = batch_search(tmp, dns, r->n, &s, e))) {
        s.attributes = node_attributes;
        rc = search_below_begin(p->d, &s, &r->msgid, e);
    }
    talloc_free(tmp);
    return rc;
}

static enum err send_search(struct pipeline *p, struct error *e)
{
    struct request r = { 0 };
    enum err rc = take_wanted(p, &r, e);
    bool is_together = !rc && r.n > 1;

    if (is_together && !(rc = send_some(p, &r, e))) {
        keep_request(p, &r);
        return OK;
    }
    /* What the server would say to a name that is none is that name's answer, not the others'. */
    if (is_together && rc == ERR_MALFORMED)
        rc = OK;
    for (size_t i = 0; i < r.n && !rc; i++)
        rc = send_one(p, &r.ones[i], e);
    talloc_free(r.ones);
    return rc;
}

/*
 * Reads wait for one another while the server has enough to do: what is asked for together costs
 * it a fraction.
 */
static bool is_time_to_read(const struct pipeline *p)
{
    size_t n_searches = p->n_requests - p->n_writes;

    if (p->n_wanted == 0 || n_searches >= SEARCHES_MAX)
        return false;
    return p->n_wanted >= READS_ENOUGH || (n_searches == 0 && p->n_writes <= p->window / 4);
}

static enum err read_wanted(struct pipeline *p, struct error *e)
{
    enum err rc = OK;

    while (!rc && is_time_to_read(p))
        rc = send_search(p, e);
    return rc;
}

enum err pipeline_read(struct pipeline *p, const char *dn, size_t tag, struct error *e)
{
    enum err rc = check_room(p, dn, e);

    if (rc)
        return rc;
    p->n_pending++;
    if (!batch_parent(dn))
        return send_one(p, &(struct one){ .dn = dn, .tag = tag }, e);
    p->wanted[p->n_wanted++] = (struct one){ .dn = dn, .tag = tag };
    return p->n_wanted >= READS_ENOUGH ? read_wanted(p, e) : OK;
}

enum err pipeline_swap(struct pipeline *p, const struct node_change *change, size_t tag,
                       struct error *e)
{
    struct request r = { .is_write = true, .n = 1 };
    const struct modify m = modify_of_node(change);
    enum err rc = check_room(p, change->dn, e);

    if (rc)
        return rc;
    if (!(r.ones = talloc_array(p, struct one, 1)))
        return err_nomem(e);
    r.ones[0] = (struct one){ .dn = change->dn, .tag = tag };
    if ((rc = modify_begin(p->d, &m, &r.msgid, e))) {
        talloc_free(r.ones);
        return rc;
    }
    keep_request(p, &r);
    p->n_pending++;
    return OK;
}

static void free_message(void *message) { ldap_msgfree(message); }

/* The next complete answer of the server, whatever it belongs to. */
static enum err next_message(TALLOC_CTX *mem, struct pipeline *p, LDAPMessage **message,
                             struct error *e)
{
    int timeout_ms = directory_timeout_ms(p->d), type, ldap_rc = LDAP_SERVER_DOWN;
    struct timeval wait = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
    LDAP *ld = directory_handle(p->d);

    *message = NULL;
    type = ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ALL, &wait, message);
    if (type > 0)
        return own(mem, *message, free_message) ? OK : err_nomem(e);
    if (type == 0)
        ldap_rc = LDAP_TIMEOUT;
    else
        ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &ldap_rc);
    directory_error(p->d, ldap_rc, e, "%zu requests under way", p->n_requests);
    return ldap_rc == LDAP_TIMEOUT ? ERR_TIMEOUT : ERR_UNREACHABLE;
}

static bool take_request(TALLOC_CTX *mem, struct pipeline *p, int msgid, struct request *out)
{
    for (size_t i = 0; i < p->n_requests; i++) {
        if (p->requests[i].msgid != msgid)
            continue;
        *out = p->requests[i];
        talloc_steal(mem, out->ones);
        p->n_writes -= out->is_write;
        p->requests[i] = p->requests[--p->n_requests];
        return true;
    }
    return false;
}

/* A node of its own, which outlives the message. */
static enum err read_entry(TALLOC_CTX *mem, struct pipeline *p, const struct entry *entry,
                           struct dns_node **out, struct error *e)
{
    struct dns_node *node = talloc_zero(NULL, struct dns_node);
    enum err rc = node ? node_decode(node, p->d, entry, node, e) : err_nomem(e);

    if (!rc && !(node->dn = talloc_strdup(node, entry->dn)))
        rc = err_nomem(e);
    for (size_t i = 0; !rc && i < node->n_values; i++) {
        node->values[i] = bytes_dup(node->values, node->values[i]);
        if (!node->values[i].data)
            rc = err_nomem(e);
    }
    if (rc)
        talloc_free(node);
    else
        *out = talloc_steal(mem, node);
    return rc;
}

/* The answer to a search for one node. */
static enum err read_answer(TALLOC_CTX *mem, struct pipeline *p, const struct one *one,
                            LDAPMessage *message, int ldap_rc, struct dns_node **out,
                            struct error *e)
{
    LDAPMessage *found = ldap_first_entry(directory_handle(p->d), message);
    struct entry *entry;
    enum err rc;

    if (ldap_rc == LDAP_NO_SUCH_OBJECT || (ldap_rc == LDAP_SUCCESS && !found))
        return err_set(e, ERR_NOTFOUND, "%s does not exist", one->dn);
    if (ldap_rc != LDAP_SUCCESS)
        return directory_error(p->d, ldap_rc, e, "%s: search", one->dn);
    rc = entry_decode(p->answer, p->d, found, &entry, e);
    return rc ? rc : read_entry(mem, p, entry, out, e);
}

static void note_found(struct pipeline *p, struct request *r, const struct entry *entry)
{
    for (size_t i = 0; i < r->n; i++) {
        struct one *one = &r->ones[i];

        if (one->is_found || strcmp(one->dn, entry->dn) != 0)
            continue;
        one->is_found = true;
        p->found[p->n_found++] = (struct found){ entry, one->tag };
        return;
    }
}

/*
 * The answer to a search for several.  Those that are not in it, for whatever reason, are asked for
 * one by one: then the server says what is the matter with each.
 */
static enum err sort_answer(struct pipeline *p, struct request *r, LDAPMessage *message,
                            struct error *e)
{
    LDAP *ld = directory_handle(p->d);
    struct entry *entry;
    enum err rc;

    for (LDAPMessage *m = ldap_first_entry(ld, message); m; m = ldap_next_entry(ld, m)) {
        if ((rc = entry_decode(p->answer, p->d, m, &entry, e)) == ERR_NOMEM)
            return rc;
        if (!rc)
            note_found(p, r, entry);
    }
    for (size_t i = 0; i < r->n; i++) {
        if (!r->ones[i].is_found && (rc = send_one(p, &r->ones[i], e)))
            return rc;
    }
    return OK;
}

/* A server that says "unavailable" has answered: this request failed, not the connection. */
static enum err as_answer(enum err rc, struct error *e)
{
    if (rc != ERR_UNREACHABLE && rc != ERR_TIMEOUT)
        return rc;
    e->code = ERR_SERVER;
    return ERR_SERVER;
}

static void give(struct pipeline *p, size_t tag, enum err rc, struct pipeline_answer *out)
{
    out->tag = tag;
    out->rc = as_answer(rc, &out->why);
    p->n_pending--;
}

static void give_found(TALLOC_CTX *mem, struct pipeline *p, struct pipeline_answer *out)
{
    const struct found *found = &p->found[--p->n_found];

    give(p, found->tag, read_entry(mem, p, found->entry, &out->node, &out->why), out);
}

static int result_of(struct pipeline *p, LDAPMessage *message)
{
    int result = LDAP_OTHER;
    int ldap_rc =
        ldap_parse_result(directory_handle(p->d), message, &result, NULL, NULL, NULL, NULL, 0);

    return ldap_rc == LDAP_SUCCESS ? result : ldap_rc;
}

/* Wait for a message and see what it answers; *is_given: a node, in *out. */
static enum err turn(TALLOC_CTX *mem, struct pipeline *p, bool *is_given,
                     struct pipeline_answer *out, struct error *e)
{
    LDAPMessage *message;
    struct request r;
    enum err rc;

    talloc_free(p->answer);
    if (!(p->answer = talloc_new(p)))
        return err_nomem(e);
    /* What belongs to no request is the server's notice that it disconnects, or a late answer. */
    if ((rc = next_message(p->answer, p, &message, e)) ||
        !take_request(p->answer, p, ldap_msgid(message), &r))
        return rc;
    if (r.n > 1)
        return sort_answer(p, &r, message, e);
    if (r.is_write) {
        const struct modify m = modify_of_node(&(struct node_change){ .dn = r.ones[0].dn });

        rc = modify_end(p->d, &m, result_of(p, message), &out->why);
    } else {
        rc = read_answer(mem, p, &r.ones[0], message, result_of(p, message), &out->node, &out->why);
    }
    give(p, r.ones[0].tag, rc, out);
    *is_given = true;
    return OK;
}

enum err pipeline_next(TALLOC_CTX *mem, struct pipeline *p, struct pipeline_answer *out,
                       struct error *e)
{
    bool is_given = false;
    enum err rc = OK;

    if (p->n_pending == 0)
        return err_set(e, ERR_INTERNAL, "nothing is under way");
    *out = (struct pipeline_answer){ 0 };
    while (!is_given && !rc) {
        if (p->n_found > 0) {
            give_found(mem, p, out);
            return OK;
        }
        if (!(rc = read_wanted(p, e)))
            rc = turn(mem, p, &is_given, out, e);
    }
    return rc;
}
