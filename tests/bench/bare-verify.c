/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The measure for one-shot and batch benchmarks: the least that verifies messages with libopendkim.
 * Reads each file whole, feeds it, takes keys from a text file ("selector._domainkey.domain RECORD"
 * a line). No SPF, no DMARC, no report, no guards. Usage: bare-verify KEYS MESSAGE...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <opendkim/dkim.h>

#define MAX_KEYS 1024

static struct {
    char name[300], record[1024];
} keys[MAX_KEYS];
static int key_count;

static DKIM_CBSTAT
lookup(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
    char name[300];
    snprintf(name, sizeof name, "%s._domainkey.%s", dkim_sig_getselector(sig),
             dkim_sig_getdomain(sig));
    for (int i = 0; i < key_count; i++)
        if (strcmp(keys[i].name, name) == 0) {
            snprintf((char *)buf, size, "%s", keys[i].record);
            return DKIM_CBSTAT_CONTINUE;
        }
    return DKIM_CBSTAT_NOTFOUND;
}

static void
read_keys(const char *path)
{
    FILE *file = fopen(path, "r");
    while (file && key_count < MAX_KEYS &&
           fscanf(file, "%299s %1023[^\n]", keys[key_count].name, keys[key_count].record) == 2)
        key_count++;
    if (file)
        fclose(file);
}

static char *
read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        exit(66);
    fseek(file, 0, SEEK_END);
    *length = ftell(file);
    rewind(file);
    char *text = malloc(*length + 1);
    if (fread(text, 1, *length, file) != *length)
        exit(74);
    text[*length] = '\0';
    fclose(file);
    return text;
}

static int
verify(DKIM_LIB *lib, const char *path)
{
    size_t length;
    DKIM_STAT stat;
    char *text = read_file(path, &length), *at = text;
    DKIM *dkim = dkim_verify(lib, (unsigned char *)"bench", NULL, &stat);
    while (at < text + length && strncmp(at, "\r\n", 2) != 0) {
        char *end = strstr(at, "\r\n");
        while (end && (end[2] == ' ' || end[2] == '\t'))
            end = strstr(end + 2, "\r\n");
        if (!end)
            break;
        dkim_header(dkim, (unsigned char *)at, end - at);
        at = end + 2;
    }
    at += 2;
    dkim_eoh(dkim);
    if (at < text + length)
        dkim_body(dkim, (unsigned char *)at, text + length - at);
    stat = dkim_eom(dkim, NULL);
    dkim_free(dkim);
    free(text);
    return stat == DKIM_STAT_OK;
}

int
main(int argc, char **argv)
{
    int good = 0;
    if (argc < 3)
        return 64;
    read_keys(argv[1]);
    DKIM_LIB *lib = dkim_init(NULL, NULL);
    dkim_set_key_lookup(lib, lookup);
    if (strcmp(argv[2], "--files") == 0) {
        char path[4096];
        int count = 0;
        while (scanf("%4095[^\n]%*c", path) == 1)
            good += verify(lib, path), count++;
        printf("%d of %d verify\n", good, count);
        return good != count;
    }
    for (int i = 2; i < argc; i++)
        good += verify(lib, argv[i]);
    return good != argc - 2;
}
