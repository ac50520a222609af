/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

struct delete_options {
	bool force, regex;
};

static const struct cli_option delete_options[] = {
	{ "force", 'f', CLI_FLAG, offsetof(struct delete_options, force), NULL,
		"kill the container if it is alive; a missing one is no error" },
	{ "regex", 'r', CLI_FLAG, offsetof(struct delete_options, regex), NULL,
		"CONTAINER is a regular expression: all that match" },
	{ 0 },
};

static int delete_one(const struct cli_call *call, const char *id, struct error *err)
{
	const struct delete_options *options = call->options;

	return runtime_delete(call->context, id, options->force, err);
}

static int delete(struct cli_call *call, struct error *err)
{
	const struct delete_options *options = call->options;

	return options->regex ? cli_each(call, call->arguments[0], delete_one, err) :
				delete_one(call, call->arguments[0], err);
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
