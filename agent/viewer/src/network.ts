/**
 * Tells when this machine's way to the network changed: the network is back, or is of another kind (where the browser says so; its other
 * news, estimates of rate and round trip, are none). A changed address alone no browser tells: ICE notices.
 */
export function watchNetwork(changed: () => void): () => void {
  const { connection } = navigator as Navigator & { connection?: EventTarget & { type?: string } };
  let type = connection?.type;
  const compare = (): void => {
    if (connection?.type === type) return;
    type = connection?.type;
    changed();
  };
  addEventListener('online', changed);
  connection?.addEventListener('change', compare);
  return () => {
    removeEventListener('online', changed);
    connection?.removeEventListener('change', compare);
  };
}
