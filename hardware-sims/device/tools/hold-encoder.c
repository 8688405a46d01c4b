/* hold-encoder NODE [hidden]: holds a memory-to-memory node as rpicam-vid holds its encoder, and writes the GOP size of its opening, and of
 * a fresh one, to stdout for each line on stdin. "hidden": nobody may look into this process (PR_SET_DUMPABLE 0). */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

static int gop(int node)
{
    struct v4l2_control control = { .id = V4L2_CID_MPEG_VIDEO_GOP_SIZE };
    return ioctl(node, VIDIOC_G_CTRL, &control) == 0 ? control.value : -1;
}

int main(int argc, char **argv)
{
    char line[64];
    int node = argc > 1 ? open(argv[1], O_RDWR) : -1;
    if (node < 0) {
        perror("hold-encoder");
        return 1;
    }
    if (argc > 2 && strcmp(argv[2], "hidden") == 0)
        prctl(PR_SET_DUMPABLE, 0);
    while (fgets(line, sizeof line, stdin)) {
        int fresh = open(argv[1], O_RDWR);
        printf("%d (another opening: %d)\n", gop(node), gop(fresh));
        fflush(stdout);
        close(fresh);
    }
    return 0;
}
