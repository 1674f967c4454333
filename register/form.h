/*
 * How a plan is put into UPDATE messages: one per zone, in the form that the kind of server
 * wants.  Pure.
 */
#ifndef REGISTER_FORM_H
#define REGISTER_FORM_H

#include <stdbool.h>
#include <stdint.h>

struct plan;
struct published;

enum update_form {
    /*
     * Adds, then exact deletes: what is there is added again.  Samba stamps it anew if that
     * is due and else writes nothing; a delete in front would make it write every time.
     */
    FORM_ADDS,
    /*
     * Nearly as Windows' own client: no alias here; delete every value that goes or is refreshed;
     * add every one that is to be there.  Windows compares the end result with what it had, so what
     * is the same is refreshed and not written anew.  Its client deletes the A and AAAA RRsets;
     * here only values are deleted, as nobody proves which kind of server this is.
     */
    FORM_REPLACE,
};

/* kind: as in struct contact; what is not known to be Windows gets FORM_ADDS. */
enum update_form form_for(const char *kind);

/*
 * Fill the plan's updates from its steps.  No form touches other types than A, AAAA and PTR, nor
 * other owners than those of the steps.  False without memory.
 */
bool form_updates(struct plan *p, const struct published *pub, enum update_form form,
                  uint32_t ttl_s);

#endif
