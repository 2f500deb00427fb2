import { describe, expect, it } from 'vitest';
import { fc } from '../../test/seed.ts';
import { show } from '../core/command.ts';
import { stepsOf } from '../core/plan.ts';
import { anyView } from '../slack/fixtures/arbitrary.ts';
import { offered, roundOf, viewOf } from '../slack/fixtures/run-view.ts';
import { renderRunText } from './run-text.ts';

describe('a run as text', () => {
  it('reads like this', () => {
    expect(renderRunText(viewOf())).toMatchInlineSnapshot(`
      "diagnose nfs immich
        status   ◷ waiting for a decision
        asked by operator (U0001)
        started  2026-11-22T16:53:20Z
        run      1f2e3d4c5b

      ROUND 1: 1 thing is wrong, and 1 thing could not be looked at (looked for 1.2 s)
        ✓ ok     The NAS answers on port 2049.
        ✗ bad    The export is not active.
        ? unknown The mounts of node w-3.
                 w-3$ findmnt --json: It did not answer within 8 s. Look at the node by hand.

      FINDING 1: EXPORT_NOT_ACTIVE (/mnt/main/immich)
        says     The export is configured, and the NFS server does not serve it.
        remedy   Load the exports again: running clients are not disturbed.
        do not   Do not restart the NFS server: every client would wait through the grace period.
        proof    nas$ exportfs -v

      STEP 1.1: Load the exports again
        because  EXPORT_NOT_ACTIVE (/mnt/main/immich): The export is configured, and the NFS server does not serve it.
        only if  the export is still not active
                 nas$ exportfs -v
        run      nas$ exportfs -ra
        risk     normal; ended after 20 s
        verify   the export is active (within 30 s)
                 nas$ exportfs -v
        undo     Loading exports changes nothing else.
        holds    changes nas nas
        holds    uses export /mnt/main/immich
        warning  Every export of this server is loaded, not only this one.
        status   ◷ waiting for approval: 0 of 1 approvals given
        digest   abcdef012345
        expires  2026-11-22T17:53:20Z

      OUTPUTS of round 1
      === nas$ exportfs -v
      asks: What does nas$ exportfs -v say?
      exit code: 0
      --- stdout:
        /mnt/main/other  10.0.10.0/24(rw,sync)
      --- stderr: empty

      === nas$ ss -ltn
      asks: What does nas$ ss -ltn say?
      exit code: 0
      --- stdout:
        LISTEN 0 64 *:2049
      --- stderr: empty

      === w-3$ findmnt --json
      asks: What does w-3$ findmnt --json say?
      could not look (timed-out): It did not answer within 8 s.
      what to do: Look at the node by hand.
      "
    `);
  });

  it('says who decided and what came of it, with all that was printed', () => {
    const decision = {
      run: '1f2e3d4c5b',
      round: 1,
      step: 0,
      digest: 'abcdef012345',
      actor: { id: 'U0002', name: 'approver' },
      verdict: 'approve',
      at: 0,
    } as const;
    const state = {
      ...offered,
      status: 'failed',
      decisions: [decision],
      detail: 'It ended with exit code 1.',
      output: { exitCode: 1, stdout: 'a\nb\n', stderr: 'no' },
    } as const;
    const text = renderRunText(viewOf({ status: 'finished', rounds: [roundOf({ steps: [state] })] }));
    for (const line of [
      '  status   ✗ failed',
      '  decision Approved by approver (U0002), 1970-01-01T00:00:00Z',
      '  result   It ended with exit code 1.',
      'exit code: 1\n--- stdout:\n  a\n  b\n--- stderr:\n  no',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('says what was said over it, and with which words', () => {
    const at = 1_795_366_400_000;
    const operator = { id: 'U0001', name: 'operator' };
    const denied = {
      run: 'r',
      round: 1,
      step: 0,
      digest: 'd',
      actor: operator,
      verdict: 'deny',
      reason: 'wrong host',
      at,
    } as const;
    const step = { ...offered, status: 'denied', decisions: [denied], progress: '40 % copied' } as const;
    const text = renderRunText(
      viewOf({
        status: 'applying',
        rounds: [roundOf({ steps: [step] })],
        follows: { run: '0a0b', how: 'undo' },
        cancelled: { actor: operator, reason: 'not tonight', at },
        frozen: { actor: operator, reason: 'disk is hot', at },
        auditHead: { seq: 42, mac: '3f9a0c' },
      }),
    );
    for (const line of [
      '  follows  takes back run 0a0b',
      '  cancel   by operator (U0001), 2026-11-22T16:53:20Z: not tonight',
      '  frozen   by operator (U0001), 2026-11-22T16:53:20Z: disk is hot; nothing is changed anywhere',
      '  audit    42 3f9a0c',
      '  decision Denied by operator (U0001), 2026-11-22T16:53:20Z: wrong host',
      '  progress 40 % copied',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('holds every command on one line, and no character that a terminal obeys', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const text = renderRunText(view);
        expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/u);
        for (const round of view.rounds)
          for (const step of stepsOf(round.plan)) expect(text).toContain(show(step.change.command));
      }),
      { numRuns: 80 },
    );
  });
});
