#include "ldap/sd.h"

#include <inttypes.h>

#define REVISION 1
#define SUB_AUTHORITIES_MAX 15
#define SELF_RELATIVE 0x8000

char *sid_text(TALLOC_CTX *mem, struct bytes raw)
{
    struct rd r = rd_init(raw);
    uint8_t revision = rd_u8(&r), n = rd_u8(&r);
    uint64_t authority = rd_be48(&r);
    char *text;

    if (r.bad || revision != REVISION || n > SUB_AUTHORITIES_MAX || rd_left(&r) < 4 * (size_t)n)
        return NULL;
    /* MS-DTYP 2.4.2.1: authorities past 32 bits are written in hexadecimal. */
    text = authority > UINT32_MAX ? talloc_asprintf(mem, "S-1-0x%012" PRIX64, authority)
                                  : talloc_asprintf(mem, "S-1-%" PRIu64, authority);
    for (uint8_t i = 0; text && i < n; i++)
        text = talloc_asprintf_append_buffer(text, "-%" PRIu32, rd_le32(&r));
    return text;
}

char *sd_owner(TALLOC_CTX *mem, struct bytes descriptor)
{
    struct rd r = rd_init(descriptor);
    uint8_t revision = rd_u8(&r);
    uint16_t control;
    uint32_t at;

    rd_u8(&r);
    control = rd_le16(&r);
    at = rd_le32(&r);
    if (r.bad || revision != REVISION || !(control & SELF_RELATIVE) || at == 0 ||
        at >= descriptor.len)
        return NULL;
    return sid_text(mem, (struct bytes){ descriptor.data + at, descriptor.len - at });
}
