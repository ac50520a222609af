/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a caller gives and wants back besides the container: preserved descriptors, documents, the pid file, descriptors by
 * a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/container.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/file.h"

/* Seconds that a console socket's owner may take to make room for us. */
#define PATIENCE 5

/*
 * Descriptors 3 to 2+N belong to the container's process. Closed ones among them are
 * filled, close-on-exec, so that nothing of ours gets such a number.
 */
int caller_reserve_fds(uint32_t count, struct error *err)
{
	for (uint32_t fd = 3; fd < 3 + count; fd++) {
		int opened;

		/* Close-on-exec it is not the caller's, but our log, and stays so. */
		if (fcntl((int)fd, F_GETFD) >= 0)
			continue;
		opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (opened < 0)
			return error_set(err, errno, "reserve descriptor %u of --preserve-fds", fd);
		if (opened != (int)fd) {
			int r = dup3(opened, (int)fd, O_CLOEXEC);

			close(opened);
			if (r < 0)
				return error_set(err, errno, "reserve descriptor %u of --preserve-fds", fd);
		}
	}
	return 0;
}

int caller_pid_file(const char *path, pid_t pid, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX], number[16];
	_cleanup_close_ int fd = -1;

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 1,
		slash ? path : ".");
	fd = open(*directory ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "open the directory of the pid file %s", path);
	snprintf(number, sizeof(number), "%d", pid);
	if (file_replace(fd, slash ? slash + 1 : path, number, strlen(number), err) < 0) {
		error_prefix(err, "pid file %s", path);
		return -err->code;
	}
	return 0;
}

/* The address holds 107 bytes. A longer path is that of the socket as our descriptor, as in runc's console sockets. */
static int name_socket(const char *what, const char *path, struct sockaddr_un *address, int *held, struct error *err)
{
	if (strlen(path) < sizeof(address->sun_path)) {
		strcpy(address->sun_path, path);
		return 0;
	}
	*held = open(path, O_PATH | O_CLOEXEC);
	if (*held < 0)
		return error_set(err, errno, "open the %s %s", what, path);
	snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d", *held);
	return 0;
}

int caller_send_fd(const char *what, const char *path, int fd_sent, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1, held = -1;
	static const char name[] = "/dev/ptmx";
	struct timeval patience = { .tv_sec = PATIENCE };
	int r = name_socket(what, path, &address, &held, err);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Holds for connect(2), too (unix(7)), which waits for room in the listener's queue. */
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == EAGAIN)
			return error_say(err, ETIMEDOUT,
				"connect to the %s %s: nobody took a connection within %d s, and its queue is full",
				what, path, PATIENCE);
		return error_set(err, errno, "connect to the %s %s", what, path);
	}
	if (sys_send_with_fd(fd, name, sizeof(name) - 1, fd_sent) < 0)
		return error_set(err, errno, "send a descriptor to the %s %s", what, path);
	return 0;
}

int caller_document(const struct oci_type *type, const char *path, struct oci_document **ret,
	struct error *err)
{
	struct oci_arena *arena = oci_arena_new();
	struct oci_error cause;
	const char *text;
	size_t length;
	int r;

	if (!arena)
		return error_set(err, ENOMEM, "read %s", path);
	r = file_read(AT_FDCWD, path, OCI_DOCUMENT_MAX, arena, &text, &length, err);
	if (r == 0 && oci_read(type, text, length, 0, ret, &cause) < 0)
		r = error_say(err, cause.code, "%s (line %u)%s%s: %s", path, cause.line,
			*cause.pointer ? ": " : "", cause.pointer, cause.message);
	oci_arena_free(arena);
	return r;
}
