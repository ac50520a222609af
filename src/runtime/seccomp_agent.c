/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seccomp agent: config-linux.md, "The Container Process State" (SEC-14..17). */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/version.h"

/* How long an agent may take to accept and to read, in seconds: the container's process waits for it. */
#define AGENT_DEADLINE 20

int seccomp_agent_find(const char *path, struct error *err)
{
	struct stat st;

	if (*path == '@')
		return 0;
	if (stat(path, &st) < 0)
		return error_set(err, errno, "failed to connect with seccomp agent: %s", path);
	if (!S_ISSOCK(st.st_mode))
		return error_say(err, ENOTSOCK, "failed to connect with seccomp agent: %s is not a socket", path);
	return 0;
}

static int connect_to(const char *path, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval deadline = { .tv_sec = AGENT_DEADLINE };
	size_t length = strlen(path);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (length >= sizeof(address.sun_path))
		return error_say(err, ENAMETOOLONG, "failed to connect with seccomp agent: %s", path);
	memcpy(address.sun_path, path, length);
	/* An abstract name begins with a NUL, and ends with the address' length (unix(7)). */
	if (*path == '@')
		address.sun_path[0] = '\0';
	else
		length++;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline)) < 0 ||
		connect(fd, (struct sockaddr *)&address,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		return error_set(err, errno, "failed to connect with seccomp agent: %s", path);
	return steal_fd(&fd);
}

/* The descriptor goes with the first bytes, whatever of them the socket takes at once (SEC-16). */
static int send_all(int socket, const char *text, size_t length, int fd)
{
	while (length > 0) {
		ssize_t sent = sys_send_with_fd(socket, text, length, fd);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		text += sent;
		length -= (size_t)sent;
		fd = -1;
	}
	return 0;
}

int seccomp_agent_send(const struct host_seccomp *agent, pid_t pid, const struct oci_state *state,
	int listener, struct error *err)
{
	const char *names[] = { "seccompFd" };
	struct oci_container_process_state message = { .ociVersion = SILO_SPEC_VERSION, .fds = { 1, names },
		.pid = pid, .metadata = agent->metadata, .state = (struct oci_state *)state };
	struct oci_arena *arena;
	_cleanup_close_ int fd = -1;
	struct oci_error error;
	const char *text;
	size_t length;
	int r = 0;

	if (listener < 0)
		return error_say(err, EPROTO, "init did not send the seccomp listener");
	arena = oci_arena_new();
	if (!arena)
		return error_set(err, ENOMEM, "tell the seccomp agent");
	if (oci_write(&oci_container_process_state_type, &message, 0, arena, &text, &length, &error) < 0)
		r = error_say(err, EINVAL, "write the state for the seccomp agent: %s", error.message);
	if (r == 0)
		r = fd = connect_to(agent->path, err);
	if (r >= 0) {
		r = send_all(fd, text, length, listener);
		if (r < 0)
			error_set(err, -r, "send the listener to the seccomp agent %s", agent->path);
	}
	oci_arena_free(arena);
	return r;
}
