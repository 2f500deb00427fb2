import type { Scene } from './scene.ts';
import { help, hostileNames, restartNfs, wrongName } from './scenes/asking.ts';
import { auditTrail } from './scenes/audit.ts';
import { changes } from './scenes/changes.ts';
import { deadNas } from './scenes/dead-nas.ts';
import { restoredDatabase } from './scenes/restored-database.ts';
import { staleAttachment } from './scenes/stale-attachment.ts';
import { askedAgain, staleHandle } from './scenes/stale-handle.ts';
import { stoppedServer } from './scenes/stopped-server.ts';
import type { Stage } from './stage.ts';
import { Tour } from './tour.ts';
import type { Transcript } from './transcript.ts';

/** The tour, scene by scene. */
export async function playTour(stage: Stage, transcript: Transcript): Promise<void> {
  const tour = new Tour(stage, transcript);
  for (const scene of SCENES) await scene({ tour, transcript, stage });
}

const SCENES: readonly Scene[] = [
  help,
  hostileNames,
  wrongName,
  staleHandle,
  askedAgain,
  restartNfs,
  changes,
  stoppedServer,
  staleAttachment,
  restoredDatabase,
  deadNas,
  auditTrail,
];
