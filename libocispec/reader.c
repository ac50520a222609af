/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state between yajl's events: what is wanted, where it goes, and what to say if it is not what
 * came.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "read.h"

/* Pointer of the value that comes next. */
static void present_pointer(const struct oci_reader *r, char *pointer, size_t size)
{
	pointer[0] = '\0';
	for (unsigned i = 1; i < r->depth; i++) {
		const struct oci_frame *frame = &r->frames[i];

		if (frame->shape == OCI_SHAPE_LIST)
			oci_pointer_push_index(pointer, size, frame->index);
		else if (frame->shape == OCI_SHAPE_MAP && frame->key != NULL)
			oci_pointer_push(pointer, size, frame->key);
		else if (frame->shape == OCI_SHAPE_ONE && frame->field != NULL)
			oci_pointer_push(pointer, size, frame->field->name);
	}
}

int oci_refuse(struct oci_reader *r, size_t offset, const char *format, ...)
{
	struct oci_error *err = r->err;
	va_list args;

	r->result = -EINVAL;
	err->code = EINVAL;
	oci_cursor_move(&r->cursor, offset, &err->line, &err->column);
	present_pointer(r, err->pointer, sizeof(err->pointer));
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return 0;
}

int oci_refuse_node(struct oci_reader *r, uint32_t node, const char *format, ...)
{
	struct oci_error *err = r->err;
	va_list args;

	r->result = -EINVAL;
	err->code = EINVAL;
	err->line = r->nodes[node].line;
	err->column = r->nodes[node].column;
	oci_node_pointer(r->nodes, node, err->pointer, sizeof(err->pointer));
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return 0;
}

int oci_out_of_memory(struct oci_reader *r)
{
	r->result = oci_fail(r->err, ENOMEM, "out of memory");
	return 0;
}

int oci_refuse_type(
	struct oci_reader *r, const struct oci_field *field, size_t offset, const char *found)
{
	static const char *const numbers[2][9] = {
		{ [2] = "an unsigned 16-bit integer",
			[4] = "an unsigned 32-bit integer",
			[8] = "an unsigned 64-bit integer" },
		{ [4] = "a 32-bit integer", [8] = "a 64-bit integer" },
	};
	static const char *const kinds[] = { [OCI_KIND_BOOL] = "true or false",
		[OCI_KIND_STRING] = "a string",
		[OCI_KIND_ENUM] = "a string",
		[OCI_KIND_OBJECT] = "an object" };
	const char *expected;

	if (oci_wanted_shape(r) != OCI_SHAPE_ONE)
		expected = field->shape == OCI_SHAPE_LIST ? "an array" : "an object";
	else if (field->kind == OCI_KIND_NUMBER)
		expected = numbers[field->is_signed][field->size];
	else
		expected = kinds[field->kind];
	return oci_refuse(r, offset, "expected %s, found %s", expected, found);
}

const struct oci_field *oci_wanted(struct oci_reader *r)
{
	return r->skip > 0 ? NULL : oci_reader_top(r)->field;
}

enum oci_shape oci_wanted_shape(struct oci_reader *r)
{
	const struct oci_frame *top = oci_reader_top(r);

	return top->shape == OCI_SHAPE_ONE ? (enum oci_shape)top->field->shape : OCI_SHAPE_ONE;
}

/* Makes room for one more element of a growing array. */
static void *grown(void *array, size_t *room, size_t count, size_t size)
{
	void *ret;

	if (count < *room)
		return array;
	ret = reallocarray(array, *room * 2 + 128, size);
	if (ret != NULL)
		*room = *room * 2 + 128;
	return ret;
}

static int add_node(struct oci_reader *r, const void *slot, size_t offset, uint32_t *ret)
{
	const struct oci_frame *top = oci_reader_top(r);
	struct oci_node *nodes = grown(r->nodes, &r->nodes_room, r->n_nodes, sizeof(*nodes));
	struct oci_node *node;

	if (nodes == NULL)
		return oci_out_of_memory(r);
	r->nodes = nodes;
	node = &nodes[r->n_nodes];
	*node = (struct oci_node){ .slot = slot, .parent = top->node };
	oci_cursor_move(&r->cursor, offset, &node->line, &node->column);
	*ret = (uint32_t)r->n_nodes++;
	if (*ret == 0)
		return 1; /* the document itself: in nothing, named nothing */
	if (top->shape == OCI_SHAPE_ONE)
		node->key = top->field->name;
	else if (top->shape == OCI_SHAPE_MAP)
		node->key = top->key;
	else
		node->position = (uint32_t)top->index;
	return 1;
}

static int add_item(struct oci_reader *r, union oci_value value, uint32_t node)
{
	struct oci_item *items = grown(r->items, &r->items_room, r->n_items, sizeof(*items));

	if (items == NULL)
		return oci_out_of_memory(r);
	r->items = items;
	items[r->n_items++] = (struct oci_item){ oci_reader_top(r)->key, value, node };
	return 1;
}

void oci_store(const struct oci_field *field, void *slot, union oci_value value)
{
	switch (field->kind) {
	case OCI_KIND_BOOL:
		*(bool *)slot = value.number != 0;
		break;
	case OCI_KIND_NUMBER:
		if (field->size == sizeof(uint16_t))
			*(uint16_t *)slot = (uint16_t)value.number;
		else if (field->size == sizeof(uint32_t))
			*(uint32_t *)slot = (uint32_t)value.number;
		else
			*(uint64_t *)slot = value.number;
		break;
	case OCI_KIND_ENUM:
		*(enum oci_status *)slot = (enum oci_status)value.number;
		break;
	default:
		*(const void **)slot = value.pointer;
		break;
	}
}

int oci_put(struct oci_reader *r, union oci_value value, size_t offset, uint32_t *ret)
{
	struct oci_frame *top = oci_reader_top(r);
	const struct oci_field *field = top->field;
	bool alone = top->shape == OCI_SHAPE_ONE;
	char *slot = alone ? (char *)top->target + field->offset : NULL;
	uint32_t node;

	if (!add_node(r, slot, offset, &node))
		return 0;
	if (ret != NULL)
		*ret = node;
	if (!alone) {
		/* An item that is an object counts when it is complete. */
		if (ret == NULL)
			top->index++;
		return add_item(r, value, node);
	}
	top->present |= UINT64_C(1) << (field - top->fields);
	if (field->shape != OCI_SHAPE_ONE)
		return 1;
	if (field->presence == OCI_OPTIONAL &&
		(field->kind == OCI_KIND_BOOL || field->kind == OCI_KIND_NUMBER)) {
		void *copy = oci_arena_alloc(r->arena, field->size);

		if (copy == NULL)
			return oci_out_of_memory(r);
		*(void **)slot = copy;
		slot = copy;
	}
	oci_store(field, slot, value);
	return 1;
}
