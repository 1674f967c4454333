#include "tests/unit/realm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct realm {
    char *dir;
    uint16_t port;
    pid_t kdc;
};

int64_t clock_ahead_s;

/* These stand in front of the C library's: the libraries under test see our clock. */
time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += clock_ahead_s;
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    struct timespec now;

    (void)tz;
    clock_gettime(CLOCK_REALTIME, &now);
    tv->tv_sec = now.tv_sec + clock_ahead_s;
    tv->tv_usec = now.tv_nsec / 1000;
    return 0;
}

const char *realm_path(struct realm *r, const char *file)
{
    return talloc_asprintf(r, "%s/%s", r->dir, file);
}

uint16_t realm_port(const struct realm *r) { return r->port; }

bool realm_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    bool ok = f && fputs(text, f) >= 0;

    return f && fclose(f) == 0 && ok;
}

/* The daemons are where ordinary users do not look. */
static void run_child(struct realm *r, char *const argv[])
{
    int log = open(realm_path(r, "log"), O_WRONLY | O_CREAT | O_APPEND, 0600);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin", 1);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execvp(argv[0], argv);
    dprintf(log, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static bool run(struct realm *r, char *const argv[])
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        run_child(r, argv);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

bool realm_run(struct realm *r, const char *program, ...)
{
    char *argv[8] = { (char *)(uintptr_t)program };
    va_list ap;

    va_start(ap, program);
    for (int i = 1; i < 7; i++) {
        argv[i] = va_arg(ap, char *);
        if (!argv[i])
            break;
    }
    va_end(ap);
    return run(r, argv);
}

bool realm_admin(struct realm *r, const char *command)
{
    return realm_run(r, "kadmin.local", "-r", REALM, "-q", command, (char *)NULL);
}

bool realm_account(struct realm *r, const char *principal, const char *keytab)
{
    char *add = talloc_asprintf(r, "addprinc -randkey %s", principal);
    char *write = talloc_asprintf(r, "ktadd -k %s %s", keytab, principal);

    return realm_admin(r, add) && realm_admin(r, write);
}

static uint16_t free_port(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&in, sizeof in) != 0 ||
        getsockname(fd, (struct sockaddr *)&in, &len) != 0)
        in.sin_port = 0;
    close(fd);
    return ntohs(in.sin_port);
}

static bool is_listening(uint16_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool ok = connect(fd, (struct sockaddr *)&in, sizeof in) == 0;

    close(fd);
    return ok;
}

void realm_use(struct realm *r) { setenv("KRB5_CONFIG", realm_path(r, "krb5.conf"), 1); }

static bool write_configuration(struct realm *r)
{
    char *kdc =
        talloc_asprintf(r,
                        "[kdcdefaults]\nkdc_listen = 127.0.0.1:%u\n"
                        "kdc_tcp_listen = 127.0.0.1:%u\n"
                        "[realms]\n" REALM " = {\ndatabase_name = %s/principal\n"
                        "key_stash_file = %s/stash\nacl_file = %s/acl\n"
                        "supported_enctypes = aes256-cts-hmac-sha1-96:normal\n"
                        "default_principal_flags = +preauth\n}\n"
                        "[logging]\nkdc = FILE:%s/kdc.log\nadmin_server = FILE:%s/kdc.log\n",
                        r->port, r->port, r->dir, r->dir, r->dir, r->dir, r->dir);
    /* Nobody answers for NOWHERE.TEST: port 1 of the loopback interface is closed. */
    char *krb5 = talloc_asprintf(r,
                                 "[libdefaults]\ndefault_realm = " REALM "\n"
                                 "dns_lookup_kdc = false\ndns_lookup_realm = false\nrdns = true\n"
                                 "[realms]\n" REALM " = {\nkdc = 127.0.0.1:%u\n}\n"
                                 "NOWHERE.TEST = {\nkdc = 127.0.0.1:1\n}\n",
                                 r->port);

    setenv("KRB5_KDC_PROFILE", realm_path(r, "kdc.conf"), 1);
    setenv("KRB5CCNAME", realm_path(r, "callers-cache"), 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    unsetenv("KRB5_KTNAME");
    unsetenv("KRB5_CLIENT_KTNAME");
    realm_use(r);
    return realm_write(realm_path(r, "kdc.conf"), kdc) &&
           realm_write(realm_path(r, "krb5.conf"), krb5);
}

bool realm_start_kdc(struct realm *r)
{
    char *const argv[] = { (char *)(uintptr_t) "krb5kdc", (char *)(uintptr_t) "-n", NULL };

    r->kdc = fork();
    if (r->kdc == 0)
        run_child(r, argv);
    for (int i = 0; i < 500 && r->kdc > 0; i++) {
        const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

        if (is_listening(r->port))
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void tell_why(struct realm *r)
{
    FILE *log = fopen(realm_path(r, "log"), "r");
    char line[512];

    fprintf(stderr, "the throw-away realm does not start (Debian: krb5-kdc, krb5-admin-server)\n");
    while (log && fgets(line, sizeof line, log))
        fputs(line, stderr);
    if (log)
        fclose(log);
}

static struct realm *the_realm;

struct realm *realm_start(void)
{
    struct realm *r = talloc_zero(NULL, struct realm);
    const char *base = getenv("TMPDIR");

    r->dir = talloc_asprintf(r, "%s/muster-realm.XXXXXX", base ? base : "/tmp");
    r->port = free_port();
    if (mkdtemp(r->dir) && chmod(r->dir, 0755) == 0 && write_configuration(r) &&
        realm_run(r, "kdb5_util", "create", "-s", "-P", "throw-away", (char *)NULL) &&
        realm_start_kdc(r))
        return the_realm = r;
    tell_why(r);
    realm_free(r);
    return NULL;
}

void realm_stop_kdc(struct realm *r)
{
    if (r->kdc <= 0)
        return;
    kill(r->kdc, SIGTERM);
    waitpid(r->kdc, NULL, 0);
    r->kdc = 0;
}

void realm_free(struct realm *r)
{
    if (!r)
        return;
    realm_stop_kdc(r);
    realm_run(r, "rm", "-rf", r->dir, (char *)NULL);
    talloc_free(r);
}

int realm_group_teardown(void **state)
{
    (void)state;
    realm_free(the_realm);
    the_realm = NULL;
    return 0;
}
