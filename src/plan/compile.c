/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation. plan_compile() hands one struct compile to each aspect in turn.
 * Reading the table below from top to bottom is reading how a container is
 * made: init's steps are run in just that order, and wherever a
 * PLAN_SYNC step stands, the host side does its steps of that token.
 */
#include "plan/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aspects/aspects.h"
#include "util/log.h"

static int (*const aspects[])(struct compile *) = {
	aspect_unsupported,
	aspect_annotations,
	/* namespaces, and what the host side does for them */
	aspect_namespace_list,
	aspect_cgroup,
	aspect_own_oom_score,
	aspect_namespaces,
	aspect_id_mappings,
	aspect_time_offsets,
	aspect_oom_score,
	aspect_intel_rdt,
	aspect_net_devices,
	aspect_mapped,
	aspect_delegate_cgroup,
	aspect_keyring,
	/* the file system tree */
	aspect_rootfs,
	aspect_mounts,
	aspect_notify,
	aspect_devices,
	aspect_hostname,
	aspect_runtime_hooks,
	aspect_container_hooks,
	aspect_terminal,
	aspect_read_only_mounts,
	aspect_remounts,
	aspect_paths,
	aspect_sysctl,
	aspect_label,
	aspect_pivot,
	/* the process */
	aspect_memory_policy,
	aspect_scheduler,
	aspect_rlimits,
	aspect_personality,
	aspect_user,
	aspect_created,
	aspect_filter,
	aspect_capabilities,
	aspect_start_hooks,
	aspect_seccomp,
	aspect_exec,
};

/*
 * A process in a container that is there already. It is entered before anything else of the process is
 * set up, but for its pid namespace: that only its last child is born into, confined by then but
 * for the seccomp filter.
 */
static int (*const exec_aspects[])(struct compile *) = {
	aspect_namespace_list,
	aspect_own_oom_score,
	aspect_private,
	aspect_label,
	aspect_enter_cgroup,
	aspect_affinity,
	aspect_enter,
	aspect_intel_rdt,
	aspect_oom_score,
	aspect_keyring,
	aspect_terminal,
	aspect_memory_policy,
	aspect_rlimits,
	aspect_personality,
	aspect_user,
	aspect_program,
	aspect_filter,
	aspect_capabilities,
	aspect_visible,
	aspect_scheduler,
	aspect_seccomp,
	aspect_exec,
};

/* Mounts of a running container: entered like by exec, by a process that nobody there sees. */
static int (*const mounts_aspects[])(struct compile *) = {
	aspect_namespace_list,
	aspect_private,
	aspect_enter,
	aspect_live_mounts,
	aspect_remounts,
	aspect_visible,
};

static int check_config(struct compile *c)
{
	const struct oci_config *config = c->config;

	if (!config->root)
		return plan_refuse(c, NULL, EINVAL, "root is missing: on Linux the config must name the root file system");
	if (config->process && c->config->process->args.items && !config->process->args.len)
		return plan_refuse(c, &config->process->args, EINVAL,
			"args is empty: it must name the program to run");
	return 0;
}

static int finish(struct compile *c)
{
	struct plan *plan = c->plan;
	struct plan_header header = { .magic = PLAN_MAGIC, .version = PLAN_VERSION };
	int32_t *fds;

	header.preserve_fds = c->options->preserve_fds;
	header.step_count = c->step_count;
	header.steps = plan_put_bytes(c, c->steps, c->step_count * sizeof(*c->steps));
	header.fd_count = plan->fd_count;
	fds = oci_arena_alloc(c->arena, (plan->fd_count + 1) * sizeof(*fds));
	if (fds) {
		for (uint32_t i = 0; i <= plan->fd_count; i++)
			fds[i] = -1;
		header.fds = plan_put_bytes(c, fds, plan->fd_count * sizeof(*fds));
	}
	/* The last string of a damaged plan ends, too (valid.h). */
	plan_put_bytes(c, "", 1);
	if (!fds || c->out_of_memory)
		return error_set(c->err, ENOMEM, "compile the config");
	header.size = (uint32_t)plan->blob_size;
	memcpy(plan->blob, &header, sizeof(header));
	return 0;
}

static int compile(struct compile *c, int (*const list[])(struct compile *), size_t count,
	struct plan **ret)
{
	struct plan *plan = c->plan = calloc(1, sizeof(*plan));
	struct plan_header placeholder = { 0 };
	int r;

	if (!plan)
		return error_set(c->err, ENOMEM, "compile the config");
	plan->start_slot = plan->entered_slot = -1;
	plan_put_bytes(c, &placeholder, sizeof(placeholder));
	r = check_config(c);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = list[i](c);
	if (r == 0)
		r = finish(c);
	free(c->steps);
	if (r < 0) {
		plan_free(plan);
		return r;
	}
	*ret = plan;
	return 0;
}

void plan_log(const struct plan *plan)
{
	for (size_t i = 0; i < plan->warning_count; i++)
		log_warning("%s", plan->warnings[i]);
	for (size_t i = 0; i < plan->note_count; i++)
		log_debug("%s", plan->notes[i]);
}

int plan_compile(const struct oci_document *document, const struct host_facts *host,
	const struct plan_options *options, struct plan **ret, struct error *err)
{
	struct compile c = { .document = document, .config = document->root, .host = host,
		.options = options, .arena = document->arena, .err = err };

	return compile(&c, aspects, sizeof(aspects) / sizeof(aspects[0]), ret);
}

int plan_compile_exec(const struct oci_document *document, const struct host_facts *host,
	const struct plan_options *options, struct plan **ret, struct error *err)
{
	struct oci_config config = *(const struct oci_config *)document->root;
	struct compile c = { .document = document, .config = &config, .host = host,
		.options = options, .arena = document->arena, .err = err };

	config.process = options->entered->process;
	return compile(&c, exec_aspects, sizeof(exec_aspects) / sizeof(exec_aspects[0]), ret);
}

int plan_compile_mounts(const struct oci_document *document, const struct host_facts *host,
	const struct plan_options *options, struct plan **ret, struct error *err)
{
	struct oci_config config = *(const struct oci_config *)document->root;
	struct compile c = { .document = document, .config = &config, .host = host,
		.options = options, .arena = document->arena, .err = err };

	config.mounts = *options->entered->mounts;
	return compile(&c, mounts_aspects, sizeof(mounts_aspects) / sizeof(mounts_aspects[0]), ret);
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->blob);
	free(plan->host);
	free(plan->warnings);
	free(plan->notes);
	free(plan);
}
