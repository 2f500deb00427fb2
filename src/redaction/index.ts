import { cleanDocuments } from './documents.ts';
import { MARK } from './edits.ts';
import { knownCleaner } from './known.ts';
import { isPlaceholder, isSecretName } from './names.ts';
import { cleanPem } from './pem.ts';
import { cleanPrograms } from './programs.ts';
import { cleanTokens } from './tokens.ts';

/** Replaces each secret in a text by `[secret]`. Nothing else changes; a text without one is returned as it is. */
export type Clean = (text: string) => string;

/** Cleans a text of what looks like a secret: for words of people, before they are kept, where no known ones are at hand. */
export function cleanText(text: string): string {
  return cleanPrograms(cleanTokens(cleanDocuments(cleanPem(text), cleanText)));
}

/** Cleans of known secrets too. They are asked for each time, because they become known over time. */
export function createClean(known: () => readonly string[]): Clean {
  let last: readonly string[] = [];
  let cleanKnown: Clean = (text) => text;
  return (text) => {
    const secrets = known();
    if (secrets.length !== last.length || secrets.some((secret, index) => secret !== last[index])) {
      last = [...secrets];
      cleanKnown = knownCleaner(last);
    }
    return cleanText(cleanKnown(text));
  };
}

/** The same value with each text in it cleaned, the names of its fields too; for values as JSON knows them. */
export function cleanValue(value: unknown, clean: Clean, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) && !isPlaceholder(name, value) ? MARK : clean(value);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, clean, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanValue(item, clean, key)]));
}
