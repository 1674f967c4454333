/*
 * A directory with nodes in it, behind tests/unit/fake_ldap.h: base searches, searches for several
 * names below a base, and modifies do what a domain controller does with dnsRecord and
 * dNSTombstoned.  The connection can be cut before or after any request, and things can happen to
 * the nodes between two requests.
 */
#ifndef TESTS_UNIT_FAKE_STORE_H
#define TESTS_UNIT_FAKE_STORE_H

#include "tests/unit/fake_ldap.h"

#define STORE_NODES 64
#define STORE_VALUES 8

struct stored {
    char dn[64];
    uint8_t values[STORE_VALUES][64];
    size_t lens[STORE_VALUES];
    size_t n;
    bool is_tombstoned;
    int refuse;  /* LDAP result code for modifies of it; 0: none */
    bool is_shy; /* only found by those who ask for it alone */
    int writes;
};

struct store {
    TALLOC_CTX *mem;
    struct stored nodes[STORE_NODES];
    size_t n;
    int n_requests; /* over all connections */
    int n_batches;  /* searches for several among them */
    int batch_code; /* LDAP result code of these */
    int n_modifies; /* those that were done */
    int n_opened;
    int cut_at;     /* cut at this request, 0: never */
    bool cut_after; /* after doing it, without an answer */
    int cuts;       /* how often, at that number and each after it */
    void (*before)(struct store *s, int request, struct stored *node, ber_tag_t op);
    void *priv;
    struct fake fakes[8];
};

static inline struct stored *store_node(struct store *s, const char *dn)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->nodes[i].dn, dn) == 0)
            return &s->nodes[i];
    }
    return NULL;
}

static inline void stored_put(struct stored *node, struct bytes value)
{
    assert_true(node->n < STORE_VALUES && value.len <= sizeof node->values[0]);
    memcpy(node->values[node->n], value.data, value.len);
    node->lens[node->n++] = value.len;
}

static inline bool stored_has(const struct stored *node, struct bytes value)
{
    for (size_t i = 0; i < node->n; i++) {
        if (node->lens[i] == value.len && memcmp(node->values[i], value.data, value.len) == 0)
            return true;
    }
    return false;
}

static inline bool stored_drop(struct stored *node, struct bytes value)
{
    for (size_t i = 0; i < node->n; i++) {
        if (node->lens[i] == value.len && memcmp(node->values[i], value.data, value.len) == 0) {
            node->n--;
            memmove(node->values[i], node->values[node->n], sizeof node->values[0]);
            node->lens[i] = node->lens[node->n];
            return true;
        }
    }
    return false;
}

static inline struct stored *store_add(struct store *s, const char *dn, const struct bytes *values,
                                       size_t n)
{
    struct stored *node = &s->nodes[s->n++];

    assert_true(s->n <= STORE_NODES);
    snprintf(node->dn, sizeof node->dn, "%s", dn);
    for (size_t i = 0; i < n; i++)
        stored_put(node, values[i]);
    return node;
}

static inline void store_send_node(struct fake *f, const struct stored *node)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, node->dn);
    ber_printf(ber, "{s[", "dnsRecord");
    for (size_t i = 0; i < node->n; i++)
        ber_printf(ber, "o", node->values[i], (ber_len_t)node->lens[i]);
    ber_printf(ber, "]}");
    if (node->is_tombstoned)
        ber_printf(ber, "{s[s]}", "dNSTombstoned", "TRUE");
    ber_printf(ber, "}}}");
    fake_send(f, ber);
}

/* All or nothing, as a directory does it. */
static inline int store_modify(struct fake *f, struct stored *target)
{
    struct stored node = *target;
    int result = target->refuse;
    ber_len_t len;
    char *cookie;

    for (ber_tag_t t = ber_first_element(f->request, &len, &cookie); t != LBER_DEFAULT;
         t = ber_next_element(f->request, &len, cookie)) {
        struct berval type, **values = NULL;
        ber_int_t op = 0;

        if (ber_scanf(f->request, "{e{m[V]}}", &op, &type, &values) == LBER_ERROR)
            return LDAP_PROTOCOL_ERROR;
        for (size_t i = 0; values && values[i] && !result; i++) {
            struct bytes v = { (const uint8_t *)values[i]->bv_val, values[i]->bv_len };

            if (op == LDAP_MOD_REPLACE)
                node.is_tombstoned = v.len == 4;
            else if (op == LDAP_MOD_DELETE && !stored_drop(&node, v))
                result = LDAP_NO_SUCH_ATTRIBUTE;
            else if (op == LDAP_MOD_ADD && stored_has(&node, v))
                result = LDAP_TYPE_OR_VALUE_EXISTS;
            else if (op == LDAP_MOD_ADD)
                stored_put(&node, v);
        }
        ber_bvecfree(values);
    }
    if (result == 0) {
        node.writes++;
        *target = node;
    }
    return result;
}

static inline void store_answer(struct fake *f, struct store *s, const char *dn, bool is_silent)
{
    struct stored *node = store_node(s, dn);
    bool is_search = f->op == LDAP_REQ_SEARCH;
    int result = node ? 0 : LDAP_NO_SUCH_OBJECT;

    if (!is_search && node) {
        result = store_modify(f, node);
        s->n_modifies += result == 0;
    }
    if (is_silent)
        return;
    if (is_search && node)
        store_send_node(f, node);
    fake_result(f, is_search ? LDAP_RES_SEARCH_RESULT : LDAP_RES_MODIFY, result, "", NULL);
}

#define FILTER_OR 0xa1U

/* Is it a search for several?  Then all that is asked for is sent. */
static inline bool store_batch(struct fake *f, struct store *s, int at, const char *base,
                               bool is_silent)
{
    ber_int_t n;
    ber_len_t len;
    char *cookie, dn[sizeof s->nodes[0].dn];

    if (f->op != LDAP_REQ_SEARCH ||
        ber_scanf(f->request, "eeiib", &n, &n, &n, &n, &n) == LBER_ERROR ||
        ber_peek_tag(f->request, &len) != FILTER_OR)
        return false;
    s->n_batches++;
    for (ber_tag_t t = ber_first_element(f->request, &len, &cookie); t != LBER_DEFAULT;
         t = ber_next_element(f->request, &len, cookie)) {
        struct berval name, value;
        struct stored *node;

        assert_true(ber_scanf(f->request, "{mm}", &name, &value) != LBER_ERROR);
        assert_memory_equal(name.bv_val, "name", 4);
        snprintf(dn, sizeof dn, "DC=%.*s,%s", (int)value.bv_len, value.bv_val, base);
        node = store_node(s, dn);
        if (s->before)
            s->before(s, at, node, f->op);
        if (node && !node->is_shy && !is_silent)
            store_send_node(f, node);
    }
    if (!is_silent)
        fake_result(f, LDAP_RES_SEARCH_RESULT, s->batch_code, "", NULL);
    return true;
}

static inline void store_serve(struct fake *f)
{
    struct store *s = f->priv;

    while (fake_read(f)) {
        char *dn = NULL;
        int at = ++s->n_requests;
        bool is_cut = s->cut_at && at >= s->cut_at && s->cuts > 0;

        if (ber_scanf(f->request, "{a", &dn) == LBER_ERROR)
            return;
        if (!store_batch(f, s, at, dn, is_cut)) {
            if (s->before)
                s->before(s, at, store_node(s, dn), f->op);
            if (!is_cut || s->cut_after)
                store_answer(f, s, dn, is_cut);
        }
        ber_memfree(dn);
        if (is_cut) {
            s->cuts--;
            return;
        }
    }
}

/* A connection to it; at the end store_close() them all. */
static inline struct directory *store_open(struct store *s)
{
    struct fake *f = &s->fakes[s->n_opened++];

    assert_true((size_t)s->n_opened <= sizeof s->fakes / sizeof s->fakes[0]);
    *f = (struct fake){ .script = store_serve, .priv = s };
    fake_start(f, s->mem, 2000);
    return f->d;
}

static inline void store_close(struct store *s)
{
    for (int i = 0; i < s->n_opened; i++)
        fake_stop(&s->fakes[i]);
    s->n_opened = 0;
}

#endif
