import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether this header carries one of the tokens, in a time that tells nothing about how much of it is right. */
export function hasToken(header: string | undefined, tokens: readonly string[]): boolean {
  const [, given] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return given !== undefined && tokens.some((token) => timingSafeEqual(digest(given), digest(token)));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
