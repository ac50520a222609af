/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: state files. None may crash the reader; what it takes can be reported, and be written again. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "libocispec/ocispec.h"
#include "runtime/state.h"

static struct state_directory *directory(void)
{
	static struct state_directory dir = STATE_DIRECTORY_INIT;
	char path[] = "state.XXXXXX";

	if (dir.fd >= 0)
		return &dir;
	if (!mkdtemp(path) || (dir.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		abort();
	strcpy(dir.id, "x");
	return &dir;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct state_directory *dir = directory();
	int fd = openat(dir->fd, "state.json", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const struct container_state *state;
	struct oci_document *document = NULL;
	struct error err = { 0 };

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	if (state_read(dir, &document, &state, &err) < 0) {
		fuzz_check_error(&err);
	} else {
		struct oci_state shown;

		if (state_report(dir, state, document->arena, &shown, &err) < 0)
			fuzz_check_error(&err);
		if (state_write(dir, state, &err) < 0)
			abort();
	}
	oci_document_free(document);
	return 0;
}
