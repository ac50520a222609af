/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a container whose state file is of no use: its config, saved beside it, says where its processes are. */
#include <errno.h>

#include "cgroup/cgroup.h"
#include "resctrl/resctrl.h"
#include "runtime/container.h"
#include "runtime/host_facts.h"
#include "util/log.h"

/* What create would make for this config: its cgroup, *@cgroup, stays NULL if there is none; a resctrl group is removed. */
static int undo_plan(const struct state_directory *directory, struct oci_document *config,
	struct cgroup **cgroup, struct error *err)
{
	const struct resctrl_group *resctrl;
	struct plan_options options = { .id = directory->id, .bundle = "/" };
	const struct cgroup_spec *spec;
	struct host_facts facts;
	struct plan *plan;
	int r = host_facts_read(config->arena, &facts, err);

	if (r == 0)
		r = plan_compile(config, &facts, &options, &plan, err);
	if (r < 0)
		return r;
	spec = planned_step(plan, HOST_CGROUP);
	if (spec)
		r = cgroup_open(spec->layout, spec->saved, config->arena, cgroup, err);
	resctrl = planned_step(plan, HOST_RESCTRL);
	if (r == 0 && resctrl)
		r = resctrl_remove(resctrl->own ? resctrl->path : NULL, resctrl->monitor, err);
	plan_free(plan);
	return r;
}

int container_destroy_unknown(struct state_directory *directory, struct error *err)
{
	struct oci_document *config = NULL;
	struct cgroup *cgroup = NULL;
	struct error why = { 0 };
	int r = container_config(directory, &config, &why);

	/* It is written before anything else is done: without it there is nothing to undo. */
	if (r == 0)
		r = undo_plan(directory, config, &cgroup, &why);
	if (r < 0 && r != -ENOENT)
		log_warning("container %s: a process of it that may be left is not ended: %s", directory->id,
			why.message);
	r = cgroup ? cgroup_remove(cgroup, err) : 0;
	cgroup_close(cgroup);
	oci_document_free(config);
	return r < 0 ? r : state_remove(directory, err);
}
