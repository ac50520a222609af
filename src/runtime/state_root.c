/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state directory itself, $root: where it is, whether it can be trusted, which containers are in it. */
#include "runtime/state_root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/state.h"
#include "runtime/user_namespace.h"
#include "util/cleanup.h"

const char *state_default_root(char *buffer, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned uid = geteuid();
	struct stat st;

	/* Root of a user namespace is an ordinary user; root of the host may have kept one's environment. */
	if (uid == 0 && !(runtime && *runtime == '/' && user_namespace_nested() > 0)) {
		snprintf(buffer, size, "/run/silo");
		return buffer;
	}
	if (runtime && *runtime == '/') {
		snprintf(buffer, size, "%s/silo", runtime);
		return buffer;
	}
	/* What systemd-logind makes; else a directory that state_root_open() trusts only if it is the user's alone. */
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

int state_root_make(const char *root, struct error *err)
{
	_cleanup_free_ char *prefix = strdup(root);

	if (!prefix)
		return error_set(err, ENOMEM, "make directory %s", root);
	for (char *end = prefix + 1; *end; end++) {
		if (*end != '/')
			continue;
		*end = '\0';
		mkdir(prefix, 0711); /* if it does not work out, the last one fails */
		*end = '/';
	}
	if (mkdir(prefix, 0711) < 0 && errno != EEXIST)
		return error_set(err, errno, "make directory %s", root);
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

int state_root_open(const char *root, struct error *err)
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
	int fd = state_root_open(root, err), r;
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
