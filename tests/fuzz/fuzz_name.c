/* Names: of DNS in text and on the wire, and of objects in the directory. */
#include "dns/name.h"
#include "ldap/name.h"
#include "tests/fuzz/fuzz.h"

/* A name in its one form: up to the root, apart and together, to the wire and back. */
static void check_name(TALLOC_CTX *mem, const char *name)
{
    struct error e = { 0 };
    struct bytes wire;
    char *again, *relative, *absolute;
    unsigned labels = 0;
    struct ip ip;

    must_hold(is_normalised(mem, name) && is_printable(name));
    must_hold(dns_name_to_wire(mem, name, &wire, &e) == OK && wire.len <= DNS_NAME_WIRE_MAX);
    must_hold(dns_name_from_wire(mem, wire, &again, &e) == OK && strcmp(again, name) == 0);
    for (const char *up = name; up; up = dns_name_parent(up), labels++) {
        must_hold(labels <= 128 && dns_name_within(name, up) && is_normalised(mem, up));
        relative = dns_name_relative(mem, name, up);
        must_hold(relative);
        absolute = dns_name_absolute(mem, relative, up);
        must_hold(absolute && (strcmp(absolute, name) == 0 || strcmp(name, ".") == 0));
    }
    if (dns_name_to_ip(name, &ip))
        must_hold(strcmp(dns_name_reverse(mem, ip), name) == 0);
    must_hold(name_to_filter(mem, name));
}

static void check_object(TALLOC_CTX *mem, const char *dn)
{
    struct error e = { 0 };
    struct rdn rdn;
    enum err rc = rdn_read(mem, dn, &rdn, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED);
        return;
    }
    must_hold(rdn.name && rdn.name[0] && is_printable(rdn.name));
    must_hold(name_to_filter(mem, rdn.name));
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct rd r = rd_init(in), checked = r;
    char *text = fuzz_text(mem, in), *name, *filter;
    struct error e = { 0 };
    bool is_name;
    enum err rc = dns_name_normalise(mem, text, &name, &e);

    must_say(rc, &e);
    if (rc == OK)
        check_name(mem, name);
    rc = dns_name_from_wire(mem, in, &name, &e);
    must_say(rc, &e);
    if (rc == OK)
        check_name(mem, name);
    check_object(mem, text);
    is_name = name_read_counted(mem, &r, &name);
    must_hold(is_name == name_read_counted(NULL, &checked, NULL) && is_name == !r.bad);
    must_hold(!is_name || (is_printable(name) && name[strlen(name) - 1] == '.'));
    filter = name_to_filter(mem, text);
    must_hold(!filter || !strpbrk(filter, "*()"));
    name = name_append_escaped(talloc_strdup(mem, ""), in, true);
    must_hold(name && is_printable(name));
    must_hold(name_fold(mem, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
