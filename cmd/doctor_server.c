/* Checks of what the domain's servers say to this host. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/doctor.h"
#include "cmd/output.h"
#include "dns/name.h"
#include "gss-tsig/session.h"
#include "ldap/accounts.h"
#include "ldap/server_clock.h"
#include "register/machine.h"
#include "register/survey.h"

#define KERBEROS_SKEW_S 300 /* what KDCs and TSIG allow */
#define SKEW_WARNING_S 60
#define CLOCK_PATIENCE_MS 3000
#define REFRESH_EVERY_H 24 /* how often a host refreshes its records */

static const char no_identity[] = "no identity from the keytab";
static const char no_server[] = "no server reached";
static const char no_ticket[] = "no ticket";
static const char no_directory[] = "the directory was not read";
static const char no_zone[] = "it is not known what is published";

static void check_srv(struct doctor *doc, struct finding *out)
{
    struct dns_resolver *resolver;
    struct error e = { 0 };
    char *list;

    if (!doc->host.domain) {
        finding_skip(doc, out, no_identity);
        return;
    }
    if (dns_resolver_from_file(doc->mem, doc->opt.resolv_conf, &resolver, &e) ||
        locator_find(doc->mem, resolver, doc->host.domain, doc->d, &doc->dcs, &doc->n_dcs, &e)) {
        finding_error(doc, out, doc->opt.server ? HEALTH_WARN : HEALTH_FAIL, &e);
        finding_fix(doc, out,
                    "let resolv.conf name the domain's DNS servers; or restore the SRV "
                    "records with `samba_dnsupdate` or by restarting Netlogon on a "
                    "domain controller; or name one with server = in /etc/muster.conf");
        return;
    }
    list = talloc_strdup(doc->mem, "");
    for (size_t i = 0; i < doc->n_dcs; i++)
        list = talloc_asprintf_append(list, "%s%s", i ? ", " : "", doc->dcs[i].name);
    finding_set(doc, out, HEALTH_OK, "%zu domain controllers: %s", doc->n_dcs, list);
}

static void check_server(struct doctor *doc, struct finding *out)
{
    struct contact contact = { 0 };
    struct error e = { 0 };
    char address[IP_TEXT_MAX];

    if (!doc->host.domain) {
        finding_skip(doc, out, no_identity);
        return;
    }
    if (contact_server(doc->mem, &doc->opt, &doc->host,
                       deadline_sooner(doc->d, deadline_in(doc->opt.timeout_ms)), &contact, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        return;
    }
    doc->contact = contact;
    finding_set(doc, out, HEALTH_OK, "%s (%s) answers on TCP port 53", contact.server,
                ip_format(dns_conn_server(contact.conn), address));
}

static void check_clock(struct doctor *doc, struct finding *out)
{
    struct error e = { 0 };
    int64_t theirs, ahead;

    if (!doc->contact.conn) {
        finding_skip(doc, out, no_server);
        return;
    }
    if (server_clock_read(dns_conn_server(doc->contact.conn), doc->contact.server,
                          deadline_sooner(doc->d, deadline_in(CLOCK_PATIENCE_MS)), &theirs, &e)) {
        finding_set(doc, out, HEALTH_SKIP, "not looked at: %s", e.message);
        return;
    }
    ahead = clock_now() - theirs;
    if (llabs(ahead) < SKEW_WARNING_S) {
        finding_set(doc, out, HEALTH_OK, "within %lld s of %s", (long long)llabs(ahead) + 1,
                    doc->contact.server);
        return;
    }
    finding_set(doc, out, llabs(ahead) < KERBEROS_SKEW_S ? HEALTH_WARN : HEALTH_FAIL,
                "this machine's clock is %lld s %s that of %s; %d s are allowed",
                (long long)llabs(ahead), ahead > 0 ? "ahead of" : "behind", doc->contact.server,
                KERBEROS_SKEW_S);
    finding_fix(doc, out, "synchronise the clock: let chrony or systemd-timesyncd ask %s",
                doc->contact.server);
}

static void check_ticket(struct doctor *doc, struct finding *out)
{
    struct error e = { 0 };

    if (!doc->contact.conn) {
        finding_skip(doc, out, no_server);
        return;
    }
    if (machine_credentials(doc->mem, &doc->host, &doc->contact, doc->opt.keytab,
                            deadline_sooner(doc->d, deadline_in(doc->opt.timeout_ms)),
                            &doc->credentials, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        return;
    }
    finding_set(doc, out, HEALTH_OK, "%s, until %s", doc->host.principal,
                clock_rfc3339(doc->mem, credentials_expiry(doc->credentials)));
}

/* The service ticket, and a key negotiated with it: all but the update itself. */
static void check_dns_key(struct doctor *doc, struct finding *out)
{
    struct deadline d = deadline_sooner(doc->d, deadline_in(doc->opt.timeout_ms));
    struct gsstsig_session *session;
    struct error e = { 0 };

    if (!doc->credentials) {
        finding_skip(doc, out, no_ticket);
        return;
    }
    if (machine_prove_controller(&doc->host, &doc->contact, doc->credentials, d, &e) ||
        gsstsig_session_open(doc->mem, doc->contact.conn, doc->contact.server, doc->credentials, d,
                             &session, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        if (!out->fix)
            finding_fix(doc, out,
                        "see that the account of %s has the SPN DNS/%s, or try another "
                        "server with --server",
                        doc->contact.server, doc->contact.server);
        return;
    }
    talloc_free(session);
    finding_set(doc, out, HEALTH_OK, "ticket for DNS/%s, key negotiated", doc->contact.server);
}

static void check_directory(struct doctor *doc, struct finding *out)
{
    struct error e = { 0 };

    if (!doc->credentials) {
        finding_skip(doc, out, no_ticket);
        return;
    }
    if (machine_directory(doc->mem, &doc->host, &doc->contact, doc->credentials,
                          deadline_sooner(doc->d, deadline_in(doc->opt.timeout_ms)),
                          &doc->directory, &e) ||
        zones_list(doc->mem, doc->directory, &doc->zones, &doc->n_zones, &e)) {
        finding_error(doc, out, HEALTH_WARN, &e);
        if (e.code != ERR_UNVERIFIED)
            finding_fix(doc, out,
                        "register works without it; zones, ages and owners are not known");
        doc->zones = NULL;
        return;
    }
    finding_set(doc, out, HEALTH_OK, "%zu zones can be read as the machine account", doc->n_zones);
}

static void check_addresses(struct doctor *doc, struct finding *out)
{
    struct error e = { 0 };
    char text[IP_TEXT_MAX], *list;

    if (!doc->contact.conn) {
        finding_skip(doc, out, no_server);
        return;
    }
    if (survey_addresses(doc->mem, &doc->opt, &doc->contact, doc->d, &doc->wanted, &doc->n_wanted,
                         &e)) {
        doc->n_wanted = 0;
        finding_error(doc, out, HEALTH_FAIL, &e);
        return;
    }
    list = talloc_strdup(doc->mem, "");
    for (size_t i = 0; i < doc->n_wanted; i++)
        list = talloc_asprintf_append(list, "%s%s", i ? ", " : "", ip_format(doc->wanted[i], text));
    finding_set(doc, out, HEALTH_OK, "to be published: %s", list);
}

static void check_zone(struct doctor *doc, struct finding *out)
{
    struct memory *m = doc->memory ? doc->memory : talloc_zero(doc->mem, struct memory);
    struct error e = { 0 };

    if (!doc->contact.conn) {
        finding_skip(doc, out, no_server);
        return;
    }
    if (!m ||
        survey_published(doc->mem, &doc->opt, &doc->contact, doc->host.fqdn, m, doc->wanted,
                         doc->n_wanted, deadline_in(doc->opt.timeout_ms), &doc->published, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        return;
    }
    if (doc->published->cname) {
        finding_set(doc, out, HEALTH_FAIL, "%s is an alias of %s", doc->host.fqdn,
                    doc->published->cname);
        finding_fix(doc, out,
                    "let an administrator remove the alias, or give this host another "
                    "name with hostname =");
        return;
    }
    if (doc->n_wanted && !doc->published->n_addresses) {
        finding_set(doc, out, HEALTH_WARN, "%s has no address in the zone %s", doc->host.fqdn,
                    doc->published->zone);
        finding_fix(doc, out, "run `muster register`");
        return;
    }
    finding_set(doc, out, HEALTH_OK, "%s is in the zone %s", doc->host.fqdn, doc->published->zone);
}

static const struct dns_zone *zone_named(const struct doctor *doc, const char *name)
{
    for (size_t i = 0; i < doc->n_zones; i++) {
        if (strcmp(doc->zones[i].name, name) == 0)
            return &doc->zones[i];
    }
    return NULL;
}

/* Calls look for the own zone and each reverse zone once, until one finding is not well. */
static bool each_zone(struct doctor *doc, struct finding *out,
                      bool (*look)(struct doctor *doc, const struct dns_zone *z,
                                   struct finding *out))
{
    const struct published *p = doc->published;
    const struct dns_zone *z = zone_named(doc, p->zone);

    if (z && !look(doc, z, out))
        return false;
    for (size_t i = 0; i < p->n_reverse; i++) {
        z = p->reverse[i].zone ? zone_named(doc, p->reverse[i].zone) : NULL;
        if (z && !look(doc, z, out))
            return false;
    }
    return true;
}

static bool is_update_good(struct doctor *doc, const struct dns_zone *z, struct finding *out)
{
    if (z->update == ZONE_UPDATE_SECURE)
        return true;
    if (z->update == ZONE_UPDATE_NONE) {
        finding_set(doc, out, HEALTH_FAIL, "the zone %s takes no dynamic updates", z->name);
        finding_fix(doc, out, "let an administrator allow secure updates there");
    } else {
        finding_set(doc, out, HEALTH_WARN, "the zone %s takes %s", z->name,
                    z->update == ZONE_UPDATE_ANY ? "unsigned updates from everybody"
                                                 : "updates in a way that is not known");
        finding_fix(doc, out, "let an administrator allow secure updates only");
    }
    return false;
}

static void check_updates(struct doctor *doc, struct finding *out)
{
    if (!doc->published || !doc->zones)
        finding_skip(doc, out, doc->published ? no_directory : no_zone);
    else if (each_zone(doc, out, is_update_good))
        finding_set(doc, out, HEALTH_OK, "zones take secure updates only");
}

static bool is_aging_good(struct doctor *doc, const struct dns_zone *z, struct finding *out)
{
    if (z->aging.is_enabled && z->aging.refresh_h <= REFRESH_EVERY_H) {
        finding_set(doc, out, HEALTH_FAIL,
                    "records of the zone %s become stale %u h after they may be refreshed again, "
                    "but hosts refresh every %d h",
                    z->name, z->aging.refresh_h, REFRESH_EVERY_H);
        finding_fix(doc, out,
                    "let an administrator set longer intervals: muster aging %s "
                    "--refresh 7d",
                    z->name);
        return false;
    }
    if (!z->aging.is_enabled) {
        finding_set(doc, out, HEALTH_WARN,
                    "the zone %s does not age: what a host leaves behind "
                    "stays for ever",
                    z->name);
        finding_fix(doc, out, "let an administrator switch it on: muster aging %s --enable",
                    z->name);
        return false;
    }
    return true;
}

static void check_aging(struct doctor *doc, struct finding *out)
{
    if (!doc->published || !doc->zones)
        finding_skip(doc, out, doc->published ? no_directory : no_zone);
    else if (each_zone(doc, out, is_aging_good))
        finding_set(doc, out, HEALTH_OK, "records stay fresh with one refresh every %d h",
                    REFRESH_EVERY_H);
}

/* Whose is the node?  Sets *out and is true where it is another account's. */
static bool is_of_another(struct doctor *doc, const char *zone, const char *owner,
                          struct finding *out)
{
    char *name = dns_name_relative(doc->mem, owner, zone);
    struct node_owner whose = { 0 };
    struct error e = { 0 };

    if (!name || !zone_named(doc, zone) ||
        node_owner_read(doc->mem, doc->directory, zone, name, &whose, &e) || !whose.sid ||
        (whose.account && machine_is_account(doc->host.principal, whose.account)))
        return false;
    finding_set(doc, out, HEALTH_FAIL,
                "%s is owned by %s (%s): this host may not be able to "
                "change it",
                owner, whose.account ? whose.account : "an account that is no more", whose.sid);
    finding_fix(doc, out,
                "let an administrator delete the name, or make %s its owner, or give it "
                "write access; then run `muster register`",
                doc->host.principal);
    return true;
}

static void check_owner(struct doctor *doc, struct finding *out)
{
    if (!doc->published || !doc->zones)
        finding_skip(doc, out, doc->published ? no_directory : no_zone);
    else if (!is_of_another(doc, doc->published->zone, doc->host.fqdn, out))
        finding_set(doc, out, HEALTH_OK, "%s is nobody else's", doc->host.fqdn);
}

static bool is_ptr_good(struct doctor *doc, const struct published_reverse *r, struct finding *out)
{
    char text[IP_TEXT_MAX];

    if (!r->zone && !(r = doctor_reverse_elsewhere(doc, r, out)))
        return false;
    if (r->n_targets && !published_names(r, doc->host.fqdn)) {
        finding_set(doc, out, HEALTH_FAIL, "the PTR of %s names %s", ip_format(r->ip, text),
                    r->targets[0]);
        finding_fix(doc, out,
                    "see whether %s still has that address; if not, let it, or an "
                    "administrator, delete the PTR at %s",
                    r->targets[0], r->owner);
        return false;
    }
    return !doc->zones || !is_of_another(doc, r->zone, r->owner, out);
}

static void check_ptr(struct doctor *doc, struct finding *out)
{
    if (!doc->published) {
        finding_skip(doc, out, no_zone);
        return;
    }
    if (!doc->opt.with_ptr) {
        finding_set(doc, out, HEALTH_OK, "switched off");
        return;
    }
    for (size_t i = 0; i < doc->n_wanted; i++) {
        const struct published_reverse *r = published_reverse_of(doc->published, doc->wanted[i]);

        if (r && !is_ptr_good(doc, r, out))
            return;
    }
    finding_set(doc, out, HEALTH_OK, "reverse names are this host's or free");
}

const struct check doctor_server_checks[] = {
    { "srv", check_srv },
    { "server", check_server },
    { "clock", check_clock },
    { "ticket", check_ticket },
    { "dns-key", check_dns_key },
    { "directory", check_directory },
    { "addresses", check_addresses },
    { "zone", check_zone },
    { "updates", check_updates },
    { "aging", check_aging },
    { "owner", check_owner },
    { "ptr", check_ptr },
    { NULL, NULL },
};
