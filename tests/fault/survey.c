/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a container could leave behind on this host, in the order of names:
 *
 *   survey [-a] PREFIX WORK DIRECTORY...
 *
 * processes with PREFIX in their arguments, with a root below WORK or running silo-init; cgroups with PREFIX in
 * their name; mounts with WORK in their line; loop devices of files below WORK; network devices with their
 * addresses; what is in the directories: of state, and a resctrl file system's. With -a this process's namespaces are the
 * caller's alone: all processes count but those that this one descends from, and all mounts.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *prefix, *work;
static bool all;

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Calls @each with the path of every entry, in order. */
static void each_entry(const char *directory, void (*each)(const char *path, const char *name))
{
	struct dirent **entries;
	int count = scandir(directory, &entries, no_dots, by_name);

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		each(path, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static size_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;

	while (fd >= 0 && (got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	if (fd >= 0)
		close(fd);
	text[used] = '\0';
	return used;
}

static pid_t parent_of(pid_t pid)
{
	char file[64], text[4096], *state;
	int parent = 0;

	snprintf(file, sizeof(file), "/proc/%d/stat", pid);
	read_file(file, text, sizeof(text));
	state = strrchr(text, ')');
	if (state)
		sscanf(state + 1, " %*c %d", &parent);
	return parent;
}

static bool descends_from(pid_t ancestor)
{
	pid_t pid = getpid();

	while (pid > 0 && pid != ancestor)
		pid = parent_of(pid);
	return pid == ancestor;
}

static void process(const char *path, const char *name)
{
	char file[PATH_MAX + 16], text[4096], root[PATH_MAX], exe[PATH_MAX];
	ssize_t length;
	size_t used;

	if (!isdigit((unsigned char)*name) || descends_from(atoi(name)))
		return;
	snprintf(file, sizeof(file), "%s/cmdline", path);
	used = read_file(file, text, sizeof(text));
	for (size_t i = 0; i + 1 < used; i++)
		text[i] = text[i] ? text[i] : ' ';
	snprintf(file, sizeof(file), "%s/root", path);
	length = readlink(file, root, sizeof(root) - 1);
	root[length < 0 ? 0 : length] = '\0';
	snprintf(file, sizeof(file), "%s/exe", path);
	length = readlink(file, exe, sizeof(exe) - 1);
	exe[length < 0 ? 0 : length] = '\0';
	if (!*exe) /* a kernel thread, or one that is as good as gone */
		return;
	if (all || strstr(text, prefix) || strncmp(root, work, strlen(work)) == 0 || strstr(exe, "silo-init"))
		printf("process %s %s\n", name, text);
}

static void cgroup(const char *path, const char *name)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	if (strstr(name, prefix))
		printf("cgroup %s\n", path);
	each_entry(path, cgroup);
}

static void tree(const char *path, const char *name)
{
	(void)name;
	printf("state %s\n", path);
	each_entry(path, tree);
}

static void loop(const char *path, const char *name)
{
	char file[PATH_MAX + 32], text[PATH_MAX];

	snprintf(file, sizeof(file), "%s/loop/backing_file", path);
	if (strncmp(name, "loop", 4) == 0 && read_file(file, text, sizeof(text)) && strstr(text, work))
		printf("loop device %s %s", name, text);
}

/* sysfs would show those of the namespace that it was mounted in. */
static void network(void)
{
	char address[INET6_ADDRSTRLEN];
	struct ifaddrs *addresses, *a;

	if (getifaddrs(&addresses) < 0)
		return;
	for (a = addresses; a; a = a->ifa_next) {
		int family = a->ifa_addr ? a->ifa_addr->sa_family : AF_UNSPEC;

		if (family == AF_PACKET)
			printf("network device %s%s\n", a->ifa_name, a->ifa_flags & IFF_UP ? " up" : "");
		else if (family == AF_INET)
			printf("address %s %s\n", a->ifa_name,
				inet_ntop(AF_INET, &((struct sockaddr_in *)a->ifa_addr)->sin_addr, address, sizeof(address)));
	}
	freeifaddrs(addresses);
}

static void mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		if (all || strstr(line, work))
			printf("mount %s", line);
	}
	free(line);
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "-a") == 0) {
		all = true;
		argc--;
		argv++;
	}
	if (argc < 4)
		return 2;
	prefix = argv[1];
	work = argv[2];
	each_entry("/proc", process);
	each_entry("/sys/fs/cgroup", cgroup);
	mounts();
	each_entry("/sys/block", loop);
	network();
	for (int i = 3; i < argc; i++)
		each_entry(argv[i], tree);
	return 0;
}
