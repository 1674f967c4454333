#include "cmd/served_silence.h"

#include "base/log.h"
#include "scavenger/silence.h"

static bool asks_for_silence(const struct survey_zone *z)
{
    return z->signals && z->signals->silence_runs && !pairs_is_reverse(z->zone);
}

struct round {
    struct silence **zones; /* as those of the planning; NULL: not asked for */
    struct probe_list *list;
};

static enum err collect(struct round *r, struct served_store *store, struct planning *p,
                        struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < p->params.n_zones && !rc; i++) {
        if (!asks_for_silence(&p->params.zones[i]))
            continue;
        rc = silence_collect(r->zones, store->db, p->params.zones[i].zone, p->params.real_now_h,
                             &r->zones[i], e);
        if (!rc)
            rc = silence_add(r->zones[i], r->list, e);
    }
    probe_list_seal(r->list);
    return rc;
}

static enum err note(const struct round *r, struct served_store *store, struct planning *p,
                     int64_t now_s, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < p->params.n_zones && !rc; i++) {
        if (!r->zones[i])
            continue;
        rc = silence_note(r->zones[i], store->db, r->list, p->silence.summary.is_cut, now_s,
                          &p->params.zones[i].unheard, e);
        if (!rc)
            log_info(
                "%s: %zu addresses without a fresh heartbeat were asked whether they are there",
                p->params.zones[i].zone->name, silence_count(r->zones[i]));
    }
    return rc;
}

/* What is noted in a temporary database is gone with it: nobody is asked. */
static void leave_unheard(struct planning *p)
{
    for (size_t i = 0; i < p->params.n_zones; i++) {
        if (asks_for_silence(&p->params.zones[i]))
            p->params.zones[i].unheard = "the database of sightings is damaged";
    }
}

enum err served_silence_ask(struct context *ctx, struct served_store *store, struct planning *p,
                            int64_t now_s, struct probe_list **out, struct error *e)
{
    struct round r = { talloc_zero_array(ctx->mem, struct silence *, p->params.n_zones + 1),
                       talloc_zero(ctx->mem, struct probe_list) };
    enum err rc = r.zones && r.list ? OK : err_nomem(e);

    *out = NULL;
    for (size_t i = 0; i < p->params.n_zones; i++)
        p->silence.is_wanted = p->silence.is_wanted || asks_for_silence(&p->params.zones[i]);
    if (rc || !p->silence.is_wanted)
        return rc;
    if (store->temporary) {
        leave_unheard(p);
        return OK;
    }
    if ((rc = collect(&r, store, p, e)) || (rc = probing_ask(&p->silence, r.list, e)) ||
        (rc = note(&r, store, p, now_s, e)))
        return rc;
    talloc_free(r.zones);
    *out = r.list;
    return OK;
}

enum err served_silence_keep(const struct probe_list *list, struct survey *survey, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; list && i < survey->n_builders && !rc; i++)
        rc = probe_list_apply_answers(list, plan_builder_plan(survey->builders[i]), e);
    return rc;
}
