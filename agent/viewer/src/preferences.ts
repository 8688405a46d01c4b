// What the viewer asks of the browser for its one video; each browser knows some of it.

/** H.264 first where the browser lets us say so; the others stay, since an offer of one codec alone confuses some stacks. */
export function preferH264(transceiver: RTCRtpTransceiver): void {
  if (!('setCodecPreferences' in transceiver) || typeof RTCRtpReceiver === 'undefined' || !('getCapabilities' in RTCRtpReceiver)) return;
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  const rank = (codec: RTCRtpCodec): number =>
    !/^video\/h264$/i.test(codec.mimeType) ? 2 : /packetization-mode=1/.test(codec.sdpFmtpLine ?? '') ? 0 : 1;
  try {
    if (codecs.some((codec) => rank(codec) < 2)) transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
  } catch (error) {
    console.debug('codec order left as it is:', error);
  }
}

/** A camera one steers is worth more now than smooth. Each browser has its own hint, some none. */
export function preferLowDelay(receiver: RTCRtpReceiver): void {
  const hints = receiver as { jitterBufferTarget?: number | null; playoutDelayHint?: number | null };
  if ('jitterBufferTarget' in hints) hints.jitterBufferTarget = 0;
  if ('playoutDelayHint' in hints) hints.playoutDelayHint = 0;
}

interface Extension {
  readonly uri: string;
  direction: RTCRtpTransceiverDirection;
}

/** abs-capture-time is known to Chromium but not offered unless asked for. */
export function askForCaptureTimes(transceiver: RTCRtpTransceiver): void {
  const negotiator = transceiver as { getHeaderExtensionsToNegotiate?(): Extension[]; setHeaderExtensionsToNegotiate?(extensions: Extension[]): void };
  const extensions = negotiator.getHeaderExtensionsToNegotiate?.();
  const captureTime = extensions?.find(({ uri }) => uri === 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time');
  if (extensions === undefined || captureTime === undefined || captureTime.direction !== 'stopped') return;
  captureTime.direction = 'recvonly';
  try {
    negotiator.setHeaderExtensionsToNegotiate?.(extensions);
  } catch (error) {
    console.debug('header extensions left as they are:', error);
  }
}
