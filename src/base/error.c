/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The error domain of the library. What each code means to the command line is a table in
 * src/command.
 */
#include <dmarctrace/error.h>

G_DEFINE_QUARK(dt - error - quark, dt_error)
