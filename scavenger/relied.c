#include "scavenger/relied.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/name.h"
#include "ldap/name.h"

struct entry {
    const char *name;
    const char *why;
};

struct list {
    struct entry *all; /* sorted by name when sealed */
    size_t n;
    size_t cap;
};

struct relied {
    struct list targets;
    struct list delegations;
};

struct relied *relied_new(TALLOC_CTX *mem) { return talloc_zero(mem, struct relied); }

/* name: folded, or no final dot and lower case already. */
static enum err add(struct relied *r, struct list *l, const char *name, const char *why,
                    struct error *e)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        struct entry *grown = talloc_realloc(r, l->all, struct entry, cap);

        if (!grown)
            return err_nomem(e);
        l->all = grown;
        l->cap = cap;
    }
    l->all[l->n] = (struct entry){ name_fold(r, name), why };
    return l->all[l->n++].name ? OK : err_nomem(e);
}

static const char *why_of(uint16_t type)
{
    switch (type) {
    case DNS_TYPE_NS:
        return "target of an NS record";
    case DNS_TYPE_MX:
        return "target of an MX record";
    case DNS_TYPE_SRV:
        return "target of an SRV record";
    case DNS_TYPE_CNAME:
        return "target of a CNAME record";
    default:
        return NULL;
    }
}

static enum err add_target(struct relied *r, const struct sighting *s, struct error *e)
{
    const char *last = strrchr(s->data, ' '), *why = why_of(s->type);
    const char *target = last ? last + 1 : s->data;
    size_t n = strlen(s->name);
    bool is_own = strncasecmp(target, s->name, n) == 0 && strcmp(target + n, ".") == 0;

    if (!why || (is_own && s->type != DNS_TYPE_NS))
        return OK;
    return add(r, &r->targets, target, why, e);
}

enum err relied_add(struct relied *r, const char *zone, const struct sighting *of_name, size_t n,
                    struct error *e)
{
    bool is_cut = false;
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++) {
        is_cut = is_cut || (of_name[i].type == DNS_TYPE_NS && strcmp(of_name[i].name, zone) != 0);
        rc = add_target(r, &of_name[i], e);
    }
    if (!rc && is_cut)
        rc = add(r, &r->delegations, of_name[0].name, "at or below a delegation", e);
    return rc;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void seal(struct list *l)
{
    if (l->n)
        qsort(l->all, l->n, sizeof *l->all, compare);
}

void relied_seal(struct relied *r)
{
    seal(&r->targets);
    seal(&r->delegations);
}

static const char *find(const struct list *l, const char *name)
{
    const struct entry key = { name, NULL };
    const struct entry *found = l->n ? bsearch(&key, l->all, l->n, sizeof key, compare) : NULL;

    return found ? found->why : NULL;
}

const char *relied_on(const struct relied *r, const char *zone, const char *name)
{
    const char *why = find(&r->targets, name);

    if (!why && (strcmp(name, "*") == 0 || strncmp(name, "*.", 2) == 0))
        why = "wildcard";
    /* The zone's own apex is no delegation in it, though it is one in a parent read beside it. */
    for (; !why && name && strcmp(name, zone) != 0 && dns_name_within(name, zone);
         name = dns_name_parent(name))
        why = find(&r->delegations, name);
    return why;
}
