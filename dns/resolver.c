#include "dns/resolver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "dns/exchange.h"

/* What stands further down is not read. */
#define RESOLV_CONF_MAX 65536

/* The address of a `nameserver` line; false for any other line. */
static bool parse_nameserver(char *line, struct ip *out)
{
    static const char blank[] = " \t\r\n";
    char *rest = NULL;
    char *keyword = strtok_r(line, blank, &rest);
    char *address;

    if (!keyword || strcmp(keyword, "nameserver") != 0)
        return false;
    address = strtok_r(NULL, blank, &rest);
    if (!address)
        return false;
    /* An address with a scope (fe80::1%eth0) has no place in struct ip. */
    if (!ip_parse(address, out)) {
        log_warning("ignoring nameserver %s: not an address that can be used", address);
        return false;
    }
    return true;
}

enum err dns_resolver_parse(TALLOC_CTX *mem, struct bytes text, const char *path,
                            struct dns_resolver **out, struct error *e)
{
    struct ip servers[DNS_SERVERS_MAX];
    char *copy = talloc_strndup(NULL, (const char *)text.data, text.len), *line, *rest;
    size_t n = 0;
    enum err rc;

    if (!copy)
        return err_nomem(e);
    for (line = strtok_r(copy, "\n", &rest); line && n < DNS_SERVERS_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        if (parse_nameserver(line, &servers[n]))
            n++;
    }
    talloc_free(copy);
    if (n == 0) {
        rc = err_set(e, ERR_CONFIG, "%s names no DNS server", path);
        err_hint(e, "add a nameserver line, or name the server with --server");
        return rc;
    }
    return dns_resolver_from_servers(mem, servers, n, 53, out, e);
}

enum err dns_resolver_from_file(TALLOC_CTX *mem, const char *path, struct dns_resolver **out,
                                struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *text = talloc_size(tmp, RESOLV_CONF_MAX);
    size_t len;
    FILE *file;
    enum err rc;

    if (!text) {
        rc = err_nomem(e);
        goto done;
    }
    /* Not file_read(): resolv.conf is a link on many systems. */
    file = fopen(path, "re");
    if (!file) {
        rc = err_set(e, ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
        err_hint(e, "add a nameserver line, or name the server with --server");
        goto done;
    }
    len = fread(text, 1, RESOLV_CONF_MAX, file);
    fclose(file);
    rc = dns_resolver_parse(mem, (struct bytes){ (const uint8_t *)text, len }, path, out, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_resolver_from_servers(TALLOC_CTX *mem, const struct ip *servers, size_t n,
                                   uint16_t port, struct dns_resolver **out, struct error *e)
{
    struct dns_resolver *r;

    if (n == 0)
        return err_set(e, ERR_CONFIG, "no DNS server is given");
    r = talloc_zero(mem, struct dns_resolver);
    if (!r)
        return err_nomem(e);
    r->n_servers = n < DNS_SERVERS_MAX ? n : DNS_SERVERS_MAX;
    r->port = port;
    memcpy(r->servers, servers, r->n_servers * sizeof *servers);
    *out = r;
    return OK;
}

char *dns_resolver_servers(TALLOC_CTX *mem, const struct dns_resolver *r)
{
    char *text = talloc_strdup(mem, ""), address[IP_TEXT_MAX];

    for (size_t i = 0; i < r->n_servers && text; i++)
        text = talloc_asprintf_append(text, "%s%s", i > 0 ? ", " : "",
                                      ip_format(r->servers[i], address));
    return text;
}

unsigned dns_resolver_turns(const struct dns_resolver *r) { return r->turns; }

enum err dns_resolver_ask(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                          size_t n, struct deadline d, struct dns_answer **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_answer *answers = talloc_zero_array(tmp, struct dns_answer, n);
    struct dns_outcome *outcomes = talloc_array(tmp, struct dns_outcome, n);
    enum err rc;

    if (!answers || !outcomes) {
        rc = err_nomem(e);
        goto done;
    }
    rc = dns_exchange(answers, r, q, n, d, outcomes, e);
    for (size_t i = 0; rc == OK && i < n; i++) {
        if (outcomes[i].is_answered)
            answers[i] = outcomes[i].answer;
        else
            rc = dns_exchange_failure(r, &q[i], &outcomes[i], e);
    }
    if (rc == OK)
        *out = talloc_steal(mem, answers);
done:
    talloc_free(tmp);
    return rc;
}
