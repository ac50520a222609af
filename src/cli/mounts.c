/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"

static const struct cli_option mounts_options[] = {
	{ 0 },
};

static int mounts(struct cli_call *call, struct error *err)
{
	const char *verb = call->arguments[0];
	bool remove = strcmp(verb, "remove") == 0;

	if (!remove && strcmp(verb, "add") != 0)
		return error_say(err, EINVAL, "mounts: \"%s\" is neither add nor remove", verb);
	return runtime_mounts(call->context, call->arguments[1], call->arguments[2], remove, err);
}

const struct cli_command cli_mounts = {
	.name = "mounts",
	.summary = "add mounts to a running container, or remove them",
	.usage = "[add|remove] CONTAINER FILE",
	.options = mounts_options,
	.arguments_min = 3,
	.arguments_max = 3,
	.function = mounts,
};
