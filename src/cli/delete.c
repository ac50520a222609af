/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

struct delete_options {
	bool force;
};

static const struct cli_option delete_options[] = {
	{ "force", 'f', CLI_FLAG, offsetof(struct delete_options, force), NULL,
		"kill the container if it is alive; a missing one is no error" },
	{ 0 },
};

static int delete(struct cli_call *call, struct error *err)
{
	const struct delete_options *options = call->options;

	return runtime_delete(call->context, call->arguments[0], options->force, err);
}

const struct cli_command cli_delete = {
	.name = "delete",
	.summary = "remove a container and all that was made for it",
	.usage = "CONTAINER",
	.options = delete_options,
	.options_size = sizeof(struct delete_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.function = delete,
};
