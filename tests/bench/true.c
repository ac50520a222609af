/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's process: nothing, so that what is measured is the runtime. */
int main(void)
{
	return 0;
}
