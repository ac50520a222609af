/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between a service manager that started us and the container: LISTEN_FDS and NOTIFY_SOCKET. */
#ifndef SILO_RUNTIME_ACTIVATION_H
#define SILO_RUNTIME_ACTIVATION_H

#include <stdbool.h>

#include "plan/compile.h"
#include "runtime/state.h"

/* Listens for the container's "READY=1", to tell the service manager. */
struct notify {
	int socket; /* -1: nobody wants to know, or it was told */
};

#define NOTIFY_INIT { .socket = -1 }

/**
 * activation_read - what our environment says
 * @root, @id: where the container's directory will be
 * @ret: receives it; all empty if we were not started by a service manager
 *
 * LISTEN_FDS is meant for another process if LISTEN_PID is not ours.
 */
int activation_read(const char *root, const char *id, struct oci_arena *arena,
	struct plan_activation *ret, struct error *err);

/** notify_prepare - make the directory that the container gets to see, in its state directory */
int notify_prepare(const struct state_directory *directory, struct error *err);

/**
 * notify_listen - make the socket, if a service manager wants to know and create had been asked to prepare it
 * @ret: release with notify_close()
 */
int notify_listen(const struct state_directory *directory, struct notify *ret, struct error *err);

/** notify_take - read what the container said; once it is "READY=1" pass that on with MAINPID=@pid, and close */
void notify_take(struct notify *notify, pid_t pid);

/** notify_wait - wait until the container is ready, or its process (@pidfd) has ended */
void notify_wait(struct notify *notify, pid_t pid, int pidfd);

/** notify_close - release the socket */
void notify_close(struct notify *notify);

#endif
