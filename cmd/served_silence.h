/* The round of probes in each regular run over zones that ask for silence (scavenger/silence.h). */
#ifndef CMD_SERVED_SILENCE_H
#define CMD_SERVED_SILENCE_H

#include "cmd/planning.h"
#include "cmd/served_pass.h"
#include "scavenger/served_updates.h"

/*
 * After the transfers: ask, note the answers in the store, and set p->params.zones[].unheard.
 * *out is on ctx->mem and has the answers; NULL where no zone asks for silence.
 */
enum err served_silence_ask(struct context *ctx, struct served_store *store, struct planning *p,
                            int64_t now_s, struct probe_list **out, struct error *e);

/* After the survey: an answer keeps, also a record that a heartbeat dates. */
enum err served_silence_keep(const struct probe_list *list, struct survey *survey, struct error *e);

/*
 * Ask once more, right before the updates: who answers now keeps his records, and so does who
 * cannot be asked and has no heartbeat. As look_again of struct served_server; only ERR_NOMEM is an
 * error.
 */
enum err served_silence_again(const struct context *ctx, TALLOC_CTX *mem,
                              const struct journal_node *changes, size_t n,
                              struct served_look *looks, struct error *e);

#endif
