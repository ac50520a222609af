/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's process: nothing, so that what is measured is the runtime. */
#ifndef EXIT_STATUS
#define EXIT_STATUS 0
#endif

int main(void)
{
	return EXIT_STATUS;
}
