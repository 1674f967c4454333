#include "ldap/search.h"

#include "base/log.h"
#include "base/own.h"
#include "ldap/seen.h"

/* MaxPageSize of Active Directory. */
#define PAGE_SIZE 1000
/* A server may send pages with nothing in them, but not for ever. */
#define EMPTY_PAGES_MAX 1000
/* MS-ADTS 3.1.1.3.4.1.11; its value is the BER of SEQUENCE { OWNER_SECURITY_INFORMATION }. */
static const char sd_flags_oid[] = "1.2.840.113556.1.4.801";
static const char owner_only[] = { 0x30, 0x03, 0x02, 0x01, 0x01 };

static void free_message(void *message) { ldap_msgfree(message); }

static void free_control(void *control) { ldap_control_free(control); }

static void free_controls(void *controls) { ldap_controls_free(controls); }

static void free_bv(void *data) { ber_memfree(data); }

/* cookie NULL: no paging. */
static enum err send_search(struct directory *d, const struct search *s, int scope,
                            struct berval *cookie, int *msgid, struct error *e)
{
    LDAPControl owner = { (char *)sd_flags_oid, { sizeof owner_only, (char *)owner_only }, 1 };
    LDAPControl *controls[3] = { 0 }, *page = NULL;
    TALLOC_CTX *tmp = talloc_new(NULL);
    enum err rc = OK;
    size_t n = 0;
    int ldap_rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = directory_check(d, e)) != OK)
        goto done;
    if (s->with_owner)
        controls[n++] = &owner;
    if (cookie) {
        if (ldap_create_page_control(directory_handle(d), PAGE_SIZE, cookie, 1, &page) !=
                LDAP_SUCCESS ||
            !own(tmp, page, free_control)) {
            rc = err_nomem(e);
            goto done;
        }
        controls[n++] = page;
    }
    ldap_rc = ldap_search_ext(directory_handle(d), s->base, scope,
                              s->filter ? s->filter : "(objectClass=*)", (char **)s->attributes, 0,
                              controls, NULL, NULL, LDAP_NO_LIMIT, msgid);
    if (ldap_rc != LDAP_SUCCESS)
        rc = directory_error(d, ldap_rc, e, "%s: search", s->base);
done:
    talloc_free(tmp);
    return rc;
}

/* The next message of a search; *type is LDAP_RES_…; owned by mem. */
static enum err next_message(TALLOC_CTX *mem, struct directory *d, const struct search *s,
                             int msgid, int wait_ms, LDAPMessage **message, int *type,
                             struct error *e)
{
    struct timeval wait = { wait_ms / 1000, wait_ms % 1000 * 1000 };
    int ldap_rc = LDAP_OTHER;

    *type = ldap_result(directory_handle(d), msgid, LDAP_MSG_ONE, &wait, message);
    if (*type == 0)
        return directory_error(d, LDAP_TIMEOUT, e, "%s: search", s->base);
    if (*type < 0) {
        ldap_get_option(directory_handle(d), LDAP_OPT_RESULT_CODE, &ldap_rc);
        return directory_error(d, ldap_rc, e, "%s: search", s->base);
    }
    return own(mem, *message, free_message) ? OK : err_nomem(e);
}

/*
 * The result of a whole search; of its controls the cookie of the next page, when asked for.
 * *code is what the server said, or what is wrong with its answer.
 */
static enum err read_result(TALLOC_CTX *mem, struct directory *d, const struct search *s,
                            LDAPMessage *message, struct berval *cookie, int *code, struct error *e)
{
    LDAP *ld = directory_handle(d);
    LDAPControl **controls = NULL, *page;
    ber_int_t estimate;
    int result = LDAP_OTHER, ldap_rc;

    *code = LDAP_OTHER;
    ldap_rc = ldap_parse_result(ld, message, &result, NULL, NULL, NULL, &controls, 0);
    if (controls && !own(mem, controls, free_controls))
        return err_nomem(e);
    if (ldap_rc == LDAP_SUCCESS)
        ldap_rc = result;
    *code = ldap_rc;
    if (ldap_rc == LDAP_NO_SUCH_OBJECT)
        return err_set(e, ERR_NOTFOUND, "%s does not exist", s->base);
    if (ldap_rc != LDAP_SUCCESS)
        return directory_error(d, ldap_rc, e, "%s: search", s->base);
    if (!cookie)
        return OK;
    page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
    *cookie = (struct berval){ 0, NULL };
    if (!page || ldap_parse_pageresponse_control(ld, page, &estimate, cookie) != LDAP_SUCCESS)
        return err_set(e, ERR_MALFORMED, "%s: %s does not say whether the search is complete",
                       s->base, directory_host(d));
    if (cookie->bv_val && !own(mem, cookie->bv_val, free_bv))
        return err_nomem(e);
    return OK;
}

struct children {
    struct directory *d;
    const struct search *s;
    entry_visit *visit;
    void *priv;
    int scope;
    int msgid;         /* of the request under way; 0: none */
    int code;          /* LDAP result of the request answered last */
    bool is_answered;  /* the server has said something */
    struct seen *seen; /* what was visited without pages, or NULL */
    bool is_again;     /* those are passed over */
    TALLOC_CTX *page;  /* parent of what follows */
    struct held {
        TALLOC_CTX *owner;
        LDAPMessage *message;
    } held[PAGE_SIZE];
    size_t n_held;
};

static enum err visit_new(struct children *c, const struct entry *entry, struct error *e)
{
    if (c->is_again && seen_has(c->seen, entry->dn))
        return OK;
    if (c->seen && !c->is_again && !seen_add(c->seen, entry->dn))
        return err_nomem(e);
    return c->visit(entry, c->priv, e);
}

static enum err visit_held(struct children *c, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < c->n_held && rc == OK; i++) {
        TALLOC_CTX *owner = c->held[i].owner;
        struct entry *entry;

        if ((rc = entry_decode(owner, c->d, c->held[i].message, &entry, e)) == OK)
            rc = visit_new(c, entry, e);
        talloc_free(owner);
    }
    c->n_held = 0;
    return rc;
}

/*
 * Messages until the result, a page's where there is a cookie; entries are held, more than a page
 * of them visited at once.
 */
static enum err receive_page(struct children *c, struct berval *cookie, size_t *n, struct error *e)
{
    int usual_ms = directory_timeout_ms(c->d);
    enum err rc;

    for (*n = 0;;) {
        TALLOC_CTX *owner = talloc_new(c->page);
        LDAPMessage *message;
        int type, wait_ms = usual_ms;

        if (!owner)
            return err_nomem(e);
        if (!c->is_answered && c->s->first_answer_ms > usual_ms && !directory_timeout_is_held(c->d))
            wait_ms = c->s->first_answer_ms;
        if (c->n_held == PAGE_SIZE && (rc = visit_held(c, e)) != OK)
            return rc;
        if ((rc = next_message(owner, c->d, c->s, c->msgid, wait_ms, &message, &type, e)) != OK)
            return rc;
        c->is_answered = true;
        if (type == LDAP_RES_SEARCH_ENTRY) {
            c->held[c->n_held++] = (struct held){ owner, message };
            ++*n;
            continue;
        }
        if (type == LDAP_RES_SEARCH_RESULT) {
            c->msgid = 0;
            return read_result(c->page, c->d, c->s, message, cookie, &c->code, e);
        }
        talloc_free(owner);
    }
}

/* One page; then the request for the next is on its way before this one is visited. */
static enum err page_turn(struct children *c, struct berval *cookie, size_t *empty_pages,
                          bool *is_last, struct error *e)
{
    size_t n;
    enum err rc;

    if ((rc = receive_page(c, cookie, &n, e)) != OK)
        return rc;
    *empty_pages = n > 0 ? 0 : *empty_pages + 1;
    *is_last = cookie->bv_len == 0;
    if (*empty_pages > EMPTY_PAGES_MAX)
        return err_set(e, ERR_MALFORMED, "%s: %s sends page after page with nothing in it",
                       c->s->base, directory_host(c->d));
    if (!*is_last && (rc = send_search(c->d, c->s, c->scope, cookie, &c->msgid, e)) != OK)
        return rc;
    return visit_held(c, e);
}

static enum err search_pages(struct children *c, struct error *e)
{
    struct berval cookie = { 0, NULL };
    size_t empty_pages = 0;
    bool is_last = false;
    enum err rc = send_search(c->d, c->s, c->scope, &cookie, &c->msgid, e);

    while (rc == OK && !is_last) {
        c->page = talloc_new(c);
        if (!c->page) {
            rc = err_nomem(e);
            break;
        }
        rc = page_turn(c, &cookie, &empty_pages, &is_last, e);
        TALLOC_FREE(c->page);
    }
    return rc;
}

/*
 * Samba looks each object of a page up anew, and takes five times as long as without pages; and it
 * has no limit of 1000 objects, but one of bytes.  *is_refused: it came to that; what was visited
 * until then is in c->seen.
 */
static enum err search_at_once(struct children *c, bool *is_refused, struct error *e)
{
    enum err rc;
    size_t n;

    if (!(c->page = talloc_new(c)) || !(c->seen = seen_new(c)))
        return err_nomem(e);
    if (!(rc = send_search(c->d, c->s, c->scope, NULL, &c->msgid, e)) &&
        !(rc = receive_page(c, NULL, &n, e)))
        rc = visit_held(c, e);
    *is_refused =
        rc != OK && (c->code == LDAP_SIZELIMIT_EXCEEDED || c->code == LDAP_ADMINLIMIT_EXCEEDED ||
                     c->code == LDAP_TIMELIMIT_EXCEEDED);
    if (*is_refused) {
        log_info("%s; reading page by page", e->message);
        err_clear(e);
        rc = visit_held(c, e);
        c->is_again = true;
    }
    TALLOC_FREE(c->page);
    return rc;
}

enum err search_children(struct directory *d, const struct search *s, entry_visit *visit,
                         void *priv, struct error *e)
{
    struct children *c = talloc_zero(NULL, struct children);
    bool is_paged = !directory_is_samba(d);
    enum err rc = OK;

    if (!c)
        return err_nomem(e);
    c->d = d;
    c->s = s;
    c->visit = visit;
    c->priv = priv;
    c->scope = s->is_subtree ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_ONELEVEL;
    if (!is_paged)
        rc = search_at_once(c, &is_paged, e);
    if (!rc && is_paged)
        rc = search_pages(c, e);
    if (c->msgid)
        ldap_abandon_ext(directory_handle(d), c->msgid, NULL, NULL);
    talloc_free(c);
    return rc;
}

enum err search_object_begin(struct directory *d, const struct search *s, int *msgid,
                             struct error *e)
{
    return send_search(d, s, LDAP_SCOPE_BASE, NULL, msgid, e);
}

enum err search_below_begin(struct directory *d, const struct search *s, int *msgid,
                            struct error *e)
{
    return send_search(d, s, s->is_subtree ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_ONELEVEL, NULL, msgid,
                       e);
}

enum err search_object(TALLOC_CTX *mem, struct directory *d, const struct search *s,
                       struct entry **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    LDAPMessage *message, *found = NULL;
    struct entry *entry;
    int msgid = 0, type, code;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = send_search(d, s, LDAP_SCOPE_BASE, NULL, &msgid, e)) != OK)
        goto done;
    do {
        rc = next_message(tmp, d, s, msgid, directory_timeout_ms(d), &message, &type, e);
        if (rc != OK) {
            ldap_abandon_ext(directory_handle(d), msgid, NULL, NULL);
            goto done;
        }
        if (type == LDAP_RES_SEARCH_ENTRY && !found)
            found = message;
    } while (type != LDAP_RES_SEARCH_RESULT);
    if ((rc = read_result(tmp, d, s, message, NULL, &code, e)) != OK)
        goto done;
    if (!found) {
        rc = err_set(e, ERR_NOTFOUND, "%s does not exist", s->base);
        goto done;
    }
    if ((rc = entry_decode(tmp, d, found, &entry, e)) != OK)
        goto done;
    *out = talloc_steal(mem, entry);
    /* Its values are views into messages that tmp owns. */
    tmp = talloc_steal(entry, tmp);
    return OK;
done:
    talloc_free(tmp);
    return rc;
}
