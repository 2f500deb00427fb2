import { z } from 'zod';
import type { Path } from './path.ts';

type Schema = z.core.$ZodType;

/** The schema of the setting at this path, or undefined where there is no such setting. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((at, step) => at && childOf(unwrap(at), step), schema);
}

/** An example of a right value for this setting. */
export function exampleOf(schema: Schema | undefined): unknown {
  if (schema === undefined) return undefined;
  const example = z.globalRegistry.get(schema)?.['example'];
  return example ?? exampleOf(inside(schema));
}

/** The names of the settings inside this one. */
export function keysOf(schema: Schema | undefined): readonly string[] {
  const object = schema && unwrap(schema);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function unwrap(schema: Schema): Schema {
  const inner = inside(schema);
  return inner === undefined ? schema : unwrap(inner);
}

/** What is wrapped by `exactOptional`, `default`, `transform` and the like. */
function inside(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodPipe) return schema.in;
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return schema.def.innerType;
  }
  return undefined;
}

function childOf(schema: Schema, step: PropertyKey): Schema | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(step)] ?? schema.def.rest ?? undefined;
  return undefined;
}
