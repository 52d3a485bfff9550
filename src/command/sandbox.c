/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What may a process that parses hostile mail still do? Two layers, each used where build and
 * kernel have it: seccomp refuses whole system calls (EPERM, never a kill: a library that asks in
 * vain goes on), Landlock refuses to change files outside the folders that are needed. Both hold
 * for children and cannot be undone.
 */
#include "command/sandbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef DT_HAVE_SECCOMP
#include <errno.h>
#include <sched.h>
#include <seccomp.h>

#define FILTER_MEMORY (1024 * 1024)

typedef enum {
    ALWAYS,
    WITH_DNS, /* questions leave the machine */
    WITHOUT_DNS,
} occasion;

#define SOCKET_TYPE 0xf /* the other bits are flags, as SOCK_CLOEXEC */

/* What is refused, and why nothing here asks for it. */
static const struct {
    int call;
    occasion when;
} refused[] = {
    /* no other program is run */
    { SCMP_SYS(execve), ALWAYS },
    { SCMP_SYS(execveat), ALWAYS },
    { SCMP_SYS(fork), ALWAYS },
    { SCMP_SYS(vfork), ALWAYS },
    /* no other process is looked into or stopped */
    { SCMP_SYS(ptrace), ALWAYS },
    { SCMP_SYS(process_vm_readv), ALWAYS },
    { SCMP_SYS(process_vm_writev), ALWAYS },
    { SCMP_SYS(process_madvise), ALWAYS },
    { SCMP_SYS(pidfd_open), ALWAYS },
    { SCMP_SYS(pidfd_getfd), ALWAYS },
    { SCMP_SYS(pidfd_send_signal), ALWAYS },
    { SCMP_SYS(kcmp), ALWAYS },
    { SCMP_SYS(kill), ALWAYS },
    { SCMP_SYS(rt_sigqueueinfo), ALWAYS },
    { SCMP_SYS(setpriority), ALWAYS },
    /* files are read, and temporary ones written: their names, owners and modes are no concern */
    { SCMP_SYS(mkdir), ALWAYS },
    { SCMP_SYS(mkdirat), ALWAYS },
    { SCMP_SYS(rmdir), ALWAYS },
    { SCMP_SYS(mknod), ALWAYS },
    { SCMP_SYS(mknodat), ALWAYS },
    { SCMP_SYS(link), ALWAYS },
    { SCMP_SYS(linkat), ALWAYS },
    { SCMP_SYS(symlink), ALWAYS },
    { SCMP_SYS(symlinkat), ALWAYS },
    { SCMP_SYS(truncate), ALWAYS },
    { SCMP_SYS(chmod), ALWAYS },
    { SCMP_SYS(fchmod), ALWAYS },
    { SCMP_SYS(fchmodat), ALWAYS },
    { SCMP_SYS(chown), ALWAYS },
    { SCMP_SYS(lchown), ALWAYS },
    { SCMP_SYS(fchown), ALWAYS },
    { SCMP_SYS(fchownat), ALWAYS },
    { SCMP_SYS(utime), ALWAYS },
    { SCMP_SYS(utimes), ALWAYS },
    { SCMP_SYS(futimesat), ALWAYS },
    { SCMP_SYS(utimensat), ALWAYS },
    { SCMP_SYS(setxattr), ALWAYS },
    { SCMP_SYS(lsetxattr), ALWAYS },
    { SCMP_SYS(fsetxattr), ALWAYS },
    { SCMP_SYS(removexattr), ALWAYS },
    { SCMP_SYS(lremovexattr), ALWAYS },
    { SCMP_SYS(fremovexattr), ALWAYS },
    { SCMP_SYS(chroot), ALWAYS },
    /* a user who is root stays a user */
    { SCMP_SYS(mount), ALWAYS },
    { SCMP_SYS(umount2), ALWAYS },
    { SCMP_SYS(pivot_root), ALWAYS },
    { SCMP_SYS(move_mount), ALWAYS },
    { SCMP_SYS(open_tree), ALWAYS },
    { SCMP_SYS(fsopen), ALWAYS },
    { SCMP_SYS(fsmount), ALWAYS },
    { SCMP_SYS(unshare), ALWAYS },
    { SCMP_SYS(setns), ALWAYS },
    { SCMP_SYS(setuid), ALWAYS },
    { SCMP_SYS(setgid), ALWAYS },
    { SCMP_SYS(setreuid), ALWAYS },
    { SCMP_SYS(setregid), ALWAYS },
    { SCMP_SYS(setresuid), ALWAYS },
    { SCMP_SYS(setresgid), ALWAYS },
    { SCMP_SYS(setgroups), ALWAYS },
    { SCMP_SYS(capset), ALWAYS },
    { SCMP_SYS(settimeofday), ALWAYS },
    { SCMP_SYS(clock_settime), ALWAYS },
    { SCMP_SYS(adjtimex), ALWAYS },
    { SCMP_SYS(sethostname), ALWAYS },
    { SCMP_SYS(setdomainname), ALWAYS },
    { SCMP_SYS(reboot), ALWAYS },
    { SCMP_SYS(swapon), ALWAYS },
    { SCMP_SYS(swapoff), ALWAYS },
    { SCMP_SYS(acct), ALWAYS },
    { SCMP_SYS(quotactl), ALWAYS },
    /* large parts of the kernel that have had faults */
    { SCMP_SYS(init_module), ALWAYS },
    { SCMP_SYS(finit_module), ALWAYS },
    { SCMP_SYS(delete_module), ALWAYS },
    { SCMP_SYS(kexec_load), ALWAYS },
    { SCMP_SYS(kexec_file_load), ALWAYS },
    { SCMP_SYS(bpf), ALWAYS },
    { SCMP_SYS(perf_event_open), ALWAYS },
    { SCMP_SYS(userfaultfd), ALWAYS },
    { SCMP_SYS(io_uring_setup), ALWAYS },
    { SCMP_SYS(keyctl), ALWAYS },
    { SCMP_SYS(add_key), ALWAYS },
    { SCMP_SYS(request_key), ALWAYS },
    { SCMP_SYS(iopl), ALWAYS },
    { SCMP_SYS(ioperm), ALWAYS },
    { SCMP_SYS(modify_ldt), ALWAYS },
    { SCMP_SYS(vmsplice), ALWAYS },
    /* nobody is served */
    { SCMP_SYS(listen), ALWAYS },
    { SCMP_SYS(accept), ALWAYS },
    { SCMP_SYS(accept4), ALWAYS },
    /* nobody is asked */
    { SCMP_SYS(socket), WITHOUT_DNS },
    { SCMP_SYS(connect), WITHOUT_DNS },
    { SCMP_SYS(bind), WITHOUT_DNS },
    { SCMP_SYS(sendto), WITHOUT_DNS },
    { SCMP_SYS(sendmsg), WITHOUT_DNS },
    { SCMP_SYS(sendmmsg), WITHOUT_DNS },
};

/* Calls of which only some uses are refused: the condition holds. */
static const struct {
    int call;
    occasion when;
    int error;
    struct scmp_arg_cmp condition;
} refused_uses[] = {
    /* Threads go on being made, processes do not. */
    { SCMP_SYS(clone), ALWAYS, EPERM, { 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0 } },
    /* Nobody types into the user's terminal. */
    { SCMP_SYS(ioctl), ALWAYS, EPERM, { 1, SCMP_CMP_EQ, TIOCSTI, 0 } },
    { SCMP_SYS(ioctl), ALWAYS, EPERM, { 1, SCMP_CMP_EQ, TIOCLINUX, 0 } },
    /* No other process is limited. */
    { SCMP_SYS(prlimit64), ALWAYS, EPERM, { 0, SCMP_CMP_NE, 0, 0 } },
    /* Questions go by UDP and TCP: to no service of this machine, and by no odd protocol. */
    { SCMP_SYS(socket), WITH_DNS, EPERM, { 0, SCMP_CMP_LT, AF_INET, 0 } },
    { SCMP_SYS(socket), WITH_DNS, EPERM, { 0, SCMP_CMP_GT, AF_INET6, 0 } },
    { SCMP_SYS(socket), WITH_DNS, EPERM, { 1, SCMP_CMP_MASKED_EQ, SOCKET_TYPE, SOCK_RAW } },
    /* What this is asked for cannot be seen from here: as on a kernel without it, the C library
     * takes the older one. */
    { SCMP_SYS(clone3), ALWAYS, ENOSYS, { 0, SCMP_CMP_GE, 0, 0 } },
};

static gboolean
applies(occasion when, const dt_sandbox_needs *needs)
{
    switch (when) {
    case ALWAYS:
        return TRUE;
    case WITH_DNS:
        return needs->asks_dns;
    case WITHOUT_DNS:
        return !needs->asks_dns;
    }
    return TRUE;
}

static gboolean
refuse_calls(const dt_sandbox_needs *needs)
{
    /* libseccomp 2.5.4 goes round for ever when it gets no memory: what it needs is there, or this
     * ends the program. */
    g_free(g_malloc(FILTER_MEMORY));
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return FALSE;
    /* A call that this processor does not have is none to refuse. */
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
        if (refused[i].call >= 0 && applies(refused[i].when, needs))
            (void)seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i].call, 0);
    for (guint i = 0; i < G_N_ELEMENTS(refused_uses); i++)
        if (refused_uses[i].call >= 0 && applies(refused_uses[i].when, needs))
            (void)seccomp_rule_add(filter, SCMP_ACT_ERRNO(refused_uses[i].error),
                                   refused_uses[i].call, 1, refused_uses[i].condition);
    gboolean is_loaded = seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_loaded;
}
#else
static gboolean
refuse_calls(const dt_sandbox_needs *needs)
{
    return FALSE;
}
#endif

#ifdef DT_HAVE_LANDLOCK
#include <linux/landlock.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* Reading stays free: batch opens what it finds when its turn comes, libraries their tables. */
#define FILE_WRITES                                                                                \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define OTHER_WRITES                                                                               \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |   \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static void
allow_writes_below(int rules, const char *folder, guint64 writes)
{
    struct landlock_path_beneath_attr beneath = { .allowed_access = writes };
    beneath.parent_fd = open(folder, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (beneath.parent_fd < 0)
        return;
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(beneath.parent_fd);
}

static gboolean
refuse_writes(const dt_sandbox_needs *needs)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return FALSE;
    guint64 writes = FILE_WRITES;
    if (version >= 3)
        writes |= LANDLOCK_ACCESS_FS_TRUNCATE;
    struct landlock_ruleset_attr attributes = { .handled_access_fs = writes | OTHER_WRITES };
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (rules < 0)
        return FALSE;
    allow_writes_below(rules, g_get_tmp_dir(), writes);
    if (needs->save_dns) {
        g_autofree char *folder = g_path_get_dirname(needs->save_dns);
        allow_writes_below(rules, folder, writes);
    }
    gboolean is_in_force = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return is_in_force;
}
#else
static gboolean
refuse_writes(const dt_sandbox_needs *needs)
{
    return FALSE;
}
#endif

gboolean
dt_sandbox_enter(const dt_sandbox_needs *needs)
{
    /* Without privileges both layers want it; it also takes set-user-ID programs away. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return FALSE;
    gboolean has_writes = refuse_writes(needs);
    return refuse_calls(needs) || has_writes;
}
