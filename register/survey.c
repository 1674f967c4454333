#include "register/survey.h"

#include "register/address_command.h"
#include "register/addresses.h"
#include "register/earlier.h"
#include "register/learn.h"
#include "register/origin.h"

enum err survey_addresses(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct contact *contact, struct deadline d, struct ip **out,
                          size_t *n, struct error *e)
{
    struct choice wish = {
        .interfaces = opt->interfaces,
        .n_interfaces = opt->n_interfaces,
        .exclude = opt->exclude,
        .n_exclude = opt->n_exclude,
        .addresses = opt->addresses,
        .n_addresses = opt->n_addresses,
        .without_ula = opt->without_ula,
    };
    struct host_address *all = NULL;
    struct ip *printed;
    size_t n_all = 0;
    enum err rc;

    if (!opt->n_addresses && opt->address_command) {
        rc = address_command_run(mem, opt->address_command, d, &printed, &wish.n_addresses, e);
        wish.addresses = printed;
    } else {
        rc = addresses_read(mem, &all, &n_all, e);
    }
    if (rc)
        return rc;
    address_towards(dns_conn_server(contact->conn), &wish.reaches_dc);
    return choose_addresses(mem, all, n_all, &wish, out, n, e);
}

enum err survey_published(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct contact *contact, const char *fqdn, const struct memory *m,
                          const struct ip *wanted, size_t n_wanted, struct deadline d,
                          struct published **out, struct error *e)
{
    struct ip *remembered, *ips, *outdated;
    size_t n_remembered, n = 0, n_outdated;
    struct published *p;
    enum err rc;

    if (!opt->with_ptr) {
        if ((rc = published_read(mem, contact->conn, fqdn, NULL, 0, d, &p, e)) ||
            (rc = earlier_read(p, contact->conn, m, d, e)))
            return rc;
        *out = p;
        return OK;
    }
    if ((rc = learn_addresses(mem, m, fqdn, true, &remembered, &n_remembered, e)))
        return rc;
    ips = talloc_array(mem, struct ip, n_wanted + n_remembered);
    if (!ips)
        return err_nomem(e);
    for (size_t i = 0; i < n_wanted; i++)
        ips[n++] = wanted[i];
    for (size_t i = 0; i < n_remembered; i++)
        ips[n++] = remembered[i];
    if ((rc = published_read(mem, contact->conn, fqdn, ips, n, d, &p, e)) ||
        (rc = plan_outdated(mem, p, wanted, n_wanted, &outdated, &n_outdated, e)) ||
        (rc = published_extend(p, contact->conn, outdated, n_outdated, d, e)) ||
        (rc = earlier_read(p, contact->conn, m, d, e)))
        return rc;
    *out = p;
    return OK;
}

enum err survey_own(TALLOC_CTX *mem, const struct register_options *opt,
                    const struct contact *contact, const struct host *host, const struct memory *m,
                    const struct published *p, const struct ip *wanted, size_t n_wanted,
                    struct deadline d, struct ip **own, size_t *n_own, struct error *e)
{
    struct ip *unknown;
    size_t n, count = 0;
    enum err rc;

    /*
     * Once this name is remembered, what is not remembered came from others; and where there
     * are several sections another of them may have registered it.
     */
    *n_own = 0;
    if (opt->section || memory_knows_name(m, p->fqdn))
        return OK;
    rc = plan_outdated(mem, p, wanted, n_wanted, &unknown, &n, e);

    for (size_t i = 0; !rc && i < n; i++) {
        char text[IP_TEXT_MAX];

        if (!memory_has(m, p->fqdn, unknown[i].family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA,
                        ip_format(unknown[i], text)))
            unknown[count++] = unknown[i];
    }
    if (rc || !count)
        return rc;
    return origin_own_addresses(mem, host, contact, opt->keytab, p, unknown, count, d, own, n_own,
                                e);
}
