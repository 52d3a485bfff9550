/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What libraries do when there is no memory.
 */
#ifndef DT_COMMAND_MEMORY_H
#define DT_COMMAND_MEMORY_H

/* Called first: from here on they end the program, as GLib does. Not for the library, whose program
 * may want it otherwise. */
void dt_memory_or_end(void);

#endif
