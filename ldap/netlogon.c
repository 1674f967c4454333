#include "ldap/netlogon.h"

#include <string.h>
#include <strings.h>

#include "dns/name.h"

#define OPCODE_RESPONSE_EX 23
#define OPCODE_PAUSE_RESPONSE_EX 24
#define OPCODE_USER_UNKNOWN_EX 25
#define VERSION_WITH_IP 0x8
#define VERSION_WITH_CLOSEST_SITE 0x10
#define GUID_SIZE 16
#define TOKEN 0xffff
/* NtVersion and two tokens, at the end of every answer. */
#define TRAILER_SIZE 8
#define POINTER 0xc0

/* A name in wire form without compression. */
struct wire {
    uint8_t bytes[DNS_NAME_WIRE_MAX];
    size_t len;
};

static bool append_label(struct wire *out, struct bytes label)
{
    if (out->len + 1 + label.len > sizeof out->bytes)
        return false;
    out->bytes[out->len++] = (uint8_t)label.len;
    if (label.len > 0)
        memcpy(out->bytes + out->len, label.data, label.len);
    out->len += label.len;
    return true;
}

/*
 * RFC 1035 section 4.1.4, offsets from the first byte of whole.  Each pointer has to lead further
 * back than the one before it, and the first before the name itself: no loop is possible.
 */
static void read_name(struct rd *r, struct bytes whole, struct wire *out)
{
    size_t limit = (size_t)(r->p - whole.data);
    struct rd at = *r;
    bool has_jumped = false;
    struct bytes label;
    uint8_t len;

    out->len = 0;
    do {
        len = rd_u8(&at);
        if (len >= POINTER) {
            size_t target = (size_t)(len & ~POINTER) << 8 | rd_u8(&at);

            if (at.bad || target >= limit)
                break;
            if (!has_jumped)
                *r = at;
            has_jumped = true;
            limit = target;
            at = rd_init((struct bytes){ whole.data + target, whole.len - target });
            continue;
        }
        label = rd_take(&at, len);
        if (at.bad || len > 63 || !append_label(out, label))
            break;
        if (len == 0) {
            if (!has_jumped)
                *r = at;
            return;
        }
    } while (true);
    r->bad = true;
}

static bool is_plain(struct bytes label)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t i = 0; i < label.len; i++) {
        if (!label.data[i] || !strchr(allowed, label.data[i]))
            return false;
    }
    return true;
}

/* A host or domain; NULL where it is the root, or what no name can be. */
static const char *dns_text(TALLOC_CTX *mem, const struct wire *w)
{
    char *text;

    if (w->len <= 1 ||
        dns_name_from_wire(mem, (struct bytes){ w->bytes, w->len }, &text, NULL) != OK)
        return NULL;
    return text;
}

/* A site: one label, which people wrote with capitals.  NULL where there is none. */
static const char *site_text(TALLOC_CTX *mem, const struct wire *w)
{
    struct bytes label = { w->bytes + 1, w->len > 1 ? w->bytes[0] : 0 };

    if (label.len == 0 || label.len + 2 != w->len)
        return NULL;
    if (!is_plain(label))
        return dns_text(mem, w);
    return talloc_strndup(mem, (const char *)label.data, label.len);
}

/* What stands between the names and the trailer is there or not by the version in the trailer. */
static void read_rest(TALLOC_CTX *mem, struct rd *r, struct bytes whole, struct netlogon *n)
{
    struct rd trailer;
    uint32_t version;
    struct wire site;

    if (rd_left(r) < TRAILER_SIZE) {
        r->bad = true;
        return;
    }
    trailer = rd_init((struct bytes){ r->end - TRAILER_SIZE, TRAILER_SIZE });
    version = rd_le32(&trailer);
    if (rd_le16(&trailer) != TOKEN || rd_le16(&trailer) != TOKEN)
        r->bad = true;
    r->end -= TRAILER_SIZE;
    if (version & VERSION_WITH_IP)
        rd_take(r, rd_u8(r));
    if (version & VERSION_WITH_CLOSEST_SITE && rd_left(r) > 0) {
        read_name(r, whole, &site);
        n->closest_site = r->bad ? NULL : site_text(mem, &site);
    }
}

static bool read_all(struct bytes blob, struct netlogon *n)
{
    struct wire forest, domain, host, ignored, site, client_site;
    struct rd r = rd_init(blob);
    uint16_t opcode = rd_le16(&r);

    rd_le16(&r); /* Sbz */
    n->is_paused = opcode == OPCODE_PAUSE_RESPONSE_EX;
    n->flags = rd_le32(&r);
    rd_take(&r, GUID_SIZE);
    if (r.bad || (opcode != OPCODE_RESPONSE_EX && opcode != OPCODE_PAUSE_RESPONSE_EX &&
                  opcode != OPCODE_USER_UNKNOWN_EX))
        return false;
    read_name(&r, blob, &forest);
    read_name(&r, blob, &domain);
    read_name(&r, blob, &host);
    /* NetBIOS names of domain and host, and the user. */
    for (int i = 0; i < 3; i++)
        read_name(&r, blob, &ignored);
    read_name(&r, blob, &site);
    read_name(&r, blob, &client_site);
    read_rest(n, &r, blob, n);
    if (r.bad)
        return false;
    n->forest = dns_text(n, &forest);
    n->domain = dns_text(n, &domain);
    n->host = dns_text(n, &host);
    n->site = site_text(n, &site);
    n->client_site = site_text(n, &client_site);
    return n->forest && n->domain && n->host;
}

enum err netlogon_decode(TALLOC_CTX *mem, struct bytes blob, struct netlogon **out, struct error *e)
{
    struct netlogon *n = talloc_zero(NULL, struct netlogon);

    if (!n)
        return err_nomem(e);
    if (!read_all(blob, n)) {
        talloc_free(n);
        return err_set(e, ERR_MALFORMED, "%zu bytes are no answer to a NetLogon ping", blob.len);
    }
    *out = talloc_steal(mem, n);
    return OK;
}

bool netlogon_is_read_only(const struct netlogon *n) { return !(n->flags & NETLOGON_WRITABLE); }

bool netlogon_is_near(const struct netlogon *n)
{
    return n->flags & NETLOGON_CLOSEST || !n->client_site ||
           (n->site && strcasecmp(n->site, n->client_site) == 0);
}

const char *netlogon_unfit(TALLOC_CTX *mem, const struct netlogon *n, const char *host,
                           const char *domain)
{
    if (n->is_paused)
        return "is paused";
    if (strcmp(n->domain, domain) != 0)
        return talloc_asprintf(mem, "belongs to the domain %s", n->domain);
    if (strcmp(n->host, host) != 0)
        return talloc_asprintf(mem, "calls itself %s", n->host);
    if (!(n->flags & NETLOGON_DS))
        return "serves no directory";
    if (!(n->flags & NETLOGON_KDC))
        return "is no KDC";
    return NULL;
}
