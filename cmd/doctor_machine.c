/* Checks of what this machine has: state, keytab, name, resolver, other registrars. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/doctor.h"
#include "cmd/doctor_sssd.h"
#include "gss-tsig/keytab_keys.h"
#include "register/address_command.h"
#include "register/memory.h"

#define SSSD_DIR "/etc/sssd"
#define CONF_MAX_BYTES (1 << 20)

/*
 * Can the directory be written, or made below the nearest one above it that is there?  Sets errno
 * where not.
 */
static bool is_writable(TALLOC_CTX *mem, const char *path)
{
    char *dir = talloc_strdup(mem, path);
    struct stat st;

    while (dir && stat(dir, &st) != 0) {
        if (errno != ENOENT || !strchr(dir + 1, '/'))
            return false;
        *strrchr(dir, '/') = '\0';
    }
    if (dir && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    return dir && S_ISDIR(st.st_mode) && access(dir, W_OK | X_OK) == 0;
}

static void check_state(struct doctor *doc, struct finding *out)
{
    const char *path = doc->opt.state_dir;
    struct error e = { 0 };

    if (!is_writable(doc->mem, path)) {
        finding_set(doc, out, HEALTH_FAIL, "%s cannot be written: %s", path, strerror(errno));
        finding_fix(doc, out, "run as root, or name a directory of this user with --state-dir");
    } else if (memory_read(doc->mem, path, doc->opt.section, &doc->memory, &e)) {
        finding_error(doc, out, HEALTH_WARN, &e);
        finding_fix(doc, out,
                    "remove %s/registered.json; the next run makes a new one, but older "
                    "addresses stay in the DNS",
                    path);
    } else {
        finding_set(doc, out, HEALTH_OK, "%s can be written, %zu records remembered", path,
                    doc->memory->n_records);
    }
}

static bool is_weak(const char *enctype)
{
    return strstr(enctype, "des") || strstr(enctype, "rc4") || strstr(enctype, "arcfour");
}

static void describe_keys(struct doctor *doc, const struct keytab_key *keys, size_t n,
                          struct finding *out)
{
    const char *principal = doc->host.principal;
    char *list = talloc_strdup(doc->mem, "");
    unsigned newest = 0;
    bool any_strong = false;

    for (size_t i = 0; i < n; i++)
        newest = keys[i].kvno > newest ? keys[i].kvno : newest;
    for (size_t i = 0; i < n; i++) {
        if (keys[i].kvno != newest)
            continue;
        any_strong |= !is_weak(keys[i].enctype);
        list = talloc_asprintf_append(list, "%s%s", *list ? ", " : "", keys[i].enctype);
    }
    if (any_strong) {
        finding_set(doc, out, HEALTH_OK, "%s, key version %u (%s)", principal, newest, list);
        return;
    }
    finding_set(doc, out, HEALTH_WARN, "%s has only keys of weak encryption: %s", principal, list);
    finding_fix(doc, out,
                "renew the machine password with AES keys: adcli update "
                "--computer-password-lifetime=0");
}

static void check_keytab(struct doctor *doc, struct finding *out)
{
    struct error e = { 0 };
    struct keytab_key *keys;
    struct stat st;
    size_t n;

    if (host_identify(doc->mem, &doc->opt, &doc->host, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        return;
    }
    if (keytab_keys(doc->mem, doc->opt.keytab, doc->host.principal, &keys, &n, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        return;
    }
    if (stat(doc->opt.keytab, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO) & ~(mode_t)S_IRGRP)) {
        finding_set(doc, out, HEALTH_WARN, "%s may be read or changed by others (mode %04o)",
                    doc->opt.keytab, st.st_mode & 07777U);
        finding_fix(doc, out,
                    "chmod 600 %s; whoever has read it can be this machine: then renew it "
                    "with adcli update",
                    doc->opt.keytab);
        return;
    }
    describe_keys(doc, keys, n, out);
}

static void check_name(struct doctor *doc, struct finding *out)
{
    const char *dot;

    if (!doc->host.fqdn) {
        finding_skip(doc, out, "no identity from the keytab");
        return;
    }
    dot = strchr(doc->host.fqdn, '.');
    if (dot && strcmp(dot + 1, doc->host.domain) != 0) {
        finding_set(doc, out, HEALTH_WARN, "this host is %s, which is not in its domain %s",
                    doc->host.fqdn, doc->host.domain);
        finding_fix(doc, out,
                    "if that is not on purpose, set the host name, or hostname = in "
                    "/etc/muster.conf");
        return;
    }
    finding_set(doc, out, HEALTH_OK, "%s", doc->host.fqdn);
}

/* systemd-resolved's stub and dnsmasq answer questions, but break others (systemd#6727). */
static void check_resolver(struct doctor *doc, struct finding *out)
{
    struct dns_resolver *unused;
    struct error e = { 0 };
    struct bytes text;

    if (dns_resolver_from_file(doc->mem, doc->opt.resolv_conf, &unused, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
        finding_fix(doc, out, "write a nameserver line with a domain controller's address");
        return;
    }
    /* A link in /etc, mostly; what cannot be read a second time is no finding. */
    if (file_read(doc->mem, "/run/systemd/resolve/resolv.conf", CONF_MAX_BYTES, &text, NULL) ==
        OK) {
        finding_set(doc, out, HEALTH_OK,
                    "%s names servers; systemd-resolved is there, which serves to find the "
                    "domain controllers and is not asked after that",
                    doc->opt.resolv_conf);
        return;
    }
    finding_set(doc, out, HEALTH_OK, "%s names servers", doc->opt.resolv_conf);
}

static void check_address_command(struct doctor *doc, struct finding *out)
{
    struct error e = { 0 };
    struct ip *ips;
    size_t n;

    if (!doc->opt.address_command) {
        finding_set(doc, out, HEALTH_OK, "none: addresses come from the interfaces%s",
                    doc->opt.n_addresses ? ", or rather as given" : "");
    } else if (address_command_run(doc->mem, doc->opt.address_command, doc->d, &ips, &n, &e)) {
        finding_error(doc, out, HEALTH_FAIL, &e);
    } else {
        finding_set(doc, out, HEALTH_OK, "%s gives %zu addresses", doc->opt.address_command, n);
    }
}

static void check_sssd(struct doctor *doc, struct finding *out)
{
    struct sssd_config *config;
    struct sssd_updating found;
    struct error e = { 0 };
    enum err rc = sssd_config_read(doc->mem, SSSD_DIR, &config, &e);

    if (rc == ERR_NOTFOUND) {
        finding_set(doc, out, HEALTH_OK, "SSSD is not configured here");
        return;
    }
    if (rc) {
        finding_error(doc, out, HEALTH_WARN, &e);
        finding_fix(doc, out, "run as root, so that SSSD's configuration can be looked at");
        return;
    }
    sssd_config_updating(config, &found);
    if (!found.domain) {
        finding_set(doc, out, HEALTH_OK, "SSSD leaves the DNS alone");
        return;
    }
    finding_set(doc, out, HEALTH_WARN,
                "SSSD registers this host too (domain %s): both change the same records, and "
                "SSSD rewrites them each time",
                found.domain);
    finding_fix(doc, out, "set dyndns_update = false in [domain/%s] of %s and restart sssd",
                found.domain, found.file);
}

const struct check doctor_machine_checks[] = {
    { "state", check_state },
    { "keytab", check_keytab },
    { "name", check_name },
    { "resolver", check_resolver },
    { "address-command", check_address_command },
    { "sssd", check_sssd },
    { NULL, NULL },
};
