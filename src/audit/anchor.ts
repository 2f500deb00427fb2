import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { canonical } from './canonical.ts';
import { isMissing } from './files.ts';

/** A head that was seen, and when. */
export type Anchor = z.output<typeof Anchor>;
const Anchor = z.object({
  seq: z.int().nonnegative(),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since 1970. */
  at: z.number(),
  /** In the bot's own memory: where it was anchored. */
  to: z.string().exactOptional(),
});

/** The anchors of a file, and the numbers of the lines that are none. A file that is not there has none. */
export async function readAnchors(file: string): Promise<{ anchors: readonly Anchor[]; unreadable: readonly number[] }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1, anchor: anchorOf(line) }));
  return {
    anchors: lines.flatMap(({ anchor }) => anchor ?? []),
    unreadable: lines.flatMap(({ line, number, anchor }) => (line !== '' && anchor === undefined ? [number] : [])),
  };
}

/** Appends and syncs one line; a line that a crash cut off stays one of its own. */
export async function appendAnchor(file: string, anchor: Anchor): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1, '\n');
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    await handle.appendFile(`${last.toString() === '\n' ? '' : '\n'}${canonical(anchor)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export interface Post {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
}

/** Sends the anchor as JSON. Rejects with a sentence that names the machine and neither the path nor the token. */
export async function postAnchor({ url, token }: Post, anchor: Anchor, deadlineMs: number): Promise<void> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const request = { method: 'POST', headers, body: canonical(anchor), redirect: 'error' } as const;
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(deadlineMs) }).catch((error: unknown) => {
    throw new Error(`${new URL(url).host} did not take it: ${reasonOf(error)}`);
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${new URL(url).host} answered with status ${response.status}`);
}

/** `fetch` says what went wrong in the cause only; a code cannot hold what was sent. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error && error.name === 'TimeoutError' ? 'it did not answer in time' : 'the request failed';
}

function anchorOf(line: string): Anchor | undefined {
  try {
    return Anchor.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
