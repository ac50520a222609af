/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"

/* The longest pause between two attempts. */
#define PAUSE_MAX_MS 20

/* flock(2) takes no deadline, and a signal that would end it may be blocked, or meant for somebody else. */
int lock_take(int fd, int milliseconds)
{
	long long deadline = clock_now_ms() + milliseconds;

	for (int pause = 1;; pause = pause < PAUSE_MAX_MS ? pause + 1 : PAUSE_MAX_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (clock_now_ms() >= deadline)
			return -EBUSY;
		poll(NULL, 0, pause);
	}
}

/*
 * "1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF" (proc_locks(5)). The device is that of the file system, which is
 * not always the one that stat(2) tells (btrfs): the inode's number has to do then.
 */
static int find_holder(FILE *locks, const struct stat *st)
{
	char line[256];
	int found = 0;

	while (fgets(line, sizeof(line), locks)) {
		unsigned major_number, minor_number;
		unsigned long long inode;
		int pid;

		if (sscanf(line, "%*[0-9]: FLOCK %*s %*s %d %x:%x:%llu", &pid, &major_number, &minor_number, &inode) != 4)
			continue;
		if (inode != st->st_ino || pid <= 0)
			continue;
		if (makedev(major_number, minor_number) == st->st_dev)
			return pid;
		found = pid;
	}
	return found;
}

/* The command line, for people: what is no plain character there could write anything on a terminal. */
static void describe(int pid, char *text, size_t size)
{
	char path[32], command[128];
	_cleanup_close_ int fd = -1;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, command, sizeof(command) - 1);
	while (got > 0 && !command[got - 1])
		got--;
	for (ssize_t i = 0; i < got; i++) {
		if (command[i] < ' ' || command[i] > '~')
			command[i] = command[i] ? '?' : ' ';
	}
	command[got > 0 ? got : 0] = '\0';
	snprintf(text, size, *command ? "process %d (%s)" : "process %d", pid, command);
}

bool lock_holder(int fd, char *text, size_t size)
{
	FILE *locks = fopen("/proc/locks", "re");
	struct stat st;
	int pid = locks && fstat(fd, &st) == 0 ? find_holder(locks, &st) : 0;

	if (locks)
		fclose(locks);
	if (pid)
		describe(pid, text, size);
	return pid != 0;
}
