/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: global options, then a command of the table below. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "runtime/state.h"
#include "util/log.h"
#include "util/version.h"

/* In the order of a container's life, the commands about nothing in particular after them. */
static const struct cli_command *const commands[] = {
	&cli_create,
	&cli_start,
	&cli_run_command,
	&cli_state,
	&cli_list,
	&cli_exec,
	&cli_mounts,
	&cli_kill,
	&cli_pause,
	&cli_resume,
	&cli_ps,
	&cli_update,
	&cli_events,
	&cli_delete,
	&cli_spec,
	&cli_plan,
	&cli_features,
};

struct global_options {
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless;
	bool debug, systemd_cgroup, version;
};

#define GLOBAL(member) offsetof(struct global_options, member)

static const struct cli_option global_options[] = {
	{ "root", 0, CLI_STRING, GLOBAL(root), "DIR", "where state is kept" },
	{ "log", 0, CLI_STRING, GLOBAL(log), "[SCHEME:]PATH",
		"log to PATH, file:PATH, journald:ID or syslog:ID instead of standard error" },
	{ "log-format", 0, CLI_STRING, GLOBAL(log_format), "FORMAT", "text or json" },
	{ "log-level", 0, CLI_STRING, GLOBAL(log_level), "LEVEL", "error, warning, info or debug" },
	{ "debug", 0, CLI_FLAG, GLOBAL(debug), NULL, "the same as --log-level debug" },
	{ "cgroup-manager", 0, CLI_STRING, GLOBAL(cgroup_manager), "MANAGER",
		"who makes cgroups: cgroupfs, systemd or disabled" },
	{ "systemd-cgroup", 0, CLI_FLAG, GLOBAL(systemd_cgroup), NULL,
		"the same as --cgroup-manager systemd" },
	{ "rootless", 0, CLI_STRING, GLOBAL(rootless), "WHEN", "true, false or auto" },
	{ "version", 'v', CLI_FLAG, GLOBAL(version), NULL, "show the version" },
	{ "version", 'V', CLI_FLAG, GLOBAL(version), NULL, NULL },
	{ 0 },
};

static void print_help(const char *program)
{
	printf("NAME:\n   %s - Open Container Initiative runtime\n\n", program);
	printf("Usage: %s [OPTION...] COMMAND [OPTION...]\n\nCOMMANDS:\n", program);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("   %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("   %-10s %s\n", "help", "show help, of a command if one is named");
	cli_print_options(global_options);
}

/* The first lines are what readers of runc's output take, the last what crun's do. */
static void print_version(const struct runtime_context *context)
{
	printf("%s version %s\ncommit: %s\nspec: %s\nrundir: %s\n", context->program, SILO_VERSION,
		SILO_COMMIT, SILO_SPEC_VERSION, context->root);
	printf("+APPARMOR +CAP +SECCOMP +EBPF +YAJL\n");
}

static const struct cli_command *find_command(const char *name, struct error *err)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	error_say(err, EINVAL, "unknown command: No help topic for '%s'", name);
	return NULL;
}

/* Finds a word among the values of an option. */
static int choose(const char *option, const char *word, const char *const *words, struct error *err)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return error_say(err, EINVAL, "--%s: \"%s\" is none of %s, %s or %s", option, word, words[0],
		words[1], words[2]);
}

static int choose_modes(const struct global_options *options, struct runtime_context *context,
	struct error *err)
{
	static const char *const managers[] = { [CGROUP_MANAGER_CGROUPFS] = "cgroupfs",
		[CGROUP_MANAGER_SYSTEMD] = "systemd", [CGROUP_MANAGER_DISABLED] = "disabled", NULL };
	static const char *const modes[] = { [ROOTLESS_AUTO] = "auto", [ROOTLESS_TRUE] = "true",
		[ROOTLESS_FALSE] = "false", NULL };
	int chosen;

	if (options->systemd_cgroup)
		context->cgroup_manager = CGROUP_MANAGER_SYSTEMD;
	context->cgroup_manager_given = options->systemd_cgroup || options->cgroup_manager;
	if (options->cgroup_manager) {
		chosen = choose("cgroup-manager", options->cgroup_manager, managers, err);
		if (chosen < 0)
			return chosen;
		context->cgroup_manager = (enum cgroup_manager)chosen;
	}
	if (options->rootless) {
		chosen = choose("rootless", options->rootless, modes, err);
		if (chosen < 0)
			return chosen;
		context->rootless = (enum rootless_mode)chosen;
	}
	return 0;
}

static int show_help(const char *topic, const struct runtime_context *context, struct error *err)
{
	const struct cli_command *command = NULL;

	if (topic) {
		command = find_command(topic, err);
		if (!command)
			return -err->code;
	}
	if (command)
		cli_print_help(command, context->program);
	else
		print_help(context->program);
	return cli_flush(err);
}

static int run_command(const struct runtime_context *context, int argc, char **argv, int *status,
	struct error *err)
{
	const struct cli_command *command;

	if (argc < 1)
		return error_say(err, EINVAL, "no command was given; `%s --help` lists them",
			context->program);
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "h") == 0)
		return show_help(argv[1], context, err);
	command = find_command(argv[0], err);
	return command ? cli_run(command, context, argc, argv, status, err) : -err->code;
}

static int run(struct runtime_context *context, int argc, char **argv, int *status,
	struct error *err)
{
	struct global_options options = { 0 };
	struct log_options log = { .program = context->program };
	int rest, r;

	r = cli_parse(global_options, true, argc, argv, &options, &rest, err);
	if (r == CLI_HELP)
		return show_help(NULL, context, err);
	if (r < 0)
		return r;
	log.target = options.log;
	log.format = options.log_format;
	log.level = options.debug ? "debug" : options.log_level;
	r = log_open(&log, err);
	if (r == 0)
		r = choose_modes(&options, context, err);
	if (r < 0)
		return r;
	context->debug = options.debug;
	context->root_given = options.root && *options.root;
	if (context->root_given)
		context->root = options.root;
	if (options.version) {
		print_version(context);
		return cli_flush(err);
	}
	return run_command(context, argc - rest, argv + rest, status, err);
}

/*
 * What a caller may hand on, by mistake or on purpose: the rights of somebody else, closed standard
 * descriptors (what is opened next would be written to as the log, or be the container's), SIGCHLD ignored
 * (children would vanish before they are waited for), a log that nobody reads any more, a limit for files.
 */
static int distrust_caller(struct error *err)
{
	if (geteuid() != getuid() || getegid() != getgid())
		return error_say(err, EPERM, "silo must not be set-user-ID or set-group-ID: it would "
			"give its owner's rights to everybody");
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return error_set(err, errno, "open /dev/null as the closed descriptor %d", fd);
	}
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return 0;
}

int main(int argc, char **argv)
{
	char root[PATH_MAX];
	struct runtime_context context = { .program = "silo",
		.root = state_default_root(root, sizeof(root)) };
	struct error err = { 0 };
	int status = 0;

	if (argc > 0 && argv[0] && *argv[0]) {
		const char *slash = strrchr(argv[0], '/');

		context.program = slash ? slash + 1 : argv[0];
	}
	if (distrust_caller(&err) < 0 || run(&context, argc, argv, &status, &err) < 0) {
		log_fatal(&err);
		return status ? status : EXIT_FAILURE;
	}
	return status;
}
