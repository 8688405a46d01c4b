/** Whether a topic filter with single-level wildcards matches (MQTT 5.0 section 4.7; no filter here has '#'). */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  return wanted.length === levels.length && wanted.every((level, i) => level === '+' || level === levels[i]);
}
