#include "ldap/computers.h"

#include <stdlib.h>
#include <string.h>

#include "ldap/name.h"
#include "ldap/sd.h"

#define SID_MAX 68 /* MS-DTYP 2.4.2.2: 8 bytes and 15 sub-authorities */
/* userAccountControl, MS-ADTS 2.2.16 */
#define ACCOUNT_DISABLED 0x0002
#define WORKSTATION_TRUST 0x1000
#define SERVER_TRUST 0x2000
#define POOL_MAX (UINT32_MAX / 2)
#define NTTIME_PER_HOUR UINT64_C(36000000000)

/* One name of an account; an account may have two, its host's and its own in the domain. */
struct named {
    uint32_t name_at;
    uint32_t index; /* into all */
};

struct computers {
    uint8_t sid[SID_MAX];
    size_t sid_len;
    char *sid_text;
    char *domain; /* lower case; NULL: not known */
    size_t n_without_sid;
    struct computer *all; /* sorted by rid once sealed */
    size_t n;
    size_t cap;
    struct named *by_name; /* sorted by name */
    size_t n_named;
    char *pool; /* strings, each with its NUL; the first is "" */
    size_t pool_len;
    size_t pool_cap;
};

struct computers *computers_new(TALLOC_CTX *mem, struct bytes domain_sid)
{
    struct computers *c = talloc_zero(mem, struct computers);

    if (!c)
        return NULL;
    c->sid_text = sid_text(c, domain_sid);
    c->pool = talloc_zero_array(c, char, 1);
    if (!c->sid_text || !c->pool || domain_sid.len < 8 || domain_sid.len > SID_MAX - 4 ||
        domain_sid.len != 8 + 4 * (size_t)domain_sid.data[1]) {
        talloc_free(c);
        return NULL;
    }
    memcpy(c->sid, domain_sid.data, domain_sid.len);
    c->sid_len = domain_sid.len;
    c->pool_len = c->pool_cap = 1;
    return c;
}

enum err computers_use_domain(struct computers *c, const char *domain, struct error *e)
{
    c->domain = name_fold(c, domain);
    return c->domain ? OK : err_nomem(e);
}

/* False for a SID that is not one of this domain's accounts. */
static bool rid_of(const struct computers *c, struct bytes sid, uint32_t *rid)
{
    struct rd r = rd_init(sid);

    if (sid.len != c->sid_len + 4 || sid.data[0] != c->sid[0] || sid.data[1] != c->sid[1] + 1 ||
        memcmp(sid.data + 2, c->sid + 2, c->sid_len - 2) != 0)
        return false;
    rd_take(&r, c->sid_len);
    *rid = rd_le32(&r);
    return !r.bad;
}

static uint32_t hours_of(uint64_t nttime)
{
    uint64_t hours = nttime / NTTIME_PER_HOUR;

    return hours > UINT32_MAX ? UINT32_MAX : (uint32_t)hours;
}

/* 0, the empty string's place, for NULL. */
static enum err keep_text(struct computers *c, const char *text, uint32_t *at, struct error *e)
{
    size_t len = text ? strlen(text) + 1 : 0;

    *at = 0;
    if (len <= 1)
        return OK;
    if (c->pool_len + len > c->pool_cap) {
        size_t cap = c->pool_cap + c->pool_cap / 2 + len + 1024;
        char *pool = cap < POOL_MAX ? talloc_realloc(c, c->pool, char, cap) : NULL;

        if (!pool)
            return err_nomem(e);
        c->pool = pool;
        c->pool_cap = cap;
    }
    memcpy(c->pool + c->pool_len, text, len);
    *at = (uint32_t)c->pool_len;
    c->pool_len += len;
    return OK;
}

static enum err grow(struct computers *c, struct error *e)
{
    size_t cap = c->cap + c->cap / 2 + 64;
    struct computer *all;

    if (c->n < c->cap)
        return OK;
    all = talloc_realloc(c, c->all, struct computer, cap);
    if (!all)
        return err_nomem(e);
    c->all = all;
    c->cap = cap;
    return OK;
}

/* "PC17$" is pc17 of the domain, unless that is its host's name anyway. */
static enum err keep_alias(struct computers *c, const char *account, const char *host, uint32_t *at,
                           struct error *e)
{
    size_t len = account ? strlen(account) : 0;
    char *text, *name;
    enum err rc = OK;

    *at = 0;
    if (len && account[len - 1] == '$')
        len--;
    if (!c->domain || len == 0)
        return OK;
    text = talloc_asprintf(NULL, "%.*s.%s", (int)len, account, c->domain);
    name = text ? name_fold(text, text) : NULL;
    if (!name)
        rc = err_nomem(e);
    else if (!host || strcmp(host, name) != 0)
        rc = keep_text(c, name, at, e);
    talloc_free(text);
    return rc;
}

enum err computers_add(struct computers *c, const struct computer_facts *facts, struct error *e)
{
    struct computer one = {
        .last_logon_h = hours_of(facts->last_logon),
        .password_set_h = hours_of(facts->password_set),
        .is_disabled = facts->control & ACCOUNT_DISABLED,
        .is_unread = facts->is_unread || facts->sid.len == 0,
        .role = facts->control & SERVER_TRUST        ? COMPUTER_CONTROLLER
                : facts->control & WORKSTATION_TRUST ? COMPUTER_MEMBER
                                                     : COMPUTER_UNREAD,
    };
    char *host = NULL;
    enum err rc;

    if (facts->sid.len && !rid_of(c, facts->sid, &one.rid))
        return OK;
    if (facts->host && !(host = name_fold(NULL, facts->host)))
        return err_nomem(e);
    if (!(rc = keep_text(c, host, &one.name_at, e)) &&
        !(rc = keep_text(c, facts->account, &one.account_at, e)) &&
        !(rc = keep_alias(c, facts->account, host, &one.alias_at, e)) && !(rc = grow(c, e))) {
        c->all[c->n++] = one;
        c->n_without_sid += facts->sid.len == 0;
    }
    talloc_free(host);
    return rc;
}

static int compare_rids(const void *a, const void *b)
{
    uint32_t x = ((const struct computer *)a)->rid, y = ((const struct computer *)b)->rid;

    return (x > y) - (x < y);
}

static int compare_hosts(const void *a, const void *b, void *priv)
{
    const struct computers *c = priv;
    const struct named *x = a, *y = b;
    int order = strcmp(c->pool + x->name_at, c->pool + y->name_at);

    return order ? order : compare_rids(&c->all[x->index], &c->all[y->index]);
}

/* Growing leaves room that nobody needs any more. */
static enum err trim(struct computers *c, struct error *e)
{
    struct computer *all = talloc_realloc(c, c->all, struct computer, c->n);
    char *pool = talloc_realloc(c, c->pool, char, c->pool_len);

    if (!all || !pool)
        return err_nomem(e);
    c->all = all;
    c->cap = c->n;
    c->pool = pool;
    c->pool_cap = c->pool_len;
    return OK;
}

static void note_name(struct computers *c, uint32_t name_at, size_t index)
{
    if (name_at)
        c->by_name[c->n_named++] = (struct named){ name_at, (uint32_t)index };
}

enum err computers_seal(struct computers *c, struct error *e)
{
    size_t n = 1;

    for (size_t i = 0; i < c->n; i++)
        n += (c->all[i].name_at != 0) + (c->all[i].alias_at != 0);
    c->by_name = talloc_array(c, struct named, n);
    if (!c->by_name)
        return err_nomem(e);
    if (c->n && trim(c, e))
        return ERR_NOMEM;
    if (c->n)
        qsort(c->all, c->n, sizeof *c->all, compare_rids);
    c->n_named = 0;
    for (size_t i = 0; i < c->n; i++) {
        note_name(c, c->all[i].name_at, i);
        note_name(c, c->all[i].alias_at, i);
    }
    if (c->n_named)
        qsort_r(c->by_name, c->n_named, sizeof *c->by_name, compare_hosts, c);
    return OK;
}

static struct computer *find_rid(struct computers *c, uint32_t rid)
{
    struct computer wanted = { .rid = rid };

    /* 0 stands for those whose SID is not known. */
    return c->n && rid ? bsearch(&wanted, c->all, c->n, sizeof *c->all, compare_rids) : NULL;
}

void computers_mark_cluster(struct computers *c, struct bytes sid)
{
    struct computer *one;
    uint32_t rid;

    if (rid_of(c, sid, &rid) && (one = find_rid(c, rid)) != NULL)
        one->is_cluster = true;
}

void computers_mark_never(struct computers *c, struct bytes sid)
{
    struct computer *one;
    uint32_t rid;

    if (rid_of(c, sid, &rid) && (one = find_rid(c, rid)) != NULL)
        one->is_logon_unread = false;
}

struct computer *computers_at(struct computers *c, size_t i) { return &c->all[i]; }

char *computer_sid(TALLOC_CTX *mem, const struct computers *c, const struct computer *one)
{
    return talloc_asprintf(mem, "%s-%u", c->sid_text, one->rid);
}

size_t computers_count(const struct computers *c) { return c->n; }

size_t computers_without_sid(const struct computers *c) { return c->n_without_sid; }

const char *computer_host(const struct computers *c, const struct computer *one)
{
    return c->pool + one->name_at;
}

const char *computer_account(const struct computers *c, const struct computer *one)
{
    return c->pool + one->account_at;
}

bool computer_has_name(const struct computers *c, const struct computer *one, const char *name)
{
    return (one->name_at && strcmp(c->pool + one->name_at, name) == 0) ||
           (one->alias_at && strcmp(c->pool + one->alias_at, name) == 0);
}

enum sid_kind computers_by_sid(struct computers *c, const char *sid, struct computer **one)
{
    size_t len = strlen(c->sid_text);
    unsigned long long rid;
    char *end;

    /* S-1-5-21-… are the accounts of domains (and of single machines). */
    if (strncmp(sid, "S-1-5-21-", 9) != 0)
        return SID_WELL_KNOWN;
    if (strncmp(sid, c->sid_text, len) != 0 || sid[len] != '-')
        return SID_FOREIGN;
    rid = strtoull(sid + len + 1, &end, 10);
    if (*end || end == sid + len + 1 || rid > UINT32_MAX)
        return SID_FOREIGN;
    *one = find_rid(c, (uint32_t)rid);
    return *one ? SID_COMPUTER : SID_DOMAIN;
}

size_t computers_find(const struct computers *c, const char *name, size_t *n)
{
    size_t low = 0, high = c->n_named;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (strcmp(c->pool + c->by_name[mid].name_at, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (*n = 0; low + *n < c->n_named; ++*n) {
        if (strcmp(c->pool + c->by_name[low + *n].name_at, name) != 0)
            break;
    }
    return low;
}

struct computer *computers_named(struct computers *c, size_t at)
{
    return &c->all[c->by_name[at].index];
}
