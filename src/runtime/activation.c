/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/log.h"
#include "util/number.h"

#define NOTIFY_DIRECTORY "notify"

/* More than systemd itself passes (RLIMIT_NOFILE of a service is 1024 by default). */
#define LISTEN_MAX 1024

/* The socket to tell; NULL if nobody wants to know. */
static const char *manager_socket(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && (*path == '/' || *path == '@') ? path : NULL;
}

static int read_listen(struct plan_activation *ret, struct error *err)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	uint64_t number;

	if (!fds || !*fds)
		return 0;
	if (pid && (!number_parse(pid, INT_MAX, &number) || (pid_t)number != getpid()))
		return 0;
	if (!number_parse(fds, LISTEN_MAX, &number))
		return error_say(err, EINVAL, "LISTEN_FDS=%s is not a number from 0 to %d", fds, LISTEN_MAX);
	ret->listen_fds = (uint32_t)number;
	ret->listen_names = getenv("LISTEN_FDNAMES");
	return 0;
}

int activation_read(const char *root, const char *id, struct oci_arena *arena,
	struct plan_activation *ret, struct error *err)
{
	char cwd[PATH_MAX];

	*ret = (struct plan_activation){ 0 };
	if (manager_socket()) {
		if (*root != '/' && !getcwd(cwd, sizeof(cwd)))
			return error_set(err, errno, "find the working directory");
		ret->notify_directory = *root == '/' ?
			oci_arena_printf(arena, "%s/%s/" NOTIFY_DIRECTORY, root, id) :
			oci_arena_printf(arena, "%s/%s/%s/" NOTIFY_DIRECTORY, cwd, root, id);
		if (!ret->notify_directory)
			return error_set(err, ENOMEM, "prepare the notify socket");
	}
	return read_listen(ret, err);
}

int notify_prepare(const struct state_directory *directory, struct error *err)
{
	if (mkdirat(directory->fd, NOTIFY_DIRECTORY, 0755) < 0 ||
		fchmodat(directory->fd, NOTIFY_DIRECTORY, 0755, 0) < 0)
		return error_set(err, errno, "make the directory of the notify socket");
	return 0;
}

int notify_listen(const struct state_directory *directory, struct notify *ret, struct error *err)
{
	static const char name[] = NOTIFY_DIRECTORY "/" PLAN_NOTIFY_NAME;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;

	if (!manager_socket() || faccessat(directory->fd, NOTIFY_DIRECTORY, F_OK, 0) < 0)
		return 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory->fd, name);
	unlinkat(directory->fd, name, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(err, errno, "make the notify socket");
	/* Whoever the process is there, it may write. */
	if (fchmodat(directory->fd, name, 0777, 0) < 0)
		return error_set(err, errno, "chmod the notify socket");
	ret->socket = steal_fd(&fd);
	return 0;
}

static void tell(const char *path, pid_t pid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[64];
	int length = snprintf(text, sizeof(text), "READY=1\nMAINPID=%d\n", pid);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		log_warning("NOTIFY_SOCKET=%s cannot be told that the container is ready", path);
		return;
	}
	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0';
	else
		size++;
	if (sendto(fd, text, (size_t)length, MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
		log_warning("tell NOTIFY_SOCKET=%s that the container is ready: %s", path, strerror(errno));
}

static bool says_ready(const char *text)
{
	static const char ready[] = "READY=1";
	size_t length = sizeof(ready) - 1;

	for (; *text; text += *text == '\n') {
		if (strncmp(text, ready, length) == 0 && (text[length] == '\n' || !text[length]))
			return true;
		text += strcspn(text, "\n");
	}
	return false;
}

void notify_take(struct notify *notify, pid_t pid)
{
	char text[4096];
	ssize_t got = recv(notify->socket, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (got <= 0)
		return;
	text[got] = '\0';
	if (!says_ready(text))
		return;
	if (manager_socket())
		tell(manager_socket(), pid);
	notify_close(notify);
}

void notify_wait(struct notify *notify, pid_t pid, int pidfd)
{
	struct pollfd fds[2] = { { .fd = notify->socket, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN } };

	while (notify->socket >= 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			notify_take(notify, pid);
		else if (fds[1].revents && poll(fds, 1, 0) <= 0)
			break; /* and nothing was said just before the end */
	}
	notify_close(notify);
}

void notify_close(struct notify *notify)
{
	if (notify->socket >= 0)
		close(notify->socket);
	notify->socket = -1;
}
