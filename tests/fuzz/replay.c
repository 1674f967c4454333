/*
 * Stands in for libFuzzer in ordinary builds: gives a target every input that is kept for it,
 * tests/fuzz/corpus/NAME and tests/fuzz/regressions/NAME, or the files named.  TAP.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static void cannot(const char *what, const char *path)
{
    printf("1..1\nnot ok 1 - cannot %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "r");
    struct stat st;
    uint8_t *input;

    if (!file || fstat(fileno(file), &st) != 0)
        cannot("open", path);
    /* Exactly as long as the input, so that one byte too many is seen. */
    input = malloc(st.st_size ? (size_t)st.st_size : 1);
    if (!input || fread(input, 1, (size_t)st.st_size, file) != (size_t)st.st_size)
        cannot("read", path);
    fclose(file);
    /* Last words, should this input be the end. */
    fprintf(stderr, "# %s\n", path);
    LLVMFuzzerTestOneInput(input, (size_t)st.st_size);
    free(input);
}

/* How many there were; a folder that is not there has none. */
static size_t replay_folder(const char *kind, const char *name)
{
    const char *top = getenv("srcdir");
    char *folder = talloc_asprintf(NULL, "%s/tests/fuzz/%s/%s", top ? top : ".", kind, name);
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    size_t count = 0;

    if (n < 0 && errno != ENOENT)
        cannot("list", folder);
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            char *path = talloc_asprintf(folder, "%s/%s", folder, entries[i]->d_name);

            replay_file(path);
            talloc_free(path);
            count++;
        }
        free(entries[i]);
    }
    free(entries);
    talloc_free(folder);
    return count;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
    size_t corpus, regressions;

    if (strncmp(name, "fuzz_", 5) == 0)
        name += 5;
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            replay_file(argv[i]);
        return 0;
    }
    corpus = replay_folder("corpus", name);
    regressions = replay_folder("regressions", name);
    printf("1..1\n%sok 1 - %s: %zu inputs and %zu regressions\n", corpus ? "" : "not ", name,
           corpus, regressions);
    return corpus ? 0 : 1;
}
