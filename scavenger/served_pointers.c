#include "scavenger/served_pointers.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "ldap/name.h"

struct named_change {
    const char *name; /* absolute */
    const struct journal_node *change;
};

struct served_names {
    struct named_change *all; /* sorted */
    size_t n;
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct named_change *)a)->name, ((const struct named_change *)b)->name);
}

struct served_names *served_names_new(TALLOC_CTX *mem, const struct journal_node *changes, size_t n)
{
    struct served_names *names = talloc_zero(mem, struct served_names);
    bool is_made = names && (names->all = talloc_array(names, struct named_change, n + 1));

    for (size_t i = 0; is_made && i < n; i++) {
        names->all[i].change = &changes[i];
        names->all[i].name = dns_name_absolute(names, changes[i].name, changes[i].zone);
        is_made = names->all[i].name != NULL;
        names->n++;
    }
    if (!is_made)
        return talloc_free(names), NULL;
    qsort(names->all, n, sizeof *names->all, compare);
    return names;
}

/* The change of the name that a PTR's data says, or NULL. */
static enum err find(const struct served_names *names, const char *data,
                     const struct journal_node **out, struct error *e)
{
    char *target = name_fold(NULL, data);
    const struct named_change key = { target, NULL };
    const struct named_change *found;

    if (!target)
        return err_nomem(e);
    found = bsearch(&key, names->all, names->n, sizeof key, compare);
    talloc_free(target);
    *out = found ? found->change : NULL;
    return OK;
}

enum err served_pointers_targets(TALLOC_CTX *mem, const struct served_names *names,
                                 const struct journal_node *change,
                                 const struct journal_node ***out, size_t *n, bool *is_ready,
                                 struct error *e)
{
    const struct journal_node **targets =
        talloc_array(mem, const struct journal_node *, change->n_records + 1);
    size_t count = 0;
    bool is_deleted = true;
    enum err rc = targets ? OK : err_nomem(e);

    for (size_t i = 0; i < change->n_records && !rc; i++) {
        const struct journal_node *target = NULL;

        if (strcmp(change->records[i].type, "PTR") != 0 ||
            (rc = find(names, change->records[i].data, &target, e)))
            continue;
        if (target && target->outcome == OUTCOME_DELETED)
            targets[count++] = target;
        else
            is_deleted = false;
    }
    if (rc)
        return rc;
    *out = targets;
    *n = count;
    *is_ready = is_deleted;
    return OK;
}
