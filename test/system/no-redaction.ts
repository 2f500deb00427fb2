import { registerHooks } from 'node:module';

/** Loaded before a program of the product, it takes redaction out of it: what is found then shows that a search can find. */
registerHooks({
  load: (url, context, next) =>
    url.endsWith('/src/redaction/index.ts') ? { format: 'module', source: AS_IT_IS, shortCircuit: true } : next(url, context),
});

const AS_IT_IS = `
export const cleanText = (text) => text;
export const createClean = () => cleanText;
export const cleanValue = (value) => value;
`;
