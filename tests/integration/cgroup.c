/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroups made for real: limits have to have their effect, and nothing may be left behind. Needs
 * root. Runs on the host's own layout first, then in mount namespaces where only v1 and only the v2
 * tree are to be seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/cgroup_support.h"
#include "sys/mount.h"
#include "sys/process.h"

#define GROUP "/silo-test-cgroup"
#define HIERARCHIES_MAX 32

static unsigned failures, checks;
static const struct cgroup_layout *layout;
static struct oci_arena *arena;

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		checks++;                                                                          \
		if (!(condition)) {                                                                \
			failures++;                                                                \
			printf("not ok: %s:%d: %s: ", __func__, __LINE__, #condition);             \
			printf(__VA_ARGS__);                                                       \
			printf("\n");                                                              \
		}                                                                                  \
	} while (0)

static bool has(const char *controller)
{
	return cgroup_find(layout, controller, false) >= 0 ||
	       cgroup_find(layout, controller, true) >= 0;
}

static const struct cgroup_spec *compile_here(const char *path, const char *resources)
{
	static const struct plan_options options = { .id = "silo-test", .bundle = "/" };
	struct compiled *done = calloc(1, sizeof(*done));
	struct oci_document *document = NULL;
	struct oci_error error = { 0 };
	char json[2048];

	snprintf(json, sizeof(json),
		"{\"ociVersion\": \"1.3.0\", \"root\": {\"path\": \"r\"}, \"linux\": "
		"{\"cgroupsPath\": \"%s\", \"resources\": {%s}}}",
		path, resources);
	if (oci_read(&oci_config_type, json, strlen(json), 0, &document, &error) < 0) {
		printf("not ok: %s\n", error.message);
		exit(1);
	}
	done->facts.cgroups = layout;
	done->c = (struct compile){ .document = document,
		.config = document->root,
		.host = &done->facts,
		.options = &options,
		.arena = document->arena,
		.err = &done->err,
		.plan = &done->plan };
	if (aspect_cgroup(&done->c) < 0) {
		printf("not ok: %s\n", done->err.message);
		exit(1);
	}
	return done->c.cgroup;
}

static struct cgroup *make(const char *path, const char *resources)
{
	struct cgroup *cgroup = NULL;
	struct error err = { 0 };

	if (cgroup_make(compile_here(path, resources), arena, &cgroup, &err) < 0) {
		printf("not ok: make %s {%s}: %s\n", path, resources, err.message);
		exit(1);
	}
	return cgroup;
}

/* As init does: a process moves itself into the v1 hierarchies. */
static void join_and_run(const int *tasks, int joined, int go, int (*function)(void))
{
	char byte;

	for (int i = 0; i < HIERARCHIES_MAX; i++) {
		if (tasks[i] >= 0 && write(tasks[i], "0", 1) != 1)
			_exit(98);
	}
	if (write(joined, "x", 1) != 1 || read(go, &byte, 1) != 1)
		_exit(99);
	_exit(function());
}

/* Runs a function in the cgroup; born inside (CLONE_INTO_CGROUP) where there is a v2 tree. */
static pid_t spawn(const struct cgroup *cgroup, int (*function)(void))
{
	struct clone_args args = { .flags = cgroup->v2_fd >= 0 ? CLONE_INTO_CGROUP : 0,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup->v2_fd >= 0 ? (uint64_t)cgroup->v2_fd : 0 };
	int tasks[HIERARCHIES_MAX], joined[2], go[2];
	struct error err = { 0 };
	char byte;
	pid_t pid;

	memset(tasks, -1, sizeof(tasks));
	CHECK(cgroup_open_tasks(cgroup, tasks, HIERARCHIES_MAX, &err) == 0, "%s", err.message);
	if (pipe(go) < 0 || pipe(joined) < 0)
		exit(1);
	fflush(stdout);
	pid = sys_clone3(&args);
	if (pid == 0) {
		close(go[1]);
		join_and_run(tasks, joined[1], go[0], function);
	}
	close(go[0]);
	close(joined[1]);
	CHECK(pid > 0, "clone3: %s", strerror(errno));
	CHECK(read(joined[0], &byte, 1) == 1, "the process could not join");
	if (cgroup->spec)
		CHECK(cgroup_apply(cgroup, cgroup->spec->settings, cgroup->spec->setting_count, true,
			      &err) == 0,
			"%s", err.message);
	for (int i = 0; i < HIERARCHIES_MAX; i++) {
		if (tasks[i] >= 0)
			close(tasks[i]);
	}
	if (write(go[1], "x", 1) != 1)
		exit(1);
	close(go[1]);
	close(joined[0]);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static bool exists(const struct cgroup *cgroup, const char *path)
{
	struct stat st;
	char full[512];

	for (size_t i = 0; i < cgroup->layout->count; i++) {
		snprintf(full, sizeof(full), "%s%s", cgroup->layout->items[i].mountpoint, path);
		if (stat(full, &st) == 0)
			return true;
	}
	return false;
}

static void finish_at(struct cgroup *cgroup, const char *test)
{
	struct error err = { 0 };

	CHECK(cgroup_remove(cgroup, &err) == 0, "%s: %s", test, err.message);
	CHECK(!exists(cgroup, cgroup->path), "%s: %s is left", test, cgroup->path);
	cgroup_close(cgroup);
}

#define finish(cgroup) finish_at(cgroup, __func__)

static int eat_memory(void)
{
	for (int i = 0; i < 96; i++) {
		char *block = mmap(
			NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memset(block, 1, 1 << 20);
	}
	return 0;
}

static void test_memory(void)
{
	struct cgroup *cgroup = make(GROUP, "\"memory\": {\"limit\": 33554432}");
	long long limit, usage;

	CHECK(!cgroup_oom(cgroup, &limit, &usage), "before");
	CHECK(wait_for(spawn(cgroup, eat_memory)) == 1000 + SIGKILL, "96 MiB fit into 32 MiB");
	CHECK(cgroup_oom(cgroup, &limit, &usage), "not seen");
	CHECK(limit == 33554432 && usage > 30000000 && usage <= limit, "limit %lld usage %lld",
		limit, usage);
	finish(cgroup);
	cgroup = make(GROUP, "");
	CHECK(wait_for(spawn(cgroup, eat_memory)) == 0, "killed without a limit");
	finish(cgroup);
}

static int eat_48(void)
{
	char *block =
		mmap(NULL, 48 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(block, 1, 48 << 20);
	pause();
	return 0;
}

static int apply(const struct cgroup *cgroup, const char *resources, struct error *err)
{
	const struct cgroup_spec *spec = compile_here(GROUP, resources);

	return cgroup_apply(cgroup, spec->settings, spec->setting_count, false, err);
}

/* Limits of a running container: in the order that the kernel takes, and never below what is used
 * (RME-08). */
static void test_memory_update(void)
{
	struct cgroup *cgroup =
		make(GROUP, "\"memory\": {\"limit\": 33554432, \"swap\": 33554432}");
	struct error err = { 0 };
	pid_t pid;

	CHECK(apply(cgroup, "\"memory\": {\"limit\": 67108864, \"swap\": 67108864}", &err) == 0,
		"%s", err.message);
	pid = spawn(cgroup, eat_48);
	usleep(300000);
	CHECK(apply(cgroup, "\"memory\": {\"limit\": 33554432, \"checkBeforeUpdate\": true}",
		      &err) == -EBUSY,
		"taken though 48 MiB are in use");
	CHECK(strstr(err.message, "in use"), "%s", err.message);
	CHECK(strcmp(err.pointer, "/linux/resources/memory/limit") == 0, "%s", err.pointer);
	CHECK(kill(pid, SIGUSR1) == 0 && wait_for(pid) == 1000 + SIGUSR1, "died of it");
	CHECK(apply(cgroup,
		      "\"memory\": {\"limit\": 33554432, \"swap\": 33554432, "
		      "\"checkBeforeUpdate\": true}",
		      &err) == 0,
		"%s", err.message);
	CHECK(wait_for(spawn(cgroup, eat_memory)) == 1000 + SIGKILL,
		"the lower limit does not hold");
	finish(cgroup);
}

static int fork_bomb(void)
{
	int made;

	signal(SIGCHLD, SIG_IGN);
	for (made = 0; made < 50; made++) {
		pid_t pid = fork();

		if (pid < 0)
			return errno == EAGAIN ? made : 98;
		if (pid == 0) {
			pause();
			_exit(0);
		}
	}
	return made;
}

static void test_pids(void)
{
	struct cgroup *cgroup = make(GROUP, "\"pids\": {\"limit\": 6}");

	CHECK(wait_for(spawn(cgroup, fork_bomb)) == 5, "six tasks");
	finish(cgroup); /* which kills five */
	cgroup = make(GROUP, "\"pids\": {\"limit\": 0}");
	CHECK(wait_for(spawn(cgroup, fork_bomb)) == 0, "0 allows no fork (RPI-01)");
	finish(cgroup);
}

static int report_cpus(void)
{
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	return CPU_COUNT(&set) == 1 && CPU_ISSET(1, &set);
}

static void test_cpuset(void)
{
	struct cgroup *cgroup = make(GROUP "/deeper/down", "\"cpu\": {\"cpus\": \"1\"}");

	CHECK(wait_for(spawn(cgroup, report_cpus)) == 1, "not on CPU 1 only");
	finish(cgroup);
}

static int burn(void)
{
	struct timespec start, now, used;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (
		(now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 600);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int)((used.tv_sec * 1000 + used.tv_nsec / 1000000) / 6); /* percent */
}

static void test_quota(void)
{
	struct cgroup *cgroup = make(GROUP, "\"cpu\": {\"quota\": 10000, \"period\": 100000}");
	int percent = wait_for(spawn(cgroup, burn));

	CHECK(percent <= 30, "%d percent of a CPU with a quota of 10", percent);
	finish(cgroup);
}

static int open_devices(void)
{
	int null = open("/dev/null", O_RDWR), message = open("/dev/kmsg", O_RDONLY);
	int result = (null >= 0) | (message >= 0) << 1;

	return result | (message < 0 && errno == EPERM ? 4 : 0);
}

static void test_devices(void)
{
	struct cgroup *cgroup =
		make(GROUP, "\"devices\": [{\"allow\": false, \"access\": \"rwm\"}]");

	CHECK(open_devices() == 3, "this host does not let root open /dev/kmsg");
	CHECK(wait_for(spawn(cgroup, open_devices)) == 5, "null only");
	finish(cgroup);
	cgroup = make(GROUP, "\"devices\": [{\"allow\": false}, "
			     "{\"allow\": true, \"type\": \"c\", \"major\": 1, \"minor\": 11, "
			     "\"access\": \"r\"}]");
	CHECK(wait_for(spawn(cgroup, open_devices)) == 3, "both");
	finish(cgroup);
}

static void test_device_update(void)
{
	const struct cgroup_spec *open_all =
		compile_here(GROUP, "\"devices\": [{\"allow\": true}]");
	struct cgroup *cgroup = make(GROUP, "\"devices\": [{\"allow\": false}]"), *again = NULL;
	struct error err = { 0 };

	CHECK(cgroup_open(layout, cgroup->saved, arena, &again, &err) == 0, "%s", err.message);
	if (open_all->device_program)
		CHECK(cgroup_set_devices(again, open_all->device_program,
			      open_all->device_program_length, &err) == 0,
			"%s", err.message);
	else
		CHECK(cgroup_apply(
			      again, open_all->settings, open_all->setting_count, false, &err) == 0,
			"%s", err.message);
	CHECK(wait_for(spawn(cgroup, open_devices)) == 3, "the old rules still hold");
	cgroup_close(again);
	finish(cgroup);
}

static volatile unsigned *counter;

static __attribute__((noreturn)) int count_up(void)
{
	signal(SIGTERM, SIG_IGN);
	for (;;)
		(*counter)++;
}

/* A busy machine may give it no time for a while. */
static bool runs(void)
{
	unsigned before = *counter;

	for (int i = 0; i < 100 && *counter == before; i++)
		usleep(60000);
	return *counter != before;
}

static bool stands_still(void)
{
	unsigned before = *counter;

	usleep(60000);
	return *counter == before;
}

static bool busy(void)
{
	double load = 0;

	return getloadavg(&load, 1) == 1 && load > 2 * (double)sysconf(_SC_NPROCESSORS_ONLN);
}

static void test_freeze(void)
{
	struct cgroup *cgroup = make(GROUP, "");
	struct error err = { 0 };
	struct cgroup *other = NULL;
	struct timespec start, end;
	pid_t pid = spawn(cgroup, count_up);

	CHECK(runs(), "does not run");
	CHECK(!cgroup_frozen(cgroup), "before");
	CHECK(cgroup_freeze(cgroup, true, &err) == 0, "%s", err.message);
	CHECK(stands_still(), "runs though frozen");
	CHECK(cgroup_frozen(cgroup), "not seen");
	CHECK(cgroup_freeze(cgroup, false, &err) == 0, "%s", err.message);
	CHECK(runs(), "does not run again");
	CHECK(cgroup_make(compile_here(GROUP, ""), arena, &other, &err) == -EBUSY,
		"a non-empty cgroup (CGP-06)");
	CHECK(strstr(err.message, "not empty"), "%s", err.message);
	CHECK(runs(), "the refused attempt harmed it");
	cgroup_freeze(cgroup, true, &err);
	clock_gettime(CLOCK_MONOTONIC, &start);
	finish(cgroup); /* frozen, and ignores SIGTERM */
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* Longer than this only when a frozen process was first waited for, or the machine has others to serve. */
	CHECK((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000 < 150 || busy(),
		"not thawed first");
	CHECK(wait_for(pid) == 1000 + SIGKILL, "not killed");
}

static void test_signal(void)
{
	struct cgroup *cgroup = make(GROUP, "");
	struct error err = { 0 };
	pid_t first = spawn(cgroup, pause), second = spawn(cgroup, pause), *pids;
	size_t count;

	CHECK(cgroup_processes(cgroup, &pids, &count, &err) == 0 && count == 2, "%zu", count);
	CHECK(cgroup_signal(cgroup, SIGUSR1, 0, &err) == 0, "%s", err.message);
	CHECK(wait_for(first) == 1000 + SIGUSR1 && wait_for(second) == 1000 + SIGUSR1, "not all");
	first = spawn(cgroup, count_up);
	CHECK(cgroup_signal(cgroup, SIGKILL, 0, &err) == 0, "%s", err.message);
	CHECK(wait_for(first) == 1000 + SIGKILL, "not killed");
	CHECK(cgroup_signal(cgroup, SIGKILL, 0, &err) == 0, "nobody is there: %s", err.message);
	finish(cgroup);
}

/* Processes in cgroups that the container made itself, in each hierarchy another one. */
static void test_nested(void)
{
	struct cgroup *cgroup = make(GROUP, "");
	pid_t pids[8];
	char path[512];
	size_t n = 0;

	for (size_t i = 0; i < layout->count && n < 8; i++) {
		FILE *procs;

		if (strcmp(layout->items[i].controllers, "cpuset") == 0)
			continue;
		pids[n] = spawn(cgroup, count_up);
		snprintf(path, sizeof(path), "%s" GROUP "/a", layout->items[i].mountpoint);
		mkdir(path, 0755);
		strcat(path, "/b");
		CHECK(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
		strcat(path, "/cgroup.procs");
		procs = fopen(path, "w");
		fprintf(procs, "%d", pids[n++]);
		fclose(procs);
	}
	finish(cgroup);
	while (n--)
		CHECK(wait_for(pids[n]) == 1000 + SIGKILL, "not killed");
}

/* Moved to somebody else's frozen cgroup, where it cannot die. */
static void test_kidnapped(void)
{
	ssize_t freezer = cgroup_find(layout, "freezer", false);
	struct cgroup *cgroup;
	char path[512], file[600];
	pid_t pid;
	FILE *f;

	if (freezer < 0)
		return;
	cgroup = make(GROUP, "");
	pid = spawn(cgroup, count_up);
	snprintf(path, sizeof(path), "%s" GROUP "-other", layout->items[freezer].mountpoint);
	mkdir(path, 0755);
	snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	f = fopen(file, "w");
	fprintf(f, "%d", pid);
	fclose(f);
	snprintf(file, sizeof(file), "%s/freezer.state", path);
	f = fopen(file, "w");
	fprintf(f, "FROZEN");
	fclose(f);
	finish(cgroup);
	CHECK(wait_for(pid) == 1000 + SIGKILL, "not killed");
	CHECK(rmdir(path) == 0, "%s", strerror(errno));
}

/* OPS-24: what was there before stays, and the text for the state file knows. */
static void test_foreign(void)
{
	struct cgroup *cgroup, *again = NULL;
	struct error err = { 0 };
	char path[512];
	pid_t pid;

	snprintf(path, sizeof(path), "%s" GROUP, layout->items[layout->count - 1].mountpoint);
	CHECK(mkdir(path, 0755) == 0, "%s", strerror(errno));
	cgroup = make(GROUP, "");
	pid = spawn(cgroup, count_up);
	CHECK(cgroup_open(layout, cgroup->saved, arena, &again, &err) == 0, "%s", err.message);
	CHECK(cgroup_remove(again, &err) == 0, "%s", err.message);
	CHECK(wait_for(pid) == 1000 + SIGKILL, "not killed");
	CHECK(rmdir(path) == 0, "the cgroup that was there before is gone: %s", strerror(errno));
	CHECK(!exists(cgroup, GROUP), "the others are not");
	cgroup_close(again);
	cgroup_close(cgroup);
	/* all of it is gone: that is no error */
	CHECK(cgroup_open(layout, GROUP, arena, &again, &err) == 0, "%s", err.message);
	CHECK(cgroup_remove(again, &err) == 0, "%s", err.message);
	cgroup_close(again);
}

/* A value that the kernel refuses: named, and nothing is left. */
static void test_undo(void)
{
	bool cpuset = has("cpuset");
	const struct cgroup_spec *spec;
	struct cgroup *cgroup = NULL;
	struct error err = { 0 };
	struct cgroup probe = { .layout = layout };

	if (!cpuset && cgroup_find(layout, "", true) < 0) {
		printf("# neither cpuset nor v2: no value is known that would be refused\n");
		return;
	}
	spec = compile_here(GROUP "/x/y", cpuset ? "\"cpu\": {\"cpus\": \"0,4000\"}" :
						   "\"unified\": {\"cgroup.max.depth\": \"-5\"}");
	CHECK(cgroup_make(spec, arena, &cgroup, &err) < 0, "taken");
	CHECK(strstr(err.message, cpuset ? "\"0,4000\"" : "\"-5\""), "%s", err.message);
	CHECK(strstr(err.message,
		      cpuset ? GROUP "/x/y/cpuset.cpus" : GROUP "/x/y/cgroup.max.depth"),
		"%s", err.message);
	CHECK(strcmp(err.pointer, cpuset ? "/linux/resources/cpu/cpus"
					 : "/linux/resources/unified/cgroup.max.depth") == 0,
		"%s", err.pointer);
	CHECK(err.line == 1, "%u", err.line);
	CHECK(!exists(&probe, GROUP), "parents are left");
}

static void test_huge_pages(void)
{
	struct cgroup *cgroup;

	if (cgroup_find(layout, "hugetlb", true) < 0)
		return;
	/* The controller has to be enabled for the file to be there. */
	cgroup = make(GROUP "/a/b", "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}]");
	finish(cgroup);
}

static void remove_below(const char *mountpoint, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s" GROUP "%s", mountpoint, name);
	rmdir(path);
}

/* Parents stay when a container goes, since others may be about to use them; here nobody is. */
static void clean_up(void)
{
	static const char *const names[] = { "/deeper", "/a", "" };

	for (size_t i = 0; i < layout->count; i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			remove_below(layout->items[i].mountpoint, names[k]);
	}
}

static void run_all(const char *name)
{
	struct cgroup_layout *found = NULL;
	struct error err = { 0 };

	arena = oci_arena_new();
	if (cgroup_layout_read(arena, &found, &err) < 0 || !found->count) {
		printf("not ok: %s: no cgroups here: %s\n", name, err.message);
		exit(1);
	}
	layout = found;
	printf("# %s: %zu hierarchies, limits of memory%s pids%s cpuset%s cpu%s can be tried\n",
		name, layout->count, has("memory") ? "" : " not", has("pids") ? "" : " not",
		has("cpuset") ? "" : " not", has("cpu") ? "" : " not");
	if (has("memory"))
		test_memory();
	if (has("memory"))
		test_memory_update();
	if (has("pids"))
		test_pids();
	if (has("cpuset"))
		test_cpuset();
	clean_up();
	if (has("cpu"))
		test_quota();
	test_devices();
	test_device_update();
	test_freeze();
	test_signal();
	test_nested();
	test_kidnapped();
	test_foreign();
	test_undo();
	test_huge_pages();
	clean_up();
	oci_arena_free(arena);
}

static int other_layouts(void)
{
	/* A host that has v2 alone has no others; and who mounts it anew sets its options for all. */
	if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0)
		return 0;
	if (unshare(CLONE_NEWNS) < 0 || sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		printf("not ok: cannot have a mount namespace: %s\n", strerror(errno));
		return -1;
	}
	/* On a hybrid host, hide the v2 tree: no cgroup.kill, no events, no CLONE_INTO_CGROUP. */
	if (sys_mount("tmpfs", "/sys/fs/cgroup/unified", "tmpfs", 0, NULL) == 0)
		run_all("v1 alone");
	if (sys_mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) < 0) {
		printf("not ok: cannot mount cgroup2: %s\n", strerror(errno));
		return -1;
	}
	run_all("v2 alone");
	return 0;
}

int main(void)
{
	struct statfs fs;

	if (geteuid() != 0) {
		printf("ok # SKIP needs root\n");
		return 77;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	run_all("the host's layout");
	/* Where v2 alone is what the host has, that was it. */
	if (statfs("/sys/fs/cgroup", &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC) {
		if (other_layouts() < 0)
			return 1;
	}
	printf("%s: %u of %u checks failed\n", failures ? "not ok" : "ok", failures, checks);
	return failures ? 1 : 0;
}
