import type { PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import type { Known } from '../../src/core/reading.ts';
import type { KnownStack } from '../../src/topology/stack-look.ts';
import { knownStack } from '../../src/topology/stack-look.ts';
import type { Proofs } from '../../src/topology/zfs-findings.ts';
import type { Facts, Stage } from './facts.ts';
import { stageOf } from './facts.ts';
import { ownVolumes } from './volumes.ts';

/** What a rebuild is judged and planned from, once all of it was seen. */
export interface Situation {
  readonly facts: Facts;
  readonly stage: Extract<Stage, { is: 'lost' | 'gone' }>;
  /** The cluster's own. */
  readonly volumes: readonly PersistentVolume[];
  readonly dump: { readonly file: BackupFile; readonly seen: Known<PostgresDump> };
  readonly stack: KnownStack;
  readonly proofs: Proofs;
}

/** Undefined while something is not known. */
export function situationOf(facts: Facts): Situation | undefined {
  const { look, claims, volumes, files, dump } = facts;
  const stage = stageOf(look);
  const stack = knownStack(facts.stack);
  if (stage?.is !== 'lost' && stage?.is !== 'gone') return undefined;
  if (!look.clusters.known || !look.pods.known || !claims.known || !volumes.known || !files.known) return undefined;
  if (dump?.seen.known !== true || stack === undefined) return undefined;
  const proofs = [look.clusters, look.pods, claims, volumes, files, dump.seen, stack.checkout, stack.files, stack.clock] as const;
  return { facts, stage, volumes: ownVolumes(facts, volumes.value), dump: { file: dump.file, seen: dump.seen }, stack, proofs };
}
