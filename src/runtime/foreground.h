/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run and exec in the foreground: standing between the caller and the container's process until that ends. */
#ifndef SILO_RUNTIME_FOREGROUND_H
#define SILO_RUNTIME_FOREGROUND_H

#include <sys/types.h>

#include "util/error.h"

struct notify;

/**
 * foreground_wait - wait for the container's process, forwarding signals
 * @master: the terminal's master, copied to and from our own standard streams, and closed; -1 without a terminal
 * @notify: served meanwhile; NULL if there is none
 * @status: receives the exit status, 128 + n if signal n ended it
 *
 * All signals must be blocked before the process is started. Where the caller's streams are gone, so is the
 * container's terminal: its processes get SIGHUP, as from any terminal that is closed. What the process wrote before
 * its end is passed on, for which a reader that takes its time is waited for unless a signal asked us to end. The
 * caller's terminal is restored before this returns, and while we are stopped by SIGTSTP.
 */
int foreground_wait(pid_t pid, int pidfd, int master, struct notify *notify, int *status,
	struct error *err);

#endif
