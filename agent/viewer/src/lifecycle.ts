export interface LifecycleEvents {
  /** Also at once: a page may be opened in the background. */
  visibility(hidden: boolean): void;
  /** The page goes; true where something is to go on when it comes back. */
  leave(): boolean;
  /** It comes back from the back-forward cache, and something is to go on. */
  back(): void;
}

/** Tells when the page is hidden, goes and comes back, until what is returned is called. */
export function watchPage(events: LifecycleEvents): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  let resumes = false;
  const look = (): void => events.visibility(document.hidden);
  document.addEventListener('visibilitychange', look, { signal });
  addEventListener('pagehide', () => { resumes = events.leave(); }, { signal });
  addEventListener('pageshow', (event) => { if (event.persisted && resumes) events.back(); }, { signal });
  look();
  return () => ended.abort();
}
