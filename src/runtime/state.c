/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "runtime/state_root.h"
#include "sys/directory.h"
#include "sys/path.h"
#include "util/cleanup.h"
#include "util/lock.h"

/* Deeper than anything that is ever put into a container's directory. */
#define REMOVE_DEPTH_MAX 16

/* How long a lock is waited for that somebody works under, and one that those take who only look. */
#define LOCK_WAIT_MS 60000
#define LOCK_MOMENT_MS 500

static int open_entry(int root_fd, const char *id)
{
	int fd = sys_openat2(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

	return fd < 0 ? -errno : fd;
}

static int check_owner(struct state_directory *dir, struct error *err)
{
	struct stat st;

	if (fstat(dir->fd, &st) < 0)
		return error_set(err, errno, "look at the directory of container %s", dir->id);
	dir->owner = st.st_uid;
	if (st.st_uid != geteuid())
		return error_say(err, EPERM, "the directory of container %s belongs to user %u, not %u",
			dir->id, (unsigned)st.st_uid, (unsigned)geteuid());
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return error_say(err, EPERM,
			"the directory of container %s is writable to others (mode %04o): what it says cannot be trusted",
			dir->id, (unsigned)st.st_mode & 07777);
	return 0;
}

/* 0, or -ENOENT once the directory was removed. A new one of the same name is somebody else's. */
static int compare_entry(const struct state_directory *dir)
{
	struct stat ours, named;

	if (fstat(dir->fd, &ours) < 0)
		return -errno;
	if (fstatat(dir->root_fd, dir->id, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino ? 0 : -ENOENT;
}

bool state_exists(const struct state_directory *dir)
{
	return compare_entry(dir) == 0;
}

static int say_busy(const struct state_directory *dir, enum state_lock lock, struct error *err)
{
	char holder[200];

	if (!lock_holder(dir->fd, holder, sizeof(holder)))
		strcpy(holder, "another process");
	if (lock == STATE_LOCK_WAIT)
		return error_say(err, EBUSY,
			"container \"%s\" is being worked on by %s, which did not come to its end within %d s: it may wait for a hook that has no timeout; end that, or the process",
			dir->id, holder, LOCK_WAIT_MS / 1000);
	return error_say(err, EBUSY, "container \"%s\" is being worked on by %s", dir->id, holder);
}

/* Takes the lock, and makes sure that the directory was not removed meanwhile: -ENOENT then, and nothing is said. */
static int lock_entry(struct state_directory *dir, enum state_lock lock, struct error *err)
{
	static const int milliseconds[] = { [STATE_LOCK_WAIT] = LOCK_WAIT_MS, [STATE_LOCK_SOON] = LOCK_MOMENT_MS,
		[STATE_LOCK_TRY] = 0 };
	int r = lock_take(dir->fd, milliseconds[lock]);

	if (r == -EBUSY)
		return say_busy(dir, lock, err);
	if (r == 0) {
		dir->locked = true;
		r = compare_entry(dir);
	}
	return r < 0 && r != -ENOENT ? error_set(err, -r, "lock the directory of container %s", dir->id) : r;
}

static int claim_entry(struct state_directory *dir, struct error *err)
{
	int r;

	if (mkdirat(dir->root_fd, dir->id, 0700) < 0) {
		if (errno == EEXIST)
			return error_say(err, EEXIST, "container with given ID already exists: %s",
				dir->id);
		return error_set(err, errno, "make a directory for container %s", dir->id);
	}
	dir->fd = open_entry(dir->root_fd, dir->id);
	r = dir->fd < 0 ? dir->fd : lock_entry(dir, STATE_LOCK_WAIT, NULL);
	/* A `delete --force` and another create came between mkdir and open: it is the other's that we have opened. */
	if (r == 0 && faccessat(dir->fd, "state.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return error_say(err, EEXIST, "container with given ID already exists: %s", dir->id);
	/* -ENOENT: a `delete --force` came between mkdir and lock; the ID is not ours any more. */
	if (r < 0) {
		if (r != -ENOENT)
			unlinkat(dir->root_fd, dir->id, AT_REMOVEDIR);
		return error_set(err, -r, "take the directory of container %s", dir->id);
	}
	return check_owner(dir, err);
}

static void prepare(struct state_directory *dir, const char *id)
{
	*dir = (struct state_directory)STATE_DIRECTORY_INIT;
	snprintf(dir->id, sizeof(dir->id), "%s", id);
}

int state_claim(const char *root, const char *id, struct state_directory *dir, struct error *err)
{
	int r = state_check_id(id, err);

	prepare(dir, id);
	if (r < 0)
		return r;
	r = state_root_make(root, err);
	if (r < 0)
		return r;
	dir->root_fd = state_root_open(root, err);
	if (dir->root_fd < 0)
		return dir->root_fd;
	r = claim_entry(dir, err);
	if (r < 0)
		state_close(dir);
	return r;
}

static int no_such_container(const char *id, struct error *err)
{
	return error_say(err, ENOENT, "container \"%s\" does not exist", id);
}

static int open_existing(struct state_directory *dir, enum state_lock lock, struct error *err)
{
	int r;

	dir->fd = open_entry(dir->root_fd, dir->id);
	if (dir->fd == -ENOENT)
		return no_such_container(dir->id, err);
	if (dir->fd < 0)
		return error_set(err, -dir->fd, "open the directory of container %s", dir->id);
	r = check_owner(dir, err);
	if (r < 0 || lock == STATE_LOCK_NONE)
		return r;
	r = lock_entry(dir, lock, err);
	return r == -ENOENT ? no_such_container(dir->id, err) : r;
}

int state_open(const char *root, const char *id, enum state_lock lock, struct state_directory *dir,
	struct error *err)
{
	int r = state_check_id(id, err);

	prepare(dir, id);
	if (r < 0)
		return r;
	dir->root_fd = state_root_open(root, err);
	if (dir->root_fd == -ENOENT)
		return no_such_container(id, err);
	if (dir->root_fd < 0)
		return dir->root_fd;
	r = open_existing(dir, lock, err);
	if (r < 0)
		state_close(dir);
	return r;
}

void state_unlock(struct state_directory *dir)
{
	flock(dir->fd, LOCK_UN);
	dir->locked = false;
}

int state_relock(struct state_directory *dir, struct error *err)
{
	return lock_entry(dir, STATE_LOCK_WAIT, err);
}

void state_close(struct state_directory *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	if (dir->root_fd >= 0)
		close(dir->root_fd);
	dir->fd = dir->root_fd = -1;
	dir->locked = false;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int remove_content(int dirfd, const char *but, unsigned depth);

static int remove_entry(int dirfd, const char *name, unsigned depth)
{
	int fd, r;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (depth >= REMOVE_DEPTH_MAX)
		return -ELOOP;
	fd = open_entry(dirfd, name);
	if (fd < 0)
		return fd;
	r = remove_content(fd, NULL, depth + 1);
	close(fd);
	if (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

/*
 * Removes what is in a directory, but for one name. By @dirfd itself: where descriptors have run out, a directory can
 * be removed all the same.
 */
static int remove_content(int dirfd, const char *but, unsigned depth)
{
	_Alignas(struct sys_dirent) char buffer[4096];
	long got;

	if (lseek(dirfd, 0, SEEK_SET) < 0)
		return -errno;
	while ((got = sys_getdents64(dirfd, buffer, sizeof(buffer))) > 0) {
		const struct sys_dirent *entry;

		for (long at = 0; at < got; at += entry->reclen) {
			int r = 0;

			entry = (const struct sys_dirent *)(buffer + at);
			if (!is_dot(entry->name) && (!but || strcmp(entry->name, but) != 0))
				r = remove_entry(dirfd, entry->name, depth);
			if (r < 0)
				return r;
		}
	}
	return got < 0 ? -errno : 0;
}

int state_remove(struct state_directory *dir, struct error *err)
{
	int r = remove_content(dir->fd, "state.json", 0);

	if (r == 0)
		r = remove_entry(dir->fd, "state.json", 0);
	if (r == 0 && unlinkat(dir->root_fd, dir->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	if (r < 0)
		return error_set(err, -r, "remove the directory of container %s", dir->id);
	return 0;
}
