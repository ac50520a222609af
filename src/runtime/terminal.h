/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal's master: handed to a manager, or served by ourselves in the foreground. */
#ifndef SILO_RUNTIME_TERMINAL_H
#define SILO_RUNTIME_TERMINAL_H

#include <sys/types.h>

#include "util/error.h"

struct notify;

/** terminal_send - pass the master to the console socket at @path (SCM_RIGHTS, as runc's --console-socket) */
int terminal_send(const char *path, int master, struct error *err);

/**
 * terminal_keep - prepare a master that we serve ourselves, before the process writes its first line
 *
 * It gets the size of our own terminal. Whoever reads a pipe from us wants the program's own line ends, as from
 * runc: without ONLCR.
 */
void terminal_keep(int master);

/**
 * foreground_wait - wait for the container's process, forwarding signals
 * @master: the terminal's master, copied to and from our own standard streams; -1 without a terminal
 * @notify: served meanwhile; NULL if there is none
 * @status: receives the exit status, 128 + n if signal n ended it
 *
 * All signals must be blocked before the process is started. The caller's
 * terminal is restored before this returns.
 */
int foreground_wait(pid_t pid, int pidfd, int master, struct notify *notify, int *status,
	struct error *err);

#endif
