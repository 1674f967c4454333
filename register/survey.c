#include "register/survey.h"

#include "dns/message.h"
#include "dns/name.h"
#include "register/address_command.h"
#include "register/addresses.h"
#include "register/earlier.h"
#include "register/learn.h"
#include "register/origin.h"
#include "register/stamp.h"

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
    size_t n_remembered, start, n = 0, n_outdated;
    bool with_heartbeats = stamp_is_of_interest(opt->with_stamp, m, fqdn);
    struct published *p;
    enum err rc;

    if (!opt->with_ptr) {
        if ((rc = published_read(mem, contact->conn, fqdn, NULL, 0, with_heartbeats, d, &p, e)) ||
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
    /* Those that can never be removed must not keep others from it. */
    start = n_remembered > SURVEY_MAX_REMEMBERED ? dns_message_id() % n_remembered : 0;
    for (size_t i = 0; i < n_remembered && i < SURVEY_MAX_REMEMBERED; i++)
        ips[n++] = remembered[(start + i) % n_remembered];
    if ((rc = published_read(mem, contact->conn, fqdn, ips, n, with_heartbeats, d, &p, e)) ||
        (rc = plan_outdated(mem, p, wanted, n_wanted, &outdated, &n_outdated, e)) ||
        (rc = published_extend(p, contact->conn, outdated, n_outdated, d, e)) ||
        (rc = earlier_read(p, contact->conn, m, d, e)))
        return rc;
    *out = p;
    return OK;
}

static bool is_known_address(const struct memory *m, const struct published *p, struct ip ip)
{
    char text[IP_TEXT_MAX];

    return memory_has(m, p->fqdn, ip.family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA,
                      ip_format(ip, text));
}

static bool is_known_ptr(const struct memory *m, const struct published *p,
                         const struct published_reverse *r)
{
    char *data = talloc_asprintf(NULL, "%s.", p->fqdn);
    bool is_known = data && memory_has(m, r->name, DNS_TYPE_PTR, data);

    talloc_free(data);
    return is_known;
}

/*
 * May an unwanted address at the own name be this host's?  Once the name is remembered, what is not
 * remembered came from others; and where there are several sections another of them may have
 * registered it.
 */
static bool may_be_own(const struct register_options *opt, const struct memory *m,
                       const struct published *p)
{
    return !opt->section && !memory_knows_name(m, p->fqdn);
}

/* Is anything published whose origin would change what is planned, or remembered? */
static bool is_origin_of_interest(const struct register_options *opt, const struct memory *m,
                                  const struct published *p, const struct ip *wanted,
                                  size_t n_wanted)
{
    for (size_t i = 0; i < p->n_addresses; i++) {
        if (!is_known_address(m, p, p->addresses[i]) &&
            (address_is_in(p->addresses[i], wanted, n_wanted) || may_be_own(opt, m, p)))
            return true;
    }
    for (size_t i = 0; i < p->n_reverse; i++) {
        const struct published_reverse *r = &p->reverse[i];

        /* Of an address that is remembered the PTR is to go with it. */
        if (r->zone && published_names(r, p->fqdn) && !is_known_ptr(m, p, r) &&
            (address_is_in(r->ip, wanted, n_wanted) || is_known_address(m, p, r->ip)))
            return true;
    }
    return false;
}

enum err survey_own(TALLOC_CTX *mem, const struct register_options *opt,
                    const struct contact *contact, const struct host *host, const struct memory *m,
                    const struct published *p, const struct ip *wanted, size_t n_wanted,
                    struct deadline d, struct survey_own *out, struct error *e)
{
    struct survey_own own = { 0 };
    struct ip *outdated;
    size_t n;
    enum err rc;

    if (!is_origin_of_interest(opt, m, p, wanted, n_wanted)) {
        own.recovered = talloc_zero(mem, struct memory);
        *out = own;
        return own.recovered ? OK : err_nomem(e);
    }
    if ((rc = origin_recover(mem, host, contact, opt->keytab, p, d, &own.recovered, &own.unknown,
                             e)) ||
        (rc = plan_outdated(mem, p, wanted, n_wanted, &outdated, &n, e)))
        return rc;
    for (size_t i = 0; may_be_own(opt, m, p) && i < n; i++) {
        if (!is_known_address(m, p, outdated[i]) && is_known_address(own.recovered, p, outdated[i]))
            outdated[own.n_addresses++] = outdated[i];
    }
    own.addresses = outdated;
    *out = own;
    return OK;
}

/* Is the record about an address of the list? */
static bool is_about(const struct memory_record *r, const struct ip *ips, size_t n)
{
    struct ip ip;

    return (r->type == DNS_TYPE_PTR ? dns_name_to_ip(r->name, &ip) : ip_parse(r->data, &ip)) &&
           address_is_in(ip, ips, n);
}

enum err survey_lost(TALLOC_CTX *mem, const struct register_options *opt,
                     const struct contact *contact, const struct host *host,
                     const struct published *p, const struct ip *present, size_t n_present,
                     struct deadline d, struct survey_own *out, struct error *e)
{
    struct survey_own own = { 0 };
    enum err rc =
        origin_recover(mem, host, contact, opt->keytab, p, d, &own.recovered, &own.unknown, e);

    if (rc)
        return rc;
    /* Another section's records are this account's as well. */
    for (size_t i = own.recovered->n_records; opt->section && i-- > 0;) {
        struct memory_record *r = &own.recovered->records[i];

        if (!is_about(r, present, n_present))
            memory_forget(own.recovered, r->name, r->type, r->data);
    }
    rc = learn_addresses(mem, own.recovered, p->fqdn, false, &own.addresses, &own.n_addresses, e);
    if (!rc)
        *out = own;
    return rc;
}
