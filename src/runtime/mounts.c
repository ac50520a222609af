/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mounts: into the container as by exec, but to change its mounts. */
#include <errno.h>

#include "runtime/container.h"
#include "runtime/host_facts.h"
#include "runtime/user_namespace.h"
#include "util/cleanup.h"

static int carry_out(struct plan *plan, const struct oci_document *config, const struct host_facts *facts,
	const struct plan_options *options, int *pidfd, struct error *err)
{
	struct launch launch;
	int r;

	launch_prepare(&launch, plan, config, facts, options);
	launch.fds[plan->entered_slot] = steal_fd(pidfd);
	r = launch_create(&launch, err);
	/* It has nothing left to do, and ends. */
	launch_undo(&launch);
	launch_close(&launch);
	return r;
}

static int change(const struct container *container, const struct oci_document *config,
	struct plan_entered *entered, struct error *err)
{
	_cleanup_close_ int pidfd = container_pidfd(container->state);
	struct plan_options options = { .id = container->directory.id, .bundle = container->state->bundle,
		.entered = entered };
	struct host_facts facts;
	struct plan *plan;
	int r;

	if (pidfd < 0 && pidfd != -ESRCH)
		return error_set(err, -pidfd, "find the process of container %s", container->directory.id);
	if (pidfd < 0)
		return error_say(err, ESRCH, "container %s is not running", container->directory.id);
	entered->pid = container->state->pid;
	r = host_facts_read(config->arena, &facts, err);
	if (r == 0)
		r = user_namespace_read(entered->pid, config->arena, &entered->maps, err);
	if (r == 0)
		r = plan_compile_mounts(config, &facts, &options, &plan, err);
	if (r < 0)
		return r;
	plan_log(plan);
	r = carry_out(plan, config, &facts, &options, &pidfd, err);
	plan_free(plan);
	return r;
}

int runtime_mounts(const struct runtime_context *context, const char *id, const char *file, bool remove,
	struct error *err)
{
	struct oci_document *list = NULL, *config = NULL;
	struct plan_entered entered = { .remove_mounts = remove };
	struct container container;
	int r = container_open(&container, context, id, STATE_LOCK_WAIT, err);

	if (r == 0 && container.status != OCI_STATUS_RUNNING && container.status != OCI_STATUS_CREATED)
		r = error_say(err, EINVAL, "cannot change the mounts of container %s: it is %s", id,
			oci_enum_name(&oci_status_enum, (int)container.status));
	if (r == 0)
		r = caller_document(&oci_mounts_type, file, &list, err);
	if (r == 0)
		r = container_config(&container.directory, &config, err);
	if (r == 0) {
		entered.file = list;
		entered.mounts = list->root;
		r = change(&container, config, &entered, err);
		if (r < 0 && err->pointer[0]) {
			error_prefix(err, "%s: %s (line %u)", file, err->pointer, err->line);
			err->pointer[0] = '\0';
		}
	}
	oci_document_free(config);
	oci_document_free(list);
	container_close(&container);
	return r;
}
