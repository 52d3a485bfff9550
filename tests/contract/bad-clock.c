/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A library to preload: clocks that jump. BAD_CLOCK=real: the time of day goes hours forward and
 * back each BAD_CLOCK_EVERY calls (default 10). BAD_CLOCK=steady: the clock that only goes forward
 * leaps by an hour, once, after so many calls.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static int jumps_real, jumps_steady;
static unsigned every = 10;
static atomic_uint real_calls, steady_calls;

__attribute__((constructor)) static void
set_up(void)
{
    const char *kind = getenv("BAD_CLOCK"), *count = getenv("BAD_CLOCK_EVERY");
    jumps_real = kind && strcmp(kind, "real") == 0;
    jumps_steady = kind && strcmp(kind, "steady") == 0;
    if (count && atoi(count) > 0)
        every = (unsigned)atoi(count);
}

/* Seconds by which the time of day is wrong now. */
static time_t
real_error(void)
{
    static const time_t errors[] = { 0, 5 * 3600, -7 * 3600, 40 * 86400, -3, 3600 };
    return jumps_real ? errors[atomic_fetch_add(&real_calls, 1) / every %
                               (sizeof errors / sizeof errors[0])]
                      : 0;
}

static time_t
steady_error(void)
{
    return jumps_steady && atomic_fetch_add(&steady_calls, 1) >= every ? 3600 : 0;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int status = next(clock, now);
    if (status == 0)
        now->tv_sec += clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? real_error()
                       : clock == CLOCK_MONOTONIC                                ? steady_error()
                                                                                 : 0;
    return status;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){ .tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000 };
    return 0;
}

time_t
time(time_t *out)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (out)
        *out = exact.tv_sec;
    return exact.tv_sec;
}
