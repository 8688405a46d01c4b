// freeze THREAD: stops one thread of another process, while all others go on, until freeze is ended (ptrace(2)). What no signal can do: the
// process still answers in part, and only a watchdog that asks every loop notices.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    pid_t thread = count == 2 ? atoi(arguments[1]) : 0;
    if (thread <= 0) {
        fprintf(stderr, "usage: freeze THREAD\n");
        return 2;
    }
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0) {
        perror("freeze");
        return 1;
    }
    int status;
    waitpid(thread, &status, __WALL);
    if (!WIFSTOPPED(status))
        return 0;
    waitpid(thread, &status, __WALL); // until it is killed
    return 0;
}
