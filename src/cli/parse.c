/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "util/number.h"

#define OPTIONS_MAX 48

/* getopt_long(3) returns this plus the index of an option in its table. */
#define LONG_OPTION 256

static size_t count_options(const struct cli_option *options)
{
	size_t count = 0;

	while (options[count].name)
		count++;
	return count;
}

/* The tables that getopt_long(3) wants; "h" and "help" are everywhere. */
static void make_tables(const struct cli_option *options, bool first, char *letters,
	struct option *longs)
{
	size_t count = count_options(options);

	*letters++ = first ? '+' : ':';
	if (first)
		*letters++ = ':';
	*letters++ = 'h';
	for (size_t i = 0; i < count; i++) {
		longs[i] = (struct option){ options[i].name, options[i].kind != CLI_FLAG, NULL,
			(int)(LONG_OPTION + i) };
		if (!options[i].letter)
			continue;
		*letters++ = options[i].letter;
		if (options[i].kind != CLI_FLAG)
			*letters++ = ':';
	}
	longs[count] = (struct option){ "help", 0, NULL, 'h' };
	longs[count + 1] = (struct option){ 0 };
	*letters = '\0';
}

/* Room is made for twice as many whenever their number is a power of two. */
static int append(struct oci_string_list *list, const char *argument)
{
	if ((list->len & (list->len - 1)) == 0) {
		const char **moved = realloc(list->items, (2 * list->len + 1) * sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		list->items = moved;
	}
	list->items[list->len++] = argument;
	return 0;
}

static void free_lists(const struct cli_option *options, void *values)
{
	for (; options->name; options++) {
		if (options->kind == CLI_LIST)
			free(((struct oci_string_list *)((char *)values + options->offset))->items);
	}
}

static int store(const struct cli_option *option, void *values, char *argument, struct error *err)
{
	void *member = (char *)values + option->offset;
	uint64_t number;

	switch (option->kind) {
	case CLI_FLAG:
		*(bool *)member = true;
		return 0;
	case CLI_STRING:
		*(const char **)member = argument;
		return 0;
	case CLI_LIST:
		if (append(member, argument) == 0)
			return 0;
		return error_set(err, ENOMEM, "read --%s", option->name);
	case CLI_UINT32:
		if (!number_parse(argument, UINT32_MAX, &number))
			return error_say(err, EINVAL, "--%s: \"%s\" is not a number from 0 to %u",
				option->name, argument, UINT32_MAX);
		*(uint32_t *)member = (uint32_t)number;
		return 0;
	}
	return -EINVAL;
}

static const struct cli_option *find(const struct cli_option *options, int code)
{
	if (code >= LONG_OPTION)
		return &options[code - LONG_OPTION];
	for (; options->name; options++) {
		if (options->letter == code)
			return options;
	}
	return NULL;
}

/* Words for what getopt_long(3) refused; @word is where it happened. */
static int refuse(const struct cli_option *options, int code, const char *word, struct error *err)
{
	const struct cli_option *option = optopt ? find(options, optopt) : NULL;

	if (code == ':' && option)
		return error_say(err, EINVAL, "option --%s needs an argument: %s", option->name,
			option->argument);
	if (optopt >= LONG_OPTION || optopt == 'h')
		return error_say(err, EINVAL, "option --%s takes no argument",
			option ? option->name : "help");
	if (optopt)
		return error_say(err, EINVAL, "unknown option -%c", optopt);
	return error_say(err, EINVAL, "unknown option %s", word);
}

int cli_parse(const struct cli_option *options, bool first, int argc, char **argv, void *values,
	int *rest, struct error *err)
{
	char letters[2 * OPTIONS_MAX + 4];
	struct option longs[OPTIONS_MAX + 2];
	int code, r;

	if (count_options(options) > OPTIONS_MAX)
		return error_say(err, ENOBUFS, "too many options in a table");
	make_tables(options, first, letters, longs);
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (code == 'h')
			return CLI_HELP;
		if (code == '?' || code == ':')
			return refuse(options, code, argv[optind - 1], err);
		r = store(find(options, code), values, optarg, err);
		if (r < 0)
			return r;
	}
	*rest = optind;
	return 0;
}

void cli_print_options(const struct cli_option *options)
{
	printf("\nOPTIONS:\n");
	for (; options->name; options++) {
		char left[64], letter[8] = "    ";

		if (!options->help)
			continue;
		if (options->letter)
			snprintf(letter, sizeof(letter), "-%c, ", options->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, options->name,
			options->argument ? " " : "", options->argument ? options->argument : "");
		printf("   %-30s %s\n", left, options->help);
	}
	printf("   %-30s %s\n", "-h, --help", "show this help");
}

void cli_print_help(const struct cli_command *command, const char *program)
{
	printf("NAME:\n   %s %s - %s\n\nUsage: %s [OPTION...] %s%s%s\n", program, command->name,
		command->summary, program, command->name, *command->usage ? " " : "",
		command->usage);
	cli_print_options(command->options);
}

int cli_flush(struct error *err)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		return error_set(err, errno ? errno : EIO, "write to standard output");
	return 0;
}

static int check_count(const struct cli_command *command, int count, struct error *err)
{
	if (count < command->arguments_min)
		return error_say(err, EINVAL, "%s needs %s: %s", command->name,
			command->arguments_min == 1 ? "an argument" : "more arguments",
			command->usage);
	if (count > command->arguments_max)
		return error_say(err, EINVAL, "%s got too many arguments, it takes: %s",
			command->name, *command->usage ? command->usage : "none");
	return 0;
}

int cli_run(const struct cli_command *command, const struct runtime_context *context, int argc,
	char **argv, int *exit_status, struct error *err)
{
	void *options = calloc(1, command->options_size + 1);
	struct cli_call call = { .context = context, .options = options };
	int rest, r;

	if (!options)
		return error_set(err, ENOMEM, "read the command line");
	r = cli_parse(command->options, command->options_first, argc, argv, options, &rest, err);
	if (r == CLI_HELP) {
		cli_print_help(command, context->program);
		r = cli_flush(err);
	} else if (r == 0) {
		call.arguments = argv + rest;
		call.argument_count = argc - rest;
		r = check_count(command, call.argument_count, err);
		if (r == 0)
			r = command->function(&call, err);
	}
	*exit_status = r < 0 ? command->failure_status : call.exit_status;
	free_lists(command->options, options);
	free(options);
	return r;
}
