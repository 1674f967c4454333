#include "dns/rr.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* IANA "Resource Record (RR) TYPEs", those that are met in the field. */
static const struct {
    uint16_t type;
    const char *name;
} types[] = {
    { 1, "A" },      { 2, "NS" },      { 5, "CNAME" },  { 6, "SOA" },       { 12, "PTR" },
    { 13, "HINFO" }, { 15, "MX" },     { 16, "TXT" },   { 17, "RP" },       { 18, "AFSDB" },
    { 24, "SIG" },   { 25, "KEY" },    { 28, "AAAA" },  { 29, "LOC" },      { 33, "SRV" },
    { 35, "NAPTR" }, { 36, "KX" },     { 37, "CERT" },  { 39, "DNAME" },    { 41, "OPT" },
    { 42, "APL" },   { 43, "DS" },     { 44, "SSHFP" }, { 45, "IPSECKEY" }, { 46, "RRSIG" },
    { 47, "NSEC" },  { 48, "DNSKEY" }, { 49, "DHCID" }, { 50, "NSEC3" },    { 51, "NSEC3PARAM" },
    { 52, "TLSA" },  { 53, "SMIMEA" }, { 59, "CDS" },   { 60, "CDNSKEY" },  { 61, "OPENPGPKEY" },
    { 62, "CSYNC" }, { 63, "ZONEMD" }, { 64, "SVCB" },  { 65, "HTTPS" },    { 99, "SPF" },
    { 249, "TKEY" }, { 250, "TSIG" },  { 251, "IXFR" }, { 252, "AXFR" },    { 255, "ANY" },
    { 256, "URI" },  { 257, "CAA" },
};

static const char *const rcodes[] = {
    "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
    "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE",
};

const char *dns_type_name(uint16_t type, char buf[16])
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type) {
            snprintf(buf, 16, "%s", types[i].name);
            return buf;
        }
    }
    snprintf(buf, 16, "TYPE%u", type);
    return buf;
}

bool dns_type_parse(const char *text, uint16_t *out)
{
    unsigned value = 0;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcasecmp(types[i].name, text) == 0) {
            *out = types[i].type;
            return true;
        }
    }
    if (strncasecmp(text, "TYPE", 4) != 0 || !text[4])
        return false;
    for (text += 4; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (unsigned)(*text - '0');
        if (value > UINT16_MAX)
            return false;
    }
    *out = (uint16_t)value;
    return true;
}

bool dns_type_is_of_signing(uint16_t type)
{
    static const uint16_t made[] = {
        46 /* RRSIG */, 47 /* NSEC */,    48 /* DNSKEY */, 50 /* NSEC3 */, 51 /* NSEC3PARAM */,
        59 /* CDS */,   60 /* CDNSKEY */, 63 /* ZONEMD */, 65534,
    };

    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        if (made[i] == type)
            return true;
    }
    return false;
}

const char *dns_rcode_name(int rcode, char buf[16])
{
    if (rcode >= 0 && (size_t)rcode < sizeof rcodes / sizeof rcodes[0])
        snprintf(buf, 16, "%s", rcodes[rcode]);
    else
        snprintf(buf, 16, "RCODE%d", rcode);
    return buf;
}
