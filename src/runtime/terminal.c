/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "sys/process.h"
#include "util/cleanup.h"

/* Seconds that a console socket's owner may take to make room for us. */
#define PATIENCE 5

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

int terminal_send(const char *what, const char *path, int fd_sent, struct error *err)
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

void terminal_copy_size(int master)
{
	struct winsize size;

	if (master >= 0 && (ioctl(0, TIOCGWINSZ, &size) == 0 || ioctl(1, TIOCGWINSZ, &size) == 0))
		ioctl(master, TIOCSWINSZ, &size);
}

void terminal_keep(int master)
{
	struct termios mode;

	/* Now, since the process may ask for it at once. */
	terminal_copy_size(master);
	if (isatty(1) || tcgetattr(master, &mode) < 0)
		return;
	mode.c_oflag &= ~(tcflag_t)ONLCR;
	tcsetattr(master, TCSANOW, &mode);
}
