/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where every value of a document came from. Private to the library. */
#ifndef OCISPEC_INDEX_H
#define OCISPEC_INDEX_H

#include "ocispec.h"

/**
 * struct oci_node - a value that is present
 * @slot: address of the C member, list item or map value; NULL for the document
 * @key: its name in the object it is in; NULL if it is in an array
 * @position: its index in the array it is in
 * @parent: node of the object or array it is in
 * @line, @column: where its text begins
 */
struct oci_node {
	const void *slot;
	const char *key;
	uint32_t position;
	uint32_t parent;
	uint32_t line, column;
};

/* Node 0 is the document. @buckets is a hash table of node numbers by slot, 0 being free. */
struct oci_index {
	const struct oci_node *nodes;
	const uint32_t *buckets;
	size_t count, n_buckets;
};

/** oci_index_new - copy nodes into an arena and make them searchable; NULL when out of memory */
const struct oci_index *oci_index_new(
	struct oci_arena *arena, const struct oci_node *nodes, size_t count);

/** oci_node_pointer - JSON pointer of a node */
void oci_node_pointer(const struct oci_node *nodes, uint32_t node, char *pointer, size_t size);

#endif
