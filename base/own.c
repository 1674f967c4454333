#include "base/own.h"

#include <unistd.h>

struct owner {
    void *handle;
    void (*release)(void *handle);
};

struct fd_owner {
    int fd;
};

static int owner_destroy(struct owner *o)
{
    o->release(o->handle);
    return 0;
}

static int fd_owner_destroy(struct fd_owner *o)
{
    close(o->fd);
    return 0;
}

bool own(TALLOC_CTX *mem, void *handle, void (*release)(void *handle))
{
    struct owner *o = talloc(mem, struct owner);

    if (!o) {
        release(handle);
        return false;
    }
    *o = (struct owner){ handle, release };
    talloc_set_destructor(o, owner_destroy);
    return true;
}

bool own_fd(TALLOC_CTX *mem, int fd)
{
    struct fd_owner *o = talloc(mem, struct fd_owner);

    if (!o) {
        close(fd);
        return false;
    }
    o->fd = fd;
    talloc_set_destructor(o, fd_owner_destroy);
    return true;
}
