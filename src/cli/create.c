/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cli/cli.h"
#include "runtime/state.h"

#define OPTION(member) offsetof(struct create_options, member)

const struct cli_option cli_run_options[] = {
	{ "detach", 'd', CLI_FLAG, OPTION(detach), NULL, "return once the process is started" },
	{ "keep", 0, CLI_FLAG, OPTION(keep), NULL, "keep the container after its process ended" },
	{ "bundle", 'b', CLI_STRING, OPTION(bundle), "DIR", "the bundle (the working directory)" },
	{ "config", 'f', CLI_STRING, OPTION(config), "FILE", "the config (config.json in the bundle)" },
	{ "console-socket", 0, CLI_STRING, OPTION(console_socket), "SOCKET",
		"send the terminal's master to this socket" },
	{ "pid-file", 0, CLI_STRING, OPTION(pid_file), "FILE", "write the process's pid to FILE" },
	{ "pidfd-socket", 0, CLI_STRING, OPTION(pidfd_socket), "SOCKET",
		"send a pidfd of the process to this socket" },
	{ "preserve-fds", 0, CLI_UINT32, OPTION(preserve_fds), "N",
		"let the process inherit N descriptors from 3 on" },
	{ "no-pivot", 0, CLI_FLAG, OPTION(no_pivot), NULL, "do not use pivot_root(2)" },
	{ "no-new-keyring", 0, CLI_FLAG, OPTION(no_new_keyring), NULL,
		"keep the caller's session keyring" },
	{ "no-subreaper", 0, CLI_FLAG, OPTION(no_subreaper), NULL,
		"do not become the container's subreaper" },
	{ 0 },
};

int cli_create_call(const struct cli_call *call, struct create_options *options, struct error *err)
{
	*options = *(const struct create_options *)call->options;
	options->id = call->arguments[0];
	return state_check_id(options->id, err);
}

static int create(struct cli_call *call, struct error *err)
{
	struct create_options options;
	int r = cli_create_call(call, &options, err);

	return r < 0 ? r : runtime_create(call->context, &options, err);
}

const struct cli_command cli_create = {
	.name = "create",
	.summary = "create a container",
	.usage = "CONTAINER",
	.options = &cli_run_options[CLI_RUN_ONLY],
	.options_size = sizeof(struct create_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.function = create,
};
