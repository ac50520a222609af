/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

static const struct cli_option options[] = {
	{ 0 },
};

static int pause_container(struct cli_call *call, struct error *err)
{
	return runtime_pause(call->context, call->arguments[0], err);
}

static int resume_container(struct cli_call *call, struct error *err)
{
	return runtime_resume(call->context, call->arguments[0], err);
}

const struct cli_command cli_pause = {
	.name = "pause",
	.summary = "stop all processes of a container for a while",
	.usage = "CONTAINER",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.function = pause_container,
};

const struct cli_command cli_resume = {
	.name = "resume",
	.summary = "let the processes of a paused container go on",
	.usage = "CONTAINER",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.function = resume_container,
};
