/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines: whole, on one line each, and JSON where JSON is promised. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yajl/yajl_tree.h>

#include "util/json.h"
#include "util/log.h"

static char path[64];
static struct error err;

static void make_path(void)
{
	int fd;

	strcpy(path, "/tmp/silo-test-log.XXXXXX");
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	close(fd);
}

static void remove_path(void)
{
	unlink(path);
}

TestSuite(log, .init = make_path, .fini = remove_path, .timeout = 30);

static char *content(const char *name)
{
	static char text[1 << 20];
	int fd = open(name, O_RDONLY);
	ssize_t length = read(fd, text, sizeof(text) - 1);

	close(fd);
	cr_assert_geq(length, 0);
	text[length] = '\0';
	return text;
}

static void open_log(const char *format, const char *level)
{
	const struct log_options options = { .program = "silo", .target = path, .format = format,
		.level = level };

	cr_assert_eq(log_open(&options, &err), 0, "%s", err.message);
}

static const char *member(yajl_val node, const char *name)
{
	const char *names[] = { name, NULL };
	yajl_val value = yajl_tree_get(node, names, yajl_t_string);

	return value ? YAJL_GET_STRING(value) : "(none)";
}

static yajl_val parse(const char *text)
{
	char problem[256];
	yajl_val node = yajl_tree_parse(text, problem, sizeof(problem));

	cr_assert(node, "%s: %s", problem, text);
	return node;
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

Test(log, json_lines_parse_whatever_the_message)
{
	static const struct {
		const char *message, *expected;
	} table[] = {
		{ "plain", "plain" },
		{ "say \"hello\" \\ \t/", "say \"hello\" \\ \t/" },
		{ "two\nlines\r", "two lines " },
		{ "\x01\x1f\x7f", "\x01\x1f\x7f" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "bad \xff\xc3(", "bad \xef\xbf\xbd\xef\xbf\xbd(" },
		{ "overlong \xc0\xaf \xe0\x80\xaf", "overlong \xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "surrogate \xed\xa0\x80", "surrogate \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd" },
		{ "", "" },
	};

	open_log("json", NULL);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		yajl_val node;

		cr_assert_eq(truncate(path, 0), 0);
		log_warning("%s", table[i].message);
		node = parse(content(path));
		cr_expect_str_eq(member(node, "msg"), table[i].expected);
		cr_expect_str_eq(member(node, "level"), "warning");
		cr_expect_eq(strlen(member(node, "time")), strlen("2026-11-23T23:23:47Z"));
		cr_expect_eq(count_lines(content(path)), 1);
		yajl_tree_free(node);
	}
}

Test(log, long_messages_are_cut_but_parse)
{
	static char text[20000];

	memset(text, '\x01', sizeof(text) - 1);
	open_log("json", NULL);
	log_warning("%s", text);
	cr_expect_eq(count_lines(content(path)), 1);
	yajl_tree_free(parse(content(path)));
}

Test(log, fatal_error_has_its_origin_and_goes_to_stderr_too)
{
	char copy[] = "/tmp/silo-test-stderr.XXXXXX";
	struct error fatal;
	long long line = 0;
	int saved = dup(2), fd = mkstemp(copy);
	const char *names[] = { "line", NULL };
	yajl_val node;

	open_log("json", NULL);
	error_set(&fatal, EPERM, "mount it");
	error_origin(&fatal, "/mounts/0", 12);
	dup2(fd, 2);
	log_fatal(&fatal);
	dup2(saved, 2);
	node = parse(content(path));
	cr_expect_str_eq(member(node, "level"), "error");
	cr_expect_str_eq(member(node, "errno"), "EPERM");
	cr_expect_str_eq(member(node, "pointer"), "/mounts/0");
	line = YAJL_GET_INTEGER(yajl_tree_get(node, names, yajl_t_number));
	cr_expect_eq(line, 12);
	cr_expect_str_eq(member(node, "msg"),
		"config.json: /mounts/0 (line 12): mount it: Operation not permitted");
	cr_expect_str_eq(content(copy),
		"config.json: /mounts/0 (line 12): mount it: Operation not permitted\n");
	yajl_tree_free(node);
	unlink(copy);
}

/* The longest error there can be, each byte of it to be escaped. */
Test(log, longest_fatal_error_parses)
{
	struct error fatal = { .code = EPERM, .line = 1 };
	yajl_val node;

	memset(fatal.message, '\x01', sizeof(fatal.message) - 1);
	memset(fatal.pointer, '\x01', sizeof(fatal.pointer) - 1);
	open_log("json", NULL);
	dup2(open("/dev/null", O_WRONLY), 2);
	log_fatal(&fatal);
	cr_expect_eq(count_lines(content(path)), 1);
	node = parse(content(path));
	cr_expect_eq(strlen(member(node, "pointer")), sizeof(fatal.pointer) - 1);
	yajl_tree_free(node);
}

Test(log, text_line)
{
	char message[64], *text;
	int year = 0, end = 0;

	open_log("text", NULL);
	log_warning("say \"hi\"");
	text = content(path);
	cr_assert_eq(sscanf(text, "time=\"%4d-%*2d-%*2dT%*2d:%*2d:%*2dZ\"%n", &year, &end), 1);
	snprintf(message, sizeof(message), "%s", text + end);
	cr_expect_str_eq(message, " level=warning msg=\"say \\\"hi\\\"\"\n");
}

Test(log, levels)
{
	open_log("text", "warning");
	log_warning("one");
	log_info("two");
	log_debug("three");
	cr_expect_eq(count_lines(content(path)), 1);
	open_log(NULL, "debug");
	log_warning("four");
	log_info("five");
	log_debug("six");
	cr_expect_eq(count_lines(content(path)), 4);
}

Test(log, appends)
{
	open_log("text", NULL);
	log_warning("first");
	open_log("text", NULL);
	log_warning("second");
	cr_expect_eq(count_lines(content(path)), 2);
}

Test(log, schemes)
{
	char target[96];
	struct log_options options = { .program = "silo" };

	snprintf(target, sizeof(target), "file:%s", path);
	options.target = target;
	cr_assert_eq(log_open(&options, &err), 0, "%s", err.message);
	log_warning("here");
	cr_expect_eq(count_lines(content(path)), 1);

	options.target = "pigeon:post";
	cr_expect_eq(log_open(&options, &err), -EINVAL);
	cr_expect(strstr(err.message, "unknown log scheme \"pigeon\""), "%s", err.message);
	options.target = "/nonexistent/x";
	cr_expect_eq(log_open(&options, &err), -ENOENT);
}

Test(log, colon_in_a_path_is_no_scheme)
{
	char target[80];
	const struct log_options options = { .program = "silo", .target = target };

	snprintf(target, sizeof(target), "%s:x", path);
	cr_assert_eq(log_open(&options, &err), 0, "%s", err.message);
	cr_expect_eq(unlink(target), 0);
}

Test(log, unknown_format_and_level)
{
	const struct log_options format = { .format = "xml" }, level = { .level = "loud" };

	cr_expect_eq(log_open(&format, &err), -EINVAL);
	cr_expect_eq(log_open(&level, &err), -EINVAL);
}

Test(log, quoted_text_is_cut_between_characters)
{
	char small[8];

	cr_expect_eq(json_quote(small, sizeof(small), "ab\ncd\xe2\x82\xac"), 7);
	cr_expect_str_eq(small, "\"ab\\nc\"");
	json_quote(small, sizeof(small), "abc\x01");
	cr_expect_str_eq(small, "\"abc\"");
	cr_expect_eq(json_quote(small, 3, "abc"), 2);
	cr_expect_str_eq(small, "\"\"");
}
