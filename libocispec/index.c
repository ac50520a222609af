/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "index.h"
#include "text.h"

/* Fibonacci hashing; slots are aligned, so their lowest bits say little. */
static size_t bucket_of(const void *slot, size_t n_buckets)
{
	uint64_t hash = ((uint64_t)(uintptr_t)slot >> 1) * 0x9e3779b97f4a7c15u;

	return (size_t)(hash >> 32) & (n_buckets - 1);
}

const struct oci_index *oci_index_new(
	struct oci_arena *arena, const struct oci_node *nodes, size_t count)
{
	struct oci_index *index = oci_arena_alloc(arena, sizeof(*index));
	struct oci_node *copy = oci_arena_alloc(arena, count * sizeof(*copy));
	size_t n_buckets = 16, bucket;
	uint32_t *buckets;

	while (n_buckets < count * 2)
		n_buckets *= 2;
	buckets = oci_arena_alloc(arena, n_buckets * sizeof(*buckets));
	if (index == NULL || copy == NULL || buckets == NULL)
		return NULL;
	memcpy(copy, nodes, count * sizeof(*copy));
	for (uint32_t i = 1; i < count; i++) {
		bucket = bucket_of(nodes[i].slot, n_buckets);
		while (buckets[bucket] != 0)
			bucket = (bucket + 1) & (n_buckets - 1);
		buckets[bucket] = i;
	}
	*index = (struct oci_index){ copy, buckets, count, n_buckets };
	return index;
}

void oci_node_pointer(const struct oci_node *nodes, uint32_t node, char *pointer, size_t size)
{
	uint32_t path[OCI_DEPTH_MAX + 2];
	size_t depth = 0;

	for (; node != 0; node = nodes[node].parent)
		path[depth++] = node;
	pointer[0] = '\0';
	while (depth-- > 0) {
		const struct oci_node *step = &nodes[path[depth]];

		if (step->key != NULL)
			oci_pointer_push(pointer, size, step->key);
		else
			oci_pointer_push_index(pointer, size, step->position);
	}
}

bool oci_locate(const struct oci_document *document, const void *slot, struct oci_location *ret)
{
	const struct oci_index *index = document->index;
	size_t bucket = bucket_of(slot, index->n_buckets);
	const struct oci_node *node;

	for (; index->buckets[bucket] != 0; bucket = (bucket + 1) & (index->n_buckets - 1)) {
		node = &index->nodes[index->buckets[bucket]];
		if (node->slot != slot)
			continue;
		ret->line = node->line;
		ret->column = node->column;
		oci_node_pointer(
			index->nodes, index->buckets[bucket], ret->pointer, sizeof(ret->pointer));
		return true;
	}
	return false;
}
