/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A fuzz target without the fuzzer: runs it over files, and over all files of folders, named on the
 * command line, one TAP point each. A folder that is not there holds nothing.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static guint count;

static void
replay_file(const char *path)
{
    char *octets = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &octets, &length, NULL))
        return;
    g_autofree char *name = g_path_get_basename(path);
    guint8 *exact = g_malloc(MAX(length, 1)); /* no NUL behind it, as the fuzzer hands it over */
    memcpy(exact, octets, length);
    g_free(octets);
    LLVMFuzzerTestOneInput(exact, length);
    g_free(exact);
    printf("ok %u - %s\n", ++count, name);
    fflush(stdout);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
replay_folder(const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *folder = g_dir_open(path, 0, NULL);
    const char *name;
    while (folder && (name = g_dir_read_name(folder)))
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    if (folder)
        g_dir_close(folder);
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++)
        replay_file(names->pdata[i]);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (g_file_test(argv[i], G_FILE_TEST_IS_DIR))
            replay_folder(argv[i]);
        else
            replay_file(argv[i]);
    printf("1..%u\n", count);
    return EXIT_SUCCESS;
}
