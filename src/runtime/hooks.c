/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks in the runtime's namespaces: prestart, createRuntime, poststart,
 * poststop (HKS-09, HKS-10, HKS-13, HKS-14). A hook without env gets the
 * runtime's own environment, never the container's (CVE-2025-23266).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aspects/annotations.h"
#include "runtime/launch.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/log.h"

extern char **environ;

/* A deadline that is none. */
#define NEVER LLONG_MAX

/* How long a hook may go on once init has ended. */
#define INIT_ENDED_MS 5000

/* What the hooks of one kind have in common. */
struct batch {
	const char *kind;
	const char *state;  /* the document */
	size_t length;
	int init;           /* pidfd; -1 if they do not depend on it */
	int output[2];      /* for stdout and stderr; -1: ours */
};

static void run_child(const struct batch *batch, const struct oci_hook *hook, int input)
{
	const char *path_only[] = { hook->path, NULL };
	char *const *args = (char *const *)(hook->args.len ? hook->args.items : path_only);
	char *const *env = hook->env.items ? (char *const *)hook->env.items : environ;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	for (int i = 0; i < 2; i++) {
		if (batch->output[i] >= 0 && dup2(batch->output[i], i + 1) < 0)
			_exit(126);
	}
	if (dup2(input, 0) == 0) {
		sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		execve(hook->path, args, env);
	}
	_exit(errno == ENOENT ? 127 : 126);
}

static bool has_ended(int pidfd)
{
	return pidfd >= 0 && poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, 0) == 1;
}

/* What remains until @deadline, for poll(2); -1 without one. */
static int remaining(long long deadline)
{
	long long left = deadline - clock_now_ms();

	if (deadline == NEVER)
		return -1;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* What is still to be written to the hook's input, without waiting for it to be read. */
struct feeding {
	int fd; /* -1: no more */
	const char *text;
	size_t length;
};

/* A hook need not read its input (HKS-03): what is not wanted is dropped. */
static void feed(struct feeding *input)
{
	ssize_t done = write(input->fd, input->text, input->length);

	if (done < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (done > 0) {
		input->text += done;
		input->length -= (size_t)done;
	}
	if (done > 0 && input->length > 0)
		return;
	close(input->fd);
	input->fd = -1;
}

/*
 * 0; -ETIMEDOUT when the hook has to be killed since its time is over; -EPIPE when since init, which it was for, has ended:
 * who deletes a container whose create waits for a hook kills init.
 */
static int attend(const struct batch *batch, int pidfd, const int32_t *timeout, struct feeding *input)
{
	long long deadline = timeout ? clock_now_ms() + *timeout * 1000LL : NEVER;
	struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = batch->init, .events = POLLIN },
		{ .fd = input->fd, .events = POLLOUT } };
	int code = -ETIMEDOUT;

	while (!has_ended(pidfd)) {
		if (remaining(deadline) == 0)
			return code;
		if (poll(fds, 3, remaining(deadline)) < 0)
			continue;
		if (fds[2].revents)
			feed(input);
		fds[2].fd = input->fd;
		if (!fds[1].revents)
			continue;
		fds[1].fd = -1;
		if (deadline - clock_now_ms() > INIT_ENDED_MS) {
			deadline = clock_now_ms() + INIT_ENDED_MS;
			code = -EPIPE;
		}
	}
	return 0;
}

static int wait_for(const struct batch *batch, pid_t pid, const int32_t *timeout, int input, int *status)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct feeding feeding = { .fd = input, .text = batch->state, .length = batch->length };
	_cleanup_close_ int pidfd = sys_pidfd_open(pid);
	int code = pidfd < 0 ? -errno : 0;

	sigaction(SIGPIPE, &ignore, &before);
	if (code == 0)
		code = attend(batch, pidfd, timeout, &feeding);
	sigaction(SIGPIPE, &before, NULL);
	if (feeding.fd >= 0)
		close(feeding.fd);
	if (code < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return code;
}

static int run_one(const struct batch *batch, size_t index, const struct oci_hook *hook, struct error *err)
{
	const char *kind = batch->kind;
	int pipe_fds[2], status = 0, r;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_set(err, errno, "make a pipe for %s hook #%zu", kind, index);
	pid = fork();
	if (pid == 0)
		run_child(batch, hook, pipe_fds[0]);
	close(pipe_fds[0]);
	if (pid < 0) {
		close(pipe_fds[1]);
		return error_set(err, errno, "fork for %s hook #%zu", kind, index);
	}
	/* Of our end alone: the hook's is another open file. */
	fcntl(pipe_fds[1], F_SETFL, O_WRONLY | O_NONBLOCK);
	r = wait_for(batch, pid, hook->timeout, pipe_fds[1], &status);
	if (r == -EPIPE)
		return error_say(err, EPIPE, "error running %s hook #%zu: %s was killed: init had ended, and it went on for %d s",
			kind, index, hook->path, INIT_ENDED_MS / 1000);
	if (r < 0 && r != -ETIMEDOUT)
		return error_set(err, -r, "error running %s hook #%zu: wait for %s", kind, index, hook->path);
	if (r < 0)
		return error_say(err, ETIMEDOUT, "error running %s hook #%zu: %s was killed after its timeout of %d s",
			kind, index, hook->path, *hook->timeout);
	if (WIFSIGNALED(status))
		return error_say(err, EIO, "error running %s hook #%zu: %s was killed by signal %d (%s)", kind,
			index, hook->path, WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return error_say(err, EIO, "error running %s hook #%zu: %s: exit status %d", kind, index,
			hook->path, WEXITSTATUS(status));
	return 0;
}

int hooks_open_output(const char *bundle, const char *path, struct error *err)
{
	_cleanup_close_ int dir = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1 :
		openat(dir, path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, 0600);

	return fd < 0 ? error_set(err, errno, "open %s for the output of hooks", path) : fd;
}

static int open_outputs(struct batch *batch, const struct oci_state *state, struct error *err)
{
	static const char *const keys[] = { HOOKS_STDOUT, HOOKS_STDERR };

	for (int i = 0; i < 2; i++) {
		const char *path = annotation_find(&state->annotations, keys[i]);

		if (!path)
			continue;
		batch->output[i] = hooks_open_output(state->bundle, path, err);
		if (batch->output[i] < 0)
			return batch->output[i];
	}
	return 0;
}

int hooks_run(const char *kind, const struct oci_hook_list *hooks, const struct oci_state *state, int init,
	struct error *err)
{
	struct batch batch = { .kind = kind, .init = init, .output = { -1, -1 } };
	struct oci_arena *arena;
	struct oci_error error;
	int r = 0;

	if (!hooks->len)
		return 0;
	arena = oci_arena_new();
	if (!arena)
		return error_set(err, ENOMEM, "run %s hooks", kind);
	if (oci_write(&oci_state_type, state, 0, arena, &batch.state, &batch.length, &error) < 0)
		r = error_say(err, EINVAL, "write the state for %s hooks: %s", kind, error.message);
	if (r == 0)
		r = open_outputs(&batch, state, err);
	for (size_t i = 0; r == 0 && i < hooks->len; i++)
		r = has_ended(init) ? error_say(err, EPIPE, "init ended before %s hook #%zu was run", kind, i) :
				      run_one(&batch, i, hooks->items[i], err);
	for (int i = 0; i < 2; i++) {
		if (batch.output[i] >= 0)
			close(batch.output[i]);
	}
	oci_arena_free(arena);
	return r;
}

void hooks_poststop(const struct oci_config *config, const struct oci_state *state)
{
	struct error error = { 0 };

	for (size_t i = 0; config->hooks && i < config->hooks->poststop.len; i++) {
		struct oci_hook_list one = { 1, config->hooks->poststop.items + i };

		if (hooks_run("poststop", &one, state, -1, &error) < 0)
			log_warning("poststop hook failed with exit code: %s", error.message);
	}
}
