/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

static int run(struct cli_call *call, struct error *err)
{
	struct create_options options;
	int r = cli_create_call(call, &options, err);

	return r < 0 ? r : runtime_run(call->context, &options, &call->exit_status, err);
}

const struct cli_command cli_run_command = {
	.name = "run",
	.summary = "create and start a container, and wait for its end",
	.usage = "CONTAINER",
	.options = cli_run_options,
	.options_size = sizeof(struct create_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.function = run,
};
