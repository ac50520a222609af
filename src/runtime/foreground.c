/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The foreground is one poll(2) over the caller's streams, the terminal's master, signals and the process's pidfd. Nothing
 * else in it may block: while we wait for one side, the other, a signal or the process's end would go unnoticed.
 */
#include "runtime/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/activation.h"
#include "runtime/terminal.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/log.h"

/* More than a pseudo-terminal holds (some 12 KiB): what comes after it was written after the process's end. */
#define PTY_HOLDS 65536

/* What is under way in one direction. */
struct flow {
	char data[16384];
	size_t length;
};

struct foreground {
	pid_t pid;
	int pidfd;
	bool ended;             /* the process; it was waited for */
	int *status;
	bool told_to_end;       /* by a signal */

	int master;             /* -1: there is no terminal, or none any more */
	int slave;              /* held: a process may close its terminal and open it again, as systemd does its console */
	bool silent;            /* it is not held, and nobody has the terminal open */
	bool on_terminal;       /* our standard input is one */
	bool background;        /* it is another job's */
	bool raw;               /* its mode was changed */
	bool have_saved;
	struct termios saved;   /* its mode as we found it */

	bool input_open;
	bool line_begun;        /* what was read last does not end a line */
	struct flow input;      /* read from our standard input, not yet taken by the master */
	int output;             /* our standard output */
	size_t portion;         /* so much it takes without blocking once poll(2) says that it takes any */
	struct flow shown;      /* read from the master, not yet taken by our standard output */
};

static void enter_raw(struct foreground *f)
{
	pid_t group = tcgetpgrp(0);
	struct termios mode;

	/* Without job control, and where it is no terminal, nobody has it. */
	f->background = group > 0 && group != getpgrp();
	if (f->background || (!f->have_saved && tcgetattr(0, &f->saved) < 0))
		return;
	f->have_saved = true;
	mode = f->saved;
	cfmakeraw(&mode);
	f->raw = tcsetattr(0, TCSANOW, &mode) == 0;
	terminal_copy_size(f->master);
}

/* At once (TCSANOW): what our terminal has not shown yet may never be shown. */
static void leave_raw(struct foreground *f)
{
	if (f->raw)
		tcsetattr(0, TCSANOW, &f->saved);
	f->raw = false;
}

/*
 * O_NONBLOCK belongs to the open file, which our caller and its other children share. So we open one of our own, where
 * that does nothing else: pipes and terminals. The owner may forbid it; a pipe that takes any takes PIPE_BUF bytes (pipe(7)).
 */
static void open_output(struct foreground *f)
{
	struct stat st;

	f->output = -1;
	f->portion = sizeof(f->shown.data);
	if (fstat(1, &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(1)))
		f->output = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (f->output >= 0)
		return;
	f->output = 1;
	if (S_ISFIFO(st.st_mode))
		f->portion = PIPE_BUF;
	else if (isatty(1))
		f->portion = 1;
}

static void enter(struct foreground *f)
{
	f->output = f->slave = -1;
	if (f->master < 0)
		return;
	fcntl(f->master, F_SETFL, O_RDWR | O_NONBLOCK);
	f->slave = ioctl(f->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	f->input_open = true;
	f->on_terminal = isatty(0);
	open_output(f);
	enter_raw(f);
}

/* Closed, the master leaves the container's processes with a terminal that was hung up. */
static void hang_up(struct foreground *f)
{
	if (f->slave >= 0)
		close(f->slave);
	if (f->master >= 0)
		close(f->master);
	f->slave = f->master = -1;
	f->input_open = false;
	f->input.length = f->shown.length = 0;
}

static void leave(struct foreground *f)
{
	leave_raw(f);
	hang_up(f);
	if (f->output > 1)
		close(f->output);
}

static void take(struct flow *flow, size_t done)
{
	flow->length -= done;
	memmove(flow->data, flow->data + done, flow->length);
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
	if (tcgetattr(f->master, &mode) < 0)
		return;
	f->input.length = f->line_begun ? 2 : 1;
	memset(f->input.data, mode.c_cc[VEOF], f->input.length);
}

static void read_input(struct foreground *f)
{
	ssize_t got = read(0, f->input.data, sizeof(f->input.data));

	if (got > 0) {
		f->input.length = (size_t)got;
		f->line_begun = f->input.data[got - 1] != '\n';
	} else if (got == 0) {
		end_input(f);
	} else if (errno != EINTR && errno != EAGAIN) {
		f->input_open = false;
	}
}

static void write_input(struct foreground *f)
{
	ssize_t done = write(f->master, f->input.data, f->input.length);

	if (done > 0)
		take(&f->input, (size_t)done);
	else if (errno != EINTR && errno != EAGAIN)
		f->input.length = 0; /* nobody has the terminal open */
}

/* Whether anything came. */
static bool read_master(struct foreground *f)
{
	ssize_t got = read(f->master, f->shown.data + f->shown.length, sizeof(f->shown.data) - f->shown.length);

	if (got > 0)
		f->shown.length += (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		f->silent = true;
	return got > 0;
}

/* False once nobody can be shown anything any more. */
static bool write_output(struct foreground *f)
{
	size_t size = f->shown.length < f->portion ? f->shown.length : f->portion;
	ssize_t done = send(f->output, f->shown.data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (done < 0 && errno == ENOTSOCK)
		done = write(f->output, f->shown.data, size);
	if (done >= 0)
		take(&f->shown, (size_t)done);
	else if (errno != EINTR && errno != EAGAIN) {
		if (errno != EPIPE && errno != EIO)
			log_warning("write what the container's terminal shows to standard output: %s: the terminal is hung up",
				strerror(errno));
		return false;
	}
	return true;
}

static void take_status(struct foreground *f, int raw)
{
	*f->status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
	f->ended = true;
}

/* The pidfd says that it has ended; whatever became of the SIGCHLD. */
static int reap(struct foreground *f, struct error *err)
{
	int raw;

	while (waitpid(f->pid, &raw, 0) < 0) {
		if (errno != EINTR)
			return error_set(err, errno, "wait for process %d", f->pid);
	}
	take_status(f, raw);
	return 0;
}

/* As a subreaper we inherit the container's orphans. */
static void reap_any(struct foreground *f)
{
	pid_t pid;
	int raw;

	while ((pid = waitpid(-1, &raw, WNOHANG)) > 0) {
		if (pid == f->pid)
			take_status(f, raw);
	}
}

/* Our terminal is given back for as long as we are stopped, like by any program that has changed its mode. */
static void stop(struct foreground *f)
{
	leave_raw(f);
	kill(getpid(), SIGSTOP);
	enter_raw(f);
}

static void take_signal(struct foreground *f, int signals)
{
	struct signalfd_siginfo info;
	int number;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	number = (int)info.ssi_signo;
	if (number == SIGCHLD) {
		reap_any(f);
	} else if (number == SIGWINCH) {
		terminal_copy_size(f->master);
	} else if (number == SIGTSTP && f->raw) {
		stop(f);
	} else if (number != SIGPIPE && number != SIGURG) {
		f->told_to_end |= number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
		if (!f->ended)
			sys_pidfd_send_signal(f->pidfd, number);
	}
	/* Who stopped us, and brought us back, has its own mode on our terminal. */
	if (number == SIGCONT && f->on_terminal && f->master >= 0)
		enter_raw(f);
}

enum { SIGNALS, MASTER, INPUT, OUTPUT, PROCESS, NOTIFY, FD_COUNT };

static void choose(const struct foreground *f, int signals, const struct notify *notify, struct pollfd *fds)
{
	bool room = f->shown.length < sizeof(f->shown.data);
	bool reading = f->input_open && !f->input.length && !f->background;

	fds[SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
	fds[MASTER] = (struct pollfd){ .fd = f->master,
		.events = (short)((room ? POLLIN : 0) | (f->input.length ? POLLOUT : 0)) };
	/* That a terminal was hung up, or a pipe's reader is gone, is told unasked. */
	fds[INPUT] = (struct pollfd){ .fd = f->master >= 0 && (reading || f->on_terminal) ? 0 : -1,
		.events = reading ? POLLIN : 0 };
	fds[OUTPUT] = (struct pollfd){ .fd = f->master >= 0 ? f->output : -1,
		.events = f->shown.length ? POLLOUT : 0 };
	fds[PROCESS] = (struct pollfd){ .fd = f->pidfd, .events = POLLIN };
	fds[NOTIFY] = (struct pollfd){ .fd = notify ? notify->socket : -1, .events = POLLIN };
	if (!fds[MASTER].events || f->silent)
		fds[MASTER].fd = -1; /* it would say POLLHUP over and over */
}

static void relay(struct foreground *f, const struct pollfd *fds)
{
	bool lost = (fds[OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL)) ||
		    (f->on_terminal && fds[INPUT].revents & (POLLERR | POLLHUP));

	if (!lost && fds[MASTER].revents & POLLOUT)
		write_input(f);
	if (!lost && fds[MASTER].revents & ~POLLOUT)
		read_master(f);
	if (!lost && fds[INPUT].revents)
		read_input(f);
	if (!lost && fds[OUTPUT].revents & POLLOUT)
		lost = !write_output(f);
	if (lost)
		hang_up(f);
}

/* The process's last words. What others of the container write to its terminal is no longer waited for. */
static void drain(struct foreground *f, int signals)
{
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN }, { .fd = f->output, .events = POLLOUT } };
	size_t before, got = 0;

	while (f->master >= 0) {
		before = f->shown.length;
		while (got < PTY_HOLDS && f->shown.length < sizeof(f->shown.data) && read_master(f))
			;
		got += f->shown.length - before;
		if (!f->shown.length)
			return;
		/* Who reads it may take all the time there is, as with any program's output, but for one told to end. */
		if (poll(fds, 2, f->told_to_end ? 0 : -1) == 0)
			return;
		if (fds[0].revents)
			take_signal(f, signals);
		if (fds[1].revents & ~POLLOUT || (fds[1].revents && !write_output(f)))
			return;
	}
}

int foreground_wait(pid_t pid, int pidfd, int master, struct notify *notify, int *status,
	struct error *err)
{
	struct foreground f = { .pid = pid, .pidfd = pidfd, .status = status, .master = master };
	_cleanup_close_ int signals = -1;
	struct pollfd fds[FD_COUNT];
	sigset_t all;
	int r = 0;

	sigfillset(&all);
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return error_set(err, errno, "signalfd");
	enter(&f);
	while (r == 0 && !f.ended) {
		choose(&f, signals, notify, fds);
		if (poll(fds, FD_COUNT, -1) < 0) {
			r = errno == EINTR ? 0 : error_set(err, errno, "poll");
			continue;
		}
		relay(&f, fds);
		if (fds[NOTIFY].revents)
			notify_take(notify, pid);
		if (fds[SIGNALS].revents)
			take_signal(&f, signals);
		if (!f.ended && fds[PROCESS].revents)
			r = reap(&f, err);
	}
	drain(&f, signals);
	leave(&f);
	return r;
}
