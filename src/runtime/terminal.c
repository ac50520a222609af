/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/activation.h"
#include "sys/process.h"
#include "util/cleanup.h"

/* Seconds that a console socket's owner may take to make room for us. */
#define PATIENCE 5

int terminal_send(const char *path, int master, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;
	static const char name[] = "/dev/ptmx";
	struct timeval patience = { .tv_sec = PATIENCE };

	if (strlen(path) >= sizeof(address.sun_path))
		return error_say(err, ENAMETOOLONG, "console socket %s: the path is longer than %zu bytes",
			path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Holds for connect(2), too (unix(7)), which waits for room in the listener's queue. */
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == EAGAIN)
			return error_say(err, ETIMEDOUT,
				"connect to the console socket %s: nobody took a connection within %d s, and its queue is full",
				path, PATIENCE);
		return error_set(err, errno, "connect to the console socket %s", path);
	}
	if (sys_send_with_fd(fd, name, sizeof(name) - 1, master) < 0)
		return error_set(err, errno, "send the terminal to the console socket %s", path);
	return 0;
}

/* Our terminal's size is the container's, too. */
static void copy_size(int master)
{
	struct winsize size;

	if (master >= 0 && ioctl(0, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size);
}

void terminal_keep(int master)
{
	struct termios mode;

	/* Now, since the process may ask for it at once. */
	copy_size(master);
	if (isatty(1) || tcgetattr(master, &mode) < 0)
		return;
	mode.c_oflag &= ~(tcflag_t)ONLCR;
	tcsetattr(master, TCSANOW, &mode);
}

struct foreground {
	int master;
	bool raw;               /* our terminal's mode was changed */
	struct termios saved;
	bool input_open;
	char input[4096];       /* read from our standard input, not yet taken by the master */
	size_t input_length;
	bool line_begun;        /* what was read last does not end a line */
};

static void enter(struct foreground *f)
{
	struct termios mode;

	if (f->master < 0)
		return;
	/* A process that does not read must not keep us from taking what it writes. */
	fcntl(f->master, F_SETFL, O_RDWR | O_NONBLOCK);
	if (tcgetattr(0, &f->saved) < 0)
		return;
	mode = f->saved;
	cfmakeraw(&mode);
	f->raw = tcsetattr(0, TCSANOW, &mode) == 0;
	copy_size(f->master);
}

static void leave(const struct foreground *f)
{
	if (f->raw)
		tcsetattr(0, TCSANOW, &f->saved);
}

/* Copies what is there; false at the end. */
static bool copy(int from, int to)
{
	char buffer[4096];
	ssize_t got = read(from, buffer, sizeof(buffer));

	for (ssize_t done = 0; done < got;) {
		ssize_t now = write(to, buffer + done, (size_t)(got - done));

		if (now < 0 && errno == EAGAIN) {
			struct pollfd room = { .fd = to, .events = POLLOUT };

			poll(&room, 1, -1);
		} else if (now < 0 && errno != EINTR) {
			return false;
		}
		done += now > 0 ? now : 0;
	}
	return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

/*
 * A file or pipe has an end, a terminal a character that stands for one (termios(3), VEOF): without it, a
 * shell that is given its commands on our standard input would wait for more. After an unfinished line it takes
 * two, as the first ends only that.
 */
static void end_input(struct foreground *f)
{
	struct termios mode;

	f->input_open = false;
	if (f->master < 0 || tcgetattr(f->master, &mode) < 0)
		return;
	f->input_length = f->line_begun ? 2 : 1;
	memset(f->input, mode.c_cc[VEOF], f->input_length);
}

static void read_input(struct foreground *f)
{
	ssize_t got = read(0, f->input, sizeof(f->input));

	if (got > 0) {
		f->input_length = (size_t)got;
		f->line_begun = f->input[got - 1] != '\n';
	} else if (got == 0) {
		end_input(f);
	} else if (errno != EINTR && errno != EAGAIN) {
		f->input_open = false;
	}
}

static void write_input(struct foreground *f)
{
	ssize_t done = write(f->master, f->input, f->input_length);

	if (done <= 0)
		return;
	f->input_length -= (size_t)done;
	memmove(f->input, f->input + done, f->input_length);
}

static void take_status(int raw, int *status)
{
	*status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
}

/* The pidfd says that it has ended; whatever became of the SIGCHLD. */
static int reap(pid_t pid, int *status, struct error *err)
{
	int raw;

	while (waitpid(pid, &raw, 0) < 0) {
		if (errno != EINTR)
			return error_set(err, errno, "wait for process %d", pid);
	}
	take_status(raw, status);
	return 0;
}

/* True once the container's process has ended. */
static bool take_signal(const struct foreground *f, int signals, pid_t pid, int pidfd, int *status)
{
	struct signalfd_siginfo info;
	int raw;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGCHLD) {
		pid_t ended;

		/* As a subreaper we inherit the container's orphans. */
		while ((ended = waitpid(-1, &raw, WNOHANG)) > 0) {
			if (ended != pid)
				continue;
			take_status(raw, status);
			return true;
		}
	} else if (info.ssi_signo == SIGWINCH) {
		copy_size(f->master);
	} else if (info.ssi_signo != SIGPIPE && info.ssi_signo != SIGURG) {
		sys_pidfd_send_signal(pidfd, (int)info.ssi_signo);
	}
	return false;
}

int foreground_wait(pid_t pid, int pidfd, int master, struct notify *notify, int *status,
	struct error *err)
{
	struct foreground f = { .master = master, .input_open = master >= 0 };
	_cleanup_close_ int signals = -1;
	bool ended = false;
	sigset_t all;
	int r = 0;

	sigfillset(&all);
	signals = signalfd(-1, &all, SFD_CLOEXEC);
	if (signals < 0)
		return error_set(err, errno, "signalfd");
	enter(&f);
	while (r == 0 && !ended) {
		struct pollfd fds[5] = { { .fd = signals, .events = POLLIN },
			{ .fd = f.master, .events = f.input_length ? POLLIN | POLLOUT : POLLIN },
			{ .fd = f.input_open && !f.input_length && f.master >= 0 ? 0 : -1, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = notify ? notify->socket : -1, .events = POLLIN } };

		if (poll(fds, 5, -1) < 0) {
			r = errno == EINTR ? 0 : error_set(err, errno, "poll");
			continue;
		}
		if (fds[1].revents & POLLOUT)
			write_input(&f);
		if (fds[1].revents & ~POLLOUT && !copy(f.master, 1))
			f.master = -1;
		if (fds[2].revents)
			read_input(&f);
		if (fds[4].revents)
			notify_take(notify, pid);
		if (fds[0].revents)
			ended = take_signal(&f, signals, pid, pidfd, status);
		if (!ended && fds[3].revents) {
			r = reap(pid, status, err);
			ended = true;
		}
	}
	while (f.master >= 0) {
		struct pollfd last = { .fd = f.master, .events = POLLIN };

		/* What the process wrote before its end; EIO follows. */
		if (poll(&last, 1, 0) <= 0 || !copy(f.master, 1))
			break;
	}
	leave(&f);
	return r;
}
