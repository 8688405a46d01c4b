export interface PlaybackEvents {
  /** A picture is shown. */
  frame(metadata: VideoFrameCallbackMetadata): void;
  /** The browser wants a gesture before it plays even a muted picture. */
  blocked(): void;
}

/** The video element: what it plays, and each picture that it shows. */
export class Playback {
  readonly #video: HTMLVideoElement;
  readonly #events: PlaybackEvents;
  #watches = false;

  constructor(video: HTMLVideoElement, events: PlaybackEvents) {
    this.#video = video;
    this.#events = events;
  }

  /** Whether the browser tells of each picture; otherwise the statistics say once a second. */
  get tellsFrames(): boolean {
    return this.#watches;
  }

  show(stream: MediaStream): void {
    this.#video.srcObject = stream;
    this.play();
    if (!this.#watches) this.#watch();
  }

  play(): void {
    if (this.#video.srcObject === null || !this.#video.paused) return;
    this.#video.play().catch((error: unknown) => {
      console.debug('not played:', error);
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#events.blocked();
    });
  }

  #watch(): void {
    if (!('requestVideoFrameCallback' in this.#video)) return;
    this.#watches = true;
    const frame = (_: number, metadata: VideoFrameCallbackMetadata): void => {
      this.#events.frame(metadata);
      this.#video.requestVideoFrameCallback(frame);
    };
    this.#video.requestVideoFrameCallback(frame);
  }
}
