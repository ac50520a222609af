/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile HOST CONFIG [PROCESS]: compile a config for a made-up machine, and print the plan with all arguments of
 * its steps: what `silo plan` leaves out because init alone needs it. With a file of a process it is the plan of its
 * exec in such a container. One line for each step:
 *
 *	KIND POINTER NAME=VALUE...
 *
 * HOST is v2, v1, hybrid, none (no cgroups), rootless (v2, an ordinary user) or lsm (v2, AppArmor and SELinux).
 * A config that is refused gives the line `refused POINTER LINE: WORDS`. Nothing of the machine it
 * runs on is in the output, nor what depends on libseccomp's version: of a filter there are only the flags.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "plan/compile.h"
#include "plan/print.h"
#include "resctrl/resctrl.h"
#include "runtime/exec.h"
#include "tests/unit/cgroup_support.h"

enum field_kind { DECIMAL, HEX, OCTAL, SLOT, TEXT, WORDS, NUMBERS };

struct field {
	const char *name;
	size_t offset, size;
	enum field_kind kind;
};

#define F(struct_, member, kind_) { #member, offsetof(struct struct_, member), sizeof(((struct struct_ *)0)->member), kind_ }
#define FIELDS(...) (const struct field[]) { __VA_ARGS__, { 0 } }

/* Kinds that are missing here have no arguments, or none that a config decides. */
static const struct field *const step_fields[PLAN_KIND_COUNT] = {
	[PLAN_JOIN] = FIELDS(F(plan_join, fd, SLOT), F(plan_join, type, HEX)),
	[PLAN_ENTER_ROOT] = FIELDS(F(plan_enter_root, fd, SLOT)),
	[PLAN_CLONE] = FIELDS(F(plan_flags, flags, HEX)),
	[PLAN_UNSHARE] = FIELDS(F(plan_flags, flags, HEX)),
	[PLAN_BECOME_ROOT] = FIELDS(F(plan_flags, flags, HEX)),
	[PLAN_CGROUP_JOIN] = FIELDS(F(plan_cgroup_join, first, SLOT), F(plan_cgroup_join, count, DECIMAL)),
	[PLAN_SYNC] = FIELDS(F(plan_sync, token, DECIMAL)),
	[PLAN_PROPAGATION] = FIELDS(F(plan_flags, flags, HEX)),
	[PLAN_ROOTFS] = FIELDS(F(plan_rootfs, path, TEXT), F(plan_rootfs, fd, SLOT), F(plan_rootfs, make_private, DECIMAL),
		F(plan_rootfs, plain, DECIMAL)),
	[PLAN_MOUNT] = FIELDS(F(plan_mount, target, TEXT), F(plan_mount, type, TEXT), F(plan_mount, source, TEXT),
		F(plan_mount, other_source, TEXT), F(plan_mount, source_fd, SLOT), F(plan_mount, parameters, WORDS),
		F(plan_mount, flags, HEX), F(plan_mount, attr_set, HEX), F(plan_mount, attr_clear, HEX),
		F(plan_mount, attr_set_tree, HEX), F(plan_mount, attr_clear_tree, HEX),
		F(plan_mount, legacy_flags, HEX), F(plan_mount, legacy_data, TEXT), F(plan_mount, label, TEXT), F(plan_mount, propagation, HEX),
		F(plan_mount, propagation_tree, DECIMAL), F(plan_mount, handle, DECIMAL)),
	[PLAN_DEVICE] = FIELDS(F(plan_device, path, TEXT), F(plan_device, mode, OCTAL), F(plan_device, major, DECIMAL),
		F(plan_device, minor, DECIMAL), F(plan_device, uid, DECIMAL), F(plan_device, gid, DECIMAL),
		F(plan_device, bind, DECIMAL), F(plan_device, given, HEX)),
	[PLAN_SYMLINK] = FIELDS(F(plan_symlink, path, TEXT), F(plan_symlink, target, TEXT), F(plan_symlink, only_if, TEXT)),
	[PLAN_HOOK] = FIELDS(F(plan_hook, name, TEXT), F(plan_hook, index, DECIMAL), F(plan_hook, path, TEXT),
		F(plan_hook, args, WORDS), F(plan_hook, env, WORDS), F(plan_hook, timeout, DECIMAL), F(plan_hook, filter.flags, HEX),
		F(plan_hook, filter.length, DECIMAL), F(plan_hook, output[0], SLOT), F(plan_hook, output[1], SLOT)),
	[PLAN_PIVOT] = FIELDS(F(plan_flags, flags, HEX)),
	[PLAN_ROOT_ATTR] = FIELDS(F(plan_root_attr, propagation, HEX), F(plan_root_attr, readonly, DECIMAL)),
	[PLAN_READONLY_PATH] = FIELDS(F(plan_path, path, TEXT)),
	[PLAN_MASK_PATH] = FIELDS(F(plan_path, path, TEXT), F(plan_path, context, TEXT)),
	[PLAN_HOSTNAME] = FIELDS(F(plan_text, text, TEXT)),
	[PLAN_DOMAINNAME] = FIELDS(F(plan_text, text, TEXT)),
	[PLAN_KEYRING] = FIELDS(F(plan_text, text, TEXT)),
	[PLAN_SYSCTL] = FIELDS(F(plan_sysctl, path, TEXT), F(plan_sysctl, value, TEXT)),
	[PLAN_TERMINAL] = FIELDS(F(plan_terminal, rows, DECIMAL), F(plan_terminal, columns, DECIMAL),
		F(plan_terminal, uid, DECIMAL), F(plan_terminal, gid, DECIMAL), F(plan_terminal, console, DECIMAL)),
	[PLAN_PERSONALITY] = FIELDS(F(plan_personality, domain, HEX)),
	[PLAN_RLIMIT] = FIELDS(F(plan_rlimit, resource, DECIMAL), F(plan_rlimit, soft, DECIMAL), F(plan_rlimit, hard, DECIMAL)),
	[PLAN_SCHEDULER] = FIELDS(F(plan_scheduler, policy, DECIMAL), F(plan_scheduler, nice, DECIMAL),
		F(plan_scheduler, priority, DECIMAL), F(plan_scheduler, flags, HEX), F(plan_scheduler, runtime, DECIMAL),
		F(plan_scheduler, deadline, DECIMAL), F(plan_scheduler, period, DECIMAL)),
	[PLAN_IO_PRIORITY] = FIELDS(F(plan_io_priority, value, HEX)),
	[PLAN_MEMORY_POLICY] = FIELDS(F(plan_memory_policy, mode, HEX), F(plan_memory_policy, max_node, DECIMAL)),
	[PLAN_LABEL] = FIELDS(F(plan_label, attribute, TEXT), F(plan_label, value, TEXT)),
	[PLAN_BOUNDING] = FIELDS(F(plan_capabilities, bounding, HEX)),
	[PLAN_USER] = FIELDS(F(plan_user, uid, DECIMAL), F(plan_user, gid, DECIMAL), F(plan_user, umask, OCTAL),
		F(plan_user, set_groups, DECIMAL), F(plan_user, groups, NUMBERS)),
	[PLAN_CWD] = FIELDS(F(plan_cwd, path, TEXT), F(plan_cwd, retry_as_user, DECIMAL), F(plan_cwd, must_exist, DECIMAL)),
	[PLAN_CAPABILITIES] = FIELDS(F(plan_capabilities, bounding, HEX), F(plan_capabilities, effective, HEX),
		F(plan_capabilities, permitted, HEX), F(plan_capabilities, inheritable, HEX), F(plan_capabilities, ambient, HEX),
		F(plan_capabilities, keep, HEX), F(plan_capabilities, sets_only, DECIMAL)),
	[PLAN_SECCOMP] = FIELDS(F(plan_seccomp, filter.flags, HEX), F(plan_seccomp, notify, DECIMAL)),
	[PLAN_EXEC] = FIELDS(F(plan_exec, args, WORDS), F(plan_exec, env, WORDS), F(plan_exec, path, TEXT),
		F(plan_exec, home_uid, DECIMAL), F(plan_exec, set_home, DECIMAL)),
};

static const unsigned char *blob;

static uint64_t number_at(const void *at, size_t size)
{
	return size == sizeof(uint64_t) ? *(const uint64_t *)at : *(const uint32_t *)at;
}

static void print_list(const char *name, const struct plan_list *list, bool words)
{
	const uint32_t *items = (const void *)(blob + list->items);

	printf(" %s=[", name);
	for (uint32_t i = 0; i < list->count; i++) {
		if (words)
			printf("%s%s", i ? "," : "", (const char *)blob + items[i]);
		else
			printf("%s%u", i ? "," : "", items[i]);
	}
	printf("]");
}

/* What is zero, empty or no descriptor is left out. */
static void print_field(const struct field *field, const unsigned char *args)
{
	const void *at = args + field->offset;
	uint64_t number = field->kind == WORDS || field->kind == NUMBERS ? 0 : number_at(at, field->size);

	if (field->kind == WORDS || field->kind == NUMBERS) {
		if (((const struct plan_list *)at)->count)
			print_list(field->name, at, field->kind == WORDS);
	} else if (field->kind == SLOT) {
		if ((int32_t)number >= 0)
			printf(" %s=#%d", field->name, (int)number);
	} else if (number && field->kind == TEXT) {
		printf(" %s=%s", field->name, (const char *)blob + number);
	} else if (number) {
		printf(field->kind == HEX ? " %s=%" PRIx64 : field->kind == OCTAL ? " %s=0%" PRIo64 : " %s=%" PRId64,
			field->name, field->size == sizeof(uint32_t) && field->kind == DECIMAL ?
				(uint64_t)(int64_t)(int32_t)number : number);
	}
}

static void print_step(const struct plan_step *step)
{
	const char *pointer = step->pointer ? (const char *)blob + step->pointer : "";

	printf("%s%s%s", plan_kind_names[step->kind], *pointer ? " " : "", pointer);
	for (const struct field *f = step_fields[step->kind]; f && f->name; f++)
		print_field(f, blob + step->args);
	printf("\n");
}

/* FNV-1a: our own program of our own rules, the same everywhere. */
static uint32_t digest(const unsigned char *bytes, size_t count)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

static void print_cgroup(const struct cgroup_spec *spec)
{
	for (size_t i = 0; i < spec->layout->count; i++)
		printf(" %s:%s", spec->layout->items[i].v2 ? "v2" : spec->layout->items[i].controllers, spec->paths[i]);
	if (spec->enable && *spec->enable)
		printf(" enable=%s", spec->enable);
	if (spec->owner != (uid_t)-1)
		printf(" owner=%u", spec->owner);
	printf("\n");
	for (size_t i = 0; i < spec->setting_count; i++) {
		const struct cgroup_setting *setting = &spec->settings[i];

		printf("  %s%s=%s%s%s\n", setting->file, setting->other_file ? "|" : "", setting->value,
			setting->late ? " late" : "", setting->optional ? " optional" : "");
	}
	if (spec->device_program)
		printf("  devices: %zu instructions, %08x\n", spec->device_program_length,
			digest(spec->device_program, spec->device_program_length * 8));
}

static void print_open(const struct host_open *step)
{
	printf(" path=%s fd=#%d", step->path, step->slot);
	if (step->type)
		printf(" type=%x", step->type);
	if (step->uid_map)
		printf(" uid_map=%zu gid_map=%zu bytes%s", strlen(step->uid_map), strlen(step->gid_map),
			step->map_recursive ? " recursive" : "");
	if (step->propagation)
		printf(" propagation=%x", step->propagation);
	printf("%s%s\n", step->recursive ? " recursive" : "", step->no_follow ? " no-follow" : "");
}

/* Lines of a file, separated by ";". */
static void print_text(const char *name, const char *text)
{
	printf(" %s=", name);
	for (; *text; text++)
		putchar(*text == '\n' ? ';' : *text);
}

static void print_group(const struct resctrl_group *group)
{
	printf(" %s%s%s%s", group->path, group->own ? " own" : "", group->monitor ? " monitor=" : "",
		group->monitor ? group->monitor : "");
	for (size_t i = 0; i < group->line_count; i++)
		printf(" %s", group->lines[i]);
}

static void print_host(const struct host_step *step)
{
	const struct host_id_map *map = step->data;
	const struct host_file *file = step->data;
	const struct host_clone *clone = step->data;

	printf("host %s%s%s", host_kind_names[step->kind], *step->pointer ? " " : "", step->pointer);
	switch (step->kind) {
	case HOST_CGROUP:
		print_cgroup(step->data);
		return;
	case HOST_OPEN_NAMESPACE:
	case HOST_OPEN_ROOTFS:
	case HOST_OPEN_TREE:
	case HOST_OPEN_ROOT:
		print_open(step->data);
		return;
	case HOST_CGROUP_DELEGATE:
		printf(" %s owner=%d", ((const struct host_cgroup_delegate *)step->data)->path,
			(int)((const struct host_cgroup_delegate *)step->data)->owner);
		break;
	case HOST_CLONE:
		printf(" flags=%" PRIx64, clone->flags);
		break;
	case HOST_ID_MAP:
		print_text("uid_map", map->uid_map);
		print_text("gid_map", map->gid_map);
		printf("%s%s%s", map->uid_helper ? " newuidmap" : "", map->gid_helper ? " newgidmap" : "",
			map->deny_setgroups ? " deny" : "");
		break;
	case HOST_TIME_OFFSETS:
	case HOST_OOM_SCORE:
		print_text(file->name, file->text);
		break;
	case HOST_HOOKS:
		printf(" %zu", ((const struct host_hooks *)step->data)->hooks->len);
		break;
	case HOST_HOOK_OUTPUT:
		print_open(step->data);
		return;
	case HOST_VOLUME:
		printf(" %s %s%s fd=#%d", ((const struct host_volume *)step->data)->type,
			((const struct host_volume *)step->data)->source,
			((const struct host_volume *)step->data)->read_only ? " read-only" : "",
			((const struct host_volume *)step->data)->slot);
		break;
	case HOST_NET_DEVICE:
		printf(" %s to %s", ((const struct host_net_device *)step->data)->from,
			((const struct host_net_device *)step->data)->to);
		break;
	case HOST_RESCTRL:
	case HOST_RESCTRL_JOIN:
		print_group(step->data);
		break;
	case HOST_FIND_AGENT:
	case HOST_SEND_LISTENER:
		printf(" %s", ((const struct host_seccomp *)step->data)->path);
		break;
	case HOST_RLIMIT:
	case HOST_SCHEDULER:
	case HOST_IO_PRIORITY:
		printf(" %s", step->what);
		break;
	default:
		break;
	}
	printf("\n");
}

static void print_plan(const struct plan *plan)
{
	const struct plan_header *header = (const void *)plan->blob;
	const struct plan_step *steps = (const void *)(plan->blob + header->steps);

	blob = plan->blob;
	for (size_t i = 0; i < plan->host_count; i++)
		print_host(&plan->host[i]);
	for (uint32_t i = 0; i < header->step_count; i++)
		print_step(&steps[i]);
	for (size_t i = 0; i < plan->warning_count; i++) {
		/* Which system calls are unknown depends on libseccomp. */
		if (!strstr(plan->warnings[i], "seccomp"))
			printf("warning %s\n", plan->warnings[i]);
	}
}

static bool make_host(const char *name, struct oci_arena *arena, struct host_facts *facts)
{
	const struct fake_host *host = strcmp(name, "v1") == 0 ? &host_v1 : strcmp(name, "hybrid") == 0 ? &host_hybrid :
		strcmp(name, "none") == 0 ? &host_none : &host_v2;
	struct cgroup_layout *layout;
	struct error err;

	*facts = (struct host_facts){ .last_capability = 40, .bounding = (1ULL << 41) - 1,
		.apparmor = strcmp(name, "lsm") == 0, .selinux = strcmp(name, "lsm") == 0 };
	if (strcmp(name, "rootless") == 0) {
		facts->euid = facts->egid = 1000;
		facts->user = (struct subid_user){ .uid = 1000, .name = "user" };
		facts->subuid_text = facts->subgid_text = "user:100000:65536\n";
		subid_parse(facts->subuid_text, &facts->user, &facts->subuids);
		facts->subgids = facts->subuids;
	}
	if (cgroup_layout_parse(arena, host->mountinfo, host->own, &layout, &err) < 0)
		return false;
	for (size_t i = 0; i < layout->count; i++) {
		if (layout->items[i].v2)
			layout->items[i].controllers = host->v2_controllers;
	}
	facts->cgroups = layout->count ? layout : NULL;
	return true;
}

/* Prints what was refused; returns the exit status. */
static int print_compiled(struct oci_document *document, const struct host_facts *facts, const char *process_file)
{
	struct plan_options options = { .id = "c1", .bundle = "/bundle", .wait_for_start = true };
	struct plan_entered entered = { .pid = 9, .cgroup = "/user/c1" };
	const struct exec_options exec = { .process_file = process_file };
	struct error err = { 0 };
	struct oci_document *file = NULL;
	struct plan *plan = NULL;
	int r = 0;

	if (process_file)
		r = exec_process(&exec, document, &file, &entered.process, &err);
	entered.file = file;
	options.entered = process_file ? &entered : NULL;
	if (r == 0)
		r = process_file ? plan_compile_exec(document, facts, &options, &plan, &err) :
				   plan_compile(document, facts, &options, &plan, &err);
	if (r < 0)
		printf("refused %s %u: %s\n", err.pointer, err.line, err.message);
	else
		print_plan(plan);
	plan_free(plan);
	oci_document_free(file);
	return r < 0;
}

int main(int argc, char **argv)
{
	struct oci_document *document;
	struct oci_error cause;
	struct host_facts facts;
	static char text[1 << 20];
	FILE *file = argc == 3 || argc == 4 ? fopen(argv[2], "r") : NULL;
	size_t length = file ? fread(text, 1, sizeof(text), file) : 0;
	int status;

	if (!file || length == sizeof(text)) {
		fprintf(stderr, "usage: compile HOST CONFIG [PROCESS]\n");
		return 2;
	}
	fclose(file);
	if (oci_read(&oci_config_type, text, length, 0, &document, &cause) < 0) {
		printf("refused %s %u: %s\n", cause.pointer, cause.line, cause.message);
		return 1;
	}
	if (!make_host(argv[1], document->arena, &facts))
		return 2;
	status = print_compiled(document, &facts, argv[3]);
	oci_document_free(document);
	return status;
}
