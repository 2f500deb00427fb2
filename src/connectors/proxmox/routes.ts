import { type ApiRequestable, type Proxmox, proxmoxApi } from 'proxmox-api';
import type { ProxmoxRequest } from '../../core/proxmox.ts';

/** Gives the `data` of the answer. */
export type SendCall = (method: string, url: string, parameters: Readonly<Record<string, string>>) => Promise<unknown>;

interface Route {
  readonly method: ProxmoxRequest['method'];
  readonly path: RegExp;
  readonly parameters: RegExp;
  /** Typed by the schema of Proxmox VE: a call that the API does not have does not compile. */
  readonly call: (api: Proxmox.Api, ...ids: [string, string, string]) => Promise<unknown>;
}

const NODE = '/nodes/([A-Za-z0-9-]+)';
const VM = `${NODE}/qemu/(\\d+)`;
const TASK = `${NODE}/tasks/(UPID:[\\w:.@!-]+)`;
const NONE = /^$/;

/** All that the bot ever calls. */
const ROUTES: readonly Route[] = [
  get(`${VM}/config`, /^current$/, (api, node, vmid) => machine(api, node, vmid).config.$get()),
  get(`${VM}/status/current`, NONE, (api, node, vmid) => machine(api, node, vmid).status.current.$get()),
  get(`${VM}/rrddata`, /^(timeframe|cf)$/, (api, node, vmid) => machine(api, node, vmid).rrddata.$get({ timeframe: 'hour' })),
  get(`${NODE}/tasks`, /^(vmid|typefilter|source|limit)$/, (api, node) => api.nodes.$(node).tasks.$get()),
  get(`${TASK}/status`, NONE, (api, node, upid) => api.nodes.$(node).tasks.$(upid).status.$get()),
  get(`${TASK}/log`, /^limit$/, (api, node, upid) => api.nodes.$(node).tasks.$(upid).log.$get()),
  get('/storage', NONE, (api) => api.storage.$get()),
  {
    method: 'PUT',
    path: new RegExp(`^${VM}/config$`),
    parameters: /^(delete|scsi\d{1,2})$/,
    call: (api, node, vmid) => machine(api, node, vmid).config.$put(),
  },
  power('start', (api, node, vmid) => machine(api, node, vmid).status.start.$post()),
  power('stop', (api, node, vmid) => machine(api, node, vmid).status.stop.$post()),
  power('reset', (api, node, vmid) => machine(api, node, vmid).status.reset.$post()),
  power('resume', (api, node, vmid) => machine(api, node, vmid).status.resume.$post()),
];

function get(path: string, parameters: RegExp, call: Route['call']): Route {
  return { method: 'GET', path: new RegExp(`^${path}$`), parameters, call };
}

function power(action: string, call: Route['call']): Route {
  return { method: 'POST', path: new RegExp(`^${VM}/status/${action}$`), parameters: NONE, call };
}

function machine(api: Proxmox.Api, node: string, vmid: string) {
  return api.nodes.$(node).qemu.$(Number(vmid));
}

/** Undefined for a call that is none of the bot's. */
export function callOf({ method, path, parameters = {} }: ProxmoxRequest): ((send: SendCall) => Promise<unknown>) | undefined {
  for (const route of ROUTES) {
    const [whole, one = '', two = '', three = ''] = route.path.exec(path) ?? [];
    if (whole === undefined || route.method !== method) continue;
    if (!Object.keys(parameters).every((name) => route.parameters.test(name))) return undefined;
    return (send) => route.call(proxmoxApi(engineOver(send, parameters)), one, two, three);
  }
  return undefined;
}

/**
 * Under the package stands our own sending: its own sends every request a second time after a network error, POST too. The
 * parameters pass it by, because its types know only four of the thirty-one SCSI slots.
 */
function engineOver(send: SendCall, parameters: Readonly<Record<string, string>>): ApiRequestable {
  return { doRequest: (method, url) => send(method.toUpperCase(), url, parameters) };
}
