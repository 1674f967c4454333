#include "scavenger/silence.h"

#include "base/log.h"
#include "scavenger/served_nodes.h"

struct asked {
    const char *name; /* absolute, as the sightings have it */
    const char *data;
    uint16_t type;
    struct ip address;
};

struct silence {
    const struct dns_zone *zone;
    uint32_t now_h;
    struct asked *all;
    size_t n;
    size_t cap;
    struct ip witnesses[SILENCE_WITNESSES];
    size_t n_witnesses;
};

static enum err add_asked(struct silence *s, const struct sighting *record, struct ip address,
                          struct error *e)
{
    struct asked *one;

    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        struct asked *all = talloc_realloc(s, s->all, struct asked, cap);

        if (!all)
            return err_nomem(e);
        s->all = all;
        s->cap = cap;
    }
    one = &s->all[s->n];
    *one = (struct asked){ talloc_strdup(s, record->name), talloc_strdup(s, record->data),
                           record->type, address };
    if (!one->name || !one->data)
        return err_nomem(e);
    s->n++;
    return OK;
}

static bool is_fresh(const struct silence *s, uint32_t heartbeat_h, uint64_t life_h)
{
    return heartbeat_h != 0 && s->now_h <= heartbeat_h + life_h;
}

static enum err visit(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct silence *s = priv;
    const struct zone_aging *a = &s->zone->aging;
    uint32_t heartbeat_h = served_heartbeat(of_name, n);
    bool is_known = is_fresh(s, heartbeat_h, (uint64_t)a->no_refresh_h + a->refresh_h);
    bool is_witness = is_fresh(s, heartbeat_h, SILENCE_WITNESS_H);
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++) {
        struct ip address;

        if ((of_name[i].type != DNS_TYPE_A && of_name[i].type != DNS_TYPE_AAAA) ||
            !ip_parse(of_name[i].data, &address) || !probe_is_of_a_host(address))
            continue;
        if (!is_known)
            rc = add_asked(s, &of_name[i], address, e);
        else if (is_witness && s->n_witnesses < SILENCE_WITNESSES)
            s->witnesses[s->n_witnesses++] = address;
    }
    return rc;
}

enum err silence_collect(TALLOC_CTX *mem, struct sightings *sightings, const struct dns_zone *zone,
                         uint32_t now_h, struct silence **out, struct error *e)
{
    struct silence *s = talloc_zero(NULL, struct silence);
    enum err rc;

    if (!s)
        return err_nomem(e);
    s->zone = zone;
    s->now_h = now_h;
    if ((rc = sightings_walk(sightings, zone->name, visit, s, e)))
        talloc_free(s);
    else
        *out = talloc_steal(mem, s);
    return rc;
}

size_t silence_count(const struct silence *s) { return s->n; }

enum err silence_add(const struct silence *s, struct probe_list *list, struct error *e)
{
    struct probe_target *grown = talloc_realloc(list, list->targets, struct probe_target,
                                                list->n + s->n + s->n_witnesses + 1);

    if (!grown)
        return err_nomem(e);
    list->targets = grown;
    for (size_t i = 0; i < s->n; i++)
        grown[list->n++] = (struct probe_target){ .address = s->all[i].address };
    /* Alone they would be asked for nothing. */
    for (size_t i = 0; s->n && i < s->n_witnesses; i++)
        grown[list->n++] = (struct probe_target){ .address = s->witnesses[i] };
    return OK;
}

static enum probe_answer answer_of(const struct probe_list *list, struct ip address)
{
    const struct probe_target *t = probe_list_find(list, address);

    return t ? t->answer : PROBE_UNTRIED;
}

static bool has_any_answer(const struct silence *s, const struct probe_list *list)
{
    for (size_t i = 0; i < s->n; i++) {
        if (probe_is_answer(answer_of(list, s->all[i].address)))
            return true;
    }
    for (size_t i = 0; i < s->n_witnesses; i++) {
        if (probe_is_answer(answer_of(list, s->witnesses[i])))
            return true;
    }
    return false;
}

/* Those that answered, and with is_silence_told those that were silent. */
static enum err tell(const struct silence *s, struct sightings *sightings,
                     const struct probe_list *list, bool is_silence_told, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < s->n && !rc; i++) {
        const struct asked *a = &s->all[i];
        enum probe_answer answer = answer_of(list, a->address);

        if (probe_is_answer(answer) || (is_silence_told && answer == PROBE_SILENT))
            rc = sightings_probed(sightings, a->name, a->type, a->data, probe_is_answer(answer), e);
    }
    return rc;
}

static enum err note_all(const struct silence *s, struct sightings *sightings,
                         const struct probe_list *list, int64_t now_s, struct error *e)
{
    enum err rc = sightings_begin_probes(sightings, s->zone->name, now_s, e), end;

    if (rc)
        return rc;
    rc = tell(s, sightings, list, true, e);
    end = sightings_end_probes(sightings, rc == OK, rc ? NULL : e);
    return rc ? rc : end;
}

static enum err note_answers(const struct silence *s, struct sightings *sightings,
                             const struct probe_list *list, int64_t now_s, struct error *e)
{
    enum err rc = sightings_begin_answers(sightings, s->zone->name, now_s, e), end;

    if (rc)
        return rc;
    rc = tell(s, sightings, list, false, e);
    end = sightings_end_answers(sightings, rc == OK, rc ? NULL : e);
    return rc ? rc : end;
}

enum err silence_note(const struct silence *s, struct sightings *sightings,
                      const struct probe_list *list, bool is_cut, int64_t now_s,
                      const char **unheard, struct error *e)
{
    const char *why = NULL;
    enum err rc = OK;

    if (s->n && is_cut)
        why = "the time was up before every address had been asked: the silence of this run counts "
              "for nothing";
    else if (s->n && !has_any_answer(s, list))
        why = "nothing in the zone answered, as if the network were down: the silence of this run "
              "counts for nothing";
    if (why)
        log_warning("%s: %s", s->zone->name, why);
    if (s->n)
        rc = why ? note_answers(s, sightings, list, now_s, e)
                 : note_all(s, sightings, list, now_s, e);
    if (!rc)
        *unheard = why;
    return rc;
}
