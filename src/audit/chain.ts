import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** How far the trail has come: its last number and the code that binds everything up to it. */
export interface Head {
  readonly seq: number;
  /** 64 hexadecimal digits. */
  readonly mac: string;
}

/** What the first line follows. */
export const GENESIS: Head = { seq: 0, mac: '0'.repeat(64) };

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

export type Sealed = z.output<typeof Sealed>;
const Sealed = z.strictObject({
  /** From 1, without gaps. */
  seq: z.int().positive(),
  /** Milliseconds since 1970. */
  at: z.int(),
  event: z.looseObject({ kind: z.string() }),
  /** Tells a line made with another key from one that was edited. */
  key: z.string().regex(/^[0-9a-f]{8}$/),
  prev: hex64,
  mac: hex64,
});

/** A line of JSON: the event as given (canonical JSON), bound to all lines before it by the key. */
export function seal(entry: { head: Head; at: number; event: string }, key: Uint8Array): string {
  const { head, at, event } = entry;
  const text = `{"seq":${head.seq + 1},"at":${at},"event":${event},"key":"${keyIdOf(key)}","prev":"${head.mac}"`;
  return `${text},"mac":"${macOf(head.mac, text, key)}"}`;
}

/** The parts of a line, or undefined where it is not of the form that `seal` gives. */
export function unseal(line: string): Sealed | undefined {
  if (!TAIL.test(line)) return undefined;
  try {
    return Sealed.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether this very text was sealed with this key. */
export function isGenuine(line: string, { prev, mac }: Sealed, key: Uint8Array): boolean {
  const text = line.replace(TAIL, '');
  return timingSafeEqual(Buffer.from(macOf(prev, text, key)), Buffer.from(mac));
}

/** 8 hexadecimal digits that name a key and do not give it away. */
export function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

const TAIL = /,"mac":"[0-9a-f]{64}"\}$/;

function macOf(prev: string, text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(prev).update(`${text}}`).digest('hex');
}
