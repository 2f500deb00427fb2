import type { IncomingMessage } from 'node:http';

/** Of one notification; Alertmanager's `max_alerts` keeps them below that. */
export const LARGEST_BYTES = 4 * 1024 * 1024;

/** What is being received at one time: memory is never filled from outside. */
const RECEIVED_BYTES = 48 * 1024 * 1024;

/** `busy`: too much comes at this time. */
export type Received = { readonly body: string } | { readonly tooLarge: true } | { readonly busy: string };

/** Reads bodies as long as all of them together are not too large. */
export function createReceiver(): (request: IncomingMessage) => Promise<Received> {
  let held = 0;
  return async (request) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let dropped: Exclude<Received, { readonly body: string }> | undefined;
    try {
      // To its end whatever comes of it: who is cut off while sending does not see the answer.
      for await (const chunk of request) {
        if (dropped !== undefined) continue;
        const part = Buffer.from(chunk);
        bytes += part.length;
        held += part.length;
        chunks.push(part);
        dropped = tooMuch(bytes, held);
        if (dropped === undefined) continue;
        held -= bytes;
        [chunks, bytes] = [[], 0];
      }
      return dropped ?? { body: Buffer.concat(chunks).toString('utf8') };
    } finally {
      held -= bytes;
    }
  };
}

function tooMuch(bytes: number, held: number): { readonly tooLarge: true } | { readonly busy: string } | undefined {
  if (bytes > LARGEST_BYTES) return { tooLarge: true };
  return held > RECEIVED_BYTES ? { busy: 'too much is being received' } : undefined;
}
