import { z } from 'zod';
import type { Output } from '../core/output.ts';
import { bytesOf } from '../core/quantity.ts';

export const Amounts = z.object({ memory: z.string().optional() }).default({});
export const Resources = z.object({ requests: Amounts, limits: Amounts }).prefault({});
export const SpecContainer = z.object({ name: z.string(), resources: Resources });

/** In bytes; absent where nothing is said. */
export interface Memory {
  readonly requestBytes?: number;
  readonly limitBytes?: number;
}

export function memoryOf({ requests, limits }: z.output<typeof Resources>): Memory {
  return {
    ...(requests.memory !== undefined && { requestBytes: bytesOf(requests.memory) }),
    ...(limits.memory !== undefined && { limitBytes: bytesOf(limits.memory) }),
  };
}

export function itemsOf<Item extends z.ZodType>(item: Item): (output: Output) => readonly z.output<Item>[] {
  return ({ stdout }) => z.object({ items: z.array(item) }).parse(JSON.parse(stdout)).items;
}
