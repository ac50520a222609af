/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host side of the floor: cgroups, clone3, wait; and the timing of phases. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 2000

static const char *const attach_name[ATTACH_MODES] = {
	[ATTACH_PARENT] = "parent",
	[ATTACH_CHILD] = "child",
	[ATTACH_TASKS] = "tasks",
	[ATTACH_SELF] = "self",
};

static const char *const phase_name[PHASES] = {
	[PHASE_DISCOVER] = "parent: find the cgroup hierarchies",
	[PHASE_CGROUP_MKDIR] = "parent: cgroup mkdir",
	[PHASE_CGROUP_OPEN] = "parent: cgroup open, fill cpuset",
	[PHASE_CGROUP_SELF] = "parent: attach itself",
	[PHASE_CLONE] = "parent: clone3",
	[PHASE_CGROUP_BACK] = "parent: attach itself back",
	[PHASE_CGROUP_PROCS] = "parent: attach the child",
	[PHASE_WAIT] = "parent: wait",
	[PHASE_CGROUP_RMDIR] = "parent: cgroup rmdir",
	[PHASE_CHILD_START] = "child: from clone3 called to running",
	[PHASE_CHILD_ATTACH] = "child: attach itself",
	[PHASE_ROOTFS] = "child: propagation, bind rootfs",
	[PHASE_PROC] = "child: proc",
	[PHASE_DEV] = "child: dev tmpfs and nodes",
	[PHASE_DEVPTS] = "child: devpts",
	[PHASE_SHM] = "child: shm",
	[PHASE_MQUEUE] = "child: mqueue",
	[PHASE_SYSFS] = "child: sysfs",
	[PHASE_MASKED] = "child: masked paths",
	[PHASE_READONLY] = "child: read-only paths and root",
	[PHASE_LOOPBACK] = "child: loopback up",
	[PHASE_CHILD_SYNC] = "child: wait to be attached",
	[PHASE_CGROUP_NS] = "child: unshare cgroup namespace",
	[PHASE_CGROUP_MOUNTS] = "child: cgroup mounts",
	[PHASE_PIVOT] = "child: pivot_root",
	[PHASE_UMOUNT] = "child: umount the old root",
	[PHASE_PROCESS] = "child: rlimit, capabilities, ...",
	[PHASE_EXEC_EXIT] = "both: execve, run, exit, teardown",
	[PHASE_TOTAL] = "total",
};

/* Shared with the child; NULL when phases are not measured. */
static uint64_t *phase_ns;
static uint64_t last;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

long check(long ret, const char *what)
{
	if (ret < 0) {
		fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(1);
	}
	return ret;
}

void lap_start(void)
{
	if (phase_ns)
		last = now();
}

void lap(enum phase phase)
{
	uint64_t t;

	if (!phase_ns)
		return;
	t = now();
	phase_ns[phase] += t - last;
	last = t;
}

void lap_exec(void)
{
	if (phase_ns)
		phase_ns[PHASE_EXEC_EXIT] = now();
}

static pid_t clone_child(const struct floor *floor)
{
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS |
			 CLONE_CLEAR_SIGHAND,
		.exit_signal = SIGCHLD,
	};

	/* Born inside every hierarchy, the child's cgroup namespace can be made here as well. */
	if (floor->attach == ATTACH_SELF)
		args.flags |= CLONE_NEWCGROUP;
	for (int i = 0; i < floor->hierarchies && floor->attach != ATTACH_SELF; i++) {
		if (!floor->hierarchy[i].unified)
			continue;
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = floor->hierarchy[i].dir;
	}
	return (pid_t)check(syscall(SYS_clone3, &args, sizeof(args)), "clone3");
}

/* Makes, runs and removes one container; returns its exit status. */
static int container(struct floor *floor)
{
	int status;
	pid_t pid;
	char text[16];

	lap_start();
	if (!floor->no_cgroup) {
		cgroups_discover(floor);
		lap(PHASE_DISCOVER);
		cgroups_make(floor);
	}
	if (floor->attach == ATTACH_SELF) {
		cgroups_attach(floor, "0");
		lap(PHASE_CGROUP_SELF);
	}
	if (floor->attach == ATTACH_PARENT)
		check(pipe2(floor->go, O_CLOEXEC), "pipe2");
	lap_start();
	pid = clone_child(floor);
	if (!pid) {
		lap(PHASE_CHILD_START);
		child_run(floor);
	}
	lap(PHASE_CLONE);
	if (floor->attach == ATTACH_SELF) {
		cgroups_attach_back(floor);
		lap(PHASE_CGROUP_BACK);
	}
	if (floor->attach == ATTACH_PARENT) {
		snprintf(text, sizeof(text), "%d", pid);
		cgroups_attach(floor, text);
		check(write(floor->go[1], "", 1), "write go");
		close(floor->go[0]);
		close(floor->go[1]);
		lap(PHASE_CGROUP_PROCS);
	}
	check(waitpid(pid, &status, 0), "waitpid");
	if (phase_ns)
		phase_ns[PHASE_EXEC_EXIT] = now() - phase_ns[PHASE_EXEC_EXIT];
	lap(PHASE_WAIT);
	cgroups_remove(floor);
	lap(PHASE_CGROUP_RMDIR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int measure(struct floor *floor, int rounds)
{
	static uint64_t sample[PHASES][MAX_ROUNDS];
	int status = 0;

	phase_ns = mmap(NULL, PHASES * sizeof(*phase_ns), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(phase_ns == MAP_FAILED ? -1 : 0, "mmap");
	for (int i = 0; i < rounds && !status; i++) {
		uint64_t start = now();

		memset(phase_ns, 0, PHASES * sizeof(*phase_ns));
		status = container(floor);
		phase_ns[PHASE_TOTAL] = now() - start;
		for (int p = 0; p < PHASES; p++)
			sample[p][i] = phase_ns[p];
	}
	if (status)
		return status;
	printf("%-40s %8s %8s  microseconds\n", "phase", "median", "minimum");
	for (int p = 0; p < PHASES; p++) {
		qsort(sample[p], rounds, sizeof(sample[p][0]), compare);
		if (sample[p][rounds - 1])
			printf("%-40s %8.1f %8.1f\n", phase_name[p],
				(double)sample[p][rounds / 2] / 1000, (double)sample[p][0] / 1000);
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: floor [--no-cgroup] [--attach=parent|child|tasks|self] [--no-exec]\n"
	      "             [--phases=ROUNDS] ROOTFS CGROUP\n",
		stderr);
	return 2;
}

static bool parse_attach(struct floor *floor, const char *name)
{
	for (int i = 0; i < ATTACH_MODES; i++) {
		if (!strcmp(attach_name[i], name)) {
			floor->attach = i;
			return true;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "no-cgroup", no_argument, NULL, 'n' },
		{ "attach", required_argument, NULL, 'a' },
		{ "no-exec", no_argument, NULL, 'x' },
		{ "phases", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	static struct floor floor;
	int option, rounds = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			floor.no_cgroup = true;
		else if (option == 'x')
			floor.no_exec = true;
		else if (option == 'p')
			rounds = atoi(optarg);
		else if (option != 'a' || !parse_attach(&floor, optarg))
			return usage();
	}
	if (argc - optind != 2 || rounds < 0 || rounds > MAX_ROUNDS)
		return usage();
	/* With nothing to attach to there is nothing for the parent to say. */
	if (floor.no_cgroup)
		floor.attach = ATTACH_CHILD;
	floor.rootfs = argv[optind];
	floor.cgroup = argv[optind + 1];
	return rounds ? measure(&floor, rounds) : container(&floor);
}
