import { z } from 'zod';

/** Plain HTTP only to the machine itself: a token would cross the network readable. */
export function safeUrl(example: string) {
  return z
    .url({ protocol: /^https?$/, error: 'must be an https:// address', abort: true })
    .refine((text) => new URL(text).username + new URL(text).password === '', 'must have no user and password in it')
    .refine(isPrivateWay, 'must be https: a token goes there')
    .meta({ example });
}

/** Nobody in between can read what goes there. */
export function isPrivateWay(url: string): boolean {
  return url.startsWith('https://') || isLoopback(new URL(url).hostname);
}

/** `hostname` as in a URL, or an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
