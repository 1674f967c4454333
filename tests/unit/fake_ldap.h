/*
 * A directory that says what a test wants: a thread at the other end of a socket pair reads
 * requests and sends scripted answers.  Nothing is bound or sealed here.
 */
#ifndef TESTS_UNIT_FAKE_LDAP_H
#define TESTS_UNIT_FAKE_LDAP_H

#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ldap/directory.h"

struct fake {
    pthread_t thread;
    Sockbuf *sb;
    struct directory *d;
    void (*script)(struct fake *f);
    void *priv;
    ber_int_t msgid; /* of the request read last */
    ber_tag_t op;
    BerElement *request;
    int n_requests;
};

/* The next request; false when the client has gone.  Abandon requests are passed over. */
static inline bool fake_read(struct fake *f)
{
    ber_len_t len;

    do {
        ber_free(f->request, 1);
        f->request = ber_alloc_t(LBER_USE_DER);
        if (ber_get_next(f->sb, &len, f->request) != LDAP_TAG_MESSAGE ||
            ber_scanf(f->request, "i", &f->msgid) == LBER_ERROR)
            return false;
        f->op = ber_peek_tag(f->request, &len);
    } while (f->op == LDAP_REQ_ABANDON);
    f->n_requests++;
    return f->op != LDAP_REQ_UNBIND;
}

static inline void fake_send(struct fake *f, BerElement *ber)
{
    if (ber_flush2(f->sb, ber, LBER_FLUSH_FREE_ALWAYS) != 0)
        return;
}

/* An entry with one attribute; its values are the strings after it, up to NULL. */
static inline void fake_entry(struct fake *f, const char *dn, const char *attribute,
                              const char *const *values)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, dn);
    if (attribute) {
        ber_printf(ber, "{s[", attribute);
        for (; *values; values++)
            ber_printf(ber, "s", *values);
        ber_printf(ber, "]}");
    }
    ber_printf(ber, "}}}");
    fake_send(f, ber);
}

/* cookie NULL: without paging control. */
static inline void fake_result(struct fake *f, ber_tag_t op, int code, const char *text,
                               const char *cookie)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    ber_printf(ber, "{it{ess}", f->msgid, op, code, "", text);
    if (cookie) {
        BerElement *page = ber_alloc_t(LBER_USE_DER);
        struct berval value;

        ber_printf(page, "{is}", 0, cookie);
        ber_flatten2(page, &value, 0);
        ber_printf(ber, "t{{sO}}", (ber_tag_t)LDAP_TAG_CONTROLS, LDAP_CONTROL_PAGEDRESULTS, &value);
        ber_free(page, 1);
    }
    ber_printf(ber, "}");
    fake_send(f, ber);
}

/* The rootDSE of a domain controller, vendor NULL: of one that does not say who made it. */
static inline void fake_root(struct fake *f, const char *vendor)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    ber_printf(ber, "{it{s{{s[s]}{s[s]}{s[s]}{s[s]}", f->msgid, LDAP_RES_SEARCH_ENTRY, "",
               "dnsHostName", "dc1.example.test", "defaultNamingContext", "DC=test",
               "rootDomainNamingContext", "DC=test", "namingContexts", "DC=test");
    if (vendor)
        ber_printf(ber, "{s[s]}", "vendorName", vendor);
    ber_printf(ber, "}}}");
    fake_send(f, ber);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
}

static inline void *fake_run(void *priv)
{
    struct fake *f = priv;
    ber_socket_t fd = -1;
    sigset_t pipe;

    /* For this thread only: the client itself must not depend on the signal being ignored. */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    f->script(f);
    ber_sockbuf_ctrl(f->sb, LBER_SB_OPT_GET_FD, &fd);
    shutdown(fd, SHUT_RDWR);
    return NULL;
}

static inline void fake_start(struct fake *f, TALLOC_CTX *mem, int timeout_ms)
{
    int fds[2];
    struct error e;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    f->sb = ber_sockbuf_alloc();
    ber_sockbuf_add_io(f->sb, &ber_sockbuf_io_tcp, LBER_SBIOD_LEVEL_PROVIDER, NULL);
    ber_sockbuf_ctrl(f->sb, LBER_SB_OPT_SET_FD, &fds[0]);
    assert_int_equal(directory_wrap(mem, fds[1], "dc1.example.test", 389, timeout_ms, &f->d, &e),
                     OK);
    assert_int_equal(pthread_create(&f->thread, NULL, fake_run, f), 0);
}

static inline void fake_stop(struct fake *f)
{
    talloc_free(f->d);
    pthread_join(f->thread, NULL);
    ber_free(f->request, 1);
    ber_sockbuf_free(f->sb);
}

#endif
