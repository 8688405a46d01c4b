/** The viewer itself will not go on; the message is a sentence for people, and final. */
export class AccessError extends Error {}
