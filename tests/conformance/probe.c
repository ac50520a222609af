/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process really has, asked of the kernel: run in a container by the conformance suites.
 *
 *	probe [WORD...]    print the facts named (default: all), each a line "name value"
 *	probe setpriority WHICH WHO NICE	make that system call and print "0" or the errno's name
 *	probe open PATH FLAGS	print "ok" or the errno's name; FLAGS are of "rw"
 *
 * Needs no procfs but for fds.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int argument_count;
static char **arguments;

static const char *error_name(void)
{
	return errno ? strerrorname_np(errno) : "0";
}

static void ids(void)
{
	gid_t groups[64];
	int count = getgroups(64, groups);
	uid_t r, e, s;

	getresuid(&r, &e, &s);
	printf("uid %u %u %u\n", r, e, s);
	getresgid(&r, &e, &s);
	printf("gid %u %u %u\ngroups", r, e, s);
	for (int i = 0; i < count; i++)
		printf(" %u", groups[i]);
	printf("\n");
}

static void print_umask(void)
{
	printf("umask %04o\n", umask(0));
}

static void capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint64_t bounding = 0, ambient = 0;

	syscall(SYS_capget, &header, data);
	for (int cap = 0; cap < 64; cap++) {
		bounding |= (uint64_t)(prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1) << cap;
		ambient |= (uint64_t)(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1) << cap;
	}
	printf("bounding %llx\neffective %x%08x\npermitted %x%08x\ninheritable %x%08x\nambient %llx\n",
		(unsigned long long)bounding, data[1].effective, data[0].effective, data[1].permitted,
		data[0].permitted, data[1].inheritable, data[0].inheritable, (unsigned long long)ambient);
}

static void rlimits(void)
{
	static const char *const names[] = { "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE",
		"MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME" };
	struct rlimit limit;

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		getrlimit((__rlimit_resource_t)i, &limit);
		printf("RLIMIT_%s %lld %lld\n", names[i], (long long)limit.rlim_cur,
			(long long)limit.rlim_max);
	}
}

struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static void scheduler(void)
{
	struct attributes a = { 0 };

	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) < 0)
		printf("scheduler %s\n", error_name());
	else
		printf("scheduler policy=%u flags=%llx nice=%d priority=%u runtime=%llu deadline=%llu period=%llu\n",
			a.policy, (unsigned long long)a.flags, a.nice, a.priority,
			(unsigned long long)a.runtime, (unsigned long long)a.deadline,
			(unsigned long long)a.period);
}

static void io_priority(void)
{
	long value = syscall(SYS_ioprio_get, 1, 0);

	printf("ioprio %ld %ld\n", value >> 13, value & 7);
}

static void memory_policy(void)
{
	unsigned long nodes[16] = { 0 };
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0) < 0)
		printf("mempolicy %s\n", error_name());
	else
		printf("mempolicy %x %lx\n", (unsigned)mode, nodes[0]);
}

static void affinity(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	printf("cpus");
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &set))
			printf(" %d", i);
	}
	printf("\n");
}

static void privileges(void)
{
	printf("no_new_privs %d\nseccomp %d\nsecurebits %x\nkeep_caps %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
		prctl(PR_GET_SECCOMP, 0, 0, 0, 0), (unsigned)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0),
		prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
}

static void print_personality(void)
{
	printf("personality %x\n", (unsigned)personality(0xffffffff));
}

static void signals(void)
{
	unsigned long blocked = 0, ignored = 0;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof(blocked));
	for (int i = 1; i < 65; i++) {
		struct sigaction action;

		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			ignored |= 1UL << (i - 1);
	}
	printf("blocked %lx\nignored %lx\n", blocked, ignored);
}

static void clocks(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("monotonic %lld\n", (long long)t.tv_sec);
	clock_gettime(CLOCK_BOOTTIME, &t);
	printf("boottime %lld\n", (long long)t.tv_sec);
}

static void descriptors(void)
{
	printf("fds");
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
	}
	printf("\n");
}

static void process(void)
{
	struct winsize size = { 0 };
	char cwd[4096];

	printf("pid %d\nppid %d\nsid %d\npgid %d\n", getpid(), getppid(), getsid(0), getpgid(0));
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : error_name());
	ioctl(0, TIOCGWINSZ, &size);
	printf("tty %d %d %d\nsize %u %u\n", isatty(0), isatty(1), isatty(2), size.ws_row, size.ws_col);
	for (int i = 0; i < argument_count; i++)
		printf("argument %s\n", arguments[i]);
	for (char **e = environ; *e; e++)
		printf("env %s\n", *e);
}

/* The session keyring: its name, which is behind the last semicolon, and its number (keyctl(2)). */
static void keyring(void)
{
	char text[256] = "";
	const char *name;

	if (syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text) - 1) < 0) {
		printf("keyring %s\n", error_name());
		return;
	}
	name = strrchr(text, ';');
	printf("keyring %s %ld\n", name ? name + 1 : text,
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}

static const struct {
	const char *word;
	void (*print)(void);
} facts[] = {
	{ "ids", ids },
	{ "umask", print_umask },
	{ "caps", capabilities },
	{ "rlimits", rlimits },
	{ "scheduler", scheduler },
	{ "ioprio", io_priority },
	{ "mempolicy", memory_policy },
	{ "affinity", affinity },
	{ "privileges", privileges },
	{ "personality", print_personality },
	{ "signals", signals },
	{ "clocks", clocks },
	{ "fds", descriptors },
	{ "process", process },
	{ "keyring", keyring },
};

static int set_priority(char **words)
{
	errno = 0;
	setpriority((__priority_which_t)atoi(words[0]), (id_t)atoi(words[1]), atoi(words[2]));
	printf("%s\n", error_name());
	return 0;
}

static int try_open(const char *path, const char *flags)
{
	int fd = open(path, strcmp(flags, "rw") == 0 ? O_RDWR : *flags == 'w' ? O_WRONLY : O_RDONLY);

	printf("%s\n", fd < 0 ? error_name() : "ok");
	return 0;
}

int main(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
	if (argc == 5 && strcmp(argv[1], "setpriority") == 0)
		return set_priority(argv + 2);
	if (argc == 4 && strcmp(argv[1], "open") == 0)
		return try_open(argv[2], argv[3]);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		bool wanted = argc == 1;

		for (int k = 1; k < argc; k++)
			wanted |= strcmp(argv[k], facts[i].word) == 0;
		if (wanted)
			facts[i].print();
	}
	return 0;
}
