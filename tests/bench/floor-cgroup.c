/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container's cgroups: one per hierarchy, made, joined and removed. Files are opened with
 * openat because musl's open() adds an fcntl for O_CLOEXEC, for kernels older than the flag.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char text[16384];

static void slurp(const char *path)
{
	int fd = (int)check(openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC), path);
	ssize_t used = 0, got;

	do {
		got = check(read(fd, text + used, sizeof(text) - 1 - used), path);
		used += got;
	} while (got > 0);
	text[used] = '\0';
	close(fd);
}

/* Where are we in each hierarchy, to go back there: lines of ID:CONTROLLERS:PATH. */
static void find_self(struct floor *floor)
{
	slurp("/proc/self/cgroup");
	for (char *save, *line = strtok_r(text, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		char *name = strchr(line, ':') + 1;
		char *path = strchr(name, ':');

		*path++ = '\0';
		if (!strncmp(name, "name=", 5))
			name += 5;
		for (int i = 0; i < floor->hierarchies; i++) {
			struct hierarchy *h = &floor->hierarchy[i];

			if (h->unified ? !*name : !strcmp(h->name, name))
				snprintf(h->self, sizeof(h->self), "%s%s/cgroup.procs", h->path,
					path);
		}
	}
}

void cgroups_discover(struct floor *floor)
{
	floor->hierarchies = 0;
	slurp("/proc/self/mounts");
	for (char *save, *line = strtok_r(text, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		struct hierarchy *h = &floor->hierarchy[floor->hierarchies];
		char type[16];

		if (sscanf(line, "%*s %127s %15s", h->path, type) != 2 ||
			strncmp(type, "cgroup", 6))
			continue;
		h->unified = !strcmp(type, "cgroup2");
		h->name = strrchr(h->path, '/') + 1;
		h->dir = h->procs = -1;
		if (++floor->hierarchies == FLOOR_HIERARCHIES)
			break;
	}
	if (floor->attach == ATTACH_SELF)
		find_self(floor);
}

/* A v1 cpuset starts empty and takes nobody in until it has processors and memory nodes. */
static void copy_up(int dir, int from, const char *name)
{
	char value[256];
	int fd = (int)check(openat(from, name, O_RDONLY | O_CLOEXEC), name);
	ssize_t size = check(read(fd, value, sizeof(value)), name);

	close(fd);
	fd = (int)check(openat(dir, name, O_WRONLY | O_CLOEXEC), name);
	check(write(fd, value, size), name);
	close(fd);
}

static void fill_cpuset(const struct hierarchy *h)
{
	int root = (int)check(openat(AT_FDCWD, h->path, O_PATH | O_DIRECTORY | O_CLOEXEC), h->path);

	copy_up(h->dir, root, "cpuset.cpus");
	copy_up(h->dir, root, "cpuset.mems");
	close(root);
}

void cgroups_make(struct floor *floor)
{
	char path[PATH_MAX];

	for (int i = 0; i < floor->hierarchies; i++) {
		snprintf(path, sizeof(path), "%s/%s", floor->hierarchy[i].path, floor->cgroup);
		check(mkdir(path, 0755), path);
	}
	lap(PHASE_CGROUP_MKDIR);

	for (int i = 0; i < floor->hierarchies; i++) {
		struct hierarchy *h = &floor->hierarchy[i];
		const char *file = floor->attach == ATTACH_TASKS ? "tasks" : "cgroup.procs";

		snprintf(path, sizeof(path), "%s/%s", h->path, floor->cgroup);
		if (h->unified || !strcmp(h->name, "cpuset"))
			h->dir = (int)check(
				openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
		if (!strcmp(h->name, "cpuset"))
			fill_cpuset(h);
		if (h->unified && floor->attach != ATTACH_SELF)
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", h->path, floor->cgroup, file);
		h->procs = (int)check(openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC), path);
	}
	lap(PHASE_CGROUP_OPEN);
}

void cgroups_attach(const struct floor *floor, const char *pid)
{
	for (int i = 0; i < floor->hierarchies; i++)
		if (floor->hierarchy[i].procs >= 0)
			check(write(floor->hierarchy[i].procs, pid, strlen(pid)),
				floor->hierarchy[i].path);
}

void cgroups_attach_back(const struct floor *floor)
{
	for (int i = 0; i < floor->hierarchies; i++) {
		const char *path = floor->hierarchy[i].self;
		int fd = (int)check(openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC), path);

		check(write(fd, "0", 1), path);
		close(fd);
	}
}

void cgroups_remove(struct floor *floor)
{
	char path[PATH_MAX];

	for (int i = 0; i < floor->hierarchies; i++) {
		struct hierarchy *h = &floor->hierarchy[i];

		if (h->procs >= 0)
			close(h->procs);
		if (h->dir >= 0)
			close(h->dir);
		snprintf(path, sizeof(path), "%s/%s", h->path, floor->cgroup);
		check(rmdir(path), path);
	}
}
