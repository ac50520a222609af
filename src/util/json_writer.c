/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/json_writer.h"

#include "util/json.h"

/* Longest key or text that is written whole. */
#define TEXT_MAX 256

static void quote(struct json_writer *w, const char *text)
{
	char buffer[JSON_QUOTED_MAX(TEXT_MAX)];

	json_quote(buffer, sizeof(buffer), text);
	fputs(buffer, w->stream);
}

static void begin(struct json_writer *w, const char *key)
{
	if (w->more)
		putc(',', w->stream);
	w->more = true;
	if (key) {
		quote(w, key);
		putc(':', w->stream);
	}
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
	begin(w, key);
	putc(bracket, w->stream);
	w->more = false;
}

void json_close(struct json_writer *w, char bracket)
{
	putc(bracket, w->stream);
	w->more = true;
}

void json_number(struct json_writer *w, const char *key, unsigned long long value)
{
	begin(w, key);
	fprintf(w->stream, "%llu", value);
}

void json_string(struct json_writer *w, const char *key, const char *text)
{
	begin(w, key);
	quote(w, text);
}

void json_literal(struct json_writer *w, const char *key, const char *text)
{
	begin(w, key);
	fputs(text, w->stream);
}
