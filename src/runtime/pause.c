/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pause and resume. */
#include <errno.h>
#include <signal.h>

#include "runtime/container.h"

/*
 * Being interrupted half-way would leave processes frozen of a container that
 * nobody believes paused: signals wait until it is decided, at most for
 * as long as cgroup_freeze() waits.
 */
static int freeze(const struct cgroup *cgroup, bool frozen, struct error *err)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	r = cgroup_freeze(cgroup, frozen, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

static int set_frozen(const struct container *container, bool frozen, struct error *err)
{
	struct cgroup *cgroup;
	int r = container_cgroup(container->state, container->document->arena, &cgroup, err);

	if (r < 0)
		return r;
	if (!cgroup)
		return error_say(err, ENOTSUP, "container %s has no cgroup, by which it could be paused",
			container->directory.id);
	r = freeze(cgroup, frozen, err);
	cgroup_close(cgroup);
	return r;
}

int runtime_pause(const struct runtime_context *context, const char *id, struct error *err)
{
	struct container container;
	int r = container_open(&container, context, id, STATE_LOCK_WAIT, err);

	/* runc's words, which Docker and containerd know. */
	if (r == 0 && container.status != OCI_STATUS_RUNNING && container.status != OCI_STATUS_CREATED)
		r = error_say(err, EINVAL, "container not running: it is %s",
			oci_enum_name(&oci_status_enum, (int)container.status));
	if (r == 0)
		r = set_frozen(&container, true, err);
	container_close(&container);
	return r;
}

int runtime_resume(const struct runtime_context *context, const char *id, struct error *err)
{
	struct container container;
	int r = container_open(&container, context, id, STATE_LOCK_WAIT, err);

	if (r == 0 && container.status != OCI_STATUS_PAUSED)
		r = error_say(err, EINVAL, "container not paused: it is %s",
			oci_enum_name(&oci_status_enum, (int)container.status));
	if (r == 0)
		r = set_frozen(&container, false, err);
	container_close(&container);
	return r;
}
