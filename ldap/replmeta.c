#include "ldap/replmeta.h"

#define BLOB_VERSION 1
#define ENTRY_LEN 48
#define GUID_LEN 16
/* From 1601, where the directory counts from, to 1970. */
#define EPOCH_S INT64_C(11644473600)
/* The year 30828, which is where FILETIME ends. */
#define CHANGED_MAX_S UINT64_C(922337203685)

static enum err malformed(struct error *e, const char *what)
{
    return err_set(e, ERR_MALFORMED, "replPropertyMetaData: %s", what);
}

enum err replmeta_find(struct bytes blob, uint32_t attribute, struct replmeta *out, struct error *e)
{
    struct rd r = rd_init(blob);
    uint32_t version = rd_le32(&r), n;

    rd_le32(&r); /* reserved */
    n = rd_le32(&r);
    rd_le32(&r); /* reserved */
    if (r.bad || version != BLOB_VERSION)
        return malformed(e, "not of version 1");
    if (rd_left(&r) / ENTRY_LEN < n)
        return malformed(e, "shorter than its number of attributes");
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = rd_le32(&r);
        struct replmeta found = { .version = rd_le32(&r) };
        uint64_t changed_s = rd_le64(&r);

        rd_take(&r, GUID_LEN); /* who changed it */
        rd_le64(&r);           /* its and our change numbers */
        rd_le64(&r);
        if (id != attribute)
            continue;
        if (changed_s > CHANGED_MAX_S)
            return malformed(e, "a change beyond the end of time");
        found.changed_at = (int64_t)changed_s - EPOCH_S;
        *out = found;
        return OK;
    }
    return err_set(e, ERR_NOTFOUND, "replPropertyMetaData: attribute %08x was never set",
                   attribute);
}
