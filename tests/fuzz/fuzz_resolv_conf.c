/* resolv.conf(5). */
#include "dns/resolver.h"
#include "tests/fuzz/fuzz.h"

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct dns_resolver *r;
    struct error e = { 0 };
    char *servers, *rest, *one_server;
    struct ip ip;
    size_t n = 0;
    enum err rc = dns_resolver_parse(mem, in, "/etc/resolv.conf", &r, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_CONFIG && e.hint[0]);
        return;
    }
    servers = dns_resolver_servers(mem, r);
    must_hold(servers);
    for (one_server = strtok_r(servers, ", ", &rest); one_server;
         one_server = strtok_r(NULL, ", ", &rest), n++)
        must_hold(ip_parse(one_server, &ip));
    must_hold(n >= 1 && n <= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
