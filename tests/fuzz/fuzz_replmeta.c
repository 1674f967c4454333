/* replPropertyMetaData values: when an attribute was changed. */
#include "base/clock.h"
#include "ldap/replmeta.h"
#include "tests/fuzz/fuzz.h"

#define HEADER_LEN 16
#define ENTRY_LEN 48

static void check(TALLOC_CTX *mem, struct bytes in, uint32_t attribute)
{
    struct replmeta m = { 0 };
    struct error e = { 0 };
    enum err rc = replmeta_find(in, attribute, &m, &e);

    must_say(rc, &e);
    must_hold(rc == OK || rc == ERR_NOTFOUND || rc == ERR_MALFORMED);
    must_hold(rc == OK || (m.version == 0 && m.changed_at == 0));
    if (rc != OK)
        return;
    must_hold(in.len >= HEADER_LEN + ENTRY_LEN);
    must_hold(clock_rfc3339(mem, m.changed_at));
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct rd r = rd_init(in);
    uint32_t first;

    check(mem, in, REPLMETA_DNSPROPERTY);
    rd_take(&r, HEADER_LEN);
    first = rd_le32(&r);
    check(mem, in, first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
