import { quote } from './quote.ts';

/** One call of the API of Proxmox VE. Each renders to one line of pvesh(1) and to one HTTP request. */
export interface ProxmoxRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /api2/json: `/nodes/pve/qemu/203/config`. */
  readonly path: `/${string}`;
  readonly parameters?: Readonly<Record<string, string>>;
}

const VERBS = { GET: 'get', POST: 'create', PUT: 'set', DELETE: 'delete' } as const;

/** As root of that host would type it. */
export function showProxmox({ method, path, parameters = {} }: ProxmoxRequest): string {
  const options = Object.entries(parameters).flatMap(([name, value]) => [`--${name}`, value]);
  return ['pvesh', VERBS[method], path, ...options].map(quote).join(' ');
}
