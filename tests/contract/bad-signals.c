/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A library to preload: signals that are caught arrive all the time, and calls that they interrupt
 * are not begun again.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
note(int number)
{
    (void)number;
}

__attribute__((constructor)) static void
set_up(void)
{
    static const int numbers[] = { SIGALRM, SIGCHLD, SIGWINCH };
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction action;
        struct sigevent event;
        timer_t timer;
        memset(&action, 0, sizeof action);
        memset(&event, 0, sizeof event);
        action.sa_handler = note;
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = numbers[i];
        const struct itimerspec often = { { 0, 300000 + 70000 * i }, { 0, 300000 } };
        if (sigaction(numbers[i], &action, NULL) != 0 ||
            timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
            timer_settime(timer, 0, &often, NULL) != 0)
            abort();
    }
}
