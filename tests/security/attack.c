/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an attacker does, for the suites of this directory. Static, so that it runs in any root file system:
 *
 *   attack swap A B             exchange two names for ever
 *   attack spy SECONDS          look into every other process of this pid namespace for that long
 *   attack fds                  this process's descriptors, one "NUMBER TARGET" a line
 *   attack groups               supplementary groups, sorted, as the kernel has them
 *   attack and                  which of four socket(2) calls a seccomp filter lets through
 *   attack families NUMBER...   which address families of socket(2) a seccomp filter that answers EADDRNOTAVAIL refuses
 *   attack session              "leader" or "member", and "tty" or "no tty" for the controlling terminal
 *   attack push                 TIOCSTI: push a byte into the input queue of standard input
 *   attack pty COMMAND...       run a command on a pseudo-terminal; tell its memory, and whether input was pushed
 *   attack socket PATH          leave a socket there
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

static int swap(char **args)
{
	while (args[0] && args[1]) {
		if (syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], RENAME_EXCHANGE) < 0 &&
			errno != ENOENT)
			return perror("renameat2"), 1;
	}
	return 2;
}

/*
 * A process is the runtime's as long as it does not execute a file of ours. Its name
 * must not even be readable; whatever else can be had of it is worse.
 */
static bool is_payload(const char *exe)
{
	struct stat st;

	return stat(exe, &st) == 0 && strncmp(exe, "/memfd:", 7) != 0;
}

static void found(int *count, const char *what, const char *pid, const char *target)
{
	if ((*count)++ < 20)
		printf("found %s of process %s: %s\n", what, pid, target);
	fflush(stdout);
}

static void spy_fds(const char *pid, int *count)
{
	char path[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	DIR *stream;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	stream = opendir(path);
	while (stream && (entry = readdir(stream))) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name);
		length = readlink(path, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		found(count, "a descriptor", pid, target);
	}
	if (stream)
		closedir(stream);
}

static void spy_open(const char *pid, const char *name, int flags, int *count)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return;
	found(count, name, pid, path);
	close(fd);
}

static void spy_on(const char *pid, int *count)
{
	char path[64], exe[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	length = readlink(path, exe, sizeof(exe) - 1);
	if (length < 0)
		return; /* not ours to look at, or gone, or a kernel thread */
	exe[length] = '\0';
	if (is_payload(exe))
		return;
	found(count, "the program", pid, exe);
	spy_open(pid, "exe", O_WRONLY, count);
	spy_open(pid, "mem", O_RDWR, count);
	spy_open(pid, "root", O_PATH, count);
	spy_open(pid, "cwd", O_PATH, count);
	spy_fds(pid, count);
	if (ptrace(PTRACE_ATTACH, atoi(pid), NULL, NULL) == 0) {
		found(count, "control (ptrace)", pid, exe);
		waitpid(atoi(pid), NULL, __WALL);
		ptrace(PTRACE_DETACH, atoi(pid), NULL, NULL);
	}
}

static int spy(char **args)
{
	time_t end = time(NULL) + (args[0] ? atoi(args[0]) : 1);
	int count = 0;
	long rounds = 0;

	printf("spy: watching\n");
	fflush(stdout);
	while (time(NULL) < end) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;

		while (proc && (entry = readdir(proc))) {
			if (isdigit((unsigned char)entry->d_name[0]) && atoi(entry->d_name) != getpid())
				spy_on(entry->d_name, &count);
		}
		if (proc)
			closedir(proc);
		rounds++;
	}
	printf("spy: %ld rounds, %d findings\n", rounds, count);
	return 0;
}

static int list_fds(char **args)
{
	char path[64], target[PATH_MAX];

	(void)args;
	for (int fd = 0; fd < 1024; fd++) {
		ssize_t length;

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		length = readlink(path, target, sizeof(target) - 1);
		target[length < 0 ? 0 : length] = '\0';
		printf("%d %s\n", fd, target);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return *(const gid_t *)a > *(const gid_t *)b ? 1 : *(const gid_t *)a < *(const gid_t *)b ? -1 : 0;
}

static int list_groups(char **args)
{
	gid_t groups[1024];
	int count = getgroups(1024, groups);

	(void)args;
	qsort(groups, count > 0 ? (size_t)count : 0, sizeof(groups[0]), compare);
	for (int i = 0; i < count; i++)
		printf("%s%u", i ? " " : "", groups[i]);
	putchar('\n');
	return 0;
}

static int probe_and(char **args)
{
	static const int domain[] = { AF_UNIX, AF_INET }, type[] = { SOCK_DGRAM, SOCK_STREAM };

	(void)args;
	for (int d = 0; d < 2; d++) {
		for (int t = 0; t < 2; t++) {
			int fd = socket(domain[d], type[t], 0);

			printf("%s%s", d + t ? " " : "", fd < 0 ? strerrorname_np(errno) : "ok");
			if (fd >= 0)
				close(fd);
		}
	}
	putchar('\n');
	return 0;
}

static int families(char **args)
{
	for (; *args; args++) {
		int fd = socket(atoi(*args), SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

		if (fd < 0 && errno == EADDRNOTAVAIL)
			printf("%s ", *args);
		if (fd >= 0)
			close(fd);
	}
	printf("refused\n");
	return 0;
}

static int session(char **args)
{
	int tty = open("/proc/self/stat", O_RDONLY), number = -1;
	char text[1024] = "", *rest;

	(void)args;
	if (read(tty, text, sizeof(text) - 1) > 0 && (rest = strrchr(text, ')')))
		sscanf(rest + 1, " %*c %*d %*d %*d %d", &number);
	printf("%s %s\n", getsid(0) == getpid() || getsid(0) == 1 ? "leader" : "member",
		number ? "tty" : "no tty");
	return 0;
}

static int push(char **args)
{
	(void)args;
	if (ioctl(0, TIOCSTI, "X") < 0)
		return printf("%s\n", strerrorname_np(errno)), 0;
	printf("pushed\n");
	return 0;
}

/* The caller's terminal: whatever is in its input queue in the end was pushed there. */
static int on_pty(char **args)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, waiting = 0;
	struct rusage usage;
	struct termios mode;
	char buffer[4096];
	pid_t pid;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return perror("pty"), 1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || tcgetattr(slave, &mode) < 0)
		return perror("pty"), 1;
	cfmakeraw(&mode);
	tcsetattr(slave, TCSANOW, &mode);
	fcntl(master, F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid == 0) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++)
			dup2(slave, fd);
		execvp(args[0], args);
		_exit(127);
	}
	while (wait4(pid, NULL, WNOHANG, &usage) == 0) {
		ssize_t got = read(master, buffer, sizeof(buffer));

		if (got > 0)
			fwrite(buffer, 1, (size_t)got, stdout);
		else
			usleep(10000);
	}
	for (ssize_t got; (got = read(master, buffer, sizeof(buffer))) > 0;)
		fwrite(buffer, 1, (size_t)got, stdout);
	ioctl(slave, FIONREAD, &waiting);
	printf("memory: %ld kB\n", usage.ru_maxrss);
	printf("input queue: %d\n", waiting);
	return 0;
}

static int make_socket(char **args)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", args[0]);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0;
}

static const struct {
	const char *name;
	int (*function)(char **);
} commands[] = {
	{ "swap", swap },
	{ "spy", spy },
	{ "fds", list_fds },
	{ "groups", list_groups },
	{ "and", probe_and },
	{ "families", families },
	{ "session", session },
	{ "push", push },
	{ "pty", on_pty },
	{ "socket", make_socket },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].function(argv + 2);
	}
	fprintf(stderr, "attack: unknown command\n");
	return 2;
}
