#include "base/ip.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool ip_parse(const char *text, struct ip *out)
{
    struct ip a = { 0 };

    if (inet_pton(AF_INET, text, a.bytes) == 1)
        a.family = AF_INET;
    else if (inet_pton(AF_INET6, text, a.bytes) == 1)
        a.family = AF_INET6;
    else
        return false;
    *out = a;
    return true;
}

struct ip ip_from_bytes(int family, const uint8_t *bytes)
{
    struct ip a = { .family = family };

    memcpy(a.bytes, bytes, family == AF_INET ? 4 : 16);
    return a;
}

const char *ip_format(struct ip a, char buf[IP_TEXT_MAX])
{
    if (!inet_ntop(a.family, a.bytes, buf, IP_TEXT_MAX))
        strcpy(buf, "?");
    return buf;
}

bool ip_equal(struct ip a, struct ip b)
{
    return a.family == b.family && memcmp(a.bytes, b.bytes, 16) == 0;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
    if (a->family != b->family)
        return a->family == AF_INET ? -1 : 1;
    return memcmp(a->bytes, b->bytes, 16);
}

bool ip_in_net(struct ip a, struct ip net, unsigned prefix)
{
    unsigned whole = prefix / 8, rest = prefix % 8;

    if (a.family != net.family || prefix > (a.family == AF_INET ? 32 : 128))
        return false;
    if (memcmp(a.bytes, net.bytes, whole) != 0)
        return false;
    return rest == 0 || (a.bytes[whole] ^ net.bytes[whole]) >> (8 - rest) == 0;
}

bool ip_parse_net(const char *text, struct ip *net, unsigned *prefix)
{
    char copy[IP_TEXT_MAX];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    unsigned long bits;
    struct ip a;
    char *end;

    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!ip_parse(copy, &a))
        return false;
    bits = a.family == AF_INET ? 32 : 128;
    if (slash) {
        unsigned long max = bits;

        errno = 0;
        bits = strtoul(slash + 1, &end, 10);
        if (errno || !isdigit((unsigned char)slash[1]) || *end || bits > max)
            return false;
    }
    *net = a;
    *prefix = (unsigned)bits;
    return true;
}

socklen_t ip_to_sockaddr(struct ip a, uint16_t port, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (a.family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;

        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        memcpy(&in->sin_addr, a.bytes, 4);
        return sizeof *in;
    } else {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        memcpy(&in6->sin6_addr, a.bytes, 16);
        return sizeof *in6;
    }
}

bool ip_from_sockaddr(const struct sockaddr *sa, struct ip *out)
{
    if (sa->sa_family == AF_INET)
        *out = ip_from_bytes(AF_INET, (const uint8_t *)&((const struct sockaddr_in *)sa)->sin_addr);
    else if (sa->sa_family == AF_INET6)
        *out =
            ip_from_bytes(AF_INET6, (const uint8_t *)&((const struct sockaddr_in6 *)sa)->sin6_addr);
    else
        return false;
    return true;
}
