#include "dns/name.h"

#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63
/* Every byte as \DDD, and the end of the string. */
#define TEXT_MAX (4 * DNS_NAME_WIRE_MAX + 1)

struct wire_name {
    uint8_t data[DNS_NAME_WIRE_MAX];
    size_t len;
};

static uint8_t to_lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* One byte of a label from *text, which moves past it; false for a bad escape. */
static bool take_byte(const char **text, uint8_t *out)
{
    const char *p = *text;
    unsigned value;

    if (*p != '\\') {
        *out = (uint8_t)*p;
        *text = p + 1;
        return true;
    }
    p++;
    if (!*p)
        return false;
    if (!is_digit(*p)) {
        *out = (uint8_t)*p;
        *text = p + 1;
        return true;
    }
    if (!is_digit(p[1]) || !is_digit(p[2]))
        return false;
    value = (unsigned)(p[0] - '0') * 100 + (unsigned)(p[1] - '0') * 10 + (unsigned)(p[2] - '0');
    if (value > 255)
        return false;
    *out = (uint8_t)value;
    *text = p + 3;
    return true;
}

/* NULL, or the rule that text breaks. */
static const char *parse(const char *text, struct wire_name *out)
{
    struct wire_name w = { .len = 0 };

    if (strcmp(text, ".") == 0)
        text = "";
    else if (!*text)
        return "it is empty";
    while (*text) {
        size_t length_at = w.len++;
        size_t label_len = 0;
        uint8_t c;

        while (*text && *text != '.') {
            if (!take_byte(&text, &c))
                return "bad escape";
            if (++label_len > LABEL_MAX)
                return "a label is longer than 63 bytes";
            /* One byte is kept for the root label. */
            if (w.len >= DNS_NAME_WIRE_MAX - 1)
                return "it is longer than 255 bytes";
            w.data[w.len++] = to_lower(c);
        }
        if (label_len == 0)
            return "empty label";
        w.data[length_at] = (uint8_t)label_len;
        if (*text == '.')
            text++;
    }
    w.data[w.len++] = 0;
    *out = w;
    return NULL;
}

static char *put_byte(char *to, uint8_t c)
{
    c = to_lower(c);
    if (c <= 0x20 || c >= 0x7f)
        return to + sprintf(to, "\\%03u", c);
    if (strchr("\"$().;@\\", c))
        *to++ = '\\';
    *to++ = (char)c;
    return to;
}

/* NULL, or the rule that wire breaks; text has room for TEXT_MAX. */
static const char *format(struct bytes wire, char *text)
{
    struct rd r = rd_init(wire);
    char *to = text;
    uint8_t len;

    if (wire.len > DNS_NAME_WIRE_MAX)
        return "it is longer than 255 bytes";
    while ((len = rd_u8(&r)) != 0) {
        struct bytes label = rd_take(&r, len);

        if (len > LABEL_MAX)
            return "a label is longer than 63 bytes";
        if (to != text)
            *to++ = '.';
        for (size_t i = 0; i < label.len; i++)
            to = put_byte(to, label.data[i]);
    }
    if (r.bad)
        return "it ends inside a label";
    if (rd_left(&r) > 0)
        return "bytes follow its end";
    if (to == text)
        *to++ = '.';
    *to = '\0';
    return NULL;
}

/* A bad name is shown, but in no length that would hide the reason. */
static enum err bad_name(const char *text, const char *rule, struct error *e)
{
    return err_set(e, ERR_MALFORMED, "\"%.80s%s\" is not a DNS name: %s", text,
                   strlen(text) > 80 ? "..." : "", rule);
}

enum err dns_name_normalise(TALLOC_CTX *mem, const char *text, char **out, struct error *e)
{
    struct wire_name w;
    char buf[TEXT_MAX];
    const char *rule = parse(text, &w);
    char *copy;

    if (!rule)
        rule = format((struct bytes){ w.data, w.len }, buf);
    if (rule)
        return bad_name(text, rule, e);
    copy = talloc_strdup(mem, buf);
    if (!copy)
        return err_nomem(e);
    *out = copy;
    return OK;
}

enum err dns_name_to_wire(TALLOC_CTX *mem, const char *text, struct bytes *out, struct error *e)
{
    struct wire_name w;
    const char *rule = parse(text, &w);
    struct bytes copy;

    if (rule)
        return bad_name(text, rule, e);
    copy = bytes_dup(mem, (struct bytes){ w.data, w.len });
    if (!copy.data)
        return err_nomem(e);
    *out = copy;
    return OK;
}

enum err dns_name_from_wire(TALLOC_CTX *mem, struct bytes wire, char **out, struct error *e)
{
    char buf[TEXT_MAX];
    const char *rule = format(wire, buf);
    char *copy;

    if (rule)
        return err_set(e, ERR_MALFORMED, "a name in wire form is malformed: %s", rule);
    copy = talloc_strdup(mem, buf);
    if (!copy)
        return err_nomem(e);
    *out = copy;
    return OK;
}

const char *dns_name_parent(const char *name)
{
    if (strcmp(name, ".") == 0)
        return NULL;
    for (; *name && *name != '.'; name++) {
        if (*name == '\\' && name[1])
            name++;
    }
    return *name ? name + 1 : ".";
}

bool dns_name_within(const char *name, const char *zone)
{
    for (; name; name = dns_name_parent(name)) {
        if (strcmp(name, zone) == 0)
            return true;
    }
    return false;
}

char *dns_name_relative(TALLOC_CTX *mem, const char *name, const char *zone)
{
    if (!dns_name_within(name, zone))
        return NULL;
    if (strcmp(name, zone) == 0)
        return talloc_strdup(mem, "@");
    if (strcmp(zone, ".") == 0)
        return talloc_strdup(mem, name);
    return talloc_strndup(mem, name, strlen(name) - strlen(zone) - 1);
}

char *dns_name_absolute(TALLOC_CTX *mem, const char *relative, const char *zone)
{
    if (strcmp(relative, "@") == 0)
        return talloc_strdup(mem, zone);
    if (strcmp(zone, ".") == 0)
        return talloc_strdup(mem, relative);
    return talloc_asprintf(mem, "%s.%s", relative, zone);
}

char *dns_name_reverse(TALLOC_CTX *mem, struct ip address)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = address.bytes;
    char nibbles[16 * 4 + 1];
    char *to = nibbles;

    if (address.family == AF_INET)
        return talloc_asprintf(mem, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
    for (int i = 15; i >= 0; i--) {
        *to++ = digits[b[i] & 0xf];
        *to++ = '.';
        *to++ = digits[b[i] >> 4];
        *to++ = '.';
    }
    *to = '\0';
    return talloc_asprintf(mem, "%sip6.arpa", nibbles);
}

/* "7.0.53.10.in-addr.arpa": four octets, least significant first, without leading zeros. */
static bool parse_ip4(const char *name, struct ip *out)
{
    uint8_t bytes[4];

    for (int i = 3; i >= 0; i--) {
        unsigned value = 0, digits = 0;

        for (; is_digit(*name) && digits < 3; digits++)
            value = value * 10 + (unsigned)(*name++ - '0');
        if (digits == 0 || value > 255 || (digits > 1 && name[-(int)digits] == '0') ||
            *name++ != '.')
            return false;
        bytes[i] = (uint8_t)value;
    }
    if (strcmp(name, "in-addr.arpa") != 0)
        return false;
    *out = ip_from_bytes(AF_INET, bytes);
    return true;
}

static bool parse_ip6(const char *name, struct ip *out)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[16] = { 0 };

    for (int i = 31; i >= 0; i--) {
        const char *at = *name ? strchr(digits, *name) : NULL;

        if (!at || name[1] != '.')
            return false;
        bytes[i / 2] |= (uint8_t)((at - digits) << (i % 2 ? 0 : 4));
        name += 2;
    }
    if (strcmp(name, "ip6.arpa") != 0)
        return false;
    *out = ip_from_bytes(AF_INET6, bytes);
    return true;
}

bool dns_name_to_ip(const char *name, struct ip *out)
{
    return parse_ip4(name, out) || parse_ip6(name, out);
}
