/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container's status is, as opposed to what its file said last. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "cgroup/cgroup.h"
#include "runtime/state.h"
#include "sys/process.h"
#include "util/cleanup.h"

/* Fields of /proc/PID/stat, counted from 1 (proc_pid_stat(5)); the name before them may hold anything. */
#define STAT_STATE 3
#define STAT_THREADS 20
#define STAT_START_TIME 22
#define STAT_EXIT_CODE 52

struct stat_text {
	char buffer[1024], *rest; /* from the state on */
};

/* -ESRCH: there is no such process. */
static int read_stat(pid_t pid, struct stat_text *text)
{
	char path[64];
	_cleanup_close_ int fd = -1;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	got = read(fd, text->buffer, sizeof(text->buffer) - 1);
	if (got <= 0)
		return got < 0 ? -errno : -EIO;
	text->buffer[got] = '\0';
	text->rest = strrchr(text->buffer, ')');
	text->rest = text->rest && text->rest[1] == ' ' ? text->rest + 2 : NULL;
	return text->rest ? 0 : -EIO;
}

static unsigned long long stat_number(const struct stat_text *text, int field)
{
	const char *at = text->rest;

	for (; at && field > STAT_STATE; field--) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

int state_start_time(pid_t pid, uint64_t *ticks)
{
	struct stat_text text;
	int r = read_stat(pid, &text);

	if (r < 0)
		return r;
	*ticks = stat_number(&text, STAT_START_TIME);
	/* Where the first thread alone has ended, as by pthread_exit(3), the process looks like a zombie, and lives. */
	if (*text.rest == 'X' || (*text.rest == 'Z' && stat_number(&text, STAT_THREADS) <= 1))
		return -ESRCH;
	return 0;
}

/* As long as nobody has waited for it, for those who might trace it; others are shown 0. */
static bool zombie_exit_code(const struct container_state *state, int *status)
{
	struct stat_text text;
	char path[64], target[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)state->pid);
	if (readlink(path, target, sizeof(target)) < 0 || read_stat(state->pid, &text) < 0 || *text.rest != 'Z' ||
		stat_number(&text, STAT_START_TIME) != (unsigned long long)state->silo->startTime)
		return false;
	*status = (int)stat_number(&text, STAT_EXIT_CODE);
	return true;
}

bool state_exit_code(const struct container_state *state, int pidfd, int *status)
{
	struct sys_pidfd_info info = { .mask = SYS_PIDFD_INFO_EXIT };

	if (zombie_exit_code(state, status))
		return true;
	/* What waited for it has removed it: Linux 6.15 keeps the code for those who hold a pidfd. */
	if (sys_pidfd_get_info(pidfd, &info) < 0 || !(info.mask & SYS_PIDFD_INFO_EXIT))
		return false;
	*status = info.exit_code;
	return true;
}

/* Whether the pid still is the process that we started. One that cannot be looked at has not ended. */
static bool is_alive(const struct container_state *state)
{
	uint64_t ticks;
	int r = state->pid > 0 ? state_start_time(state->pid, &ticks) : -ESRCH;

	if (r < 0)
		return r != -ESRCH;
	return !state->silo->startTime || ticks == state->silo->startTime;
}

/*
 * Whether the process is an init that waits for `start`. Without the right to look it is taken for it: `start` writes
 * "running" into the file, so the question only comes up when `start` was killed in between. `run` does not, and its
 * init waits for nothing: the program may bear whatever name it likes.
 */
static bool waits_for_start(const struct state_directory *dir, pid_t pid)
{
	struct stat program, installed;
	char path[64], target[4096];
	ssize_t length;

	if (faccessat(dir->fd, START_SOCKET, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return errno == EACCES || errno == EPERM;
	target[length] = '\0';
	if (strstr(target, "memfd:" STATE_INIT_NAME))
		return true;
	/* The mount that the installed copy is executed through has no path. */
	return stat(path, &program) == 0 && stat(SILO_LIBEXECDIR "/" STATE_INIT_NAME, &installed) == 0 &&
		program.st_dev == installed.st_dev && program.st_ino == installed.st_ino;
}

/* Whether somebody else holds the lock, which only its creator does while a container is made. */
static bool is_being_made(const struct state_directory *dir)
{
	if (dir->locked)
		return false;
	if (flock(dir->fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(dir->fd, LOCK_UN);
	return false;
}

static bool is_frozen(const struct container_state *state)
{
	struct cgroup_layout *layout;
	struct oci_arena *arena;
	struct cgroup *cgroup;
	bool frozen = false;

	if (!state->silo->cgroupPath)
		return false;
	arena = oci_arena_new();
	if (!arena)
		return false;
	if (cgroup_layout_read(arena, &layout, NULL) == 0 &&
		cgroup_open(layout, state->silo->cgroupPath, arena, &cgroup, NULL) == 0) {
		frozen = cgroup_frozen(cgroup);
		cgroup_close(cgroup);
	}
	oci_arena_free(arena);
	return frozen;
}

enum oci_status state_status(const struct state_directory *dir, const struct container_state *state)
{
	if (state->status == OCI_STATUS_CREATING)
		return is_being_made(dir) ? OCI_STATUS_CREATING : OCI_STATUS_STOPPED;
	if (state->status == OCI_STATUS_STOPPED || !is_alive(state))
		return OCI_STATUS_STOPPED;
	if (is_frozen(state))
		return OCI_STATUS_PAUSED;
	if (state->status == OCI_STATUS_CREATED && waits_for_start(dir, state->pid))
		return OCI_STATUS_CREATED;
	return OCI_STATUS_RUNNING;
}

/* The password database is a library's work to read: not for root, who is asked for most. */
static const char *user_name(uid_t uid, struct oci_arena *arena)
{
	const struct passwd *user = uid ? getpwuid(uid) : NULL;

	if (user)
		return oci_arena_strdup(arena, user->pw_name);
	return uid ? oci_arena_printf(arena, "%u", (unsigned)uid) : "root";
}

int state_report(const struct state_directory *dir, const struct container_state *state,
	struct oci_arena *arena, struct oci_state *shown, struct error *err)
{
	enum oci_status status = state_status(dir, state);

	*shown = (struct oci_state){
		.ociVersion = state->ociVersion,
		.id = state->id,
		.pid = status == OCI_STATUS_STOPPED ? 0 : state->pid,
		.status = status,
		.bundle = state->bundle,
		.rootfs = state->rootfs,
		.created = state->created,
		.annotations = state->annotations,
		.owner = state->owner ? state->owner : user_name(dir->owner, arena),
	};
	return shown->owner ? 0 : error_set(err, ENOMEM, "report the state of container %s", dir->id);
}

const char *state_time(char *buffer)
{
	struct timespec now;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(buffer, STATE_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(buffer + used, STATE_TIME_SIZE - used, ".%09ldZ", now.tv_nsec);
	return buffer;
}
