/* A directory of the test's own, removed with all that is in it when mem is freed. */
#ifndef TESTS_UNIT_TEMPDIR_H
#define TESTS_UNIT_TEMPDIR_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static inline int tempdir_remove_one(const char *path, const struct stat *st, int type,
                                     struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline int tempdir_remove(char *path)
{
    nftw(path, tempdir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static inline const char *tempdir(TALLOC_CTX *mem)
{
    const char *base = getenv("TMPDIR");
    char *path = talloc_asprintf(mem, "%s/muster-test-XXXXXX", base ? base : "/tmp");

    assert_non_null(path);
    assert_non_null(mkdtemp(path));
    talloc_set_destructor(path, tempdir_remove);
    return path;
}

static inline void put_file(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* The file as it is, read without the code under test. */
static inline struct bytes get_file(TALLOC_CTX *mem, const char *path)
{
    struct stat st;
    uint8_t *buf;
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &st), 0);
    buf = talloc_size(mem, (size_t)st.st_size + 1);
    assert_non_null(buf);
    assert_int_equal(fread(buf, 1, (size_t)st.st_size + 1, f), st.st_size);
    buf[st.st_size] = 0;
    fclose(f);
    return (struct bytes){ buf, (size_t)st.st_size };
}

static inline size_t count_entries(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *ent;
    size_t n = 0;

    assert_non_null(d);
    while ((ent = readdir(d)))
        n += strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0;
    closedir(d);
    return n;
}

static inline mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

#endif
