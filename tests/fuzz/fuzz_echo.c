/* What comes to an ICMP socket: is it the reply to our request? */
#include "scavenger/probe_echo.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t cookie[ECHO_COOKIE_LEN] = "muster!!";

static void check(struct bytes packet, int family, bool is_raw)
{
    struct echo_socket s = { .fd = -1, .family = family, .is_raw = is_raw };
    uint8_t request[ECHO_LEN];

    if (echo_is_reply(&s, packet, 0x1234, cookie))
        must_hold(memmem(packet.data, packet.len, cookie, sizeof cookie));
    echo_request(request, family, 0x1234, 1, cookie);
    must_hold(!echo_is_reply(&s, (struct bytes){ request, sizeof request }, 0x1234, cookie));
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    (void)mem;
    check(in, AF_INET, false);
    check(in, AF_INET, true);
    check(in, AF_INET6, false);
    check(in, AF_INET6, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
