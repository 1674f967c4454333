/* What the administrator's program prints: addresses. */
#include "register/address_command.h"
#include "register/choose.h"
#include "tests/fuzz/fuzz.h"

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct ip *ips, *again;
    struct error e = { 0 };
    char *text = talloc_strdup(mem, ""), buf[IP_TEXT_MAX];
    size_t n, n_again;
    enum err rc = address_command_read(mem, in, &ips, &n, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_CONFIG);
        return;
    }
    must_hold(n > 0 && n <= ADDRESS_COMMAND_MAX_ADDRESSES);
    for (size_t i = 0; i < n; i++) {
        must_hold(address_is_publishable(ips[i]) && !address_is_in(ips[i], ips, i));
        text = talloc_asprintf_append(text, "%s\n", ip_format(ips[i], buf));
    }
    must_hold(address_command_read(mem, (struct bytes){ (const uint8_t *)text, strlen(text) },
                                   &again, &n_again, &e) == OK);
    must_hold(n_again == n);
    for (size_t i = 0; i < n; i++)
        must_hold(ip_equal(ips[i], again[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
