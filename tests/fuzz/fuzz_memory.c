/* registered.json, and the same written and read again. */
#include "dns/name.h"
#include "register/memory.h"
#include "tests/fuzz/fuzz.h"

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct memory *m, *again, *copy;
    struct error e = { 0 };
    struct bytes text;
    enum err rc = memory_parse(mem, in, "registered.json", &m, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED && e.hint[0]);
        return;
    }
    must_hold(m->n_records <= MEMORY_MAX_RECORDS);
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        must_hold(is_normalised(mem, r->zone) && is_normalised(mem, r->name));
        must_hold(dns_name_within(r->name, r->zone) && is_printable(r->data));
        must_hold(memory_has(m, r->name, r->type, r->data));
        must_hold(r->type == DNS_TYPE_PTR || memory_knows_name(m, r->name));
    }
    text = memory_format(mem, m);
    must_hold(text.data);
    must_hold(memory_parse(mem, text, "registered.json", &again, &e) == OK);
    must_hold(memory_equal(m, again));
    copy = memory_copy(mem, m);
    must_hold(copy && memory_equal(m, copy));
    while (copy->n_records > 0) {
        struct memory_record first = copy->records[0];

        memory_forget(copy, first.name, first.type, first.data);
        must_hold(memory_remember(again, first));
    }
    must_hold(again->n_records == m->n_records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
