/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "plan/print.h"
#include "runtime/bundle.h"
#include "runtime/exec.h"
#include "runtime/host_facts.h"
#include "runtime/state.h"

/* Names the container in a plan that is made for none. */
#define EXAMPLE_ID "container"

struct plan_command_options {
	const char *bundle, *config, *process;
	bool json;
};

#define OPTION(member) offsetof(struct plan_command_options, member)

static const struct cli_option plan_options[] = {
	{ "bundle", 'b', CLI_STRING, OPTION(bundle), "DIR", "the bundle (the working directory)" },
	{ "config", 'f', CLI_STRING, OPTION(config), "FILE", "the config (config.json in the bundle)" },
	{ "process", 'p', CLI_STRING, OPTION(process), "FILE",
		"print what exec would do for the process in this file" },
	{ "json", 0, CLI_FLAG, OPTION(json), NULL, "print an array of objects" },
	{ 0 },
};

/* What a plan refers to. */
struct planned {
	struct bundle bundle;
	struct oci_document *file;   /* of --process; NULL */
	struct plan_entered entered;
	struct host_facts facts;
	struct plan_options options;
	struct plan *plan;
};

/* As for a container of this config, which need not be there: its pid and its cgroup's path are not known. */
static int compile_exec(struct planned *p, const char *process_file, struct error *err)
{
	const struct exec_options exec = { .id = p->options.id, .process_file = process_file };
	int r = exec_process(&exec, p->bundle.config, &p->file, &p->entered.process, err);

	p->entered.file = p->file;
	p->entered.cgroup = p->facts.cgroups_disabled ? NULL : "";
	p->options.entered = &p->entered;
	if (r == 0)
		r = plan_compile_exec(p->bundle.config, &p->facts, &p->options, &p->plan, err);
	if (r < 0)
		exec_name_document(p->file, err);
	return r;
}

static int compile(const struct runtime_context *context, const char *id, const char *process_file,
	struct planned *p, struct error *err)
{
	int r = host_facts_read(p->bundle.arena, &p->facts, err);

	if (r < 0)
		return r;
	host_facts_choose(&p->facts, context);
	p->options = (struct plan_options){ .id = id, .bundle = p->bundle.path, .wait_for_start = true,
		.systemd = context->cgroup_manager == CGROUP_MANAGER_SYSTEMD,
		.strict = context->rootless == ROOTLESS_FALSE,
		.seccomp_receiver = getenv("RUN_OCI_SECCOMP_RECEIVER") };
	if (process_file)
		return compile_exec(p, process_file, err);
	return plan_compile(p->bundle.config, &p->facts, &p->options, &p->plan, err);
}

static int print_plan(struct cli_call *call, struct error *err)
{
	const struct plan_command_options *options = call->options;
	const char *id = call->argument_count ? call->arguments[0] : EXAMPLE_ID;
	struct planned p = { 0 };
	int r = state_check_id(id, err);

	if (r == 0)
		r = bundle_load(options->bundle, options->config, &p.bundle, err);
	if (r == 0)
		r = compile(call->context, id, options->process, &p, err);
	if (r == 0) {
		plan_log(p.plan);
		plan_print(p.plan, stdout, options->json);
		r = cli_flush(err);
	}
	plan_free(p.plan);
	oci_document_free(p.file);
	bundle_release(&p.bundle);
	return r;
}

const struct cli_command cli_plan = {
	.name = "plan",
	.summary = "print what create (or exec) would do, without doing it",
	.usage = "[CONTAINER]",
	.options = plan_options,
	.options_size = sizeof(struct plan_command_options),
	.arguments_max = 1,
	.function = print_plan,
};
