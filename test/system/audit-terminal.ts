import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { createAnchors } from '../../src/audit/index.ts';
import { main } from '../../src/cli/main.ts';
import { exampleText } from '../example-config.ts';
import { type AuditSite, auditSite, KEY } from './audit-site.ts';

// Importing this gives each test a state directory with an audit trail, and the command line over it.
export let site: AuditSite;
export let config: string;
export let anchorFile: string;

beforeEach(() => {
  site = auditSite();
  config = join(site.directory, 'storagebot.yaml');
  anchorFile = join(site.directory, 'elsewhere');
  writeFileSync(join(site.directory, 'audit.key'), `${KEY.toString()}\n`);
  const file: object = { ...parse(exampleText), state: { directory: site.directory }, audit: { anchor: { file: anchorFile } } };
  writeFileSync(config, stringify(file));
});

afterEach(() => site[Symbol.dispose]());

export async function storagebot(...words: string[]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const terminal = { out: print, note: print, interactive: false, ask: async () => '' };
  const code = await main(['audit', ...words], { terminal, runbooks: [], env: { STORAGEBOT_CONFIG: config } });
  return { code, out: printed.join('') };
}

export function anchors(post?: { url: string; token?: string }, file = anchorFile) {
  const parts = { file, head: site.trail.head, clock: () => 1_795_000_000_000, stateDirectory: site.directory };
  return createAnchors({ ...parts, ...(post === undefined ? {} : { post }), limits: { deadlineMs: 500, retryMs: 400 } });
}

export async function anchored(): Promise<void> {
  const all = anchors();
  all.anchor();
  await all.idle();
  all.close();
  expect(all.problems()).toEqual([]);
}
