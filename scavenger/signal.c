#include "scavenger/signal.h"

#include <inttypes.h>

#include "base/clock.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

bool signal_is_wanted(const struct signal_rules *r)
{
    return r && (r->silence_runs > 0 || r->wants_no_account);
}

uint32_t signal_stamp(const struct observation *o, uint32_t now_h)
{
    int64_t unchanged_h = o->unchanged_s > 0 ? o->unchanged_s / HOUR_S : 0;

    return unchanged_h < now_h ? now_h - (uint32_t)unchanged_h : 1;
}

enum reason signal_silence(const struct signal_rules *r, const struct observation *o,
                           const char *unheard)
{
    if (r->silence_runs == 0)
        return REASON_STALE;
    if (o->n_silent == 0 && o->last_answer_s != 0)
        return REASON_ANSWERS;
    if (unheard)
        return REASON_EVIDENCE_MISSING;
    if (o->n_silent < r->silence_runs || o->silent_s < (int64_t)r->silence_days * DAY_S)
        return REASON_SILENCE_SHORT;
    return REASON_STALE;
}

enum reason signal_account(const struct signal_rules *r, const struct observation *o)
{
    if (!r->wants_no_account)
        return REASON_STALE;
    switch (o->account) {
    case ACCOUNT_NONE:
    case ACCOUNT_DISABLED:
        return REASON_STALE;
    case ACCOUNT_THERE:
        return REASON_HAS_ACCOUNT;
    case ACCOUNT_UNASKED:
    case ACCOUNT_UNREAD:
        break;
    }
    return REASON_EVIDENCE_MISSING;
}

/* ---- for people ---- */

/* "30 h", "12 d", on mem: whole ones, rounded down. */
static char *span(TALLOC_CTX *mem, int64_t seconds)
{
    int64_t h = seconds > 0 ? seconds / HOUR_S : 0;

    return h < 72 ? talloc_asprintf(mem, "%" PRId64 " h", h)
                  : talloc_asprintf(mem, "%" PRId64 " d", h / 24);
}

static char *explain_silence(TALLOC_CTX *mem, char *text, const struct observation *o)
{
    char *over = span(mem, o->silent_s);
    char *when = clock_rfc3339(mem, o->last_answer_s);

    if (!text || !over || !when)
        return NULL;
    if (o->n_silent)
        text = talloc_asprintf_append_buffer(text, "; silent in %u %s over %s", o->n_silent,
                                             o->n_silent == 1 ? "run" : "runs", over);
    if (text && o->last_answer_s)
        text = talloc_asprintf_append_buffer(text, "; answered last at %s", when);
    else if (text && !o->n_silent)
        text = talloc_strdup_append_buffer(text, "; no probe of it has counted yet");
    return text;
}

char *signal_explain(TALLOC_CTX *mem, const struct signal_rules *r, const struct observation *o)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *over = span(tmp, o->unchanged_s), *when = clock_rfc3339(tmp, o->last_changed_s);
    char *text = over && when
                     ? talloc_asprintf(mem, "unchanged for %s (seen to change %s)", over, when)
                     : NULL;

    if (text && r->silence_runs)
        text = explain_silence(tmp, text, o);
    if (text && o->account_detail)
        text = talloc_asprintf_append_buffer(text, "; %s", o->account_detail);
    talloc_free(tmp);
    return text;
}

static enum err add_gap(struct signal_gaps *g, char *text, struct error *e)
{
    if (!text)
        return err_nomem(e);
    g->text[g->n++] = text;
    return OK;
}

static enum err silence_gap(TALLOC_CTX *mem, const struct signal_rules *r,
                            const struct observation *o, struct signal_gaps *g, struct error *e)
{
    int64_t missing_s = (int64_t)r->silence_days * DAY_S - o->silent_s;
    unsigned missing = o->n_silent < r->silence_runs ? r->silence_runs - o->n_silent : 0;
    enum err rc = OK;

    if (missing)
        rc = add_gap(g,
                     talloc_asprintf(mem, "%u more silent %s (%u of %u)", missing,
                                     missing == 1 ? "run" : "runs", o->n_silent, r->silence_runs),
                     e);
    if (!rc && missing_s > 0) {
        char *over = span(mem, o->silent_s), *more = span(mem, missing_s + HOUR_S - 1);

        rc = add_gap(g,
                     over && more ? talloc_asprintf(mem, "%s more of silence (%s of %u d)", more,
                                                    over, r->silence_days)
                                  : NULL,
                     e);
    }
    return rc;
}

enum err signal_gaps(TALLOC_CTX *mem, const struct signal_rules *r, const struct observation *o,
                     uint32_t life_h, struct signal_gaps *out, struct error *e)
{
    int64_t unchanged_h = o->unchanged_s > 0 ? o->unchanged_s / HOUR_S : 0;
    struct signal_gaps g = { .n = 0 };
    enum err rc = OK;

    if (!signal_is_wanted(r)) {
        rc = add_gap(&g,
                     talloc_strdup(mem, "a second signal: the zone's section asks for none "
                                        "(silence-runs and silence-days, missing-account)"),
                     e);
    } else {
        if (unchanged_h <= life_h)
            rc = add_gap(&g,
                         talloc_asprintf(mem,
                                         "%" PRId64 " h more without a change (%" PRId64
                                         " of more than %u h, while runs observed)",
                                         life_h + 1 - unchanged_h, unchanged_h, life_h),
                         e);
        if (!rc && r->silence_runs)
            rc = silence_gap(mem, r, o, &g, e);
        if (!rc && signal_account(r, o) != REASON_STALE)
            rc = add_gap(&g,
                         talloc_strdup(mem, o->account == ACCOUNT_UNASKED
                                                ? "that its host's computer account is missing or "
                                                  "disabled (asked when all else is there)"
                                                : "that its host's computer account is missing or "
                                                  "disabled"),
                         e);
    }
    if (!rc)
        *out = g;
    return rc;
}
