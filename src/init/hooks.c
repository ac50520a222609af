/* SPDX-License-Identifier: GPL-2.0-or-later */
/* createContainer and startContainer hooks: children of init, in its namespaces. */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/process.h"
#include "util/clock.h"

/* What is still to be written to the hook's input, without waiting for it to be read. */
struct feeding {
	int fd; /* -1: no more */
	const char *parts[3];
	unsigned part;
};

/* A hook need not read its input (HKS-03): what is not wanted is dropped. */
static void feed(struct feeding *input)
{
	const char **part = &input->parts[input->part];
	ssize_t done = write(input->fd, *part, strlen(*part));

	if (done < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (done >= 0 && *(*part += done) == '\0')
		input->part++;
	if (done >= 0 && input->part < 3)
		return;
	close(input->fd);
	input->fd = -1;
}

/* In the order of the process's own last steps: the filter takes what was kept for it. */
static bool confine(struct init *init, const struct plan_hook *hook)
{
	if (hook->filter.length && filter_install(init, &hook->filter) < 0)
		return false;
	return !hook->capabilities || step_capabilities(init, init->blob + hook->capabilities) == 0;
}

static void run_child(struct init *init, const struct plan_hook *hook, int input)
{
	const plan_ref *args = init_strings(init, hook->args), *env = init_strings(init, hook->env);
	char *argv[hook->args.count + 1], *envp[hook->env.count + 1];

	for (uint32_t i = 0; i < hook->args.count; i++)
		argv[i] = (char *)init_string(init, args[i]);
	argv[hook->args.count] = NULL;
	for (uint32_t i = 0; i < hook->env.count; i++)
		envp[i] = (char *)init_string(init, env[i]);
	envp[hook->env.count] = NULL;
	signal(SIGPIPE, SIG_DFL);
	for (int i = 0; i < 2; i++) {
		if (hook->output[i] >= 0 && dup2(init_fd(init, hook->output[i]), i + 1) < 0)
			_exit(126);
	}
	if (dup2(input, 0) != 0)
		_exit(126);
	if (!confine(init, hook))
		_exit(126);
	execve(init_string(init, hook->path), argv, envp);
	_exit(errno == ENOENT ? 127 : 126);
}

/* 0, or a negative errno if the hook has to be killed: -ETIMEDOUT when its seconds are over. */
static int attend(int pidfd, uint32_t timeout, struct feeding *input)
{
	long long deadline = clock_now_ms() + timeout * 1000LL, left = -1;
	struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = input->fd, .events = POLLOUT } };

	for (;;) {
		if (timeout)
			left = deadline - clock_now_ms();
		if (timeout && left <= 0)
			return -ETIMEDOUT;
		fds[1].fd = input->fd;
		if (poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left) < 0)
			continue;
		if (fds[0].revents)
			return 0;
		if (fds[1].revents)
			feed(input);
	}
}

static int wait_for(pid_t pid, uint32_t timeout, struct feeding *input, int *status)
{
	int pidfd = sys_pidfd_open(pid);
	int code = pidfd < 0 ? -errno : attend(pidfd, timeout, input);

	if (pidfd >= 0)
		close(pidfd);
	if (input->fd >= 0)
		close(input->fd);
	/* One that has become another user by a set-user-ID program is out of our reach: it ends with the container. */
	if (code < 0 && kill(pid, SIGKILL) < 0)
		return code;
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return code;
}

/* "createContainer hook #0: exit status 1", in runc's words, which people search for. */
static int hook_failed(struct init *init, const struct plan_hook *hook, int code, const char *why,
	int number)
{
	char text[256], digits[24], index[24];

	strcpy(text, "error running ");
	strncat(text, init_string(init, hook->name), 32);
	strcat(text, " hook #");
	strcat(text, init_number(index, hook->index));
	strcat(text, ": ");
	strcat(text, why);
	if (number >= 0)
		strcat(text, init_number(digits, (unsigned)number));
	strcat(text, ":");
	return init_refused(init, code, text, init_string(init, hook->path));
}

int step_hook(struct init *init, const void *args)
{
	const struct plan_hook *hook = args;
	struct feeding input = { .parts = { init_string(init, hook->state_head), NULL, init_string(init, hook->state_tail) } };
	char number[24];
	int pipe_fds[2], status, r;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return init_failed(init, "pipe for a hook", NULL);
	pid = fork();
	if (pid == 0)
		run_child(init, hook, pipe_fds[0]);
	close(pipe_fds[0]);
	if (pid < 0) {
		close(pipe_fds[1]);
		return init_failed(init, "fork for a hook", NULL);
	}
	/* Of our end alone: the hook's is another open file. */
	fcntl(pipe_fds[1], F_SETFL, O_WRONLY | O_NONBLOCK);
	input.fd = pipe_fds[1];
	input.parts[1] = init_number(number, (unsigned long long)getpid());
	signal(SIGPIPE, SIG_IGN);
	r = wait_for(pid, hook->timeout, &input, &status);
	signal(SIGPIPE, SIG_DFL);
	if (r < 0 && r != -ETIMEDOUT)
		return hook_failed(init, hook, -r, "wait for it", -1);
	if (r < 0)
		return hook_failed(init, hook, ETIMEDOUT, "killed after its timeout of seconds: ",
			(int)hook->timeout);
	if (WIFSIGNALED(status))
		return hook_failed(init, hook, EIO,
			WTERMSIG(status) == SIGSYS ? "bad system call: killed by signal " : "killed by signal ",
			WTERMSIG(status));
	if (WEXITSTATUS(status))
		return hook_failed(init, hook, EIO, "exit status ", WEXITSTATUS(status));
	return 0;
}
