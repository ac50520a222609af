/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From text to document. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

/*
 * What yajl can not be asked to check; its own check of UTF-8 takes overlong forms and surrogates.
 */
static int check_text(const char *text, size_t len, struct oci_error *err)
{
	struct oci_cursor cursor = { .text = text, .line = 1 };
	bool marked = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
	size_t valid;

	if (len > OCI_DOCUMENT_MAX)
		return oci_fail(
			err, EFBIG, "the document is larger than %u bytes", OCI_DOCUMENT_MAX);
	valid = marked ? 0 : oci_utf8_valid_len(text, len);
	if (valid == len)
		return 0;
	oci_cursor_move(&cursor, valid, &err->line, &err->column);
	if (marked)
		return oci_fail(err, EINVAL, "the document begins with a byte order mark");
	return oci_fail(err, EINVAL, "invalid UTF-8: byte 0x%02x", (unsigned char)text[valid]);
}

/* The frame around the document: an object with one member, which is the document. */
static int begin(struct oci_reader *r, const struct oci_type *type)
{
	struct oci_frame *frame = &r->frames[0];

	frame->shape = OCI_SHAPE_ONE;
	frame->field = frame->fields = &r->document;
	frame->target = &r->root;
	r->depth = 1;
	if (!type->bare) {
		r->document =
			(struct oci_field){ .name = "", .kind = OCI_KIND_OBJECT, .type = type };
		return 0;
	}
	r->document = type->fields()[0];
	frame->target = r->root = oci_arena_alloc(r->arena, type->size);
	return r->root == NULL ? oci_fail(r->err, ENOMEM, "out of memory") : 0;
}

static int refuse_json(struct oci_reader *r, size_t offset)
{
	unsigned char *said = yajl_get_error(r->parser, 0, (const unsigned char *)r->text, r->len);
	const char *reason = said == NULL ? "" : (const char *)said;
	size_t len = strcspn(reason, "\n");

	if (len > 0 && reason[len - 1] == '.')
		len--;
	oci_refuse(r, offset, "invalid JSON: %.*s", (int)len, reason);
	yajl_free_error(r->parser, said);
	return r->result;
}

static int parse(struct oci_reader *r)
{
	yajl_status status = yajl_parse(r->parser, (const unsigned char *)r->text, r->len);
	size_t fault = yajl_get_bytes_consumed(r->parser);

	/* What is consumed ends with what yajl stumbled over. */
	if (fault > 0)
		fault--;
	if (status == yajl_status_ok) {
		status = yajl_complete_parse(r->parser);
		fault = r->len;
	}
	return status == yajl_status_error ? refuse_json(r, fault) : r->result;
}

static int finish(struct oci_reader *r, const struct oci_type *type, struct oci_document **ret)
{
	struct oci_document *document = oci_arena_alloc(r->arena, sizeof(*document));

	if (document == NULL)
		return oci_fail(r->err, ENOMEM, "out of memory");
	*document = (struct oci_document){ type, r->root, r->arena,
		oci_index_new(r->arena, r->nodes, r->n_nodes) };
	if (document->index == NULL)
		return oci_fail(r->err, ENOMEM, "out of memory");
	*ret = document;
	return 0;
}

int oci_read(const struct oci_type *type, const char *text, size_t len, unsigned flags,
	struct oci_document **ret, struct oci_error *err)
{
	struct oci_reader r = {
		.text = text, .len = len, .flags = flags, .cursor = { .text = text, .line = 1 }
	};
	struct oci_error unwanted;
	int result;

	r.err = err == NULL ? &unwanted : err;
	*r.err = (struct oci_error){ 0 };
	result = check_text(text, len, r.err);
	if (result < 0)
		return result;
	r.arena = oci_arena_new();
	r.parser = yajl_alloc(&oci_reader_events, NULL, &r);
	if (r.arena == NULL || r.parser == NULL) {
		result = oci_fail(r.err, ENOMEM, "out of memory");
	} else {
		yajl_config(r.parser, yajl_dont_validate_strings, 1);
		result = begin(&r, type);
	}
	if (result == 0)
		result = parse(&r);
	if (result == 0)
		result = finish(&r, type, ret);
	if (r.parser != NULL)
		yajl_free(r.parser);
	if (result < 0)
		oci_arena_free(r.arena);
	free(r.items);
	free(r.nodes);
	return result;
}

void oci_document_free(struct oci_document *document)
{
	if (document != NULL)
		oci_arena_free(document->arena);
}
