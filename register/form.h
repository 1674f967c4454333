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
struct renewal;

enum update_form {
    /*
     * Adds, then exact deletes: what is there is added again.  Samba stamps it anew if that
     * is due and else writes nothing; a delete in front would make it write every time.
     */
    FORM_ADDS,
    /*
     * For named, and for what is not known: it may be in front of Samba's directory (BIND9_DLZ),
     * which never sees the addition of a record that is there already.  As FORM_ADDS; but what is
     * due to be stamped anew is deleted and added, value by value, in one message.  And one message
     * at a time: updates of several zones that are under way together can leave a name owned by
     * the system there, which its host could never change again.
     */
    FORM_RENEW,
    /*
     * Nearly as Windows' own client: no alias here; delete every value that goes or is refreshed;
     * add every one that is to be there.  Windows compares the end result with what it had, so what
     * is the same is refreshed and not written anew.  Its client deletes the A and AAAA RRsets;
     * here only values are deleted, as nobody proves which kind of server this is.
     */
    FORM_REPLACE,
};

/*
 * kind: as in struct contact; has_edns: as in struct published.  Only a server that does not speak
 * EDNS, as Samba's own, is trusted to stamp anew what is added again; no named is without.  Taken
 * for named, Samba's own and plain servers lose nothing: delete and add are one transaction.
 */
enum update_form form_for(const char *kind, bool has_edns);

/*
 * Fill the plan's updates from its steps.  renewal: for FORM_RENEW; NULL: all is due.  No form
 * touches other types than A, AAAA, PTR and TXT (heartbeats, value by value), nor other owners than
 * those of the steps.  False without memory.
 */
bool form_updates(struct plan *p, const struct published *pub, enum update_form form,
                  const struct renewal *renewal, uint32_t ttl_s);

#endif
