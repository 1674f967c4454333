#include "gss-tsig/kdc_find.h"

#include <profile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/own.h"
#include "dns/name.h"

#define RESOLV_CONF "/etc/resolv.conf"

void kdc_list_add(struct endpoint list[KDCS_MAX], size_t *n, struct endpoint one)
{
    for (size_t i = 0; i < *n; i++) {
        if (ip_equal(list[i].address, one.address) && list[i].port == one.port)
            return;
    }
    if (*n < KDCS_MAX)
        list[(*n)++] = one;
}

/* ---- krb5.conf ---- */

static bool parse_port(const char *text, uint16_t *out)
{
    unsigned long port;
    char *end;

    if (strspn(text, "0123456789") != strlen(text) || *text == '\0' || strlen(text) > 5)
        return false;
    port = strtoul(text, &end, 10);
    if (port == 0 || port > UINT16_MAX)
        return false;
    *out = (uint16_t)port;
    return true;
}

bool kdc_line_parse(TALLOC_CTX *mem, const char *line, char **host, uint16_t *port)
{
    uint16_t number = KDC_PORT;
    const char *rest;
    size_t len;
    char *name;

    if (strncasecmp(line, "tcp/", 4) == 0 || strncasecmp(line, "udp/", 4) == 0)
        line += 4;
    if (line[0] == '[') {
        len = strcspn(++line, "]");
        rest = line[len] == ']' ? line + len + 1 : NULL;
    } else {
        len = strcspn(line, ":");
        rest = line + len;
    }
    if (!rest || len == 0 || memchr(line, '/', len) || (*rest != '\0' && *rest != ':') ||
        (*rest == ':' && !parse_port(rest + 1, &number)))
        return false;
    name = talloc_strndup(mem, line, len);
    if (!name)
        return false;
    *host = name;
    *port = number;
    return true;
}

static enum err resolver_for(TALLOC_CTX *mem, struct dns_resolver *given, struct dns_resolver **out,
                             struct error *e)
{
    *out = given;
    return given ? OK : dns_resolver_from_file(mem, RESOLV_CONF, out, e);
}

static enum err resolve(TALLOC_CTX *mem, struct dns_resolver *given, const char *host,
                        struct deadline d, struct ip **out, size_t *n, struct error *e)
{
    struct dns_resolver *r;
    char *name;
    enum err rc;

    if ((rc = dns_name_normalise(mem, host, &name, e)) || (rc = resolver_for(mem, given, &r, e)))
        return rc;
    return dns_resolver_addresses(mem, r, name, d, out, n, e);
}

static void add_name(TALLOC_CTX *mem, const char *realm, const char *line, const char *host,
                     uint16_t port, struct dns_resolver *r, struct deadline d,
                     struct endpoint list[KDCS_MAX], size_t *n)
{
    struct ip *addresses;
    struct error e = { 0 };
    size_t n_addresses;

    if (resolve(mem, r, host, d, &addresses, &n_addresses, &e)) {
        log_info("krb5.conf: kdc = %s of %s is not used: %s", line, realm, e.message);
        return;
    }
    for (size_t i = 0; i < n_addresses; i++)
        kdc_list_add(list, n, (struct endpoint){ addresses[i], port });
}

/*
 * Addresses or names: the addresses come first, so that a name server that is silent keeps none
 * of them from being asked.
 */
static void add_lines(TALLOC_CTX *mem, const char *realm, char *const *lines, bool names,
                      struct dns_resolver *r, struct deadline d, struct endpoint list[KDCS_MAX],
                      size_t *n)
{
    for (size_t i = 0; lines[i]; i++) {
        struct endpoint one = { 0 };
        char *host;

        if (!kdc_line_parse(mem, lines[i], &host, &one.port)) {
            if (!names)
                log_warning("krb5.conf: kdc = %s of %s is not used: neither a host nor an address",
                            lines[i], realm);
        } else if (ip_parse(host, &one.address)) {
            if (!names)
                kdc_list_add(list, n, one);
        } else if (names) {
            /* A share of the time for each: the next may be known at once. */
            add_name(mem, realm, lines[i], host, one.port, r,
                     deadline_sooner(d, deadline_in(deadline_left(d) / 2)), list, n);
        }
    }
}

static void release_profile(void *profile) { profile_release(profile); }

static void release_values(void *values) { profile_free_list(values); }

static enum err profile_of(TALLOC_CTX *mem, krb5_context ctx, profile_t *out, struct error *e)
{
    if (krb5_get_profile(ctx, out) != 0 || !own(mem, *out, release_profile))
        return err_nomem(e);
    return OK;
}

enum err kdc_find_configured(krb5_context ctx, const char *realm, struct dns_resolver *r,
                             struct deadline d, struct endpoint out[KDCS_MAX], size_t *n,
                             struct error *e)
{
    const char *section[] = { "realms", realm, "kdc", NULL };
    TALLOC_CTX *tmp = talloc_new(NULL);
    profile_t profile;
    char **lines;
    enum err rc = profile_of(tmp, ctx, &profile, e);

    *n = 0;
    if (rc || profile_get_values(profile, section, &lines) != 0)
        goto done;
    if (!own(tmp, lines, release_values)) {
        rc = err_nomem(e);
        goto done;
    }
    add_lines(tmp, realm, lines, false, r, d, out, n);
    add_lines(tmp, realm, lines, true, r, d, out, n);
done:
    talloc_free(tmp);
    return rc;
}

/* ---- DNS ---- */

static enum err check_allowed(TALLOC_CTX *mem, krb5_context ctx, const char *realm, struct error *e)
{
    profile_t profile;
    int is_allowed = 1;
    enum err rc = profile_of(mem, ctx, &profile, e);

    if (rc)
        return rc;
    /* dns_fallback is what stood in its place once (krb5.conf(5)), and still counts. */
    profile_get_boolean(profile, "libdefaults", "dns_fallback", NULL, 1, &is_allowed);
    profile_get_boolean(profile, "libdefaults", "dns_lookup_kdc", NULL, is_allowed, &is_allowed);
    if (is_allowed)
        return OK;
    err_set(e, ERR_CONFIG, "krb5.conf names no KDC of %s that can be used, and says not to ask DNS",
            realm);
    return err_hint(e, "add its KDCs to krb5.conf, or remove dns_lookup_kdc = false"), ERR_CONFIG;
}

static enum err ask_for(TALLOC_CTX *mem, struct dns_resolver *r, const char *protocol,
                        const char *realm, struct deadline d, struct endpoint out[KDCS_MAX],
                        size_t *n, struct error *e)
{
    char *wanted = talloc_asprintf(mem, "_kerberos.%s.%s", protocol, realm), *name;
    struct dns_srv *srv;
    size_t n_srv;
    enum err rc = wanted ? dns_name_normalise(mem, wanted, &name, e) : err_nomem(e);

    if (rc || (rc = dns_resolver_srv(mem, r, name, d, &srv, &n_srv, e)))
        return rc;
    for (size_t i = 0; i < n_srv; i++) {
        for (size_t k = 0; k < srv[i].n_addresses && srv[i].port; k++)
            kdc_list_add(out, n, (struct endpoint){ srv[i].addresses[k], srv[i].port });
    }
    return *n ? OK : err_set(e, ERR_NOTFOUND, "%s names no server that has an address", name);
}

enum err kdc_find_in_dns(krb5_context ctx, const char *realm, struct dns_resolver *given,
                         struct deadline d, struct endpoint out[KDCS_MAX], size_t *n,
                         struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_resolver *r;
    enum err rc;

    *n = 0;
    if ((rc = check_allowed(tmp, ctx, realm, e)) || (rc = resolver_for(tmp, given, &r, e)))
        goto done;
    rc = ask_for(tmp, r, "_tcp", realm, d, out, n, e);
    /* Published for UDP only: it takes TCP all the same (RFC 4120 section 7.2.2). */
    if (rc == ERR_NOTFOUND && ask_for(tmp, r, "_udp", realm, d, out, n, NULL) == OK)
        rc = OK;
done:
    talloc_free(tmp);
    return rc;
}
