/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cgroup whose upper part is a scope of systemd's. A scope is never without a process: it begins
 * with a place holder of ours, so that its limits stand before the container's first process is born
 * into it, and the place holder goes once that is there. Should we be killed before, so is
 * the place holder, and systemd removes the scope that has become empty.
 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "cgroup/systemd.h"
#include "sys/process.h"
#include "util/cleanup.h"

/* Closes all it has inherited, so that nobody waits for the other end of something because of it. */
static void hold_place(pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sys_close_range(0, ~0U, 0);
	for (;;)
		pause();
}

/* Where the scope is; on v2 the container's cgroup is below it. */
static int set_paths(struct cgroup *cgroup, const char *path, struct error *err)
{
	const struct systemd_scope *scope = cgroup->spec->scope;
	const char *below = *scope->subgroup ? oci_arena_printf(cgroup->arena, "%s/%s", path,
						       scope->subgroup) :
					       path;

	if (!below)
		return error_set(err, ENOMEM, "make the scope's cgroup");
	for (size_t i = 0; i < cgroup->layout->count; i++)
		cgroup->paths[i] = below;
	cgroup->path = below;
	cgroup->delegated = strlen(path);
	cgroup->unit = &scope->unit;
	return 0;
}

/*
 * Where systemd's answer was lost, it may have made the scope, or be about to, and a process that is dead by then ends
 * none. Only if nobody is in it: it may be another's of the same name.
 */
static void take_back(const struct cgroup *cgroup)
{
	const struct systemd_scope *scope = cgroup->spec->scope;
	ssize_t v2 = cgroup_find(cgroup->layout, "", true);
	_cleanup_free_ char *events = NULL;
	const char *path, *file;
	struct error ignored;

	if (v2 < 0 || systemd_find_scope(&scope->unit, cgroup->arena, &path, &ignored) < 0)
		return;
	file = oci_arena_printf(cgroup->arena, "%s%s/cgroup.events", cgroup->layout->items[v2].mountpoint, path);
	if (file && cgroup_read_text(AT_FDCWD, file, &events) >= 0 && strstr(events, "populated 0"))
		systemd_stop_unit(&scope->unit, &ignored);
}

int cgroup_scope_start(struct cgroup *cgroup, struct error *err)
{
	const struct systemd_scope *scope = cgroup->spec->scope;
	pid_t self = getpid();
	const char *path;
	int r;

	cgroup->holder = fork();
	if (cgroup->holder == 0)
		hold_place(self);
	if (cgroup->holder < 0)
		return error_set(err, errno, "fork a process that keeps %s", scope->unit.name);
	r = systemd_start_scope(scope, cgroup->holder, cgroup->arena, &path, err);
	if (r == 0)
		r = set_paths(cgroup, path, err);
	if (r < 0)
		cgroup_scope_release(cgroup);
	/* A systemd that does not answer in time would not now either. */
	if (r < 0 && r != -EEXIST && r != -ETIMEDOUT)
		take_back(cgroup);
	return r;
}

int cgroup_scope_settle(const struct cgroup *cgroup, int dir, struct error *err)
{
	int r;

	if (!*cgroup->spec->scope->subgroup)
		return 0;
	r = cgroup_move(dir, cgroup->holder);
	return r < 0 ? error_set(err, -r, "move the process that keeps %s to %s",
			       cgroup->unit->name, cgroup->path) :
		       0;
}

int cgroup_scope_enter(const struct cgroup *cgroup, pid_t pid, struct error *err)
{
	ssize_t v2 = cgroup_find(cgroup->layout, "", true);

	if (v2 < 0 || !cgroup->paths[v2] || !cgroup->delegated)
		return error_say(err, ENOENT, "%s has no cgroup to move process %d into",
			cgroup->unit->name, pid);
	return systemd_attach(cgroup->unit, cgroup->paths[v2] + cgroup->delegated, pid, err);
}

void cgroup_scope_recall(struct cgroup *cgroup, const struct systemd_unit *unit)
{
	const char *at = unit && cgroup->path ? strstr(cgroup->path, unit->name) : NULL;

	cgroup->unit = unit;
	cgroup->delegated = at ? (size_t)(at - cgroup->path) + strlen(unit->name) : 0;
}

void cgroup_scope_release(struct cgroup *cgroup)
{
	if (cgroup->holder <= 0)
		return;
	kill(cgroup->holder, SIGKILL);
	while (waitpid(cgroup->holder, NULL, 0) < 0 && errno == EINTR)
		;
	cgroup->holder = 0;
}
