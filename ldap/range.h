/* Names of attributes that come in ranges: "dnsRecord;range=0-1499", "dnsRecord;range=1500-*". */
#ifndef LDAP_RANGE_H
#define LDAP_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct value_range {
    uint32_t first;
    uint32_t last; /* 0 where is_final */
    bool is_final;
};

/* Is attribute a range of the attribute name (case ignored)?  False, *out untouched, otherwise. */
bool range_parse(const char *attribute, const char *name, struct value_range *out);

#endif
