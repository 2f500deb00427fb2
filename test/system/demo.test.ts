import { expect, it } from 'vitest';
import { isFull } from '../depth.ts';
import { playTour } from '../lab/demo/script.ts';
import { setStage } from '../lab/demo/stage.ts';
import { Transcript } from '../lab/demo/transcript.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';

it('plays the scripted tour of the demo, of which every statement is true', { timeout: 300_000 }, async ({ skip }) => {
  if (!isFull) return skip('It takes a minute; npm run demo -- --check plays it, and STORAGEBOT_TEST_DEPTH=full');
  const lines: string[] = [];
  const stage = await setStage({ scenario: scenarioNamed('stale-handle'), speed: 20 });
  try {
    const transcript = new Transcript(stage.slack, (line) => lines.push(line));
    await playTour(stage, transcript);
    expect(lines.filter((line) => line.startsWith('  ✓ '))).toHaveLength(transcript.checks);
    expect(transcript.checks).toBeGreaterThanOrEqual(94);
  } finally {
    await stage.stop();
  }
});
