#include "ldap/pipeline.h"

#include "base/own.h"
#include "ldap/modify.h"
#include "ldap/search.h"

struct request {
    int msgid;
    size_t tag;
    bool is_write;
    const char *dn;
};

struct pipeline {
    struct directory *d;
    size_t window;
    struct request *requests;
    size_t n;
};

/* Nobody waits for what is still under way. */
static int pipeline_destroy(struct pipeline *p)
{
    struct error ignored;

    if (directory_check(p->d, &ignored) == OK) {
        for (size_t i = 0; i < p->n; i++)
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
    if (!p->requests) {
        talloc_free(p);
        return err_nomem(e);
    }
    talloc_set_destructor(p, pipeline_destroy);
    *out = p;
    return OK;
}

size_t pipeline_pending(const struct pipeline *p) { return p->n; }

static enum err check_room(const struct pipeline *p, const char *dn, struct error *e)
{
    if (p->n < p->window)
        return OK;
    return err_set(e, ERR_INTERNAL, "%s: more than %zu requests at a time", dn, p->window);
}

enum err pipeline_read(struct pipeline *p, const char *dn, size_t tag, struct error *e)
{
    const struct search s = { .base = dn, .attributes = node_attributes };
    struct request r = { .tag = tag, .dn = dn };
    enum err rc = check_room(p, dn, e);

    if (rc == OK)
        rc = search_object_begin(p->d, &s, &r.msgid, e);
    if (rc == OK)
        p->requests[p->n++] = r;
    return rc;
}

enum err pipeline_swap(struct pipeline *p, const struct node_change *change, size_t tag,
                       struct error *e)
{
    struct request r = { .tag = tag, .is_write = true, .dn = change->dn };
    const struct modify m = modify_of_node(change);
    enum err rc = check_room(p, change->dn, e);

    if (rc == OK)
        rc = modify_begin(p->d, &m, &r.msgid, e);
    if (rc == OK)
        p->requests[p->n++] = r;
    return rc;
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
    directory_error(p->d, ldap_rc, e, "%zu requests under way", p->n);
    return ldap_rc == LDAP_TIMEOUT ? ERR_TIMEOUT : ERR_UNREACHABLE;
}

static bool take_request(struct pipeline *p, int msgid, struct request *out)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->requests[i].msgid == msgid) {
            *out = p->requests[i];
            p->requests[i] = p->requests[--p->n];
            return true;
        }
    }
    return false;
}

/* message: its views live as long as mem. */
static enum err read_answer(TALLOC_CTX *mem, struct pipeline *p, const struct request *r,
                            LDAPMessage *message, int ldap_rc, struct dns_node **out,
                            struct error *e)
{
    LDAPMessage *found = ldap_first_entry(directory_handle(p->d), message);
    struct dns_node *node;
    struct entry *entry;
    enum err rc;

    if (ldap_rc == LDAP_NO_SUCH_OBJECT || (ldap_rc == LDAP_SUCCESS && !found))
        return err_set(e, ERR_NOTFOUND, "%s does not exist", r->dn);
    if (ldap_rc != LDAP_SUCCESS)
        return directory_error(p->d, ldap_rc, e, "%s: search", r->dn);
    if (!(node = talloc_zero(mem, struct dns_node)))
        return err_nomem(e);
    if ((rc = entry_decode(mem, p->d, found, &entry, e)) ||
        (rc = node_decode(mem, p->d, entry, node, e)))
        return rc;
    *out = node;
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

enum err pipeline_next(TALLOC_CTX *mem, struct pipeline *p, struct pipeline_answer *out,
                       struct error *e)
{
    int result = LDAP_OTHER, ldap_rc;
    LDAPMessage *message;
    struct request r;
    enum err rc;

    if (p->n == 0)
        return err_set(e, ERR_INTERNAL, "nothing is under way");
    /* What belongs to no request is the server's notice that it disconnects, or a late answer. */
    do {
        if ((rc = next_message(mem, p, &message, e)) != OK)
            return rc;
    } while (!take_request(p, ldap_msgid(message), &r));

    *out = (struct pipeline_answer){ .tag = r.tag };
    ldap_rc =
        ldap_parse_result(directory_handle(p->d), message, &result, NULL, NULL, NULL, NULL, 0);
    if (ldap_rc == LDAP_SUCCESS)
        ldap_rc = result;
    if (r.is_write) {
        const struct modify m = modify_of_node(&(struct node_change){ .dn = r.dn });

        out->rc = modify_end(p->d, &m, ldap_rc, &out->why);
    } else {
        out->rc = read_answer(mem, p, &r, message, ldap_rc, &out->node, &out->why);
    }
    out->rc = as_answer(out->rc, &out->why);
    return OK;
}
