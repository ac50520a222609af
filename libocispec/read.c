/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading of objects, arrays and maps: yajl's events go straight into the structs. A frame stands
 * for each object or array that is open; the items of arrays and maps wait on one common stack
 * until their number is known.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "read.h"

static int push(struct oci_reader *r, const struct oci_frame *frame)
{
	r->frames[r->depth++] = *frame;
	return 1;
}

static int pop(struct oci_reader *r)
{
	r->depth--;
	oci_reader_top(r)->index++;
	return 1;
}

static int begin_object(struct oci_reader *r, const struct oci_field *field, size_t offset)
{
	const struct oci_type *type = field->type;
	struct oci_frame frame = { .shape = OCI_SHAPE_ONE, .type = type };

	frame.target = oci_arena_alloc(r->arena, type->size);
	if (frame.target == NULL)
		return oci_out_of_memory(r);
	frame.fields = frame.guess = type->fields();
	if (!oci_put(r, (union oci_value){ .pointer = frame.target }, offset, &frame.node))
		return 0;
	return push(r, &frame);
}

/* An array or a map: on_end_array() or end_map() fills the C member. */
static int begin_items(struct oci_reader *r, const struct oci_field *field, size_t offset)
{
	struct oci_frame frame = { .shape = field->shape, .field = field, .base = r->n_items };

	frame.target = (char *)oci_reader_top(r)->target + field->offset;
	if (!oci_put(r, (union oci_value){ .pointer = NULL }, offset, &frame.node))
		return 0;
	return push(r, &frame);
}

static int on_begin(struct oci_reader *r, enum oci_shape shape, const char *found)
{
	size_t offset = yajl_get_bytes_consumed(r->parser) - 1;
	const struct oci_field *field = oci_wanted(r);
	enum oci_shape wanted;

	if (r->depth + r->skip > OCI_DEPTH_MAX)
		return oci_refuse(r, offset, "nested deeper than %d levels", OCI_DEPTH_MAX);
	if (field == NULL) {
		r->skip++;
		return 1;
	}
	wanted = oci_wanted_shape(r);
	if (wanted == shape)
		return begin_items(r, field, offset);
	if (shape == OCI_SHAPE_MAP && wanted == OCI_SHAPE_ONE && field->kind == OCI_KIND_OBJECT)
		return begin_object(r, field, offset);
	return oci_refuse_type(r, field, offset, found);
}

static int on_begin_object(void *ctx)
{
	return on_begin(ctx, OCI_SHAPE_MAP, "an object");
}

static int on_begin_array(void *ctx)
{
	return on_begin(ctx, OCI_SHAPE_LIST, "an array");
}

static bool same_name(const struct oci_field *field, const char *name, size_t len, bool fold)
{
	if (field->name_len != len)
		return false;
	return fold ? strncasecmp(field->name, name, len) == 0
		    : memcmp(field->name, name, len) == 0;
}

/*
 * Most documents have their members in an order of ours: the search begins after the last one
 * found.
 */
static const struct oci_field *find_field(
	struct oci_frame *frame, const char *name, size_t len, bool fold)
{
	const struct oci_field *field;

	for (field = frame->guess; field->name != NULL; field++)
		if (same_name(field, name, len, fold))
			return field;
	for (field = frame->fields; field != frame->guess; field++)
		if (same_name(field, name, len, fold))
			return field;
	return NULL;
}

static int on_member_name(struct oci_reader *r, const char *name, size_t len)
{
	struct oci_frame *top = oci_reader_top(r);
	uint64_t bit;

	top->field = find_field(top, name, len, r->flags & OCI_READ_FOLD_CASE);
	if (top->field == NULL)
		return 1;
	top->guess = top->field + 1;
	bit = UINT64_C(1) << (top->field - top->fields);
	if (top->seen & bit)
		return oci_refuse(r, oci_token_start(r, name), "the property appears twice");
	top->seen |= bit;
	return 1;
}

static int on_key(void *ctx, const unsigned char *bytes, size_t len)
{
	struct oci_reader *r = ctx;
	struct oci_frame *top = oci_reader_top(r);
	const char *name = (const char *)bytes;
	size_t offset;

	if (r->skip > 0)
		return 1;
	if (top->shape == OCI_SHAPE_ONE)
		return on_member_name(r, name, len);
	offset = oci_token_start(r, name);
	top->key = NULL;
	if (!oci_check_string(r, name, len, offset))
		return 0;
	top->key = oci_arena_strndup(r->arena, name, len);
	if (top->key == NULL)
		return oci_out_of_memory(r);
	return oci_check_format(r, top->field->format, top->key, len, offset);
}

static int end_object(struct oci_reader *r)
{
	struct oci_frame *top = oci_reader_top(r);
	const struct oci_field *field;

	for (field = top->fields; field->name != NULL; field++)
		if (field->presence == OCI_REQUIRED &&
			!(top->present & UINT64_C(1) << (field - top->fields)))
			return oci_refuse_node(r, top->node,
				"the required property \"%s\" is missing", field->name);
	if (top->type->check != NULL && !top->type->check(top->target))
		return oci_refuse_node(r, top->node, "%s", top->type->rule);
	return pop(r);
}

static int compare_keys(const void *a, const void *b)
{
	const struct oci_item *x = *(const struct oci_item *const *)a,
			      *y = *(const struct oci_item *const *)b;
	int ret = strcmp(x->key, y->key);

	return ret != 0 ? ret : (x > y) - (x < y);
}

static int check_keys(struct oci_reader *r, const struct oci_item *items, size_t count)
{
	const struct oci_item **sorted;
	const struct oci_item *twice = NULL;

	if (count < 2)
		return 1;
	sorted = malloc(count * sizeof(const struct oci_item *));
	if (sorted == NULL)
		return oci_out_of_memory(r);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &items[i];
	qsort(sorted, count, sizeof(const struct oci_item *), compare_keys);
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 &&
			(twice == NULL || sorted[i] < twice))
			twice = sorted[i];
	free(sorted);
	if (twice == NULL)
		return 1;
	return oci_refuse_node(r, twice->node, "the key appears twice");
}

/* The complete items of the innermost array or map; there may never have been any. */
static const struct oci_item *items_of(const struct oci_reader *r, const struct oci_frame *top)
{
	return r->items == NULL ? NULL : r->items + top->base;
}

static int end_map(struct oci_reader *r)
{
	struct oci_frame *top = oci_reader_top(r);
	const struct oci_item *items = items_of(r, top);
	size_t count = r->n_items - top->base;
	struct oci_any_map *map = top->target;
	struct oci_any_entry *entry;

	if (!check_keys(r, items, count))
		return 0;
	entry = map->items = oci_arena_alloc(r->arena, (count + 1) * sizeof(*map->items));
	if (entry == NULL)
		return oci_out_of_memory(r);
	for (size_t i = 0; i < count; i++) {
		if (items[i].value.pointer == NULL)
			continue;
		*entry = (struct oci_any_entry){ items[i].key, items[i].value.pointer };
		r->nodes[items[i].node].slot = &entry->value;
		entry++;
	}
	map->len = (size_t)(entry - map->items);
	r->n_items = top->base;
	return pop(r);
}

static int on_end_object(void *ctx)
{
	struct oci_reader *r = ctx;

	if (r->skip > 0) {
		r->skip--;
		return 1;
	}
	return oci_reader_top(r)->shape == OCI_SHAPE_MAP ? end_map(r) : end_object(r);
}

/* Each value of the enum member that tells the items apart may appear once (RLM-05, NS-07). */
static int check_unique(struct oci_reader *r, const struct oci_field *list,
	const struct oci_item *items, size_t count)
{
	const struct oci_field *field = list->type->fields();
	uint64_t seen = 0, bit;
	int value;

	while (strcmp(field->name, list->unique) != 0)
		field++;
	for (size_t i = 0; i < count; i++) {
		value = (int)*(const enum oci_status *)((const char *)items[i].value.pointer +
							field->offset);
		bit = UINT64_C(1) << value;
		if (seen & bit)
			return oci_refuse_node(r, items[i].node, "the %s %s appears twice",
				field->name, oci_enum_name(field->values, value));
		seen |= bit;
	}
	return 1;
}

static int on_end_array(void *ctx)
{
	struct oci_reader *r = ctx;
	struct oci_frame *top = oci_reader_top(r);
	const struct oci_item *items;
	struct oci_any_list *list = top->target;
	size_t count, size;
	char *slot;

	if (r->skip > 0) {
		r->skip--;
		return 1;
	}
	items = items_of(r, top);
	count = r->n_items - top->base;
	size = oci_kind_size(top->field);
	if (count < top->field->min_items)
		return oci_refuse_node(
			r, top->node, "expected an array of at least one item, found an empty one");
	if (top->field->unique != NULL && !check_unique(r, top->field, items, count))
		return 0;
	slot = list->items = oci_arena_alloc(r->arena, (count + 1) * size);
	if (slot == NULL)
		return oci_out_of_memory(r);
	for (size_t i = 0; i < count; i++, slot += size) {
		oci_store(top->field, slot, items[i].value);
		r->nodes[items[i].node].slot = slot;
	}
	list->len = count;
	r->n_items = top->base;
	return pop(r);
}

const yajl_callbacks oci_reader_events = {
	.yajl_null = oci_on_null,
	.yajl_boolean = oci_on_boolean,
	.yajl_number = oci_on_number,
	.yajl_string = oci_on_string,
	.yajl_start_map = on_begin_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end_object,
	.yajl_start_array = on_begin_array,
	.yajl_end_array = on_end_array,
};
