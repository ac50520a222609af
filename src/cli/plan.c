/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "plan/print.h"
#include "runtime/bundle.h"
#include "runtime/host_facts.h"
#include "runtime/state.h"

/* Names the container in a plan that is made for none. */
#define EXAMPLE_ID "container"

struct plan_command_options {
	const char *bundle, *config;
	bool json;
};

#define OPTION(member) offsetof(struct plan_command_options, member)

static const struct cli_option plan_options[] = {
	{ "bundle", 'b', CLI_STRING, OPTION(bundle), "DIR", "the bundle (the working directory)" },
	{ "config", 'f', CLI_STRING, OPTION(config), "FILE", "the config (config.json in the bundle)" },
	{ "json", 0, CLI_FLAG, OPTION(json), NULL, "print an array of objects" },
	{ 0 },
};

static int compile(const struct runtime_context *context, const struct bundle *bundle, const char *id,
	bool json, struct error *err)
{
	struct plan_options options = { .id = id, .bundle = bundle->path, .wait_for_start = true,
		.systemd = context->cgroup_manager == CGROUP_MANAGER_SYSTEMD,
		.strict = context->rootless == ROOTLESS_FALSE,
		.seccomp_receiver = getenv("RUN_OCI_SECCOMP_RECEIVER") };
	struct host_facts facts;
	struct plan *plan;
	int r = host_facts_read(bundle->arena, &facts, err);

	if (r == 0)
		host_facts_choose(&facts, context);
	if (r == 0)
		r = plan_compile(bundle->config, &facts, &options, &plan, err);
	if (r < 0)
		return r;
	plan_log(plan);
	plan_print(plan, stdout, json);
	plan_free(plan);
	return cli_flush(err);
}

static int print_plan(struct cli_call *call, struct error *err)
{
	const struct plan_command_options *options = call->options;
	const char *id = call->argument_count ? call->arguments[0] : EXAMPLE_ID;
	struct bundle bundle = { 0 };
	int r = state_check_id(id, err);

	if (r == 0)
		r = bundle_load(options->bundle, options->config, &bundle, err);
	if (r == 0)
		r = compile(call->context, &bundle, id, options->json, err);
	bundle_release(&bundle);
	return r;
}

const struct cli_command cli_plan = {
	.name = "plan",
	.summary = "print what create would do, without doing it",
	.usage = "[CONTAINER]",
	.options = plan_options,
	.options_size = sizeof(struct plan_command_options),
	.arguments_max = 1,
	.function = print_plan,
};
