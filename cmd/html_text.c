#include <stdint.h>

#include "cmd/report_html.h"

/* Length of the UTF-8 character at s and its number; 0 where it is none (RFC 3629). */
static size_t decode(const unsigned char *s, uint32_t *out)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0;
    uint32_t c = n == 1 ? *s : n ? *s & (0x7fu >> n) : 0;

    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *out = c;
    return n;
}

/* Controls, marks that turn the direction of text, and what takes no space. */
static bool is_deceiving(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

void html_text(FILE *f, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    uint32_t c = 0;

    while (s && *s) {
        size_t n = decode(s, &c);

        if (n == 0)
            fprintf(f, "\\%03u", *s);
        else if (is_deceiving(c))
            fprintf(f, "\\u{%X}", (unsigned)c);
        else if (c == '&')
            fputs("&amp;", f);
        else if (c == '<')
            fputs("&lt;", f);
        else if (c == '>')
            fputs("&gt;", f);
        else if (c == '"')
            fputs("&quot;", f);
        else if (c == '\'')
            fputs("&#39;", f);
        else
            fwrite(s, 1, n, f);
        s += n ? n : 1;
    }
}
