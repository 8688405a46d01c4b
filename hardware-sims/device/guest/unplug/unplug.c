// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Pulls a camera's plug: "echo /dev/video20 > /sys/module/unplug/parameters/camera" does to any video device what a USB driver does when
 * its camera is gone. Whoever has it open gets ENODEV from then on, a poll() that waits ends with POLLERR | POLLHUP, the node vanishes.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/string.h>
#include <media/v4l2-dev.h>

static int unplug(const char *value, const struct kernel_param *parameter)
{
	char path[64];
	struct file *file;
	struct video_device *camera;

	if (strscpy(path, value, sizeof(path)) < 0)
		return -ENAMETOOLONG;
	file = filp_open(strim(path), O_RDWR | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (!S_ISCHR(file_inode(file)->i_mode) || imajor(file_inode(file)) != VIDEO_MAJOR) {
		filp_close(file, NULL);
		return -ENOTTY;
	}

	/* Its driver does not know, and would end what has ended: it stays loaded for good. */
	camera = video_devdata(file);
	__module_get(camera->fops->owner);
	video_unregister_device(camera);
	filp_close(file, NULL);
	return 0;
}

static const struct kernel_param_ops unplug_ops = { .set = unplug };
module_param_cb(camera, &unplug_ops, NULL, 0200);
MODULE_DESCRIPTION("Unplugs cameras in a test guest");
MODULE_LICENSE("GPL");
