/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks: one that another process has is waited for, but not without end, and who has it is told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/lock.h"

static char path[64];

static int open_path(void)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void make_path(void)
{
	strcpy(path, "/tmp/silo-test-lock.XXXXXX");
	cr_assert(mkdtemp(path));
}

static void remove_path(void)
{
	cr_assert_eq(rmdir(path), 0);
}

TestSuite(lock, .init = make_path, .fini = remove_path, .timeout = 60);

/* A child that has the lock by the time this returns, until the returned descriptor is closed. */
static int hold(pid_t *child)
{
	int ready[2], done[2];
	char byte;

	cr_assert_eq(pipe2(ready, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(done, O_CLOEXEC), 0);
	*child = fork();
	if (*child == 0) {
		close(done[1]);
		if (lock_take(open_path(), 0) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(read(done[0], &byte, 1) != 0);
	}
	close(ready[1]);
	close(done[0]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return done[1];
}

Test(lock, free_one_is_taken_at_once)
{
	int fd = open_path();
	char text[100];

	cr_assert_not(lock_holder(fd, text, sizeof(text)));
	cr_assert_eq(lock_take(fd, 0), 0);
	close(fd);
}

Test(lock, taken_one_is_not_waited_for_without_end)
{
	int fd = open_path(), done, status;
	char text[100], start[40];
	pid_t child;

	done = hold(&child);
	cr_assert_eq(lock_take(fd, 0), -EBUSY);
	cr_assert_eq(lock_take(fd, 50), -EBUSY);
	cr_assert(lock_holder(fd, text, sizeof(text)));
	snprintf(start, sizeof(start), "process %d (", child);
	cr_assert_eq(strncmp(text, start, strlen(start)), 0, "%s", text);
	close(done);
	cr_assert_eq(lock_take(fd, 30000), 0, "its end is seen");
	waitpid(child, &status, 0);
	cr_assert_eq(status, 0);
	close(fd);
}

Test(lock, a_descriptor_that_has_no_locks)
{
	cr_assert_eq(lock_take(-1, 0), -EBADF);
}
