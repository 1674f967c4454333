/* Short texts: times, intervals, limits, networks, patterns, KDCs, ranges of attributes, base64. */
#include <ctype.h>

#include "base/clock.h"
#include "cmd/options.h"
#include "dns/heartbeat.h"
#include "gss-tsig/kdc_find.h"
#include "ldap/range.h"
#include "ldap/server_clock.h"
#include "register/choose.h"
#include "register/identity.h"
#include "scavenger/limits.h"
#include "scavenger/retention.h"
#include "scavenger/verdict.h"
#include "tests/fuzz/fuzz.h"

#define NOW_S 1795356000 /* 2026-11-22 */

static void check_times(TALLOC_CTX *mem, const char *text)
{
    struct retention keep = { 0 };
    struct run run = { .is_committed = true };
    int64_t s = 0, again;
    uint32_t h = 0;
    char *written;

    if (clock_parse(text, NOW_S, &s)) {
        written = clock_rfc3339(mem, s);
        must_hold(written);
        if (strcmp(written, "out-of-range") != 0)
            must_hold(clock_parse(written, 0, &again) && again == s);
        must_hold(clock_hours_from_unix(s) == 0 || clock_hours_from_unix(s) == UINT32_MAX ||
                  s - clock_unix_from_hours(clock_hours_from_unix(s)) < 3600);
    }
    if (clock_parse_hours(text, &h)) {
        written = talloc_asprintf(mem, "+%s", text);
        must_hold(clock_parse(written, 0, &s) && s == (int64_t)h * 3600);
    }
    if (server_clock_parse(text, &s)) {
        written = clock_rfc3339(mem, s);
        must_hold(strcmp(written, "out-of-range") != 0);
        must_hold(clock_parse(written, 0, &again) && again == s);
    }
    if (retention_parse(text, &keep)) {
        must_hold(keep.is_set && (keep.keep_s > 0) != (keep.keep_n > 0));
        run.started = s;
        retention_lets_go(&keep, &run, 1, NOW_S);
    }
}

static void check_networks(const char *text)
{
    char buf[IP_TEXT_MAX];
    struct ip ip = { 0 }, again;
    unsigned prefix = 0;

    if (ip_parse(text, &ip))
        must_hold(ip_parse(ip_format(ip, buf), &again) && ip_equal(ip, again));
    if (!ip_parse_net(text, &ip, &prefix))
        return;
    must_hold(prefix <= (ip.family == AF_INET ? 32 : 128));
    must_hold(ip_in_net(ip, ip, prefix));
    address_is_publishable(ip);
}

/* As a pattern for interfaces and names, against one of each. */
static void check_patterns(TALLOC_CTX *mem, const char *text)
{
    const struct host_address address = {
        .ip = ip_from_bytes(AF_INET, (const uint8_t[]){ 10, 53, 0, 101 }),
        .interface_index = 2,
        .interface = "eth0",
        .kind = "",
        .prefix = 24,
        .is_up = true,
        .is_global = true,
    };
    struct choice wish = { .interfaces = &text, .n_interfaces = 1 };
    struct candidate c = { .zone = "ad.example.test", .name = "pc17" };
    struct protection p = { .globs = &text, .n_globs = 1 };
    struct error e = { 0 };
    struct ip *ips;
    size_t n;
    enum err rc = choose_addresses(mem, &address, 1, &wish, &ips, &n, &e);

    must_say(rc, &e);
    must_hold(rc == OK ? n == 1 && ip_equal(ips[0], address.ip) : rc == ERR_NOTFOUND);
    if (strcmp(text, "eth0") == 0)
        must_hold(rc == OK);
    verdict_protection(&c, &p);
    if (strcmp(text, "pc17") == 0)
        must_hold(verdict_protection(&c, &p));
}

/* A KDC of krb5.conf, and the same with its port. */
static void check_kdc(TALLOC_CTX *mem, const char *text)
{
    uint16_t port = 0, again_port;
    char *host, *again;

    if (!kdc_line_parse(mem, text, &host, &port))
        return;
    must_hold(host[0] && port > 0 && strstr(text, host));
    text = talloc_asprintf(mem, "[%s]:%u", host, port);
    must_hold(kdc_line_parse(mem, text, &again, &again_port) || strchr(host, ']'));
    must_hold(strchr(host, ']') || (strcmp(host, again) == 0 && port == again_port));
}

static void check_words(TALLOC_CTX *mem, const char *text)
{
    struct value_range range;
    struct limit limit;
    enum outcome outcome;
    char buf[16], beat[HEARTBEAT_TEXT_MAX], *fqdn;
    uint32_t hours, hours_again;
    struct bytes raw;
    struct error e = { 0 };
    uint16_t type, again;
    bool flag;
    enum err rc;

    if (limit_parse(text, &limit))
        must_hold(limit.is_percent ? limit_for(limit, 1000) <= 1000 + limit.floor
                                   : limit_for(limit, 0) == limit.value);
    if (range_parse(text, "dnsRecord", &range))
        must_hold(range.is_final || range.first <= range.last);
    if (dns_type_parse(text, &type))
        must_hold(dns_type_parse(dns_type_name(type, buf), &again) && again == type);
    if (outcome_parse(text, &outcome))
        must_hold(strcmp(outcome_name(outcome), text) == 0);
    if (heartbeat_parse(text, &hours)) {
        must_hold(hours > 0);
        must_hold(heartbeat_parse(heartbeat_text(hours, beat), &hours_again));
        must_hold(hours == hours_again);
    }
    must_hold(!options_parse_bool(text, &flag) || strlen(text) <= 5);
    if (bytes_from_base64(mem, text, &raw))
        must_hold(raw.len <= strlen(text) / 4 * 3);
    rc = identity_fqdn(mem, text, "ad.example.test", &fqdn, &e);
    must_say(rc, &e);
    must_hold(rc == OK ? is_normalised(mem, fqdn) && strchr(fqdn, '.') : rc == ERR_USAGE);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    char *text = fuzz_text(mem, in);
    struct bytes again;

    must_hold(bytes_from_base64(mem, bytes_to_base64(mem, in), &again) && bytes_equal(again, in));
    check_times(mem, text);
    check_networks(text);
    check_words(mem, text);
    check_kdc(mem, text);
    /* fnmatch(3) takes exponential time for many stars; patterns are the administrator's own. */
    if (strlen(text) < 32)
        check_patterns(mem, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
