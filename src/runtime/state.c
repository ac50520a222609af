/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "runtime/user_namespace.h"
#include "sys/path.h"
#include "util/cleanup.h"

/* Deeper than anything that is ever put into a container's directory. */
#define REMOVE_DEPTH_MAX 16

const char *state_default_root(char *buffer, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned uid = geteuid();
	struct stat st;

	/* Root of a user namespace is an ordinary user; root of the host may have kept one's environment. */
	if (uid == 0 && !(runtime && *runtime == '/' && user_namespace_is_nested())) {
		snprintf(buffer, size, "/run/silo");
		return buffer;
	}
	if (runtime && *runtime == '/') {
		snprintf(buffer, size, "%s/silo", runtime);
		return buffer;
	}
	/* What systemd-logind makes; else a directory that open_root() trusts only if it is the user's alone. */
	snprintf(buffer, size, "/run/user/%u", uid);
	if (lstat(buffer, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid)
		snprintf(buffer, size, "/run/user/%u/silo", uid);
	else
		snprintf(buffer, size, "/tmp/silo-%u", uid);
	return buffer;
}

static bool valid_in_id(unsigned char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c == '_' || c == '+' || c == '-' || (c == '.' && !first);
}

int state_check_id(const char *id, struct error *err)
{
	size_t length = strlen(id);

	if (!length)
		return error_say(err, EINVAL, "invalid container ID \"\": it is empty");
	if (length > NAME_MAX)
		return error_say(err, EINVAL, "invalid container ID: it is longer than %d bytes",
			NAME_MAX);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)id[i];

		if (valid_in_id(c, i == 0))
			continue;
		if (c == '.')
			return error_say(err, EINVAL,
				"invalid container ID \"%s\": invalid character '.' in first place", id);
		if (c > ' ' && c < 0x7f)
			return error_say(err, EINVAL,
				"invalid container ID \"%s\": invalid character '%c'", id, c);
		return error_say(err, EINVAL,
			"invalid container ID \"%s\": invalid character 0x%02x", id, c);
	}
	return 0;
}

/* Makes a directory and the ones it is in, as mkdir -p does. */
static int make_directories(const char *path, struct error *err)
{
	_cleanup_free_ char *prefix = strdup(path);

	if (!prefix)
		return error_set(err, ENOMEM, "make directory %s", path);
	for (char *end = prefix + 1; *end; end++) {
		if (*end != '/')
			continue;
		*end = '\0';
		mkdir(prefix, 0711); /* if it does not work out, the last one fails */
		*end = '/';
	}
	if (mkdir(prefix, 0711) < 0 && errno != EEXIST)
		return error_set(err, errno, "make directory %s", path);
	return 0;
}

/* Whoever may write to it can put anything in a container's place; a link may be put there by anyone (/tmp). */
static int check_root(const char *root, int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "look at the state directory %s", root);
	if (st.st_uid != geteuid())
		return error_say(err, EPERM,
			"the state directory %s belongs to user %u, not %u: name another one with --root",
			root, (unsigned)st.st_uid, (unsigned)geteuid());
	if (st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX))
		return error_say(err, EPERM,
			"the state directory %s can be written to by everyone: `chmod o-w %s`, or name another one with --root",
			root, root);
	return 0;
}

static int open_root(const char *root, struct error *err)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return error_say(err, errno, "the state directory %s is a symbolic link, or no directory", root);
	if (fd < 0)
		return error_set(err, errno, "open the state directory %s", root);
	r = check_root(root, fd, err);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

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

/*
 * Takes the lock, and makes sure that the directory was not removed meanwhile:
 * -ENOENT then. A new one of the same name is somebody else's.
 */
static int lock_entry(struct state_directory *dir, enum state_lock lock)
{
	struct stat ours, named;

	while (flock(dir->fd, LOCK_EX | (lock == STATE_LOCK_TRY ? LOCK_NB : 0)) < 0) {
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? -EBUSY : -errno;
	}
	dir->locked = true;
	if (fstat(dir->fd, &ours) < 0)
		return -errno;
	if (fstatat(dir->root_fd, dir->id, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino ? 0 : -ENOENT;
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
	r = dir->fd < 0 ? dir->fd : lock_entry(dir, STATE_LOCK_WAIT);
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
	r = make_directories(root, err);
	if (r < 0)
		return r;
	dir->root_fd = open_root(root, err);
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
	r = lock_entry(dir, lock);
	if (r == -ENOENT)
		return no_such_container(dir->id, err);
	if (r == -EBUSY)
		return error_say(err, EBUSY, "container \"%s\" is being worked on", dir->id);
	if (r < 0)
		return error_set(err, -r, "lock the directory of container %s", dir->id);
	return 0;
}

int state_open(const char *root, const char *id, enum state_lock lock, struct state_directory *dir,
	struct error *err)
{
	int r = state_check_id(id, err);

	prepare(dir, id);
	if (r < 0)
		return r;
	dir->root_fd = open_root(root, err);
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

int state_relock(struct state_directory *dir)
{
	return lock_entry(dir, STATE_LOCK_WAIT);
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

/* Removes what is in a directory, but for one name. */
static int remove_content(int dirfd, const char *but, unsigned depth)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!stream) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(stream))) {
		if (!is_dot(entry->d_name) && (!but || strcmp(entry->d_name, but) != 0))
			r = remove_entry(dirfd, entry->d_name, depth);
	}
	closedir(stream);
	return r;
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

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool may_be_container(int root_fd, const char *name)
{
	struct stat st;

	return state_check_id(name, NULL) == 0 &&
		fstatat(root_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Copies the names into the arena; their number is not known before the end. */
static int collect(DIR *stream, struct oci_arena *arena, struct oci_string_list *ids)
{
	size_t capacity = 0;
	struct dirent *entry;

	*ids = (struct oci_string_list){ 0 };
	while ((entry = readdir(stream))) {
		if (!may_be_container(dirfd(stream), entry->d_name))
			continue;
		if (ids->len == capacity) {
			const char **larger;

			capacity = capacity ? capacity * 2 : 64;
			larger = oci_arena_alloc(arena, capacity * sizeof(*larger));
			if (!larger)
				return -ENOMEM;
			if (ids->len)
				memcpy(larger, ids->items, ids->len * sizeof(*larger));
			ids->items = larger;
		}
		ids->items[ids->len] = oci_arena_strdup(arena, entry->d_name);
		if (!ids->items[ids->len++])
			return -ENOMEM;
	}
	return 0;
}

int state_list(const char *root, struct oci_arena *arena, struct oci_string_list *ids,
	struct error *err)
{
	int fd = open_root(root, err), r;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		return fd;
	if (!stream) {
		r = error_set(err, errno, "open the state directory %s", root);
		close(fd);
		return r;
	}
	r = collect(stream, arena, ids);
	closedir(stream);
	if (r < 0)
		return error_set(err, -r, "list the containers in %s", root);
	if (ids->len)
		qsort(ids->items, ids->len, sizeof(*ids->items), compare_ids);
	return 0;
}
