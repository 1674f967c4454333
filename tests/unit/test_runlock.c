#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "register/runlock.h"

struct fixture {
    char *base;
    const char *dir; /* does not exist yet */
};

static enum err lock(struct fixture *f, TALLOC_CTX *mem, const char *section, const char *what)
{
    struct error e = { 0 };
    enum err rc = runlock_wait(mem, f->dir, section, what, deadline_in(0), &e);

    assert_int_equal(rc, e.code);
    if (rc)
        assert_non_null(strstr(e.message, "process"));
    return rc;
}

static void a_section_is_locked_once(void **state)
{
    struct fixture *f = *state;
    TALLOC_CTX *first = talloc_new(f);

    assert_int_equal(lock(f, first, NULL, "register"), OK);
    assert_int_equal(lock(f, f, NULL, "register"), ERR_BUSY);
    assert_int_equal(lock(f, f, "lab", "register"), OK);
    assert_int_equal(lock(f, f, "lab", "register"), ERR_BUSY);
    assert_int_equal(lock(f, f, NULL, "watch"), OK);
    talloc_free(first);
    assert_int_equal(lock(f, f, NULL, "register"), OK);
}

static void a_directory_that_cannot_be_made_stops_nothing(void **state)
{
    struct fixture *f = *state;

    f->dir = "/proc/nonexistent/muster";
    assert_int_equal(lock(f, f, NULL, "register"), OK);
    assert_int_equal(lock(f, f, NULL, "register"), OK);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->base = talloc_strdup(f, "/tmp/muster-test-lock.XXXXXX");
    *state = f;
    if (!mkdtemp(f->base))
        return -1;
    f->dir = talloc_asprintf(f, "%s/state", f->base);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    int rc = system(talloc_asprintf(f, "rm -rf %s", f->base));

    return talloc_free(f) || rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_section_is_locked_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_made_stops_nothing, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
