/* Journals: what `muster runs` and `muster restore` believe. */
#include "scavenger/journal.h"
#include "scavenger/restore.h"
#include "scavenger/retention.h"
#include "tests/fuzz/fuzz.h"

#define ID_LEN 21

/* The run that the header names, or one that it does not. */
static const char *id_of(TALLOC_CTX *mem, struct bytes in)
{
    static const char key[] = "\"run\":\"";
    const uint8_t *at = memmem(in.data, in.len, key, sizeof key - 1);
    size_t left = at ? in.len - (size_t)(at - in.data) : 0;

    if (left < sizeof key - 1 + ID_LEN)
        return "20261122T140557Z-1f3a";
    return talloc_strndup(mem, (const char *)at + sizeof key - 1, ID_LEN);
}

/* A node that stands as the run found it, as it left it, and gone. */
static void check_node(const struct journal_node *n)
{
    struct dns_node before = { .dn = n->dn,
                               .name = n->name,
                               .is_tombstoned = n->was_tombstoned,
                               .values = n->old,
                               .n_values = n->n_old };
    struct dns_node after = { .dn = n->dn,
                              .name = n->name,
                              .is_tombstoned = n->is_tombstoned,
                              .values = n->new,
                              .n_values = n->n_new };

    must_hold(n->zone && n->name && n->dn);
    must_hold(n->old && (n->new || n->is_server_made));
    must_hold(n->records);
    for (size_t i = 0; i < n->n_records; i++)
        must_hold(n->records[i].type && n->records[i].data && n->records[i].raw.data);
    must_hold(outcome_name(n->outcome)[0]);
    must_hold(restore_judge(n, NULL) == OUTCOME_GONE);
    must_hold(outcome_name(restore_judge(n, &before))[0]);
    must_hold(outcome_name(restore_judge(n, &after))[0]);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct retention keep = { .is_set = true, .keep_n = 1 };
    struct error e = { 0 };
    struct run *run;
    enum err rc = journal_parse(mem, in, id_of(mem, in), &run, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED);
        return;
    }
    must_hold(run->id && run->principal && run->server);
    for (size_t i = 0; i < run->n_nodes; i++) {
        check_node(&run->nodes[i]);
        must_hold(run->is_committed || run->nodes[i].outcome == OUTCOME_PLANNED);
    }
    retention_lets_go(&keep, run, 1, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
