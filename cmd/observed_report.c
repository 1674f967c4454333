#include "cmd/observed_report.h"

#include "cmd/output.h"

const char *observed_account_name(enum account_state s)
{
    switch (s) {
    case ACCOUNT_UNASKED:
        return "unasked";
    case ACCOUNT_NONE:
        return "none";
    case ACCOUNT_DISABLED:
        return "disabled";
    case ACCOUNT_THERE:
        return "there";
    case ACCOUNT_UNREAD:
        return "unread";
    }
    return "internal";
}

json_t *observed_json(const struct plan_value *v)
{
    const struct observation *o = v->observed;

    if (!o)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:s, s:o}", "first_seen",
                     output_json_time(o->first_seen_s), "last_changed",
                     output_json_time(o->last_changed_s), "last_confirmed",
                     output_json_time(o->last_confirmed_s), "unchanged_hours",
                     (json_int_t)(o->unchanged_s / 3600), "silent_runs", (json_int_t)o->n_silent,
                     "silent_hours", (json_int_t)(o->silent_s / 3600), "last_answer",
                     o->last_answer_s ? output_json_time(o->last_answer_s) : json_null(), "account",
                     observed_account_name(o->account), "account_detail",
                     output_json_text(o->account_detail));
}

json_t *observed_rules_json(const struct signal_rules *r)
{
    if (!r)
        return json_null();
    return json_pack("{s:I, s:I, s:b}", "silence_runs", (json_int_t)r->silence_runs, "silence_days",
                     (json_int_t)r->silence_days, "missing_account", r->wants_no_account);
}
