import { thumbnailLimit } from './preset';

const width = 160;
const height = 90;

/** A small JPEG of the present picture, as base64; null where there is no picture, or none that is small enough. */
export function takeThumbnail(video: HTMLVideoElement): string | null {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || videoHeight === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  // It fills the frame: what is left over at two edges is cut off.
  const scale = Math.max(width / videoWidth, height / videoHeight);
  const [w, h] = [width / scale, height / scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(video, (videoWidth - w) / 2, (videoHeight - h) / 2, w, h, 0, 0, width, height);
  for (const quality of [0.8, 0.65, 0.5, 0.3]) {
    const base64 = canvas.toDataURL('image/jpeg', quality).replace(/^data:image\/jpeg;base64,/, '');
    if (base64.startsWith('/9j/') && base64.length <= thumbnailLimit) return base64;
  }

  return null;
}
