import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlinePassed } from '../../../src/connectors/kubernetes/deadline.ts';
import { type About, outcomeOf, type Role } from '../../../src/connectors/proxmox/failures.ts';
import { type Proxmox, proxmoxOver } from '../../../src/connectors/proxmox/index.ts';
import { HttpRefusal, type Open } from '../../../src/connectors/proxmox/server.ts';
import type { ProxmoxCommand } from '../../../src/core/command.ts';
import type { Outcome } from '../../../src/core/output.ts';
import { answerApi, CHANGE_TOKEN, READ_TOKEN } from './proxmox-api.ts';
import type { World } from './world.ts';

const URL = 'https://192.168.1.127:8006';
const SECRETS = { read: '00000000-0000-4000-8000-000000000001', change: '00000000-0000-4000-8000-000000000002' };
const connectors = new WeakMap<World, Proxmox>();

/** The connector itself, over the world instead of a network. */
export async function askProxmox(world: World, role: Role, command: ProxmoxCommand): Promise<Outcome> {
  const { tokenId } = role === 'read' ? READ_TOKEN : CHANGE_TOKEN;
  const about: About = {
    where: URL,
    role,
    tokenId,
    timeoutMs: command.timeoutMs,
    maxAnswerBytes: 0,
    clean: (text) => text,
    mayHaveArrived: () => false,
  };
  const { state } = world.hypervisor.api;
  if (state === 'hangs') {
    await sleep(command.timeoutMs * world.hangScale);
    return outcomeOf(new DeadlinePassed(), about);
  }
  if (state === 'down') return outcomeOf(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), about);
  const connector =
    connectors.get(world) ?? proxmoxOver(over(world), { url: URL, read: token('read'), change: token('change'), pollMs: 1 });
  connectors.set(world, connector);
  return connector[role](command);
}

function token(role: Role) {
  return { tokenId: (role === 'read' ? READ_TOKEN : CHANGE_TOKEN).tokenId, secret: async () => SECRETS[role] };
}

function over(world: World): Open {
  return async () => ({
    sender: ({ secret }) => {
      const by = secret === SECRETS.read ? READ_TOKEN : CHANGE_TOKEN;
      return async (method, path, parameters) => {
        const { status, reason, data, errors } = answerApi(world, {
          method,
          path: path.replace('/api2/json', ''),
          parameters,
          token: by,
        });
        if (status === 200) return data;
        const each = Object.entries(errors ?? {}).map(([name, text]) => `${name}: ${text.trim()}`);
        throw new HttpRefusal(status, [reason, ...each].join('\n'));
      };
    },
    wereMade: () => true,
    close: async () => undefined,
  });
}
