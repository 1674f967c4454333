#include "register/run.h"

#include "base/clock.h"
#include "base/log.h"
#include "register/learn.h"
#include "register/recall.h"

enum err run_recall(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    enum err rc = recall_memory(mem, run->opt, &run->memory, &run->may_save, e);

    run->on_disk = rc ? NULL : run->memory;
    return rc;
}

void run_save(struct run *run, struct memory *m)
{
    struct error why = { 0 };

    if (!run->may_save || memory_equal(run->on_disk, m))
        return;
    if (memory_write(run->opt->state_dir, run->opt->section, m, &why))
        log_warning("what is registered cannot be remembered: %s", why.message);
    else
        run->on_disk = m;
}

struct sighting run_sighting(const struct contact *c)
{
    return (struct sighting){ c->server, clock_now() };
}

static bool learn_elsewhere(const struct run *run, struct memory *m)
{
    const struct primaries *all = run->primaries;

    for (size_t i = 0; all && i < all->n; i++) {
        const struct primary *one = &all->list[i];
        const struct published *after =
            one->execution.after ? one->execution.after : one->published;
        struct sighting at = run_sighting(&one->contact);

        if (one->plan &&
            (!learn_seen(m, one->published, at) || !learn_result(m, one->plan, NULL, after, at)))
            return false;
    }
    return true;
}

enum err run_learn(TALLOC_CTX *mem, struct run *run, struct error *e)
{
    struct sighting at = run_sighting(&run->contact);
    struct memory *m;

    if (run->opt->is_dry_run)
        return OK;
    m = memory_copy(mem, run->lost ? run->lost : run->memory);
    if (!m)
        return err_nomem(e);
    memory_date(m, at.at_s);
    /* What was seen here before the change, and is not after it, is gone. */
    if (!learn_elsewhere(run, m) || !learn_seen(m, run->published, at) ||
        !learn_result(m, run->plan, run->own.recovered,
                      run->execution.after ? run->execution.after : run->published, at))
        return err_nomem(e);
    learn_pending(m, run->host.fqdn, run->wanted, run->is_leaving ? 0 : run->n_wanted,
                  &run->siblings, at.at_s);
    run->is_unsettled = learn_is_unsettled(m, at.at_s);
    m->last_error = run->outcome.code ? run->outcome.problem.message : NULL;
    run_save(run, m);
    return OK;
}

void run_remember_failure(TALLOC_CTX *mem, struct run *run, const struct error *e)
{
    struct memory *m = run->on_disk && e ? memory_copy(mem, run->on_disk) : NULL;

    if (m) {
        m->last_error = e->message;
        run_save(run, m);
    }
}
