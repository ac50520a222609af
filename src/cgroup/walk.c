/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cgroups below one. A container can nest them as deep as it likes, deeper than descriptors, our stack and
 * PATH_MAX reach, and make and remove them meanwhile: one descriptor goes down and up, and what is still to be seen
 * is a list of names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "sys/directory.h"

struct place {
	char *name;
	size_t parent; /* index of the place that it is in, from 1; 0: the directory where the walk began */
	ino_t inode;   /* once it was entered */
	bool entered;
};

/* The places that were entered are those on the way from the beginning to where we are. */
struct walk {
	int top, here;
	ino_t top_inode;
	struct place *places;
	size_t count, capacity;
};

static bool is_gone(int code)
{
	return code == ENOENT || code == ENODEV;
}

static int open_directory(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void go_to(struct walk *walk, int fd)
{
	if (walk->here >= 0)
		close(walk->here);
	walk->here = fd;
}

static void drop(struct walk *walk, size_t count)
{
	while (walk->count > count)
		free(walk->places[--walk->count].name);
}

static int add(struct walk *walk, size_t parent, const char *name)
{
	if (walk->count == walk->capacity) {
		size_t wanted = walk->capacity ? 2 * walk->capacity : 64;
		struct place *moved = realloc(walk->places, wanted * sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		walk->places = moved;
		walk->capacity = wanted;
	}
	walk->places[walk->count] = (struct place){ .name = strdup(name), .parent = parent };
	return walk->places[walk->count].name ? (walk->count++, 0) : -ENOMEM;
}

/* Notes the directories in the one where we are, which is place @parent. */
static int look(struct walk *walk, size_t parent)
{
	_Alignas(struct sys_dirent) char buffer[4096];
	long got;

	while ((got = sys_getdents64(walk->here, buffer, sizeof(buffer))) > 0) {
		const struct sys_dirent *entry;

		for (long at = 0; at < got; at += entry->reclen) {
			int r = 0;

			entry = (const struct sys_dirent *)(buffer + at);
			if (entry->type == DT_DIR && strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
				r = add(walk, parent, entry->name);
			if (r < 0)
				return r;
		}
	}
	return got < 0 && !is_gone(errno) ? -errno : 0;
}

/* Into the last place of the list. */
static int enter(struct walk *walk)
{
	size_t last = walk->count;
	struct place *place = &walk->places[last - 1];
	int fd = open_directory(walk->here, place->name);
	struct stat st;

	if (fd < 0 && !is_gone(-fd))
		return fd;
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		drop(walk, last - 1);
		return 0;
	}
	go_to(walk, fd);
	place->inode = st.st_ino;
	place->entered = true;
	return look(walk, last);
}

/*
 * From the beginning, to the place above the last one, since the way up is cut off: somebody has removed where we are.
 * What is not there any more is left out, with all below. Return: the descriptor, or -ENOENT when we are elsewhere now.
 */
static int find_again(struct walk *walk)
{
	int fd = open_directory(walk->top, "."), next;

	for (size_t i = 0; fd >= 0 && i + 1 < walk->count; i++) {
		if (!walk->places[i].entered)
			continue;
		next = open_directory(fd, walk->places[i].name);
		if (next < 0 && is_gone(-next)) {
			drop(walk, i);
			go_to(walk, fd);
			return -ENOENT;
		}
		close(fd);
		fd = next;
	}
	return fd;
}

/* The directory above, which must be the one that we came from. */
static int open_parent(struct walk *walk)
{
	size_t parent = walk->places[walk->count - 1].parent;
	ino_t inode = parent ? walk->places[parent - 1].inode : walk->top_inode;
	int fd = open_directory(walk->here, "..");
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == inode)
		return fd;
	if (fd >= 0)
		close(fd);
	return find_again(walk);
}

static int step(struct walk *walk, int (*function)(int dir, int parent, const char *name, void *data), void *data)
{
	int parent, r;

	if (!walk->places[walk->count - 1].entered)
		return enter(walk);
	parent = open_parent(walk);
	if (parent < 0)
		return is_gone(-parent) ? 0 : parent;
	r = function(walk->here, parent, walk->places[walk->count - 1].name, data);
	drop(walk, walk->count - 1);
	go_to(walk, parent);
	return r;
}

int cgroup_walk(
	int dir, int (*function)(int dir, int parent, const char *name, void *data), void *data)
{
	/* A second description, because the first one's offset belongs to the caller. */
	struct walk walk = { .top = dir, .here = open_directory(dir, ".") };
	struct stat st;
	int r = walk.here < 0 ? walk.here : fstat(dir, &st) < 0 ? -errno : 0;

	if (r == 0) {
		walk.top_inode = st.st_ino;
		r = look(&walk, 0);
	}
	while (r == 0 && walk.count)
		r = step(&walk, function, data);
	drop(&walk, 0);
	free(walk.places);
	go_to(&walk, -1);
	if (r == 0)
		r = function(dir, -1, "", data);
	return r < 0 && is_gone(-r) ? 0 : r; /* removed meanwhile */
}
