/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reader's state, shared by read.c (structure) and value.c (scalars). Private to the library.
 */
#ifndef OCISPEC_READ_H
#define OCISPEC_READ_H

#include <yajl/yajl_parse.h>

#include "index.h"
#include "text.h"
#include "types.h"

/* A scalar, or a pointer to a string or an object: NULL stands for JSON's null. */
union oci_value {
	uint64_t number;
	const void *pointer;
};

/**
 * struct oci_frame - an object, array or map that is being read
 * @shape: enum oci_shape
 * @type: of an object
 * @fields: of an object: its members
 * @field: of an object: the member whose value comes next, NULL if unknown; otherwise the array or
 *	map itself
 * @target: the C struct, or the inline list or map
 * @seen: of an object: members whose names came
 * @present: of an object: members that have values
 * @guess: of an object: where the next member's name is looked for first
 * @key: of a map: key whose value comes next
 * @node: its node
 * @base: of an array or a map: its first item among the reader's items
 * @index: of an array: number of complete items
 */
struct oci_frame {
	enum oci_shape shape;
	const struct oci_type *type;
	const struct oci_field *fields, *field;
	void *target;
	uint64_t seen, present;
	const struct oci_field *guess;
	const char *key;
	uint32_t node;
	size_t base, index;
};

/* An item of an array or a map that is not complete yet. */
struct oci_item {
	const char *key;
	union oci_value value;
	uint32_t node;
};

struct oci_reader {
	yajl_handle parser;
	struct oci_arena *arena;
	const char *text;
	size_t len;
	unsigned flags;
	struct oci_cursor cursor;
	struct oci_field document; /* a member named "", in whose place the document stands */
	void *root;
	struct oci_frame frames[OCI_DEPTH_MAX + 1];
	unsigned depth; /* frames in use; the first one is the document's */
	unsigned skip;	/* nesting inside an unknown property */
	struct oci_item *items;
	size_t n_items, items_room;
	struct oci_node *nodes;
	size_t n_nodes, nodes_room;
	struct oci_error *err;
	int result;
};

/** oci_reader_top - the innermost frame */
static inline struct oci_frame *oci_reader_top(struct oci_reader *r)
{
	return &r->frames[r->depth - 1];
}

/**
 * oci_refuse - record an error at the present value; @offset is where it is; Return: 0, which stops
 * the parser
 */
int oci_refuse(struct oci_reader *r, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** oci_refuse_node - as oci_refuse(), at a value that was read before */
int oci_refuse_node(struct oci_reader *r, uint32_t node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** oci_refuse_type - as oci_refuse(): a value of another kind than the field's was found */
int oci_refuse_type(
	struct oci_reader *r, const struct oci_field *field, size_t offset, const char *found);

/** oci_out_of_memory - as oci_refuse() */
int oci_out_of_memory(struct oci_reader *r);

/** oci_wanted - the field whose value comes next, NULL if it is unknown and to be ignored */
const struct oci_field *oci_wanted(struct oci_reader *r);

/** oci_wanted_shape - the shape of that value: an item of an array or a map is one */
enum oci_shape oci_wanted_shape(struct oci_reader *r);

/**
 * oci_put - store a value where the innermost frame wants it
 * @r: the reader
 * @value: the value
 * @offset: where its text begins
 * @node: receives its node; may be NULL
 *
 * Return: 1, or 0 after oci_out_of_memory().
 */
int oci_put(struct oci_reader *r, union oci_value value, size_t offset, uint32_t *node);

/** oci_store - store a value into a C object of the field's kind */
void oci_store(const struct oci_field *field, void *slot, union oci_value value);

/**
 * oci_check_format - as oci_refuse() unless @string, of @len bytes at @offset, is what @format asks
 * for
 */
int oci_check_format(struct oci_reader *r, const struct oci_format *format, const char *string,
	size_t len, size_t offset);

/** oci_token_start - offset of the string token the parser just gave */
size_t oci_token_start(struct oci_reader *r, const char *string);

/**
 * oci_check_string - as oci_refuse() if a known string has what JSON allows but a C string or UTF-8
 * does not
 */
int oci_check_string(struct oci_reader *r, const char *string, size_t len, size_t offset);

/* yajl's callbacks for scalars */
int oci_on_null(void *ctx);
int oci_on_boolean(void *ctx, int value);
int oci_on_number(void *ctx, const char *text, size_t len);
int oci_on_string(void *ctx, const unsigned char *string, size_t len);

/** oci_reader_events - all of yajl's callbacks; their context is a struct oci_reader */
extern const yajl_callbacks oci_reader_events;

#endif
