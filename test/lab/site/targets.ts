import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlinePassed } from '../../../src/connectors/kubernetes/deadline.ts';
import { failureOf } from '../../../src/connectors/kubernetes/failures.ts';
import { connectFailure } from '../../../src/connectors/ssh/connect-failure.ts';
import { timedOut } from '../../../src/connectors/ssh/failures.ts';
import type { Command, KubernetesCommand, SshCommand } from '../../../src/core/command.ts';
import { show } from '../../../src/core/command.ts';
import { isReading } from '../../../src/core/kubernetes.ts';
import type { Failure, Outcome } from '../../../src/core/output.ts';
import { isFailure } from '../../../src/core/output.ts';
import type { Targets } from '../../../src/core/ports.ts';
import { changer, reader } from '../kubernetes/access.ts';
import { askAlertmanager } from './alertmanager.ts';
import { askPrometheus } from './prometheus.ts';
import { askProxmox } from './proxmox-target.ts';
import { execute, isChange, machineNamed, settled, sshState } from './run.ts';
import type { World } from './world.ts';

type Intent = 'read' | 'change';

/** A command that changes something came by way of `read`: the bot is wrong, and the test must fail. */
export class WriteWhileReading extends Error {
  override readonly name = 'WriteWhileReading';
  readonly code = 'WRITE_WHILE_READING';
}

export interface LabTargetsOptions {
  /** Lab time that passes after each change, so that what it causes has come; one minute unless given. */
  readonly settleMs?: number;
}

/** The site without a network: programs and objects are asked in this process. */
export function labTargets(world: World, { settleMs = 60_000 }: LabTargetsOptions = {}): Targets {
  return {
    read: (command) => ask(world, command, 'read'),
    change: async (command) => {
      const outcome = await ask(world, command, 'change');
      world.time.advance(settleMs);
      return outcome;
    },
    close: async () => undefined,
  };
}

async function ask(world: World, command: Command, intent: Intent): Promise<Outcome> {
  switch (command.via) {
    case 'ssh':
      return askHost(world, command, intent);
    case 'kubernetes':
      return askCluster(world, command, intent);
    case 'proxmox':
      if (intent === 'read' && command.request.method !== 'GET') throw new WriteWhileReading(show(command));
      return askProxmox(world, intent, command);
    case 'prometheus':
      if (intent === 'change') throw new Error(`Prometheus can only be asked: ${show(command)}`);
      return askPrometheus(world, command);
    case 'alertmanager':
      if (intent === 'read' && command.request.method !== 'GET') throw new WriteWhileReading(show(command));
      return askAlertmanager(world, command);
  }
}

async function askHost(world: World, command: SshCommand, intent: Intent): Promise<Outcome> {
  const { host, timeoutMs } = command;
  const machine = machineNamed(world, host);
  if (machine === undefined)
    return { failed: 'not-configured', says: `The lab has no host ${host}.`, toDo: 'Name one that it has.' };
  const state = sshState(world, machine);
  if (state !== 'open') return noLogin(host, state);
  if (isChange(world, machine, command)) {
    if (intent === 'read') throw new WriteWhileReading(show(command));
    world.executed.push(show(command));
  }
  const input = command.input === undefined ? undefined : `${command.input}\n`;
  const answer = execute(world, machine, { argv: command.argv, input });
  // Decided here and not by two timers: a busy machine could let the wrong one win.
  const isLate = (answer.afterS ?? 0) * 1_000 > timeoutMs;
  return isLate ? late(world, timeoutMs, timedOut({ host, intent, timeoutMs })) : settled(world, answer);
}

function noLogin(host: string, state: 'silent' | 'refuses-keys'): Failure {
  const place = { host, address: host, port: 22, user: 'root', keyFingerprint: 'SHA256:of-the-lab' };
  const levels = { silent: 'client-timeout', 'refuses-keys': 'client-authentication' };
  const error = Object.assign(new Error(state), { level: levels[state] });
  return connectFailure(place, { phase: state === 'silent' ? 'connecting' : 'login', error }, 5_000);
}

async function late({ hangScale }: World, timeoutMs: number, failure: Failure): Promise<Failure> {
  await sleep(timeoutMs * hangScale);
  return failure;
}

async function askCluster(world: World, command: KubernetesCommand, intent: Intent): Promise<Outcome> {
  const { request, timeoutMs } = command;
  if (world.api.hangs) {
    return late(world, timeoutMs, failureOf(new DeadlinePassed(), { where: 'https://10.0.20.100:6443', timeoutMs }));
  }
  if (intent === 'read' && !isReading(request)) throw new WriteWhileReading(show(command));
  const identity =
    intent === 'read' ? reader('storagebot-read', world.api.forbidden) : changer('storagebot-change', world.api.forbidden);
  const outcome = world.store.handle(request, identity);
  if (!isReading(request) && !isFailure(outcome)) world.executed.push(show(command));
  return outcome;
}
