#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "register/notify.h"

/* The service manager: a datagram socket. */
static int manager(char *path, size_t size)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(path, size, "/tmp/muster-test-notify.%ld", (long)getpid());
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    unlink(path);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void what_is_told_arrives(void **state)
{
    char path[64], heard[256];
    int fd = manager(path, sizeof path);
    ssize_t n;

    (void)state;
    setenv("NOTIFY_SOCKET", path, 1);
    notify_send("READY=1\nSTATUS=%s", "registered");
    n = recv(fd, heard, sizeof heard - 1, 0);
#ifdef HAVE_LIBSYSTEMD
    assert_true(n > 0);
    heard[n] = '\0';
    assert_string_equal(heard, "READY=1\nSTATUS=registered");
#else
    assert_true(n < 0);
#endif
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1");
    assert_true(recv(fd, heard, sizeof heard, 0) < 0);
    close(fd);
    unlink(path);
}

static void the_watchdog_is_fed_twice_in_its_interval(void **state)
{
    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "60000000", 1);
#ifdef HAVE_LIBSYSTEMD
    assert_int_equal(notify_watchdog_ms(), 30000);
#endif
    setenv("WATCHDOG_PID", "1", 1); /* meant for somebody else */
    assert_int_equal(notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_arrives),
        cmocka_unit_test(the_watchdog_is_fed_twice_in_its_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
