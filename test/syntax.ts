import { parseAst } from 'vitest/node';

/** A node of the syntax tree in the ESTree form, with TypeScript's own nodes. */
export interface SyntaxNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Every node of a TypeScript source. Throws where it does not parse. */
export function nodesOf(path: string, text: string): SyntaxNode[] {
  return [...nodesBelow(parseAst(text, { lang: 'ts' }, path))];
}

/** The node itself and everything inside it. */
export function* nodesBelow(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) for (const element of value) yield* nodesBelow(element);
  else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) yield* nodesBelow(child);
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
