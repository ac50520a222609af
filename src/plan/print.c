/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/print.h"

#include <string.h>

#include "util/json.h"

const char *const plan_kind_names[PLAN_KIND_COUNT] = {
	[PLAN_JOIN] = "join",
	[PLAN_ENTER_ROOT] = "enter-root",
	[PLAN_CLONE] = "clone",
	[PLAN_UNSHARE] = "unshare",
	[PLAN_CGROUP_JOIN] = "cgroup-join",
	[PLAN_AFFINITY] = "affinity",
	[PLAN_SYNC] = "sync",
	[PLAN_LOOPBACK] = "loopback",
	[PLAN_BECOME_ROOT] = "become-root",
	[PLAN_PRIVATE] = "private",
	[PLAN_PROPAGATION] = "propagation",
	[PLAN_ROOTFS] = "rootfs",
	[PLAN_MOUNT] = "mount",
	[PLAN_UMOUNT] = "umount",
	[PLAN_DEVICE] = "device",
	[PLAN_SYMLINK] = "symlink",
	[PLAN_HOOK] = "hook",
	[PLAN_PIVOT] = "pivot",
	[PLAN_ROOT_ATTR] = "root-attr",
	[PLAN_READONLY_PATH] = "readonly-path",
	[PLAN_MASK_PATH] = "mask-path",
	[PLAN_HOSTNAME] = "hostname",
	[PLAN_DOMAINNAME] = "domainname",
	[PLAN_SYSCTL] = "sysctl",
	[PLAN_TERMINAL] = "terminal",
	[PLAN_OOM_SCORE] = "oom-score",
	[PLAN_KEYRING] = "keyring",
	[PLAN_PERSONALITY] = "personality",
	[PLAN_RLIMIT] = "rlimit",
	[PLAN_SCHEDULER] = "scheduler",
	[PLAN_IO_PRIORITY] = "io-priority",
	[PLAN_MEMORY_POLICY] = "memory-policy",
	[PLAN_LABEL] = "label",
	[PLAN_BOUNDING] = "bounding",
	[PLAN_USER] = "user",
	[PLAN_CWD] = "cwd",
	[PLAN_CAPABILITIES] = "capabilities",
	[PLAN_FIND_PROGRAM] = "find-program",
	[PLAN_START] = "start",
	[PLAN_NO_NEW_PRIVS] = "no-new-privs",
	[PLAN_SECCOMP] = "seccomp",
	[PLAN_EXEC] = "exec",
};

const char *const host_kind_names[HOST_KIND_COUNT] = {
	[HOST_CGROUP] = "cgroup",
	[HOST_CGROUP_OPEN] = "cgroup-open",
	[HOST_CGROUP_JOIN] = "cgroup-join",
	[HOST_CGROUP_INHABITED] = "cgroup-inhabited",
	[HOST_CGROUP_LATE] = "cgroup-late",
	[HOST_CGROUP_DELEGATE] = "cgroup-delegate",
	[HOST_OPEN_NAMESPACE] = "open-namespace",
	[HOST_OPEN_ROOTFS] = "open-rootfs",
	[HOST_OPEN_TREE] = "open-tree",
	[HOST_OPEN_ROOT] = "open-root",
	[HOST_AFFINITY] = "affinity",
	[HOST_CLONE] = "clone",
	[HOST_ID_MAP] = "id-map",
	[HOST_TIME_OFFSETS] = "time-offsets",
	[HOST_OOM_SCORE] = "oom-score",
	[HOST_HOOKS] = "hooks",
	[HOST_SEND_TERMINAL] = "send-terminal",
	[HOST_HOOK_OUTPUT] = "hook-output",
	[HOST_VOLUME] = "volume",
	[HOST_NET_DEVICE] = "net-device",
	[HOST_RESCTRL] = "resctrl",
	[HOST_RESCTRL_JOIN] = "resctrl-join",
	[HOST_FIND_AGENT] = "find-agent",
	[HOST_SEND_LISTENER] = "send-listener",
	[HOST_RLIMIT] = "rlimit",
	[HOST_SCHEDULER] = "scheduler",
	[HOST_IO_PRIORITY] = "io-priority",
};

struct printer {
	FILE *out;
	bool json;
	unsigned number;
};

struct line {
	const char *side, *kind, *what, *pointer;
	unsigned line;
};

static void print_member(FILE *out, const char *name, const char *text)
{
	char quoted[JSON_QUOTED_MAX(1024)];

	json_quote(quoted, sizeof(quoted), text);
	fprintf(out, ", \"%s\": %s", name, quoted);
}

static void print_json_line(const struct printer *printer, const struct line *line)
{
	fprintf(printer->out, "%s\n  {\"number\": %u", printer->number > 1 ? "," : "",
		printer->number);
	print_member(printer->out, "side", line->side);
	print_member(printer->out, "kind", line->kind);
	print_member(printer->out, "what", line->what);
	if (*line->pointer) {
		print_member(printer->out, "pointer", line->pointer);
		fprintf(printer->out, ", \"line\": %u", line->line);
	}
	fputc('}', printer->out);
}

static void print_text_line(const struct printer *printer, const struct line *line)
{
	fprintf(printer->out, "%3u  %-4s  %-14s  %s", printer->number, line->side, line->kind,
		line->what);
	if (*line->pointer)
		fprintf(printer->out, "  [%s, line %u]", line->pointer, line->line);
	fputc('\n', printer->out);
}

static void print_line(struct printer *printer, const struct line *line)
{
	printer->number++;
	if (printer->json)
		print_json_line(printer, line);
	else
		print_text_line(printer, line);
}

static void print_host(struct printer *printer, const struct host_step *step)
{
	struct line line = { .side = "host", .kind = host_kind_names[step->kind],
		.what = step->what, .pointer = step->pointer, .line = step->line };

	print_line(printer, &line);
}

/* Prints a phase's host steps, the one that starts init apart from the others. */
static void print_phase(struct printer *printer, const struct plan *plan, enum host_phase phase,
	bool clone)
{
	for (size_t i = 0; i < plan->host_count; i++) {
		const struct host_step *step = &plan->host[i];

		if (step->phase == phase && (step->kind == HOST_CLONE) == clone)
			print_host(printer, step);
	}
}

static const char *text_at(const struct plan *plan, plan_ref ref)
{
	return ref ? (const char *)plan->blob + ref : "";
}

static void print_init(struct printer *printer, const struct plan *plan,
	const struct plan_step *step)
{
	struct line line = { .side = "init", .kind = plan_kind_names[step->kind],
		.what = text_at(plan, step->what), .pointer = text_at(plan, step->pointer),
		.line = step->line };

	print_line(printer, &line);
	if (step->kind == PLAN_SYNC) {
		const struct plan_sync *sync = (const void *)(plan->blob + step->args);

		print_phase(printer, plan, host_phase_of_token[sync->token], false);
	}
}

void plan_print(const struct plan *plan, FILE *out, bool json)
{
	const struct plan_header *header = (const void *)plan->blob;
	const struct plan_step *steps = (const void *)(plan->blob + header->steps);
	struct printer printer = { .out = out, .json = json };

	if (json)
		fputc('[', out);
	print_phase(&printer, plan, HOST_BEFORE_CLONE, false);
	print_phase(&printer, plan, HOST_AFTER_CLONE, true);
	print_phase(&printer, plan, HOST_AFTER_CLONE, false);
	for (uint32_t i = 0; i < header->step_count; i++)
		print_init(&printer, plan, &steps[i]);
	if (json)
		fputs("\n]\n", out);
}
