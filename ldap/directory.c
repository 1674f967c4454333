#include "ldap/directory.h"

#include <ctype.h>
#include <openldap.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"
#include "ldap/bind.h"
#include "ldap/dial.h"
#include "ldap/search.h"
#include "ldap/server_clock.h"
#include "ldap/stream.h"

/* More than any one answer; a length beyond is no answer of a directory. */
#define ANSWER_MAX (32 << 20)

struct directory {
    LDAP *ld;
    int fd; /* -1 once it is closed, so that this connection is told from another */
    int timeout_ms;
    bool is_timeout_held;
    char *host;
    char *domain_dn;
    char *forest_dn;
    const char **naming_contexts;
    bool is_samba;
    struct ldap_conncb no_reconnect;
    bool has_clock;
    int64_t ahead_s;
};

const char *directory_host(const struct directory *d) { return d->host; }
const char *directory_domain_dn(const struct directory *d) { return d->domain_dn; }
const char *directory_forest_dn(const struct directory *d) { return d->forest_dn; }
bool directory_is_samba(const struct directory *d) { return d->is_samba; }
LDAP *directory_handle(const struct directory *d) { return d->ld; }
int directory_timeout_ms(const struct directory *d) { return d->timeout_ms; }

bool directory_timeout_is_held(const struct directory *d) { return d->is_timeout_held; }

void directory_hold_timeout(struct directory *d) { d->is_timeout_held = true; }

const char *const *directory_naming_contexts(const struct directory *d)
{
    return d->naming_contexts;
}

/* What to do where a connection that stood does so no more. */
static enum err lost(enum err code, struct error *e)
{
    if (code == ERR_TIMEOUT)
        err_hint(e, "run again with a longer --timeout, or name another domain controller with "
                    "--server");
    else
        err_hint(e, "run again; if it is lost again, look at that domain controller's log, or name "
                    "another one with --server");
    return code;
}

enum err directory_check(const struct directory *d, struct error *e)
{
    int fd = -1;

    if (d->fd >= 0 && ldap_get_option(d->ld, LDAP_OPT_DESC, &fd) == LDAP_OPT_SUCCESS && fd == d->fd)
        return OK;
    return lost(err_set(e, ERR_UNREACHABLE, "the connection to %s was lost", d->host), e);
}

static enum err error_code(int ldap_rc)
{
    switch (ldap_rc) {
    case LDAP_NO_SUCH_OBJECT:
        return ERR_NOTFOUND;
    case LDAP_INSUFFICIENT_ACCESS:
        return ERR_DENIED;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_AUTH_UNKNOWN:
        return ERR_AUTH;
    case LDAP_NO_SUCH_ATTRIBUTE:
    case LDAP_TYPE_OR_VALUE_EXISTS:
        return ERR_CHANGED;
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_UNAVAILABLE:
        return ERR_UNREACHABLE;
    case LDAP_TIMEOUT:
    case LDAP_TIMELIMIT_EXCEEDED:
        return ERR_TIMEOUT;
    case LDAP_NO_MEMORY:
        return ERR_NOMEM;
    case LDAP_DECODING_ERROR:
        return ERR_MALFORMED;
    default:
        return ERR_SERVER;
    }
}

/* Only results of the server come with a text of its own; libldap may still hold an older one. */
static const char *server_text(TALLOC_CTX *mem, LDAP *ld, int ldap_rc)
{
    char *raw = NULL;
    const char *text = NULL;

    if (ldap_rc > 0 && ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &raw) == LDAP_OPT_SUCCESS &&
        raw && *raw)
        text = talloc_asprintf(mem, " (%s)", raw);
    ldap_memfree(raw);
    return text ? text : "";
}

enum err directory_error(const struct directory *d, int ldap_rc, struct error *e, const char *what,
                         ...)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char object[512];
    va_list ap;

    va_start(ap, what);
    vsnprintf(object, sizeof object, what, ap);
    va_end(ap);
    if (ldap_rc == LDAP_TIMEOUT)
        lost(err_set(e, ERR_TIMEOUT, "%s: %s did not answer in time", object, d->host), e);
    else if (ldap_rc == LDAP_SERVER_DOWN)
        lost(err_set(e, ERR_UNREACHABLE, "%s: the connection to %s was lost", object, d->host), e);
    else
        err_set(e, error_code(ldap_rc), "%s: %s%s", object, ldap_err2string(ldap_rc),
                server_text(tmp, d->ld, ldap_rc));
    talloc_free(tmp);
    return error_code(ldap_rc);
}

static int refuse_connection(LDAP *ld, Sockbuf *sb, LDAPURLDesc *server, struct sockaddr *address,
                             struct ldap_conncb *callback)
{
    (void)ld, (void)sb, (void)server, (void)address, (void)callback;
    return LDAP_CONNECT_ERROR;
}

static void forget_connection(LDAP *ld, Sockbuf *sb, struct ldap_conncb *callback)
{
    (void)ld, (void)sb, (void)callback;
}

/* Everything that ldap.conf, ldaprc or LDAP… in the environment could have set otherwise. */
static bool set_options(struct directory *d)
{
    struct timeval wait = { d->timeout_ms / 1000, d->timeout_ms % 1000 * 1000 };
    int version = LDAP_VERSION3, none = 0, deref = LDAP_DEREF_NEVER;
    ber_len_t answer_max = ANSWER_MAX;
    Sockbuf *sb = NULL;
    LDAP *ld = d->ld;

    d->no_reconnect = (struct ldap_conncb){ refuse_connection, forget_connection, NULL };
    return ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_DEREF, &deref) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &none) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &none) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_TIMEOUT, &wait) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &wait) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_CONNECT_CB, &d->no_reconnect) == LDAP_OPT_SUCCESS &&
           ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sb) == LDAP_OPT_SUCCESS &&
           ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &answer_max) == 1;
}

static int directory_destroy(struct directory *d)
{
    ldap_unbind_ext_s(d->ld, NULL, NULL);
    if (d->fd >= 0)
        close(d->fd);
    return 0;
}

/* fqdn goes into a URI, and is what the ticket is asked for. */
static bool is_host_name(const char *fqdn)
{
    if (!*fqdn || strlen(fqdn) > 253)
        return false;
    for (const char *c = fqdn; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("-._", *c))
            return false;
    }
    return true;
}

enum err directory_wrap(TALLOC_CTX *mem, int fd, const char *fqdn, uint16_t port, int timeout_ms,
                        struct directory **out, struct error *e)
{
    struct directory *d = talloc_zero(NULL, struct directory);
    char *uri = talloc_asprintf(d, "ldap://%s:%u", fqdn, port);
    enum err rc = OK;
    int ldap_rc;

    if (!d || !uri || !(d->host = talloc_strdup(d, fqdn))) {
        close(fd);
        rc = err_nomem(e);
        goto done;
    }
    d->fd = fd;
    d->timeout_ms = timeout_ms;
    ldap_rc = ldap_init_fd(fd, LDAP_PROTO_EXT, uri, &d->ld);
    if (ldap_rc != LDAP_SUCCESS) {
        close(fd);
        rc = err_set(e, ERR_INTERNAL, "%s: cannot set up LDAP: %s", uri, ldap_err2string(ldap_rc));
        goto done;
    }
    talloc_set_destructor(d, directory_destroy);
    if (!stream_install(d->ld, &d->fd) || !set_options(d)) {
        rc = err_set(e, ERR_INTERNAL, "%s: libldap refuses its options", uri);
        goto done;
    }
    *out = talloc_steal(mem, d);
    return OK;
done:
    talloc_free(d);
    return rc;
}

static bool copy_strings(struct directory *d, const struct attribute *a)
{
    size_t n = a ? a->n_values : 0;

    d->naming_contexts = talloc_zero_array(d, const char *, n + 1);
    for (size_t i = 0; d->naming_contexts && i < n; i++) {
        d->naming_contexts[i] =
            talloc_strndup(d->naming_contexts, (const char *)a->values[i].data, a->values[i].len);
        if (!d->naming_contexts[i])
            return false;
    }
    return d->naming_contexts != NULL;
}

bool directory_clock_ahead(const struct directory *d, int64_t *ahead_s)
{
    if (d->has_clock)
        *ahead_s = d->ahead_s;
    return d->has_clock;
}

enum err directory_read_root(struct directory *d, struct error *e)
{
    static const char *const attributes[] = { "namingContexts",
                                              "defaultNamingContext",
                                              "rootDomainNamingContext",
                                              "dnsHostName",
                                              "vendorName",
                                              "currentTime",
                                              NULL };
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct entry *root;
    char *host, *vendor, *time;
    int64_t server_s;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = search_object(tmp, d, &(struct search){ .base = "", .attributes = attributes }, &root, e);
    if (rc != OK) {
        err_prefix(e, "rootDSE of %s", d->host);
        goto done;
    }
    host = entry_string(d, root, "dnsHostName");
    vendor = entry_string(tmp, root, "vendorName");
    time = entry_string(tmp, root, "currentTime");
    d->has_clock = time && server_clock_parse(time, &server_s);
    if (d->has_clock)
        d->ahead_s = clock_now() - server_s;
    d->domain_dn = entry_string(d, root, "defaultNamingContext");
    d->forest_dn = entry_string(d, root, "rootDomainNamingContext");
    if (!copy_strings(d, entry_attribute(root, "namingContexts"))) {
        rc = err_nomem(e);
        goto done;
    }
    if (!host || !d->domain_dn || !d->forest_dn || !d->naming_contexts[0]) {
        rc = err_set(e, ERR_SERVER, "%s is a directory, but not a domain controller", d->host);
        err_hint(e, "name a domain controller with --server");
        goto done;
    }
    if (strcasecmp(host, d->host) != 0)
        log_warning("the domain controller bound to as %s calls itself %s", d->host, host);
    d->host = host;
    d->is_samba = vendor && strstr(vendor, "Samba Team");
    log_debug("directory %s: domain %s, %s", d->host, d->domain_dn,
              vendor ? vendor : "no vendor name");
done:
    talloc_free(tmp);
    return rc;
}

void directory_set_timeout(struct directory *d, int timeout_ms)
{
    struct timeval wait = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };

    d->timeout_ms = timeout_ms;
    ldap_set_option(d->ld, LDAP_OPT_TIMEOUT, &wait);
    ldap_set_option(d->ld, LDAP_OPT_NETWORK_TIMEOUT, &wait);
}

enum err directory_open_on(TALLOC_CTX *mem, int fd, const struct directory_params *p,
                           struct directory **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct directory *d;
    enum err rc;

    if (!tmp || !is_host_name(p->fqdn)) {
        close(fd);
        rc = tmp ? err_set(e, ERR_USAGE, "\"%s\" is not a host name", p->fqdn) : err_nomem(e);
        goto done;
    }
    /* Connected to the address here, while SASL takes the host from the name. */
    if ((rc = directory_wrap(tmp, fd, p->fqdn, p->port, p->timeout_ms, &d, e)) ||
        (rc = ldap_bind_gssapi(d->ld, p->fqdn, p->cache_name, e)) ||
        (rc = directory_read_root(d, e)))
        goto done;
    *out = talloc_steal(mem, d);
done:
    talloc_free(tmp);
    return rc;
}

enum err directory_open(TALLOC_CTX *mem, const struct directory_params *p, struct directory **out,
                        struct error *e)
{
    enum err rc;
    size_t only;
    int fd;

    if (!is_host_name(p->fqdn))
        return err_set(e, ERR_USAGE, "\"%s\" is not a host name", p->fqdn);
    rc = ldap_dial(&p->address, 1, p->port, deadline_in(p->timeout_ms), p->timeout_ms, &fd, &only,
                   e);
    return rc ? rc : directory_open_on(mem, fd, p, out, e);
}
