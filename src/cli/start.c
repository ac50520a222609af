/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

static const struct cli_option options[] = {
	{ 0 },
};

static int start(struct cli_call *call, struct error *err)
{
	return runtime_start(call->context, call->arguments[0], err);
}

const struct cli_command cli_start = {
	.name = "start",
	.summary = "let a created container's process execute its program",
	.usage = "CONTAINER",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.function = start,
};
