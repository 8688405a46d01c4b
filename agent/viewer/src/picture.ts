// What people do with the picture: keep one, or look at it on the whole screen.

/** The present picture as PNG. */
export function takeSnapshot(video: HTMLVideoElement): Promise<Blob> {
  const { videoWidth, videoHeight } = video;
  const canvas = document.createElement('canvas');
  canvas.width = videoWidth;
  canvas.height = videoHeight;
  const context = canvas.getContext('2d');
  if (context === null || videoWidth === 0) return Promise.reject(new Error('There is no picture yet'));
  context.drawImage(video, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error('The browser made no PNG')) : resolve(blob)), 'image/png'));
}

/** Hands a picture to the browser as a download, named after what it shows and the time. */
export function savePicture(picture: Blob, shown: readonly (string | null)[]): void {
  const address = URL.createObjectURL(picture);
  const link = document.createElement('a');
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  link.href = address;
  link.download = [...shown, time].filter((part) => part !== null).join('_') + '.png';
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function toggleFullScreen(element: HTMLElement, video: HTMLVideoElement): void {
  const old = document as Document & { webkitFullscreenElement?: Element; webkitExitFullscreen?(): void };
  const host = element as HTMLElement & { webkitRequestFullscreen?(): void };
  const player = video as HTMLVideoElement & { webkitEnterFullscreen?(): void };
  if ((document.fullscreenElement ?? old.webkitFullscreenElement) != null) {
    if ('exitFullscreen' in document) void document.exitFullscreen();
    else old.webkitExitFullscreen?.();
  } else if ('requestFullscreen' in element) {
    element.requestFullscreen().catch(() => {});
  } else if (host.webkitRequestFullscreen !== undefined) {
    host.webkitRequestFullscreen();
  } else {
    player.webkitEnterFullscreen?.(); // an iPhone gives full screen to videos only
  }
}
