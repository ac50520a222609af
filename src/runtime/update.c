/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update: other limits for a container that runs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "aspects/intel_rdt.h"
#include "cgroup/files.h"
#include "cgroup/systemd.h"
#include "runtime/container.h"
#include "runtime/host_facts.h"
#include "runtime/merge.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/log.h"

/* An update under way. */
struct update {
	const struct container *container;
	const struct update_options *options;
	struct oci_document *asked;   /* of --resources, or an empty one */
	struct oci_resources wanted;  /* that and the options, and what these depend on */
	struct oci_document *saved;   /* the container's config */
	struct oci_intel_rdt rdt;     /* the config's, with the options' lines */
	struct resctrl_group group;   /* path is NULL if nothing of it changes */
	struct resctrl_group before;  /* as it is */
	struct cgroup *cgroup;
	struct cgroup_spec spec;
};

/* An error about the document is to name it: error_text() would take it for config.json. */
static void name_document(const struct update *update, struct error *err)
{
	if (!err || !err->pointer[0])
		return;
	error_prefix(err, "%s (line %u)", err->pointer, err->line);
	error_prefix(err, "resources %s", update->options->resources_file);
	err->pointer[0] = '\0';
}

static int read_asked(struct update *update, struct error *err)
{
	const char *file = update->options->resources_file;
	struct oci_arena *arena = oci_arena_new();
	struct oci_error cause;
	const char *text = "{}";
	size_t length = 2;
	int r = arena ? 0 : error_set(err, ENOMEM, "read the resources");

	if (r == 0 && file)
		r = file_read(AT_FDCWD, strcmp(file, "-") == 0 ? "/dev/stdin" : file, OCI_DOCUMENT_MAX, arena,
			&text, &length, err);
	if (r == 0 && oci_read(&oci_resources_type, text, length, OCI_READ_FOLD_CASE, &update->asked,
			      &cause) < 0) {
		r = error_say(err, cause.code, "%s", cause.message);
		error_prefix(err, "resources %s: %s%s(line %u, column %u)", file, cause.pointer,
			*cause.pointer ? " " : "", cause.line, cause.column);
	}
	oci_arena_free(arena);
	return r;
}

static bool same_devices(const struct oci_device_rule_list *a, const struct oci_device_rule_list *b)
{
	bool same = a->len == b->len;

	for (size_t i = 0; same && i < a->len; i++) {
		const struct oci_device_rule *x = a->items[i], *y = b->items[i];

		same = x->allow == y->allow && x->type == y->type && !x->major == !y->major &&
		       (!x->major || *x->major == *y->major) && !x->minor == !y->minor &&
		       (!x->minor || *x->minor == *y->minor) && !x->access == !y->access &&
		       (!x->access || strcmp(x->access, y->access) == 0);
	}
	return same;
}

static int read_own(const struct cgroup *cgroup, const char *controller, const char *file, bool v2,
	char **text)
{
	ssize_t found = cgroup_find(cgroup->layout, controller, v2);
	int dir = found < 0 || !cgroup->paths[found] ? -ENOENT : cgroup_dir(cgroup, (size_t)found);

	return dir < 0 ? dir : cgroup_read_text(dir, file, text);
}

/* "max", or a number; -1 for what is unlimited, or unknown. */
static int64_t limit_number(const char *text)
{
	return text && *text >= '0' && *text <= '9' ? strtoll(text, NULL, 10) : -1;
}

/* Swap is counted together with memory, and unlimited memory means unlimited swap, too. */
static int complete_memory(struct update *update, struct error *err)
{
	static const int64_t unlimited = -1;
	const struct oci_memory *memory = update->wanted.memory;
	struct oci_arena *arena = update->asked->arena;
	_cleanup_free_ char *text = NULL;
	struct oci_memory *full;
	int64_t *limit;
	bool no_limit = !memory || !memory->limit || !*memory->limit;
	bool no_swap = !memory || !memory->swap || !*memory->swap;
	bool unlimits = !no_limit && no_swap && *memory->limit == -1;

	if (!unlimits && (no_swap || !no_limit ||
				 read_own(update->cgroup, "memory", "memory.max", true, &text) < 0))
		return 0;
	full = oci_arena_alloc(arena, sizeof(*full));
	limit = oci_arena_alloc(arena, sizeof(*limit));
	if (!full || !limit)
		return error_set(err, ENOMEM, "complete the resources");
	*full = *memory;
	*limit = limit_number(text);
	if (unlimits)
		full->swap = &unlimited;
	else
		full->limit = limit;
	update->wanted.memory = full;
	return 0;
}

/*
 * v2 has quota and period in one file, in which a quota may stand alone, but no period. A quota of 0 is
 * what Docker sends for "not named" here, though it means unlimited in a config.
 */
static int complete_cpu(struct update *update, struct error *err)
{
	const struct oci_cpu *cpu = update->wanted.cpu;
	struct oci_arena *arena = update->asked->arena;
	_cleanup_free_ char *text = NULL;
	struct oci_cpu *full;
	int64_t *quota;
	bool period, present;

	if (!cpu || (cpu->quota && *cpu->quota))
		return 0;
	period = cpu->period && *cpu->period;
	present = period && read_own(update->cgroup, "cpu", "cpu.max", true, &text) == 0;
	if (!cpu->quota && !present)
		return 0;
	full = oci_arena_alloc(arena, sizeof(*full));
	quota = oci_arena_alloc(arena, sizeof(*quota));
	if (!full || !quota)
		return error_set(err, ENOMEM, "complete the resources");
	*full = *cpu;
	*quota = limit_number(text);
	full->quota = present ? quota : NULL;
	update->wanted.cpu = full;
	return 0;
}

static int compile(struct update *update, struct error *err)
{
	_cleanup_free_ char *devices = NULL;
	const struct oci_config *config = update->saved->root;
	const struct plan_options none = { 0 };
	struct host_facts facts;
	struct plan plan = { 0 };
	struct compile c = { .document = update->asked, .host = &facts, .options = &none,
		.arena = update->asked->arena, .err = err, .plan = &plan };
	int r = host_facts_read(update->asked->arena, &facts, err);

	if (r < 0)
		return r;
	facts.cgroups = update->cgroup->layout;
	update->spec.layout = update->cgroup->layout;
	if (read_own(update->cgroup, "devices", "devices.list", false, &devices) == 0)
		update->spec.device_list = devices;
	update->spec.before = config->linux ? config->linux->resources : NULL;
	if (update->cgroup->unit) {
		update->spec.scope = oci_arena_alloc(c.arena, sizeof(*update->spec.scope));
		if (!update->spec.scope)
			return error_set(err, ENOMEM, "compile the limits for systemd");
		update->spec.scope->unit = *update->cgroup->unit;
	}
	r = cgroup_settings(&c, &update->wanted, &update->spec);
	for (size_t i = 0; r == 0 && i < plan.warning_count; i++)
		log_warning("%s", plan.warnings[i]);
	free(plan.warnings);
	update->spec.device_list = NULL;
	return r;
}

/* What the container has now is what a later operation has to start from. */
static int save(struct update *update, struct error *err)
{
	struct oci_config config = *(const struct oci_config *)update->saved->root;
	struct oci_arena *arena = update->asked->arena;
	struct oci_linux os = { 0 };
	struct oci_error cause;
	const char *text;
	size_t length;

	if (config.linux)
		os = *config.linux;
	os.resources = resources_merge(os.resources, &update->wanted, arena);
	if (update->group.path)
		os.intelRdt = &update->rdt;
	config.linux = &os;
	if (!os.resources)
		return error_set(err, ENOMEM, "merge the resources");
	if (oci_write(&oci_config_type, &config, OCI_WRITE_TABS, arena, &text, &length, &cause) < 0)
		return error_say(err, cause.code, "describe the updated config: %s", cause.message);
	return state_save_config(&update->container->directory, text, length, err);
}

static void take_back_group(const struct update *update)
{
	struct error error;

	if (update->group.path && resctrl_write(&update->before, &error) < 0)
		log_warning("%s", error.message);
}

/* A part of an update that fails takes itself back: limits come last, so that nothing can fail after them. */
static int put_in_force(struct update *update, struct error *err)
{
	int r = 0;

	if (update->group.path) {
		r = resctrl_read(&update->group, update->asked->arena, &update->before, err);
		if (r < 0)
			return r;
		r = resctrl_write(&update->group, err);
	}
	if (r == 0)
		r = cgroup_update(update->cgroup, &update->spec, err);
	if (r < 0)
		take_back_group(update);
	return r;
}

static int apply(struct update *update, struct error *err)
{
	const struct oci_config *config = update->saved->root;
	const char *before;
	size_t length;
	int r;

	/* Rules that a manager only repeats may have been added to by others since (a hook's devices). */
	if (config->linux && config->linux->resources &&
		same_devices(&update->wanted.devices, &config->linux->resources->devices))
		update->wanted.devices = (struct oci_device_rule_list){ 0 };
	r = complete_memory(update, err);
	if (r == 0)
		r = complete_cpu(update, err);
	if (r == 0)
		r = compile(update, err);
	if (r == 0)
		r = state_load_config(&update->container->directory, update->asked->arena, &before, &length, err);
	if (r == 0)
		r = save(update, err);
	if (r < 0)
		return r;
	r = put_in_force(update, err);
	if (r < 0)
		state_save_config(&update->container->directory, before, length, NULL);
	return r;
}

/* What the options say counts for more than what the file says. */
static int gather(struct update *update, struct error *err)
{
	const struct oci_resources *merged;
	int r = read_asked(update, err);

	if (r < 0)
		return r;
	merged = resources_merge(update->asked->root, update->options->resources, update->asked->arena);
	if (!merged)
		return error_set(err, ENOMEM, "merge the resources");
	update->wanted = *merged;
	return 0;
}

/* Other lines for the container's resctrl group, which it must have from the start. */
static int gather_rdt(struct update *update, struct error *err)
{
	const struct oci_config *config = update->saved->root;
	const char *const given[] = { update->options->l3_cache_schema, update->options->mem_bw_schema };
	static const char *const names[] = { "l3-cache-schema", "mem-bw-schema" }, *const begins[] = { "L3", "MB:" };
	struct oci_intel_rdt lines = { 0 };

	if (!given[0] && !given[1])
		return 0;
	if (!config->linux || !config->linux->intelRdt)
		return error_say(err, EINVAL, "container %s has no intelRdt in its config: there is no resctrl group to update",
			update->container->state->id);
	for (int i = 0; i < 2; i++) {
		if (given[i] && (strncmp(given[i], begins[i], strlen(begins[i])) != 0 || strchr(given[i], '\n')))
			return error_say(err, EINVAL, "invalid value for --%s: \"%s\"", names[i], given[i]);
	}
	update->rdt = *config->linux->intelRdt;
	lines.closID = update->rdt.closID;
	lines.l3CacheSchema = given[0];
	lines.memBwSchema = given[1];
	update->rdt.l3CacheSchema = given[0] ? given[0] : update->rdt.l3CacheSchema;
	update->rdt.memBwSchema = given[1] ? given[1] : update->rdt.memBwSchema;
	if (!intel_rdt_group(&lines, update->container->state->id, update->asked->arena, &update->group))
		return error_set(err, ENOMEM, "update the resctrl group");
	return 0;
}

int runtime_update(const struct runtime_context *context, const char *id,
	const struct update_options *options, struct error *err)
{
	struct container container;
	struct update update = { .container = &container, .options = options };
	int r = container_open(&container, context, id, STATE_LOCK_WAIT, err);

	if (r == 0 && container.status == OCI_STATUS_STOPPED)
		r = error_say(err, ESRCH, "container not running");
	if (r == 0)
		r = gather(&update, err);
	if (r == 0)
		r = container_config(&container.directory, &update.saved, err);
	if (r == 0)
		r = gather_rdt(&update, err);
	if (r == 0)
		r = container_cgroup(container.state, container.document->arena, &update.cgroup, err);
	if (r == 0 && !update.cgroup)
		r = error_say(err, ENOTSUP, "container %s has no cgroup, whose limits could be updated", id);
	if (r == 0) {
		r = apply(&update, err);
		name_document(&update, err);
	}
	cgroup_close(update.cgroup);
	oci_document_free(update.saved);
	oci_document_free(update.asked);
	container_close(&container);
	return r;
}
