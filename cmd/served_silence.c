#include "cmd/served_silence.h"

#include <string.h>

#include "base/log.h"
#include "cmd/served_settings.h"
#include "dns/heartbeat.h"
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
        if (!asks_for_silence(&p->params.zones[i]) || p->params.zones[i].unheard)
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

/* What is noted in a temporary database is gone with it: nobody is asked.  Is somebody else? */
static bool leave_unheard(const struct served_store *store, struct planning *p)
{
    bool is_any_heard = false;

    for (size_t i = 0; i < p->params.n_zones; i++) {
        struct survey_zone *at = &p->params.zones[i];

        if (!asks_for_silence(at))
            continue;
        at->unheard = at->unproven       ? "its transfer is unproven"
                      : store->temporary ? "the database of sightings is damaged"
                                         : NULL;
        is_any_heard = is_any_heard || !at->unheard;
    }
    return is_any_heard;
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
    if (!leave_unheard(store, p))
        return OK;
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

/* ---- right before the updates ---- */

static bool address_of(const struct journal_record *r, struct ip *out)
{
    return (strcmp(r->type, "A") == 0 || strcmp(r->type, "AAAA") == 0) && ip_parse(r->data, out);
}

/* The addresses of changes in zones that ask for silence. */
static enum err list_again(const struct context *ctx, const struct journal_node *changes, size_t n,
                           struct probe_list *list, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        struct signal_rules rules;
        struct probe_target *grown;

        /* What was a mistake there was said before anything was planned. */
        if (served_signals(ctx, changes[i].zone, &rules, NULL) || rules.silence_runs == 0)
            continue;
        grown = talloc_realloc(list, list->targets, struct probe_target,
                               list->n + changes[i].n_records + 1);
        if (!grown)
            return err_nomem(e);
        list->targets = grown;
        for (size_t k = 0; k < changes[i].n_records; k++) {
            struct probe_target t = { .answer = PROBE_UNTRIED };

            if (address_of(&changes[i].records[k], &t.address))
                grown[list->n++] = t;
        }
    }
    probe_list_seal(list);
    return OK;
}

/* Its value is what the update holds on to; no answer is needed beside it. */
static bool has_heartbeat(const struct journal_node *change)
{
    uint32_t seen_h;

    for (size_t k = 0; k < change->n_records; k++) {
        if (strcmp(change->records[k].type, "TXT") == 0 &&
            heartbeat_parse(change->records[k].data, &seen_h))
            return true;
    }
    return false;
}

static enum err judge_again(TALLOC_CTX *mem, const struct probe_list *list,
                            const struct journal_node *change, const char *problem,
                            struct served_look *look, struct error *e)
{
    char address[IP_TEXT_MAX], text[PROBE_TEXT_MAX];
    struct ip ip;

    for (size_t k = 0; k < change->n_records && !look->problem; k++) {
        const struct probe_target *t =
            address_of(&change->records[k], &ip) ? probe_list_find(list, ip) : NULL;
        bool is_untried = t && t->answer == PROBE_UNTRIED;

        if (!t || t->answer == PROBE_SILENT || (is_untried && has_heartbeat(change)))
            continue;
        ip_format(t->address, address);
        look->outcome = is_untried ? OUTCOME_FAILED : OUTCOME_REFRESHED;
        look->problem = is_untried
                            ? talloc_asprintf(mem, "%s could not be asked once more%s%s", address,
                                              problem ? ": " : "", problem ? problem : "")
                            : talloc_asprintf(mem, "%s %s", address, probe_text(t, text));
        if (!look->problem)
            return err_nomem(e);
    }
    return OK;
}

enum err served_silence_again(const struct context *ctx, TALLOC_CTX *mem,
                              const struct journal_node *changes, size_t n,
                              struct served_look *looks, struct error *e)
{
    struct probe_list *list = talloc_zero(NULL, struct probe_list);
    struct probing again = { 0 };
    struct error why = { 0 };
    enum err rc = list ? list_again(ctx, changes, n, list, e) : err_nomem(e), asked = OK;

    if (!rc && (asked = probing_read(ctx, &again, &why)) == OK)
        asked = probing_ask(&again, list, &why);
    if (asked == ERR_NOMEM)
        rc = err_nomem(e);
    for (size_t i = 0; i < n && !rc; i++)
        rc = judge_again(mem, list, &changes[i], asked ? why.message : NULL, &looks[i], e);
    talloc_free(list);
    return rc;
}
