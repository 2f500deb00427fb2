import { Refusal } from '../core/errors.ts';
import type { Runbook } from '../core/runbook.ts';

export function runbookOf(runbooks: ReadonlyMap<string, Runbook>, id: string): Runbook {
  const runbook = runbooks.get(id);
  if (runbook === undefined) throw new Refusal('not-found', `This version has no runbook "${id}".`);
  return runbook;
}
