/*
 * What fuzz targets share.  A target gives arbitrary bytes to one decoder and says what must hold
 * whatever they are; it is linked with libFuzzer (testenv/build fuzz) or with replay.c.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <string.h>
#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dns/rr.h"

/* What libFuzzer and replay.c call; each target has one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert(3) never compiled out: to break one is what a target is for. */
#define must_hold(claim) ((claim) ? (void)0 : fuzz_broken(#claim, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *claim, const char *file, int line);

/*
 * Call one with the input and a context of its own, which is freed afterwards; whatever of talloc's
 * is then still there is a leak and breaks.  Log lines are made, and dropped.  Gives 0.
 */
int fuzz_run(const uint8_t *data, size_t size, void (*one)(TALLOC_CTX *mem, struct bytes in));

/* An error says its code and, on one line, what is wrong; OK says nothing. */
void must_say(enum err rc, const struct error *e);

/* Is text printable on one line as it stands?  Bytes above ASCII count as printable. */
bool is_printable(const char *text);

/* Is name in the one form that dns/rr.h gives names? */
bool is_normalised(TALLOC_CTX *mem, const char *name);

/* Does the view lie inside whole?  An empty one does. */
bool is_inside(struct bytes view, struct bytes whole);

/* The input as a string on mem, cut at its first NUL. */
char *fuzz_text(TALLOC_CTX *mem, struct bytes in);

/* The next of a row of values with their lengths (two bytes, big endian) in front, as DNS over TCP
 * has them; the last is as long as there are bytes.  False at the end. */
bool fuzz_next(struct rd *r, struct bytes *out);

/* The answer to q: the first of a row of DNS messages that reads as one.  False: there is none. */
bool fuzz_answer(TALLOC_CTX *mem, struct bytes stream, const struct dns_question *q,
                 struct dns_answer *out);

#endif
