/* An fsync that takes a millisecond longer, as on an ordinary SSD: preloaded by docs/bench/serve. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int slower(const char *name, int file) {
    int (*sync_file)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int outcome = sync_file(file);
    const struct timespec millisecond = {0, 1000000};
    nanosleep(&millisecond, NULL);
    return outcome;
}

int fsync(int file) { return slower("fsync", file); }

int fdatasync(int file) { return slower("fdatasync", file); }
