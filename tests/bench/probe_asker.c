/*
 * probe_asker RATE PORTS MS: asks the addresses on standard input as `muster scavenge --probe` does
 * (PORTS of its usual ports, 0 for ICMP only; MS for an answer), for tests/bench/probe.  Prints
 * asked, answered, not asked, seconds and the most descriptors that were open.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "scavenger/probe.h"

static int by_address(const void *a, const void *b)
{
    const struct probe_target *x = a, *y = b;

    return ip_compare(&x->address, &y->address);
}

static struct probe_target *read_targets(TALLOC_CTX *mem, size_t *n)
{
    struct probe_target *list = NULL;
    char line[128];

    *n = 0;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        list = talloc_realloc(mem, list, struct probe_target, *n + 1);
        if (!list || !ip_parse(line, &list[*n].address))
            return NULL;
        (*n)++;
    }
    if (list)
        qsort(list, *n, sizeof *list, by_address);
    return list;
}

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the directory itself */
}

/* Called for each address that the last port is asked of. */
static void watch_descriptors(size_t done, size_t total, void *priv)
{
    size_t *most = priv, n = done % 64 == 0 ? open_descriptors() : 0;

    (void)total;
    *most = n > *most ? n : *most;
}

int main(int argc, char **argv)
{
    TALLOC_CTX *mem = talloc_new(NULL);
    struct probe_params params = probe_params_default();
    struct probe_summary summary;
    struct probe_target *targets;
    size_t n, most = 0, ports;
    struct error e = { 0 };
    int64_t begin;

    if (argc != 4 || !(targets = read_targets(mem, &n))) {
        fputs("usage: probe_asker RATE PORTS MS <addresses\n", stderr);
        return 2;
    }
    params.per_second = (unsigned)strtoul(argv[1], NULL, 10);
    ports = strtoul(argv[2], NULL, 10);
    params.n_ports = ports < params.n_ports ? ports : params.n_ports;
    params.answer_ms = (int)strtol(argv[3], NULL, 10);
    params.total_ms = 3600 * 1000;
    most = open_descriptors() + 2; /* the sockets for echoes */
    begin = clock_monotonic_ms();
    if (probe_run(targets, n, &params, watch_descriptors, &most, &summary, &e)) {
        fprintf(stderr, "%s\n", e.message);
        return 1;
    }
    printf("%zu %zu %zu %.3f %zu\n", n, summary.n_answered, summary.n_untried,
           (double)(clock_monotonic_ms() - begin) / 1000, most);
    talloc_free(mem);
    return 0;
}
