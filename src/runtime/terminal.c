/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

void terminal_copy_size(int master)
{
	struct winsize size;

	if (master >= 0 && (ioctl(0, TIOCGWINSZ, &size) == 0 || ioctl(1, TIOCGWINSZ, &size) == 0))
		ioctl(master, TIOCSWINSZ, &size);
}

void terminal_keep(int master)
{
	struct termios mode;

	/* Now, since the process may ask for it at once. */
	terminal_copy_size(master);
	if (isatty(1) || tcgetattr(master, &mode) < 0)
		return;
	mode.c_oflag &= ~(tcflag_t)ONLCR;
	tcsetattr(master, TCSANOW, &mode);
}
