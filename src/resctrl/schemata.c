/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resctrl/schemata.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANK " \t"

struct span {
	const char *start;
	size_t length;
};

/* The text up to one of @ends, without blanks around it and zeros in front; *@cursor goes behind the end. */
static struct span take(const char **cursor, const char *ends)
{
	struct span span = { *cursor + strspn(*cursor, BLANK), 0 };
	size_t all = strcspn(span.start, ends);

	*cursor = span.start + all;
	if (**cursor && **cursor != '\n')
		(*cursor)++;
	while (all && strchr(BLANK "\r", span.start[all - 1]))
		all--;
	while (all > 1 && *span.start == '0') {
		span.start++;
		all--;
	}
	span.length = all;
	return span;
}

static bool same(struct span a, struct span b)
{
	return a.length == b.length && strncasecmp(a.start, b.start, a.length) == 0;
}

/* Whether a line's domains, "0=ff;1=ff", hold this one. */
static bool has_domain(const char *domains, struct span id, struct span value)
{
	while (*domains && *domains != '\n') {
		struct span other = take(&domains, "=;\n"), its_value = take(&domains, ";\n");

		if (same(other, id))
			return same(its_value, value);
	}
	return false;
}

/* The domains of a resource's line; NULL if there is none. */
static const char *find_resource(const char *text, struct span resource)
{
	while (text && *text) {
		if (same(take(&text, ":\n"), resource))
			return text;
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return NULL;
}

bool schemata_has(const char *text, const char *line)
{
	const char *domains = find_resource(text, take(&line, ":\n"));

	bool any = false;

	while (domains && *line && *line != '\n') {
		struct span id = take(&line, "=;\n"), value = take(&line, ";\n");

		if (id.length && !has_domain(domains, id, value))
			return false;
		any = any || id.length;
	}
	return any;
}
