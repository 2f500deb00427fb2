import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { ConfigError, parseConfig } from '../src/config/config.ts';
import type { ConfigAsWritten } from '../src/config/schema.ts';

export const EXAMPLE = new URL('../deploy/storagebot.example.yaml', import.meta.url).pathname;
export const exampleText = await readFile(EXAMPLE, 'utf8');
/** The example with every optional setting switched on. */
export const everyOption = exampleText.replaceAll(/^#~ /gm, '');

export type Written = { [Key in keyof ConfigAsWritten]-?: NonNullable<ConfigAsWritten[Key]> };

/** The example, with every option, after this change. */
export function changed(change: (file: Written) => void): string {
  const file: Written = parse(everyOption);
  change(file);
  return stringify(file);
}

export function refusal(text: string): ConfigError {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}
