/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "util/number.h"

struct exec_command_options {
	struct exec_options exec;
	const char *user;
	struct oci_string_list groups;
	bool no_subreaper;
};

#define OPTION(member) offsetof(struct exec_command_options, member)

static const struct cli_option exec_options[] = {
	{ "detach", 'd', CLI_FLAG, OPTION(exec.detach), NULL, "return once the process is started" },
	{ "tty", 't', CLI_FLAG, OPTION(exec.terminal), NULL, "give it a terminal" },
	{ "console-socket", 0, CLI_STRING, OPTION(exec.console_socket), "SOCKET",
		"send the terminal's master to this socket" },
	{ "process", 'p', CLI_STRING, OPTION(exec.process_file), "FILE",
		"a file with the process to execute, as in config.json" },
	{ "cwd", 0, CLI_STRING, OPTION(exec.cwd), "DIR", "its working directory" },
	{ "env", 'e', CLI_LIST, OPTION(exec.env), "NAME=VALUE", "more environment" },
	{ "user", 'u', CLI_STRING, OPTION(user), "UID[:GID]", "the user it runs as" },
	{ "additional-gids", 'g', CLI_LIST, OPTION(groups), "GID", "more supplementary groups" },
	{ "cap", 'c', CLI_LIST, OPTION(exec.capabilities), "CAP", "more capabilities" },
	{ "no-new-privs", 0, CLI_FLAG, OPTION(exec.no_new_privs), NULL, "set no_new_privs" },
	{ "process-label", 0, CLI_STRING, OPTION(exec.label), "LABEL", "its SELinux label" },
	{ "apparmor", 0, CLI_STRING, OPTION(exec.apparmor), "PROFILE", "its AppArmor profile" },
	{ "cgroup", 0, CLI_LIST, OPTION(exec.cgroups), "[CTRL:]PATH",
		"run it in this cgroup below the container's" },
	{ "pid-file", 0, CLI_STRING, OPTION(exec.pid_file), "FILE", "write the process's pid to FILE" },
	{ "pidfd-socket", 0, CLI_STRING, OPTION(exec.pidfd_socket), "SOCKET",
		"send a pidfd of the process to this socket" },
	{ "preserve-fds", 0, CLI_UINT32, OPTION(exec.preserve_fds), "N",
		"let the process inherit N descriptors from 3 on" },
	{ "ignore-paused", 0, CLI_FLAG, OPTION(exec.ignore_paused), NULL,
		"accept a paused container" },
	{ "no-subreaper", 0, CLI_FLAG, OPTION(no_subreaper), NULL, NULL }, /* never one here */
	{ 0 },
};

/* The highest number means "unchanged" to the kernel. */
static bool scan_id(const char **text, uint32_t *id)
{
	uint64_t value;

	if (!number_scan(text, UINT32_MAX - 1, &value))
		return false;
	*id = (uint32_t)value;
	return true;
}

static int parse_user(const char *text, uint32_t *uid, uint32_t *gid, struct exec_options *options,
	struct error *err)
{
	const char *at = text;
	bool valid = scan_id(&at, uid);

	options->uid = uid;
	if (valid && *at == ':') {
		at++;
		valid = scan_id(&at, gid);
		options->gid = gid;
	}
	if (!valid || *at)
		return error_say(err, EINVAL, "--user: \"%s\" is not of the form UID[:GID], in numbers", text);
	return 0;
}

static int parse_groups(const struct oci_string_list *words, uint32_t *groups, struct error *err)
{
	for (size_t i = 0; i < words->len; i++) {
		const char *at = words->items[i];

		if (!scan_id(&at, &groups[i]) || *at)
			return error_say(err, EINVAL, "--additional-gids: \"%s\" is not a group id",
				words->items[i]);
	}
	return 0;
}

static int check_env(const struct oci_string_list *env, struct error *err)
{
	for (size_t i = 0; i < env->len; i++) {
		if (*env->items[i] == '=' || !strchr(env->items[i], '='))
			return error_say(err, EINVAL, "--env: \"%s\" is not of the form NAME=VALUE",
				env->items[i]);
	}
	return 0;
}

static int exec(struct cli_call *call, struct error *err)
{
	const struct exec_command_options *given = call->options;
	struct exec_options options = given->exec;
	uint32_t uid, gid, *groups = calloc(given->groups.len + 1, sizeof(*groups));
	int r = groups ? 0 : error_set(err, ENOMEM, "read the command line");

	if (r == 0 && given->user)
		r = parse_user(given->user, &uid, &gid, &options, err);
	if (r == 0)
		r = parse_groups(&given->groups, groups, err);
	if (r == 0)
		r = check_env(&given->exec.env, err);
	if (r == 0 && call->argument_count < 2 && !options.process_file)
		r = error_say(err, EINVAL, "exec needs a command, or --process");
	if (r == 0) {
		options.id = call->arguments[0];
		options.args.items = (const char **)call->arguments + 1;
		options.args.len = (size_t)call->argument_count - 1;
		options.groups.items = groups;
		options.groups.len = given->groups.len;
		r = runtime_exec(call->context, &options, &call->exit_status, err);
	}
	free(groups);
	return r;
}

const struct cli_command cli_exec = {
	.name = "exec",
	.summary = "execute a process in a container",
	.usage = "CONTAINER [COMMAND [ARG...]]",
	.options = exec_options,
	.options_size = sizeof(struct exec_command_options),
	.options_first = true,
	.arguments_min = 1,
	.arguments_max = INT_MAX,
	.failure_status = 255,
	.function = exec,
};
