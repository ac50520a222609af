/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands as data: a command is its options, its number of arguments and a
 * function. Parsing and help come from the same tables.
 */
#ifndef SILO_CLI_CLI_H
#define SILO_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/operations.h"
#include "util/error.h"

/* What an option's member of the options struct is. */
enum cli_kind {
	CLI_FLAG,   /* bool */
	CLI_STRING, /* const char * */
	CLI_UINT32, /* uint32_t */
	CLI_LIST,   /* struct oci_string_list: every time it is given, one more */
};

/* One option; a table of them ends with a NULL name. */
struct cli_option {
	const char *name;     /* the long form, without dashes */
	char letter;          /* the short form; 0 if there is none */
	enum cli_kind kind;
	size_t offset;        /* of the member in the options struct */
	const char *argument; /* what the help calls it; NULL for flags */
	const char *help;     /* one line; NULL: accepted but not shown */
};

struct cli_command;

/* A command as it was called. */
struct cli_call {
	const struct runtime_context *context;
	const void *options;  /* the command's options struct */
	char **arguments;     /* what is not an option; NULL after the last */
	int argument_count;
	int exit_status;      /* of the program, when the function returns 0 */
};

struct cli_command {
	const char *name;
	const char *summary;   /* one line */
	const char *usage;     /* the arguments, as the usage line shows them */
	const struct cli_option *options;
	size_t options_size;   /* of the options struct: zeroed before parsing */
	bool options_first;    /* what follows the first argument is no option of ours */
	int arguments_min, arguments_max;
	int failure_status;    /* exit status when the function fails; 0 is EXIT_FAILURE */
	int (*function)(struct cli_call *call, struct error *err);
};

/* Return value of cli_parse() when help was asked for. */
#define CLI_HELP 1

/**
 * cli_parse - sort a command line into options and arguments
 * @options: the table
 * @first: stop at the first argument, instead of taking options after arguments, too
 * @argc, @argv: the command line; argv[0] is skipped; arguments are moved to the end
 * @values: the zeroed options struct
 * @rest: receives the index of the first argument in @argv
 *
 * Return: 0; CLI_HELP for -h or --help; a negative errno for what is no option.
 */
int cli_parse(const struct cli_option *options, bool first, int argc, char **argv, void *values,
	int *rest, struct error *err);

/** cli_print_options - the options' part of a help text, on standard output */
void cli_print_options(const struct cli_option *options);

/**
 * cli_run - parse a command's part of the command line and call its function
 * @argc, @argv: from the command's name on
 * @exit_status: receives the program's exit status
 */
int cli_run(const struct cli_command *command, const struct runtime_context *context, int argc,
	char **argv, int *exit_status, struct error *err);

/** cli_print_help - a command's help text, on standard output */
void cli_print_help(const struct cli_command *command, const char *program);

/* What cli_each() does for one container. */
typedef int (*cli_each_function)(const struct cli_call *call, const char *id, struct error *err);

/**
 * cli_each - call a function for all containers whose IDs match
 * @pattern: extended regular expression (regex(7)), matching anywhere in the ID; that none matches is no error
 *
 * Return: 0, or the first function's error that failed, after all were called.
 */
int cli_each(const struct cli_call *call, const char *pattern, cli_each_function function,
	struct error *err);

/** cli_flush - finish standard output; a full disk or closed pipe behind it is an error */
int cli_flush(struct error *err);

/* Options of run; those of create are the same but for the first CLI_RUN_ONLY. For struct create_options. */
#define CLI_RUN_ONLY 2
extern const struct cli_option cli_run_options[];

/** cli_create_call - the options of create and run, checked, with the ID from the arguments */
int cli_create_call(const struct cli_call *call, struct create_options *options, struct error *err);

extern const struct cli_command cli_create, cli_delete, cli_events, cli_exec, cli_features,
	cli_kill, cli_list, cli_mounts, cli_pause, cli_plan, cli_ps, cli_resume, cli_run_command, cli_spec, cli_start,
	cli_state, cli_update;

#endif
