/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tmpcopyup: what the image has below the mount point is copied into the new
 * tmpfs. The source is the image's own tree before anything of the container
 * runs; still, no link in it is followed.
 */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/directory.h"

#define DEPTH_MAX 64

static int copy_directory(struct init *init, int from, int to, unsigned depth);

static int copy_file(struct init *init, int from, int to, const char *name, const struct stat *st)
{
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 07777);
	ssize_t sent = 1;
	int r = 0;

	while (in >= 0 && out >= 0 && sent > 0)
		sent = sendfile(out, in, NULL, 1 << 30);
	if (in < 0 || out < 0 || sent < 0)
		r = init_failed(init, "tmpcopyup: copy", name);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return r;
}

static int copy_tree(struct init *init, int from, int to, const char *name, const struct stat *st,
	unsigned depth)
{
	int in, out, r;

	if (mkdirat(to, name, st->st_mode & 07777) < 0)
		return init_failed(init, "tmpcopyup: mkdir", name);
	in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = in < 0 || out < 0 ? init_failed(init, "tmpcopyup: open", name) :
				copy_directory(init, in, out, depth + 1);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return r;
}

static int copy_link(struct init *init, int from, int to, const char *name)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(from, name, text, sizeof(text) - 1);

	if (length < 0)
		return init_failed(init, "tmpcopyup: readlink", name);
	text[length] = '\0';
	if (symlinkat(text, to, name) < 0)
		return init_failed(init, "tmpcopyup: symlink", name);
	return 0;
}

static int copy_entry(struct init *init, int from, int to, const char *name, unsigned depth)
{
	struct stat st;
	int r;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return init_failed(init, "tmpcopyup: stat", name);
	if (S_ISDIR(st.st_mode))
		r = copy_tree(init, from, to, name, &st, depth);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(init, from, to, name);
	else if (S_ISREG(st.st_mode))
		r = copy_file(init, from, to, name, &st);
	else if (mknodat(to, name, st.st_mode, st.st_rdev) < 0)
		r = init_failed(init, "tmpcopyup: mknod", name);
	else
		r = 0;
	if (r == 0 && (st.st_uid || st.st_gid) &&
		fchownat(to, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = init_failed(init, "tmpcopyup: chown", name);
	return r;
}

static int copy_directory(struct init *init, int from, int to, unsigned depth)
{
	_Alignas(struct sys_dirent) char buffer[2048];
	long got;

	if (depth > DEPTH_MAX)
		return init_refused(init, ELOOP, "tmpcopyup: directories nested too deep", NULL);
	while ((got = sys_getdents64(from, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < got;) {
			const struct sys_dirent *entry = (const struct sys_dirent *)(buffer + at);
			int r = 0;

			if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
				r = copy_entry(init, from, to, entry->name, depth);
			if (r < 0)
				return r;
			at += entry->reclen;
		}
	}
	return got < 0 ? init_failed(init, "tmpcopyup: getdents64", NULL) : 0;
}

int tree_copy(struct init *init, int from, int to)
{
	return copy_directory(init, from, to, 0);
}
