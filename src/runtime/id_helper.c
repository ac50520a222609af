/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/id_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/process.h"
#include "util/cleanup.h"
#include "util/clock.h"

/*
 * How long a helper may take, in seconds. It looks the user up, at a server perhaps; one that waits for longer
 * would hold up whoever called us without a word.
 */
#define HELPER_SECONDS 20

/* A helper that runs, and what it says. */
struct helper {
	pid_t pid;
	int pidfd, output;
	char *said;
	size_t used, size;
};

static void run_child(const char *path, char *const arguments[], int output)
{
	sigset_t none;
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* The terminal or the pipe that is our input is the container's to read. */
	if (dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2) {
		sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		execv(path, arguments);
	}
	_exit(127);
}

static int start(struct helper *helper, const char *path, char *const arguments[], struct error *err)
{
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_set(err, errno, "make a pipe for %s", path);
	helper->output = pipe_fds[0];
	fcntl(helper->output, F_SETFL, O_NONBLOCK);
	helper->pid = fork();
	if (helper->pid == 0)
		run_child(path, arguments, pipe_fds[1]);
	close(pipe_fds[1]);
	if (helper->pid < 0)
		return error_set(err, errno, "fork for %s", path);
	helper->pidfd = sys_pidfd_open(helper->pid);
	return helper->pidfd < 0 ? error_set(err, errno, "pidfd_open for %s", path) : 0;
}

/*
 * What there is no room for is read, too, or the helper would wait for it.
 * Return: whether something was read; *@over is set when there will be no more.
 */
static bool listen_to(struct helper *helper, bool *over)
{
	char rest[4096];
	size_t room = helper->size - 1 - helper->used;
	ssize_t got = read(helper->output, room ? helper->said + helper->used : rest, room ? room : sizeof(rest));

	if (got > 0 && room)
		helper->used += (size_t)got;
	*over = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
	return got > 0;
}

/* Its end is what counts, not that of the pipe: something it has started may hold that open. */
static int wait_for_end(struct helper *helper)
{
	struct pollfd fds[] = { { .fd = helper->pidfd, .events = POLLIN },
		{ .fd = helper->output, .events = POLLIN } };
	long long deadline = clock_now_ms() + HELPER_SECONDS * 1000;
	bool over = false;

	while (!fds[0].revents) {
		long long left = deadline - clock_now_ms();
		int ready = left > 0 ? poll(fds, 2, (int)left) : 0;

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			fds[0].revents = fds[1].revents = 0;
		if (fds[1].revents)
			listen_to(helper, &over);
		if (over)
			fds[1].fd = -1;
	}
	while (helper->used < helper->size - 1 && listen_to(helper, &over))
		;
	return 0;
}

int id_helper_run(const char *path, char *const arguments[], char *said, size_t size, int *status, struct error *err)
{
	_cleanup_close_ int output = -1, pidfd = -1;
	struct helper helper = { .pid = -1, .pidfd = -1, .output = -1, .said = said, .size = size };
	int r = start(&helper, path, arguments, err);

	output = helper.output;
	pidfd = helper.pidfd;
	if (r == 0)
		r = wait_for_end(&helper);
	said[helper.used] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (r == -ETIMEDOUT)
		error_say(err, ETIMEDOUT, "%s did not end within %d seconds, and was killed%s%s", path, HELPER_SECONDS,
			*said ? ": " : "", said);
	/* One that is set-user-ID has our real user, so that we may (kill(2)). */
	if (r < 0 && helper.pid > 0)
		kill(helper.pid, SIGKILL);
	while (helper.pid > 0 && waitpid(helper.pid, status, 0) < 0 && errno == EINTR)
		;
	return r;
}
